"""A file becomes lines with layout facts.

A format is one function in `READERS`: bytes and the file's name in, `Line`s out. Plain text is read here, the others in
`index/readers/`; what reads files that others wrote goes by `safely.read_safely`. A reader gives a
`Line` for every line or paragraph in reading order, and an empty one for every gap; `as_line` reads list marks and
emphasis out of plain text, and a format that knows better (a style "Heading 2", a real list, a cell) says so with
`dataclasses.replace`. It raises `Unreadable` when the file is not what its name says.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from charset_normalizer import from_bytes

MOST_BYTES = 20_000_000


class Unreadable(Exception):
    """A document can't be read. The message is one sentence: what is wrong with it and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One printed line: what it says, and what its layout says about it."""

    number: int  # 1-based, in the file
    text: str = ""  # as printed, single-spaced, without the list mark, heading marks and emphasis marks
    raw: str = ""  # as it stands in the file, without the space around it
    page: int = 1  # counted by form feeds
    indent: int = 0  # columns before the first character; a tab counts as four
    marker: str = ""  # the list mark or heading number as printed: "-", "•", "3.", "(a)", "4.2"
    level: int = 0  # the heading level that markup gives it, 1 the highest; 0 none
    bold: bool = False  # all of it stands in bold
    cells: tuple[str, ...] = ()  # the cells of a table's row, two or more
    rule: str = ""  # "=", "-" … where the line is nothing but a rule, an underline or a table's divider

    @property
    def whole(self) -> str:
        """The text with its mark, as it is printed."""
        return f"{self.marker} {self.text}" if self.marker else self.text

    @property
    def is_gap(self) -> bool:
        """Whether nothing at all is printed on it."""
        return not self.raw


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file's lines, gaps included (a gap is a layout fact), and the SHA-256 of its bytes in hexadecimal."""

    name: str
    sha256: str
    lines: tuple[Line, ...]


