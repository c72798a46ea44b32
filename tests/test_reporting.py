"""A concern's way, on both databases: kept with its notices, told rung by rung, seen by nobody else."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from assistant.cards import Card, Field, Form, Incoming
from assistant.concern_desk import ConcernDesk
from assistant.domain.concerns import Action, State
from assistant.domain.delivery import NoticeKind
from assistant.domain.errors import (
    Changed,
    NobodyLeft,
    NothingHere,
    NotNow,
    NotTogether,
    ReasonNeeded,
    TooMany,
    Unfinished,
)
from assistant.domain.routing import UNLISTED, Kind, Matter
from assistant.handlers import casework, records, reporting
from assistant.screens import casework as screens
from assistant.screens.reporting import report_state

from .house import House

EVERYONE = ("amina", "callum", "wei", "priya", "tomasz", "grace", "helen", "david", "siobhan", "farah", "owen", "maria")

STAFF = frozenset({Kind.STAFF})


def nobody_sees(house: House, reference: str, *people: str) -> None:
    for id_ in people:
        assert reference not in house.inbox(id_)
        shown = casework.notices_for(house.person(id_), school=house.school, begin=house.database.begin)
        assert reference not in [one.notice.reference for one in shown]
        with pytest.raises(NothingHere):
            house.open(id_, reference)
        for action in (Action.ACKNOWLEDGE, Action.NOTE, Action.REROUTE, Action.ANSWER, Action.LINK, Action.HOLD):
            with pytest.raises(NothingHere):
                house.do(id_, action, reference, matter=Matter(kinds=frozenset({Kind.PUPIL})))
        with pytest.raises(NothingHere):
            reporting.follow(reference, house.person(id_), **house.with_)


def press(house: House, id_: str, action: str, **values: str) -> Card:
    """What the desk replies to a form's values, whoever made them up."""
    desk = ConcernDesk(house.database.begin, house.clock, house.database.code_key)
    incoming = Incoming(person=id_, organisation="oakfield", action=action, values=values)
    return desk.reply(incoming, house.school, house.person(id_))


def test_a_concern_about_a_pupil_reaches_the_dsl_and_deputies_and_nobody_else(house: House) -> None:
    receipt = house.report()
    house.deliver()
    for id_ in ("priya", "tomasz", "grace"):
        assert house.told(id_) == [("new", receipt.reference)]
        assert house.inbox(id_) == [receipt.reference]
    assert house.open("priya", receipt.reference).concern.report.what == "She said that she is afraid to go home."
    nobody_sees(house, receipt.reference, "callum", "wei", "helen", "david", "siobhan", "farah", "owen", "maria")


def test_nothing_here_is_the_same_whether_it_exists_or_not(house: House) -> None:
    there = house.report().reference
    said = set()
    for reference in (there, "C-22222222", "", "x" * 500, "' OR 1=1 --"):
        with pytest.raises(NothingHere) as error:
            house.open("callum", reference)
        said.add(str(error.value))
    assert len(said) == 1


def test_the_same_form_sent_twice_is_one_report_with_one_receipt(house: House) -> None:
    first, second = house.report(form="f"), house.report(form="f")
    assert first == second
    house.deliver()
    assert house.told("priya") == [("new", first.reference)]
    assert house.report(form="f", by="callum").reference != first.reference  # another's form is another's


def test_a_form_gone_back_to_and_sent_with_anything_else_is_another_report(house: House) -> None:
    said = [
        house.report(form="f"),
        house.report(form="f", what="She said that it was her uncle."),
        house.report(Kind.HEADTEACHER, "helen", form="f"),
        house.report(form="f", danger=True),
    ]
    references = [one.reference for one in said]
    assert len(set(references)) == 4
    assert house.report(form="f").reference == references[0]
    house.deliver()
    assert house.open("priya", references[1]).concern.report.what == "She said that it was her uncle."
    assert house.inbox("farah") == [references[2]]


