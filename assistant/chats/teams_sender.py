"""Notices as Teams messages, to those whose chat with the app is known; changed once what they wait for is decided."""

import asyncio
import json

from assistant.chats.notice_cards import notice_card, settled_card
from assistant.chats.teams import DOOR, TeamsDoor
from assistant.domain.accounts import WAITS_IN
from assistant.domain.delivery import Owed
from assistant.domain.errors import TryLater
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Posted
from assistant.screens.notices import told


class TeamsRefused(Exception):
    """Teams does not take it. Holds the status alone."""


class TeamsSender:
    """Sends to a person's own chat with the app, where the app has met them."""

    name = DOOR

    def __init__(self, door: TeamsDoor, begin: Begin) -> None:
        self._door, self._begin = door, begin

    def reaches(self, person: Person) -> bool:
        """Whether the app has met them: nobody can be written to before."""
        return self._where(person) is not None

    def send(self, owed: Owed, person: Person, school: School) -> None:
        """Send it. Raises TryLater when Teams asks for patience, TeamsRefused when it does not take it."""
        where = self._where(person)
        if where is None:
            raise TeamsRefused("never met")
        try:
            message = asyncio.run(self._door.write_to(where, notice_card(owed.notice), told(owed.notice)))
        except Exception as error:  # the SDK raises whatever its HTTP client does, with what was sent in it
            raise _kinder(error) from None
        if owed.notice.kind in WAITS_IN and owed.notice.account:
            posted = Posted(
                door=DOOR,
                place=where,
                message=message,
                organisation=school.id,
                account=owed.notice.account,
                kind=owed.notice.kind,
            )
            with self._begin() as transaction:
                transaction.chats.post(posted)

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
                asyncio.run(self._door.change(message.place, message.message, settled_card(message, state)))
            except Exception as error:  # as above
                if isinstance(_kinder(error), TryLater):
                    return done
            with self._begin() as transaction:
                transaction.chats.forget(id_)
            done += 1
        return done

    def _where(self, person: Person) -> str | None:
        if not person.teams:
            return None
        with self._begin() as transaction:
            return transaction.chats.where(DOOR, person.teams)


def _kinder(error: Exception) -> Exception:
    """The error without its words; patience where that is all that is wanted: 412, 429, 502, 503, 504."""
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", 0)
    if status in (412, 429, 502, 503, 504):
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        after = str(headers.get("Retry-After", ""))
        return TryLater(float(after) if after.isdecimal() else 10.0)
    return TeamsRefused(json.dumps(status))
