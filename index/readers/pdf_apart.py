"""The rows of a PDF's tables that hold lists or paragraphs become the lines of their cells, cell by cell.

A row that a page breaks is one row again first: what stands in its cells on the next page goes on from what is above.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from index.readers import table_rows
from index.readers.pdf_cells import holds_blocks, joined, opens_with_bullet
from index.readers.pdf_columns import Row, rows
from index.readers.pdf_lines import Measure, Printed, is_larger, printed
from index.readers.pdf_words import Word

_MOST_PADDING = 12.0  # points between a cell's side and its text


class _Cell(NamedTuple):
    x0: float
    x1: float
    lines: list[tuple[int, Row]]  # each with its page, one below the other also where the page turns


class _Row(NamedTuple):
    """A table's row, or a line that stands in the table across its columns."""

    line: Printed
    cells: dict[int, _Cell]
    goes_on: bool = False


def set_apart(lines: Sequence[Printed], measure: Measure) -> list[Printed]:
    """The lines, with those of tables that hold lists read cell by cell; other tables stay as they are."""
    flow = count(max((line.flow for line in lines), default=0) + 1)
    kept: list[Printed] = []
    done = 0
    for start, end in _tables(lines):
        kept += lines[done:start]
        whole = _whole(lines[start:end], measure)
        read = [_facts(row, measure) for row in whole]
        if any(map(table_rows.is_parted, read)):
            kept += _Apart(whole, flow).lines(read)
        else:
            kept += _Apart([_row(line) for line in lines[start:end]], flow).as_printed()
        done = end
    return [*kept, *lines[done:]]


def _tables(lines: Sequence[Printed]) -> list[tuple[int, int]]:
    """Where each table's lines begin and end; where text stands between what two pages have of it, it is two."""
    found: list[tuple[int, int]] = []
    last: Printed | None = None  # row
    for n, line in enumerate(lines):
        if line.row is None:
            continue
        same = last is not None and last.row is not None and last.row.table is line.row.table
        if same and last is not None and (last.page == line.page or found[-1][1] == n):
            found[-1] = found[-1][0], n + 1
        else:
            found.append((n, n + 1))
        last = line
    return found


# --- rows over pages ------------------------------------------------------------------------------------------------


def _whole(lines: Sequence[Printed], measure: Measure) -> list[_Row]:
    """A table's rows, without its head printed again on other pages, and those joined that a page breaks."""
    found: list[_Row] = []
    head = lines[0]
    for before, line in zip([None, *lines], lines, strict=False):
        turned = before is not None and before.page < line.page
        if turned and line.row is not None and line.cells == head.cells:
            continue
        row = _row(line)
        last = found[-1] if found else None
        if last is not None and last.cells and row.cells and 0 not in row.cells and _turns(last, row):
            found[-1] = last._replace(cells=_on(last.cells, row.cells, measure))
        else:
            found.append(row)
    return found


def _row(line: Printed) -> _Row:
    if line.row is None:
        return _Row(line, {})
    cells = {
        cell.column: _Cell(
            cell.x0, cell.x1, [(line.page, each) for each in rows([w._replace(row=None) for w in cell.words])]
        )
        for cell in line.row.cells
    }
    return _Row(line, cells, line.row.goes_on)


def _turns(last: _Row, row: _Row) -> bool:
    """Whether a page turns between two rows."""
    return max(cell.lines[-1][0] for cell in last.cells.values()) < row.line.page


def _on(cells: dict[int, _Cell], rest: dict[int, _Cell], measure: Measure) -> dict[int, _Cell]:
    """A row's cells with what stands in them on the next page moved up below what stands in them on this."""
    whole = dict(cells)
    for column, cell in rest.items():
        above = whole.get(column, cell._replace(lines=[]))
        if above.lines:
            last, first = above.lines[-1][1][0], cell.lines[0][1][0]
            shift = last.y + measure.leading * max(last.size, first.size) - first.y
            moved = [(page, [_lowered(word, shift) for word in row]) for page, row in cell.lines]
        else:
            moved = cell.lines
        whole[column] = above._replace(lines=[*above.lines, *moved])
    return dict(sorted(whole.items()))


def _lowered(word: Word, shift: float) -> Word:
    return word._replace(y=word.y + shift, bottom=word.bottom + shift if word.bottom else 0.0)


# --- cell by cell ---------------------------------------------------------------------------------------------------


def _facts(row: _Row, measure: Measure) -> table_rows.Row:
    cells = {column: _cell_facts([line for _, line in cell.lines]) for column, cell in row.cells.items()}
    if not cells:
        line = row.line
        cells[0] = table_rows.Cell(said=line.text, blocks=False, headed=is_larger(line, measure), bold=line.bold)
    return table_rows.Row(cells=cells, goes_on=row.goes_on)


def _cell_facts(lines: Sequence[Row]) -> table_rows.Cell:
    return table_rows.Cell(
        said=joined(lines),
        blocks=holds_blocks(lines),
        bullet=opens_with_bullet(lines),
        bold=all(word.bold for row in lines for word in row),
    )


class _Apart:
    """Puts down a table's rows as lines, the pages never turning back."""

    def __init__(self, table: Sequence[_Row], flow: "count[int]") -> None:
        self._table, self._flow = table, flow
        self._page = 0
        self._left: dict[int, float] = {}  # by column, where its text begins
        self._padding = _MOST_PADDING
        for row in table:
            for column, cell in row.cells.items():
                left = min(line[0].x0 for _, line in cell.lines)
                self._left[column] = min(left, self._left.get(column, left))
                self._padding = max(0.0, min(self._padding, left - cell.x0))

    def lines(self, read: Sequence[table_rows.Row]) -> Iterator[Printed]:
        for row, steps in zip(self._table, table_rows.steps(read), strict=True):
            self._page = max(self._page, row.line.page)
            for step in steps:
                if not row.cells:
                    yield row.line
                elif step.heading:
                    yield self._alone(row.line, step.heading)._replace(bold=True, heads=True)
                elif step.column >= 0:
                    yield from self._in_cell(row, step.column)
                elif step.texts:
                    line = self._alone(row.line, " ".join(step.texts))
                    yield line._replace(bold=False, cells=step.texts, ruled=step.head)
                else:
                    texts = tuple(joined([line for _, line in cell.lines]) for cell in row.cells.values())
                    yield row.line._replace(text=" ".join(texts), page=self._page, cells=texts, ruled=step.head)

    def as_printed(self) -> Iterator[Printed]:
        """The rows as they are, each that has one filled cell as the lines of that cell."""
        for row in self._table:
            if len(row.cells) == 1:
                for line in self._in_cell(row, *row.cells):
                    yield line._replace(fresh=False, final=False)
            else:
                yield row.line

    def _alone(self, line: Printed, text: str) -> Printed:
        """A line of the table's own, which stands at its left edge."""
        return line._replace(
            text=text, page=self._page, flow=next(self._flow), left=line.x0, marker="", cells=(), fresh=True, final=True
        )

    def _in_cell(self, row: _Row, column: int) -> Iterator[Printed]:
        cell, flow = row.cells[column], next(self._flow)
        end = max(line[-1].x1 for _, line in cell.lines)
        edges = self._left[column], max(end, cell.x1 - self._padding), float("inf")
        for n, (page, line) in enumerate(cell.lines):
            self._page = max(self._page, page)
            last = n == len(cell.lines) - 1
            read = printed(line, self._page, flow, edges)
            yield read._replace(fresh=n == 0, final=read.final or last)
