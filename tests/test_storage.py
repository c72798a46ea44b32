"""Feedback is kept in a migrated database, and not for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL, load
from assistant.domain.feedback import Feedback, Verdict
from assistant.storage.engine import connect, migrate
from assistant.storage.feedback import KEPT, FeedbackTable
from assistant.storage.tables import metadata

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def given(question: str, verdict: Verdict, at: datetime = NOW, organisation: str = "ashby") -> Feedback:
    return Feedback(organisation=organisation, question=question, citations=("A, 1",), verdict=verdict, given_at=at)


def test_only_what_was_declined_or_did_not_help_is_listed_newest_first(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'new' / 'db.sqlite'}")
    migrate(engine)
    migrate(engine)
    table = FeedbackTable(engine)
    old = given("old", Verdict.DECLINED, NOW - KEPT - timedelta(days=1))
    first, second = given("first", Verdict.NOT_HELPFUL), given("second", Verdict.DECLINED, NOW + timedelta(hours=1))
    for feedback in (
        old,
        first,
        given("fine", Verdict.HELPED),
        second,
        given("other", Verdict.DECLINED, organisation="birch"),
    ):
        table.keep(feedback)
    assert table.unanswered("ashby") == [second, first]
    assert len(table.unanswered()) == 3


def test_what_is_made_for_the_data_is_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load(EXAMPLE_SCHOOL, {"ASSISTANT_DATA": str(tmp_path / "index")})
    bootstrap.build(settings, model_folder=tmp_path)
    assert settings.data.stat().st_mode & 0o777 == 0o700
    settings = load(EXAMPLE_SCHOOL, {"ASSISTANT_DATA": str(tmp_path / "data")})
    with bootstrap.open_database(settings).begin():
        files = list(settings.data.iterdir())
        assert {file.name for file in files} >= {"assistant.sqlite", "assistant.sqlite-wal", "staff-room.key"}
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert settings.data.stat().st_mode & 0o777 == 0o700


def test_the_migrations_make_the_tables_that_the_code_describes(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'db.sqlite'}")
    migrate(engine)
    found = sa.inspect(engine)
    for table in metadata.sorted_tables:
        assert [c["name"] for c in found.get_columns(table.name)] == [c.name for c in table.columns]
        assert [c["nullable"] for c in found.get_columns(table.name)] == [c.nullable for c in table.columns]
