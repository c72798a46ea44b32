"""What a chat's card was made by, so that a press on it can make it again: nothing is remembered between presses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.cards import Button, Card, Form, Part, Quote, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What made a card, so that a press on it can make it again: an action with its values."""

    action: str
    values: Mapping[str, str] = field(default_factory=dict)

    def packed(self, **more: Any) -> str:
        """As a button's value or a modal's metadata."""
        return json.dumps({"a": self.action, "v": dict(self.values)} | more, separators=(",", ":"))


def origin_in(packed: str) -> tuple[Origin, dict[str, Any]]:
    """What `packed` holds. Raises ValueError for anything else."""
    found = json.loads(packed)
    if not isinstance(found, dict) or not isinstance(found.get("v", {}), dict):
        raise ValueError("not an origin")
    values = {str(key): str(value) for key, value in found.get("v", {}).items()}
    return Origin(action=str(found.get("a", "")), values=values), found


def again(card: Card, origin: Origin) -> Origin:
    """What makes a card again: what it says itself, else what it was made by."""
    return Origin(action=card.action, values=card.values) if card.action else origin


def of_school(card: Card, organisation: str) -> Card:
    """The card with its school in all that can be pressed on it, so that a press goes on in the school that it shows."""

    def bound(part: Part) -> Part:
        if isinstance(part, Quote):
            return replace(part, organisation=organisation)
        if isinstance(part, Button | Form | Row):
            return replace(part, values={"organisation": organisation} | part.values)
        return part

    values = {"organisation": organisation} | card.values
    return replace(card, parts=tuple(map(bound, card.parts)), values=values)


def only_answers(cards: Sequence[Card]) -> bool:
    """Whether cards are answers and nothing else, fit for others in a channel to read."""
    return bool(cards) and all(card.action == "answer" for card in cards)


def needs_modal(card: Card) -> bool:
    """Whether a card may only be shown in a modal: it is sealed, or something is to be filled in."""
    return card.sealed or any(isinstance(part, Form) for part in card.parts)
