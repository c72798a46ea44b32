"""Lines to a Policy: its title, dates and owner, and its clauses, each with a stable id and a citation. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from index import front
from index.dates import PolicyDate
from index.documents import Document
from index.layout import Block, blocks, is_detail

Kind = Literal["paragraph", "bullet", "row", "lead-in"]

_LEADS = re.compile(r":\s*[-–—]?$")
_SENTENCE = re.compile(r"(?<=[.?!])[\"'”’)]*\s+(?=[A-Z\"'“‘(])")
_CAPITALS, _CAPITALS_UNDER_NUMBERS, _SMALL = 25, 45, 50  # strengths of headings that only their letters tell
_PLAIN = (_CAPITALS, _CAPITALS_UNDER_NUMBERS, _SMALL)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """A paragraph, list item, table row or list's opening of a policy, word for word."""

    id: str  # the same text at the same place has the same id, whatever changes elsewhere
    text: str
    kind: Kind
    marker: str  # the list mark as printed, "" for none
    headings: tuple[str, ...]  # outermost first
    lead_ins: tuple[str, ...]  # the sentences that open the lists it is in, outermost first
    place: str  # "4.2 Communicating with children and their families, third bullet"
    citation: str  # the policy's title and date, then the place
    depth: int  # how deep in nested lists; 0 for a paragraph or a first bullet
    line: int  # where it begins in the document, 1-based

    @property
    def path(self) -> tuple[str, ...]:
        """Headings and lead-ins, outermost first."""
        return self.headings + self.lead_ins


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A document with its clauses in order."""

    id: str  # of the file's name: "social-media-policy"
    title: str
    organisation: str  # as printed at the front, "" when none is
    written: PolicyDate | None
    ratified: PolicyDate | None
    reviewed: PolicyDate | None
    next_review: PolicyDate | None
    owner: str
    version: str  # of the file's bytes
    clauses: tuple[Clause, ...]

    @property
    def dated(self) -> str:
        """The date that tells one edition from another, as printed; "" when none is."""
        known = self.reviewed or self.written or self.ratified
        return known.text if known else ""

    def overdue(self, today: date) -> bool:
        """Whether its own next review date has passed."""
        return self.next_review is not None and today > self.next_review.last


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A clause that may answer, its policy (whole), and how well it fits: `score` fused, `cosine` and `keyword` apart."""

    clause: Clause
    policy: Policy
    score: float
    cosine: float
    keyword: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Hits of one organisation's policies, best first, and the probability (0 to 1) that the first ones answer."""

    organisation: str
    question: str
    hits: tuple[Hit, ...]
    confidence: float


def parse(document: Document) -> Policy:
    """The policy in a document. Takes any lines; a text without structure is one heading-less run of paragraphs."""
    found = blocks(document)
    details = front.read(document.name, found)
    title = f"{details.title} ({details.dated})" if details.dated else details.title
    slug = re.sub(r"[^a-z0-9]+", "-", document.name.rsplit(".", 1)[0].lower()).strip("-") or "policy"
    clauses = tuple(_clauses(found, details, slug, title))
    return Policy(
        id=slug,
        title=details.title,
        organisation=details.organisation,
        written=details.written,
        ratified=details.ratified,
        reviewed=details.reviewed,
        next_review=details.next_review,
        owner=details.owner,
        version=document.sha256[:12],
        clauses=clauses,
    )


@dataclass(slots=True)
class _List:
    """A list that is being read: where its items stand, what opens it, how its items begin."""

    indent: int
    opening: tuple[str, ...]
    first: str = ""
    items: int = 0