def test_a_concern_about_the_headteacher_reaches_the_chair_and_climbs_to_the_vice_chair(house: House) -> None:
    reference = house.report(Kind.HEADTEACHER, "helen").reference
    house.deliver()
    assert house.told("farah") == [("new", reference)]
    nobody_sees(house, reference, "helen", "priya", "tomasz", "grace", "david", "owen", "wei")
    house.clock.forward(days=1)
    house.deliver()
    assert house.told("owen") == [("climbed", reference)]
    assert ("unread", reference) in house.told("amina")
    nobody_sees(house, reference, "helen", "priya", "david", "wei")


def test_routine_climbs_by_the_school_day_and_urgent_by_the_quarter_of_an_hour(house: House) -> None:
    house.clock.at = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday evening
    routine, urgent = house.report().reference, house.report(danger=True).reference
    house.clock.forward(minutes=14)
    house.deliver()
    assert house.told("helen") == []
    house.clock.forward(minutes=1)
    house.deliver()
    assert house.told("helen") == [("climbed", urgent)]
    house.clock.at = datetime(2026, 11, 23, 16, 29, tzinfo=UTC)
    house.deliver()
    assert ("climbed", routine) not in house.told("helen")
    house.clock.forward(minutes=1)
    house.deliver()
    assert ("climbed", routine) in house.told("helen")


def test_nobody_is_left_alone_with_it_the_reminders_go_on_until_it_is_taken(house: House) -> None:
    reference = house.report(danger=True).reference
    for _ in range(6):
        house.deliver()
        house.clock.forward(minutes=15)
    assert house.told("priya").count(("reminder", reference)) == 4
    assert house.told("amina").count(("unread", reference)) == 2  # not every time
    house.do("helen", Action.ACKNOWLEDGE, reference)
    house.clock.forward(days=3)
    house.deliver()
    assert house.told("priya").count(("reminder", reference)) == 4
    assert house.told("amina")[-1] == ("taken", reference)


def only_priya(house: House) -> str:
    """A report that the one Designated Safeguarding Lead of the school has taken."""
    for id_ in ("tomasz", "grace"):
        house.change(id_, active=False)
    reference = house.report().reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.REFER, reference)
    house.deliver()
    return reference


@pytest.mark.parametrize("how", [{"active": False}, {"roles": frozenset({"staff"})}])
def test_what_nobody_has_any_more_waits_again_and_comes_to_whoever_follows(house: House, how: dict[str, Any]) -> None:
    reference = only_priya(house)
    assert house.open("priya", reference).concern.state is State.REFERRED  # the others have left, and she hasn't
    house.change("priya", **how)
    house.change("siobhan", roles=frozenset({"dsl"}))
    house.deliver()
    assert ("new", reference) in house.told("siobhan")
    opened = house.open("siobhan", reference)
    assert (opened.concern.state, opened.concern.acknowledged_at) == (State.RECEIVED, None)
    assert screens.when_and_who(opened.entries[-1], opened.concern, house.school).endswith("the assistant")
    house.clock.forward(days=2)
    house.deliver()
    assert ("unread", reference) in house.told("amina")
    house.do("siobhan", Action.ACKNOWLEDGE, reference)
    nobody_sees(house, reference, "priya")
    told = house.told("siobhan")
    house.clock.forward(days=30)
    house.deliver()
    assert house.told("siobhan") == told


def test_with_nobody_to_follow_somebody_hears_that_something_is_wrong(house: House) -> None:
    reference = only_priya(house)
    for id_ in ("priya", "helen"):
        house.change(id_, active=False)
    house.deliver()
    assert house.told("wei") == [("alarm", "")]
    house.change("callum", roles=frozenset({"dsl"}))
    house.clock.forward(days=1)
    house.deliver()
    assert house.inbox("callum") == [reference]


