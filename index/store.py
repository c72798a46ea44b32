"""The only file that knows chromadb: an edition of each organisation's policies, added whole, replaced whole.

An edition is one collection with all clauses of one organisation, written once and never changed. A second,
empty collection a organisation points to the edition in force. Replacing is: write a new edition, move the
pointer (one operation), drop the old one. So a question sees one edition or the next, never half of either,
whoever is killed when; and a reader in another process can't hold a stale copy of what never changes.
A version that is no longer in force has a collection of its own, so what is superseded is never searched by accident.
"""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import InternalError, NotFoundError
from filelock import FileLock
from numpy.typing import NDArray
from pydantic import TypeAdapter

from index.clauses import Clause, Policy

_POINTER, _EDITION, _PAST = "in-force.", "edition.", "past."
_BATCH = 1_000  # clauses a request; Chroma's own limit is above 5,000
# On a Chroma server others may be writing; what points nowhere is rubbish only when it is this old, in seconds.
_ABANDONED = 3600.0
# What Chroma says of a collection that another process has deleted, and of one that it is deleting just now.
_GONE = (NotFoundError, InternalError)

_clause = TypeAdapter(Clause)
_policy = TypeAdapter(Policy)


Embedded = tuple[Clause, str, str, Sequence[float]]  # a clause, its policy's id, the text that is embedded, its vector


class Superseded(Exception):
    """The edition asked for has been replaced meanwhile: look up the one in force again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """All of an organisation's policies as they stood when it was written, with their clauses."""

    name: str
    policies: tuple[Policy, ...]


