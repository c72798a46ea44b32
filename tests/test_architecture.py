"""The walls between the rooms, read from the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RINGS = {  # a module may import its own ring and those before it
    "assistant.domain": 0,
    "assistant.cards": 1,
    "assistant.ports": 1,
    "assistant.vault": 1,
    "assistant.certificate": 1,
    "assistant.sources": 1,
    "assistant.school_file": 1,
    "assistant.config": 1,
    "assistant.handlers": 2,
    "assistant.screens": 2,
    "assistant.outbox": 2,
    "assistant.concern_desk": 2,
    "assistant.account_desk": 2,
    "assistant.reminders": 2,
    "assistant.watching": 2,
    "assistant.conversation": 2,
    "assistant.storage": 3,
    "assistant.model": 3,
    "assistant.migrations": 3,
    "assistant.email": 3,
    "assistant.case_file": 3,
    "assistant.receipts": 3,
    "assistant.chats": 3,
    "assistant.bootstrap": 4,
    "assistant.cli": 4,
}
MODULES = sorted(p for room in ("assistant", "index") for p in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ring(module: str) -> int | None:
    return next((ring for room, ring in RINGS.items() if module == room or module.startswith(room + ".")), None)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_outer_rings_import_inner_ones_only(path: Path) -> None:
    here = ring(name_of(path))
    for module in imports(path):
        if name_of(path).startswith("index"):
            assert not module.startswith("assistant"), f"index knows nothing of {module}"
        elif here is not None and (there := ring(module)) is not None:
            assert there <= here, f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", [p for p in MODULES if "domain" in p.parts], ids=name_of)
def test_the_domain_imports_the_standard_library_clauses_and_names_only(path: Path) -> None:
    import sys

    for module in imports(path):
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names or module.startswith(
            ("index.clauses", "index.given_names", "assistant.domain")
        ), module


def test_only_the_store_knows_chromadb() -> None:
    assert [name_of(p) for p in MODULES if any(m.split(".")[0] == "chromadb" for m in imports(p))] == ["index.store"]


def test_only_the_teams_door_knows_botbuilder() -> None:
    sdks = ("botbuilder", "botframework", "msrest")
    assert [name_of(p) for p in MODULES if any(m.split(".")[0] in sdks for m in imports(p))] == [
        "assistant.chats.teams"
    ]


def test_only_the_model_knows_langchains_chat_models() -> None:
    def knows(path: Path) -> bool:
        kinds = (
            "langchain.chat_models",
            "langchain_core.language_models",
            "langchain_core.messages",
            "langchain_openai",
        )
        return any(module.startswith(kinds) for module in imports(path))

    assert [name_of(p) for p in MODULES if knows(p)] == ["assistant.model"]


CONFIDENTIAL = (
    "assistant.handlers.access", "assistant.handlers.casework", "assistant.handlers.linking", "assistant.handlers.records",
    "assistant.handlers.reporting", "assistant.concern_desk", "assistant.outbox", "assistant.email", "assistant.vault", "assistant.case_file",
    "assistant.receipts", "assistant.storage", "assistant.screens.casework", "assistant.screens.reporting",
    "assistant.screens.notices",
)  # fmt: skip


def test_what_handles_concerns_knows_no_search_and_no_model() -> None:
    for path in MODULES:
        if name_of(path).startswith(CONFIDENTIAL):
            for module in imports(path):
                assert module.split(".")[0] not in ("index", "langchain", "langchain_core", "chromadb", "prompts"), (
                    name_of(path)
                )
                assert module not in ("assistant.model", "assistant.handlers.wording"), name_of(path)


def test_every_room_is_on_the_plan() -> None:
    for path in MODULES:
        name = name_of(path)
        assert name == "assistant" or name.startswith("index") or ring(name) is not None, name


def test_no_file_names_a_registry_or_is_too_long() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--index-url" not in lock
    assert "http" not in "".join(
        line
        for line in lock.splitlines()
        if not line.strip().startswith("#") and "httpx" not in line and "http" in line and "://" in line
    )
    assert not any(line.startswith("torch") for line in lock.splitlines())
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 350, name_of(path)
