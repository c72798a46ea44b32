"""How a table's rows are read, in whatever format: a row of short cells as a row, one with lists in it cell by cell.

A row whose cells hold lists or paragraphs is set apart: its first cell heads the others where that is a few words, and
where the columns have a head too, its titles go along, for "may" and "must not" stand nowhere else. Rows below it are
put under a heading of their own as well, or they would stand under that of the row above. There short cells make a row
with what heads them: by itself each would look like a title.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from index import sentences

_LABEL = 12  # words of a first cell that may head its row
_TITLE = 6  # words of a cell that may head a column


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What tells how a cell is read."""

    said: str  # its text in one line
    blocks: bool  # it holds a list, paragraphs, a table's rows, or a heading with what it heads
    bullet: bool = False  # it opens with one
    headed: bool = False  # it holds a heading
    bold: bool = False  # all of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row's filled cells by the column in which each begins, from 0."""

    cells: dict[int, Cell]
    marked: bool = False  # as one to be printed again on every page
    goes_on: bool = False  # its first cell is the one of the row above, which reaches down


class Step(NamedTuple):
    """What to put down next for a row: the row as it is, a heading, what stands in a cell, or a row of short cells."""

    heading: str = ""
    column: int = -1  # of the cell
    texts: tuple[str, ...] = ()  # of the row of short cells
    head: bool = False  # the row heads the columns


def steps(rows: Sequence[Row]) -> list[list[Step]]:
    """For each row what to put down, in order."""
    return list(_Table(rows).steps())


def is_parted(row: Row) -> bool:
    """Whether a row's cells hold more than a row can say."""
    return len(row.cells) + row.goes_on > 1 and any(cell.blocks for cell in row.cells.values())


@dataclass(slots=True)
class _Table:
    rows: Sequence[Row]
    head: int = field(init=False)  # the row that heads the columns, -1 for none
    titles: dict[int, str] = field(init=False)  # by column
    parted: bool = field(init=False)  # somewhere
    labelled: bool = field(init=False)  # the first column says whom or what a row is about
    heading: str = field(default="", init=False)  # the last that was put down, while it is in force

    def __post_init__(self) -> None:
        self.head = _head(self.rows)
        self.parted = any(map(is_parted, self.rows))
        self.labelled = not any(row.cells[0].blocks for row in self.rows if 0 in row.cells)
        titled = self.head if self.head >= 0 else _titles(self.rows, least=3 if self.labelled else 2)
        self.titles = {at: cell.said for at, cell in self.rows[titled].cells.items()} if titled >= 0 else {}

    def steps(self) -> Iterator[list[Step]]:
        above = ""  # the label of the row above
        for n, row in enumerate(self.rows):
            reached = row.goes_on or (bool(self.heading) and 0 not in row.cells)
            label, count = (above, 0) if reached else self._label(row)
            if self._is_apart(row, reached=reached):
                yield list(self._apart(row, label, list(row.cells)[count:]))
            elif len(row.cells) < 2:
                if any(cell.bold or cell.headed for cell in row.cells.values()):
                    self.heading = ""  # a title across the table ends what was headed above it
                yield [Step(column=column) for column in row.cells]
            else:
                yield [Step(head=n == self.head)]
            above = label

    def _is_apart(self, row: Row, *, reached: bool) -> bool:
        if len(row.cells) + reached < 2:
            return False
        return bool(self.heading) or is_parted(row) or (self.parted and any(map(_is_block, row.cells.values())))

    def _label(self, row: Row) -> tuple[str, int]:
        """What heads a row, and how many of its cells that is; a number alone goes with the next cell's words."""
        if not self.labelled or 0 not in row.cells or any(cell.headed for cell in row.cells.values()):
            return "", 0
        words: list[str] = []
        for count, cell in enumerate(row.cells.values(), 1):
            words += cell.said.split()
            if cell.blocks or count == len(row.cells) or len(words) > _LABEL:
                break
            if any(ch.isalpha() for word in words for ch in word):
                return " ".join(words), count
        return "", 0

    def _apart(self, row: Row, label: str, columns: Sequence[int]) -> Iterator[Step]:
        if (len(columns) > 1 or not self.labelled) and all(column in self.titles for column in columns):
            for column in columns:
                title = self.titles[column]
                yield from self._put(f"{label} | {title}" if label else title)
                yield (
                    Step(texts=(title, row.cells[column].said)) if _is_short(row.cells[column]) else Step(column=column)
                )
            return
        yield from self._put(label)
        short = [column for column in columns if label and not _is_block(row.cells[column])]
        if short:
            yield Step(texts=(label, *(row.cells[column].said for column in short)))
        yield from (Step(column=column) for column in columns if column not in short)

    def _put(self, heading: str) -> Iterator[Step]:
        if heading and heading != self.heading:
            self.heading = heading
            yield Step(heading=heading)


def _is_block(cell: Cell) -> bool:
    return cell.blocks or cell.bullet


def _is_short(cell: Cell) -> bool:
    """Whether a cell says so little that it would look like a title by itself."""
    return not _is_block(cell) and not sentences.is_sentence(cell.said)


# --- the head -------------------------------------------------------------------------------------------------------


def _head(rows: Sequence[Row]) -> int:
    """Which row heads the columns, and nothing else; -1 for none."""
    n = _top(rows)
    if n < 0:
        return -1
    after = rows[n + 1 :]
    stands_out = bool(after) and _is_bold(rows[n]) and not _is_bold(after[0])
    return n if rows[n].marked or stands_out or _names_columns(rows[n], after) else -1


def _top(rows: Sequence[Row]) -> int:
    """The first row, or the one below a title, where it may be a head; else -1."""
    n = next((n for n, row in enumerate(rows[:2]) if len(row.cells) > 1), -1)
    return -1 if n < 0 or is_parted(rows[n]) else n


def _titles(rows: Sequence[Row], *, least: int) -> int:
    """Which row seems to be the columns' head, where they are so many that a cell without its head says little."""
    n = _top(rows)
    if n < 0 or len(rows[n].cells) < max(least, *(len(row.cells) for row in rows)):
        return -1
    return n if all(map(_is_title, rows[n].cells.values())) else -1


def _is_bold(row: Row) -> bool:
    return all(cell.bold for cell in row.cells.values())


def _names_columns(row: Row, after: Sequence[Row]) -> bool:
    """Whether a row of titles stands above nothing but rows that hold lists."""
    rows = [each for each in after if len(each.cells) > 1]
    if not all(map(_is_title, row.cells.values())) or not all(map(is_parted, rows)):
        return False
    return len(rows) > 1 or any(all(cell.blocks for cell in each.cells.values()) for each in rows)


def _is_title(cell: Cell) -> bool:
    said = cell.said
    return len(said.split()) <= _TITLE and not sentences.is_ended(said) and not any(ch.isdigit() for ch in said)
