"""A stand-in for a provider that speaks OpenAI's API: /v1/chat/completions over HTTP, its answers scripted, what it got kept.

A request is checked against what OpenAI publishes of it; errors have the shape of OpenAI's.
"""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

Json = dict[str, Any]
Scripted = Callable[[web.Request, Json], Any]
KEY = "sk-stand-in"
_KNOWN = {"model", "messages", "max_tokens", "max_completion_tokens", "stream", "temperature", "user", "store", "n"}


class Broken(AssertionError):
    """A rule of the API's that was broken."""


def says(text: str | None, *, refusal: str | None = None, finish: str = "stop") -> Scripted:
    """The model says something."""

    async def answer(_: web.Request, body: Json) -> web.Response:
        message = {"role": "assistant", "content": text, "refusal": refusal}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        found = {"id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": body["model"]}
        return web.json_response(found | {"choices": [choice], "usage": usage})

    return answer


def fails(status: int, kind: str, **headers: str) -> Scripted:
    """An error; like the real one, it may say again what was sent."""

    async def answer(_: web.Request, body: Json) -> web.Response:
        said = {"message": f"{kind}: {json.dumps(body)}", "type": kind, "param": None, "code": kind}
        return web.json_response({"error": said}, status=status, headers=headers)

    return answer


def after(seconds: float, then: Scripted) -> Scripted:
    """The same, later."""

    async def answer(request: web.Request, body: Json) -> Any:
        await asyncio.sleep(seconds)
        return await then(request, body)

    return answer


def raw(content: bytes, kind: str = "application/json") -> Scripted:
    """Any bytes."""

    async def answer(_: web.Request, __: Json) -> web.Response:
        return web.Response(body=content, content_type=kind)

    return answer


async def hangs(request: web.Request, _: Json) -> web.StreamResponse:
    """Begins to answer, and sends a space now and then for ever: no time-out between two bytes ends that."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _again in range(600):
        await response.write(b" ")
        await asyncio.sleep(0.2)
    return response


async def silent(_: web.Request, __: Json) -> web.Response:
    """Takes the request and never answers."""
    await asyncio.sleep(60)
    return web.Response()


async def hangs_up(request: web.Request, _: Json) -> web.Response:
    """Closes the connection."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


class OpenAi:
    """The server. `script` is what it does with one request after the other, `received` what it got."""

    def __init__(self) -> None:
        self.script: deque[Scripted] = deque()
        self.received: list[Json] = []
        self.elsewhere: list[str] = []  # requests for anything else
        self.broken: list[str] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="openai", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        """Stop serving, answers that are still owed too: what is left open would be some later test's warning."""
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0.05)  # connections close one turn of the loop later

    def clear(self) -> None:
        """As at the beginning."""
        self.script.clear()
        self.received.clear()
        self.elsewhere.clear()

    @property
    def everything(self) -> str:
        """All that it has ever been sent since it was cleared, as one text."""
        return json.dumps(self.received, ensure_ascii=False)

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_route("*", "/{tail:.*}", self._anything_else)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"

    async def _complete(self, request: web.Request) -> Any:
        body = await request.json()
        self.received.append(body)
        try:
            _check(request, body)
        except Broken as broken:
            self.broken.append(str(broken))
        scripted = self.script.popleft() if self.script else says("")
        return await scripted(request, body)

    async def _anything_else(self, request: web.Request) -> web.Response:
        self.elsewhere.append(f"{request.method} {request.path} {await request.text()}")
        return web.json_response({"error": {"message": "unknown", "type": "invalid_request_error"}}, status=404)


def _check(request: web.Request, body: Json) -> None:
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        raise Broken("no key")
    if set(body) - _KNOWN:
        raise Broken(f"unknown: {set(body) - _KNOWN}")
    if {"tools", "functions"} & set(body):
        raise Broken("tools were given")
    if [message["role"] for message in body["messages"]] != ["system", "user"]:
        raise Broken("not one system and one user message")
    if not all(isinstance(message["content"], str) and message["content"] for message in body["messages"]):
        raise Broken("a message without a text")
    if not 0 < (body.get("max_completion_tokens") or body.get("max_tokens") or 0) <= 1000:
        raise Broken("no limit of length")
