"""Whether what was found answers a question, and which clauses to quote. Nothing here writes policy: it only picks."""

import itertools
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from index.clauses import Clause, Findings, Hit

MOST_QUOTES = 3
MOST_WORDS = 120  # of a passage; a longer clause stands by itself
# Below this probability a clause is a near miss; see index.confidence for how it is come by.
SURE_ENOUGH = 0.78
# Of the best score: below the first a further passage only distracts, below the second a neighbour does.
_WORTH_QUOTING, _WORTH_JOINING = 0.75, 0.7
_SAME_POINT = 0.5  # of the shorter clause's words: from here on two clauses speak to one point
_NEAREST_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A passage, word for word, with the words that open its list and where a person finds it on paper."""

    text: str  # a clause, or some that stand one after the other, each on its line with its mark
    lead_in: str  # "" when it is not in a list that a sentence opens
    citation: str
    clause_id: str  # of the clause that answers best
    policy_id: str
    policy_title: str
    overdue_since: str  # the review date that has passed, as printed; "" when none has
    since: date | None = None  # of a version that is no longer in force: from when it was
    until: date | None = None  # and until when; None for what is in force
    clauses: tuple[str, ...] = ()  # of a passage: what its clauses say, without their marks
    telling: tuple[int, int] = (0, 0)  # where the sentence or the clause stands that answers, if one stands out
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
class Heading:
    """A heading under which the policies come near to a question, and the clause that does."""

    heading: str  # the policy's title where nothing else heads the clause
    policy_title: str
    policy_id: str
    clause_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Declined:
    """The policies don't say, as far as can be told: where they come nearest, if anywhere."""

    nearest: tuple[Heading, ...]


def decide(findings: Findings, today: date) -> Answer | Declined:
    """An answer from the clauses found, or an honest "they don't say"."""
    if not findings.hits or findings.confidence < SURE_ENOUGH:
        return Declined(nearest=_headings(findings.hits))
    best = findings.hits[0].score
    near = _distinct([hit for hit in findings.hits if hit.score >= _WORTH_JOINING * best])
    worth = [passage for passage in _passages(near) if passage.best.score >= _WORTH_QUOTING * best]
    return Answer(quotes=tuple(_quote(passage, today) for passage in _both_sides(worth)))


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those that say again what a better one says."""
    kept: dict[str, Hit] = {}
    for hit in hits:
        kept.setdefault(_said(hit.clause), hit)
    return list(kept.values())


def _said(clause: Clause) -> str:
    """What tells a clause from others for a reader: its words alone."""
    return re.sub(r"\W+", " ", clause.text).casefold().strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Passage:
    """A hit, and the clauses of its policy to quote with it, in order."""

    best: Hit
    clauses: tuple[Clause, ...]


def _passages(hits: Sequence[Hit]) -> list[_Passage]:
    """The hits, best first, each with those of its neighbours that were found too.

    What is printed together is read together: quoted apart, two sentences of a paragraph or two items of a list leave
    the reader to look up what stands between them.
    """
    found, quoted = {_said(hit.clause) for hit in hits}, set[str]()
    passages = []
    for hit in hits:
        if _said(hit.clause) not in quoted:
            passages.append(_Passage(best=hit, clauses=_around(hit, found, quoted)))
            quoted |= set(map(_said, passages[-1].clauses))
    return passages


def _around(hit: Hit, wanted: Set[str], quoted: Set[str]) -> tuple[Clause, ...]:
    """A hit's clause with wanted ones beside it, and at most one between two of them that wasn't looked for."""
    clauses = hit.policy.clauses
    first = next(n for n, clause in enumerate(clauses) if clause.id == hit.clause.id)
    end = first + 1

    def fits(a: int, b: int) -> bool:
        new = {_said(clause) for clause in (*clauses[a:first], *clauses[end:b])}
        return not new & quoted and _reads_on(clauses[a:b])

    while True:
        for reach in (1, 2):
            if end + reach <= len(clauses) and _said(clauses[end + reach - 1]) in wanted and fits(first, end + reach):
                end += reach
                break
            if first >= reach and _said(clauses[first - reach]) in wanted and fits(first - reach, end):
                first -= reach
                break
        else:
            return clauses[first:end]


def _reads_on(clauses: Sequence[Clause]) -> bool:
    """Whether clauses are one passage: of one list or under one heading, with nothing between them, and not too long."""
    return (
        len({clause.path for clause in clauses}) == 1
        and len({clause.place for clause in clauses}) == len({_said(clause) for clause in clauses}) == len(clauses)
        and all(clause.follows for clause in clauses[1:])
        and sum(len(clause.whole.split()) for clause in clauses) <= MOST_WORDS
    )


def _both_sides(passages: Sequence[_Passage]) -> list[_Passage]:
    """The first passages; a clause of another policy on the very point of the first one stands right behind it.

    Which of two policies is right is for a person to say, so neither may be missing.
    """
    first, *others = passages
    beside = [
        o for o in others if o.best.policy.id != first.best.policy.id and _share(first.best, o.best) >= _SAME_POINT
    ][:1]
    return [first, *beside, *(o for o in others if o not in beside)][:MOST_QUOTES]


def _share(one: Hit, other: Hit) -> float:
    """How much of the shorter clause's longer words stand in the other, 0 to 1."""
    left, right = ({w for w in re.findall(r"\w+", h.clause.text.casefold()) if len(w) > 3} for h in (one, other))
    return len(left & right) / max(1, min(len(left), len(right)))


