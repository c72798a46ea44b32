"""Lines become blocks: broken lines joined, page numbers and running heads dropped, each item and row by itself.

Every rule is about how documents are laid out (marks, numbers, indents, gaps, letter case, line lengths), never about
what one school's policy says. Text is never joined across something that was dropped: a block stands in the document
word for word.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from index import numbering, sentences
from index.documents import Document, Line, as_line

Kind = Literal["text", "item", "row"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A stretch of a document that stands together, its lines joined with single spaces."""

    kind: Kind
    text: str
    line: int
    marker: str = ""
    indent: int = 0
    level: int = 0
    bold: bool = False
    gap: bool = False  # a blank line, a page break or something dropped stands before it
    dropped: bool = False  # something was dropped before it, so that it must not be joined to what went before
    cells: tuple[str, ...] = ()
    columns: bool = False  # a table's head: the row above a divider

    @property
    def whole(self) -> str:
        """The text with its mark, as it is printed."""
        return f"{self.marker} {self.text}" if self.marker else self.text

    @property
    def words(self) -> int:
        return len(self.text.split())


def blocks(document: Document) -> list[Block]:
    """The document's blocks in order. Takes time in proportion to its length."""
    shown = _lone_marks_joined(_without_furniture(document.lines))
    return _rejoined(_blocks(shown, _wrap_width(shown)))


# --- page furniture -------------------------------------------------------------------------------------------------

