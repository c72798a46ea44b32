"""Notices as Teams messages, to those whose chat with the app is known; changed once what they wait for is decided."""

import asyncio

from assistant.chats.memory import kept_as
from assistant.chats.teams import DOOR, TeamsDoor
from assistant.domain.accounts import WAITS_IN
from assistant.domain.delivery import Owed
from assistant.domain.errors import TryLater
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Posted
from assistant.screens.notice_cards import as_it_is_now, notice_card
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
            refused = _kinder(error)
            if str(refused) in ("403", "404"):  # uninstalled or blocked: kept no longer, until the app meets them again
                with self._begin() as transaction:
                    transaction.chats.lose(DOOR, kept_as(person))
            raise refused from None
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
                now = as_it_is_now(message.organisation, message.account, message.kind, state)
                asyncio.run(self._door.change(message.place, message.message, now))
            except Exception as error:  # as above
                if isinstance(_kinder(error), TryLater):
                    return done
            with self._begin() as transaction:
                transaction.chats.forget(id_)
            done += 1
        return done

    def _where(self, person: Person) -> str | None:
        with self._begin() as transaction:
            return transaction.chats.where(DOOR, kept_as(person))


def _kinder(error: Exception) -> Exception:
    """The error without its words; patience where that is all that is wanted: 412, 429, 502, 503, 504."""
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", 0)
    if status in (412, 429, 502, 503, 504):
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        after = str(headers.get("Retry-After", ""))
        return TryLater(float(after) if after.isdecimal() else 10.0)
    return TeamsRefused(str(status))
