"""What staff say, in the words that policies use: "insta" is social media, "a Year 5 mum" a parent.

The words live in `vocabulary.yaml`, where somebody who knows schools can read and mend them.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _read() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return entries


@cache
def _entries() -> list[tuple[re.Pattern[str], str]]:
    return [(_pattern(entry["staff"]), entry["policies"]) for entry in _read() if "staff" in entry]


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words; `*` stands for any ending, `#` for a number."""
    each = (re.escape(p).replace(r"\*", r"\w*").replace(r"\#", r"\d+").replace(r"\ ", r"\s+") for p in phrases)
    return re.compile(r"(?<![\w'])(?:" + "|".join(each) + r")(?!\w)", re.IGNORECASE)


@cache
def staff_words() -> frozenset[str]:
    """The single words that staff are known to use, those apart that are too short to tell from a slip."""
    phrases = [phrase.rstrip("*") for entry in _read() for phrase in (*entry.get("staff", ()), *entry.get("known", ()))]
    return frozenset(phrase.lower() for phrase in phrases if phrase.isalpha() and len(phrase) > 2)


def policy_words(question: str) -> list[str]:
    """What policies would say for the everyday words of a question, in the vocabulary's order; often empty."""
    question = question.replace("’", "'")
    return [policies for pattern, policies in _entries() if pattern.search(question)]


@cache
def _short() -> tuple[re.Pattern[str], dict[str, str]]:
    short = {entry["short"]: entry["long"] for entry in _read() if "short" in entry}
    return re.compile(r"\b(" + "|".join(map(re.escape, short)) + r")(s?)\b", re.IGNORECASE), short


def spelled_out(question: str) -> str:
    """The question with the schools' short words spelled out, for the encoder, which doesn't know them."""
    pattern, short = _short()
    return pattern.sub(lambda found: short[found[1].lower()] + found[2], question)


def unexplained(question: str) -> str:
    """What is left of a question when every phrase that the vocabulary knows is taken out."""
    question = question.replace("’", "'")
    for pattern, _ in _entries():
        question = pattern.sub(" ", question)
    return question
