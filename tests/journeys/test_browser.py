"""The staff room in a real browser: ask, follow the citation, give a verdict, by keyboard too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import picture

pytestmark = pytest.mark.browser


@pytest.fixture
def page(server: str, visit: Callable[[str], Page]) -> Page:
    return visit(server)


def test_a_question_is_asked_by_keyboard_and_its_citation_followed(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("This is a try-out on this machine")).to_be_visible()
    expect(page.get_by_label("Ask about your school's policies")).to_be_focused()
    page.keyboard.type("A pupil messaged me on Instagram. Who do I tell?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What your policies say")).to_be_visible()
    quote = page.locator("blockquote").first
    expect(quote).to_contain_text("must report it")
    text = quote.inner_text()
    picture(page, "answer")
    page.locator("figcaption a").first.click()
    target = page.locator(":target")
    expect(target).to_contain_text(text)
    expect(target).to_be_in_viewport()
    picture(page, "clause")


def test_a_declined_question_offers_to_tell_the_policy_owner(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Ask about your school's policies").fill("how much is the mileage rate")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Our policies don't say")).to_be_visible()
    expect(page.get_by_text("Ask the policy owner (Siobhan Byrne)")).to_be_visible()
    page.get_by_role("button", name="Tell the policy owner").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_what_comes_nearest_can_be_opened(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Ask about your school's policies").fill("how much is the mileage rate")
    page.get_by_role("button", name="Ask", exact=True).click()
    picture(page, "declined")
    page.locator(".rows button").first.click()
    expect(page.locator(":target")).to_be_in_viewport()
    picture(page, "nearest")


def test_anybody_of_the_roster_can_be_played_and_overdue_policies_are_marked(page: Page) -> None:
    page.goto("/")
    page.get_by_label("You are").select_option("oakfield/helen")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("You are")).to_have_value("oakfield/helen")
    page.get_by_role("link", name="Policies").click()
    row = page.get_by_role("row", name="Online Safety Policy")
    expect(row).to_contain_text("overdue")
    expect(page.get_by_text("overdue")).to_have_count(1)


def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