def test_what_is_added_while_nobody_who_has_it_is_there_comes_to_others(house: House) -> None:
    reference = only_priya(house)
    house.do("priya", Action.END, reference)
    house.do("priya", Action.CLOSE, reference)
    house.do("amina", Action.ANSWER, reference, "Thank you.")
    house.deliver()
    assert house.told("helen") == []  # she is there
    house.change("priya", away=((date(2026, 11, 19), date(2026, 12, 11)),))
    house.do("amina", Action.ANSWER, reference, "He did it again today.")
    house.deliver()
    assert house.told("helen") == [("new", reference)]
    assert house.told("priya").count(("answer", reference)) == 2
    opened = house.open("helen", reference)
    assert (opened.concern.state, opened.concern.closed_at) == (State.RECEIVED, None)
    assert [e.action for e in opened.entries][-2:] == [Action.ANSWER, Action.REROUTE]
    house.do("amina", Action.ANSWER, reference, "And now.")  # it waits already
    assert house.open("priya", reference).concern.state is State.RECEIVED  # she has it still
    house.do("helen", Action.ACKNOWLEDGE, reference)


def test_reopened_it_waits_to_be_taken_and_climbs(house: House) -> None:
    reference = only_priya(house)
    house.do("priya", Action.END, reference)
    house.do("priya", Action.REOPEN, reference, "New facts.")
    house.deliver()
    assert house.told("helen") == []
    assert house.open("priya", reference).concern.step_at == house.clock.now().replace(hour=16, minute=30)
    house.clock.forward(days=1)
    house.deliver()
    assert house.told("helen") == [("climbed", reference)]
    house.do("helen", Action.NOTE, reference, "Spoke to the family.")
    assert house.open("helen", reference).concern.step_at is None
    house.do("helen", Action.END, reference)
    for id_ in ("priya", "helen"):
        house.change(id_, away=((date(2026, 11, 20), date(2026, 12, 11)),))
    house.change("callum", roles=frozenset({"dsl"}))
    house.do("helen", Action.REOPEN, reference, "From my sickbed.")
    house.deliver()
    assert house.told("callum") == [("new", reference)]


def test_a_clock_that_was_ahead_for_a_moment_stops_no_ladder(house: House) -> None:
    urgent, routine = house.report(danger=True).reference, house.report().reference
    house.deliver()
    house.clock.forward(days=365)
    house.deliver()
    house.clock.forward(days=-365)
    reminded = {reference: house.told("priya").count(("reminder", reference)) for reference in (urgent, routine)}
    house.deliver()
    house.clock.forward(minutes=16)
    house.deliver()
    assert house.told("priya").count(("reminder", urgent)) == reminded[urgent] + 1
    house.clock.forward(days=1, hours=3)
    house.deliver()
    assert house.told("priya").count(("reminder", routine)) == reminded[routine] + 1
    assert [e.action for e in house.open("priya", routine).entries] == ["raise"]


def test_the_absent_are_skipped_and_told_when_they_are_back_and_it_still_waits(house: House) -> None:
    today = date(2026, 11, 19)
    for id_ in ("priya", "tomasz", "grace"):
        house.change(id_, away=((today, today),))
    reference = house.report().reference
    house.deliver()
    assert house.told("helen") == [("new", reference)]
    assert house.told("priya") == []
    house.clock.forward(days=1)
    house.deliver()
    assert house.told("priya") == [("climbed", reference)]


