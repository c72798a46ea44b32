"""The staff room: a local page where one person plays every role, with no tenant and no keys. HTML, no scripts."""

import asyncio
import io
import logging
import secrets
import traceback
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.cards import Button, Card, Incoming, Part
from assistant.chats.outline import outline
from assistant.chats.presses import Presses, press_of
from assistant.conversation import Conversation
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.ports import FindClauses
from assistant.screens import library
from index.versions import changes

_PERSON = "person"  # a cookie with organisation/person: who one plays
_MOST_BYTES = 4 * 1024 * 1024  # the longest report, in whatever letters, and room
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers send Origin: null from our own forms
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_FOLDER = Path(__file__).parent / "templates"
_PAGES = {
    "/report": "report",
    "/reports": "reports",
    "/inbox": "inbox",
    "/accounts": "accounts",
    "/apply": "apply",
}  # pages that are cards
# Pressed twice, these are done once; the second press leads here.
_ONCE = {"feedback": "/", "do-": "/inbox", "report-answer": "/reports", "account-": "/accounts", "duty-": "/accounts"}
_LOCAL = "This is a try-out on this machine. You can be anyone on the roster; nothing here goes to a real person."
_WITH_EMAIL = "This is a try-out on this machine. You can be anyone on the roster. SMTP_URL is set: notices go out by e-mail to the roster's addresses."
_ABOUT_MINE = ("reports", "report-state", "report-answer")
log = logging.getLogger(__name__)

