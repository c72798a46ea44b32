"""The school file's shape, checked with pydantic; what it says in the terms of the rules."""

from datetime import date, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import Field, ValidationInfo, field_validator, model_validator

from assistant.domain.applications import (
    DEFAULTS,
)
from assistant.domain.calendar import SchoolCalendar, parse_step
from assistant.domain.delivery import Clocks
from assistant.domain.people import ROLES
from assistant.domain.people import Person as RosterPerson
from assistant.domain.routing import LINE_MANAGER, NEVER, PERSON, Kind
from assistant.domain.schools import Number, School
from assistant.school_file.applications import Applications
from assistant.school_file.parts import Id, Name, Part, Place, Rungs
from assistant.sources import Part as Source


class Person(Part):
    """Somebody on the roster; `slack` and `teams` are their ids there."""

    id: Id
    name: Name
    email: str = ""
    phone: str = ""
    roles: tuple[str, ...] = ()
    slack: str = ""
    teams: str = ""
    active: bool = True
    away: tuple[tuple[date, date], ...] = ()
    relatives: tuple[Id, ...] = ()
    aliases: tuple[Id, ...] = ()
    line_manager: str = ""

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [role for role in roles if role not in ROLES]:
            raise ValueError(f"{len(unknown)} unknown; the roles are {', '.join(ROLES)}")
        return roles

    @field_validator("away")
    @classmethod
    def _forward(cls, away: tuple[tuple[date, date], ...]) -> tuple[tuple[date, date], ...]:
        return _in_order(away)

    @property
    def known(self) -> RosterPerson:
        """The person as the rules know them."""
        sets = {
            "roles": frozenset(self.roles) | {"staff"},
            "relatives": frozenset(self.relatives),
            "aliases": frozenset(self.aliases),
        }
        return RosterPerson(**(dict(self) | sets))


def _in_order(spans: tuple[tuple[date, date], ...]) -> tuple[tuple[date, date], ...]:
    if any(last < first for first, last in spans):
        raise ValueError("must be pairs of a first day and a last day, the first one first")
    return spans


class Calendar(Part):
    """When the school is open: hours of a school day, terms as first and last days, and whose bank holidays."""

    hours: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] = "08:00-16:30"
    terms: tuple[tuple[date, date], ...] = ()
    nation: Literal["England", "Wales", "Scotland", "Northern Ireland"] = "England"

    @field_validator("hours")
    @classmethod
    def _long_enough(cls, hours: str) -> str:
        opens, closes = (time.fromisoformat(part) for part in hours.split("-"))
        if timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute) < timedelta(hours=1):
            raise ValueError("must be a day of an hour or more")
        return hours

    @field_validator("terms")
    @classmethod
    def _forward(cls, terms: tuple[tuple[date, date], ...]) -> tuple[tuple[date, date], ...]:
        return _in_order(terms)

    def known(self, zone: ZoneInfo) -> SchoolCalendar:
        """The calendar as the rules know it."""
        opens, closes = (time.fromisoformat(part) for part in self.hours.split("-"))
        subdivision = {"England": "ENG", "Wales": "WLS", "Scotland": "SCT", "Northern Ireland": "NIR"}[self.nation]
        bank = holidays.country_holidays("GB", subdiv=subdivision)
        return SchoolCalendar(zone=zone, opens=opens, closes=closes, terms=self.terms, holidays=bank)


class PhoneNumber(Part):
    """Somebody outside the school to ring, and when somebody last made sure of the number."""

    name: Name
    phone: Annotated[str, Field(min_length=3, max_length=40)]
    note: str = ""
    checked: date | None = None


