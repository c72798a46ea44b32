"""What the cells of a PDF's tables hold: lists are told by the marks that open lines, paragraphs by the space between."""

from collections.abc import Sequence
from itertools import pairwise

from index import numbering, sentences
from index.documents import as_line
from index.readers.pdf_columns import Row, is_mark

_PARAGRAPH_SPACE = 1.3  # times the distance of a cell's lines
_DASHES = frozenset("-–—o")  # which sentences have too


def joined(lines: Sequence[Row]) -> str:
    """The text of a cell's lines; a word broken after a hyphen keeps it, for a cell's words are often compounds."""
    text = ""
    for row in lines:
        line = _said(row)
        text = text + line if text.endswith("-") and line[:1].islower() else f"{text} {line}" if text else line
    return text


def holds_blocks(lines: Sequence[Row]) -> bool:
    """Whether a cell's lines are a list, several paragraphs, or rows of a table in it."""
    if any(word.cells for row in lines for word in row):
        return True
    return len(lines) > 1 and (holds_list(lines) or _holds_paragraphs(lines))


def opens_with_bullet(lines: Sequence[Row]) -> bool:
    """Whether a cell's first line has a list mark that doesn't count."""
    return is_bullet(_marker(lines[0]))


def is_bullet(mark: str) -> bool:
    """Whether a mark is a list's and nothing else: it doesn't count, and no sentence has it."""
    return bool(mark) and mark not in _DASHES and not numbering.is_number(mark)


def holds_list(lines: Sequence[Row]) -> bool:
    """Whether there are two items, or one below what opens the list.

    Dashes and numbers are also a sentence's own: theirs is a list that the cell begins with, or that a colon opens.
    """
    marks = [(n, marker) for n, row in enumerate(lines) if (marker := _marker(row))]
    opened = {mark for n, mark in marks if n == 0 or sentences.end_mark(_said(lines[n - 1])) == ":"}
    bullets = [(n, mark) for n, mark in marks if not numbering.is_number(mark)]
    plain = [(n, mark) for n, mark in bullets if mark not in _DASHES or mark in opened]
    if plain and len(plain) + (plain[0][0] > 0) > 1:
        return True
    counted = [mark for _, mark in marks if numbering.is_number(mark)]
    return any(
        one in opened and numbering.follows(one, other) and (numbering.starts(one) or not one.isdecimal())
        for one, other in pairwise(counted)
    )


def _said(row: Row) -> str:
    return " ".join(word.text for word in row)


def _marker(row: Row) -> str:
    return as_line(_said(row), number=1).marker if len(row) > 1 and is_mark(row[0].text) else ""


def _holds_paragraphs(lines: Sequence[Row]) -> bool:
    """Whether there are two or more paragraphs of sentences: a name and what is below it are no paragraphs."""
    steps = [after[0].y - row[0].y for row, after in pairwise(lines)]
    usual = min(steps)
    paragraphs = [_said(lines[0])]
    for step, row in zip(steps, lines[1:], strict=True):
        if step > _PARAGRAPH_SPACE * usual:
            paragraphs.append("")
        paragraphs[-1] += f" {_said(row)}"
    return sum(map(sentences.is_sentence, paragraphs)) > 1
