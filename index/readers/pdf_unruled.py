"""The tables of a PDF that are drawn without rules, by what stands in line below one another."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.readers.pdf_cells import holds_list, is_bullet, joined
from index.readers.pdf_columns import Row, is_mark, is_spread, rows
from index.readers.pdf_tables import distinct, row_word
from index.readers.pdf_words import Cell, Table, TableRow, Word

_NEAR = 3.0  # points within which two words stand in line
_ROW_SPACE = 1.3  # times the distance of lines: the space before a row
_CELL_GAP = 1.6  # of the font size
_JUSTIFIED = 1.5  # points within which justified lines end
_SPACE = 0.4  # wider than a space between words
_WRAP = 2.0  # font sizes from a cell's line to the next
_LONE_GAP = 3.0  # … where nothing in line above or below says that it parts cells


def segments(row: Row) -> list[Row]:
    """A row's parts between wide gaps; a list mark stays with what it marks."""
    if is_spread(row):
        return [row]
    parts: list[Row] = [[row[0]]]
    marked = is_mark(row[0].text)
    for before, word in pairwise(row):
        if word.x0 - before.x1 > _CELL_GAP * max(word.size, before.size) and not marked:
            parts.append([word])
        else:
            parts[-1].append(word)
        marked = (marked and is_mark(word.text)) or (len(parts[-1]) == 1 and _is_bullet(word))
    return parts


def _is_bullet(word: Word) -> bool:
    return is_mark(word.text) and is_bullet(word.text)


def aligned(flow: Sequence[Row], leading: float) -> list[Row]:
    """A flow's rows, with those of unruled tables as one word with `cells`. `leading` is in font sizes."""
    edge = max((row[-1].x1 for row in flow), default=0.0)
    at_edge = [row[-1].x1 > edge - _JUSTIFIED for row in flow]
    justified = 3 * sum(at_edge) > len(flow)
    cut = [[row] if justified and full else segments(row) for row, full in zip(flow, at_edge, strict=True)]
    kept: list[Row] = []
    n = 0
    while n < len(flow):
        table = _table_from(flow, cut, n, leading)
        kept += [[word] for word in _rows_of(table)] if table else [flow[n]]
        n += len(table) or 1
    return kept


def _starts(parts: Sequence[Row]) -> list[float]:
    return [part[0].x0 for part in parts[1:]]


def _table_from(flow: Sequence[Row], cut: Sequence[Sequence[Row]], n: int, leading: float) -> list[list[Row]]:
    """The lines of the table that begins at row n, each in its parts; none where no table does."""
    if len(cut[n]) < 2 or _is_to_a_page(cut[n]):
        return []
    columns = _starts(cut[n])
    table, in_line, hangs = [list(cut[n])], 1, _hangs(cut[n])
    items = len(hangs)
    for row, parts in zip(flow[n + 1 :], cut[n + 1 :], strict=True):
        step = (row[0].y - table[-1][0][0].y) / row[0].size
        places = [*columns, *hangs]
        if step > 3.5 * leading or _is_to_a_page(parts) or not all(_is_at(x, places) for x in _starts(parts)):
            break
        parts = _at_columns(row, columns, hangs)
        wraps = row[-1].x1 < columns[0] - 0.4 * row[0].size and step <= 1.2 * leading
        if len(parts) < 2 and not _is_at(row[0].x0, places) and not (wraps and in_line > 1):
            break
        in_line += len(parts) > 1
        table.append(parts)
        begun = _hangs(parts if _is_at(row[0].x0, columns) else parts[1:])
        items += len(begun)
        hangs += [x for x in begun if not _is_at(x, hangs)]
    widest = max(after[0].x0 - part[-1].x1 for part, after in pairwise(table[0]))
    if in_line > 1 or items > 1:
        return table
    return table[:1] if widest >= _LONE_GAP * table[0][0][0].size else []


def _is_at(x: float, columns: Sequence[float]) -> bool:
    return any(abs(x - column) <= _NEAR for column in columns)


def _hangs(parts: Sequence[Row]) -> list[float]:
    """Where the texts of a row's bullets begin: their next lines begin there."""
    return [part[1].x0 for part in parts if len(part) > 1 and _is_bullet(part[0])]


