"""Lines become a policy's clauses: word for word, under the right headings, with a citation to be found on paper."""

import re
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.config import EXAMPLE_SCHOOL
from index import dates
from index.clauses import Clause, Policy
from index.documents import Document, as_line, read
from index.parsing import parse

SENTENCE = "Staff must ask the headteacher before they post a picture of a child."


def policy_of(text: str, name: str = "social-media-policy.md") -> Policy:
    lines = []
    for page, part in enumerate(text.split("\f"), 1):
        lines += [as_line(row, number=len(lines) + n, page=page) for n, row in enumerate(part.split("\n"), 1)]
    return parse(Document(name=name, sha256="0123456789abcdef", lines=tuple(lines)))


def clause(policy: Policy, start: str) -> Clause:
    return next(c for c in policy.clauses if c.text.startswith(start))


def plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`#]", "", text).split())


# --- headings, lists and lead-ins ---------------------------------------------------------------------------------


def test_numbers_say_which_heading_is_under_which_whatever_the_markup():
    policy = policy_of(
        f"# 1. Scope\n\n{SENTENCE}\n\n#### 1.1 Accounts\n\n- Ask first.\n\n## 1.2 Pictures\n\n- Ask twice.\n"
    )
    assert clause(policy, "Ask first").headings == ("1. Scope", "1.1 Accounts")
    assert clause(policy, "Ask twice").headings == ("1. Scope", "1.2 Pictures")
    assert clause(policy, "Ask twice").place == "1.2 Pictures, first bullet"


@pytest.mark.parametrize("heading", ["PICTURES", "Pictures", "Pictures:", "**Pictures**", "## Pictures", "3. Pictures",
                                     "3 Pictures", "Pictures\n--------", "What about pictures?"])  # fmt: skip
def test_knows_a_heading_however_it_is_set(heading):
    policy = policy_of(
        f"# Online Policy\n\n1. Scope\n\n{SENTENCE}\n\n2. Rules\n\n{SENTENCE}\n\n{heading}\n\nNobody films lessons.\n"
    )
    assert clause(policy, "Nobody").headings[-1].rstrip(":?").lower().endswith("pictures")


def test_a_numbered_sentence_is_a_clause_and_no_heading():
    policy = policy_of("3. Staff\n\n3.4 Staff must not post pictures.\n3.5 Staff must report contact.\n")
    first = clause(policy, "Staff must not")
    assert (first.marker, first.headings, first.place) == ("3.4", ("3. Staff",), "3. Staff, paragraph 3.4")


def test_the_sentence_that_opens_a_list_is_in_the_path_of_its_items():
    policy = policy_of(
        "## Accounts\n\nAccounts help us. Anyone who wants one must cover the following points:-\n\n- its aim\n- its name\n\n"
        "We reply soon, and always within ten working days.\n"
    )
    assert clause(policy, "Accounts help us").text.endswith("points:-")
    assert clause(policy, "its name").lead_ins == ("Anyone who wants one must cover the following points:-",)
    assert clause(policy, "We reply").lead_ins == ()


def test_a_bare_opening_is_no_clause():
    policy = policy_of("## Scope\n\nThis policy:\n\n- covers all staff\n")
    assert [c.text for c in policy.clauses] == ["covers all staff"]
    assert policy.clauses[0].path == ("Scope", "This policy:")


def test_a_bullet_that_opens_a_list_is_a_clause_and_a_lead_in():
    policy = policy_of(
        "## Pupils\n\n- Pupils will be advised:\n  - to tell an adult\n  - to use safe passwords\n- Staff help.\n"
    )
    assert clause(policy, "Pupils will").depth == 0
    inner = clause(policy, "to use")
    assert (inner.lead_ins, inner.depth) == (("Pupils will be advised:",), 1)
    assert inner.place == "Pupils, first bullet, second sub-bullet"
    assert clause(policy, "Staff help").lead_ins == ()
    assert clause(policy, "Staff help").place == "Pupils, second bullet"


def test_a_list_whose_indent_was_lost_ends_where_items_begin_in_another_manner():
    policy = policy_of(
        "## Reputation\n\n- Staff protect themselves. This may include:\n\n- Setting strong passwords.\n- Logging out.\n"
        "- Members of staff tell the headteacher at once.\n"
    )
    assert clause(policy, "Logging").lead_ins == ("This may include:",)
    assert clause(policy, "Members").lead_ins == ()


def test_bold_bullets_name_whose_duties_follow():
    policy = policy_of(
        "Duties\n\n- **Leaders**\n - Train staff\n\n- Approve accounts\n- **Staff**\n - Read this\n", "x.txt"
    )
    assert clause(policy, "Approve").headings == ("Duties", "Leaders")
    assert clause(policy, "Read").headings == ("Duties", "Staff")


def test_letters_in_numbers_are_cited_together():
    policy = policy_of("## Rules\n\n1. Staff must:\n   (a) ask first; and\n   (b) write it down.\n2. Pupils may not.\n")
    assert clause(policy, "write it").place == "Rules, item 1(b)"
    assert clause(policy, "Pupils").place == "Rules, item 2"


def test_numbers_go_on_after_a_paragraph_between_them():
    policy = policy_of(
        "## Rules\n\nThese are the rules:\n\n1. Ask first.\n2. Tell somebody.\n\nThat is all of it.\n\n3. Log it.\n"
    )
    assert clause(policy, "Log it").lead_ins == ("These are the rules:",)


def test_dos_and_donts_head_their_lists():
    policy = policy_of(f"## Accounts\n\n{SENTENCE}\n\nDo\n\n• think first\n\nDon't\n\n• post in anger\n")
    assert clause(policy, "think").path[-1] == "Do"
    assert clause(policy, "post in").path[-1] == "Don't"


def test_rows_of_a_table_are_clauses_under_its_columns():
    policy = policy_of(
        f"## Services\n\n{SENTENCE}\n\n| Service | Allowed | Why |\n|---|---|---|\n| Chat | No | Age |\n"
    )
    row = clause(policy, "Chat")
    assert (row.kind, row.text, row.lead_ins) == ("row", "Chat | No | Age", ("Service | Allowed | Why",))


@pytest.mark.parametrize("name", ["Appendix A", "Appendix 2: Contacts", "APPENDIX"])
def test_an_appendix_is_part_of_no_section(name):
    policy = policy_of(
        f"1. Scope\n\n{SENTENCE}\n\n2. Rules\n\n{SENTENCE}\n\n{name}\n\nWhom you tell depends on who it is about.\n"
    )
    assert clause(policy, "Whom").headings == (name,)


# --- broken lines and pages ---------------------------------------------------------------------------------------


def test_a_paragraph_broken_over_lines_and_pages_is_one_clause():
    policy = policy_of(
        "## Scope\n\nThis policy is for everyone who works here, whether they are paid or\nhelp without pay, and it is read"
        " again every\n\f\nyear by the governors.\n"
    )
    assert [c.text[-40:] for c in policy.clauses] == ["is read again every year by the governors."[-40:]]


def test_a_numbered_item_goes_on_after_a_page_break():
    policy = policy_of(
        "## Rules\n\n1. Ask first.\n2. Staff must keep to the National\n\nTeachers' Standards.\n\n3. Log it.\n"
    )
    assert [c.text for c in policy.clauses][1] == "Staff must keep to the National Teachers' Standards."


def test_page_numbers_and_running_heads_are_left_out_and_nothing_is_joined_across_them():
    pages = [
        f"Part {n} is what all of us agree to do when we are\n\nHill School Online Policy\nPage {n} of 3\n\f\n"
        for n in (1, 2, 3)
    ]
    policy = policy_of("Hill School Online Policy\n\n## Rules\n\n" + "".join(pages) + "at work, or at home.\n")
    assert not any("Page" in c.text or "Hill" in c.text for c in policy.clauses)
    assert policy.clauses[-1].text == "at work, or at home."
    assert {c.headings for c in policy.clauses} == {("Rules",)}


def test_a_table_of_contents_is_left_out():
    policy = policy_of(
        f"Contents\n\n1. Scope ........ 2\n2. Rules ........ 3\n\n1. Scope\n\n{SENTENCE}\n\n2. Rules\n\nAsk before you post, always.\n"
    )
    assert [c.headings for c in policy.clauses] == [("1. Scope",), ("2. Rules",)]


def test_mottoes_head_nothing():
    policy = policy_of(
        f"Hill Primary School\n'Learn and Grow'\n\nSocial Media Policy\n\nKindness\n\nCourage\n\nHope\n\nOverview\n\n{SENTENCE}\n",
        "x.txt",
    )
    assert [(c.headings, c.text) for c in policy.clauses] == [(("Overview",), SENTENCE)]


# --- the front ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "front",
    [
        "Last reviewed\tMay 2024\nNext review\tMay 2026\nOwner\tAmy Ash",
        "| Last reviewed | May 2024 |\n|---|---|\n| Next review | May 2026 |\n| Owner | Amy Ash |",
        "**Last reviewed: May 2024**\n\n**Next review due: May 2026**\n\n**Policy lead: Amy Ash**",
        "Reviewed May 2024\n\nNext review due May 2026\n\nStaff lead: Amy Ash",
        "Date reviewed: May 2024\nReview date: May 2026\nOwner: Amy Ash",
    ],
)
def test_reads_title_school_dates_and_owner_from_the_front(front):
    policy = policy_of(f"HILL PRIMARY SCHOOL\n\nSOCIAL MEDIA POLICY\n\n{front}\n\nScope\n\n{SENTENCE}\n")
    assert (policy.title, policy.organisation, policy.owner) == (
        "Social Media Policy",
        "Hill Primary School",
        "Amy Ash",
    )
    assert policy.reviewed is not None
    assert (policy.reviewed.first, policy.reviewed.last) == (date(2024, 5, 1), date(2024, 5, 31))
    assert not policy.overdue(date(2026, 5, 31))
    assert policy.overdue(date(2026, 6, 1))
    rows = [c for c in policy.clauses if c.kind == "row"]
    assert any("May 2026" in c.text and c.headings == ("SOCIAL MEDIA POLICY",) for c in rows)
    assert clause(policy, SENTENCE).citation == "Social Media Policy (May 2024), Scope, first paragraph"


def test_falls_back_to_the_files_name_and_cites_without_a_date():
    policy = policy_of(f"Scope\n\n{SENTENCE}\n", "e-mail_rules.txt")
    assert (policy.id, policy.title, policy.organisation, policy.dated) == ("e-mail-rules", "E mail rules", "", "")
    assert policy.clauses[0].citation == "E mail rules, Scope, first paragraph"
    assert not policy.overdue(date(2999, 1, 1))


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("September 2025", date(2025, 9, 1), date(2025, 9, 30)),
        ("17/07/2025", date(2025, 7, 17), date(2025, 7, 17)),
        ("2nd March 2026", date(2026, 3, 2), date(2026, 3, 2)),
        ("Summer term 2028", date(2028, 4, 1), date(2028, 8, 31)),
        ("Autumn 2026", date(2026, 9, 1), date(2026, 12, 31)),
        ("2024-25", date(2024, 9, 1), date(2025, 8, 31)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_date_is_a_span_of_days(printed, first, last):
    [found] = dates.find(f"Next review due {printed}")
    assert (found.date.text, found.date.first, found.date.last) == (printed, first, last)


def test_what_only_looks_like_a_date_is_none():
    assert dates.find("31/02/2025, version 2.1, 0116 496 0999 and page 3 of 12") == []


# --- whole layouts -----------------------------------------------------------------------------------------------


def paths(policy: Policy) -> list[tuple[str, ...]]:
    return [(*each.path, each.text) for each in policy.clauses]


def test_sentences_broken_over_lines_and_pages_are_joined() -> None:
    policy = policy_of(
        "Photographs\n\nPhotographs are taken on school cameras only and are kept in\nthe office until the end of\n\nthe school year.\n\n"
        "- Staff who find a picture that worries them tell the\n  headteacher.\n"
    )
    assert [clause.text for clause in policy.clauses] == [
        "Photographs are taken on school cameras only and are kept in the office until the end of the school year.",
        "Staff who find a picture that worries them tell the headteacher.",
    ]


@pytest.mark.parametrize("mark", ["{} SCOPE", "{}. Scope", "{}) Scope"])
def test_a_numbered_heading_is_not_joined_to_the_paragraph_under_it(mark: str) -> None:
    text = f"{mark.format(1)}\n\nThis covers everybody who works at the school.\n\n{mark.format(2)}\n\nThis covers no one.\n"
    assert paths(policy_of(text)) == [
        (mark.format(1), "This covers everybody who works at the school."),
        (mark.format(2), "This covers no one."),
    ]


def test_lettered_sections_hold_numbered_rules() -> None:
    policy = policy_of(
        "A. Passwords.\n\n1. Never share one.\n2. Use three words.\n\nB. Screens.\n\nLock the screen whenever you leave.\n"
    )
    assert paths(policy) == [
        ("A. Passwords.", "Never share one."),
        ("A. Passwords.", "Use three words."),
        ("B. Screens.", "Lock the screen whenever you leave."),
    ]
    assert policy.clauses[1].place == "A. Passwords, item 2"


def test_a_citation_can_be_followed_on_paper() -> None:
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
def test_dates_are_read_from_the_front_as_printed(front: str, known: dict[str, str]) -> None:
    policy = policy_of(
        f"Gifts Policy\n\n{front}\n\nGifts\n\nSmall presents may be accepted from families at the end of a term.\n"
    )
    found = {kind: getattr(policy, kind).text for kind in known if getattr(policy, kind)}
    assert found == known
    assert any(clause.kind == "row" and known["next_review"] in clause.text for clause in policy.clauses)


def test_an_id_stays_when_other_parts_of_the_document_change() -> None:
    text = "Gifts\n\n- Small ones are fine.\n- Money is not.\n\nHats\n\nNo hats in class for anybody at all.\n"
    before = {clause.text: clause.id for clause in policy_of(text).clauses}
    after = {
        clause.text: clause.id
        for clause in policy_of(text.replace("No hats", "No large hats") + "\nScarves are fine in winter.\n").clauses
    }
    assert {t: i for t, i in before.items() if "hats" not in t} == {t: after[t] for t in before if "hats" not in t}


def test_every_policy_of_the_example_school_is_read_whole() -> None:
    for file in sorted((EXAMPLE_SCHOOL.parent / "policies").iterdir()):
        policy = parse(read(file))
        assert policy.organisation == "Oakfield Primary School", file.name
        assert policy.next_review, file.name
        assert policy.dated, file.name
        assert len(policy.clauses) >= 15, file.name
        assert all(clause.path for clause in policy.clauses if clause.kind == "bullet"), file.name


# --- what is printed together ----------------------------------------------------------------------------------------


def follows(policy: Policy) -> list[str]:
    return [c.text for c in policy.clauses if c.follows]


def test_a_clause_follows_where_nothing_is_printed_between():
    policy = policy_of(
        f"# Visits\n\n## Before\n\n{SENTENCE}\n\nThey must *ask* again.\n\n- Count everybody.\n- *Count* them twice.\n\n"
        "## Home\n\nThe leader goes last.\n\nPage 3 of 12\n\nThe office is told.\n"
    )
    assert follows(policy) == ["They must ask again.", "Count everybody.", "Count them twice."]


def test_lines_of_a_web_page_may_all_be_one_line_of_its_file(tmp_path: Path):
    part = "<h2>Part {0}</h2><p>Plan {0} is made.</p><p>Plan {0} is checked.</p><ul><li>Carry list {0}.</li><li>Carry coat {0}.</li></ul>"
    (tmp_path / "visits.html").write_text("<h1>Visits Policy</h1>" + "".join(part.format(n) for n in range(60)))
    found = follows(parse(read(tmp_path / "visits.html")))
    assert len([text for text in found if "checked" in text]) >= 59
    assert len([text for text in found if "coat" in text]) == 60
    assert not any("made" in text for text in found)


# --- for any text -------------------------------------------------------------------------------------------------

layouts = st.lists(
    st.sampled_from(
        ["# ", "## ", "- ", "  - ", "• ", "1. ", "2. ", "(a) ", "4.2 ", "", "", "\t", "| a | ", "**", "Page 3 of 12", "\f",
         "----", "Owner:\t", "Reviewed May 2024", "_", "o ", "SCOPE", "This policy:", "and then", "Contents", "12", "> "]
    ).flatmap(lambda start: st.text(alphabet="aB .:*_#|-1(\t", max_size=30).map(lambda rest: start + rest)),
    max_size=40,
).map("\n".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(text=layouts | st.text(max_size=200))
@example(text="• 1\n> 1")
@example(text="- 1111\n\n> a")
def test_every_clause_stands_in_the_document_word_for_word(text: str):
    policy = policy_of(text)
    whole = plain(text)
    for each in policy.clauses:
        assert plain(each.text)
        assert plain(each.text) in whole
    ids = [each.id for each in policy.clauses]
    assert len(set(ids)) == len(ids)
    assert policy == policy_of(text)


words = st.sampled_from(
    "staff pupils ask tell keep share picture account school before after with their every day".split()
)
sentence = st.lists(words, min_size=8, max_size=16).map(lambda w: f"Everybody must {' '.join(w)}.")
section = st.tuples(st.lists(sentence, max_size=3), st.lists(sentence, max_size=4))
sections = st.lists(section.filter(lambda s: s[0] or s[1]), min_size=1, max_size=4)


def written(parts: list[tuple[list[str], list[str]]]) -> str:
    whole = ["# Online Policy"]
    for n, (paragraphs, bullets) in enumerate(parts, 1):
        whole += [f"## {n}. Section", *paragraphs, "\n".join(f"- {b}" for b in bullets)]
    return "\n\n".join(whole)


@settings(max_examples=100, deadline=None)
@given(parts=sections, more=sentence)
def test_adding_a_paragraph_leaves_the_ids_of_the_others(parts, more):
    before = [c.id for c in policy_of(written(parts)).clauses]
    after = [c.id for c in policy_of(written(parts) + f"\n\n{more}\n").clauses]
    assert after[:-1] == before


@settings(max_examples=100, deadline=None)
@given(parts=sections, data=st.data())
def test_changing_one_clause_leaves_the_ids_of_the_others(parts, data):
    text = written(parts)
    old = policy_of(text).clauses
    n = data.draw(st.integers(0, len(old) - 1))
    changed = parse_with(old, n, text)
    others = [c.id for m, c in enumerate(old) if m != n and c.text != old[n].text]
    assert set(others) <= {c.id for c in changed.clauses}
    assert len(changed.clauses) == len(old)


def parse_with(old: tuple[Clause, ...], n: int, text: str) -> Policy:
    """The policy with the n-th clause reworded."""
    rows = text.split("\n")
    rows[old[n].line - 1] = rows[old[n].line - 1].replace("Everybody must", "Nobody at all may")
    return policy_of("\n".join(rows))


def test_a_clause_is_cited_by_the_line_it_stands_on(tmp_path: Path):
    path = tmp_path / "online.md"
    path.write_bytes(b"# Online Policy\r\n\r\n## Scope\r\n\r\n- One for all.\r\n- All for one.\r\n")
    assert [(c.line, c.text) for c in parse(read(path)).clauses] == [(5, "One for all."), (6, "All for one.")]


@pytest.mark.parametrize(
    "row",
    ["- a thing that we do:\n", "Heading\n\n", "HEADING\n\n", "and so it goes on and on and on\n\n", "| a | b |\n", "1. One\n",
     "word " * 10, "_" * 10 + "a", "a\t", "Staff must. ", "May 2024 ", "    - deeper\n"],
)  # fmt: skip
def test_time_grows_with_the_length_and_not_its_square(row):
    took = []
    for times in (4_000, 16_000):
        text = row * times
        start = time.process_time()
        policy_of(text)
        took.append(time.process_time() - start)
    assert all(later < 12 * max(earlier, 0.05) for earlier, later in pairwise(took))
