"""A web page becomes lines: its headings, lists, tables and bold as the markup has them, without the site around it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from index.documents import Line, as_line
from index.numbering import is_number
from index.readers.page_source import heading_level, policy_parts


def read_web_page(data: bytes, name: str) -> tuple[Line, ...]:
    """The lines of an HTML page, numbered as in its source. Raises Unreadable where it is no page or shows no text."""
    reading = _Reading()
    for element in policy_parts(data, name):
        reading.visit(element, _At())
    return tuple(reading.lines)


_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td "
    "tfoot th thead tr ul button".split()
)
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_BOLD = re.compile(r"font-weight\s*:\s*(bold|[6-9]00|normal|[1-5]00)", re.IGNORECASE)
_MARGIN = re.compile(r"margin-left\s*:\s*(\d{1,4}(?:\.\d+)?)\s*(cm|mm|in|pt|px|em)", re.IGNORECASE)
_COLUMNS = {"cm": 3.15, "mm": 0.315, "in": 8.0, "pt": 0.111, "px": 0.083, "em": 1.33}  # of eight to the inch
_SPACE = re.compile(r"[ \t\r\n\f]+")
_WORDS_LEVEL = re.compile(r"mso-list:\s*\S+ level([1-9])", re.IGNORECASE)
_DOCS_LEVEL = re.compile(r"(?:^|\s)lst-\S+-([0-8])(?:\s|$)")
_TYPED_BULLET = re.compile(r"[•▪◦●○■·\uf0b7\uf0a7]\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class _At:
    """What holds at a place in the page."""

    level: int = 0
    bold: bool = False
    depth: int = 0  # of lists
    indent: int = 0  # columns
    kept: bool = False  # its spaces and line ends are printed


@dataclass(slots=True)
class _Reading:
    """A reading of a page's elements in order; a paragraph is gathered until something ends it."""

    lines: list[Line] = field(default_factory=list)
    _number: int = 1  # of the source's line
    _text: list[str] = field(default_factory=list)
    _light: list[str] = field(default_factory=list)  # what of it is not bold
    _marker: str = ""  # the mark that the next line is printed with
    _last: str = ""  # what the last line was: "item", "more" of it, "row", "text"

    def visit(self, element: HtmlElement, at: _At) -> None:
        tag = element.tag
        block = tag in _BLOCKS
        if block:
            self._end(at)
            self._number = max(self._number, element.sourceline or 0)
        at = _within(element, at)
        if tag == "br":
            self._add("\n", at)
        elif tag in _LISTS:
            self._list(element, at)
        elif tag == "table":
            self._table(element, at)
        elif tag == "dl":
            self._definitions(element, at)
        else:
            self._inside(element, at)
        if block:
            self._end(at)

    def _inside(self, element: HtmlElement, at: _At) -> None:
        self._add(_spaced(element.text, at), at)
        for child in element:
            self.visit(child, at)
            self._add(_spaced(child.tail, at), at)

    def _add(self, text: str, at: _At) -> None:
        self._text.append(text)
        self._light.append("\n" * text.count("\n") if at.bold else text)

    def _end(self, at: _At) -> None:
        """Put down the paragraph that has been gathered, a line for each that it is broken into."""
        rows, light = "".join(self._text).split("\n"), "".join(self._light).split("\n")
        self._text, self._light = [], []
        first = True
        for row, plain in zip(rows, light, strict=True):
            line = self._line(row, plain, at)
            if not line.raw:
                first = True  # two line breaks part paragraphs
                continue
            kind = "item" if line.marker and at.depth else "more" if at.depth else "text"
            self._put(line, kind, goes_on=not first)
            first = False

    def _line(self, row: str, light: str, at: _At) -> Line:
        shown = row if at.kept else _SPACE.sub(_space, row)
        shown = shown.replace("\xa0", " ").replace("\xad", "").replace("\u200b", "")
        if not shown.strip():
            return Line(number=self._number)
        mark, self._marker = self._marker, ""
        read = as_line(f"- {shown}" if mark else shown, number=self._number)
        typed = read.marker if read.marker != "-" or not mark else ""
        text = " ".join((shown[shown.find(typed) + len(typed) :] if typed else shown).split())
        if mark and not typed:
            text = _TYPED_BULLET.sub("", text, count=1) if _TYPED_BULLET.match(text) else text
        if at.level and not is_number(mark):
            mark = ""  # a bullet before a heading says nothing
        marker = typed or mark
        light = light.replace("\xa0", " ").strip().removeprefix(typed).strip(" \t:.")
        return replace(
            read,
            text="" if read.rule else text,
            raw=read.raw if read.rule else f"{marker} {text}".strip(),
            marker=marker,
            level=at.level,
            bold=not light and not read.rule,
            indent=at.indent + (2 if at.depth and not marker else 0) + (read.indent if at.kept else 0),
            cells=() if mark or at.level or "|" in text else read.cells,
        )

    def _put(self, line: Line, kind: str, *, goes_on: bool = False) -> None:
        """Add a line, after a gap unless it is the next item, the next row or the rest of a paragraph."""
        together = goes_on or (kind == "item" and self._last in ("item", "more")) or (kind == self._last == "row")
        number = max(line.number, self.lines[-1].number if self.lines else 1)
        if self.lines and not together and self.lines[-1].raw:
            self.lines.append(Line(number=number))
        self.lines.append(replace(line, number=number))
        self._last = kind

    def _list(self, element: HtmlElement, at: _At) -> None:
        depth = _said_depth(element) or at.depth + 1
        inner = replace(at, depth=depth, indent=2 * (depth - 1))
        marks = _marks(element, depth)
        for child in element:
            self._marker = next(marks) if child.tag == "li" else ""
            self.visit(child, inner)
            self._marker = ""
            self._add(_spaced(child.tail, inner), inner)

    # --- tables and definitions

    def _apart(self, element: HtmlElement, at: _At) -> list[Line]:
        """The lines of an element read by itself."""
        reading = _Reading(_number=self._number)
        reading.visit(element, replace(at, depth=0, indent=0))
        self._number = reading._number
        return reading.lines

    def _put_all(self, lines: Sequence[Line]) -> None:
        for n, line in enumerate(lines):
            if line.raw:
                self._put(line, "text", goes_on=bool(n and lines[n - 1].raw))

    def _put_row(self, cells: Sequence[str], number: int) -> None:
        row = tuple(cell for cell in cells if cell)
        self._put(Line(number=number, text=" ".join(row), raw="\t".join(row), cells=row), "row")

    def _table(self, element: HtmlElement, at: _At) -> None:
        for caption in element.findall("caption"):
            self.visit(caption, at)
        rows = [(row, [self._apart(cell, at) for cell in row if cell.tag in ("td", "th")]) for row in _rows_of(element)]
        parted = any(not all(map(_is_one, cells)) for _, cells in rows)
        carried: dict[int, tuple[int, str]] = {}
        for n, (row, cells) in enumerate(rows):
            whole = _carried(row, list(map(_said, cells)), carried)
            if sum(map(bool, whole)) > 1 and any(cells) and all(map(_is_one, cells)):
                self._put_row(whole, row.sourceline or 0)
                if not n and (parted or all(cell.tag == "th" for cell in row)):
                    self.lines.append(Line(number=self.lines[-1].number, raw="|---|", rule="|"))
            elif any(cells):
                self._put_parts([cell for cell in cells if cell])

    def _put_parts(self, cells: Sequence[list[Line]]) -> None:
        """A row whose cells hold lists or paragraphs: its first cell heads the others where it is a few words."""
        label = _said(cells[0])
        if len(cells) > 1 and _is_one(cells[0]) and len(label.split()) <= 12:
            self._put(replace(cells[0][0], text=label, raw=label, marker="", bold=True, cells=()), "text")
            cells = cells[1:]
        for n, cell in enumerate(cells):
            if n:  # what stands in another cell doesn't go on from here
                self.lines.append(Line(number=self.lines[-1].number, raw="|"))
            self._put_all(cell)

    def _definitions(self, element: HtmlElement, at: _At) -> None:
        term: list[Line] = []
        for child in [each for each in element.iter("dt", "dd") if _is_own(each, element)]:
            lines = self._apart(child, at)
            if child.tag == "dt":
                self._put_all([replace(line, bold=True) for line in term])
                term = lines
            elif term and lines and _is_one(term) and _is_one(lines):
                self._put_row([_said(term), _said(lines)], term[0].number)
                term = []
            else:
                self._put_all([replace(line, bold=True) for line in term])
                self._put_all(lines)
                term = []
        self._put_all([replace(line, bold=True) for line in term])


