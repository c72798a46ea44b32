"""Look at applications and accounts: one, one's own, the school's, the whole register; delete what was kept long enough."""

from dataclasses import dataclass
from datetime import datetime

from assistant.domain.account_steps import may_see, parts
from assistant.domain.accounts import ON_THE_REGISTER, OVER, Account, Entry, Part, State
from assistant.domain.errors import NothingHere
from assistant.domain.people import Person
from assistant.domain.retention import ACCOUNT_KEPT
from assistant.domain.schools import School
from assistant.handlers.accounts import visible
from assistant.ports import Begin, Clock, Transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """An account on the screen of somebody whom it concerns, and how they stand to it."""

    account: Account
    entries: tuple[Entry, ...]
    held: frozenset[Part]


def see(reference: str, person: Person, *, school: School, begin: Begin, clock: Clock) -> Seen:
    """An account, for somebody whom it concerns. Raises NothingHere for everyone else."""
    with begin() as transaction:
        account = visible(transaction, reference, person, school)
        if account is not None:
            entries = transaction.accounts.entries(account)
    if account is None:
        raise NothingHere
    return Seen(account=account, entries=entries, held=parts(person, account, school.applications, school.roster))


def everything_for(person: Person, *, school: School, begin: Begin) -> list[tuple[Account, frozenset[Part]]]:
    """All applications and accounts that a person may see, drafts and the latest first, with how they stand to each."""
    with begin() as transaction:
        found = sorted(transaction.accounts.all_of(school.id), key=_latest, reverse=True)
    held = [(one, parts(person, one, school.applications, school.roster)) for one in found]
    return [(one, mine) for one, mine in held if may_see(one, mine)]


def in_the_schools_name(school: School, *, begin: Begin) -> list[Account]:
    """The accounts that are the school's, for anyone on its staff: which there are is no secret."""
    with begin() as transaction:
        return [one for one in transaction.accounts.all_of(school.id) if one.state in {State.LIVE, State.HANDOVER}]


def the_register(school: School, *, begin: Begin, clock: Clock, actor: str) -> list[Account]:
    """Every account that is or was, for whoever runs the machine. The look is audited."""
    with begin() as transaction:
        found = [one for one in transaction.accounts.all_of(school.id) if one.state in ON_THE_REGISTER]
        transaction.audit.add(
            at=clock.now(), organisation=school.id, actor=actor, action="register", detail=str(len(found))
        )
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """An application or account with which nothing more happens, and when it may be deleted."""

    reference: str
    due: datetime


def over(*, school: School, begin: Begin) -> list[Over]:
    """What is over, and until when it is kept, the oldest first."""
    with begin() as transaction:
        return [Over(reference=one.reference, due=due) for one, due in _over(transaction, school)]


def delete_over(*, school: School, begin: Begin, clock: Clock, actor: str) -> list[str]:
    """Delete what has been kept for long enough, each in the audit trail; the references."""
    now = clock.now()
    with begin() as transaction:
        gone = [one for one, due in _over(transaction, school) if due <= now]
        for one in gone:
            transaction.accounts.delete(one)
            transaction.audit.add(
                at=now, organisation=school.id, actor=actor, action="account deleted", concern_id=one.id
            )
    return [one.reference for one in gone]


def _over(transaction: Transaction, school: School) -> list[tuple[Account, datetime]]:
    found = [one for one in transaction.accounts.all_of(school.id) if one.state in OVER]
    ended = [(one, transaction.accounts.entries(one)[-1].at + ACCOUNT_KEPT) for one in found]
    return sorted(ended, key=lambda pair: pair[1])


def _latest(account: Account) -> tuple[bool, float]:
    at = account.submitted_at
    return at is None, at.timestamp() if at else 0
