"""Versions of a policy: which is in force, what it said before, what changed."""

from datetime import date
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from index.build import Report, build, documents_in
from index.clauses import Policy
from index.documents import Document, as_line
from index.names import is_draft, policy_id
from index.parsing import parse
from index.past import day_meant
from index.search import ClauseSearch
from index.store import Store
from index.versions import changes

TODAY = date(2026, 11, 21)
OLD = """Social Media Policy

Reviewed: September 2024

Friends

- Staff may accept friend requests from parents whom they know.
- Passwords must have eight characters.
- Photographs stay on the school's own camera.
"""
NEW = """Social Media Policy

Reviewed: September 2025

Friends

- Staff must not accept friend requests from parents, even from those whom they know.
- Passwords must have twelve characters.
- A post is read by a second person.
- Photographs stay on the school's own camera.
"""


def policy(text: str, name: str = "social-media.txt") -> Policy:
    lines = tuple(as_line(row, number=n) for n, row in enumerate(text.splitlines(), 1))
    return parse(Document(name=name, sha256="0" * 64, lines=lines))


@pytest.mark.parametrize(
    "name",
    ["Social Media Policy FINAL v3 (2).docx", "social_media_policy 2024-25.pdf", "Copy of Social Media Policy.txt",
     "Social Media Policy - Sept 2025 - signed.md", "Social-Media-Policy v1.2 01.09.2025.html"],
)  # fmt: skip
def test_a_policys_name_is_the_same_whatever_the_files_says_of_its_version(name: str) -> None:
    assert policy_id(name) == "social-media-policy"


