"""Raise a concern, follow it, and tell those who should have it until somebody takes it.

No model and no search is among these use cases' powers. Each finishes its transaction, audit entry included, before it
returns anything: what a person is shown has happened.
"""

import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from assistant.domain.concerns import ALLOWED, Action, Concern, Entry, Report, State, Summary, forsaken, summary
from assistant.domain.delivery import Notice, NoticeKind, move, step_ends
from assistant.domain.errors import Changed, NothingHere, NotKept, NotReachable, TooMany, Unfinished
from assistant.domain.people import Person
from assistant.domain.routing import barred, with_ties
from assistant.domain.schools import School
from assistant.handlers.access import attended, audit, audit_look, found_for, notice_of, relation_to, to_reporter
from assistant.ports import Begin, Clock

MOST_AN_HOUR = 20  # concerns from one person; more is pressing by mistake or worse, and the phone is still there


MOST_CHARACTERS = 20_000  # of one answer in the form


_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that is mistaken for another on paper


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the reporter is shown once the report, and the notices owed for it, are committed."""

    reference: str
    received_at: datetime
    urgent: bool
    nobody: bool  # nobody at the school may have it, so the numbers outside are all there is


def raise_concern(report: Report, submission: str, *, school: School, begin: Begin, clock: Clock) -> Receipt:
    """Keep a report, and owe the notices for it, in one transaction. The same `submission` with the same report again
    gives the same receipt; with anything else in it, it is another report.

    Raises Unfinished, TooMany, and NotKept when it could not be made sure that the report is kept.
    """
    if not report.what.strip() or not report.matter.kinds or not report.matter.reporter:
        raise Unfinished
    for attempt in (1, 2):  # the second finds what a first that lost its answer, or a twin of it, has kept
        try:
            return _raise_once(report, submission, school, begin, clock)
        except (NotReachable, Changed):
            if attempt == 2:
                raise NotKept from None
    raise AssertionError


def _raise_once(report: Report, submission: str, school: School, begin: Begin, clock: Clock) -> Receipt:
    now, reporter = clock.now(), report.matter.reporter
    me = school.person(reporter)
    if me is None:
        raise Unfinished
    # Of a form that was gone back to and sent with other words, both are kept: none is taken for a second press.
    key = f"{reporter}|{submission}|{json.dumps(asdict(report), default=sorted)}"
    with begin() as transaction:
        was = transaction.concerns.submitted(school.id, key)
        if was is not None:
            return _receipt(was)
        if transaction.concerns.reported_since(school.id, me.ids, now - timedelta(hours=1)) >= MOST_AN_HOUR:
            raise TooMany
        concern = Concern(
            id=uuid.uuid4().hex,
            reference="C-" + "".join(secrets.choice(_ALPHABET) for _ in range(8)),
            organisation=school.id,
            report=report,
            matter=report.matter,
            readers=frozenset(),
            state=State.RECEIVED,
            received_at=now,
            entries=1,
        )
        concern, notices = advanced(concern, school, now)
        transaction.concerns.add(concern, key)
        who = "" if report.anonymous else reporter
        transaction.concerns.add_entry(concern, Entry(at=now, actor=who, action=Action.RAISE, after=State.RECEIVED))
        for notice in notices:
            transaction.notices.owe(notice, now)
        audit(transaction, concern, now, who, Action.RAISE)
    return _receipt(concern)


def _receipt(concern: Concern) -> Receipt:
    return Receipt(
        reference=concern.reference,
        received_at=concern.received_at,
        urgent=concern.urgent,
        nobody=not concern.readers,
    )


def climb_due(schools: Iterable[School], *, begin: Begin, clock: Clock, limit: int = 20) -> int:
    """Tell the next rung of each concern that nobody has taken in time; how many there were."""
    by_id = {school.id: school for school in schools}
    now = clock.now()
    with begin() as transaction:
        due = transaction.concerns.due(now, limit)
        for concern in due:
            if concern.organisation not in by_id:
                # A school taken out of the file: nobody may have it, and nobody else gets it. Look again in an hour.
                transaction.concerns.save(replace(concern, step_at=now + timedelta(hours=1)))
                audit(transaction, concern, now, "", "put off")
                continue
            after, notices = advanced(concern, by_id[concern.organisation], now)
            transaction.concerns.save(after)
            for notice in notices:
                transaction.notices.owe(notice, now)
            audit(transaction, after, now, "", "climb", str(concern.step))
    return len(due)


def look_over(schools: Iterable[School], *, begin: Begin, clock: Clock) -> int:
    """Tell others of what nobody who took it may read any more, and shorten what waits too long; how many there were."""
    now, found = clock.now(), 0
    for school in schools:
        with begin() as transaction:
            amiss = [c.id for c in transaction.concerns.all_kept(school.id) if _mended(c, school, now) is not None]
        for id_ in amiss:
            with begin() as transaction:
                concern = transaction.concerns.by_id(id_)  # locked, and perhaps not as it was a moment ago
                mended = concern and _mended(concern, school, now)
                if mended:
                    found += 1
                    after, entry, notices = mended
                    transaction.concerns.save(after)
                    if entry is not None:
                        transaction.concerns.add_entry(after, entry)
                    for notice in notices:
                        transaction.notices.owe(notice, now)
                    audit(transaction, after, now, "", "look over")
    return found


def _mended(concern: Concern, school: School, now: datetime) -> tuple[Concern, Entry | None, list[Notice]] | None:
    """A concern that waits for nobody, or too long, as it should be; None when all is well with it."""
    if concern.step_at is not None:
        # Set by a clock that was ahead, it would stop the ladder until then.
        latest = wait(concern, max(0, concern.step - 1), school, now)
        return (replace(concern, step_at=latest), None, []) if concern.step_at > latest else None
    if concern.state is State.CLOSED or attended(concern, school):
        return None
    waiting, entry = forsaken(concern, now)
    after, notices = advanced(waiting, school, now)
    return after, entry, notices


def wait(concern: Concern, step: int, school: School, now: datetime) -> datetime:
    """Until when a step that begins now waits for somebody to take it."""
    return step_ends(step, urgent=concern.urgent, now=now, clocks=school.clocks, calendar=school.calendar)


def advanced(concern: Concern, school: School, now: datetime) -> tuple[Concern, list[Notice]]:
    """The concern one step on, and the notices that are owed for it."""
    concern = replace(concern, matter=with_ties(concern.matter, school.roster))
    ladder = school.ladder(concern.matter, school.today(now))
    told = move(
        concern.step,
        ladder,
        concern.readers,
        urgent=concern.urgent,
        now=now,
        clocks=school.clocks,
        calendar=school.calendar,
    )
    step = f"{concern.entries}.{concern.step}"  # re-routed, it begins anew
    notices = [notice_of(concern, person.id, told.kind, step) for person in told.people]
    if told.tell_reporter:
        notices += to_reporter(concern, school, NoticeKind.NOBODY if told.nobody else NoticeKind.UNREAD, step)
    if told.nobody:
        notices += alarms(concern, school, now)
    readers = concern.readers | {person.id for person in told.people}
    return replace(concern, readers=readers, step=concern.step + 1, step_at=told.next_at), notices


def alarms(concern: Concern, school: School, now: datetime) -> list[Notice]:
    """At most one a day, which names no concern, to those whom it can tell nothing about themselves.

    Where none of those who look after the assistant may hear it, everybody else who has a post does: somebody must.
    """
    out = barred(concern.matter, school.roster)
    step = f"nobody {now.date().isoformat()}"
    able = [person for person in school.roster if person.active and not person.ids & out]
    people = [person for person in able if person.id in school.alarms] or [p for p in able if p.roles - {"staff"}]
    return [Notice(organisation=school.id, person=p.id, kind=NoticeKind.ALARM, step=step) for p in people]


def my_reports(person: Person, *, school: School, begin: Begin, clock: Clock) -> list[Summary]:
    """What a person has reported, newest first, as its reporter may see it."""
    with begin() as transaction:
        found = [
            summary(concern, transaction.concerns.entries(concern))
            for concern in transaction.concerns.for_reporter(school.id, person.ids)
            if Action.FOLLOW in ALLOWED[relation_to(person, concern, school)]
        ]
        audit_look(transaction, school, clock.now(), person, Action.FOLLOW, str(len(found)))
    return found[::-1]


def follow(
    reference: str, person: Person, *, school: School, begin: Begin, clock: Clock
) -> tuple[Summary, tuple[Person, ...]]:
    """One's own report, and whom to ring about it: those whom it went to, or would have. Raises NothingHere."""
    now = clock.now()
    with begin() as transaction:
        concern = found_for(transaction, reference, person, Action.FOLLOW, school, now)
        if concern is not None:
            found = summary(concern, transaction.concerns.entries(concern))
            # As reported: where it has been sent since is not for the reporter to see.
            ladder = school.ladder(replace(concern.report.matter, ties=concern.matter.ties), school.today(now))
            who = "" if concern.report.anonymous else person.id
            audit(transaction, concern, now, who, Action.FOLLOW)
    if concern is None:
        raise NothingHere
    return found, ladder.everyone