class ConcernClocks(Part):
    """How long each step waits for somebody to acknowledge; the last one repeats."""

    urgent: Annotated[tuple[str, ...], Field(min_length=1)] = ("15 minutes",)
    routine: Annotated[tuple[str, ...], Field(min_length=1)] = ("end of school day", "next school day 12:00")

    @field_validator("urgent", "routine")
    @classmethod
    def _steps(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        for step in steps:
            parse_step(step)
        return steps

    @property
    def known(self) -> Clocks:
        """The clocks as the rules know them."""
        urgent, routine = (tuple(map(parse_step, steps)) for steps in (self.urgent, self.routine))
        return Clocks(urgent=urgent, routine=routine)


class Concerns(Part):
    """Who gets a concern and when. What isn't given is the assistant's default."""

    routes: dict[Kind, Rungs] = Field(default_factory=dict)
    choices: dict[Kind, tuple[Place, ...]] = Field(default_factory=dict)
    clocks: ConcernClocks = ConcernClocks()
    numbers: tuple[PhoneNumber, ...] = ()
    anonymous: bool = True
    alarms: tuple[Id, ...] = ()
    days_after_handover: Annotated[int, Field(ge=0, le=3650)] = 90


class Organisation(Part):
    """A school, or a trust's central team, with its own policies and roster."""

    id: Id
    name: Name
    timezone: str = "Europe/London"
    sources: tuple[Source, ...] = ()  # document libraries and websites, fetched into folders of their own
    policies: Annotated[tuple[str, ...], Field(validate_default=True)] = ()  # files, folders, patterns beside the file
    people: tuple[Person, ...] = ()
    calendar: Calendar = Calendar()
    concerns: Concerns = Concerns()
    applications: Applications | None = None

    @field_validator("policies")
    @classmethod
    def _somewhere(cls, policies: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not policies and not info.data.get("sources"):
            raise ValueError("must name at least one file or folder, where there are no sources")
        return policies

    @field_validator("sources")
    @classmethod
    def _named_once(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        if len(sources) != len({source.name for source in sources}):
            raise ValueError("two have one name")
        return sources

    @field_validator("timezone")
    @classmethod
    def _real(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not a time zone such as Europe/London")
        return name

    @field_validator("people")
    @classmethod
    def _once(cls, people: tuple[Person, ...]) -> tuple[Person, ...]:
        ids = [person.id for person in people]
        if len(ids) != len(set(ids)):
            raise ValueError("two people have one id")
        if people and not any("dsl" in person.roles and person.active for person in people):
            raise ValueError("nobody has the role dsl, so a concern about a pupil would reach nobody")
        return people

    @model_validator(mode="after")
    def _places(self) -> "Organisation":
        ids = {id_ for person in self.people for id_ in (person.id, *person.aliases)}
        rungs = [rung for route in self.concerns.routes.values() for rung in route]
        for place in {place for rung in (*rungs, *self.concerns.choices.values()) for place in rung}:
            if place in NEVER:
                raise ValueError(f"concerns: {place} must never receive a concern")
            if place.startswith(PERSON) and place.removeprefix(PERSON) not in ids:
                raise ValueError("concerns.routes: a person is named who is not on the roster")
            if not place.startswith(PERSON) and place != LINE_MANAGER and place not in ROLES:
                raise ValueError("concerns.routes: a place must be a role, person:ID or line_manager")
        needed = self.applications.approvals if self.applications else ()
        for place in {place for one in needed for rung in one.by for place in rung}:
            if place.removeprefix(PERSON) not in ids if place.startswith(PERSON) else place not in ROLES:
                raise ValueError(
                    "applications.approvals: a place must be a role, or person:ID of somebody on the roster"
                )
        if set(self.concerns.alarms) - ids:
            raise ValueError("concerns.alarms: a person is named who is not on the roster")
        if {p.line_manager for p in self.people if p.line_manager} - ids:
            raise ValueError("people: a line_manager is named who is not on the roster")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def school(self) -> School:
        """The organisation as the rules know it."""
        return School(
            id=self.id,
            name=self.name,
            roster=tuple(person.known for person in self.people),
            calendar=self.calendar.known(self.zone),
            routes=self.concerns.routes,
            choices=self.concerns.choices,
            clocks=self.concerns.clocks.known,
            numbers=tuple(Number(**dict(number)) for number in self.concerns.numbers),
            anonymous=self.concerns.anonymous,
            alarms=self.concerns.alarms,
            after_handover=timedelta(days=self.concerns.days_after_handover),
            applications=self.applications.known if self.applications else DEFAULTS,
        )


class SchoolFile(Part):
    """A whole school file."""

    organisations: Annotated[tuple[Organisation, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> "SchoolFile":
        # Chroma and file systems may fold case; two organisations must never share a collection.
        ids = [o.id.lower() for o in self.organisations]
        if len(ids) != len(set(ids)):
            raise ValueError("two organisations have one id")
        return self

    @model_validator(mode="after")
    def _related(self) -> "SchoolFile":
        # A slip of the keyboard here would send a report about somebody to their relative, and nobody would notice.
        known = {id_ for o in self.organisations for person in o.people for id_ in (person.id, *person.aliases)}
        wrong = [
            f"organisations[{i}].people[{j}].relatives"
            for i, organisation in enumerate(self.organisations)
            for j, person in enumerate(organisation.people)
            if set(person.relatives) - known
        ]
        if wrong:
            raise ValueError(
                f"{', '.join(wrong)}: somebody is named who is on no roster (active: false is for who has left)"
            )
        return self