def _at_columns(row: Row, columns: Sequence[float], hangs: Sequence[float]) -> list[Row]:
    """A row's parts where columns are known: a gap wider than a space is enough to part them."""
    parts: list[Row] = [[row[0]]]
    for before, word in pairwise(row):
        begins = _is_at(word.x0, columns) or (_is_at(word.x0, hangs) and not _is_bullet(before))
        if begins and word.x0 - before.x1 > _SPACE * word.size:
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def _is_to_a_page(parts: Sequence[Row]) -> bool:
    """Whether a row is a line of a table of contents: a title, and at the right a page number."""
    return len(parts) == 2 and len(parts[1]) == 1 and parts[1][0].text.isdigit()


def _rows_of(cut: Sequence[Sequence[Row]]) -> Iterator[Word]:
    """The rows of an unruled table; a line that goes on in a cell is joined to it."""
    columns = distinct([x for parts in cut for x in _starts(parts) if _is_at(x, _starts(cut[0]))])
    left = min(parts[0][0].x0 for parts in cut)
    found = _cells(cut, columns)
    whole = _with_lists(found, columns[0])
    if not any(holds_list(rows([w for part in cell for w in part])) for cells in whole for cell in cells[1:] if cell):
        yield from (_row_word(cells, left) for cells in found)
        return
    table = Table()
    ends = [max((part[-1].x1 for cells in whole for part in cells[n]), default=left) for n in range(len(columns) + 1)]
    sides = list(zip([left, *columns], ends, strict=True))
    for cells in whole:
        if any(cells[1:]):
            yield _listed(table, cells, sides)
        else:
            yield _row_word(cells, left)


def _cells(cut: Sequence[Sequence[Row]], columns: Sequence[float]) -> list[list[list[Row]]]:
    """The lines of a table's cells, row by row."""
    steps = [b[0][0].y - a[0][0].y for a, b in pairwise(cut)]
    spaced = bool(steps) and max(steps) > _ROW_SPACE * min(steps)
    found: list[list[list[Row]]] = []
    for n, parts in enumerate(cut):
        opens = parts[0][0].x0 < columns[0] - _NEAR
        if n == 0 or (steps[n - 1] > 1.15 * min(steps) if spaced else opens):
            found.append([[] for _ in range(len(columns) + 1)])
        for part in parts:
            found[-1][bisect_right(columns, part[0].x0 + _NEAR)].append(part)
    return found


def _with_lists(found: Sequence[Sequence[list[Row]]], edge: float) -> list[list[list[Row]]]:
    """A table's rows where those that say nothing in the first cell, or go on there, are one with the row above."""
    whole: list[list[list[Row]]] = []
    for cells in found:
        if whole and (not cells[0] or _wraps(whole[-1][0], cells[0][0], edge)):
            for above, rest in zip(whole[-1], cells, strict=True):
                above += rest
        else:
            whole.append([list(cell) for cell in cells])
    return whole


def _wraps(label: Sequence[Row], line: Row, edge: float) -> bool:
    """Whether a first cell's line goes on in another: that one's first word had no room in it."""
    if not label or line[0].y - label[-1][0].y > _WRAP * line[0].size:
        return False
    return label[-1][-1].x1 + line[0].x1 - line[0].x0 > edge - _CELL_GAP * line[0].size


def _listed(table: Table, cells: Sequence[Sequence[Row]], sides: Sequence[tuple[float, float]]) -> Word:
    filled = [Cell(n, *sides[n], tuple(word for part in cell for word in part)) for n, cell in enumerate(cells) if cell]
    words = [word for cell in filled for word in cell.words]
    end, right = max(w.y for w in words), max(w.x1 for w in words)
    return row_word(TableRow(table, tuple(filled)), sides[0][0], right, end)


def _row_word(cells: Sequence[Sequence[Row]], left: float) -> Word:
    words = [w for cell in cells for part in cell for w in part]
    texts = tuple(joined(cell) for cell in cells if cell)
    first, last = min(words, key=lambda w: w.y), max(words, key=lambda w: w.y)
    return Word(
        " ".join(texts),
        left,
        max(w.x1 for w in words),
        first.y,
        first.size,
        all(w.bold for w in words),
        texts if len(texts) > 1 else (),
        last.y,
    )
