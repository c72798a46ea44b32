"""A web page is read as its markup has it, and without the site around the policy."""

from pathlib import Path

import pytest

from index.documents import Document, Line, Unreadable, read
from index.parsing import parse
from index.readers.web_page import read_web_page


def lines_of(page: str | bytes) -> list[Line]:
    data = page.encode() if isinstance(page, str) else page
    return [line for line in read_web_page(data, "policy.html") if line.raw]


def whole(page: str | bytes) -> list[str]:
    return [line.whole for line in lines_of(page)]


def test_headings_have_the_level_of_their_markup_and_the_number_that_is_typed():
    lines = lines_of("<h1>Phones</h1><h2>2.1 Use <em>in</em> school</h2><div role=heading aria-level=4>Visitors</div>")
    assert [(line.level, line.marker, line.text) for line in lines] == [
        (1, "", "Phones"), (2, "2.1", "Use in school"), (4, "", "Visitors"),
    ]  # fmt: skip


def test_lists_have_the_marks_that_a_browser_prints():
    lines = lines_of(
        "<p>Staff must:<ul><li>ask <b>first</b></li><li>tell<ul><li>the office<ul><li>by letter</ul></li></ul></ul>"
        "<ol start=3><li>three<li value=7>seven<ol type=a><li>under</ol><li>eight</ol>"
        "<ol reversed><li>two<li>one</ol><ol type=I start=9><li>nine<li>ten</ol>"
        '<ol style="list-style-type: lower-roman"><li>one</ol><ol style="list-style:none"><li>4.2 Own number</ol>'
    )
    assert [(line.marker, line.text, line.indent) for line in lines[1:]] == [
        ("•", "ask first", 0), ("•", "tell", 0), ("◦", "the office", 2), ("▪", "by letter", 4),
        ("3.", "three", 0), ("7.", "seven", 0), ("a.", "under", 2), ("8.", "eight", 0),
        ("2.", "two", 0), ("1.", "one", 0), ("IX.", "nine", 0), ("X.", "ten", 0), ("i.", "one", 0),
        ("4.2", "Own number", 0),
    ]  # fmt: skip


def test_a_number_or_bullet_typed_inside_an_item_is_not_doubled():
    assert whole("<ul><li>3.1 Keep it safe</li><li>• Lock it</li></ul>") == ["3.1 Keep it safe", "• Lock it"]


def test_a_second_paragraph_of_an_item_stands_under_it():
    lines = read_web_page(b"<ul><li><p>Ask first.</p><p>Then write it down.</p></li><li>Go home.</li></ul>", "p.html")
    assert [(line.marker, line.text, line.indent) for line in lines] == [
        ("•", "Ask first.", 0), ("", "", 0), ("", "Then write it down.", 2), ("•", "Go home.", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        # Word's "web page", and Google's, which puts inner lists beside outer ones
        "<p style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;&nbsp; "
        "</span></span><![endif]>Ask</p><p style='mso-list:l0 level2 lfo1'><span>o<span>&nbsp;&nbsp; </span></span>Write</p>",
        '<ul class="lst-kix_a1-0 start"><li>Ask</ul><ul class="lst-kix_a1-1 start"><li>Write</ul>',
        '<p style="margin-left:0cm">•\tAsk</p><p style="margin-left:0.64cm">o\tWrite</p>',
    ],
)
def test_knows_lists_of_word_and_google_documents(page):
    assert [(line.text, line.indent, bool(line.marker)) for line in lines_of(page)] == [
        ("Ask", 0, True),
        ("Write", 2, True),
    ]


def test_tables_are_rows_with_a_head_and_cells_that_reach_down_are_said_again():
    lines = lines_of(
        "<table><caption>Who to tell</caption><thead><tr><th>Matter</th><th>Person</th></tr></thead>"
        "<tr><td rowspan=2>A lost<br>phone</td><td>The office</td></tr><tr><td>The form tutor</td></tr>"
        "<tr><td></td><td></td></tr><tr><td colspan=2>All other matters</td></tr></table>"
    )
    assert [(line.text, line.cells, line.rule) for line in lines] == [
        ("Who to tell", (), ""),
        ("Matter Person", ("Matter", "Person"), ""),
        ("", (), "|"),
        ("A lost phone The office", ("A lost phone", "The office"), ""),
        ("A lost phone The form tutor", ("A lost phone", "The form tutor"), ""),
        ("All other matters", (), ""),
    ]


