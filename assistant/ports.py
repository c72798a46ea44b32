"""What the core needs of the world, as Protocols: use cases take these and know nothing of what is behind them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from assistant.domain.accounts import Account
from assistant.domain.accounts import Entry as AccountEntry
from assistant.domain.concerns import Concern, Entry
from assistant.domain.delivery import ChannelHealth, Delivered, Notice, NoticeKind, Owed, Sent
from assistant.domain.duties import Duty
from assistant.domain.feedback import Feedback
from assistant.domain.people import Person
from assistant.domain.schools import School
from index.clauses import Findings, Policy


class FindClauses(Protocol):
    """Searches one organisation's policies in force."""

    def find(self, organisation: str, question: str, on: date | None = None) -> Findings: ...

    def policies(self, organisation: str) -> tuple[Policy, ...]: ...

    def versions(self, organisation: str) -> tuple[Policy, ...]: ...


class DraftAnswer(Protocol):
    """Gives a text to a language model with instructions, and says what it said. May raise anything."""

    def __call__(self, instructions: str, text: str, seconds: float) -> str: ...


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


class KeepConcerns(Protocol):
    """Concerns within a transaction. Those that are read one at a time are locked until it ends, and raise Sealed when
    they can't be opened; of many, those that can be opened are given."""

    def add(self, concern: Concern, submission: str) -> None: ...

    def save(self, concern: Concern) -> None:
        """Raises Changed when somebody else has saved it since it was read."""
        ...

    def submitted(self, organisation: str, submission: str) -> Concern | None: ...

    def by_reference(self, organisation: str, reference: str) -> Concern | None: ...

    def by_id(self, concern_id: str) -> Concern | None: ...

    def for_reader(self, organisation: str, ids: Iterable[str]) -> list[Concern]: ...

    def for_reporter(self, organisation: str, ids: Iterable[str]) -> list[Concern]: ...

    def knows_of(self, organisation: str, ids: Iterable[str], reference: str) -> bool: ...

    def reported_since(self, organisation: str, ids: Iterable[str], since: datetime) -> int: ...

    def due(self, now: datetime, limit: int) -> list[Concern]:
        """Those whose next step has come and that no other worker is at."""
        ...

    def all_kept(self, organisation: str) -> list[Concern]: ...

    def add_entry(self, concern: Concern, entry: Entry) -> None: ...

    def entries(self, concern: Concern) -> tuple[Entry, ...]:
        """Fewer than `concern.entries` where somebody has taken away or changed some."""
        ...

    def delete(self, concern: Concern, now: datetime) -> None:
        """Raises Changed when somebody else has saved it since it was read."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """Who (a person's id, "" for the assistant itself) did what to which concern. Never why in words: that is in the concern."""

    seq: int
    at: datetime
    organisation: str
    actor: str
    action: str
    concern_id: str | None
    detail: str = ""  # a few fixed words, a number, or a reference
    version: int | None = None  # of the concern just then; None where it isn't of a concern


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What verifying the trail found: how many entries are sound, the last one's MAC, and where it breaks, None for nowhere."""

    entries: int
    head: str
    broken_at: int | None


class Odds(StrEnum):
    """How a concern as it is kept differs from what the trail, or its own sealed facts, say of it."""

    GONE = "gone"  # the trail has it, the database hasn't, and retention did not delete it
    UNTOLD = "untold"  # the trail hasn't what was done with it last
    UNREADABLE = "unreadable"  # it can't be unsealed, or is an older one than the trail tells of
    ENTRIES = "entries"  # some of what was done with it is not there
    CLOCK = "clock"  # its state, or when the next person is told, was changed
    NOTICES = "notices"  # notices count as settled that never were


class KeepAudit(Protocol):
    """The audit trail within a transaction."""

    def add(
        self,
        *,
        at: datetime,
        organisation: str,
        actor: str,
        action: str,
        concern_id: str | None = None,
        detail: str = "",
    ) -> None: ...

    def of(self, concern_id: str) -> Iterator[AuditEntry]: ...

    def verify(self, contains: str = "") -> Verified: ...


class KeepNotices(Protocol):
    """The outbox within a transaction."""

    def owe(self, notice: Notice, now: datetime) -> None:
        """The same notice is owed only once."""
        ...

    def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Owed]: ...

    def settle(self, owed: Owed, worker: str, now: datetime, outcome: str, channel: str = "") -> bool: ...

    def put_off(self, owed: Owed, worker: str, until: datetime) -> bool: ...

    def show(self, owed: Owed, now: datetime) -> None: ...

    def shown(self, organisation: str, ids: Iterable[str], limit: int = 50) -> list[Delivered]: ...

    def of(self, concern_id: str) -> list[Sent]: ...

    def waiting_since(self) -> datetime | None: ...

    def channels(self) -> list[ChannelHealth]: ...

    def channel_worked(self, name: str) -> None: ...

    def channel_failed(self, name: str, now: datetime, error: str) -> ChannelHealth: ...

    def channel_alarmed(self, name: str, now: datetime) -> None: ...