@dataclass(slots=True)
class _Outline:
    """Where in the document the reading stands: the headings above and the lists around."""

    headings: list[tuple[int, str]] = field(default_factory=list)  # (strength, text), outermost first
    lists: list[_List] = field(default_factory=list)
    fresh: bool = True  # nothing but headings since the last heading
    begun: bool = False  # the first clause proper has been read
    seen: set[str] = field(default_factory=set)  # numbers of headings
    under: set[tuple[int, int]] = field(default_factory=set)  # which kind of plain heading stood straight under which
    places: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def head(self, block: Block) -> None:
        strength = self._strength(block)
        if not self.fresh or not self.begun:
            while self.headings and not self._holds(self.headings[-1][0], strength):
                self.headings.pop()
        else:
            # A heading straight under another is below it, unless its own number says otherwise.
            while self.headings and self.headings[-1][0] > strength:
                self.headings.pop()
            if len(self.headings) >= 2 and self.headings[-1][0] == self.headings[-2][0] == strength:
                self.headings.pop()
            if self.headings:
                self.under.add((self.headings[-1][0], strength))
        if not self.begun:
            # What stands at the front before any text is the cover; only a number makes a heading of it.
            self.headings = [h for h in self.headings if h[1][0].isdigit()]
        self.headings.append((strength, block.text))
        self.lists.clear()
        self.fresh = True

    def _holds(self, outer: int, inner: int) -> bool:
        """Whether a heading stays in force over a new one with text between them.

        Capitals over small letters says little: only where the document has put one straight under the other.
        """
        if outer in _PLAIN and inner in _PLAIN:
            return outer < inner and (outer, inner) in self.under
        return outer < inner

    def _strength(self, block: Block) -> int:
        """How high a heading ranks, 0 the highest: a number says it, then markup, then letter case."""
        number = re.match(r"(\d+(?:\.\d+)*)[.)]?\s", block.text)
        if re.match(r"(?:appendix|annex|schedule)\b", block.text, re.I):
            return 0
        if number and self._in_sequence(number[1]):
            self.seen.add(number[1])
            return 20 + 10 * number[1].count(".")
        if block.marker and not number and not block.bold:
            return 35  # "A. Use by pupils"
        if block.level:
            return min(10 + 10 * (block.level - 1), 60) if not any(s in self.seen for s in ("1", "1.1")) else 45
        if block.kind == "heading" and block.marker:
            return 90  # a role's name that opens its bullets
        if block.text.isupper():
            return _CAPITALS_UNDER_NUMBERS if self.seen else _CAPITALS
        return _SMALL

    def _in_sequence(self, number: str) -> bool:
        """Whether a number goes on from the numbers before; a lone "12." was quoted from elsewhere."""
        *above, last = number.split(".")
        prefix = "".join(f"{a}." for a in above)
        return (
            int(last) <= 1 or f"{prefix}{int(last) - 1}" in self.seen or (bool(above) and ".".join(above) in self.seen)
        )


def _clauses(found: list[Block], details: front.Details, slug: str, title: str) -> Iterator[Clause]:
    outline, repeats = _Outline(), Counter[tuple[str, ...]]()
    for n, block in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else None
        if block.kind == "heading":
            if block.text not in details.titles:
                outline.head(block)
            continue
        if block.text in details.titles or (not outline.begun and not outline.seen and front.is_motto(block)):
            continue
        is_row = block.kind == "row" or (not outline.begun and is_detail(block))
        if not is_row and (block.words >= 8 or block.kind == "item"):
            outline.begun = True
        kind, lead_ins, depth = _place_in_lists(outline, block, following, is_row=is_row)
        headings = tuple(text for _, text in outline.headings)
        outline.fresh = False
        key = (slug, *headings, "\x1f", *lead_ins, "\x1f", block.text)
        repeats[key] += 1
        outline.places[(*headings, "\x1f", *lead_ins, kind)] += 1
        nth = outline.places[(*headings, "\x1f", *lead_ins, kind)]
        place = _place(headings, lead_ins, kind, block, nth)
        digest = hashlib.blake2b("\x1e".join((*key, str(repeats[key]))).encode(), digest_size=6).hexdigest()
        yield Clause(
            id=f"{slug}-{digest}",
            text=block.text,
            kind=kind,
            marker=block.marker,
            headings=headings,
            lead_ins=lead_ins,
            place=place,
            citation=f"{title}, {place}" if place else title,
            depth=depth,
            line=block.line,
        )


