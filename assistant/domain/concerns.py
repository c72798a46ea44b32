"""A concern: what was reported, where it stands, what may be done with it and by whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.domain.errors import NotNow, ReasonNeeded
from assistant.domain.people import Person, the_same
from assistant.domain.routing import Matter, barred


class State(StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in progress"
    REFERRED = "referred"
    MONITORING = "monitoring"
    NO_FURTHER_ACTION = "no further action"
    CLOSED = "closed"
    REOPENED = "reopened"


class Action(StrEnum):
    """What can be done with a concern. Each is kept with who, when and why."""

    RAISE = "raise"
    LIST = "list"  # see that it is there, and count it
    READ = "read"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    ASK = "ask"  # a question to the reporter
    REFER = "refer"
    MONITOR = "monitor"
    END = "end"  # no further action
    CLOSE = "close"
    REOPEN = "reopen"
    LINK = "link"
    REROUTE = "reroute"
    HOLD = "hold"  # a legal hold: never deleted until it is released
    RELEASE = "release"
    EXPORT = "export"
    HAND_OVER = "hand over"  # confirm that the case file is in the school's own record
    FOLLOW = "follow"  # the reporter: see reference, state and times
    ANSWER = "answer"  # the reporter: answer a question or add something


class Relation(StrEnum):
    """How a person stands to a concern. The first that fits, in this order."""

    BARRED = "barred"  # it is about them, or about a relative of theirs
    REPORTER = "reporter"
    READER = "reader"  # told of it, and still entitled
    NOBODY = "nobody"  # everyone else: those who once were readers, administrators, other schools


_READER = frozenset(Action) - {Action.RAISE, Action.FOLLOW, Action.ANSWER}
ALLOWED: dict[Relation, frozenset[Action]] = {
    Relation.BARRED: frozenset(),
    Relation.REPORTER: frozenset({Action.FOLLOW, Action.ANSWER}),
    Relation.READER: _READER,
    Relation.NOBODY: frozenset(),
}

_OPEN = frozenset({State.ACKNOWLEDGED, State.IN_PROGRESS, State.REFERRED, State.MONITORING, State.REOPENED})
_WAITING = frozenset({State.RECEIVED, State.REOPENED})  # for somebody to take it
_ANY = frozenset(State)
_TAKEN = _ANY - {State.RECEIVED}
# From which states an action may be taken, and the state that follows; None leaves it as it is.
_STEPS: dict[Action, tuple[frozenset[State], State | None]] = {
    Action.ACKNOWLEDGE: (frozenset({State.RECEIVED, State.REOPENED}), State.ACKNOWLEDGED),
    Action.NOTE: (_TAKEN, None),
    Action.ASK: (_OPEN, None),
    Action.ANSWER: (_ANY, None),
    Action.REFER: (_OPEN | {State.NO_FURTHER_ACTION}, State.REFERRED),
    Action.MONITOR: (_OPEN | {State.NO_FURTHER_ACTION}, State.MONITORING),
    Action.END: (_OPEN, State.NO_FURTHER_ACTION),
    Action.CLOSE: (frozenset({State.REFERRED, State.MONITORING, State.NO_FURTHER_ACTION}), State.CLOSED),
    Action.REOPEN: (frozenset({State.CLOSED, State.NO_FURTHER_ACTION}), State.REOPENED),
    Action.LINK: (_TAKEN, None),
    Action.REROUTE: (_ANY - {State.CLOSED}, State.RECEIVED),
    Action.HOLD: (_ANY, None),
    Action.RELEASE: (_ANY, None),
    Action.EXPORT: (_ANY, None),
    Action.HAND_OVER: (frozenset({State.CLOSED}), None),
}
# The first thing done with a concern that has been acknowledged, or reopened, makes it "in progress".
_BEGIN = frozenset({Action.NOTE, Action.ASK, Action.LINK})
NEED_REASON = frozenset(
    {
        Action.NOTE,
        Action.ASK,
        Action.ANSWER,
        Action.REFER,
        Action.MONITOR,
        Action.END,
        Action.CLOSE,
        Action.REOPEN,
        Action.LINK,
        Action.REROUTE,
        Action.HOLD,
        Action.RELEASE,
        Action.HAND_OVER,
    }
)


# What is added after an export is in no case file yet; these add nothing to it.
_LEAVE_THE_FILE = frozenset({Action.EXPORT, Action.HAND_OVER, Action.HOLD, Action.RELEASE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What the reporter wrote. Never edited: corrections are added beside it."""

    matter: Matter
    danger: bool
    anonymous: bool
    what: str
    when: str = ""
    where: str = ""
    platform: str = ""
    witnesses: str = ""
    done: str = ""
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """A report and where it stands."""

    id: str
    reference: str  # random; what people and notices call it
    organisation: str
    report: Report
    matter: Matter  # as reported, or as somebody entitled has re-routed it since
    readers: frozenset[str]  # ids of those who have been told of it and not been taken off again
    state: State
    received_at: datetime
    step: int = 0  # of the ladder: how many deadlines have passed
    step_at: datetime | None = None  # when the next one does; None once somebody has taken it
    read_at: datetime | None = None
    acknowledged_at: datetime | None = None
    links: frozenset[str] = frozenset()  # references
    held: bool = False
    exported_at: datetime | None = None
    handed_over_at: datetime | None = None
    closed_at: datetime | None = None
    entries: int = 0  # how many there are
    version: int = 0

    @property
    def urgent(self) -> bool:
        """Whether the reporter said that somebody is in immediate danger."""
        return self.report.danger


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Something done with a concern. Added, never changed."""

    at: datetime
    actor: str  # a person's id; "" for the assistant itself
    action: Action
    text: str = ""  # the reason, note, question or answer
    before: State | None = None
    after: State | None = None
    mistaken: frozenset[str] = frozenset()  # what had been said of whom it is about, and was taken back
    other: str = ""  # of a link: the other concern's reference


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What the reporter may see: never who has it nor what they noted."""

    reference: str
    state: State
    urgent: bool
    received_at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    asked: tuple[Entry, ...]  # questions to the reporter and their answers, oldest first; questions without the actor


