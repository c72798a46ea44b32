"""Who may send activities: tokens signed with Microsoft's keys for this app, checked by the real adapter over HTTP."""

import asyncio
import datetime
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from botframework.connector.auth import AuthenticationConstants, ChannelValidation
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from assistant import bootstrap
from assistant.certificate import BadCertificate, read_certificate
from assistant.config import EXAMPLE_SCHOOL, NotConfigured, load
from assistant.config import Teams as Settings

from .house import House
from .teams_stand_in import TENANT, Somebody
from .test_teams import Tenant, open_tenant

APP_ID = "33333333-3333-3333-3333-333333333333"
SETTINGS = Settings(app_id=APP_ID, app_password="x", tenant_id=TENANT)
NOW = datetime.datetime.now(datetime.UTC)
HOUR = datetime.timedelta(hours=1)


class Microsoft:
    """Microsoft's side: signing keys at a published address, and tokens signed with one of them."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.down = False

    def token(self, service: str, *, kid: str = "k1", other: bool = False, without: str = "", **claims: object) -> str:
        whole: dict[str, object] = {
            "iss": AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER,
            "aud": APP_ID,
            "serviceurl": service,
            "nbf": NOW - HOUR,
            "exp": NOW + HOUR,
        }
        whole |= claims
        whole.pop(without, None)
        return jwt.encode(whole, self.other if other else self.key, algorithm="RS256", headers={"kid": kid})

    def application(self) -> web.Application:
        async def openid(request: web.Request) -> web.Response:
            if self.down:
                raise web.HTTPBadGateway
            return web.json_response({"jwks_uri": f"http://{request.host}/keys"})

        async def keys(_: web.Request) -> web.Response:
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return web.json_response(
                {
                    "keys": [
                        public | {"kid": "k1", "endorsements": ["msteams"]},
                        public | {"kid": "k2", "endorsements": ["webchat"]},
                    ]
                }
            )

        app = web.Application()
        app.router.add_get("/openid", openid)
        app.router.add_get("/keys", keys)
        return app


_hosts = itertools.count(2)


@asynccontextmanager
async def signed(
    house: House, assistant: bootstrap.Assistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Tenant, Microsoft]]:
    microsoft = Microsoft()
    runner = web.AppRunner(microsoft.application())
    await runner.setup()
    host = f"127.0.0.{next(_hosts)}"  # the SDK keeps keys by address
    await web.TCPSite(runner, host, 0).start()
    address = f"http://{host}:{runner.addresses[0][1]}/openid"
    monkeypatch.setattr(ChannelValidation, "open_id_metadata_endpoint", address)
    JwtTokenExtractor.metadataCache.clear()
    try:
        async with open_tenant(house, assistant, SETTINGS) as at:
            yield at, microsoft
    finally:
        await runner.cleanup()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_what_microsoft_signed_for_this_app_is_taken(
    house: House, oakfield: bootstrap.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        async with signed(house, oakfield, monkeypatch) as (at, microsoft):
            amina = at.people["amina"]
            activity = amina._activity("installationUpdate", action="add")
            status, _ = await amina.sends(activity, _bearer(microsoft.token(at.teams.address)))
            assert status < 300
            assert at.sender.reaches(house.person("amina"))

    asyncio.run(told())


WRONG: dict[str, dict[str, object]] = {
    "expired": {"nbf": NOW - 3 * HOUR, "exp": NOW - HOUR},
    "not yet good": {"nbf": NOW + HOUR, "exp": NOW + 2 * HOUR},
    "another issuer": {"iss": "https://sts.example"},
    "a part of the issuer": {"iss": "https"},
    "no issuer": {"without": "iss"},
    "another app's": {"aud": "44444444-4444-4444-4444-444444444444"},
    "no audience": {"without": "aud"},
    "another service": {"serviceurl": "https://evil.example"},
    "no service": {"without": "serviceurl"},
    "signed with another key": {"other": True},
    "a key nobody published": {"kid": "k9"},
    "a key of another channel": {"kid": "k2"},
}


@pytest.mark.parametrize("how", WRONG)
def test_whatever_else_is_refused_and_touches_nothing(
    house: House, oakfield: bootstrap.Assistant, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def told() -> None:
        async with signed(house, oakfield, monkeypatch) as (at, microsoft):
            amina = at.people["amina"]
            token = microsoft.token(at.teams.address, **WRONG[how])  # type: ignore[arg-type]
            await _refused(at, amina, _bearer(token))

    asyncio.run(told())


async def _refused(at: Tenant, who: Somebody, headers: dict[str, str], status: int = 401) -> None:
    for activity in (
        who._activity("installationUpdate", action="add"),
        who._activity("message", text="Can I give a pupil a lift home?"),
        who._activity("invoke", name="task/fetch", value={"data": {"a": "report", "v": {}}}),
    ):
        given, _ = await who.sends(activity, headers)
        assert given == status
    assert at.teams.written == []
    assert not at.sender.reaches(at.house.person("amina"))


def test_a_token_with_no_signature_or_a_weaker_one_is_refused(
    house: House, oakfield: bootstrap.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        async with signed(house, oakfield, monkeypatch) as (at, microsoft):
            claims = jwt.decode(microsoft.token(at.teams.address), options={"verify_signature": False})
            none = jwt.encode(claims, None, algorithm="none", headers={"kid": "k1"})
            public = "not the public key, which the library would refuse, but long enough"
            symmetric = jwt.encode(claims, public, algorithm="HS256", headers={"kid": "k1"})
            for token in (none, symmetric):
                await _refused(at, at.people["amina"], _bearer(token))

    asyncio.run(told())


def test_while_the_keys_cannot_be_had_nothing_is_taken(
    house: House, oakfield: bootstrap.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        async with signed(house, oakfield, monkeypatch) as (at, microsoft):
            microsoft.down = True
            await _refused(at, at.people["amina"], _bearer(microsoft.token(at.teams.address)), 503)

    asyncio.run(told())


# How the app itself signs in


def _certificate(path: Path, *, days: int = 30, own_key: bool = True) -> Path:
    key, another = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "assistant")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - 60 * 24 * HOUR)
        .not_valid_after(NOW + days * 24 * HOUR)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = (key if own_key else another).private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(pem))
    return path


def test_a_certificate_stands_for_a_password(tmp_path: Path) -> None:
    path = _certificate(tmp_path / "teams.pem")
    environment = {"TEAMS_APP_ID": APP_ID, "TEAMS_TENANT_ID": TENANT, "TEAMS_CERTIFICATE": str(path)}
    teams = load(EXAMPLE_SCHOOL, environment).teams
    assert teams
    assert teams.certificate
    assert len(teams.certificate.thumbprint) == 40
    assert "PRIVATE" not in repr(teams.certificate) + repr(teams)


@pytest.mark.parametrize("how", ["missing", "ended", "another key", "no certificate"])
def test_a_certificate_that_cannot_be_used_is_said(tmp_path: Path, how: str) -> None:
    path = tmp_path / "teams.pem"
    if how in ("ended", "another key"):
        _certificate(path, days=-1 if how == "ended" else 1, own_key=how != "another key")
    elif how == "no certificate":
        path.write_text("-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n")
    with pytest.raises(BadCertificate):
        read_certificate(path, NOW)
    environment = {"TEAMS_APP_ID": APP_ID, "TEAMS_TENANT_ID": TENANT, "TEAMS_CERTIFICATE": str(path)}
    with pytest.raises(NotConfigured, match="TEAMS_CERTIFICATE"):
        load(EXAMPLE_SCHOOL, environment)


def test_the_app_asks_microsoft_for_a_token_with_its_certificate(tmp_path: Path) -> None:
    """What would be sent: an assertion signed with the certificate's key, named by its thumbprint."""
    from assistant.chats.teams import adapter_for

    found = read_certificate(_certificate(tmp_path / "teams.pem"), NOW)
    adapter = adapter_for(Settings(app_id=APP_ID, tenant_id=TENANT, certificate=found))
    factory = adapter.bot_framework_authentication._inner._credentials_factory

    async def made() -> object:
        login = f"https://login.microsoftonline.com/{TENANT}"
        return await factory.create_credentials(APP_ID, "https://api.botframework.com", login, True)

    credentials = asyncio.run(made())
    assert type(credentials).__name__ == "CertificateAppCredentials"
    assert credentials.certificate_thumbprint == found.thumbprint  # type: ignore[attr-defined]
    assert credentials.oauth_endpoint.endswith(TENANT)  # type: ignore[attr-defined]
