"""The library of policies: what a person sees of versions, changes and doubts, on every door."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from langchain_core.embeddings import Embeddings

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL
from assistant.domain.answers import Answer
from assistant.handlers.questions import answer_question
from assistant.screens import answers, library
from index.build import build, documents_in
from index.clauses import Policy
from index.search import ClauseSearch
from index.store import Store

from .house import House
from .index.test_versions import NEW, OLD, TODAY, policy
from .test_cli import run
from .test_nothing_leaks import Talk


def versions() -> tuple[Policy, ...]:
    from dataclasses import replace

    return (
        replace(policy(NEW), since=date(2025, 9, 1)),
        replace(policy(OLD), since=date(2024, 9, 1), until=date(2025, 9, 1)),
    )


def test_what_changed_is_quoted_word_for_word() -> None:
    (shelf,) = library.shelves(versions(), TODAY)
    card = library.what_changed(shelf)
    said = str(card)
    assert "“Passwords must have eight characters.” is now “Passwords must have twelve characters.”" in said
    assert "New, " in said
    assert "in force from 1 September 2024 until 1 September 2025" in said
    only = library.what_changed(library.shelves(versions()[:1], TODAY)[0])
    assert "Only one version" in str(only)


def test_a_policy_is_known_by_the_words_of_its_title() -> None:
    from dataclasses import replace

    social, phones = policy(NEW), replace(policy(OLD, "phones.md"), title="Mobile Phone Policy")
    assert library.which_policy("what changed in the social media policy?", [phones, social]) is social
    assert library.which_policy("what has changed in the policy?", [phones, social]) is None
    assert library.which_policy("what has changed in the policy?", [social]) is social


@pytest.fixture
def school(tmp_path: Path) -> Path:
    content = yaml.safe_load(EXAMPLE_SCHOOL.read_text("utf-8"))
    for organisation in content["organisations"]:
        organisation["policies"] = ["policies/"]
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "Social Media 2024.md").write_text(OLD)
    (tmp_path / "policies" / "Social Media 2025 FINAL.md").write_text(NEW + "\nNext review: May 2026\n")
    file = tmp_path / "school.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


def test_the_command_line_lists_asks_of_the_past_and_shows_what_was_read(school: Path) -> None:
    data = school.parent / "data"
    listed = run(data, "policies", "--school", str(school)).stdout
    assert "in force since 1 September 2025" in listed
    assert "overdue" in listed
    assert "before: Social Media 2024.md, in force from 1 September 2024 until 1 September 2025" in listed
    assert "No owner was found" in listed
    row = json.loads(run(data, "policies", "--school", str(school), "--json").stdout)
    assert (row["overdue"], row["superseded"][0]["until"]) == (True, "2025-09-01")
    asked = ("how many characters must passwords have", "--school", str(school), "--json")
    assert "twelve" in json.loads(run(data, "ask", *asked).stdout)["quotes"][0]["text"]
    assert "eight" in json.loads(run(data, "ask", *asked, "--on", "2025-05-31").stdout)["quotes"][0]["text"]
    said = run(data, "ask", "how many characters must passwords have", "--school", str(school), "--on", "2025-05-31")
    assert "no longer in force" in said.stdout
    old, new = (str(school.parent / "policies" / f"Social Media {name}.md") for name in ("2024", "2025 FINAL"))
    assert "twelve" in run(data, "changes", old, new).stdout
    assert json.loads(run(data, "changes", old, new, "--json").stdout.splitlines()[0])["kind"] == "reworded"
    assert "No clause differs" in run(data, "changes", old, old).stderr
    tree = run(data, "read", new)
    assert "└" in tree.stdout
    assert "twelve characters" in tree.stdout
    assert "No owner" in tree.stderr


def test_in_chat_a_past_day_is_asked_about(tmp_path: Path, model: Embeddings) -> None:
    (tmp_path / "policies").mkdir()
    for name, text in (("Social Media 2024.md", OLD), ("Social Media 2025.md", NEW)):
        (tmp_path / "policies" / name).write_text(text)
    files, _ = documents_in(["policies/"], tmp_path)
    store = Store(tmp_path / "chroma", space="t")
    build(store, model, [("a", files)], lock=tmp_path / "lock", today=TODAY)
    search = ClauseSearch(store, model, "t")

    class Clock(bootstrap.SystemClock):
        def today(self) -> date:
            return TODAY

    asked = "what did the policy say in May 2025 about how many characters passwords must have"
    found = answer_question("a", asked, clauses=search, clock=Clock())
    assert isinstance(found, Answer)
    assert "eight" in found.quotes[0].text
    assert found.quotes[0].until == date(2025, 9, 1)
    card = str(answers.answer("", found))
    assert "no longer in force: it was from 1 September 2024 until 1 September 2025" in card


def test_in_chat_one_asks_what_changed(house: House, oakfield: bootstrap.Assistant) -> None:
    talk = Talk(house, oakfield)
    assert "Only one version" in str(talk.say("amina", "What has changed in the social media policy?"))
    assert "No policy has been replaced" in str(talk.say("amina", "what's new in the policies?"))
