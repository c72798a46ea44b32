"""A document library in SharePoint or OneDrive, through Microsoft Graph's delta query.

The app needs one application permission in Microsoft Entra, and it is one to read:

- `Sites.Selected` for a SharePoint site, with the role `read` granted on that site alone: the app then reads nothing
  else in the tenant, whatever a school file says. An administrator grants it with `POST /sites/{site-id}/permissions`.
- `Files.Read.All` for somebody's OneDrive: `GET /users/{name}/drive` has no lesser one. It lets the app read every
  file in the tenant, so a SharePoint site is the better place for policies.

Nothing is ever written there.
"""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, Field, ValidationError

from assistant.sources import Credential, Fetched, Limits, SharePointPart, SourceFailed
from assistant.sources.client import TRIES, Broken, Client, TooBig
from assistant.sources.graph import GRAPH, LOGIN, DriveItem, Graph, GraphRefused, Page
from assistant.sources.mirror import Mirror, is_hidden, mirrored, sha256
from assistant.sources.quickxor import quick_xor

# A whole listing every day: a feed of changes may leave out what was moved here from elsewhere with its folder, or away.
_ANEW = 24 * 3600
_GONE = (404, 410)


class Library(BaseModel):
    """What is known of a library: its items by id, and the link by which Graph tells what has changed since."""

    link: str = ""
    listed: float = 0.0  # seconds since 1970 at which all of it was listed
    items: dict[str, DriveItem] = Field(default_factory=dict)


class SharePoint:
    """A source. `api` and `login` are other addresses for a national cloud, or a test."""

    def __init__(
        self, part: SharePointPart, proof: Credential, limits: Limits, *, api: str = GRAPH, login: str = LOGIN
    ) -> None:
        self._part, self._proof, self._limits, self._api, self._login = part, proof, limits, api, login
        self._called = part.site or f"The OneDrive of {part.onedrive}"

    @property
    def name(self) -> str:
        """Its name in the school file."""
        return self._part.name

    def fetch(self, into: Path) -> Fetched:
        """Bring the folder up to date. Raises SourceFailed."""
        with Client(self._limits.patience) as client:
            graph = Graph(client, self._proof, self._api, self._login)
            try:
                drive, root = self._place(graph)
                with mirrored(into, f"{self._api} {drive} {root}", self._called) as mirror:
                    library = self._listing(graph, drive, mirror)
                    self._bring(graph, drive, root, library, mirror)
                    return mirror.settle(library.model_dump(mode="json", by_alias=True, exclude_defaults=True))
            except GraphRefused as refused:
                raise self._said(refused) from None
            except ValidationError:
                raise SourceFailed("Microsoft Graph's answer is not what is expected; it is tried again.") from None

    def _said(self, refused: GraphRefused) -> SourceFailed:
        right = "Files.Read.All" if self._part.onedrive else "Sites.Selected, with read on this site"
        said = {
            401: "Microsoft Graph does not take the app's token; see to the app registration in Microsoft Entra",
            403: f"The app may not read {self._called}; grant it the application permission {right}",
            404: f"{self._called} is not there, or the app may not see it; check site, library, onedrive and folder",
        }.get(refused.status, f"Microsoft Graph failed with {refused.status}; it is tried again with the next fetch")
        return SourceFailed(f"{said}.")

    def _place(self, graph: Graph) -> tuple[str, str]:
        """The ids of the library and of the folder in it."""
        drive = self._drive(graph)
        path = f":/{quote(self._part.folder)}" if self._part.folder else ""
        try:
            root = DriveItem.model_validate(graph.get(f"drives/{quote(drive, safe='!')}/root{path}"))
        except GraphRefused as refused:
            if refused.status == 404 and path:
                raise SourceFailed(f"{self._called} has no folder {self._part.folder}; check folder.") from None
            raise
        if root.folder is None and root.root is None:
            raise SourceFailed(f"{self._part.folder} in {self._called} is not a folder; name the folder it is in.")
        return drive, root.id

    def _drive(self, graph: Graph) -> str:
        if self._part.onedrive:
            return _id(graph.get(f"users/{quote(self._part.onedrive, safe='')}/drive"))
        address = urlsplit(self._part.site)
        path = f":/{quote(address.path.strip('/'), safe='/%')}" if address.path.strip("/") else ""
        site = quote(_id(graph.get(f"sites/{address.netloc}{path}")), safe=",")
        if not self._part.library:
            return _id(graph.get(f"sites/{site}/drive"))
        link, names = f"sites/{site}/drives", list[str]()
        while link:
            page = Page.model_validate(graph.get(link))
            for drive in page.value:
                if drive.name.casefold() == self._part.library.casefold():
                    return drive.id
                names.append(drive.name)
            link = page.next
        known = ", ".join(sorted(names)) or "none that the app may see"
        raise SourceFailed(f"{self._called} has no library {self._part.library}; there are: {known}.")

    def _listing(self, graph: Graph, drive: str, mirror: Mirror) -> Library:
        """What is there now: the changes since last time, or all of it."""
        path = f":/{quote(self._part.folder)}:" if self._part.folder else ""
        start = f"drives/{quote(drive, safe='!')}/root{path}/delta"
        try:
            known = Library.model_validate(mirror.memory)
        except ValidationError:
            known = Library()
        if graph.is_own(known.link) and 0 <= time.time() - known.listed < _ANEW:
            try:
                return _followed(graph, known.link, known)
            except GraphRefused as refused:
                if refused.status not in (400, 404, 410):
                    raise
                # The link has ended. Graph may say where a new listing begins.
                start = refused.location if graph.is_own(refused.location) else start
        for _ in range(TRIES):
            try:
                return _followed(graph, start, Library(listed=time.time()))
            except GraphRefused as refused:
                if refused.status != 410:
                    raise
                start = refused.location if graph.is_own(refused.location) else start
        raise SourceFailed(f"{self._called} changes too much to be listed; it is tried again with the next fetch.")

    def _bring(self, graph: Graph, drive: str, root: str, library: Library, mirror: Mirror) -> None:
        found = sorted(_documents(library, root), key=lambda pair: pair[0].id)
        if len(found) > self._limits.documents:
            raise SourceFailed(f"{self._called} has over {self._limits.documents} documents; name a folder of it.")
        for item, folder in found:
            why = _not_a_file(item) or self._limits.objection(item.name, item.size)
            kept = mirror.whole(item.id)
            if why:
                mirror.refuse(item.name, why)
            elif kept and kept.tag == tag(item):
                mirror.keep(item.id, name=item.name, hint=folder)
            else:
                address = f"drives/{quote(drive, safe='!')}/items/{quote(item.id, safe='!')}"
                self._download(graph, address, item, folder, library, mirror)

    def _download(
        self, graph: Graph, address: str, item: DriveItem, folder: str, library: Library, mirror: Mirror
    ) -> None:
        """One document. What breaks is tried again; what changes meanwhile is fetched as it is by then."""
        before, broken = "", 0
        for _ in range(2 * TRIES):
            path = mirror.fresh()
            try:
                size = graph.save(address, item, path, self._limits.max_bytes)
                if fits(item, path, size) or sha256(path) == before:
                    mirror.take(item.id, path, name=item.name, hint=folder, tag=tag(item))
                    return
                # SharePoint is known to give a size and a checksum that aren't those of what it sends, for Office files
                # that it has written properties into (github.com/OneDrive/onedrive-api-docs/issues/935, 1066). What
                # comes the same twice, under the same tag and each time whole by HTTP's own length, is the file.
                now = DriveItem.model_validate(graph.get(address))
                before = sha256(path) if tag(now) == tag(item) else ""
                item = library.items[item.id] = now
            except Broken:
                broken += 1
                if broken == TRIES:
                    raise SourceFailed(f"The connection broke while {item.name} came; it is tried again.") from None
                item = item.model_copy(update={"download": ""})
            except TooBig:
                mirror.refuse(item.name, self._limits.objection(item.name, self._limits.max_bytes + 1))
                return
            except GraphRefused as refused:
                if refused.status not in _GONE:  # deleted meanwhile: the next listing says so
                    mirror.refuse(item.name, f"{item.name} can't be fetched (error {refused.status}); open it there.")
                    mirror.keep(item.id, name=item.name, hint=folder)
                return
        mirror.refuse(item.name, f"{item.name} was being changed all the time; it is fetched again next time.")
        mirror.keep(item.id, name=item.name, hint=folder)


