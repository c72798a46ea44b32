"""A .docx file opened with care: its sizes bounded before it is unpacked, its XML read without entities or a network.

Macros, pictures and embedded files are never unpacked: only the document, its styles and its numbering are.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from index.documents import Unreadable

MOST_UNPACKED = 200_000_000  # bytes of all members
MOST_PART = 30_000_000  # bytes of one member that is read; a thousand pages of text come to about this
MOST_RATIO = 100  # unpacked to packed, which no text comes near; Apache POI draws the line there too
_RATIO_MATTERS = 1_000_000  # bytes, below which a ratio says little
_MOST_NESTED = 200  # elements in elements; a table in a table takes three

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_OTHERS = {
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "",
    "http://schemas.openxmlformats.org/package/2006/relationships": "",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "math-",
    "http://purl.oclc.org/ooxml/officeDocument/math": "math-",
}
_PREFIXES = {**dict.fromkeys(_WORD, ""), **_OTHERS}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"mime-version:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """The parts of a Word document that its text is told by: roots of XML; `None` for a part that it hasn't.

    Elements of Word's own namespaces, transitional or strict, have their bare names ("p", "tbl"), those of mathematics
    "math-…", those of any other "-…"; attributes are Word's and those without a namespace.
    """

    document: Element
    styles: Element | None
    numbering: Element | None


def opened(data: bytes, name: str) -> Package:
    """The package in a file's bytes. Raises Unreadable, and nothing else, when it is no .docx or an unsafe one."""
    _refuse_others(data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _package(archive, name)
    except DefusedXmlException as error:
        raise Unreadable(
            f"{name} holds XML declarations that no Word document has, so it was not read; open it in Word and save it anew."
        ) from error
    # What a zip archive with damaged or unusual insides is refused with; RuntimeError is for an encrypted member.
    except (zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Unreadable(
            f"{name} is damaged or was not copied whole; copy it again, or open it in Word and save it anew."
        ) from error


def _refuse_others(data: bytes, name: str) -> None:
    """Refuse what only bears the name of a .docx, by how it begins."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if data.startswith(_OLE):
        if _stream("EncryptedPackage", data):
            raise Unreadable(
                f"{name} is protected by a password or by rights management; open it in Word, remove the protection and save it again."
            )
        if _stream("WordDocument", data):
            raise Unreadable(
                f"{name} is in the format of Word before 2007 (.doc); open it in Word and save it as .docx."
            )
    elif start.startswith(_WEB_PAGE):
        raise Unreadable(f"{name} is a web page with a Word document's name; open it in Word and save it as .docx.")
    elif start.startswith(rb"{\rtf"):
        raise Unreadable(
            f"{name} is rich text (.rtf) with a Word document's name; open it in Word and save it as .docx."
        )
    elif start.startswith(b"%pdf"):
        raise Unreadable(f"{name} is a PDF with a Word document's name; name it .pdf.")
    if not data.startswith(b"PK"):
        raise Unreadable(f"{name} is not a Word document; open it in the program that made it and save it as .docx.")


def _stream(name: str, data: bytes) -> bool:
    return name.encode("utf-16-le") in data


def _package(archive: zipfile.ZipFile, name: str) -> Package:
    if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
        raise Unreadable(f"{name} is too big when unpacked; take pictures out of it, or save the policy's text alone.")
    main = _related(archive, "", name).get("officeDocument", "word/document.xml")
    document = _part(archive, main, name)
    if document is None or document.tag != "document" or document.find("body") is None:
        raise Unreadable(f"{name} holds no Word document; open it in the program that made it and save it as .docx.")
    related = _related(archive, main, name)
    return Package(
        document=document,
        styles=_part(archive, related.get("styles", ""), name),
        numbering=_part(archive, related.get("numbering", ""), name),
    )


def _related(archive: zipfile.ZipFile, part: str, name: str) -> dict[str, str]:
    """The parts that a part names, by the last word of their kind: {"styles": "word/styles.xml"}; "" is the package."""
    folder, file = posixpath.split(part)
    relations: Iterable[Element] = _part(archive, posixpath.join(folder, "_rels", f"{file}.rels"), name) or ()
    return {
        each.get("Type", "").rpartition("/")[2]: posixpath.normpath(
            posixpath.join("/", folder, each.get("Target", ""))
        )[1:]
        for each in relations
        if each.get("TargetMode") != "External"
    }


def _part(archive: zipfile.ZipFile, part: str, name: str) -> Element | None:
    """The root of a part's XML; `None` where there is no such part."""
    try:
        member = archive.getinfo(part)
    except KeyError:
        return None
    packed = max(member.compress_size, 1)
    if member.file_size > MOST_PART or (member.file_size > _RATIO_MATTERS and member.file_size > MOST_RATIO * packed):
        raise Unreadable(
            f"{name} unpacks to far more than a policy has; save the policy's text alone in a new document."
        )
    with archive.open(member) as file:
        return _parsed(file.read(MOST_PART), name)


def _parsed(data: bytes, name: str) -> Element | None:
    root: Element | None = None
    depth = 0
    for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        if depth > _MOST_NESTED:
            raise Unreadable(f"{name} has boxes in boxes without end; copy its text into a new Word document.")
        element.tag = _short(element.tag)
        element.attrib = {_short(key): value for key, value in element.attrib.items() if _is_known(key)}
        root = element if root is None else root
    return root


def _short(tag: str) -> str:
    """A name without its namespace: "{…/wordprocessingml/2006/main}p" -> "p"."""
    namespace, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    return f"{_PREFIXES.get(namespace, '-') if namespace else ''}{local}"


def _is_known(key: str) -> bool:
    return not key.startswith("{") or key[1:].partition("}")[0] in _WORD


# --- what stands in an element --------------------------------------------------------------------------------------


def child(element: Element | None, path: str) -> Element:
    """What is found there, or an empty element."""
    found = None if element is None else element.find(path)
    return Element("none") if found is None else found


def value(element: Element | None, default: str = "") -> str:
    """The `val` of an element, or the default where there is no such element or value."""
    return default if element is None else element.get("val", default)


def whole(text: str | None, default: int = 0) -> int:
    """A whole number from a file, of 32 bits; the default where there is none or what stands there is no number."""
    try:
        return max(-(2**31), min(2**31 - 1, int(float(text or default))))
    except (ValueError, OverflowError):
        return default


def is_on(element: Element | None) -> bool:
    """Whether a switch is there and on: `<w:b/>`, not `<w:b w:val="0"/>`."""
    return element is not None and is_yes(element.get("val", "1"))


def is_yes(text: str | None) -> bool:
    """Whether an attribute says yes; one that isn't there doesn't."""
    return text is not None and text.lower() not in ("0", "false", "off", "none")
