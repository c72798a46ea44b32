"""A stand-in for Slack: its Web API over HTTP, its events signed over HTTP or through a websocket, and a person at it.

Every call's arguments are checked against what Slack publishes of its methods, every block against Block Kit's rules;
errors are Slack's. A `Somebody` types, presses and fills in what is on their screen, and sees what Slack would show.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

SECRET, TEAM, BOT = "stand-in-secret", "T0OAK", "U0BOT"
# Method: arguments that must be there, and those that may be. From Slack's published specification.
METHODS: dict[str, tuple[set[str], set[str]]] = {
    "auth.test": (set(), set()),
    "apps.connections.open": (set(), set()),
    "users.info": ({"user"}, {"include_locale"}),
    "users.lookupByEmail": ({"email"}, set()),
    "chat.postMessage": (
        {"channel", "text"},
        {"blocks", "thread_ts", "unfurl_links", "unfurl_media", "metadata", "reply_broadcast"},
    ),
    "chat.postEphemeral": ({"channel", "user", "text"}, {"blocks", "thread_ts"}),
    "chat.update": ({"channel", "ts", "text"}, {"blocks"}),
    "chat.delete": ({"channel", "ts"}, set()),
    "chat.getPermalink": ({"channel", "message_ts"}, set()),
    "views.open": ({"trigger_id", "view"}, set()),
    "views.push": ({"trigger_id", "view"}, set()),
    "views.update": ({"view"}, {"view_id", "external_id", "hash"}),
    "views.publish": ({"user_id", "view"}, {"hash"}),
}
TRIGGER_LASTS = 3.0
PICTURES = os.environ.get("PICTURES", "")  # a folder: every screen is kept there as JSON, to be rendered and looked at
Json = dict[str, Any]


def keep(screen: Json) -> None:
    """Keep a screen for whoever looks at them."""
    if PICTURES:
        name = re.sub(r"[^a-z]+", "-", words(screen.get("blocks") or [])[:60].lower()).strip("-")
        title = re.sub(r"[^a-z]+", "-", screen.get("title", {}).get("text", screen.get("type", "message")).lower())
        (Path(PICTURES) / f"slack-{title}-{name}.json"[:120]).write_text(json.dumps(screen, indent=1))


class Broken(AssertionError):
    """A rule of Slack's that was broken."""


def check_view(view: Json) -> None:
    """A modal or home against Block Kit's rules."""
    keys = {"type", "title", "close", "submit", "blocks", "private_metadata", "callback_id", "notify_on_close"}
    if set(view) - keys or view.get("type") not in ("modal", "home"):
        raise Broken(f"view keys: {set(view) - keys}")
    if view["type"] == "modal":
        for name in ("title", "close", "submit"):
            if name in view:
                _plain(view[name], 24)
        if "title" not in view or "close" not in view:
            raise Broken("a modal has a title")
        if any(b["type"] == "input" for b in view["blocks"]) and "submit" not in view:
            raise Broken("inputs need a submit")
    elif any(b["type"] == "input" for b in view["blocks"]):
        raise Broken("no inputs at home here")
    _most(view.get("private_metadata", ""), 3000, "private_metadata")
    _most(view.get("callback_id", ""), 255, "callback_id")
    check_blocks(view["blocks"], 100)


def check_blocks(blocks: list[Json], most: int) -> None:
    """Blocks against Block Kit's rules."""
    if not 1 <= len(blocks) <= most:
        raise Broken(f"{len(blocks)} blocks")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        raise Broken("a block_id twice")
    for block in blocks:
        _BLOCKS[block["type"]](block)


def _keys(thing: Json, required: str, optional: str = "") -> None:
    wanted, known = set(required.split()), set((required + " " + optional).split())
    if wanted - set(thing) or set(thing) - known:
        raise Broken(f"{thing.get('type')}: missing {wanted - set(thing)}, unknown {set(thing) - known}")


