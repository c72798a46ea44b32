"""Which clauses answer a question, by their words: keyword scores, and fusion with nearest vectors."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import Stemmer
from numpy.typing import NDArray

# Okapi BM25 (Robertson & Zaragoza 2009) with the usual saturation; clauses are short, so length matters less.
_K1, _B = 1.2, 0.6
_IN_CONTEXT = 0.4  # a word of the heading above a clause counts for less than one of its own
_IN_POLICY_WORDS = 0.6  # so does a word that the vocabulary put in for one of the question's
_KEYWORD_WEIGHT = 0.015  # of a point of the keyword score, beside a cosine; see `fuse`

_stemmer = Stemmer.Stemmer("english")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_EMPTY = frozenset(
    """a about am an and any are as at be been but by can cant can't could did do does doing don't dont for from get
    getting go going got had has have having he her hers him his how i i'd i'm i've if im in into is isn't it it's its
    ive just know like lot may me mean meant might my need needs no not of off ok okay on one or our out please put
    really said same say says she should shouldnt so some someone something sort still stuff such tell than that
    that's thats the their them then there these they thing things this those to too up us use used using very want
    wanting was we were weve we've what what's whats when where which while who who's whos whose why will with would
    wouldnt yes you your does""".split()
)


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = _stemmer.stemWord(word)
    return stem


def words(text: str) -> list[str]:
    """The stems of a text's meaningful words, in order, repeats kept."""
    return [
        _stem(w) for w in _WORD.findall(text.lower().replace("’", "'").replace("e-mail", "email")) if w not in _EMPTY
    ]


def weigh(question: str, said: Sequence[str]) -> dict[str, float]:
    """The stems to look for and how much each counts: the question's own, and what policies say for them (`said`)."""
    weights = {word: _IN_POLICY_WORDS for phrase in said for word in words(phrase)}
    return weights | dict.fromkeys(words(question), 1.0)


