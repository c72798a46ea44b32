"""Have a model make a follow-up question whole, and word an answer: on what may be sent, checked, and without it on any failure.

It decides nothing: what is answered or declined is decided by the clauses that were found, and they are shown as they are.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from assistant.domain.answers import Answer
from assistant.domain.follow_ups import made_whole
from assistant.domain.people import Person
from assistant.domain.redaction import Names, names_somebody, ordinary_words, redact
from assistant.domain.wording import Sentence, keep_cited, sentences_in
from assistant.ports import DraftAnswer, FindClauses
from prompts import prompt

MOST_SECONDS = 8.0  # a person's, for all that a model is asked of one question
_FOR_A_FOLLOW_UP = 3.0
_MOST_SAID = 2_000  # characters; more is no two or three sentences
_log = logging.getLogger(__name__)


class TooMuch(Exception):
    """The model said far more than it was asked for."""


class NothingSaid(Exception):
    """The model said nothing."""


@dataclass(slots=True)
class Tally:
    """How many sentences were kept and dropped, and how often it came to none, by kind of failure. Safe to share by threads."""

    kept: int = 0
    dropped: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kept: int, dropped: int) -> None:
        """After an answer was worded."""
        with self._lock:
            self.kept += kept
            self.dropped += dropped

    def fail(self, error: Exception) -> None:
        """After it could not be."""
        with self._lock:
            self.failed[type(error).__name__] += 1


class Model:
    """A language model as the use cases know it: what to ask, whose names never leave, what came of it."""

    def __init__(self, draft: DraftAnswer, people: Collection[Person], tally: Tally | None = None) -> None:
        self.draft, self.tally = draft, tally or Tally()
        self._people: frozenset[Person] = frozenset()
        self.meet(people)

    def meet(self, people: Collection[Person]) -> None:
        """Further people whose names never leave; those of people who have left the roster don't either."""
        self._people |= frozenset(people)
        self.names = Names.of(self._people)

    def said(self, instructions: str, text: str, until: float) -> str:
        """What the model says, by a moment of the machine's running clock. Raises whatever goes wrong."""
        said = self.draft(prompt(instructions), text, until - time.monotonic()).strip()
        if not said:
            raise NothingSaid
        if len(said) > _MOST_SAID:
            raise TooMuch
        return said

    def failed(self, what: str, error: Exception) -> None:
        """Count and log that it came to nothing: the kind of error, never its words."""
        self.tally.fail(error)
        _log.warning("The model did not %s: %s", what, type(error).__name__)


def patience() -> float:
    """Until when, by the machine's running clock, a person waits for a model."""
    return time.monotonic() + MOST_SECONDS


def make_whole(
    organisation: str, before: str, question: str, *, clauses: FindClauses, model: Model, until: float
) -> str:
    """A follow-up question and the one before it as one question; "" where it is searched as it is.

    Where either names somebody or a date, neither is sent: what would be taken out is wanted for the search.
    """
    try:
        ordinary = _ordinary(organisation, clauses)
        earlier, later = redact(before, model.names, ordinary), redact(question, model.names, ordinary)
        if (earlier, later) != (before, question):
            return ""
        text = f"<before>{_fenced(earlier)}</before>\n<question>{_fenced(later)}</question>"
        return made_whole(
            before, question, model.said("make_whole", text, min(until, time.monotonic() + _FOR_A_FOLLOW_UP))
        )
    except Exception as error:
        model.failed("make a question whole", error)
        return ""


def word(
    organisation: str, question: str, answer: Answer, *, clauses: FindClauses, model: Model, until: float
) -> tuple[Sentence, ...]:
    """An answer in up to three sentences that its clauses carry; none where the model fails, or says what they don't.

    Sent are the question without names and the clauses, but for one that names somebody on the roster.
    """
    try:
        ordinary = _ordinary(organisation, clauses)
        asked = redact(question, model.names, ordinary)
        fenced = [
            f'<clause number="{number}">{_fenced(f"{quote.lead_in} {quote.text}".strip())}</clause>'
            for number, quote in enumerate(answer.quotes, 1)
            if not names_somebody(f"{quote.lead_in} {quote.text}", model.names, ordinary)
        ]
        if not fenced:
            return ()
        text = "\n".join([f"<question>{_fenced(asked)}</question>", *fenced])
        said = sentences_in(model.said("word_answer", text, until))
        kept = keep_cited(said, answer.quotes)
        model.tally.count(len(kept), len(said) - len(kept))
        return kept
    except Exception as error:
        model.failed("word an answer", error)
        return ()


def _ordinary(organisation: str, clauses: FindClauses) -> frozenset[str]:
    return ordinary_words(clause.text for policy in clauses.policies(organisation) for clause in policy.clauses)


def _fenced(text: str) -> str:
    """A text that can't end the fence it stands in."""
    return text.replace("<", "‹").replace(">", "›")
