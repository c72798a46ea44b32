"""A school's assistant without its pages: a database, a clock that a test sets, channels that remember what they sent."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from assistant.config import EXAMPLE_SCHOOL, load
from assistant.domain.concerns import Action, Concern, Report
from assistant.domain.delivery import Owed
from assistant.domain.people import Person
from assistant.domain.routing import Kind, Matter
from assistant.domain.schools import School
from assistant.handlers import casework, reporting
from assistant.outbox import Outbox
from assistant.storage.database import Database
from assistant.storage.engine import connect, migrate
from assistant.vault import Vault, new_key, parse_keys

MORNING = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)  # a Thursday in term
KEYS = new_key()


@dataclass
class TestClock:
    """A clock that stands until it is moved."""

    at: datetime = MORNING
    __test__ = False

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Channel:
    """A way of reaching people that remembers; `broken` is raised instead of sending."""

    name: str = "chat"
    sent: list[tuple[str, Owed]] = field(default_factory=list)
    broken: Callable[[Owed], Exception] | None = None
    tried: int = 0

    def reaches(self, person: Person) -> bool:
        return bool(person.email)

    def send(self, owed: Owed, person: Person, school: School) -> None:
        self.tried += 1
        if self.broken:
            raise self.broken(owed)
        self.sent.append((person.id, owed))


@functools.cache
def oakfield() -> School:
    """The example school as the rules know it."""
    return load(EXAMPLE_SCHOOL, {}).schools["oakfield"]


class House:
    """Everything that a concern passes through."""

    def __init__(self, url: str, school: School | None = None, keys: str = KEYS) -> None:
        self.school = school or oakfield()
        self.engine = connect(url)
        migrate(self.engine)
        self.database = Database(self.engine, Vault(parse_keys(keys)))
        self.clock = TestClock()
        self.channel = Channel()
        self.outbox = self.worker(self.channel)
        self.forms = 0

    def worker(self, *channels: Channel) -> Outbox:
        return Outbox({self.school.id: self.school}, channels, begin=self.database.begin, clock=self.clock)

    def change(self, id_: str, **changes: object) -> None:
        """Change somebody on the roster."""
        roster = tuple(replace(p, **changes) if p.id == id_ else p for p in self.school.roster)  # type: ignore[arg-type]
        self.school = replace(self.school, roster=roster)
        self.outbox = self.worker(self.channel)

    def person(self, id_: str) -> Person:
        return next(p for p in self.school.roster if p.id == id_)

    @property
    def with_(self) -> dict[str, object]:
        return {"school": self.school, "begin": self.database.begin, "clock": self.clock}

    def report(
        self,
        kind: Kind = Kind.PUPIL,
        *subjects: str,
        by: str = "amina",
        what: str = "She said that she is afraid to go home.",
        danger: bool = False,
        anonymous: bool = False,
        form: str = "",
        close: frozenset[str] = frozenset(),
    ) -> reporting.Receipt:
        self.forms += 1
        matter = Matter(kinds=frozenset({kind}), subjects=frozenset(subjects), reporter=by, close=close)
        report = Report(matter=matter, danger=danger, anonymous=anonymous, what=what)
        return reporting.raise_concern(report, form or f"form-{self.forms}", **self.with_)  # type: ignore[arg-type]

    def deliver(self) -> None:
        """Deliver all that is due at this moment."""
        while self.outbox.run_once():
            pass

    def told(self, id_: str) -> list[tuple[str, str]]:
        """The notices that somebody has in the staff room, oldest first: (kind, reference)."""
        with self.database.begin() as transaction:
            shown = transaction.notices.shown(self.school.id, [id_], limit=1_000_000)
        return [(one.notice.kind, one.notice.reference) for one in reversed(shown)]

    def inbox(self, id_: str) -> list[str]:
        return [c.reference for c in casework.waiting_for(self.person(id_), **self.with_)]  # type: ignore[arg-type]

    def open(self, id_: str, reference: str) -> casework.Opened:
        return casework.open_concern(reference, self.person(id_), **self.with_)  # type: ignore[arg-type]

    def do(self, id_: str, action: Action, reference: str, text: str = "why", **more: object) -> Concern:
        return casework.do(action, reference, self.person(id_), text=text, **more, **self.with_)  # type: ignore[arg-type]
