"""What tests share: a clean environment, the real embedding model, and the example school indexed once."""

import os
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL, load
from index import minilm
from index.embedding import MiniLM

OURS = ("ASSISTANT_", "CHROMA_", "DATABASE_URL", "EMBEDDINGS", "MODEL", "PORT")


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
        "  - {id: ashby, name: Ashby School, policies: [ashby/], people: [{id: ann, name: Ann Ash}, {id: bo, name: Bo Bee}]}\n"
        "  - {id: birch, name: Birch School, policies: [birch/], people: [{id: bo, name: Bo Bee}]}\n"
    )
    return file
