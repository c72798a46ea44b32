"""Mends slips of the keyboard in a question, towards the words of the policies searched and common English.

Only a word that neither knows is touched, and only where one slip leads to a word that is known: two letters swapped, one
too many or too few; in a long word another letter too. The policies' own words come first, then the commonest.
"""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index import vocabulary

_LEAST, _SURE, _LONG = 4, 5, 8  # letters: a shorter word is as near to many others
_COMMON = 12_000  # so far down the list of common words a slip may lead
# A whole word: no part of an address, a handle, a word with a hyphen or one with an apostrophe.
_WORD = re.compile(rf"(?<![\w@./'’-])[A-Za-z]{{{_LEAST},}}(?![\w@/'’-]|\.\w)")
_ENDINGS = ("s", "es", "d", "ed", "r", "er", "ing", "ly", "y", "nt")


def mended(question: str, known: Collection[str], common: Mapping[str, int]) -> str:
    """The question without slips. `known`: the policies' words in small letters; `common`: words of English in small
    letters, the commonest first, each with its rank."""

    def mend(found: re.Match[str]) -> str:
        word = found[0].lower()
        name = found[0][0].isupper() and found.start() > 0  # in the middle of a sentence: a person, a place
        if name or _is_word(word, known, common):
            return found[0]
        near = _one_slip_away(word, known, another=len(word) >= _LONG)
        near = near or _one_slip_away(word, list(islice(common, _COMMON)), another=False)
        return min(near, key=lambda w: common.get(w, len(common))) if near else found[0]

    return _WORD.sub(mend, question)


def _is_word(word: str, known: Collection[str], common: Mapping[str, int]) -> bool:
    """Whether a word, or what it is a form of, is known."""
    cut = [word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending)]
    forms = (word, *cut, *(c + "e" for c in cut), *(c[:-1] for c in cut if c[-2:-1] == c[-1:]))
    return any(form in known or form in common or form in vocabulary.staff_words() for form in forms)


def _one_slip_away(word: str, others: Collection[str], *, another: bool) -> list[str]:
    """The words that one slip makes `word` of; with `another`, one where a letter is another too."""
    near = [w for w, _, _ in process.extract(word, others, scorer=OSA.distance, score_cutoff=1, limit=None)]
    swapped = [w for w in near if sorted(w) == sorted(word)]
    if swapped or len(word) < _SURE:
        return swapped
    return [w for w in near if w[0] == word[0] and len(w) >= _LEAST and (another or len(w) != len(word))]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of policies, in small letters; the same word of many schools is kept in memory once."""
    return frozenset(sys.intern(word) for text in texts for word in re.findall(rf"[a-z]{{{_LEAST},}}", text.lower()))
