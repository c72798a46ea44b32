"""Words of scanned pages, as tesseract sees them, where that program is installed."""

import html
import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from statistics import median

from index.documents import Unreadable
from index.readers.pdf_words import Word

MOST_PAGES = 60  # of one document; each takes seconds
_SECONDS = 60  # for a page

_LINE = re.compile(r"""class=['"]ocr_(?:line|header|caption|textfloat)['"][^>]*title=["'](?P<about>[^>]*)>""")
_WORD = re.compile(
    r"""class=['"]ocrx_word['"][^>]*title=["']bbox (\d+) (\d+) (\d+) (\d+)[^>]*>(.*?)</span>""", re.DOTALL
)
_BOX = re.compile(r"bbox (\d+) (\d+) (\d+) (\d+)")
_BASELINE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_TAG = re.compile(r"<[^>]+>")
_STEP = 1.35  # sizes of type are told apart from here on: what is seen of them wavers
# What tesseract takes a bullet for, where it opens a line and stands clear of it.
_BULLETS = frozenset({"e", "¢", "©", "®", "«", "»", "°", "*", "¥", "+"})


def is_installed() -> bool:
    """Whether scans can be read on this machine."""
    return shutil.which("tesseract") is not None


def pages(pictures: Sequence[bytes], dots_per_inch: int, name: str) -> list[list[Word]]:
    """The words of each picture of a page, in points. Raises Unreadable when a page takes too long or shows no text."""
    seen = [list(_words(_hocr(picture, dots_per_inch, name), 72 / dots_per_inch)) for picture in pictures]
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


def _words(hocr: str, scale: float) -> Iterator[Word]:
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
                line.append(
                    Word(text, float(word[1]) * scale, float(word[3]) * scale, y * scale, float(size[1]) * scale)
                )
        if len(line) > 1 and line[0].text in _BULLETS and line[1].x0 - line[0].x1 > 0.5 * line[0].size:
            line[0] = line[0]._replace(text="•")
        yield from line


def _stepped(size: float, usual: float) -> float:
    return round(usual * _STEP ** round(math.log(size / usual, _STEP)), 1)