# --- what the markup says -------------------------------------------------------------------------------------------


def _spaced(text: str | None, at: _At) -> str:
    return (text or "") if at.kept else _SPACE.sub(_space, text or "")


def _space(found: re.Match[str]) -> str:
    """What is printed of space in the source: one space; a tab that somebody set between words stays one."""
    return "\t" if "\t" in found[0] and "\n" not in found[0] else " "


def _within(element: HtmlElement, at: _At) -> _At:
    """What holds inside an element."""
    tag, style = element.tag, element.get("style") or ""
    if level := heading_level(element):
        at = replace(at, level=level)
    if tag in ("b", "strong", "th", "summary", "button"):
        at = replace(at, bold=True)
    if weight := _BOLD.search(style):
        at = replace(at, bold=weight[1].lower() in ("bold", "600", "700", "800", "900"))
    if tag == "pre":
        at = replace(at, kept=True)
    if tag in ("blockquote", "dd"):
        at = replace(at, indent=at.indent + 2)
    if tag in ("p", "div") and not at.depth:
        if listed := _WORDS_LEVEL.search(style):
            at = replace(at, indent=2 * (int(listed[1]) - 1))
        elif margin := _MARGIN.search(style):
            at = replace(at, indent=at.indent + min(40, round(float(margin[1]) * _COLUMNS[margin[2].lower()])))
    return at


