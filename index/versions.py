"""Which document of a policy is in force, and since when; and what changed from one version to the next. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Literal

from index.clauses import Clause, Policy
from index.names import version_in

_ALIKE = 0.55  # of two texts' words in common, from which one is the other, reworded
_OLD_FOLDER = re.compile(r"(?i)\b(?:archived?|old|superseded|previous|obsolete)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A policy read from a file, and what its name and folder say of its version."""

    policy: Policy
    file: str  # the file's name
    folder: str
    changed: float  # seconds since 1970, when the file was last written

    @property
    def is_old(self) -> bool:
        """Whether it lies in a folder for what is no longer in force."""
        # The folder's own name, or of one that is but a year's in it: "Archive/2023".
        names = [name for name in self.folder.replace("_", " ").split("/") if re.search("[A-Za-z]", name)]
        return bool(names and _OLD_FOLDER.search(names[-1]))

    @property
    def rank(self) -> tuple[bool, date, tuple[int, ...], bool, int, float]:
        """Later versions have a higher one: by their own date, then the number in the name, then the file's time."""
        own = own_date(self.policy) or date.min
        return not self.is_old, own, *version_in(self.file), self.changed


def own_date(policy: Policy) -> date | None:
    """The day from which a policy says that it counts: the latest of the dates at its front."""
    known = [d.first for d in (policy.reviewed, policy.ratified, policy.written) if d]
    return max(known, default=None)


def families(read: Sequence[Kept]) -> tuple[list[list[Kept]], list[Kept]]:
    """Documents that are versions of one policy, together; and those put away of which nothing is in force.

    Versions have one name but for what says which version it is, and lie in one folder, or the old ones in a folder
    for what is old: they belong to what lies nearest above.
    """
    found: dict[tuple[str, str], list[Kept]] = {}
    for kept in (k for k in read if not k.is_old):
        found.setdefault((kept.policy.id, kept.folder), []).append(kept)
    alone = []
    for kept in (k for k in read if k.is_old):
        places = [folder for id_, folder in found if id_ == kept.policy.id]
        above = max((f for f in places if kept.folder.startswith(f)), key=len, default=next(iter(places), None))
        if above is None:
            alone.append(kept)
        else:
            found[kept.policy.id, above].append(kept)
    return list(found.values()), alone


def dated(versions: Sequence[Kept], since: date | None, today: date) -> list[Policy]:
    """Versions of one policy with the days on which each was in force, the one in force first.

    `since`: from when the one in force counts, where that is known; else its own date, unless that is still to come.
    """
    ordered = sorted(versions, key=lambda kept: kept.rank, reverse=True)
    found: list[Policy] = []
    until: date | None = None
    for kept in ordered:
        own = own_date(kept.policy)
        begins = own if own and own <= (until or today) else None
        if not found and since:
            begins = since
        found.append(replace(kept.policy, since=begins, until=until))
        until = begins or until or today
    return found


def begins(policy: Policy, before: Policy | None, today: date) -> date | None:
    """From when a policy that was just read counts; None where nothing tells. `before`: the version that it replaces."""
    own = own_date(policy)
    stated = own if own and own <= today else None
    if before is None:
        return stated
    return stated if stated and (before.since is None or stated > before.since) else today


def in_force(policy: Policy, day: date) -> bool:
    """Whether a version was in force on a day; on the day of a change the new one is."""
    return (policy.since is None or policy.since <= day) and (policy.until is None or day < policy.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One clause that is not as it was: `before` is None for a new one, `after` for one that went."""

    kind: Literal["new", "gone", "reworded", "moved"]
    before: Clause | None
    after: Clause | None


def changes(old: Policy, new: Policy) -> list[Change]:
    """What changed, clause by clause, in the new version's order; what went stands where it stood.

    The same text elsewhere has moved; a text that shares most of its words, near the same headings, is reworded.
    """
    known = {clause.id for clause in old.clauses} & {clause.id for clause in new.clauses}
    went = [clause for clause in old.clauses if clause.id not in known]
    came = [clause for clause in new.clauses if clause.id not in known]
    pairs: dict[str, Clause] = {}
    left = list(went)
    for exact in (True, False):
        for clause in came:
            if clause.id in pairs:
                continue
            best = max(left, key=lambda one: _likeness(one, clause, exact=exact), default=None)
            if best is not None and _likeness(best, clause, exact=exact) >= _ALIKE:
                pairs[clause.id] = best
                left.remove(best)
    found = [(_line(new, clause.line), _changed(pairs.get(clause.id), clause)) for clause in came]
    found += [(_line(old, clause.line), Change(kind="gone", before=clause, after=None)) for clause in left]
    return [change for _, change in sorted(found, key=lambda pair: pair[0])]


def _changed(before: Clause | None, after: Clause) -> Change:
    if before is None:
        return Change(kind="new", before=None, after=after)
    return Change(kind="moved" if before.text == after.text else "reworded", before=before, after=after)


def _likeness(one: Clause, other: Clause, *, exact: bool) -> float:
    if exact:
        return float(one.text == other.text)
    left, right = one.text.lower().split(), other.text.lower().split()
    longest, shortest = max(len(left), len(right)), min(len(left), len(right))
    if not shortest or shortest / longest < 0.35:
        return 0.0
    shared = SequenceMatcher(None, left, right, autojunk=False).ratio()
    return shared + 0.1 * (one.headings == other.headings) if shared > 0.3 else 0.0


def _line(policy: Policy, line: int) -> float:
    return line / max((clause.line for clause in policy.clauses), default=1)
