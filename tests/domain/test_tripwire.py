"""What tells of a concern is told from what asks about policy. All sentences are made up for these tests."""

import re
import re._parser as sre  # type: ignore[import-not-found]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import tripwire
from assistant.domain.tripwire import Desk, desk_for

CONCERNS = {
    "neglect": [
        "Two of my year 1s are always hungry and their clothes are filthy",
        "she looks after her baby brother all night, mum is never there",
        "boy in nursery hasnt got a coat again and he stinks of smoke",
    ],
    "physical": [
        "he came in limping and wont say why",
        "Just noticed a bruise the shape of a hand on a reception child",
        "a little lad says his mum's partner throws him about",
    ],
    "sexual": [
        "a girl confided that her cousin touches her when he babysits",
        "someone has sent a naked picture of a year 9 to half the form",
    ],
    "self-harm": [
        "one of my tutees has fresh cuts on his legs",
        "shes making herself sick after lunch every day",
    ],
    "exploitation": [
        "a year 10 lad has come into loads of cash and gets dropped off by blokes in a car",
        "a girl is chatting to some grown man on discord who wants to meet her",
    ],
    "between pupils": [
        "four of them have been filming a boy in the changing room and laughing at him",
        "a pupil has made a fake page about another girl telling her to go die",
    ],
    "at home": [
        "her dad smashed the house up at the weekend and the police came",
        "mum keeps turning up drunk to collect him",
    ],
    "belief and tradition": [
        "Hodan says her aunt is taking her away this summer to be cut",
        "kid in my form is always on about joining the fighters",
    ],
    "conduct of an adult": [
        "our new cover teacher keeps texting the sixth form girls",
        "Mr B shuts the blinds when hes alone with one pupil",
        "I saw a TA drag a child out by her arm",
        "the head told us not to tell anyone about what the coach did",
    ],
    "unease": [
        "im worried about a lad in my group",
        "something isn't right with the way the driver talks to them",
        "prob nothing but i have a funny feeling about my colleague",
        "is it normal for a year 2 to know about that sort of thing",
    ],
    "asking to be heard": [
        "can I speak to somebody privately about a colleague",
        "i dont know who to tell",
        "I need to report something about the deputy",
        "would like to say something in confidence",
        "something happened on the coach home",
    ],
    "an event in a question": [
        "who do I tell, a child has just said to me that her dad hits her",
        "what should we do, one of our boys showed me messages from a man asking for photos",
        "do I need to pass it on, a girl told me her brother gets into her bed",
    ],
    "said with an if": ["she says if she tells anybody he will hurt her mum"],
}
URGENT = [
    "a boy has taken a load of tablets in the toilets",
    "shes run off and we think shes gone to meet that man",
    "pupil has a knife in his bag",
    "he is terrified of going home tonight, his dad is going to batter him",
    "dad is outside now shouting that he will take her",
    "a year 11 has messaged me that she is going to end it",
]
QUESTIONS = {
    "what the policy says": [
        "what does the policy say about abuse online",
        "is there a policy on self harm",
        "anti-bullying policy",
        "Where's the procedure for allegations",
    ],
    "how it is done": [
        "where is the form for reporting a concern",
        "how do I log a disclosure",
        "who is the deputy DSL",
        "does the head have to ring the LADO",
        "do we have to tell parents before a referral",
    ],
    "supposed": [
        "what do I do if a child tells me her dad hits her",
        "if a pupil turns up with bruises who do i tell",
        "hypothetically if a teacher was messaging a pupil what would happen",
        "what happens when a colleague has been accused of something",
        "how do we help a child who has been abused",
        "what if a boy in my class has a knife",
    ],
    "in general": [
        "what are the signs of grooming",
        "can children have phones on a residential",
        "should staff report sexting to the police",
        "when is it bullying and when is it falling out",
        "is a nude of a 17 year old illegal",
    ],
    "what I may do": [
        "can i drive a pupil home",
        "am I allowed to be alone with a child in the music room",
        "is it ok to hug a crying child",
    ],
    "my own affairs": [
        "a pupil sent me a friend request, can I accept?",
        "a dad has asked me to follow him on insta, do i say yes",
        "a parent gave me chocolates may i keep them",
        "a mum was rude about me on facebook, what can I do",
        "a lad I used to teach has added me on linkedin, should i remove him",
    ],
    "everyday events": [
        "one of my class has a wasp sting, do i ring home",
        "a boy has left his bag on the bus, who do I call",
        "my TA wants to know whether she can take leave",
        "found a phone in the hall, where does it go",
    ],
    "words on their own": ["bullying", "parents evening", "staff training", "child protection", "year 6 residential"],
}
SMALL_TALK = [
    "hello",
    "thank you, that's brilliant",
    "lol ok",
    "are you a robot",
    "what a long week",
    "my class were lovely today",
    "is it friday yet",
    "dying for a brew",
]
HARD_TO_READ = ["", " ", "\n\t", "?", "...", "😀", "🙈🙈🙈", "\x00", "’", "ß", "1", "İı", "سلام", "\ud800"]
SENTENCES = [
    *(sentence for kind in CONCERNS.values() for sentence in kind),
    *(sentence for kind in QUESTIONS.values() for sentence in kind),
    *URGENT,
    *SMALL_TALK,
]


