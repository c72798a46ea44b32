"""A PDF becomes lines: its words by their places, sizes and weights; of a scan, those that tesseract sees.

Whatever else a PDF may hold (scripts, attachments, forms, comments) is never looked at.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium

from index.documents import Line, Unreadable
from index.readers import pdf_ocr
from index.readers.pdf_layout import lines
from index.readers.pdf_words import Page, Word, read_page

MOST_PAGES = 2000
_PDFIUM = threading.Lock()  # PDFium does one thing at a time
_END = 2048  # bytes at a file's end in which its end mark stands
_GARBLED = 0.3  # of a page's letters, from which on they say nothing
_DOTS_PER_INCH = 250  # of a page made into a picture
_MOST_DOTS = 5000  # along a side of it


def read_pdf(data: bytes, name: str) -> tuple[Line, ...]:
    """The lines of a PDF's pages in reading order, `page` counted from 1.

    Raises Unreadable for what is no whole and open PDF of at most MOST_PAGES pages, and for a scan that can't be read.
    A PDF of blank pages has no lines.
    """
    with _PDFIUM, closing(_opened(data, name)) as document:
        try:
            pages = _pages(document)
            unread = [page.number for page in pages if page.drawn and not page.words]
            scanned = bool(unread) and pdf_ocr.is_installed() and len(unread) <= pdf_ocr.MOST_PAGES
            pictures = [_picture(document, number) for number in unread] if scanned else []
        except pypdfium2.PdfiumError:
            raise _damaged(name) from None
    if 2 * len(unread) > len(pages) and not scanned:
        raise _scan(name, len(unread), len(pages))
    if scanned:
        pages = _with_scans(pages, zip(unread, pdf_ocr.pages(pictures, _DOTS_PER_INCH, name), strict=True))
    return lines(pages)


def _opened(data: bytes, name: str) -> pypdfium2.PdfDocument:
    if b"%PDF-" not in data[:1024]:
        raise Unreadable(f"{name} is not a PDF; open it in the program that made it and save it as .pdf again.")
    if b"%%EOF" not in data.rstrip(b"\0")[-_END:]:
        raise _damaged(name)  # PDFium would read what is there, and the policy's end would be missing
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable(f"{name} is locked with a password; save a copy of it without one.") from None
        raise _damaged(name) from None
    if len(document) > MOST_PAGES:
        count = len(document)
        document.close()
        raise Unreadable(f"{name} has {count:,} pages, over {MOST_PAGES:,}; save the policy's own pages alone.")
    return document


def _damaged(name: str) -> Unreadable:
    return Unreadable(f"{name} is damaged or cut short; fetch it again, or save it as .pdf again.")


def _scan(name: str, unread: int, pages: int) -> Unreadable:
    where = "is a scan without text" if unread == pages else f"has no text on {unread} of its {pages} pages"
    if pdf_ocr.is_installed():
        return Unreadable(
            f"{name} {where}, and only up to {pdf_ocr.MOST_PAGES} scanned pages are read; "
            "save it as .pdf from the program that it was written in."
        )
    return Unreadable(
        f"{name} {where}; save it as .pdf from the program that it was written in, "
        "or have tesseract-ocr installed to read scans."
    )


def _pages(document: pypdfium2.PdfDocument) -> list[Page]:
    pages = []
    for n in range(len(document)):
        with closing(document[n]) as page:
            read = read_page(page.raw, n + 1)
        pages.append(read._replace(words=[]) if _is_garbled(read) else read)
    return pages


def _is_garbled(page: Page) -> bool:
    """Whether a page's fonts don't say which letters they draw."""
    text = "".join(word.text for word in page.words)
    unknown = sum(ch < " " or "\x7f" <= ch < "\xa0" or "\ue000" <= ch <= "\uf8ff" or ch == "\ufffd" for ch in text)
    return unknown > _GARBLED * len(text)


def _picture(document: pypdfium2.PdfDocument, number: int) -> bytes:
    """A page as a PNG in shades of grey."""
    with closing(document[number - 1]) as page:
        scale = min(_DOTS_PER_INCH / 72, _MOST_DOTS / max(page.get_size()))
        with closing(page.render(scale=scale, grayscale=True)) as bitmap:
            file = BytesIO()
            bitmap.to_pil().save(file, "png")
    return file.getvalue()


def _with_scans(pages: Sequence[Page], scans: Iterable[tuple[int, list[Word]]]) -> list[Page]:
    words = dict(scans)
    return [page._replace(words=words.get(page.number, page.words)) for page in pages]
