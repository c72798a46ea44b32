"""What keeps other sites away from whatever checks no signature: their pages, and their names pointed at this machine."""

import ipaddress
from collections.abc import Container
from urllib.parse import SplitResult, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def guards(exempt: Container[str], *, loopback: bool) -> list[Middleware]:
    """Middlewares for all paths but those `exempt`, which are signed by whoever sends, or say nothing."""

    @web.middleware
    async def same_site(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Another site's page must not press our buttons through somebody's browser."""
        origin = request.headers.get("Origin")
        foreign = request.method == "POST" and origin is not None and _split(origin).netloc != request.host
        if foreign and request.path not in exempt:
            raise web.HTTPForbidden(text="This form was sent from another site, so nothing was done.")
        return await handler(request)

    @web.middleware
    async def loopback_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only our own name is answered to: a site whose name was pointed at loopback must not read the page."""
        if request.path not in exempt and not is_loopback(_split(f"//{request.host}").hostname or ""):
            raise web.HTTPForbidden(text="The assistant answers only on this machine.")
        return await handler(request)

    return [same_site, loopback_host] if loopback else [same_site]


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(address: str) -> SplitResult:
    """An address's parts; none of what is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
