"""A policy's clauses in order, as its page shows them."""

from dataclasses import dataclass
from itertools import takewhile

from index.clauses import Clause, Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A clause as a policy's page shows it, with what stands newly above it."""

    clause: Clause
    headings: tuple[tuple[int, str], ...]  # (HTML level, text)
    openings: tuple[str, ...]  # sentences that open its list and are no clause themselves


def outline(policy: Policy) -> list[Row]:
    """A policy's clauses in order, so that its page reads as the document does."""
    rows: list[Row] = []
    above: tuple[str, ...] = ()
    opened: set[str] = set()
    for clause in policy.clauses:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(above, clause.headings, strict=False)))
        new = clause.headings[same:]
        if new:
            opened.clear()
        # A sentence that ends a clause already shown, as most that open lists do, is not shown again.
        unseen = [lead for lead in clause.lead_ins if lead not in opened]
        opened.update(clause.lead_ins)
        before = rows[-1].clause.text if rows else ""
        rows.append(
            Row(
                clause=clause,
                headings=tuple((min(2 + n, 5), text) for n, text in enumerate(new, same)),
                openings=tuple(lead for lead in unseen if not before.endswith(lead)),
            )
        )
        above = clause.headings
    return rows
