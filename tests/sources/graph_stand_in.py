"""A stand-in for Microsoft: its sign-in, Graph's drives with delta queries, and the host that files are stored on.

It speaks HTTPS with a certificate of its own, gives the JSON that Graph's documentation shows, checks what is sent to
each host, and notes in `broken` what Microsoft would not forgive. What delta leaves out in earnest is left out here: no
paths, no cTag, of a deleted item the id alone, and of a deleted folder nothing of what was in it.
"""

import base64
import datetime
import ipaddress
import itertools
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .website_stand_in import send

TENANT, APP, SECRET = "11111111-2222-3333-4444-555555555555", "99999999-8888-7777-6666-555555555555", "s3cret-value"
SITE, PATH, OWNER = "oakfield.sharepoint.com", "sites/staff", "office@oakfield.example"
SITE_ID = f"{SITE},2c712604-1370-44e7-a1f5-426573fda80a,2d2244c3-251a-49ea-93a8-39e1c3a060fe"
Json = dict[str, Any]


def quick_xor(data: bytes) -> str:
    """QuickXorHash, bit by bit, as Microsoft's page explains it."""
    bits = [0] * 160
    for number, byte in enumerate(data):
        for bit in range(8):
            bits[(number * 11 + bit) % 160] ^= byte >> bit & 1
    block = bytearray(sum(bits[i * 8 + bit] << bit for bit in range(8)) for i in range(20))
    for i, byte in enumerate(len(data).to_bytes(8, "little")):
        block[12 + i] ^= byte
    return base64.b64encode(block).decode()


@dataclass(frozen=True)
class Proof:
    """A certificate with its key, as `assistant.certificate` gives it."""

    thumbprint: str
    private_key: str
    certificate: str