def test_with_nobody_left_it_is_kept_the_reporter_knows_and_an_alarm_says_nothing(house: House) -> None:
    for id_ in ("farah", "owen"):
        house.change(id_, active=False)
    receipt = house.report(Kind.HEADTEACHER, "helen")
    assert receipt.nobody
    house.deliver()
    assert house.told("wei") == house.told("david") == [("alarm", "")]
    assert house.told("helen") == []
    house.clock.forward(days=1)
    house.deliver()
    assert house.told("amina") == [("nobody", receipt.reference)]
    seen, contacts = reporting.follow(receipt.reference, house.person("amina"), **house.with_)
    assert "Outside the school:" in repr(report_state(seen, house.school, contacts))
    # The roster is mended, and it comes to whom it should.
    house.change("farah", active=True)
    house.clock.forward(days=4)
    house.deliver()
    assert house.told("farah") == [("climbed", receipt.reference)]
    house.open("farah", receipt.reference)
    seen, contacts = reporting.follow(receipt.reference, house.person("amina"), **house.with_)
    assert "Nobody has taken it yet." in repr(report_state(seen, house.school, contacts))
    house.do("farah", Action.ACKNOWLEDGE, receipt.reference)
    seen, contacts = reporting.follow(receipt.reference, house.person("amina"), **house.with_)
    assert "Outside the school:" not in repr(report_state(seen, house.school, contacts))


def test_no_alarm_goes_to_whom_the_concern_is_about(house: House) -> None:
    house.school = replace(house.school, alarms=("helen", "wei"))
    for id_ in ("farah", "owen"):
        house.change(id_, active=False)
    house.report(Kind.HEADTEACHER, "helen")
    house.deliver()
    assert house.told("helen") == []
    assert house.told("wei") == [("alarm", "")]


def test_no_reporter_chooses_who_else_has_it(house: House) -> None:
    press(house, "amina", "report-send", form="f", kinds="pupil", danger="no", what="x", invited="callum,wei")
    house.deliver()
    assert house.inbox("priya") != []
    assert house.inbox("callum") == house.inbox("wei") == []
    (reference,) = house.inbox("priya")
    press(house, "priya", "do-reroute", reference=reference, kinds="pupil", text="She knows her.", invited="callum")
    house.deliver()
    assert house.inbox("callum") == [reference]


