"""Which blocks are headings, and which heading stands under which.

Documents say it in many ways: by markup, by numbers ("4.2"), by capitals or bold, or only by a short line that no
sentence ends, with something under it. Numbers outrank markup, markup outranks letter case.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index import numbering, sentences
from index.layout import Block

_MOST_NESTED = 3  # headings of one style, each right under the one before
_MOST_WORDS, _MOST_CHARACTERS = 14, 110
_STANDS_ALONE = re.compile(
    r"(?:appendix|annexe?|schedule|part|section)(?:\s(?:[A-Z]{1,3}|\d{1,3}|one|two|three|four|five|six)\b|[\s:–-]*$)|appendices\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"@|www\.|https?:|\d{5}|\d{3} \d{3}")


def styles(found: Sequence[Block]) -> list[str]:
    """For each block how it is a heading: "markup", "number", "label", "bold", "caps", "plain"; "" for none."""
    judge = _Judge(found)
    chosen = [judge.style(n) for n in range(len(found))]
    return _without_runs(chosen)


def _without_runs(chosen: list[str]) -> list[str]:
    """Four plain short lines in a row are a list that has lost its marks, not headings; the last may head what follows."""
    start = 0
    for n in range(len(chosen) + 1):
        if n < len(chosen) and chosen[n] == "plain":
            continue
        if n - start >= 4:
            chosen[start : n - 1] = [""] * (n - 1 - start)
        start = n + 1
    return chosen


class _Judge:
    """Judges blocks in order; a number is read in the light of the numbers before it."""

    def __init__(self, found: Sequence[Block]) -> None:
        self._found = found
        self._heads: dict[str, str] = {}  # series -> the last number that headed something
        self._items: dict[str, str] = {}  # series -> the last number that marked an item since the last heading
        self._last = ""  # the style of the block before
        self._colons_head = any(
            block.kind == "text" and self._heads_by_colon(block) and after.kind == "text" and after.words >= 8
            for block, after in pairwise(found)
        )

    def style(self, n: int) -> str:
        block = self._found[n]
        self._last = self._style(n, block)
        if self._last:
            self._items = {}
        if block.marker:
            (self._heads if self._last else self._items)[numbering.series(block.marker)] = block.marker
        return self._last

    def _style(self, n: int, block: Block) -> str:
        if block.kind == "row" or not any(ch.isalpha() for ch in block.text):
            return ""
        if block.level:
            return "markup" if block.words <= 40 else ""
        after = self._found[n + 1] if n + 1 < len(self._found) else None
        if after is None or block.words > _MOST_WORDS or len(block.text) > _MOST_CHARACTERS:
            return ""
        if block.kind == "item":
            return self._item_style(block, after)
        return self._text_style(block, after)

    def _item_style(self, block: Block, after: Block) -> str:
        if numbering.is_number(block.marker):
            return "number" if self._is_numbered(block, after) else ""
        # A bullet that names who its own bullets are for: all in bold, no sentence in it.
        plain = sentences.end_mark(block.text) in ("", ":") and not sentences.has_verb(block.text)
        return "label" if block.bold and plain and after.kind != "row" and block.words <= 10 else ""

    def _text_style(self, block: Block, after: Block) -> str:
        mark = sentences.end_mark(block.text)
        if mark in (";", ",", "!", "…") or is_dated(block.text):
            return ""
        if sentences.is_in_quotation_marks(block.text) or _CONTACT.search(block.text):
            return ""
        titled = mark != "." or (block.words <= 8 and not sentences.has_verb(block.text))
        if block.bold and titled:
            return (
                "bold" if not (mark == ":" and after.kind == "item" and sentences.is_left_hanging(block.text)) else ""
            )
        if block.text.isupper() and titled and sum(ch.isalpha() for ch in block.text) > 2:
            return "caps"
        return "plain" if self._is_plain(block, after, mark) else ""

    def _is_plain(self, block: Block, after: Block, mark: str) -> bool:
        first = block.text[0]
        if mark == "?":
            return first.isupper() and after.kind != "row"
        if not (first.isupper() or first.isdigit()) or sentences.has_verb(block.text):
            return False
        if ": " in block.text and after.kind == "text" and after.words < 8 and not _STANDS_ALONE.match(block.text):
            return False  # a label and its value
        if mark == ".":
            return block.words <= 8 and not self._last and after.kind == "text" and after.words >= 8 and block.gap
        if mark == ":":
            if after.kind == "item":
                return self._colons_head and block.words <= 6 and self._heads_by_colon(block)
            return self._heads_by_colon(block)
        if sentences.is_left_hanging(block.text):
            return False
        return not (sentences.points_at_something(block.text) and after.kind == "item")

    @staticmethod
    def _heads_by_colon(block: Block) -> bool:
        text = block.text
        return (
            block.words <= 8
            and sentences.end_mark(text) == ":"
            and text[0].isupper()
            and not sentences.has_verb(text)
            and not sentences.points_at_something(text)
            and not sentences.is_left_hanging(text)
        )

    def _is_numbered(self, block: Block, after: Block) -> bool:
        marker, mark = block.marker, sentences.end_mark(block.text)
        if sentences.starts_small(block.text) or mark in (";", ",", "!"):
            return False
        if block.bold or block.text.isupper():
            return True
        if marker.startswith("(") or marker.strip("().").islower():
            return False
        series = numbering.series(marker)
        goes_on = numbering.follows(self._heads.get(series, ""), marker)
        if numbering.follows(self._items.get(series, ""), marker):
            return False
        if numbering.follows(marker, after.marker) and (not goes_on or not after.gap):
            return False  # nothing of its own stands under it
        if sentences.has_verb(block.text) and (mark or not (goes_on or numbering.is_long(marker))):
            return False  # "3.4 Staff must not …": a numbered clause
        if numbering.is_long(marker) or marker.isdecimal():
            return mark != "." or (block.words <= 8 and numbering.is_long(marker))
        # "3. …": its own line, or a number that goes on from the headings before.
        return (block.gap or self._last != "" or goes_on) and (mark != "." or (block.gap and after.gap))


_LABELLED_DATE = re.compile(
    r"\b(?:date|dated|review|reviewed|ratified|approved|adopted|agreed|updated|written|issued|version|due)\b",
    re.IGNORECASE,
)


def is_dated(text: str) -> bool:
    """Whether a short line says when a policy was written or is due: "Reviewed January 2025"."""
    return bool(_LABELLED_DATE.search(text)) and bool(re.search(r"\b(?:19|20)\d\d\b|\d/\d", text)) and len(text) < 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading as printed, number included, and what tells how high it stands."""

    text: str
    style: str
    level: int = 0
    depth: int = 0  # of its number: 1 for "4.", 2 for "4.2"; 0 without one

    @property
    def stands_alone(self) -> bool:
        """Whether it opens a part of the document that belongs to no other: "Appendix 2"."""
        return not self.depth and bool(_STANDS_ALONE.match(self.text))


