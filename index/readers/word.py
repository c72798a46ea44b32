"""A Word document (.docx) becomes lines: headings by their styles, marks as Word counts them, tables' rows, text boxes.

Read from the file's own XML, for Word keeps the numbers that it prints in no text. A paragraph is a line; one that holds
line breaks is several. Headers, footers, comments, footnotes and macros are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from index.documents import Line, as_line, bare
from index.readers.word_package import child, is_on, opened, value, whole
from index.readers.word_parts import Part, with_gaps
from index.readers.word_styles import Look, Styles
from index.readers.word_tables import Row, table_parts
from index.readers.word_text import Strand, TextReader, chosen, is_placeholder

_COLUMN = 180  # twips; a tab of half an inch is four columns, as in plain text
_WIDEST = 22 * 1440  # twips of the widest page that Word knows
_MOST_COLUMNS = 63  # of a table, in Word
_SAME_PLACE = 220  # twips by which lines that begin at the same place may differ; lists nest by more


def read_word(data: bytes, name: str) -> tuple[Line, ...]:
    """The lines of a .docx file in reading order, tracked changes accepted, numbered as they come.

    Raises Unreadable when the file is none, is protected, damaged, or far bigger inside than a policy is.
    """
    package = opened(data, name)
    styles = Styles(package.styles, package.numbering)
    body = child(package.document, "body")
    parts = _Reader(styles, body).blocks(body)
    return tuple(replace(line, number=n) for n, line in enumerate(with_gaps(parts), 1))


class _Reader:
    """Reads a document's blocks in their order, for marks are counted as they are read."""

    def __init__(self, styles: Styles, body: Element) -> None:
        self._styles = styles
        self._text = TextReader(styles, body)
        self._joined: list[Element] = []  # paragraphs whose mark was deleted: the next goes on with them
        self._sections = iter(list(_sections(body))[1:])  # the first begins with the document
        self._margins: set[int] = set()  # twips where lines began since the last heading
        self._columns: dict[str, dict[int, int]] = {}  # list -> its levels since then -> where they begin

    def blocks(self, parent: Element) -> list[Part]:
        """The parts of what holds paragraphs and tables: the body, a cell, a text box."""
        parts: list[Part] = []
        for block in _children(parent, {"p", "tbl"}):
            if block.tag == "p":
                parts += self._paragraph(block)
            else:
                parts += [*self._rest(), self._gap(), *self._table(block), self._gap()]
        return [*parts, *self._rest()]

    def _gap(self) -> Part:
        return Part(line=Line(number=0, page=self._text.page))

    # --- paragraphs ---------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Element) -> list[Part]:
        self._joined.append(paragraph)
        mark = child(paragraph, "pPr/rPr")
        if mark.find("del") is not None or mark.find("moveFrom") is not None:
            return []
        return self._rest()

    def _rest(self) -> list[Part]:
        """The parts of the paragraphs read last, which are printed as one with the last one's properties."""
        paragraphs, self._joined = self._joined, []
        if not paragraphs:
            return []
        properties = child(paragraphs[-1], "pPr")
        look = self._styles.look(properties)
        parts = []
        if look.new_page:
            self._text.begin_page()
            parts.append(self._gap())
        strands, boxes = self._text.read(paragraphs, look.style)
        hidden = is_on(properties.find("rPr/vanish")) and not any(strand.is_filled for strand in strands)
        if look.is_contents:
            parts.append(self._gap())
        elif not hidden:
            parts += self._lines(strands, look)
        parts += self._boxes(boxes)
        if properties.find("sectPr") is not None and next(self._sections, "continuous") != "continuous":
            self._text.begin_page()
            parts.append(self._gap())
        return parts

    def _boxes(self, boxes: Sequence[Element]) -> list[Part]:
        parts: list[Part] = []
        for box in boxes:
            outer = self._text.aside()
            parts += [self._gap(), *self.blocks(box), self._gap()]
            self._text.back(outer)
        return parts

    def _lines(self, strands: Sequence[Strand], look: Look) -> list[Part]:
        """A paragraph's parts; an empty one is a gap, though Word counts it when it is in a list."""
        mark = self._styles.numbering.next_mark(look.number, look.depth) if look.number else ""
        if look.level:
            self._margins, self._columns = set(), {}
            strands = [_as_one(strands)]
        parts = []
        column = self._column(look)
        for n, strand in enumerate(strands):
            if strand.new_page and n:
                parts.append(self._gap())
            if not strand.is_filled:
                parts.append(Part(line=Line(number=0, page=strand.page)))
                continue
            line = _line(strand, column, mark, look.level)
            parts.append(Part(line=line, look=look, goes_on=n > 0))
            mark, column = "", _columns(look.left)
        return parts

    def _column(self, look: Look) -> int:
        """Where a paragraph's first line begins, in columns; at the same place as another that is only a little off."""
        first = max(0, min(look.first, _WIDEST))
        near = min(self._margins, key=lambda margin: abs(margin - first), default=first)
        place = near if abs(near - first) <= _SAME_PLACE else first
        self._margins.add(place)
        column = _columns(place)
        if look.number:
            levels = self._columns.setdefault(look.number, {})
            outer = max((at for level, at in levels.items() if level < look.depth), default=-2)
            levels[look.depth] = column = max(column, outer + 2)
        return column

    # --- tables -------------------------------------------------------------------------------------------------

    def _table(self, table: Element) -> list[Part]:
        rows = []
        for row in _children(table, {"tr"}):
            properties = child(row, "trPr")
            if properties.find("del") is None and not is_on(properties.find("hidden")):
                rows.append(self._row(row, marked=is_on(properties.find("tblHeader"))))
        return table_parts(rows)

    def _row(self, row: Element, *, marked: bool) -> Row:
        """A row with the cells that print something; a cell that is merged into another prints nothing itself."""
        cells: dict[int, list[Part]] = {}
        goes_on = False
        column = 0
        for cell in _children(row, {"tc"}):
            properties = child(cell, "tcPr")
            if properties.find("cellDel") is not None:
                continue
            reached = [name for name in ("vMerge", "hMerge") if _is_merged(properties.find(name))]
            if reached:
                goes_on |= column == 0 and "vMerge" in reached
            else:
                cells[column] = self.blocks(cell)
            column += min(_MOST_COLUMNS, max(1, whole(value(properties.find("gridSpan"), "1"))))
        filled = {at: parts for at, parts in cells.items() if any(part.line.text for part in parts)}
        return Row(cells=filled, marked=marked, goes_on=goes_on)


