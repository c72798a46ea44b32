"""A PDF becomes lines in reading order, whatever its columns, heads and marks; what can't be read is refused."""

import os
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fpdf import FPDF
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from index.documents import Document, Line, Unreadable
from index.parsing import parse
from index.readers import pdf_ocr
from index.readers.pdf import read_pdf
from index.readers.pdf_layout import lines
from index.readers.pdf_words import Page, Rule, Word

STAFF = "Staff must ask the headteacher before they post a picture of a child, and must take it down when asked to."
PUPILS = "Pupils may use their own telephones at the end of the day, when a teacher who is present has agreed to it."
PARENTS = "Parents are asked to keep what they film at a concert to themselves, for others may not want to be seen."


class Paper(FPDF):
    """A4 in points, with heads and feet that are functions of the page's number."""

    def __init__(self, head: Callable[[int], str] | None = None, foot: Callable[[int], str] | None = None) -> None:
        super().__init__(unit="pt", format="A4")
        self._head, self._foot = head, foot
        self.set_margins(60, 80)
        self.set_auto_page_break(True, 80)
        self.set_font("helvetica", size=11)

    def header(self) -> None:
        if self._head is not None:
            self._edge(40, self._head(self.page_no()))

    def footer(self) -> None:
        if self._foot is not None:
            self._edge(800, self._foot(self.page_no()))

    def _edge(self, y: float, text: str) -> None:
        self.set_font("helvetica", size=9)
        self.text(60, y, text)
        self.set_font("helvetica", size=11)
        self.set_xy(60, 80)

    def para(self, text: str, size: float = 11, style: str = "", gap: float = 8, x: float = 60, w: float = 0) -> None:
        self.set_x(x)
        self.set_font("helvetica", style=style, size=size)
        self.multi_cell(w, 1.2 * size, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_y(self.get_y() + gap)
        self.set_font("helvetica", size=11)

    def item(self, mark: str, text: str, x: float = 78, font: str = "helvetica") -> None:
        self.set_font(font, size=11)
        self.text(x, self.get_y() + 10, mark)
        self.para(text, x=x + 18, gap=2)

    @property
    def data(self) -> bytes:
        return bytes(self.output())


@pytest.fixture
def paper() -> Paper:
    made = Paper()
    made.add_page()
    return made


def shown(lines: tuple[Line, ...]) -> list[str]:
    return [line.whole for line in lines if line.text]


def line_of(lines: tuple[Line, ...], start: str) -> Line:
    return next(line for line in lines if line.text.startswith(start))


# --- headings, paragraphs, items -------------------------------------------------------------------------------------


def test_headings_by_size_and_weight(paper: Paper):
    paper.para("Online Policy", size=20)
    paper.para("1. Scope", size=14)
    paper.para(STAFF)
    paper.para("Pictures", size=11, style="B")
    paper.para(STAFF)
    paper.para("2. Pupils", size=14)
    paper.para(PUPILS)
    lines = read_pdf(paper.data, "policy.pdf")
    assert [(line.level, line.bold, line.whole) for line in lines if line.level or line.bold] == [
        (1, False, "Online Policy"), (2, False, "1. Scope"), (0, True, "Pictures"), (2, False, "2. Pupils"),
    ]  # fmt: skip
    assert [line.text for line in lines if line.text][2] == STAFF
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def test_a_gap_is_where_the_distance_is_larger_than_usual(paper: Paper):
    paper.para(STAFF + " " + STAFF, gap=0)
    paper.para("Ask first.", gap=0)
    paper.para("Ask twice.", gap=12)
    paper.para(PUPILS)
    lines = read_pdf(paper.data, "policy.pdf")
    assert [line.text for line in lines] == [f"{STAFF} {STAFF}", "Ask first.", "Ask twice.", "", PUPILS]
    assert lines[3].is_gap


def test_larger_type_that_runs_on_is_no_heading(paper: Paper):
    for text in (STAFF, PUPILS, PARENTS):
        paper.para(text + " " + text, size=13)
        paper.para(STAFF + " " + PUPILS + " " + PARENTS, size=11)
    assert not any(line.level for line in read_pdf(paper.data, "policy.pdf"))


def test_items_with_marks_of_their_own_and_how_deep_they_stand(paper: Paper):
    paper.para("Staff must:", gap=2)
    paper.item(chr(183), STAFF, font="symbol")
    paper.item("l", "Ask first.", font="zapfdingbats")
    paper.item("-", PUPILS, x=96)
    paper.item("9.", "Ask the office.", x=78)
    paper.item("10.", "Ask the clerk.", x=72)
    lines = read_pdf(paper.data, "policy.pdf")
    items = [line for line in lines if line.marker]
    assert [(line.marker, line.text) for line in items] == [
        ("•", STAFF), ("●", "Ask first."), ("-", PUPILS), ("9.", "Ask the office."), ("10.", "Ask the clerk."),
    ]  # fmt: skip
    assert items[0].indent == items[1].indent == items[3].indent < items[2].indent


def test_reads_the_private_letters_of_symbol_fonts(paper: Paper, tmp_path: Path):
    paper.add_font("wingdings", fname=symbol_font(tmp_path / "wingdings.ttf", 0xF0B7, 0xF0A7, 0xF0D8))
    for mark in "\uf0b7\uf0a7\uf0d8":
        paper.item(mark, "Ask first.", font="wingdings")
    assert [line.marker for line in read_pdf(paper.data, "policy.pdf") if line.text] == ["•", "▪", "➢"]


def symbol_font(path: Path, *letters: int) -> Path:
    pen = TTGlyphPen(None)
    for n, point in enumerate([(100, 0), (100, 700), (600, 700), (600, 0)]):
        (pen.lineTo if n else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"mark{n}" for n in range(len(letters)))]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({letter: f"mark{n}" for n, letter in enumerate(letters)})
    font.setupGlyf(dict.fromkeys(names, square))
    font.setupHorizontalMetrics(dict.fromkeys(names, (700, 100)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Wingdings", "styleName": "Regular", "psName": "Wingdings-Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(path)
    return path


def test_dots_drawn_left_of_lines_are_bullets(paper: Paper):
    for n, text in enumerate(("Ask first.", "Ask twice.")):
        paper.circle(81, 106 + 20 * n, 2, style="F")
        paper.text(96, 110 + 20 * n, text)
    assert shown(read_pdf(paper.data, "policy.pdf")) == ["• Ask first.", "• Ask twice."]


def test_a_number_at_a_lines_start_may_be_the_sentences_own(paper: Paper):
    paper.para("Every member of staff who works with the pupils of the nursery, of Year 5 and of Year\n"
               "6 Maple is told of it by the office on the first day of every term, and signs for it.")  # fmt: skip
    assert len(shown(read_pdf(paper.data, "policy.pdf"))) == 1


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("All staff are asked to take part in every kind of communi-|cation with parents", "communication"),
        (
            "Anti-bullying is a matter for all of us, and so is our anti-|bullying week in November",
            "anti-bullying week",
        ),
        ("A step is taken after an incident, and a follow-|up is what the follow and the up mean", "follow-up is"),
        ("Nobody is to write an e-|mail to a parent from an address of their own", "e-mail"),
    ],
)
def test_joins_words_broken_at_a_lines_end(paper: Paper, broken: str, whole: str):
    for line in broken.split("|"):
        paper.para(line, gap=0)
    paper.para(STAFF)
    assert whole in shown(read_pdf(paper.data, "policy.pdf"))[0]


