"""A Word document becomes the lines that it prints: each test builds a real .docx and reads it."""

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Document, Line, Unreadable
from index.parsing import parse
from index.readers import word_package
from index.readers.word import read_word

SPACES = " ".join(
    [
        nsdecls("w", "r", "wp", "a"),
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
        'xmlns:v="urn:schemas-microsoft-com:vml"',
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
    ]
)


def word(body: str, *, styles: str = "", numbering: str = "") -> bytes:
    """A .docx with that body, with styles and numbering added to, or put in the place of, python-docx's."""
    document = docx.Document()
    document.styles["Normal"].paragraph_format.space_after = 0
    for element in parse_xml(f"<w:body {SPACES}>{body}</w:body>"):
        document.element.body.insert_element_before(element, "w:sectPr")
    for element in parse_xml(f"<w:styles {SPACES}>{styles}</w:styles>"):
        document.styles.element.append(element)
    if numbering:
        part = document.part.numbering_part.element
        part.clear()
        part.extend(list(parse_xml(f"<w:numbering {SPACES}>{numbering}</w:numbering>")))
    return saved(document)


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def lines(data: bytes) -> list[Line]:
    """The lines that print something."""
    return [line for line in read_word(data, "policy.docx") if line.text]


def texts(data: bytes) -> list[str]:
    return [line.whole for line in lines(data)]


def marks(data: bytes) -> list[str]:
    return [line.marker for line in lines(data)]


def p(
    text: str = "", *, style: str = "", num: str = "", level: int | None = None, extra: str = "", runs: str = ""
) -> str:
    """A paragraph's XML."""
    ilvl = "" if level is None else f'<w:ilvl w:val="{level}"/>'
    number = f'<w:numPr>{ilvl}<w:numId w:val="{num}"/></w:numPr>' if num else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{named}{number}{extra}</w:pPr>{run}{runs}</w:p>"


