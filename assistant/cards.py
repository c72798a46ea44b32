"""The chat-neutral vocabulary: what comes in from a person, and the cards that go out. Frozen values only."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """Something a person sent: words, or a press of a button (`action` with its `values`)."""

    person: str
    organisation: str | None
    text: str = ""
    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
    before: str = ""  # what the same person asked just before in the same thread

    @property
    def version(self) -> int | None:
        """How many entries that had which they were looking at, where they say so; of no more digits than it can have."""
        said = self.values.get("version", "")
        return int(said) if said.isdecimal() and len(said) < 10 else None


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
    telling: tuple[int, int] = (0, 0)  # where in the text the sentence stands that answers; empty for none
    organisation: str = ""  # whose policy it is, where the reader belongs to more than one school

    @property
    def place(self) -> dict[str, str]:
        """What opens the clause in its policy, as a button's values."""
        found = {"policy": self.policy_id, "clause": self.clause_id}
        return found | ({"organisation": self.organisation} if self.organisation else {})

    def stretches(self, size: int = 1_000_000) -> list[list[tuple[str, bool]]]:
        """The text in pieces of at most `size` characters, each in stretches that stand out or don't; joined, the text."""
        start, end = self.telling
        pieces = []
        for begin in range(0, len(self.text), size):
            cuts = sorted(
                {begin, min(begin + size, len(self.text)), *(c for c in (start, end) if begin < c < begin + size)}
            )
            cuts = [cut for cut in cuts if cut <= len(self.text)]
            pieces.append([(self.text[a:b], start <= a < end) for a, b in pairwise(cuts) if a < b])
        return pieces


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
    strong: bool = False  # the one that most people will want


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Labels and what they say, in order. With a `title` they are folded away until somebody asks to see them."""

    facts: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of a field's choices."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """Something to fill in: a line, a text, one of the choices, or any of them (then values are joined by commas)."""

    name: str
    label: str
    kind: Literal["line", "text", "one", "any"] = "line"
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    required: bool = False
    value: str = ""
    quote: Quote | None = None  # the clause that asks for it
    note: str = ""  # what to know about it, small


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """Fields to send together; `values` go along unseen.

    With a `title` it is folded away until somebody asks for it, unless it is `open`: sent, and to be put right.
    """

    action: str
    fields: tuple[Field, ...]
    submit: str
    values: dict[str, str] = field(default_factory=dict)
    title: str = ""
    open: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An entry of a list that can be opened: `action` with `values`, as a button's."""

    label: str
    facts: tuple[str, ...]
    action: str
    values: dict[str, str] = field(default_factory=dict)
    strong: bool = False


Part = Text | Quote | Items | Button | Facts | Form | Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One reply: a heading and its parts, in reading order.

    A `sealed` card holds what only the person before the screen may see: a door shows it in a page, modal or dialog
    that leaves nothing behind, never as a message. `action` with `values` shows it again, where it can be.
    """

    title: str
    parts: tuple[Part, ...] = ()
    sealed: bool = False
    failed: bool = False  # nothing was done, so the same press may come again
    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
