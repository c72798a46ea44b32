"""A document's lines become blocks: headings, paragraphs, list items and table rows, broken lines joined.

Every rule here is about how documents are laid out (marks, numbers, indents, gaps, letter case, closing
punctuation), never about what one school's policy says.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index import dates
from index.documents import Document, Line

Kind = Literal["heading", "paragraph", "item", "row"]

_ENDED = re.compile(r"[.:;?!][\"'”’)\]*]*-?$")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?|-\s*\d{1,3}\s*-", re.I)
_LETTERED = re.compile(r"\(?([A-Za-z]|[ivxIVX]+)[.)]")
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|will|must|should|shall|can|cannot|may|might|has|have|had|do(?!['’])|does|did|need|needs|"
    r"applies|includes|include|ensure|agree|contact|ask|follow|keep|read|report|tell)\b",
    re.I,
)
_SHORT, _TITLE_WORDS = 40, 14  # characters; words


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A stretch of a document that stands together, its lines joined with single spaces."""

    kind: Kind
    text: str
    line: int
    raw: str = ""
    marker: str = ""
    indent: int = 0
    level: int = 0
    bold: bool = False
    gap: bool = False  # a blank line, a page break or something dropped stands before it
    alone: bool = False  # what stands before it was dropped, so it must not be joined to what went before
    cells: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def ended(self) -> bool:
        return bool(_ENDED.search(self.text))


def blocks(document: Document) -> list[Block]:
    """The document's blocks in order, with headings told from text."""
    return _headings(_joined(_raw_blocks(document)))


def _raw_blocks(document: Document) -> list[Block]:
    """A block a line; page numbers and running heads dropped."""
    plain = Counter(line.text for line in document.lines if line.text and not line.marker and not line.level)
    running = {
        text for text, times in plain.items() if times >= 3 and len(text.split()) <= 12 and not _ENDED.search(text)
    }
    found: list[Block] = []
    shown: set[str] = set()  # the first print of a running head may be the title itself
    gap, alone = True, False
    for line in document.lines:
        if re.fullmatch(r"={3,}|-{3,}", line.raw) and found and not gap and found[-1].kind == "paragraph":
            # Underlined with === or ---: a heading of the first or second level.
            found[-1] = replace(found[-1], level=1 if line.raw[0] == "=" else 2)
        elif not line.text:
            gap = True
        elif _PAGE_NUMBER.fullmatch(line.text) or line.text in shown or _is_motto(line.text):
            gap = alone = True
        else:
            found.append(_block(line, gap=gap, alone=alone))
            gap = alone = False
            if line.text in running:
                shown.add(line.text)
    return found


def _is_motto(text: str) -> bool:
    """Whether a line is a motto: a few words in quotation marks with no sentence in them."""
    return text[0] in "'\"“‘" and text.rstrip(".")[-1] in "'\"”’" and len(text.split()) <= 8


def _block(line: Line, *, gap: bool, alone: bool) -> Block:
    kind: Kind = "row" if line.cells else "item" if line.marker and not line.level else "paragraph"
    return Block(
        kind=kind,
        text=line.text if not line.cells else (" | " if line.raw.startswith("|") else " ").join(line.cells),
        line=line.number,
        raw=line.raw,
        marker=line.marker,
        indent=line.indent,
        level=line.level,
        bold=line.bold,
        gap=gap,
        alone=alone,
        cells=line.cells,
    )


def _joined(found: Sequence[Block]) -> list[Block]:
    """Blocks with the lines of a broken paragraph or item put together again."""
    wrapped = max((len(b.raw) for b in found), default=0) <= 160
    whole: list[Block] = []
    parts: list[str] = []
    for n, block in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else None
        last = replace(whole[-1], text=parts[-1]) if whole else None
        if last and _continues(last, block, following, found[n - 1].raw, so_far=sum(map(len, parts)), wrapped=wrapped):
            parts.append(block.text)
            continue
        if whole:
            whole[-1] = replace(whole[-1], text=" ".join(parts))
        whole.append(block)
        parts = [block.text]
    if whole:
        whole[-1] = replace(whole[-1], text=" ".join(parts))
    return whole


def _continues(
    before: Block, block: Block, following: Block | None, line_before: str, *, so_far: int, wrapped: bool
) -> bool:
    """Whether `block` is the rest of `before`, whose last line reads `before.text`; `so_far` characters in all."""
    if block.kind != "paragraph" or before.kind == "row" or block.level or before.level or block.alone:
        return False
    if block.bold or before.bold:
        return not block.gap and block.bold and before.bold and before.kind == "paragraph" and block.text[0].islower()
    lower = block.text[0].islower()
    if block.gap:
        if before.ended:
            return False
        # A page break in mid-sentence. A list item may go on with a capital where its own list then goes on.
        return (lower and so_far > _SHORT) or (
            before.kind == "item"
            and so_far > _SHORT
            and bool(_FINITE.search(before.text))
            and _number(before.marker) is not None
            and following is not None
            and _number(following.marker) == (_number(before.marker) or 0) + 1
            and block.ended
        )
    if lower or before.text.endswith((",", "-", "–", "(")):
        return True
    if before.kind == "item" and block.indent > before.indent:
        return True
    if len(line_before) <= _SHORT:
        return False
    return not before.ended or wrapped


