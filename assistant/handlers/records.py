"""The case file, its handover to the school's own record, and what is deleted after it."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.domain.concerns import Action, Concern, Entry, act
from assistant.domain.delivery import Sent
from assistant.domain.errors import NothingHere
from assistant.domain.people import Person
from assistant.domain.retention import Retention, Verdict, retention
from assistant.domain.routing import kind_of
from assistant.domain.schools import School
from assistant.handlers.access import found_for, unnamed
from assistant.handlers.linking import linked_with, shown
from assistant.ports import AuditEntry, Begin, Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRecord:
    """All that is kept of a concern: what a case file shows. Without its reporter where they are anonymous, and without
    links to concerns that whoever it is made for may not read."""

    concern: Concern
    entries: tuple[Entry, ...]
    looks: tuple[AuditEntry, ...]  # who read or changed it, and every delivery, as the audit trail has it
    notices: tuple[Sent, ...]
    school: School
    made_at: datetime
    made_by: Person
    lost: int = 0  # entries that somebody has taken out of the database, or changed


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """A case file as PDF, and a receipt (JSON) that proves it without saying what is in it."""

    reference: str
    pdf: bytes
    receipt: bytes


def export(
    reference: str,
    person: Person,
    *,
    school: School,
    begin: Begin,
    clock: Clock,
    render: Callable[[CaseRecord], bytes],
    sign: Callable[[CaseRecord, bytes], bytes],
) -> CaseFile:
    """One concern's case file, for somebody who may have it; kept as an entry and in the audit trail. Raises NothingHere."""
    now = clock.now()
    with begin() as transaction:
        concern = found_for(transaction, reference, person, Action.EXPORT, school, now)
        if concern is not None:
            changed, entry = act(concern, Action.EXPORT, person.id, now)
            transaction.concerns.save(changed)
            transaction.concerns.add_entry(changed, entry)
            linked = linked_with(transaction, concern, person, school)
            entries = transaction.concerns.entries(changed)
            record = CaseRecord(
                concern=replace(unnamed(changed), links=linked),
                entries=shown(entries, linked),
                lost=changed.entries - len(entries),
                looks=tuple(
                    look
                    for look in transaction.audit.of(concern.id)
                    if look.action != Action.LINK or look.detail in linked
                ),
                notices=tuple(transaction.notices.of(concern.id)),
                school=school,
                made_at=now,
                made_by=person,
            )
            # Made before the transaction ends: a file that can't be made was never exported.
            pdf = render(record)
            receipt = sign(record, pdf)
            transaction.audit.add(
                at=now, organisation=school.id, actor=person.id, action=Action.EXPORT, concern_id=concern.id
            )
    if concern is None:
        raise NothingHere
    return CaseFile(reference=concern.reference, pdf=pdf, receipt=receipt)


_CODE_LASTS = 15 * 60  # seconds, and at least half of it is always left


def export_code(reference: str, person: Person, school: School, key: bytes, now: datetime) -> str:
    """A code with which the command line makes this person's copy of a case file."""
    return _code(reference, person, school, key, int(now.timestamp()) // _CODE_LASTS)


def whose_code(code: str, reference: str, school: School, key: bytes, now: datetime) -> Person | None:
    """The person whose code it is, if it is anyone's and not too old."""
    window = int(now.timestamp()) // _CODE_LASTS
    given = code.strip().upper().encode()
    for person in school.roster:
        for at in (window, window - 1):
            if person.active and hmac.compare_digest(given, _code(reference, person, school, key, at).encode()):
                return person
    return None


def _code(reference: str, person: Person, school: School, key: bytes, window: int) -> str:
    said = "\0".join(("export", school.id, person.id, reference.strip().upper(), str(window)))
    return base64.b32encode(hmac.digest(key, said.encode(), hashlib.sha256)).decode()[:16]


def what_is_kept(school: School, *, begin: Begin, clock: Clock, actor: str) -> list[tuple[str, Retention]]:
    """What becomes of each concern that is kept, by reference, oldest first. The look is audited."""
    now = clock.now()
    with begin() as transaction:
        kept = [(c.reference, _retention(c, school, now)) for c in transaction.concerns.all_kept(school.id)]
        transaction.audit.add(at=now, organisation=school.id, actor=actor, action="retention", detail=str(len(kept)))
    return kept


def delete_due(school: School, *, begin: Begin, clock: Clock, actor: str) -> list[str]:
    """Delete what is due, each in the audit trail; the references of what was deleted."""
    now = clock.now()
    with begin() as transaction:
        kept = transaction.concerns.all_kept(school.id)
    due = [concern.id for concern in kept if _is_due(concern, school, now)]
    deleted = []
    for id_ in due:
        with begin() as transaction:
            # Locked now, and looked at again: a hold may have been put on it since, or something added.
            concern = transaction.concerns.by_id(id_)
            if concern is not None and _is_due(concern, school, now):
                transaction.concerns.delete(concern, now)
                transaction.audit.add(at=now, organisation=school.id, actor=actor, action="deleted", concern_id=id_)
                deleted.append(concern.reference)
    return deleted


def _is_due(concern: Concern, school: School, now: datetime) -> bool:
    return _retention(concern, school, now).verdict is Verdict.DELETE


def _retention(concern: Concern, school: School, now: datetime) -> Retention:
    return retention(concern, kind_of(concern.matter, school.roster), now, school.after_handover)
