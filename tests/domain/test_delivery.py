"""Who is told next, and when; how a failed notice is put off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.calendar import SchoolCalendar, parse_step
from assistant.domain.delivery import Clocks, NoticeKind, move, retry_at, step_ends
from assistant.domain.people import Person
from assistant.domain.routing import Kind, Ladder

A, B, C = (Person(id=id_, name=id_) for id_ in "abc")
LADDER = Ladder(kind=Kind.PUPIL, rungs=((A, B), (C,)))
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def step(n: int, told: str, *, urgent: bool = False, ladder: Ladder = LADDER, now: datetime = NOW):
    return move(n, ladder, frozenset(told), urgent=urgent, now=now, clocks=Clocks(), calendar=SchoolCalendar())


def test_the_first_rung_is_told_at_once_and_the_next_when_nobody_takes_it() -> None:
    first = step(0, "")
    assert ([p.id for p in first.people], first.kind, first.tell_reporter) == (["a", "b"], NoticeKind.NEW, False)
    assert first.next_at == datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    second = step(1, "ab")
    assert ([p.id for p in second.people], second.kind, second.tell_reporter) == (["c"], NoticeKind.CLIMBED, True)
    assert second.next_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_when_all_have_been_told_all_are_reminded_and_so_on() -> None:
    third, fourth = step(2, "abc"), step(3, "abc")
    assert [p.id for p in third.people] == ["a", "b", "c"]
    assert third.kind is fourth.kind is NoticeKind.REMINDER
    assert (third.tell_reporter, fourth.tell_reporter) == (True, False)


def test_urgent_steps_take_fifteen_minutes_at_any_hour() -> None:
    night = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    for n in range(4):
        assert step(n, "", urgent=True, now=night).next_at == night + timedelta(minutes=15)


@given(st.integers(0, 60 * 24 * 400), st.integers(0, 60 * 24 * 60), st.integers(0, 3), st.booleans())
def test_a_step_that_began_before_is_over_no_later(start: int, later: int, n: int, urgent: bool) -> None:
    calendar = SchoolCalendar(terms=((date(2026, 9, 2), date(2026, 12, 18)), (date(2027, 1, 4), date(2027, 2, 12))))
    began = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=start)
    first, second = (
        step_ends(n, urgent=urgent, now=now, clocks=Clocks(), calendar=calendar)
        for now in (began, began + timedelta(minutes=later))
    )
    assert began < first <= second


def test_somebody_who_has_come_back_is_told_before_anybody_is_reminded() -> None:
    assert [p.id for p in step(2, "ac").people] == ["b"]


def test_nobody_is_nobody() -> None:
    alone = step(0, "", ladder=Ladder(kind=Kind.PUPIL, rungs=()))
    assert (alone.people, alone.nobody) == ((), True)
    assert step(1, "", ladder=Ladder(kind=Kind.PUPIL, rungs=())).tell_reporter


def test_every_step_is_the_schools_to_set() -> None:
    clocks = Clocks(urgent=(parse_step("5 minutes"), parse_step("1 hours")))
    made = [
        move(n, LADDER, frozenset(), urgent=True, now=NOW, clocks=clocks, calendar=SchoolCalendar()).next_at - NOW
        for n in range(3)
    ]
    assert made == [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=1)]


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 2.5, 5), (2, 5, 10), (3, 10, 20), (50, 300, 600)])
def test_waits_double_to_ten_minutes_with_jitter(attempts: int, least: float, most: float) -> None:
    waits = [(retry_at(attempts, NOW, chance) - NOW).total_seconds() for chance in (0, 0.5, 1)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (least, most)