_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class StaffRoom:
    """The pages. What they say comes from cards, as Slack and Teams will show them."""

    def __init__(
        self,
        schools: Mapping[str, School],
        clauses: FindClauses,
        conversation: Conversation,
        today: Callable[[], date],
        refused: Callable[[], Iterable[str]] = tuple,
        *,
        by_email: bool = False,
    ) -> None:
        self._schools = schools
        self._tryout = _WITH_EMAIL if by_email else _LOCAL
        self._clauses, self._conversation, self._today = clauses, conversation, today
        self._refused = refused  # what could not be taken of the documents and the school file, in sentences
        self._presses = Presses()

    def application(self, guards: Iterable[Middleware]) -> web.Application:
        """The aiohttp application, behind these guards."""
        app = web.Application(middlewares=[_headers, _safely, *guards], client_max_size=_MOST_BYTES)
        app.add_routes(
            [
                web.get("/", self._home),
                web.post("/person", self._choose_person),
                web.post("/ask", self._ask),
                web.post("/press", self._press),
                web.post("/case-file", self._case_file),
                web.get("/concerns/{reference}", self._concern),
                *(web.get(path, self._card_page) for path in _PAGES),
                web.get("/policies", self._policies),
                web.get("/policies/{policy}", self._policy),
                web.get("/policies/{policy}/changes", self._changes),
                web.get("/style.css", self._style),
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
        if any(card.sealed or any(map(_offers_the_form, card.parts)) for card in cards):  # not shown again
            cards, question = _with_question(cards, question), ""
        return self._page(request, "ask.html", cards=cards, question=question)

    async def _press(self, request: web.Request) -> web.Response:
        posted = await request.post()
        fields = {key: ",".join(map(str, posted.getall(key))) for key in posted}
        once, action = fields.pop("once", ""), fields.pop("action", "")
        leads_to = next((path for start, path in _ONCE.items() if action.startswith(start)), None)
        if action == "clause":  # in its whole policy, as where a citation leads
            policy, clause = (quote(fields.get(name, ""), safe="") for name in ("policy", "clause"))
            raise web.HTTPSeeOther(f"/policies/{policy}#{clause}")
        question = fields.get("question", "") if action == "ask-anyway" else ""

        async def reply() -> tuple[Card, ...]:
            return await self._reply(request, text=question, action=action, values=fields)

        if leads_to and once:
            school, person = self._playing(request)
            found = await self._presses.once(press_of(once, f"{school.id}/{person}", action, fields), reply)
            if found is None:
                raise web.HTTPSeeOther(leads_to)
            cards = found
        else:
            cards = await reply()
        if action in ("feedback", "ask-anyway"):
            return self._page(request, "ask.html", cards=cards, question=question, here="/")
        if action.startswith(("account", "apply", "comment-", "post-", "duty-")):
            return self._page(request, "cards.html", cards=cards, here="/accounts")
        here = "/inbox" if action in ("inbox", "concern") or action.startswith("do-") else "/report"
        return self._page(request, "cards.html", cards=cards, here="/reports" if action in _ABOUT_MINE else here)

    async def _card_page(self, request: web.Request) -> web.Response:
        cards = await self._reply(request, action=_PAGES[request.path])
        return self._page(request, "cards.html", cards=cards)

    async def _concern(self, request: web.Request) -> web.Response:
        """Where a notice leads."""
        values = {"reference": request.match_info["reference"]}
        cards = await self._reply(request, action="concern", values=values)
        return self._page(request, "cards.html", cards=cards, here="/inbox")

    async def _case_file(self, request: web.Request) -> web.Response:
        fields = {key: str(value) for key, value in (await request.post()).items()}
        school, person = self._playing(request)
        incoming = Incoming(person=person, organisation=school.id, action="export", values=fields)
        found = await asyncio.to_thread(self._conversation.case_file, incoming)
        if isinstance(found, Card):
            return self._page(request, "cards.html", cards=(found,), here="/inbox")
        both = io.BytesIO()
        with zipfile.ZipFile(both, "w") as archive:
            archive.writestr(f"{found.reference}.pdf", found.pdf)
            archive.writestr(f"{found.reference}-receipt.json", found.receipt)
        headers = {"Content-Disposition": f'attachment; filename="{found.reference}.zip"'}
        return web.Response(body=both.getvalue(), content_type="application/zip", headers=headers)

    async def _reply(
        self, request: web.Request, *, text: str = "", action: str = "", values: dict[str, str] | None = None
    ) -> tuple[Card, ...]:
        school, person = self._playing(request)
        incoming = Incoming(person=person, organisation=school.id, text=text, action=action, values=values or {})
        return await asyncio.to_thread(self._conversation.reply_to, incoming)

    async def _policies(self, request: web.Request) -> web.Response:
        return self._page(request, "policies.html", shelves=await self._shelves(request), refused=self._refused())

    async def _policy(self, request: web.Request) -> web.Response:
        shelf = await self._shelf(request)
        if shelf is None:
            return self._page(request, "missing.html", status=404)
        return self._page(
            request,
            "policy.html",
            policy=shelf.policy,
            outline=outline(shelf.policy),
            overdue=shelf.overdue,
            changed=bool(shelf.past),
        )

    async def _changes(self, request: web.Request) -> web.Response:
        shelf = await self._shelf(request)
        if shelf is None:
            return self._page(request, "missing.html", status=404)
        asked = request.query.get("with")
        before = next((p for p in shelf.past if p.version == asked), next(iter(shelf.past), None))
        return self._page(
            request,
            "changes.html",
            shelf=shelf,
            before=before,
            before_span=library.span(before) if before else "",
            spans=[(p.version, library.span(p)) for p in shelf.past],
            changes=changes(before, shelf.policy) if before else [],
            headline=library.headline,
        )

    async def _shelf(self, request: web.Request) -> library.Shelf | None:
        """The policy that an address names."""
        return next((s for s in await self._shelves(request) if s.policy.id == request.match_info["policy"]), None)

    async def _shelves(self, request: web.Request) -> list[library.Shelf]:
        school, _ = self._playing(request)
        kept = await asyncio.to_thread(self._clauses.versions, school.id)
        return library.shelves(kept, self._today())

    async def _style(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(_FOLDER / "style.css", headers={"Content-Type": "text/css; charset=utf-8"})

    def _page(self, request: web.Request, name: str, *, status: int = 200, **values: object) -> web.Response:
        school, person = self._playing(request)
        text = _TEMPLATES.get_template(name).render(
            schools=self._schools.values(),
            school=school,
            person=school.person(person),
            once=lambda: secrets.token_urlsafe(12),
            tryout=self._tryout,
            **{"here": request.path} | values,
        )
        return web.Response(text=text, content_type="text/html", status=status)

    def _playing(self, request: web.Request) -> tuple[School, str]:
        """Whom one plays: as chosen, or the first on the first roster."""
        chosen = self._who(request.cookies.get(_PERSON, ""))
        if chosen:
            return chosen
        schools = list(self._schools.values())
        first = next((school for school in schools if _here(school)), schools[0])
        return first, next((person.id for person in _here(first)), "")

    def _who(self, value: str) -> tuple[School, str] | None:
        school = self._schools.get(value.partition("/")[0])
        person = value.partition("/")[2]
        return (school, person) if school and school.person(person) else None


def _here(school: School) -> list[Person]:
    return [person for person in school.roster if person.active]


def _offers_the_form(part: Part) -> bool:
    return isinstance(part, Button) and part.action == "report" and part.strong


def _may_be_asked_anyway(part: Part) -> bool:
    return isinstance(part, Button) and part.action == "ask-anyway"


def _with_question(cards: tuple[Card, ...], question: str) -> tuple[Card, ...]:
    """The cards with the question in the button that asks it anyway: it goes nowhere but back to the asker's screen."""

    def asks(part: Part) -> Part:
        if isinstance(part, Button) and _may_be_asked_anyway(part):
            return replace(part, values={"question": question})
        return part

    return tuple(replace(card, parts=tuple(map(asks, card.parts))) for card in cards)


def _runs(parts: Iterable[object]) -> list[tuple[str, list[object]]]:
    """Parts that follow each other and are of one kind, together: (kind, parts)."""
    return [(kind, list(run)) for kind, run in groupby(parts, key=lambda part: type(part).__name__)]


_TEMPLATES.filters["runs"] = _runs


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
async def _safely(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    """Whatever goes wrong is said without its words: an error's message may hold what somebody wrote."""
    try:
        return await handler(request)  # type: ignore[misc, no-any-return]
    except web.HTTPRequestEntityTooLarge:
        return _broken([], request.path, too_long=True)
    except (web.HTTPException, asyncio.CancelledError):
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("%s in %s, line %s", type(error).__name__, Path(where.filename).name, where.lineno)
        # What was being sent goes back to the screen it came from, and nowhere else.
        posted = await request.post() if request.method == "POST" else {}
        fields = [(key, str(value)) for key, value in posted.items()]
        return _broken(fields, request.path)


def _broken(fields: list[tuple[str, str]], path: str, *, too_long: bool = False) -> web.Response:
    text = _TEMPLATES.get_template("broken.html").render(fields=fields, path=path, too_long=too_long)
    return web.Response(text=text, content_type="text/html", status=413 if too_long else 500)
