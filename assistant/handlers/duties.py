"""Comments that wait for an answer, posts that wait for a second reader: log one, see its clock, be reminded, do it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.domain import duties
from assistant.domain.account_steps import active_operators, parts, waits_for
from assistant.domain.accounts import IN_USE, Account, Part
from assistant.domain.delivery import Notice, NoticeKind
from assistant.domain.duties import Duty, DutyKind, Outcome
from assistant.domain.errors import NothingHere, NotNow, Sealed
from assistant.domain.people import Person, the_same
from assistant.domain.schools import School
from assistant.handlers.accounts import MOST_CHARACTERS
from assistant.ports import Begin, Clock, Transaction

DOES = frozenset({Part.OPERATOR, Part.CREATOR, Part.APPROVER})
_AGAIN = timedelta(hours=24)


def log_comment(
    reference: str,
    text: str,
    received: datetime | None,
    person: Person,
    submission: str,
    *,
    school: School,
    begin: Begin,
    clock: Clock,
) -> Duty:
    """A comment, query or complaint that came in on an account; its clock runs from when it was received."""
    now = clock.now()
    if received is not None and received > now:
        raise NotNow
    with begin() as transaction:
        account = _account(transaction, reference, person, school)
        made = None
        if account is not None:
            made = duties.comment(
                _id(submission, school, DutyKind.COMMENT, received.isoformat() if received else "", text),
                organisation=school.id,
                account=account.reference,
                text=text[:MOST_CHARACTERS],
                by=person.id,
                received=received or now,
                calendar=school.calendar,
            )
            made = _added(transaction, replace(made, step_at=now), person, school, now)
    if made is None:
        raise NothingHere
    return made


def log_post(
    reference: str, text: str, person: Person, submission: str, *, school: School, begin: Begin, clock: Clock
) -> Duty:
    """A post for a second person to read before it is published."""
    now = clock.now()
    with begin() as transaction:
        account = _account(transaction, reference, person, school)
        made = None
        if account is not None:
            made = duties.post(
                _id(submission, school, DutyKind.POST, text),
                organisation=school.id,
                account=account.reference,
                text=text[:MOST_CHARACTERS],
                by=person.id,
                now=now,
            )
            made = _added(transaction, made, person, school, now)
    if made is None:
        raise NothingHere
    return made


def finish(
    id_: str, outcome: Outcome, note: str, person: Person, *, school: School, begin: Begin, clock: Clock
) -> Duty:
    """A comment answered, a post read. Raises NothingHere, NotYours, NotNow and ReasonNeeded."""
    now = clock.now()
    with begin() as transaction:
        duty = transaction.accounts.duty(school.id, id_)
        if duty is not None and _account(transaction, duty.account, person, school) is not None:
            mine = the_same(person.ids, school.roster)
            after = duties.done(duty, outcome, mine, person.id, now, note[:MOST_CHARACTERS])
            transaction.accounts.save_duty(after)
            if duty.kind is DutyKind.POST and duty.by not in mine and school.person(duty.by):
                notice = _notice(after, duty.by, NoticeKind.POST_READ, "done")
                transaction.notices.owe(notice, now)
            _audit(transaction, after, person.id, now, outcome)
        else:
            duty = None
    if duty is None:
        raise NothingHere
    return after


def of_account(account: Account, *, school: School, begin: Begin) -> list[Duty]:
    """An account's duties: what is to be done first, then what was done, newest first."""
    with begin() as transaction:
        found = [duty for duty in transaction.accounts.duties_of(school.id) if duty.account == account.reference]
    open_ = [duty for duty in found if duty.done_at is None]
    return open_ + sorted((d for d in found if d.done_at), key=lambda d: d.done_at or d.at, reverse=True)