def test_footnote_marks_ligatures_and_turned_text_are_out_of_the_way(paper: Paper, tmp_path: Path):
    paper.para(STAFF, gap=0)
    paper.text(60, 140, "Ask the office")
    paper.set_font_size(6)
    paper.text(60 + 72, 135, "1")
    paper.set_font_size(60)
    with paper.rotation(45, 300, 500):
        paper.text(200, 500, "DRAFT")
    assert shown(read_pdf(paper.data, "policy.pdf")) == [STAFF, "Ask the office"]


def test_a_sideways_page_is_read_as_its_text_runs(paper: Paper):
    paper.para(STAFF)
    writer = pypdf.PdfWriter(clone_from=BytesIO(paper.data))
    for turn in (90, 180, 270):
        writer.pages[0].rotation = turn
        assert shown(read_pdf(saved(writer), "policy.pdf")) == [STAFF]


def saved(writer: pypdf.PdfWriter) -> bytes:
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


# --- pages and columns ----------------------------------------------------------------------------------------------


def long_paper(**edges: Callable[[int], str]) -> Paper:
    made = Paper(**edges)
    made.add_page()
    for n in range(12):
        made.para(f"{n + 1}. Part", size=14)
        for text in (STAFF, PUPILS, PARENTS):
            made.para(" ".join([text] * 4))
    return made