def _said_depth(element: HtmlElement) -> int:
    """How deep a list is where its class says so: Google's documents put inner lists beside outer ones."""
    found = _DOCS_LEVEL.search(element.get("class") or "")
    return int(found[1]) + 1 if found else 0


_NUMBERS = {"decimal": "1", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
            "lower-roman": "i", "upper-roman": "I", "disc": "•", "circle": "◦", "square": "▪"}  # fmt: skip
_STYLED = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)


def _marks(element: HtmlElement, depth: int) -> Iterator[str]:
    """The marks that a browser prints before a list's items."""
    items = element.findall("li")
    styled = _STYLED.search(element.get("style") or "")
    said = styled[1].lower() if styled else (element.get("type") or "")
    numbered = element.tag == "ol"
    kind = _NUMBERS.get(said.lower() if len(said) > 1 else "", said if said in "1aAiI" and said else "")
    kind = kind or ("1" if numbered else "•◦▪"[min(depth, 3) - 1])
    step = -1 if "reversed" in element.attrib else 1
    count = _integer(element.get("start"), len(items) if step < 0 else 1)
    for item in items:
        count = _integer(item.get("value"), count)
        own = _STYLED.search(item.get("style") or "")
        if said == "none" or (own and own[1].lower() == "none"):
            yield ""
        else:
            yield f"{_counted(count, kind)}." if kind in "1aAiI" else kind
        count += step


def _integer(said: str | None, otherwise: int) -> int:
    return int(said) if said and re.fullmatch(r"-?\d{1,6}", said, re.ASCII) else otherwise


_ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]  # fmt: skip


def _counted(count: int, kind: str) -> str:
    """A number as a list prints it: 3 as "3", "c", "C", "iii" or "III"."""
    letters = ""
    if kind in "aA" and count > 0:
        while count:
            count, last = divmod(count - 1, 26)
            letters = chr(ord("a") + last) + letters
    elif kind in "iI" and 0 < count < 4000:
        for value, digits in _ROMAN:
            letters, count = letters + digits * (count // value), count % value
    else:
        return str(count)
    return letters.upper() if kind in "AI" else letters


def _rows_of(table: HtmlElement) -> Iterator[HtmlElement]:
    """A table's own rows, not those of tables in it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.findall("tr")


_MOST_CARRIED = 20  # columns; a table made to do harm has thousands, each reaching down thousands of rows


def _carried(row: HtmlElement, texts: Sequence[str], carried: dict[int, tuple[int, str]]) -> list[str]:
    """A row's cells with those that reach down into it from rows above; `carried` is by column (rows left, text)."""
    whole: list[str] = []
    column = 0
    for cell, text in zip([each for each in row if each.tag in ("td", "th")], texts, strict=True):
        while column in carried:
            whole.append(_taken(carried, column))
            column += 1
        rows = _integer(cell.get("rowspan"), 1) - 1
        whole.append(text)
        if rows > 0 and column < _MOST_CARRIED:
            carried[column] = (min(rows, 10 * _MOST_CARRIED), text)
        column += min(max(1, _integer(cell.get("colspan"), 1)), 100)
    return whole + [_taken(carried, each) for each in sorted(carried) if each >= column]


def _taken(carried: dict[int, tuple[int, str]], column: int) -> str:
    rows, text = carried.pop(column)
    if rows > 1:
        carried[column] = (rows - 1, text)
    return text


def _is_one(lines: Sequence[Line]) -> bool:
    """Whether a cell holds a paragraph at most: no list, no heading, no table."""
    if any(line.level or line.cells or not line.raw for line in lines):
        return False
    return len(lines) < 2 or not any(line.marker for line in lines)


def _said(lines: Sequence[Line]) -> str:
    return " ".join(line.whole for line in lines)


def _is_own(part: HtmlElement, definitions: HtmlElement) -> bool:
    """Whether a term or definition belongs to this list, not to one inside it."""
    return next((each for each in part.iterancestors("dl")), None) is definitions
