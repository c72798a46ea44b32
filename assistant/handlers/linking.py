"""Concerns that belong together. A link tells of both, so only those who may read both ever learn of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from assistant.domain.concerns import ALLOWED, Action, Concern, Entry, Relation, act
from assistant.domain.errors import NothingHere, NotTogether
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.handlers.access import audit, may, relation_to
from assistant.ports import Transaction


def link(
    transaction: Transaction, concern: Concern, other: str, person: Person, school: School, now: datetime, text: str
) -> Concern:
    """Link two concerns; the first as it is then. The link is kept with each whose readers all have the other too.

    Raises NothingHere where the other is not one that this person may link, NotTogether where it can be kept with neither.
    """
    twin = may(transaction, other, person, Action.LINK, school)
    if twin is None or twin.id == concern.id:
        raise NothingHere
    pairs = ((concern, twin), (twin, concern))
    # Where somebody has one alone, that one must not change at all, or they would learn that there is another.
    open_to = [(one, its) for one, its in pairs if _who_have(one, school) <= _who_have(its, school)]
    if not open_to:
        raise NotTogether
    after = {one.id: _linked(transaction, one, its.reference, person, now, text) for one, its in open_to}
    return after.get(concern.id, concern)


def linked_with(transaction: Transaction, concern: Concern, person: Person, school: School) -> frozenset[str]:
    """The references of those that a concern is linked with, from either side, and that this person may read."""
    return frozenset(
        one.reference
        for one in transaction.concerns.for_reader(school.id, person.ids)
        if Action.READ in ALLOWED[relation_to(person, one, school)]
        if one.reference in concern.links or concern.reference in one.links
    )


def shown(entries: Iterable[Entry], linked: frozenset[str]) -> tuple[Entry, ...]:
    """Entries less those that tell of another concern than these."""
    return tuple(entry for entry in entries if entry.action is not Action.LINK or entry.other in linked)


def _linked(
    transaction: Transaction, concern: Concern, other: str, person: Person, now: datetime, text: str
) -> Concern:
    after, entry = act(concern, Action.LINK, person.id, now, text)
    after = replace(after, links=after.links | {other})
    transaction.concerns.save(after)
    transaction.concerns.add_entry(after, replace(entry, other=other))
    audit(transaction, after, now, person.id, Action.LINK, other)
    return after


def _who_have(concern: Concern, school: School) -> frozenset[str]:
    return frozenset(p.id for p in school.roster if relation_to(p, concern, school) is Relation.READER)
