"""A source's folder on this machine: what was fetched is kept apart until all of it is there, then it is put in place.

Beside the documents lie hidden files: the state, the lock, and what is on its way. Every document is whole at any
moment: it is yesterday's or today's. Killed between two renames, the next fetch finds which files are not as the state
says, and fetches them again.
"""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assistant.sources import Fetched, Refused, SourceFailed

STATE = ".state.json"
_STAGE, _LOCK = ".incoming", ".lock"
_LONGEST = 150  # bytes of a name, of the 255 that file systems take
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


class Kept(BaseModel):
    """A document in the folder."""

    model_config = ConfigDict(frozen=True)

    file: str  # its name in the folder
    name: str  # what the source calls it
    tag: str  # what the source says to tell one content from another
    sha256: str

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str) -> str:
        if Path(file).name != file or file.startswith("."):
            raise ValueError("not a name in the folder")
        return file


class _State(BaseModel):
    place: str
    kept: dict[str, Kept] = Field(default_factory=dict)
    memory: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    name: str
    hint: str
    tag: str
    sha256: str
    staged: Path | None  # None when it is in the folder already


class Mirror:
    """One fetch into a folder. `place` says what is fetched, for a state of another place is not believed; `called`
    is what a person calls it."""

    def __init__(self, into: Path, place: str, called: str) -> None:
        self._into, self._place, self._called, self._stage = into, place, called, into / _STAGE
        self._numbers = itertools.count()
        self._wanted: dict[str, _Wanted] = {}
        self._refused: list[Refused] = []
        self._there = {p.name: sha256(p) for p in into.iterdir() if p.is_file() and not p.name.startswith(".")}
        state = self._state()
        self._kept, self.memory = state.kept, state.memory

    def _state(self) -> _State:
        try:
            state = _State.model_validate_json((self._into / STATE).read_bytes())
        except (OSError, ValidationError):  # none yet, or a broken one: everything is fetched
            return _State(place=self._place)
        return state if state.place == self._place else _State(place=self._place)

    def whole(self, key: str) -> Kept | None:
        """What is kept of a document, if its file is still what was fetched."""
        kept = self._kept.get(key)
        return kept if kept and self._there.get(kept.file) == kept.sha256 else None

    def fresh(self) -> Path:
        """Where to write something that is on its way."""
        return self._stage / str(next(self._numbers))

    def take(self, key: str, staged: Path, *, name: str, hint: str, tag: str) -> None:
        """A document has come; `hint` tells it from another of the same name, a folder for example."""
        self._wanted[key] = _Wanted(name=name, hint=hint, tag=tag, sha256=sha256(staged), staged=staged)

    def keep(self, key: str, *, name: str = "", hint: str = "") -> bool:
        """A document stays as it is, perhaps under a new name. False when it isn't there to be kept."""
        kept = self.whole(key)
        if kept:
            self._wanted[key] = _Wanted(
                name=name or kept.name, hint=hint, tag=kept.tag, sha256=kept.sha256, staged=None
            )
        return kept is not None

    def refuse(self, name: str, reason: str) -> None:
        """A document is left out, or not renewed."""
        self._refused.append(Refused(name=name, reason=reason))

    def settle(self, memory: dict[str, Any]) -> Fetched:
        """Put in place all that was taken and kept, let go of the rest, and keep the state."""
        if self._there and not self._wanted:
            # An emptied page or library is far likelier a mistake, or a right taken away, than a school without policies.
            first = f" {self._refused[0].reason}" if self._refused else ""
            raise SourceFailed(
                f"{self._called} has no documents any more that can be taken, so yesterday's are kept; "
                f"check it, or take the source out of the school file.{first}"
            )
        names = self._names()
        fetched = self._counted(names)
        for key, file in names.items():
            self._prepare(key, file)
        for key, file in names.items():
            if staged := self._wanted[key].staged:
                staged.replace(self._into / file)
        for file in self._there.keys() - set(names.values()):
            (self._into / file).unlink(missing_ok=True)
        self._write(names, memory)
        return fetched

    def _names(self) -> dict[str, str]:
        """Every document's name in the folder. Who has one keeps it for as long as the source calls it the same."""
        names: dict[str, str] = {}
        taken: set[str] = set()
        for key, wanted in self._wanted.items():
            old = self._kept.get(key)
            if old and old.name == wanted.name and old.file.casefold() not in taken:
                names[key] = old.file
                taken.add(old.file.casefold())
        for key, wanted in sorted(self._wanted.items(), key=lambda pair: (pair[1].name, pair[1].hint, pair[0])):
            if key not in names:
                names[key] = _free(wanted.name, wanted.hint, taken)
                taken.add(names[key].casefold())
        return names

    def _counted(self, names: dict[str, str]) -> Fetched:
        came = changed = same = 0
        known = {kept.file for kept in self._kept.values()}
        for key, file in names.items():
            old = self._kept.get(key)
            before = old.file if old else file if file not in known else ""
            if before not in self._there:
                came += 1
            elif before == file and self._there[before] == self._wanted[key].sha256:
                same += 1
            else:
                changed += 1
        went = sum(1 for key, kept in self._kept.items() if key not in names and kept.file in self._there)
        went += len(self._there.keys() - known - set(names.values()))
        return Fetched(came=came, changed=changed, went=went, same=same, refused=tuple(self._refused))

    def _prepare(self, key: str, file: str) -> None:
        """A second name for a file that is only renamed: two may swap names, and both stay whole meanwhile."""
        wanted, old = self._wanted[key], self._kept.get(key)
        if wanted.staged is None and old and old.file != file:
            staged = self.fresh()
            shutil.copyfile(self._into / old.file, staged)
            self._wanted[key] = _Wanted(
                name=wanted.name, hint=wanted.hint, tag=wanted.tag, sha256=wanted.sha256, staged=staged
            )

    def _write(self, names: dict[str, str], memory: dict[str, Any]) -> None:
        kept = {
            key: Kept(file=names[key], name=wanted.name, tag=wanted.tag, sha256=wanted.sha256)
            for key, wanted in self._wanted.items()
        }
        state = _State(place=self._place, kept=kept, memory=memory).model_dump(mode="json")
        path = self.fresh()
        with path.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        path.replace(self._into / STATE)