@pytest.mark.parametrize(
    "edges",
    [
        {"head": lambda n: "Online Policy", "foot": lambda n: f"Page {n} of 5"},
        {"head": lambda n: "Hill School" if n % 2 else "Online Policy", "foot": lambda n: str(n)},
        {"foot": lambda n: f"Hill School | Online Policy {n + 3}"},
        {"foot": lambda n: ["i", "ii", "iii", "iv", "v", "vi"][n - 1]},
    ],
)
def test_running_heads_and_page_numbers_are_left_out_and_what_they_part_is_joined(edges):
    plain, printed = long_paper(), long_paper(**edges)
    lines = read_pdf(printed.data, "policy.pdf")
    first = edges.get("head", lambda n: "")(1)
    assert [text for text in shown(lines) if text != first] == shown(read_pdf(plain.data, "policy.pdf"))
    assert shown(lines).count(first) == (1 if first else 0)
    assert max(line.page for line in lines) == printed.pages_count
    assert [text for text in shown(lines) if text.startswith("Parents")] == [" ".join([PARENTS] * 4)] * 12


def test_headings_at_the_tops_of_pages_stay():
    made = Paper()
    for n in range(1, 5):
        made.add_page()
        made.para(f"Appendix {n}", size=16)
        made.para(STAFF)
    assert shown(read_pdf(made.data, "policy.pdf"))[::2] == [f"Appendix {n}" for n in range(1, 5)]


def test_a_paragraph_goes_on_below_the_footnotes_of_its_page():
    made = Paper()
    made.add_page()
    for _ in range(11):
        made.para(STAFF + " " + PUPILS)
    made.set_auto_page_break(False)
    whole = "Nobody posts a picture of a child whose parents have not said in writing that they agree and"
    made.text(60, made.get_y() + 10, whole)
    made.set_font("helvetica", size=8)
    made.text(60, 790, "1 See the form at the office.")
    made.add_page()
    made.para("whose teacher has not seen the picture; the office keeps the forms. " + STAFF)
    read = shown(read_pdf(made.data, "policy.pdf"))
    assert any("they agree and whose teacher has not" in text for text in read)
    assert read[-1].endswith("See the form at the office.")


def test_columns_are_read_one_after_the_other_and_headings_across_before_them(paper: Paper):
    texts = [f"{n}. {text}" for n, text in enumerate((STAFF, PUPILS, PARENTS, STAFF, PUPILS, PARENTS), 1)]
    paper.para("Online Policy of Hill School and of the nursery that belongs to it", size=15)
    top = paper.get_y()
    for side in (0, 1):
        paper.set_y(top)
        for text in texts[3 * side : 3 * side + 3]:
            paper.para(text, x=60 + 245 * side, w=225)
    paper.para("What stands across the page after the columns, from its left edge to its right edge.", size=15)
    read = shown(read_pdf(paper.data, "policy.pdf"))
    assert read[1:7] == texts
    assert read[0].startswith("Online Policy")
    assert read[7].startswith("What stands across")


def test_contents_lines_stay_apart(paper: Paper):
    for title in ("1 Scope", "2 Staff", "3 Pupils"):
        paper.para(f"{title} {'.' * 120} 4", gap=0)
    assert shown(read_pdf(paper.data, "policy.pdf")) == ["1 Scope .... 4", "2 Staff .... 4", "3 Pupils .... 4"]


# --- tables ---------------------------------------------------------------------------------------------------------

ROWS = (("Who", "What", "When"), ("The designated lead for safeguarding", PUPILS, "Each term"), ("Clerk", STAFF, "May"))


@pytest.mark.parametrize("borders", ["ALL", "MINIMAL", "INTERNAL", "NONE"])
def test_rows_of_tables_keep_what_wraps_in_their_cells(paper: Paper, borders: str):
    paper.para(PARENTS + " " + PARENTS)
    with paper.table(
        borders_layout=borders, col_widths=(1, 3, 1), line_height=13, padding=4, text_align="LEFT", v_align="TOP"
    ) as table:
        for cells in ROWS:
            row = table.row()
            for cell in cells:
                row.cell(cell)
    lines = read_pdf(paper.data, "policy.pdf")
    assert [line.cells for line in lines if line.cells] == list(ROWS)
    assert any(line.rule == "|" for line in lines)
    assert all(line.text == " ".join(line.cells) for line in lines if line.cells)


