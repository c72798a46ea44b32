"""What is owed around a live account: a comment to be answered in time, a post to be read by a second person. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from assistant.domain.calendar import SchoolCalendar
from assistant.domain.errors import NotNow, NotYours, ReasonNeeded


class DutyKind(StrEnum):
    COMMENT = "comment"  # or a complaint, a query: somebody waits for an answer
    POST = "post"  # a draft that a second person reads before it is published


class Outcome(StrEnum):
    ANSWERED = "answered"
    ACKNOWLEDGED = "acknowledged"  # counts as an answer
    AGREED = "agreed"
    NOT_AGREED = "not agreed"
    WITHDRAWN = "withdrawn"  # by whoever wrote it


OUTCOMES = {
    DutyKind.COMMENT: frozenset({Outcome.ANSWERED, Outcome.ACKNOWLEDGED}),
    DutyKind.POST: frozenset({Outcome.AGREED, Outcome.NOT_AGREED, Outcome.WITHDRAWN}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """One of them. `due_at` is None for a post: it is simply not published until it has been read."""

    id: str
    organisation: str
    account: str  # its reference
    kind: DutyKind
    text: str
    by: str  # who logged it: a person's id
    at: datetime  # when the comment was received, or the post written down
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    outcome: Outcome | None = None
    note: str = ""
    step: int = 0  # how many reminders have gone out
    step_at: datetime | None = None
    version: int = 0

    def late(self, now: datetime) -> bool:
        """Whether it was, or is, done after its time."""
        return self.due_at is not None and (self.done_at or now) > self.due_at


def comment(
    id_: str, *, organisation: str, account: str, text: str, by: str, received: datetime, calendar: SchoolCalendar
) -> Duty:
    """A comment with its clock: 24 hours, or the next working day if it was received at a weekend."""
    if not text.strip():
        raise ReasonNeeded
    due = calendar.reply_due(received)
    return Duty(
        id=id_,
        organisation=organisation,
        account=account,
        kind=DutyKind.COMMENT,
        text=text.strip(),
        by=by,
        at=received,
        due_at=due,
        step_at=received,
    )


def post(id_: str, *, organisation: str, account: str, text: str, by: str, now: datetime) -> Duty:
    """A post for somebody else to read."""
    if not text.strip():
        raise ReasonNeeded
    return Duty(
        id=id_,
        organisation=organisation,
        account=account,
        kind=DutyKind.POST,
        text=text.strip(),
        by=by,
        at=now,
        step_at=now,
    )


def done(duty: Duty, outcome: Outcome, by: frozenset[str], who: str, now: datetime, note: str = "") -> Duty:
    """The duty done. `by` are all ids of the person, `who` the one to keep. Nobody is their own second reader.

    Raises NotYours, NotNow when it was done before, ReasonNeeded when a post is not agreed to without a word.
    """
    if outcome not in OUTCOMES[duty.kind] or duty.done_at is not None:
        raise NotNow
    if duty.kind is DutyKind.POST and (duty.by in by) is not (outcome is Outcome.WITHDRAWN):
        raise NotYours
    if outcome is Outcome.NOT_AGREED and not note.strip():
        raise ReasonNeeded
    return replace(duty, outcome=outcome, done_at=now, done_by=who, note=note.strip(), step_at=None)