def test_what_says_more_than_the_version_stays() -> None:
    assert [policy_id(n) for n in ("Year 6 camp.md", "2025.md", "v2.docx", "Policy 1.txt")] == [
        "year-6-camp",
        "2025",
        "v2",
        "policy-1",
    ]
    assert is_draft("Social Media DRAFT.docx")
    assert is_draft("draft2 behaviour.md")
    assert not is_draft("Drafting gifts.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    return tmp_path


def run(folder: Path, model: Embeddings | None, today: date = TODAY) -> Report:
    files, _ = documents_in(["policies/"], folder)
    return build(Store(folder / "chroma", space="t"), model, [("a", files)], lock=folder / "lock", today=today)[0]


def search(folder: Path, model: Embeddings | None) -> ClauseSearch:
    return ClauseSearch(Store(folder / "chroma", space="t"), model, "t")


def said(folder: Path, model: Embeddings | None, question: str, on: date | None = None) -> str:
    hits = search(folder, model).find("a", question, on).hits
    return hits[0].clause.text if hits else ""


@pytest.mark.parametrize("by_vector", [True, False])
def test_a_file_that_is_replaced_stays_answerable_for_its_own_days(
    folder: Path, model: Embeddings, by_vector: bool
) -> None:
    embeddings = model if by_vector else None
    file = folder / "policies" / "Social Media v1.md"
    file.write_text(OLD)
    run(folder, embeddings, date(2024, 9, 20))
    file.unlink()
    (folder / "policies" / "Social Media FINAL v2 (1).md").write_text(NEW)
    report = run(folder, embeddings, date(2025, 10, 2))
    assert (report.changed, report.added, report.removed) == (["social-media"], [], [])
    question = "how many characters must passwords have"
    assert "twelve" in said(folder, embeddings, question)
    assert "eight" in said(folder, embeddings, question, date(2025, 5, 31))
    assert "twelve" in said(folder, embeddings, question, date(2025, 9, 1))
    assert said(folder, embeddings, question, date(2020, 1, 1)) == ""
    now, before = search(folder, embeddings).versions("a")
    assert (now.since, now.until) == (date(2025, 9, 1), None)
    assert (before.since, before.until) == (date(2024, 9, 1), date(2025, 9, 1))
    run(folder, embeddings)
    assert len(search(folder, embeddings).versions("a")) == 2


def test_the_old_file_left_beside_the_new_one_never_answers(folder: Path, model: Embeddings) -> None:
    (folder / "policies" / "Social Media Policy 2024.md").write_text(OLD)
    (folder / "policies" / "Social Media Policy 2025 FINAL.md").write_text(NEW)
    (folder / "policies" / "Social Media Policy DRAFT 2026.md").write_text(NEW.replace("2025", "2026"))
    report = run(folder, model)
    assert report.added == ["social-media-policy"]
    assert "draft" in report.refused[0].reason
    hits = search(folder, model).find("a", "may I accept a friend request from a parent").hits
    assert all("whom they know." not in hit.clause.text or "must not" in hit.clause.text for hit in hits)
    assert "may accept" in said(folder, model, "may I accept a friend request from a parent", date(2025, 1, 1))


def test_a_folder_for_what_is_old_and_two_folders_in_force(folder: Path, model: Embeddings) -> None:
    for place, text in (("Archive", NEW), ("", OLD), ("Nursery", OLD.replace("eight", "six"))):
        (folder / "policies" / place).mkdir(exist_ok=True)
        (folder / "policies" / place / "Social Media.md").write_text(text)
    run(folder, model)
    found = {(p.id, p.until is None): p for p in search(folder, model).versions("a")}
    assert {id_ for id_, now in found if now} == {"social-media", "social-media-2"}
    assert len(found) == 3  # the newer text lies in the archive, so it is not in force


def test_a_policy_that_is_taken_away_is_kept_as_it_was(folder: Path, model: Embeddings) -> None:
    file = folder / "policies" / "social.md"
    file.write_text(OLD)
    run(folder, model, date(2025, 1, 1))
    file.unlink()
    assert run(folder, model, date(2025, 6, 1)).removed == ["social"]
    assert said(folder, model, "how long must a password be") == ""
    assert "eight" in said(folder, model, "how many characters must passwords have", date(2025, 3, 1))


def test_a_reading_is_not_a_version(folder: Path, model: Embeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "policies" / "social.md").write_text(OLD)
    run(folder, model)
    monkeypatch.setattr("index.build._READER", "another")
    run(folder, model)
    assert len(search(folder, model).versions("a")) == 1


def test_what_changed_is_told_clause_by_clause() -> None:
    found = changes(policy(OLD), policy(NEW))
    kinds = [(one.kind, (one.after or one.before).text[:20]) for one in found]  # type: ignore[union-attr]
    assert kinds == [
        ("reworded", "Reviewed: September "),
        ("reworded", "Staff must not accep"),
        ("reworded", "Passwords must have "),
        ("new", "A post is read by a "),
    ]
    gone = changes(policy(NEW), policy(OLD))
    assert [one.kind for one in gone] == ["reworded", "reworded", "reworded", "gone"]
    assert changes(policy(OLD), policy(OLD)) == []
    moved = (
        OLD.replace("- Passwords must have eight characters.\n", "")
        + "\nPasswords\n\n- Passwords must have eight characters.\n"
    )
    assert [one.kind for one in changes(policy(OLD), policy(moved))] == ["moved"]


def test_an_edit_elsewhere_leaves_a_clauses_id() -> None:
    ids = {c.text: c.id for c in policy(OLD).clauses}
    for clause in policy(NEW, "Social Media FINAL v2.txt").clauses:
        assert ids.get(clause.text, clause.id) == clause.id


@pytest.mark.parametrize(
    ("question", "day", "rest"),
    [
        ("what did the policy say about friends last May?", date(2026, 5, 31), "what did the policy say about friends ?"),
        ("What did it say in September 2024 about photos", date(2024, 9, 30), "What did it say about photos"),
        ("what was the rule on phones two years ago", date(2024, 11, 21), "what was the rule on phones"),
        ("were we allowed by the policy to use AI last year", date(2025, 11, 21), "were we allowed by the policy to use AI"),
        ("what did the rules say on 3 March 2025?", date(2025, 3, 3), "what did the rules say ?"),
    ],
)  # fmt: skip
def test_a_question_may_name_a_past_day(question: str, day: date, rest: str) -> None:
    assert day_meant(question, TODAY) == (day, rest)


@pytest.mark.parametrize(
    "question",
    ["a parent rang last May and wants a photo taken down", "when is the policy next reviewed, May 2027?",
     "can I post pictures from last year's play?", "what did the policy say about friends?"],
)  # fmt: skip
def test_a_date_in_a_story_is_no_past_day(question: str) -> None:
    assert day_meant(question, TODAY) is None
