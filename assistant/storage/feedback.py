"""What people say of answers, kept."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.domain.feedback import Feedback, Verdict
from assistant.storage.tables import feedback

KEPT = timedelta(days=90)  # how long a question is kept: long enough for a term's review of the policies


class FeedbackTable:
    """Feedback in the database; what is older than KEPT is deleted as new comes in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, given: Feedback) -> None:
        """Store one verdict."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(feedback).where(feedback.c.given_at < given.given_at - KEPT))
            connection.execute(
                sa.insert(feedback).values(
                    organisation=given.organisation,
                    question=given.question,
                    citations=json.dumps(given.citations),
                    verdict=given.verdict.value,
                    given_at=given.given_at,
                )
            )

    def unanswered(self, organisation: str | None = None) -> Sequence[Feedback]:
        """What was declined or did not help, newest first."""
        query = (
            sa.select(feedback)
            .where(feedback.c.verdict != Verdict.HELPED.value)
            .order_by(feedback.c.given_at.desc(), feedback.c.id.desc())
        )
        if organisation is not None:
            query = query.where(feedback.c.organisation == organisation)
        with self._engine.connect() as connection:
            return [_feedback(row) for row in connection.execute(query)]


def _feedback(row: sa.Row[tuple[int, str, str, str, str, datetime]]) -> Feedback:
    return Feedback(
        organisation=row.organisation,
        question=row.question,
        citations=tuple(json.loads(row.citations)),
        verdict=Verdict(row.verdict),
        given_at=row.given_at,
    )
