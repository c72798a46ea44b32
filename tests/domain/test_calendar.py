"""School time: hours, terms, bank holidays, clock changes; when a step is over and a reply is due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.calendar import SchoolCalendar, parse_step

LONDON = ZoneInfo("Europe/London")
ENGLAND = holidays.country_holidays("GB", subdiv="ENG")
TERMS = (
    (date(2026, 9, 2), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 3, 25)),
    (date(2027, 4, 12), date(2027, 7, 21)),
)
SCHOOL = SchoolCalendar(terms=TERMS, holidays=ENGLAND)


def at(text: str) -> datetime:
    """A moment on the wall in London."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("day", "school", "working"),
    [
        ("2026-11-20", True, True),  # a Friday in term
        ("2026-11-21", False, False),  # a Saturday
        ("2026-10-28", False, True),  # half-term
        ("2026-12-25", False, False),  # Christmas
        ("2026-12-28", False, False),  # Boxing Day, observed on a Monday
        ("2027-05-03", False, False),  # the early May bank holiday, in term
        ("2027-08-10", True, True),  # after the last term that the file knows: the clocks go on
        ("2026-08-10", False, True),  # before the first
    ],
)
def test_which_days_are_school_days_and_working_days(day: str, school: bool, working: bool) -> None:
    assert SCHOOL.is_school_day(date.fromisoformat(day)) is school
    assert SCHOOL.is_working_day(date.fromisoformat(day)) is working


def test_without_terms_every_working_day_is_a_school_day() -> None:
    assert SchoolCalendar(holidays=ENGLAND).is_school_day(date(2026, 8, 10))


@pytest.mark.parametrize(
    ("step", "start", "over"),
    [
        ("15 minutes", "2026-11-21T03:00", "2026-11-21T03:15"),  # at any hour, on any day
        ("2 hours", "2026-11-20T16:00", "2026-11-20T18:00"),
        ("end of school day", "2026-11-20T09:00", "2026-11-20T16:30"),
        ("end of school day", "2026-11-20T15:45", "2026-11-23T16:30"),  # too little is left of Friday
        ("end of school day", "2026-11-20T17:00", "2026-11-23T16:30"),
        ("end of school day", "2026-11-23T06:00", "2026-11-23T16:30"),
        ("end of school day", "2026-10-23T18:00", "2026-11-02T16:30"),  # over half-term
        ("end of school day", "2026-12-18T18:00", "2027-01-04T16:30"),  # over Christmas
        ("next school day 12:00", "2026-11-19T09:00", "2026-11-20T12:00"),
        ("next school day 12:00", "2026-11-20T09:00", "2026-11-23T12:00"),
        ("next school day 12:00", "2027-04-30T09:00", "2027-05-04T12:00"),  # over a bank holiday
        ("4 school hours", "2026-11-20T09:00", "2026-11-20T13:00"),
        ("4 school hours", "2026-11-20T15:30", "2026-11-23T11:00"),
        ("10 school hours", "2026-11-19T08:00", "2026-11-20T09:30"),
        ("4 school hours", "2026-11-21T12:00", "2026-11-23T12:00"),
    ],
)
def test_when_a_step_is_over(step: str, start: str, over: str) -> None:
    assert SCHOOL.after(parse_step(step), at(start)) == at(over)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-19T10:00", "2026-11-20T10:00"),
        ("2026-11-20T10:00", "2026-11-21T10:00"),  # a Friday: 24 hours, as it is written
        ("2026-11-21T10:00", "2026-11-23T16:30"),  # a Saturday
        ("2026-11-22T23:59", "2026-11-23T16:30"),
        ("2026-12-25T10:00", "2026-12-29T16:30"),  # over Christmas, a weekend and the observed Boxing Day
        ("2027-03-26T10:00", "2027-03-30T16:30"),  # Good Friday to after Easter Monday
        ("2027-03-27T10:00", "2027-03-30T16:30"),  # the clocks go forward that night
    ],
)
def test_a_reply_is_due_in_24_hours_or_by_the_end_of_the_next_working_day(received: str, due: str) -> None:
    assert SCHOOL.reply_due(at(received)) == at(due)


def test_elapsed_time_is_elapsed_time_when_the_clocks_change() -> None:
    before = at("2026-10-24T12:00")  # a Saturday; the clocks go back that night. (reply_due treats weekends apart.)
    assert SCHOOL.after(parse_step("24 hours"), before) == datetime(2026, 10, 25, 11, tzinfo=UTC)
    thursday = at("2027-03-25T12:00")
    assert SCHOOL.reply_due(thursday) - thursday.astimezone(UTC) == timedelta(hours=24)
    # The wall clock decides where a step names one.
    assert SCHOOL.after(parse_step("next school day 12:00"), at("2027-03-25T09:00")) == at("2027-04-12T12:00")
    assert at("2027-04-12T12:00").astimezone(UTC).hour == 11


@pytest.mark.parametrize(
    "text", ["", "soon", "0 minutes", "1 week", "next school day", "next school day 25:00", "-1 hours", "15  minutes"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is n"):
        parse_step(text)


STEPS = st.sampled_from(
    ["1 minutes", "90 minutes", "3 school hours", "30 school hours", "end of school day", "next school day 08:00"]
)
MOMENTS = st.datetimes(datetime(2026, 8, 1), datetime(2027, 9, 30), timezones=st.just(UTC))


@given(STEPS, MOMENTS)
def test_every_step_ends_later_and_in_utc_and_school_steps_end_in_school_time(text: str, start: datetime) -> None:
    over = SCHOOL.after(parse_step(text), start)
    assert over > start
    assert over.tzinfo is UTC
    if "school" in text:
        local = over.astimezone(LONDON)
        assert SCHOOL.is_school_day(local.date())
        assert time(8) <= local.time() <= time(16, 30)


@given(MOMENTS)
def test_the_next_opening_is_open_and_never_before(moment: datetime) -> None:
    opening = SCHOOL.next_opening(moment)
    assert opening >= moment
    assert SCHOOL.is_open(opening)
