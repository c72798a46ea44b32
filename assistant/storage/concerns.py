"""Concerns and what was done with them: sealed with a key of their own on the way in, unsealed on the way out."""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from assistant.domain.concerns import Action, Concern, Entry, Report
from assistant.domain.errors import Changed, Sealed
from assistant.ports import Odds
from assistant.storage.audit import AuditTrail
from assistant.storage.tables import audit, concerns, entries, grants, inbox, notices
from assistant.vault import KeyLost, Vault, Wrapped, mark, seal, unseal

log = logging.getLogger(__name__)
_REPORT, _CONCERN, _ENTRY = TypeAdapter(Report), TypeAdapter(Concern), TypeAdapter(Entry)
_READER, _REPORTER = "reader", "reporter"
_CANT = "a concern can't be unsealed; `assistant check` says more"
_told = sa.select(audit.c.seq, audit.c.sealed).where(audit.c.concern_id == concerns.c.id)
_told = _told.order_by(audit.c.seq.desc()).limit(1)
# Each with the last that the trail says of it, in one look: between two, somebody else might change both.
_KEPT = sa.select(
    concerns,
    _told.with_only_columns(audit.c.seq).scalar_subquery().label("told_seq"),
    _told.with_only_columns(audit.c.sealed).scalar_subquery().label("told_sealed"),
)


