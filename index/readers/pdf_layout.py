"""A PDF's pages of words become `Line`s: paragraphs, items, headings and rows in reading order, with gaps between.

Everything is told by where words stand and how large and heavy they are. A paragraph goes on in the next line when
the next line's first word had no room in the line before.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from index import numbering, sentences
from index.documents import Line, as_line, bare
from index.readers.pdf_apart import set_apart
from index.readers.pdf_columns import flows, gutters, rows
from index.readers.pdf_furniture import without_furniture
from index.readers.pdf_hyphens import Vocabulary
from index.readers.pdf_lines import Measure, Printed, is_larger, printed_lines, usual_leading, usual_size
from index.readers.pdf_tables import with_rows
from index.readers.pdf_words import Page

_COLUMN = 0.5  # of the body's font size: a column of `Line.indent`
_GAP = 1.3  # times the usual distance: a gap
_NEARLY = 1.035  # times a size: larger by so little that it is the same
_SMALLER = 0.93  # times the body's size: footnotes
_LEVELS = 6
_MOST_HEADING_WORDS = 25


def lines(pages: Sequence[Page]) -> tuple[Line, ...]:
    """The lines of a document's pages."""
    body = usual_size([word for page in pages for word in page.words])
    page_rows = without_furniture([rows(words) for words in with_rows(pages)], [page.height for page in pages], body)
    known = gutters((each, page.width) for page, each in zip(pages, page_rows, strict=True))
    found = [
        (page.number, flow)
        for page, each in zip(pages, page_rows, strict=True)
        for flow in flows(each, page.width, known)
    ]
    measure = Measure(body=body, leading=usual_leading([flow.rows for _, flow in found]))
    printed = set_apart(printed_lines(found, measure), measure)
    return tuple(_emitted(_paragraphs(printed, measure), measure))


# --- paragraphs -----------------------------------------------------------------------------------------------------


def _paragraphs(printed: Sequence[Printed], measure: Measure) -> list[list[Printed]]:
    found: list[list[Printed]] = []
    for line in printed:
        open_one = _before_footnotes(found, line, measure)
        if open_one is not None and _goes_on(open_one, line, measure):
            open_one.append(line)
        else:
            found.append([line])
    return found


def _before_footnotes(found: Sequence[list[Printed]], line: Printed, measure: Measure) -> list[Printed] | None:
    """The paragraph that a line may go on: the last, or where a page turns the last above the page's footnotes."""
    for n in range(len(found) - 1, -1, -1):
        last = found[n][-1]
        if last.flow == line.flow or last.size > _SMALLER * measure.body or last.flow != found[-1][-1].flow:
            return found[n]
    return None


def _goes_on(paragraph: Sequence[Printed], line: Printed, measure: Measure) -> bool:
    last = paragraph[-1]
    if line.cells or line.fresh or last.final or abs(line.size - last.size) > 0.06 * measure.body:
        return False
    if last.cells:  # a row's last cell, when a page turns within it
        broken = not sentences.is_ended(last.cells[-1]) and sentences.starts_small(line.text)
        return broken and line.flow != last.flow and not line.marker
    full, ended = _is_full(paragraph, line), sentences.is_ended(last.text)
    turned = line.flow != last.flow
    if turned:
        small = sentences.starts_small(line.text)
        if is_larger(line, measure) or not (full or (small and not ended)) or (ended and (small or not last.foot)):
            return False
    elif not 0 < line.y - last.y <= _GAP * measure.leading * max(line.size, last.size):
        return False
    if line.bold != last.bold and (ended or not full or (last.bold and not sentences.starts_small(line.text))):
        return False
    if line.marker and not _is_in_a_sentence(paragraph, line, full=full, ended=ended):
        return False
    if not _is_in_line(paragraph, line, measure):
        return False
    if full or (last.text.endswith("-") and sentences.starts_small(line.text)):
        return True
    long = last.x1 - last.x0 >= 0.5 * (last.right - last.left)
    return long and not ended and sentences.starts_small(line.text)


def _is_full(paragraph: Sequence[Printed], line: Printed) -> bool:
    """Whether a paragraph's last line had no room for the next line's first word."""
    first, last = paragraph[0], paragraph[-1]
    end = last.x1
    if not first.marker and (len(paragraph) == 1 or abs(last.x0 - first.x0) > last.size) and _is_centred(last):
        end = last.left + last.x1 - last.x0
    return end + 0.25 * last.size + line.first > last.right - 0.2 * last.size


def _is_centred(line: Printed) -> bool:
    left, right = line.x0 - line.left, line.right - line.x1
    return left > 2 * line.size and abs(left - right) < line.size


def _is_in_a_sentence(paragraph: Sequence[Printed], line: Printed, *, full: bool, ended: bool) -> bool:
    """Whether what looks like a list mark is a number, a letter or a dash of a sentence that goes on."""
    if ended or not full or line.tabbed or not (line.marker[0].isalnum() or line.marker in "-–—("):
        return False
    before = next((p.marker for p in paragraph if p.marker), "")
    return line.marker != before and not numbering.follows(before, line.marker) and not numbering.starts(line.marker)


