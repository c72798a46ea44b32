"""The Teams door: the only file that knows botbuilder. Activities become Incoming, cards become messages and dialogs.

Nothing is decided here. What is sealed or filled in opens in a dialog; in a channel only answers are shown.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
from aiohttp import web
from botbuilder.core import CardFactory, InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsInfo
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    AdaptiveCardInvokeResponse,
    Attachment,
    ConversationReference,
    HeroCard,
)
from botbuilder.schema.teams import (
    MessagingExtensionActionResponse,
    MessagingExtensionAttachment,
    MessagingExtensionResponse,
    MessagingExtensionResult,
    TaskModuleContinueResponse,
    TaskModuleResponse,
    TaskModuleTaskInfo,
)
from botframework.connector.auth import (
    AuthenticationConstants,
    CertificateServiceClientCredentialsFactory,
    ChannelValidation,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from assistant.cards import Card, Quote
from assistant.chats import adaptive_card
from assistant.chats.memory import Memory
from assistant.chats.origin import Origin, again, only_answers
from assistant.chats.reception import Reception, commanded, in_a_message
from assistant.chats.teams_activity import inside, is_activity, is_token, question_in, reported, searched_for
from assistant.config import Teams
from assistant.conversation import Conversation
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Clock
from assistant.screens import doors

log = logging.getLogger(__name__)
DOOR = "teams"
_FETCHED_IN = 8.0  # seconds
_REMEMBERED = 600  # seconds for which the directory's word on somebody is good
_ACTION = "application/vnd.microsoft.card.adaptive"


def adapter_for(settings: Teams) -> CloudAdapter:
    """Botbuilder's adapter. Without an app id nothing is checked, which the server allows on loopback alone."""

    class Configuration:
        APP_ID, APP_PASSWORD = settings.app_id or None, settings.app_password or None
        APP_TYPE, APP_TENANTID = settings.app_type, settings.tenant_id or None

    factory = None
    if proof := settings.certificate:
        factory = CertificateServiceClientCredentialsFactory(
            proof.thumbprint, proof.private_key, settings.app_id, settings.tenant_id, proof.certificate
        )
    return CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration(), credentials_factory=factory))


