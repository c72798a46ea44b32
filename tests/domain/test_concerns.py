"""What may be done with a concern: by whom (the whole table), in which state, and what it leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.concerns import (
    ALLOWED,
    NEED_REASON,
    Action,
    Concern,
    Relation,
    Report,
    State,
    act,
    allowed_now,
    forsaken,
    relation,
    summary,
)
from assistant.domain.errors import NotNow, ReasonNeeded
from assistant.domain.people import ROLES, Person
from assistant.domain.routing import Kind, Matter

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MATTER = Matter(kinds=frozenset({Kind.PUPIL}), reporter="rep")
CONCERN = Concern(
    id="1",
    reference="C-22222222",
    organisation="oakfield",
    report=Report(matter=MATTER, danger=False, anonymous=False, what="x"),
    matter=MATTER,
    readers=frozenset({"dsl"}),
    state=State.RECEIVED,
    received_at=NOW,
    step_at=NOW,
    entries=1,
)

# Every action, and every way of standing to a concern: what is not here is refused.
TABLE = """
              barred  reporter  reader  nobody
raise         no      no        no      no
list          no      no        yes     no
read          no      no        yes     no
acknowledge   no      no        yes     no
note          no      no        yes     no
ask           no      no        yes     no
refer         no      no        yes     no
monitor       no      no        yes     no
end           no      no        yes     no
close         no      no        yes     no
reopen        no      no        yes     no
link          no      no        yes     no
reroute       no      no        yes     no
hold          no      no        yes     no
release       no      no        yes     no
export        no      no        yes     no
hand_over     no      no        yes     no
follow        no      yes       no      no
answer        no      yes       no      no
"""


def test_the_permission_table_is_written_out_and_complete() -> None:
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    written = {
        (Action(name.replace("_", " ")), Relation(column)): cell == "yes"
        for name, *cells in rows
        for column, cell in zip(head, cells, strict=True)
    }
    assert set(written) == {(action, one) for action in Action for one in Relation}
    for (action, one), yes in written.items():
        assert (action in ALLOWED[one]) is yes, (action, one)


def person(id_: str, *roles: str, **more: object) -> Person:
    return Person(id=id_, name=id_, roles=frozenset(roles) | {"staff"}, **more)  # type: ignore[arg-type]


DSL = person("dsl", "dsl")


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("told", Relation.READER),
        ("not told", Relation.NOBODY),
        ("told, and left", Relation.NOBODY),
        ("told, and on no rung any more", Relation.NOBODY),
        ("told, and it is about them", Relation.BARRED),
        ("told, and a relative of whom it is about", Relation.BARRED),
        ("told, and close to it", Relation.BARRED),
        ("reporter", Relation.REPORTER),
        ("reporter and told", Relation.REPORTER),
        ("reporter, and it is about them", Relation.BARRED),
        ("reporter, and left", Relation.NOBODY),
    ],
)
def test_how_a_person_of_any_role_stands_to_it(role: str, who: str, expected: Relation) -> None:
    me = person("me", role, active="left" not in who, relatives=frozenset({"sub"} if "relative" in who else ()))
    matter = Matter(
        kinds=frozenset({Kind.PUPIL}),
        subjects=frozenset({"me"} if "about them" in who else {"sub"}),
        close=frozenset({"me"} if "close" in who else ()),
        reporter="me" if "reporter" in who else "rep",
    )
    readers = frozenset({"me"} if who.startswith("told") or "and told" in who else ())
    concern = replace(CONCERN, matter=matter, readers=readers)
    ladder = () if "on no rung" in who else (me,)
    assert relation(me, concern, (me, person("sub"), DSL), ladder) is expected


def test_somebody_of_another_roster_is_nobody() -> None:
    stranger = person("dsl2", "dsl")
    assert relation(stranger, replace(CONCERN, readers=frozenset({"dsl2"})), (DSL,), (stranger,)) is Relation.NOBODY


def test_a_persons_other_id_is_them() -> None:
    me = person("me", "dsl", aliases=frozenset({"old-me"}))
    roster = (me,)
    assert relation(me, replace(CONCERN, readers=frozenset({"old-me"})), roster, (me,)) is Relation.READER
    assert relation(me, replace(CONCERN, matter=replace(MATTER, reporter="old-me")), roster, (me,)) is Relation.REPORTER
    barred = replace(CONCERN, readers=frozenset({"me"}), matter=replace(MATTER, subjects=frozenset({"old-me"})))
    assert relation(me, barred, roster, (me,)) is Relation.BARRED


R, A, P, F, M, N, C, O = (  # noqa: E741
    State.RECEIVED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.REFERRED, State.MONITORING,
    State.NO_FURTHER_ACTION, State.CLOSED, State.REOPENED,
)  # fmt: skip
STATES = {  # action: {state it may be taken in: state that follows}
    Action.ACKNOWLEDGE: {R: A, O: A},
    Action.NOTE: {A: P, P: P, F: F, M: M, N: N, C: C, O: P},
    Action.ASK: {A: P, P: P, F: F, M: M, O: P},
    Action.ANSWER: {s: s for s in State},
    Action.REFER: {A: F, P: F, F: F, M: F, N: F, O: F},
    Action.MONITOR: {A: M, P: M, F: M, M: M, N: M, O: M},
    Action.END: {A: N, P: N, F: N, M: N, O: N},
    Action.CLOSE: {F: C, M: C, N: C},
    Action.REOPEN: {N: O, C: O},
    Action.LINK: {A: P, P: P, F: F, M: M, N: N, C: C, O: P},
    Action.REROUTE: {s: R for s in State if s is not C},
    Action.HOLD: {s: s for s in State},
    Action.EXPORT: {s: s for s in State},
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(STATES))
def test_every_action_in_every_state(action: Action, state: State) -> None:
    concern = replace(CONCERN, state=state)
    assert allowed_now(concern, action) is (state in STATES[action])
    if state not in STATES[action]:
        with pytest.raises(NotNow):
            act(concern, action, "dsl", NOW, "why")
        return
    changed, entry = act(concern, action, "dsl", NOW, "  why ")
    assert changed.state is STATES[action][state]
    assert (entry.at, entry.actor, entry.action, entry.text) == (NOW, "dsl", action, "why")
    assert (entry.before, entry.after) == (state, changed.state)
    assert changed.entries == concern.entries + 1
    assert changed.report == concern.report


@pytest.mark.parametrize("action", sorted(NEED_REASON))
def test_what_needs_a_reason_is_refused_without_one(action: Action) -> None:
    states = STATES.get(action, {State.CLOSED: State.CLOSED})
    concern = replace(
        CONCERN,
        state=next(iter(states)),
        held=action is Action.RELEASE,
        exported_at=NOW if action is Action.HAND_OVER else None,
    )
    with pytest.raises(ReasonNeeded):
        act(concern, action, "dsl", NOW, " \n ")


def test_acknowledging_stops_the_clock_and_sending_on_starts_it_anew() -> None:
    taken, _ = act(replace(CONCERN, step=3), Action.ACKNOWLEDGE, "dsl", NOW)
    assert (taken.step_at, taken.acknowledged_at) == (None, NOW)
    sent, _ = act(taken, Action.REROUTE, "dsl", NOW, "about the head after all")
    assert (sent.step, sent.acknowledged_at, sent.state) == (0, None, State.RECEIVED)


@pytest.mark.parametrize(
    "action", [Action.ACKNOWLEDGE, Action.NOTE, Action.ASK, Action.REFER, Action.MONITOR, Action.END]
)
def test_reopened_it_waits_until_somebody_moves_it_on(action: Action) -> None:
    closed = replace(CONCERN, state=State.CLOSED, closed_at=NOW, acknowledged_at=NOW, step=3)
    waits, _ = act(closed, Action.REOPEN, "dsl", NOW, "new facts")
    assert (waits.closed_at, waits.acknowledged_at, waits.step) == (None, None, 0)
    waits = replace(waits, step_at=NOW)
    assert act(waits, Action.HOLD, "dsl", NOW, "inquiry")[0].step_at == NOW
    assert act(waits, Action.ANSWER, "rep", NOW, "more")[0].step_at == NOW
    taken, _ = act(waits, action, "tom", NOW, "why")
    assert (taken.step_at, taken.acknowledged_at) == (None, NOW)


@pytest.mark.parametrize("state", [A, P, F, M, N, C])
def test_forsaken_it_waits_again_and_nobody_is_said_to_have_done_that(state: State) -> None:
    taken = replace(CONCERN, state=state, step=4, step_at=None, acknowledged_at=NOW)
    waits, entry = forsaken(replace(taken, closed_at=NOW if state is C else None), NOW)
    assert (waits.state, waits.step, waits.acknowledged_at, waits.closed_at) == (R, 0, None, None)
    assert (waits.readers, waits.entries) == (taken.readers, taken.entries + 1)
    assert (entry.actor, entry.action, entry.before, entry.after, entry.text) == ("", Action.REROUTE, state, R, "")


def test_a_hold_is_put_once_and_released_once() -> None:
    held, _ = act(CONCERN, Action.HOLD, "dsl", NOW, "inquiry")
    assert held.held
    assert not allowed_now(held, Action.HOLD)
    assert not allowed_now(CONCERN, Action.RELEASE)
    assert not act(held, Action.RELEASE, "dsl", NOW, "over")[0].held


def test_a_handover_is_of_an_export_after_which_nothing_was_added() -> None:
    closed = replace(CONCERN, state=State.CLOSED)
    assert not allowed_now(closed, Action.HAND_OVER)
    exported, _ = act(closed, Action.EXPORT, "dsl", NOW)
    added, _ = act(exported, Action.NOTE, "dsl", NOW, "one more thing")
    assert not allowed_now(added, Action.HAND_OVER)
    handed, _ = act(exported, Action.HAND_OVER, "dsl", NOW, "in the paper file")
    assert handed.handed_over_at == NOW
    assert not allowed_now(handed, Action.HAND_OVER)
    assert act(handed, Action.HOLD, "dsl", NOW, "inquiry")[0].handed_over_at == NOW
    assert act(handed, Action.ANSWER, "", NOW, "I forgot")[0].handed_over_at is None
    assert act(handed, Action.REOPEN, "dsl", NOW, "new facts")[0].handed_over_at is None


ACTIONS = st.lists(
    st.sampled_from([a for a in Action if a not in {Action.RAISE, Action.LIST, Action.READ, Action.FOLLOW}]),
    max_size=25,
)


@given(ACTIONS)
def test_whatever_is_done_nothing_written_is_ever_changed(actions: list[Action]) -> None:
    concern, entries, now = CONCERN, [], NOW
    for action in actions:
        now += timedelta(minutes=1)
        try:
            concern, entry = act(concern, action, "dsl", now, "why")
        except NotNow:
            continue
        entries.append(entry)
        assert concern.report == CONCERN.report
        assert concern.matter == CONCERN.matter
        assert concern.entries == CONCERN.entries + len(entries)
        if concern.state is State.CLOSED:
            assert concern.closed_at is not None
        if concern.handed_over_at is not None:
            assert concern.state is State.CLOSED
            assert concern.exported_at is not None
    befores = [e.before for e in entries[1:]]
    assert befores == [e.after for e in entries[:-1]]


def test_the_reporter_sees_state_times_and_questions_and_nobodys_name() -> None:
    concern, entries = replace(CONCERN, state=State.ACKNOWLEDGED), []
    for action, who in ((Action.NOTE, "dsl"), (Action.ASK, "dsl"), (Action.ANSWER, "rep"), (Action.REFER, "dsl")):
        concern, entry = act(concern, action, who, NOW, f"{action} text")
        entries.append(entry)
    seen = summary(concern, entries)
    assert seen.state is State.REFERRED
    assert [(e.action, e.actor, e.text) for e in seen.asked] == [
        (Action.ASK, "", "ask text"),
        (Action.ANSWER, "", "answer text"),
    ]
    assert not seen.urgent
    assert "note text" not in repr(seen)
    assert "dsl" not in repr(seen)
