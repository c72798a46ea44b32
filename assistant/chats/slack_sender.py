"""Notices as Slack messages: a reference and what it waits for, with a button that opens it; changed once it is decided."""

from collections.abc import Mapping

from slack_sdk.errors import SlackApiError
from slack_sdk.web.client import WebClient

from assistant.chats.block_kit import messages
from assistant.chats.slack_people import code_of
from assistant.domain.accounts import WAITS_IN
from assistant.domain.delivery import Owed
from assistant.domain.errors import TryLater
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Posted
from assistant.screens.notice_cards import as_it_is_now, notice_card
from assistant.screens.notices import told

DOOR = "slack"


class SlackRefused(Exception):
    """Slack does not take it. Holds Slack's word for why, and nothing of what was sent."""


class SlackSender:
    """Sends to a person's conversation with the app."""

    name = DOOR

    def __init__(self, client: WebClient, begin: Begin, schools: Mapping[str, School]) -> None:
        self._client, self._begin, self._schools = client, begin, schools
        self._users: dict[str, str] = {}  # e-mail address to Slack's id

    def reaches(self, person: Person) -> bool:
        """Whether they have an id there, or an address by which Slack may know them."""
        return bool(person.slack or person.email)

    def send(self, owed: Owed, person: Person, school: School) -> None:
        """Post it. Raises TryLater when Slack asks for patience, SlackRefused when it does not take it."""
        (_, blocks), *_ = messages(notice_card(owed.notice))
        try:
            user = person.slack or self._by_email(person.email)
            done = self._client.chat_postMessage(channel=user, text=told(owed.notice), blocks=blocks)
        except SlackApiError as error:
            raise _kinder(error) from None
        if owed.notice.kind in WAITS_IN and owed.notice.account:
            message = Posted(
                door=DOOR,
                place=str(done["channel"]),
                message=str(done["ts"]),
                organisation=school.id,
                account=owed.notice.account,
                kind=owed.notice.kind,
            )
            with self._begin() as transaction:
                transaction.chats.post(message)

    def refresh(self) -> int:
        """Change the messages whose accounts don't wait for that any more; how many there were."""
        with self._begin() as transaction:
            waiting = transaction.chats.posted(DOOR)
            states = {
                (message.organisation, message.account): account.state
                for _, message in waiting
                if (account := transaction.accounts.by_reference(message.organisation, message.account))
            }
        done = 0
        for id_, message in waiting:
            state = states.get((message.organisation, message.account))
            if state is not None and state in WAITS_IN[message.kind]:
                continue
            try:
                (said, blocks), *_ = messages(as_it_is_now(message.organisation, message.account, message.kind, state))
                self._client.chat_update(channel=message.place, ts=message.message, text=said, blocks=blocks)
            except SlackApiError as error:
                if isinstance(_kinder(error), TryLater):
                    return done
            with self._begin() as transaction:
                transaction.chats.forget(id_)
            done += 1
        return done

    def _by_email(self, email: str) -> str:
        if email not in self._users:
            self._users[email] = self._client.users_lookupByEmail(email=email)["user"]["id"]
        return self._users[email]


def _kinder(error: SlackApiError) -> Exception:
    """The error without its words; with how long to wait, where Slack says so."""
    response = error.response
    if response.status_code == 429:
        return TryLater(float(response.headers.get("Retry-After", 30)))
    return SlackRefused(code_of(error))
