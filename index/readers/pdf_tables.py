"""The tables of a PDF: ruled ones by the lines drawn, others by what stands in line below one another."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.readers.pdf_columns import Row, is_mark, is_spread, rows
from index.readers.pdf_words import Page, Rule, Word

_NEAR = 3.0  # points within which two drawn lines meet, or two words stand in line
_MOST_RULES = 4000
_LEAST_HEIGHT = 5.0  # of a ruled row
_FEW_BANDS = 2  # between rules: a head and all the rest
_ROW_SPACE = 1.3  # times the distance of lines: the space before a row


def with_rows(page: Page) -> list[Word]:
    """A page's words, with each row of a ruled table that has two filled cells or more as one word with `cells`."""
    words = page.words
    for grid in _grids(page.across, page.down):
        words = _ruled(grid, words)
    return words


class _Grid(NamedTuple):
    xs: list[float]
    ys: list[float]
    down: list[Rule]


def _grids(across: Sequence[Rule], down: Sequence[Rule]) -> Iterator[_Grid]:
    """Where rules meet and part two columns or more; a drawing of very many rules is no table."""
    if max(len(across), len(down)) > _MOST_RULES:
        return
    flat = _merged([Rule(r.y0, r.x0, r.y1, r.x1) for r in across])
    lines = [Rule(r.y0, r.x0, r.y1, r.x1) for r in flat]
    uprights = _merged(down)
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for rule in uprights:
        met = [
            r for r in lines if r.x0 - _NEAR <= rule.x0 <= r.x1 + _NEAR and rule.y0 - _NEAR <= r.y0 <= rule.y1 + _NEAR
        ]
        joined = [g for g in groups if any(r in g[0] for r in met) or any(_touch(rule, r) for r in g[1])]
        one = ([*met], [rule])
        for group in joined:
            groups.remove(group)
            one = ([*one[0], *group[0]], [*one[1], *group[1]])
        groups.append(one)
    for met, standing in groups:
        if not met:
            continue
        xs = _apart([r.x0 for r in standing] + [r.x0 for r in met] + [r.x1 for r in met])
        ys = _apart([r.y0 for r in met] + [r.y0 for r in standing] + [r.y1 for r in standing])
        if len(xs) > 2 and len(ys) > 1:
            yield _Grid(xs, ys, standing)


def _touch(one: Rule, other: Rule) -> bool:
    return abs(one.x0 - other.x0) <= _NEAR and one.y0 <= other.y1 + _NEAR and other.y0 <= one.y1 + _NEAR


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Rules down the page with those joined that go on from one another: each cell may have drawn its own."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.x0 / 2), r.y0)):
        last = joined[-1] if joined else None
        if last is not None and abs(last.x0 - rule.x0) <= 2 and rule.y0 <= last.y1 + _NEAR:
            joined[-1] = last._replace(y1=max(last.y1, rule.y1))
        else:
            joined.append(rule)
    return joined


