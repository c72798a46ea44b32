"""Files made to do harm are read, or refused in a sentence, within bounds; the process that asked for them goes on.

Each goes the product's way, `read_safely`. What the reading process took is asked of the system while it still runs.
"""

import io
import os
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from index import safely
from index.documents import READERS, Document, Line, Unreadable
from index.safely import read_safely
from tests.small_files import (
    BODY,
    FONT,
    SENTENCE,
    TEXT,
    many_pages,
    needs_soffice,
    odt,
    page,
    pdf,
    raw_pdf,
    rtf,
    word,
    word_parts,
    zipped,
)  # fmt: skip

SECONDS, MEGABYTES = 20, 500  # that the reading process may take at most, in wall time and resident memory
OFFICE = (".odt", ".doc", ".rtf")
ENDINGS = (".txt", ".md", ".docx", ".pdf", ".html", ".htm", *OFFICE)


def rewritten(change: Callable[[PdfWriter], object]) -> bytes:
    """The PDF after a change to it."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf())))
    change(writer)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


# --- reading them ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file, and what its reading took."""

    document: Document | None
    refused: str
    seconds: float
    megabytes: float  # at most, of resident memory; 0 where the process has ended with the file

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.document.lines) if self.document else ""


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Callable[..., Outcome]]:
    """Reads a file's bytes in a process that has read nothing before, and holds its outcome against the bounds."""

    def read(data: bytes | None, name: str) -> Outcome:
        safely._end_kept()
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        document, refused, started = None, "", time.monotonic()
        try:
            document = read_safely(path)
        except Unreadable as reason:
            refused = str(reason)
            assert refused.startswith(name)
            assert refused.endswith(".")
            assert "\n" not in refused
        taken = Outcome(document, refused, time.monotonic() - started, _most_resident())
        print(f"{name}: {taken.seconds:.1f} s, {taken.megabytes:.0f} MB: {refused or 'read'}")
        assert taken.seconds < SECONDS
        assert taken.megabytes < MEGABYTES
        return taken

    yield read
    (tmp_path / "after.txt").write_text(SENTENCE)
    assert read_safely(tmp_path / "after.txt").lines[0].text == SENTENCE


def _most_resident() -> float:
    if not safely._kept:
        return 0
    status = Path(f"/proc/{safely._kept[-1].process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(ENDINGS)


@pytest.mark.parametrize(
    ("data", "name"),
    [(word(), "a.docx"), (pdf(), "a.pdf"), (page(), "a.html"), (page(), "a.htm"), (SENTENCE.encode(), "a.txt")],
)
def test_what_is_in_order_is_read(reading, data: bytes, name: str) -> None:
    assert SENTENCE in reading(data, name).text


@needs_soffice
@pytest.mark.parametrize(("data", "name"), [(odt(), "a.odt"), (rtf(), "a.rtf"), (rtf(), "a.doc")])
def test_what_is_in_order_is_read_through_libreoffice(reading, data: bytes, name: str) -> None:
    assert SENTENCE in reading(data, name).text


# --- what is locked, broken or not what it says ---------------------------------------------------------------------


def test_a_locked_word_document_is_refused(reading) -> None:
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(word())).encrypt("secret", locked)
    assert "password" in reading(locked.getvalue(), "locked.docx").refused


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_locked_pdf_is_refused(reading, algorithm: str) -> None:
    locked = rewritten(lambda writer: writer.encrypt("secret", algorithm=algorithm))
    assert "password" in reading(locked, "locked.pdf").refused


def test_a_pdf_that_only_forbids_printing_is_read(reading) -> None:
    closed = rewritten(lambda writer: writer.encrypt("", "owner", permissions_flag=0, algorithm="AES-256"))
    assert SENTENCE in reading(closed, "closed.pdf").text


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
@pytest.mark.parametrize(("data", "name"), [(word(), "half.docx"), (pdf(), "half.pdf")])
def test_what_is_cut_short_is_refused(reading, data: bytes, name: str, share: float) -> None:
    assert reading(data[: int(share * len(data))], name).refused


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "data", [b"", b"\0", random.Random(1).randbytes(5000), b"PK\x03\x04" + random.Random(2).randbytes(5000)]
)
def test_what_is_no_document_is_refused(reading, data: bytes, ending: str) -> None:
    assert reading(data, f"any{ending}").refused


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_file_is_refused_at_once(reading, tmp_path: Path, ending: str) -> None:
    (tmp_path / f"endless{ending}").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"pipe{ending}")
    for name in ("endless", "pipe"):
        assert reading(None, name + ending).refused


