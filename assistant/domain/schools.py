"""A school as the rules see it: people, routes, clocks, calendar, numbers outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from assistant.domain.applications import DEFAULTS, Rules
from assistant.domain.calendar import SchoolCalendar
from assistant.domain.delivery import Clocks
from assistant.domain.people import Person
from assistant.domain.retention import AFTER_HANDOVER
from assistant.domain.routing import Kind, Ladder, Matter, Route, Rung, recipients_for


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """Somebody outside the school to ring."""

    name: str
    phone: str
    note: str = ""
    checked: date | None = None  # when somebody last made sure of it


@dataclass(frozen=True, kw_only=True, slots=True)
class School:
    """One organisation of the school file."""

    id: str
    name: str
    roster: tuple[Person, ...] = ()
    calendar: SchoolCalendar = field(default_factory=SchoolCalendar)
    routes: Mapping[Kind, Route] = field(default_factory=dict)
    choices: Mapping[Kind, Rung] = field(default_factory=dict)
    clocks: Clocks = field(default_factory=Clocks)
    numbers: tuple[Number, ...] = ()
    anonymous: bool = True
    alarms: tuple[str, ...] = ()  # ids of those who hear that something can't be delivered
    after_handover: timedelta = AFTER_HANDOVER
    applications: Rules = DEFAULTS

    def person(self, id_: str) -> Person | None:
        """The active person on the roster with that id."""
        return next((person for person in self.roster if person.id == id_ and person.active), None)

    def today(self, now: datetime) -> date:
        """The day it is at the school."""
        return now.astimezone(self.calendar.zone).date()

    def ladder(self, matter: Matter, day: date | None) -> Ladder:
        """Who is told of a concern here; `day` None asks who ever may."""
        return recipients_for(matter, self.roster, self.routes, day, choices=self.choices)

    @property
    def safeguarding_team(self) -> tuple[Person, ...]:
        """The active Designated Safeguarding Leads and deputies, leads first."""
        leads = self._holding("dsl")
        return leads + tuple(p for p in self._holding("deputy_dsl") if p not in leads)

    def safeguarding(self, now: datetime) -> tuple[Person, ...]:
        """Those of them who are at school that day."""
        return tuple(person for person in self.safeguarding_team if person.present(self.today(now)))

    def _holding(self, role: str) -> tuple[Person, ...]:
        return tuple(person for person in self.roster if role in person.roles and person.active)
