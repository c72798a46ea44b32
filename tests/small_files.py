"""Small files in every format that is read, made byte by byte so that a test can change any part of them."""

import io
import os
import shutil
import zipfile
from collections.abc import Sequence

import pytest
from fpdf import FPDF

SENTENCE = "Staff must hand in every phone."
needs_soffice = pytest.mark.skipif(
    shutil.which("soffice") is None and not os.environ.get("REQUIRE_SOFFICE"),
    reason="LibreOffice is not installed (REQUIRE_SOFFICE=1 makes this a failure)",
)


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
BODY = (
    '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Phones</w:t></w:r></w:p>'
    f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>"
    '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>at once</w:t></w:r></w:p>'
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Owner</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Head</w:t></w:r></w:p></w:tc>"
    "</w:tr></w:tbl>"
)


def word_parts(body: str = BODY, *, doctype: str = "", main: str = _MAIN) -> dict[str, bytes]:
    """The parts of a .docx file."""
    relation = f'<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
    one = f'<Relationship Id="r{{}}" Type="{_RELATED}/{{}}" Target="{{}}"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": relation.format(one.format(1, "officeDocument", "word/document.xml")),
        "word/_rels/document.xml.rels": relation.format(
            one.format(1, "styles", "styles.xml") + one.format(2, "numbering", "numbering.xml")
        ),
        "word/document.xml": f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{_WORD}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name '
        'w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>',
        "word/numbering.xml": f'<w:numbering xmlns:w="{_WORD}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start '
        'w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1">'
        '<w:abstractNumId w:val="0"/></w:num></w:numbering>',
    }
    return {name: text.encode() for name, text in parts.items()}


def zipped(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return data.getvalue()


def word() -> bytes:
    return zipped(word_parts())


def pdf() -> bytes:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", "B", 18)
    document.cell(text="Phones", new_x="LMARGIN", new_y="NEXT")
    document.set_font("helvetica", size=11)
    document.multi_cell(0, text=f"{SENTENCE}\n- at once\n- at the gate")
    return bytes(document.output())


def page() -> bytes:
    return (
        f"<html><head><meta charset='utf-8'></head><body><main><h1>Phones</h1><p>{SENTENCE}</p><ol start='2'><li>at once"
        "<ul><li>at the gate</ul></ol><table><tr><th>Owner<th>Head<tr><td rowspan='2'>A<td>B</table><dl><dt>x<dd>y</dl>"
    ).encode()


def odt(body: str = f"<text:p>{SENTENCE}</text:p>") -> bytes:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in [
            ("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible"), ("m", "manifest"),
        ]
    )  # fmt: skip
    kind = "application/vnd.oasis.opendocument.text"
    entry = '<m:file-entry m:full-path="{}" m:media-type="{}"/>'
    parts = {
        "mimetype": kind,
        "content.xml": f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'office:version="1.2"><office:body><office:text>{body}</office:text></office:body></office:document-content>',
        "META-INF/manifest.xml": f"<m:manifest {spaces}>{entry.format('/', kind)}{entry.format('content.xml', 'text/xml')}"
        "</m:manifest>",
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def rtf() -> bytes:
    return rb"{\rtf1\ansi\b Phones\b0\par " + SENTENCE.encode() + rb"\par}"


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
TEXT = b"BT /F 12 Tf 72 700 Td (" + SENTENCE.encode() + b") Tj ET"


def raw_pdf(contents: Sequence[bytes], *objects: bytes, packed: bool = False, catalog: bytes = b"") -> bytes:
    """A PDF of pages with these contents. `objects` are numbered from 3: a font F, and perhaps a picture I."""
    first = 3 + len(objects)
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(contents)))
    named = b"/Resources<</Font<</F 3 0 R>>/XObject<</I 4 0 R>>>>"
    numbered = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 595 842]%s>>" % (len(contents), kids, named),
        *objects,
    ]
    for n, content in enumerate(contents):
        numbered += [
            b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (first + 2 * n + 1),
            b"<<%s/Length %d>>stream\n%s\nendstream" % (b"/Filter/FlateDecode" * packed, len(content), content),
        ]
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(numbered, 1):
        places.append(len(data))
        data += b"%d 0 obj%s\nendobj\n" % (number, each)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(data + b"trailer<</Size %d/Root 1 0 R>>startxref\n%d\n%%%%EOF" % (len(places) + 1, start))


def many_pages(pages: int) -> bytes:
    """A PDF whose pages each say something of their own."""
    numbers = (str(n).translate(str.maketrans("0123456789", "abcdefghij")) for n in range(pages))
    return raw_pdf([TEXT.replace(b"phone", b"phone of group " + number.encode()) for number in numbers], FONT)
