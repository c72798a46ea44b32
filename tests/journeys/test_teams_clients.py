"""Microsoft's own clients: every card drawn by the `adaptivecards` package, and the Agents Playground in a browser."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from assistant.cards import Card
from assistant.chats import adaptive_card
from assistant.chats.origin import Origin, needs_modal
from assistant.chats.teams_package import manifest
from assistant.config import EXAMPLE_SCHOOL

from .conftest import MARK, picture, serving

pytestmark = pytest.mark.browser
CLIENTS = Path(__file__).parent.parent / "clients"
PACKAGES = Path(os.environ.get("CLIENTS", CLIENTS.parent.parent / ".venv" / "clients" / "node_modules"))
TENANT = "11111111-1111-1111-1111-111111111111"
WIDTHS = {"light": 640, "dark": 640, "contrast": 320}  # a message's, and a narrow phone's
Json = dict[str, Any]


@pytest.fixture(scope="module")
def packages() -> Path:
    """Where Microsoft's packages are."""
    if not (PACKAGES / "adaptivecards").is_dir() or not shutil.which("node"):
        if os.environ.get("REQUIRE_CLIENTS"):
            pytest.fail("Microsoft's clients are not installed, and REQUIRE_CLIENTS is set")
        pytest.skip("needs node and Microsoft's clients: make clients")
    return PACKAGES


class Dialogs:
    """A page that shows cards as Teams shows a dialog's, and says what a press would send."""

    def __init__(self, browser: Browser, packages: Path) -> None:
        self.page = browser.new_page(viewport={"width": 700, "height": 900})
        self.page.goto((CLIENTS / "cards.html").as_uri())
        self.page.add_script_tag(path=packages / "adaptivecards" / "dist" / "adaptivecards.min.js")

    def show(self, card: Json, theme: str = "light", width: int = 640) -> None:
        """Draw a card. Nothing in it may be wrong, or wider than it."""
        assert self.page.evaluate("([card, theme, width]) => show(card, theme, width)", [card, theme, width]) == []
        wide = self.page.evaluate("(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(card)")
        assert wide <= 0, f"{wide} pixels too wide"

    def press(self, label: str) -> Json:
        """Press a button; what it sends."""
        self.page.get_by_role("button", name=label, exact=True).last.click()  # the first may be what unfolds it
        sent: Json = self.page.evaluate("pressed")
        return sent


@pytest.fixture
def dialogs(chromium: Browser, packages: Path) -> Dialogs:
    return Dialogs(chromium, packages)


@pytest.mark.parametrize("theme", WIDTHS)
def test_every_card_is_drawn_whole_by_microsofts_renderer(
    dialogs: Dialogs, screens: dict[str, Card], theme: str
) -> None:
    for name, card in screens.items():
        origin = Origin(action=card.action, values=card.values)
        shown = [adaptive_card.dialog(card, origin)] if needs_modal(card) else adaptive_card.messages(card)
        for number, made in enumerate(shown):
            dialogs.show(made, theme, WIDTHS[theme])
            unfolded = dialogs.page.get_by_role("button", expanded=False)
            while unfolded.count():
                unfolded.first.click()
                assert dialogs.page.evaluate("card.scrollWidth <= card.clientWidth"), name
            picture(dialogs.page, f"teams-{theme}-{name}-{number}")


