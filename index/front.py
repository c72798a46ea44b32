"""What a document says of itself: title, school, dates and owner, from its first lines and its tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index import dates
from index.dates import PolicyDate
from index.layout import Block, is_detail

_OPENING = 25  # blocks in which a title and a school are looked for
_TITLE = re.compile(
    r"\b(?:policy|policies|code|procedures?|guidance|guidelines|statement|handbook|agreement|summary|protocol)\b", re.I
)
_SCHOOL = re.compile(
    r"\b(?:school|academy|academies|trust|federation|college|nursery|infants?|juniors?|primary)\b", re.I
)
_OWNER = re.compile(
    r"\b(?:owner|written by|author|staff lead|policy lead|responsible (?:person|officer)|prepared by)\b", re.I
)
_NEXT = re.compile(r"\bnext\b|\bdue\b|\bto be reviewed\b|\breview by\b|\bexpir", re.I)
_KINDS = (  # (label, the date's kind), the first that matches
    (_NEXT, "next_review"),
    (
        re.compile(
            r"\brevie?w(?:ed)?\b(?!.*\bdate\b)|\blast review|\bupdated\b(?<!written/updated)|\brevised\b|\bamended\b",
            re.I,
        ),
        "reviewed",
    ),
    (re.compile(r"\bratif|\bapprov|\badopt|\bagreed\b|\bsigned\b", re.I), "ratified"),
    (
        re.compile(r"\bwritten\b|\bdate\b|\bcreated\b|\bpublished\b|\bissued?\b|\beffective\b|\bversion\b", re.I),
        "written",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    title: str
    organisation: str
    titles: frozenset[str]  # the lines that are title or school, wherever they are printed again
    written: PolicyDate | None
    ratified: PolicyDate | None
    reviewed: PolicyDate | None
    next_review: PolicyDate | None
    owner: str

    @property
    def dated(self) -> str:
        known = self.reviewed or self.written or self.ratified
        return known.text if known else ""


def read(name: str, found: list[Block]) -> Details:
    """The details in a document's blocks; the title falls back to the file's name in words."""
    title, school = _title_and_school(found[:_OPENING])
    known = _dates(found)
    same = {text for text in (title, school) if text}
    titles = {b.text for b in found if b.text.rstrip(":").lower() in {s.lower() for s in same}}
    shown = title or re.sub(r"[-_]+", " ", name.rsplit(".", 1)[0]).strip().capitalize()
    return Details(
        title=_cased(shown),
        organisation=_cased(school),
        titles=frozenset(titles),
        written=known.get("written"),
        ratified=known.get("ratified"),
        reviewed=known.get("reviewed"),
        next_review=known.get("next_review"),
        owner=_owner(found),
    )


def is_motto(block: Block) -> bool:
    """Whether a line at the front is a value word or a crest's caption, which no clause is so short as."""
    return block.kind == "paragraph" and block.words <= 3


def _title_and_school(opening: list[Block]) -> tuple[str, str]:
    title = school = ""
    for block in opening:
        text = block.text
        if (block.kind in ("row", "item") and not block.level) or block.words > 12 or text.endswith((".", ";", ",")):
            continue
        if re.match(r"(?:\d|appendix\b)", text, re.I) or is_detail(block):
            continue
        if not title and _TITLE.search(text) and not text.endswith(":"):
            title = text
        elif not school and _SCHOOL.search(text) and not text.endswith(":"):
            school = text
        if title and school:
            break
    return title, school


def _cased(text: str) -> str:
    """An ALL-CAPS line as a title; others as they are."""
    if not text.isupper():
        return text
    small = {"and", "of", "the", "for", "in", "on", "to", "with", "a"}
    words = [w.lower() if n and w.lower() in small else w.capitalize() for n, w in enumerate(text.split())]
    return " ".join(words)


def _dates(found: list[Block]) -> dict[str, PolicyDate]:
    known: dict[str, PolicyDate] = {}
    unsure: PolicyDate | None = None
    for label, value in _labelled(found):
        if re.search(r"\bdate of review\b|\breview date\b", label, re.I) and not _NEXT.search(label):
            unsure = unsure or value  # past or to come: the other dates tell
            continue
        kind = next((kind for pattern, kind in _KINDS if pattern.search(label)), None)
        if re.search(r"\bwritten\b", label, re.I) and kind == "reviewed":
            kind = "written"
        if kind:
            known.setdefault(kind, value)
    if unsure:
        later = all(unsure.first >= date.first for date in known.values()) and bool(known)
        known.setdefault("next_review" if later else "reviewed", unsure)
    return known


def _labelled(found: list[Block]) -> Iterator[tuple[str, PolicyDate]]:
    """Dates with the words that say what they are, from table cells and from short lines at the front."""
    body = next((n for n, b in enumerate(found) if b.kind == "paragraph" and b.words >= 25), len(found))
    for n, block in enumerate(found):
        if block.kind == "row":
            label = ""
            for cell in block.cells:
                if hit := dates.find(cell):
                    yield (cell[: hit[1]].strip() or label), hit[0]
                label = cell
        elif block.words <= 14 and (n < body or is_detail(block)) and (hit := dates.find(block.text)):
            yield block.text[: hit[1]], hit[0]


def _owner(found: list[Block]) -> str:
    for n, block in enumerate(found):
        label, value = "", ""
        if block.kind == "row" and len(block.cells) == 2:
            label, value = block.cells
        elif n < _OPENING and is_detail(block):
            label, _, value = (part.strip() for part in block.text.partition(":"))
        if value and _OWNER.search(label) and len(label.split()) <= 4 and not dates.find(value):
            return value
    return ""
