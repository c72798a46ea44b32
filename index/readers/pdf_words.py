"""A PDF's page becomes words with places, sizes and weights, and the rules that are drawn on it.

PDFium tells these by the character. Asking only at the first and the last character of each word makes it several
times faster, and words are all that a layout is made of.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Callable, Iterator
from math import hypot
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium


class Word(NamedTuple):
    """A printed word, in points from the left and the top of the page as it is seen; or a whole row of a ruled table."""

    text: str
    x0: float
    x1: float
    y: float  # of its baseline, downwards
    size: float  # of its font
    bold: bool = False
    cells: tuple[str, ...] = ()  # a table's row: its filled cells
    bottom: float = 0.0  # a table's row: where it ends; else the baseline
    row: "TableRow | None" = None  # a table's row: its cells by themselves


class Table:
    """A table, which may run over several pages. One is told from another by its identity."""


class Cell(NamedTuple):
    """A filled cell: the column in which it begins, from 0, its sides in points, and its words."""

    column: int
    x0: float
    x1: float
    words: tuple[Word, ...]


class TableRow(NamedTuple):
    """A row's filled cells; where `goes_on`, the first column's cell is the one of the row above, which reaches down."""

    table: Table
    cells: tuple[Cell, ...]
    goes_on: bool = False


class Rule(NamedTuple):
    """A straight line drawn across (x0 < x1, y0 = y1) or down (x0 = x1, y0 < y1), in points as words are."""

    x0: float
    y0: float
    x1: float
    y1: float


class Page(NamedTuple):
    """What is printed on a page; `number` counts from 1; `drawn` says whether anything at all is."""

    number: int
    width: float
    height: float
    words: list[Word]
    across: list[Rule]
    down: list[Rule]
    drawn: bool


_TOKEN = re.compile("[^\\s\ufffe\u200b\u200c\u200d\ufeff\u2060]+\ufffe?")
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "\ufffe": "-", "\u00ad": "-"}
    | {"\u2010": "-", "\u2011": "-"}
)
_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_SYMBOLS = re.compile(r"symbol|wingdings|webdings|dingbats", re.IGNORECASE)
# What symbol fonts draw in place of a letter, by its code in them; any other mark of theirs is taken for a bullet.
_DRAWN = {0xA7: "▪", 0x6E: "■", 0x6F: "□", 0x71: "□", 0xA8: "□", 0x76: "❖", 0xD8: "➢", 0xFC: "✓", 0xFB: "✗"}
# A bullet drawn against its item; and where a line begins, a number so wide that no space is left after it.
_SYMBOL = re.compile("[\uf000-\uf0ff•▪▫◦●○■□◆◇➢➤►❖✓✔✗✘](?=[^\\W\\d_])")
_WIDE_NUMBER = re.compile(r"\((?:[ivx]{2,5}|\d{1,2})\)(?=[A-Za-z])|\d{1,3}\.(?:\d{1,3}(?:\.\d{1,3})*\.?)?(?=[A-Z])")
_FOOTNOTE = re.compile(r"(?<=[^\W\d_]{2})\d{1,2}$|(?<=[.,;:!?)’”\"'])\d{1,2}$")
_FORCED_BOLD = 1 << 18
_SMALLEST = 1.0  # size of type that can be seen
_UPRIGHT = 0.1  # the sine of what a line of text may lean


class _Style(NamedTuple):
    size: float
    bold: bool
    symbols: bool
    turn: int | None  # quarters by which the page must be turned to the right to stand it upright; None for aslant


def read_page(handle: Any, number: int) -> Page:
    """The page of a PDFium page handle, turned as most of its text runs."""
    space = _Space(handle)
    words, turned = _words(handle, space)
    turn, letters = max(turned.items(), key=lambda each: each[1], default=(0, 0))
    if turn and 2 * letters > sum(turned.values()):
        space = _Space(handle, turn)
        words, _ = _words(handle, space)
    across, down, dots, drawn = _drawn(handle, space)
    words += _dots_as_bullets(dots, words)
    return Page(number, space.width, space.height, words, across, down, drawn)


def _words(handle: Any, space: "_Space") -> tuple[list[Word], Counter[int]]:
    """A page's words that stand upright in a space, and how many letters are turned by how many quarters."""
    text_page = pdfium.FPDFText_LoadPage(handle)
    if not text_page:
        return [], Counter()
    try:
        text = _Text(text_page, space)
        return list(text.words()), text.turned
    finally:
        pdfium.FPDFText_ClosePage(text_page)


