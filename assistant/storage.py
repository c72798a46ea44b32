"""SQLAlchemy tables and the mapping of rows to values. The schema itself is in migrations/, run by Alembic."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.domain.feedback import Feedback, Verdict

_MIGRATIONS = Path(__file__).parent / "migrations"
KEPT = timedelta(days=90)  # how long a question is kept: long enough for a term's review of the policies

metadata = sa.MetaData()
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("citations", sa.Text, nullable=False),  # a JSON list
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
)


def connect(url: str) -> Engine:
    """An engine; SQLite in WAL mode, waiting for the writes of others."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.get_backend_name() == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _prepare(connection: object, _: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            for pragma in ("journal_mode=WAL", "busy_timeout=10000", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Does nothing, quickly, when it is."""
    newest = max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    if sa.inspect(engine).has_table("alembic_version"):
        with engine.connect() as connection:
            if connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == newest:
                return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
                    given_at=given.given_at.astimezone(UTC),
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
    # SQLite gives back times without their zone; they were stored in UTC.
    given_at = row.given_at if row.given_at.tzinfo else row.given_at.replace(tzinfo=UTC)
    return Feedback(
        organisation=row.organisation,
        question=row.question,
        citations=tuple(json.loads(row.citations)),
        verdict=Verdict(row.verdict),
        given_at=given_at,
    )
