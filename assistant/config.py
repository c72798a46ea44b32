"""The school file and the environment become frozen Settings; every problem is said at once, by key, never by value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from assistant.domain.people import ROLES
from assistant.domain.people import Person as RosterPerson

EXAMPLE_SCHOOL = Path(__file__).parent.parent / "deploy" / "example-school" / "school.yaml"

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?$")]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class NotConfigured(Exception):
    """The school file or the environment is wrong. `problems` has a line for each, naming the key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Part):
    """Somebody on the roster; `slack` and `teams` are their ids there."""

    id: _Id
    name: _Name
    email: str = ""
    roles: tuple[str, ...] = ()
    slack: str = ""
    teams: str = ""

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [role for role in roles if role not in ROLES]:
            raise ValueError(f"{len(unknown)} unknown; the roles are {', '.join(ROLES)}")
        return roles


class Calendar(_Part):
    """When the school is open: hours of a school day, and terms as first and last days."""

    hours: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")] = "08:00-16:30"
    terms: tuple[tuple[date, date], ...] = ()


class Organisation(_Part):
    """A school, or a trust's central team, with its own policies and roster."""

    id: _Id
    name: _Name
    timezone: str = "Europe/London"
    policies: Annotated[tuple[str, ...], Field(min_length=1)]
    people: tuple[Person, ...] = ()
    calendar: Calendar = Calendar()

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
        return people

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def roster(self) -> tuple[RosterPerson, ...]:
        """The people as the rules know them."""
        return tuple(RosterPerson(id=p.id, name=p.name, roles=frozenset(p.roles) | {"staff"}) for p in self.people)


class _SchoolFile(_Part):
    organisations: Annotated[tuple[Organisation, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> "_SchoolFile":
        # Chroma and file systems may fold case; two organisations must never share a collection.
        ids = [o.id.lower() for o in self.organisations]
        if len(ids) != len(set(ids)):
            raise ValueError("two organisations have one id")
        return self


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All that the assistant is told: organisations by id, where to keep things, which services to use."""

    school_file: Path
    organisations: Mapping[str, Organisation]
    data: Path
    database_url: str
    chroma_url: str
    embeddings: str  # "provider:model", "" for the model on this machine


def load(school_file: Path, environment: Mapping[str, str]) -> Settings:
    """Settings from a school file and the environment. Raises NotConfigured with all that is wrong."""
    problems: list[str] = []
    organisations = _organisations(school_file, problems)
    data = Path(environment.get("ASSISTANT_DATA") or ".data").absolute()
    chroma_url = environment.get("CHROMA_URL", "")
    if chroma_url and not re.match(r"https?://[^/\s]+", chroma_url):
        problems.append("CHROMA_URL: must begin with http:// or https:// and name a host")
    embeddings = environment.get("EMBEDDINGS", "")
    if embeddings and ":" not in embeddings:
        problems.append("EMBEDDINGS: must be provider:model, for example openai:text-embedding-3-small")
    if problems:
        raise NotConfigured(problems)
    return Settings(
        school_file=school_file,
        organisations={o.id: o for o in organisations},
        data=data,
        database_url=environment.get("DATABASE_URL") or f"sqlite:///{data / 'assistant.sqlite'}",
        chroma_url=chroma_url,
        embeddings=embeddings,
    )


def _organisations(school_file: Path, problems: list[str]) -> tuple[Organisation, ...]:
    try:
        content: Any = yaml.safe_load(school_file.read_text("utf-8-sig"))
    except OSError as error:
        problems.append(f"{school_file}: can't be opened ({error.strerror}); give another with --school")
        return ()
    except UnicodeDecodeError:
        problems.append(f"{school_file}: is not UTF-8 text; save it again as UTF-8")
        return ()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{school_file}: is not YAML at line {line}; look for a missing quote, colon or indent there")
        return ()
    try:
        return _SchoolFile.model_validate(content if content is not None else {}).organisations
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        # A list whose members are wrong is also reported as too short; the members say it better.
        inner = [e for e in found if len(e["loc"]) > 1] or found
        problems += [_said(e["loc"], e["type"], e["msg"]) for e in inner]
        return ()


def _said(location: tuple[int | str, ...], kind: str, message: str) -> str:
    """One problem, by its key: "organisations[0].people[2].roles: …"."""
    key = (
        "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".") or "school file"
    )
    said = {
        "missing": "is missing",
        "extra_forbidden": "is not a key that is known here; check its spelling",
        "too_short": "must name at least one",
        "string_too_short": "is empty",
        "string_pattern_mismatch": "is not of the form that is wanted: ids are letters, digits and hyphens, hours 08:00-16:30",
    }
    return f"{key}: {said.get(kind, message.removeprefix('Value error, '))}"
