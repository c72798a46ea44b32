"""What a chat door remembers: events it has met, the school that somebody chose, and their last question, in memory alone."""

from collections import OrderedDict
from collections.abc import Container

from assistant.domain.errors import Changed
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Clock

_THREADS = 2_000


class Memory:
    """One door's memory."""

    def __init__(self, door: str, begin: Begin, clock: Clock) -> None:
        self._door, self._begin, self._clock = door, begin, clock
        self._asked: OrderedDict[str, str] = OrderedDict()

    def first(self, event: str) -> bool:
        """Whether an event is met for the first time; "" always is."""
        try:
            with self._begin() as transaction:
                return not event or transaction.chats.first(self._door, event, self._clock.now())
        except Changed:  # another replica has it in this very moment
            return False

    def choice(self, user: str) -> str | None:
        """The school that somebody of two chose."""
        with self._begin() as transaction:
            return transaction.chats.choice(self._door, user)

    def choose(self, user: str, organisation: str, known: Container[str]) -> None:
        """Keep which school somebody means."""
        if organisation in known:
            with self._begin() as transaction:
                transaction.chats.choose(self._door, user, organisation)

    def asked(self, thread: str) -> str:
        """What was asked last in a thread, so that a follow-up is understood."""
        return self._asked.get(thread, "")

    def ask(self, thread: str, question: str) -> None:
        """Keep a question that was answered. What may be a concern never comes here."""
        self._asked[thread] = question
        if len(self._asked) > _THREADS:
            self._asked.popitem(last=False)

    def reach(self, user: str, where: str) -> None:
        """Keep where somebody can be written to; "" when they can't be any more."""
        with self._begin() as transaction:
            if where:
                transaction.chats.reach(self._door, user, where)
            else:
                transaction.chats.lose(self._door, user)

    def where(self, user: str) -> str | None:
        """Where somebody can be written to, if it is known."""
        with self._begin() as transaction:
            return transaction.chats.where(self._door, user)


def kept_as(person: Person) -> str:
    """What the place where somebody can be written to in Teams is kept under."""
    return person.teams or person.email.casefold()


def never_met(door: str, school: School, begin: Begin) -> int:
    """How many people of a school's roster a door can't write to yet."""
    with begin() as transaction:
        return sum(p.active and transaction.chats.where(door, kept_as(p)) is None for p in school.roster)
