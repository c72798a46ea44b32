"""The chat-neutral vocabulary: what comes in from a person, and the cards that go out. Frozen values only."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """Something a person sent: words, or a press of a button (`action` with its `values`)."""

    person: str
    organisation: str | None
    text: str = ""
    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
    id: str = ""  # the platform's own, so that a message sent twice is one


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A paragraph; a `warning` is set apart, a `note` is small."""

    text: str
    style: Literal["plain", "note", "warning"] = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Words of a policy, with the sentence that opens their list, where they stand, and what to know about them."""

    text: str
    citation: str
    policy_id: str
    clause_id: str
    lead_in: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A short list."""

    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """Something to press; `values` come back with the press."""

    label: str
    action: str
    values: dict[str, str] = field(default_factory=dict)


Part = Text | Quote | Items | Button


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One reply: a heading and its parts, in reading order."""

    title: str
    parts: tuple[Part, ...] = ()
