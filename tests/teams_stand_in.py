"""A stand-in for Teams: the connector's REST API that a bot writes to, and a person who types, presses and fills in.

Activities go to the app over HTTP; every card that comes back is checked against the rules of Adaptive Cards 1.5 and
Teams' size limit.
"""

import itertools
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

TENANT, APP = "11111111-1111-1111-1111-111111111111", "28:app"
PICTURES = os.environ.get("PICTURES", "")
MOST_BYTES = 28 * 1024
Json = dict[str, Any]


class Broken(AssertionError):
    """A rule of Teams' or of Adaptive Cards' that was broken."""


_KEYS = {
    "TextBlock": ("text", "weight size wrap style isSubtle"),
    "RichTextBlock": ("inlines", "separator"),
    "TextRun": ("text", "weight size isSubtle italic"),
    "Container": ("items", "style"),
    "ColumnSet": ("columns", "separator"),
    "Column": ("items", "width verticalContentAlignment"),
    "ActionSet": ("actions", ""),
    "Input.Text": ("id label", "isRequired errorMessage isMultiline maxLength value"),
    "Input.ChoiceSet": ("id label choices", "isRequired errorMessage isMultiSelect style wrap value"),
    "Action.Submit": ("title data", "style associatedInputs tooltip"),
    "Action.Execute": ("title verb data", "style tooltip"),
    "Action.ShowCard": ("title card", ""),
}


def check_card(card: Json) -> None:
    """A whole card."""
    if card.get("type") != "AdaptiveCard" or card.get("version") != "1.5" or not card.get("body"):
        raise Broken("an AdaptiveCard 1.5 with a body is wanted")
    if len(json.dumps(card).encode()) > MOST_BYTES:
        raise Broken(f"{len(json.dumps(card))} bytes")
    ids: list[str] = []
    for element in card["body"]:
        _check(element, ids)
    if len(ids) != len(set(ids)):
        raise Broken("an input's id twice")
    if PICTURES:
        name = re.sub(r"[^a-z]+", "-", words(card)[:80].lower()).strip("-")
        (Path(PICTURES) / f"teams-{name}.json").write_text(json.dumps(card, indent=1))


def _check(element: Json, ids: list[str]) -> None:
    kind = element.get("type", "")
    if kind not in _KEYS:
        raise Broken(f"unknown element {kind}")
    required, optional = (set(part.split()) for part in _KEYS[kind])
    given = set(element) - {"type"}
    if required - given or given - required - optional:
        raise Broken(f"{kind}: missing {required - given}, unknown {given - required - optional}")
    if kind in ("TextRun", "TextBlock") and not element["text"]:
        raise Broken("an empty text")
    if kind.startswith("Input."):
        ids.append(element["id"])
    _counts(element, kind)
    inner = element.get("card", {"type": "AdaptiveCard", "body": []})
    if set(inner) - {"type", "body", "actions"} or inner["type"] != "AdaptiveCard":
        raise Broken("ShowCard")
    for key in ("inlines", "items", "columns", "actions"):
        for child in element.get(key, []):
            _check(child, ids)
    for child in (*inner["body"], *inner.get("actions", [])):
        _check(child, ids)


def _counts(element: Json, kind: str) -> None:
    if kind == "ActionSet" and not 1 <= len(element["actions"]) <= 6:
        raise Broken(f"{len(element['actions'])} actions")
    if kind == "Input.ChoiceSet":
        values = [choice["value"] for choice in element["choices"]]
        if len(values) != len(set(values)) or any("," in value for value in values):
            raise Broken("choices")


def words(thing: Any) -> str:
    """All that a person reads in a card."""
    found: list[str] = []

    def walk(each: Any) -> None:
        if isinstance(each, dict):
            for key, value in each.items():
                if key in ("text", "title", "label") and isinstance(value, str):
                    found.append(value.replace("\\", ""))
                elif key not in ("data", "id"):
                    walk(value)
        elif isinstance(each, list):
            for one in each:
                walk(one)

    walk(thing)
    return "\n".join(found)


