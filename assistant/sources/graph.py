"""Microsoft Graph v1.0: a token of the app's own, answers as JSON, and files without the token.

Documented at https://learn.microsoft.com/graph/api/resources/onedrive. Everything is read with GET.
"""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import jwt
import msal  # type: ignore[import-untyped]
import requests
from pydantic import BaseModel, ConfigDict, Field

from assistant.sources import Credential, SourceFailed
from assistant.sources.client import Broken, Client, NotAllowed, TooBig, read, save

GRAPH, LOGIN = "https://graph.microsoft.com/v1.0", "https://login.microsoftonline.com"
_MOST = 50_000_000  # bytes of one answer in JSON
_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
# What Microsoft's sign-in says is wrong, by its AADSTS number.
_SIGN_IN = {
    7000215: "SHAREPOINT_APP_PASSWORD is wrong: it must be a client secret's value, not its id",
    7000222: "the client secret has ended: make another in Microsoft Entra and set SHAREPOINT_APP_PASSWORD",
    700016: "there is no app with SHAREPOINT_APP_ID in the tenant of SHAREPOINT_TENANT_ID",
    700027: "the certificate isn't among those of the app registration: add it in Microsoft Entra",
    90002: "there is no tenant with SHAREPOINT_TENANT_ID",
    900023: "there is no tenant with SHAREPOINT_TENANT_ID",
}


class GraphRefused(Exception):
    """Graph's answer is an error. Holds its HTTP status, its code, and where to go on after a 410."""

    def __init__(self, status: int, code: str = "", location: str = "") -> None:
        super().__init__(f"{status} {code}".strip())
        self.status, self.code, self.location = status, code, location


class _Parent(BaseModel):
    id: str = ""


class _File(BaseModel):
    hashes: dict[str, str | None] | None = None


