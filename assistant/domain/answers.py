"""Whether what was found answers a question, and which clauses to quote. Nothing here writes policy: it only picks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.clauses import Findings, Hit

MOST_QUOTES = 3
# Below this probability a clause is a near miss; see index.confidence for how it is come by.
SURE_ENOUGH = 0.7
_WORTH_QUOTING = 0.7  # of the best score: below it a further clause only distracts
_SAME_POINT = 0.5  # of the shorter clause's words: from here on two clauses speak to one point
_NEAREST_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A clause, word for word, with the words that open its list and where a person finds it on paper."""

    text: str
    lead_in: str  # "" when the clause is not in a list that a sentence opens
    citation: str
    clause_id: str
    policy_id: str
    policy_title: str
    overdue_since: str  # the review date that has passed, as printed; "" when none has
    since: date | None = None  # of a version that is no longer in force: from when it was
    until: date | None = None  # and until when; None for what is in force
    telling: tuple[int, int] = (0, 0)  # where the sentence stands that answers, if one stands out
    matched: tuple[str, ...] = ()  # words that the question led to, in the clause and its headings


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One to three quotes, best first."""

    quotes: tuple[Quote, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """The titles quoted from, in order, each once. More than one may disagree: a person must read both."""
        return tuple(dict.fromkeys(quote.policy_title for quote in self.quotes))


@dataclass(frozen=True, kw_only=True, slots=True)
class Declined:
    """The policies don't say, as far as can be told: where they come nearest (citations of headings), if anywhere."""

    nearest: tuple[str, ...]


def decide(findings: Findings, today: date) -> Answer | Declined:
    """An answer from the clauses found, or an honest "they don't say"."""
    if not findings.hits or findings.confidence < SURE_ENOUGH:
        return Declined(nearest=_headings(findings.hits))
    best = findings.hits[0].score
    worth = _distinct([hit for hit in findings.hits if hit.score >= _WORTH_QUOTING * best])
    return Answer(quotes=tuple(_quote(hit, today) for hit in _both_sides(worth)))


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those that say again what a better one says."""
    seen: set[str] = set()
    kept = []
    for hit in hits:
        said = re.sub(r"\W+", " ", hit.clause.text).casefold().strip()
        if said not in seen:
            seen.add(said)
            kept.append(hit)
    return kept


def _both_sides(hits: Sequence[Hit]) -> list[Hit]:
    """The first hits; a clause of another policy on the very point of the first one stands right behind it.

    Which of two policies is right is for a person to say, so neither may be missing.
    """
    first, *others = hits
    beside = [h for h in others if h.policy.id != first.policy.id and _share(first, h) >= _SAME_POINT][:1]
    return [first, *beside, *(h for h in others if h not in beside)][:MOST_QUOTES]


def _share(one: Hit, other: Hit) -> float:
    """How much of the shorter clause's longer words stand in the other, 0 to 1."""
    left, right = ({w for w in re.findall(r"\w+", h.clause.text.casefold()) if len(w) > 3} for h in (one, other))
    return len(left & right) / max(1, min(len(left), len(right)))


def _quote(hit: Hit, today: date) -> Quote:
    review = hit.policy.next_review
    return Quote(
        text=hit.clause.text,
        lead_in=hit.clause.lead_ins[-1] if hit.clause.lead_ins else "",
        citation=hit.clause.citation,
        clause_id=hit.clause.id,
        policy_id=hit.policy.id,
        policy_title=hit.policy.title,
        overdue_since=review.text if review and not hit.policy.until and hit.policy.overdue(today) else "",
        since=hit.policy.since,
        until=hit.policy.until,
        telling=hit.telling,
        matched=hit.matched,
    )


def _headings(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Where the nearest clauses stand: policy and heading, each once."""
    places = []
    for hit in hits:
        title = hit.policy.title
        heading = hit.clause.headings[-1].rstrip(" :-") if hit.clause.headings else title
        places.append(title if heading.casefold() == title.casefold() else f"{title}, {heading}")
    return tuple(dict.fromkeys(places))[:_NEAREST_SHOWN]


_FOLLOWS = re.compile(r"(?:and|but|or|so|ok|also|what about|how about|even|what if|then|same)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(r"\b(?:it|that|this|them|they|those|these|he|she|him|her|one|same|else)\b", re.IGNORECASE)


def follow_up(before: str, question: str) -> str:
    """The question to search: with the one before it in the thread, where it only makes sense after that one."""
    short = len(question.split()) <= 9
    if before and short and (_FOLLOWS.match(question.strip()) or _POINTS_BACK.search(question)):
        return f"{before.strip()} {question.strip()}"
    return question