def test_a_tables_head_is_read_once_however_often_it_is_printed(paper: Paper):
    with paper.table(col_widths=(1, 3), line_height=13, padding=4, text_align="LEFT") as table:
        for cells in (("Who", "What"), *((f"Person {n}", f"{PUPILS} {STAFF}") for n in range(40))):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    lines = read_pdf(paper.data, "policy.pdf")
    assert lines[-1].page > 1
    assert [line.cells[0] for line in lines if line.cells] == ["Who", *(f"Person {n}" for n in range(40))]


def test_a_cell_that_a_page_breaks_is_whole():
    made = Paper(foot=lambda n: f"Page {n}")
    made.add_page()
    for page, texts in enumerate((("The clerk", "keeps a list of all that the"), ("", "governors have agreed to."))):
        if page:
            made.add_page()
        top = 80 if page else 740
        for x, width, text in zip((60, 160), (100, 300), texts, strict=True):
            made.rect(x, top, width, 20)
            made.text(x + 5, top + 14, text)
    made.set_y(140)
    made.para(STAFF)
    lines = read_pdf(made.data, "policy.pdf")
    assert [line.cells for line in lines if line.text] == [
        ("The clerk", "keeps a list of all that the governors have agreed to."), (),
    ]  # fmt: skip


def test_a_label_and_its_value_make_a_row(paper: Paper):
    for n, (label, value) in enumerate((("Written by", "A. Clerk"), ("Next review", "May 2027"))):
        paper.text(60, 100 + 16 * n, label)
        paper.text(200, 100 + 16 * n, value)
    paper.set_y(150)
    paper.para(STAFF)
    lines = read_pdf(paper.data, "policy.pdf")
    assert [line.cells for line in lines if line.cells] == [("Written by", "A. Clerk"), ("Next review", "May 2027")]


def test_a_justified_lines_wide_spaces_make_no_cells(paper: Paper):
    for text in (STAFF, PUPILS, PARENTS) * 3:
        paper.multi_cell(150, 13, text, align="J", new_x="LMARGIN", new_y="NEXT")
    assert not any(line.cells for line in read_pdf(paper.data, "policy.pdf"))


# A cell is a list of printed lines; "* " is a bullet, and four spaces are where a bullet's text begins.
Cells = tuple[list[str], ...]


def print_rows(paper: Paper, xs: tuple[int, ...], *rows: Cells, top: float = 100, ruled: bool = True) -> float:
    """Print rows of cells between the places `xs`, each in a box where they are ruled; where they end."""
    for cells in rows:
        height = 13 * max(map(len, cells)) + 10
        for x, end, texts in zip(xs, xs[1:], cells, strict=False):
            if ruled:
                paper.rect(x, top, end - x, height)
            for n, text in enumerate(texts):
                y = top + 14 + 13 * n
                if text.startswith("* "):
                    paper.set_font("symbol", size=11)
                    paper.text(x + 5, y, chr(183))
                    paper.set_font("helvetica", size=11)
                paper.text(x + (17 if text[:2] in ("* ", "  ") else 5), y, text.removeprefix("* ").strip())
        top += height
    return top


def paths(paper: Paper) -> list[tuple[str, str]]:
    """The clauses of a document, each with what it stands under."""
    lines = read_pdf(paper.data, "phones.pdf")
    policy = parse(Document(name="phones.pdf", sha256="0" * 64, lines=lines))
    return [(" > ".join(clause.path), clause.text) for clause in policy.clauses]


@pytest.fixture
def phones(paper: Paper) -> Paper:
    paper.para("Phones policy", size=20, gap=0)
    paper.set_font_size(14)
    paper.text(60, 125, "Duties")
    paper.set_font_size(11)
    return paper


DUTIES: tuple[Cells, ...] = (
    (["Cook"], ["Locks the kitchen"]),
    (["Caretaker"], ["each morning:", "* unlocks the gate and looks whether", "    the cupboard is locked", "* rings the bell"]),
    (["Clerk and", "secretary"], ["1. writes the book", "2. keeps the keys"]),
    (["Nurse"], ["Keeps the first aid box"]),
)  # fmt: skip