def test_a_number_that_nothing_has_is_no_error(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    assert press(house, "priya", "do-acknowledge", reference=reference, version="9" * 5_000).title == reference


def test_a_role_that_was_taken_away_takes_the_concern_away(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    house.open("tomasz", reference)
    house.change("tomasz", roles=frozenset({"staff"}))
    nobody_sees(house, reference, "tomasz")


def test_a_relative_declared_later_takes_the_concern_away(house: House) -> None:
    reference = house.report(Kind.STAFF, "callum").reference
    house.deliver()
    house.open("helen", reference)
    house.change("callum", relatives=frozenset({"helen"}))
    nobody_sees(house, reference, "helen")


def test_taking_an_entry_out_of_the_roster_frees_no_relative_whom_it_alone_declared(house: House) -> None:
    house.change("callum", relatives=frozenset({"helen"}))
    reference = house.report(Kind.STAFF, "callum").reference
    house.deliver()
    house.open("farah", reference)
    roster = tuple(p for p in house.school.roster if p.id != "callum")
    house.school = replace(house.school, roster=roster)
    house.outbox = house.worker(house.channel)
    for days in (1, 2):
        house.clock.forward(days=days)
        house.deliver()
    nobody_sees(house, reference, "helen")
    assert "helen" not in [p.id for p in reporting.follow(reference, house.person("amina"), **house.with_)[1]]  # type: ignore[arg-type]
    house.do("farah", Action.REROUTE, reference, matter=Matter(kinds=frozenset({Kind.PUPIL})))
    house.clock.forward(days=1)
    house.deliver()
    nobody_sees(house, reference, "helen")


def test_the_dsl_reports_and_can_follow_and_add_but_not_take_it(house: House) -> None:
    reference = house.report(by="priya").reference
    house.deliver()
    assert house.told("priya") == []
    assert house.inbox("priya") == []
    with pytest.raises(NothingHere):
        house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.ANSWER, reference, "One more thing.")
    assert [e.text for e in house.open("grace", reference).entries][-1] == "One more thing."


def test_the_whole_way_from_received_to_closed_and_reopened(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    assert reporting.follow(reference, house.person("amina"), **house.with_)[0].read_at is None
    house.open("priya", reference)
    house.do("priya", Action.ACKNOWLEDGE, reference, "")
    house.do("priya", Action.ASK, reference, "Which day was it?")
    house.do("amina", Action.ANSWER, reference, "Tuesday.")
    house.do("priya", Action.NOTE, reference, "Spoke to the class teacher.")
    house.do("priya", Action.REFER, reference, "Children's social care, ref 12.")
    house.do("priya", Action.CLOSE, reference, "Early help is in place.")
    house.deliver()
    seen, contacts = reporting.follow(reference, house.person("amina"), **house.with_)
    assert (seen.state, [e.text for e in seen.asked]) == (State.CLOSED, ["Which day was it?", "Tuesday."])
    assert [p.id for p in contacts] == ["priya", "tomasz", "grace", "helen"]
    assert {kind for kind, _ in house.told("amina")} == {"read", "taken", "question", "closed"}
    assert ("answer", reference) in house.told("priya")
    assert house.do("priya", Action.REOPEN, reference, "New facts.").state is State.REOPENED
    opened = house.open("priya", reference)
    assert [e.action for e in opened.entries] == [
        "raise",
        "acknowledge",
        "ask",
        "answer",
        "note",
        "refer",
        "close",
        "reopen",
    ]


def test_an_anonymous_reporter_is_asked_and_answers_and_is_never_named(house: House) -> None:
    reference = house.report(anonymous=True).reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.ASK, reference, "Did she say why?")
    house.deliver()
    assert ("question", reference) in house.told("amina")
    assert "amina" not in repr(house.do("priya", Action.NOTE, reference, "n"))
    house.do("amina", Action.ANSWER, reference, "No.")
    for one in (house.open("priya", reference), casework.waiting_for(house.person("priya"), **house.with_)):
        assert "amina" not in repr(one)
    with house.database.begin() as transaction:
        concern = transaction.concerns.by_reference("oakfield", reference)
        assert concern
        looks = list(transaction.audit.of(concern.id))
    assert "amina" not in repr(looks)


def test_sent_to_somebody_else_it_is_out_of_sight_of_those_who_should_not_have_it(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    house.open("tomasz", reference)
    house.do("priya", Action.ACKNOWLEDGE, reference)
    about = Matter(kinds=frozenset({Kind.STAFF}), subjects=frozenset({"tomasz"}))
    house.do("priya", Action.REROUTE, reference, "It is about a deputy.", matter=about)
    house.deliver()
    assert ("new", reference) in house.told("helen")
    nobody_sees(house, reference, "tomasz", "priya", "grace")
    assert [e.action for e in house.open("helen", reference).entries] == ["raise", "acknowledge", "reroute"]
    # And on, to one more person by name; whom it is about stays out, whatever is said later.
    more = Matter(kinds=frozenset({Kind.PUPIL}), invited=frozenset({"siobhan", "tomasz"}))
    house.do("helen", Action.REROUTE, reference, "She knows the family.", matter=more)
    house.deliver()
    assert house.inbox("siobhan") == [reference]
    nobody_sees(house, reference, "tomasz", "callum")


def test_nobody_whom_it_is_about_gets_it_by_the_way_it_is_sent(house: House) -> None:
    reference = house.report(Kind.HEADTEACHER).reference  # whom else, so no name was ticked
    house.deliver()
    nobody_sees(house, reference, "helen")
    house.do("farah", Action.REROUTE, reference, "To safeguarding.", matter=Matter(kinds=frozenset({Kind.PUPIL})))
    for _ in range(5):
        house.clock.forward(days=1)
        house.deliver()
    assert ("reminder", reference) in house.told("farah")
    nobody_sees(house, reference, "helen")


def test_what_was_said_by_mistake_is_taken_back_with_a_reason_and_stands_in_the_record(house: House) -> None:
    reference = house.report(Kind.STAFF, "callum").reference
    house.deliver()
    wrong = Matter(kinds=frozenset({Kind.DSL}), subjects=frozenset({"david"}))
    house.do("helen", Action.REROUTE, reference, "oops", matter=wrong)
    mistaken = frozenset({"dsl", "person:david", "person:wei"})
    right = Matter(kinds=frozenset({Kind.STAFF}))
    with pytest.raises(ReasonNeeded):
        house.do("helen", Action.REROUTE, reference, " ", matter=right, mistaken=mistaken)
    house.do("helen", Action.REROUTE, reference, "Ticked by mistake.", matter=right, mistaken=mistaken)
    opened = house.open("helen", reference)
    assert (opened.concern.matter.kinds, opened.concern.matter.subjects) == ({Kind.STAFF}, {"callum"})
    assert screens.done(opened.entries[-1], house.school) == (
        "sent it to somebody else; not about: The Designated Safeguarding Lead or a deputy, David Cohen: Ticked by mistake."
    )
    assert screens.done(opened.entries[-2], house.school) == "sent it to somebody else: oops"


def test_no_one_reader_can_send_it_to_nobody(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    everyone = frozenset(p.id for p in house.school.roster if p.id != "amina")
    with pytest.raises(NobodyLeft):
        house.do("tomasz", Action.REROUTE, reference, "why", matter=Matter(kinds=STAFF, subjects=everyone))
    assert house.inbox("priya") == [reference]
    # Where it is about all others, whoever found that out keeps it, and somebody hears that something is wrong.
    others = everyone - {"tomasz", "siobhan"}
    house.do("tomasz", Action.REROUTE, reference, "why", matter=Matter(kinds=STAFF, subjects=others))
    house.deliver()
    assert house.inbox("tomasz") == [reference]
    assert house.told("siobhan") == [("alarm", "")]  # who looks after the assistant mustn't hear of it
    assert house.told("wei") == house.told("david") == []
    nobody_sees(house, reference, "priya", "grace", "helen", "wei", "david", "siobhan")


def test_the_form_asks_whose_account_it_is_and_never_offers_the_reporters_own(house: House) -> None:
    desk = ConcernDesk(house.database.begin, house.clock, b"")

    def ask(kinds: str) -> Field:
        values = {"form": "f", "danger": "no", "kinds": kinds}
        incoming = Incoming(person="amina", organisation="oakfield", action="report-about", values=values)
        card = desk.reply(incoming, house.school, house.person("amina"))
        (form,) = (part for part in card.parts if isinstance(part, Form))
        return form.fields[0]

    account, post, staff = ask("contact,pupil"), ask("headteacher"), ask("staff")
    assert account.label == "Whose account is it?"
    assert {choice.value for choice in account.choices} == {*EVERYONE, UNLISTED} - {"amina"}
    assert {choice.value for choice in post.choices} == {*EVERYONE, UNLISTED}
    assert "nobody who has the post that you ticked gets it" in post.hint
    assert "Leave it empty if you don't know" in staff.hint


def test_the_form_for_sending_on_offers_what_can_be_taken_back(house: House) -> None:
    reference = house.report(Kind.GOVERNOR, UNLISTED, "maria").reference
    house.deliver()
    card = screens.case(house.open("farah", reference), house.school)
    fields = [field for part in card.parts if isinstance(part, Form) for field in part.fields]
    (mistaken,) = (field for field in fields if field.name == "mistaken")
    assert [(choice.value, choice.label) for choice in mistaken.choices] == [
        ("governor", "A governor"),
        ("person:?", "Somebody who isn't on this list"),
        ("person:maria", "Maria Santos"),
    ]
    desk, values = ConcernDesk(house.database.begin, house.clock, b""), {"kinds": "pupil", "text": "It was the father."}
    values |= {"reference": reference, "mistaken": "governor,person:?,person:maria"}
    sent = Incoming(person="farah", organisation="oakfield", action="do-reroute", values=values)
    assert desk.reply(sent, house.school, house.person("farah")).title == "Sent on"
    assert house.inbox("priya") == [reference]


def test_the_reporter_who_turns_out_to_be_the_subject_sees_nothing_any_more(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    house.do(
        "priya",
        Action.REROUTE,
        reference,
        "why",
        matter=Matter(kinds=frozenset({Kind.STAFF}), subjects=frozenset({"amina"})),
    )
    house.deliver()
    nobody_sees(house, reference, "amina")
    assert reporting.my_reports(house.person("amina"), **house.with_) == []


def test_concerns_are_linked_both_ways_and_only_by_who_has_both(house: House) -> None:
    one, two = house.report().reference, house.report(by="callum").reference
    hidden = house.report(Kind.HEADTEACHER, "helen").reference
    house.deliver()
    for reference in (one, two):
        house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.LINK, one, "the same evening", other=two.lower())
    assert house.open("priya", one).concern.links == {two}
    assert house.open("grace", two).concern.links == {one}
    for other in (hidden, "C-22222222", one, ""):
        with pytest.raises(NothingHere):
            house.do("priya", Action.LINK, one, "why", other=other)
    about = Matter(kinds=frozenset({Kind.STAFF}), subjects=frozenset({"priya"}))
    house.do("grace", Action.REROUTE, two, "why", matter=about)
    assert house.open("priya", one).concern.links == frozenset()
    assert Action.LINK not in [entry.action for entry in house.open("priya", one).entries]


def page(house: House, id_: str, reference: str) -> str:
    """All of a concern's page, what a form carries unseen included."""
    return repr(screens.case(house.open(id_, reference), house.school))


def test_a_link_changes_nothing_for_those_who_have_one_of_the_two_alone(house: House) -> None:
    """The headteacher has a report about a pupil, and one about the DSL who has the first one too."""
    pupil, about = house.report(danger=True).reference, house.report(Kind.DSL, "priya").reference
    house.clock.forward(minutes=16)
    house.deliver()
    for one in (pupil, about):
        house.do("helen", Action.ACKNOWLEDGE, one)
    before, seen = page(house, "priya", pupil), len(house.open("priya", pupil).entries)
    house.do("helen", Action.LINK, pupil, "the same evening", other=about)
    assert page(house, "priya", pupil) == before
    for one, other in ((pupil, about), (about, pupil)):
        assert house.open("helen", one).concern.links == {other}
    assert f"linked it with {pupil}: the same evening" in page(house, "helen", about)
    # Nor in a case file, nor by what can still be done.
    made = records.export(
        pupil, house.person("priya"), **house.with_, render=lambda record: repr(record).encode(), sign=lambda *_: b""
    )
    assert about.encode() not in made.pdf
    assert b"link'" not in made.pdf
    house.do("priya", Action.NOTE, pupil, "A note.", version=seen + 1)  # its export is one
    assert about not in page(house, "priya", pupil)


def test_a_link_goes_out_of_sight_with_the_other_report(house: House) -> None:
    one, two = house.report().reference, house.report().reference
    house.deliver()
    for reference in (one, two):
        house.do("tomasz", Action.ACKNOWLEDGE, reference)
    house.do("tomasz", Action.LINK, one, "the same evening", other=two)
    assert "the same evening" in page(house, "priya", one)
    about = Matter(kinds=frozenset({Kind.DSL}), subjects=frozenset({"priya"}))
    house.do("tomasz", Action.REROUTE, two, "about priya", matter=about)
    assert two not in page(house, "priya", one)
    assert "the same evening" not in page(house, "priya", one)
    assert f"'version': '{len(house.open('priya', one).entries)}'" in page(house, "priya", one)
    made = records.export(
        one, house.person("priya"), **house.with_, render=lambda record: repr(record).encode(), sign=lambda *_: b""
    )
    assert b"the same evening" not in made.pdf
    assert two.encode() not in made.pdf


def test_two_reports_whose_readers_differ_both_ways_are_not_linked(house: House) -> None:
    one, two = house.report().reference, house.report(Kind.HEADTEACHER).reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, one)
    invited = Matter(kinds=frozenset({Kind.HEADTEACHER}), invited=frozenset({"priya"}))
    house.do("farah", Action.REROUTE, two, "She knows more.", matter=invited)
    house.do("priya", Action.ACKNOWLEDGE, two)
    with pytest.raises(NotTogether):
        house.do("priya", Action.LINK, one, other=two)
    assert house.open("priya", one).concern.links == frozenset()


def test_what_somebody_else_has_changed_is_not_written_over(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    seen = house.open("priya", reference).concern.entries
    house.do("grace", Action.ACKNOWLEDGE, reference)
    with pytest.raises(Changed):
        house.do("priya", Action.REROUTE, reference, "why", version=seen, matter=Matter(kinds=frozenset({Kind.STAFF})))
    with pytest.raises(NotNow):
        house.do("priya", Action.ACKNOWLEDGE, reference)
    with pytest.raises(ReasonNeeded):
        house.do("priya", Action.NOTE, reference, "  ")
    with pytest.raises(Unfinished):
        house.do("priya", Action.REROUTE, reference, "why")


def test_what_has_climbed_while_it_was_open_can_still_be_acknowledged(house: House) -> None:
    reference = house.report(danger=True).reference
    house.deliver()
    seen = house.open("priya", reference).concern.entries
    house.clock.forward(minutes=16)
    house.deliver()
    assert ("climbed", reference) in house.told("helen")
    assert house.do("priya", Action.ACKNOWLEDGE, reference, version=seen).state is State.ACKNOWLEDGED


def test_a_flood_pauses_and_everything_before_it_is_kept(house: House) -> None:
    references = [house.report().reference for _ in range(reporting.MOST_AN_HOUR)]
    with pytest.raises(TooMany):
        house.report()
    assert house.report(form="form-1").reference == references[0]  # what was sent has its receipt still
    assert house.report(by="callum").reference
    house.clock.forward(hours=1, seconds=1)
    assert house.report().reference
    assert set(references) <= set(house.inbox("priya"))


@pytest.mark.parametrize("what", ["", " \n"])
def test_an_empty_form_is_not_sent(house: House, what: str) -> None:
    with pytest.raises(Unfinished):
        house.report(what=what)
    with pytest.raises(Unfinished):
        house.report(by="nobody")


def test_a_school_taken_out_of_the_file_keeps_its_concerns_and_shows_them_to_nobody(house: House) -> None:
    receipt = house.report()
    other = replace(house.school, id="birch")
    house.clock.forward(days=2)
    assert reporting.climb_due([other], begin=house.database.begin, clock=house.clock) == 1
    assert reporting.climb_due([other], begin=house.database.begin, clock=house.clock) == 0
    with house.database.begin() as transaction:
        assert transaction.concerns.at_odds() == []
    with pytest.raises(NothingHere):
        casework.open_concern(receipt.reference, house.person("priya"), **(house.with_ | {"school": other}))


def test_a_person_who_left_has_no_receipt_any_more_and_the_record_stays(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    house.change("amina", active=False)
    nobody_sees(house, reference, "amina")
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.deliver()
    assert NoticeKind.TAKEN not in [kind for kind, _ in house.told("amina")]
    assert house.open("priya", reference).concern.matter.reporter == "amina"


def test_long_after_the_clock_was_stopped_nothing_is_late(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.clock.forward(days=400)
    house.deliver()
    assert house.told("helen") == []
    assert house.clock.now() - timedelta(days=400)  # the clock is the test's own
