"""A concern in a real browser: reported as a teacher, taken by the DSL; about the headteacher; with the DSL away."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.config import EXAMPLE_SCHOOL

from ..test_nothing_leaks import EITHER
from .conftest import MARK, picture, serving

pytestmark = pytest.mark.browser

WORDS = f"She said: “I don’t want to go home, he shouts all night.” <b>Her words.</b> {MARK}"


def become(page: Page, person: str) -> None:
    page.goto("/")
    page.get_by_label("You are").select_option(f"oakfield/{person}")
    page.get_by_role("button", name="Change").click()


def report(
    page: Page, *kinds: str, danger: str = "No", about: str = "", words: str = WORDS, anonymous: bool = False
) -> str:
    """Fill in the form; the reference."""
    page.get_by_role("link", name="Report a concern").click()
    expect(page.get_by_text("ring 999 now")).to_be_visible()
    page.get_by_role("group", name="Is anyone in immediate danger?").get_by_label(danger, exact=True).check()
    for kind in kinds:
        page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Go on").click()
    if about:
        page.get_by_label(about).check()
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("What happened?").fill(words)
    if anonymous:
        page.get_by_label("No, anonymously").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Received")).to_be_visible()
    found = re.search(r"C-[0-9A-Z]{8}", page.get_by_role("main").inner_text())
    assert found
    return found[0]


def waits(page: Page, person: str, reference: str) -> None:
    """Until the outbox has told that person."""
    become(page, person)
    for _ in range(20):
        page.get_by_role("link", name="Reports for you").click()
        if page.get_by_text(f"A confidential report, {reference}").count():
            return
        page.wait_for_timeout(500)
    pytest.fail(f"{person} was not told of {reference}")


def test_a_teacher_reports_and_the_dsl_takes_it_asks_and_closes_it(server: str, visit: Callable[[str], Page]) -> None:
    page = visit(server)
    become(page, "amina")
    page.get_by_role("link", name="Report a concern").click()
    picture(page, "report-1")
    page.get_by_role("group", name="Is anyone in immediate danger?").get_by_label("No", exact=True).check()
    page.get_by_label("A pupil", exact=True).check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("It goes to Priya Nair")).to_be_visible()
    picture(page, "report-2")
    reference = report(page, "A pupil")
    picture(page, "receipt")
    assert WORDS not in page.content()
    waits(page, "priya", reference)
    picture(page, "inbox")
    page.get_by_role("button", name=reference).click()
    expect(page.get_by_text(WORDS)).to_be_hidden()  # folded until it is asked for
    page.get_by_text("Show what was reported").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    picture(page, "case")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("dd", has_text="acknowledged").first).to_be_visible()
    page.get_by_text("Ask the reporter", exact=True).click()
    page.get_by_label("Your question.").fill("Which night was it?")
    page.get_by_role("button", name="Ask", exact=True).click()
    become(page, "amina")
    page.get_by_role("link", name="My reports").click()
    expect(page.get_by_text("a question waits for you")).to_be_visible()
    page.get_by_role("button", name=reference).click()
    picture(page, "my-report")
    page.get_by_label("Your answer").fill("Tuesday night.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Tuesday night.")).to_be_visible()
    become(page, "priya")
    page.goto(f"/concerns/{reference}")
    page.get_by_text("Show what has been done").click()
    expect(page.get_by_text("answered or added: Tuesday night.")).to_be_visible()
    for title, label, button in (("No further action", "Why none", "Record"), ("Close", "The outcome", "Close")):
        page.locator("summary", has_text=re.compile(f"^{title}$")).click()
        page.get_by_label(label).fill("The family has help.")
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("dd", has_text="closed").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the case file (PDF)").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert sorted(archive.namelist()) == [f"{reference}-receipt.json", f"{reference}.pdf"]
    page.goto(f"/concerns/{reference}")
    page.get_by_text("Confirm that it is filed", exact=True).click()
    page.get_by_label("Where the case file is now").fill("In the paper file.")
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_text("Show what has been done").click()
    expect(page.get_by_text("confirmed that it is filed: In the paper file.")).to_be_visible()
    picture(page, "case-closed")


def test_a_concern_about_the_headteacher_reaches_the_chair_and_the_head_sees_nothing(
    server: str, visit: Callable[[str], Page]
) -> None:
    page = visit(server)
    become(page, "callum")
    reference = report(page, "A pupil", "The headteacher", about="Helen Marsh", anonymous=True)
    waits(page, "farah", reference)
    page.get_by_role("button", name=reference).click()
    expect(page.get_by_text("anonymous (questions reach them")).to_be_visible()
    expect(page.get_by_text("the headteacher: Helen Marsh")).to_be_visible()
    picture(page, "case-chair")
    for person in ("helen", "priya", "wei"):
        become(page, person)
        for path in ("/inbox", "/reports"):
            page.goto(path)
            expect(page.get_by_text(reference)).to_have_count(0)
        there, nothing = page.goto(f"/concerns/{reference}"), page.goto("/concerns/C-22222222")
        assert there
        assert nothing
        assert there.status == nothing.status
        expect(page.get_by_text("There is nothing here for you")).to_be_visible()
    picture(page, "nothing-here")


def test_with_the_dsl_away_and_danger_now_the_deputies_get_it(visit: Callable[[str], Page], tmp_path: Path) -> None:
    today = datetime.now(UTC).date().isoformat()
    text = EXAMPLE_SCHOOL.read_text().replace(
        "policies: [policies/]", f"policies: [{EXAMPLE_SCHOOL.parent / 'policies'}]"
    )
    text = text.replace("roles: [dsl, slt]}", f"roles: [dsl, slt], away: [[{today}, {today}]]}}")
    school = tmp_path / "school.yaml"
    school.write_text(text)
    with serving(tmp_path / "data", school) as address:
        page = visit(address)
        become(page, "amina")
        page.get_by_role("link", name="Report a concern").click()
        expect(page.get_by_text("Tomasz Zielinski, deputy").last).to_be_visible()
        expect(page.get_by_role("main").get_by_text("Priya Nair")).to_have_count(0)
        reference = report(page, "A pupil", danger="Yes")
        expect(page.get_by_text("being told now")).to_be_visible()
        picture(page, "receipt-urgent")
        waits(page, "tomasz", reference)
        expect(page.get_by_text("URGENT").first).to_be_visible()
        become(page, "priya")
        page.get_by_role("link", name="Reports for you").click()
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        picture(page, "inbox-empty")


def test_what_reads_like_a_concern_is_not_searched_and_can_be_asked_anyway(
    server: str, visit: Callable[[str], Page]
) -> None:
    page = visit(server)
    page.goto("/")
    said = "A girl in my class told me her stepdad hits her and she is scared to go home tonight " + MARK
    page.get_by_label("Ask about your school's policies").fill(said)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="This may be a concern to report")).to_be_visible()
    expect(page.get_by_text("ring 999 now")).to_be_visible()
    expect(page.get_by_label("Ask about your school's policies")).to_have_value("")
    picture(page, "disclosure")
    page.get_by_role("button", name="ask it anyway").click()
    expect(
        page.get_by_role("heading", name=re.compile("Our policies don't say|What your policies say"))
    ).to_be_visible()
    expect(page.get_by_role("button", name="Tell the policy owner")).to_have_count(0)
    page.get_by_label("Ask about your school's policies").fill(EITHER)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="This may be a concern to report")).to_be_visible()
    expect(page.get_by_role("heading", name="What your policies say")).to_be_visible()
    expect(page.get_by_role("button", name="This helped")).to_have_count(0)
    expect(page.get_by_label("Ask about your school's policies")).to_have_value("")
    picture(page, "either")
    page.get_by_label("Ask about your school's policies").fill("/report-concern " + said)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("thrown away unread")).to_be_visible()
    expect(page.get_by_text("Is anyone in immediate danger?")).to_be_visible()
    assert said not in page.content()


def test_a_phone_and_a_keyboard_are_enough(server: str, visit: Callable[[str], Page]) -> None:
    page = visit(server)
    page.set_viewport_size({"width": 360, "height": 700})
    for path in ("/report", "/inbox", "/reports"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto("/report")
    picture(page, "report-phone")
    page.get_by_role("group", name="Is anyone in immediate danger?").get_by_label("No", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say first whether anyone is in immediate danger, and whom it is about.")).to_be_visible()
