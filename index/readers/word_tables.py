"""A Word table's rows become parts: a row of short cells one line, a row with lists in its cells the lists themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index import numbering, sentences
from index.documents import Line
from index.readers import table_rows
from index.readers.word_parts import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A table's row: the parts of each cell that prints something, by the column in which the cell begins, from 0."""

    cells: dict[int, list[Part]]
    marked: bool = False  # to be printed again on every page
    goes_on: bool = False  # its first cell is the one of the row above, which reaches down


def table_parts(rows: Sequence[Row]) -> list[Part]:
    """The parts of a table, with a rule below the row that heads its columns."""
    read = [
        table_rows.Row(
            cells={column: _cell(parts) for column, parts in row.cells.items()}, marked=row.marked, goes_on=row.goes_on
        )
        for row in rows
    ]
    return [
        part
        for row, steps in zip(rows, table_rows.steps(read), strict=True)
        for step in steps
        for part in _put(row, step)
    ]


def _put(row: Row, step: table_rows.Step) -> Iterator[Part]:
    page = next(line.page for parts in row.cells.values() for line in _lines(parts))
    if step.heading:
        yield Part(line=Line(number=0, page=page))
        yield Part(line=Line(number=0, text=step.heading, raw=step.heading, page=page, bold=True))
    elif step.column >= 0:
        yield Part(line=Line(number=0, page=page))
        yield from row.cells[step.column]
    else:
        texts = step.texts or tuple(map(_said, row.cells.values()))
        joined = " | ".join(texts)
        yield Part(line=Line(number=0, text=joined, raw=f"| {joined} |", page=page, cells=texts))
        if step.head:
            yield Part(line=Line(number=0, raw="|---|", page=page, rule="|"))


def _cell(parts: Sequence[Part]) -> table_rows.Cell:
    lines = _lines(parts)
    return table_rows.Cell(
        said=_said(parts),
        blocks=_holds_blocks(parts),
        bullet=bool(lines[0].marker) and not numbering.is_number(lines[0].marker),
        headed=any(line.level for line in lines),
        bold=all(line.bold for line in lines),
    )


def _lines(parts: Sequence[Part]) -> list[Line]:
    return [part.line for part in parts if part.line.text]


def _said(parts: Sequence[Part]) -> str:
    return " ".join(" ".join(line.cells) or line.whole for line in _lines(parts))


def _holds_blocks(parts: Sequence[Part]) -> bool:
    """Whether a cell holds a list, several paragraphs, a table's rows, or a heading with what it heads."""
    lines = _lines(parts)
    if any(line.raw.startswith("| ") and line.cells for line in lines):
        return True
    return len(lines) > 1 and (any(line.level for line in lines) or _holds_list(parts) or _holds_paragraphs(parts))


def _holds_list(parts: Sequence[Part]) -> bool:
    """Whether there are items; a typed number is one's where the next is there too: "12 High Street" is an address."""
    marked = [part for part in parts if part.line.marker]
    counts = (numbering.follows(one.line.marker, other.line.marker) for one, other in pairwise(marked))
    return any(part.is_counted or not numbering.is_number(part.line.marker) for part in marked) or any(counts)


def _holds_paragraphs(parts: Sequence[Part]) -> bool:
    """Whether there are two or more paragraphs of sentences: a name and what is below it are no paragraphs."""
    paragraphs: list[list[str]] = []
    for part in parts:
        if part.line.text:
            if not part.goes_on or not paragraphs:
                paragraphs.append([])
            paragraphs[-1].append(part.line.whole)
    return sum(sentences.is_sentence(" ".join(texts)) for texts in paragraphs) > 1
