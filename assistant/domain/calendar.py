"""A school's time: which days and hours it is open, and when a deadline falls. All moments are aware; results are UTC."""

import re
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
# What is left of a school day must be at least this long to count as "the end of the school day".
_TOO_LITTLE = timedelta(hours=1)
_STEP = re.compile(
    r"(?P<minutes>\d{1,3}) minutes?|(?P<hours>\d{1,3}) hours?|(?P<school_hours>\d{1,3}) school hours?"
    r"|(?P<end>end of school day)|next school day (?P<at>(?:[01]\d|2[0-3]):[0-5]\d)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A stretch of time as a school file writes it, for example "15 minutes" or "next school day 12:00"."""

    text: str
    elapsed: timedelta = timedelta()  # at any hour
    school: timedelta = timedelta()  # counted while the school is open
    end_of_day: bool = False
    at: time | None = None  # on the next school day


def parse_step(text: str) -> Step:
    """A step from the school file's words. Raises ValueError, saying which words are known."""
    found = _STEP.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            "is none of: '15 minutes', '2 hours', '4 school hours', 'end of school day', 'next school day 12:00'"
        )
    if found["at"]:
        return Step(text=text, at=time.fromisoformat(found["at"]))
    if found["end"]:
        return Step(text=text, end_of_day=True)
    if found["school_hours"]:
        return Step(text=text, school=timedelta(hours=int(found["school_hours"])))
    elapsed = timedelta(minutes=int(found["minutes"] or 0), hours=int(found["hours"] or 0))
    if not elapsed:
        raise ValueError("is no time at all; give at least '1 minutes'")
    return Step(text=text, elapsed=elapsed)


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolCalendar:
    """Hours, terms as first and last days, and the nation's bank holidays.

    Days after the last term that the school file knows count as school days when they are working days: a forgotten
    update of the file must not stop a clock that somebody's safety hangs on.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    opens: time = time(8)
    closes: time = time(16, 30)
    terms: tuple[tuple[date, date], ...] = ()
    holidays: Container[date] = field(default=frozenset[date]())

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and no bank holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def is_school_day(self, day: date) -> bool:
        """A working day in term."""
        unknown = not self.terms or day > max(last for _, last in self.terms)
        return self.is_working_day(day) and (unknown or any(first <= day <= last for first, last in self.terms))

    def is_open(self, moment: datetime) -> bool:
        """Whether the school is in its hours."""
        local = moment.astimezone(self.zone)
        return self.is_school_day(local.date()) and self.opens <= local.time() < self.closes

    def next_opening(self, moment: datetime) -> datetime:
        """That moment when the school is open, else the start of the next school day."""
        if self.is_open(moment):
            return moment.astimezone(UTC)
        local = moment.astimezone(self.zone)
        day = local.date() if local.time() < self.opens else local.date() + _DAY
        return self._at(self._school_day_from(day), self.opens)

    def after(self, step: Step, start: datetime) -> datetime:
        """When a step that begins at `start` is over."""
        if step.elapsed:
            return start.astimezone(UTC) + step.elapsed
        if step.at:
            return self._at(self._school_day_from(start.astimezone(self.zone).date() + _DAY), step.at)
        opening = self.next_opening(start)
        if step.end_of_day:
            closing = self._closing(opening)
            return closing if closing - opening >= _TOO_LITTLE else self._closing(self.next_opening(closing))
        left = step.school
        while left > self._closing(opening) - opening:
            left -= self._closing(opening) - opening
            opening = self.next_opening(self._closing(opening))
        return opening + left

    def reply_due(self, received: datetime) -> datetime:
        """24 hours, or the end of the next working day if it was received at a weekend or on a bank holiday."""
        day = received.astimezone(self.zone).date()
        if self.is_working_day(day):
            return received.astimezone(UTC) + timedelta(hours=24)
        while not self.is_working_day(day):
            day += _DAY
        return self._at(day, self.closes)

    def _closing(self, moment: datetime) -> datetime:
        return self._at(moment.astimezone(self.zone).date(), self.closes)

    def _school_day_from(self, day: date) -> date:
        while not self.is_school_day(day):
            day += _DAY
        return day

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)
