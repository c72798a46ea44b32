"""Folders of documents to the store: skips what hasn't changed, replaces what has, forgets what is gone, reports."""

import fnmatch
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from filelock import FileLock
from langchain_core.embeddings import Embeddings

from index import readings, versions
from index.clauses import Policy
from index.documents import MOST_BYTES, Unreadable
from index.doubts import doubts
from index.names import is_draft
from index.parsing import parse
from index.search import embedded_text
from index.store import Embedded, Store, Superseded

_BATCH = 128  # texts between two ticks of the progress
# Part of every policy's version, so that after an upgrade that reads or embeds documents otherwise, all are read again.
_READER = hashlib.sha256(b"".join(f.read_bytes() for f in sorted(Path(__file__).parent.rglob("*.py")))).hexdigest()[:8]

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
    today: date | None = None,
    reading: Callable[[str, Path], None] = lambda *_: None,
) -> list[Report]:
    """Bring the store up to date with (organisation, files) pairs; organisations not among them are forgotten.

    A version whose file is replaced or taken away is kept with the days on which it was in force.

    One build at a time holds `lock`; another waits for it. Killed at any moment, the next run makes it whole, and goes
    on from what was read and embedded. `reading` hears of each document before it is read.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        store.sweep()
        wanted = dict(sources)
        day = today or date.today()
        work = _Work(
            store=store,
            embeddings=embeddings,
            read=lock.parent / "read",
            progress=progress,
            reading=reading,
            today=day,
        )
        reports = [_organisation(work, name, files) for name, files in wanted.items()]
        for name in store.organisations():
            if name not in wanted:
                removed = [policy.id for policy in store.heads(store.in_force(name) or "")]
                store.forget(name)
                reports.append(Report(organisation=name, removed=removed))
                shutil.rmtree(lock.parent / "read" / name, ignore_errors=True)
        return reports


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """What every organisation's build shares."""

    store: Store
    embeddings: Embeddings | None
    read: Path  # where each organisation's documents are kept as they were read
    progress: Progress
    reading: Callable[[str, Path], None]
    today: date


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


def _organisation(work: _Work, organisation: str, files: Sequence[Path]) -> Report:
    store, report = work.store, Report(organisation=organisation)
    kept = readings.Readings(work.read / organisation, _READER, work.store.space)
    edition = store.in_force(organisation)
    before: dict[str, Policy] = {}
    mark = _mark(files)
    if edition:
        try:
            before = {policy.id: policy for policy in store.heads(edition)}
            if store.space_of(edition) == store.space and store.marked(edition) == mark:
                report.unchanged, report.clauses = sorted(before), store.count(edition)
                return report
        except Superseded:  # only a store emptied by hand comes here
            edition = None
    now, old = _versions(list(_read(kept, files, report, work.reading)), before, report, work.today)
    for policy in now:
        was = before.get(policy.id)
        same = was is not None and was.version == policy.version
        (report.added if was is None else report.unchanged if same else report.changed).append(policy.id)
    # A document that can't be read any more stays out: a quote must stand in a file that somebody can open.
    report.removed = sorted(before.keys() - {policy.id for policy in now})
    report.clauses = sum(len(policy.clauses) for policy in now)
    replaced = _replaced(store, edition, before, now, work.today) if edition else []
    found = _vectors(work, kept, report, edition, [*now, *old, *replaced])
    known = {(p.id, p.version.partition(".")[0], p.until) for p in store.past(organisation).values()}
    for policy in [*replaced, *old]:
        if (policy.id, policy.version.partition(".")[0], policy.until) not in known:
            store.put_away(organisation, policy, _embedded([policy], found))
    # What was refused is tried again the next time.
    store.publish(organisation, now, _embedded(now, found), mark="" if report.refused else mark)
    kept.published()
    return report