@pytest.mark.parametrize("ruled", [True, False])
def test_a_list_in_a_cell_is_read_under_its_rows_first_cell(phones: Paper, ruled: bool):
    print_rows(phones, (60, 130, 400), *DUTIES, top=140, ruled=ruled)
    assert paths(phones) == [
        ("Duties", "Cook Locks the kitchen"),
        ("Duties > Caretaker > each morning:", "unlocks the gate and looks whether the cupboard is locked"),
        ("Duties > Caretaker > each morning:", "rings the bell"),
        ("Duties > Clerk and secretary", "writes the book"),
        ("Duties > Clerk and secretary", "keeps the keys"),
        ("Duties > Nurse", "Nurse Keeps the first aid box"),
    ]


def test_paragraphs_in_a_cell_are_told_by_the_space_between_them(phones: Paper):
    told = ["They hand it in at the gate each", "morning of the week.", "", "They collect it at the end of the", "day."]
    print_rows(phones, (60, 130, 400), (["Pupils"], told), (["Cook"], ["A. Example", "", "01234 567890"]), top=140)
    assert paths(phones)[:3] == [
        ("Duties > Pupils", "They hand it in at the gate each morning of the week."),
        ("Duties > Pupils", "They collect it at the end of the day."),
        ("Duties > Cook", "Cook A. Example 01234 567890"),
    ]


def test_what_looks_like_a_list_mark_in_an_ordinary_cell_makes_no_list(phones: Paper):
    rows: list[Cells] = [
        (["Times"], ["8.45 am", "- 3.15 pm"]), (["Tutor"], ["5 Maple, and now and then also", "6 Maple"]),
        (["Clerk"], ["- none -"]),
    ]  # fmt: skip
    print_rows(phones, (60, 130, 400), *rows, top=140)
    assert [text for _, text in paths(phones)][:3] == [
        "Times 8.45 am - 3.15 pm", "Tutor 5 Maple, and now and then also 6 Maple", "Clerk - none -",
    ]  # fmt: skip


def test_lists_side_by_side_stand_under_the_heads_of_their_columns(phones: Paper):
    may, must_not = ["* lock it", "* label it"], ["* lend it", "* lose it"]
    heads = (["When"], ["Pupils may"], ["Pupils must not"])
    end = print_rows(phones, (60, 230, 400), heads[1:], (may, must_not), top=140)
    phones.text(60, end + 30, "What holds at other times of the day is said in the table below this line.")
    print_rows(
        phones, (60, 130, 260, 400), heads, (["At lunch"], may, must_not), (["On trips"], may, ["ring"]), top=end + 60
    )
    found = paths(phones)
    assert found[:4] == [
        ("Duties > Pupils may", "lock it"), ("Duties > Pupils may", "label it"),
        ("Duties > Pupils must not", "lend it"), ("Duties > Pupils must not", "lose it"),
    ]  # fmt: skip
    assert [(path.split(" > ")[-1], text) for path, text in found if " | " in path][:7] == [
        ("At lunch | Pupils may", "lock it"), ("At lunch | Pupils may", "label it"),
        ("At lunch | Pupils must not", "lend it"), ("At lunch | Pupils must not", "lose it"),
        ("On trips | Pupils may", "lock it"), ("On trips | Pupils may", "label it"),
        ("On trips | Pupils must not", "Pupils must not ring"),
    ]  # fmt: skip


def test_a_first_cell_that_reaches_down_heads_all_its_rows(phones: Paper):
    phones.rect(60, 140, 70, 108)
    phones.text(65, 196, "Clerk")
    rows: list[Cells] = [
        (["Keeps the keys"],),
        (["* opens the gate", "* shuts it"],),
        (["* writes the book", "* reads it"],),
    ]
    end = print_rows(phones, (130, 400), *rows, top=140)
    print_rows(phones, (60, 130, 400), (["Cook"], ["* cooks", "* washes up"]), top=end + 13)
    assert paths(phones) == [
        ("Duties", "Clerk Keeps the keys"),
        *(("Duties > Clerk", text) for text in ("opens the gate", "shuts it", "writes the book", "reads it")),
        *(("Duties > Cook", text) for text in ("cooks", "washes up")),
    ]


