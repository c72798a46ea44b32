"""What a build has read and embedded, kept beside the index: a build that is stopped goes on, and nothing is read twice."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from index.documents import MOST_BYTES, Document
from index.safely import read_safely

_document = TypeAdapter(Document)


class Readings:
    """One organisation's documents as they were read, by their bytes and by `reader`, and its vectors not yet published."""

    def __init__(self, folder: Path, reader: str, space: str) -> None:
        self._folder, self._reader = folder, reader
        self._vectors = folder / "vectors" / hashlib.sha256(space.encode()).hexdigest()[:12]
        self._used: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, path: Path) -> Document:
        """A file's document, read in a process of its own or as it was read before. Raises Unreadable."""
        file = self._file(path)
        if file is None:
            return read_safely(path)  # which says why it can't be opened
        self._used.add(file)
        try:
            return _document.validate_json(file.read_bytes())
        except (OSError, ValidationError):
            document = read_safely(path)
        _write(file, _document.dump_json(document))
        return document

    def _file(self, path: Path) -> Path | None:
        try:
            if not path.is_file() or path.stat().st_size > MOST_BYTES:
                return None
            digest = hashlib.sha256(path.read_bytes())
        except OSError:
            return None
        digest.update(f"{self._reader} {path.name}".encode("utf-8", "surrogateescape"))
        return self._folder / f"{digest.hexdigest()}.json"

    def vectors(self) -> dict[str, list[float]]:
        """The vectors that a stopped build had made, by their text."""
        found: dict[str, list[float]] = {}
        for file in sorted(self._vectors.glob("[!.]*.npz")):
            with np.load(file) as kept:
                found.update(zip(kept["texts"].tolist(), kept["vectors"].tolist(), strict=True))
        return found

    def keep_vectors(self, texts: list[str], vectors: list[list[float]]) -> None:
        """Keep vectors until they are published."""
        self._vectors.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("\x1e".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        partial = self._vectors / f".{name}.npz"
        np.savez(partial, texts=np.array(texts), vectors=np.array(vectors, np.float32))
        partial.replace(self._vectors / f"{name}.npz")

    def published(self) -> None:
        """All of it stands in the index now: the vectors, and what no file holds any more, are forgotten."""
        shutil.rmtree(self._folder / "vectors", ignore_errors=True)
        for file in self._folder.glob("*.json"):
            if file not in self._used:
                file.unlink(missing_ok=True)


def _write(file: Path, data: bytes) -> None:
    partial = file.with_suffix(".part")
    partial.write_bytes(data)
    partial.replace(file)