def _number(marker: str) -> int | None:
    """The number of a plain numbered mark ("3.", "(3)", "3"); None for other marks."""
    digits = marker.strip("().")
    return int(digits) if digits.isdecimal() else None


def _headings(found: list[Block]) -> list[Block]:
    """The blocks with those that head others made headings."""
    marked = list(found)
    body = next((n for n, b in enumerate(found) if b.words >= 25 or b.kind == "item"), len(found))
    for n, block in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else None
        before = marked[n - 1] if n else None
        if (n >= body or block.level or not is_detail(block)) and _is_heading(block, before, following):
            marked[n] = replace(block, kind="heading", text=_numbered(block))
        elif block.kind == "item" and block.marker.isdecimal():
            # A sentence that begins with a number is no list item.
            marked[n] = replace(block, kind="paragraph", text=_numbered(block), marker="")
        elif block.kind == "item":
            marked[n] = replace(block, text=_numbered(block))
    return marked


def _numbered(block: Block) -> str:
    """The text with its printed number or letter, which people cite; a bullet says nothing."""
    return block.text if not block.marker or _is_bullet(block.marker) else f"{block.marker} {block.text}"


def _is_heading(block: Block, before: Block | None, following: Block | None) -> bool:
    if block.kind == "row" or not any(ch.isalpha() for ch in block.text):
        return False
    if block.level:
        return True
    if following is None:
        return False
    if block.kind == "item":
        return (
            _is_numbered_heading(block, before, following)
            if not _is_bullet(block.marker)
            else _is_role(block, following)
        )
    if block.bold:
        return block.words <= _TITLE_WORDS and not re.search(r"[.;,]$", block.text)
    return _is_plain_heading(block, before, following)


def _is_role(block: Block, following: Block) -> bool:
    """A bullet that names who its nested bullets are for: all in bold, with no sentence in it."""
    return block.bold and block.words <= 8 and not block.ended and following.kind == "item"


def _is_bullet(marker: str) -> bool:
    return not any(ch.isdigit() for ch in marker) and not _LETTERED.fullmatch(marker)


def is_detail(block: Block) -> bool:
    """Whether a line is a detail as documents open with: "Label: value", or a few words with a date."""
    label, colon, value = block.text.partition(":")
    labelled = bool(colon and value.strip()) and len(label.split()) <= 8 and block.words <= 20
    return block.kind == "paragraph" and (labelled or bool(dates.find(block.text) and block.words <= 12))


def _is_numbered_heading(block: Block, before: Block | None, following: Block) -> bool:
    sentence = bool(_FINITE.search(block.text)) or block.words > _TITLE_WORDS or block.text[0].islower()
    if block.bold:
        return block.words <= _TITLE_WORDS
    if block.text.isupper():
        return True
    if re.match(r"\d+\.\d", block.marker):
        return not (sentence and block.text.endswith(".")) and block.words <= _TITLE_WORDS and block.text[0].isupper()
    if block.marker.isdecimal():
        return block.words <= 8 and not block.ended and not sentence
    siblings = {_series(b.marker) for b in (before, following) if b is not None and b.kind == "item"}
    if _series(block.marker) in siblings or (before and before.kind == "item" and _follows(before, block)):
        return False
    return (
        block.words <= _TITLE_WORDS
        and block.gap
        and (following.gap or following.kind == "item")
        and following.kind != "row"
    )


def _follows(before: Block, block: Block) -> bool:
    first, second = _number(before.marker), _number(block.marker)
    return first is not None and second == first + 1


def _series(marker: str) -> str:
    """What kind of mark a list goes on with: numbers, letters, or the mark itself."""
    if _number(marker) is not None:
        return "number" + marker.replace(str(_number(marker)), "")
    return "letter" + marker[0::2] if _LETTERED.fullmatch(marker) else marker


def _is_plain_heading(block: Block, before: Block | None, following: Block) -> bool:
    """A short line of its own that no sentence ends, with something under it."""
    text = block.text
    if not (block.gap or block.line == 1 or block.text.isupper()) or not (
        text[0].isupper() or text[0] in "'\"“‘" or text[0].isdigit()
    ):
        return False
    if text[0] in "'\"“‘(" or (": " in text and following.words < 8):
        return False
    if block.words > _TITLE_WORDS or len(text) > 110 or re.search(r"[;,!]$", text):
        return False
    if text.isupper():
        return True
    if text.endswith("."):
        under_heading = before is not None and before.kind == "heading"
        plain = block.words <= 7 and not _FINITE.search(text) and not under_heading
        return plain and following.gap and following.kind == "paragraph"
    if text.endswith(":") or text.endswith(":-"):
        # Before a list it opens the list; before text it is a heading.
        return following.kind != "item" and block.words <= 8
    if following.kind == "item" and _FINITE.search(text):
        return False
    return following.gap or following.kind == "item" or len(block.raw) <= _SHORT