def test_a_row_with_lists_that_a_page_breaks_is_whole(phones: Paper):
    head: Cells = (["Who"], ["What they do"], ["When"])
    xs = (60, 130, 300, 500)
    rest = [[], ["    gate", "* opens it"], ["    day", "* at night"]]
    print_rows(phones, xs, head, (["Cook"], ["* cooks", "* tastes"], ["* at noon"]), top=500)
    print_rows(phones, xs, (["Clerk"], ["* writes", "* shuts the"], ["* on Monday", "* on each"]), top=559)
    phones.add_page()
    end = print_rows(phones, xs, head, tuple(rest), (["Nurse"], ["* nurses", "* rests"], ["* always"]), top=80)
    phones.set_y(end + 20)
    phones.para(STAFF)
    lines = read_pdf(phones.data, "phones.pdf")
    assert [line.page for line in lines] == sorted(line.page for line in lines)
    assert [(path.removeprefix("Duties > "), text) for path, text in paths(phones)][3:-1] == [
        ("Clerk | What they do", "writes"), ("Clerk | What they do", "shuts the gate"),
        ("Clerk | What they do", "opens it"), ("Clerk | When", "on Monday"), ("Clerk | When", "on each day"),
        ("Clerk | When", "at night"), ("Nurse | What they do", "nurses"),
        ("Nurse | What they do", "rests"), ("Nurse | When", "always"),
    ]  # fmt: skip


def test_a_table_in_a_cell_is_read_as_a_table(phones: Paper):
    print_rows(phones, (60, 130, 400), (["Kitchen"], ["* ring first", "", "", "", "", "", "* then knock"]), top=140)
    print_rows(phones, (140, 200, 300), (["Cook"], ["01234"]), (["Baker"], ["05678"]), top=172)
    assert paths(phones)[:4] == [
        ("Duties > Kitchen", "ring first"), ("Duties > Kitchen", "Cook 01234"),
        ("Duties > Kitchen", "Baker 05678"), ("Duties > Kitchen", "then knock"),
    ]  # fmt: skip


# --- what is refused, and scans -------------------------------------------------------------------------------------


def locked(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    writer.encrypt("secret", algorithm="AES-256")
    return saved(writer)


def scan(*texts: str, pages: int = 1) -> bytes:
    pictures = []
    for _ in range(pages):
        picture = Image.new("L", (1240, 1754), 255)
        for n, text in enumerate(texts):
            ImageDraw.Draw(picture).text((120, 150 + 44 * n), text, fill=0, font=ImageFont.load_default(size=34))
        pictures.append(picture)
    file = BytesIO()
    pictures[0].save(file, "pdf", resolution=150, save_all=True, append_images=pictures[1:])
    return file.getvalue()


def blank(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return saved(writer)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: b"PK\x03\x04" + data[8:], "is not a PDF;"),
        (lambda data: data[: len(data) // 2], "is damaged or cut short;"),
        (lambda data: b"%PDF-1.7\n" + b"nothing " * 99 + b"%%EOF", "is damaged or cut short;"),
        (locked, "is locked with a password;"),
        (lambda data: blank(2001), "has 2,001 pages, over 2,000;"),
    ],
)
def test_says_in_a_sentence_why_it_cant_be_read(paper: Paper, spoil: Callable[[bytes], bytes], said: str):
    paper.para(STAFF)
    with pytest.raises(Unreadable, match=rf"^policy\.pdf {said} [^\n]*\.$"):
        read_pdf(spoil(paper.data), "policy.pdf")


def test_scripts_and_attachments_are_not_looked_at(paper: Paper):
    paper.para(STAFF)
    writer = pypdf.PdfWriter(clone_from=BytesIO(paper.data))
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('Hello');")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment("notes.txt", b"not part of it")
    assert shown(read_pdf(saved(writer), "policy.pdf")) == [STAFF]


def test_blank_pages_have_no_lines():
    assert read_pdf(blank(2), "policy.pdf") == ()


def test_without_a_program_that_reads_pictures_a_scan_is_refused(paper: Paper, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable, match=r"is a scan without text; save it .* or have tesseract-ocr installed"):
        read_pdf(scan("Ask first."), "policy.pdf")
    paper.para(STAFF)
    writer = pypdf.PdfWriter(clone_from=BytesIO(paper.data))
    writer.append(BytesIO(scan("Ask first.", pages=2)))
    with pytest.raises(Unreadable, match="has no text on 2 of its 3 pages;"):
        read_pdf(saved(writer), "policy.pdf")


@pytest.mark.skipif(
    not pdf_ocr.is_installed() and os.environ.get("REQUIRE_TESSERACT") != "1", reason="tesseract is not installed"
)
def test_a_scan_is_read_where_tesseract_is_installed(paper: Paper):
    assert shutil.which("tesseract")
    paper.para(STAFF)
    writer = pypdf.PdfWriter(clone_from=BytesIO(paper.data))
    writer.append(BytesIO(scan("Staff must ask the headteacher before", "they post a picture of a child.")))
    lines = read_pdf(saved(writer), "policy.pdf")
    assert [(line.page, line.text) for line in lines if line.text] == [
        (1, STAFF), (2, "Staff must ask the headteacher before they post a picture of a child."),
    ]  # fmt: skip
    with pytest.raises(Unreadable, match="no text can be seen"):
        read_pdf(scan(), "policy.pdf")
    with pytest.raises(Unreadable, match="only up to 30 scanned pages are read"):
        read_pdf(scan("Ask first.", pages=31), "policy.pdf")


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 2000), junk=st.binary(max_size=40))
@example(at=0, junk=b"")
def test_any_bytes_are_read_or_refused(at: int, junk: bytes):
    data = STAFF_PAGE[:at] + junk + STAFF_PAGE[at + len(junk) :]
    try:
        lines = read_pdf(data, "policy.pdf")
    except Unreadable:
        return  # refused; its sentences are tested above
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


