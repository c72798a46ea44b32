"""Words of scanned pages, as tesseract sees them, where that program is installed."""

import html
import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from io import BytesIO
from statistics import median

from PIL import Image

from index.documents import Unreadable
from index.readers.pdf_words import Word

MOST_PAGES = 30  # of one document; each takes a second or two
_SECONDS = 30  # for a page

_LINE = re.compile(r"""class=['"]ocr_(?:line|header|caption|textfloat)['"][^>]*title=["'](?P<about>[^>]*)>""")
_WORD = re.compile(
    r"""class=['"]ocrx_word['"][^>]*title=["']bbox (\d+) (\d+) (\d+) (\d+)[^>]*>(.*?)</span>""", re.DOTALL
)
_BOX = re.compile(r"bbox (\d+) (\d+) (\d+) (\d+)")
_BASELINE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_TAG = re.compile(r"<[^>]+>")
_FURTHEST = 3.0  # font sizes between a bullet and its item
_DARK = 128  # of 255 shades, white the last
_STEP = 1.35  # sizes of type are told apart from here on: what is seen of them wavers
# What tesseract takes a bullet for, where it opens a line and stands clear of it.
_BULLETS = frozenset("e¢©®«»°*¥+·.•o")  # alone or two of them


def is_installed() -> bool:
    """Whether scans can be read on this machine."""
    return shutil.which("tesseract") is not None


def pages(pictures: Sequence[bytes], dots_per_inch: int, name: str) -> list[list[Word]]:
    """The words of each page, given as a PNG, in points. Raises Unreadable when a page takes too long or shows no text."""
    seen = []
    for picture in pictures:
        lines = list(_lines(_hocr(picture, dots_per_inch, name)))
        with Image.open(BytesIO(picture)) as image:
            dots = [_with_bullet(line, image) for line in lines]
        seen.append([_in_points(word, 72 / dots_per_inch) for line in dots for word in line])
    if not any(seen):
        raise Unreadable(f"{name} is a scan in which no text can be seen; scan it again, upright and sharper.")
    usual = median(word.size for words in seen for word in words)
    return [[word._replace(size=_stepped(word.size, usual)) for word in words] for words in seen]


def _hocr(picture: bytes, dots_per_inch: int, name: str) -> str:
    program = shutil.which("tesseract") or "tesseract"
    command = [program, "stdin", "stdout", "--dpi", str(dots_per_inch), "-l", "eng", "hocr"]
    try:
        ran = subprocess.run(
            command, input=picture, capture_output=True, timeout=_SECONDS, check=True, env=_environment()
        )
    except (OSError, subprocess.SubprocessError):
        raise Unreadable(
            f"{name} is a scan that tesseract can't read; save it as .pdf from the program that it was written in."
        ) from None
    return ran.stdout.decode("utf-8", errors="replace")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {**kept, "OMP_THREAD_LIMIT": "1"}  # more threads are slower on a page


def _lines(hocr: str) -> Iterator[list[Word]]:
    """The words of each line, in the picture's dots."""
    heads = list(_LINE.finditer(hocr))
    for n, head in enumerate(heads):
        end = heads[n + 1].start() if n + 1 < len(heads) else len(hocr)
        box, size = _BOX.search(head["about"]), _SIZE.search(head["about"])
        if box is None or size is None:
            continue
        left, bottom = float(box[1]), float(box[4])
        sloped = _BASELINE.search(head["about"])
        slope, shift = (float(sloped[1]), float(sloped[2])) if sloped else (0.0, 0.0)
        line = []
        for word in _WORD.finditer(hocr, head.end(), end):
            text = html.unescape(_TAG.sub("", word[5])).strip()
            if text and " " not in text:
                y = bottom + shift + slope * (float(word[1]) - left)
                line.append(Word(text, float(word[1]), float(word[3]), y, float(size[1])))
        if line:
            yield line


def _with_bullet(line: list[Word], image: Image.Image) -> list[Word]:
    """A line with the bullet that opens it, taken for a letter or not seen at all."""
    first = line[0]
    if len(line) > 1 and _is_bullet(first, line[1]):
        return [first._replace(text="o" if "o" in first.text else "•"), *line[1:]]
    # Left of the line, in the height of its small letters: a dot and nothing else?
    start = max(0, round(first.x0 - _FURTHEST * first.size))
    band = (start, round(first.y - 0.75 * first.size), round(first.x0 - 0.3 * first.size), round(first.y))
    if band[0] >= band[2] or band[1] < 0:
        return line
    dark = image.crop(band).point(lambda shade: 255 if shade < _DARK else 0).getbbox()
    if dark is None:
        return line
    wide, high = (dark[2] - dark[0]) / first.size, (dark[3] - dark[1]) / first.size
    if not (0.1 < wide < 0.6 and 0.1 < high < 0.6):
        return line
    return [Word("•", start + dark[0], start + dark[2], first.y, first.size), *line]


def _in_points(word: Word, scale: float) -> Word:
    return word._replace(x0=word.x0 * scale, x1=word.x1 * scale, y=word.y * scale, size=word.size * scale)


def _is_bullet(word: Word, after: Word) -> bool:
    return len(word.text) <= 2 and _BULLETS.issuperset(word.text) and after.x0 - word.x1 > 0.5 * word.size


def _stepped(size: float, usual: float) -> float:
    return round(usual * _STEP ** round(math.log(size / usual, _STEP)), 1)