def r(content: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{content}</w:r>"


def t(text: str, properties: str = "") -> str:
    return r(f'<w:t xml:space="preserve">{text}</w:t>', properties)


def style(
    name: str, properties: str = "", *, named: str = "", based: str = "", kind: str = "paragraph", run: str = ""
) -> str:
    base = f'<w:basedOn w:val="{based}"/>' if based else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{name}"><w:name w:val="{named or name}"/>{base}'
        f"<w:pPr>{properties}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def lvl(n: int, text: str, form: str = "decimal", *, start: int = 1, extra: str = "", left: int | None = None) -> str:
    """A level of a list; its marks stand a quarter of an inch before its text."""
    left = 720 * (n + 1) if left is None else left
    before, after = extra.split("|") if "|" in extra else (extra, "")
    return (
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{before}<w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{left}" w:hanging="360"/></w:pPr>{after}</w:lvl>'
    )


def kind(n: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{n}">{"".join(levels)}</w:abstractNum>'


def num(n: int, of: int, overrides: str = "") -> str:
    return f'<w:num w:numId="{n}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


# --- headings and bold ----------------------------------------------------------------------------------------------


def test_heading_styles_have_levels():
    document = docx.Document()
    document.add_paragraph("Online Safety Policy", style="Title")
    for level in range(1, 10):
        document.add_heading(f"Part {level}", level)
    document.add_paragraph("All staff.")
    assert [line.level for line in lines(saved(document))] == [1, *range(1, 10), 0]


def test_a_style_is_a_heading_by_its_outline_level_or_by_what_it_is_based_on():
    styles = (
        style("berschrift2", named="heading 2")
        + style("Schule", '<w:outlineLvl w:val="2"/>')
        + style("Kapitel", based="Schule")
        + style("Fliesstext", '<w:outlineLvl w:val="9"/>', based="Heading1")
        + style("Around", based="Back")
        + style("Back", based="Around")
    )
    body = "".join(
        p(name, style=name) for name in ("berschrift2", "Schule", "Kapitel", "Fliesstext", "Around", "Missing")
    )
    body += p("by itself", extra='<w:outlineLvl w:val="3"/>')
    assert [line.level for line in lines(word(body, styles=styles))] == [2, 3, 3, 0, 0, 0, 4]


def test_a_headings_line_breaks_and_tabs_only_spread_it():
    body = p(style="Heading1", runs=t("Online") + r("<w:br/>") + t("Safety\tPolicy | Staff"))
    (heading,) = lines(word(body))
    assert (heading.text, heading.level, heading.cells) == ("Online Safety Policy | Staff", 1, ())


def test_a_paragraph_is_bold_when_all_of_its_words_are():
    bold = "<w:b/>"
    styles = style("Strong", run="<w:b/>", kind="character") + style("Label", run="<w:b/>")
    body = (
        p(runs=t("Scope", bold) + t(": "))
        + p(runs=t("Scope", bold) + t(" of it"))
        + p(runs=t("1. ") + t("Scope", bold))
        + p("Scope", style="Label")
        + p(runs=t("Scope", '<w:b w:val="0"/>'), style="Label")
        + p(runs=t("Scope", '<w:rStyle w:val="Strong"/>'))
        + p(runs=t("Scope", '<w:rStyle w:val="Strong"/>'), style="Label")  # switched on twice is off
    )
    assert [line.bold for line in lines(word(body, styles=styles))] == [True, False, True, True, False, True, False]


def test_capitals_are_read_as_they_are_printed():
    assert texts(word(p(runs=t("Scope", "<w:caps/>")))) == ["SCOPE"]


# --- lists ----------------------------------------------------------------------------------------------------------


def test_counts_as_word_counts():
    numbering = kind(1, lvl(0, "%1."), lvl(1, "%1.%2"), lvl(2, "(%3)", "lowerLetter")) + num(1, 1)
    levels = [0, 1, 1, 2, 2, 1, 2, 0, 1]
    body = "".join(p("Ask first", num="1", level=level) + p("Between") for level in levels)
    found = [line for line in lines(word(body, numbering=numbering)) if line.text != "Between"]
    assert [line.marker for line in found] == ["1.", "1.1", "1.2", "(a)", "(b)", "1.3", "(a)", "2.", "2.1"]
    assert [line.text for line in found] == ["Ask first"] * 9


@pytest.mark.parametrize(
    ("form", "text", "start", "expected"),
    [
        ("decimal", "%1)", 3, ["3)", "4)"]),
        ("decimalZero", "%1", 9, ["09", "10"]),
        ("lowerLetter", "%1)", 26, ["z)", "aa)"]),
        ("upperLetter", "(%1)", 1, ["(A)", "(B)"]),
        ("lowerRoman", "%1.", 3, ["iii.", "iv."]),
        ("upperRoman", "%1.", 9, ["IX.", "X."]),
        ("ordinal", "%1", 2, ["2nd", "3rd"]),
        ("ordinal", "%1", 12, ["12th", "13th"]),
        ("lowerRoman", "%1.", 0, ["0.", "i."]),
        ("decimal", "%2%1.", 1, ["1.", "2."]),  # a level that the list hasn't
        ("upperLetter", "%1", 1, ["A.", "B."]),  # a lone letter would be taken for a bullet
        ("bullet", "\uf0b7", 1, ["•", "•"]),
        ("bullet", "o", 1, ["o", "o"]),
        ("bullet", "–", 1, ["–", "–"]),
        ("bullet", "", 1, ["", ""]),
        ("none", "", 1, ["", ""]),
        ("russianUpper", "%1.", 1, ["1.", "2."]),  # a form that is not known
    ],
)
def test_prints_every_form_of_mark(form, text, start, expected):
    numbering = kind(1, lvl(0, text, form, start=start)) + num(1, 1)
    assert marks(word(p("Ask", num="1", level=0) * 2, numbering=numbering)) == expected


def test_a_mark_with_words_in_it_is_part_of_the_text():
    numbering = (
        kind(1, lvl(0, "Appendix %1", "upperLetter"))
        + kind(2, lvl(0, "Step %1:"))
        + kind(3, lvl(0, "%1", "cardinalText"))
        + num(1, 1) + num(2, 2) + num(3, 3)
    )  # fmt: skip
    body = p("Forms", style="Heading1", num="1", level=0) + p("Ask", num="2", level=0) + p("Ask", num="3", level=0)
    assert [(line.marker, line.text) for line in lines(word(body, numbering=numbering))] == [
        ("", "Appendix A Forms"), ("", "Step 1: Ask"), ("", "One Ask"),
    ]  # fmt: skip


def test_bullets_of_symbol_fonts_are_printed_as_text():
    wingdings = '|<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    numbering = "".join(
        kind(n, lvl(0, glyph, "bullet", extra=wingdings)) + num(n, n) for n, glyph in enumerate("§ü\uf0d8\uf0e4", 1)
    )
    body = "".join(p("Ask", num=str(n), level=0) for n in range(1, 5))
    assert marks(word(body, numbering=numbering)) == ["▪", "✓", "➢", "•"]


def test_restarts_overrides_and_legal_numbers():
    numbering = (
        kind(1, lvl(0, "%1.", "upperRoman"), lvl(1, "%1.%2", extra='<w:lvlRestart w:val="0"/><w:isLgl/>'))
        + num(1, 1)
        + num(2, 1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>')
        + num(3, 1, f'<w:lvlOverride w:ilvl="0">{lvl(0, "(%1)", "lowerLetter")}</w:lvlOverride>')
        + num(4, 1)
    )
    asked = [("1", 0), ("1", 1), ("1", 0), ("1", 1), ("2", 0), ("2", 0), ("4", 0), ("3", 0)]
    body = "".join(p("Ask", num=n, level=level) for n, level in asked)
    assert marks(word(body, numbering=numbering)) == ["I.", "1.1", "II.", "2.2", "VII.", "VIII.", "IX.", "(j)"]


def test_a_level_that_nothing_was_counted_on_prints_its_start():
    numbering = kind(1, lvl(0, "%1"), lvl(1, "%1.%2")) + num(1, 1)
    assert marks(word(p("Ask", num="1", level=1), numbering=numbering)) == ["1.1"]


def test_styles_number_their_paragraphs():
    linked = kind(
        1, lvl(0, "%1.", extra='<w:pStyle w:val="Teil"/>'), lvl(1, "%1.%2", extra='<w:pStyle w:val="Absatz"/>')
    )
    numbered = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    styles = (
        style("Teil", numbered, named="heading 1")
        + style("Absatz", numbered, based="Normal")
        + style("Unter", based="Absatz")
        + style("Ohne", '<w:numPr><w:numId w:val="0"/></w:numPr>', based="Absatz")
        + style("Liste", '<w:numPr><w:numId w:val="3"/></w:numPr>', kind="numbering")
    )
    by_link = '<w:abstractNum w:abstractNumId="5"><w:numStyleLink w:val="Liste"/></w:abstractNum>'
    numbering = linked + kind(3, lvl(0, "%1)")) + by_link + num(1, 1) + num(3, 3) + num(5, 5)
    body = (
        p("Scope", style="Teil") + p("All staff.", style="Absatz") + p("All pupils.", style="Unter")
        + p("Nobody.", style="Ohne") + p("Ask", num="5", level=0) + p("Duties", style="Teil")
        + p("None", style="Absatz", num="0")
        + p("Higher", style="Absatz", extra='<w:numPr><w:ilvl w:val="0"/></w:numPr>') + p("Own", style="Absatz", num="5")
    )  # fmt: skip
    found = lines(word(body, styles=styles, numbering=numbering))
    assert [line.marker for line in found] == ["1.", "1.1", "1.2", "", "1)", "2.", "", "3.", "2)"]
    assert [line.level for line in found] == [1, 0, 0, 0, 0, 1, 0, 0, 0]


def test_a_form_of_number_newer_than_the_format_is_read_as_the_one_beside_it():
    newer = '<w:numFmt w:val="custom" w:format="001, 002, ..."/>'
    form = alternatives(newer, '<w:numFmt w:val="decimalZero"/>')
    numbering = kind(1, lvl(0, "%1.").replace('<w:numFmt w:val="decimal"/>', form)) + num(1, 1)
    assert marks(word(p("Ask", num="1", level=0), numbering=numbering)) == ["01."]


def test_empty_paragraphs_of_a_list_count_and_deleted_ones_do_not():
    numbering = kind(1, lvl(0, "%1.")) + num(1, 1)
    deleted = "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr></w:p>"
    body = p("Ask", num="1", level=0) + p(num="1", level=0) + deleted + p("Tell", num="1", level=0)
    assert marks(word(body, numbering=numbering)) == ["1.", "3."]


def test_lists_in_lists_are_indented():
    numbering = kind(1, *(lvl(n, "\uf0b7", "bullet") for n in range(3))) + num(1, 1)
    body = "".join(p("Ask", num="1", level=level) for level in (0, 1, 2, 1, 0)) + p(
        "So.", extra='<w:ind w:left="720"/>'
    )
    assert [line.indent for line in lines(word(body, numbering=numbering))] == [2, 6, 10, 6, 2, 4]


def test_a_list_is_nested_by_its_place_or_by_its_level():
    at = lvl(0, "•", "bullet", left=720), lvl(1, "o", "bullet", left=720)
    numbering = kind(1, *at) + kind(2, lvl(0, "-", "bullet", left=1080)) + kind(3, lvl(0, "-", "bullet", left=790))
    numbering += num(1, 1) + num(2, 2) + num(3, 3)
    asked = [("1", 0), ("1", 1), ("1", 0), ("2", 0), ("1", 0), ("3", 0)]
    found = lines(word("".join(p("Ask", num=n, level=level) for n, level in asked), numbering=numbering))
    assert [line.indent for line in found] == [2, 4, 2, 4, 2, 2]


def test_a_nested_list_of_word_is_a_nested_list_of_clauses():
    numbering = kind(1, lvl(0, "\uf0b7", "bullet"), lvl(1, "o", "bullet")) + num(1, 1)
    body = (
        p("Scope", style="Heading1")
        + p("Everybody at the school must:")
        + p("ask the office first, which will tell:", num="1", level=0)
        + p("the head teacher;", num="1", level=1)
        + p("the governors;", num="1", level=1)
        + p("and write it down.", num="1", level=0)
    )
    policy = parse(Document(name="a.docx", sha256="0" * 64, lines=read_word(word(body, numbering=numbering), "a.docx")))
    assert [(each.depth, each.path[-1], each.text) for each in policy.clauses if each.kind == "bullet"] == [
        (0, "Everybody at the school must:", "ask the office first, which will tell:"),
        (1, "ask the office first, which will tell:", "the head teacher;"),
        (1, "ask the office first, which will tell:", "the governors;"),
        (0, "Everybody at the school must:", "and write it down."),
    ]


@pytest.mark.parametrize(
    ("typed", "marker", "text"),
    [
        ("3.\tAsk first", "3.", "Ask first"),
        ("(a) Ask first", "(a)", "Ask first"),
        ("\uf0b7\tAsk first", "•", "Ask first"),
        ("4.2 Ask first", "4.2", "Ask first"),
        ("3 years after", "", "3 years after"),
    ],
)
def test_marks_that_are_typed_are_read_as_in_plain_text(typed, marker, text):
    (line,) = lines(word(p(typed, extra='<w:ind w:left="720"/>')))
    assert (line.marker, line.text, line.indent) == (marker, text, 4)


def test_a_bullet_before_a_typed_number_gives_way_to_it():
    numbering = kind(1, lvl(0, "•", "bullet")) + num(1, 1)
    assert marks(word(p("3.1 Managing it", num="1", level=0), numbering=numbering)) == ["3.1"]


# --- text -----------------------------------------------------------------------------------------------------------


def test_keeps_what_is_printed_in_a_run():
    run = (
        "<w:t>Non</w:t><w:noBreakHyphen/><w:t>teach</w:t><w:softHyphen/><w:t>ing\u00ad staff</w:t><w:cr/>"
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:t xml:space="preserve"> agreed </w:t><w:sym w:font="Symbol" w:char="F0B3"/>'
        '<w:t xml:space="preserve"> 3</w:t><w:sym w:font="Wingdings" w:char="F0E4"/><w:sym w:font="Arial" w:char="00A3"/><w:sym w:char="x"/>'
    )
    assert texts(word(p(runs=r(run)))) == ["Non-teaching staff", "☑ agreed ≥ 3£"]


def test_line_breaks_part_lines_without_a_gap():
    data = word(p(runs=t("One") + r("<w:br/>") + t("- two") + r('<w:br w:type="column"/>') + t("Three")))
    assert [(line.number, line.whole) for line in read_word(data, "a.docx")] == [(1, "One"), (2, "- two"), (3, "Three")]


def test_lines_after_a_break_stand_under_the_text_of_their_item():
    numbering = kind(1, lvl(0, "•", "bullet")) + num(1, 1)
    body = p(num="1", level=0, runs=t("Ask.") + r("<w:br/>") + t("Then wait."))
    assert [(line.marker, line.indent) for line in lines(word(body, numbering=numbering))] == [("•", 2), ("", 4)]


def test_tabs_part_a_short_line_into_cells_and_not_a_long_one():
    short, long = lines(word(p("Owner\tHead") + p("Owner\tHead " + "and so on " * 30)))
    assert short.cells == ("Owner", "Head")
    assert long.cells == ()


def test_links_tags_controls_and_equations_are_read_through():
    body = p(
        runs='<w:hyperlink w:anchor="a">' + t("Ask ") + "</w:hyperlink><w:smartTag>" + t("the ") + "</w:smartTag>"
        "<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>" + t("office ") + "</w:sdtContent></w:sdt>"
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" + t("Click here. ") + "</w:sdtContent></w:sdt>"
        "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"
    )
    body += f"<w:sdt><w:sdtContent>{p('In a control.')}</w:sdtContent></w:sdt><w:customXml>{p('In XML.')}</w:customXml>"
    choice = alternatives(p("Once", runs=alternatives(t(" only"), t(" twice"))), p("Twice"))
    assert texts(word(body + choice)) == ["Ask the office x=1", "In a control.", "In XML.", "Once only"]


def test_tracked_changes_are_taken_as_accepted():
    deleted_mark = '<w:rPr><w:del w:id="1"/></w:rPr>'
    body = (
        p(
            runs=t("Ask ")
            + f'<w:ins w:id="2">{t("first ")}</w:ins><w:del w:id="3"><w:r><w:delText>never </w:delText></w:r></w:del>'
            + f'<w:moveFrom w:id="4">{t("gone ")}</w:moveFrom><w:moveTo w:id="5">{t("here")}</w:moveTo>'
        )
        + p("One ", extra=deleted_mark)
        + p("and two ", extra='<w:rPr><w:moveFrom w:id="6"/></w:rPr>')
        + p("and three", style="Heading2")
        + p("Last", extra=deleted_mark)
        + "<w:tbl><w:tr><w:trPr><w:del w:id='7'/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    )
    found = lines(word(body))
    assert [(line.text, line.level) for line in found] == [
        ("Ask first here", 0),
        ("One and two and three", 2),
        ("Last", 0),
    ]


def test_hidden_text_comments_and_notes_are_left_out():
    styles = style("Secret", kind="character", run="<w:vanish/>") + style("Note", run="<w:vanish/>")
    body = (
        p(runs=t("Seen") + t(" hidden", "<w:vanish/>") + t(" hidden", '<w:rStyle w:val="Secret"/>'))
        + p(runs='<w:commentRangeStart w:id="1"/>' + t("Said") + '<w:commentRangeEnd w:id="1"/>'
            + r('<w:commentReference w:id="1"/>') + r('<w:footnoteReference w:id="2"/>'))
        + p(runs=t("Not seen", '<w:vanish w:val="1"/>'), extra="<w:rPr><w:vanish/></w:rPr>")
        + p(runs=t("Seen", '<w:vanish w:val="0"/>') + t(" not"), style="Note")
    )  # fmt: skip
    assert texts(word(body, styles=styles)) == ["Seen", "Said", "Seen"]
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "The school"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_comment(document.add_paragraph("Text").runs, text="Why?", author="A", initials="A")
    assert texts(saved(document)) == ["Text"]


def complex_field(code: str, result: str) -> str:
    begin, separate, end = (r(f'<w:fldChar w:fldCharType="{kind}"/>') for kind in ("begin", "separate", "end"))
    return begin + r(f"<w:instrText>{code}</w:instrText>") + separate + result + end


def test_of_a_field_only_the_result_is_kept():
    nested = complex_field("IF " + "</w:instrText></w:r>" + t("asked") + "<w:r><w:instrText>", t("result"))
    body = (
        p(runs=complex_field("REF a", t("Section 2")) + f'<w:fldSimple w:instr="DATE">{t(" of May")}</w:fldSimple>')
        + p(runs=nested)
        + p(runs=r('<w:fldChar w:fldCharType="begin"/>') + t("never ended"))
        + p("and so on")
    )
    assert texts(word(body)) == ["Section 2 of May", "result", "never ended", "and so on"]


def test_a_table_of_contents_is_left_out():
    styles = style("Verzeichnis1", named="toc 1") + style("Inhalt", named="TOC Heading", based="Heading1")
    start, end = complex_field("TOC \\o", t("Scope\t1")).split(t("Scope\t1"))
    body = (
        p("Contents", style="Inhalt") + p("Scope\t1", style="Verzeichnis1")
        + p(runs=start + t("Scope\t1")) + p("Duties\t2") + p(runs=end) + p(runs=f'<w:fldSimple w:instr="TOC">{t("Scope")}</w:fldSimple>')
        + '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        + f"<w:sdtContent>{p('Scope 1')}</w:sdtContent></w:sdt>" + p("Scope", style="Heading1")
    )  # fmt: skip
    assert texts(word(body, styles=styles)) == ["Scope"]


# --- boxes and tables -----------------------------------------------------------------------------------------------


def drawn(content: str) -> str:
    return f"<w:drawing><wp:inline><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"


def in_vml(content: str) -> str:
    return f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"


def alternatives(choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


def test_a_text_box_is_read_once_after_what_it_hangs_on():
    box = p("In the box") + p("Ask", num="1", level=0)
    numbering = kind(1, lvl(0, "%1.")) + num(1, 1)
    body = (
        p(runs=r(alternatives(drawn(box), in_vml(box))) + t("Text")) + p(runs=r(in_vml(p("Old box"))))
        + p("Tell", num="1", level=0) + p(runs=r(alternatives("<w16se:symEx xmlns:w16se='urn:x'/>", "<w:t>☺</w:t>") + "<w:t> ok</w:t>"))
    )  # fmt: skip
    assert texts(word(body, numbering=numbering)) == ["Text", "In the box", "1. Ask", "Old box", "2. Tell", "☺ ok"]


def cell(*content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(content) or p()}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def test_rows_of_a_table_have_cells():
    document = docx.Document()
    made = document.add_table(2, 3)
    for n, text in enumerate(["Owner", "Head", "of all", "Date", "", "May"]):
        made.cell(n // 3, n % 3).text = text
    first, second = lines(saved(document))
    assert (first.cells, first.text) == (("Owner", "Head", "of all"), "Owner | Head | of all")
    assert second.cells == ("Date", "May")


def test_merged_cells_are_read_once():
    document = docx.Document()
    made = document.add_table(3, 3)
    for n in range(9):
        made.cell(n // 3, n % 3).text = f"{n}x"
    made.cell(0, 0).merge(made.cell(0, 1)).text = "wide"
    made.cell(1, 0).merge(made.cell(2, 0)).text = "tall"
    assert [line.cells for line in lines(saved(document))] == [("wide", "2x"), ("tall", "4x", "5x"), ("7x", "8x")]


def test_what_stands_in_a_single_cell_is_read_as_what_it_is():
    numbering = kind(1, lvl(0, "•", "bullet")) + num(1, 1)
    content = p("Scope", style="Heading1") + p("Ask", num="1", level=0) + p("Tell", num="1", level=0)
    found = lines(word(table(row(cell(content), cell())), numbering=numbering))
    assert [(line.level, line.marker, line.text, line.cells) for line in found] == [
        (1, "", "Scope", ()), (0, "•", "Ask", ()), (0, "•", "Tell", ()),
    ]  # fmt: skip


def test_tables_in_tables_and_text_laid_out_in_cells():
    inner = table(row(cell(p("Owner")), cell(p("Head"))), row(cell(p("Date")), cell(p("May"))))
    body = table(row(cell(p("Left")), cell(inner, p()))) + table(
        row(cell(p("Scope", style="Heading1"), p("All staff.")), cell(p("Aim", style="Heading1"), p("All well.")))
    )
    found = lines(word(body))
    assert [line.cells or line.text for line in found] == [
        "Left", ("Owner", "Head"), ("Date", "May"), "Scope", "All staff.", "Aim", "All well.",
    ]  # fmt: skip


LISTED = kind(1, lvl(0, "•", "bullet")) + num(1, 1)


def items(*texts: str) -> str:
    return "".join(p(text, num="1", level=0) for text in texts)


def paths(*rows: str) -> list[tuple[str, str]]:
    """The clauses of a document with that table, each with what it stands under."""
    body = p("Phones policy", style="Title") + p("Duties", style="Heading1") + table(*rows)
    found = read_word(word(body, numbering=LISTED), "phones.docx")
    policy = parse(Document(name="phones.docx", sha256="0" * 64, lines=found))
    return [(" > ".join(clause.path), clause.text) for clause in policy.clauses]


def test_a_list_in_a_cell_is_read_under_its_rows_first_cell():
    rows = [
        row(cell(p("Who")), cell(p("What they do"))),
        row(cell(p("Office staff")), cell(p("each morning:"), items("unlock the cupboard", "ring the gate bell"))),
        row(cell(p("Pupils")), cell(p("They hand it in at the gate each morning."), p("They collect it at the end of the day."))),
        row(cell(p("1.")), cell(p("Visitors")), cell(items("sign the book", "wear a badge"))),
    ]  # fmt: skip
    assert paths(*rows) == [
        ("Duties > Office staff > each morning:", "unlock the cupboard"),
        ("Duties > Office staff > each morning:", "ring the gate bell"),
        ("Duties > Pupils", "They hand it in at the gate each morning."),
        ("Duties > Pupils", "They collect it at the end of the day."),
        ("Duties > 1. Visitors", "sign the book"),
        ("Duties > 1. Visitors", "wear a badge"),
    ]


def test_short_cells_stay_rows_above_a_list_and_stand_under_their_own_cell_below_it():
    rows = [
        row(cell(p("Cook")), cell(p("Locks the kitchen"))),
        row(cell(p("Caretaker")), cell(p("A. Example"), p("01234 567890"))),
        row(cell(p("Clerk")), cell(items("keeps the keys", "keeps the book"))),
        row(cell(p("Nurse")), cell(p("Keeps the first aid box"))),
        row(cell(p("All staff know where the keys are kept at night."))),
    ]
    assert paths(*rows) == [
        ("Duties", "Cook | Locks the kitchen"),
        ("Duties", "Caretaker | A. Example 01234 567890"),
        ("Duties > Clerk", "keeps the keys"),
        ("Duties > Clerk", "keeps the book"),
        ("Duties > Nurse", "Nurse | Keeps the first aid box"),
        ("Duties > Nurse", "All staff know where the keys are kept at night."),
    ]


def test_a_first_cell_that_reaches_down_heads_all_its_rows():
    reaches, reached = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        row(cell(p("Clerk"), properties=reaches), cell(p("Keeps the keys"))),
        row(cell(properties=reached), cell(items("opens the gate", "shuts the gate"))),
        row(cell(properties=reached), cell(items("writes the book", "reads the book"))),
    ]
    assert paths(*rows) == [
        ("Duties", "Clerk | Keeps the keys"),
        *(
            ("Duties > Clerk", text)
            for text in ("opens the gate", "shuts the gate", "writes the book", "reads the book")
        ),
    ]


@pytest.mark.parametrize("bold", ["<w:b/>", ""])
def test_lists_side_by_side_stand_under_the_heads_of_their_columns(bold: str):
    do, dont = items("lock it", "label it"), items("lend it", "lose it")
    heads = [cell(p(runs=t(text, bold))) for text in ("Pupils may", "Pupils must not")]
    assert paths(row(*heads), row(cell(do), cell(dont))) == [
        ("Duties > Pupils may", "lock it"),
        ("Duties > Pupils may", "label it"),
        ("Duties > Pupils must not", "lend it"),
        ("Duties > Pupils must not", "lose it"),
    ]
    when = cell(p(runs=t("When", bold)))
    named = [row(cell(p(text)), cell(do), cell(dont)) for text in ("At lunch", "On trips")]
    assert [path for path, _ in paths(row(when, *heads), *named)] == [
        *["Duties > At lunch | Pupils may"] * 2, *["Duties > At lunch | Pupils must not"] * 2,
        *["Duties > On trips | Pupils may"] * 2, *["Duties > On trips | Pupils must not"] * 2,
    ]  # fmt: skip


def test_rows_and_cells_are_found_in_controls_and_left_out_when_deleted():
    held = f"<w:sdt><w:sdtContent>{row(cell(p('a')), '<w:sdt><w:sdtContent>' + cell(p('b')) + '</w:sdtContent></w:sdt>')}</w:sdtContent></w:sdt>"
    gone = row(cell(p("c")), cell(p("d")), properties='<w:del w:id="1"/>')
    hidden = row(cell(p("e")), cell(p("f")), properties="<w:hidden/>")
    without = row(cell(p("g")), cell(p("h"), properties='<w:cellDel w:id="2"/>'), cell(p("i")))
    assert [line.cells for line in lines(word(table(held, gone, hidden, without)))] == [("a", "b"), ("g", "i")]


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_tables_head_is_told_by_its_mark_or_its_bold(is_marked):
    properties, bold = ("<w:tblHeader/>", "") if is_marked else ("", "<w:b/>")
    head = row(*(cell(p(runs=t(text, bold))) for text in ("Who", "What", "When")), properties=properties)
    rest = row(cell(p("Head")), cell(p("asks")), cell(p("first")))
    found = read_word(word(table(head, rest)), "a.docx")
    rules = [n for n, line in enumerate(found) if line.rule]
    assert [found[n - 1].cells for n in rules] == [("Who", "What", "When")]
    labels = row(cell(p(runs=t("Owner", "<w:b/>"))), cell(p("Head")))
    assert not any(line.rule for line in read_word(word(table(labels, labels)), "a.docx"))


# --- gaps and pages -------------------------------------------------------------------------------------------------


def shape(data: bytes) -> str:
    """A letter for a line that prints something, a dot for a gap."""
    return "".join(line.text[:1] or "." for line in read_word(data, "a.docx"))


def test_a_gap_is_where_one_sees_it():
    after = '<w:spacing w:after="160"/>'
    close = '<w:spacing w:after="160"/><w:contextualSpacing/>'
    numbering = kind(1, lvl(0, "•", "bullet")) + num(1, 1)
    assert shape(word(p("a") + p("b") + p() + p("c"))) == "ab.c"
    assert shape(word(p("a", extra=after) + p("b") + p("c", extra='<w:spacing w:beforeAutospacing="1"/>'))) == "a.b.c"
    assert shape(word(p("a", extra=close) + p("b", extra=close) + p("c", style="Heading1"))) == "ab.c"
    assert shape(word(p("a") + p("b" + " long" * 30) + p("c"))) == "ab.c"
    listed = p("b", num="1", level=0, extra=after) * 2
    assert shape(word(p("a") + listed + p("c"), numbering=numbering)) == "a.bb.c"
    assert shape(word(p("a") + table(row(cell(p("b")), cell(p("b")))) + p("c"))) == "a.b.c"


def test_text_with_broken_lines_that_was_put_into_word_is_read_as_it_was():
    rows = ["Nobody may take a picture of a pupil with a", "phone of their own, for it is hard to say where", "the picture will go and who will see it in the", "end. Ask first."]  # fmt: skip
    body = "".join(p(text, extra='<w:spacing w:after="160"/>') for text in rows)
    data = word(p("Pictures", style="Heading1") + body)
    policy = parse(Document(name="a.docx", sha256="0" * 64, lines=read_word(data, "a.docx")))
    assert [each.text for each in policy.clauses] == [" ".join(rows)]


def pages(data: bytes) -> list[int]:
    return [line.page for line in lines(data)]


def test_pages_are_counted_by_breaks_and_by_where_word_last_broke_them():
    broken = r('<w:br w:type="page"/>')
    rendered = r("<w:lastRenderedPageBreak/>")
    assert pages(word(p("a") + p(runs=broken) + p("b") + p(runs=t("c") + broken + t("d")))) == [1, 2, 2, 3]
    assert pages(word(p("a") + p(runs=broken) + p(runs=rendered + t("b")) + p(runs=t("c ") + rendered + t("c")) + p("d"))) == [1, 2, 2, 3]  # fmt: skip
    before = p("a", extra="<w:pageBreakBefore/>")
    assert pages(word(before * 2)) == [1, 2]
    section = "<w:sectPr/>"
    assert pages(word(p("a", extra=section) + p("b") + p(runs=rendered + t("c")))) == [1, 2, 3]
    continuous = '<w:sectPr><w:type w:val="continuous"/></w:sectPr>'
    assert pages(word(p("a", extra=section) + p("b", extra=continuous) + p("c"))) == [1, 1, 2]
    assert [line.number for line in read_word(word(p("a") + p() + p("b")), "a.docx")] == [1, 2, 3]


# --- files that can't be read ---------------------------------------------------------------------------------------


def repacked(data: bytes, changed: dict[str, bytes]) -> bytes:
    """A .docx with some of its members changed, or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in changed if name not in old.namelist())]:
            new.writestr(name, changed[name] if name in changed else old.read(name))
    return file.getvalue()


PLAIN = word(p("All staff."))
DOCUMENT = "word/document.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + "WordDocument".encode("utf-16-le"), r"before 2007"),
        (OLE, "not a Word document"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><p>All staff.</p>", "web page"),
        (b"<HTML xmlns:o='urn:schemas-microsoft-com:office:office'>", "web page"),
        (b"MIME-Version: 1.0\r\n", "web page"),
        (b"{\\rtf1\\ansi All staff.}", "rich text"),
        (b"%PDF-1.7\n", "PDF"),
        (b"All staff.", "not a Word document"),
        (b"", "not a Word document"),
        (PLAIN[: len(PLAIN) // 2], "not copied whole"),
        (PLAIN[:4], "not copied whole"),
        (repacked(PLAIN, {DOCUMENT: b"<w:document"}), "damaged"),
        (repacked(PLAIN, {DOCUMENT: b""}), "damaged"),
        (repacked(PLAIN, {DOCUMENT: b"<workbook/>"}), "holds no Word document"),
        (repacked(PLAIN, {DOCUMENT: LAUGHS}), "XML declarations"),
        (repacked(PLAIN, {DOCUMENT: OUTSIDE}), "XML declarations"),
        (repacked(PLAIN, {DOCUMENT: b"<a>" * 500 + b"</a>" * 500}), "boxes in boxes"),
        (repacked(PLAIN, {DOCUMENT: b"<a>" + b" " * 2_000_000 + b"</a>"}), "far more"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_word_document_in_a_sentence(data, said):
    with pytest.raises(Unreadable, match=rf"^policy\.docx [^\n]*{said}[^\n]*; [^\n]*\.$"):
        read_word(data, "policy.docx")


def test_refuses_what_unpacks_to_too_much_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(word_package, "MOST_UNPACKED", 500_000)
    with pytest.raises(Unreadable, match="too big when unpacked"):
        read_word(repacked(PLAIN, {"word/media/image1.bmp": bytes(1_000_000)}), "policy.docx")


def test_macros_are_not_looked_at_and_strict_documents_are_read():
    assert texts(repacked(PLAIN, {"word/vbaProject.bin": OLE})) == ["All staff."]
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        xml = archive.read(DOCUMENT)
    strict = xml.replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main")  # fmt: skip
    assert texts(repacked(PLAIN, {DOCUMENT: strict})) == ["All staff."]


def test_the_document_is_where_the_package_says():
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        xml, relations = archive.read(DOCUMENT), archive.read("_rels/.rels")
    moved = {"word/document2.xml": xml.replace(b"All", b"Some"), "_rels/.rels": relations.replace(b"word/document.xml", b"/word/document2.xml")}  # fmt: skip
    assert texts(repacked(PLAIN, moved)) == ["Some staff."]


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(PLAIN) - 1), byte=st.integers(0, 255), cut=st.integers(1, len(PLAIN)))
def test_any_damage_is_read_or_refused(at: int, byte: int, cut: int):
    for data in (PLAIN[:at] + bytes([byte]) + PLAIN[at + 1 :], PLAIN[:cut]):
        try:
            found = read_word(data, "policy.docx")
        except Unreadable:
            continue  # refused; its sentences are tested above
        assert all(isinstance(line, Line) for line in found)


@settings(max_examples=60, deadline=None)
@given(value=st.text("0123456789-.xe\u0661", max_size=12), level=st.text("0123456789-x", max_size=4))
def test_numbers_that_are_none_are_borne(value: str, level: str):
    numbers = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr><w:ind w:left="{value}"/><w:spacing w:after="{value}"/>'
    changed = f'<w:outlineLvl w:val="{value}"/>'
    start = lvl(0, "%1.").replace('w:start w:val="1"', f'w:start w:val="{value}"')
    assert texts(word(p("Ask", extra=numbers + changed), numbering=kind(1, start) + num(1, 1)))[0].endswith("Ask")


# --- another program ------------------------------------------------------------------------------------------------


def test_counts_as_libreoffice_prints(tmp_path: Path):
    """A list with levels, restarts and overrides, converted to text by another program."""
    if not shutil.which("soffice"):
        if os.environ.get("REQUIRE_SOFFICE") == "1":
            pytest.fail("soffice is not installed")
        pytest.skip("soffice is not installed")
    numbering = (
        kind(1, lvl(0, "%1."), lvl(1, "%1.%2"), lvl(2, "(%3)", "lowerRoman"))
        + kind(2, lvl(0, "%1)", "lowerLetter"))
        + num(1, 1) + num(2, 2)
        + num(3, 2, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride>')
    )  # fmt: skip
    asked = [("1", 0), ("1", 1), ("1", 2), ("1", 2), ("2", 0), ("2", 0), ("1", 1), ("1", 2), ("3", 0), ("3", 0), ("1", 0), ("1", 1)]  # fmt: skip
    data = word("".join(p(f"Line {n}", num=of, level=at) for n, (of, at) in enumerate(asked)), numbering=numbering)
    (tmp_path / "list.docx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), str(tmp_path / "list.docx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    printed = [" ".join(line.split()) for line in (tmp_path / "list.txt").read_text("utf-8-sig").splitlines()]
    assert texts(data) == [line for line in printed if line]
