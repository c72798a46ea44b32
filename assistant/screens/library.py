"""The policies as a library: versions, what was found while reading, what changed; overdue ones first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.cards import Card, Items, Text
from assistant.screens.terms import day
from index.clauses import Policy
from index.versions import Change, changes

_SAID = {"new": "New", "gone": "Gone", "reworded": "Reworded", "moved": "Moved"}
_MOST = 20  # changes shown in a chat; the staff room's page has all


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """A policy in force with the versions that it superseded, the latest first."""

    policy: Policy
    past: tuple[Policy, ...]
    overdue: bool

    @property
    def in_force(self) -> str:
        """From when it counts, in words."""
        return f"since {day(self.policy.since)}" if self.policy.since else "since before it was first read"


def shelves(versions: Sequence[Policy], today: date) -> list[Shelf]:
    """Every policy in force, overdue ones first, then by title. `versions`: all that are kept, the latest first."""
    found = [
        Shelf(
            policy=policy,
            past=tuple(v for v in versions if v.until and v.id == policy.id),
            overdue=policy.overdue(today),
        )
        for policy in versions
        if policy.until is None
    ]
    return sorted(found, key=lambda shelf: (not shelf.overdue, shelf.policy.title.casefold()))


def span(policy: Policy) -> str:
    """The days on which a version was in force, in words."""
    return " ".join(
        part
        for part in (
            f"from {day(policy.since)}" if policy.since else "",
            f"until {day(policy.until)}" if policy.until else "on",
        )
        if part
    )


def headline(change: Change) -> str:
    """What kind of change it is, and where."""
    return f"{_SAID[change.kind]}, {(change.after or change.before).place}"  # type: ignore[union-attr]


def told(change: Change) -> str:
    """One change in a line: both texts word for word, each in quotation marks."""
    before = f"“{change.before.text}”" if change.before else ""
    after = f"“{change.after.text}”" if change.after else ""
    if change.kind == "reworded":
        return f"{headline(change)}: {before} is now {after}"
    return f"{headline(change)}: {after or before}"


def what_changed(shelf: Shelf) -> Card:
    """What is different between a policy in force and the version before it."""
    title = f"What changed: {shelf.policy.title}"
    if not shelf.past:
        said = f"Only one version of this policy is known, in force {shelf.in_force}. Changes show once it is replaced."
        return Card(title=title, parts=(Text(text=said),))
    found = changes(shelf.past[0], shelf.policy)
    opening = f"In force {shelf.in_force}. The version before it was in force {span(shelf.past[0])}."
    if not found:
        return Card(title=title, parts=(Text(text=f"{opening} No clause differs."),))
    parts: list[Text | Items] = [Text(text=opening), Items(items=tuple(told(change) for change in found[:_MOST]))]
    if len(found) > _MOST:
        parts.append(
            Text(text=f"And {len(found) - _MOST} more: the policy's page in the staff room has all.", style="note")
        )
    return Card(title=title, parts=tuple(parts), action="answer")


def which_changed(shelves: Sequence[Shelf]) -> Card:
    """Which policies have changed, for a question that names none."""
    changed = sorted(
        (shelf for shelf in shelves if shelf.past), key=lambda shelf: shelf.policy.since or date.min, reverse=True
    )
    if not changed:
        return Card(title="What changed", parts=(Text(text="No policy has been replaced since it was first read."),))
    items = tuple(f"{shelf.policy.title}, in force {shelf.in_force}" for shelf in changed)
    return Card(
        title="What changed",
        parts=(
            Text(text="These policies have an earlier version. Ask again with a policy's name."),
            Items(items=items),
        ),
    )


def which_policy(question: str, policies: Sequence[Policy]) -> Policy | None:
    """The policy that a question names, by the words of its title; the only one there is, where it names none."""
    asked = set(question.casefold().replace("?", " ").split())
    said = {
        p.id: len(asked & {w for w in p.title.casefold().split() if w not in {"policy", "the", "of", "and"}})
        for p in policies
    }
    best = max(policies, key=lambda p: said[p.id], default=None)
    if best is None or (not said[best.id] and len(policies) > 1):
        return None
    return best