class KeepAccounts(Protocol):
    """Applications, accounts and duties within a transaction. Those that are read one at a time are locked until it ends."""

    def add(self, account: Account, submission: str) -> None: ...

    def save(self, account: Account) -> None:
        """Raises Changed when somebody else has saved it since it was read."""
        ...

    def submitted(self, organisation: str, submission: str) -> Account | None: ...

    def by_reference(self, organisation: str, reference: str) -> Account | None: ...

    def all_of(self, organisation: str) -> list[Account]: ...

    def due(self, now: datetime, limit: int) -> list[Account]: ...

    def add_entry(self, account: Account, entry: AccountEntry) -> None: ...

    def entries(self, account: Account) -> tuple[AccountEntry, ...]: ...

    def delete(self, account: Account) -> None: ...

    def add_duty(self, duty: Duty) -> None: ...

    def save_duty(self, duty: Duty) -> None: ...

    def duty(self, organisation: str, id_: str) -> Duty | None: ...

    def duties_of(self, organisation: str) -> list[Duty]: ...

    def duties_due(self, now: datetime, limit: int) -> list[Duty]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A message about an account in a chat: where it is, and what it waits for."""

    door: str
    place: str  # a channel or conversation
    message: str  # its id there
    organisation: str
    account: str  # reference
    kind: NoticeKind


class KeepChats(Protocol):
    """What a chat door keeps, within a transaction."""

    def first(self, door: str, event: str, now: datetime) -> bool: ...

    def choose(self, door: str, user: str, organisation: str) -> None: ...

    def choice(self, door: str, user: str) -> str | None: ...

    def post(self, message: Posted) -> None: ...

    def posted(self, door: str) -> list[tuple[str, Posted]]: ...

    def forget(self, id_: str) -> None: ...

    def reach(self, door: str, user: str, where: str) -> None: ...

    def where(self, door: str, user: str) -> str | None: ...

    def lose(self, door: str, user: str) -> None: ...


class Transaction(Protocol):
    """What is done within one is committed together or not at all."""

    @property
    def concerns(self) -> KeepConcerns: ...

    @property
    def audit(self) -> KeepAudit: ...

    @property
    def notices(self) -> KeepNotices: ...

    @property
    def accounts(self) -> KeepAccounts: ...

    @property
    def chats(self) -> KeepChats: ...


Begin = Callable[[], AbstractContextManager[Transaction]]


class Sender(Protocol):
    """A way of reaching people: a chat platform, e-mail, the staff room. Sending the same notice twice is harmless."""

    name: str

    def reaches(self, person: Person) -> bool:
        """Whether it has an address for them."""
        ...

    def send(self, owed: Owed, person: Person, school: School) -> None:
        """Hand the notice over. Any exception means that it was not."""
        ...


@runtime_checkable
class Refreshes(Protocol):
    """A sender whose messages change once what they wait for is settled."""

    def refresh(self) -> int:
        """Change those that have to; how many there were."""
        ...
