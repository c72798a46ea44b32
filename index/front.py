"""What a document says of itself: title, school, dates and owner, from its first lines, its tables and its sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import dates, sentences
from index.dates import PolicyDate
from index.layout import Block
from index.outline import is_dated

_TITLE = re.compile(
    r"\b(?:policy|policies|code of (?:conduct|practice)|procedures?|guidance|guidelines|statement|handbook|agreement|"
    r"protocol|strategy|charter|summary)\b",
    re.IGNORECASE,
)
_KIND_OF_SCHOOL = r"(?:Schools?|Academy|Academies|College|Federation|Trust|Nursery|Kindergarten|Preschool|Pre-school)"
_SCHOOL = re.compile(
    rf"(?:[A-Z][\w'’.&-]*|of|and|the|for|&|on|upon|in|at|the|C\.?\s?of\s?E\.?|\(\w[\w\s.]*\)|-|–)"
    rf"(?:\s(?:[A-Z][\w'’.&-]*|of|and|for|&|on|upon|in|at|the|\(\w[\w\s.]{{0,20}}\)|-|–)){{0,12}}?\s{_KIND_OF_SCHOOL}"
    rf"(?:\s(?:[A-Z][\w'’.&-]*|and|of|the|&)){{0,3}}(?:,\s?[A-Z][\w' -]{{0,30}})?",
)
_PHASE = re.compile(
    r"\b(?:primary|infants?|juniors?|high|secondary|grammar|nursery|community|academy|catholic|church|special|first|"
    r"middle|upper|c\.? ?of ?e\.?)\b.*\b(?:school|academy)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:whole|our|your|the|a|an|this|in|out|after|before|all|use|home|social|online|working)\b", re.I
)
_OPENING = 30  # blocks in which a title and a school are looked for

_SET_ASIDE = re.compile(r"\bamend\w*|\bchanges?\b|\bsince\b|\bhistory\b|\bborn\b|\bregist\w+", re.IGNORECASE)
_UNSURE = re.compile(r"\bdates? (?:of|for) (?:the )?(?:policy )?reviews?\b|\breview dates?\b", re.IGNORECASE)
_STRONG = (  # what a date is, by its label; the first that fits
    (
        re.compile(
            r"\bnext\b|\bdue\b|\b(?:to|will|should|must) be re(?:view|new|vis)|\breview by\b|\bexpir|\brenew", re.I
        ),
        "next",
    ),
    (re.compile(r"\bwritten\b|\bcreated\b|\bdrafted\b|\bproduced\b|\bprepared\b|\bfirst issued\b", re.I), "written"),
    (re.compile(r"\breview\w*|\bupdated?\b|\brevised\b|\brevision\b", re.I), "reviewed"),
    (re.compile(r"\bratif|\bapprov|\badopt|\bagreed\b|\bsigned\b", re.I), "ratified"),
)
_WEAK = re.compile(r"\bdated?\b|\bissued?\b|\bpublished\b|\beffective\b|\bversion\b|\bv\d", re.IGNORECASE)
_OWNER = re.compile(
    r"\bowner\b|\bowned by\b|\b(?:policy|staff|school|trust|slt) lead\b|^lead\b|\blead (?:person|officer|member|staff)\b|"
    r"\bresponsible (?:person|officer|member|staff)\b|\bperson responsible\b|\bresponsibility\b|\bmaintained by\b|\bpolicy holder\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"\bwritten by\b|\bauthors?\b|\b(?:prepared|produced|created|drafted) by\b", re.IGNORECASE)
_NO_OWNER = re.compile(r"\bgovern|\bsafeguarding\b|\bdesignated\b|\btrustees?\b|\bdata\b|\bdsl\b", re.IGNORECASE)
_TITLE_LABEL = re.compile(r"(?:name of |title of )?(?:the )?(?:policy|document)(?: title| name)?|title|subject", re.I)
_SCHOOL_LABEL = re.compile(
    r"(?:name of )?(?:the )?(?:school|academy|trust|organisation|setting|federation)(?: name)?", re.I
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What is known of a document; `printed` is the title as it stands there, "" when none does."""

    title: str
    printed: str
    organisation: str
    mastheads: frozenset[str]  # the title and the school, in small letters, wherever they are printed again
    written: PolicyDate | None
    ratified: PolicyDate | None
    reviewed: PolicyDate | None
    next_review: PolicyDate | None
    owner: str


