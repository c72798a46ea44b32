"""What is kept, and that nothing is deleted that has not been handed over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.concerns import State
from assistant.domain.retention import Verdict, retention
from assistant.domain.routing import Kind

from .test_concerns import CONCERN

RECEIVED = CONCERN.received_at
CLOSED = replace(CONCERN, state=State.CLOSED)
HANDED = replace(CLOSED, handed_over_at=RECEIVED + timedelta(days=30))


def verdict(concern, days: float, kind: Kind = Kind.PUPIL) -> Verdict:
    return retention(concern, kind, RECEIVED + timedelta(days=days)).verdict


def test_the_way_of_a_concern_to_its_deletion() -> None:
    assert verdict(CONCERN, 10_000) is Verdict.OPEN
    assert verdict(CLOSED, 31) is Verdict.NOT_HANDED_OVER
    assert verdict(HANDED, 31) is Verdict.WAITING
    assert verdict(HANDED, 119) is Verdict.WAITING
    assert verdict(HANDED, 120) is Verdict.DELETE
    assert verdict(replace(HANDED, held=True), 120) is Verdict.HELD


def test_what_was_never_handed_over_is_for_a_person_to_look_at() -> None:
    years = 365.2425
    assert verdict(CLOSED, 24.9 * years) is Verdict.NOT_HANDED_OVER
    assert verdict(CLOSED, 25.1 * years) is Verdict.REVIEW
    assert verdict(CLOSED, 49 * years, Kind.STAFF) is Verdict.NOT_HANDED_OVER
    assert verdict(CLOSED, 51 * years, Kind.HEADTEACHER) is Verdict.REVIEW


def test_no_day_tells_what_it_is_about() -> None:
    for state in (CONCERN, CLOSED, replace(HANDED, held=True)):
        assert retention(state, Kind.PUPIL, RECEIVED) == retention(state, Kind.STAFF, RECEIVED)
        assert retention(state, Kind.STAFF, RECEIVED).due is None
    assert retention(HANDED, Kind.STAFF, RECEIVED).due == retention(HANDED, Kind.PUPIL, RECEIVED).due is not None


MOMENTS = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(
    st.sampled_from(list(State)),
    st.booleans(),
    MOMENTS,
    st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(list(Kind)),
)
def test_only_what_is_closed_handed_over_and_not_held_is_ever_deleted(
    state: State, held: bool, handed: datetime | None, now: datetime, kind: Kind
) -> None:
    found = retention(replace(CONCERN, state=state, held=held, handed_over_at=handed), kind, now)
    if found.verdict is Verdict.DELETE:
        assert state is State.CLOSED
        assert not held
        assert handed is not None
        assert now >= handed + timedelta(days=90)
