"""Layouts as real documents have them become trees of cited clauses."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.config import EXAMPLE_SCHOOL
from index.clauses import Policy, parse
from index.documents import Unreadable, read


@pytest.fixture
def policy_of(tmp_path: Path):
    def make(text: str, name: str = "policy.md") -> Policy:
        (tmp_path / name).write_text(text, "utf-8")
        return parse(read(tmp_path / name))

    return make


def paths(policy: Policy) -> list[tuple[str, ...]]:
    return [(*clause.path, clause.text) for clause in policy.clauses]


def test_numbered_headings_nest_whatever_their_markup_says(policy_of) -> None:
    policy = policy_of(
        "## 1. Aims\n\nWe aim.\n\n#### **1.1 More**\n\nWe aim higher.\n\n### **2. Scope**\n\nAll staff.\n"
    )
    assert paths(policy) == [
        ("1. Aims", "We aim."),
        ("1. Aims", "1.1 More", "We aim higher."),
        ("2. Scope", "All staff."),
    ]


def test_a_lead_in_heads_its_list_and_no_more(policy_of) -> None:
    policy = policy_of(
        "Phones\n\nPhones are a privilege. Pupils must do the following:-\n\n- hand them in\n- collect them\n\nLost phones are our loss.\n"
    )
    assert paths(policy) == [
        ("Phones", "Phones are a privilege. Pupils must do the following:-"),
        ("Phones", "Pupils must do the following:-", "hand them in"),
        ("Phones", "Pupils must do the following:-", "collect them"),
        ("Phones", "Lost phones are our loss."),
    ]


def test_bullets_nest_in_bullets_by_indent(policy_of) -> None:
    policy = policy_of("Trips\n\n- Leaders will carry:\n  - a phone\n  - a list\n- Helpers stay close.\n")
    assert paths(policy)[1:] == [
        ("Trips", "Leaders will carry:", "a phone"),
        ("Trips", "Leaders will carry:", "a list"),
        ("Trips", "Helpers stay close."),
    ]


def test_a_role_in_bold_heads_its_duties(policy_of) -> None:
    policy = policy_of("Who does what\n\n- **Governors**\n - Approve this policy.\n- **Staff**\n - Read this policy.\n")
    assert [clause.headings[-1] for clause in policy.clauses] == ["Governors", "Staff"]


def test_sentences_broken_over_lines_and_pages_are_joined(policy_of) -> None:
    policy = policy_of(
        "Photographs\n\nPhotographs are taken on school cameras only and are kept in\nthe office until the end of\n\nthe school year.\n\n"
        "- Staff who find a picture that worries them tell the\n  headteacher.\n"
    )
    assert [clause.text for clause in policy.clauses] == [
        "Photographs are taken on school cameras only and are kept in the office until the end of the school year.",
        "Staff who find a picture that worries them tell the headteacher.",
    ]


@pytest.mark.parametrize("mark", ["{} SCOPE", "{}. Scope", "{}) Scope"])
def test_a_numbered_heading_is_not_joined_to_the_paragraph_under_it(policy_of, mark: str) -> None:
    text = f"{mark.format(1)}\n\nThis covers everybody who works at the school.\n\n{mark.format(2)}\n\nThis covers no one.\n"
    assert paths(policy_of(text)) == [
        (mark.format(1), "This covers everybody who works at the school."),
        (mark.format(2), "This covers no one."),
    ]


def test_nothing_is_joined_across_a_page_number(policy_of) -> None:
    policy = policy_of(
        "Gifts\n\nStaff who are given a present must tell the office about\n\nPage 3 of 9\n\nit on the same day.\n"
    )
    assert not any("about it" in clause.text for clause in policy.clauses)


def test_lettered_sections_hold_numbered_rules(policy_of) -> None:
    policy = policy_of(
        "A. Passwords.\n\n1. Never share one.\n2. Use three words.\n\nB. Screens.\n\nLock the screen whenever you leave.\n"
    )
    assert paths(policy) == [
        ("A. Passwords.", "1. Never share one."),
        ("A. Passwords.", "2. Use three words."),
        ("B. Screens.", "Lock the screen whenever you leave."),
    ]
    assert policy.clauses[1].place == "A. Passwords, item 2"


def test_numbered_paragraphs_are_clauses_and_not_headings(policy_of) -> None:
    policy = policy_of(
        "3 VISITS\n\n3.1 Visitors must sign in at the office before they go anywhere else.\n\n3.2 Badges are worn at all times.\n"
    )
    assert [clause.text[:3] for clause in policy.clauses] == ["3.1", "3.2"]
    assert {clause.headings for clause in policy.clauses} == {("3 VISITS",)}


def test_a_citation_can_be_followed_on_paper(policy_of) -> None:
    policy = policy_of(
        "# Social Media Policy\n\n**Date written: September 2024**\n\n## 4.2 Families\n\n- One.\n- Two.\n- Three is the one.\n"
    )
    assert policy.clauses[-1].citation == "Social Media Policy (September 2024), 4.2 Families, third bullet"


@pytest.mark.parametrize(
    ("front", "known"),
    [
        (
            "Reviewed January 2025\n\nNext Review due January 2027",
            {"reviewed": "January 2025", "next_review": "January 2027"},
        ),
        (
            "Written By\tG. Hill\nDate\tApril 2025\nDate of Review\tMay 2026",
            {"written": "April 2025", "next_review": "May 2026"},
        ),
        (
            "| Approved | 3 March 2024 |\n|---|---|\n| Next review | 2026-03-03 |",
            {"ratified": "3 March 2024", "next_review": "2026-03-03"},
        ),
        (
            "Policy agreed 17/07/2025\tNext review due Summer term 2028",
            {"ratified": "17/07/2025", "next_review": "Summer term 2028"},
        ),
    ],
)
def test_dates_are_read_from_the_front_as_printed(policy_of, front: str, known: dict[str, str]) -> None:
    policy = policy_of(
        f"Gifts Policy\n\n{front}\n\nGifts\n\nSmall presents may be accepted from families at the end of a term.\n"
    )
    found = {kind: getattr(policy, kind).text for kind in known if getattr(policy, kind)}
    assert found == known
    assert any(clause.kind == "row" and known["next_review"] in clause.text for clause in policy.clauses)


def test_a_month_or_term_lasts_until_its_end(policy_of) -> None:
    policy = policy_of("Gifts Policy\n\nNext review: June 2025\n\nGifts\n\nSmall presents are fine.\n")
    assert not policy.overdue(date(2025, 6, 30))
    assert policy.overdue(date(2025, 7, 1))


def test_an_id_stays_when_other_parts_of_the_document_change(policy_of) -> None:
    text = "Gifts\n\n- Small ones are fine.\n- Money is not.\n\nHats\n\nNo hats in class for anybody at all.\n"
    before = {clause.text: clause.id for clause in policy_of(text).clauses}
    after = {
        clause.text: clause.id
        for clause in policy_of(text.replace("No hats", "No large hats") + "\nScarves are fine in winter.\n").clauses
    }
    assert {t: i for t, i in before.items() if "hats" not in t} == {t: after[t] for t in before if "hats" not in t}


TEXTS = st.lists(
    st.sampled_from(
        [
            "# Heads",
            "2.1 Parts:",
            "- item one",
            "  - item two.",
            "3. Staff must go.",
            "Short line",
            "(a) and so",
            "",
            "",
            "\f",
            "Page 2",
        ]
    )
    | st.text(max_size=60),
    max_size=40,
).map("\n".join)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_any_text_is_read_word_for_word_or_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.md"
    file.write_text(text, "utf-8", errors="replace")
    try:
        policy = parse(read(file))
    except Unreadable:
        return
    ids = [clause.id for clause in policy.clauses]
    assert len(ids) == len(set(ids))
    assert policy == parse(read(file))

    def plain(words: str) -> str:
        return re.sub(r"[\s*_`#|\x00\u00ad\u200b\ufeff-]+", "", words)

    whole = plain(text)
    assert all(plain(clause.text) in whole for clause in policy.clauses)


def test_every_policy_of_the_example_school_is_read_whole() -> None:
    for file in sorted((EXAMPLE_SCHOOL.parent / "policies").iterdir()):
        policy = parse(read(file))
        assert policy.organisation == "Oakfield Primary School", file.name
        assert policy.next_review, file.name
        assert policy.dated, file.name
        assert len(policy.clauses) >= 15, file.name
        assert all(clause.path for clause in policy.clauses if clause.kind == "bullet"), file.name
