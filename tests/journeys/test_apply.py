"""An account in a real browser: applied for, asked about, approved, created, on the register; then an operator leaves."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.config import EXAMPLE_SCHOOL

from .conftest import picture, serving
from .test_report import become

pytestmark = pytest.mark.browser


def accounts(page: Page, person: str) -> None:
    become(page, person)
    page.get_by_role("link", name="Accounts").click()


def unfold(page: Page, title: str) -> None:
    page.locator("summary", has_text=re.compile(f"^{title}$")).click()


def apply(page: Page, *, aim: str = "To show families what happens in PE.", operators: tuple[str, ...] = ()) -> None:
    page.get_by_label("On which platform?").fill("Instagram")
    page.get_by_label("What will it be called?").fill("oakfield_pe")
    page.get_by_label("What is it for?").fill(aim)
    page.get_by_label("Who is meant to read it?").fill("Families of pupils")
    page.get_by_label("How will people hear of it?").fill("In the newsletter")
    for operator in operators:
        page.get_by_role("group", name="Who will run it?").get_by_label(operator).first.check()
    page.get_by_label("Closed: followers are let in").check()
    page.get_by_label("school e-mail address that it").fill("pe@oakfield.example")
    page.get_by_label("Who reads a post").fill("Callum")
    page.get_by_label("Who answers comments").fill("Amina")


def confirm(page: Page, person: str, reference: str) -> None:
    accounts(page, person)
    page.get_by_role("button", name=reference).last.click()
    unfold(page, "Confirm that you have read the Social Media Policy")
    page.get_by_label("When were you trained?").fill("2026-09-03")
    page.get_by_role("button", name="I have read and understood it").click()
    expect(page.locator("details", has_text="confirmed having read")).to_have_count(1)


def open_account(page: Page, person: str, reference: str) -> None:
    accounts(page, person)
    page.get_by_role("button", name=reference).last.click()


def test_an_account_from_application_to_closure_and_an_operator_who_leaves(
    tmp_path: Path, visit: Callable[[str], Page]
) -> None:
    school = tmp_path / "school.yaml"
    text = EXAMPLE_SCHOOL.read_text().replace("[policies/]", f"[{EXAMPLE_SCHOOL.parent / 'policies'}/]")
    school.write_text(text)
    with serving(tmp_path / "data", school) as address:
        page = visit(address)
        accounts(page, "amina")
        expect(page.get_by_text("There are no accounts yet")).to_be_visible()
        page.get_by_role("button", name="Apply for an account").click()
        expect(page.get_by_text("It is decided by Priya Nair, Grace Okafor, Helen Marsh, David Cohen")).to_be_visible()
        expect(page.locator("blockquote", has_text="who it is meant to reach")).to_be_visible()
        expect(page.get_by_text("your policies don't ask for it").first).to_be_visible()
        apply(page)
        picture(page, "apply-form")
        page.get_by_role("button", name="Go on").click()  # she alone runs it
        expect(page.get_by_text("too few different people")).to_be_visible()
        expect(page.get_by_label("What is it for?")).to_have_value("To show families what happens in PE.")
        apply(page, operators=("Callum Reid",))
        page.get_by_role("button", name="Go on").click()
        found = re.search(r"A-[0-9A-Z]{8}", page.get_by_role("main").inner_text())
        assert found
        reference = found[0]
        picture(page, "application")

        open_account(page, "david", reference)
        expect(page.get_by_text("has not confirmed the policy").first).to_be_visible()
        unfold(page, "Ask for information")
        page.get_by_label("Your question to the applicant").fill("Will children be named?")
        page.get_by_role("button", name="Ask", exact=True).click()
        open_account(page, "amina", reference)
        expect(page.get_by_text("You are asked: Will children be named?")).to_be_visible()
        page.get_by_role("button", name="Answer, or change").click()
        apply(page, aim="To show families what happens in PE. No child is named.")
        page.get_by_role("button", name="Go on").click()
        confirm(page, "amina", reference)
        confirm(page, "callum", reference)

        open_account(page, "david", reference)
        picture(page, "decide")
        unfold(page, "Approve")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("dd", has_text="approved, to be created")).to_be_visible()

        open_account(page, "wei", reference)
        unfold(page, "It has been created")
        page.get_by_label("Its name or handle").fill("@oakfield_pe")
        page.get_by_label("Where is its password kept?").fill("Sunny-Day-2026!")
        page.get_by_role("button", name="It has been created").click()
        expect(page.get_by_text("looks like a password")).to_be_visible()
        expect(page.get_by_label("Its name or handle")).to_have_value("@oakfield_pe")
        assert "Sunny-Day" not in page.content()
        page.get_by_label("Where is its password kept?").fill("the school's password manager, folder Social media")
        page.get_by_role("button", name="It has been created").click()
        unfold(page, "Let it go live")
        page.get_by_label("registered with a school e-mail").check()
        page.get_by_role("button", name="It is live").click()
        expect(page.locator("dd", has_text="live").first).to_be_visible()

        open_account(page, "amina", reference)
        unfold(page, "Log a comment or complaint")
        page.get_by_label("What was asked, and where?").fill("A parent asks when the match is.")
        page.get_by_role("button", name="Log it").click()
        unfold(page, "Have a post read before it is published")
        page.get_by_label("The post, word for word").fill("We won the cup today!")
        page.get_by_role("button", name="Ask for a second reader").click()
        picture(page, "live")
        open_account(page, "callum", reference)
        page.get_by_label("Agreed: it may be published").check()
        page.get_by_role("button", name="Record it").last.click()
        page.get_by_label("Answered", exact=True).check()
        page.get_by_label("What was answered, in short").fill("Saturday.")
        page.get_by_role("button", name="Record it").click()
        unfold(page, "Show comments and posts that are done")
        expect(page.locator("dd", has_text="Saturday.")).to_be_visible()
        accounts(page, "helen")
        picture(page, "register")
        expect(page.get_by_text("run by Amina Yusuf, Callum Reid")).to_be_visible()

    school.write_text(text.replace("name: Callum Reid,", "name: Callum Reid, active: false,"))
    with serving(tmp_path / "data", school) as address:
        page = visit(address)
        for _ in range(20):
            open_account(page, "wei", reference)
            if page.locator("dd", has_text="in handover").count():
                break
            page.wait_for_timeout(500)
        expect(page.get_by_text("No longer here")).to_be_visible()
        picture(page, "handover")
        unfold(page, "Change who runs it, or where the password is kept")
        page.get_by_role("group", name="Who runs it?").get_by_label("Callum Reid").uncheck() if page.get_by_role(
            "group", name="Who runs it?"
        ).get_by_label("Callum Reid").count() else None
        page.get_by_role("group", name="Who runs it?").get_by_label("Tomasz").first.check()
        page.get_by_label("Why", exact=True).first.fill("Callum has left.")
        page.get_by_role("button", name="Change", exact=True).last.click()
        confirm(page, "tomasz", reference)
        open_account(page, "wei", reference)
        unfold(page, "The handover is done")
        page.get_by_label("Say that the password has been changed").fill("Changed on 19 November.")
        page.get_by_role("button", name="It is done").click()
        expect(page.locator("dd", has_text="live").first).to_be_visible()
        unfold(page, "Ask to close it")
        page.get_by_role("group").get_by_label("Why").last.fill("It is not used any more.")
        page.get_by_role("button", name="Ask", exact=True).click()
        open_account(page, "david", reference)
        unfold(page, "Close it for good")
        page.get_by_label("What becomes of its content").fill("Downloaded, and deleted.")
        page.get_by_role("button", name="Close it").click()
        expect(page.locator("dd", has_text="closed").first).to_be_visible()