def _place_in_lists(
    outline: _Outline, block: Block, following: Block | None, *, is_row: bool
) -> tuple[Kind, tuple[str, ...], int]:
    """What kind of clause a block is, the lead-ins above it, its depth; opens and closes lists on the way."""
    if is_row:
        return "row", (), 0
    if block.kind == "paragraph":
        outline.lists.clear()
        opens = following is not None and following.kind == "item" and _opens(block.text)
        if opens and following is not None:
            outline.lists.append(_List(indent=following.indent, opening=(_last_sentence(block.text),)))
        bare_opening = opens and _last_sentence(block.text) == block.text
        return ("lead-in" if bare_opening else "paragraph"), (), 0
    current = _list_of(outline, block)
    lead_ins, depth = current.opening, len(outline.lists) - 1
    current.items += 1
    current.first = current.first or block.text
    if following is not None and following.kind == "item" and _opens_nested(block, following):
        inner = (*lead_ins, _last_sentence(block.text))
        outline.lists.append(_List(indent=following.indent, opening=inner))
    return "bullet", lead_ins, depth


def _list_of(outline: _Outline, block: Block) -> _List:
    """The list that an item goes on, by its indent and by how the list's items begin."""
    while outline.lists and outline.lists[-1].indent > block.indent and len(outline.lists) > 1:
        outline.lists.pop()
    if outline.lists and len(outline.lists) > 1:
        inner, outer = outline.lists[-1], outline.lists[-2]
        # A list opened by an item of the same indent ends where an item begins in another manner.
        if (
            inner.indent == outer.indent
            and inner.items
            and _manner(inner.first)
            and _manner(block.text) != _manner(inner.first)
        ):
            outline.lists.pop()
    if not outline.lists:
        outline.lists.append(_List(indent=block.indent, opening=()))
    elif block.indent > outline.lists[-1].indent and outline.lists[-1].items:
        outline.lists.append(_List(indent=block.indent, opening=outline.lists[-1].opening))
    return outline.lists[-1]


def _manner(text: str) -> str:
    """How an item begins, where that tells a list's items from others: "…ing", "to …" or a small letter."""
    first = text.split()[0]
    if first[0].islower():
        return "small"
    return "ing" if first.endswith("ing") and len(first) > 4 else ""


def _opens(text: str) -> bool:
    """Whether a paragraph before a list introduces it."""
    last = _last_sentence(text)
    return (
        bool(_LEADS.search(text)) or not re.search(r"[.?!;][\"'”’)]*$", text) or bool(re.search(r"\bfollowing\b", last))
    )


def _opens_nested(block: Block, following: Block) -> bool:
    if _LEADS.search(block.text):
        return following.indent >= block.indent
    return False


def _last_sentence(text: str) -> str:
    return _SENTENCE.split(text)[-1]


def _ordinal(n: int) -> str:
    if n <= len(_ORDINALS):
        return _ORDINALS[n - 1]
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(n % 10 if n % 100 not in (11, 12, 13) else 0, "th")
    return f"{n}{suffix}"


def _place(headings: tuple[str, ...], lead_ins: tuple[str, ...], kind: Kind, block: Block, nth: int) -> str:
    """Where a person looks: the nearest numbered heading or the last two, the list's opening, which item."""
    near = [h.rstrip(" .:-") for h in headings[-2:]]
    if near and re.match(r"\(?[\dA-Za-z]{1,2}(?:\.\d+)*[.)]|\d+\s", near[-1]):
        near = near[-1:]
    near += [f"“{_shortened(lead)}”" for lead in lead_ins[-1:]]
    if kind == "row":
        label = block.cells[0] if block.cells else block.text.partition(":")[0]
        near.append(f"table, {label.rstrip(':')}" if label != block.text else "table")
    elif any(ch.isalnum() for ch in block.marker) and block.marker != "o":
        near.append(f"item {block.marker.strip('().')}")
    elif kind == "bullet":
        near.append(f"{_ordinal(nth)} bullet")
    elif kind == "lead-in":
        near.append(f"“{_shortened(block.text)}”")
    else:
        near.append(f"{_ordinal(nth)} paragraph")
    return ", ".join(near)


def _shortened(text: str) -> str:
    parts = text.split()
    return " ".join(parts) if len(parts) <= 8 else " ".join(parts[:7]) + " …"