COORDINATE = st.one_of(st.integers(0, 600), st.sampled_from([56.8, 308.1, 325.2])).map(float)
WORDS = st.builds(
    lambda text, x, width, y, size, bold: Word(text, x, x + width, y, size, bold),
    st.sampled_from(["Staff", "•", "3.", "(a)", "must", "ask.", "-", "picture-", "4", "......", "Scope:"]),
    COORDINATE, COORDINATE, COORDINATE, st.sampled_from([1.0, 9.0, 11.0, 16.0]), st.booleans(),
)  # fmt: skip
RULES = st.lists(st.builds(Rule, COORDINATE, COORDINATE, COORDINATE, COORDINATE), max_size=12)


@settings(max_examples=150, deadline=None)
@given(drawn=st.lists(st.tuples(st.lists(WORDS, max_size=40), RULES), min_size=1, max_size=3))
def test_words_anywhere_become_lines(drawn: list[tuple[list[Word], list[Rule]]]):
    pages = [
        Page(
            number=n,
            width=600,
            height=600,
            words=words,
            across=[Rule(min(r.x0, r.x1), r.y0, max(r.x0, r.x1), r.y0) for r in rules],
            down=[Rule(r.x0, min(r.y0, r.y1), r.x0, max(r.y0, r.y1)) for r in rules],
            drawn=True,
        )
        for n, (words, rules) in enumerate(drawn, 1)
    ]
    found = lines(pages)
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert [line.page for line in found] == sorted(line.page for line in found)
    assert all(line.indent >= 0 and line.text == " ".join(line.text.split()) for line in found)


def _staff_page() -> bytes:
    made = Paper()
    made.add_page()
    made.para(STAFF)
    return made.data


STAFF_PAGE = _staff_page()


def test_a_policy_is_parsed_from_its_pages():
    made = Paper(head=lambda n: "Hill School", foot=lambda n: f"Page {n}")
    made.add_page()
    made.para("Online Policy", size=20)
    for n in range(1, 9):
        made.para(f"{n}. Part {n}", size=14)
        made.para(f"{STAFF} Staff of part {n} must:", gap=2)
        for text in (PUPILS, PARENTS, f"{PUPILS} {PARENTS}"):
            made.item("-", text)
        made.set_y(made.get_y() + 8)
    lines = read_pdf(made.data, "online-policy.pdf")
    policy = parse(Document(name="online-policy.pdf", sha256="0" * 64, lines=lines))
    assert policy.title == "Online Policy"
    assert [len([c for c in policy.clauses if c.headings[-1] == f"{n}. Part {n}"]) for n in range(1, 9)] == [4] * 8
    assert {c.lead_ins for c in policy.clauses if c.kind == "bullet"} == {
        (f"Staff of part {n} must:",) for n in range(1, 9)
    }
