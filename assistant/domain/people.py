"""The people of an organisation, their roles, and who is too close to whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

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
    """Somebody on a roster. Everyone has the role `staff`. Ids are stable: the same id in two schools is one person."""

    id: str
    name: str
    roles: frozenset[str] = frozenset({"staff"})
    email: str = ""
    phone: str = ""
    slack: str = ""
    teams: str = ""
    active: bool = True  # False once they have left
    away: tuple[tuple[date, date], ...] = ()  # first and last days
    relatives: frozenset[str] = frozenset()  # ids of people they are married or related to, as declared
    aliases: frozenset[str] = frozenset()  # other ids of this same person
    line_manager: str = ""

    @property
    def titles(self) -> str:
        """The roles in words, "member of staff" for no other."""
        titles = [title for role, title in ROLES.items() if role in self.roles and role != "staff"]
        return ", ".join(titles) or ROLES["staff"]

    @property
    def ids(self) -> frozenset[str]:
        """All ids that are this person."""
        return self.aliases | {self.id}

    def present(self, day: date) -> bool:
        """Whether they work here and are not away that day."""
        return self.active and not any(first <= day <= last for first, last in self.away)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Whom to ask: a role in words, and who has it."""

    role: str
    names: tuple[str, ...]


def whom_to_ask(people: Iterable[Person]) -> Contact:
    """Who answers what the policies don't say. Without a roster it is the headteacher, by no name."""
    roster = tuple(person for person in people if person.active)
    for role in _ASKED:
        names = tuple(person.name for person in roster if role in person.roles)
        if names:
            return Contact(role=ROLES[role], names=names)
    return Contact(role=ROLES["headteacher"], names=())


def the_same(ids: Iterable[str], roster: Iterable[Person]) -> frozenset[str]:
    """Those ids with every other id of the same people, through aliases declared on either side."""
    people = tuple(roster)
    found = frozenset(ids)
    while True:
        wider = found.union(*(person.ids for person in people if person.ids & found))
        if wider == found:
            return found
        found = wider


def too_close(subjects: Iterable[str], roster: Iterable[Person]) -> frozenset[str]:
    """The ids of those people and of everyone declared, by either of the two, to be their relative."""
    people = tuple(roster)
    them = the_same(subjects, people)
    named = frozenset[str]().union(*(person.relatives for person in people if person.ids & them))
    naming = {person.id for person in people if person.relatives & them}
    return them | the_same(named | naming, people)
