"""A stand-in for a school's website: real HTTP on loopback, with tags, conditions, redirects, and what goes wrong.

Also `serving`, which runs a stand-in beside a test that is not asynchronous.
"""

import asyncio
import contextlib
import email.utils
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aiohttp import web


@contextlib.contextmanager
def serving(*apps: web.Application, tls: ssl.SSLContext | None = None) -> Iterator[list[int]]:
    """Serve applications on 127.0.0.1, each on a port of its own, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[list[web.AppRunner], list[int]]:
        runners, ports = [], []
        for app in apps:
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
            await site.start()
            runners.append(runner)
            ports.append(runner.addresses[0][1])
        return runners, ports

    async def stop(runners: list[web.AppRunner]) -> None:
        await asyncio.sleep(0.02)  # a client's goodbye is heard first: closed from both ends, TLS leaves sockets open
        for runner in runners:
            await runner.cleanup()
        await asyncio.sleep(0.02)

    runners, ports = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield ports
    finally:
        asyncio.run_coroutine_threadsafe(stop(runners), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def send(
    request: web.Request, content: bytes, headers: dict[str, str], *, half: Callable[[], bytes | None] | None = None
) -> web.StreamResponse:
    """A body with its length. `half` is called in its middle: it gives the other half, or None to break the connection."""
    response = web.StreamResponse(headers={"Content-Length": str(len(content))} | headers)
    await response.prepare(request)
    middle = len(content) // 2
    await response.write(content[:middle])
    rest = half() if half else content[middle:]
    if rest is None:
        await asyncio.sleep(0.05)  # so that the first half leaves before the end does
        assert request.transport is not None
        request.transport.abort()
        return response
    await response.write(rest)
    await response.write_eof()
    return response


async def _chunked(request: web.Request, content: bytes, headers: dict[str, str]) -> web.StreamResponse:
    """A body without its length."""
    response = web.StreamResponse(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):  # who has had enough hangs up
        for at in range(0, len(content), 1000):
            await response.write(content[at : at + 1000])
    return response


@dataclass
class File:
    """Something at an address."""

    content: bytes = b""
    kind: str = "application/pdf"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    tagged: bool = True  # it has an ETag
    chunked: bool = False  # its length is not told
    dated: float = 0.0  # it has a Last-Modified, in seconds since 1970


@dataclass
class WebSite:
    """A site: what lies at each path (with its query), and who asked for it."""

    files: dict[str, File] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # path with query, headers
    answered: list[tuple[str, int]] = field(default_factory=list)
    busy: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # path: statuses and Retry-After to give first
    breaks: dict[str, int] = field(default_factory=dict)  # path: how often its connection breaks in the middle
    at_once: int = 0
    most_at_once: int = 0
    address: str = ""

    def page(self, path: str, *hrefs: str, head: str = "", **more: str) -> None:
        """A page that links to addresses; `more` are links with words of their own, as words=address."""
        links = [f'<li><a href="{href}">{href}</a></li>' for href in hrefs]
        links += [f'<li><a href="{href}">{words.replace("_", " ")}</a></li>' for words, href in more.items()]
        html = f"<!doctype html><html><head>{head}</head><body><ul>{''.join(links)}</ul></body></html>"
        self.files[path] = File(html.encode(), "text/html; charset=utf-8")

    def paths(self) -> list[str]:
        """What was asked for, in order, without robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            response = await self._respond(request)
            self.answered.append((request.path_qs, response.status))
            return response
        finally:
            self.at_once -= 1

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        path = request.path_qs
        self.asked.append((path, dict(request.headers)))
        if self.busy.get(path):
            status, after = self.busy[path].pop(0)
            return web.Response(status=status, headers={"Retry-After": after} if after else {})
        file = self.files.get(path)
        if file is None:
            return web.Response(status=404, text="not here", content_type="text/html")
        headers = {"Content-Type": file.kind} | file.headers
        etag = f'"{hashlib.sha256(file.content).hexdigest()[:12]}"'
        if file.tagged:
            headers["ETag"] = etag
        if file.dated:
            headers["Last-Modified"] = email.utils.formatdate(file.dated, usegmt=True)
        if file.status != 200:
            return web.Response(status=file.status, headers=headers)
        since = request.headers.get("If-Modified-Since")
        same = file.tagged and request.headers.get("If-None-Match") == etag
        if not file.tagged and since and file.dated:
            same = email.utils.parsedate_to_datetime(since).timestamp() >= file.dated
        if same:
            return web.Response(status=304, headers=headers)
        if file.chunked:
            return await _chunked(request, file.content, headers)
        if self.breaks.get(path):
            self.breaks[path] -= 1
            return await send(request, file.content, headers, half=lambda: None)
        return await send(request, file.content, headers)
