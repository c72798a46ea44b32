"""Pressing a button twice, or reloading the page after it, is one press; what changed nothing may be pressed again."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping

from assistant.cards import Card

_REMEMBERED = 10_000
Cards = tuple[Card, ...]


class Presses:
    """Those of one running staff room, by what their page gave them to be told apart."""

    def __init__(self) -> None:
        self._done: dict[str, None] = {}  # oldest first
        self._going: dict[str, asyncio.Future[Cards]] = {}

    async def once(self, press: str, do: Callable[[], Awaitable[Cards]]) -> Cards | None:
        """What a press has led to; None when the same one has done it. A twin waits for what the first comes to."""
        if press in self._done:
            return None
        going = self._going.get(press)
        first = going is None
        if going is None:
            going = self._going[press] = asyncio.ensure_future(do())
        try:
            cards = await asyncio.shield(going)
        finally:
            if first:
                del self._going[press]
        if any(card.failed for card in cards):
            return cards
        if not first:
            return None
        self._done[press] = None
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]
        return cards


def press_of(once: str, person: str, action: str, fields: Mapping[str, str]) -> str:
    """What tells a press from others; with other words it is another. A digest, so that nothing written is remembered."""
    return hashlib.sha256(json.dumps([once, person, action, sorted(fields.items())]).encode()).hexdigest()
