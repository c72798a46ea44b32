"""The connection to the database, and its schema brought up to date."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 4_096_421_933  # an arbitrary number that this program alone uses as PostgreSQL's advisory lock


def connect(url: str) -> Engine:
    """An engine for SQLite (WAL, each commit on the disk) or PostgreSQL. Its errors never hold what was to be written."""
    parsed = sa.make_url(url)
    name = parsed.get_backend_name()
    if name == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    if name != "sqlite":
        raise ValueError("DATABASE_URL must begin with sqlite:// or postgresql://")
    if parsed.database and parsed.database != ":memory:":
        file = Path(parsed.database)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)  # its owner's alone; SQLite gives what it writes beside it the same mode
    engine = sa.create_engine(parsed, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # transactions are begun below, not by the driver
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # Taking the write lock first, so that what was read is still so when it is written on.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Does nothing, quickly, when it is."""
    newest = max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # one process at a time; SQLite's write lock does that already
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if sa.inspect(connection).has_table("alembic_version") and newest == connection.scalar(
            sa.text("SELECT version_num FROM alembic_version")
        ):
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