def _is_in_line(paragraph: Sequence[Printed], line: Printed, measure: Measure) -> bool:
    """Whether a line begins where the paragraph's lines do; a turn to the next column shifts all of it."""
    first, last = paragraph[0], paragraph[-1]
    at, slack = line.x0 - line.left, 0.6 * measure.body
    if len(paragraph) > 1:
        return abs(at - (last.x0 - last.left)) <= slack or (_is_centred(line) and not first.marker)
    if first.marker:
        return at <= first.text_x - first.left + slack
    return at <= first.x0 - first.left + slack or is_larger(line, measure)


# --- to Lines -------------------------------------------------------------------------------------------------------


def _emitted(found: Sequence[Sequence[Printed]], measure: Measure) -> Iterator[Line]:
    levels = _levels(found, measure)
    words = Vocabulary([p.text for p in paragraph] for paragraph in found)
    indents = _indents(found, measure)
    number = 0
    before: Sequence[Printed] = ()
    for paragraph, indent in zip(found, indents, strict=True):
        first = paragraph[0]
        if before and _is_apart(before[-1], first, measure):
            number += 1
            yield Line(number=number, page=first.page)
        if before and _is_same_head(found, paragraph, before):
            continue
        number += 1
        if first.cells:
            last = words.joined([first.cells[-1], *(p.text for p in paragraph[1:])])
            cells = tuple(map(bare, (*first.cells[:-1], last)))
            raw = f"| {' | '.join(cells)} |"
            yield Line(number=number, text=" ".join(cells), raw=raw, page=first.page, indent=indent, cells=cells)
            if first.ruled or (first.bold and not (before and before[-1].cells)):
                number += 1
                yield Line(number=number, raw="|---|", page=first.page, rule="|")
        elif first.heads:
            text = bare(first.text)
            yield Line(number=number, text=text, raw=text, page=first.page, bold=True)
        else:
            line = as_line(words.joined([p.text for p in paragraph]), number=number, page=first.page)
            level = levels.get(round(first.size, 1), 0) if line.text else 0
            bold = all(p.bold for p in paragraph) and bool(line.text)
            yield replace(line, indent=indent, level=level, bold=bold)
        before = paragraph


def _is_apart(last: Printed, line: Printed, measure: Measure) -> bool:
    """Whether there is a gap between two lines that stand one after the other."""
    if last.cells or line.cells:
        return not (last.cells and line.cells)
    if last.flow != line.flow:
        return not (line.marker and last.marker)
    return not 0 < line.y - last.bottom <= _GAP * measure.leading * max(line.size, last.size)


def _is_same_head(found: Sequence[Sequence[Printed]], paragraph: Sequence[Printed], before: Sequence[Printed]) -> bool:
    """Whether a row is a table's head printed again at the top of the next page."""
    first = paragraph[0]
    return (
        bool(first.cells)
        and first.bold
        and first.flow != before[-1].flow
        and any(
            p[0].cells == first.cells for p in found if p[0].cells and p is not paragraph and p[0].page < first.page
        )
    )


def _levels(found: Sequence[Sequence[Printed]], measure: Measure) -> dict[float, int]:
    """The heading level of each size that is larger than the body's and not used for running text."""
    lengths: dict[float, list[int]] = defaultdict(list)
    for paragraph in found:
        if is_larger(paragraph[0], measure) and not paragraph[0].cells:
            lengths[round(paragraph[0].size, 1)].append(sum(len(p.text.split()) for p in paragraph))
    heading = sorted((size for size, each in lengths.items() if median(each) <= _MOST_HEADING_WORDS), reverse=True)
    levels: dict[float, int] = {}
    level, last = 0, 0.0
    for size in heading:
        if not level or size < last / _NEARLY:
            level, last = level + 1, size
        levels[size] = min(level, _LEVELS)
    return levels


def _indents(found: Sequence[Sequence[Printed]], measure: Measure) -> list[int]:
    """Each paragraph's columns from its flow's left edge; numbers that stand flush right count as in line."""
    indents: list[int] = []
    kept: dict[str, tuple[Printed, int]] = {}  # series of numbers -> its last item
    for paragraph in found:
        first = paragraph[0]
        indent = max(0, round((first.x0 - first.left) / (_COLUMN * measure.body)))
        if first.marker and numbering.is_number(first.marker):
            series = numbering.series(first.marker)
            last, its = kept.get(series, (None, 0))
            if last is not None and numbering.follows(last.marker, first.marker):
                shift = (first.text_x - first.left) - (last.text_x - last.left)
                indent = its if abs(shift) <= 0.4 * first.size else indent
            kept[series] = first, indent
        indents.append(indent)
    return _snapped(indents, found, measure)


def _snapped(indents: list[int], found: Sequence[Sequence[Printed]], measure: Measure) -> list[int]:
    """Indents of bullets that differ by less than a letter as one."""
    places = sorted({p[0].x0 - p[0].left for p in found if p[0].marker and not numbering.is_number(p[0].marker)})
    base: dict[float, float] = {}
    for place in places:
        near = base and place - next(reversed(base.values())) <= _COLUMN * measure.body
        base[place] = next(reversed(base.values())) if near else place
    return [
        round(base[p[0].x0 - p[0].left] / (_COLUMN * measure.body))
        if p[0].x0 - p[0].left in base and not numbering.is_number(p[0].marker)
        else n
        for n, p in zip(indents, found, strict=True)
    ]
