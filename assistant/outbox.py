"""Deliver what is owed: lease, send, record; put off with backoff what failed, until it is delivered or not needed.

Any number of workers may run. A notice is sent at least once: a worker that dies after sending and before recording
leaves a lease that runs out, and another sends again. The reference in the notice makes that harmless.
"""

import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from assistant.domain.delivery import DEAD_AFTER, FURTHEST, ChannelHealth, Notice, NoticeKind, Owed, retry_at
from assistant.domain.errors import AssistantError, TryLater
from assistant.domain.people import Person
from assistant.domain.routing import barred
from assistant.domain.schools import School
from assistant.handlers.access import still_owed
from assistant.handlers.reporting import climb_due, look_over
from assistant.ports import Begin, Clock, Sender

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # longer than any channel's own time-out
IDLE = 1.0  # seconds between looks when nothing is due
BATCH = 20
LOOK_OVER = timedelta(minutes=10)  # how often every concern is looked over


class Outbox:
    """One worker. `senders` are tried in order; the staff room's inbox always gets a copy, which counts where there is
    a `room` to look into and nothing else reaches somebody. `also` is done in every round."""

    def __init__(
        self,
        schools: Mapping[str, School],
        senders: Sequence[Sender],
        *,
        begin: Begin,
        clock: Clock,
        lease: timedelta = LEASE,
        room: bool = True,
        also: Callable[[], int] = lambda: 0,
    ) -> None:
        self._also = also
        self._schools = schools
        self._senders, self._begin, self._clock = senders, begin, clock
        self._inbox = InboxSender(begin, clock)
        self._lease, self._room = lease, room
        self._worker = uuid.uuid4().hex
        self._looked_at: datetime | None = None
        self._patience = 0.0  # seconds for which a channel has asked, while one notice is delivered

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop. Nothing that goes wrong ends it."""
        while not stop.is_set():
            try:
                busy = self.run_once()
            except Exception as error:  # whatever it is, the next round tries again
                log.error("delivering failed (%s); it is tried again", type(error).__name__)
                busy = 0
            if not busy:
                stop.wait(IDLE)

    def run_once(self) -> int:
        """Climb what nobody has taken, deliver what is due; how many things there were to do."""
        climbed = climb_due(self._schools.values(), begin=self._begin, clock=self._clock, limit=BATCH)
        climbed += self._looked_over()
        try:
            climbed += self._also()
        except Exception as error:  # concerns go first, and nothing keeps them back
            log.error("reminders failed (%s); they are tried again", type(error).__name__)
        with self._begin() as transaction:
            leased = transaction.notices.claim(self._worker, self._clock.now(), self._lease, BATCH)
        for owed in leased:
            try:
                self._deliver(owed)
            except AssistantError as error:  # its lease runs out, and it is tried again; the others go on
                log.error("a notice could not be delivered (%s)", type(error).__name__)
        return climbed + len(leased)

    def _looked_over(self) -> int:
        """Now and then, and again when the clock was put back: what waits for nobody, or too long."""
        now = self._clock.now()
        if self._looked_at is not None and timedelta() <= now - self._looked_at < LOOK_OVER:
            return 0
        self._looked_at = now
        try:
            return look_over(self._schools.values(), begin=self._begin, clock=self._clock)
        except Exception as error:  # what is due goes on all the same
            log.error("concerns could not be looked over (%s); it is tried again", type(error).__name__)
            return 0

    def _deliver(self, owed: Owed) -> None:
        school = self._schools.get(owed.notice.organisation)
        person = None if school is None else self._still(owed.notice, school)
        if school is None or person is None:
            self._settle(owed, "dropped")
            return
        self._patience = 0.0
        # The staff room shows everything, but nobody need be looking at it: where somebody can be reached by another
        # channel, only that counts.
        shown = self._sent(self._inbox, owed, person, school)
        others = [sender for sender in self._senders if sender.reaches(person)]
        alone = self._inbox if shown and self._room and not others else None
        sent = next((s for s in others if self._sent(s, owed, person, school)), alone)
        if sent is not None:
            self._settle(owed, "delivered", sent.name)
            return
        if not others and not self._room:
            self._unreached(owed.notice, school)
        with self._begin() as transaction:
            now = self._clock.now()
            earliest = now + timedelta(seconds=self._patience)
            # Not a secret: the jitter keeps workers apart.
            until = max(earliest, retry_at(owed.attempts, now, random.random()))  # noqa: S311
            transaction.notices.put_off(owed, self._worker, min(until, now + FURTHEST))

    def _still(self, notice: Notice, school: School) -> Person | None:
        with self._begin() as transaction:
            concern = transaction.concerns.by_id(notice.concern_id) if notice.concern_id else None
            account = transaction.accounts.by_reference(school.id, notice.account) if notice.account else None
            return still_owed(notice, concern, school, account)

    def _sent(self, sender: Sender, owed: Owed, person: Person, school: School) -> bool:
        try:
            sender.send(owed, person, school)
        except TryLater as later:  # it works, and wants no more just now
            self._patience = max(self._patience, later.seconds)
            return False
        except Exception as error:  # a channel may raise anything, and with anything in its message
            self._channel(sender.name, type(error).__name__)
            return False
        self._channel(sender.name, "")
        return True

    def _channel(self, name: str, error: str) -> None:
        """Keep how a channel fares; tell whoever looks after the assistant, once, when it is dead."""
        try:
            with self._begin() as transaction:
                if not error:
                    if any(c.name == name and c.failures for c in transaction.notices.channels()):
                        transaction.notices.channel_worked(name)
                    return
                now = self._clock.now()
                health = transaction.notices.channel_failed(name, now, error)
                log.warning("%s could not deliver (%s), %d in a row", name, error, health.failures)
                if health.failures >= DEAD_AFTER and health.alarmed_at is None:
                    transaction.notices.channel_alarmed(name, now)
                    for notice in self._alarms(health):
                        transaction.notices.owe(notice, now)
        except AssistantError:
            log.warning("how %s fares could not be kept", name)

    def _alarms(self, health: ChannelHealth) -> list[Notice]:
        step = f"{health.name} {health.failing_since}"
        return [
            Notice(organisation=school.id, person=id_, kind=NoticeKind.ALARM, step=step)
            for school in self._schools.values()
            for id_ in school.alarms
        ]

    def _unreached(self, notice: Notice, school: School) -> None:
        """Nothing reaches whom it is for: whoever looks after the assistant hears it, at most once a day, and of no
        concern; not those whom the concern is about."""
        log.warning("%s: nothing reaches somebody to whom a notice is owed; `assistant check` says whom", school.id)
        if notice.kind is NoticeKind.ALARM:
            return
        with self._begin() as transaction:
            now = self._clock.now()
            concern = transaction.concerns.by_id(notice.concern_id) if notice.concern_id else None
            out = barred(concern.matter, school.roster) if concern else frozenset[str]()
            step = f"unreached {now.date().isoformat()}"
            for id_ in school.alarms:
                if (person := school.person(id_)) and not person.ids & out:
                    alarm = Notice(organisation=school.id, person=id_, kind=NoticeKind.ALARM, step=step)
                    transaction.notices.owe(alarm, now)

    def _settle(self, owed: Owed, outcome: str, channel: str = "") -> None:
        with self._begin() as transaction:
            now = self._clock.now()
            if transaction.notices.settle(owed, self._worker, now, outcome, channel) and owed.notice.concern_id:
                transaction.audit.add(
                    at=now,
                    organisation=owed.notice.organisation,
                    actor="",
                    action=outcome,
                    concern_id=owed.notice.concern_id,
                    detail=owed.notice.kind,
                )


class InboxSender:
    """The staff room's own channel: it always reaches everybody, and what comes twice is there once."""

    name = "staff room"

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin, self._clock = begin, clock

    def reaches(self, person: Person) -> bool:
        """Everyone has an inbox."""
        return True

    def send(self, owed: Owed, person: Person, school: School) -> None:
        """Put it into the person's inbox."""
        with self._begin() as transaction:
            transaction.notices.show(owed, self._clock.now())


def in_background(outbox: Outbox) -> Callable[[], None]:
    """Start a worker in a thread; call what is returned to end it."""
    stop = threading.Event()
    thread = threading.Thread(target=outbox.run, args=(stop,), name="outbox", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return end