def waiting_for(person: Person, *, school: School, begin: Begin) -> list[Duty]:
    """What a person may do and has not been done, oldest first."""
    with begin() as transaction:
        by_reference = {one.reference: one for one in transaction.accounts.all_of(school.id)}
        found = [duty for duty in transaction.accounts.duties_of(school.id) if duty.done_at is None]
    held = [d for d in found if d.account in by_reference and _does(by_reference[d.account], person, school)]
    mine = the_same(person.ids, school.roster)
    return [d for d in held if d.by not in mine or d.due_at]


def remind_due(schools: Mapping[str, School], *, begin: Begin, clock: Clock, limit: int) -> int:
    """Remind of what is not done yet, and of what is late those above too; how many there were."""
    now = clock.now()
    with begin() as transaction:
        due = transaction.accounts.duties_due(now, limit)
        for duty in due:
            school = schools.get(duty.organisation)
            try:
                account = transaction.accounts.by_reference(duty.organisation, duty.account) if school else None
            except Sealed:  # the others are reminded of meanwhile
                transaction.accounts.save_duty(replace(duty, step_at=now + _AGAIN))
                continue
            if school is None or account is None or account.state not in IN_USE:
                transaction.accounts.save_duty(replace(duty, step_at=None))
                continue
            for person in _told(duty, account, school, now):
                kind = NoticeKind.COMMENT if duty.kind is DutyKind.COMMENT else NoticeKind.POST
                transaction.notices.owe(_notice(duty, person.id, kind, str(duty.step)), now)
            on_time = duty.due_at is not None and duty.due_at > now
            next_at = duty.due_at if on_time else now + _AGAIN
            transaction.accounts.save_duty(replace(duty, step=duty.step + 1, step_at=next_at))
    return len(due)


def _told(duty: Duty, account: Account, school: School, now: datetime) -> list[Person]:
    """Those who run the account, less whoever wrote a post; once it is late, its owner and those who decide on it too."""
    told = {p.id: p for p in active_operators(account, school.roster)}
    if duty.late(now) or (duty.kind is DutyKind.POST and duty.step > 0):
        owner = school.person(account.owner)
        told |= {owner.id: owner} if owner else {}
        told |= {p.id: p for p in waits_for(replace(account, approvals=()), school.applications, school.roster)}
    author = the_same({duty.by}, school.roster)
    return [p for p in told.values() if duty.kind is DutyKind.COMMENT or not p.ids & author]


def _does(account: Account, person: Person, school: School) -> bool:
    return account.state in IN_USE and bool(parts(person, account, school.applications, school.roster) & DOES)


def _account(transaction: Transaction, reference: str, person: Person, school: School) -> Account | None:
    account = transaction.accounts.by_reference(school.id, reference.strip().upper())
    return account if account is not None and _does(account, person, school) else None


def _id(submission: str, school: School, kind: DutyKind, *said: str) -> str:
    """The same sent again from one page is one duty; what says something else, after going back, is another.

    Nobody who sees the id can try words on it: `submission` is random, and kept nowhere.
    """
    if not submission:
        return uuid.uuid4().hex
    return uuid.uuid5(uuid.NAMESPACE_OID, "\n".join((school.id, submission, kind, *said))).hex


def _added(transaction: Transaction, duty: Duty, person: Person, school: School, now: datetime) -> Duty:
    was = transaction.accounts.duty(school.id, duty.id)
    if was is not None:
        return was
    transaction.accounts.add_duty(duty)
    _audit(transaction, duty, person.id, now, "logged")
    return duty


def _notice(duty: Duty, person: str, kind: NoticeKind, step: str) -> Notice:
    return Notice(
        organisation=duty.organisation,
        person=person,
        kind=kind,
        reference=duty.account,
        account=duty.account,
        step=f"{duty.id} {step}",
    )


def _audit(transaction: Transaction, duty: Duty, actor: str, now: datetime, what: str) -> None:
    transaction.audit.add(
        at=now, organisation=duty.organisation, actor=actor, action=f"{duty.kind} {what}", detail=duty.account
    )