def read(stem: str, found: Sequence[Block]) -> Details:
    """The details in a document's blocks; the title falls back to the file's name in words."""
    pairs = list(_pairs(found))
    printed, school = _title_and_school(found, pairs)
    known = _dates(found)
    return Details(
        title=_cased(printed) or _words(stem),
        printed=printed,
        organisation=_cased(school),
        mastheads=frozenset(key(text) for text in (printed, school, f"{school} {printed}") if text.strip()),
        written=known.get("written"),
        ratified=known.get("ratified"),
        reviewed=known.get("reviewed"),
        next_review=known.get("next"),
        owner=_owner(pairs),
    )


def key(text: str) -> str:
    return text.strip(" .:–—-'\"“”‘’").casefold()


def is_detail(text: str) -> bool:
    """Whether a line is one that documents open with: "Label: value", or a few words with a date."""
    label, colon, value = text.partition(":")
    labelled = bool(colon and value.strip(" -–")) and len(label.split()) <= 10 and len(text.split()) <= 25
    if labelled:
        return not sentences.has_verb(label) and not (sentences.has_verb(value) and len(value.split()) > 8)
    bare_date = bool(dates.find(text)) and len(text.split()) <= 4
    return bare_date or (is_dated(text) and len(text.split()) <= 14 and sentences.end_mark(text) != ".")


# --- title and school -----------------------------------------------------------------------------------------------


def is_known_label(label: str) -> bool:
    """Whether a cell says what its neighbour is, as a table at the front has it: "Owner", "Approved by"."""
    known = (_OWNER, _AUTHOR, _UNSURE, _WEAK, *(pattern for pattern, _ in _STRONG))
    return any(pattern.search(label) for pattern in known) or any(
        pattern.fullmatch(label.rstrip(" :")) for pattern in (_TITLE_LABEL, _SCHOOL_LABEL)
    )


