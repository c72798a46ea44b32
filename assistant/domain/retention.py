"""What is kept for how long. The assistant is an intake: the school's own record keeps a case, so nothing is deleted
here before somebody has confirmed that it is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.domain.concerns import Concern, State
from assistant.domain.routing import ABOUT_ADULTS_OF_THE_SCHOOL, Kind

AFTER_HANDOVER = timedelta(days=90)
_YEAR = timedelta(days=365.2425)
# A child's record is kept for 25 years from their birth (IRMS toolkit), so 25 years from the report is long enough
# whatever the birthday; an allegation until retirement age or for 10 years, whichever is longer, and since the age is
# not known here, until the youngest adult would retire.
_CHILD = 25 * _YEAR
_ADULT = 50 * _YEAR
ACCOUNT_KEPT = 6 * _YEAR  # an application or account, from its end; the assistant's default


class Verdict(StrEnum):
    HELD = "legal hold"
    OPEN = "not closed"
    NOT_HANDED_OVER = "handover not confirmed"
    REVIEW = "past its period, handover not confirmed: review by hand"
    WAITING = "handed over, waiting"
    DELETE = "to be deleted"
    WAITING_ACCOUNT = "over, kept until"


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """What becomes of a concern, and from when."""

    verdict: Verdict
    # When it may be deleted. None before it is handed over: how long it is kept for tells whether it is about an adult.
    due: datetime | None


def retention(concern: Concern, kind: Kind, now: datetime, after_handover: timedelta = AFTER_HANDOVER) -> Retention:
    """What becomes of a concern. Only what is closed, handed over, not held and has waited is ever to be deleted."""
    if concern.held:
        return Retention(verdict=Verdict.HELD, due=None)
    if concern.state is not State.CLOSED:
        return Retention(verdict=Verdict.OPEN, due=None)
    if concern.handed_over_at is None:
        due = concern.received_at + (_ADULT if kind in ABOUT_ADULTS_OF_THE_SCHOOL else _CHILD)
        return Retention(verdict=Verdict.REVIEW if due <= now else Verdict.NOT_HANDED_OVER, due=None)
    due = concern.handed_over_at + after_handover
    return Retention(verdict=Verdict.DELETE if due <= now else Verdict.WAITING, due=due)
