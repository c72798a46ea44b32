"""What is printed together is quoted together: word for word, once, and not too long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.answers import MOST_QUOTES, MOST_WORDS, Answer, Quote, decide
from assistant.domain.wording import keep_cited
from index import citing
from index.clauses import Clause, Findings, Hit, Policy

from ..index.test_clauses import layouts, plain, policy_of

POLICY = policy_of("""# Visits Policy

## 2. Before a visit

The leader makes a plan. Parents are told in writing.

The plan is checked by the head. It is kept for a year.

The office is told of the numbers.

Staff must:

- carry the register;
- carry a telephone;
- count everybody twice;
- know the way.

Nobody goes alone.

## 3. On the way

The leader goes last.
""")


def quoted(policy: Policy, starts: Sequence[str], telling: tuple[int, int] = (0, 0)) -> tuple[Quote, ...]:
    """The quotes where the clauses that begin so were found, best first."""
    found = [next(c for c in policy.clauses if c.text.startswith(start)) for start in starts]
    return of(policy, found, telling)


def of(policy: Policy, clauses: Sequence[Clause], telling: tuple[int, int] = (0, 0)) -> tuple[Quote, ...]:
    hits = [
        Hit(clause=clause, policy=policy, score=1 - n / 100, cosine=0.5, keyword=0.0, telling=telling)
        for n, clause in enumerate(clauses)
    ]
    found = decide(Findings(organisation="a", question="q", hits=tuple(hits), confidence=0.9), date(2026, 12, 1))
    assert isinstance(found, Answer)
    return found.quotes


@pytest.mark.parametrize(
    ("starts", "texts", "places"),
    [
        (["carry the"], ["carry the register;"], ["first bullet"]),
        (["carry the", "carry a"], ["- carry the register;\n- carry a telephone;"], ["first bullet to second bullet"]),
        (["carry a", "carry the"], ["- carry the register;\n- carry a telephone;"], ["first bullet to second bullet"]),
        (
            ["know", "carry a"],
            ["- carry a telephone;\n- count everybody twice;\n- know the way."],
            ["second bullet to fourth bullet"],
        ),
        (["know", "carry the"], ["know the way.", "carry the register;"], ["fourth bullet", "first bullet"]),
        (
            ["The leader makes", "The office"],
            [
                "The leader makes a plan. Parents are told in writing.\n"
                "The plan is checked by the head. It is kept for a year.\nThe office is told of the numbers."
            ],
            ["first paragraph to third paragraph"],
        ),
        (
            ["know", "Nobody", "The leader goes"],  # a list, what follows it, and another heading stay apart
            ["know the way.", "Nobody goes alone.", "The leader goes last."],
            ["fourth bullet", "fifth paragraph", "first paragraph"],
        ),
    ],
)
def test_neighbours_that_were_found_are_one_quote(starts: list[str], texts: list[str], places: list[str]) -> None:
    found = quoted(POLICY, starts)
    assert [quote.text for quote in found] == texts
    assert [quote.citation.rpartition(", ")[2] for quote in found] == places


def test_a_quote_goes_by_the_clause_that_answers_best() -> None:
    (found,) = quoted(POLICY, ["count", "carry a"])
    assert found.clause_id == next(c.id for c in POLICY.clauses if c.text.startswith("count"))
    assert found.lead_in == "Staff must:"
    assert found.text[slice(*found.telling)] == "count everybody twice;"
    (found,) = quoted(POLICY, ["The plan", "The office"], telling=(33, 55))
    assert found.text[slice(*found.telling)] == "It is kept for a year."


def test_a_page_is_named_or_the_pages() -> None:
    first, second, *others = (replace(c, page=4) for c in POLICY.clauses)
    for page, said in ((4, "second paragraph, page 4"), (5, "second paragraph, pages 4 to 5")):
        pages = replace(POLICY, clauses=(first, replace(second, page=page), *others))
        assert of(pages, pages.clauses[:2])[0].citation.endswith(said)


def test_a_passage_stays_short_enough_to_read() -> None:
    long = " ".join(["word"] * 49)
    policy = policy_of("## Rules\n\n" + "".join(f"{who} must {long}.\n\n" for who in ("Staff", "Pupils", "Parents")))
    found = of(policy, policy.clauses)
    assert [quote.text.count("\n") for quote in found] == [1, 0]
    longer = policy_of(f"## Rules\n\nStaff must {long} {long} {long}.\n\nAsk.\n")
    assert len(of(longer, longer.clauses)) == 2


@pytest.mark.parametrize("between", ["\n\n## Numbers\n\n", "\n\nPage 3 of 12\n\n"])
def test_what_is_not_printed_together_is_not_quoted_together(between: str) -> None:
    policy = policy_of(f"## Rules\n\nStaff must ask first.{between}Pupils must ask twice.\n")
    assert len(of(policy, policy.clauses)) == 2


@pytest.mark.parametrize(
    "text",
    [  # printed together elsewhere, and not here
        "## Before\n\n- Tell the parents.\n\nPage 3 of 12\n\n- Tell the head.\n\n## Home\n\n- Tell the parents.\n- Tell the head.\n",
        "## Before\n\n1. Tell the parents.\n1. Tell the head.\n",  # another list begins
    ],
)
def test_what_stands_together_elsewhere_or_in_two_lists_is_quoted_apart(text: str) -> None:
    policy = policy_of(text)
    assert all("\n" not in quote.text for quote in of(policy, policy.clauses[:2]))


def test_nothing_is_quoted_twice_in_one_answer() -> None:
    policy = policy_of(
        "## Gifts\n\n- Declare every gift.\n- Write it in the register.\n- Tell the head.\n\n## Register\n\nWrite it in the register.\n"
    )
    found = quoted(policy, ["Write", "Declare", "Tell"])
    assert sum(quote.text.count("Write it in the register.") for quote in found) == 1
    last, (first, second, third, _) = policy.clauses[-1], policy.clauses
    found = of(policy, [last, first, third])
    assert sum(quote.text.count(second.text) for quote in found) == 1


def test_a_label_with_a_comma_stays_whole_in_a_citation() -> None:
    said = citing.through("Retention, “Registers, staff”", "Retention, “Registers, pupils”")
    assert said == "Retention, “Registers, staff” to “Registers, pupils”"


@pytest.mark.parametrize(
    ("text", "said", "kept"),
    [
        ("Each trip must have:\n\n1) A first-aid kit on board.\n2) Adults trained in first aid.\n", "Each trip must have 2 adults trained in first aid. [1]", False),
        ("Each trip must have:\n\n1) A first-aid kit on board.\n2) Adults trained in first aid.\n", "Each trip must have adults trained in first aid. [1]", True),
        ("Staff may give a pupil a lift home:\n\n1. only with the consent of the head;\n2. only if a parent has agreed.\n", "Staff may give a pupil a lift home. [1]", False),
        ("Staff must:\n\n(b) keep registers for a year;\n(c) delete photographs after the trip.\n", "Staff must delete photographs after the trip. [1]", True),
    ],
)  # fmt: skip
def test_marks_are_no_words_for_what_a_model_says(text: str, said: str, kept: bool) -> None:
    policy = policy_of(f"# Trips\n\n## Before\n\n{text}")
    (found,) = of(policy, [c for c in policy.clauses if c.kind == "bullet"])
    assert bool(keep_cited([said], [found])) is kept


@settings(max_examples=200, deadline=None)
@given(text=layouts, chosen=st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True))
def test_whatever_was_found_is_quoted_word_for_word_and_once(text: str, chosen: list[int]) -> None:
    policy = policy_of(text)
    clauses = [policy.clauses[n] for n in chosen if n < len(policy.clauses)]
    if not clauses:
        return
    found = of(policy, clauses)
    assert 1 <= len(found) <= MOST_QUOTES
    assert found[0].clause_id == clauses[0].id
    for quote in found:
        assert plain(quote.text) in plain(text)
        assert "\n" not in quote.text or len(quote.text.split()) <= MOST_WORDS
        start, end = quote.telling
        assert 0 <= start <= end <= len(quote.text)
