"""The Slack door: bolt's listeners read events into Incoming, and show cards as messages, modals and the App Home.

Nothing is decided here. What is sealed or filled in opens in a modal; a form's press is answered only after what must
not be lost is committed; whatever else is slow happens behind a modal that says so.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from assistant.cards import Card
from assistant.chats import block_kit
from assistant.chats.memory import Memory
from assistant.chats.origin import Origin, again, only_answers, origin_in
from assistant.chats.reception import Reception, in_a_message
from assistant.chats.slack_people import Body, SlackPeople, complain, team_of, user_of
from assistant.conversation import APPLY_COMMAND, REPORT_COMMAND, Conversation
from assistant.domain.schools import School
from assistant.ports import Begin, Clock
from assistant.screens import doors

log = logging.getLogger(__name__)
DOOR = "slack"
ASK_COMMAND = "/ask-policy"
_ACK = 2.2  # seconds to wait for a form before saying that it takes longer; Slack allows 3
_IN_PLACE = ("do-", "account-", "apply-", "duty-", "comment-", "post-", "report-")  # what changes the modal it is in
_HERE = frozenset({"feedback", "choose-school"})  # answered where they were pressed
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


class SlackDoor:
    """Listeners on a bolt app."""

    def __init__(
        self,
        conversation: Conversation,
        schools: Mapping[str, School],
        *,
        client: AsyncWebClient,
        signing_secret: str,
        begin: Begin,
        clock: Clock,
    ) -> None:
        for name in ("slack_bolt", "slack_sdk", "slack_bolt.AsyncApp"):  # what they log quotes what people sent
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
        self._client, self._people = client, SlackPeople(client, schools)
        self._memory = Memory(DOOR, begin, clock)
        self._reception = Reception(conversation, schools, self._memory)
        self._working: set[asyncio.Task[Any]] = set()
        self.app = AsyncApp(
            client=client,
            signing_secret=signing_secret,
            raise_error_for_unhandled_request=False,
        )
        self._listen()

    def _listen(self) -> None:
        app = self.app
        app.command(ASK_COMMAND)(self._ask_command)
        app.command(REPORT_COMMAND)(self._report_command)
        app.command(APPLY_COMMAND)(self._apply_command)
        app.shortcut("report")(self._shortcut)
        app.shortcut("report-message")(self._shortcut)
        app.event("app_mention")(self._mentioned)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home_opened)
        app.action(re.compile(".*", re.DOTALL))(self._pressed)
        app.view(re.compile(".*", re.DOTALL))(self._submitted)
        app.error(self._failed)

    async def _reply(
        self, body: Body, *, text: str = "", action: str = "", values: Mapping[str, str] | None = None, before: str = ""
    ) -> tuple[Card, ...]:
        """What the core replies to somebody, or why they are refused."""
        user = user_of(body)
        places = await self._people.places(user, team_of(body))
        return await self._reception.reply(user, places, text=text, action=action, values=values, before=before)

    # Asking

    async def _ask_command(self, ack: AsyncAck, body: Body, respond: Callable[..., Awaitable[Any]]) -> None:
        question = str(body.get("text") or "").strip()
        if not question:
            await ack(text=doors.WHAT_TO_ASK)
            return
        await ack(text=doors.WAIT)
        try:
            cards = await self._reply(body, text=question)
        except Exception as error:
            complain(error)
            await respond(text=doors.WENT_WRONG, replace_original=True)
            return
        pieces = [piece for card in cards for piece in block_kit.messages(in_a_message(card))]
        for number, (text, blocks) in enumerate(pieces):
            if number == len(pieces) - 1 and only_answers(cards):
                blocks = [*blocks, block_kit.share(question)] if len(blocks) < block_kit.MOST_BLOCKS else blocks
            await respond(text=text, blocks=blocks, replace_original=number == 0, response_type="ephemeral")

    async def _mentioned(self, body: Body, event: Body) -> None:
        if not await asyncio.to_thread(self._memory.first, str(body.get("event_id") or event["ts"])):
            return
        await self._converse(body, event, private=False)

    async def _message(self, body: Body, event: Body) -> None:
        """A direct message. Edits, joins, bots' and our own are not answered."""
        if event.get("channel_type") != "im" or event.get("subtype") not in (None, "file_share", "thread_broadcast"):
            return
        if event.get("bot_id") or not event.get("user"):
            return
        if await asyncio.to_thread(self._memory.first, str(body.get("event_id") or event["ts"])):
            await self._converse(body, event, private=True)

    async def _converse(self, body: Body, event: Body, *, private: bool) -> None:
        """Answer in the thread; what may not be said there is said to the asker alone."""
        channel, user = str(event["channel"]), str(event["user"])
        text = " ".join(_MENTION.sub(" ", str(event.get("text") or "")).split())
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        thread = str(event.get("thread_ts") or event["ts"])
        key = f"{channel} {thread} {user}"
        reply_to = thread if not private or event.get("thread_ts") else None
        shown = await self._client.chat_postMessage(channel=channel, thread_ts=reply_to, text=doors.WAIT)
        try:
            cards = await self._reply(body, text=text or "?", before=self._memory.asked(key))
            pieces = [piece for card in cards for piece in block_kit.messages(in_a_message(card))]
            alone = not private and not only_answers(cards)
        except Exception as error:
            complain(error)
            pieces, alone = [(doors.WENT_WRONG, [])], False
            cards = ()
        if alone:  # declined, refused or a disclosure: nobody else in the channel need see it
            await self._client.chat_delete(channel=channel, ts=shown["ts"])
            for said, blocks in pieces:
                await self._client.chat_postEphemeral(
                    channel=channel, user=user, thread_ts=event.get("thread_ts"), text=said, blocks=blocks
                )
            return
        if only_answers(cards):
            self._memory.ask(key, text)
        (said, blocks), *more = pieces
        await self._client.chat_update(channel=channel, ts=shown["ts"], text=said, blocks=blocks)
        for said, blocks in more:
            await self._client.chat_postMessage(channel=channel, thread_ts=reply_to, text=said, blocks=blocks)

    # Forms

    async def _report_command(self, ack: AsyncAck, body: Body) -> None:
        await ack()
        # What follows the command is not looked at, only that there is something.
        behind = "something" if str(body.get("text") or "").strip() else ""
        await self._open(body, Origin(action="report"), text=behind)

    async def _apply_command(self, ack: AsyncAck, body: Body) -> None:
        await ack()
        await self._open(body, Origin(action="apply"))

    async def _shortcut(self, ack: AsyncAck, body: Body) -> None:
        """From anywhere, or from a message: then its link goes into the form, and nothing of what it says."""
        await ack()
        values: dict[str, str] = {}
        if body.get("callback_id") == "report-message":
            try:
                found = await self._client.chat_getPermalink(
                    channel=body["channel"]["id"], message_ts=body["message"]["ts"]
                )
                values["where"] = f"A message in Slack: {found['permalink']}"
            except (SlackApiError, KeyError):
                values["where"] = "A message in Slack"
        await self._open(body, Origin(action="report", values=values))

    async def _open(self, body: Body, origin: Origin, *, text: str = "", part: int | None = None) -> None:
        """A modal at once, and what is to stand in it when it is there: the press is good for three seconds only."""
        trigger = body.get("trigger_id")
        inside = (body.get("view") or {}).get("type") == "modal"
        view: Body = {}
        try:
            opening = self._client.views_push if inside else self._client.views_open
            view = (await opening(trigger_id=trigger, view=block_kit.waiting(text=doors.WAIT)))["view"]
        except SlackApiError as error:
            if not inside:
                await self._way_on(body, origin, error)
                return
            view = body["view"]  # three modals deep there is no room for a fourth: this one changes
        await self._fill(body, view, origin, text=text, part=part)

    async def _fill(self, body: Body, view: Body, origin: Origin, *, text: str = "", part: int | None = None) -> None:
        try:
            cards = await self._reply(body, text=text, action=origin.action, values=origin.values)
            made = block_kit.modal(cards[0], again(cards[0], origin), part=part)
        except Exception as error:
            complain(error)
            made = block_kit.waiting("Policy assistant", doors.WENT_WRONG)
        await self._update(view, made)

    async def _update(self, view: Body, made: block_kit.Block) -> None:
        try:
            await self._client.views_update(view_id=view["id"], view=made)
        except SlackApiError as error:  # the window was closed meanwhile
            complain(error)

    async def _way_on(self, body: Body, origin: Origin, error: SlackApiError) -> None:
        """The press was too old to open anything: a message that opens it."""
        complain(error)
        card = doors.opener("Policy assistant", doors.TOO_LATE, origin.action, dict(origin.values))
        (said, blocks), *_ = block_kit.messages(card)
        await self._client.chat_postMessage(channel=user_of(body), text=said, blocks=blocks)

    async def _submitted(self, ack: AsyncAck, body: Body, view: Body) -> None:
        """A form was sent: Slack hears of it once it is kept, or that it takes longer and is not kept yet."""
        form, more = origin_in(view["private_metadata"])
        values = {**form.values, **block_kit.typed(view["state"]["values"])}
        text = values.pop("question", "") if form.action == "ask-anyway" else ""
        task = asyncio.ensure_future(self._reply(body, text=text, action=form.action, values=values))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        origin = Origin(action=str(more.get("o", ["", {}])[0]), values=dict(more.get("o", ["", {}])[1]))
        late = False
        try:
            cards = await asyncio.wait_for(asyncio.shield(task), _ACK)
        except TimeoutError:
            late = True
            await ack(response_action="update", view=block_kit.waiting(text=doors.KEEPING))
            try:
                cards = await task
            except Exception as error:
                complain(error)
                await self._update(view, block_kit.waiting("Not sent", doors.WENT_WRONG))
                return
        except Exception as error:
            complain(error)
            fields = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
            await ack(response_action="errors", errors={fields[-1]: doors.WENT_WRONG})
            return
        made = block_kit.modal(cards[0], again(cards[0], origin))
        if late:
            await self._update(view, made)
        else:
            await ack(response_action="update", view=made)

    # Pressing

    async def _pressed(self, ack: AsyncAck, body: Body, action: Body, respond: Callable[..., Awaitable[Any]]) -> None:
        await ack()
        if action.get("type") != "button":
            return
        name = str(action["action_id"]).partition(":")[0]
        try:
            origin, more = origin_in(str(action.get("value") or "{}"))
        except ValueError:
            return
        view = body.get("view") or {}
        if name == block_kit.UNFOLD:
            await self._open(body, origin, part=int(more.get("i", 0)))
        elif name == block_kit.MORE:
            cards = await self._reply(body, action=origin.action, values=origin.values)
            await self._update(view, block_kit.modal(cards[0], again(cards[0], origin), page=int(more.get("p", 0))))
        elif name == block_kit.SHARE:
            cards = await self._reply(body, text=origin.values.get("question", ""))
            for said, blocks in (
                piece
                for card in (cards if only_answers(cards) else ())
                for piece in block_kit.messages(in_a_message(card))
            ):
                await respond(text=said, blocks=blocks, response_type="in_channel", replace_original=False)
        elif name in _HERE:
            await self._here(body, name, origin, respond)
        elif view.get("type") == "modal" and name.startswith(_IN_PLACE):
            await self._fill(body, view, Origin(action=name, values=origin.values))
        else:
            await self._open(body, Origin(action=name, values=origin.values))

    async def _here(self, body: Body, name: str, origin: Origin, respond: Callable[..., Awaitable[Any]]) -> None:
        cards = await self._reply(body, action=name, values=origin.values)
        if (body.get("view") or {}).get("type") == "home":
            await self._client.views_publish(user_id=user_of(body), view=block_kit.home(cards))
            return
        for said, blocks in (piece for card in cards for piece in block_kit.messages(in_a_message(card))):
            await respond(text=said, blocks=blocks, replace_original=name == "choose-school", response_type="ephemeral")

    async def _home_opened(self, body: Body, event: Body) -> None:
        if event.get("tab") == "home":
            cards = await self._reply(body, action="home")
            await self._client.views_publish(user_id=str(event["user"]), view=block_kit.home(cards))

    async def _failed(self, error: Exception, body: Body) -> None:
        """Whatever was not caught nearer: never in silence, and never with its words."""
        complain(error)
        try:
            await self._client.chat_postMessage(channel=user_of(body), text=doors.WENT_WRONG)
        except (SlackApiError, KeyError):
            log.error("somebody in Slack could not be told that something went wrong")
