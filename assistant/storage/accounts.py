"""Accounts, what was done with them, and the duties around them: sealed with the register's key."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from assistant.domain.accounts import Account, Entry
from assistant.domain.duties import Duty
from assistant.domain.errors import Changed, Sealed
from assistant.storage.tables import account_entries, accounts, duties
from assistant.vault import mark, seal, unseal

log = logging.getLogger(__name__)
_Kept = TypeVar("_Kept", Account, Duty)
_ACCOUNT, _ENTRY, _DUTY = TypeAdapter(Account), TypeAdapter(Entry), TypeAdapter(Duty)


class AccountTable:
    """The register within one transaction."""

    def __init__(self, connection: Connection, key: bytes, marks: bytes) -> None:
        self._connection, self._key, self._marks = connection, key, marks

    def add(self, account: Account, submission: str) -> None:
        """A new application; the form that it came by is one application, however often it is sent."""
        values = {
            "id": account.id,
            "organisation": account.organisation,
            "reference": account.reference,
            "submission": self._submission(account.organisation, submission),
        }
        self._connection.execute(sa.insert(accounts).values(**values, **self._changing(account, account.version)))

    def save(self, account: Account) -> None:
        """An account as it has become; `account.version` is the one that was read. Raises Changed."""
        done = self._connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == account.id, accounts.c.version == account.version)
            .values(**self._changing(account, account.version + 1))
        )
        if done.rowcount != 1:
            raise Changed

    def submitted(self, organisation: str, submission: str) -> Account | None:
        """The application that this opened form has become, if it was sent before."""
        return self._one(accounts.c.submission == self._submission(organisation, submission))

    def by_reference(self, organisation: str, reference: str) -> Account | None:
        """An account of that organisation, locked until the transaction ends."""
        return self._one(accounts.c.reference == reference, accounts.c.organisation == organisation)

    def all_of(self, organisation: str) -> list[Account]:
        """Every application and account of an organisation, by reference."""
        query = sa.select(accounts).where(accounts.c.organisation == organisation).order_by(accounts.c.reference)
        return self._readable(self._connection.execute(query), self._account)

    def due(self, now: datetime, limit: int) -> list[Account]:
        """Those whose next reminder has come, locked; those that another worker has locked are left to it."""
        query = sa.select(accounts).where(accounts.c.step_at <= now).order_by(accounts.c.step_at).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True)).fetchall()
        return self._readable(rows, self._account, put_off=(accounts, now))

    def add_entry(self, account: Account, entry: Entry) -> None:
        """Something done, as number `account.entries` of its account."""
        sealed = seal(self._key, _ENTRY.dump_json(entry), f"account {account.id} entry {account.entries}")
        self._connection.execute(
            sa.insert(account_entries).values(account_id=account.id, number=account.entries, sealed=sealed)
        )

    def entries(self, account: Account) -> tuple[Entry, ...]:
        """All that was done, oldest first."""
        query = sa.select(account_entries).where(account_entries.c.account_id == account.id)
        rows = self._connection.execute(query.order_by(account_entries.c.number))
        return tuple(
            _ENTRY.validate_json(self._opened(row.sealed, f"account {account.id} entry {row.number}")) for row in rows
        )

    def delete(self, account: Account) -> None:
        """Delete an account that nothing must be kept of any more."""
        of_it = duties.c.account == account.reference, duties.c.organisation == account.organisation
        self._connection.execute(sa.delete(duties).where(*of_it))
        self._connection.execute(sa.delete(account_entries).where(account_entries.c.account_id == account.id))
        self._connection.execute(sa.delete(accounts).where(accounts.c.id == account.id))

    def add_duty(self, duty: Duty) -> None:
        """A new duty."""
        values = {"id": duty.id, "organisation": duty.organisation, "account": duty.account}
        self._connection.execute(sa.insert(duties).values(**values, **self._duty_changing(duty, duty.version)))

    def save_duty(self, duty: Duty) -> None:
        """A duty as it has become; `duty.version` is the one that was read. Raises Changed."""
        done = self._connection.execute(
            sa.update(duties)
            .where(duties.c.id == duty.id, duties.c.version == duty.version)
            .values(**self._duty_changing(duty, duty.version + 1))
        )
        if done.rowcount != 1:
            raise Changed

    def duty(self, organisation: str, id_: str) -> Duty | None:
        """A duty, locked until the transaction ends."""
        query = sa.select(duties).where(duties.c.id == id_, duties.c.organisation == organisation).with_for_update()
        row = self._connection.execute(query).first()
        return None if row is None else self._duty(row)

    def duties_of(self, organisation: str) -> list[Duty]:
        """An organisation's duties, oldest first."""
        query = sa.select(duties).where(duties.c.organisation == organisation)
        found = self._readable(self._connection.execute(query), self._duty)
        return sorted(found, key=lambda duty: (duty.at, duty.id))

    def duties_due(self, now: datetime, limit: int) -> list[Duty]:
        """Those whose next reminder has come, locked; those that another worker has locked are left to it."""
        query = sa.select(duties).where(duties.c.step_at <= now).order_by(duties.c.step_at).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True)).fetchall()
        return self._readable(rows, self._duty, put_off=(duties, now))

    def _changing(self, account: Account, version: int) -> dict[str, Any]:
        sealed = seal(self._key, _ACCOUNT.dump_json(account), f"account {account.id} {version}")
        return {"state": account.state.value, "step_at": account.step_at, "version": version, "sealed": sealed}

    def _duty_changing(self, duty: Duty, version: int) -> dict[str, Any]:
        sealed = seal(self._key, _DUTY.dump_json(duty), f"duty {duty.id} {version}")
        return {"step_at": duty.step_at, "version": version, "sealed": sealed}

    def _readable(
        self,
        rows: Iterable[sa.Row[Any]],
        opened: Callable[[sa.Row[Any]], _Kept],
        put_off: tuple[sa.Table, datetime] | None = None,
    ) -> list[_Kept]:
        """What can be unsealed; one that can't must not hide the others, nor keep them from being reminded of."""
        found = []
        for row in rows:
            try:
                found.append(opened(row))
            except Sealed:
                log.error("an account or duty can't be unsealed: somebody has changed its row")
                if put_off:
                    table, now = put_off
                    later = sa.update(table).where(table.c.id == row.id).values(step_at=now + timedelta(hours=1))
                    self._connection.execute(later)
        return found

    def _one(self, *where: sa.ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(sa.select(accounts).where(*where).with_for_update()).first()
        return None if row is None else self._account(row)

    def _account(self, row: sa.Row[Any]) -> Account:
        account = _ACCOUNT.validate_json(self._opened(row.sealed, f"account {row.id} {row.version}"))
        return replace(account, version=row.version)

    def _duty(self, row: sa.Row[Any]) -> Duty:
        return replace(
            _DUTY.validate_json(self._opened(row.sealed, f"duty {row.id} {row.version}")), version=row.version
        )

    def _opened(self, sealed: bytes, about: str) -> bytes:
        try:
            return unseal(self._key, sealed, about)
        except InvalidTag:
            raise Sealed from None

    def _submission(self, organisation: str, submission: str) -> str:
        return mark(self._marks, "application", organisation, submission)
