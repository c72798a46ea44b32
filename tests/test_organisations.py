"""Promise 2: one school's rules never answer another school's staff."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import bootstrap
from assistant.cards import Incoming, Quote
from assistant.config import load
from assistant.conversation import Conversation

ASKED = [
    "may pupils bring a phone",
    "phone",
    "where do staff keep phones",
    "Ashby School phones",
    "birch phone rule",
    "",
]


def talk_of(two: bootstrap.Assistant) -> Conversation:
    return two.conversation(bootstrap.open_database(two.settings))


@pytest.fixture
def two(school: Path, model) -> bootstrap.Assistant:
    assistant = bootstrap.build(load(school, {"ASSISTANT_DATA": str(school.parent / "data")}))
    assistant.update_index()
    return assistant


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["ashby", "birch"]), st.sampled_from(ASKED) | st.text(max_size=80))
def test_no_question_to_one_is_answered_from_another(
    two: bootstrap.Assistant, organisation: str, question: str
) -> None:
    other = "Pupils must not bring a phone." if organisation == "ashby" else "Pupils may bring a phone."
    assert all(hit.clause.text != other for hit in two.search.find(organisation, question).hits)


def test_an_unknown_organisation_has_no_policies(two: bootstrap.Assistant) -> None:
    for name in ("", "ash", "ashby ", "ASHBY", "../ashby", "ashby.birch", "in-force.ashby"):
        assert two.search.find(name, "phones").hits == ()


def test_somebody_in_two_schools_is_asked_which(two: bootstrap.Assistant) -> None:
    talk = talk_of(two)
    (card,) = talk.reply_to(Incoming(person="bo", organisation=None, text="may pupils bring a phone"))
    assert "Which school" in card.parts[0].text
    (card,) = talk.reply_to(Incoming(person="bo", organisation="birch", text="may pupils bring a phone"))
    assert next(p.text for p in card.parts if isinstance(p, Quote)) == "Pupils must not bring a phone."


@pytest.mark.parametrize(
    ("person", "organisation"), [("ann", "birch"), ("nobody", "ashby"), ("ann", "cedar"), ("", None)]
)
def test_nobody_reads_a_school_whose_roster_they_are_not_on(
    two: bootstrap.Assistant, person: str, organisation: str | None
) -> None:
    (card,) = talk_of(two).reply_to(Incoming(person=person, organisation=organisation, text="phones"))
    assert not any(isinstance(part, Quote) for part in card.parts)
    assert "roster" in card.parts[0].text


def test_the_environment_of_the_machine_is_not_read_by_accident() -> None:
    assert not any(name.startswith("ASSISTANT_") for name in os.environ)
