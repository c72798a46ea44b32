"""The outbox's table: what is owed to whom, who is delivering it just now, and how each channel fares."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from assistant.domain.delivery import FURTHEST, ChannelHealth, Delivered, Notice, Owed, Sent
from assistant.storage.tables import channels, inbox, notices
from assistant.vault import mark, seal, unseal

log = logging.getLogger(__name__)
_NOTICE = TypeAdapter(Notice)


class NoticeTable:
    """The outbox within one transaction."""

    def __init__(self, connection: Connection, key: bytes, marks: bytes) -> None:
        self._connection, self._key, self._marks = connection, key, marks

    def owe(self, notice: Notice, now: datetime) -> None:
        """A notice to deliver from now on. The same one (concern, person, kind, step) is owed only once."""
        once = mark(
            self._marks, "once", notice.organisation, notice.concern_id, notice.person, notice.kind, notice.step
        )
        if self._connection.scalar(sa.select(notices.c.id).where(notices.c.once == once)):
            return
        id_ = uuid.uuid4().hex
        self._connection.execute(
            sa.insert(notices).values(
                id=id_,
                concern_id=notice.concern_id or None,
                once=once,
                mark=self._mark(notice.organisation, notice.person),
                sealed=seal(self._key, _NOTICE.dump_json(notice), f"notice {id_}"),
                owed_at=now,
                next_at=now,
                attempts=0,
            )
        )

    def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Owed]:
        """Lease what is due; other workers pass over it until it is settled or the lease is over."""
        astray = now + FURTHEST
        free = sa.or_(notices.c.leased_until.is_(None), notices.c.leased_until <= now, notices.c.leased_until > astray)
        due = sa.or_(notices.c.next_at <= now, notices.c.next_at > astray)
        query = (
            sa.select(notices)
            .where(notices.c.done_at.is_(None), due, free)
            .order_by(notices.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self._connection.execute(query).fetchall()
        if rows:
            self._connection.execute(
                sa.update(notices)
                .where(notices.c.id.in_([row.id for row in rows]))
                .values(leased_by=worker, leased_until=now + lease, attempts=notices.c.attempts + 1)
            )
        found = []
        for row in rows:
            try:
                notice = self._notice(row.id, row.sealed)
            except InvalidTag:
                # Somebody has changed the row. Whoever it was for hears at the concern's next step.
                log.error("a notice can't be unsealed and is given up")
                self._connection.execute(
                    sa.update(notices).where(notices.c.id == row.id).values(done_at=now, outcome="dropped")
                )
                continue
            found.append(Owed(id=row.id, notice=notice, attempts=row.attempts + 1, owed_at=row.owed_at))
        return found

    def settle(self, owed: Owed, worker: str, now: datetime, outcome: str, channel: str = "") -> bool:
        """Record that a leased notice is "delivered" or "dropped". False when the lease has passed to somebody else."""
        return self._end(owed, worker, done_at=now, outcome=outcome, channel=channel or None)

    def put_off(self, owed: Owed, worker: str, until: datetime) -> bool:
        """Give a leased notice back, to be tried again then."""
        return self._end(owed, worker, next_at=until)

    def _end(self, owed: Owed, worker: str, **values: object) -> bool:
        done = self._connection.execute(
            sa.update(notices)
            .where(notices.c.id == owed.id, notices.c.leased_by == worker, notices.c.done_at.is_(None))
            .values(leased_by=None, leased_until=None, **values)
        )
        return done.rowcount == 1

    def show(self, owed: Owed, now: datetime) -> None:
        """Put a notice into a person's inbox in the staff room; again changes nothing."""
        if not self._connection.scalar(sa.select(inbox.c.at).where(inbox.c.notice_id == owed.id)):
            who = self._mark(owed.notice.organisation, owed.notice.person)
            self._connection.execute(sa.insert(inbox).values(notice_id=owed.id, mark=who, at=now))

    def shown(self, organisation: str, ids: Iterable[str], limit: int = 50) -> list[Delivered]:
        """What the staff room has shown one person, newest first."""
        marks = [self._mark(organisation, id_) for id_ in ids]
        query = sa.select(inbox.c.at, notices.c.id, notices.c.sealed).join(notices, notices.c.id == inbox.c.notice_id)
        query = query.where(inbox.c.mark.in_(marks)).order_by(inbox.c.at.desc(), notices.c.id).limit(limit)
        return [Delivered(notice=notice, at=row.at) for row, notice in self._readable(query)]

    def of(self, concern_id: str) -> list[Sent]:
        """For a case file: each notice with when it was owed, when settled, and how; oldest first."""
        query = sa.select(notices).where(notices.c.concern_id == concern_id).order_by(notices.c.owed_at, notices.c.id)
        return [
            Sent(
                notice=notice,
                owed_at=row.owed_at,
                done_at=row.done_at,
                outcome=row.outcome or "owed",
                channel=row.channel or "",
            )
            for row, notice in self._readable(query)
        ]

    def waiting_since(self) -> datetime | None:
        """When the oldest notice that is still owed was first owed."""
        oldest = sa.select(notices.c.owed_at).where(notices.c.done_at.is_(None)).order_by(notices.c.owed_at).limit(1)
        return self._connection.execute(oldest).scalar_one_or_none()

    def channels(self) -> list[ChannelHealth]:
        """How each channel that has ever been used fares."""
        rows = self._connection.execute(sa.select(channels).order_by(channels.c.name))
        return [
            ChannelHealth(
                name=row.name,
                failures=row.failures,
                failing_since=row.failing_since,
                error=row.error or "",
                alarmed_at=row.alarmed_at,
            )
            for row in rows
        ]

    def channel_worked(self, name: str) -> None:
        """A channel has delivered."""
        self._channel(name, failures=0, failing_since=None, error=None, alarmed_at=None)

    def channel_failed(self, name: str, now: datetime, error: str) -> ChannelHealth:
        """A channel has failed with an error of that class; how it fares now."""
        was = next((c for c in self.channels() if c.name == name), None)
        failures, since = (was.failures, was.failing_since) if was else (0, None)
        self._channel(name, failures=failures + 1, failing_since=since or now, error=error[:64])
        return next(c for c in self.channels() if c.name == name)

    def channel_alarmed(self, name: str, now: datetime) -> None:
        """An alarm about it has been raised."""
        self._channel(name, alarmed_at=now)

    def _channel(self, name: str, **values: object) -> None:
        done = self._connection.execute(sa.update(channels).where(channels.c.name == name).values(**values))
        if done.rowcount == 0:
            self._connection.execute(sa.insert(channels).values({"name": name, "failures": 0} | values))

    def _readable(self, query: sa.Select[Any]) -> Iterator[tuple[sa.Row[Any], Notice]]:
        """Rows with their notices; one that somebody has changed must not hide the others."""
        for row in self._connection.execute(query):
            try:
                yield row, self._notice(row.id, row.sealed)
            except InvalidTag:
                log.error("a notice can't be unsealed and is not shown")

    def _notice(self, id_: str, sealed: bytes) -> Notice:
        return _NOTICE.validate_json(unseal(self._key, sealed, f"notice {id_}"))

    def _mark(self, organisation: str, person: str) -> str:
        return mark(self._marks, "inbox", organisation, person)