def _title_and_school(found: Sequence[Block], pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    title = next((value for label, value in pairs if _TITLE_LABEL.fullmatch(label) and len(value.split()) <= 14), "")
    school = next((value for label, value in pairs if _SCHOOL_LABEL.fullmatch(label) and len(value.split()) <= 12), "")
    named = school
    lines = [block for block in _before_text(found) if _may_name(block)]
    for n, block in enumerate(lines):
        if not title and _TITLE.search(block.text) and (block.words > 1 or n):
            title = block.text
            if _TITLE.fullmatch(title) and n and not _is_school(lines[n - 1].text):
                title = f"{lines[n - 1].text} {title}"  # "Social Media" above "Policy"
        elif not school and _is_school(block.text):
            school = block.text
    school, title = (school, title) if school else _parted(title)
    if not title:
        title = next((block.text for block in found[:_OPENING] if block.level == 1 and not _is_school(block.text)), "")
    if not school and not named:
        alone = (b.text for b in found if _may_name(b) and _is_school(b.text))
        school = next((text for text in alone if _PHASE.search(text) and (text.isupper() or text.istitle())), "")
    return title, school


def _before_text(found: Sequence[Block]) -> list[Block]:
    """The first blocks, up to the first item or sentence that is neither a motto nor a detail."""
    lines: list[Block] = []
    for block in found[:_OPENING]:
        said = sentences.is_sentence(block.text) and not sentences.is_in_quotation_marks(block.text)
        if block.kind == "item" or (block.kind == "text" and said and not is_detail(block.text)):
            break
        lines.append(block)
    return lines


def _may_name(block: Block) -> bool:
    if block.kind != "text" or block.words > 14 or sentences.end_mark(block.text) or sentences.has_verb(block.text):
        return False
    return not re.match(r"(?:appendix|annex|section|part|contents)\b", block.text, re.I) and not is_detail(block.text)


def _is_school(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 14 or _NO_NAME.match(text):
        return False
    return bool(_SCHOOL.fullmatch(_cased(text) if text.isupper() else text))


def _parted(title: str) -> tuple[str, str]:
    """School and title out of one line: "Oakfield Primary School Social Media Policy"."""
    for end in re.finditer(rf"\b{_KIND_OF_SCHOOL}\b\s*[:–—|-]?\s+(?=\S)", title, re.IGNORECASE):
        school, rest = title[: end.end()].rstrip(" :–—|-"), title[end.end() :]
        if _is_school(school) and _PHASE.search(school) and _TITLE.search(rest) and len(rest.split()) >= 2:
            return school, rest
    return "", title


def _cased(text: str) -> str:
    """An ALL-CAPS line as a title; others as they are."""
    if not text.isupper():
        return text
    small = {"and", "of", "the", "for", "in", "on", "to", "with", "a", "at", "by", "or"}
    words = (w.lower() if n and w.lower() in small else _capitalised(w) for n, w in enumerate(text.split()))
    return " ".join(words)


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda m: m[0].capitalize(), word)


def _words(stem: str) -> str:
    words = " ".join(re.sub(r"[-_.]+", " ", stem).split())
    return words[:1].upper() + words[1:] or "Policy"


# --- dates ----------------------------------------------------------------------------------------------------------


def _dates(found: Sequence[Block]) -> dict[str, PolicyDate]:
    """The dates by what they are; of several editions the last. Lines and tables come before sentences."""
    known: dict[str, PolicyDate] = {}
    unsure: list[PolicyDate] = []
    for label, when, is_line in sorted(_dated(found), key=lambda each: not each[2]):
        kind = _kind(label, is_line=is_line)
        if kind == "unsure":
            unsure.append(when)
        elif kind and (is_line or kind not in known):
            kept = known.get(kind)
            if kept is None or (kind != "written" and when.last > kept.last):
                known[kind] = when
    if unsure:
        # A "date of review" has been or is to come: it is to come if it is later than all the others.
        latest = max(unsure, key=lambda when: when.last)
        to_come = "next" not in known and all(latest.last >= when.last for when in known.values())
        known.setdefault("next" if to_come else "reviewed", latest)
    return known


def _kind(label: str, *, is_line: bool) -> str:
    if _SET_ASIDE.search(label):
        return ""
    if _UNSURE.search(label) and not _STRONG[0][0].search(label):
        return "unsure" if is_line else ""
    strong = next((kind for pattern, kind in _STRONG if pattern.search(label)), "")
    if strong or not is_line:
        return strong
    return "written" if not label.strip(" :–-") or _WEAK.search(label) else ""


def _dated(found: Sequence[Block]) -> Iterator[tuple[str, PolicyDate, bool]]:
    """Each date with the words that say what it is, and whether it stands in a line or table of its own."""
    columns: Block | None = None
    for n, block in enumerate(found):
        if block.kind == "row":
            columns = block if block.columns or columns is None or len(columns.cells) != len(block.cells) else columns
            yield from _dated_cells(block, columns)
            continue
        columns = None
        if block.words <= 25 and (n < _OPENING or is_dated(block.text)) and not sentences.is_sentence(block.text):
            for label, when in _labels(block.text):
                yield label, when, bool(label.strip(" :–-")) or block.words <= 4
        elif block.words <= 80 and re.search(r"\bpolicy\b|\bdocument\b", block.text[:600], re.I):
            for label, when in _labels(block.text):
                yield " ".join(label.split()[-10:]), when, False


def _labels(text: str) -> Iterator[tuple[str, PolicyDate]]:
    start = 0
    for hit in dates.find(text[:1000]):
        yield text[start : hit.start], hit.date
        start = hit.end


def _dated_cells(row: Block, columns: Block) -> Iterator[tuple[str, PolicyDate, bool]]:
    for n, cell in enumerate(row.cells):
        for label, when in _labels(cell):
            over = columns.cells[n] if columns is not row and n < len(columns.cells) and len(row.cells) > 2 else ""
            said = label.strip(" :") or over or (row.cells[n - 1] if n else "")
            if not any(pattern.search(said) for pattern, _ in _STRONG) and not over:
                said = f"{' '.join(row.cells[:n])} {said}"
            yield said, when, True


# --- labels and values ----------------------------------------------------------------------------------------------


def _pairs(found: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """Labels and values at the front and in tables of two columns."""
    for n, block in enumerate(found):
        if block.kind == "row":
            for label, value in zip(block.cells[::2], block.cells[1::2], strict=False):
                if len(block.cells) in (2, 4) and len(label.split()) <= 8:
                    yield label.rstrip(" :"), value
        elif n < _OPENING and is_detail(block.text):
            label, _, value = block.text.partition(":")
            yield label.strip(), value.strip()


def _owner(pairs: Sequence[tuple[str, str]]) -> str:
    for wanted in (_OWNER, _AUTHOR):
        for label, value in pairs:
            if value and wanted.search(label) and not _NO_OWNER.search(label) and not dates.find(value):
                return value if len(value.split()) <= 15 else ""
    return ""
