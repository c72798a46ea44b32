"""The Teams door, by the real adapter over HTTP, against a stand-in of Teams' connector."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from assistant import bootstrap
from assistant.chats.server import application
from assistant.chats.teams import TeamsDoor
from assistant.chats.teams_sender import TeamsSender
from assistant.config import Teams as Settings
from assistant.conversation import Conversation
from assistant.domain.accounts import Action as AccountAction
from assistant.domain.errors import NotKept
from assistant.handlers import reporting
from assistant.storage.feedback import FeedbackTable

from .house import House
from .teams_stand_in import TENANT, Somebody, Teams, actions, words
from .test_accounts import Register
from .test_nothing_leaks import EITHER, MARK

CONCERN = f"She told me that her stepdad hits her. {MARK}"


class Tenant:
    """The example school in Teams."""

    def __init__(self, house: House, assistant: bootstrap.Assistant, teams: Teams, settings: Settings) -> None:
        self.house, self.teams = house, teams
        self.people: dict[str, Somebody] = {}
        for person in house.school.roster:
            house.change(person.id, teams=f"aad-{person.id}")
            self.people[person.id] = Somebody(teams, person.id, person.email)
        conversation = Conversation(
            {house.school.id: house.school},
            clauses=assistant.search,
            desk=assistant.desk,
            feedback=FeedbackTable(house.engine),
            begin=house.database.begin,
            clock=house.clock,
            make_case_file=bootstrap.case_files(house.database),
            code_key=house.database.code_key,
        )
        self.door = TeamsDoor(
            conversation, {house.school.id: house.school}, settings, begin=house.database.begin, clock=house.clock
        )
        self.sender = TeamsSender(self.door, house.database.begin)
        house.channel = self.sender  # type: ignore[assignment]
        house.outbox = house.worker(self.sender)  # type: ignore[arg-type]

    async def deliver(self) -> None:
        await asyncio.to_thread(self.house.deliver)
        await asyncio.to_thread(self.sender.refresh)


@asynccontextmanager
async def open_tenant(
    house: House, assistant: bootstrap.Assistant, settings: Settings | None = None
) -> AsyncIterator[Tenant]:
    teams = Teams()
    platform = web.AppRunner(teams.application())
    await platform.setup()
    await web.TCPSite(platform, "127.0.0.1", 0).start()
    teams.address = f"http://127.0.0.1:{platform.addresses[0][1]}"
    tenant = Tenant(house, assistant, teams, settings or Settings(tenant_id=TENANT, app_type="MultiTenant"))
    ours = web.AppRunner(application(None, None, tenant.door, loopback=True, health=list))
    await ours.setup()
    await web.TCPSite(ours, "127.0.0.1", 0).start()
    teams.app_at = f"http://127.0.0.1:{ours.addresses[0][1]}"
    try:
        yield tenant
    finally:
        await ours.cleanup()
        await platform.cleanup()
    assert teams.broken == []
    assert MARK not in str(teams.written)


Story = Callable[[Tenant], Awaitable[None]]


@pytest.fixture
def teams(house: House, oakfield: bootstrap.Assistant) -> Callable[[Story], None]:
    """Runs a story in a tenant."""

    def run(story: Story) -> None:
        async def told() -> None:
            async with open_tenant(house, oakfield) as tenant:
                await story(tenant)

        asyncio.run(told())

    return run


def shown(message: dict[str, object]) -> str:
    return words(message.get("attachments")) or str(message.get("text"))


async def report(who: Somebody, *kinds: str, danger: str = "no", **more: object) -> str:
    (message,) = await who.says("/report-concern")
    await who.presses("Open", message)
    assert "999" in who.screen
    await who.submits("Go on", danger=danger, kinds=list(kinds))
    if "Which person" in who.screen:
        await who.submits("Go on", **more)
        more = {}
    await who.submits("Send", what=CONCERN, **more)
    found = re.search(r"C-[0-9A-Z]{8}", who.screen)
    assert found, who.screen
    assert "Received" in who.screen
    return found[0]


def test_a_question_in_the_apps_chat_is_answered_with_its_clause(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        (answer,) = await amina.says("Can I give a pupil a lift home?")
        assert any(one["type"] == "typing" for one in at.teams.written)
        assert "What your policies say" in shown(answer)
        await amina.presses("Open the clause", answer)
        assert "The clause:" in amina.screen
        await amina.presses("This helped", answer)
        assert "hank" in shown(answer)
        (again,) = await amina.says("and on a trip?")
        assert "What your policies say" in shown(again) or "don't say" in shown(again)
        (declined,) = await amina.says("what's for lunch in the canteen on friday?")
        await amina.presses("Open", declined)
        assert "The clause:" in amina.screen

    teams(story)


def test_in_a_channel_answers_are_shown_and_a_disclosure_goes_on_in_private(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        (answer,) = await amina.says("how long must a password be?", channel="c1")
        assert "twelve characters" in shown(answer)
        (reply,) = await amina.says(CONCERN, channel="c1")
        assert "no chat of our own yet" in shown(reply)
        await amina.installs()
        said = await amina.says(CONCERN, channel="c1")
        assert {one["to"]: shown(one) for one in said}.keys() == {"c1", amina.chat}
        (private,) = amina.received()
        assert "999" in shown(private)
        assert "stepdad" not in str(said)
        said = await amina.says(EITHER, channel="c1")
        assert not any("What your policies say" in shown(one) for one in said if one["to"] == "c1")
        assert any("What your policies say" in shown(one) for one in said if one["to"] == amina.chat)
        await amina.presses("Report a concern", private)
        assert "Whom is it about?" in amina.screen

    teams(story)


def test_a_concern_goes_from_the_form_to_the_dsl_who_takes_it_and_asks(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        amina, priya, callum = (at.people[name] for name in ("amina", "priya", "callum"))
        await priya.installs()
        reference = await report(amina, "pupil")
        await at.deliver()
        (notice,) = priya.received()
        assert reference in shown(notice)
        await priya.presses("Open", notice)
        assert CONCERN in priya.screen  # in the dialog, folded
        await priya.presses("Acknowledge")
        assert "acknowledged" in priya.screen
        await priya.submits("Ask", text="Which night was it?")
        await at.deliver()
        asked = next(m for m in amina.received() if "a question for you" in shown(m))
        await amina.presses("Open", asked)
        assert "Which night was it?" in amina.screen
        await amina.submits("Send", text="Tuesday.")
        assert "Tuesday." in amina.screen
        await callum.presses("Open", notice)  # forged: it was never sent to them
        assert "There is nothing here for you" in callum.screen

    teams(story)


def test_a_concern_about_the_headteacher_reaches_the_chair(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        for person in at.people.values():
            await person.installs()
        await report(at.people["amina"], "headteacher", danger="yes", subjects=["helen"])
        await at.deliver()
        assert at.people["helen"].received() == []
        (notice,) = at.people["farah"].received()
        assert "URGENT" in shown(notice)

    teams(story)


def test_who_has_never_met_the_app_is_reached_by_the_next_channel(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        await report(at.people["amina"], "pupil")
        await at.deliver()
        assert at.people["priya"].received() == []
        assert at.house.told("priya")[0][0] == "new"  # in the staff room's inbox
        await at.people["priya"].installs()
        await at.people["priya"].sends(at.people["priya"]._activity("installationUpdate", action="remove"))
        assert not at.sender.reaches(at.house.person("priya"))

    teams(story)


def test_an_account_is_applied_for_decided_and_the_other_messages_change(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        for person in at.people.values():
            await person.installs()
        amina, david, helen = (at.people[name] for name in ("amina", "david", "helen"))
        (message,) = await amina.says("/apply-account")
        await amina.presses("Open", message)
        said = {
            "platform": "Instagram",
            "name": "oakfield_pe",
            "aim": "PE",
            "audience": "Families",
            "promotion": "Letter",
        }
        said |= {"school_email": "pe@oakfield.example", "second_reader": "Callum", "reply_owner": "Amina"}
        await amina.submits("Go on", **said, operators=["amina", "callum"], access="Open to everyone", then="send")
        assert "waits for a decision" in amina.screen
        await at.deliver()
        for name in ("amina", "callum"):
            operator = at.people[name]
            await operator.presses("Open", next(m for m in operator.received() if "named to run" in shown(m)))
            await operator.submits("I have read and understood it", trained="2026-09-02")
        await david.presses("Open", next(m for m in david.received() if "waits for your decision" in shown(m)))
        await david.submits("Approve")
        assert "approved, to be created" in david.screen
        await at.deliver()
        assert all("nothing is left to do" in shown(m) for m in helen.received())
        assert any("is yours to create" in shown(m) for m in at.people["wei"].received())

    teams(story)


def test_a_message_is_reported_by_its_link_and_a_clause_found_for_what_one_writes(
    teams: Callable[[Story], None],
) -> None:
    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        payload = {"linkToMessage": "https://teams.example/l/1", "body": {"content": f"said {MARK}"}}
        answer = await amina._invoke("composeExtension/fetchTask", {"commandId": "report", "messagePayload": payload})
        amina.dialog = answer["task"]["value"]["card"]["content"]
        assert "Whom is it about?" in amina.screen
        assert MARK not in str(answer)
        await amina.submits("Go on", danger="no", kinds=["pupil"])
        assert "https://teams.example/l/1" in str(amina.dialog)
        query = {"commandId": "find", "parameters": [{"name": "query", "value": "how long must a password be?"}]}
        found = await amina._invoke("composeExtension/query", query)
        assert "twelve characters" in words(found["composeExtension"]["attachments"][0]["content"])
        empty = await amina._invoke("composeExtension/query", {"commandId": "find", "parameters": []})
        assert not empty["composeExtension"].get("attachments")
        query["parameters"] = [{"name": "query", "value": EITHER}]  # no clause without the form that stands before it
        either = await amina._invoke("composeExtension/query", query)
        assert not either["composeExtension"].get("attachments")

    teams(story)


def test_other_tenants_and_guests_are_refused(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        stranger = Somebody(at.teams, "stranger", "amina@oakfield.example", userRole="guest")
        (reply,) = await stranger.says("Can I give a pupil a lift home?")
        assert "Childline" in shown(reply)
        amina = at.people["amina"]
        amina.tenant = "22222222-2222-2222-2222-222222222222"
        (reply,) = await amina.says("Can I give a pupil a lift home?")
        assert "Childline" in shown(reply)
        await amina._dialog("task/fetch", {"a": "report", "v": {}})
        assert "Childline" in amina.screen

    teams(story)


def test_an_activity_sent_again_an_edit_and_a_deletion_are_answered_once(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        activity = amina._activity("message", text="Can I give a pupil a lift home?")
        for _ in range(3):
            await amina.sends(activity)
        await amina.sends(activity | {"type": "messageUpdate", "text": "and a parent?"})
        await amina.sends(activity | {"type": "messageDelete"})
        await amina.sends(amina._activity("conversationUpdate", membersAdded=[{"id": "28:app"}]))
        assert len(amina.received()) == 1

    teams(story)


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "40"}), (412, {}), (502, {})])
def test_teams_asks_for_patience_and_the_notice_comes_later(
    teams: Callable[[Story], None], status: int, headers: dict[str, str]
) -> None:
    async def story(at: Tenant) -> None:
        await at.people["priya"].installs()
        await report(at.people["amina"], "pupil")
        at.teams.fail = [(status, headers)] * 1
        await at.deliver()
        assert at.people["priya"].received() == []
        at.house.clock.forward(seconds=60)
        await at.deliver()
        assert len(at.people["priya"].received()) == 1
        with at.house.database.begin() as transaction:
            assert all(c.failures == 0 for c in transaction.notices.channels())

    teams(story)


def test_a_notice_opens_in_its_own_school_whichever_was_chosen(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_tenant(house, oakfield) as at:
            priya = at.people["priya"]
            await priya.installs()
            reference = await report(at.people["amina"], "pupil", danger="yes")
            birch = replace(at.house.school, id="birch", name="Birch School")
            two = {at.house.school.id: at.house.school, "birch": birch}
            at.door._schools = at.door._reception._schools = at.door._reception._conversation._schools = two
            (question,) = await priya.says("home")
            await priya.presses("Birch School", question)
            await at.deliver()
            notice = next(one for one in priya.received() if reference in shown(one))
            await priya.presses("Open", notice)
            assert "stepdad" in priya.screen
            await priya.presses("Acknowledge")  # it goes on in the school that it is shown for
            assert at.house.open("priya", reference).concern.acknowledged_at is not None
            (message,) = await priya.says("Reports for you")
            await priya.presses("Open", message)
            assert "This is for Birch School alone" in priya.screen
            assert reference not in priya.screen
            await priya.presses("Go to Oakfield")
            assert reference in priya.screen
            await priya.presses("Open")
            assert "stepdad" in priya.screen

    asyncio.run(told())


def test_a_press_that_names_a_school_one_does_not_belong_to_opens_nothing_there(
    house: House, oakfield: bootstrap.Assistant
) -> None:
    async def told() -> None:
        async with open_tenant(house, oakfield) as at:
            amina, here = at.people["amina"], at.house.school
            elsewhere = replace(here, id="birch", roster=tuple(p for p in here.roster if p.id != "amina"))
            both = {here.id: here, "birch": elsewhere}
            at.door._schools = at.door._reception._schools = at.door._reception._conversation._schools = both
            await amina._dialog("task/fetch", {"a": "home", "v": {"organisation": "birch"}})
            assert here.name in amina.screen

    asyncio.run(told())


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:18081", "Origin": "https://evil.example:18081"},  # a name pointed at this machine
        {"Host": "evil.example"},
        {"Host": "["},
        {"Origin": "https://evil.example"},  # another site's page, in somebody's browser
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_without_an_app_id_other_sites_are_not_answered(
    teams: Callable[[Story], None], headers: dict[str, str]
) -> None:
    async def story(at: Tenant) -> None:
        helen = at.people["helen"]
        opened = {"name": "task/fetch", "value": {"data": {"a": "inbox", "v": {}}}}
        status, said = await helen.sends(helen._activity("invoke", **opened), headers)
        assert status == 403
        assert "Reports for you" not in str(said)
        assert (await helen.sends(helen._activity("message", text="Reports for you"), headers))[0] == 403
        assert at.teams.written == []
        assert (await helen.sends(helen._activity("invoke", **opened)))[0] == 200

    teams(story)


def test_with_an_app_id_an_unsigned_or_forged_activity_touches_nothing(
    house: House, oakfield: bootstrap.Assistant
) -> None:
    settings = Settings(app_id="33333333-3333-3333-3333-333333333333", app_password="x", tenant_id=TENANT)

    async def told() -> None:
        async with open_tenant(house, oakfield, settings) as at:
            amina = at.people["amina"]
            activity = amina._activity("installationUpdate", action="add")
            for headers in (
                None,
                {"Authorization": "Bearer x.y.z"},
                {"Authorization": "Basic abc"},
                {"Authorization": ""},
            ):
                status, _ = await amina.sends(activity, headers)
                assert status == 401, headers
            assert at.teams.written == []
            assert not at.sender.reaches(house.person("amina"))

    asyncio.run(told())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"type": 5}', b'{"type": "message"}'])
def test_what_is_no_activity_is_refused_and_nothing_breaks(
    house: House, oakfield: bootstrap.Assistant, body: bytes
) -> None:
    import aiohttp

    async def told() -> None:
        async with open_tenant(house, oakfield) as at, aiohttp.ClientSession() as session:
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{at.teams.app_at}/api/messages", data=body, headers=headers) as reply:
                assert reply.status in (400, 401, 415), reply.status

    asyncio.run(told())


def test_who_is_known_by_address_alone_is_reached_too_and_lost_when_the_app_is_gone(
    teams: Callable[[Story], None],
) -> None:
    async def story(at: Tenant) -> None:
        priya = at.people["priya"]
        at.house.change("priya", teams="")
        at.door._schools = {at.house.school.id: at.house.school}
        assert not at.sender.reaches(at.house.person("priya"))
        await priya.installs()
        assert at.sender.reaches(at.house.person("priya"))
        await report(at.people["amina"], "pupil")
        await at.deliver()
        assert len(priya.received()) == 1
        await report(at.people["amina"], "pupil")
        at.teams.fail = [(403, {})]
        await at.deliver()
        assert not at.sender.reaches(at.house.person("priya"))

    teams(story)


def test_the_app_is_taken_away_put_back_and_moved_to_another_service(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        priya = at.people["priya"]
        await priya.installs()
        await priya.sends(priya._activity("installationUpdate", action="remove"))
        assert not at.sender.reaches(at.house.person("priya"))
        gone = at.teams.address.replace("127.0.0.1", "127.0.0.9")
        await priya.sends(priya._activity("installationUpdate", action="add") | {"serviceUrl": gone})
        await priya.installs()  # what Teams says last is good
        await report(at.people["amina"], "pupil")
        await at.deliver()
        assert len(priya.received()) == 1

    teams(story)


def test_in_a_group_chat_it_answers_all_and_reports_in_private(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        await amina.installs()
        (answer,) = await amina.says("how long must a password be?", channel="g1", group=True)
        assert answer["to"] == "g1"
        assert "twelve characters" in shown(answer)
        said = await amina.says("report a concern", channel="g1", group=True)
        assert {one["to"] for one in said} == {"g1", amina.chat}
        assert "Whom is it about?" not in shown(said[0])
        assert not at.people["callum"].received()

    teams(story)


def test_a_message_about_an_account_is_asked_for_anew_by_each_who_looks(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        for person in at.people.values():
            await person.installs()
        helen, maria = at.people["helen"], at.people["maria"]
        register = Register(at.house)
        reference = (await asyncio.to_thread(register.apply)).reference
        await at.deliver()
        asked = next(m for m in helen.received() if "waits for your decision" in shown(m))
        assert "waits for your decision" in await helen.looks_at(asked)
        await asyncio.to_thread(register.do, "david", AccountAction.REJECT, reference, "Not now.")
        assert "nothing is left to do" in await helen.looks_at(asked)  # before the message itself has changed
        assert "waits for your decision" in shown(asked)
        assert "nothing here for you" in await maria.looks_at(asked)
        forged = {"a": "account-notice", "v": {"reference": reference, "kind": "new"}}
        assert "nothing here for you" in await helen.looks_at(asked, forged)

    teams(story)


def test_when_the_database_is_gone_what_was_written_stands_in_the_form_and_in_no_button(
    teams: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise NotKept

    async def story(at: Tenant) -> None:
        amina = at.people["amina"]
        (message,) = await amina.says("/report-concern")
        await amina.presses("Open", message)
        await amina.submits("Go on", danger="no", kinds=["pupil"])
        monkeypatch.setattr(reporting, "raise_concern", broken)
        await amina.submits("Send", what=CONCERN, done="x" * 20_000)
        assert "has NOT been sent" in amina.screen
        assert {one["title"] for one in actions(amina.dialog)} == {"Send"}
        assert CONCERN not in str([one["data"] for one in actions(amina.dialog)])
        monkeypatch.undo()
        await amina.submits("Send")  # as it stands there
        assert "Received" in amina.screen

    teams(story)


def test_a_concern_is_noted_referred_and_closed_in_dialogs(teams: Callable[[Story], None]) -> None:
    async def story(at: Tenant) -> None:
        priya = at.people["priya"]
        await priya.installs()
        await report(at.people["amina"], "pupil")
        await at.deliver()
        (notice,) = priya.received()
        await priya.presses("Open", notice)
        await priya.presses("Acknowledge")
        await priya.submits("Add", text="Spoke to the class teacher.")
        assert "Spoke to the class teacher." in priya.screen
        await priya.submits("Record the referral", text="Rang children's services.")
        await priya.submits("Close", text="Handed on.")
        assert "closed" in priya.screen

    teams(story)
