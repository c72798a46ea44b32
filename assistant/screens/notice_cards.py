"""A notice as a card with a button that opens what it is about; and what stands there once it is settled."""

from assistant.cards import Button, Card, Text
from assistant.domain.accounts import WAITS_IN, State
from assistant.domain.delivery import TO_REPORTER, Notice, NoticeKind
from assistant.screens.notices import SUBJECT, settled, told


def notice_card(notice: Notice) -> Card:
    """A notice: a reference and what it waits for, nothing else. Its buttons say of which school it is."""
    if notice.account:
        said = told(notice)
        if notice.kind not in WAITS_IN:
            return Card(title=SUBJECT, parts=(Text(text=said), _open_account(notice.organisation, notice.account)))
        return _about_account(notice.organisation, notice.account, said, notice.kind)
    parts: tuple[Text | Button, ...] = (Text(text=told(notice)),)
    at = {"organisation": notice.organisation}
    if notice.concern_id:
        action = "report-state" if notice.kind in TO_REPORTER else "concern"
        parts += (Button(label="Open", action=action, values=at | {"reference": notice.reference}, strong=True),)
    elif notice.kind is NoticeKind.POLICY_REVIEW:
        parts += (Button(label="Accounts and policies", action="accounts", values=at),)
    return Card(title=SUBJECT, parts=parts)


def as_it_is_now(
    organisation: str, reference: str, kind: NoticeKind, state: State | None, *, theirs: bool = True
) -> Card:
    """What a message about an account says now: what it said, while that is still waited for (from them), else that
    nothing is left to do."""
    if theirs and state in WAITS_IN[kind]:
        return notice_card(
            Notice(organisation=organisation, person="", kind=kind, reference=reference, account=reference)
        )
    return _about_account(organisation, reference, settled(reference, state), kind)


def _about_account(organisation: str, reference: str, said: str, kind: NoticeKind) -> Card:
    # The card says what shows it again, so that a chat can ask anew for each who looks at it.
    values = {"organisation": organisation, "reference": reference, "kind": kind.value}
    parts = (Text(text=said), _open_account(organisation, reference))
    return Card(title=SUBJECT, parts=parts, action="account-notice", values=values)


def _open_account(organisation: str, reference: str) -> Button:
    values = {"organisation": organisation, "reference": reference}
    return Button(label="Open", action="account", values=values, strong=True)
