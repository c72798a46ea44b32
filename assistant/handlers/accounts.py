"""Apply for a social-media account, decide on it, create it, look after it; every step kept with who, when and why.

`policy` is the version of the school's social-media policy in force, as operators confirm it.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from assistant.domain.account_steps import may_see, newly_unready, parts, take
from assistant.domain.accounts import Account, Action, Confirmation, Entry, State
from assistant.domain.delivery import Notice, NoticeKind
from assistant.domain.errors import Changed, LooksLikeAPassword, NothingHere, Unfinished
from assistant.domain.people import Person
from assistant.domain.register import nudge, with_a_password
from assistant.domain.schools import School
from assistant.handlers.access import audit_look
from assistant.ports import Begin, Clock, Transaction

MOST_CHARACTERS = 5_000  # of one answer in the form
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# These do not begin a new wait, so what is due stays due, unless the account has come into another state by them.
_KEEP_CLOCK = frozenset({Action.CONFIRM, Action.CHANGE, Action.SAVE})
# After these, the applicant and those who run it are told.
_TELLS = frozenset(
    {
        Action.APPROVE,
        Action.REJECT,
        Action.EXPIRE,
        Action.CREATE,
        Action.OPEN,
        Action.SUSPEND,
        Action.RESUME,
        Action.HAND_OVER,
        Action.TAKE_OVER,
        Action.KEEP,
        Action.CLOSE,
    }
)


def apply(
    answers: Mapping[str, str],
    operators: tuple[str, ...],
    person: Person,
    submission: str,
    *,
    submit: bool,
    policy: str,
    school: School,
    begin: Begin,
    clock: Clock,
) -> Account:
    """A new application: submitted, or kept as a draft. The same `submission` again is the same application, which
    becomes what is sent: a draft is sent on, and what was submitted already is submitted anew.

    Raises Unfinished, NotNow, and NotReady when something is missing that the school's form requires.
    """
    if not submission:
        raise Unfinished
    for attempt in (1, 2):  # the second finds what a twin of the first has kept
        try:
            return _apply(answers, operators, person, submission, submit, policy, school, begin, clock.now())
        except Changed:
            if attempt == 2:
                raise
    raise AssertionError


def _apply(
    answers: Mapping[str, str],
    operators: tuple[str, ...],
    person: Person,
    submission: str,
    submit: bool,
    policy: str,
    school: School,
    begin: Begin,
    now: datetime,
) -> Account:
    with begin() as transaction:
        was = transaction.accounts.submitted(school.id, f"{person.id}|{submission}")
        account = was or Account(
            id=uuid.uuid4().hex,
            reference="A-" + "".join(secrets.choice(_ALPHABET) for _ in range(8)),
            organisation=school.id,
            applicant=person.id,
            operators=(),
            answers={},
        )
        filled = replace(account, operators=_known(operators, school), answers=_answers(answers, school))
        if filled == was and not (submit and was.state is State.DRAFT):  # a second press
            return was
        after, entry, notices = _taken(
            filled, Action.SUBMIT if submit else Action.SAVE, person, now, school=school, policy=policy
        )
        if was is None:
            transaction.accounts.add(after, f"{person.id}|{submission}")
        else:
            transaction.accounts.save(after)
        _keep(transaction, after, entry, notices, now, person.id)
    return after


def do(
    action: Action,
    reference: str,
    person: Person,
    *,
    text: str = "",
    version: int | None = None,
    changes: Mapping[str, Any] | None = None,
    policy: str,
    school: School,
    begin: Begin,
    clock: Clock,
) -> Account:
    """Take an action on an account. `changes` are what comes with it: answers, operators, handle and so on.

    Raises NothingHere, LooksLikeAPassword, and what `account_steps.take` does.
    """
    now = clock.now()
    changed = dict(changes or {})
    if with_a_password({**changed, "text": text}):
        raise LooksLikeAPassword
    if "answers" in changed:
        changed["answers"] = _answers(changed["answers"], school)
    if "operators" in changed:
        changed["operators"] = _known(changed["operators"], school)
    if "owner" in changed:
        _known((changed["owner"],), school)
    if changed.get("trained") and changed["trained"] > school.today(now):
        raise Unfinished
    with begin() as transaction:
        account = visible(transaction, reference, person, school)
        if account is not None:
            if action is Action.CONFIRM:
                changed = {"confirmations": _confirmed(account, person, policy, now, changed.get("trained"))}
            after, entry, notices = _taken(
                account, action, person, now, school=school, policy=policy, text=text, version=version, changes=changed
            )
            if entry is not None:
                transaction.accounts.save(after)
                _keep(transaction, after, entry, notices, now, person.id)
        else:
            audit_look(transaction, school, now, person, "refused", f"account {action}")
    if account is None:
        raise NothingHere
    return after


def advance(account: Account, school: School, policy: str, now: datetime) -> tuple[Account, list[Entry], list[Notice]]:
    """The account one reminder on, with what the assistant did by itself and the notices that are owed."""
    found = nudge(account, school.applications, school.roster, school.calendar, policy, now)
    if found.by_itself is not None:
        why = "Too few people run it now." if found.by_itself is Action.HAND_OVER else "It was not created in time."
        after, entry, notices = _taken(account, found.by_itself, None, now, school=school, policy=policy, text=why)
        return after, [entry] if entry else [], notices
    step = f"{account.entries}.{account.step}"
    notices = [notice_of(account, person.id, kind, step) for person, kind in found.told]
    return replace(account, step=account.step + bool(found.told), step_at=found.next_at), [], notices


def notice_of(account: Account, person: str, kind: NoticeKind, step: str) -> Notice:
    """A notice about an account: its reference, and what it waits for."""
    return Notice(
        organisation=account.organisation,
        person=person,
        kind=kind,
        reference=account.reference,
        account=account.reference,
        step=step,
    )


def _taken(
    account: Account,
    action: Action,
    person: Person | None,
    now: datetime,
    *,
    school: School,
    policy: str,
    text: str = "",
    version: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> tuple[Account, Entry | None, list[Notice]]:
    """The account after an action, with its next reminder, and whom to tell at once."""
    after, entry = take(
        account,
        action,
        person,
        now,
        rules=school.applications,
        roster=school.roster,
        policy=policy,
        today=school.today(now),
        text=text[:MOST_CHARACTERS],
        version=version,
        changes=changes,
    )
    if entry is None:
        return after, None, []
    notices: list[Notice] = []
    if action not in _KEEP_CLOCK or after.state is not account.state:
        after, _, notices = advance(replace(after, step=0, step_at=None), school, policy, now)
    elif action is Action.CHANGE:  # whoever is new hears at once that their word is needed
        new = newly_unready(account, after, school.applications, school.roster, policy, school.today(now))
        notices = [notice_of(after, p.id, NoticeKind.CONFIRM, str(after.entries)) for p in new]
    if action in _TELLS:
        told = {after.applicant, *after.operators} - {person.id if person else ""}
        notices += [
            notice_of(after, id_, NoticeKind.DECIDED, str(after.entries)) for id_ in sorted(told) if school.person(id_)
        ]
    return after, entry, notices


def _keep(
    transaction: Transaction, account: Account, entry: Entry | None, notices: list[Notice], now: datetime, actor: str
) -> None:
    """What was done, in the account's own history and in the audit trail, with the notices owed."""
    if entry is None:
        return
    transaction.accounts.add_entry(account, entry)
    for notice in notices:
        transaction.notices.owe(notice, now)
    transaction.audit.add(
        at=now,
        organisation=account.organisation,
        actor=actor,
        action=f"account {entry.action}",
        concern_id=account.id,
        detail=f"{entry.before} to {entry.after}",
    )