def relation(person: Person, concern: Concern, roster: Iterable[Person], may_ever: Iterable[Person]) -> Relation:
    """How a person stands to a concern now. `may_ever` is everyone on its ladder, whether away or not."""
    people = tuple(roster)
    if person.ids & barred(concern.matter, people):
        return Relation.BARRED
    if not any(one.id == person.id and one.active for one in people):
        return Relation.NOBODY
    if concern.matter.reporter and concern.matter.reporter in the_same(person.ids, people):
        return Relation.REPORTER
    if concern.readers & person.ids and any(one.ids & person.ids for one in may_ever):
        return Relation.READER
    return Relation.NOBODY


def allowed_now(concern: Concern, action: Action) -> bool:
    """Whether the concern's state lets somebody entitled take an action."""
    if action in (Action.HOLD, Action.RELEASE) and concern.held == (action is Action.HOLD):
        return False
    if action is Action.HAND_OVER and (concern.exported_at is None or concern.handed_over_at is not None):
        return False
    return action not in _STEPS or concern.state in _STEPS[action][0]


def act(concern: Concern, action: Action, actor: str, now: datetime, text: str = "") -> tuple[Concern, Entry]:
    """The concern after an action, and the entry to add. Raises NotNow and ReasonNeeded."""
    text = text.strip()
    if not allowed_now(concern, action):
        raise NotNow
    if action in NEED_REASON and not text:
        raise ReasonNeeded
    return _done(concern, action, actor, now, text)


def forsaken(concern: Concern, now: datetime) -> tuple[Concern, Entry]:
    """The concern once nobody who took it is there for it: it waits again, as if the assistant had sent it on."""
    return _done(replace(concern, closed_at=None), Action.REROUTE, "", now)


def _done(concern: Concern, action: Action, actor: str, now: datetime, text: str = "") -> tuple[Concern, Entry]:
    after = _STEPS[action][1] or concern.state
    if action in _BEGIN and concern.state in {State.ACKNOWLEDGED, State.REOPENED}:
        after = State.IN_PROGRESS
    changes = _CHANGES[action](concern, now) if action in _CHANGES else {}
    if concern.state in _WAITING and after not in _WAITING:  # whatever moves it on takes it
        changes |= {"acknowledged_at": now, "step_at": None}
    if action not in _LEAVE_THE_FILE:
        changes = {"exported_at": None, "handed_over_at": None} | changes
    changed = replace(concern, state=after, entries=concern.entries + 1, **changes)
    entry = Entry(at=now, actor=actor, action=action, text=text, before=concern.state, after=after)
    return changed, entry


# What an action changes beside the state.
_CHANGES: dict[Action, Callable[[Concern, datetime], dict[str, Any]]] = {
    Action.CLOSE: lambda _, now: {"closed_at": now},
    Action.REOPEN: lambda *_: {"closed_at": None, "acknowledged_at": None, "step": 0},
    Action.HOLD: lambda *_: {"held": True},
    Action.RELEASE: lambda *_: {"held": False},
    Action.EXPORT: lambda _, now: {"exported_at": now},
    Action.HAND_OVER: lambda _, now: {"handed_over_at": now},
    Action.REROUTE: lambda *_: {"step": 0, "acknowledged_at": None},
}


def summary(concern: Concern, entries: Iterable[Entry]) -> Summary:
    """What the reporter sees of a concern."""
    asked = tuple(
        replace(entry, actor="", before=None, after=None)
        for entry in entries
        if entry.action in {Action.ASK, Action.ANSWER}
    )
    return Summary(
        reference=concern.reference,
        state=concern.state,
        urgent=concern.urgent,
        received_at=concern.received_at,
        read_at=concern.read_at,
        acknowledged_at=concern.acknowledged_at,
        closed_at=concern.closed_at,
        asked=asked,
    )