def each(kinds: dict[str, list[str]]) -> list[Any]:
    return [pytest.param(text, id=f"{kind}: {text[:40]}") for kind, texts in kinds.items() for text in texts]


@pytest.mark.parametrize("text", each(CONCERNS))
def test_what_tells_of_somebody_goes_to_the_safeguarding_desk(text: str) -> None:
    assert desk_for(text) is not Desk.POLICY


@pytest.mark.parametrize("text", URGENT)
def test_danger_now_puts_999_first(text: str) -> None:
    assert desk_for(text) is Desk.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "a girl in my form has been really withdrawn and wears the same jumper every day",
        "an ex pupil has told me what a teacher here did to her years back",
        "I have concerns about a colleague",
    ],
)
def test_a_concern_without_danger_now_is_not_urgent(text: str) -> None:
    assert desk_for(text) is Desk.CONCERN


@pytest.mark.parametrize("text", each(QUESTIONS))
def test_questions_are_answered_from_the_policies(text: str) -> None:
    assert desk_for(text) is Desk.POLICY


@pytest.mark.parametrize("text", SMALL_TALK)
def test_small_talk_is_no_concern(text: str) -> None:
    assert desk_for(text) is Desk.POLICY


@pytest.mark.parametrize("text", HARD_TO_READ)
def test_what_says_nothing_is_no_concern(text: str) -> None:
    assert desk_for(text) is Desk.POLICY


@pytest.mark.parametrize(
    ("as_typed", "as_written"),
    [
        ("shes got bruses all down her arm", "She's got bruises all down her arm."),
        ("a yr 4 has told me abt her uncle", "A Year 4 has told me about her uncle"),
        ("a y4 has told me about her uncle", "A year four has told me about her uncle"),
        ("I don’t know who to tell", "i dont know who to tell"),
        ("he wont stop dming a girl in 7b", "He won't stop messaging a girl in year 7"),
        ("ｈｅ hits her, I sáw it", "he hits her, I saw it"),
    ],
)
def test_it_reads_what_people_type(as_typed: str, as_written: str) -> None:
    assert desk_for(as_typed) is desk_for(as_written) is not Desk.POLICY


def test_an_alarming_noun_does_not_outweigh_the_supposing_and_an_event_does() -> None:
    assert desk_for("what do i do if a child tells me about abuse") is Desk.POLICY
    assert desk_for("what do i do, a child has told me about abuse") is not Desk.POLICY


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    concern = "a boy told me his dad hits him. "
    assert desk_for(concern + "x" * 10_000_000) is not Desk.POLICY
    assert desk_for("x" * 10_000_000 + ". " + concern) is Desk.POLICY
    assert desk_for(concern.ljust(4_000) + "lovely brilliant thanks") is desk_for(concern)


