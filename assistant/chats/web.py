"""The staff room: a local page where one person plays every role, with no tenant and no keys. HTML, no scripts."""

import asyncio
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.cards import Card, Incoming
from assistant.config import Organisation, Settings
from assistant.conversation import Conversation
from assistant.ports import FindClauses
from index.clauses import Clause, Policy

_PERSON = "person"  # a cookie with organisation/person: who one plays
_MOST_BYTES = 64 * 1024
_PRESSES_REMEMBERED = 10_000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers send Origin: null from our own forms
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_FOLDER = Path(__file__).parent / "templates"


class StaffRoom:
    """The pages. What they say comes from cards, as Slack and Teams will show them."""

    def __init__(
        self,
        settings: Settings,
        clauses: FindClauses,
        conversation: Conversation,
        today: Callable[[], date],
    ) -> None:
        self._organisations = settings.organisations
        self._clauses, self._conversation, self._today = clauses, conversation, today
        self._pages = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters["kind"] = lambda part: type(part).__name__
        # Pressing a button twice, or reloading the page after it, is one press.
        self._pressed: dict[str, None] = {}  # oldest first

    def application(self, *, loopback: bool) -> web.Application:
        """The aiohttp application."""
        guards = [_headers, _same_site] + ([_loopback_host] if loopback else [])
        app = web.Application(middlewares=guards, client_max_size=_MOST_BYTES)
        app.add_routes(
            [
                web.get("/", self._home),
                web.post("/person", self._choose_person),
                web.post("/ask", self._ask),
                web.post("/press", self._press),
                web.get("/policies", self._policies),
                web.get("/policies/{policy}", self._policy),
                web.get("/style.css", self._style),
                web.get("/healthz", self._healthz),
            ]
        )
        return app

    async def _home(self, request: web.Request) -> web.Response:
        return self._page(request, "ask.html", cards=(), question="")

    async def _choose_person(self, request: web.Request) -> web.Response:
        chosen = str((await request.post()).get("person", ""))
        if self._who(chosen) is None:
            raise web.HTTPBadRequest(text="Choose somebody from the list.")
        response = web.HTTPSeeOther("/")
        response.set_cookie(_PERSON, chosen, httponly=True, samesite="Strict")
        raise response

    async def _ask(self, request: web.Request) -> web.Response:
        question = str((await request.post()).get("question", ""))
        cards = await self._reply(request, text=question)
        return self._page(request, "ask.html", cards=cards, question=question)

    async def _press(self, request: web.Request) -> web.Response:
        fields = {key: str(value) for key, value in (await request.post()).items()}
        once, action = fields.pop("once", ""), fields.pop("action", "")
        if once and once in self._pressed:
            raise web.HTTPSeeOther("/")
        cards = await self._reply(request, action=action, values=fields)
        self._pressed[once] = None
        while len(self._pressed) > _PRESSES_REMEMBERED:
            self._pressed.pop(next(iter(self._pressed)))
        return self._page(request, "ask.html", cards=cards, question="")

    async def _reply(
        self, request: web.Request, *, text: str = "", action: str = "", values: dict[str, str] | None = None
    ) -> tuple[Card, ...]:
        organisation, person = self._playing(request)
        incoming = Incoming(person=person, organisation=organisation.id, text=text, action=action, values=values or {})
        return await asyncio.to_thread(self._conversation.reply_to, incoming)

    async def _policies(self, request: web.Request) -> web.Response:
        organisation, _ = self._playing(request)
        policies = await asyncio.to_thread(self._clauses.policies, organisation.id)
        overdue = {policy.id for policy in policies if policy.overdue(self._today())}
        return self._page(request, "policies.html", policies=policies, overdue=overdue)

    async def _policy(self, request: web.Request) -> web.Response:
        organisation, _ = self._playing(request)
        policies: tuple[Policy, ...] = await asyncio.to_thread(self._clauses.policies, organisation.id)
        policy = next((p for p in policies if p.id == request.match_info["policy"]), None)
        if policy is None:
            return self._page(request, "missing.html", status=404)
        return self._page(
            request, "policy.html", policy=policy, outline=outline(policy), overdue=policy.overdue(self._today())
        )

    async def _style(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(_FOLDER / "style.css", headers={"Content-Type": "text/css; charset=utf-8"})

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    def _page(self, request: web.Request, name: str, *, status: int = 200, **values: object) -> web.Response:
        organisation, person = self._playing(request)
        text = self._pages.get_template(name).render(
            organisations=self._organisations.values(),
            organisation=organisation,
            person=next((p for p in organisation.roster if p.id == person), None),
            path=request.path,
            once=lambda: secrets.token_urlsafe(12),
            **values,
        )
        return web.Response(text=text, content_type="text/html", status=status)

    def _playing(self, request: web.Request) -> tuple[Organisation, str]:
        """Whom one plays: as chosen, or the first on the first roster."""
        chosen = self._who(request.cookies.get(_PERSON, ""))
        if chosen:
            return chosen
        first = next((o for o in self._organisations.values() if o.people), next(iter(self._organisations.values())))
        return first, first.people[0].id if first.people else ""

    def _who(self, value: str) -> tuple[Organisation, str] | None:
        organisation = self._organisations.get(value.partition("/")[0])
        person = value.partition("/")[2]
        if organisation and any(p.id == person for p in organisation.people):
            return organisation, person
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A clause as a policy's page shows it, with what stands newly above it."""

    clause: Clause
    headings: tuple[tuple[int, str], ...]  # (HTML level, text)
    openings: tuple[str, ...]  # sentences that open its list and are no clause themselves


def outline(policy: Policy) -> list[Row]:
    """A policy's clauses in order, so that its page reads as the document does."""
    rows: list[Row] = []
    above: tuple[str, ...] = ()
    opened: set[str] = set()
    for clause in policy.clauses:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(above, clause.headings, strict=False)))
        new = clause.headings[same:]
        if new:
            opened.clear()
        # A sentence that ends a clause already shown, as most that open lists do, is not shown again.
        unseen = [lead for lead in clause.lead_ins if lead not in opened]
        opened.update(clause.lead_ins)
        before = rows[-1].clause.text if rows else ""
        rows.append(
            Row(
                clause=clause,
                headings=tuple((min(2 + n, 5), text) for n, text in enumerate(new, same)),
                openings=tuple(lead for lead in unseen if not before.endswith(lead)),
            )
        )
        above = clause.headings
    return rows


