"""Who may do what with a concern now, what a reader is not shown, and the traces that every use case leaves."""

from dataclasses import replace
from datetime import date, datetime

from assistant.domain.accounts import WAITS_IN, Account, State
from assistant.domain.concerns import ALLOWED, Action, Concern, Relation, relation
from assistant.domain.delivery import WHILE_IT_WAITS, Notice, NoticeKind
from assistant.domain.errors import Sealed
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Transaction


def found_for(
    transaction: Transaction, reference: str, person: Person, action: Action, school: School, now: datetime
) -> Concern | None:
    """The concern if this person may do that with it, else None: a try that failed is audited as one, and is all the same."""
    concern = may(transaction, reference, person, action, school)
    if concern is None:
        audit_look(transaction, school, now, person, "refused", action)
    return concern


def may(transaction: Transaction, reference: str, person: Person, action: Action, school: School) -> Concern | None:
    reference = reference.strip().upper()
    try:
        concern = transaction.concerns.by_reference(school.id, reference)
    except Sealed:
        # Who may see it can't be read either. Only those who know of it already hear that it is there.
        if transaction.concerns.knows_of(school.id, person.ids, reference):
            raise
        return None
    if concern is None or action not in ALLOWED[relation_to(person, concern, school)]:
        return None
    return concern


def relation_to(person: Person, concern: Concern, school: School) -> Relation:
    return relation(person, concern, school.roster, school.ladder(concern.matter, None).everyone)


def attended(concern: Concern, school: School, day: date | None = None) -> bool:
    """Whether somebody who has been told of it may still read it; on a day, only who isn't away then."""
    return any(
        relation_to(person, concern, school) is Relation.READER and (day is None or person.present(day))
        for person in school.roster
        if person.ids & concern.readers
    )


def unnamed(concern: Concern) -> Concern:
    """The concern as its readers get it: without its reporter, where that is how it was reported."""
    if not concern.report.anonymous:
        return concern
    report = replace(concern.report, matter=replace(concern.report.matter, reporter=""))
    return replace(concern, report=report, matter=replace(concern.matter, reporter=""))


def still_owed(
    notice: Notice, concern: Concern | None, school: School, account: Account | None = None
) -> Person | None:
    """The person to hand a notice to now, or None when it is no longer theirs or no longer needed."""
    person = school.person(notice.person)
    if notice.account and (account is None or account.state not in WAITS_IN.get(notice.kind, frozenset(State))):
        return None
    if person is None or not notice.concern_id:
        return person
    if concern is None or not ALLOWED[relation_to(person, concern, school)]:
        return None
    return None if notice.kind in WHILE_IT_WAITS and concern.step_at is None else person


def notice_of(concern: Concern, person: str, kind: NoticeKind, step: str = "0") -> Notice:
    return Notice(
        organisation=concern.organisation,
        person=person,
        kind=kind,
        concern_id=concern.id,
        reference=concern.reference,
        urgent=concern.urgent,
        step=step,
    )


def to_reporter(concern: Concern, school: School, kind: NoticeKind, step: str = "0") -> list[Notice]:
    """A notice to the reporter, unless they have left or it has turned out to be about them."""
    person = school.person(concern.matter.reporter)
    if person is None or relation_to(person, concern, school) is not Relation.REPORTER:
        return []
    return [notice_of(concern, person.id, kind, step)]


def audit(transaction: Transaction, concern: Concern, now: datetime, actor: str, action: str, detail: str = "") -> None:
    transaction.audit.add(
        at=now,
        organisation=concern.organisation,
        actor=actor,
        action=action,
        concern_id=concern.id,
        detail=detail,
    )


def audit_look(
    transaction: Transaction, school: School, now: datetime, person: Person, action: str, detail: str
) -> None:
    transaction.audit.add(at=now, organisation=school.id, actor=person.id, action=action, detail=detail)