def _mark(files: Sequence[Path]) -> str:
    """What files hold, from their names and bytes alone, and how they would be read."""
    digest = hashlib.sha256(_READER.encode())
    for path in files:
        try:
            data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        except OSError:
            data = b""
        digest.update(f"{path.parent.name}/{path.name}".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


def _read(
    kept: readings.Readings, files: Sequence[Path], report: Report, reading: Callable[[str, Path], None]
) -> Iterator[versions.Kept]:
    for path in files:
        reading(report.organisation, path)
        if is_draft(path.name):
            reason = f"{path.name} is marked as a draft; it answers once its name doesn't say so any more."
            report.refused.append(Refusal(path=path, reason=reason))
            continue
        try:
            document = kept.read(path)
        except Unreadable as reason:
            report.refused.append(Refusal(path=path, reason=str(reason)))
            continue
        policy = parse(document)
        if not policy.clauses:
            report.refused.append(Refusal(path=path, reason=f"{path.name} has no clauses; it is only headings."))
            continue
        policy = replace(policy, version=f"{policy.version}.{_READER}", warnings=doubts(document, policy))
        yield versions.Kept(policy=policy, file=path.name, folder=str(path.parent), changed=path.stat().st_mtime)


def _versions(
    read: Sequence[versions.Kept], before: Mapping[str, Policy], report: Report, today: date
) -> tuple[list[Policy], list[Policy]]:
    """The policies in force, and the versions that are not any more but still lie among the files."""
    families, alone = versions.families(read)
    for kept in alone:
        reason = f"{kept.file} lies in a folder for what is old, and no newer version of it was found."
        report.refused.append(Refusal(path=Path(kept.folder) / kept.file, reason=reason))
    now: list[Policy] = []
    old: list[Policy] = []
    taken: set[str] = set()
    for family in families:
        # The same file name in two folders: both are in force, told apart.
        id_, number = family[0].policy.id, 2
        while id_ in taken:
            id_, number = f"{family[0].policy.id}-{number}", number + 1
        taken.add(id_)
        known = before.get(id_)
        newest = max(family, key=lambda kept: kept.rank).policy
        same = known is not None and known.version.partition(".")[0] == newest.version.partition(".")[0]
        since = known.since if known and same else versions.begins(newest, known, today)
        first, *others = (_called(policy, id_) for policy in versions.dated(family, since, today))
        now.append(first)
        old += others
    return now, old


def _called(policy: Policy, id_: str) -> Policy:
    renamed = tuple(replace(c, id=c.id.replace(policy.id, id_, 1)) for c in policy.clauses)
    return replace(policy, id=id_, clauses=renamed)


def _replaced(
    store: Store, edition: str, before: Mapping[str, Policy], now: Sequence[Policy], today: date
) -> list[Policy]:
    """What was in force until now and is not any more, with the day on which that ended."""
    found = {policy.id: policy for policy in now}
    ended = {
        id_: found[id_].since or today if id_ in found else today
        for id_, policy in before.items()
        if id_ not in found or found[id_].version.partition(".")[0] != policy.version.partition(".")[0]
    }
    if not ended:
        return []
    try:
        return [replace(p, until=ended[p.id]) for p in store.read(edition).policies if p.id in ended]
    except Superseded:
        return []


def _vectors(
    work: _Work, kept: readings.Readings, report: Report, edition: str | None, policies: Sequence[Policy]
) -> dict[str, list[float]]:
    """The vector of each text that stands for a clause; none is made twice."""
    texts = {embedded_text(clause) for policy in policies for clause in policy.clauses}
    vectors = {text: vector.tolist() for text, vector in work.store.vectors(edition).items()} if edition else {}
    vectors |= {text: vector for text, vector in kept.vectors().items() if text in texts}
    missing = sorted(texts - vectors.keys(), key=len)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        made = work.embeddings.embed_documents(batch) if work.embeddings else [[1.0]] * len(batch)
        kept.keep_vectors(batch, made)
        vectors.update(zip(batch, made, strict=True))
        work.progress(report.organisation, start + len(batch), len(missing))
    return vectors


def _embedded(policies: Sequence[Policy], vectors: Mapping[str, list[float]]) -> list[Embedded]:
    """Every clause with its policy's id, the text that stands for it and that text's vector."""
    rows = [(clause, policy.id, embedded_text(clause)) for policy in policies for clause in policy.clauses]
    return [(clause, policy, text, vectors[text]) for clause, policy, text in rows]
