"""What tests share: a clean environment, the real embedding model, and the example school indexed once."""

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from langchain_core.embeddings import Embeddings

from assistant import bootstrap
from assistant.cards import Card
from assistant.config import EXAMPLE_SCHOOL, load
from index import minilm
from index.embedding import MiniLM

from .house import House
from .screens import every_screen

# How long an example takes says more of the machine than of what is tested.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
OURS = ("ASSISTANT_", "CHROMA_", "DATABASE_URL", "EMBEDDINGS", "MODEL", "PORT", "SMTP_URL", "SLACK_", "TEAMS_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is swayed by what the machine's environment says."""
    for name in [n for n in os.environ if n.startswith(OURS)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def model() -> Embeddings:
    if not minilm.is_set_up(bootstrap.MODEL_FOLDER):
        pytest.fail("the embedding model is not set up: run `make setup`")
    return MiniLM(bootstrap.MODEL_FOLDER)


@pytest.fixture(scope="session")
def screens(tmp_path_factory: pytest.TempPathFactory, oakfield: bootstrap.Assistant) -> dict[str, Card]:
    """Every screen."""
    return every_screen(tmp_path_factory.mktemp("screens"), oakfield)


@pytest.fixture(scope="session")
def oakfield(tmp_path_factory: pytest.TempPathFactory, model: Embeddings) -> bootstrap.Assistant:
    """The assistant of the example school."""
    settings = load(EXAMPLE_SCHOOL, {"ASSISTANT_DATA": str(tmp_path_factory.mktemp("oakfield"))})
    assistant = bootstrap.build(settings)
    assert not any(report.refused for report in assistant.update_index())
    return assistant


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A school file of two schools whose policies differ, with an empty data folder beside it."""
    for name, rule in (("ashby", "Pupils may bring a phone."), ("birch", "Pupils must not bring a phone.")):
        folder = tmp_path / name
        folder.mkdir()
        text = f"Mobile Phone Policy\n\nNext review: May 2030\n\nPupils' phones\n\n- {rule}\n- Staff keep phones in a locker.\n"
        (folder / "phones.txt").write_text(text)
    file = tmp_path / "school.yaml"
    file.write_text(
        "organisations:\n"
        "  - {id: ashby, name: Ashby School, policies: [ashby/], people: [{id: ann, name: Ann Ash, roles: [dsl]}, {id: bo, name: Bo Bee}]}\n"
        "  - {id: birch, name: Birch School, policies: [birch/], people: [{id: bo, name: Bo Bee}, {id: cy, name: Cy Cox, roles: [dsl]}]}\n"
    )
    return file


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; of PostgreSQL a schema of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kept.sqlite'}"
        return
    yield from postgres_schema()


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """The example school's concerns, over each kind of database."""
    made = House(database_url)
    yield made
    made.engine.dispose()


def postgres_schema() -> Iterator[str]:
    """A schema of its own in PostgreSQL, as a DATABASE_URL."""
    url = sa.make_url(POSTGRES).set(drivername="postgresql+psycopg")
    engine, name = sa.create_engine(url, connect_args={"connect_timeout": 5}), f"test_{uuid.uuid4().hex[:12]}"
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    except sa.exc.OperationalError:
        if os.environ.get("REQUIRE_POSTGRES"):
            pytest.fail("PostgreSQL is not reached at TEST_POSTGRES, and REQUIRE_POSTGRES is set")
        pytest.skip("needs PostgreSQL at TEST_POSTGRES (default postgresql://postgres@127.0.0.1:5432/test)")
    plain = url.set(drivername="postgresql", query={"options": f"-csearch_path={name}"})
    yield plain.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