class Store:
    """Editions in Chroma: in `folder`, or on the server at `url`. `space` names the embedding of the vectors."""

    def __init__(self, folder: Path, *, space: str, url: str = "") -> None:
        settings = Settings(anonymized_telemetry=False)
        self.space, self._embedded = space, not url
        self._client: ClientAPI
        if url:
            parts = urlsplit(url)
            self._client = chromadb.HttpClient(
                host=parts.hostname or "localhost",
                port=parts.port or (443 if parts.scheme == "https" else 8000),
                ssl=parts.scheme == "https",
                settings=settings,
            )
        else:
            folder.mkdir(parents=True, exist_ok=True)
            # Two that open a new folder at once both make its tables, and one of them fails.
            with FileLock(folder / "opening.lock"):
                self._client = chromadb.PersistentClient(str(folder), settings=settings)

    def in_force(self, organisation: str) -> str | None:
        """The name of an organisation's edition in force, None before its first."""
        try:
            pointer = self._client.get_collection(_POINTER + organisation, embedding_function=None)
        except NotFoundError:
            return None
        found = (pointer.metadata or {}).get("edition")
        return str(found) if found else None

    def organisations(self) -> list[str]:
        """Whoever has an edition in force."""
        return sorted(name.removeprefix(_POINTER) for name in self._names() if name.startswith(_POINTER))

    def space_of(self, edition: str) -> str:
        """The name of the embedding that an edition's vectors come from."""
        return str((self._open(edition).metadata or {}).get("space", ""))

    def read(self, edition: str) -> Edition:
        """An edition with its policies and their clauses. Raises Superseded."""
        collection = self._open(edition)
        heads = json.loads(str((collection.metadata or {})["policies"]))
        clauses: dict[str, list[tuple[int, Clause]]] = {}
        for _, _, metadata, _ in self._rows(collection):
            clauses.setdefault(metadata["policy"], []).append(
                (metadata["order"], _clause.validate_json(metadata["clause"]))
            )
        policies = []
        for head in heads:
            policy = _policy.validate_python(head | {"clauses": ()})
            ordered = sorted(clauses.get(policy.id, []), key=lambda pair: pair[0])
            policies.append(replace(policy, clauses=tuple(clause for _, clause in ordered)))
        return Edition(name=edition, policies=tuple(policies))

    def heads(self, edition: str) -> tuple[Policy, ...]:
        """An edition's policies without their clauses. Raises Superseded."""
        heads = json.loads(str((self._open(edition).metadata or {})["policies"]))
        return tuple(_policy.validate_python(head | {"clauses": ()}) for head in heads)

    def count(self, edition: str) -> int:
        """How many clauses an edition has. Raises Superseded."""
        # Kept beside the policies: Chroma counts by opening the whole collection, some 30 ms.
        return int(str((self._open(edition).metadata or {}).get("clauses", 0)))

    def marked(self, edition: str) -> str:
        """What an edition was marked with when it was published. Raises Superseded."""
        return str((self._open(edition).metadata or {}).get("mark", ""))

    def past(self, organisation: str) -> dict[str, Policy]:
        """An organisation's versions that are no longer in force, without their clauses, by the name to read them by."""
        prefix = f"{_PAST}{organisation}."
        found = {}
        for name in self._names():
            if name.startswith(prefix):
                with contextlib.suppress(Superseded):
                    found[name] = self.heads(name)[0]
        return found

    def nearest(self, edition: str, vector: Sequence[float], count: int) -> dict[str, float]:
        """The clauses nearest to a vector, by id, with their cosine, nearest first. Raises Superseded."""
        try:
            collection = self._open(edition)
            found = collection.query(
                query_embeddings=np.asarray([vector], np.float32), n_results=count, include=["distances"]
            )
        except _GONE as error:
            raise Superseded(edition) from error
        distances = (found["distances"] or [[]])[0]
        return {i: 1 - d for i, d in zip(found["ids"][0], distances, strict=True)}

    def vectors(self, edition: str) -> dict[str, NDArray[np.float32]]:
        """An edition's vectors by the text that was embedded, so that nothing is embedded twice. Raises Superseded."""
        collection = self._open(edition)
        if (collection.metadata or {}).get("space") != self.space:
            return {}
        return {text: np.asarray(vector, np.float32) for _, text, _, vector in self._rows(collection, vectors=True)}

    def publish(
        self,
        organisation: str,
        policies: Sequence[Policy],
        embedded: Sequence[Embedded],
        mark: str = "",
    ) -> str:
        """Put a new edition in force and drop the one before. `mark` says what it was made of; see `marked`."""
        before = self.in_force(organisation)
        name = f"{_EDITION}{organisation}.{uuid.uuid4().hex[:12]}"
        self._write(name, policies, embedded, mark)
        pointer = self._client.get_or_create_collection(_POINTER + organisation, embedding_function=None)
        pointer.modify(metadata={"edition": name})
        if before:
            self._drop(before)
        return name

    def put_away(self, organisation: str, policy: Policy, embedded: Sequence[Embedded]) -> None:
        """Keep a version that is no longer in force, once: a version is known by its policy and its file's bytes."""
        name = f"{_PAST}{organisation}.{policy.id}.{policy.version.partition('.')[0]}"[:500]
        unfinished = f"{_EDITION}{organisation}.{uuid.uuid4().hex[:12]}"
        collection = self._write(unfinished, [policy], embedded)
        self._drop(name)
        collection.modify(name=name)

    def _write(self, name: str, policies: Sequence[Policy], embedded: Sequence[Embedded], mark: str = "") -> Collection:
        heads = [_policy.dump_python(replace(p, clauses=()), mode="json") for p in policies]
        collection = self._client.create_collection(
            name,
            metadata={
                "space": self.space,
                "begun": time.time(),
                "policies": json.dumps(heads),
                "clauses": len(embedded),
                "mark": mark,
            },
            configuration={"hnsw": {"space": "cosine"}},
            embedding_function=None,
        )
        for start in range(0, len(embedded), _BATCH):
            batch = embedded[start : start + _BATCH]
            collection.add(
                ids=[clause.id for clause, _, _, _ in batch],
                embeddings=np.array([vector for _, _, _, vector in batch], dtype=np.float32),
                documents=[text for _, _, text, _ in batch],
                metadatas=[
                    {"policy": policy, "order": start + n, "clause": _clause.dump_json(clause).decode()}
                    for n, (clause, policy, _, _) in enumerate(batch)
                ],
            )
        return collection

    def forget(self, organisation: str) -> None:
        """Remove all that is kept of an organisation."""
        edition = self.in_force(organisation)
        self._drop(_POINTER + organisation)
        if edition:
            self._drop(edition)
        for name in self.past(organisation):
            self._drop(name)

    def sweep(self) -> int:
        """Drop editions that an interrupted build left behind; how many. Call it while nobody else builds."""
        kept = {self.in_force(organisation) for organisation in self.organisations()}
        rubbish = [name for name in self._names() if name.startswith(_EDITION) and name not in kept]
        if not self._embedded:
            rubbish = [name for name in rubbish if self._age(name) > _ABANDONED]
        for name in rubbish:
            self._drop(name)
        return len(rubbish)

    def _age(self, name: str) -> float:
        try:
            return time.time() - float(str((self._open(name).metadata or {}).get("begun", 0)))
        except Superseded:
            return 0.0

    def _names(self) -> list[str]:
        names: list[str] = []
        while page := self._client.list_collections(limit=500, offset=len(names)):
            names += [collection.name for collection in page]
        return names

    def _open(self, name: str) -> Collection:
        try:
            return self._client.get_collection(name, embedding_function=None)
        except _GONE as error:
            raise Superseded(name) from error

    def _drop(self, name: str) -> None:
        with contextlib.suppress(NotFoundError):  # somebody else was quicker
            self._client.delete_collection(name)

    def _rows(self, collection: Collection, *, vectors: bool = False) -> Iterator[tuple[str, str, Any, Any]]:
        """(id, document, metadata, vector or None) of every record. Raises Superseded."""
        offset = 0
        while True:
            include: Any = ["documents", "metadatas", *(["embeddings"] if vectors else [])]
            try:
                page = collection.get(limit=_BATCH, offset=offset, include=include)
            except _GONE as error:
                raise Superseded(collection.name) from error
            count = len(page["ids"])
            embeddings = page["embeddings"] if vectors and page["embeddings"] is not None else [None] * count
            yield from zip(page["ids"], page["documents"] or [], page["metadatas"] or [], embeddings, strict=True)
            if count < _BATCH:
                return
            offset += count