def _most(text: str, most: int, what: str) -> None:
    if not isinstance(text, str) or len(text) > most:
        raise Broken(f"{what} is longer than {most}")


def _plain(text: Json, most: int) -> None:
    _keys(text, "type text", "emoji")
    if text["type"] != "plain_text" or not text["text"]:
        raise Broken("plain_text with something in it is wanted")
    _most(text["text"], most, "text")


def _section(block: Json) -> None:
    _keys(block, "type text", "block_id accessory")
    _plain(block["text"], 3000)
    if "accessory" in block:
        _button(block["accessory"])


def _header(block: Json) -> None:
    _keys(block, "type text", "block_id")
    _plain(block["text"], 150)


def _context(block: Json) -> None:
    _keys(block, "type elements", "block_id")
    if not 1 <= len(block["elements"]) <= 10:
        raise Broken("context elements")
    for element in block["elements"]:
        _plain(element, 3000)


def _actions(block: Json) -> None:
    _keys(block, "type elements", "block_id")
    if not 1 <= len(block["elements"]) <= 25:
        raise Broken("action elements")
    ids = [element["action_id"] for element in block["elements"]]
    if len(ids) != len(set(ids)):
        raise Broken("an action_id twice in a block")
    for element in block["elements"]:
        _button(element)


def _button(element: Json) -> None:
    _keys(element, "type text action_id", "value style url")
    _plain(element["text"], 75)
    _most(element["action_id"], 255, "action_id")
    _most(element.get("value", ""), 2000, "value")
    if element.get("style", "primary") not in ("primary", "danger"):
        raise Broken("style")


def _rich(block: Json) -> None:
    _keys(block, "type elements", "block_id")
    for element in block["elements"]:
        if element["type"] == "rich_text_list":
            _keys(element, "type style elements", "indent")
            for item in element["elements"]:
                _rich_texts(item)
        else:
            _rich_texts(element)


def _rich_texts(element: Json) -> None:
    if element["type"] not in ("rich_text_section", "rich_text_quote"):
        raise Broken(element["type"])
    for text in element["elements"]:
        _keys(text, "type text", "style")
        if text["type"] != "text" or not text["text"]:
            raise Broken("a rich text element with something in it is wanted")
        _most(text["text"], 3000, "rich text")


def _input(block: Json) -> None:
    _keys(block, "type label element", "block_id hint optional dispatch_action")
    _plain(block["label"], 2000)
    if "hint" in block:
        _plain(block["hint"], 2000)
    element = block["element"]
    kind = element["type"]
    if kind == "plain_text_input":
        _keys(element, "type action_id", "multiline max_length min_length initial_value placeholder")
        if not 1 <= element.get("max_length", 3000) <= 3000:
            raise Broken("max_length")
        _most(element.get("initial_value", ""), element.get("max_length", 3000), "initial_value")
        return
    _choices(element)


def _choices(element: Json) -> None:
    kind = element["type"]
    most = 10 if kind in ("checkboxes", "radio_buttons") else 100
    initial = "initial_options" if kind in ("checkboxes", "multi_static_select") else "initial_option"
    _keys(element, "type action_id", f"options option_groups {initial} placeholder")
    groups = element.get("option_groups") or [{"options": element["options"]}]
    options = [option for group in groups for option in group["options"]]
    for group in groups:
        if not 1 <= len(group["options"]) <= most:
            raise Broken(f"{len(group['options'])} options")
    for option in options:
        _keys(option, "text value", "description")
        _plain(option["text"], 75)
        _most(option["value"], 150, "option value")
    values = [option["value"] for option in options]
    if len(values) != len(set(values)):
        raise Broken("an option twice")
    chosen = element.get(initial, [])
    for one in chosen if isinstance(chosen, list) else [chosen]:
        if one not in options:
            raise Broken("an initial option that is no option")
    if initial == "initial_options" and initial in element and not chosen:
        raise Broken("empty initial_options")


