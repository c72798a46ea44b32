"""Answer a question; keep what somebody says of the answer."""

from assistant.domain.answers import Answer, Declined, decide
from assistant.domain.errors import EmptyQuestion, QuestionTooLong
from assistant.domain.feedback import Feedback, Verdict
from assistant.ports import Clock, FindClauses, KeepFeedback

MOST_CHARACTERS = 2_000  # of a question; longer is a letter


def answer_question(organisation: str, question: str, *, clauses: FindClauses, clock: Clock) -> Answer | Declined:
    """Answer from that organisation's policies alone. Keeps nothing. Raises EmptyQuestion and QuestionTooLong."""
    question = question.strip()
    if not question:
        raise EmptyQuestion
    if len(question) > MOST_CHARACTERS:
        raise QuestionTooLong
    return decide(clauses.find(organisation, question), clock.today())


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
