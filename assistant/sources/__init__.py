"""Where policies come from: a document library in SharePoint or OneDrive, a page of a website, or a folder.

A `Source` brings a folder of its own up to date with what is there; the index reads that folder and knows of no source.
Each source is one module; `open_source` makes one of what the school file says of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from index.documents import MOST_BYTES, READERS

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?")


class SourceFailed(Exception):
    """A source could not be fetched, and the files are as they were. The message is a sentence for the school's IT person.

    `seconds` is how long a service asked to be left alone, 0 where it did not. Nothing secret is in either.
    """

    def __init__(self, sentence: str, *, seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A document that was left out or could not be renewed: what the source calls it, and why, in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """How many documents came, changed (in content or in name), went and are the same, and which were refused.

    Of a refused document yesterday's stays, and counts as the same, where the reason may pass: an error, a change that
    went on too long. Where it won't, because of its size or format for example, yesterday's goes.
    """

    came: int = 0
    changed: int = 0
    went: int = 0
    same: int = 0
    refused: tuple[Refused, ...] = ()


class Source(Protocol):
    """Somewhere that a school keeps its policies."""

    @property
    def name(self) -> str:
        """Its name in the school file, and that of its folder."""
        ...

    def fetch(self, into: Path) -> Fetched:
        """Bring a folder, which is the source's own, up to date: whatever else lies there goes.

        Raises SourceFailed, and then every file is as it was.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a source takes at most."""

    max_bytes: int = MOST_BYTES  # of one document
    documents: int = 2000
    patience: float = 120.0  # seconds that one fetch waits, in all, where a service asks for it
    formats: frozenset[str] = field(default_factory=lambda: frozenset(READERS))  # the endings that can be read

    def objection(self, name: str, size: int = 0) -> str:
        """Why a document of that name and size in bytes isn't taken, as a sentence; "" when it is."""
        if Path(name).suffix.lower() not in self.formats:
            return (
                f"{name} is in a format that can't be read; save it there as one of {', '.join(sorted(self.formats))}."
            )
        if size > self.max_bytes:
            return f"{name} is too big (over {self.max_bytes:,} bytes); save the policy's text alone."
        return ""


class Certificate(Protocol):
    """A certificate that proves to Microsoft who the app is, as `assistant.certificate` reads it."""

    @property
    def thumbprint(self) -> str:
        """SHA-1, hexadecimal."""
        ...

    @property
    def private_key(self) -> str:
        """PEM."""
        ...

    @property
    def certificate(self) -> str:
        """PEM."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """The app that reads document libraries, as it is registered in Microsoft Entra: a secret, or a certificate."""

    tenant_id: str
    app_id: str
    app_password: str = ""
    certificate: Certificate | None = None

    def __repr__(self) -> str:
        return "Credential()"  # never a password


def credential(
    environment: Mapping[str, str], problems: list[str], certificate: Certificate | None = None
) -> Credential | None:
    """The credential that SHAREPOINT_TENANT_ID, _APP_ID and _APP_PASSWORD say; what is wrong with them joins `problems`.

    A certificate takes the password's place. None when none of them is set.
    """
    tenant, app, password = (environment.get(f"SHAREPOINT_{n}", "") for n in ("TENANT_ID", "APP_ID", "APP_PASSWORD"))
    if not (tenant or app or password or certificate):
        return None
    for key, value in (("TENANT_ID", tenant), ("APP_ID", app)):
        if not re.fullmatch(r"[A-Za-z0-9.-]+", value):
            problems.append(f"SHAREPOINT_{key}: must be the id that Microsoft Entra shows for the app registration")
    if not (password or certificate):
        problems.append("SHAREPOINT_APP_PASSWORD: is missing; or give a certificate instead")
    return Credential(tenant_id=tenant, app_id=app, app_password=password, certificate=certificate)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # of the source, and of its folder

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("must be letters, digits and hyphens")
        return name


class SharePointPart(_Part):
    """A document library of a SharePoint site, or somebody's OneDrive; or a folder in it, with all below it."""

    kind: Literal["sharepoint"]
    site: str = ""  # https://school.sharepoint.com/sites/staff
    library: str = ""  # as the site shows it; the site's own library when it isn't given
    onedrive: str = ""  # whose, by their sign-in name, instead of a site
    folder: str = ""  # Policies/Current; all of it when it isn't given

    @field_validator("site")
    @classmethod
    def _address(cls, site: str) -> str:
        parts = urlsplit(site)
        plain = parts.scheme == "https" and parts.hostname and not (parts.query or parts.username)
        if site and (not plain or ".aspx" in site or "/:" in parts.path):
            raise ValueError("must be the site's own address, for example https://school.sharepoint.com/sites/staff")
        return site.rstrip("/")

    @field_validator("folder")
    @classmethod
    def _path(cls, folder: str) -> str:
        path = folder.strip("/")
        if any(part in (".", "..", "") or set(part) & set('\\:*?"<>|') for part in path.split("/") if path):
            raise ValueError("must be names of folders with slashes between them, for example Policies/Current")
        return path

    @model_validator(mode="after")
    def _one_place(self) -> "SharePointPart":
        if bool(self.site) == bool(self.onedrive):
            raise ValueError("give either site or onedrive")
        if self.library and self.onedrive:
            raise ValueError("a OneDrive has one library, so leave library out")
        return self


class WebsitePart(_Part):
    """A page of a website that lists documents."""

    kind: Literal["website"]
    page: str
    sites: tuple[str, ...] = ()  # other websites whose documents the page may link to, by host
    # Which linked web pages are policies themselves, by a pattern for their paths ("/policies/*"); "" for none. When
    # it isn't given, those that lie below the page are, but not what its menus link to.
    pages: str | None = None

    @field_validator("page")
    @classmethod
    def _address(cls, page: str) -> str:
        parts = urlsplit(page)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("must be a page's address, for example https://www.school.example/policies")
        return page

    @field_validator("sites")
    @classmethod
    def _hosts(cls, sites: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", site) for site in sites):
            raise ValueError("must be hosts, for example files.school.example")
        return tuple(site.lower() for site in sites)


Part = Annotated[SharePointPart | WebsitePart, Field(discriminator="kind")]


def folder_of(data: Path, organisation: str, name: str) -> Path:
    """The folder that a source of an organisation has for itself."""
    return data / "sources" / organisation / name


def open_source(part: SharePointPart | WebsitePart, proof: Credential | None, limits: Limits | None = None) -> Source:
    """The source that a part of the school file names. Raises SourceFailed when it needs a credential and has none."""
    limits = limits or Limits()
    if isinstance(part, WebsitePart):
        from assistant.sources.website import Website

        return Website(part, limits)
    from assistant.sources.sharepoint import SharePoint

    if proof is None:
        raise SourceFailed("SHAREPOINT_TENANT_ID, SHAREPOINT_APP_ID and SHAREPOINT_APP_PASSWORD are missing; set them.")
    return SharePoint(part, proof, limits)