def certificate(host: bool = False) -> Proof:
    """A self-signed certificate: an app's, or the stand-in's own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost" if host else "oakfield")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    if host:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = builder.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return Proof(
        thumbprint=made.fingerprint(hashes.SHA1()).hex().upper(),
        private_key=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode(),
        certificate=made.public_bytes(pem).decode(),
    )


def tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS, and the file with the certificate to trust."""
    proof, file, trusted = certificate(host=True), folder / "host.pem", folder / "trusted.pem"
    file.write_text(proof.private_key + proof.certificate)
    trusted.write_text(proof.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, trusted


@dataclass
class Node:
    """A file, a folder or something else in a library. `more` are facets that Graph adds."""

    id: str
    name: str
    parent: str
    content: bytes | None = None
    version: int = 1
    changed: int = 0
    deleted: bool = False
    more: Json = field(default_factory=dict)


@dataclass
class Library:
    """A drive: nodes by id, each with the number of its last change."""

    id: str
    name: str
    nodes: dict[str, Node] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        self.nodes["01ROOT"] = Node("01ROOT", "root", "", more={"root": {}})

    def _touched(self, node: Node) -> Node:
        self.number += 1
        node.changed = self.number
        return node

    def folder(self, path: str) -> Node:
        """The folder at a path, made where it is missing."""
        above = self.nodes["01ROOT"]
        for name in filter(None, path.split("/")):
            inside = [n for n in self.nodes.values() if n.parent == above.id and n.name == name and not n.deleted]
            above = inside[0] if inside else self._new(name, above.id)
        return above

    def put(self, path: str, content: bytes, **more: Json) -> Node:
        """Upload a file: a new one, or a new version of the one at the path."""
        folder, _, name = path.rpartition("/")
        above = self.folder(folder)
        for node in self.nodes.values():
            if node.parent == above.id and node.name == name and not node.deleted:
                node.content, node.version = content, node.version + 1
                return self._touched(node)
        return self._new(name, above.id, content, more)

    def _new(self, name: str, parent: str, content: bytes | None = None, more: Json | None = None) -> Node:
        node = Node(f"01ITEM{len(self.nodes):04}", name, parent, content, more=more or {})
        self.nodes[node.id] = node
        return self._touched(node)

    def rename(self, node: Node, name: str) -> None:
        node.name = name
        self._touched(node)

    def move(self, node: Node, path: str) -> None:
        """Into another folder; what lies in a folder that is moved is not told of."""
        node.parent = self.folder(path).id
        self._touched(node)

    def delete(self, node: Node) -> None:
        node.deleted = True
        self._touched(node)

    def is_below(self, node: Node, top: str) -> bool:
        while node.id != top:
            if node.parent not in self.nodes:
                return False
            node = self.nodes[node.parent]
        return True


class Refusal(Exception):
    """An answer that is an error of Graph's."""

    def __init__(self, status: int, code: str, inner: str = "", **headers: str) -> None:
        self.status, self.code, self.inner, self.headers = status, code, inner, headers


@dataclass
class Microsoft:
    """All of it. `api` and `store` are the addresses that it is served at."""

    libraries: list[Library] = field(default_factory=list)
    secrets: set[str] = field(default_factory=lambda: {SECRET})
    certificates: list[Proof] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    sign_ins: int = 0
    calls: list[str] = field(default_factory=list)  # paths asked of Graph
    stored: list[str] = field(default_factory=list)  # names of the files asked of the store
    broken: list[str] = field(default_factory=list)
    page_size: int = 2
    busy: list[tuple[int, str]] = field(default_factory=list)  # statuses and Retry-After to give first
    forgotten: int = -1  # delta tokens up to this number have ended
    forbidden: bool = False
    urls: bool = True  # items have a downloadUrl
    ended: bool = False  # … which has ended
    lies: dict[str, Json] = field(default_factory=dict)  # name: what Graph wrongly says of it
    breaks: dict[str, int] = field(default_factory=dict)  # name: how often its connection breaks in the middle
    meanwhile: dict[str, Callable[[], bytes | None]] = field(default_factory=dict)  # name: done in its middle, once
    before: dict[str, Callable[[], None]] = field(default_factory=dict)  # name: done before it is sent, once
    foreign: str = ""  # where nextLinks lead instead
    refuses: dict[str, int] = field(default_factory=dict)  # name: status for its content
    api: str = ""
    store: str = ""
    numbers: Any = field(default_factory=itertools.count)

    def expire(self) -> None:
        """Every token ends."""
        self.tokens.clear()

    def graph(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._openid)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_route("*", "/v1.0/{path:.*}", self._graph)
        return app

    def files(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/download/{drive}/{item}", self._download)
        return app

    async def _openid(self, request: web.Request) -> web.Response:
        if request.match_info["tenant"] != TENANT:
            return web.json_response({"error": "invalid_tenant", "error_codes": [90002]}, status=400)
        login = f"https://{request.host}/{TENANT}"
        return web.json_response(
            {
                "token_endpoint": f"{login}/oauth2/v2.0/token",
                "authorization_endpoint": f"{login}/oauth2/v2.0/authorize",
                "issuer": f"{login}/v2.0",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        said = await request.post()
        scope = self.api.removesuffix("/v1.0") + "/.default"
        if said.get("grant_type") != "client_credentials" or said.get("scope") != scope:
            self.broken.append(f"token asked for with {said.get('grant_type')} {said.get('scope')}")
        if said.get("client_id") != APP:
            return _no_token("unauthorized_client", 700016)
        if "client_assertion" in said:
            if not any(self._is_signed(str(said["client_assertion"]), proof) for proof in self.certificates):
                return _no_token("invalid_client", 700027)
        elif said.get("client_secret") not in self.secrets:
            return _no_token("invalid_client", 7000215)
        self.sign_ins += 1
        token = f"token-{next(self.numbers)}"
        self.tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _is_signed(self, assertion: str, proof: Proof) -> bool:
        public = x509.load_pem_x509_certificate(proof.certificate.encode()).public_key()
        audience = f"{self.api.removesuffix('/v1.0')}/{TENANT}/oauth2/v2.0/token"
        try:
            jwt.decode(assertion, public, algorithms=["RS256", "PS256"], audience=audience, issuer=APP)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            return False
        return True

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.calls.append(unquote(path))
        if request.method != "GET":
            self.broken.append(f"{request.method} {path}")
        try:
            if self.busy:
                status, after = self.busy.pop(0)
                raise Refusal(status, "activityLimitReached", **({"Retry-After": after} if after else {}))
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
                raise Refusal(401, "InvalidAuthenticationToken")
            if self.forbidden:
                raise Refusal(403, "accessDenied")
            answer = self._at(path, request.query)
            return answer if isinstance(answer, web.Response) else web.json_response(answer)
        except Refusal as refusal:
            error: Json = {"code": refusal.code, "message": "For developers.", "innerError": {"request-id": "r"}}
            if refusal.inner:
                error["innerError"]["code"] = refusal.inner
            return web.json_response({"error": error}, status=refusal.status, headers=refusal.headers)

    def _at(self, path: str, query: Any) -> Json | web.Response:
        if path == f"sites/{SITE}:/{PATH}":
            return {"id": SITE_ID, "name": "staff", "webUrl": f"https://{SITE}/{PATH}"}
        if path == f"sites/{SITE_ID}/drive":
            return _drive(self.libraries[0])
        if path == f"sites/{SITE_ID}/drives":
            at = int(query.get("$skiptoken", 0))
            page: Json = {"value": [_drive(library) for library in self.libraries[at : at + 1]]}
            if at + 1 < len(self.libraries):
                page["@odata.nextLink"] = f"{self.api}/{quote(path)}?$skiptoken={at + 1}"
            return page
        if path == f"users/{OWNER}/drive":
            return _drive(self.libraries[-1])
        drive, _, rest = path.removeprefix("drives/").partition("/")
        library = next((one for one in self.libraries if one.id == drive), None)
        if not path.startswith("drives/") or library is None:
            raise Refusal(404, "itemNotFound")
        return self._in(library, rest, query)

    def _in(self, library: Library, rest: str, query: Any) -> Json | web.Response:
        if found := re.fullmatch(r"items/(\w+)(/content)?", rest):
            node = library.nodes.get(found[1])
            if node is None or node.deleted:
                raise Refusal(404, "itemNotFound")
            if not found[2]:
                return self._item(library, node, whole=True)
            if status := self.refuses.get(node.name):
                raise Refusal(status, "notAllowed")
            return web.Response(status=302, headers={"Location": self._url(library, node)})
        if found := re.fullmatch(r"root(?::/(.+?):?)?(/delta)?", rest):
            top = self._folder(library, found[1] or "")
            if not found[2]:
                return self._item(library, top, whole=True)
            return self._delta(library, top, rest, query.get("token", ""))
        raise Refusal(400, "invalidRequest")

    def _folder(self, library: Library, path: str) -> Node:
        top = library.nodes["01ROOT"]
        for name in filter(None, path.split("/")):
            inside = [n for n in library.nodes.values() if n.parent == top.id and n.name == name and not n.deleted]
            if not inside:
                raise Refusal(404, "itemNotFound")
            top = inside[0]
        return top

    def _delta(self, library: Library, top: Node, rest: str, token: str) -> Json:
        """A token is "since.until.offset": changes after one number, up to another, from some offset on."""
        since, until, at = map(int, token.split(".")) if token else (-1, library.number, 0)
        link = f"{self.api}/drives/{library.id}/{quote(rest, safe=':/')}"
        if token and since >= 0 and since <= self.forgotten:
            where = f"{link}?token=-1.{library.number}.0"
            raise Refusal(410, "resyncRequired", "resyncChangesApplyDifferences", Location=where)
        if token and at == 0:
            until = library.number
        changed = [
            node
            for node in sorted(library.nodes.values(), key=lambda node: node.changed)
            if since < node.changed <= until and library.is_below(node, top.id) and not (since < 0 and node.deleted)
        ]
        if since < 0:  # what lies in a folder that was deleted is not there either
            changed = [node for node in changed if not self._is_lost(library, node)]
        above = [top] if top not in changed else []
        page: Json = {"value": [self._item(library, node) for node in (above + changed)[at : at + self.page_size]]}
        if at + self.page_size < len(above + changed):
            page["@odata.nextLink"] = f"{self.foreign or link}?token={since}.{until}.{at + self.page_size}"
        else:
            page["@odata.deltaLink"] = f"{link}?token={until}.{until}.0"
        return page

    def _is_lost(self, library: Library, node: Node) -> bool:
        while node.parent:
            node = library.nodes[node.parent]
            if node.deleted:
                return True
        return False

    def _item(self, library: Library, node: Node, *, whole: bool = False) -> Json:
        if node.deleted:
            return {"id": node.id, "deleted": {"state": "deleted"}, "parentReference": {"driveId": library.id}}
        content = node.content or b""
        item: Json = {
            "@odata.type": "#microsoft.graph.driveItem",
            "id": node.id,
            "name": node.name,
            "eTag": f'"{{{node.id}}},{node.changed}"',
            "size": len(content),
            "lastModifiedDateTime": "2026-09-01T08:00:00Z",
            "parentReference": {"driveId": library.id, "driveType": "documentLibrary", "id": node.parent},
        }
        if node.content is None and not node.more.get("package"):
            item["folder"] = {"childCount": 0}
        elif node.content is not None and "remoteItem" not in node.more:
            item["file"] = {"mimeType": "application/octet-stream", "hashes": {"quickXorHash": quick_xor(content)}}
            if whole:
                item["cTag"] = f'"c:{{{node.id}}},{node.version}"'
            if self.urls:
                item["@microsoft.graph.downloadUrl"] = self._url(library, node)
        return item | node.more | self.lies.get(node.name, {})

    def _url(self, library: Library, node: Node) -> str:
        return f"{self.store}/download/{library.id}/{node.id}?tempauth=v1.preauthenticated"

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self.broken.append("the token was sent to the host that stores files")
        if self.ended:
            self.ended = False
            return web.Response(status=401, text="Access token has expired.")
        library = next(one for one in self.libraries if one.id == request.match_info["drive"])
        node = library.nodes[request.match_info["item"]]
        self.stored.append(node.name)
        if node.name in self.before:
            self.before.pop(node.name)()
        if node.deleted:
            return web.Response(status=404)
        content = node.content or b""
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
        if self.breaks.get(node.name):
            self.breaks[node.name] -= 1
            return await send(request, content, headers, half=lambda: None)
        return await send(request, content, headers, half=self.meanwhile.pop(node.name, None))


def _drive(library: Library) -> Json:
    return {"id": library.id, "name": library.name, "driveType": "documentLibrary", "webUrl": f"https://{SITE}/{PATH}"}


def _no_token(error: str, code: int) -> web.Response:
    said = {"error": error, "error_description": f"AADSTS{code}: Trace ID: t", "error_codes": [code]}
    return web.json_response(said, status=401)
