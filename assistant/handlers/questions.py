"""Answer a question; keep what somebody says of the answer."""

from datetime import date

from assistant.domain.answers import Answer, Declined, decide
from assistant.domain.errors import EmptyQuestion, QuestionTooLong
from assistant.domain.feedback import Feedback, Verdict
from assistant.ports import Clock, FindClauses, KeepFeedback
from index.past import day_meant

MOST_CHARACTERS = 2_000  # of a question; longer is a letter


def answer_question(
    organisation: str, question: str, *, clauses: FindClauses, clock: Clock, on: date | None = None
) -> Answer | Declined:
    """Answer from that organisation's policies alone: those in force, or those that were `on` a past day, which the
    question itself may name ("what did it say last May?"). Keeps nothing. Raises EmptyQuestion and QuestionTooLong.
    """
    question = question.strip()
    if not question:
        raise EmptyQuestion
    if len(question) > MOST_CHARACTERS:
        raise QuestionTooLong
    if on is None and (meant := day_meant(question, clock.today())):
        on, question = meant
    return decide(clauses.find(organisation, question, on), clock.today())


def give_feedback(
    organisation: str,
    question: str,
    citations: tuple[str, ...],
    verdict: Verdict,
    *,
    feedback: KeepFeedback,
    clock: Clock,
) -> None:
    """Keep what a person chose to say of an answer, without who said it."""
    if not question.strip():
        raise EmptyQuestion
    feedback.keep(
        Feedback(
            organisation=organisation,
            question=question.strip()[:MOST_CHARACTERS],
            citations=citations,
            verdict=verdict,
            given_at=clock.now(),
        )
    )
