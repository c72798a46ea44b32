"""What the runs of a Word paragraph print: their text, bold or not, with tracked changes taken as accepted.

Left out is what isn't printed in the text's flow: deleted and hidden text, comments, notes, what a field is made of (its
result is kept), an automatic table of contents, and the words that ask to be overwritten in a form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from index.readers.word_numbering import symbol
from index.readers.word_package import child, is_on, value
from index.readers.word_styles import Styles

_LEFT_OUT = frozenset("pPr rPr del moveFrom sdtPr sdtEndPr rt rubyPr fldData math-ctrlPr".split())
_TEXT_HOLDERS = frozenset("p r t sym tab br cr noBreakHyphen txbxContent".split())
_CHARACTERS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_LISTS_OF_PAGES = ("TOC", "TOA", "INDEX")  # fields that repeat what stands elsewhere, with its page
_SOFT_HYPHEN = "\u00ad"


@dataclass(slots=True)
class Strand:
    """A paragraph's text up to a line break, a page break or its end."""

    page: int
    new_page: bool = False  # a page break stands before it
    is_filled: bool = False  # something is printed in it
    runs: list[tuple[str, bool]] = field(default_factory=list)  # text, and whether it is bold

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)

    def is_bold(self, count: int) -> bool:
        """Whether the last so many of its letters and digits are all bold; spaces and punctuation don't count."""
        marks = [bold for text, bold in self.runs for ch in text if ch.isalnum()]
        return count > 0 and all(marks[-count:]) and bool(marks)


@dataclass(slots=True)
class _Field:
    code: str = ""
    shows: bool = False  # its code is over, and its result begins


class TextReader:
    """Reads paragraphs in order, and knows the page and the fields that it is in; a field may span paragraphs."""

    def __init__(self, styles: Styles, root: Element) -> None:
        self.page = 1
        self._styles = styles
        self._fresh = True  # nothing is printed on this page yet
        self._fields: list[_Field] = []
        self._unclosed = _unclosed(root)
        self._strands: list[Strand] = []
        self._boxes: list[Element] = []
        self._style = ""

    def read(self, paragraphs: Sequence[Element], style: str) -> tuple[list[Strand], list[Element]]:
        """The strands of paragraphs that are printed as one, and the contents of the text boxes that hang on them."""
        self._strands, self._boxes, self._style = [Strand(page=self.page)], [], style
        for paragraph in paragraphs:
            self._inline(paragraph)
        return self._strands, self._boxes

    def aside(self) -> "list[_Field]":
        """Leave the fields for a text box, which is read by itself; give what this returned to `back`."""
        outer, self._fields = self._fields, []
        return outer

    def back(self, outer: "list[_Field]") -> None:
        self._fields = outer

    def begin_page(self) -> None:
        """Begin a page here, unless nothing is printed on this one yet."""
        if not self._fresh:
            self._turn_page()

    def _turn_page(self) -> None:
        self.page += 1
        self._fresh = True

    def _inline(self, parent: Element) -> None:
        for each in parent:
            if each.tag == "r":
                self._run(each, child(each, "rPr"))
            elif each.tag == "math-t":
                self._print(each.text or "", child(None, ""))
            elif each.tag == "sdt":
                if not is_placeholder(each):
                    self._inline(child(each, "sdtContent"))
            elif each.tag == "AlternateContent":
                self._inline(chosen(each))
            elif each.tag not in _LEFT_OUT and not _lists_pages(each.get("instr", "")):
                self._inline(each)  # a link, an insertion, a smart tag, an equation …

    def _run(self, run: Element, properties: Element) -> None:
        for each in run:
            if each.tag == "fldChar":
                self._field(each)
            elif each.tag == "instrText" and self._fields:
                self._fields[-1].code += each.text or ""
            elif each.tag == "lastRenderedPageBreak":
                # Word marks where a page began when it was last printed, also after a break that says so itself.
                self.begin_page()
            elif each.tag == "br":
                self._break(each.get("type", ""), properties)
            elif each.tag == "AlternateContent":
                self._run(chosen(each), properties)
            elif each.tag in ("drawing", "pict", "object"):
                self._fresh = False
                self._boxes += _boxes(each)
            else:
                self._print(_printed(each), properties)

    def _field(self, mark: Element) -> None:
        kind = mark.get("fldCharType")
        if kind == "begin" and mark not in self._unclosed:
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shows = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _break(self, kind: str, properties: Element) -> None:
        if kind == "page" and self._is_shown(properties):
            self._turn_page()
            self._strands.append(Strand(page=self.page, new_page=True))
        else:
            self._print("\n", properties)

    def _is_shown(self, properties: Element) -> bool:
        if any(not each.shows or _lists_pages(each.code) for each in self._fields):
            return False
        return not self._styles.toggled("vanish", self._style, properties)

    def _print(self, text: str, properties: Element) -> None:
        if not text or not self._is_shown(properties):
            return
        if self._styles.toggled("caps", self._style, properties):
            text = text.upper()
        bold = self._styles.toggled("b", self._style, properties)
        for n, part in enumerate(text.split("\n")):
            if n:
                self._strands.append(Strand(page=self.page))
            strand = self._strands[-1]
            if part.strip():
                self._fresh = False
                strand.page = strand.page if strand.is_filled else self.page
                strand.is_filled = True
            strand.runs.append((part, bold))


def _printed(element: Element) -> str:
    """What an element of a run prints: text, a character, or nothing."""
    if element.tag == "t":
        text = (element.text or "").replace(_SOFT_HYPHEN, "").replace("\n", " ")
        return "".join(symbol(char) if "\uf000" <= char <= "\uf0ff" else char for char in text)
    if element.tag == "sym":
        try:
            char = chr(int(element.get("char", ""), 16))
        except (ValueError, OverflowError):
            return ""
        return symbol(char, element.get("font", ""))
    return _CHARACTERS.get(element.tag, "")


def is_placeholder(control: Element) -> bool:
    """Whether a content control prints nothing of its own: it asks to be filled in, or is a table of contents."""
    properties = child(control, "sdtPr")
    if is_on(properties.find("showingPlcHdr")):
        return True
    return value(properties.find("docPartObj/docPartGallery")) == "Table of Contents"


def chosen(alternatives: Element) -> Element:
    """The one of several ways of saying the same thing to read: the first that says something that can be read."""
    ways = alternatives.findall("Choice")
    told = (way for way in ways if any(each.tag in _TEXT_HOLDERS for each in way.iter()))
    return next(told, child(alternatives, "Fallback"))


def _boxes(parent: Element) -> Iterator[Element]:
    for each in parent:
        if each.tag == "txbxContent":
            yield each
        else:
            yield from _boxes(chosen(each) if each.tag == "AlternateContent" else each)


def _lists_pages(code: str) -> bool:
    return code.strip().upper().startswith(_LISTS_OF_PAGES)


def _unclosed(root: Element) -> set[Element]:
    """The beginnings of fields that never end, which would swallow all that follows."""
    begun: list[Element] = []
    for mark in root.iter("fldChar"):
        if mark.get("fldCharType") == "begin":
            begun.append(mark)
        elif mark.get("fldCharType") == "end" and begun:
            begun.pop()
    return set(begun)
