"""The ruled tables of a PDF, by the lines that are drawn."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.readers.pdf_cells import holds_blocks, joined, opens_with_bullet
from index.readers.pdf_columns import rows
from index.readers.pdf_words import Cell, Page, Rule, Table, TableRow, Word

_NEAR = 3.0  # points within which two drawn lines meet
_MOST_RULES = 4000
_LEAST_HEIGHT = 5.0  # of a ruled row
_FEW_BANDS = 2  # between rules: a head and all the rest
_CLOSE = 2.0  # font sizes from one line of a cell to the next
_ROW_SPACE = 1.3  # times the distance of lines: the space before a row


def with_rows(pages: Sequence[Page]) -> list[list[Word]]:
    """Each page's words, with each row of a ruled table that has two filled cells or more as one word with `cells`.

    So is a row with one filled cell where the table has lists and that cell isn't the first: it goes on from above.
    """
    found = []
    before: _Ruled | None = None  # the last table of the page before
    for page in pages:
        words, last = page.words, None
        grids = sorted(_grids(page.across, page.down), key=_area)  # a table in a cell before the one around it
        top = min((grid.ys[0] for grid in grids), default=0.0)
        for grid in grids:
            goes_on = before is not None and grid.ys[0] == top and _is_in_line(before.grid, grid)
            ruled = before._replace(grid=grid) if before is not None and goes_on else _Ruled(grid, Table(), False)
            words, ruled = _ruled(ruled, words)
            if last is None or grid.ys[-1] >= last.grid.ys[-1]:
                last = ruled
        before = last
        found.append(words)
    return found


class _Grid(NamedTuple):
    xs: list[float]
    ys: list[float]
    down: list[Rule]
    across: list[Rule]


class _Ruled(NamedTuple):
    grid: _Grid
    table: Table
    listed: bool  # it has lists, here or on a page before


def _area(grid: _Grid) -> float:
    return (grid.xs[-1] - grid.xs[0]) * (grid.ys[-1] - grid.ys[0])


def _is_in_line(one: _Grid, other: _Grid) -> bool:
    """Whether two grids have the same columns."""
    return len(one.xs) == len(other.xs) and all(abs(a - b) <= _NEAR for a, b in zip(one.xs, other.xs, strict=True))


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
        xs = distinct([r.x0 for r in standing] + [r.x0 for r in met] + [r.x1 for r in met])
        ys = distinct([r.y0 for r in met] + [r.y0 for r in standing] + [r.y1 for r in standing])
        if len(xs) > 2 and len(ys) > 1:
            yield _Grid(xs, ys, standing, met)


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


def distinct(places: Sequence[float]) -> list[float]:
    """Places in order, those nearly the same as one."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > 2 * _NEAR:
            kept.append(place)
    return kept


def _ruled(ruled: _Ruled, words: Sequence[Word]) -> tuple[list[Word], _Ruled]:
    """The words, with those of the grid gathered into rows; a row with one filled cell stays as it is printed."""
    grid = ruled.grid
    bands, kept = _bands(grid, words)
    reached = _lifted(grid, bands)
    few = sum(map(bool, bands)) <= _FEW_BANDS
    parts: list[tuple[list[Word], list[Cell], bool, float]] = []
    for n, band in enumerate(bands[:-1]):
        top, bottom = grid.ys[n], grid.ys[n + 1]
        spaced = _spaced(band) if few else [band]
        for part in spaced:
            cells = _cells(grid, part, (top + bottom) / 2) if bottom - top >= _LEAST_HEIGHT else []
            parts.append((part, cells, reached[n], max(w.y for w in part) if len(spaced) > 1 else bottom))
    lines = [rows(cell.words) for _, cells, _, _ in parts for cell in cells]
    listed = ruled.listed or any(holds_blocks(each) or opens_with_bullet(each) for each in lines)
    for part, cells, goes_on, end in parts:
        if len(cells) > 1 or (listed and cells and cells[0].column > 0):
            kept.append(row_word(TableRow(ruled.table, tuple(cells), goes_on), grid.xs[0], grid.xs[-1], end))
        else:
            kept += part
    return kept, ruled._replace(listed=listed)


def _bands(grid: _Grid, words: Sequence[Word]) -> tuple[list[list[Word]], list[Word]]:
    """The words between each of a grid's lines across and the next, and those outside the grid."""
    inside: list[list[Word]] = [[] for _ in grid.ys]
    outside = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, word.y - 0.3 * word.size
        if grid.xs[0] <= x <= grid.xs[-1] and grid.ys[0] <= y < grid.ys[-1]:
            inside[bisect_right(grid.ys, y) - 1].append(word)
        else:
            outside.append(word)
    return inside, outside


def _lifted(grid: _Grid, bands: list[list[Word]]) -> list[bool]:
    """Whether each band's first cell is the one of the band above; what stands in it is moved up to where it begins."""
    middle = (grid.xs[0] + grid.xs[1]) / 2
    ruled = {bisect_right(grid.ys, r.y0 + 2 * _NEAR) - 1 for r in grid.across if r.x0 <= middle <= r.x1}
    reached = [False] * len(bands)
    start = 0
    for n in range(1, len(bands)):
        if n < len(bands) - 1 and n not in ruled:
            continue
        firsts = [[w for w in band if _is_first(grid, w)] for band in bands[start:n]]
        if 0 < sum(map(bool, firsts)) < len(firsts) and _is_close([w for first in firsts for w in first]):
            for m in range(start, n):
                bands[m] = [w for w in bands[m] if not _is_first(grid, w)]
                reached[m] = m > start
            bands[start] += [w for first in firsts for w in first]
        start = n
    return reached


def _is_first(grid: _Grid, word: Word) -> bool:
    return (word.x0 + word.x1) / 2 < grid.xs[1]


def _is_close(words: Sequence[Word]) -> bool:
    """Whether words stand in lines straight below one another."""
    return all(b[0].y - a[0].y <= _CLOSE * max(a[0].size, b[0].size) for a, b in pairwise(rows(words)))


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


def _cells(grid: _Grid, band: Sequence[Word], middle: float) -> list[Cell]:
    """The filled cells of a row; a rule that stops above or below it parts nothing in it."""
    bounds = distinct([r.x0 for r in grid.down if r.y0 - _NEAR <= middle <= r.y1 + _NEAR])
    parts: list[list[Word]] = [[] for _ in range(len(bounds) + 1)]
    for word in band:
        parts[bisect_right(bounds, (word.x0 + word.x1) / 2)].append(word)
    cells: list[Cell] = []
    for part, (x0, x1) in zip(parts, pairwise([grid.xs[0], *bounds, grid.xs[-1]]), strict=True):
        if part:
            column = bisect_right(grid.xs, x0 + _NEAR) - 1
            cells.append(Cell(max(column, cells[-1].column + 1 if cells else 0), x0, x1, tuple(part)))
    return cells


def row_word(row: TableRow, left: float, right: float, end: float) -> Word:
    """A row as one word, from `left` to `right` and down to `end`."""
    words = [word for cell in row.cells for word in cell.words]
    texts = tuple(joined(rows(cell.words)) for cell in row.cells)
    first = min(words, key=lambda w: w.y)
    return Word(" ".join(texts), left, right, first.y, first.size, all(w.bold for w in words), texts, end, row)