class _Text:
    """The text of one open page."""

    def __init__(self, page: Any, space: "_Space") -> None:
        self._page, self._space = page, space
        self.turned: Counter[int] = Counter()
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self._first, self._last = pdfium.FS_RECTF(), pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def words(self) -> Iterator[Word]:
        count = pdfium.FPDFText_CountChars(self._page)
        buffer = (ctypes.c_ushort * (2 * count + 2))()
        length = pdfium.FPDFText_GetText(self._page, 0, count, buffer)
        text = bytes(buffer)[: 2 * max(0, length - 1)].decode("utf-16-le", errors="replace")
        for token in _TOKEN.finditer(text):
            start, end = token.start(), token.end() - 1
            if len(text) != count:  # PDFium leaves out of the text what has no letter
                start = pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, start)
                end = pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, end)
            mark = _SYMBOL.match(token[0])
            if mark is None and (token.start() == 0 or text[token.start() - 1] == "\n"):
                mark = _WIDE_NUMBER.match(token[0])
            width = mark.end() if mark else 0
            if mark:
                yield from self._word(mark[0], start, start + width - 1)
            yield from self._word(token[0][width:], start + width, end)

    def _word(self, text: str, start: int, end: int) -> Iterator[Word]:
        """The word between two characters; none where it is turned, cut off or too small to be seen."""
        style = self._style(start)
        if style is None or style.turn is None or not style.size >= _SMALLEST:
            return
        self.turned[style.turn] += len(text)
        if style.turn:
            return
        if (mark := _FOOTNOTE.search(text)) and self._is_raised(start, end):
            end -= len(mark[0])
            text = text[: mark.start()]
        pdfium.FPDFText_GetCharOrigin(self._page, start, self._x, self._y)
        pdfium.FPDFText_GetLooseCharBox(self._page, start, self._first)
        pdfium.FPDFText_GetLooseCharBox(self._page, end, self._last)
        if self._space.level:
            ends = (self._first.left, self._y.value), (self._last.right, self._y.value)
        else:
            ends = (self._x.value, self._first.bottom), (self._x.value, self._last.top)
        (x0, y), (x1, _) = (self._space.seen(*each) for each in ends)
        if -1 <= (x0 + x1) / 2 <= self._space.width + 1 and -1 <= y <= self._space.height + 1:
            yield Word(_printed(text, style.symbols), min(x0, x1), max(x0, x1), y, style.size, style.bold)

    def _is_raised(self, start: int, end: int) -> bool:
        """Whether the last character is a smaller one above the line: the mark of a footnote."""
        first, last = self._style(start), self._style(end)
        if first is None or last is None or last.size > 0.8 * first.size:
            return False
        return self._baseline(end) < self._baseline(start) - 0.1 * first.size

    def _baseline(self, at: int) -> float:
        pdfium.FPDFText_GetCharOrigin(self._page, at, self._x, self._y)
        return self._space.seen(self._x.value, self._y.value)[1]

    def _style(self, at: int) -> _Style | None:
        run = pdfium.FPDFText_GetTextObject(self._page, at)
        if not run:
            return None
        key = ctypes.addressof(run.contents)
        if key not in self._styles:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFText_GetMatrix(self._page, at, matrix)
            scale = hypot(matrix.c, matrix.d) or 1.0
            bold, symbols = self._font(pdfium.FPDFTextObj_GetFont(run))
            outlined = pdfium.FPDFTextObj_GetTextRenderMode(run) == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
            size = pdfium.FPDFText_GetFontSize(self._page, at) * scale
            turn = self._space.turn_of(matrix.a, matrix.b)
            self._styles[key] = _Style(round(size, 1), bold or outlined, symbols, turn)
        return self._styles[key]

    def _font(self, font: Any) -> tuple[bool, bool]:
        """Whether a font is bold, and whether it draws symbols."""
        if not font:
            return False, False
        key = ctypes.addressof(font.contents)
        if key not in self._fonts:
            buffer = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.value.decode("utf-8", errors="replace")
            bold = bool(_BOLD.search(name)) or bool(pdfium.FPDFFont_GetFlags(font) & _FORCED_BOLD)
            self._fonts[key] = bold, bool(_SYMBOLS.search(name)) and "segoe" not in name.lower()
        return self._fonts[key]


