"""A folder that this machine sees, a network share for example: its documents are copied, so that they stay readable."""

import shutil
from pathlib import Path

from assistant.sources import Fetched, Limits, SourceFailed
from assistant.sources.mirror import Mirror, is_hidden, mirrored, sha256


class Folder:
    """A source."""

    def __init__(self, name: str, folder: Path, limits: Limits) -> None:
        self._name, self._folder, self._limits = name, folder, limits

    @property
    def name(self) -> str:
        """What it is called, and its folder."""
        return self._name

    def fetch(self, into: Path) -> Fetched:
        """Bring the folder up to date. Raises SourceFailed."""
        folder = self._folder
        if not folder.is_dir():  # a share that isn't mounted must not look like one that was emptied
            raise SourceFailed(f"{folder} is not there; check its name, and whether the share is connected.")
        with mirrored(into, str(folder.absolute()), str(folder)) as mirror:
            try:
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not any(map(is_hidden, path.relative_to(folder).parts)):
                        self._one(path, mirror)
            except OSError as error:
                raise SourceFailed(f"{folder} can't be copied ({error.strerror}); see to the share.") from None
            return mirror.settle({})

    def _one(self, path: Path, mirror: Mirror) -> None:
        if why := self._limits.objection(path.name, path.stat().st_size):
            mirror.refuse(path.name, why)
            return
        inner = path.relative_to(self._folder)
        key, hint = str(inner), inner.parent.name
        try:
            if (kept := mirror.whole(key)) and kept.sha256 == sha256(path):
                mirror.keep(key, hint=hint)
                return
            copy = mirror.fresh()
            shutil.copyfile(path, copy)
            mirror.take(key, copy, name=path.name, hint=hint, tag="")
        except PermissionError:
            mirror.refuse(path.name, f"{path.name} may not be read; let the assistant's account read it.")