class ConcernTable:
    """Concerns within one transaction."""

    def __init__(self, connection: Connection, vault: Vault, marks: bytes, trail: AuditTrail) -> None:
        self._connection, self._vault, self._marks, self._trail = connection, vault, marks, trail
        self._keys: dict[str, bytes] = {}  # of the concerns that this transaction has met

    def add(self, concern: Concern, submission: str) -> None:
        """A new concern, its report sealed once and for all."""
        key, wrapped = self._vault.new_data_key(_about(concern.id, "key"))
        self._keys[concern.id] = key
        self._connection.execute(
            sa.insert(concerns).values(
                id=concern.id,
                organisation=concern.organisation,
                reference=concern.reference,
                submission=self._submission(concern.organisation, submission),
                received_at=concern.received_at,
                key_id=wrapped.key_id,
                wrapped_key=wrapped.sealed,
                report=seal(key, _REPORT.dump_json(concern.report), _about(concern.id, "report")),
                **self._changing(concern),
            )
        )
        self._grant(concern)

    def save(self, concern: Concern) -> None:
        """A concern as it has become; `concern.version` is the one that was read. Raises Changed."""
        done = self._connection.execute(
            sa.update(concerns)
            .where(concerns.c.id == concern.id, concerns.c.version == concern.version)
            .values(**self._changing(replace(concern, version=concern.version + 1)))
        )
        if done.rowcount != 1:
            raise Changed
        self._grant(concern)

    def submitted(self, organisation: str, submission: str) -> Concern | None:
        """The concern that a form with this content has become, if it was sent before."""
        return self._one(concerns.c.submission == self._submission(organisation, submission))

    def by_reference(self, organisation: str, reference: str) -> Concern | None:
        """A concern of that organisation, locked until the transaction ends."""
        return self._one(concerns.c.reference == reference, concerns.c.organisation == organisation)

    def by_id(self, concern_id: str) -> Concern | None:
        """A concern, locked until the transaction ends."""
        return self._one(concerns.c.id == concern_id)

    def for_reader(self, organisation: str, ids: Iterable[str]) -> list[Concern]:
        """The concerns that any of these ids of one person was told of, oldest first."""
        return self._granted(organisation, ids, _READER)

    def for_reporter(self, organisation: str, ids: Iterable[str]) -> list[Concern]:
        """The concerns that any of these ids of one person reported, oldest first."""
        return self._granted(organisation, ids, _REPORTER)

    def knows_of(self, organisation: str, ids: Iterable[str], reference: str) -> bool:
        """Whether any of these ids of one person has been told of that concern, or reported it."""
        marks = [self._mark(organisation, id_, part) for id_ in ids for part in (_READER, _REPORTER)]
        query = sa.select(grants.c.mark).join(concerns, concerns.c.id == grants.c.concern_id)
        query = query.where(concerns.c.reference == reference, grants.c.mark.in_(marks)).limit(1)
        return self._connection.execute(query).first() is not None

    def reported_since(self, organisation: str, ids: Iterable[str], since: datetime) -> int:
        """How many concerns one person has sent since then."""
        marks = [self._mark(organisation, id_, _REPORTER) for id_ in ids]
        query = sa.select(sa.func.count()).where(grants.c.mark.in_(marks), grants.c.given_at > since)
        return self._connection.scalar(query) or 0

    def due(self, now: datetime, limit: int) -> list[Concern]:
        """Concerns whose next step has come, locked; those that another worker has locked are left to it."""
        query = (
            _KEPT.where(concerns.c.step_at <= now)
            .order_by(concerns.c.step_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = []
        for row in self._connection.execute(query).fetchall():
            try:
                found.append(self._concern(row))
            except Sealed:
                # One that can't be opened must not keep the others from being delivered.
                log.error(_CANT)
                later = sa.update(concerns).where(concerns.c.id == row.id).values(step_at=now + timedelta(hours=1))
                self._connection.execute(later)
        return found

    def unreadable(self) -> int:
        """How many concerns can't be unsealed."""
        count = 0
        for row in self._connection.execute(_KEPT.where(concerns.c.deleted_at.is_(None))):
            try:
                self._concern(row)
            except Sealed:
                count += 1
        return count

    def all_kept(self, organisation: str) -> list[Concern]:
        """Every concern of an organisation that hasn't been deleted, oldest first: for retention, which shows no text."""
        query = _KEPT.where(concerns.c.organisation == organisation, concerns.c.deleted_at.is_(None))
        return self._readable(query.order_by(concerns.c.received_at))

    def add_entry(self, concern: Concern, entry: Entry) -> None:
        """Something done, as number `concern.entries` of its concern."""
        sealed = seal(self._key_of(concern.id), _ENTRY.dump_json(entry), _about(concern.id, f"entry {concern.entries}"))
        self._connection.execute(
            sa.insert(entries).values(concern_id=concern.id, number=concern.entries, sealed=sealed)
        )

    def entries(self, concern: Concern) -> tuple[Entry, ...]:
        """All that was done, oldest first."""
        query = sa.select(entries).where(entries.c.concern_id == concern.id).order_by(entries.c.number)
        key, found = self._key_of(concern.id), []
        for row in self._connection.execute(query):
            try:
                found.append(_ENTRY.validate_json(_opened(key, row.sealed, _about(concern.id, f"entry {row.number}"))))
            except (Sealed, ValueError):
                log.error("what was done with a concern can't be unsealed; `assistant audit verify` says of which")
        return tuple(found)

    def at_odds(self) -> list[tuple[str, Odds]]:
        """Concerns by their reference, "" where that is lost, that are not as the trail and their own facts say."""
        told = set(self._connection.scalars(sa.select(audit.c.concern_id).where(audit.c.concern_id.is_not(None))))
        rows = {row.id: row for row in self._connection.execute(_KEPT)}
        found = []
        for id_ in sorted(told | set(rows)):
            row = rows.get(id_)
            odds = self._odds(id_, row)
            if odds is not None:
                found.append((row.reference if row else "", odds))
        return found

    def _odds(self, id_: str, row: sa.Row[Any] | None) -> Odds | None:
        settled = Counter(
            self._connection.scalars(
                sa.select(notices.c.outcome).where(notices.c.concern_id == id_, notices.c.done_at.is_not(None))
            )
        )
        said = list(self._trail.of(id_))  # read last: what is done meanwhile is then in it
        done = Counter(entry.action for entry in said)
        if row is None or row.deleted_at is not None:
            return Odds.GONE if done[Action.RAISE] and not (row and done["deleted"]) else None
        versions = [entry.version for entry in said if entry.version is not None]
        if not done[Action.RAISE] or (versions and row.version > max(versions)):
            return Odds.UNTOLD
        try:
            concern = self._concern(row)
        except Sealed:
            return Odds.UNREADABLE
        if len(self.entries(concern)) < concern.entries:
            return Odds.ENTRIES
        if (row.state, row.step_at) != (concern.state, concern.step_at):
            return Odds.CLOCK
        return Odds.NOTICES if settled - done else None

    def delete(self, concern: Concern, now: datetime) -> None:
        """Delete what a concern holds; `concern.version` is the one that was read. Raises Changed.

        The row stays, without its key, so that its reference is never given again.
        """
        nothing = dict.fromkeys(("key_id", "wrapped_key", "report", "facts", "step_at"))
        done = self._connection.execute(
            sa.update(concerns)
            .where(concerns.c.id == concern.id, concerns.c.version == concern.version)
            .values(**nothing, version=concern.version + 1, deleted_at=now)
        )
        if done.rowcount != 1:
            raise Changed
        told = sa.select(notices.c.id).where(notices.c.concern_id == concern.id)
        self._connection.execute(sa.delete(inbox).where(inbox.c.notice_id.in_(told)))
        for table in (notices, entries, grants):
            self._connection.execute(sa.delete(table).where(table.c.concern_id == concern.id))

    def _changing(self, concern: Concern) -> dict[str, Any]:
        facts = _CONCERN.dump_python(concern, mode="json", exclude={"report"})
        about = _about(concern.id, f"facts {concern.version}")
        return {
            "state": concern.state.value,
            "step_at": concern.step_at,
            "version": concern.version,
            "facts": seal(self._key_of(concern.id), json.dumps(facts).encode(), about),
        }

    def _grant(self, concern: Concern) -> None:
        wanted = {self._mark(concern.organisation, id_, _READER) for id_ in concern.readers}
        if concern.matter.reporter:
            wanted.add(self._mark(concern.organisation, concern.matter.reporter, _REPORTER))
        here = grants.c.concern_id == concern.id
        there = set(self._connection.scalars(sa.select(grants.c.mark).where(here)))
        if there - wanted:
            self._connection.execute(sa.delete(grants).where(here, grants.c.mark.in_(there - wanted)))
        rows = [{"concern_id": concern.id, "mark": one, "given_at": concern.received_at} for one in wanted - there]
        if rows:
            self._connection.execute(sa.insert(grants), rows)

    def _granted(self, organisation: str, ids: Iterable[str], part: str) -> list[Concern]:
        marks = [self._mark(organisation, id_, part) for id_ in ids]
        query = _KEPT.where(concerns.c.id.in_(sa.select(grants.c.concern_id).where(grants.c.mark.in_(marks))))
        return self._readable(query.order_by(concerns.c.received_at))

    def _readable(self, query: sa.Select[Any]) -> list[Concern]:
        """Those that can be unsealed: one that can't must not hide the others."""
        found = []
        for row in self._connection.execute(query):
            try:
                found.append(self._concern(row))
            except Sealed:
                log.error(_CANT)
        return found

    def _one(self, *where: sa.ColumnElement[bool]) -> Concern | None:
        query = _KEPT.where(concerns.c.deleted_at.is_(None), *where).with_for_update()
        row = self._connection.execute(query).first()
        return None if row is None else self._concern(row)

    def _concern(self, row: sa.Row[Any]) -> Concern:
        if row.told_seq is not None and self._trail.version_in(row.told_seq, row.told_sealed) > row.version:
            raise Sealed  # somebody has put an older one in its place, with those who could read it then
        try:
            wrapped = Wrapped(key_id=row.key_id, sealed=row.wrapped_key)
            key = self._keys[row.id] = self._vault.unwrap(wrapped, _about(row.id, "key"))
        except KeyLost:
            raise Sealed from None
        facts = _opened(key, row.facts, _about(row.id, f"facts {row.version}"))
        report = _opened(key, row.report, _about(row.id, "report"))
        try:
            return _CONCERN.validate_python(json.loads(facts) | {"report": _REPORT.validate_json(report)})
        except ValueError:  # of another version of this program; its words would hold what was reported
            raise Sealed from None

    def _key_of(self, concern_id: str) -> bytes:
        return self._keys[concern_id]

    def _mark(self, organisation: str, person: str, part: str) -> str:
        return mark(self._marks, "grant", organisation, person, part)

    def _submission(self, organisation: str, submission: str) -> str:
        return mark(self._marks, "submission", organisation, submission)


def _about(concern_id: str, part: str) -> str:
    return f"concern {concern_id} {part}"


def _opened(key: bytes, sealed: bytes, about: str) -> bytes:
    try:
        return unseal(key, sealed, about)
    except InvalidTag:
        raise Sealed from None