def _quote(passage: _Passage, today: date) -> Quote:
    hit, policy, clauses = passage.best, passage.best.policy, passage.clauses
    text, (start, end) = hit.clause.text, hit.telling
    if len(clauses) > 1:  # then what was looked for stands out, as a sentence of it or as a whole
        before = "".join(
            f"{clause.whole}\n" for clause in itertools.takewhile(lambda c: c.id != hit.clause.id, clauses)
        )
        begins = len(before) + len(hit.clause.whole) - len(text)
        start, end = begins + start, begins + (end or len(text))
        text = "\n".join(clause.whole for clause in clauses)
    return Quote(
        text=text,
        lead_in=clauses[0].lead_ins[-1] if clauses[0].lead_ins else "",
        citation=policy.citation(clauses[0], clauses[-1]),
        clause_id=hit.clause.id,
        policy_id=policy.id,
        policy_title=policy.title,
        overdue_since=review.text
        if (review := policy.next_review) and not policy.until and policy.overdue(today)
        else "",
        since=policy.since,
        until=policy.until,
        telling=(start, end),
        matched=hit.matched,
        clauses=tuple(clause.text for clause in clauses) if len(clauses) > 1 else (),
    )


def _headings(hits: Sequence[Hit]) -> tuple[Heading, ...]:
    """Where the nearest clauses stand, each heading once."""
    found: dict[tuple[str, str], Heading] = {}
    for hit in hits:
        title = hit.policy.title
        heading = hit.clause.headings[-1].rstrip(" :-") if hit.clause.headings else title
        near = Heading(heading=heading, policy_title=title, policy_id=hit.policy.id, clause_id=hit.clause.id)
        found.setdefault((title, heading.casefold()), near)
    return tuple(found.values())[:_NEAREST_SHOWN]


_FOLLOWS = re.compile(r"(?:and|but|or|so|ok|also|what about|how about|even|what if|then|same)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(r"\b(?:it|that|this|them|they|those|these|he|she|him|her|one|same|else)\b", re.IGNORECASE)


def follow_up(before: str, question: str) -> str:
    """The question to search: with the one before it in the thread, where it only makes sense after that one."""
    short = len(question.split()) <= 9
    if before and short and (_FOLLOWS.match(question.strip()) or _POINTS_BACK.search(question)):
        return f"{before.strip()} {question.strip()}"
    return question
