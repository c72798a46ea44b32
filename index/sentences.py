"""What the shape of a few words tells: a sentence, a title, the opening of a list. English grammar, no subject matter."""

import re

# Words that only sentences have. "May" before a number is the month.
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|been|must|should|shall|will|would|may(?!\s+\d)|might|can|cannot|could|has|have|had|does|did|"
    r"do(?!['’]?s\b)|need|needs|include|includes|applies|apply|means|agree|expects|expected|understand|wish|"
    r"(?:is|are|was|were|must|should|would|could|ca|wo|has|have|had|does|did|do)n['’]t)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(r"(?:how|what|who|whose|when|where|which|why)\b", re.IGNORECASE)
_STARTS_WITH_POINTER = re.compile(
    r"(?:this|these|that|those|it|they|we|you|i|he|she|there|here|for|to|if|in|e\.g)\b", re.IGNORECASE
)
_DOS = re.compile(r"(?:please )?(?:do|don['’]t|do not):?", re.IGNORECASE)  # the heads of a list's two halves
# What a line can't end with unless the sentence goes on.
_DANGLING = frozenset(
    "a an the and or but nor of to in on at by for from with without as that which who whose than into about between "
    "their his her its our your my this these is are was were be must should shall will may can not any all each "
    "such including via per under over".split()
)
_CLOSERS = "\"'”’)]}*"
_SENTENCE_END = re.compile(r"""[.?!]["'”’)\]]*\s+(?=["'“‘(]*[A-Z])""")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|no|nos|mr|mrs|ms|dr|st|rev|prof|p|pp|para|approx|incl|inc|\w))\.$", re.I
)
_POINTS_ON = re.compile(r"\b(?:following|follows|below)\b", re.IGNORECASE)


def first_letter(text: str) -> str:
    return next((ch for ch in text[:20] if ch.isalnum()), "")


def starts_small(text: str) -> bool:
    """Whether a text starts in the middle of a sentence: with a small letter."""
    return first_letter(text).islower()


def end_mark(text: str) -> str:
    """The punctuation that ends a text, closing quotation marks aside; "" for none."""
    ended = text[-20:].rstrip(_CLOSERS + " ")
    if ended.endswith((":-", ":–", ":—")) or text.endswith((":-", ":–", ":—")):
        return ":"
    return ended[-1:] if ended[-1:] in ".:;?!,…" else ""


def is_ended(text: str) -> bool:
    return end_mark(text) not in ("", ",")


def has_verb(text: str) -> bool:
    """Whether it has a word that makes it a sentence; "How we will …" has it and is a title all the same."""
    return bool(_FINITE.search(text[:400])) and not _QUESTION_WORD.match(text) and not _DOS.fullmatch(text)


def is_left_hanging(text: str) -> bool:
    """Whether a text breaks off where a sentence can't end."""
    last = text[-40:].rstrip(":-–— ").rsplit(None, 1)[-1:] or [""]
    return end_mark(text) in ("", ",", ":") and (last[0].strip(_CLOSERS) in _DANGLING or text.endswith(","))


def last_sentence(text: str) -> str:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATED.search(text[max(0, end.start() - 12) : end.start() + 1]):
            start = end.end()
    return text[start:]


def opens_list(text: str) -> bool:
    """Whether a text that stands before a list introduces it: by a colon, by "the following", or unfinished."""
    return end_mark(text) in (":", "", ",") or bool(_POINTS_ON.search(last_sentence(text)))


def is_bare_opening(text: str) -> bool:
    """Whether a list's opening says nothing by itself: "This policy:", "Staff must not:"."""
    if last_sentence(text) != text or len(text.split()) > 14:
        return False
    return not has_verb(text) or (len(text.split()) <= 6 and is_left_hanging(text))


def points_at_something(text: str) -> bool:
    """Whether it starts as only sentences start: "This …", "We …", "For …"."""
    return bool(_STARTS_WITH_POINTER.match(text))


def is_sentence(text: str) -> bool:
    """Whether a text is a full sentence or more, not a title, a label or a list's item of a few words."""
    return len(text.split()) >= 8 and (is_ended(text) or has_verb(text))


def is_in_quotation_marks(text: str) -> bool:
    return len(text) > 2 and text[0] in "'\"“‘" and text.rstrip(".!")[-1:] in ("'", '"', "”", "’")


def manner(text: str) -> str:
    """How a list's item begins and ends, which its neighbours share: "small", "ing", "words" or "sentence"."""
    if starts_small(text):
        return "small"
    first = text.split(None, 1)[0]
    if first.endswith("ing") and len(first) > 4:
        return "ing"
    return "sentence" if has_verb(text) or is_ended(text) else "words"
