"""The one server: the staff room where it may be, Slack and Teams where they are configured, and /healthz."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from assistant.chats.guards import guards, is_loopback
from assistant.chats.web import StaffRoom

if TYPE_CHECKING:
    from assistant.chats.slack import SlackDoor
    from assistant.chats.teams import TeamsDoor


def serve(
    room: StaffRoom | None,
    slack: "SlackDoor | None",
    teams: "TeamsDoor | None",
    *,
    app_token: str,
    host: str,
    port: int,
    health: Callable[[], list[str]],
    say: Callable[[str], None],
) -> None:
    """Serve until interrupted. With an `app_token` Slack is reached by Socket Mode, without one at /slack/events.

    Raises OSError when the port is taken.
    """
    # Its messages about broken requests quote them.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)
    asyncio.run(_run(room, slack, teams, app_token, host, port, health, say))


def application(
    room: StaffRoom | None,
    slack: "SlackDoor | None",
    teams: "TeamsDoor | None" = None,
    *,
    loopback: bool,
    health: Callable[[], list[str]],
) -> web.Application:
    """The aiohttp application with every door that is open over HTTP."""
    exempt = {"/slack/events", "/healthz"} | ({"/api/messages"} if teams and teams.signed else set())
    before = guards(exempt, loopback=loopback)
    app = room.application(before) if room else web.Application(middlewares=before)

    async def healthz(_: web.Request) -> web.Response:
        wrong = await asyncio.to_thread(health)
        return web.Response(text="\n".join(wrong or ["ok"]) + "\n", status=503 if wrong else 200)

    app.router.add_get("/healthz", healthz)
    if slack is not None:
        from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

        door = slack

        async def events(request: web.Request) -> web.Response:
            if not request.headers.get("X-Slack-Request-Timestamp", "").isdecimal():
                return web.Response(status=401)  # the SDK would fail on it
            return await to_aiohttp_response(await door.app.async_dispatch(await to_bolt_request(request)))

        app.router.add_post("/slack/events", events)
    if teams is not None:
        app.router.add_post("/api/messages", teams.handle)
    return app


async def _run(
    room: StaffRoom | None,
    slack: "SlackDoor | None",
    teams: "TeamsDoor | None",
    app_token: str,
    host: str,
    port: int,
    health: Callable[[], list[str]],
    say: Callable[[str], None],
) -> None:
    over_http = slack if not app_token else None
    runner = web.AppRunner(
        application(room, over_http, teams, loopback=is_loopback(host), health=health), access_log=None
    )
    await runner.setup()
    socket = None
    if slack and app_token:
        from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

        socket = AsyncSocketModeHandler(slack.app, app_token)
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address = f"http://{host}:{runner.addresses[0][1]}"
        if room:
            say(f"The staff room is open at {address}/ (a try-out: anybody here can be anyone). Ctrl+C ends it.")
            if not is_loopback(host):
                say("Anybody who reaches this machine can read every report, as anyone on the roster.")
        if over_http:
            say(f"Slack may send its events to {address}/slack/events (through your HTTPS proxy).")
        if teams:
            say(f"Teams may send its activities to {address}/api/messages (through your HTTPS proxy).")
        if socket:
            await socket.connect_async()  # type: ignore[no-untyped-call]
            say("Slack is connected in Socket Mode.")
        await asyncio.Event().wait()
    finally:
        if socket:
            await socket.close_async()  # type: ignore[no-untyped-call]
        await runner.cleanup()
