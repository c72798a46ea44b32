"""Which list an item belongs to, how deep, and the sentences that open the lists around it."""

from dataclasses import dataclass, field

from index import numbering, sentences
from index.layout import Block

_MOST_NESTED = 12  # lists in lists; what is indented further is taken for a slip


@dataclass(slots=True)
class _List:
    """A list that is being read."""

    indent: int
    series: str
    opening: tuple[str, ...]
    label: tuple[str, ...]  # the places of the items around it: ("second bullet",)
    by_manner: bool = False  # opened by an item of the same indent; its items are told by how they begin
    manner: str = ""
    count: int = 0
    last: str = ""  # the last item, which may open a list
    last_place: str = ""
    last_marker: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where an item stands: depth 0 for a first-level item, the openings around it, and the list's own count."""

    depth: int
    lead_ins: tuple[str, ...]
    around: tuple[str, ...]  # the places of the items that it is under, outermost first
    number: int  # 1 for the first of its list


@dataclass(slots=True)
class Lists:
    """The lists around the place that the reading has reached, outermost first."""

    _open: list[_List] = field(default_factory=list)
    _left: list[_List] = field(default_factory=list)  # a paragraph came between; a next number takes them up again
    _opening: tuple[str, ...] = ()

    def end(self) -> None:
        self._open, self._left, self._opening = [], [], ()

    def interrupt(self, block: Block, opening: str) -> tuple[str, ...] | None:
        """Take note of a paragraph; its lead-ins if it stands under an item, by its indent, else None."""
        if self._open and block.indent > self._open[-1].indent + 1 and not opening:
            return self._open[-1].opening
        self._left = self._open or self._left
        self._open = []
        self._opening = (opening,) if opening else ()
        return None

    def take(self, block: Block) -> Position:
        """Enter an item."""
        self._resume(block)
        current = self._list_of(block)
        current.count += 1
        current.last, current.last_marker = block.text, block.marker
        current.manner = current.manner or sentences.manner(block.text)
        return Position(depth=len(self._open) - 1, lead_ins=current.opening, around=current.label, number=current.count)

    def name(self, place: str) -> None:
        """Say what the item just taken is called, for the items under it."""
        self._open[-1].last_place = place

    def _resume(self, block: Block) -> None:
        if not self._open and self._left and not self._opening:
            for n in range(len(self._left), 0, -1):
                if numbering.is_number(block.marker) and numbering.follows(self._left[n - 1].last_marker, block.marker):
                    self._open = self._left[:n]
                    break
        self._left = []

    def _list_of(self, block: Block) -> _List:
        series = numbering.series(block.marker)
        if not self._open:
            self._open.append(_List(indent=block.indent, series=series, opening=self._opening, label=()))
            self._opening = ()
            return self._open[-1]
        while len(self._open) > 1 and self._open[-1].indent > block.indent:
            self._open.pop()
        top = self._open[-1]
        if block.indent > top.indent and len(self._open) < _MOST_NESTED:
            return self._under(top, block, series)
        top.indent = min(top.indent, block.indent)
        return self._beside(block, series)

    def _under(self, parent: _List, block: Block, series: str, *, by_manner: bool = False) -> _List:
        opening = parent.opening
        if sentences.opens_list(parent.last):
            opening = (*opening, sentences.last_sentence(parent.last))
        parent.last = ""  # it opens one list, not another after it
        self._open.append(
            _List(
                indent=block.indent,
                series=series,
                opening=opening,
                label=(*parent.label, parent.last_place),
                by_manner=by_manner,
            )
        )
        return self._open[-1]

    def _beside(self, block: Block, series: str) -> _List:
        """The list of an item that is indented as the last one was."""
        level = [n for n, each in enumerate(self._open) if each.indent == block.indent]
        same = [n for n in level if _goes_on(self._open[n], block, series)]
        top = self._open[-1]
        colon = sentences.end_mark(top.last) == ":"
        if not same or (same[-1] != len(self._open) - 1 and colon and top.series != series):
            if colon or (numbering.is_number(top.last_marker) and not numbering.is_decimal(block.marker)):
                return self._under(top, block, series)
            del self._open[(level or [0])[0] + 1 :]
            self._open[-1].series = series
            return self._open[-1]
        del self._open[same[-1] + 1 :]
        top = self._open[-1]
        if top.by_manner and not _keeps_manner(top, block):
            self._open.pop()
            top = self._open[-1]
        if colon and not numbering.is_number(block.marker) and not top.by_manner:
            return self._under(top, block, series, by_manner=True)
        return top


def _goes_on(each: _List, block: Block, series: str) -> bool:
    return each.series == series or numbering.follows(each.last_marker, block.marker)


def _keeps_manner(each: _List, block: Block) -> bool:
    """Whether an item goes on in the manner of a list that was opened by an item of the same indent."""
    if sentences.end_mark(block.text) == ":":
        return False
    if each.manner == "sentence":
        return not block.gap
    return sentences.manner(block.text) == each.manner