def remind_due(
    schools: Mapping[str, School], policies: Mapping[str, str], *, begin: Begin, clock: Clock, limit: int
) -> int:
    """Send the reminders that have come due, hand over and expire what must be; how many there were.

    `policies` are the versions in force, by school.
    """
    now = clock.now()
    with begin() as transaction:
        due = transaction.accounts.due(now, limit)
        for account in due:
            school = schools.get(account.organisation)
            if school is None:
                transaction.accounts.save(replace(account, step_at=None))
                continue
            after, entries, notices = advance(account, school, policies.get(school.id, ""), now)
            transaction.accounts.save(after)
            for entry in entries:
                _keep(transaction, after, entry, [], now, "")
            for notice in notices:
                transaction.notices.owe(notice, now)
    return len(due)


def visible(transaction: Transaction, reference: str, person: Person, school: School) -> Account | None:
    """The account, if this person may see it."""
    account = transaction.accounts.by_reference(school.id, reference.strip().upper())
    if account is None or not may_see(account, parts(person, account, school.applications, school.roster)):
        return None
    return account


def _answers(answers: Mapping[str, str], school: School) -> dict[str, str]:
    """The form's own fields, each no longer than anyone needs, of a field with choices one of them."""
    kept = {}
    for one in school.applications.fields:
        said = str(answers.get(one.name, "")).strip()[:MOST_CHARACTERS]
        if said and one.kind == "one" and said not in one.choices:
            raise Unfinished
        if said and one.kind != "people":
            kept[one.name] = said
    return kept


def _known(ids: tuple[str, ...], school: School) -> tuple[str, ...]:
    """Ids of people who are on the roster, each once, in their order."""
    if any(school.person(id_) is None for id_ in ids):
        raise Unfinished
    return tuple(dict.fromkeys(ids))


def _confirmed(account: Account, person: Person, policy: str, now: datetime, trained: Any) -> tuple[Confirmation, ...]:
    """The account's confirmations with this person's new one."""
    others = tuple(one for one in account.confirmations if one.person not in person.ids)
    return (*others, Confirmation(person=person.id, policy=policy, at=now, trained=trained))