def test_a_cell_with_a_list_in_it_is_read_under_its_row_s_first_cell():
    page = (
        "<h1>Phones policy</h1><h2>Roles</h2><table><tr><td>Role</td><td>Duties</td></tr>"
        "<tr><td>Office staff</td><td><ul><li>keep phones locked away<li>write down who brings one</ul></td></tr>"
        "<tr><td>Pupils</td><td><p>They hand it in at the gate each morning.</p><p>They collect it at the end of the day.</p></td></tr>"
        "</table>"
    )
    policy = parse(Document(name="phones.html", sha256="0" * 64, lines=read_web_page(page.encode(), "phones.html")))
    assert [(clause.path[-1], clause.text) for clause in policy.clauses] == [
        ("Office staff", "keep phones locked away"),
        ("Office staff", "write down who brings one"),
        ("Pupils", "They hand it in at the gate each morning."),
        ("Pupils", "They collect it at the end of the day."),
    ]


def test_definitions_are_rows_or_stand_under_their_term():
    lines = lines_of("<dl><dt>Owner<dd>The head<dt>Bullying<dd><p>Hurt, repeated.</p><p>On purpose.</p></dl>")
    assert [(line.text, line.cells, line.bold, line.indent) for line in lines] == [
        ("Owner The head", ("Owner", "The head"), False, 0),
        ("Bullying", (), True, 0),
        ("Hurt, repeated.", (), False, 2),
        ("On purpose.", (), False, 2),
    ]


def test_bold_is_what_is_bold_as_a_whole():
    page = (
        "<p><b>Scope:</b></p><p>Staff <b>must</b> ask</p><p>3. <strong>Trips</strong></p>"
        "<p style='font-weight:700'>Visits</p><b><p style='font-weight:normal'>plain</p></b><p><b>First</b><br>second</p>"
    )
    assert [line.bold for line in lines_of(page)] == [True, False, True, True, False, True, False]


def test_a_line_break_breaks_the_line_and_two_part_paragraphs():
    lines = read_web_page(b"<p>One<br>two<br><br>three</p><pre>four\n  five</pre>", "policy.html")
    assert [(line.text, line.indent) for line in lines] == [
        ("One", 0), ("two", 0), ("", 0), ("three", 0), ("", 0), ("four", 0), ("five", 2),
    ]  # fmt: skip


def test_what_is_printed_stays_word_for_word():
    page = "<p>(*Ask&nbsp;the DSL &amp; write to a_b@school.example &lt;today&gt;) soft&shy;ware &pound;5 #Together</p>"
    assert whole(page) == ["(*Ask the DSL & write to a_b@school.example <today>) software £5 #Together"]


SITE = """<!doctype html><html><head><title>Ours</title><style>p{color:red}</style></head><body>
<a class="skip-link" href="#m">Skip to content</a><header><p>School name</p></header><nav><ul><li>Home</ul></nav>
<div id="cookie-banner"><p>We use cookies</p><button>Accept</button></div><div role="search">Find</div>
<div class="sidebar"><p>Term dates</p></div>
%s
<div style="color: red; display:none">Draft</div><p hidden>Hidden</p><script>document.write('x')</script>
<form action="/find"><label>Find</label><input value="words"></form><footer>Address</footer></body></html>"""
POLICY = "<h2>Scope</h2><p>This policy is for all staff, for pupils and for everybody who visits the school.</p>"
READ = ["Scope", "This policy is for all staff, for pupils and for everybody who visits the school."]


@pytest.mark.parametrize(
    "around",
    ["%s", "<main>%s</main>", "<div role=main>%s</div>", "<article>%s</article>", "<form id=aspnetForm>%s</form>"],
)
def test_leaves_out_the_site_around_the_policy(around):
    assert whole(SITE % (around % POLICY)) == READ


