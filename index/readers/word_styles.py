"""What its style, its list and its own properties say of a Word paragraph: its level, its place on the line, its looks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from xml.etree.ElementTree import Element

from index.readers.word_numbering import DEEPEST, Numbering
from index.readers.word_package import child, is_on, is_yes, value, whole

Toggle = Literal["b", "caps", "vanish"]

_NONE = Element("none")
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc (?:\d|heading)|table of (?:figures|authorities)", re.IGNORECASE)
_AUTOMATIC = 280  # twips that Word leaves where spacing is "auto"
_MOST_BASES = 50  # styles based on styles; Word's own limit is lower


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What its style, its list and its own properties say of a paragraph. Lengths are in twips, 1440 to the inch."""

    style: str
    level: int  # the heading level, 1 the highest; 0 none
    number: str  # of the list that it is in, "" for none
    depth: int  # its level in that list, 0 the outermost
    first: int  # where its first line begins, with its mark
    left: int  # where its other lines begin
    before: int
    after: int
    contextual: bool  # no space to a neighbour of its style
    new_page: bool
    is_contents: bool  # an entry of a table of contents, or its head


class Styles:
    """A document's styles, and with its numbering what they say of a paragraph."""

    def __init__(self, part: Element | None, numbering_part: Element | None) -> None:
        root = _NONE if part is None else part
        self._all = {each.get("styleId", ""): each for each in root.findall("style")}
        self._defaults = child(root, "docDefaults/pPrDefault/pPr")
        self._run_defaults = child(root, "docDefaults/rPrDefault/rPr")
        self._chains: dict[str, tuple[Element, ...]] = {}
        self._toggles: dict[tuple[str, str, Toggle], bool] = {}
        self._looks: dict[str, tuple[int, bool]] = {}
        lists = {name: value(each.find("pPr/numPr/numId")) for name, each in self._all.items()}
        self.numbering = Numbering(numbering_part, {name: number for name, number in lists.items() if number})

    @cached_property
    def _normal(self) -> str:
        return next(
            (n for n, each in self._all.items() if each.get("type") == "paragraph" and is_yes(each.get("default"))), ""
        )

    def _chain(self, style: str) -> tuple[Element, ...]:
        """A style and those that it is based on, itself first."""
        if style not in self._chains:
            found: dict[str, Element] = {}
            name = style
            while name in self._all and name not in found and len(found) < _MOST_BASES:
                found[name] = self._all[name]
                name = value(self._all[name].find("basedOn"))
            self._chains[style] = tuple(found.values())
        return self._chains[style]

    def toggled(self, name: Toggle, paragraph_style: str, run: Element) -> bool:
        """Whether a run is bold, in capitals or hidden: by its own word, else by one of its two styles, not by both."""
        own = run.find(name)
        if own is not None:
            return is_on(own)
        run_style = value(run.find("rStyle"))
        key = (paragraph_style, run_style, name)
        if key not in self._toggles:
            by_paragraph, by_run = self._styled(name, paragraph_style), self._styled(name, run_style)
            self._toggles[key] = is_on(self._run_defaults.find(name)) or by_paragraph != by_run
        return self._toggles[key]

    def _styled(self, name: Toggle, style: str) -> bool:
        said = (each.find(f"rPr/{name}") for each in self._chain(style))
        return is_on(next((each for each in said if each is not None), None))

    def look(self, properties: Element) -> Look:
        """What is said of a paragraph with these properties (its `pPr`)."""
        style = value(properties.find("pStyle"), self._normal)
        if style not in self._all:
            style = self._normal
        chain = self._chain(style)
        number, depth = self._list(properties, chain)
        level, is_contents = self._rank(style)
        if (own := properties.find("outlineLvl")) is not None:
            level = _level(own)
        indents = list(self._indents(properties, chain, number, depth))
        left = _first(indents, "left", "start")
        hanging = next((each for each in indents if each.attrib.keys() & {"hanging", "firstLine"}), _NONE)
        spacing = [*self._said("spacing", properties, chain), child(self._defaults, "spacing")]
        return Look(
            style=style,
            level=level,
            number=number,
            depth=depth,
            first=left + whole(hanging.get("firstLine")) - whole(hanging.get("hanging")),
            left=left,
            before=_space(spacing, "before"),
            after=_space(spacing, "after"),
            contextual=is_on(next(self._said("contextualSpacing", properties, chain), None)),
            new_page=is_on(next(self._said("pageBreakBefore", properties, chain), None)),
            is_contents=is_contents,
        )

    @staticmethod
    def _said(name: str, properties: Element, chain: tuple[Element, ...]) -> Iterator[Element]:
        """What is said of a property, the paragraph's own word first, the outermost style's last."""
        for each in (properties.find(name), *(style.find(f"pPr/{name}") for style in chain)):
            if each is not None:
                yield each

    def _rank(self, style: str) -> tuple[int, bool]:
        """The heading level of a style, and whether it is a table of contents'. Built-in names are English in any Word."""
        if style not in self._looks:
            chain = self._chain(style)
            names = [value(each.find("name")) for each in chain]
            self._looks[style] = (_level_of_styles(chain, names), any(_CONTENTS.fullmatch(name) for name in names[:1]))
        return self._looks[style]

    def _list(self, properties: Element, chain: tuple[Element, ...]) -> tuple[str, int]:
        """The number and level of the list that a paragraph is in: its own, or its style's."""
        said = list(self._said("numPr", properties, chain))
        number = next((value(each.find("numId")) for each in said if each.find("numId") is not None), "")
        if not number.strip("0"):
            return "", 0
        own = child(properties, "numPr")
        if own.find("numId") is None and own.find("ilvl") is None:
            linked = (self.numbering.level_of_style(number, each.get("styleId", "")) for each in chain)
            if (level := next((n for n in linked if n is not None), None)) is not None:
                return number, level
        if own.find("numId") is not None:
            said = [own]  # a list of its own begins at its outermost level, whatever the style's is
        levels = (whole(value(each.find("ilvl"))) for each in said if each.find("ilvl") is not None)
        return number, max(0, min(next(levels, 0), DEEPEST))

    def _indents(self, properties: Element, chain: tuple[Element, ...], number: str, depth: int) -> Iterator[Element]:
        """Indents, the word that counts most first: a list's come right after those of what put the paragraph in it."""
        yield child(properties, "ind")
        given = not number
        for holder, ind in ((properties, _NONE), *((child(each, "pPr"), child(each, "pPr/ind")) for each in chain)):
            yield ind
            if not given and holder.find("numPr") is not None:
                given = True
                yield self.numbering.indents(number, depth)
        yield child(self._defaults, "ind")


def _level(outline: Element) -> int:
    """The heading level of an outline level: 0 to 8 are headings, 9 is body text."""
    level = whole(value(outline), 9)
    return level + 1 if 0 <= level < 9 else 0


def _level_of_styles(chain: tuple[Element, ...], names: list[str]) -> int:
    for style, name in zip(chain, names, strict=True):
        if (outline := style.find("pPr/outlineLvl")) is not None:
            return _level(outline)
        if heading := _HEADING.fullmatch(name):
            return int(heading[1])
        if name.casefold() == "title":
            return 1
    return 0


def _first(said: list[Element], *names: str) -> int:
    return next((whole(each.get(name)) for each in said for name in names if name in each.attrib), 0)


def _space(spacing: list[Element], side: Literal["before", "after"]) -> int:
    for each in spacing:
        if is_yes(each.get(f"{side}Autospacing")):
            return _AUTOMATIC
        if side in each.attrib:
            return whole(each.get(side))
    return 0