def actions(thing: Any) -> list[Json]:
    """Every action in a card, also those that are folded away."""
    found: list[Json] = []
    if isinstance(thing, dict):
        if str(thing.get("type", "")).startswith("Action."):
            found.append(thing)
        for value in thing.values():
            found += actions(value)
    elif isinstance(thing, list):
        for one in thing:
            found += actions(one)
    return found


def inputs(thing: Any) -> list[Json]:
    found: list[Json] = []
    if isinstance(thing, dict):
        if str(thing.get("type", "")).startswith("Input."):
            found.append(thing)
        for value in thing.values():
            found += inputs(value)
    elif isinstance(thing, list):
        for one in thing:
            found += inputs(one)
    return found


@dataclass
class Teams:
    """The platform: people, and what the app has written into conversations."""

    people: dict[str, Json] = field(default_factory=dict)
    written: list[Json] = field(default_factory=list)  # activities, each with its conversation
    broken: list[str] = field(default_factory=list)
    fail: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    app_at: str = ""
    address: str = ""
    numbers: Any = field(default_factory=itertools.count)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._write)
        app.router.add_post("/v3/conversations/{conversation}/activities/{activity}", self._write)
        app.router.add_put("/v3/conversations/{conversation}/activities/{activity}", self._change)
        app.router.add_get("/v3/conversations/{conversation}/members/{member}", self._member)
        return app

    async def _write(self, request: web.Request) -> web.Response:
        if self.fail:
            status, headers = self.fail.pop(0)
            return web.json_response(
                {"error": {"code": "Throttled", "message": "later"}}, status=status, headers=headers
            )
        said = await request.json()
        self._check(said)
        id_ = f"m{next(self.numbers)}"
        self.written.append(said | {"id": id_, "to": request.match_info["conversation"]})
        return web.json_response({"id": id_}, status=201)

    async def _change(self, request: web.Request) -> web.Response:
        said = await request.json()
        self._check(said)
        for number, one in enumerate(self.written):
            if one["id"] == request.match_info["activity"]:
                self.written[number] = one | said | {"id": one["id"]}
                return web.json_response({"id": one["id"]})
        return web.json_response({"error": {"code": "NotFound"}}, status=404)

    async def _member(self, request: web.Request) -> web.Response:
        person = self.people.get(request.match_info["member"])
        return web.json_response(person or {"error": {"code": "NotFound"}}, status=200 if person else 404)

    def _check(self, said: Json) -> None:
        for attachment in said.get("attachments") or []:
            try:
                check_card(attachment["content"])
            except Broken as broken:
                self.broken.append(str(broken))