def test_the_manifest_is_what_microsofts_schema_wants(packages: Path) -> None:
    made = manifest("33333333-3333-3333-3333-333333333333", "Oakfield Primary School", "https://school.example")
    schemas = packages / "@microsoft" / "app-manifest" / "build" / "json-schemas" / "teams"
    schema = json.loads((schemas / f"v{made['manifestVersion']}" / "MicrosoftTeams.schema.json").read_text("utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(made)] == []
    del made["icons"]
    assert not validator.is_valid(made)


# The Agents Playground


class Playground:
    """The Playground's page, whose user is David, and the assistant behind it."""

    def __init__(self, page: Page, assistant: str, connector: str) -> None:
        self.page, self.assistant, self.connector = page, assistant, connector
        self.numbers = iter(range(10_000))

    def says(self, text: str) -> None:
        """David writes into his chat with the app."""
        self.page.locator("div[role=textbox]").last.fill(text)
        self.page.get_by_role("button", name="Send Message").click()

    def invokes(self, who: str, name: str, data: Json) -> Json:
        """What the page can't do: a dialog, for anybody. The card that stands in it then."""
        activity = {
            "type": "invoke",
            "name": name,
            "id": f"i{next(self.numbers)}",
            "channelId": "msteams",
            "serviceUrl": self.connector,
            "from": {"id": f"user-{who}", "aadObjectId": f"aad-{who}"},
            "recipient": {"id": "28:assistant"},
            "conversation": {"id": f"personal-{who}", "conversationType": "personal", "tenantId": TENANT},
            "value": {"data": data},
        }
        request = urllib.request.Request(
            f"{self.assistant}/api/messages", json.dumps(activity).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as reply:
            card: Json = json.load(reply)["task"]["value"]["card"]["content"]
        return card

    @property
    def chat(self) -> str:
        return self.page.inner_text("body")


@pytest.fixture
def playground(tmp_path: Path, packages: Path, visit: Callable[[str], Page], chromium: Browser) -> Iterator[Playground]:
    """A school whose people have ids in Teams, served for a try-out, and the Playground before it."""
    content = yaml.safe_load(EXAMPLE_SCHOOL.read_text("utf-8"))
    for organisation in content["organisations"]:
        organisation["policies"] = [str(EXAMPLE_SCHOOL.parent / pattern) for pattern in organisation["policies"]]
        for person in organisation["people"]:
            person["teams"] = f"aad-{person['id']}"
    school = tmp_path / "school.yaml"
    school.write_text(yaml.safe_dump(content), "utf-8")
    people = [
        {"id": f"user-{name}", "name": name, "userPrincipleName": name, "aadObjectId": f"aad-{name}"}
        | {"givenName": name, "surname": "-", "email": f"{name}@oakfield.example"}
        for name in ("david", "amina", "callum", "priya", "helen", "wei")
    ]
    settings: Json = {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": "28:assistant", "name": "Policy assistant"},
        "currentUser": people[0],
        "users": people[1:],
        "personalChat": {"id": "personal-david"},
        "groupChat": {"id": "group-1", "name": "Staff"},
        "team": {"id": "team-1", "name": "Oakfield", "aadGroupId": TENANT, "channels": [{"id": "c1", "name": "News"}]},
    }
    (tmp_path / "playground.yml").write_text(yaml.safe_dump(settings), "utf-8")
    with serving(tmp_path / "data", school, TEAMS_APP_ID="") as assistant:
        command = ["node", "-r", str(CLIENTS / "loopback.cjs")]
        command += [str(packages / "@microsoft" / "m365agentsplayground" / "cli.js"), "--dt", "--er", "-p", "0"]
        command += ["-e", f"{assistant}/api/messages", "-c", "msteams"]
        environment = {
            **os.environ,
            "TEAMSAPPTESTER_BROWSER": "none",
            "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(tmp_path / "playground.yml"),
            "M365_AGENTS_PLAYGROUND_LOGFILE": str(tmp_path / "playground.log"),
        }
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=tmp_path
        )
        try:
            assert process.stdout
            said = ""
            while not (found := re.search(r"Listening on (\d+)", said)):
                line = process.stdout.readline()
                assert line, f"the Playground did not start: {said}"
                said += line
            address = f"http://127.0.0.1:{found[1]}"
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            page.route("**/*", lambda route: route.continue_() if address in route.request.url else route.abort())
            page.goto(address)
            page.get_by_role("treeitem", name="Personal Chat").dispatch_event("click")
            yield Playground(page, assistant, f"{address}/_connector")
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout:
                process.stdout.close()


def test_david_asks_reports_and_approves_in_the_playground(playground: Playground, dialogs: Dialogs) -> None:
    page = playground.page
    playground.says("how long must a password be?")
    expect(page.get_by_text("twelve characters").first).to_be_visible(timeout=15_000)
    picture(page, "playground-answer")

    playground.says("/report-concern")
    expect(page.get_by_text("only you see").first).to_be_visible(timeout=15_000)
    dialogs.show(playground.invokes("david", "task/fetch", {"a": "report", "v": {}}))
    form = dialogs.page
    form.get_by_label("No", exact=True).check()
    form.get_by_label("A pupil", exact=False).first.check()
    picture(form, "playground-report-1")
    dialogs.show(playground.invokes("david", "task/submit", dialogs.press("Go on")))
    form.get_by_role("textbox").first.fill(f"She cried after the lesson. {MARK}")
    picture(form, "playground-report-2")
    dialogs.show(playground.invokes("david", "task/submit", dialogs.press("Send")))
    expect(form.get_by_text("Received").first).to_be_visible()
    picture(form, "playground-report-3")

    _apply(playground, dialogs)
    expect(page.get_by_text("waits for your decision").first).to_be_visible(timeout=30_000)
    picture(page, "playground-decide")
    reference = re.findall(r"A-[2-9A-Z]{8}", playground.chat)[-1]
    dialogs.show(playground.invokes("david", "task/fetch", {"a": "account", "v": {"reference": reference}}))
    picture(form, "playground-account")
    form.get_by_role("button", name="Approve", exact=True).first.click()
    picture(form, "playground-approve")
    dialogs.show(playground.invokes("david", "task/submit", dialogs.press("Approve")))
    expect(form.get_by_text("approved, to be created").first).to_be_visible()
    expect(page.get_by_text("nothing is left to do here").first).to_be_visible(timeout=30_000)
    picture(page, "playground-decided")
    assert MARK not in playground.chat


def _apply(playground: Playground, dialogs: Dialogs) -> None:
    """Amina applies for an account that Callum and she are to run, and both confirm."""
    card = playground.invokes("amina", "task/fetch", {"a": "apply", "v": {}})
    (send,) = [a for a in _actions(card) if a["title"] == "Go on"]
    said = {"platform": "Instagram", "name": "oakfield_pe", "aim": "PE", "audience": "Families", "promotion": "Letter"}
    said |= {"school_email": "pe@oakfield.example", "second_reader": "Callum", "reply_owner": "Amina"}
    said |= {"operators": "amina,callum", "access": "Open to everyone", "then": "send"}
    filled = {send["data"]["f"] + name: value for name, value in said.items()}
    shown = json.dumps(playground.invokes("amina", "task/submit", send["data"] | filled))
    (reference, *_) = re.findall(r"A-[2-9A-Z]{8}", shown)
    for who in ("amina", "callum"):
        card = playground.invokes(who, "task/fetch", {"a": "account", "v": {"reference": reference}})
        (confirm,) = [a for a in _actions(card) if a["title"] == "I have read and understood it"]
        trained = {confirm["data"]["f"] + "trained": "2026-09-02"}
        playground.invokes(who, "task/submit", confirm["data"] | trained)


def _actions(thing: Any) -> list[Json]:
    if isinstance(thing, list):
        return [found for one in thing for found in _actions(one)]
    if not isinstance(thing, dict):
        return []
    here = [thing] if str(thing.get("type", "")).startswith("Action.") else []
    return here + [found for one in thing.values() for found in _actions(one)]
