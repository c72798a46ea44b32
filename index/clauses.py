"""What a policy is to the rest: its details, its clauses in order, and what of them was found. Values only."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from index import citing
from index.dates import PolicyDate as PolicyDate

Kind = Literal["paragraph", "bullet", "row"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """A paragraph, list item or table row of a policy, word for word."""

    id: str  # the same text at the same place has the same id, whatever changes elsewhere
    text: str
    kind: Kind
    marker: str  # the list mark as printed, "" for none
    headings: tuple[str, ...]  # outermost first
    lead_ins: tuple[str, ...]  # the sentences that open the lists it is in, outermost first
    place: str  # "4.2 Communicating with children and their families, third bullet"
    citation: str  # the policy's title and date, then the place
    depth: int  # how deep in nested lists; 0 for a paragraph or a first-level bullet
    line: int  # where it begins in the document, 1-based
    page: int = 0  # the printed page it begins on, 1-based; 0 where the format has none
    follows: bool = False  # nothing but its mark is printed between the clause before it and this one

    @property
    def whole(self) -> str:
        """The text with its mark, as it is printed."""
        return f"{self.marker} {self.text}" if self.marker else self.text

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
    file: str = ""  # the document's name
    since: date | None = None  # in force from this day; None where nothing tells
    until: date | None = None  # the day on which the next version took its place; None for the one in force
    warnings: tuple[str, ...] = ()  # what somebody should look at, in sentences

    @property
    def dated(self) -> str:
        """The date that tells one edition from another, as printed; "" when none is."""
        return known.text if (known := self.reviewed or self.written or self.ratified) else ""

    def citation(self, first: Clause, last: Clause) -> str:
        """Where a person finds what stands from one clause to another of one heading."""
        cited = f"{self.title} ({self.dated})" if self.dated else self.title
        page = f", page {first.page}" if first.page else ""
        if last.page != first.page:
            page = f", pages {first.page} to {last.page}"
        return f"{cited}, {citing.through(first.place, last.place)}{page}"

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
    telling: tuple[int, int] = (0, 0)  # where the sentence stands that says most of what was asked
    matched: tuple[str, ...] = ()  # words of the clause and its headings that were looked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Hits of one organisation's policies, best first, and the probability (0 to 1) that the first ones answer."""

    organisation: str
    question: str
    hits: tuple[Hit, ...]
    confidence: float
