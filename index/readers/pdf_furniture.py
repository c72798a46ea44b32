"""What a PDF prints again on page after page is left out: running heads and feet, and the pages' numbers.

They stand in the outermost rows at the same height, say the same, and count on with the pages if they count at all.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.readers.pdf_columns import Row

_OUTERMOST = 6  # rows from a page's top or foot that may be furniture
_ZONE = 0.25  # of the page's height in which they stand
_NEAR = 5.0  # points by which their height may differ
_FEW_PAGES = 6  # up to here two prints tell a running head, above three
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[\s|–—-]*(?:page\s*)?(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?[\s|–—-]*", re.IGNORECASE)
_ROMAN = re.compile(r"[ivxlc]+")


class _Print(NamedTuple):
    """A row near a page's edge. `height` is measured from the nearer edge."""

    page: int
    row: int
    text: str
    key: str
    height: float
    size: float
    numbers: tuple[int, ...]


def without_furniture(pages: Sequence[Sequence[Row]], heights: Sequence[float], body: float) -> list[list[Row]]:
    """The pages' rows without what is printed again. `body` is the size of the text's type.

    Text begins, and ends, at the outermost row that is no furniture, whatever the rows beyond it repeat. A head in
    words alone stays where it is first printed if that is the first page: it may be the document's title.
    """
    by_key: dict[tuple[str, str], list[_Print]] = defaultdict(list)
    for n, page in enumerate(pages):
        for zone, each in _near_edges(n, page, heights[n]):
            by_key[zone, each.key].append(each)
    found: dict[str, set[tuple[int, int]]] = {"head": set(), "foot": set()}
    for (zone, _), prints in by_key.items():
        found[zone] |= {(p.page, p.row) for p in prints if _is_page_number(p, body)}
    kept: set[int] = set()  # rows of the first page
    for (zone, key), prints in by_key.items():
        for level in _level_with_one_another(prints):
            if not _is_running(level, len(pages), key, body):
                continue
            found[zone] |= {(p.page, p.row) for p in level}
            if zone == "head" and level[0].page == 0 and "#" not in key and not _is_twice(pages[0], level[0]):
                kept.add(level[0].row)
    text = []
    for n, page in enumerate(pages):
        start = next((m for m in range(len(page)) if (n, m) not in found["head"]), len(page))
        end = next((m for m in range(len(page), start, -1) if (n, m - 1) not in found["foot"]), start)
        first = [page[m] for m in range(start) if m in kept] if n == 0 else []
        text.append(first + list(page[start:end]))
    return text


def _near_edges(n: int, page: Sequence[Row], height: float) -> Iterator[tuple[str, _Print]]:
    for m, row in enumerate(page):
        y = row[0].y
        if m < _OUTERMOST and y < _ZONE * height:
            yield "head", _print(n, m, row, y)
        if m >= len(page) - _OUTERMOST and y > (1 - _ZONE) * height:
            yield "foot", _print(n, m, row, height - y)


def _print(page: int, n: int, row: Row, height: float) -> _Print:
    text = " ".join(word.text for word in row)
    bare = text.strip(" -–—|.").casefold()
    if _ROMAN.fullmatch(bare) and len(row) <= 3:
        return _Print(page, n, text, "#", height, row[0].size, ())
    numbers = tuple(int(digits) for digits in _DIGITS.findall(text) if len(digits) < 9)
    size = max(word.size for word in row)
    return _Print(page, n, text, _DIGITS.sub("#", text).casefold(), height, size, numbers)


def _level_with_one_another(prints: Sequence[_Print]) -> Iterator[list[_Print]]:
    """The prints of one wording in groups that stand at one height, each in the pages' order."""
    left = sorted(prints, key=lambda p: p.height)
    while left:
        group = [p for p in left if p.height - left[0].height <= _NEAR]
        left = left[len(group) :]
        yield sorted(group, key=lambda p: p.page)


def _is_running(prints: Sequence[_Print], pages: int, key: str, body: float) -> bool:
    if len({p.page for p in prints}) < (2 if pages <= _FEW_PAGES else 3):
        return False
    if len({p.text for p in prints}) == 1:
        return True
    # "Appendix 1", "Appendix 2" at the tops of pages count too, but are set as headings.
    if max(p.size for p in prints) > 1.1 * body:
        return False
    steps = [{number - p.page for number in p.numbers} for p in prints]
    return key.strip(" -–—|.") == "#" or bool(set.intersection(*steps))


def _is_page_number(each: _Print, body: float) -> bool:
    """Whether a row is its own page's number, and nothing else."""
    number = _PAGE_NUMBER.fullmatch(each.text)
    return number is not None and int(number[1]) == each.page + 1 and each.size <= 1.1 * body


def _is_twice(page: Sequence[Row], head: _Print) -> bool:
    """Whether the first page says what its head says once more."""
    others = (" ".join(w.text for w in row).casefold() for m, row in enumerate(page) if m != head.row)
    return any(head.text.casefold() in other for other in others)
