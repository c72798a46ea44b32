"""A school's social-media account from application to closure: its states, and who may take which step between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from assistant.domain.delivery import NoticeKind


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFORMATION_REQUESTED = "information requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CREATED = "account created"
    LIVE = "live"
    SUSPENDED = "suspended"
    HANDOVER = "handover"
    CLOSED = "closed"


ON_THE_REGISTER = frozenset({State.CREATED, State.LIVE, State.SUSPENDED, State.HANDOVER, State.CLOSED})
IN_USE = ON_THE_REGISTER - {State.CLOSED}
OVER = frozenset({State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.CLOSED})


class Action(StrEnum):
    """What can be done with an application or an account. Each is kept with who, when and why."""

    SAVE = "save"  # a draft
    SUBMIT = "submit"  # for the first time, changed, or with the information asked for
    CONFIRM = "confirm"  # an operator: I have read the policy, and was trained on that day
    ASK = "ask for information"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    CREATE = "create"
    OPEN = "go live"
    CHANGE = "change"  # operators, owner, where the password is kept
    REVIEW = "review"
    SUSPEND = "suspend"
    RESUME = "resume"
    HAND_OVER = "hand over"
    TAKE_OVER = "take over"
    ASK_TO_CLOSE = "ask to close"
    KEEP = "keep"  # it is not closed after all
    CLOSE = "close"


class Part(StrEnum):
    """How a person stands to an account; they may be several."""

    APPLICANT = "applicant"
    OPERATOR = "operator"
    APPROVER = "approver"
    CREATOR = "creator"
    SAFEGUARDING = "safeguarding"
    LEADER = "leader"  # sees the register, decides nothing by it
    ASSISTANT = "assistant"  # nobody: what happens by itself


class Lack(StrEnum):
    """What must be so first."""

    FIELDS = "fields"  # what the form requires
    OPERATORS = "operators"  # enough different people who still work here
    CONFIRMATIONS = "confirmations"  # of each operator, for the policy as it is now
    TRAINING = "training"  # of each operator, not too long ago
    DECIDER = "decider"  # somebody who may decide on it
    HANDLE = "handle"
    PASSWORD = "password"  # noqa: S105  where it is kept
    CHECKLIST = "checklist"  # what is confirmed before it goes live
    ASKED_TO_CLOSE = "asked to close"


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """An operator's word that they have read and understood the policy, and when they were trained."""

    person: str
    policy: str  # its version
    at: datetime = field(compare=False)  # said again, it is the same word
    trained: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """One person's yes, to one of the approvals that the school asks for, of the application as it was."""

    person: str
    which: int
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An application, and the account that it becomes."""

    id: str
    reference: str  # random; what people and notices call it
    organisation: str
    applicant: str  # a person's id, as are all below
    operators: tuple[str, ...]  # the first one leads
    answers: Mapping[str, str]  # to the school's form, by field
    state: State = State.DRAFT
    policy: str = ""  # the version of the policy that it was submitted under
    revision: int = 0  # how often it has been submitted
    approvals: tuple[Approval, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()  # each operator's last one
    owner: str = ""
    handle: str = ""
    password_kept: str = ""  # where, never what it is
    checked: tuple[str, ...] = ()  # of what is confirmed before it goes live
    review_on: date | None = None
    asked_to_close: str = ""  # by whom
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    closed_at: datetime | None = None
    step: int = 0  # how many reminders have gone out in this state
    step_at: datetime | None = None  # when the next one does
    last: tuple[str, ...] = ("", "", "")  # who did what last, with which words: a second press is the first one
    entries: int = 0
    version: int = 0

    @property
    def platform(self) -> str:
        """Where it is, as the applicant wrote it."""
        return self.answers.get("platform", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Something done with an account. Added, never changed."""

    at: datetime
    actor: str  # a person's id; "" for the assistant itself
    action: Action
    text: str = ""
    before: State | None = None
    after: State | None = None
    policy: str = ""
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """From which states, to which one (None: it stays), by whom, and whether words are needed."""

    when: frozenset[State]
    to: State | None
    by: frozenset[Part]
    reason: bool = False


