"""What staff say, in the words that policies use: "insta" is social media, "a Year 5 mum" a parent.

The words live in `vocabulary.yaml`, where somebody who knows schools can read and mend them.
"""

import re
from functools import cache
from pathlib import Path

import yaml


@cache
def _entries() -> list[tuple[re.Pattern[str], str]]:
    entries = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return [(_pattern(entry["staff"]), entry["policies"]) for entry in entries]


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words; `*` stands for any ending, `#` for a number."""
    each = (re.escape(p).replace(r"\*", r"\w*").replace(r"\#", r"\d+").replace(r"\ ", r"\s+") for p in phrases)
    return re.compile(r"(?<![\w'])(?:" + "|".join(each) + r")(?!\w)", re.IGNORECASE)


def policy_words(question: str) -> list[str]:
    """What policies would say for the everyday words of a question, in the vocabulary's order; often empty."""
    question = question.replace("’", "'")
    return [policies for pattern, policies in _entries() if pattern.search(question)]


_SHORT = {
    "ddsl": "deputy designated safeguarding lead",
    "dsl": "designated safeguarding lead",
    "slt": "senior leadership team",
    "smt": "senior management team",
    "lado": "local authority designated officer",
    "senco": "special educational needs coordinator",
    "hlta": "higher level teaching assistant",
    "ta": "teaching assistant",
    "cpd": "training",
    "gdpr": "data protection",
    "dpo": "data protection officer",
    "mat": "multi-academy trust",
}
_SHORT_WORD = re.compile(r"\b(" + "|".join(_SHORT) + r")(s?)\b", re.IGNORECASE)


def spelled_out(question: str) -> str:
    """The question with the schools' short words spelled out, for the encoder, which doesn't know them."""
    return _SHORT_WORD.sub(lambda short: _SHORT[short[1].lower()] + short[2], question)


def unexplained(question: str) -> str:
    """What is left of a question when every phrase that the vocabulary knows is taken out."""
    question = question.replace("’", "'")
    for pattern, _ in _entries():
        question = pattern.sub(" ", question)
    return question
