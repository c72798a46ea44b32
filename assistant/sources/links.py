"""What a web page links to: addresses, the words of the links, and whether a link stands in a menu."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

DOCUMENTS = frozenset({".pdf", ".docx", ".doc", ".odt", ".rtf", ".txt", ".md"})
PAGES = frozenset({".html", ".htm", ".xhtml"})
# Office's other files are named when they are left out: somebody may have meant them.
OTHERS = frozenset({".xlsx", ".xls", ".ods", ".pptx", ".ppt", ".odp", ".pages", ".zip", ".docm", ".dotx"})
TYPES = {
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
}
_MENUS = ("nav", "header", "footer", "aside")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One link; its address is absolute and has no fragment."""

    url: str
    words: str  # single-spaced
    in_menu: bool

    @property
    def ending(self) -> str:
        """The file ending of its path, in lower case: ".pdf"."""
        return PurePosixPath(unquote(urlsplit(self.url).path)).suffix.lower()


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._base, self._url, self._has_base = url, url, False
        self._menus = 0
        self._open: str | None = None
        self._words: list[str] = []
        self.found: list[tuple[str, str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "base" and given.get("href") and not self._has_base:  # the first one counts
            self._base, self._has_base = urljoin(self._url, (given["href"] or "").strip()), True
        elif tag in _MENUS:
            self._menus += 1
        elif tag in ("a", "area"):
            self._end()
            self._open, self._words = given.get("href"), [given.get("alt") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag in _MENUS:
            self._menus = max(0, self._menus - 1)
        elif tag == "a":
            self._end()

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        if self._open is not None:
            # Browsers take line ends and tabs out of an address, and the space around it.
            href = re.sub(r"[\t\r\n]", "", self._open.strip())
            self.found.append((href, " ".join(" ".join(self._words).split()), self._menus > 0))
        self._open = None

    def links(self) -> list[Link]:
        links: dict[str, Link] = {}
        for href, words, in_menu in self.found:
            try:
                url = urldefrag(urljoin(self._base, href)).url
                parts = urlsplit(url)
                if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
                    continue
                known = links.get(url)
            except ValueError:  # not an address
                continue
            menu = in_menu and (known is None or known.in_menu)
            links[url] = Link(url=url, words=(known and known.words) or words, in_menu=menu)
        return list(links.values())


def links_of(html: str, url: str) -> list[Link]:
    """The links of a page at an address, each address once, in the page's order."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    return reader.links()


def name_and_ending(link: Link, headers: Mapping[str, str], url: str) -> tuple[str, str]:
    """A document's name, and its ending as far as it is known, from an answer's headers and the address it came from.

    The name that the server gives with it counts most, then the address, then the link's own words.
    """
    kind = TYPES.get(headers.get("Content-Type", "").split(";")[0].strip().lower(), "")
    attached = attachment(headers.get("Content-Disposition", ""))
    for name in (attached, *(unquote(urlsplit(address).path).rpartition("/")[2] for address in (url, link.url))):
        ending = PurePosixPath(name).suffix.lower()
        if ending in PAGES:
            return f"{name[: -len(ending)]}.html", ".html"
        if ending in DOCUMENTS | OTHERS:
            return name, ending
    words = attached or link.words or unquote(urlsplit(link.url).path).strip("/").rpartition("/")[2] or "document"
    return f"{words}{kind}", kind


def attachment(header: str) -> str:
    """The file name in a Content-Disposition, `filename*` before `filename`; "" where there is none."""
    if not header:
        return ""
    with contextlib.suppress(UnicodeError):  # servers send UTF-8 where the standard wants ASCII; it comes as Latin-1
        header = header.encode("latin-1").decode("utf-8")
    if "filename*=" in header.lower():
        header = re.sub(r';\s*filename=("[^"]*"|[^;]*)', "", header, flags=re.IGNORECASE)
    message = Message()
    try:
        message["Content-Disposition"] = header
        name = message.get_filename() or ""
    except (ValueError, LookupError):
        return ""
    return name.replace("\\", "/").rpartition("/")[2]
