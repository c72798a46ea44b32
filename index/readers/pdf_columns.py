"""Words become rows, and rows come in reading order: columns one after the other, what stands across them between.

A column is told from a table's by its lines: prose fills its column's width, and a list's marks open lines in both.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.documents import as_line
from index.readers.pdf_words import Word

Row = list[Word]  # the words on one baseline, from left to right


class Flow(NamedTuple):
    """Rows that are read from top to bottom. `frame` names their column: "" across, "l26", "r26" beside a gap."""

    frame: str
    rows: list[Row]


_SAME_BASELINE = 0.5  # of the font size: a raised footnote mark is on its line, the next line is not
_WIDE = 0.9  # of the font size: a gap that may part columns; a justified line's spaces seldom reach it
_LEAST = 4  # lines beside each other that make two columns
_LIKE = 0.4  # of the longest gap's rows, for another to part columns too
_SAME_PLACE = 10.0  # points
_MARGIN = 0.12  # of the page's width, where no gap between columns is looked for
_FULL = 0.82  # of its column's width: a line of prose that goes on


@lru_cache(maxsize=4096)
def is_mark(text: str) -> bool:
    """Whether a word is a list mark or a heading's number."""
    return 0 < len(text) <= 8 and bool(as_line(f"{text} Xx", number=1).marker)


def rows(words: Sequence[Word]) -> list[Row]:
    """The words by their baselines, from the top."""
    found: list[Row] = []
    heads: list[Word] = []  # of each row the word in the largest type
    for word in sorted(words, key=lambda w: w.y):
        if found and word.y - heads[-1].y <= _SAME_BASELINE * max(word.size, heads[-1].size):
            found[-1].append(word)
            if word.size > heads[-1].size:
                heads[-1] = word
        else:
            found.append([word])
            heads.append(word)
    for row in found:
        row.sort(key=lambda w: w.x0)
    return found


def gutters(pages: Iterable[tuple[Sequence[Row], float]]) -> list[float]:
    """Where the gaps between columns lie on a document's pages, each given as its rows and its width in points."""
    places: list[tuple[float, int]] = []  # and along how many rows
    for page, width in pages:
        splits = list(_splits(page, width, ()))
        places += [
            (s.x, s.end - s.start) for s in splits if s.end - s.start >= _LIKE * (splits[0].end - splits[0].start)
        ]
    known: list[tuple[float, int]] = []
    for x, length in sorted(places):
        if known and x - known[-1][0] <= _SAME_PLACE:
            known[-1] = known[-1][0], known[-1][1] + length
        else:
            known.append((x, length))
    longest = max((length for _, length in known), default=0)
    return [x for x, length in known if length >= _LIKE * longest]


def flows(page: Sequence[Row], width: float, known: Sequence[float]) -> Iterator[Flow]:
    """A page's rows in reading order; `known` are the gaps between columns found anywhere in the document."""
    yield from _flows(list(page), width, tuple(known), "")


class _Split(NamedTuple):
    start: int
    end: int
    x: float


def _flows(page: list[Row], width: float, known: tuple[float, ...], frame: str) -> Iterator[Flow]:
    start = 0
    for split in sorted(_apart(_splits(page, width, known) if known else ())):
        if split.start > start:
            yield Flow(frame, page[start : split.start])
        beside = [word for row in page[split.start : split.end] for word in row]
        place = round(split.x / 12)
        left, right = _parted(known, split.x)
        yield from _flows(rows([w for w in beside if w.x0 < split.x]), width, left, f"{frame}l{place}")
        yield from _flows(rows([w for w in beside if w.x0 >= split.x]), width, right, f"{frame}r{place}")
        start = split.end
    if page[start:]:
        yield Flow(frame, page[start:])


def _apart(splits: Iterable[_Split]) -> Iterator[_Split]:
    """The splits that share no row with one before them."""
    taken: list[_Split] = []
    for split in splits:
        if all(split.end <= other.start or other.end <= split.start for other in taken):
            taken.append(split)
            yield split


