"""Nobody's name leaves the building in a question, and plain questions stay as they are."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain import redaction
from assistant.domain.people import Person
from assistant.domain.redaction import Names, NotRedacted, fold, names_somebody, ordinary_words, redact

PEOPLE = [
    Person(id="callum", name="Callum Reid", email="callum@oakfield.example", slack="U0CALLUM", phone="01632 960102"),
    Person(id="grace", name="Grace Okafor", aliases=frozenset({"g.okafor-2", "x1"})),
    Person(id="h", name="Helen Marsh"),
    Person(id="may", name="May Chen"),
    Person(id="will", name="Will Young"),
    Person(id="jose", name="José Łukasik"),
    Person(id="obrien", name="Niamh O'Brien"),
    Person(id="cher", name="Cher"),
    Person(id="nobody", name=""),
]
NAMES = Names.of(PEOPLE)
ORDINARY = ordinary_words(
    [
        "Staff must mark books; young pupils may plant a marsh; tattoos and vaping are not allowed. KCSIE, mail callum@x.org."
    ]
)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("Can I give Callum Reid a lift?", "Can I give a member of staff a lift?"),
        ("can callum give jayden a lift", "can a member of staff give somebody a lift"),
        ("ask Reid, Callum or callumreid", "ask a member of staff or a member of staff"),
        ("CAN I GIVE CALLUM A LIFT", "CAN I GIVE a member of staff A LIFT"),
        ("Ca\u200bllum’s phone", "a member of staff's phone"),
        ("what about jose lukasik, JOSÉ or Сергей?", "what about a member of staff or somebody?"),
        ("is g.okafor-2 in? okafor?", "is g.a member of staff-2 in? a member of staff?"),
        ("may chen and will young, Cher and o'brien", "a member of staff and a member of staff and a member of staff"),
        ("May I ask May if staff will help in May, or on 3 May, or young pupils?", "May I ask a member of staff if staff will help in May, or on 3 May, or young pupils?"),
        ("Will staff help? Will said no. Is Will in?", "Will staff help? a member of staff said no. Is a member of staff in?"),
        ("Is Helen Marsh in the marsh? Ask Marsh.", "Is a member of staff in the marsh? Ask a member of staff."),
        ("Grace is off", "a member of staff is off"),
        ("a gift from Mrs Khan or mr smith's wife", "a gift from somebody or somebody's wife"),
        ("Mr and Mrs Jones asked me, and Miss Honey, sir and Dr. Okonkwo-Smith", "somebody and somebody asked me, and somebody, sir and somebody"),
        ("I miss school, mr", "I miss school, mr"),
        ("dr who is it", "somebody who is it"),
        ("my pupil Zebedee Xu wants to follow me on Instagram", "a pupil wants to follow me on Instagram"),
        ("a boy, Zebedee, asked", "a pupil, asked"),
        ("Mark is absent. Mark books? Is Mark in?", "somebody is absent. Mark books? Is somebody in?"),
        ("Poppy wants to go in April, says April", "somebody wants to go in April, says somebody"),
        ("O'Brien-Xu told me", "a member of staff told me"),
        ("write to zed@x.org or https://x.org/zed, www.zed.org, zed.co.uk/a or @zed", "write to an e-mail address or a link a link a link or somebody"),
        ("callum@oakfield.example, <@U0CALLUM>, <@U123|zed> and 01632 960102", "somebody and somebody"),
        ("user zed_99x on Roblox", "user somebody on Roblox"),
        ("born 12 March 2014, 12/03/2014, March 3rd, 2014, 2014-03-12", "born a date, a date, a date, a date"),
        ("he was born on 12 March, dob: 12 03 15, birthday is the 3rd of May", "he was born on a date, dob: a date, birthday is the a date"),
        ("ring +44 7700 900123 or (01632) 960199, pupil A1234567, M1 1AA", "ring a telephone number or a telephone number, pupil a number, an address"),
    ],
)  # fmt: skip
def test_what_names_somebody_is_taken_out(asked: str, sent: str) -> None:
    assert redact(asked, NAMES, ORDINARY) == sent


@pytest.mark.parametrize(
    "asked",
    [
        "can i give a kid a lift home in my car",
        "May I accept a £40 gift from a parent at Christmas?",
        "How long must passwords be?",
        "Are Year 6 allowed phones on Mondays at KS2? What does KCSIE say?",
        "Tattoos allowed? Vaping at 4 pm, or after 16:30, on the school's WhatsApp?",
        "who is the DSL and what's their number",
        "I'm a TA. Can't I use Facebook for PE? It's for 24 hours.",
    ],
)
def test_a_plain_question_stays_as_it_is(asked: str) -> None:
    assert redact(asked, NAMES, ORDINARY) == asked


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("tell callum reid", True),
        ("tell Reid", True),
        ("tell U0CALLUM", True),
        ("ring 01632 960102", True),
        ("ask Marsh", True),
        ("plant a marsh. Marsh plants", False),
        ("will young", True),
        ("will staff help young pupils", False),
        ("Will staff help", False),
        ("tell Jose", True),
        ("a member of staff", False),
    ],
)
def test_whether_somebody_is_named(text: str, named: bool) -> None:
    assert names_somebody(text, NAMES, ORDINARY) is named


def test_what_is_still_named_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction._Reading, "redacted", lambda self: self._text)
    with pytest.raises(NotRedacted):
        redact("ask Callum", NAMES, ORDINARY)


_NAMED = [name for name in (person.name for person in PEOPLE) if name]
_AROUND = [
    "can",
    "I",
    "ask",
    "about",
    "a",
    "lift",
    "for",
    "pupils",
    "?",
    ".",
    "and",
    "the",
    "Mr",
    "from",
    "in",
    "-",
    "(",
    "\u200b",
]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(_AROUND), max_size=6),
    st.sampled_from(_NAMED),
    st.lists(st.sampled_from(_AROUND), max_size=6),
    st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_wherever_a_name_of_the_roster_stands_it_does_not_leave(before, name, after, typed) -> None:
    text = " ".join([*before, typed(name), *after])
    try:
        sent = redact(text, NAMES, ORDINARY)
    except NotRedacted:
        return
    letters = fold(sent).replace("'", " ").replace("-", " ").split()
    first, *_, last = fold(name).replace("'", " ").split() * 2
    assert (first, last) not in pairwise(letters)
    assert len(fold(name).split()) > 1 or fold(name) not in letters


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_redacted_or_stopped(text: str) -> None:
    try:
        sent = redact(text, NAMES, ORDINARY)
    except NotRedacted:
        return
    assert not names_somebody(sent, NAMES, ORDINARY)
