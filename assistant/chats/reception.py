"""Where the chats' doors hand over: somebody known, in one school, is given the core's reply; anybody else is refused."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.cards import Card, Incoming
from assistant.chats.memory import Memory
from assistant.chats.origin import needs_modal, of_school
from assistant.conversation import APPLY_COMMAND, REPORT_COMMAND, Conversation
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.screens import doors

log = logging.getLogger(__name__)
Places = Sequence[tuple[School, Person]]
_COMMANDS = {
    "report a concern": "report",
    "apply for an account": "apply",
    "my reports": "reports",
    "reports for you": "inbox",
    "accounts": "accounts",
    "home": "home",
}
# Lists that each school has of its own, with what shows another's to somebody who belongs to both.
_EACH_SCHOOLS = {"home": "choose-school", "inbox": "inbox", "reports": "reports", "accounts": "accounts"}


def commanded(text: str) -> str:
    """The action that a typed message asks for; "" for a question."""
    said = text.casefold()
    if said.startswith(REPORT_COMMAND):
        return "report"
    return "apply" if said.startswith(APPLY_COMMAND) else _COMMANDS.get(said, "")


def in_a_message(card: Card) -> Card:
    """What may be written into a conversation: of what needs a window of its own, only what opens it."""
    return doors.opener(card.title, doors.PRIVATE, card.action or "report", card.values) if needs_modal(card) else card


class Reception:
    """One door's."""

    def __init__(self, conversation: Conversation, schools: Mapping[str, School], memory: Memory) -> None:
        self._conversation, self._schools, self._memory = conversation, schools, memory

    async def reply(
        self,
        user: str,
        places: Places,
        *,
        text: str = "",
        action: str = "",
        values: Mapping[str, str] | None = None,
        before: str = "",
    ) -> tuple[Card, ...]:
        """What the core replies to a chat's `user`, who belongs to `places`; never guessed between two schools.

        A press says by its values which school it is for: a notice's, or that of the card which it stood on.
        """
        given = dict(values or {})
        pressed_at = given.pop("organisation", "")
        if action == "choose-school":
            await asyncio.to_thread(self._memory.choose, user, pressed_at, self._schools)
            action = "home"
        if not places:
            log.info("somebody who is on no roster was refused")
            return (doors.stranger(),)
        found = await self._place(user, places, pressed_at)
        if found is None:
            return (doors.choose([school for school, _ in places]),)
        school, person = found
        incoming = Incoming(
            person=person.id,
            organisation=school.id,
            text=text,
            action=action,
            values=given,
            before=before,
        )
        cards = await asyncio.to_thread(self._conversation.reply_to, incoming)
        others = [other for other, _ in places if other.id != school.id]
        if not others:
            return cards
        first, *more = (of_school(card, school.id) for card in cards)
        if action in _EACH_SCHOOLS:
            first = replace(first, parts=first.parts + doors.elsewhere(school, others, _EACH_SCHOOLS[action]))
        return (first, *more)

    async def _place(self, user: str, places: Places, pressed_at: str) -> tuple[School, Person] | None:
        """The school that a press is for, else the only one, else the one that was chosen; who it is there."""
        if len(places) == 1:
            return places[0]
        known = any(school.id == pressed_at for school, _ in places)
        chosen = pressed_at if known else await asyncio.to_thread(self._memory.choice, user)
        return next((place for place in places if place[0].id == chosen), None)