def _followed(graph: Graph, link: str, known: Library) -> Library:
    """The library after all pages of a listing. An item that comes twice is as it came last."""
    items, seen = dict(known.items), set[str]()
    while True:
        page = Page.model_validate(graph.get(link))
        seen.add(link)
        for item in page.value:
            if item.deleted is not None:
                items.pop(item.id, None)
            else:
                items[item.id] = item
        if not page.next:
            return Library(link=page.delta, listed=known.listed, items=items)
        if page.next in seen:
            raise SourceFailed("Microsoft Graph's listing does not end; it is tried again with the next fetch.")
        link = page.next


def _id(thing: dict[str, Any]) -> str:
    return DriveItem.model_validate(thing).id


def _documents(library: Library, root: str) -> Iterator[tuple[DriveItem, str]]:
    """The items that are no folders, each with its folder's name.

    When a folder is deleted or moved away, Graph may say nothing of what was in it: so only that counts whose folders
    lead up to the root.
    """
    for item in library.items.values():
        above, folders = item.parent.id, set[str]()
        while above != root and above in library.items and above not in folders:
            folders.add(above)
            above = library.items[above].parent.id
        is_folder = item.folder is not None or item.root is not None or item.id == root
        if above == root and not is_folder and not is_hidden(item.name):
            parent = library.items.get(item.parent.id)
            yield item, parent.name if parent and folders else ""


def _not_a_file(item: DriveItem) -> str:
    """Why an item has no content to fetch, as a sentence; "" where it has."""
    if item.remote is not None:
        return f"{item.name} is a shortcut to another library; name that library as a source of its own."
    if item.malware is not None:
        return f"{item.name} holds malware by Microsoft's account; take it away."
    if item.file is None or item.package is not None:
        return f"{item.name} is not a file but a notebook or the like; save the policy as a document."
    return ""


def tag(item: DriveItem) -> str:
    """What tells one content of an item from another. A checksum is best: a tag changes with the name, too."""
    hashes = (item.file.hashes if item.file else None) or {}
    for kind in ("quickXorHash", "sha256Hash", "sha1Hash"):
        if value := hashes.get(kind):
            return f"{kind} {value} {item.size}"
    return item.c_tag or f"{item.e_tag} {item.size}"


def fits(item: DriveItem, path: Path, size: int) -> bool:
    """Whether a file here has the size and the checksum that Graph gives, as far as it gives one."""
    hashes = (item.file.hashes if item.file else None) or {}
    if size != item.size:
        return False
    if given := hashes.get("quickXorHash"):
        return given == quick_xor(path)
    if given := hashes.get("sha256Hash"):
        return given.lower() == sha256(path)
    if given := hashes.get("sha1Hash"):
        with path.open("rb") as file:
            return given.lower() == hashlib.file_digest(file, "sha1").hexdigest()
    return True