@web.middleware
async def _headers(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)  # type: ignore[misc]
    except web.HTTPException as error:
        error.headers.update(_HEADERS)
        raise
    response.headers.update(_HEADERS)
    return response


@web.middleware
async def _same_site(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    """Another site's page must not press our buttons through somebody's browser."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="This form was sent from another site, so nothing was done.")
    return await handler(request)  # type: ignore[misc, no-any-return]


@web.middleware
async def _loopback_host(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    """Only our own name is answered to: a site whose name was pointed at loopback must not read the page."""
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        raise web.HTTPForbidden(text="The staff room answers only on this machine.")
    return await handler(request)  # type: ignore[misc, no-any-return]


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    settings: Settings,
    clauses: FindClauses,
    conversation: Conversation,
    *,
    host: str,
    port: int,
    today: Callable[[], date],
    say: Callable[[str], None],
) -> None:
    """Serve the staff room until interrupted. Raises OSError when the port is taken."""
    room = StaffRoom(settings, clauses, conversation, today)
    asyncio.run(_run(room.application(loopback=is_loopback(host)), host, port, say))


async def _run(app: web.Application, host: str, port: int, say: Callable[[str], None]) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address = runner.addresses[0]
        say(
            f"The staff room is open at http://{host}:{address[1]}/ (a try-out: anybody here can be anyone). Ctrl+C ends it."
        )
        if not is_loopback(host):
            say("Warning: it listens beyond this machine, and whoever reaches it can read the policies as anybody.")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