_PAGE_NUMBER = re.compile(
    r"[\s|–—-]*(?:page|p\.)?[\s|]*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?[\s|]*(?:page)?[\s|–—-]*", re.IGNORECASE
)
_PAGE_OF = re.compile(r"\bpage\s*\|?\s*#", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_MASTHEAD = 12  # lines at the front whose repetition is a running head
_DROPPED = Line(number=0, raw="…")


def _without_furniture(lines: Sequence[Line]) -> list[Line]:
    """The lines, with a stand-in where a page number or a running head or foot was."""
    keys = [_running_key(line) for line in lines]
    printed = [n for n, line in enumerate(lines) if line.text]
    running = _running_heads(lines, keys, printed)
    masthead = {keys[n] for n in printed[:_MASTHEAD]}
    seen: set[str] = set()
    kept = []
    for line, key in zip(lines, keys, strict=True):
        first_print = key in masthead and key not in seen and not _PAGE_OF.search(key)
        seen.add(key)
        drop = _is_page_number(line) or (key in running and not first_print)
        kept.append(replace(_DROPPED, number=line.number, page=line.page) if drop else line)
    return kept


def _running_key(line: Line) -> str:
    """What a running head's prints have in common; nothing for a line that can't be one."""
    if line.marker and not line.marker.isdecimal():
        return ""
    if not line.text or len(line.text) > 120 or (sentences.is_ended(line.text) and not line.cells):
        return ""
    return _DIGITS.sub("#", line.whole).casefold()


def _is_page_number(line: Line) -> bool:
    return len(line.raw) <= 24 and line.level == 0 and bool(line.text) and bool(_PAGE_NUMBER.fullmatch(line.raw))


def _running_heads(lines: Sequence[Line], keys: list[str], printed: list[int]) -> set[str]:
    """The keys of lines that stand on page after page: with a page number, like the masthead, or between sentences."""
    times = Counter(keys[n] for n in printed)
    exact = Counter(lines[n].whole for n in printed if keys[n])
    masthead = {keys[n] for n in printed[:_MASTHEAD]}
    between: Counter[str] = Counter()
    for before, n, after in zip([None, *printed], printed, [*printed[1:], None], strict=False):
        if keys[n] and times[keys[n]] >= 3 and _interrupts(lines, before, n, after):
            between[keys[n]] += 1
    running = set()
    for key, count in times.items():
        if not key or count < 2:
            continue
        if _PAGE_OF.search(key) or (count >= 3 and 2 * between[key] > count):
            running.add(key)
    running |= {keys[n] for n in printed if keys[n] in masthead and exact[lines[n].whole] >= 3 and not lines[n].marker}
    return running


def _interrupts(lines: Sequence[Line], before: int | None, n: int, after: int | None) -> bool:
    """Whether a line stands where a page turns: beside a page number or form feed, or in mid-sentence."""
    if before is None or after is None or lines[n].level:
        return False
    if _is_page_number(lines[before]) or _is_page_number(lines[after]):
        return True
    if lines[before].page != lines[n].page or lines[n].page != lines[after].page:
        return True
    return not sentences.is_ended(lines[before].text) and sentences.starts_small(lines[after].whole)


# --- lines to blocks ------------------------------------------------------------------------------------------------


def _lone_marks_joined(lines: Iterable[Line]) -> list[Line]:
    """The lines, with a list mark that stands on a line of its own given to the line after it."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        plain = line.text and not line.marker and not line.cells and line.raw[0] != ">"  # whose mark is not the text's
        if last is not None and plain and _is_lone_mark(last):
            joined[-1] = replace(line, number=last.number, marker=last.text, indent=last.indent)
        else:
            joined.append(line)
    return joined


def _is_lone_mark(line: Line) -> bool:
    return 0 < len(line.text) <= 6 and bool(as_line(f"{line.text} Xx", number=1).marker) and not line.level


def _wrap_width(lines: Sequence[Line]) -> int:
    """The length at which the document breaks its lines, 0 where a line is a paragraph.

    Told by lines that go on with a small letter on the next line, which nothing but a full line does.
    """
    lengths = sorted(
        len(line.raw)
        for line, after in pairwise(lines)
        if len(line.raw) >= 40
        and line.text
        and after.text
        and not (after.marker or after.level or after.cells or line.level or line.cells)
        and sentences.starts_small(after.text)
    )
    return lengths[9 * len(lengths) // 10] if lengths else 0


def _blocks(lines: Sequence[Line], wrap: int) -> list[Block]:
    found: list[Block] = []
    parts: list[str] = []  # of the last block found; joined once, so that a long paragraph takes linear time
    gap, dropped = True, False
    last: Line | None = None

    def close() -> None:
        if found:
            found[-1] = replace(found[-1], text=" ".join(parts))

    for n, line in enumerate(lines):
        after = lines[n + 1] if n + 1 < len(lines) else None
        if line.rule and found and not gap and last is not None:
            _underline(found, line, single=len(parts) == 1)
        if not line.text or not any(ch.isalnum() for ch in line.text):
            gap, dropped, last = True, dropped or not line.is_gap, None
        elif last is not None and _goes_on(found[-1], last, line, after, wrap):
            parts.append(line.whole)
            last = line
        else:
            close()
            # The mark of a quoted line is dropped too.
            found.append(_block(line, gap=gap, dropped=dropped or line.raw[:1] == ">"))
            parts = [line.text]
            gap, dropped, last = False, False, line
    close()
    return found


def _underline(found: list[Block], rule: Line, *, single: bool) -> None:
    """Make a heading of what stands above a rule of === or ---, or a head of a table's row above its divider."""
    above = found[-1]
    if above.kind == "row" and rule.rule == "|":
        found[-1] = replace(above, columns=True)
    elif (
        above.kind != "row" and rule.rule in "=-" and single and above.words <= 15 and not above.marker.startswith("-")
    ):
        found[-1] = replace(above, level=above.level or (1 if rule.rule == "=" else 2))


def _block(line: Line, *, gap: bool, dropped: bool) -> Block:
    kind: Kind = "row" if line.cells else "item" if line.marker else "text"
    return Block(
        kind=kind,
        text=line.text,
        line=line.number,
        marker=line.marker,
        indent=line.indent,
        level=line.level,
        bold=line.bold,
        gap=gap,
        dropped=dropped,
        cells=line.cells,
    )


def _goes_on(block: Block, last: Line, line: Line, after: Line | None, wrap: int) -> bool:
    """Whether a line is the rest of the block whose last line is `last`, with no gap between them."""
    if line.level or block.level or line.cells or block.kind == "row" or line.bold != last.bold or line.raw[0] == ">":
        return False
    full = 0.72 * wrap <= len(last.raw) <= 1.4 * wrap
    if line.marker:
        return full and _is_no_mark(block, last, line, after)
    if sentences.starts_small(line.text):
        return full or not (sentences.end_mark(last.text) == ":" and len(last.raw) < 60)
    if sentences.is_left_hanging(last.text) and sentences.end_mark(last.text) != ":":
        return True
    if block.kind == "item" and line.indent >= block.indent + 2 and line.indent > 2:
        return full or not sentences.is_ended(last.text)
    # A line that ends a sentence may end a paragraph too, unless it is as long as lines get.
    return full and (not sentences.is_ended(last.text) or (wrap >= 55 and len(last.raw) >= 0.85 * wrap))


def _is_no_mark(block: Block, last: Line, line: Line, after: Line | None) -> bool:
    """Whether what looks like a list mark is a dash or a number of the sentence that the line before left open."""
    if sentences.is_ended(last.text) or line.marker == block.marker:
        return False
    if numbering.is_number(line.marker):
        before = numbering.values(block.marker) if block.marker else set()
        return not any(value == 1 or value - 1 in before for value in numbering.values(line.marker))
    return line.marker in "-–—o*+" and block.kind == "text" and (after is None or after.marker != line.marker)


# --- paragraphs broken by a page ------------------------------------------------------------------------------------


def _rejoined(found: Sequence[Block]) -> list[Block]:
    """The blocks, with those joined that a page break (nothing but blank lines) parted in mid-sentence."""
    whole: list[Block] = []
    parts: list[str] = []
    for n, block in enumerate(found):
        after = found[n + 1] if n + 1 < len(found) else None
        if whole and _is_rest(whole[-1], parts, block, after):
            parts.append(block.text)
            continue
        if whole:
            whole[-1] = replace(whole[-1], text=" ".join(parts))
        whole.append(block)
        parts = [block.text]
    if whole:
        whole[-1] = replace(whole[-1], text=" ".join(parts))
    return whole


def _is_rest(before: Block, parts: list[str], block: Block, after: Block | None) -> bool:
    last = parts[-1]
    if block.kind != "text" or not block.gap or block.dropped or before.kind == "row" or sentences.is_ended(last):
        return False
    if block.level or before.level or block.bold or before.bold:
        return False
    long = len(parts) > 1 or before.kind == "item" or len(last.split()) >= 6
    if sentences.starts_small(block.text) or sentences.is_left_hanging(last):
        return long
    # A numbered item goes on with a capital where its own list then goes on: "…the National / Teacher's Standards."
    return (
        before.kind == "item"
        and after is not None
        and after.kind == "item"
        and numbering.follows(before.marker, after.marker)
        and (len(last.split()) >= 8 or sentences.has_verb(last))
        and block.words <= 12
        and sentences.is_ended(block.text)
    )


# --- what is printed together ---------------------------------------------------------------------------------------

_MOST_BETWEEN = 200  # characters of space and marks of emphasis
_MOST_LINES = 200  # of one number, to look through for the one that begins a text
_EMPHASIS = re.compile(r"[*_#`]")


def read_on(document: Document, texts: Sequence[tuple[int, str]]) -> list[bool]:
    """Of texts with the number of the line that each begins on: whether the document reads straight on into it from the
    one before. Then both stand there as one stretch, word for word: no heading, page foot or other column between them.
    """
    lines, numbers = document.lines, [line.number for line in document.lines]
    rows: list[int] = []
    for number, text in texts:
        # A web page may have all of its lines on one of the file, so the one that begins the text is looked for.
        first = max(bisect_left(numbers, number), rows[-1] + 1 if rows else 0)
        near = range(first, min(first + _MOST_LINES, len(lines)))
        rows.append(next((n for n in near if lines[n].text and _begins(lines[n], text)), min(first, len(lines) - 1)))
    found = [False] * len(texts)
    for n, (row, (_, before), (_, text)) in enumerate(zip(rows, texts, texts[1:], strict=False), 1):
        wanted = _bare(f"{before} {text}")
        printed, size = [], 0
        while row < len(lines) and size <= 2 * len(wanted) + _MOST_BETWEEN:
            printed.append(lines[row].raw)
            size += len(lines[row].raw) + 1
            row += 1
        # From its beginning: the same two may stand together elsewhere too.
        found[n] = _bare(" ".join(printed)).startswith(wanted)
    return found


def _begins(line: Line, text: str) -> bool:
    return _bare(text).startswith(_bare(line.whole)) or _bare(line.whole).startswith(_bare(text))


def _bare(text: str) -> str:
    """Text as compared: without marks of emphasis, with single spaces."""
    return " ".join(_EMPHASIS.sub("", text).split())
