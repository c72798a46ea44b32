"""What the core needs of the world, as Protocols: use cases take these and know nothing of what is behind them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from assistant.domain.feedback import Feedback
from index.clauses import Findings, Policy


class FindClauses(Protocol):
    """Searches one organisation's policies in force."""

    def find(self, organisation: str, question: str) -> Findings: ...

    def policies(self, organisation: str) -> tuple[Policy, ...]: ...


class Clock(Protocol):
    """The time, with its zone."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...


class KeepFeedback(Protocol):
    """Keeps what people chose to say of answers."""

    def keep(self, feedback: Feedback) -> None: ...

    def unanswered(self, organisation: str | None = None) -> Sequence[Feedback]:
        """What was declined or did not help, newest first."""
        ...
