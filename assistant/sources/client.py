"""HTTP for sources: one request at a time, with patience, time-outs and limits.

Nothing is sent that wasn't asked for: no cookies, no password of a .netrc, no redirect followed unseen. The machine's
HTTPS_PROXY and REQUESTS_CA_BUNDLE are heeded, for many schools' filters need them.
"""

import http.cookiejar
import ipaddress
import os
import socket
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from assistant.sources import SourceFailed

AGENT = f"school-policy-assistant/{version('school-policy-assistant')}"
TRIES = 3  # of a request that breaks, or that a server fails at
_TIMES = (10, 30)  # seconds to connect, and between two pieces of an answer
_LONGEST = 300  # seconds for a whole answer
_PATIENT = (429, 503, 509)  # the service is busy
_FAILING = (500, 502, 504)
_PIECE = 65536
_PORTS = {"http": 80, "https": 443}


class Broken(Exception):
    """An answer ended before it was whole, or took too long."""


class TooBig(Exception):
    """An answer is bigger than what is taken."""


class NotAllowed(Exception):
    """An address that must not be asked. The message says why, in a sentence without its subject."""


class Client:
    """For one fetch. `patience` is how many seconds it waits in all; `own` is the address whose host may be private.

    With `own`, no other host on a private network is connected to: a page must not make the assistant read what only
    this machine can reach. Without it, hosts are the service's own business.
    """

    def __init__(self, patience: float, own: str = "") -> None:
        self._left = patience
        self._own = _place(own)[0].removeprefix("www.") if own else ""
        self._session = requests.Session()
        self._session.headers["User-Agent"] = AGENT
        # A document comes as it is, so that its length can be checked.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.auth = _nobody
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=()))
        if self._own:
            self._session.mount("http://", _Guarded(self._own))
            self._session.mount("https://", _Guarded(self._own))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        # urllib3 leaves connections open for as long as an error's traceback knows of them.
        for adapter in self._session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                pools = adapter.poolmanager.pools
                for key in list(pools.keys()):
                    pools[key].close()
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """An answer, its body not read yet. Raises SourceFailed when patience has come to its end, NotAllowed."""
        host, _ = _place(url)
        self._look_up(url)
        tried = 0
        while True:
            tried += 1
            try:
                response = self._session.request(
                    method,
                    url,
                    headers=headers,
                    params=params,
                    data=data,
                    timeout=_TIMES,
                    stream=True,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if tried >= TRIES or isinstance(error, _NOT_AGAIN):
                    raise _failure(error, host) from None
                self.rest(0.5 * tried, host)
                continue
            if not (response.status_code in _PATIENT or (response.status_code in _FAILING and tried < TRIES)):
                return response
            response.close()
            self.rest(max(_asked(response), 0.2 * tried), host)

    def rest(self, seconds: float, host: str) -> None:
        """Wait, if that much patience is left."""
        if seconds > self._left:
            raise SourceFailed(
                f"{host} is busy and asks to be left alone for {max(1, round(seconds / 60))} minutes; "
                "it is tried again with the next fetch.",
                seconds=seconds,
            )
        self._left -= seconds
        time.sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Leave a server some time between two requests; that needs no patience."""
        time.sleep(seconds)

    def _look_up(self, url: str) -> None:
        """Refuse what is private by its name or address; a proxy would connect to it without asking us."""
        host, port = _place(url)
        if not self._own or host.removeprefix("www.") == self._own:
            return
        try:
            found = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
        except (OSError, UnicodeError):
            return  # a proxy may know it; if nobody does, connecting fails
        if any(_is_private(str(address[0])) for *_, address in found):
            raise NotAllowed("leads into a private network, where only the page's own site may be read")


def read(response: requests.Response, most: int) -> bytes:
    """A body of at most `most` bytes. Raises Broken, TooBig."""
    body = bytearray()
    for piece in _pieces(response, most):
        body += piece
    return bytes(body)


def save(response: requests.Response, path: Path, most: int) -> int:
    """Write a body of at most `most` bytes to a new file; its size. Raises Broken, TooBig."""
    size = 0
    with path.open("wb") as file:
        for piece in _pieces(response, most):
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size


def _pieces(response: requests.Response, most: int) -> Any:
    """The body, piece by piece. urllib3 itself sees to it that a body isn't shorter than its Content-Length."""
    ends, size = time.monotonic() + _LONGEST, 0
    said = response.headers.get("Content-Length", "")
    with response:
        if said.isdecimal() and int(said) > most:
            raise TooBig
        try:
            for piece in response.iter_content(_PIECE):
                size += len(piece)
                if size > most:
                    raise TooBig
                if time.monotonic() > ends:
                    raise Broken
                yield piece
        except requests.RequestException:
            raise Broken from None


class _Guarded(HTTPAdapter):
    """Connects to no private address but that of one host: checked when the connection stands, before anything
    is said, so that a name which means something else by then doesn't help."""

    def __init__(self, own: str) -> None:
        def checked(sock: socket.socket, connection: HTTPConnection) -> socket.socket:
            if connection.host.lower().removeprefix("www.") != own and _is_private(str(sock.getpeername()[0])):
                sock.close()
                raise NotAllowed("leads into a private network, where only the page's own site may be read")
            return sock

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return checked(super()._new_conn(), self)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return checked(super()._new_conn(), self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Not for a proxy's connections: those go to the proxy."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


_NOT_AGAIN = (requests.exceptions.SSLError, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)


def _failure(error: requests.RequestException, host: str) -> Exception:
    """What a failed request comes to, without the address that was asked, for that may hold a token."""
    if isinstance(error, requests.exceptions.SSLError):
        return SourceFailed(
            f"The certificate of {host} can't be trusted; if the school's filter opens secure connections, "
            "set REQUESTS_CA_BUNDLE to a file with its certificate."
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return NotAllowed("is not the address of a web page or document")
    return SourceFailed(f"{host} can't be reached; check its address, and this machine's way to the internet.")


def _asked(response: requests.Response) -> float:
    """For how many seconds a service asks to be left alone; 0 where it doesn't say."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return 0.0


def _place(url: str) -> tuple[str, int]:
    """An address's host and port. Raises NotAllowed where it has none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise NotAllowed("is not the address of a web page or document") from None


def _is_private(address: str) -> bool:
    """Whether an address is anywhere but on the public internet."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return True
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return not found.is_global or found.is_multicast or (inner is not None and not inner.is_global)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without this, requests takes passwords from a .netrc."""
    return request
