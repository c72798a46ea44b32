"""A notice as a card with a button that opens what it is about; and what stands there once it is settled."""

from assistant.cards import Button, Card, Text
from assistant.domain.accounts import State
from assistant.domain.delivery import TO_REPORTER, Notice, NoticeKind
from assistant.ports import Posted
from assistant.screens.notices import SUBJECT, settled, told


def notice_card(notice: Notice, said: str = "") -> Card:
    """A notice: a reference and what it waits for, nothing else."""
    said = said or told(notice)
    if notice.account:
        open_it = Button(label="Open", action="account", values={"reference": notice.account}, strong=True)
    elif notice.concern_id:
        action = "report-state" if notice.kind in TO_REPORTER else "concern"
        open_it = Button(label="Open", action=action, values={"reference": notice.reference}, strong=True)
    elif notice.kind is NoticeKind.POLICY_REVIEW:
        open_it = Button(label="Accounts and policies", action="accounts")
    else:
        return Card(title=SUBJECT, parts=(Text(text=said),))
    return Card(title=SUBJECT, parts=(Text(text=said), open_it))


def settled_card(message: Posted, state: State | None) -> Card:
    """What a message says once nothing waits there any more."""
    notice = Notice(
        organisation=message.organisation,
        person="",
        kind=message.kind,
        reference=message.account,
        account=message.account,
    )
    return notice_card(notice, settled(notice, state))
