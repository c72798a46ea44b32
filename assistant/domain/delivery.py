"""When who is told next of a concern that nobody has taken. Pure: the outbox keeps what is decided here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.domain.calendar import SchoolCalendar, Step, parse_step
from assistant.domain.people import Person
from assistant.domain.routing import Ladder

URGENT = (parse_step("15 minutes"),)
ROUTINE = (parse_step("end of school day"), parse_step("next school day 12:00"))


class NoticeKind(StrEnum):
    """What a notice says. None says what a concern is about; those from DECIDE on are about accounts and policies."""

    NEW = "new"  # a concern has come to you
    CLIMBED = "climbed"  # nobody has taken it in time, so it comes to you
    REMINDER = "reminder"  # it still waits
    READ = "read"  # to the reporter: somebody has read it
    UNREAD = "unread"  # to the reporter: nobody has taken it yet
    NOBODY = "nobody"  # to the reporter: nobody has, and nobody at the school may have it
    TAKEN = "taken"  # to the reporter: somebody has acknowledged it
    QUESTION = "question"  # to the reporter: a question waits
    ANSWER = "answer"  # to those dealing with it: the reporter has added something
    CLOSED = "closed"  # to the reporter
    ALARM = "alarm"  # to whoever looks after the assistant: something can't be delivered. Names no concern

    DECIDE = "decide"  # an application waits for your decision, as do those below for what they say
    CONFIRM = "confirm"
    INFORMATION = "information"
    CREATE = "create"
    OPEN = "open"
    REVIEW = "review"
    SUSPENDED = "suspended"
    HANDOVER = "handover"
    TO_CLOSE = "to close"
    DECIDED = "decided"  # to the applicant and those who run it: something was decided
    COMMENT = "comment"  # somebody waits for an answer on an account
    POST = "post"  # a post waits for a second reader
    POST_READ = "post read"
    POLICY_REVIEW = "policy review"  # a policy's own review date comes near, or has passed


TO_REPORTER = frozenset(
    {
        NoticeKind.READ,
        NoticeKind.UNREAD,
        NoticeKind.NOBODY,
        NoticeKind.TAKEN,
        NoticeKind.QUESTION,
        NoticeKind.CLOSED,
    }
)
# What nobody needs any more once somebody has taken the concern.
WHILE_IT_WAITS = frozenset(
    {NoticeKind.NEW, NoticeKind.CLIMBED, NoticeKind.REMINDER, NoticeKind.UNREAD, NoticeKind.NOBODY}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """How long each step waits for somebody to acknowledge; the last one repeats."""

    urgent: tuple[Step, ...] = URGENT
    routine: tuple[Step, ...] = ROUTINE


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """What happens at a step: who is told and how, whether the reporter hears that nobody has it, and the next step."""

    people: tuple[Person, ...]
    kind: NoticeKind
    tell_reporter: bool
    nobody: bool  # nobody at the school may have it: raise the alarm
    next_at: datetime  # UTC


def move(
    step: int,
    ladder: Ladder,
    told: frozenset[str],
    *,
    urgent: bool,
    now: datetime,
    clocks: Clocks,
    calendar: SchoolCalendar,
) -> Move:
    """What to do at a step (0 is the moment of receipt) of a concern that nobody has acknowledged.

    `told` are the ids of those who have been told already. The next rung is the first with somebody who hasn't; on it
    those are told. When all have been, all are reminded, and so on until somebody takes it.
    """
    fresh = next((rung for rung in ([p for p in r if not p.ids & told] for r in ladder.rungs) if rung), None)
    if fresh is None:
        people, kind = ladder.everyone, NoticeKind.REMINDER
    else:
        people, kind = tuple(fresh), NoticeKind.CLIMBED if step else NoticeKind.NEW
    return Move(
        people=people,
        kind=kind,
        # At the first step missed, and when the whole ladder has been told: more often would only alarm.
        tell_reporter=step in {1, max(1, len(ladder.rungs))},
        nobody=not ladder.rungs,
        next_at=step_ends(step, urgent=urgent, now=now, clocks=clocks, calendar=calendar),
    )


def step_ends(step: int, *, urgent: bool, now: datetime, clocks: Clocks, calendar: SchoolCalendar) -> datetime:
    """When a step that begins now is over. One that began before is over no later."""
    steps = clocks.urgent if urgent else clocks.routine
    return calendar.after(steps[min(step, len(steps) - 1)], now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What one person is to be told: a reference and how urgent, never what it is about."""

    organisation: str
    person: str  # id
    kind: NoticeKind
    concern_id: str = ""  # "" for an alarm
    reference: str = ""  # what to call it: a concern's or account's reference, a policy's title
    urgent: bool = False
    account: str = ""  # the reference of the account that it is about
    step: str = "0"  # tells apart the same kind of notice sent again


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A notice that a worker has leased in order to deliver it."""

    id: str
    notice: Notice
    attempts: int  # this one included
    owed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """A notice as the staff room has shown it."""

    notice: Notice
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What became of a notice: "owed" still, "delivered" by a channel, or "dropped" since it was no longer needed."""

    notice: Notice
    owed_at: datetime
    done_at: datetime | None
    outcome: str
    channel: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelHealth:
    """How a way of reaching people fares. `failing_since` is None while it works."""

    name: str
    failures: int  # in a row
    failing_since: datetime | None
    error: str  # the error's class
    alarmed_at: datetime | None


_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
FURTHEST = timedelta(days=1)  # nothing is put off for longer, so whatever is was by a clock that was ahead
DEAD_AFTER = 3  # failures in a row of a channel until somebody is told


def retry_at(attempts: int, now: datetime, chance: float) -> datetime:
    """When to try again after that many attempts: doubling waits, with jitter from `chance` (0 to 1) so that workers spread out."""
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(attempts - 1, 20)))
    return now + wait * (0.5 + chance / 2)