def fuse(cosine: NDArray[np.float32], keyword: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score a clause from its cosine (NaN where it was not among the nearest) and its keyword score.

    A clause that only keywords found is taken for as near as the farthest of the nearest. (Reciprocal ranks, and keywords
    as a share of the best, were tried and lose what the scores say by their size.)
    """
    known = cosine[~np.isnan(cosine)]
    floor = float(known.min()) if len(known) else 0.0
    fused: NDArray[np.float32] = np.where(np.isnan(cosine), floor, cosine) + _KEYWORD_WEIGHT * keyword
    return np.where(np.isnan(cosine) & (keyword == 0), 0.0, fused).astype(np.float32)


class Keywords:
    """An index of clauses by the stems in them (`text`) and around them (`context`)."""

    def __init__(self, clauses: Iterable[tuple[str, str]]) -> None:
        counts: list[dict[str, float]] = []
        for text, context in clauses:
            own: dict[str, float] = dict(Counter(words(text)))
            for word in set(words(context)):
                own[word] = own.get(word, 0.0) + _IN_CONTEXT
            counts.append(own)
        self.size = len(counts)
        lengths = np.array([sum(c.values()) for c in counts], dtype=np.float32)
        norms = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0)) if counts else lengths
        postings: dict[str, list[tuple[int, float]]] = {}
        for row, own in enumerate(counts):
            for word, count in own.items():
                postings.setdefault(word, []).append((row, count))
        # One pair of arrays with a slice a word, instead of two small arrays a word: a tenth of the memory.
        self._slices: dict[str, tuple[int, int]] = {}
        rows: list[int] = []
        weights: list[float] = []
        for word, entries in postings.items():
            idf = math.log(1 + (self.size - len(entries) + 0.5) / (len(entries) + 0.5))
            self._slices[word] = (len(rows), len(rows) + len(entries))
            for row, count in entries:
                rows.append(row)
                weights.append(idf * count * (_K1 + 1) / (count + float(norms[row])))
        self._rows = np.array(rows, dtype=np.int32)
        self._weights = np.array(weights, dtype=np.float32)

    def __contains__(self, word: str) -> bool:
        return word in self._slices

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """BM25 of every clause for weighted stems, shape (clauses,); 0 where none of them stands."""
        scores = np.zeros(self.size, dtype=np.float32)
        for word, weight in weights.items():
            if word in self._slices:
                start, end = self._slices[word]
                scores[self._rows[start:end]] += weight * self._weights[start:end]
        return scores

    def idf(self, word: str) -> float:
        """How telling a stem is: about 0 when every clause has it, most when none has."""
        start, end = self._slices.get(word, (0, 0))
        return math.log(1 + (self.size - (end - start) + 0.5) / (end - start + 0.5))


_SENTENCE_END = re.compile(r"(?<=[.!?;:])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")


def telling_sentence(text: str, weights: Mapping[str, float], keywords: Keywords) -> tuple[int, int]:
    """Where the one sentence of several stands that says most of what is looked for; (0, 0) where none stands out."""
    cuts = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    spans = [(a, len(text[:b].rstrip())) for a, b in pairwise(cuts) if text[a:b].strip()]
    if len(spans) < 2:
        return 0, 0
    said = [
        (sum(weights.get(word, 0.0) * keywords.idf(word) for word in set(words(text[a:b]))), (a, b)) for a, b in spans
    ]
    (best, span), (second, _), *_ = sorted(said, key=lambda pair: -pair[0])
    return span if best > 1.2 * second else (0, 0)


def matched_words(text: str, weights: Mapping[str, float]) -> tuple[str, ...]:
    """The words of a text that were looked for, as printed, each once."""
    found = (w for w in _WORD.findall(text.lower().replace("’", "'")) if w not in _EMPTY and _stem(w) in weights)
    return tuple(dict.fromkeys(found))


# What a question asks for by its form, and what a text must hold to give it.
_NUMBER = r"(?<![\d.])(?!(?:19|20)\d\d\b)\d+(?![\d.]*\.\d)|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half)\b"
_TIME = rf"{_NUMBER}|\b(?:hour|dai|day|week|month|termly|year|annual|immediate|regular|as soon as|without delay)\w*"
_JOBS = (
    r"Senior|Network|Manager|Lead|Leader|Leadership|Team|Head|Headteacher|Teacher|Deputy|Designated|Safeguarding|Child|"
    r"Protection|Officer|Local|Authority|School|Policy|Social|Media|Data|Governor|Governors|Governing|Body|Chair|Trust|"
    r"Director|Business|Services|Chief|Executive|Line|Staff|Code|Conduct|Acceptable|Use|The|All|This|Any|Key|Online|Safety"
)
_NAME = rf"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z]|\b(?!(?:{_JOBS})\b)[A-Z][a-z]+ (?!(?:{_JOBS})\b)[A-Z][a-z]+\b"
_ASKED = tuple(
    (re.compile(asked, re.I), re.compile(given))
    for asked, given in (
        (r"\bhow (?:often|long|quick\w*|fast|soon)\b|\bwhat time\b|\bdeadline\b", _TIME),
        (r"\bhow (?:many|much|big|far)\b|\b(?:rate|ratio|percentage)\b", _NUMBER),
        (r"\bhow old\b|\bwhat age\b", r"\b(?:ages?|aged|years? old|birthday)\b|\b(?:under|over) (?:the age of )?\d+"),
        (
            r"\bhow long\b.{0,30}\b(?:keep|kept|hold|held|store|stored)\b",
            r"(?i)(?=.*\b(?:keep|kept|retain|retention|stor|held|delet))(?=.*(?:\d|\b(?:year|month|week|day|term)))",
        ),
        (r"\bwhat date\b", r"\d{4}|\b\d{1,2} [A-Z][a-z]+\b"),
        (r"\bwhat(?:'s| is|s)\b.{0,30}\bnumber\b|\bnumber (?:for|of the)\b", r"\d[\d ]{5,}\d"),
        (
            r"\bname of\b|\bwhat(?:'s| is|s) .{0,30}\bname\b|\bwho(?: is|'s|s) (?:the|our) (?:deputy|d?dsl|head|chair|governor)",
            _NAME,
        ),
    )
)
_COUNTED = re.compile(r"\bhow many (?:different )?(\w+)")


def asks_for_a_kind(question: str) -> bool:
    """Whether a question's form asks for a time, a count, an age, a date, a name or a number."""
    question = question.replace("’", "'")
    return any(asked.search(question) for asked, _ in _ASKED)


def gives_what_is_asked(question: str, texts: Sequence[str]) -> bool:
    """Whether texts hold the kind of thing that a question's form asks for.

    True for a question of another form. It doesn't say that the thing is the right one.
    """
    question = question.replace("’", "'")
    counted = _COUNTED.search(question.lower())
    thing = words(counted[1]) if counted else []
    if thing and not any(thing[0] in words(text) for text in texts):
        return False
    return all(any(given.search(t) for t in texts) for asked, given in _ASKED if asked.search(question))
