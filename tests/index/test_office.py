"""OpenDocument, old Word and RTF files are read through LibreOffice, which loads nothing else and leaves nothing behind."""

import http.server
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from index.documents import Line, Unreadable
from index.readers import office
from index.readers.office import read_office
from tests.flat_odt import Piece, flat_odt
from tests.small_files import needs_soffice, odt, zipped

PIECES = [
    Piece(kind="front", text="A school"),
    Piece(kind="title", text="Phones policy"),
    Piece(kind="heading", text="1 Scope"),
    Piece(kind="paragraph", text="This policy is for all staff. They must:"),
    Piece(kind="item", text="hand phones in", depth=0),
    Piece(kind="item", text="write down whose they are", depth=0),
    Piece(kind="heading", text="2 Trips"),
    Piece(kind="paragraph", text="Staff take the school’s phone."),
]


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [line.whole for line in lines if line.text]


@needs_soffice
@pytest.mark.parametrize("ending", ["odt", "doc", "rtf"])
def test_reads_headings_numbers_and_lists(tmp_path: Path, ending: str) -> None:
    (tmp_path / "phones.fodt").write_text(flat_odt(PIECES, "styles"), "utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "phones.fodt")], check=True, capture_output=True, timeout=120)
    lines = [
        line for line in read_office((tmp_path / f"phones.{ending}").read_bytes(), f"phones.{ending}") if line.text
    ]
    by_text = {line.text: line for line in lines}
    assert by_text["Scope"].level == 1
    assert (by_text["Scope"].marker.rstrip("."), by_text["Trips"].marker.rstrip(".")) == ("1", "2")
    assert by_text["hand phones in"].marker
    assert by_text["Staff take the school’s phone."].level == 0


@needs_soffice
def test_loads_nothing_that_a_file_links_to(tmp_path: Path) -> None:
    asked: list[str] = []

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    secret = tmp_path / "secret.txt"
    secret.write_text("of another file")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{site.server_port}"
        picture = (
            '<text:p>Ask first.<draw:frame svg:width="3cm" svg:height="3cm" text:anchor-type="as-char">'
            f'<draw:image xlink:href="{address}/picture.png" xlink:type="simple"/></draw:frame></text:p>'
        )
        sections = "".join(
            f'<text:section text:name="S{n}"><text:section-source xlink:href="{link}" text:filter-name="Text"/>'
            "<text:p>Kept.</text:p></text:section>"
            for n, link in enumerate([secret.as_uri(), f"{address}/text.txt"])
        )
        fields = f'INCLUDETEXT "{secret}"', f'INCLUDEPICTURE "{address}/picture.png" \\\\d'
        rtf = "".join(rf"{{\field{{\*\fldinst {field}}}{{\fldrslt Kept.}}}}" for field in fields)
        rtf = rf"{{\rtf1\ansi Ask first. {rtf}\par}}"
        read = [*texts(read_office(odt(picture + sections), "a.odt")), *texts(read_office(rtf.encode(), "a.rtf"))]
        site.shutdown()
    assert "Ask first." in read[0]
    assert "another file" not in " ".join(read)
    assert asked == []


@needs_soffice
def test_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_office(odt("<text:p>Ask first.</text:p>"), "a.odt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_kills_what_takes_too_long_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program stands in for a LibreOffice that hangs; it is started and killed as that is."""
    (tmp_path / "soffice").write_text("#!/bin/sh\nsleep 987 &\nsleep 987\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(office, "_SECONDS", 0.5)
    with pytest.raises(Unreadable, match=r"^a\.odt takes LibreOffice more than .* save it as .*\.$"):
        read_office(odt("<text:p>Ask first.</text:p>"), "a.odt")
    time.sleep(0.1)
    running = [entry.read_bytes() for entry in Path("/proc").glob("[0-9]*/cmdline") if entry.exists()]
    assert b"sleep\x00987\x00" not in running


def test_says_what_to_do_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable, match=r"^a\.odt .* save it as \.docx or PDF, or install LibreOffice\.$"):
        read_office(odt("<text:p>Ask first.</text:p>"), "a.odt")


def test_reads_what_only_calls_itself_a_word_file() -> None:
    page = b"<html xmlns:w='urn:schemas-microsoft-com:office:word'><body><h1>Phones</h1><p>Ask first.</p></body></html>"
    assert texts(read_office(page, "export.doc")) == ["Phones", "Ask first."]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not what its name says"),
        (b"Just text", "not what its name says"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (zipped({"content.xml": b"<a/>", "META-INF/manifest.xml": b"<manifest:encryption-data/>"}), "password"),
        (zipped({"xl/workbook.xml": b"<a/>"}), "no text document"),
    ],
)
def test_refuses_what_is_no_document(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=rf"^a\.odt .*{why}.*; .*\.$"):
        read_office(data, "a.odt")


@needs_soffice
def test_refuses_what_libreoffice_can_t_open() -> None:
    with pytest.raises(Unreadable, match=r"^a\.odt .*damaged.*\.$"):
        read_office(zipped({"content.xml": b"<a"}), "a.odt")
