"""What a person says of an answer, kept so that a policy's owner sees what the policies don't say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    HELPED = "helped"
    NOT_HELPFUL = "not helpful"
    DECLINED = "declined"  # the assistant found no answer, and the asker wants the policy's owner to know


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """A verdict with the question and the citations shown. It doesn't say who asked: an owner needs the gap, not the name."""

    organisation: str
    question: str
    citations: tuple[str, ...]
    verdict: Verdict
    given_at: datetime  # aware, UTC
