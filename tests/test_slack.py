"""The Slack door, by real bolt over signed HTTP and a websocket, against a stand-in that keeps Slack's rules."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.client import WebClient

from assistant import bootstrap
from assistant.chats.server import application
from assistant.chats.slack import SlackDoor
from assistant.chats.slack_sender import SlackSender
from assistant.conversation import Conversation
from assistant.storage.feedback import FeedbackTable

from .house import House
from .slack_stand_in import TEAM, Slack, Somebody, words
from .test_nothing_leaks import EITHER, MARK

CONCERN = f"She told me that her stepdad hits her. {MARK}"


class Workspace:
    """The example school in Slack."""

    def __init__(self, house: House, assistant: bootstrap.Assistant, slack: Slack) -> None:
        self.house, self.slack = house, slack
        for person in house.school.roster:
            slack.user(f"U{person.id.upper()}", person.email)
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
        self.door = SlackDoor(
            conversation,
            {house.school.id: house.school},
            client=AsyncWebClient(token="xoxb-1", base_url=f"{slack.address}/api/"),
            signing_secret="stand-in-secret",
            begin=house.database.begin,
            clock=house.clock,
        )
        client = WebClient(token="xoxb-1", base_url=f"{slack.address}/api/")
        self.sender = SlackSender(client, house.database.begin, {house.school.id: house.school})
        house.channel = self.sender  # type: ignore[assignment]
        house.outbox = house.worker(self.sender)  # type: ignore[arg-type]

    def somebody(self, id_: str) -> Somebody:
        return Somebody(self.slack, f"U{id_.upper()}")

    async def deliver(self) -> None:
        await asyncio.to_thread(self.house.deliver)
        await asyncio.to_thread(self.sender.refresh)


@asynccontextmanager
async def open_workspace(
    house: House, assistant: bootstrap.Assistant, *, socket: bool = False
) -> AsyncIterator[Workspace]:
    slack = Slack()
    platform = web.AppRunner(slack.application())
    await platform.setup()
    site = web.TCPSite(platform, "127.0.0.1", 0)
    await site.start()
    slack.address = f"http://127.0.0.1:{platform.addresses[0][1]}"
    workspace = Workspace(house, assistant, slack)
    ours = web.AppRunner(application(None, workspace.door, loopback=True, health=list))
    await ours.setup()
    await web.TCPSite(ours, "127.0.0.1", 0).start()
    slack.events_at = f"http://127.0.0.1:{ours.addresses[0][1]}/slack/events"
    handler = AsyncSocketModeHandler(workspace.door.app, "xapp-1") if socket else None
    if handler:
        await handler.connect_async()  # type: ignore[no-untyped-call]
        while not slack.sockets:
            await asyncio.sleep(0.01)
    try:
        yield workspace
    finally:
        if handler:
            await handler.close_async()  # type: ignore[no-untyped-call]
        await ours.cleanup()
        await platform.cleanup()
    assert slack.broken == [], slack.calls
    assert MARK not in str([call for call in slack.calls if call[0].startswith(("chat.", "views.publish"))])


Story = Callable[[Workspace], Awaitable[None]]


@pytest.fixture(params=["http", "socket"])
def slack(request: pytest.FixtureRequest, house: House, oakfield: bootstrap.Assistant) -> Callable[[Story], None]:
    """Runs a story in a workspace, over each way to Slack."""

    def run(story: Story) -> None:
        async def told() -> None:
            async with open_workspace(house, oakfield, socket=request.param == "socket") as workspace:
                await story(workspace)

        asyncio.run(told())

    return run


async def report(who: Somebody, *kinds: str, danger: str = "no", words_: str = CONCERN) -> str:
    await who.commands("/report-concern")
    await who.sees("Whom is it about?")
    await who.submits(danger=danger, kinds=list(kinds))
    if "Which person" in who.modal["title"]["text"]:
        await who.submits()
    await who.submits(what=words_)
    found = re.search(r"C-[0-9A-Z]{8}", await who.sees("Its reference is"))
    assert found
    return found[0]


def test_a_question_in_a_direct_message_is_answered_with_its_clause(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.says("Can I give a pupil a lift home?")
        await amina.settled(lambda: any("blocks" in m and m["blocks"] for m in amina.received()))
        (message,) = amina.received()
        assert "What your policies say" in words(message["blocks"])
        await amina.presses("This helped", message)
        await amina.presses("Open the clause", message)
        assert "The clause:" in await amina.sees("The clause:")

    slack(story)


def test_what_comes_nearest_to_a_question_that_is_declined_can_be_opened(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.says("what's for lunch in the canteen on friday?")
        await amina.settled(lambda: any(m.get("blocks") for m in amina.received()))
        (message,) = amina.received()
        assert "Our policies don't say" in words(message["blocks"])
        await amina.presses("Open", message)
        assert "The clause:" in await amina.sees("The clause:")

    slack(story)


def test_a_mention_is_answered_in_its_thread_and_a_follow_up_in_its_light(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        ts = await amina.says("<@U0BOT> may I accept a friend request from a parent?", channel="C1")
        await amina.settled(lambda: any(m.get("blocks") for m in at.slack.messages.values()))
        (message,) = at.slack.messages.values()
        assert message["thread_ts"] == ts
        await amina.says("<@U0BOT> and from a former pupil?", channel="C1", thread=ts)
        await amina.settled(lambda: sum(bool(m.get("blocks")) for m in at.slack.messages.values()) == 2)
        assert "friend request" in words(list(at.slack.messages.values())[1]["blocks"])

    slack(story)


def test_a_disclosure_in_a_channel_is_answered_to_its_writer_alone_and_quotes_nothing(
    slack: Callable[[Story], None],
) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.says(f"<@U0BOT> {CONCERN}", channel="C1")
        await amina.settled(lambda: at.slack.ephemeral)
        assert at.slack.messages == {}
        (alone,) = at.slack.ephemeral
        assert alone["user"] == amina.id
        assert "999" in words(alone["blocks"])
        assert "stepdad" not in str(alone)
        await amina.presses("Report a concern", alone)
        await amina.sees("Whom is it about?")

    slack(story)


def test_what_may_be_a_concern_or_a_question_is_answered_to_its_writer_alone(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.says(f"<@U0BOT> {EITHER}", channel="C1")
        await amina.settled(lambda: len(at.slack.ephemeral) > 1)
        assert at.slack.messages == {}
        offered, answer = at.slack.ephemeral
        assert "ring 999 now" in words(offered["blocks"])
        assert "What your policies say" in words(answer["blocks"])
        await amina.commands("/ask-policy", EITHER)
        await amina.settled(lambda: len(at.slack.ephemeral) > 3)
        assert "Show this to everyone here" not in str(at.slack.ephemeral)

    slack(story)


def test_a_slash_command_is_answered_to_the_asker_who_can_show_it_to_all(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.commands("/ask-policy", "")
        await amina.commands("/ask-policy", "how long must a password be?")
        await amina.settled(lambda: at.slack.ephemeral)
        (answer,) = at.slack.ephemeral
        assert at.slack.messages == {}
        await amina.presses("Show this to everyone here", answer)
        await amina.settled(lambda: at.slack.messages)

    slack(story)


def test_what_is_taken_for_a_concern_can_be_asked_anyway_and_stands_in_no_button(
    slack: Callable[[Story], None],
) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.commands("/ask-policy", CONCERN)
        await amina.settled(lambda: at.slack.ephemeral)
        (answer,) = at.slack.ephemeral
        assert MARK not in str(answer)
        await amina.presses("ask it anyway", answer)
        await amina.sees("Your question about policy")
        await amina.submits(question="What do I do when a child tells me that she is hit?")
        await amina.sees("polic")

    slack(story)


def test_a_concern_goes_from_the_form_to_the_dsl_who_takes_it_and_asks(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina, priya = at.somebody("amina"), at.somebody("priya")
        await amina.commands("/report-concern", f"what {MARK} is thrown away")
        await amina.sees("thrown away unread")
        assert "999" in amina.screen
        reference = await report(amina, "pupil")
        await at.deliver()
        (notice,) = priya.received()
        assert reference in notice["text"]
        assert notice["blocks"]
        await priya.presses("Open", notice)
        await priya.sees(reference)
        assert MARK not in priya.screen  # folded until it is asked for
        await priya.presses("Show what was reported")
        await priya.sees(CONCERN)
        at.slack.stacks["UPRIYA"].pop()
        await priya.presses("Acknowledge")
        await priya.sees("acknowledged")
        await priya.presses("Ask the reporter")
        await priya.sees("Your question")
        await priya.submits(text="Which night was it?")
        await priya.sees(reference)
        await at.deliver()
        (*_, asked) = amina.received()
        assert "a question for you" in asked["text"]
        await amina.presses("Open", asked)
        await amina.sees("Which night was it?")
        await amina.submits(text="Tuesday.")
        await amina.sees("Tuesday.")
        await at.deliver()
        assert any("Something was added" in message["text"] for message in priya.received())

    slack(story)


def test_nobody_else_can_open_it_whatever_they_press(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina, priya, callum = (at.somebody(name) for name in ("amina", "priya", "callum"))
        reference = await report(amina, "pupil")
        await at.deliver()
        (notice,) = priya.received()
        await callum.presses("Open", notice)  # forged: it was never sent to them
        await callum.sees("There is nothing here for you")
        hidden = callum.screen
        await callum.presses("Open", {**notice, "blocks": _other(notice["blocks"], reference)})
        await callum.sees("There is nothing here for you")
        assert callum.screen == hidden

    slack(story)


def _other(blocks: list[dict[str, object]], reference: str) -> list[dict[str, object]]:
    import json

    found: list[dict[str, object]] = json.loads(json.dumps(blocks).replace(reference, "C-22222222"))
    return found


def test_a_concern_about_the_headteacher_reaches_the_chair(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.shortcut("report")
        await amina.sees("Whom is it about?")
        await amina.submits(danger="yes", kinds=["headteacher"])
        await amina.sees("Which person?")
        await amina.submits(subjects=["helen"])
        assert "Farah Siddiqui" in amina.screen
        await amina.submits(what=CONCERN, anonymous="yes")
        await amina.sees("Received")
        await at.deliver()
        assert at.somebody("helen").received() == []
        (notice,) = at.somebody("farah").received()
        assert "URGENT" in notice["text"]

    slack(story)


def test_a_message_is_reported_by_its_link_and_never_by_its_words(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina, priya = at.somebody("amina"), at.somebody("priya")
        await amina.shortcut("report-message", {"ts": "123.45", "text": f"said {MARK}", "user": "U9"})
        await amina.sees("Whom is it about?")
        await amina.submits(danger="no", kinds=["pupil"])
        assert MARK not in str(amina.modal)
        await amina.submits(what="A message that worries me.")
        await amina.sees("Received")
        await at.deliver()
        await priya.presses("Open", priya.received()[0])
        await priya.sees("Show what was reported")
        await priya.presses("Show what was reported")
        await priya.sees("archives/C1/p123.45")

    slack(story)


def test_an_account_is_applied_for_and_the_messages_of_those_who_decide_change(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina, callum, david, helen = (at.somebody(name) for name in ("amina", "callum", "david", "helen"))
        await amina.commands("/apply-account")
        await amina.sees("What is it for?")
        said = {
            "platform": "Instagram",
            "name": "oakfield_pe",
            "aim": "PE",
            "audience": "Families",
            "promotion": "Letter",
        }
        said |= {"school_email": "pe@oakfield.example", "second_reader": "Callum", "reply_owner": "Amina"}
        await amina.submits(**said, operators=["amina", "callum"], access="Open to everyone", then="send")
        await amina.sees("waits for a decision")
        await at.deliver()
        for operator in (amina, callum):
            message = next(m for m in operator.received() if "named to run" in m["text"])
            await operator.presses("Open", message)
            await operator.sees("Confirm that you")
            await operator.presses("Confirm that you")
            await operator.sees("When were you trained?")
            await operator.submits(trained="2026-09-02")
            await operator.sees("Confirmed by")
        message = next(m for m in david.received() if "waits for your decision" in m["text"])
        await david.presses("Open", message)
        await david.sees("waits for a decision")
        await david.presses("^Approve")
        await david.sees("Anything to say")
        await david.submits(text="")
        await david.sees("approved, to be created")
        await at.deliver()
        assert all("nothing is left to do" in words(m["blocks"]) for m in helen.received())
        assert any("is yours to create" in m["text"] for m in at.somebody("wei").received())

    slack(story)


def test_the_home_page_shows_what_waits_and_the_policies(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        reference = await report(at.somebody("amina"), "pupil")
        await at.deliver()
        priya = at.somebody("priya")
        home = words((await priya.opens_home())["blocks"])
        assert reference in home
        assert "Social Media Policy" in home
        assert reference not in words((await at.somebody("callum").opens_home())["blocks"])
        await priya.presses(f"Open {reference}", home=True)
        await priya.sees("Acknowledge")

    slack(story)


@pytest.mark.parametrize("against", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
def test_guests_bots_and_strangers_are_refused_kindly(slack: Callable[[Story], None], against: str) -> None:
    async def story(at: Workspace) -> None:
        at.slack.user("UGUEST", "amina@oakfield.example", **{against: True})
        guest = Somebody(at.slack, "UGUEST")
        await guest.says("Can I give a pupil a lift home?")
        await guest.settled(lambda: any("blocks" in m and m["blocks"] for m in guest.received()))
        assert "Childline" in words(guest.received()[0]["blocks"])
        await guest.commands("/report-concern")
        await guest.sees("Childline")

    slack(story)


def test_another_workspaces_user_is_refused(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        at.slack.users["UAMINA"]["team_id"] = "T9"
        amina = at.somebody("amina")
        await amina.commands("/report-concern")
        await amina.sees("Childline")
        assert TEAM != "T9"

    slack(story)


def test_an_event_sent_again_and_an_edited_message_are_answered_once(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        for _ in range(3):
            await amina.says("Can I give a pupil a lift home?", event_id="Ev1")
        await amina.says("Can I give a pupil a lift?", subtype="message_changed")
        await amina.says("hello", bot_id="B1")
        await amina.settled(lambda: any(m.get("blocks") for m in amina.received()))
        await asyncio.sleep(0.3)
        assert len(amina.received()) == 1

    slack(story)


def test_a_press_that_is_too_old_is_given_a_way_on(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.commands("/report-concern", age=5.0)
        await amina.settled(lambda: amina.received())
        await amina.presses("Open", amina.received()[0])
        await amina.sees("Whom is it about?")

    slack(story)


def test_a_slow_database_is_acknowledged_in_time_and_only_the_receipt_says_received(
    slack: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from assistant.handlers import reporting

    real = reporting.raise_concern

    def slow(*args: object, **more: object) -> object:
        time.sleep(3.5)
        return real(*args, **more)  # type: ignore[arg-type]

    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.commands("/report-concern")
        await amina.sees("Whom is it about?")
        await amina.submits(danger="no", kinds=["pupil"])
        monkeypatch.setattr(reporting, "raise_concern", slow)
        await amina.submits(what=CONCERN)
        assert "not sent until" in amina.screen
        assert amina.acks[-1] < 3
        await amina.sees("Its reference is")

    slack(story)


def test_when_the_database_is_gone_what_was_written_is_still_there(
    slack: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.domain.errors import NotKept
    from assistant.handlers import reporting

    def broken(*_: object, **__: object) -> object:
        raise NotKept

    async def story(at: Workspace) -> None:
        amina = at.somebody("amina")
        await amina.commands("/report-concern")
        await amina.sees("Whom is it about?")
        await amina.submits(danger="no", kinds=["pupil"])
        monkeypatch.setattr(reporting, "raise_concern", broken)
        await amina.submits(what=CONCERN)
        await amina.sees("has NOT been sent")
        monkeypatch.undo()
        await amina.submits()  # as it stands there
        await amina.sees("Its reference is")

    slack(story)


def test_a_forged_or_stale_request_is_refused(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_workspace(house, oakfield) as at:
            body = {
                "type": "event_callback",
                "event": {
                    "type": "message",
                    "channel_type": "im",
                    "user": "UAMINA",
                    "text": "hi",
                    "ts": "1",
                    "channel": "D1",
                },
            }
            for more in ({"secret": "another"}, {"age": 600}):
                status, _, _ = await at.slack.send(body, "event", **more)  # type: ignore[arg-type]
                assert status == 401
            import aiohttp

            async with aiohttp.ClientSession() as session:
                for headers in ({}, {"X-Slack-Request-Timestamp": "now"}):
                    async with session.post(at.slack.events_at, data="{}", headers=headers) as reply:
                        assert reply.status == 401
            assert at.slack.messages == {}

    asyncio.run(told())


def test_slack_asks_for_patience_and_the_notice_comes_later(slack: Callable[[Story], None]) -> None:
    async def story(at: Workspace) -> None:
        await report(at.somebody("amina"), "pupil")
        at.slack.fail["chat.postMessage"] = [{"status": 429, "after": 40}] * 3
        await at.deliver()
        assert at.somebody("priya").received() == []
        at.house.clock.forward(seconds=30)
        await at.deliver()
        assert at.somebody("priya").received() == []
        at.house.clock.forward(seconds=15)
        await at.deliver()
        assert len(at.somebody("priya").received()) == 1
        with at.house.database.begin() as transaction:
            assert all(c.failures == 0 for c in transaction.notices.channels())

    slack(story)


def test_a_refusal_of_slacks_goes_to_the_next_channel_and_is_no_secret_in_the_log(
    slack: Callable[[Story], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(at: Workspace) -> None:
        await report(at.somebody("amina"), "pupil")
        at.slack.fail["chat.postMessage"] = [{"ok": False, "error": "channel_not_found"}] * 3
        await at.deliver()
        assert MARK not in caplog.text
        at.house.clock.forward(minutes=1)
        await at.deliver()
        assert len(at.somebody("priya").received()) == 1

    slack(story)


def test_somebody_in_two_schools_chooses_once(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_workspace(house, oakfield) as at:
            two = {house.school.id: house.school, "birch": replace(house.school, id="birch", name="Birch School")}
            at.door._reception._schools = two
            at.door._people._schools = two
            at.door._reception._conversation._schools = two
            amina = at.somebody("amina")
            await amina.says("Can I give a pupil a lift home?")
            await amina.settled(lambda: any(m.get("blocks") for m in amina.received()))
            (question,) = amina.received()
            assert "Which school?" in words(question["blocks"])
            await amina.presses("Oakfield", question)
            await amina.settled(lambda: at.slack.ephemeral)
            await amina.says("Can I give a pupil a lift home?")
            await amina.settled(lambda: len([m for m in amina.received() if m.get("blocks")]) == 2)
            assert "What your policies say" in words(amina.received()[1]["blocks"])

    asyncio.run(told())


def test_a_restart_while_a_form_is_open_loses_nothing(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_workspace(house, oakfield) as first:
            amina = first.somebody("amina")
            await amina.commands("/report-concern")
            await amina.sees("Whom is it about?")
            await amina.submits(danger="no", kinds=["pupil"])
            async with open_workspace(house, oakfield) as second:  # the server that comes after it
                first.slack.events_at = second.slack.events_at
                await amina.submits(what=CONCERN)
                assert "Its reference is" in amina.screen

    asyncio.run(told())


def test_one_form_sent_to_two_servers_is_one_report(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_workspace(house, oakfield) as first, open_workspace(house, oakfield) as second:
            amina = first.somebody("amina")
            await amina.commands("/report-concern")
            await amina.sees("Whom is it about?")
            await amina.submits(danger="no", kinds=["pupil"])
            view = amina.modal
            await amina.submits(what=CONCERN)
            receipt = amina.screen
            first.slack.stacks[amina.id][-1] = view
            first.slack.events_at = second.slack.events_at
            await amina.submits(what=CONCERN)
            assert amina.screen == receipt
            for _ in range(2):  # and one event that both get is answered once
                await amina.says("Can I give a pupil a lift home?", event_id="Ev7")
                first.slack.events_at, second.slack.events_at = second.slack.events_at, first.slack.events_at
            await amina.settled(
                lambda: any(m.get("blocks") for m in [*amina.received(), *second.slack.messages.values()])
            )
            await asyncio.sleep(0.3)
            answers = [m for m in [*first.slack.messages.values(), *second.slack.messages.values()] if m.get("blocks")]
            assert len(answers) == 1

    asyncio.run(told())


def test_a_lost_connection_is_made_again(house: House, oakfield: bootstrap.Assistant) -> None:
    async def told() -> None:
        async with open_workspace(house, oakfield, socket=True) as at:
            await at.slack.sockets[0].send_json({"type": "disconnect", "reason": "refresh_requested"})
            await at.slack.sockets[0].close()
            amina = at.somebody("amina")
            await amina.settled(lambda: at.slack.sockets and not at.slack.sockets[-1].closed, seconds=30)
            await amina.commands("/report-concern")
            await amina.sees("Whom is it about?")

    asyncio.run(told())
