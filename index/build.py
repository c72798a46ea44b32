"""Folders of documents to the store: skips what hasn't changed, replaces what has, forgets what is gone, reports."""

import fnmatch
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock
from langchain_core.embeddings import Embeddings

from index.clauses import Clause, Policy, parse, policy_id
from index.documents import MOST_BYTES, Unreadable, read
from index.search import embedded_text
from index.store import Store, Superseded

_BATCH = 128  # texts between two ticks of the progress
# Part of every policy's version, so that after an upgrade that reads or embeds documents otherwise, all are read again.
_READER = hashlib.sha256(b"".join(f.read_bytes() for f in sorted(Path(__file__).parent.glob("*.py")))).hexdigest()[:8]

Progress = Callable[[str, int, int], None]  # (organisation, clauses done, clauses in all)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    path: Path
    reason: str


@dataclass(slots=True)
class Report:
    """What a build did to one organisation, by the documents' names."""

    organisation: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    clauses: int = 0


def build(
    store: Store,
    embeddings: Embeddings | None,
    sources: Iterable[tuple[str, Sequence[Path]]],
    *,
    lock: Path,
    progress: Progress = lambda *_: None,
) -> list[Report]:
    """Bring the store up to date with (organisation, files) pairs; organisations not among them are forgotten.

    One build at a time holds `lock`; another waits for it. Killed at any moment, the next run makes it whole.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        store.sweep()
        wanted = dict(sources)
        reports = [_organisation(store, embeddings, name, files, progress) for name, files in wanted.items()]
        for name in store.organisations():
            if name not in wanted:
                removed = [policy.id for policy in store.heads(store.in_force(name) or "")]
                store.forget(name)
                reports.append(Report(organisation=name, removed=removed))
        return reports


def documents_in(patterns: Iterable[str], base: Path) -> tuple[list[Path], list[Refusal]]:
    """The files that a school file's `policies` names (files, folders or globs, relative to `base`), sorted.

    Hidden files are passed over; a name that matches nothing is refused with the reason.
    """
    found: set[Path] = set()
    refused: list[Refusal] = []
    for pattern in patterns:
        path = base / pattern
        if path.is_dir():
            matches = [p for p in path.rglob("*") if p.is_file() and not _hidden(p, path)]
        elif path.is_file():
            matches = [path]
        else:
            matches = [p for p in base.glob(pattern) if p.is_file()] if not Path(pattern).is_absolute() else []
        if not matches and not path.is_dir():
            refused.append(Refusal(path=path, reason=f"{pattern} names no file; check `policies` in the school file."))
        found.update(p.resolve() for p in matches)
    return sorted(found), refused


def _hidden(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return any(part.startswith((".", "~$")) for part in parts) or fnmatch.fnmatch(path.name, "Thumbs.db")


def _organisation(
    store: Store, embeddings: Embeddings | None, organisation: str, files: Sequence[Path], progress: Progress
) -> Report:
    report = Report(organisation=organisation)
    edition = store.in_force(organisation)
    before: dict[str, Policy] = {}
    same_space = False
    if edition:
        try:
            same_space = store.space_of(edition) == store.space
            before = {policy.id: policy for policy in store.heads(edition)}
        except Superseded:  # only a store emptied by hand comes here
            edition = None
    if same_space and (known := _already_read(files)) == sorted((p.id, p.version) for p in before.values()):
        report.unchanged, report.clauses = [name for name, _ in known], store.count(edition or "")
        return report
    policies = list(_read(files, report))
    now = {policy.id for policy in policies}
    for policy in policies:
        kept = before.get(policy.id)
        names = report.added if kept is None else report.unchanged if kept.version == policy.version else report.changed
        names.append(policy.id)
    # A document that can't be read any more stays out: a quote must stand in a file that somebody can open.
    report.removed = sorted(before.keys() - now)
    report.clauses = sum(len(policy.clauses) for policy in policies)
    if edition and same_space and not (report.added or report.changed or report.removed):
        return report
    store.publish(organisation, policies, _embedded(store, embeddings, organisation, edition, policies, progress))
    return report


def _already_read(files: Sequence[Path]) -> list[tuple[str, str]]:
    """The (policy id, version) that files would have, from their names and bytes alone; sorted."""
    found = []
    for path in files:
        try:
            data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        except OSError:
            data = b""
        found.append((policy_id(path.name), f"{hashlib.sha256(data).hexdigest()[:12]}.{_READER}"))
    return sorted(found)


def _read(files: Sequence[Path], report: Report) -> Iterator[Policy]:
    taken: set[str] = set()
    for path in files:
        try:
            policy = parse(read(path))
        except Unreadable as reason:
            report.refused.append(Refusal(path=path, reason=str(reason)))
            continue
        if not policy.clauses:
            report.refused.append(Refusal(path=path, reason=f"{path.name} has no clauses; it is only headings."))
            continue
        policy = replace(policy, version=f"{policy.version}.{_READER}")
        number, name = 2, policy.id
        while name in taken:
            name, number = f"{policy.id}-{number}", number + 1
        if name != policy.id:
            # The same file name in two folders: both are kept, told apart.
            renamed = tuple(replace(c, id=c.id.replace(policy.id, name, 1)) for c in policy.clauses)
            policy = replace(policy, id=name, clauses=renamed)
        taken.add(name)
        yield policy


def _embedded(
    store: Store,
    embeddings: Embeddings | None,
    organisation: str,
    edition: str | None,
    policies: Sequence[Policy],
    progress: Progress,
) -> list[tuple[Clause, str, str, Sequence[float]]]:
    """Every clause with its policy's id, the text that stands for it and that text's vector."""
    rows = [(clause, policy.id, embedded_text(clause)) for policy in policies for clause in policy.clauses]
    vectors = {text: vector.tolist() for text, vector in store.vectors(edition).items()} if edition else {}
    missing = sorted({text for _, _, text in rows} - vectors.keys(), key=len)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        vectors.update(
            zip(batch, embeddings.embed_documents(batch) if embeddings else [[1.0]] * len(batch), strict=True)
        )
        progress(organisation, start + len(batch), len(missing))
    return [(clause, policy, text, vectors[text]) for clause, policy, text in rows]