def _is_merged(merge: Element | None) -> bool:
    """Whether a cell is part of the one above it, or before it."""
    return merge is not None and value(merge, "continue") != "restart"


def _children(parent: Element, tags: set[str]) -> Iterator[Element]:
    """The blocks of those kinds, also those that stand in content controls, insertions and the like."""
    for each in parent:
        if each.tag in tags:
            yield each
        elif each.tag == "sdt":
            if not is_placeholder(each):
                yield from _children(child(each, "sdtContent"), tags)
        elif each.tag == "AlternateContent":
            yield from _children(chosen(each), tags)
        elif each.tag in ("customXml", "smartTag", "ins", "moveTo"):
            yield from _children(each, tags)


def _sections(body: Element) -> Iterator[str]:
    """How each section begins: "nextPage", "continuous" …; what it says stands at its end."""
    for paragraph in body.iter("p"):
        if (section := paragraph.find("pPr/sectPr")) is not None:
            yield value(section.find("type"), "nextPage")
    yield value(child(body, "sectPr").find("type"), "nextPage")


def _columns(twips: int) -> int:
    return round(max(0, min(twips, _WIDEST)) / _COLUMN)


def _as_one(strands: Sequence[Strand]) -> Strand:
    """A heading's strands in one: its line breaks only spread it over the page."""
    filled = [strand for strand in strands if strand.is_filled] or strands[:1]
    runs = [run for strand in filled for run in [*strand.runs, (" ", True)]]
    return Strand(page=filled[0].page, is_filled=filled[0].is_filled, runs=runs)


def _line(strand: Strand, column: int, mark: str, level: int) -> Line:
    """The line of a strand, with a mark that Word counted, else with one that is typed into the text."""
    text = strand.text if len(strand.text) < 200 else strand.text.replace("\t", " ")  # too long to be columns
    if level:
        text = " ".join(text.split())
    mark, text = _worded(mark, text)
    row = f"{mark} {text.strip()}" if mark else text
    line = as_line(" " * column + row, number=0, page=strand.page)
    if level:
        line = replace(line, cells=(), level=level)
    if mark and not line.marker:
        line = replace(line, marker=mark, text=bare(text))
    return replace(line, bold=line.bold or strand.is_bold(sum(ch.isalnum() for ch in line.text)))


def _worded(mark: str, text: str) -> tuple[str, str]:
    """A mark and a text; a mark with words in it ("Appendix A", "Step 1:") is read as the beginning of the text."""
    if any(len(word.strip("().:")) > 1 and word.strip("().:").isalpha() and not _counts(word) for word in mark.split()):
        return "", f"{mark} {text.lstrip()}"
    if len(mark) == 1 and mark.isalpha() and mark != "o":
        return f"{mark}.", text  # a lone letter would be taken for a bullet
    return mark, text


def _counts(word: str) -> bool:
    letters = word.strip("().:").casefold()
    return set(letters) <= set("ivxlcdm") or len(set(letters)) == 1