@contextlib.contextmanager
def mirrored(into: Path, place: str, called: str) -> Iterator[Mirror]:
    """The folder, made where it is missing and held for one fetch at a time. Raises SourceFailed where it can't be written."""
    stage = into / _STAGE
    try:
        into.mkdir(parents=True, exist_ok=True)
        with FileLock(into / _LOCK):
            shutil.rmtree(stage, ignore_errors=True)  # what a fetch that was killed has left
            stage.mkdir(exist_ok=True)
            try:
                yield Mirror(into, place, called)
            finally:
                shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise SourceFailed(f"The documents can't be kept in {into} ({error.strerror}); see to the disk.") from None


def sha256(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_hidden(name: str) -> bool:
    """Whether a name is a system's or a program's own, which nobody means as a document."""
    return name.startswith((".", "~$")) or name.lower() in ("thumbs.db", "desktop.ini")


def local_name(name: str) -> str:
    """A name from outside as a plain file name here: no path, nothing hidden, nothing that can't be shown or is too long."""
    shown = "".join(
        ch if ch not in '/\\<>:"|?*' else "-"
        for ch in unicodedata.normalize("NFC", " ".join(name.split()))
        if not unicodedata.category(ch).startswith("C")
    )
    stem, dot, suffix = shown.strip(". ~$").rpartition(".")
    if not dot or len(suffix) > 8 or " " in suffix:
        stem, suffix = f"{stem}{dot}{suffix}", ""
    stem = stem.encode()[: _LONGEST - len(suffix.encode())].decode(errors="ignore").strip(". ") or "document"
    if stem.lower().split(".")[0] in _RESERVED:
        stem = f"_{stem}"
    return f"{stem}.{suffix}" if suffix else stem


def _free(name: str, hint: str, taken: set[str]) -> str:
    """A file name that nobody has yet: "Behaviour.pdf", "Behaviour (Primary).pdf", "Behaviour (Primary 2).pdf"."""
    plain = local_name(name)
    if plain.casefold() not in taken:
        return plain
    stem, suffix = os.path.splitext(plain)
    hints = [hint[:40]] if hint else []
    numbered = (f"{hint[:40]} {number}".strip() for number in itertools.count(2))
    told = (local_name(f"{stem[:80]} ({words}){suffix}") for words in itertools.chain(hints, numbered))
    return next(name for name in told if name.casefold() not in taken)
