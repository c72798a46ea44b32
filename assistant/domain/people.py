"""The people of an organisation and their roles."""

from collections.abc import Iterable
from dataclasses import dataclass

ROLES = {
    "staff": "member of staff",
    "dsl": "Designated Safeguarding Lead",
    "deputy_dsl": "deputy Designated Safeguarding Lead",
    "headteacher": "headteacher",
    "slt": "senior leadership team",
    "ceo": "chief executive",
    "chair_of_governors": "chair of governors",
    "vice_chair": "vice chair of governors",
    "chair_of_trustees": "chair of trustees",
    "account_approver": "account approver",
    "account_administrator": "account administrator",
    "policy_owner": "policy owner",
    "governor": "governor",
}
# Whom a question that the policies don't answer goes to: the first of these that the school has.
_ASKED = ("policy_owner", "headteacher", "slt", "ceo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody on a roster. Everyone has the role `staff`."""

    id: str
    name: str
    roles: frozenset[str]

    @property
    def titles(self) -> str:
        """The roles in words, "member of staff" for no other."""
        titles = [title for role, title in ROLES.items() if role in self.roles and role != "staff"]
        return ", ".join(titles) or ROLES["staff"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Whom to ask: a role in words, and who has it."""

    role: str
    names: tuple[str, ...]


def whom_to_ask(people: Iterable[Person]) -> Contact:
    """Who answers what the policies don't say. Without a roster it is the headteacher, by no name."""
    roster = tuple(people)
    for role in _ASKED:
        names = tuple(person.name for person in roster if role in person.roles)
        if names:
            return Contact(role=ROLES[role], names=names)
    return Contact(role=ROLES["headteacher"], names=())