class TeamsDoor:
    """Answers activities."""

    def __init__(
        self,
        conversation: Conversation,
        schools: Mapping[str, School],
        settings: Teams,
        *,
        begin: Begin,
        clock: Clock,
    ) -> None:
        for name in ("botbuilder", "botframework", "msrest", "msal"):  # what they log may quote what people sent
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._schools, self._settings = schools, settings
        self.signed = bool(settings.app_id)  # without an app id nobody's word is checked
        self._memory = Memory(DOOR, begin, clock)
        self._seen: dict[str, tuple[float, frozenset[str]]] = {}
        self._reception = Reception(conversation, schools, self._memory)
        self._fetching = asyncio.Lock()
        self.adapter = adapter_for(settings)
        self.adapter.on_turn_error = self._failed

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`POST /api/messages`: 400 for what is no activity, 401 for what is not signed as it must be, 503 while
        Microsoft's keys can't be had."""
        if not is_activity(await request.read()):
            raise web.HTTPBadRequest
        try:
            if self.signed and is_token(request.headers.get("Authorization", "")):
                await self._keys_at_hand()
            return await self.adapter.process(request, self) or web.Response(status=HTTPStatus.OK)
        except web.HTTPException:
            raise
        except (requests.RequestException, TimeoutError):
            log.error("Microsoft's signing keys can't be had: nothing from Teams is taken")
            raise web.HTTPServiceUnavailable from None
        except Exception as error:  # a turn's own errors end in _failed; the SDK refuses tokens by any kind of error
            log.warning("an activity was refused (%s)", type(error).__name__)
            raise web.HTTPUnauthorized from None

    async def _keys_at_hand(self) -> None:
        """Microsoft's signing keys, once a day: the SDK would fetch them in the loop, and everybody would wait."""
        published = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
        kept = JwtTokenExtractor.get_open_id_metadata(ChannelValidation.open_id_metadata_endpoint or published)
        async with self._fetching:
            with contextlib.suppress(IndexError):  # it looks for a key of that name when it has fetched them
                await asyncio.wait_for(asyncio.to_thread(asyncio.run, kept.get("")), _FETCHED_IN)

    async def on_turn(self, context: TurnContext) -> None:
        """Whatever comes."""
        activity = context.activity
        if not self._ours(activity):
            if activity.type == ActivityTypes.invoke:
                await self._answer_invoke(context, _dialog(doors.stranger(), Origin(action="")))
            elif activity.type == ActivityTypes.message:
                await self._send(context, doors.stranger())
            return
        if activity.type in (ActivityTypes.conversation_update, ActivityTypes.installation_update):
            await self._met(context)
        elif activity.type == ActivityTypes.message:
            await self._met(context)
            if await asyncio.to_thread(self._memory.first, activity.id or ""):
                await self._message(context)
        elif activity.type == ActivityTypes.invoke:
            await self._invoke(context)
        # An edited or deleted message is not answered again.

    def _ours(self, activity: Activity) -> bool:
        """Whether it comes from the tenant that the app is for."""
        tenant = ((activity.channel_data or {}).get("tenant") or {}).get("id") or activity.conversation.tenant_id
        return not self._settings.tenant_id or tenant == self._settings.tenant_id

    async def _met(self, context: TurnContext) -> None:
        """Keep where a person can be written to, from anything that comes out of their own chat with the app."""
        activity, someone = context.activity, context.activity.from_property
        if activity.conversation.conversation_type not in (None, "personal") or not someone:
            return
        if someone.id == activity.recipient.id or not someone.aad_object_id:
            return
        where = ""
        if activity.action != "remove":
            where = json.dumps(TurnContext.get_conversation_reference(activity).serialize())
        await asyncio.to_thread(self._memory.reach, someone.aad_object_id, where)
        for _, person in await self._places(context) if where else ():
            if not person.teams:  # known by address alone, so found by it again
                await asyncio.to_thread(self._memory.reach, person.email.casefold(), where)

    # Who

    async def _places(self, context: TurnContext) -> list[tuple[School, Person]]:
        """The schools that somebody belongs to: by the directory's object id, else by what Teams says of them."""
        user = context.activity.from_property.aad_object_id
        everyone = [(s, p) for s in self._schools.values() for p in s.roster if p.active]
        found = [(s, p) for s, p in everyone if p.teams and p.teams == user]
        if found:
            return found
        names = await self._names(context)
        return [(s, p) for s, p in everyone if not p.teams and p.email and p.email.casefold() in names]

    async def _names(self, context: TurnContext) -> frozenset[str]:
        """The addresses of whoever is not on a roster by id, as Teams knows them; a guest has none."""
        user = context.activity.from_property.id
        at, names = self._seen.get(user, (0.0, frozenset()))
        if time.monotonic() - at < _REMEMBERED and names:
            return names
        try:
            member = await TeamsInfo.get_member(context, user)
        except Exception as error:  # the SDK raises whatever its HTTP client does
            log.error("Teams could not say who somebody is (%s)", type(error).__name__)
            return frozenset()
        if (getattr(member, "user_role", "") or "").lower() == "guest":
            return frozenset()
        names = frozenset(n.casefold() for n in (member.email, member.user_principal_name) if n)
        self._seen[user] = (time.monotonic(), names)
        return names

    async def _reply(
        self,
        context: TurnContext,
        *,
        text: str = "",
        action: str = "",
        values: Mapping[str, str] | None = None,
        before: str = "",
    ) -> tuple[Card, ...]:
        user = context.activity.from_property.aad_object_id or context.activity.from_property.id
        places = await self._places(context)
        return await self._reception.reply(user, places, text=text, action=action, values=values, before=before)

    # Asking

    async def _message(self, context: TurnContext) -> None:
        activity = context.activity
        TurnContext.remove_recipient_mention(activity)
        text = question_in(activity.text)
        private = activity.conversation.conversation_type in (None, "personal")
        key = f"{activity.conversation.id} {activity.from_property.id}"
        await context.send_activity(Activity(type=ActivityTypes.typing))
        action = commanded(text)
        cards = await self._reply(
            context, text="" if action else text or "?", action=action, before=self._memory.asked(key)
        )
        answers = only_answers(cards)
        if answers:
            self._memory.ask(key, text)
        for card in cards:
            if private or answers or card.title == doors.stranger().title:
                await self._send(context, card)
            else:
                await self._aside(context, card)

    async def _send(self, context: TurnContext, card: Card) -> None:
        """A card as messages; what needs a dialog is a message that opens it."""
        for made in adaptive_card.messages(in_a_message(card)):
            await context.send_activity(_written(made))

    async def _aside(self, context: TurnContext, card: Card) -> None:
        """What is for one person alone goes to their own chat; the channel hears only that it did."""
        user = context.activity.from_property.aad_object_id or ""
        where = await asyncio.to_thread(self._memory.where, user)
        if where is None:
            await context.send_activity(doors.NOT_YET)
            return
        await self.write_to(where, in_a_message(card))
        await context.send_activity(doors.IN_PRIVATE)

    async def write_to(self, where: str, card: Card, text: str = "") -> str:
        """Send a card to a stored conversation; the message's id."""
        reference = ConversationReference().deserialize(json.loads(where))
        sent: list[str] = []

        async def send(context: TurnContext) -> None:
            for made in adaptive_card.messages(card):
                done = await context.send_activity(_written(made, summary=text or card.title))
                sent.append(done.id if done else "")

        await self.adapter.continue_conversation(reference, send, self._settings.app_id)
        return sent[0]

    async def change(self, where: str, message: str, card: Card) -> None:
        """Change a message that was sent."""
        reference = ConversationReference().deserialize(json.loads(where))

        async def update(context: TurnContext) -> None:
            (made, *_) = adaptive_card.messages(card)
            await context.update_activity(_written(made, id=message))

        await self.adapter.continue_conversation(reference, update, self._settings.app_id)

    # Dialogs, presses and the message extension

    async def _invoke(self, context: TurnContext) -> None:
        name, value = context.activity.name or "", context.activity.value
        value, data = inside(value), inside(value, "data")
        if name in ("task/fetch", "task/submit"):
            await self._answer_invoke(context, await self._dialog(context, data))
        elif name == "adaptiveCard/action":
            await self._answer_invoke(context, await self._executed(context, value))
        elif name == "composeExtension/query":
            await self._answer_invoke(context, await self._found(context, value))
        elif name in ("composeExtension/fetchTask", "composeExtension/submitAction"):
            on = data if name == "composeExtension/submitAction" and data else reported(value)
            made = await self._dialog(context, on)
            await self._answer_invoke(context, MessagingExtensionActionResponse(task=made.task))
        else:
            await self._answer_invoke(context, None, HTTPStatus.NOT_IMPLEMENTED)

    async def _dialog(self, context: TurnContext, data: Mapping[str, Any]) -> TaskModuleResponse:
        """A dialog opened, or sent on: the next card stands in it once what must not be lost is committed."""
        origin, filled, page = adaptive_card.typed(data)
        values = {**origin.values, **filled}
        text = values.pop("question", "") if origin.action == "ask-anyway" else ""
        try:
            (card, *_) = await self._reply(context, text=text, action=origin.action, values=values)
        except Exception as error:
            log.error("Teams: %s", type(error).__name__)
            card = Card(title="Policy assistant", parts=(doors.words(doors.WENT_WRONG),))
        # What was filled in stands in no button, so what it has made can't be made again by one.
        return _dialog(card, again(card, origin) if card.action or not filled else None, page)

    async def _executed(self, context: TurnContext, value: Mapping[str, Any]) -> AdaptiveCardInvokeResponse:
        """A press that is answered in the place of its card."""
        origin, _, _ = adaptive_card.typed(inside(value, "action", "data"))
        (card, *_) = await self._reply(context, action=origin.action, values=origin.values)
        (made, *_) = adaptive_card.messages(card)
        return AdaptiveCardInvokeResponse(status_code=200, type=_ACTION, value=made)

    async def _found(self, context: TurnContext, value: Mapping[str, Any]) -> MessagingExtensionResponse:
        """Clauses to put into what somebody is writing."""
        text = searched_for(value)
        cards = await self._reply(context, text=text) if text else ()
        quotes = [part for card in cards if only_answers(cards) for part in card.parts if isinstance(part, Quote)]
        found = []
        for quote in quotes:
            (made, *_) = adaptive_card.messages(Card(title="From our policies", parts=(quote,)))
            preview = CardFactory.hero_card(HeroCard(title=quote.citation[:100], text=quote.text[:200]))
            found.append(MessagingExtensionAttachment(content_type=_ACTION, content=made, preview=preview))
        result = MessagingExtensionResult(type="result", attachment_layout="list", attachments=found)
        return MessagingExtensionResponse(compose_extension=result)

    async def _answer_invoke(self, context: TurnContext, body: Any, status: int = HTTPStatus.OK) -> None:
        # The body goes as a model: the adapter serializes it once, and a body serialized twice is an error 500.
        answer = InvokeResponse(status=int(status), body=body)
        await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=answer))

    async def _failed(self, context: TurnContext, error: Exception) -> None:
        """Never in silence, and never with its words; what we send of ourselves fails before its sender."""
        if context.activity.type == ActivityTypes.event:
            raise error
        log.error("Teams: %s", type(error).__name__)
        if context.activity.type == ActivityTypes.message:
            await context.send_activity(doors.WENT_WRONG)


def _dialog(card: Card, origin: Origin | None, page: int = 0) -> TaskModuleResponse:
    info = TaskModuleTaskInfo(
        title="Policy assistant",
        height="large",
        width="medium",
        card=_attached(adaptive_card.dialog(card, origin, page)),
    )
    return TaskModuleResponse(task=TaskModuleContinueResponse(value=info))


def _written(made: adaptive_card.Json, **more: str) -> Activity:
    return Activity(type=ActivityTypes.message, attachments=[_attached(made)], **more)


def _attached(made: adaptive_card.Json) -> Attachment:
    return Attachment(content_type=_ACTION, content=made)