_BLOCKS = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich,
    "input": _input,
    "divider": lambda block: _keys(block, "type", "block_id"),
}


def words(blocks: list[Json]) -> str:
    """All that a person reads in blocks."""
    found: list[str] = []

    def walk(thing: Any) -> None:
        if isinstance(thing, dict):
            for key, value in thing.items():
                if key == "text" and isinstance(value, str):
                    found.append(value)
                elif key not in ("value", "private_metadata", "action_id", "block_id"):
                    walk(value)
        elif isinstance(thing, list):
            for one in thing:
                walk(one)

    walk(blocks)
    return "\n".join(found)


@dataclass
class Slack:
    """The platform: users, conversations, windows. `events_at` is where the app listens."""

    users: dict[str, Json] = field(default_factory=dict)
    messages: dict[tuple[str, str], Json] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    homes: dict[str, Json] = field(default_factory=dict)
    stacks: dict[str, list[Json]] = field(default_factory=dict)  # a user's open modals, the last on top
    calls: list[tuple[str, Json]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    triggers: dict[str, tuple[str, float]] = field(default_factory=dict)
    responses: dict[str, tuple[str, str]] = field(default_factory=dict)  # response id: channel, user
    fail: dict[str, list[Json]] = field(default_factory=dict)  # method: answers to give first
    slow: float = 0.0
    scopes: str = ""
    loop: Any = None  # the event loop that it runs in, where that is not the test's own
    events_at: str = ""
    address: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acks: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)
    numbers: Any = field(default_factory=itertools.count)

    def user(self, id_: str, email: str = "", **more: Any) -> None:
        self.users[id_] = {"id": id_, "team_id": TEAM, "profile": {"email": email}, **more}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{id}", self._respond)
        app.router.add_get("/link", self._socket)
        return app

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            said: Json = json.loads(await request.text() or "{}")
        else:
            said = {k: _maybe(v) for k, v in (await request.post()).items() if isinstance(v, str)}
        said |= dict(request.query)
        if not request.headers.get("Authorization", "").startswith("Bearer xo") and method != "apps.connections.open":
            return web.json_response({"ok": False, "error": "not_authed"})
        for everywhere in ("token", "team_id"):  # every method takes them
            said.pop(everywhere, None)
        self.calls.append((method, said))
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.fail.get(method):
            answer = self.fail[method].pop(0)
            if answer.get("status") == 429:
                headers = {"Retry-After": str(answer["after"])}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            return web.json_response(answer)
        try:
            headers = {"X-OAuth-Scopes": self.scopes}
            return web.json_response({"ok": True} | self._do(method, said), headers=headers)
        except Broken as broken:
            self.broken.append(f"{method}: {broken}")
            return web.json_response({"ok": False, "error": "invalid_arguments"})
        except KeyError as error:
            return web.json_response({"ok": False, "error": str(error.args[0])})

    def _do(self, method: str, said: Json) -> Json:
        if method not in METHODS:
            raise Broken("is not a method that the app was given a scope for")
        required, known = METHODS[method]
        if required - set(said) or set(said) - required - known:
            raise Broken(f"missing {required - set(said)}, unknown {set(said) - required - known}")
        if said.get("blocks"):
            check_blocks(said["blocks"], 50)
            keep({"blocks": said["blocks"]})
        if "view" in said:
            check_view(said["view"])
            keep(said["view"])
        _most(str(said.get("text", "")), 4000, "text")
        return getattr(self, "_" + method.replace(".", "_"))(said)  # type: ignore[no-any-return]

    def _auth_test(self, said: Json) -> Json:
        return {
            "user_id": BOT,
            "bot_id": "B0BOT",
            "team_id": TEAM,
            "url": "https://oak.slack.example/",
            "user": "bot",
            "team": "Oak",
        }

    def _apps_connections_open(self, said: Json) -> Json:
        return {"url": f"{self.address.replace('http', 'ws')}/link"}

    def _users_info(self, said: Json) -> Json:
        if said["user"] not in self.users:
            raise KeyError("user_not_found")
        return {"user": self.users[said["user"]]}

    def _users_lookupByEmail(self, said: Json) -> Json:
        found = [u for u in self.users.values() if u["profile"]["email"].lower() == said["email"].lower()]
        if not found:
            raise KeyError("users_not_found")
        return {"user": found[0]}

    def _chat_postMessage(self, said: Json) -> Json:
        channel = said["channel"]
        channel = "D" + channel[1:] if channel.startswith("U") else channel
        ts = f"{time.time():.6f}{next(self.numbers)}"
        self.messages[channel, ts] = said | {"channel": channel}
        return {"channel": channel, "ts": ts, "message": {"text": said["text"]}}

    def _chat_postEphemeral(self, said: Json) -> Json:
        self.ephemeral.append(said)
        return {"message_ts": "1.1"}

    def _chat_update(self, said: Json) -> Json:
        if (said["channel"], said["ts"]) not in self.messages:
            raise KeyError("message_not_found")
        self.messages[said["channel"], said["ts"]] |= {"blocks": None} | said
        return {"channel": said["channel"], "ts": said["ts"]}

    def _chat_delete(self, said: Json) -> Json:
        if self.messages.pop((said["channel"], said["ts"]), None) is None:
            raise KeyError("message_not_found")
        return {"ts": said["ts"]}

    def _chat_getPermalink(self, said: Json) -> Json:
        return {"permalink": f"https://oak.slack.example/archives/{said['channel']}/p{said['message_ts']}"}

    def _opened(self, said: Json, *, push: bool) -> Json:
        user, at = self.triggers.pop(said["trigger_id"], ("", 0.0))
        if not user:
            raise KeyError("exchanged_trigger_id")
        if time.monotonic() - at > TRIGGER_LASTS:
            raise KeyError("expired_trigger_id")
        stack = self.stacks.setdefault(user, [])
        if push and len(stack) >= 3:
            raise KeyError("push_limit_reached")
        if not push:
            stack.clear()
        view = said["view"] | {"id": f"V{next(self.numbers)}"}
        stack.append(view)
        return {"view": view}

    def _views_open(self, said: Json) -> Json:
        return self._opened(said, push=False)

    def _views_push(self, said: Json) -> Json:
        return self._opened(said, push=True)

    def _views_update(self, said: Json) -> Json:
        for stack in self.stacks.values():
            for number, view in enumerate(stack):
                if view["id"] == said["view_id"]:
                    stack[number] = said["view"] | {"id": view["id"]}
                    return {"view": stack[number]}
        raise KeyError("not_found")

    def _views_publish(self, said: Json) -> Json:
        self.homes[said["user_id"]] = said["view"]
        return {"view": said["view"]}

    async def _respond(self, request: web.Request) -> web.Response:
        said = await request.json()
        channel, user = self.responses[request.match_info["id"]]
        if said.get("blocks"):
            try:
                check_blocks(said["blocks"], 50)
            except Broken as broken:
                self.broken.append(f"response_url: {broken}")
        if said.get("response_type") == "in_channel":
            self._chat_postMessage({"channel": channel, "text": said.get("text", ""), "blocks": said.get("blocks")})
        else:
            self.ephemeral.append(said | {"channel": channel, "user": user})
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.sockets.append(socket)
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT:
                said = json.loads(message.data)
                waiting = self.acks.pop(said.get("envelope_id", ""), None)
                if waiting and not waiting.done():
                    waiting.set_result(said.get("payload") or {})
        self.sockets.remove(socket)
        return socket

    def trigger(self, user: str, age: float = 0.0) -> str:
        id_ = f"trigger-{next(self.numbers)}"
        self.triggers[id_] = (user, time.monotonic() - age)
        return id_

    def response_url(self, channel: str, user: str) -> str:
        id_ = str(next(self.numbers))
        self.responses[id_] = (channel, user)
        return f"{self.address}/respond/{id_}"

    async def send(
        self, body: Json, kind: str, *, secret: str = SECRET, age: int = 0, raw: bool = False
    ) -> tuple[int, Any, float]:
        """An event, command or press to the app, signed over HTTP, or through the socket where one is open."""
        began = time.monotonic()
        if self.sockets and not raw:
            envelope = f"e{next(self.numbers)}"
            self.acks[envelope] = asyncio.get_running_loop().create_future()
            types = {"event": "events_api", "command": "slash_commands", "interactive": "interactive"}
            await self.sockets[-1].send_json(
                {"envelope_id": envelope, "type": types[kind], "payload": body, "accepts_response_payload": True}
            )
            answer = await asyncio.wait_for(self.acks[envelope], 10)
            return 200, answer, time.monotonic() - began
        if kind == "event":
            data, content = json.dumps(body), "application/json"
        elif kind == "command":
            data, content = urlencode(body), "application/x-www-form-urlencoded"
        else:
            data, content = urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded"
        stamp = str(int(time.time()) - age)
        signed = hmac.new(secret.encode(), f"v0:{stamp}:{data}".encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": content, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.events_at, data=data, headers=headers) as reply,
        ):
            text = await reply.text()
            return reply.status, json.loads(text) if text.startswith("{") else text, time.monotonic() - began


