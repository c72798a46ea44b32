"""Deal with a concern, for those entitled to it: the inbox, opening one, every action.

Each finishes its transaction, audit entry included, before it returns anything: what a person is shown has happened.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from assistant.domain.concerns import ALLOWED, Action, Concern, Entry, State, act, forsaken
from assistant.domain.delivery import Delivered, Notice, NoticeKind
from assistant.domain.errors import Changed, NobodyLeft, NothingHere, Unfinished
from assistant.domain.people import Person
from assistant.domain.routing import Matter, said, sent_on
from assistant.domain.schools import School
from assistant.handlers.access import (
    attended,
    audit,
    audit_look,
    found_for,
    notice_of,
    relation_to,
    to_reporter,
    unnamed,
)
from assistant.handlers.linking import link, linked_with, shown
from assistant.handlers.reporting import MOST_CHARACTERS, advanced, alarms, wait
from assistant.ports import Begin, Clock, Transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A concern on the screen of somebody entitled to it, without its links to concerns that they may not read."""

    concern: Concern
    entries: tuple[Entry, ...]
    lost: int = 0  # entries that somebody has taken out of the database, or changed


def waiting_for(person: Person, *, school: School, begin: Begin, clock: Clock) -> list[Concern]:
    """What a person has been told of and may read, what waits longest first. The look is audited."""
    with begin() as transaction:
        found = [
            concern
            for concern in transaction.concerns.for_reader(school.id, person.ids)
            if Action.LIST in ALLOWED[relation_to(person, concern, school)]
        ]
        audit_look(transaction, school, clock.now(), person, Action.LIST, str(len(found)))
    return sorted(
        map(unnamed, found), key=lambda c: (c.state is State.CLOSED, c.step_at is None, not c.urgent, c.received_at)
    )


def notices_for(person: Person, *, school: School, begin: Begin) -> list[Delivered]:
    """What the staff room has told a person, newest first, less what is about concerns that they may not see any more."""
    with begin() as transaction:
        concerns = transaction.concerns.for_reader(school.id, person.ids)
        concerns += transaction.concerns.for_reporter(school.id, person.ids)
        seen = {c.id for c in concerns if ALLOWED[relation_to(person, c, school)]} | {""}
        return [shown for shown in transaction.notices.shown(school.id, person.ids) if shown.notice.concern_id in seen]


def open_concern(reference: str, person: Person, *, school: School, begin: Begin, clock: Clock) -> Opened:
    """A concern's text, for somebody who may read it now. Raises NothingHere for everyone else, whether it exists or not."""
    now = clock.now()
    with begin() as transaction:
        concern = found_for(transaction, reference, person, Action.READ, school, now)
        if concern is not None:
            if concern.read_at is None:
                concern = replace(concern, read_at=now)
                transaction.concerns.save(concern)
                concern = replace(concern, version=concern.version + 1)
                for notice in to_reporter(concern, school, NoticeKind.READ):
                    transaction.notices.owe(notice, now)
            linked = linked_with(transaction, concern, person, school)
            entries = transaction.concerns.entries(concern)
            opened = Opened(
                concern=replace(unnamed(concern), links=linked),
                entries=shown(entries, linked),
                lost=concern.entries - len(entries),
            )
            audit(transaction, concern, now, person.id, Action.READ)
    if concern is None:
        raise NothingHere
    return opened


def do(
    action: Action,
    reference: str,
    person: Person,
    *,
    text: str = "",
    version: int | None = None,
    other: str = "",
    matter: Matter | None = None,
    mistaken: frozenset[str] = frozenset(),
    school: School,
    begin: Begin,
    clock: Clock,
) -> Concern:
    """Take an action on a concern. `text` is the reason; `other` the concern to link; `matter` where to re-route,
    and `mistaken` what of it was said before and is taken back.

    `version` is the number of entries that the person was looking at. Raises NothingHere, NotNow, ReasonNeeded, NobodyLeft,
    Changed and NotTogether.
    """
    now = clock.now()
    with begin() as transaction:
        concern = found_for(transaction, reference, person, action, school, now)
        if concern is not None:
            if version is not None and version != _seen(transaction, concern, person, school):
                raise Changed
            if action is Action.LINK:
                return unnamed(link(transaction, concern, other, person, school, now, text[:MOST_CHARACTERS]))
            actor = "" if action is Action.ANSWER and concern.report.anonymous else person.id
            changed, entry = act(concern, action, actor, now, text[:MOST_CHARACTERS])
            notices = _told_of(action, changed, school)
            if action is Action.REROUTE:
                if matter is None:
                    raise Unfinished
                matter = sent_on(concern.matter, matter, mistaken)
                changed, notices = _sent_on(changed, matter, person, school, now)
                entry = replace(entry, mistaken=said(concern.matter) - said(matter))
            transaction.concerns.add_entry(changed, entry)
            if action in (Action.ANSWER, Action.REOPEN):
                changed, more = _waits(transaction, changed, school, now)
                notices += more
            transaction.concerns.save(changed)
            for notice in notices:
                transaction.notices.owe(notice, now)
            audit(transaction, changed, now, actor, action)
    if concern is None:
        raise NothingHere
    return unnamed(changed)


def _seen(transaction: Transaction, concern: Concern, person: Person, school: School) -> int:
    """How many entries a person sees of a concern that they may read."""
    linked = linked_with(transaction, concern, person, school)
    return len(shown(transaction.concerns.entries(concern), linked))


def _told_of(action: Action, concern: Concern, school: School) -> list[Notice]:
    """Whom an action owes a notice."""
    kinds = {
        Action.ACKNOWLEDGE: NoticeKind.TAKEN,
        Action.ASK: NoticeKind.QUESTION,
        Action.CLOSE: NoticeKind.CLOSED,
    }
    if action in kinds:
        return to_reporter(concern, school, kinds[action], str(concern.entries))
    if action is Action.ANSWER:
        return [notice_of(concern, id_, NoticeKind.ANSWER, str(concern.entries)) for id_ in sorted(concern.readers)]
    return []


def _sent_on(
    concern: Concern, matter: Matter, person: Person, school: School, now: datetime
) -> tuple[Concern, list[Notice]]:
    """The concern on its new way. Where nobody else could ever have it, whoever sends it on keeps it, and an alarm goes out."""
    if not school.ladder(matter, None).rungs:
        matter = replace(matter, invited=matter.invited | {person.id})
    may_ever = school.ladder(matter, None).everyone
    if not may_ever:
        raise NobodyLeft
    changed, notices = advanced(replace(concern, matter=matter, readers=frozenset()), school, now)
    if all(one.id == person.id for one in may_ever):
        notices += alarms(changed, school, now)
    return changed, notices


def _waits(transaction: Transaction, concern: Concern, school: School, now: datetime) -> tuple[Concern, list[Notice]]:
    """A concern that has been added to or reopened: somebody must see it, and others are told if none who has it is there."""
    if concern.step_at is not None:
        return concern, []
    if attended(concern, school, school.today(now)):
        if concern.state is State.REOPENED:
            concern = replace(concern, step=1, step_at=wait(concern, 0, school, now))
        return concern, []
    concern, entry = forsaken(concern, now)
    transaction.concerns.add_entry(concern, entry)
    return advanced(concern, school, now)
