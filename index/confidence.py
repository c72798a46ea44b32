"""How probable it is that the clauses found answer a question. Pure; the weights are `tests/fit_confidence.py`'s.

Two things are weighed: what was found, by a few signs, and what is asked, by the question's vector: whoever's policies
they are, some things ("what is the mileage rate", "who is the deputy") are seldom answered by any.
"""

import math
from collections.abc import Sequence
from operator import mul

import numpy as np
from numpy.typing import NDArray

from index import ranking, vocabulary
from index.confidence_weights import BIAS, QUESTION, QUESTION_BIAS, WEIGHTS
from index.ranking import Keywords

_ENTRY_WEIGHT = 3.0  # of a phrase that the vocabulary knows, beside the idf (0 to about 5) of a word


def probability(
    question: str,
    said: Sequence[str],
    hits: Sequence[tuple[float, str, str]],
    keywords: Keywords,
    cosines: NDArray[np.float32] | None,
    vector: Sequence[float] = (),
) -> float:
    """The probability (0 to 1) that the first three hits (cosine, text, context) answer the question.

    `cosines`: of the nearest clauses, greatest first; None without vectors, when how much of the question stands in the
    hits takes the place of nearness. `vector`: the question's by MiniLM, 384 numbers; empty where another embeds.
    """
    top = hits[:3]
    if not top:
        return 0.0
    if cosines is None or not len(cosines):
        absent, wanting = _absent(said, keywords), _wanting(question, top)
        odds = 2.4 - 3.5 * _missed(question, said, _found(top), keywords) - 5.5 * absent - 6.5 * wanting
    else:
        odds = BIAS + sum(
            weight * sign for weight, sign in zip(WEIGHTS, signs(question, said, hits, keywords, cosines), strict=True)
        )
        if len(vector):
            odds += (QUESTION_BIAS + sum(map(mul, QUESTION, vector))) / 100
    return 1 / (1 + math.exp(-odds))


def signs(
    question: str,
    said: Sequence[str],
    hits: Sequence[tuple[float, str, str]],
    keywords: Keywords,
    cosines: NDArray[np.float32],
) -> tuple[float, ...]:
    """What speaks for and against: how near the nearest clause is and by how much nearer than the rest, whether a thing
    asked about is in no policy, whether the kind of thing asked for is given, how much of the question is found."""
    top = hits[:3]
    nearest, wanting = float(cosines[0]), _wanting(question, top)
    asked = set(ranking.words(vocabulary.unexplained(question)))
    unknown = sum(word not in keywords for word in asked) / max(1, len(asked))
    best = float(keywords.scores(ranking.weigh(question, said)).max(initial=0.0))
    return (
        nearest,
        top[0][0],
        nearest - float(cosines[1:4].mean()) if len(cosines) > 1 else 0.0,
        nearest - float(cosines[5:20].mean()) if len(cosines) > 5 else 0.0,
        _absent(said, keywords),
        wanting,
        _missed(question, said, _found(top), keywords),
        unknown,
        best / 10,
        min(len(ranking.words(question)), 20) / 10,
        wanting * nearest,
        float(ranking.asks_for_a_kind(question)),
    )


def _absent(said: Sequence[str], keywords: Keywords) -> float:
    """Whether a thing asked about is in no policy at all."""
    return float(any(not any(word in keywords for word in ranking.words(phrase)) for phrase in said))


def _wanting(question: str, top: Sequence[tuple[float, str, str]]) -> float:
    return float(not ranking.gives_what_is_asked(question, [text for _, text, _ in top]))


def _found(top: Sequence[tuple[float, str, str]]) -> set[str]:
    return {word for _, text, context in top for word in ranking.words(f"{context} {text}")}


def _missed(question: str, said: Sequence[str], found: set[str], keywords: Keywords) -> float:
    """The share of what a question says, by how telling it is, that is not among the stems found."""
    telling = [(keywords.idf(word), word in found) for word in set(ranking.words(vocabulary.unexplained(question)))]
    telling += [(_ENTRY_WEIGHT, any(word in found for word in ranking.words(phrase))) for phrase in said]
    return sum(weight for weight, there in telling if not there) / (sum(weight for weight, _ in telling) or 1.0)