def _maybe(value: str) -> Any:
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


class Somebody:
    """A person at Slack: types, presses, fills in."""

    def __init__(self, slack: Slack, id_: str) -> None:
        self.slack, self.id = slack, id_
        self.acks: list[float] = []

    @property
    def dm(self) -> str:
        return "D" + self.id[1:]

    async def _send(self, body: Json, kind: str) -> Any:
        status, answer, took = await self.slack.send(body, kind)
        assert status == 200, (status, answer)
        self.acks.append(took)
        return answer

    async def says(self, text: str, channel: str = "", thread: str = "", event_id: str = "", **more: Any) -> str:
        """A message: in the conversation with the app, or a mention in a channel."""
        ts = f"{time.time():.6f}{next(self.slack.numbers)}"
        event: Json = {"user": self.id, "text": text, "ts": ts, "channel": channel or self.dm}
        event |= {"type": "app_mention"} if channel else {"type": "message", "channel_type": "im"}
        if thread:
            event["thread_ts"] = thread
        event |= more
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A1",
            "event": event,
            "event_id": event_id or f"Ev{ts}",
        }
        await self._send(body, "event")
        return ts

    async def commands(self, command: str, text: str = "", channel: str = "C1", age: float = 0.0) -> Any:
        body = {
            "command": command,
            "text": text,
            "user_id": self.id,
            "team_id": TEAM,
            "channel_id": channel,
            "trigger_id": self.slack.trigger(self.id, age),
            "response_url": self.slack.response_url(channel, self.id),
            "api_app_id": "A1",
        }
        return await self._send(body, "command")

    async def shortcut(self, callback: str, message: Json | None = None) -> None:
        body: Json = {
            "type": "shortcut",
            "callback_id": callback,
            "trigger_id": self.slack.trigger(self.id),
        } | self._me()
        if message:
            body |= {
                "type": "message_action",
                "message": message,
                "channel": {"id": "C1"},
                "response_url": self.slack.response_url("C1", self.id),
            }
        await self._send(body, "interactive")

    def _me(self) -> Json:
        return {"user": {"id": self.id, "team_id": TEAM}, "team": {"id": TEAM}, "api_app_id": "A1"}

    async def opens_home(self) -> Json:
        event = {"type": "app_home_opened", "user": self.id, "tab": "home", "channel": self.dm}
        await self._send(
            {"type": "event_callback", "team_id": TEAM, "event": event, "event_id": f"Ev{next(self.slack.numbers)}"},
            "event",
        )
        await self.settled(lambda: self.id in self.slack.homes)
        return self.slack.homes[self.id]

    @property
    def modal(self) -> Json:
        """The window on top."""
        stack = self.slack.stacks.get(self.id) or []
        assert stack, "no window is open"
        return stack[-1]

    @property
    def screen(self) -> str:
        return self.modal["title"]["text"] + "\n" + words(self.modal["blocks"])

    async def settled(self, done: Any, seconds: float = 8.0) -> None:
        """Until something is so."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, f"it never came; {self.slack.broken} {self.slack.calls[-3:]}"
            await asyncio.sleep(0.01)

    async def sees(self, text: str) -> str:
        """Until the window on top says that."""

        def there() -> bool:
            return bool(self.slack.stacks.get(self.id)) and text in self.screen

        try:
            await self.settled(there)
        except AssertionError:
            raise AssertionError(f"{text!r} is not on the screen:\n{self.screen}") from None
        return self.screen

    def buttons(self, blocks: list[Json]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for block in blocks or []:
            elements = (
                block.get("elements", [])
                if block["type"] == "actions"
                else [block["accessory"]]
                if "accessory" in block
                else []
            )
            for element in elements:
                label = element["text"]["text"]
                if label in ("Open", "Open the clause"):  # told apart by what they stand beside
                    label = f"{label} {block.get('text', {}).get('text', '')}".strip()
                found[label] = element
        return found

    async def presses(self, label: str, message: Json | None = None, age: float = 0.0, home: bool = False) -> None:
        """A button in the window on top, in a message, or at home."""
        view = None if message else self.slack.homes[self.id] | {"id": "VH"} if home else self.modal
        blocks = (message or view or {}).get("blocks") or []
        found = [element for name, element in self.buttons(blocks).items() if re.search(label, name)]
        assert found, f"no button {label!r} among {list(self.buttons(blocks))}"
        body: Json = {
            "type": "block_actions",
            "trigger_id": self.slack.trigger(self.id, age),
            "actions": [found[0] | {"block_id": "b"}],
        } | self._me()
        if message:
            body |= {
                "response_url": self.slack.response_url(message["channel"], self.id),
                "container": {"type": "message"},
                "channel": {"id": message["channel"]},
            }
        else:
            body["view"] = view
        await self._send(body, "interactive")

    async def submits(self, **values: Any) -> Any:
        """The form in the window on top: lists are ticked boxes, what is not named stays as it was."""
        view = self.modal
        state: Json = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            name, element = block["block_id"], block["element"]
            state[name] = {element["action_id"]: _filled(element, values.pop(name, None))}
            if not block.get("optional") and not any(
                v for k, v in state[name][element["action_id"]].items() if k != "type"
            ):
                raise AssertionError(f"{name} must be filled in")
        assert not values, f"no such fields: {list(values)}"
        payload = view | {"state": {"values": state}}
        answer = await self._send(
            {"type": "view_submission", "view": payload, "trigger_id": self.slack.trigger(self.id)} | self._me(),
            "interactive",
        )
        if isinstance(answer, dict) and answer.get("response_action") == "update":
            check_view(answer["view"])
            keep(answer["view"])
            self.slack.stacks[self.id][-1] = answer["view"] | {"id": view["id"]}
        return answer

    def received(self) -> list[Json]:
        """The messages in the conversation with the app, oldest first."""
        return [message for (channel, _), message in self.slack.messages.items() if channel == self.dm]


def _filled(element: Mapping[str, Any], value: Any) -> Json:
    if element["type"] == "plain_text_input":
        return {"type": element["type"], "value": value if value is not None else element.get("initial_value")}
    options = element.get("options") or [o for group in element["option_groups"] for o in group["options"]]
    if element["type"] in ("checkboxes", "multi_static_select"):
        chosen = element.get("initial_options", []) if value is None else [o for o in options if o["value"] in value]
        return {"type": element["type"], "selected_options": chosen}
    one = element.get("initial_option") if value is None else next(o for o in options if o["value"] == value)
    return {"type": element["type"], "selected_option": one}
