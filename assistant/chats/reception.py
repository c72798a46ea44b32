"""Where the chats' doors hand over: somebody known, in one school, is given the core's reply; anybody else is refused."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from assistant.cards import Card, Incoming
from assistant.chats.memory import Memory
from assistant.chats.origin import needs_modal
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
        """What the core replies to a chat's `user`, who belongs to `places`; never guessed between two schools."""
        if action == "choose-school":
            await asyncio.to_thread(self._memory.choose, user, (values or {}).get("organisation", ""), self._schools)
            action = "home"
        if not places:
            log.info("somebody who is on no roster was refused")
            return (doors.stranger(),)
        chosen = await asyncio.to_thread(self._memory.choice, user) if len(places) > 1 else places[0][0].id
        found = next(((school, person) for school, person in places if school.id == chosen), None)
        if found is None:
            return (doors.choose([school for school, _ in places]),)
        school, person = found
        incoming = Incoming(
            person=person.id,
            organisation=school.id,
            text=text,
            action=action,
            values=dict(values or {}),
            before=before,
        )
        return await asyncio.to_thread(self._conversation.reply_to, incoming)