class DriveItem(BaseModel):
    """What Graph says of a file, a folder or something else in a library."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    name: str = ""
    size: int = 0  # bytes
    e_tag: str = Field("", alias="eTag")
    c_tag: str = Field("", alias="cTag")
    parent: _Parent = Field(_Parent(), alias="parentReference")
    file: _File | None = None
    folder: dict[str, Any] | None = None
    root: dict[str, Any] | None = None
    package: dict[str, Any] | None = None  # a OneNote notebook
    remote: dict[str, Any] | None = Field(None, alias="remoteItem")  # a shortcut to something elsewhere
    malware: dict[str, Any] | None = None
    deleted: dict[str, Any] | None = None
    # Works for minutes, for whoever has it: so it is never kept.
    download: str = Field("", alias="@microsoft.graph.downloadUrl", exclude=True)


class Page(BaseModel):
    """One page of a list, of items or of libraries."""

    value: list[DriveItem]
    next: str = Field("", alias="@odata.nextLink")
    delta: str = Field("", alias="@odata.deltaLink")


class Graph:
    """Graph for one app. `api` and `login` are other addresses for a national cloud, or a test."""

    def __init__(self, client: Client, proof: Credential, api: str, login: str) -> None:
        for name in ("msal", "urllib3"):  # what they log may hold tokens
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._client, self._proof, self._api, self._login = client, proof, api, login
        self._app: Any = None

    def get(self, address: str) -> dict[str, Any]:
        """The JSON at a path behind the API's address, or at a link that it gave. Raises GraphRefused."""
        response = self._answer(address)
        try:
            content = json.loads(read(response, _MOST))
        except (ValueError, Broken, TooBig):
            content = None
        if not response.ok:
            raise _refused(response, content)
        if not isinstance(content, dict):
            raise SourceFailed(
                "Microsoft Graph's answer is not what is expected; it is tried again with the next fetch."
            )
        return content

    def save(self, address: str, item: DriveItem, path: Path, most: int) -> int:
        """Write a file's content to a new file here; its size. Raises GraphRefused, Broken, TooBig.

        `address` is the item's own. Graph redirects to a host with a token in the address, where ours has no business.
        """
        if item.download:
            response = self._elsewhere(item.download)
            if response.ok:
                return save(response, path, most)
            response.close()  # it has ended: Graph gives another
        response = self._answer(f"{address}/content")
        if response.status_code in _REDIRECTS:
            response.close()
            response = self._elsewhere(urljoin(response.url, response.headers.get("Location", "")))
        if not response.ok:
            response.close()
            raise GraphRefused(response.status_code)
        return save(response, path, most)

    def _elsewhere(self, url: str) -> requests.Response:
        for _ in range(_HOPS):
            if urlsplit(url).scheme != urlsplit(self._api).scheme:
                break
            try:
                response = self._client.send("GET", url)
            except NotAllowed:
                break
            if response.status_code not in _REDIRECTS:
                return response
            response.close()
            url = urljoin(url, response.headers.get("Location", ""))
        raise GraphRefused(508)

    def is_own(self, link: str) -> bool:
        """Whether a link leads to the API: no other address gets the token."""
        return link.startswith(f"{self._api}/")

    def _answer(self, address: str) -> requests.Response:
        url = address if "://" in address else f"{self._api}/{address}"
        if not self.is_own(url):
            raise SourceFailed("Microsoft Graph gave a link that is not its own, so it was not followed.")
        response = self._with_token(url)
        if response.status_code == 401:  # the token has ended, or was taken back
            response.close()
            self._app.remove_tokens_for_client()
            response = self._with_token(url)
        return response

    def _with_token(self, url: str) -> requests.Response:
        return self._client.send("GET", url, headers={"Authorization": f"Bearer {self._token()}"})

    def _token(self) -> str:
        """A token, from msal's memory while it lasts."""
        scope = f"{urlsplit(self._api).scheme}://{urlsplit(self._api).netloc}/.default"
        try:
            self._app = self._app or self._signed_up()
            said = self._app.acquire_token_for_client([scope])
        except (requests.RequestException, RuntimeError, KeyError):
            raise SourceFailed("Microsoft's sign-in fails just now; it is tried again with the next fetch.") from None
        except (
            ValueError,
            jwt.PyJWTError,
        ) as error:  # msal's word for a tenant that isn't there, and for a key that is none
            why = _SIGN_IN[90002] if "authority" in str(error) else "the secret or certificate can't be used"
            raise SourceFailed(f"Microsoft's sign-in refuses the app: {why}.") from None
        if token := said.get("access_token"):
            return str(token)
        codes = [int(code) for code in said.get("error_codes") or () if str(code).isdecimal()]
        why = next((_SIGN_IN[code] for code in codes if code in _SIGN_IN), "")
        number = f"AADSTS{codes[0]}" if codes else re.sub(r"\W", "", str(said.get("error")))[:40]
        raise SourceFailed(f"Microsoft's sign-in refuses the app: {why or 'look its error up'} ({number}).")

    def _signed_up(self) -> Any:
        proof: str | dict[str, str] = self._proof.app_password
        if held := self._proof.certificate:
            proof = {
                "private_key": held.private_key,
                "thumbprint": held.thumbprint,
                "public_certificate": held.certificate,
            }
        return msal.ConfidentialClientApplication(
            self._proof.app_id,
            client_credential=proof,
            authority=f"{self._login}/{self._proof.tenant_id}",
            http_client=_SignIn(self._client),
            instance_discovery=False,  # the address is ours, not one that somebody hands over
        )


class _SignIn:
    """msal's way to HTTP: with our patience and time-outs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> requests.Response:
        """As msal asks."""
        return self._client.send("GET", url, params=params, headers=headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> requests.Response:
        """As msal asks."""
        return self._client.send("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        """The client is closed by whoever made it."""


def _refused(response: requests.Response, content: Any) -> GraphRefused:
    """The error, with the innermost code that Graph gives."""
    code, inner = "", content.get("error") if isinstance(content, dict) else None
    while isinstance(inner, dict):
        code = str(inner.get("code") or code)
        inner = inner.get("innerError") or inner.get("innererror")
    return GraphRefused(response.status_code, code, response.headers.get("Location", ""))