def test_the_main_heading_is_kept_where_it_stands_outside_the_main_part():
    assert whole(SITE % f"<h1>Phones policy</h1><p>Home / Policies</p><main>{POLICY}</main>") == [
        "Phones policy",
        *READ,
    ]


def test_keeps_the_head_of_an_article_and_parts_that_a_button_opens():
    page = (
        f"<main><article><header><h1>Phones policy</h1></header>{POLICY}"
        "<h3><button aria-expanded=false aria-controls=p1>Trips</button></h3><div id=p1 hidden>Ask first.</div>"
        '<section class="parental-consent">Ask for consent.</section><button>Print</button></article></main>'
    )
    assert whole(page) == ["Phones policy", *READ, "Trips", "Ask first.", "Ask for consent."]


@pytest.mark.parametrize(
    "data",
    [
        "<p>Naïve – “£5”</p>".encode(),
        "\ufeff<p>Naïve – “£5”</p>".encode(),
        "<p>Naïve – “£5”</p>".encode("utf-16"),
        b'<meta charset="iso-8859-1">' + "<p>Naïve – “£5”</p>".encode("cp1252"),
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'
        + "<p>Naïve – “£5”</p>".encode("cp1252"),
        b'<meta charset="iso-8859-1">' + "<p>Naïve – “£5”</p>".encode(),  # says one thing and is another
        b'<meta charset="rot13">' + "<p>Naïve – “£5”</p>".encode("cp1252"),
        b'<?xml version="1.0" encoding="utf-8"?>' + "<p>Naïve – “£5”</p>".encode(),
    ],
)
def test_reads_any_encoding(data):
    assert whole(data) == ["Naïve – “£5”"]


def test_reads_other_alphabets_as_the_page_says():
    page = "<p>Жарты жылда бір рет</p>"
    assert whole(b'<meta charset="windows-1251">' + page.encode("cp1251")) == ["Жарты жылда бір рет"]


def test_lines_are_numbered_as_in_the_source():
    page = b"<p>One</p>\n\n<p>Two\nwords</p>\n<ul>\n<li>Three</ul><table>\n<tr><td>a\n<td>b\n<tr><td>c<td>d</table>\n<p>Four"
    lines = read_web_page(page, "policy.html")
    assert [(line.number, line.text) for line in lines if line.text] == [
        (1, "One"), (3, "Two words"), (6, "Three"), (7, "a b"), (9, "c d"), (10, "Four"),
    ]  # fmt: skip
    assert [line.number for line in lines] == sorted(line.number for line in lines)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<div>" * 400 + "text", "nests"),
        ("<body><div id=app></div><script>show()</script>", "script"),
        ("\0\1\2\3" * 50, "not text"),
    ],
)
def test_refuses_what_it_would_read_wrongly(page, why):
    with pytest.raises(Unreadable, match=rf"^policy\.html .*{why}.*\.$"):
        read_web_page(page.encode(), "policy.html")


@pytest.mark.parametrize("page", ["", " \n", "<!-- nothing -->", "<html></html>", "<table></table>", "<ul></ul>"])
def test_a_page_with_nothing_on_it_has_no_lines(page):
    assert not lines_of(page)


@pytest.mark.parametrize(
    "page", ["<p>x" * 20_000, " " * 500_000 + "x", "<b> </b>" * 50_000, "<table><tr><td>" * 80, "<ul><li>x" * 120]
)
def test_takes_time_in_proportion(page):
    read_web_page(page.encode(), "policy.html")


def test_what_stands_in_another_cell_of_a_table_does_not_follow(tmp_path: Path) -> None:
    lists = ["<ul><li>Ring the office.</li><li>Ring parents.</li></ul>", "<ul><li>Text pupils.</li></ul>"]
    table = f"<table><tr><th>Allowed</th><th>Not allowed</th></tr><tr>{''.join(f'<td>{one}</td>' for one in lists)}</tr></table>"
    (tmp_path / "phones.html").write_text(f"<h1>Phone Policy</h1><h2>Messages</h2>{table}")
    clauses = parse(read(tmp_path / "phones.html")).clauses
    assert [c.follows for c in clauses if c.text in ("Ring parents.", "Text pupils.")] == [True, False]
