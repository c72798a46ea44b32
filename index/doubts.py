"""What somebody should look at before they trust how a document was read. Pure."""

from itertools import pairwise

from index.clauses import Policy
from index.documents import Document

_LOST = 0.7  # of a document's letters, which should stand in a clause or a heading
_LONG = 400  # words in a clause, from which it is rather a page than a clause
_SHORT = 5  # clauses, below which a policy was hardly read


def doubts(document: Document, policy: Policy) -> tuple[str, ...]:
    """Sentences; none for a document that gives no cause."""
    found = []
    if policy.next_review is None:
        found.append("No date of the next review was found, so nobody is reminded of it.")
    if not policy.owner:
        found.append("No owner was found.")
    printed = sum(len(line.text) for line in document.lines)
    headings = {heading for clause in policy.clauses for heading in clause.path}
    read = sum(len(clause.text) for clause in policy.clauses) + sum(map(len, headings))
    if printed and read / printed < _LOST:
        found.append(f"Only {round(100 * read / printed)} % of the text became clauses: see whether something is lost.")
    if 0 < len(policy.clauses) < _SHORT and printed > 2_000:
        found.append(f"A long text became {len(policy.clauses)} clauses: its headings and lists were not recognised.")
    long = sum(len(clause.text.split()) > _LONG for clause in policy.clauses)
    if long:
        found.append(f"{long} clauses are longer than {_LONG} words: they may be several that were run together.")
    levels = [line.level for line in document.lines if line.level]
    skipped = sum(after > before + 1 for before, after in pairwise(levels))
    if skipped:
        found.append(f"{skipped} headings skip a level (a Heading 3 straight under a Heading 1).")
    return tuple(found)
