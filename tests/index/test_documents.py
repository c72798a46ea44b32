"""A file becomes lines, whatever it was saved with; what can't be read is refused in a sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import Document, Line, Unreadable, as_line, bare, read

TEXT = "Social Media Policy\n\nStaff mustn’t post “private” pictures – or £5 notes.\n"


@pytest.fixture
def saved(tmp_path: Path):
    def save(data: bytes | str, name: str = "policy.txt") -> Document:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return read(path)

    return save


def texts(document: Document) -> list[str]:
    return [line.text for line in document.lines if line.text]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_reads_whatever_a_school_saved_it_as(saved, encoding):
    assert texts(saved(TEXT.encode(encoding))) == [*TEXT.split("\n\n")[:1], TEXT.split("\n\n")[1].strip()]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028"])
def test_reads_any_line_ending(saved, ending):
    document = saved(ending.join(["Scope", "", "All staff."]))
    assert [(line.number, line.text) for line in document.lines] == [(1, "Scope"), (2, ""), (3, "All staff.")]


def test_a_form_feed_turns_the_page(saved):
    document = saved("One\n\fTwo\nThree\fFour")
    assert [(line.text, line.page) for line in document.lines if line.text] == [
        ("One", 1), ("Two", 2), ("Three", 2), ("Four", 3),
    ]  # fmt: skip


def test_names_a_file_by_its_bytes(saved):
    assert saved("a", "one.txt").sha256 == saved("a", "two.md").sha256 != saved("b").sha256


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n\n\t", b"\xef\xbb\xbf", b"\x00" * 500, b"PK\x03\x04\x00\x00\x08\x00" * 90, bytes(range(256)) * 9],
)
def test_refuses_what_holds_no_text(saved, data):
    with pytest.raises(Unreadable, match=r"^policy\.txt .*; .*\.$"):
        saved(data)


def test_refuses_formats_sizes_and_places_it_does_not_know(tmp_path: Path):
    (tmp_path / "policy.xyz").write_text("text")
    (tmp_path / "long.txt").write_text("text " * 100)
    (tmp_path / "folder.txt").mkdir()
    for path, bytes_allowed in (("policy.xyz", 1000), ("long.txt", 100), ("folder.txt", 100), ("none.txt", 100)):
        with pytest.raises(Unreadable) as refused:
            read(tmp_path / path, max_bytes=bytes_allowed)
        assert str(refused.value).startswith(path)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("row", "marker", "text"),
    [
        ("- Ask first", "-", "Ask first"),
        ("•\tAsk first", "•", "Ask first"),
        ("▪Ask first", "▪", "Ask first"),
        ("  o Ask first", "o", "Ask first"),
        ("* Ask first", "*", "Ask first"),
        ("3. Ask first", "3.", "Ask first"),
        ("(a) Ask first", "(a)", "Ask first"),
        ("iv) Ask first", "iv)", "Ask first"),
        ("4.2.1 Ask first", "4.2.1", "Ask first"),
        ("§ 4.2 Ask first", "§ 4.2", "Ask first"),
        ("**4.2 Ask first**", "4.2", "Ask first"),
        ("- 4.2 Ask first", "4.2", "Ask first"),
        ("- A. Ask first", "-", "A. Ask first"),
        ("3 years after they left", "", "3 years after they left"),
        ("e.g. at home", "", "e.g. at home"),
        ("*Ask* first", "", "Ask first"),
    ],
)
def test_tells_a_list_mark_from_the_text(row, marker, text):
    line = as_line(row, number=1)
    assert (line.marker, line.text) == (marker, text)


def test_knows_headings_bold_lines_rows_and_rules():
    assert (as_line("## **2. Scope** ##", number=1).level, as_line("## **2. Scope** ##", number=1).text) == (2, "Scope")
    assert as_line("**Scope:**", number=1).bold
    assert not as_line("**Staff** must **not**", number=1).bold
    assert as_line("| Owner | Head |", number=1).cells == ("Owner", "Head")
    assert as_line("Date of review\tMay 2026", number=1).cells == ("Date of review", "May 2026")
    assert as_line("|---|---|", number=1).rule == "|"
    assert as_line("=====", number=1).rule == "="


def test_keeps_what_only_looks_like_emphasis():
    assert (
        bare("Follow **@our_school** and _tag_ #Together, `not` this")
        == "Follow @our_school and tag #Together, not this"
    )


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "any.txt"
    path.write_bytes(data)
    try:
        lines = read(path).lines
    except Unreadable:
        return  # refused; its sentences are tested above
    assert all(isinstance(line, Line) for line in lines)
    assert [line.number for line in lines] == sorted(line.number for line in lines)