def _parted(known: Sequence[float], x: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The known gaps left of one, and those right of it."""
    return tuple(k for k in known if k < x - _SAME_PLACE), tuple(k for k in known if k > x + _SAME_PLACE)


def _splits(page: Sequence[Row], width: float, known: Sequence[float]) -> Iterator[_Split]:
    """Runs of rows that a gap parts into columns, the longest first; at the known places, or wherever gaps say."""
    gaps = [gap for row in page for gap in _gaps(row) if _MARGIN * width < gap[1] < (1 - _MARGIN) * width]
    found = []
    for x in known or _shared(gaps):
        for start, end in _runs(page, x):
            if _is_columns(page[start:end], x, sure=bool(known)):
                found.append(_Split(start, end, x))
    yield from sorted(found, key=lambda s: (s.start - s.end, s.x))


def _gaps(row: Row) -> Iterator[tuple[float, float]]:
    """The wide gaps of a row, those after a list mark aside."""
    for n in range(1, 0 if is_spread(row) else len(row)):
        before, word = row[n - 1], row[n]
        if word.x0 - before.x1 >= _WIDE * word.size and not _opens(row, n - 1):
            yield before.x1, word.x0


def _shared(gaps: Sequence[tuple[float, float]]) -> Iterator[float]:
    """Where the most gaps lie above one another, then where the most of the others do, up to three places."""
    left = list(gaps)
    for _ in range(3):
        deepest, depth, best = 0, 0, 0.0
        for x, ends in sorted([(x0, False) for x0, _ in left] + [(x1, True) for _, x1 in left]):
            if ends and depth > deepest:
                deepest, best = depth, x - 1
            depth += -1 if ends else 1
        if deepest < 2:
            return
        yield best
        left = [gap for gap in left if not gap[0] < best < gap[1]]


def is_spread(row: Row) -> bool:
    """Whether a row is a justified line: all its spaces are wide, and alike."""
    start = 1 if is_mark(row[0].text) else 0
    spaces = sorted(b.x0 - a.x1 for a, b in zip(row[start:], row[start + 1 :], strict=False))
    return len(spaces) >= 2 and spaces[0] >= 0.75 * spaces[-1]


def _opens(row: Row, n: int) -> bool:
    """Whether a row's word is a list mark that opens the row, or its part after a wide gap."""
    return is_mark(row[n].text) and (n == 0 or row[n].x0 - row[n - 1].x1 >= _WIDE * row[n].size)


def _runs(page: Sequence[Row], x: float) -> Iterator[tuple[int, int]]:
    """The runs of rows through which a line down the page at x cuts no words."""
    start = 0
    for n in range(len(page) + 1):
        if n == len(page) or _crosses(page[n], x) or (n > start and _heads_across(page, n, x)):
            if n > start:
                yield start, n
            start = n + (n < len(page) and _crosses(page[n], x))


def _crosses(row: Row, x: float) -> bool:
    for n, word in enumerate(row):
        if word.x0 < x - 1 and word.x1 > x + 1:
            return True
        if n and row[n - 1].x1 <= x + 1 and word.x0 >= x - 1:
            return word.x0 - row[n - 1].x1 < _WIDE * word.size or _opens(row, n - 1)
    return False


def _heads_across(page: Sequence[Row], n: int, x: float) -> bool:
    """Whether a short row stands above both columns: alone at the left, in larger type, over lines on both sides."""
    if n + 1 >= len(page):
        return False
    row, after = page[n], page[n + 1]
    alone = row[-1].x1 < x and after[0].x0 < x < after[-1].x0
    return alone and row[0].size > 1.1 * after[0].size and abs(after[0].y - after[-1].y) < 1


def _is_columns(run: Sequence[Row], x: float, *, sure: bool) -> bool:
    left = rows([w for row in run for w in row if w.x0 < x])
    right = rows([w for row in run for w in row if w.x0 >= x])
    if not left or not right:
        return sure and bool(left) and _reaches(left, x)
    if min(left[-1][0].y, right[-1][0].y) <= max(left[0][0].y, right[0][0].y) and not sure:
        return False  # one stands below the other
    if sure:
        return _is_prose(left) or _is_prose(right) or _marks(left) + _marks(right) > 0
    if min(len(left), len(right)) < _LEAST:
        return False
    widths = [max(row[-1].x1 for row in side) - min(row[0].x0 for row in side) for side in (left, right)]
    if min(widths) < 0.4 * max(widths):
        return False
    return (_is_prose(left) and _is_prose(right)) or min(_marks(left), _marks(right)) >= 2


def _reaches(side: Sequence[Row], x: float) -> bool:
    """Whether rows that stand left of a gap alone are its column's: a good part of them ends near it."""
    start = min(row[0].x0 for row in side)
    near = sum(row[-1].x1 > start + 0.75 * (x - start) for row in side)
    return len(side) >= 3 and near >= 0.4 * len(side)


def _is_prose(side: Sequence[Row]) -> bool:
    left = min(row[0].x0 for row in side)
    right = max(row[-1].x1 for row in side)
    full = sum(row[-1].x1 >= left + _FULL * (right - left) and len(row) > 2 for row in side)
    return full >= max(2, 0.35 * len(side))


def _marks(side: Sequence[Row]) -> int:
    return sum(len(row) > 1 and is_mark(row[0].text) for row in side)
