"""The Teams door: the only file that knows botbuilder. Activities become Incoming, cards become messages and dialogs.

Nothing is decided here. What is sealed or filled in opens in a dialog; in a channel only answers are shown.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import jwt
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
from msrest.exceptions import DeserializationError  # type: ignore[attr-defined]

from assistant.cards import Card, Incoming, Quote
from assistant.chats import adaptive_card
from assistant.chats.memory import Memory
from assistant.chats.origin import Origin, again, needs_modal
from assistant.config import Teams
from assistant.conversation import APPLY_COMMAND, REPORT_COMMAND, Conversation
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import Begin, Clock
from assistant.screens import doors

log = logging.getLogger(__name__)
DOOR = "teams"
_COMMANDS = {
    "report a concern": "report",
    "apply for an account": "apply",
    "my reports": "reports",
    "reports for you": "inbox",
    "accounts": "accounts",
    "home": "home",
}
_ACTION = "application/vnd.microsoft.card.adaptive"


def adapter_for(settings: Teams) -> CloudAdapter:
    """Botbuilder's adapter. Without an app id nothing is checked, which the server allows on loopback alone."""

    class Configuration:
        APP_ID, APP_PASSWORD = settings.app_id or None, settings.app_password or None
        APP_TYPE, APP_TENANTID = settings.app_type, settings.tenant_id or None

    return CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration()))


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
        self._conversation, self._schools, self._settings = conversation, schools, settings
        self._memory = Memory(DOOR, begin, clock)
        self.adapter = adapter_for(settings)
        self.adapter.on_turn_error = self._failed

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`POST /api/messages`: 400 for what is no activity, 401 for what is not signed as it must be."""
        try:
            said = await request.json()
            whole = (
                isinstance(said, dict)
                and isinstance(said.get("type"), str)
                and all(isinstance(said.get(key), dict) for key in ("from", "recipient", "conversation"))
            )
        except ValueError:
            whole = False
        if not whole:
            raise web.HTTPBadRequest
        try:
            return await self.adapter.process(request, self) or web.Response(status=HTTPStatus.OK)
        except (jwt.InvalidTokenError, DeserializationError):
            raise web.HTTPUnauthorized from None

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
            await asyncio.to_thread(self._met, activity)
        elif activity.type == ActivityTypes.message:
            await asyncio.to_thread(self._met, activity)
            if await asyncio.to_thread(self._memory.first, activity.id or ""):
                await self._message(context)
        elif activity.type == ActivityTypes.invoke:
            await self._invoke(context)
        # An edited or deleted message is not answered again.

    def _ours(self, activity: Activity) -> bool:
        """Whether it comes from the tenant that the app is for."""
        tenant = ((activity.channel_data or {}).get("tenant") or {}).get("id") or activity.conversation.tenant_id
        return not self._settings.tenant_id or tenant == self._settings.tenant_id

    def _met(self, activity: Activity) -> None:
        """Keep where a person can be written to, from anything that comes out of their own chat with the app."""
        someone = activity.from_property
        if activity.conversation.conversation_type not in (None, "personal") or not someone:
            return
        if someone.id == activity.recipient.id or not someone.aad_object_id:
            return
        reference = TurnContext.get_conversation_reference(activity)
        where = "" if activity.action == "remove" else json.dumps(reference.serialize())
        self._memory.reach(someone.aad_object_id, where)

    # Who

    async def _places(self, context: TurnContext) -> list[tuple[School, Person]]:
        """The schools that somebody belongs to: by the directory's object id, else by what Teams says of them."""
        someone = context.activity.from_property
        everyone = [(s, p) for s in self._schools.values() for p in s.roster if p.active]
        found = [(s, p) for s, p in everyone if p.teams and p.teams == someone.aad_object_id]
        if found:
            return found
        try:
            member = await TeamsInfo.get_member(context, someone.id)
        except Exception as error:  # the SDK raises whatever its HTTP client does
            log.error("Teams could not say who somebody is (%s)", type(error).__name__)
            return []
        if (getattr(member, "user_role", "") or "").lower() == "guest":
            return []
        names = {n.casefold() for n in (member.email, member.user_principal_name) if n}
        return [(s, p) for s, p in everyone if not p.teams and p.email and p.email.casefold() in names]

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
        if action == "choose-school":
            await asyncio.to_thread(self._memory.choose, user, (values or {}).get("organisation", ""), self._schools)
            action = "home"
        places = await self._places(context)
        if not places:
            log.info("somebody in Teams who is on no roster was refused")
            return (doors.stranger(),)
        chosen = await asyncio.to_thread(self._memory.choice, user) if len(places) > 1 else places[0][0].id
        found = next(((s, p) for s, p in places if s.id == chosen), None)
        if found is None:
            return (doors.choose([school for school, _ in places]),)
        school, person = found
        incoming = Incoming(
            person=person.id,
            organisation=school.id,
            text=text,
            action=action,
            values=dict(values or {}),
            before=before,
        )
        return await asyncio.to_thread(self._conversation.reply_to, incoming)

    # Asking

    async def _message(self, context: TurnContext) -> None:
        activity = context.activity
        TurnContext.remove_recipient_mention(activity)
        text = " ".join(re.sub(r"<at>.*?</at>", " ", activity.text or "").split())
        private = activity.conversation.conversation_type in (None, "personal")
        key = f"{activity.conversation.id} {activity.from_property.id}"
        await context.send_activity(Activity(type=ActivityTypes.typing))
        action = _COMMANDS.get(text.casefold(), "")
        if text.casefold().startswith(REPORT_COMMAND):
            action = "report"
        elif text.casefold().startswith(APPLY_COMMAND):
            action = "apply"
        cards = await self._reply(
            context, text="" if action else text or "?", action=action, before=self._memory.asked(key)
        )
        answers = all(card.action == "answer" for card in cards)
        if answers:
            self._memory.ask(key, text)
        for card in cards:
            if private or answers or card.title == doors.stranger().title:
                await self._send(context, card)
            else:
                await self._aside(context, card)

    async def _send(self, context: TurnContext, card: Card) -> None:
        """A card as messages; what needs a dialog is a message that opens it."""
        if needs_modal(card):
            card = doors.opener(card.title, doors.PRIVATE, card.action or "report", card.values)
        for made in adaptive_card.messages(card):
            await context.send_activity(Activity(type=ActivityTypes.message, attachments=[_attached(made)]))

    async def _aside(self, context: TurnContext, card: Card) -> None:
        """What is for one person alone goes to their own chat; the channel hears only that it did."""
        user = context.activity.from_property.aad_object_id or ""
        where = await asyncio.to_thread(self._memory.where, user)
        if where is None:
            await context.send_activity(doors.NOT_YET)
            return
        await self.write_to(where, card)
        await context.send_activity(doors.IN_PRIVATE)

    async def write_to(self, where: str, card: Card, text: str = "") -> str:
        """Send a card to a stored conversation; the message's id."""
        reference = ConversationReference().deserialize(json.loads(where))
        sent: list[str] = []

        async def send(context: TurnContext) -> None:
            for made in adaptive_card.messages(card):
                done = await context.send_activity(
                    Activity(type=ActivityTypes.message, attachments=[_attached(made)], summary=text or card.title)
                )
                sent.append(done.id if done else "")

        await self.adapter.continue_conversation(reference, send, self._settings.app_id)
        return sent[0]

    async def change(self, where: str, message: str, card: Card) -> None:
        """Change a message that was sent."""
        reference = ConversationReference().deserialize(json.loads(where))

        async def update(context: TurnContext) -> None:
            (made, *_) = adaptive_card.messages(card)
            await context.update_activity(
                Activity(type=ActivityTypes.message, id=message, attachments=[_attached(made)])
            )

        await self.adapter.continue_conversation(reference, update, self._settings.app_id)

    # Dialogs, presses and the message extension

    async def _invoke(self, context: TurnContext) -> None:
        name, value = context.activity.name or "", context.activity.value
        value = value if isinstance(value, dict) else {}
        data = value.get("data") if isinstance(value.get("data"), dict) else {}
        if name in ("task/fetch", "task/submit"):
            await self._answer_invoke(context, await self._dialog(context, data or {}))
        elif name == "adaptiveCard/action":
            await self._answer_invoke(context, await self._executed(context, value))
        elif name == "composeExtension/query":
            await self._answer_invoke(context, await self._found(context, value))
        elif name in ("composeExtension/fetchTask", "composeExtension/submitAction"):
            made = await self._extended(context, name, value, data or {})
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
        return _dialog(card, again(card, Origin(action=origin.action, values=values)), page)

    async def _executed(self, context: TurnContext, value: Mapping[str, Any]) -> AdaptiveCardInvokeResponse:
        """A press that is answered in the place of its card."""
        action = value.get("action") if isinstance(value.get("action"), dict) else {}
        origin, _, _ = adaptive_card.typed((action or {}).get("data") or {})
        (card, *_) = await self._reply(context, action=origin.action, values=origin.values)
        (made, *_) = adaptive_card.messages(card)
        return AdaptiveCardInvokeResponse(status_code=200, type=_ACTION, value=made)

    async def _found(self, context: TurnContext, value: Mapping[str, Any]) -> MessagingExtensionResponse:
        """Clauses to put into what somebody is writing."""
        given = {p.get("name"): p.get("value") for p in value.get("parameters") or [] if isinstance(p, dict)}
        text = str(given.get("query") or "").strip()
        cards = await self._reply(context, text=text) if text else ()
        quotes = [part for card in cards if card.action == "answer" for part in card.parts if isinstance(part, Quote)]
        found = []
        for quote in quotes:
            (made, *_) = adaptive_card.messages(Card(title="From our policies", parts=(quote,)))
            preview = CardFactory.hero_card(HeroCard(title=quote.citation[:100], text=quote.text[:200]))
            found.append(MessagingExtensionAttachment(content_type=_ACTION, content=made, preview=preview))
        result = MessagingExtensionResult(type="result", attachment_layout="list", attachments=found)
        return MessagingExtensionResponse(compose_extension=result)

    async def _extended(
        self, context: TurnContext, name: str, value: Mapping[str, Any], data: Mapping[str, Any]
    ) -> TaskModuleResponse:
        """The action on a message: the form with the message's link in it, never its words."""
        if name == "composeExtension/submitAction" and data:
            return await self._dialog(context, data)
        message = value.get("messagePayload") if isinstance(value.get("messagePayload"), dict) else {}
        link = str((message or {}).get("linkToMessage") or "a message in Teams")
        return await self._dialog(context, {"a": "report", "v": {"where": f"A message in Teams: {link}"}})

    async def _answer_invoke(self, context: TurnContext, body: Any, status: int = HTTPStatus.OK) -> None:
        # The body goes as a model: the adapter serializes it once, and a body serialized twice is an error 500.
        value = InvokeResponse(status=int(status), body=body)
        await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=value))

    async def _failed(self, context: TurnContext, error: Exception) -> None:
        """Never in silence, and never with its words."""
        log.error("Teams: %s", type(error).__name__)
        if context.activity.type == ActivityTypes.message:
            await context.send_activity(doors.WENT_WRONG)


def _dialog(card: Card, origin: Origin, page: int = 0) -> TaskModuleResponse:
    info = TaskModuleTaskInfo(
        title="Policy assistant",
        height="large",
        width="medium",
        card=_attached(adaptive_card.dialog(card, origin, page)),
    )
    return TaskModuleResponse(task=TaskModuleContinueResponse(value=info))


def _attached(made: adaptive_card.Json) -> Attachment:
    return Attachment(content_type=_ACTION, content=made)
