"""Words broken at the ends of a PDF's lines are joined again."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_LETTERS = r"[^\W\d_]+"
_WORD = re.compile(rf"{_LETTERS}(?:['’-]{_LETTERS})*")
_BEFORE = re.compile(rf"({_LETTERS}(?:['’-]{_LETTERS})*)-$")
_AFTER = re.compile(_LETTERS)
_BREAK = re.compile(r"\S+- \S+")
_HALVES = re.compile(rf"({_LETTERS})- ({_LETTERS})")
_MANY = 0.03  # of the lines that go on: more are broken where words are broken at all
_PREFIXES = frozenset({"self", "non", "anti", "well", "cyber"})
# What else opens compounds and ends in a vowel, as the first half of a broken word often does ("communi-cation").
_OPEN = frozenset("anti multi semi mini pro co auto photo video audio micro two to do no so media data extra".split())


class Vocabulary:
    """A document's own words, which tell "communi-cation" from "anti-bullying" where a line ends.

    Made of the document's paragraphs, each given as its printed lines.
    """

    def __init__(self, paragraphs: Iterable[Sequence[str]]) -> None:
        self._words: Counter[str] = Counter()
        lines, broken = 0, []
        for texts in paragraphs:
            text = " ".join(texts)
            self._words.update(word.casefold() for word in _WORD.findall(_BREAK.sub(" ", text)))
            lines += len(texts) - 1
            broken += [(half[1], half[2]) for half in _HALVES.finditer(text.casefold())]
        # Where only compounds are broken, at their own hyphens, few lines end in one.
        self._breaks_words = len(broken) > _MANY * lines or any(self._words[half + rest] for half, rest in broken)

    def joined(self, texts: Sequence[str]) -> str:
        """Lines as one text."""
        text = texts[0]
        for line in texts[1:]:
            half, rest = _BEFORE.search(text[-60:]), _AFTER.match(line)
            if half and rest:
                text = (text if self._is_compound(half[1].casefold(), rest[0]) else text[:-1]) + line
            else:
                text = f"{text} {line}"
        return text

    def _is_compound(self, half: str, rest: str) -> bool:
        if not rest[0].islower() or self._words[f"{half}-{rest}"]:
            return True
        if self._words[half + rest]:
            return False
        part = half.rsplit("-", 1)[-1]
        if len(part) == 1 or part in _PREFIXES:
            return True
        if not self._breaks_words:
            return part[-1] not in "aiou" or part in _OPEN
        return len(part) > 2 and len(rest) > 1 and bool(self._words[part] and self._words[rest])
