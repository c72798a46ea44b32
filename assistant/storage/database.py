"""The database joined with the vault: transactions, the keys that aren't one concern's, rotation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from assistant.domain.errors import AssistantError, Changed, NotReachable
from assistant.storage.accounts import AccountTable
from assistant.storage.audit import AuditTrail
from assistant.storage.chats import ChatTable
from assistant.storage.concerns import ConcernTable
from assistant.storage.notices import NoticeTable
from assistant.storage.tables import concerns, secrets
from assistant.vault import Vault, Wrapped, check

_SECRETS = ("marks", "audit", "notices", "signing", "register")


@dataclass(frozen=True, kw_only=True, slots=True)
class Transaction:
    """What is done within one of these is committed together or not at all."""

    concerns: ConcernTable
    audit: AuditTrail
    notices: NoticeTable
    accounts: AccountTable
    chats: ChatTable


class Database:
    """Concerns, their audit trail and the outbox. Raises KeyLost when something is sealed with a key that isn't there."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine, self._vault = engine, vault
        try:
            self._secrets = self._open()
        except IntegrityError:  # another process made the keys in this very moment
            self._secrets = self._open()

    @property
    def signing_key(self) -> bytes:
        """32 bytes from which the key that signs receipts is made."""
        return self._secrets["signing"]

    @property
    def code_key(self) -> bytes:
        """32 bytes from which codes for the command line are made."""
        return self._secrets["marks"]

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction: committed at the end of the block, rolled back by any error. Raises NotReachable and Changed.

        Errors of the database become ours here, without their words: those may hold what was to be written.
        """
        try:
            with self.engine.begin() as connection:
                trail = AuditTrail(connection, self._secrets["audit"])
                yield Transaction(
                    concerns=ConcernTable(connection, self._vault, self._secrets["marks"], trail),
                    audit=trail,
                    notices=NoticeTable(connection, self._secrets["notices"], self._secrets["marks"]),
                    accounts=AccountTable(connection, self._secrets["register"], self._secrets["marks"]),
                    chats=ChatTable(connection=connection, key=self._secrets["register"], marks=self._secrets["marks"]),
                )
        except AssistantError:
            raise
        except IntegrityError:
            raise Changed from None
        except SQLAlchemyError:
            raise NotReachable from None

    def rotate(self) -> int:
        """Seal every data key with the newest key; how many were sealed with an older one."""
        count = 0
        with self.engine.begin() as connection:
            for table, row_id, about in (
                (secrets, secrets.c.name, "secret {}"),
                (concerns, concerns.c.id, "concern {} key"),
            ):
                query = sa.select(row_id, table.c.key_id, table.c.wrapped_key)
                query = query.where(table.c.key_id != self._vault.newest).with_for_update()
                for id_, key_id, sealed in connection.execute(query).fetchall():
                    key = self._vault.unwrap(Wrapped(key_id=key_id, sealed=sealed), about.format(id_))
                    wrapped = self._vault.wrap(key, about.format(id_))
                    values = {"key_id": wrapped.key_id, "wrapped_key": wrapped.sealed}
                    connection.execute(sa.update(table).where(row_id == id_).values(**values))
                    count += 1
        return count

    def _open(self) -> dict[str, bytes]:
        with self.engine.begin() as connection:
            check(self._vault, _key_ids(connection))
            return {name: self._secret(connection, name) for name in _SECRETS}

    def _secret(self, connection: Connection, name: str) -> bytes:
        row = connection.execute(sa.select(secrets).where(secrets.c.name == name)).first()
        if row is not None:
            return self._vault.unwrap(Wrapped(key_id=row.key_id, sealed=row.wrapped_key), f"secret {name}")
        key, wrapped = self._vault.new_data_key(f"secret {name}")
        connection.execute(sa.insert(secrets).values(name=name, key_id=wrapped.key_id, wrapped_key=wrapped.sealed))
        return key


def _key_ids(connection: Connection) -> list[str]:
    found = set(connection.scalars(sa.select(secrets.c.key_id)))
    found |= set(connection.scalars(sa.select(concerns.c.key_id).where(concerns.c.key_id.is_not(None)).distinct()))
    return sorted(found)
