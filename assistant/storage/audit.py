"""The audit trail: who did or saw what, and when. Only added to; each row's MAC covers the row before it."""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.engine import Connection

from assistant.ports import AuditEntry, Verified
from assistant.storage.tables import audit, audit_head, concerns
from assistant.vault import seal, unseal

log = logging.getLogger(__name__)


class AuditTrail:
    """The trail within one transaction. `key` seals entries and keys their MACs, so nobody without it can forge one."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection, self._key = connection, key

    def add(
        self,
        *,
        at: datetime,
        organisation: str,
        actor: str,
        action: str,
        concern_id: str | None = None,
        detail: str = "",
    ) -> None:
        """One more entry, with the version of its concern, so that an older one put in its place is not believed.

        Holds the trail's end until the transaction is over, so add last.
        """
        head = self._connection.execute(sa.select(audit_head).with_for_update()).one()
        seq = head.seq + 1
        said: dict[str, str | int] = {
            "organisation": organisation,
            "actor": actor,
            "action": action,
            "detail": detail,
        }
        version = None
        if concern_id:
            version = self._connection.scalar(sa.select(concerns.c.version).where(concerns.c.id == concern_id))
        if version is not None:
            said["version"] = version
        sealed = seal(self._key, json.dumps(said).encode(), f"audit {seq}")
        mac = self._mac(head.mac, seq, at, concern_id, sealed)
        self._connection.execute(sa.insert(audit).values(seq=seq, at=at, concern_id=concern_id, sealed=sealed, mac=mac))
        self._connection.execute(sa.update(audit_head).values(seq=seq, mac=mac))

    def of(self, concern_id: str) -> Iterator[AuditEntry]:
        """The entries about one concern, oldest first, less those that somebody has changed: `verify` names them."""
        query = sa.select(audit).where(audit.c.concern_id == concern_id).order_by(audit.c.seq)
        for row in self._connection.execute(query):
            try:
                said = json.loads(unseal(self._key, row.sealed, f"audit {row.seq}"))
            except InvalidTag:
                log.error("an entry of the audit trail was changed; `assistant audit verify` says where")
                continue
            yield AuditEntry(seq=row.seq, at=row.at, concern_id=row.concern_id, **said)

    def version_in(self, seq: int, sealed: bytes) -> int:
        """The version of its concern that an entry tells of; 0 where somebody has changed it, which `verify` shows."""
        try:
            said = json.loads(unseal(self._key, sealed, f"audit {seq}"))
        except InvalidTag:
            return 0
        return int(said.get("version", 0))

    def verify(self, contains: str = "") -> Verified:
        """Walk the whole trail. `contains` is a head noted down earlier, which must still be in it."""
        head = self._connection.execute(sa.select(audit_head)).one()
        before, seq, met = "", 0, not contains
        for row in self._connection.execute(sa.select(audit).order_by(audit.c.seq)):
            expected = self._mac(before, seq + 1, row.at, row.concern_id, row.sealed)
            try:
                unseal(self._key, row.sealed, f"audit {row.seq}")
            except InvalidTag:
                return Verified(entries=seq, head=before, broken_at=seq + 1)
            if row.seq != seq + 1 or not hmac.compare_digest(row.mac, expected):
                return Verified(entries=seq, head=before, broken_at=seq + 1)
            before, seq = row.mac, row.seq
            met = met or row.mac == contains
        whole = (head.seq, head.mac) == (seq, before) and met
        return Verified(entries=seq, head=before, broken_at=None if whole else seq + 1)

    def _mac(self, before: str, seq: int, at: datetime, concern_id: str | None, sealed: bytes) -> str:
        said = f"{before}|{seq}|{at.timestamp():.6f}|{concern_id or ''}|".encode() + sealed
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()
