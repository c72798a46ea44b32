"""The marks that Word counts: "4.2", "•". They are printed but are in no paragraph's text, so they are counted here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from index.readers.word_package import child, is_on, value, whole

# --- symbols --------------------------------------------------------------------------------------------------------

# What the symbol fonts' private codes print, as Unicode has it; of each font those that bullets and forms are made of.
_FONTS = {
    "symbol": dict(
        zip(b"\x2d\xa3\xa8\xa9\xaa\xab\xae\xb1\xb3\xb4\xb7\xb8\xde", "−≤♦♥♠↔→±≥×•÷⇒", strict=True),
    ),
    "wingdings": dict(
        zip(
            b"\x22\x28\x2a\x46\x4a\x6c\x6d\x6e\x6f\x71\x72\x75\x76\x77\x9e\x9f\xa1\xa7\xa8\xd8\xdc\xe0\xe8\xf0\xfb\xfc\xfd\xfe",
            "✂☎✉☞☺●❍■□❑❒◆❖◆·•○▪□➢➲→➔⇨✗✓☒☑",
            strict=True,
        )
    ),
}
_ANY_FONT = {**_FONTS["wingdings"], **_FONTS["symbol"]}


def symbol(char: str, font: str = "") -> str:
    """What a character of a symbol font prints, "" where it is not known; any other character stays itself."""
    code, table = ord(char), _FONTS.get(font.casefold())
    if 0xF000 <= code <= 0xF0FF:
        code -= 0xF000
        return (table or _ANY_FONT).get(code) or (chr(code) if table is _FONTS["symbol"] and code < 0x40 else "")
    return table.get(code, char) if table else char


# --- numbers --------------------------------------------------------------------------------------------------------

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
DEEPEST = 8  # the innermost level of a list
_MOST_LETTERS = 30  # as far as Word repeats a letter


def numeral(number: int, form: str) -> str:
    """A number in a form of Word's: "decimal", "lowerLetter", "upperRoman" …; one that isn't known is decimal."""
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26 * _MOST_LETTERS:
        text = "abcdefghijklmnopqrstuvwxyz"[(number - 1) % 26] * ((number - 1) // 26 + 1)
    elif form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        text = _roman(number)
    elif form == "cardinalText" and 0 <= number < len(_ONES):
        return _ONES[number].capitalize()
    elif form == "ordinal":
        return f"{number}{_ordinal_ending(number)}"
    else:
        return f"{number:02}" if form == "decimalZero" else str(number)
    return text.upper() if form.startswith("upper") else text


def _roman(number: int) -> str:
    text = ""
    for amount, letters in _ROMAN:
        text += letters * (number // amount)
        number %= amount
    return text


def _ordinal_ending(number: int) -> str:
    return "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Level:
    """A level of a list, 0 the outermost: how it is counted and printed."""

    text: str  # "%1.%2"
    form: str
    start: int
    restart: int  # levels below this number set it back; 0 for never
    legal: bool  # all its numbers are decimal
    style: str  # the paragraph style that it numbers, "" for none
    font: str
    properties: Element

    @classmethod
    def of(cls, element: Element, index: int) -> "_Level":
        restart = whole(value(element.find("lvlRestart")), index)
        form = element.find("numFmt")
        if form is None:  # one that is newer than the format stands beside one that isn't
            form = element.find("AlternateContent/Fallback/numFmt")
        fonts = element.find("rPr/rFonts")
        text = value(element.find("lvlText"))
        picture = element.find("lvlPicBulletId") is not None
        return cls(
            text=text if text.strip() or not picture else "•",
            form=value(form, "decimal"),
            start=whole(value(element.find("start")), 0),
            restart=min(restart, index),
            legal=is_on(element.find("isLgl")),
            style=value(element.find("pStyle")),
            font="" if fonts is None else fonts.get("ascii") or fonts.get("hAnsi") or "",
            properties=child(element, "pPr"),
        )


class Numbering:
    """A document's lists, and how far each has been counted. Ask for marks in the document's order."""

    def __init__(self, part: Element | None, styles: Mapping[str, str]) -> None:
        """From the numbering part, and of the numbering styles the number that each is made of."""
        root = Element("none") if part is None else part
        self._kinds = {each.get("abstractNumId", ""): each for each in root.findall("abstractNum")}
        self._lists = {each.get("numId", ""): each for each in root.findall("num")}
        self._styles = styles
        self._levels: dict[str, dict[int, _Level]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}  # of a kind: its lists go on from each other
        self._begun: set[tuple[str, int]] = set()

    def indents(self, number: str, level: int) -> Element:
        """The element of the indents that a level of a list gives its paragraphs."""
        known = self._levels_of(number).get(level)
        return child(known.properties, "ind") if known else Element("none")

    def level_of_style(self, number: str, style: str) -> int | None:
        """The level of a list that numbers a paragraph style; None where none does."""
        return next((n for n, each in self._levels_of(number).items() if each.style == style), None)

    def next_mark(self, number: str, level: int) -> str:
        """Count a paragraph, and give the mark that it is printed with, "" for none."""
        levels = self._levels_of(number)
        known = levels.get(level)
        if known is None:
            return ""
        counts = self._counts.setdefault(self._kind(number), {})
        override = self._starts_of(number).get(level)
        if override is not None and (number, level) not in self._begun:
            counts.pop(level, None)
        self._begun.add((number, level))
        start = known.start if override is None else override
        counts[level] = counts[level] + 1 if level in counts else start
        for deeper in [n for n in counts if n > level and n in levels and level < levels[n].restart]:
            del counts[deeper]
        return self._printed(known, levels, counts)

    @staticmethod
    def _printed(level: _Level, levels: Mapping[int, _Level], counts: Mapping[int, int]) -> str:
        if level.form == "bullet":
            return " ".join("".join(symbol(char, level.font) or "•" for char in level.text).split())

        def number(match: re.Match[str]) -> str:
            n = int(match[1]) - 1
            named = levels.get(n)
            if named is None or named.form in ("none", "bullet"):
                return ""
            # A level that nothing has been counted on yet prints where it starts.
            return numeral(counts.get(n, named.start), "decimal" if level.legal else named.form)

        return " ".join(re.sub("%([1-9])", number, level.text).split())

    def _kind(self, number: str) -> str:
        """The id of the definition that a list is made of; one that only names a style stands for that style's."""
        kind = value(child(self._lists.get(number), "abstractNumId"))
        style = value(child(self._kinds.get(kind), "numStyleLink"))
        meant = self._lists.get(self._styles.get(style, ""))
        return value(child(meant, "abstractNumId"), kind) if style else kind

    def _levels_of(self, number: str) -> dict[int, _Level]:
        if number not in self._levels:
            found = [*_children(self._kinds.get(self._kind(number)), "lvl")]
            found += _children(self._lists.get(number), "lvlOverride/lvl")
            numbered = ((whole(each.get("ilvl")), each) for each in found)
            self._levels[number] = {n: _Level.of(each, n) for n, each in numbered if 0 <= n <= DEEPEST}
        return self._levels[number]

    def _starts_of(self, number: str) -> dict[int, int]:
        """Where a list begins anew, of each level that it says so of."""
        if number not in self._starts:
            overrides = _children(self._lists.get(number), "lvlOverride")
            said = ((whole(each.get("ilvl")), each.find("startOverride")) for each in overrides)
            self._starts[number] = {level: whole(value(start)) for level, start in said if start is not None}
        return self._starts[number]


def _children(element: Element | None, path: str) -> list[Element]:
    return [] if element is None else element.findall(path)
