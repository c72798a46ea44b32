"""Whether what is owed gets delivered: for /healthz and `assistant check`. Says nothing of any concern, not even how many."""

from collections.abc import Container
from datetime import timedelta

from assistant.domain.errors import AssistantError
from assistant.domain.people import Person
from assistant.domain.routing import UNLISTED, Kind, Matter
from assistant.domain.schools import School
from assistant.ports import Begin, Clock
from assistant.screens import notices as screens

LATE = timedelta(minutes=10)  # a notice owed for longer than this means that nobody delivers


def what_is_wrong(begin: Begin, clock: Clock) -> list[str]:
    """A line for each thing that is wrong, none when all is well."""
    try:
        with begin() as transaction:
            channels, oldest = transaction.notices.channels(), transaction.notices.waiting_since()
    except AssistantError:
        return [screens.DATABASE_DOWN]
    wrong = [screens.channel_dead(channel) for channel in channels if channel.alarmed_at is not None]
    if oldest is not None and clock.now() - oldest > LATE:
        wrong.append(screens.NOTHING_DELIVERED)
    return wrong


def weak_spots(school: School) -> list[str]:
    """What a school file leaves open: concerns that would reach nobody, numbers and terms that are missing."""
    if not school.roster:
        return [screens.NO_ROSTER]
    held = {role for person in school.roster for role in person.roles}
    kinds = [kind for kind in Kind if kind is not Kind.EXECUTIVE or held & {"ceo", "chair_of_trustees"}]
    found = [screens.reaches_nobody(kind) for kind in kinds if not school.ladder(_unnamed(kind), None).rungs]
    found += [screens.reaches_only_them(p) for p in school.roster if p.active and not _reaches(p, school)]
    if not any("LADO" in number.name for number in school.numbers):
        found.append(screens.NO_LADO)
    if not school.alarms:
        found.append(screens.NO_ALARMS)
    if not school.calendar.terms:
        found.append(screens.NO_TERMS)
    found += [screens.no_address(person) for person in school.safeguarding_team if not (person.email or person.phone)]
    posts = [p for p in school.roster if p.active and (p.roles - {"staff"} or p.id in school.alarms)]
    return found + [screens.no_channel(p) for p in posts if not (p.email or p.slack or p.teams)]


def strange_aliases(school: School, known: Container[str]) -> list[str]:
    """A line for each alias that is nobody's id: an id that they had before, or a slip that leaves two people unjoined.

    `known` are the ids on all rosters. Only the school can tell, so nothing need be wrong.
    """
    return [
        screens.alias_of_nobody(person, alias)
        for person in school.roster
        for alias in sorted(person.aliases)
        if alias not in known
    ]


def _unnamed(kind: Kind) -> Matter:
    """A concern that names nobody of the roster. Of governors and trustees there are others; that one of those who
    are listed may be meant leaves nobody by design."""
    others = {UNLISTED} if kind in (Kind.GOVERNOR, Kind.EXECUTIVE) else ()
    return Matter(kinds=frozenset({kind}), subjects=frozenset(others))


def _reaches(subject: Person, school: School) -> bool:
    """Whether a concern about this person would reach anybody."""
    return bool(school.ladder(Matter(kinds=frozenset({Kind.STAFF}), subjects=frozenset({subject.id})), None).rungs)
