"""A file becomes lines with layout facts. A new format is one function in `READERS` that gives the same lines."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

MOST_BYTES = 20_000_000


class Unreadable(Exception):
    """A document can't be read. The message is one sentence: what is wrong with it and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One printed line: what it says, and what its layout says about it."""

    number: int  # 1-based, in the file
    text: str  # as printed, without the list mark, heading marks and emphasis marks around the whole line
    raw: str  # as it stands in the file
    indent: int = 0  # columns before the first character; a tab counts as four
    marker: str = ""  # the list mark as printed: "-", "•", "3.", "(a)"
    level: int = 0  # the heading level that markup gives it, 1 the highest; 0 none
    bold: bool = False  # all of it stands in bold
    cells: tuple[str, ...] = ()  # the cells of a table's row, two or more


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file's lines, blank ones included (a gap is a layout fact), and the SHA-256 of its bytes."""

    name: str
    sha256: str
    lines: tuple[Line, ...]


def read(path: Path, *, max_bytes: int = MOST_BYTES) -> Document:
    """The document in a file. Raises Unreadable, with a reason for a person, and nothing else."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Unreadable(
            f"{path.name} is not a format that can be read; save it as one of {', '.join(sorted(READERS))}."
        )
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise Unreadable(f"{path.name} is too big ({size:,} bytes, at most {max_bytes:,}); a policy is text.")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} can't be opened ({error.strerror}); check its name and permissions.") from error
    lines = reader(data, path.name)
    if not any(line.text for line in lines):
        raise Unreadable(f"{path.name} is empty; put the policy's text in it or take it away.")
    return Document(name=path.name, sha256=hashlib.sha256(data).hexdigest(), lines=lines)


def _read_text(data: bytes, name: str) -> tuple[Line, ...]:
    text = decode(data, name)
    # Whatever the line endings; a form feed is a page break, which is a gap between lines.
    rows = text.replace("\f", "\n\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(_line(number, raw) for number, raw in enumerate(rows, 1))


def decode(data: bytes, name: str) -> str:
    """Text from bytes in whatever encoding they are: byte order marks, then UTF-8, then the likeliest."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _checked(data.decode(encoding, errors="replace"), name)
    try:
        return _checked(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        pass
    if b"\0" in data:
        best = from_bytes(data, cp_isolation=["utf_16_le", "utf_16_be"]).best()
        if best is None:
            raise Unreadable(f"{name} is not text; save it as .txt or .md with UTF-8.")
        return _checked(str(best), name)
    try:
        # What Windows saves as "ANSI" in Britain; a guesser takes short texts for Baltic or Turkish ones.
        return _checked(data.decode("cp1252"), name)
    except UnicodeDecodeError:
        best = from_bytes(data).best()
        if best is None:
            raise Unreadable(f"{name} is not text in a known encoding; save it again as UTF-8.") from None
        return _checked(str(best), name)


def _checked(text: str, name: str) -> str:
    control = sum(ch < " " and ch not in "\t\n\r\f\v" for ch in text)
    if control > len(text) // 200:
        raise Unreadable(f"{name} is not text; open it in the program that made it and save it as .txt or .md.")
    return text.replace("\x00", "")


READERS: dict[str, Callable[[bytes, str], tuple[Line, ...]]] = {".txt": _read_text, ".md": _read_text}

_HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
_EMPHASIS = re.compile(r"(?<!\w)[*_`]+|[*_`]+(?!\w)|\*{2,}")
_BULLET = re.compile(r"([-–—•▪‣◦●○■□➢►✓✔·*o])(?:\s+|(?<=[•▪‣◦●■➢►✓✔])(?=\w))")
_NUMBERED = re.compile(
    r"(\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,3})+\.?|\d{1,2}(?=\s+[A-Z]))\s+(?=\S)"
)
_BOLD_NUMBERED = re.compile(r"[*_]{2,3}(?=\(?\w{1,5}(?:\.\d+)*[.)]?\s)")
_RULE = re.compile(r"[\s|:*_=-]+")


def _line(number: int, raw: str) -> Line:
    body = raw.replace("\u00a0", " ").replace("\u00ad", "").replace("\ufeff", "").replace("\u200b", "").strip()
    indent = len(raw.expandtabs(4)) - len(raw.expandtabs(4).lstrip())
    if not body or _RULE.fullmatch(body):
        # A rule, an underline or a table's divider; `===` and `---` are kept for what stands above them.
        return Line(number=number, text="", raw=body, indent=indent)
    level = 0
    if hashes := _HASHES.match(body):
        level, body = len(hashes[1]), body[hashes.end() :].rstrip("# ").strip()
    cells = _cells(body)
    marker, rest = _mark(body) if not cells else ("", body)
    bold = bool(re.fullmatch(r"(\*\*|__)(?:(?!\1).)+\1:?|\*\*\*(?:(?!\*\*\*).)+\*\*\*", rest))
    return Line(
        number=number,
        text=bare(rest) if not cells else bare(body),
        raw=body,
        indent=indent,
        marker=marker,
        level=level,
        bold=bold,
        cells=cells,
    )


def _mark(body: str) -> tuple[str, str]:
    """The list mark that opens a line, if one does, and the rest."""
    opened = _BOLD_NUMBERED.match(body)
    start = opened.end() if opened else 0
    found = _BULLET.match(body) or _NUMBERED.match(body, start)
    if not found:
        return "", body
    rest = body[found.end() :]
    inner = _NUMBERED.match(rest)
    if inner and not any(ch.isalnum() for ch in found[1]) and inner[1][0].isdigit() and not inner[1].isdecimal():
        # "- 3.1 Managing …": a converter's bullet before the document's own number.
        return inner[1], rest[inner.end() :]
    return found[1], (opened[0] if opened else "") + rest


def _cells(body: str) -> tuple[str, ...]:
    """The cells of a row, when there are two or more: between pipes, or with tabs between them."""
    if body.startswith("|"):
        parts = body.strip("|").split("|")
    elif "\t" in body and not _mark(body)[0]:
        parts = body.split("\t")
    else:
        return ()
    cells = tuple(cell for cell in map(bare, parts) if cell)
    return cells if len(cells) >= 2 else ()


def bare(text: str) -> str:
    """A text without emphasis marks and with single spaces: what is left stands on paper word for word."""
    return " ".join(_EMPHASIS.sub("", text).split())
