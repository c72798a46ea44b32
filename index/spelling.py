"""Mends slips of the keyboard in a question, towards the words of the policies searched, of staff, and of common English.

Only a word that none of them knows is touched, and only where one slip leads to a word that is known: two letters swapped,
one too many or too few; in a long word another letter too. The policies' and staff's own words come first, then the
commonest.
"""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index import vocabulary

_LEAST, _SURE, _LONG = 3, 5, 8  # letters: a shorter word is as near to many others
# So far down the list of common words a slip may lead: of a word of three letters, of four, of five or six.
_COMMON = {3: 700, 4: 3_000, 5: 12_000, 6: 12_000}
# A whole word: no part of an address, a handle, a word with a hyphen or one with an apostrophe.
_WORD = re.compile(rf"(?<![\w@./'’-])[A-Za-z]{{{_LEAST},}}(?![\w@/'’-]|\.\w)")
_NOT = re.compile(r"(?:is|was|were|do|does|did|has|have|had|could|would|should|must|need|are|ai|ca|wo)nt")
_RUN_TOGETHER = re.compile(r"(?:they|you|we|i)(?:re|ve|ll|d|m)|(?:he|she|it|that|there|what|who|where|how)(?:ll|s|d)")


def mended(question: str, known: Collection[str], common: Mapping[str, int]) -> str:
    """The question without slips. `known`: the policies' words in small letters; `common`: words of English in small
    letters, the commonest first, each with its rank."""

    def mend(found: re.Match[str]) -> str:
        word = found[0].lower()
        if _is_word(word, known, common):
            return found[0]
        near: list[str] = []
        if len(word) > _LEAST:
            near = _one_slip_away(word, vocabulary.staff_words())
            near = near or _one_slip_away(word, known, another=len(word) >= _LONG)
        if found[0][0].isupper() and found.start() > 0:  # in the middle of a sentence: a person, a place, a site
            near = near if len(word) > _SURE else []
        elif not near:
            near = _one_slip_away(word, list(islice(common, _COMMON.get(len(word)))))
        return min(near, key=lambda w: common.get(w, len(common))) if near else found[0]

    return _WORD.sub(mend, question)


def _is_word(word: str, known: Collection[str], common: Mapping[str, int]) -> bool:
    """Whether a word, or what it is a form of, is known."""
    if _NOT.fullmatch(word) or _RUN_TOGETHER.fullmatch(word):
        return True
    staff = vocabulary.staff_words()
    return any(form in known or form in common or form in staff for form in _forms(word))


def _forms(word: str) -> set[str]:
    """A word and what it may be a form of: "posting", "poster", "posted", "posts" of "post"; "sharing" of "share"."""
    forms = {word}
    for ending in ("ed", "er", "ing", "y", "est"):
        if word.endswith(ending) and len(stem := word.removesuffix(ending)) > 2:
            forms |= {stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else stem}
    for ending, before in (("s", "abcdefghijklmnopqrtuvwy"), ("es", "sxzho"), ("ly", ""), ("d", "e"), ("r", "e")):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and (not before or stem[-1] in before):
            forms.add(stem)
    return forms | {word.removesuffix("ies") + "y"} if word.endswith("ies") else forms


def _one_slip_away(word: str, others: Collection[str], *, another: bool = False) -> list[str]:
    """The words that one slip makes `word` of; with `another`, one where a letter is another too."""
    near = [w for w, _, _ in process.extract(word, others, scorer=OSA.distance, score_cutoff=1, limit=None)]
    swapped = [w for w in near if sorted(w) == sorted(word)]
    if swapped:
        return swapped
    # Of a short word a letter was left out; that it has one too many, or another, can't be told.
    lengths = {len(word) + 1} | ({len(word) - 1} if len(word) >= _SURE else set()) | ({len(word)} if another else set())
    return [w for w in near if w[0] == word[0] and len(w) in lengths]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of policies, in small letters; the same word of many schools is kept in memory once."""
    return frozenset(sys.intern(word) for text in texts for word in re.findall(r"[a-z]{4,}", text.lower()))