def _step(when: Iterable[State], to: State | None, *by: Part, reason: bool = False) -> Step:
    return Step(when=frozenset(when), to=to, by=frozenset(by), reason=reason)


_S, _P = State, Part
STEPS: dict[Action, Step] = {
    Action.SAVE: _step({_S.DRAFT}, None, _P.APPLICANT),
    Action.SUBMIT: _step({_S.DRAFT, _S.SUBMITTED, _S.INFORMATION_REQUESTED}, _S.SUBMITTED, _P.APPLICANT),
    Action.CONFIRM: _step(set(State) - OVER - {_S.DRAFT}, None, _P.OPERATOR),
    Action.ASK: _step({_S.SUBMITTED}, _S.INFORMATION_REQUESTED, _P.APPROVER, reason=True),
    Action.APPROVE: _step({_S.SUBMITTED}, _S.APPROVED, _P.APPROVER),
    Action.REJECT: _step({_S.SUBMITTED}, _S.REJECTED, _P.APPROVER, reason=True),
    Action.WITHDRAW: _step({_S.DRAFT, _S.SUBMITTED, _S.INFORMATION_REQUESTED, _S.APPROVED}, _S.WITHDRAWN, _P.APPLICANT),
    Action.EXPIRE: _step({_S.APPROVED}, _S.EXPIRED, _P.ASSISTANT),
    Action.CREATE: _step({_S.APPROVED}, _S.CREATED, _P.CREATOR),
    Action.OPEN: _step({_S.CREATED}, _S.LIVE, _P.CREATOR, _P.OPERATOR),
    Action.CHANGE: _step(IN_USE, None, _P.CREATOR, _P.APPROVER, reason=True),
    Action.REVIEW: _step({_S.LIVE}, None, _P.CREATOR, _P.APPROVER),
    Action.SUSPEND: _step(
        {_S.LIVE, _S.HANDOVER}, _S.SUSPENDED, _P.OPERATOR, _P.SAFEGUARDING, _P.APPROVER, _P.CREATOR, reason=True
    ),
    Action.RESUME: _step({_S.SUSPENDED}, _S.LIVE, _P.APPROVER, reason=True),
    Action.HAND_OVER: _step({_S.LIVE, _S.SUSPENDED}, _S.HANDOVER, _P.CREATOR, _P.OPERATOR, _P.ASSISTANT, reason=True),
    Action.TAKE_OVER: _step({_S.HANDOVER}, _S.LIVE, _P.CREATOR, _P.APPROVER, reason=True),
    Action.ASK_TO_CLOSE: _step(IN_USE, None, _P.CREATOR, _P.OPERATOR, reason=True),
    Action.KEEP: _step(IN_USE, None, _P.APPROVER, reason=True),
    Action.CLOSE: _step(IN_USE, _S.CLOSED, _P.APPROVER, reason=True),
}

# What an account still waits for when a notice of that kind is delivered.
WAITS_IN = {
    NoticeKind.DECIDE: frozenset({State.SUBMITTED}),
    NoticeKind.CONFIRM: frozenset(State) - OVER - {State.DRAFT},
    NoticeKind.INFORMATION: frozenset({State.INFORMATION_REQUESTED}),
    NoticeKind.CREATE: frozenset({State.APPROVED}),
    NoticeKind.OPEN: frozenset({State.CREATED}),
    NoticeKind.REVIEW: frozenset({State.LIVE}),
    NoticeKind.SUSPENDED: frozenset({State.SUSPENDED}),
    NoticeKind.HANDOVER: frozenset({State.HANDOVER}),
    NoticeKind.TO_CLOSE: IN_USE,
    NoticeKind.COMMENT: IN_USE,
    NoticeKind.POST: IN_USE,
}
