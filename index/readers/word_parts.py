"""The parts that a Word document is read into: its lines, and between them the gaps that one sees on paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index import sentences
from index.documents import Line
from index.readers.word_styles import Look

_SPACE = 80  # twips between paragraphs that look like a gap: a third of a line
_LONG_LINE = 120  # characters; more than fits on a page's line, so that a paragraph ends where it ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A line with what tells whether a gap is seen before it."""

    line: Line
    look: Look | None = None  # of its paragraph, None for a gap and a row of a table
    goes_on: bool = False  # it is of the same paragraph as the line before

    @property
    def is_counted(self) -> bool:
        """Whether its mark is Word's."""
        return self.look is not None and bool(self.look.number)


def with_gaps(parts: Sequence[Part]) -> Iterator[Line]:
    """The lines, with an empty one wherever one sees a gap between two."""
    broken = _is_broken(parts)
    before: Part | None = None
    for part in parts:
        if before is not None and _parted(before, part, broken=broken):
            yield Line(number=0, page=part.line.page)
        yield part.line
        before = part


def _parted(before: Part, part: Part, *, broken: bool) -> bool:
    """Whether two lines stand apart though no empty paragraph is between them."""
    one, other = before.look, part.look
    if part.goes_on or one is None or other is None:
        return False
    if one.level or other.level or before.is_counted != part.is_counted:
        return True
    if before.line.marker and part.line.marker:
        return False  # items of a list are spread evenly, which says nothing
    if len(before.line.raw) > _LONG_LINE:
        return True
    if broken:
        return False
    same = one.style == other.style
    after = 0 if same and one.contextual else one.after
    return max(after, 0 if same and other.contextual else other.before) >= _SPACE


def _is_broken(parts: Sequence[Part]) -> bool:
    """Whether the document came from text with broken lines, each now a paragraph: sentences run over their ends."""
    pairs = [
        (one.line, other.line)
        for one, other in pairwise(parts)
        if one.look and other.look and not (one.is_counted or other.is_counted or other.goes_on)
    ]
    over = sum(
        40 <= len(one.raw) <= _LONG_LINE and not sentences.is_ended(one.text) and sentences.starts_small(other.whole)
        for one, other in pairs
    )
    return over >= 3 and 5 * over >= len(pairs)
