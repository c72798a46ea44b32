"""A follow-up question that a model has made whole: taken only where it is put together from the asker's own words. Pure."""

from collections import Counter

from assistant.domain.wording import NEGATORS, is_neutral, stem, words

_MOST_WORDS = 60
_POINTING = frozenset(
    "it that this them they those these he she him her one same else what how about and but or so ok also even then if".split()
)
# Beside the asker's own words: what a whole question needs.
_ASKING = frozenset(
    "can may do does is are i we staff must should what when where who how which if and or my our any".split()
)


def made_whole(before: str, question: str, said: str) -> str:
    """What a model made of a question and the one before it; "" where it isn't a question of those words alone, or
    leaves out something of the second.

    So no model brings a thing into a search that nobody has asked for.
    """
    whole = " ".join(said.split()).strip(" \"'")
    asked, earlier, later = words(whole), words(before), words(question)
    known = {stem(word) for word in [*earlier, *later]}
    wanted = {stem(word) for word in later if word not in _POINTING and not is_neutral(word)}
    if not wanted <= {stem(word) for word in asked} or not 3 <= len(asked) <= _MOST_WORDS:
        return ""
    new = [w for w in asked if stem(w) not in known and w not in _ASKING and not is_neutral(w)]
    turned = Counter(w for w in asked if w in NEGATORS) - Counter(w for w in [*earlier, *later] if w in NEGATORS)
    return "" if new or turned or not whole.isprintable() else whole