def _apart(places: Sequence[float]) -> list[float]:
    """Places in order, those nearly the same as one."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > 2 * _NEAR:
            kept.append(place)
    return kept


def _ruled(grid: _Grid, words: Sequence[Word]) -> list[Word]:
    """The words, with those of the grid gathered into rows; a row with one filled cell stays as it is printed."""
    inside: list[list[Word]] = [[] for _ in grid.ys]
    kept = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, word.y - 0.3 * word.size
        if grid.xs[0] <= x <= grid.xs[-1] and grid.ys[0] <= y < grid.ys[-1] and not word.cells:
            inside[bisect_right(grid.ys, y) - 1].append(word)
        else:
            kept.append(word)
    filled = sum(bool(band) for band in inside)
    for n, band in enumerate(inside[:-1]):
        top, bottom = grid.ys[n], grid.ys[n + 1]
        parts = _spaced(band) if filled <= _FEW_BANDS else [band]
        for part in parts:
            cells = _cells(grid, part, (top + bottom) / 2) if bottom - top >= _LEAST_HEIGHT else ()
            if len(cells) < 2:
                kept += part
                continue
            first = min(part, key=lambda w: w.y)
            bold, end = all(w.bold for w in part), max(w.y for w in part) if len(parts) > 1 else bottom
            kept.append(Word(" ".join(cells), grid.xs[0], grid.xs[-1], first.y, first.size, bold, cells, end))
    return kept


def _spaced(band: Sequence[Word]) -> list[list[Word]]:
    """The rows of a table that is ruled below its head alone: each begins in the first column, after a wider space."""
    found = rows(band)
    steps = [b[0].y - a[0].y for a, b in pairwise(found)]
    left = min((row[0].x0 for row in found), default=0.0)
    parts: list[list[Word]] = []
    for n, row in enumerate(found):
        if n == 0 or (steps[n - 1] > _ROW_SPACE * min(steps) and row[0].x0 < left + _NEAR):
            parts.append([])
        parts[-1] += row
    return parts


def _cells(grid: _Grid, band: Sequence[Word], middle: float) -> tuple[str, ...]:
    """The filled cells of a row; a rule that stops above or below it parts nothing in it."""
    bounds = _apart([r.x0 for r in grid.down if r.y0 - _NEAR <= middle <= r.y1 + _NEAR])
    parts: list[list[Word]] = [[] for _ in range(len(bounds) + 1)]
    for word in band:
        parts[bisect_right(bounds, (word.x0 + word.x1) / 2)].append(word)
    return tuple(joined(rows(part)) for part in parts if part)


def joined(lines: Sequence[Row]) -> str:
    """The text of a cell's lines; a word broken after a hyphen keeps it, for a cell's words are often compounds."""
    text = ""
    for row in lines:
        line = " ".join(w.text for w in row)
        text = text + line if text.endswith("-") and line[:1].islower() else f"{text} {line}" if text else line
    return text


# --- tables without rules -------------------------------------------------------------------------------------------

_CELL_GAP = 1.6  # of the font size
_JUSTIFIED = 1.5  # points within which justified lines end
_SPACE = 0.4  # wider than a space between words
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
        marked = marked and is_mark(word.text)
    return parts


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
    table, in_line = [list(cut[n])], 1
    for row, parts in zip(flow[n + 1 :], cut[n + 1 :], strict=True):
        step = (row[0].y - table[-1][0][0].y) / row[0].size
        if step > 3.5 * leading or _is_to_a_page(parts) or not all(_is_at(x, columns) for x in _starts(parts)):
            break
        parts = _at_columns(row, columns)
        wraps = row[-1].x1 < columns[0] - 0.4 * row[0].size and step <= 1.2 * leading
        if len(parts) < 2 and not _is_at(row[0].x0, columns) and not (wraps and in_line > 1):
            break
        in_line += len(parts) > 1
        table.append(parts)
    if in_line > 1:
        return table
    widest = max(after[0].x0 - part[-1].x1 for part, after in pairwise(table[0]))
    return table[:1] if widest >= _LONE_GAP * table[0][0][0].size else []


def _is_at(x: float, columns: Sequence[float]) -> bool:
    return any(abs(x - column) <= _NEAR for column in columns)


def _at_columns(row: Row, columns: Sequence[float]) -> list[Row]:
    """A row's parts where columns are known: a gap wider than a space is enough to part them."""
    parts: list[Row] = [[row[0]]]
    for before, word in pairwise(row):
        if _is_at(word.x0, columns) and word.x0 - before.x1 > _SPACE * word.size:
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def _is_to_a_page(parts: Sequence[Row]) -> bool:
    """Whether a row is a line of a table of contents: a title, and at the right a page number."""
    return len(parts) == 2 and len(parts[1]) == 1 and parts[1][0].text.isdigit()


def _rows_of(cut: Sequence[Sequence[Row]]) -> Iterator[Word]:
    """The rows of an unruled table; a line that goes on in a cell is joined to it."""
    columns = _apart([x for parts in cut for x in _starts(parts)])
    left = min(parts[0][0].x0 for parts in cut)
    steps = [b[0][0].y - a[0][0].y for a, b in pairwise(cut)]
    spaced = bool(steps) and max(steps) > _ROW_SPACE * min(steps)
    cells: list[list[Row]] = []
    for n, parts in enumerate(cut):
        opens = parts[0][0].x0 < columns[0] - _NEAR
        if n == 0 or (steps[n - 1] > 1.15 * min(steps) if spaced else opens):
            if n:
                yield _row_word(cells, left)
            cells = [[] for _ in range(len(columns) + 1)]
        for part in parts:
            cells[bisect_right(columns, part[0].x0 + _NEAR)].append(part)
    yield _row_word(cells, left)


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