class _Space:
    """A page's own coordinates turned into those of the page as it is seen: from the left and the top."""

    def __init__(self, handle: Any, turn: int = 0) -> None:
        """Of a page as it is shown, or turned by quarters to the right from there."""
        box = [ctypes.c_float() for _ in range(4)]
        rect = pdfium.FS_RECTF()
        if not pdfium.FPDFPage_GetCropBox(handle, *box) and not pdfium.FPDFPage_GetMediaBox(handle, *box):
            pdfium.FPDF_GetPageBoundingBox(handle, rect)
            box = [ctypes.c_float(v) for v in (rect.left, rect.bottom, rect.right, rect.top)]
        left, bottom, right, top = (v.value for v in box)
        self.turn = (pdfium.FPDFPage_GetRotation(handle) + turn) % 4
        self.level = self.turn % 2 == 0
        self.width, self.height = abs(right - left), abs(top - bottom)
        if not self.level:
            self.width, self.height = self.height, self.width
        self.seen: Callable[[float, float], tuple[float, float]] = (
            lambda x, y: (x - left, top - y),
            lambda x, y: (y - bottom, x - left),
            lambda x, y: (right - x, y - bottom),
            lambda x, y: (top - y, right - x),
        )[self.turn]

    def turn_of(self, a: float, b: float) -> int | None:
        """The quarters to the right by which the page must be turned for text that runs so; None for text aslant."""
        along, up = ((a, b), (b, -a), (-a, -b), (-b, a))[self.turn]
        if abs(up) <= _UPRIGHT * abs(along):
            return 0 if along > 0 else 2
        return (1 if up > 0 else 3) if abs(along) <= _UPRIGHT * abs(up) else None


def _printed(text: str, symbols: bool) -> str:
    """A word's letters as they are read: ligatures parted, the marks of symbol fonts by their look."""
    if len(text) == 1 and (symbols or "\uf000" <= text <= "\uf0ff"):
        if text.isdigit() or text in "•▪▫‣⁃◦●○■□◆◇➢➤►▶✓✔✗✘❖o–-":
            return text
        return _DRAWN.get(ord(text) & 0xFF if text > "\uefff" or text < "\u0100" else 0, "•")
    return text if text.isascii() else text.translate(_LIGATURES)


# --- rules, dots and pictures ---------------------------------------------------------------------------------------

_THIN, _LONG = 2.5, 12.0
_MOST_SEGMENTS = 400
_MOST_DOTS = 200  # of a page; more are a pattern


def _drawn(handle: Any, space: _Space) -> tuple[list[Rule], list[Rule], list[Rule], bool]:
    """The rules across and down, the small dots, and whether there is anything."""
    boxes: list[Rule] = []
    count = pdfium.FPDFPage_CountObjects(handle)
    for n in range(count):
        each = pdfium.FPDFPage_GetObject(handle, n)
        if pdfium.FPDFPageObj_GetType(each) == pdfium.FPDF_PAGEOBJ_PATH:
            boxes += _path(each, space)
    across = [
        Rule(b.x0, (b.y0 + b.y1) / 2, b.x1, (b.y0 + b.y1) / 2) for b in boxes if _is_flat(b.y1 - b.y0, b.x1 - b.x0)
    ]
    down = [Rule((b.x0 + b.x1) / 2, b.y0, (b.x0 + b.x1) / 2, b.y1) for b in boxes if _is_flat(b.x1 - b.x0, b.y1 - b.y0)]
    dots = [b for b in boxes if 1.5 < b.x1 - b.x0 < 8 and abs((b.x1 - b.x0) - (b.y1 - b.y0)) < 0.5]
    return across, down, dots, count > 0


def _is_flat(thick: float, long: float) -> bool:
    return thick <= _THIN and long >= _LONG


def _path(each: Any, space: _Space) -> Iterator[Rule]:
    """The box of a thin or small path, or the sides of one that is drawn with a pen."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top):
        return
    box = _box(space, (left.value, bottom.value), (right.value, top.value))
    if min(box.x1 - box.x0, box.y1 - box.y0) < 8:
        yield box
        return
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(each, filled, stroked)
    count = pdfium.FPDFPath_CountSegments(each)
    if not stroked.value or count > _MOST_SEGMENTS:
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(each, matrix)
    start = before = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for n in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(each, n)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        at = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = at
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield _box(space, before, at)
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield _box(space, at, start)
        before = at


def _box(space: _Space, one: tuple[float, float], other: tuple[float, float]) -> Rule:
    (ax, ay), (bx, by) = space.seen(*one), space.seen(*other)
    return Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _dots_as_bullets(dots: list[Rule], words: list[Word]) -> Iterator[Word]:
    """A bullet for every dot that is drawn (browsers do so) left of a line of text."""
    for dot in dots[:_MOST_DOTS]:
        middle = (dot.y0 + dot.y1) / 2
        level = [w for w in words if 0 <= w.y - middle <= 0.7 * w.size]
        item = min((w for w in level if 0 < w.x0 - dot.x1 < 30), key=lambda w: w.x0, default=None)
        if item is not None and not any(-8 < w.x1 - dot.x0 < 8 for w in level):
            yield Word("•", dot.x0, dot.x1, item.y, item.size)
