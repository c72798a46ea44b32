"""Slips of the keyboard are mended towards the policies' words and common English; what is a word already is let be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding import MiniLM
from index.spelling import mended, words_of

KNOWN = words_of(["The Headteacher approves an account on a social networking site.", "Photographs need permission."])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("does the headteahcer aprove it", "does the headteacher approve it"),
        ("Can I put photogaphs on facebok?", "Can I put photographs on facebook?"),
        ("my freind, becuase", "my friend, because"),
        ("acccount", "account"),
        ("hwat form is taht, yb post", "what form is that, yb post"),
        ("permition", "permition"),  # two slips: a guess would be a guess
        ("netwerking", "networking"),  # another letter, in a long word of the policies
    ],
)
def test_a_slip_leads_to_the_word_meant(model: MiniLM, typed: str, meant: str) -> None:
    assert mended(typed, KNOWN, model.words) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Is Tomasz or Bilal allowed?",  # a name in the middle of a sentence
        "some bloke from tinder, a lanyard and leavers' hoodies",  # words that are like others, and are meant
        "I havent and dont and shouldnt",
        "write to acount@school.example or www.acount.example or @acount or acount-holder",
        "photographing, approved, permissions",  # forms of words that are known
        "ta & hod on sch acc, bake on tues, a daft chap",  # too short to tell
    ],
)
def test_what_is_meant_is_let_be(model: MiniLM, question: str) -> None:
    assert mended(question, KNOWN, model.words) == question


@given(st.text(max_size=300))
def test_any_text_can_be_asked(text: str) -> None:
    assert len(mended(text, KNOWN, {"account": 0}).split()) == len(text.split())