# --- what is larger than it looks -----------------------------------------------------------------------------------


def bomb(name: str, before: bytes, after: bytes, others: dict[str, bytes], *, megabytes: int = 600) -> bytes:
    """A package with a part that unpacks to so many megabytes of text."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for other, part in others.items():
            package.writestr(other, part)
        with package.open(name, "w", force_zip64=True) as part:
            part.write(before)
            for _ in range(megabytes):
                part.write(b"word " * 200_000)
            part.write(after)
    return data.getvalue()


def test_a_word_document_that_unpacks_without_end(reading) -> None:
    parts = word_parts()
    before, after = parts.pop("word/document.xml").split(SENTENCE.encode())
    assert reading(bomb("word/document.xml", before, after, parts), "bomb.docx").refused


def test_a_word_document_that_lies_about_its_size(reading) -> None:
    parts = word_parts()
    before, after = parts.pop("word/document.xml").split(SENTENCE.encode())
    data = bytearray(bomb("word/document.xml", before, after, parts, megabytes=200))
    at = data.rindex(b"PK\x01\x02")  # the last part's entry in the directory
    data[at + 24 : at + 28] = struct.pack("<I", 5000)
    reading(bytes(data), "lies.docx")


def test_an_open_document_that_unpacks_without_end(reading) -> None:
    assert reading(bomb("content.xml", b"<a>", b"</a>", {}), "bomb.odt").refused


LAUGHS = "<!DOCTYPE d [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    ("doctype", "entity"),
    [
        (LAUGHS, "&a11;"),
        ("<!DOCTYPE d [<!ENTITY q '" + "x" * 100_000 + "'>]>", "&q;" * 20_000),
        ("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "&x;"),
        ("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///dev/zero'>]>", "&x;"),
        ("<!DOCTYPE d SYSTEM 'http://127.0.0.1:9/d.dtd' [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>", ""),
    ],
)
@pytest.mark.parametrize("name", ["entities.docx", "entities.html"])
def test_entities_are_not_followed(reading, doctype: str, entity: str, name: str) -> None:
    if name.endswith(".docx"):
        data = zipped(word_parts(BODY.replace(SENTENCE, entity + SENTENCE), doctype=doctype))
    else:
        data = f"{doctype}<html><body><p>{entity}{SENTENCE}</p>".encode()
    outcome = reading(data, name)
    assert "root:" not in outcome.text
    assert len(outcome.text) < 200_000


def test_more_pages_than_a_policy_has(reading) -> None:
    assert reading(many_pages(5000), "pages.pdf").refused


def test_a_thousand_pages(reading) -> None:
    text = reading(many_pages(1000), "pages.pdf").text
    assert text.count(SENTENCE.rstrip(".")) == 1000


def test_pages_that_hold_each_other(reading) -> None:
    assert reading(raw_pdf([TEXT], FONT).replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"), "loop.pdf").refused


def test_a_page_without_end(reading) -> None:
    """1 MB of text drawn at one place, and 200 MB of drawing that is packed small."""
    reading(raw_pdf([TEXT * 20_000], FONT), "dense.pdf")
    reading(raw_pdf([zlib.compress(b"0 0 m 9 9 l S\n" * 15_000_000, 1)], FONT, packed=True), "drawing.pdf")


def picture(side: int) -> bytes:
    """The pixels of a white square of one bit each, packed."""
    return zlib.compress(b"\xff" * (side * ((side + 7) // 8)))


def png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff" * ((side + 7) // 8)) * side)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_huge_picture_in_a_word_document(reading) -> None:
    assert SENTENCE in reading(zipped({**word_parts(), "word/media/image1.png": png(30_000)}), "picture.docx").text


@pytest.mark.parametrize("text", [TEXT, b""])
def test_a_huge_picture_in_a_pdf(reading, text: bytes) -> None:
    """Beside text, and alone, as a scan is."""
    packed = picture(30_000)
    image = (
        b"<</Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 1/ColorSpace/DeviceGray"
        b"/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)
    )
    outcome = reading(raw_pdf([text + b" q 500 0 0 500 40 40 cm /I Do Q"], FONT, image), "picture.pdf")
    assert SENTENCE in outcome.text or (not text and outcome.refused)


def test_boxes_in_boxes_without_end(reading) -> None:
    deep = 20_000
    reading(zipped(word_parts("<w:tbl><w:tr><w:tc>" * deep + BODY + "</w:tc></w:tr></w:tbl>" * deep)), "deep.docx")
    reading(zipped(word_parts("<w:sdt><w:sdtContent>" * 300 + BODY + "</w:sdtContent></w:sdt>" * 300)), "deep.docx")
    reading(b"<ul><li>" * 1_000_000 + SENTENCE.encode(), "deep.html")
    reading(b"<table><tr><td>" * 80 + page(), "deep.html")


def test_a_page_of_nothing_but_markup(reading) -> None:
    reading(b"<p>x" * 4_000_000, "long.html")
    reading(b"<tr><td>x<td>y" * 500_000, "rows.html")
    reading(b"<table><tr>" + b"<td rowspan=999999>x" * 2000 + b"<tr><td>y" * 100_000, "spans.html")


@needs_soffice
@pytest.mark.parametrize("data", [b"{\\rtf1 " + b"{" * 1_000_000, b"{\\rtf1 " + b"\\trowd\\cell" * 100_000])
def test_braces_without_end(reading, data: bytes) -> None:
    reading(data, "deep.rtf")


# --- what would do something ----------------------------------------------------------------------------------------


def test_macros_are_not_run(reading) -> None:
    main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    data = zipped({**word_parts(main=main), "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100})
    outcome = reading(data, "macros.docx")
    assert SENTENCE in outcome.text or outcome.refused


def test_a_pdf_s_script_is_not_run(reading) -> None:
    script = b"/OpenAction<</S/JavaScript/JS(while \\(true\\) {})>>"
    assert SENTENCE in reading(raw_pdf([TEXT], FONT, catalog=script), "script.pdf").text


def test_parts_outside_the_package_are_not_read(reading, tmp_path: Path) -> None:
    (tmp_path / "secret.xml").write_bytes(word_parts(BODY.replace(SENTENCE, "secret"))["word/document.xml"])
    parts = word_parts()
    for target in ("../secret.xml", (tmp_path / "secret.xml").as_uri(), str(tmp_path / "secret.xml")):
        related = parts["_rels/.rels"].replace(b"word/document.xml", target.encode())
        assert "secret" not in reading(zipped({**parts, "_rels/.rels": related}), "outside.docx").text


# --- whatever the bytes ---------------------------------------------------------------------------------------------


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes with one to six stretches changed, taken out, doubled or put elsewhere."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 2, 8, 64, 1000])))
        piece = data[start:end]
        new = draw(
            st.binary(max_size=8)
            | st.sampled_from([piece * 2, piece[::-1], b"", b"9999999999", b"-1", b"<", b"\xff\xff\xff\xff", b"\0" * 4])
        )
        data = data[:start] + new + data[end:]
    return data


@st.composite
def mutated_word(draw: st.DrawFn) -> bytes:
    """A Word document with one of its parts mutated, or the package."""
    parts = word_parts()
    name = draw(st.sampled_from(sorted(parts)))
    parts[name] = draw(mutated(parts[name]))
    return draw(st.just(zipped(parts)) | mutated(zipped(parts)))


def gives_lines_or_a_sentence(data: bytes, name: str) -> None:
    lines: tuple[Line, ...] = ()
    said = f"{name} is read."
    try:
        lines = READERS[Path(name).suffix](data, name)
    except Unreadable as reason:
        said = str(reason)
    assert said.startswith(name)
    assert said.endswith(".")
    assert all(isinstance(line, Line) for line in lines)
    assert [line.number for line in lines] == sorted(line.number for line in lines)


fuzzed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@fuzzed
@given(data=mutated_word())
def test_any_word_document_gives_lines_or_a_sentence(data: bytes) -> None:
    gives_lines_or_a_sentence(data, "any.docx")


@fuzzed
@given(data=mutated(pdf()))
def test_any_pdf_gives_lines_or_a_sentence(data: bytes) -> None:
    gives_lines_or_a_sentence(data, "any.pdf")


@fuzzed
@given(data=mutated(page()))
def test_any_page_gives_lines_or_a_sentence(data: bytes) -> None:
    gives_lines_or_a_sentence(data, "any.html")


@needs_soffice
@settings(fuzzed, max_examples=3)
@given(data=mutated(odt()) | mutated(rtf()))
def test_any_office_file_gives_lines_or_a_sentence(data: bytes) -> None:
    gives_lines_or_a_sentence(data, "any.odt")