def _repeats_without_end(parsed: Any, inside: bool = False) -> int:
    """How many repeats without a bound stand inside another one: what makes a search slower than its text is long."""
    found = 0
    for step, argument in parsed:
        endless = step in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[1] is sre.MAXREPEAT
        found += endless and inside
        parts = argument if isinstance(argument, list | tuple) else [argument]
        for part in parts:
            for branch in part if isinstance(part, list) else [part]:
                if isinstance(branch, sre.SubPattern):
                    found += _repeats_without_end(branch, inside or endless)
    return found


def test_no_pattern_can_run_away() -> None:
    assert _repeats_without_end(sre.parse(r"(?:a+b)*")) == 1, "the test sees what it is looking for"
    patterns = [value for value in vars(tripwire).values() if isinstance(value, re.Pattern)]
    patterns += [pattern for _, pattern in tripwire._POINTS]
    assert len(patterns) > 10
    for pattern in patterns:
        assert _repeats_without_end(sre.parse(pattern.pattern)) == 0


@given(st.text())
def test_it_never_raises(text: str) -> None:
    assert desk_for(text) in Desk


@given(
    st.sampled_from(SENTENCES),
    st.lists(st.booleans(), min_size=1, max_size=30),
    st.text(" \t\n", max_size=5),
    st.text(" .!?\n…", max_size=5),
)
def test_case_space_and_the_last_stop_change_nothing(text: str, upper: list[bool], space: str, stop: str) -> None:
    shouted = "".join(c.upper() if upper[i % len(upper)] else c.lower() for i, c in enumerate(text))
    spaced = shouted.replace(" ", " " + space.replace("\n", ""))
    assert desk_for(space + spaced + stop) is desk_for(text)


@given(st.text(), st.sampled_from(["", " ", ".", "!", "?", "?!", " …"]))
def test_case_and_the_last_stop_change_nothing_in_any_text(text: str, stop: str) -> None:
    assert desk_for(text.upper() + stop) is desk_for(text.lower()) is desk_for(text)


def _scored(text: str, hundredths: float) -> list[float]:
    """A vector with which a text weighs so much."""
    of_cues = tripwire.BIAS + sum(w * c for w, c in zip(tripwire.CUES, tripwire.cues(text), strict=True))
    length = sum(w * w for w in tripwire.VECTOR)
    return [w * (hundredths - of_cues) / length for w in tripwire.VECTOR]


@pytest.mark.parametrize(
    ("text", "hundredths", "desk"),
    [
        ("She came back late from the trip", -1, Desk.POLICY),
        ("She came back late from the trip", 99, Desk.EITHER),  # likelier a question than not
        ("She came back late from the trip", 101, Desk.CONCERN),
        ("She came back late from the trip, whom do I tell", 249, Desk.EITHER),  # it asks
        ("She came back late from the trip?", 249, Desk.EITHER),
        ("She came back late from the trip?", 251, Desk.CONCERN),
        ("She has a knife, what do I do?", 251, Desk.URGENT),
    ],
)
def test_what_may_well_be_a_question_goes_to_both_desks_where_nothing_leaves_the_process(
    text: str, hundredths: float, desk: Desk
) -> None:
    vector = _scored(text, hundredths)
    assert desk_for(text, vector, searched_here=True) is desk
    assert desk_for(text, vector) in (Desk.POLICY, Desk.CONCERN, Desk.URGENT)
    assert (desk_for(text, vector) is Desk.POLICY) == (desk is Desk.POLICY)


def test_policies_are_shown_for_a_question_and_for_what_may_be_one() -> None:
    assert [desk for desk in Desk if desk.answers] == [Desk.POLICY, Desk.EITHER]