class Somebody:
    """A person in Teams."""

    def __init__(self, teams: Teams, id_: str, email: str = "", **more: Any) -> None:
        self.teams, self.id, self.chat = teams, f"29:{id_}", f"chat-{id_}"
        self.aad = f"aad-{id_}"
        self.dialog: Json = {}
        self.tenant = TENANT
        teams.people[self.id] = {
            "id": self.id,
            "name": id_,
            "email": email,
            "userPrincipalName": email,
            "aadObjectId": self.aad,
            "tenantId": TENANT,
            "userRole": "user",
        } | more

    def _activity(self, kind: str, channel: str = "", *, group: bool = False, **more: Any) -> Json:
        conversation: Json = {
            "id": channel or self.chat,
            "tenantId": self.tenant,
            "conversationType": "groupChat" if group else "channel" if channel else "personal",
            "isGroup": bool(channel),
        }
        return {
            "type": kind,
            "id": f"a{next(self.teams.numbers)}",
            "timestamp": "2026-11-19T09:00:00Z",
            "channelId": "msteams",
            "serviceUrl": self.teams.address,
            "from": {"id": self.id, "name": self.id, "aadObjectId": self.aad},
            "recipient": {"id": APP, "name": "assistant"},
            "conversation": conversation,
            "channelData": {"tenant": {"id": self.tenant}},
        } | more

    async def sends(self, activity: Json, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        url = f"{self.teams.app_at}/api/messages"
        began = time.monotonic()
        async with aiohttp.ClientSession() as session, session.post(url, json=activity, headers=headers) as reply:
            text = await reply.text()
            self.took = time.monotonic() - began
            return reply.status, json.loads(text) if text.startswith("{") else text

    async def installs(self) -> None:
        """The app is put there for them, without a word from them."""
        await self.sends(self._activity("installationUpdate", action="add"))

    async def says(self, text: str, channel: str = "", **more: Any) -> list[Json]:
        """A message; what the app wrote until it had answered."""
        before = len(self.teams.written)
        if channel:
            text = f"<at>assistant</at> {text}"
            more |= {
                "entities": [
                    {"type": "mention", "text": "<at>assistant</at>", "mentioned": {"id": APP, "name": "assistant"}}
                ]
            }
        status, _ = await self.sends(self._activity("message", channel, text=text, **more))
        assert status in (200, 201), status
        return [one for one in self.teams.written[before:] if one["type"] == "message"]

    def received(self) -> list[Json]:
        return [one for one in self.teams.written if one["to"] == self.chat and one["type"] == "message"]

    @property
    def screen(self) -> str:
        return words(self.dialog)

    async def _invoke(self, name: str, value: Json) -> Any:
        status, answer = await self.sends(self._activity("invoke", name=name, value=value))
        assert status == 200, (status, answer)
        return answer

    async def _dialog(self, name: str, data: Json) -> None:
        answer = await self._invoke(name, {"data": data, "context": {"theme": "default"}})
        self.dialog = answer["task"]["value"]["card"]["content"]
        check_card(self.dialog)

    async def looks_at(self, message: Json, forged: Json | None = None) -> str:
        """What Teams shows this person in place of a message that asks to be refreshed for whoever looks."""
        action = message["attachments"][0]["content"]["refresh"]["action"]
        given = {"type": "Action.Execute", "verb": action["verb"], "data": forged or action["data"]}
        answer = await self._invoke("adaptiveCard/action", {"action": given, "trigger": "automatic"})
        check_card(answer["value"])
        return words(answer["value"])

    async def presses(self, label: str, message: Json | None = None) -> None:
        """A button in the dialog, or in a message: it opens a dialog, goes on in it, or changes the message."""
        card = message["attachments"][0]["content"] if message else self.dialog
        found = [a for a in actions(card) if re.search(label, a["title"]) and a["type"] != "Action.ShowCard"]
        assert found, f"no button {label!r} among {[a['title'] for a in actions(card)]}"
        action = found[0]
        if action["type"] == "Action.Execute":
            answer = await self._invoke(
                "adaptiveCard/action",
                {"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}},
            )
            check_card(answer["value"])
            assert message is not None
            message["attachments"][0]["content"] = answer["value"]
            return
        await self._dialog("task/submit" if message is None else "task/fetch", action["data"])

    async def submits(self, label: str, **values: Any) -> None:
        """A form in the dialog, by its button: lists are ticked boxes, what is not named stays as it was."""
        action = next(a for a in actions(self.dialog) if re.fullmatch(label, a["title"]) and "f" in a.get("data", {}))
        prefix = action["data"]["f"]
        data = dict(action["data"])
        for one in (i for i in inputs(self.dialog) if i["id"].startswith(prefix)):
            name = one["id"][len(prefix) :]
            given = values.pop(name, one.get("value", ""))
            data[one["id"]] = ",".join(given) if isinstance(given, list) else given
            assert data[one["id"]] or not one.get("isRequired"), f"{name} must be filled in"
        assert not values, f"no such fields: {list(values)}"
        await self._dialog("task/submit", data)
