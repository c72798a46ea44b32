"""Who receives a concern, in what order; never anyone whom it is about. The default ladder is ours, not any policy's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from assistant.domain.people import Person, the_same, too_close
from assistant.domain.tripwire import Desk, desk_for

__all__ = ["Desk", "desk_for"]  # which desk a message goes to is routing too; it has a room of its own


class Kind(StrEnum):
    """Whom a concern is about. The order is that of the form."""

    PUPIL = "pupil"
    STAFF = "staff"
    HEADTEACHER = "headteacher"
    DSL = "dsl"
    EXECUTIVE = "executive"  # the chief executive or a trustee
    GOVERNOR = "governor"
    OUTSIDER = "outsider"  # a parent or somebody outside the school
    CONTACT = "contact"  # a pupil and a member of staff's personal account
    UNSURE = "unsure"
    DECLARATION = "declaration"  # a member of staff's own: that they know a pupil or parent in private


# Where a concern is about several, the first of these alone decides who gets it: whom the others name might be led by
# the person whom the first one is about.
STRICTEST_FIRST = (
    Kind.EXECUTIVE,
    Kind.HEADTEACHER,
    Kind.DSL,
    Kind.GOVERNOR,
    Kind.STAFF,
    Kind.CONTACT,
    Kind.PUPIL,
    Kind.OUTSIDER,
    Kind.DECLARATION,
    Kind.UNSURE,
)
ABOUT_ADULTS_OF_THE_SCHOOL = frozenset(
    {Kind.STAFF, Kind.HEADTEACHER, Kind.DSL, Kind.EXECUTIVE, Kind.GOVERNOR, Kind.CONTACT}
)
_KIND_BY_ROLE = {
    "ceo": Kind.EXECUTIVE,
    "chair_of_trustees": Kind.EXECUTIVE,
    "headteacher": Kind.HEADTEACHER,
    "dsl": Kind.DSL,
    "deputy_dsl": Kind.DSL,
    "chair_of_governors": Kind.GOVERNOR,
    "vice_chair": Kind.GOVERNOR,
    "governor": Kind.GOVERNOR,
}
UNLISTED = "?"  # among the subjects: an adult of the school who is not on its roster. No id is written so

# A rung is a set of places: a role, "person:ID", or "line_manager" (the reporter's). A route is its rungs in order.
Rung = tuple[str, ...]
Route = tuple[Rung, ...]
LINE_MANAGER = "line_manager"
PERSON = "person:"
# Roles that no route may name: they run machines and accounts, or are everyone.
NEVER = frozenset({"staff", "account_administrator", "account_approver", "policy_owner"})

_SAFEGUARDING: Route = (("dsl", "deputy_dsl"), ("headteacher",))
_GOVERNORS: Route = (("chair_of_governors",), ("vice_chair",))
DEFAULT_ROUTES: Mapping[Kind, Route] = {
    Kind.PUPIL: _SAFEGUARDING,
    Kind.STAFF: (("headteacher",), *_GOVERNORS),
    Kind.HEADTEACHER: _GOVERNORS,
    Kind.DSL: (("headteacher",), *_GOVERNORS),
    Kind.EXECUTIVE: (("chair_of_trustees",),),
    Kind.GOVERNOR: _GOVERNORS,
    Kind.OUTSIDER: _SAFEGUARDING,
    Kind.CONTACT: (("dsl", "deputy_dsl", "headteacher"),),
    Kind.UNSURE: _SAFEGUARDING,
    Kind.DECLARATION: (("headteacher",), *_GOVERNORS),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """What routing needs to know of a concern: nothing of what happened."""

    kinds: frozenset[Kind]
    subjects: frozenset[str] = frozenset()  # ids of the adults whom it is about
    close: frozenset[str] = frozenset()  # ids of adults who are close to it, and so must not have it
    reporter: str = ""
    choice: str = ""  # the place on the first rung that the reporter chose, where the school offers a choice
    also_dsl: bool = False  # the reporter wants the DSL told too, of a concern about staff
    invited: frozenset[str] = frozenset()  # whom somebody entitled passed it to, with a reason
    ties: frozenset[tuple[str, str]] = frozenset()  # a subject, and somebody who was too close to them at some step


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """Who is told, rung by rung. No rungs: nobody at the school may have it, so the numbers outside are shown."""

    kind: Kind  # the one that decided
    rungs: tuple[tuple[Person, ...], ...]

    @property
    def everyone(self) -> tuple[Person, ...]:
        """All on the ladder, each once."""
        return tuple(person for rung in self.rungs for person in rung)


def kind_of(matter: Matter, roster: Iterable[Person]) -> Kind:
    """The strictest of what the reporter said and of what the people concerned are."""
    people = tuple(roster)
    them = the_same(matter.subjects, people)
    held = {role for person in people if person.ids & them for role in person.roles}
    kinds = matter.kinds | {_KIND_BY_ROLE[role] for role in held if role in _KIND_BY_ROLE}
    if matter.subjects and Kind.CONTACT not in kinds:  # which is about an adult of the school already
        kinds |= {Kind.STAFF}  # an adult of the school, whatever box was ticked
    return next(kind for kind in STRICTEST_FIRST if kind in kinds | {Kind.UNSURE})


def barred(matter: Matter, roster: Iterable[Person]) -> frozenset[str]:
    """The ids of those who must never have it: the people it is about, their relatives, and those close to it."""
    people = tuple(roster)
    about = matter.subjects | _meant(matter, people)
    return too_close(about, people) | the_same(matter.close | _tied(matter), people)


def with_ties(matter: Matter, roster: Iterable[Person]) -> Matter:
    """The matter with who is too close to its subjects written into it: else taking an entry out of the roster frees
    the relatives whom only that entry declared.
    """
    people = tuple(roster)
    now = {(one, other) for one in matter.subjects for other in too_close({one}, people) - {one}}
    return replace(matter, ties=matter.ties | now)


def _tied(matter: Matter) -> frozenset[str]:
    return frozenset(other for one, other in matter.ties if one in matter.subjects)


def _meant(matter: Matter, people: tuple[Person, ...]) -> frozenset[str]:
    """Everyone who has a post that was ticked, where no name says which of them it is. Never the reporter.

    Where one box alone says that it is an adult of the school, any name says who: not all that a person is stands on
    the roster, and boxes are ticked by mistake.
    """
    if UNLISTED in matter.subjects or (matter.subjects and len(matter.kinds & ABOUT_ADULTS_OF_THE_SCHOOL) == 1):
        return frozenset()
    named, reporter = the_same(matter.subjects, people), the_same({matter.reporter}, people)
    meant: set[str] = set()
    for kind in matter.kinds:
        holders = [p for p in people if any(_KIND_BY_ROLE.get(role) is kind for role in p.roles)]
        if not any(person.ids & named for person in holders):
            meant |= {person.id for person in holders if not person.ids & reporter}
    return frozenset(meant)


def said(matter: Matter) -> frozenset[str]:
    """Whom a concern is said to be about: its kinds, and people as "person:ID"."""
    return frozenset(matter.kinds) | {PERSON + id_ for id_ in matter.subjects}


def sent_on(was: Matter, now: Matter, mistaken: frozenset[str] = frozenset()) -> Matter:
    """What a concern is about once somebody entitled has sent it on: what is said now, beside what was said before.

    So nobody whom it is about gets it by the way. `mistaken` is what of it (see `said`) is expressly taken back. That
    it is nobody listed was said of the kinds before, not of new ones.
    """
    subjects = frozenset(id_ for id_ in was.subjects if PERSON + id_ not in mistaken)
    if not now.kinds <= was.kinds:
        subjects -= {UNLISTED}
    kinds = now.kinds
    if now.subjects and not kinds & ABOUT_ADULTS_OF_THE_SCHOOL:
        kinds |= {Kind.STAFF}  # else the name would seem to be of whoever was ticked before
    return replace(
        now,
        kinds=frozenset(kind for kind in was.kinds if kind not in mistaken) | kinds,
        subjects=subjects | now.subjects,
        close=was.close,
        ties=was.ties,
        reporter=was.reporter,
    )


def recipients_for(
    matter: Matter,
    roster: Iterable[Person],
    routes: Mapping[Kind, Route],
    day: date | None,
    *,
    choices: Mapping[Kind, Rung] | None = None,
) -> Ladder:
    """Who is told of a concern on that day, and in what order; `day` None asks who ever may, away or not.

    `routes` are the school's own, where it has any; `choices` are the places of which the reporter may choose one as
    the first rung. The reporter is on no rung: nobody takes their own report.
    """
    people = tuple(roster)
    kind = kind_of(matter, people)
    route = routes.get(kind) or DEFAULT_ROUTES[kind]
    if matter.choice and matter.choice in (choices or {}).get(kind, ()):
        route = ((matter.choice,), *(rung for rung in route if rung != (matter.choice,)))
    if matter.also_dsl and kind is Kind.STAFF:
        route = ((*route[0], "dsl"), *route[1:])
    out = barred(matter, people) | the_same({matter.reporter}, people)
    manager = next((p.line_manager for p in people if matter.reporter in p.ids), "")
    rungs: list[tuple[Person, ...]] = []
    seen = set(out)
    if matter.invited:
        route = ((*route[0], *(PERSON + id_ for id_ in sorted(matter.invited))), *route[1:])
    for rung in route:
        able = tuple(
            person
            for person in people
            if any(_holds(person, place, manager) for place in rung)
            and not person.ids & seen
            and (person.active if day is None else person.present(day))
        )
        seen |= {id_ for person in able for id_ in person.ids}
        if able:
            rungs.append(able)
    return Ladder(kind=kind, rungs=tuple(rungs))


def _holds(person: Person, place: str, manager: str) -> bool:
    """Whether a person is at a place of a rung."""
    if place.startswith(PERSON):
        return place.removeprefix(PERSON) in person.ids
    if place == LINE_MANAGER:
        return manager != "" and manager in person.ids
    return place in person.roles
