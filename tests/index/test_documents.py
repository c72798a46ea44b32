"""Files of every encoding, line ending and state become lines, or are refused by name."""

from pathlib import Path

import pytest

from index.documents import Unreadable, read

TEXT = "Dress Policy\n\n• Staff wear “sensible” shoes – always.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_text_is_read_in_whatever_encoding_and_line_ending_it_comes(tmp_path: Path, encoding: str, ending: str) -> None:
    file = tmp_path / "dress.txt"
    file.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    lines = [line for line in read(file).lines if line.text]
    assert [(line.marker, line.text) for line in lines] == [
        ("", "Dress Policy"),
        ("•", "Staff wear “sensible” shoes – always."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.md", b" \n\n\t\n", "empty"),
        ("picture.txt", bytes(range(256)) * 40, "not text"),
        ("policy.xyz", b"text", "format"),
        ("huge.txt", b"a" * 2_001, "too big"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_with_the_reason(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=said) as refused:
        read(tmp_path / name, max_bytes=20_000 if said != "too big" else 2_000)
    assert name in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="can't be opened"):
        read(tmp_path / "gone.txt")


def test_a_hyphen_or_underscore_inside_a_word_is_no_emphasis(tmp_path: Path) -> None:
    file = tmp_path / "mail.md"
    file.write_text("Write to **head_office@oakfield.example** *today*.\n")
    assert read(file).lines[0].text == "Write to head_office@oakfield.example today."
