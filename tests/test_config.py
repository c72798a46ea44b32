"""A school file is right, or every problem with it is said at once, by key and never by value."""

from pathlib import Path

import pytest

from assistant.config import EXAMPLE_SCHOOL, NotConfigured, load
from assistant.domain.people import ROLES


def problems(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    file = tmp_path / "school.yaml"
    file.write_text(text)
    with pytest.raises(NotConfigured) as wrong:
        load(file, environment or {})
    return wrong.value.problems


def test_the_example_school_has_everybody_that_the_rules_need() -> None:
    oakfield = load(EXAMPLE_SCHOOL, {}).organisations["oakfield"]
    held = {role for person in oakfield.people for role in person.roles}
    assert held == set(ROLES) - {"ceo", "chair_of_trustees"}


def test_all_problems_are_said_at_once_by_key_and_never_by_value(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        "organisations:\n  - {id: 'no spaces please', name: A, policies: [], people: [{id: x, name: X, roles: [kingsecret]}], tpyo: 1}\n",
        {"CHROMA_URL": "secret-host:8000", "EMBEDDINGS": "secretmodel"},
    )
    keys = [line.split(":")[0] for line in said]
    assert keys == [
        "organisations[0].id",
        "organisations[0].policies",
        "organisations[0].people[0].roles",
        "organisations[0].tpyo",
        "CHROMA_URL",
        "EMBEDDINGS",
    ]
    assert not any(word in " ".join(said) for word in ("no spaces please", "kingsecret", "secret-host", "secretmodel"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "organisations: is missing"),
        ("organisations: [", "is not YAML at line"),
        ("organisations: []", "organisations: "),
        (
            "organisations:\n  - {id: a, name: A, policies: [x]}\n  - {id: A, name: B, policies: [x]}",
            "two organisations have one id",
        ),
        ("organisations:\n  - {id: a, name: A, policies: [x], timezone: Mars/Sea}", "timezone: not a time zone"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    assert said in " ".join(problems(tmp_path, text))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="--school"):
        load(tmp_path / "none.yaml", {})