@dataclass(slots=True)
class Outline:
    """The headings above the place that the reading has reached, outermost first."""

    nests: frozenset[tuple[str, str]]  # which style stands straight under which, somewhere in the document
    counted: bool  # numbers 1, 2, 3 … run through the whole document
    above: list[Heading] = field(default_factory=list)
    fresh: bool = False  # nothing stands between the last heading and here

    @classmethod
    def of(cls, found: Sequence[Block], chosen: Sequence[str]) -> "Outline":
        numbers = [
            int(block.marker.strip("().:§ "))
            for block, style in zip(found, chosen, strict=True)
            if style in ("number", "markup") and block.marker.strip("().:§ ").isdecimal()
        ]
        return cls(
            nests=frozenset((outer, inner) for outer, inner in pairwise(chosen) if outer and inner),
            counted=len(numbers) >= 2 and numbers == sorted(set(numbers)),
        )

    def enter(self, block: Block, style: str) -> None:
        heading = Heading(
            text=block.whole if numbering.is_number(block.marker) else block.text,
            style=style,
            level=block.level,
            depth=numbering.depth(block.marker),
        )
        del self.above[self._place(heading) :]
        self.above.append(heading)
        self.fresh = True

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(heading.text for heading in self.above)

    def _place(self, heading: Heading) -> int:
        """How many of the headings above stay above a new one."""
        if heading.stands_alone:
            first = next((n for n, h in enumerate(self.above) if h.level and h.level < heading.level), -1)
            return first + 1 if heading.level else 0
        if heading.depth:
            return self._place_of_number(heading)
        if heading.level:
            return self._first(lambda h: (h.level or 7) >= heading.level)
        return self._place_of_style(heading)

    def _place_of_number(self, heading: Heading) -> int:
        equal = self._first(lambda h: h.depth >= heading.depth)
        if equal < len(self.above) or any(h.depth for h in self.above):
            return equal
        if heading.level:
            return self._first(lambda h: h.level >= heading.level)
        return 0 if self.counted and heading.depth == 1 else len(self.above)

    def _place_of_style(self, heading: Heading) -> int:
        """Without number or markup: beside the nearest of the same style, under it when nothing stands between.

        Of two styles one is below the other only where the document puts it straight under the other: capitals over
        small letters say little, and a citation that leaves out a heading is right where one that makes one up is not.
        """
        marked = max(
            (
                n + 1
                for n, h in enumerate(self.above)
                if self._bounds(h) and not (h.style == "number" and _like(h, heading))
            ),
            default=0,
        )
        if heading.style == "label":
            return self._first(lambda h: h.style == "label")
        same = [n for n, h in enumerate(self.above) if n >= marked and _like(h, heading)]
        if same:
            nests = self.fresh and same[-1] == len(self.above) - 1 and len(same) < _MOST_NESTED
            return len(self.above) if nests else same[-1]
        if heading.style == "number":
            return self._first(lambda h: h.style == "label")
        others = (n for n, h in enumerate(self.above) if n >= marked and (h.style, heading.style) not in self.nests)
        return next(others, len(self.above))

    def _bounds(self, heading: Heading) -> bool:
        """Whether what is told by style alone stays below it; a lone "12." was quoted from elsewhere, and bounds nothing."""
        counts = heading.depth > 1 or (heading.depth == 1 and self.counted)
        lettered = heading.style == "number" and not heading.depth
        return counts or lettered or bool(heading.level) or heading.stands_alone

    def _first(self, test: Callable[[Heading], bool]) -> int:
        return next((n for n, h in enumerate(self.above) if test(h)), len(self.above))


def _like(one: Heading, other: Heading) -> bool:
    lettered = re.compile(r"\(?[A-Z][.)]\s")
    return one.style == other.style and bool(lettered.match(one.text)) == bool(lettered.match(other.text))
