"""The rows of a PDF's columns as printed lines: what each says, how large and heavy, and where in its column."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from index.documents import as_line
from index.readers.pdf_columns import Flow, Row, is_mark
from index.readers.pdf_unruled import aligned, segments
from index.readers.pdf_words import TableRow, Word

_LEADERS = re.compile(r"(?:\s*[.…·]){5,}\s*")
_TO_A_PAGE = re.compile(r"\.{4} \d{1,3}$")
_LARGER = 1.07  # times a size
_LEAD = 1.2  # font sizes from line to line, where a document doesn't tell


@dataclass(frozen=True, slots=True)
class Measure:
    """What is usual in a document: its text's size, and the distance of lines in sizes."""

    body: float
    leading: float


class Printed(NamedTuple):
    """A printed line of a flow."""

    text: str
    page: int
    flow: int
    left: float  # of the flow
    right: float
    foot: bool  # it stands at the foot of its column, as far down as text goes
    x0: float
    x1: float
    y: float
    bottom: float
    size: float
    bold: bool
    marker: str
    text_x: float  # where the text after the marker begins
    tabbed: bool  # the marker stands clear of its text
    first: float  # the first word's width
    cells: tuple[str, ...]
    final: bool  # nothing goes on after it: a line of a table of contents, the last of a cell
    row: TableRow | None = None  # a table's row: its cells by themselves
    fresh: bool = False  # it goes on from nothing: the first line of a cell
    heads: bool = False  # it is what a row's first cell says, or what its columns' heads say, as a heading
    ruled: bool = False  # a row that heads its table's columns


def usual_size(words: Sequence[Word]) -> float:
    letters: Counter[float] = Counter()
    for word in words:
        letters[round(word.size * 2) / 2] += len(word.text)
    return max(letters, key=lambda size: letters[size]) if letters else 10.0


def usual_leading(found: Sequence[Sequence[Row]]) -> float:
    """The usual distance from a line that goes on to the next, in font sizes."""
    steps, sure = [], []
    for flow in found:
        for row, after in pairwise(flow):
            step = (after[0].y - row[0].y) / max(after[0].size, 1)
            if 0.8 < step < 3 and abs(row[0].size - after[0].size) < 0.5 and not row[0].cells and not after[0].cells:
                steps.append(step)
                if after[0].text[:1].islower() and len(row) > 3 and not is_mark(after[0].text):
                    sure.append(step)
    usual = sure if len(sure) >= 3 else sorted(steps)[: max(1, len(steps) // 3)]
    return median(usual) if usual else _LEAD


# --- printed lines --------------------------------------------------------------------------------------------------


def printed_lines(found: Sequence[tuple[int, Flow]], measure: Measure) -> list[Printed]:
    frames: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    frame_of = _frames(found)
    for (_, flow), frame in zip(found, frame_of, strict=True):
        frames[frame] += [(row[0].x0, row[-1].x1, row[0].y) for row in flow.rows]
    edges = {}
    for frame, spans in frames.items():
        ends = sorted(x1 for _, x1, _ in spans)
        foot = max(y for _, _, y in spans) - 2 * measure.leading * measure.body
        edges[frame] = min(x0 for x0, _, _ in spans), ends[len(ends) - 1 - len(ends) // 30], foot
    return [
        printed(row, page, n, edges[frame])
        for n, ((page, flow), frame) in enumerate(zip(found, frame_of, strict=True))
        for row in aligned(flow.rows, measure.leading)
    ]


def _frames(found: Sequence[tuple[int, Flow]]) -> list[str]:
    """The frame of each flow, apart for odd and even pages where their margins are mirrored."""
    sides: dict[int, list[tuple[float, float]]] = {0: [], 1: []}
    for page, flow in found:
        if not flow.frame:
            sides[page % 2].append((min(row[0].x0 for row in flow.rows), max(row[-1].x1 for row in flow.rows)))
    mirrored = False
    if all(sides.values()):
        (l0, r0), (l1, r1) = ((min(x for x, _ in s), max(x for _, x in s)) for s in (sides[0], sides[1]))
        mirrored = abs(l0 - l1) > 6 and abs((l0 - l1) - (r0 - r1)) < 12
    return [f"{flow.frame}{page % 2 if mirrored else ''}" for page, flow in found]


def printed(row: Row, page: int, flow: int, edges: tuple[float, float, float]) -> Printed:
    """The printed line of a row of words; `edges` are its flow's left and right, and where its foot begins."""
    size = _size(row)
    words = [row[0], *(w for w in row[1:] if not _is_footnote_mark(w, row, size))]
    marks = 0
    while marks < len(words) - 1 and is_mark(words[marks].text):
        marks += 1
    text = " ".join(w.text for w in words)
    parts = segments(row)
    to_a_page = len(parts) == 2 and len(parts[1]) == 1 and parts[1][0].text.isdigit()
    if not row[0].cells:
        text = _LEADERS.sub(" .... ", text)
    return Printed(
        text=text,
        page=page,
        flow=flow,
        left=edges[0],
        right=edges[1],
        foot=row[0].y >= edges[2],
        x0=row[0].x0,
        x1=row[-1].x1,
        y=max(row, key=lambda w: w.size).y,
        bottom=max(max(w.y, w.bottom) for w in row),
        size=size,
        bold=all(w.bold for w in words[marks:]),
        marker=as_line(text, number=1).marker if marks else "",
        text_x=words[marks].x0,
        tabbed=marks > 0 and words[marks].x0 - words[marks - 1].x1 > 0.5 * size,
        first=words[0].x1 - words[0].x0,
        cells=row[0].cells,
        final=to_a_page or bool(_TO_A_PAGE.search(text)),
        row=row[0].row,
    )


def is_larger(line: Printed, measure: Measure) -> bool:
    """Whether a line is set in larger type than a document's text."""
    return line.size >= _LARGER * measure.body


def _size(row: Row) -> float:
    """The largest size that a good part of the letters has: small capitals follow large ones."""
    letters: Counter[float] = Counter()
    for word in row:
        letters[word.size] += len(word.text)
    total = sum(letters.values())
    return max(size for size, count in letters.items() if 4 * count >= total)


def _is_footnote_mark(word: Word, row: Row, size: float) -> bool:
    return word.size <= 0.75 * size and word.text.isdigit() and word.y < max(w.y for w in row) - 0.1 * size