def read(path: Path, *, max_bytes: int = MOST_BYTES) -> Document:
    """The document in a file. Raises Unreadable, with a sentence for a person, and nothing else."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        formats = ", ".join(sorted(READERS))
        raise Unreadable(f"{path.name} is in a format that can't be read; save it as one of {formats}.")
    data = _bytes(path, max_bytes)
    lines = reader(data, path.name)
    if not any(line.text for line in lines):
        raise Unreadable(f"{path.name} is empty; put the policy's text in it, or take it away.")
    return Document(name=path.name, sha256=hashlib.sha256(data).hexdigest(), lines=lines)


def _bytes(path: Path, max_bytes: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise Unreadable(f"{path.name} is not a file; name the policy's own file.")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is not a file's name"
        raise Unreadable(f"{path.name} can't be opened ({reason}); check its name and who may read it.") from error
    if len(data) > max_bytes:
        raise Unreadable(f"{path.name} is too big (over {max_bytes:,} bytes); save the policy's text alone.")
    return data


def _read_text(data: bytes, name: str) -> tuple[Line, ...]:
    lines = []
    page = 1
    for number, row in enumerate(_LINE_END.split(decode(data, name)), 1):
        for turned, part in enumerate(row.split("\f")):
            if turned:
                page += 1
                lines.append(Line(number=number, page=page))
            lines.append(as_line(part, number=number, page=page))
    return tuple(lines)


Reader = Callable[[bytes, str], tuple[Line, ...]]


def _from(module: str, reader: str) -> Reader:
    """A reader that is loaded when a file first needs it: it brings libraries along, and imports this module."""

    def read_with(data: bytes, name: str) -> tuple[Line, ...]:
        lines: tuple[Line, ...] = getattr(import_module(f"index.readers.{module}"), reader)(data, name)
        return lines

    return read_with


READERS: dict[str, Reader] = {
    **dict.fromkeys((".txt", ".md"), _read_text),
    ".docx": _from("word", "read_word"),
    ".pdf": _from("pdf", "read_pdf"),
    **dict.fromkeys((".html", ".htm"), _from("web_page", "read_web_page")),
    **dict.fromkeys((".odt", ".doc", ".rtf"), _from("office", "read_office")),
}

_LINE_END = re.compile("\r?\r\n|[\n\r\v\x1c\x1d\x1e\x85\u2028\u2029]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode(data: bytes, name: str) -> str:
    """Text from bytes: by their byte order mark, else as UTF-8 or UTF-16, else in the likeliest encoding."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(data.decode(encoding, errors="replace"), name)
    if b"\0" in data:
        return _checked(_utf_16(data) or "\0", name)
    try:
        return _checked(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        return _checked(_western(data) or str(from_bytes(data).best() or "\0"), name)


def _utf_16(data: bytes) -> str:
    """UTF-16 without its mark, known by the zeros in every second byte of Western text; else nothing."""
    sample = data[:4096]
    low, high = sample[::2].count(0), sample[1::2].count(0)
    if max(low, high) < 0.4 * (len(sample) / 2) or min(low, high) > 0.1 * (len(sample) / 2):
        return ""
    return data.decode("utf-16-le" if high > low else "utf-16-be", errors="replace")


def _western(data: bytes) -> str:
    """What Windows in Britain saves as "ANSI"; a guesser takes so few accents for Baltic or Turkish ones."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    accented = sum(ch > "\x7f" and ch.isalpha() for ch in text[:100_000])
    return text if accented <= len(text[:100_000]) // 20 else ""


def _checked(text: str, name: str) -> str:
    control = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\v\f\r\x1c\x1d\x1e\x1f")
    if "\0" in text or control > len(text) // 200 or text.count("\ufffd") > len(text) // 20:
        raise Unreadable(f"{name} is not text; open it in the program that made it and save it as .txt or .md.")
    return text


_BULLETS = "•▪▫‣⁃◦●○■□◆◇➢➤►▶✓✔✗✘❖·∙\uf0b7\uf0a7\uf0d8\uf0fc"
_SPACE = r"[\s\u200b\ufeff]"
_BULLET = re.compile(rf"([{_BULLETS}]){_SPACE}*(?=\S)|([-–—*+o§]){_SPACE}+(?=\S)")
_NUMBER = re.compile(
    r"""(
        \((?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,6})\)         # (3) (a) (iv)
      | (?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,6})[.)]         # 3. 3) a. a) iv.
      | §\s?\d{1,3}(?:\.\d{1,3}){0,4}[.)]?             # § 4  §4.2
      | \d{1,3}(?:\.\d{1,3}){1,4}[.):]?(?=\s+[^\sa-z])  # 4.2  4.2.1
      | \d{1,2}(?=\s+["'“‘]?[A-Z])                     # 4 Monitoring
      | [A-Z]\d{1,2}[.):]?(?=\s+["'“‘]?[A-Z])          # A1 Monitoring
    )\s+(?=\S)""",
    re.VERBOSE,
)
_SECTION = re.compile(r"§\s?\d")
_RULE = re.compile(r"[\s|:*_=~+.—–-]{3,}")
_HASHES = re.compile(r"(#{1,6})(?:\s+(?=\S)|(?=\*\*))")


def as_line(row: str, *, number: int, page: int = 1) -> Line:
    """The line that a row of plain text or markdown is."""
    raw = row.strip().strip("\u200b\ufeff").strip()
    indent = _indent(row)
    if _RULE.fullmatch(raw):
        same = raw[0] if len(set(raw)) == 1 else "|"
        return Line(number=number, raw=raw, page=page, indent=indent, rule=same)
    level, body = 0, raw.lstrip("> ") if raw.startswith(">") else raw
    if hashes := _HASHES.match(body):
        level, body = len(hashes[1]), body[hashes.end() :].rstrip("# ")
    bold, body = _unbolded(body)
    marker, rest = ("", body) if body.startswith("|") else _mark(body)
    bold_rest, rest = _unbolded(rest)
    cells = () if level else _cells(rest)
    text = bare(rest.strip("|") if cells else rest)
    return Line(
        number=number,
        text=text or bare(marker),
        raw=raw,
        page=page,
        indent=indent,
        marker=marker if text else "",
        level=level if text else 0,
        bold=(bold or bold_rest) and bool(text),
        cells=cells,
    )


def _indent(row: str) -> int:
    lead = row[: len(row) - len(row.lstrip())]
    return len(lead) + 3 * lead.count("\t")


def _unbolded(body: str) -> tuple[bool, str]:
    """Whether all of a text stands between bold marks, and the text between them."""
    for mark in ("***", "**", "__"):
        if body.startswith(mark) and len(body) > 2 * len(mark):
            close = body.find(mark, len(mark))
            if close + len(mark) >= len(body.rstrip(":*_ ")):
                return close > 0, body[len(mark) : close] + body[close + len(mark) :] if close > 0 else body
            return False, body
    return False, body


def _mark(body: str) -> tuple[str, str]:
    """The list mark or number that opens a text, and the rest."""
    if (bullet := _BULLET.match(body)) and not _SECTION.match(body):
        rest = body[bullet.end() :]
        number = _NUMBER.match(rest)
        if number and number[1].strip("()").rstrip(".):")[0].isdigit():
            # "- 3.1 Managing …": a converter's bullet before the document's own number. A letter is left in the
            # text ("- A. Use by pupils"), for it may be the name of the section that the list points to.
            return number[1], rest[number.end() :]
        return bullet[1] or bullet[2], rest
    opening = len(body) - len(body.lstrip("*_"))
    if number := _NUMBER.match(body.replace("*", "").replace("_", "") if opening else body):
        mark = number[1]
        at = body.find(mark, opening)
        if at < 0:  # emphasis ends inside it ("_1_. One"), so it is not printed as a mark
            return "", body
        return mark, body[:opening] + body[at + len(mark) :].lstrip() if opening else body[number.end() :]
    return "", body


def _cells(body: str) -> tuple[str, ...]:
    """The cells of a row, two or more, parted by pipes, tabs or wide gaps; else none."""
    if "|" in body and (body.startswith("|") or " | " in body):
        parts = body.strip("|").split("|")
    elif "\t" in body:
        parts = body.split("\t")
    elif "    " in body and len(body) < 200:
        parts = body.split("    ")
    else:
        return ()
    filled = tuple(cell for cell in map(bare, parts) if cell)
    return filled if len(filled) > 1 else ()


# An underscore or a hash inside a name ("@our_school", "#Together") is printed; at a word's edge it is emphasis.
_EMPHASIS = re.compile(r"[*`]++|(?<![\w@/#.])_++|(?<!_)_++(?!\w)|(?<!\S)#++(?!\w)")


def bare(text: str) -> str:
    """A text single-spaced and without emphasis marks: what is left stands on paper word for word."""
    return " ".join(_EMPHASIS.sub("", text).split())
