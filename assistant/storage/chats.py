"""What a chat door keeps: events it has seen, schools that people chose, messages that change once something is decided."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from assistant.ports import Posted
from assistant.storage.tables import chosen, events, posted, reached
from assistant.vault import mark, seal, unseal

_REMEMBERED = timedelta(days=1)  # no platform sends an event again after so long
_POSTED = TypeAdapter(Posted)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatTable:
    """What the chats keep, within one transaction."""

    connection: Connection
    key: bytes
    marks: bytes

    def first(self, door: str, event: str, now: datetime) -> bool:
        """Whether an event is met for the first time; from now on it is not."""
        name = mark(self.marks, "event", door, event)
        if self.connection.scalar(sa.select(events.c.mark).where(events.c.mark == name)):
            return False
        self.connection.execute(sa.delete(events).where(events.c.at < now - _REMEMBERED))
        self.connection.execute(sa.insert(events).values(mark=name, at=now))
        return True

    def choose(self, door: str, user: str, organisation: str) -> None:
        """Keep which school somebody means."""
        name = mark(self.marks, "chosen", door, user)
        self.connection.execute(sa.delete(chosen).where(chosen.c.mark == name))
        self.connection.execute(sa.insert(chosen).values(mark=name, organisation=organisation))

    def choice(self, door: str, user: str) -> str | None:
        """The school that somebody chose."""
        name = mark(self.marks, "chosen", door, user)
        return self.connection.scalar(sa.select(chosen.c.organisation).where(chosen.c.mark == name))

    def post(self, message: Posted) -> None:
        """Remember a message that is to change later."""
        id_ = uuid.uuid4().hex
        sealed = seal(self.key, _POSTED.dump_json(message), f"posted {id_}")
        self.connection.execute(sa.insert(posted).values(id=id_, door=message.door, sealed=sealed))

    def posted(self, door: str) -> list[tuple[str, Posted]]:
        """The messages that may have to change, with their ids."""
        rows = self.connection.execute(sa.select(posted).where(posted.c.door == door))
        return [(row.id, _POSTED.validate_json(unseal(self.key, row.sealed, f"posted {row.id}"))) for row in rows]

    def forget(self, id_: str) -> None:
        """A message has changed for the last time."""
        self.connection.execute(sa.delete(posted).where(posted.c.id == id_))

    def reach(self, door: str, user: str, where: str) -> None:
        """Keep where somebody can be written to; what was kept before is replaced."""
        name = mark(self.marks, "reached", door, user)
        self.connection.execute(sa.delete(reached).where(reached.c.mark == name))
        self.connection.execute(
            sa.insert(reached).values(mark=name, sealed=seal(self.key, where.encode(), f"reached {name}"))
        )

    def where(self, door: str, user: str) -> str | None:
        """Where somebody can be written to, if it is known."""
        name = mark(self.marks, "reached", door, user)
        sealed = self.connection.scalar(sa.select(reached.c.sealed).where(reached.c.mark == name))
        return None if sealed is None else unseal(self.key, sealed, f"reached {name}").decode()

    def lose(self, door: str, user: str) -> None:
        """Somebody can't be written to there any more."""
        name = mark(self.marks, "reached", door, user)
        self.connection.execute(sa.delete(reached).where(reached.c.mark == name))
