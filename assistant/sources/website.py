"""A page of a website that lists documents: what it links to is fetched, and asked again only whether it has changed.

Documents are known by their ending, or by the type that the server gives where the address has none. They are asked
for one at a time, by a client that says who it is, and not where the site's robots.txt asks machines to stay away.
"""

import contextlib
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import requests

from assistant.sources import Fetched, Limits, SourceFailed, WebsitePart
from assistant.sources.client import AGENT, TRIES, Broken, Client, NotAllowed, TooBig, read, save
from assistant.sources.links import DOCUMENTS, OTHERS, PAGES, Link, links_of, name_and_ending
from assistant.sources.mirror import Kept, Mirror, mirrored
from index.documents import Unreadable, decode

_MOST = 5_000_000  # bytes of the page
_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
# An address that a program answers may be a document; a picture or a style sheet is none.
_ASKED = re.compile(r"\.(aspx?|ashx|axd|cfm|cgi|do|jsp|php\d?)|\.\d*|")
_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between two documents


class Website:
    """A source."""

    def __init__(self, part: WebsitePart, limits: Limits) -> None:
        self._part, self._limits = part, limits

    @property
    def name(self) -> str:
        """Its name in the school file."""
        return self._part.name

    def fetch(self, into: Path) -> Fetched:
        """Bring the folder up to date. Raises SourceFailed."""
        page = self._part.page
        with Client(self._limits.patience, own=page) as client, mirrored(into, page, page) as mirror:
            _Visit(client, self._part, self._limits, mirror).make()
            return mirror.settle({})


class _Visit:
    """One fetch of a page and its documents."""

    def __init__(self, client: Client, part: WebsitePart, limits: Limits, mirror: Mirror) -> None:
        self._client, self._part, self._limits, self._mirror = client, part, limits, mirror
        self._sites = {_site(urlsplit(part.page).netloc), *map(_site, part.sites)}
        self._robots: dict[str, RobotFileParser] = {}
        self._seen: set[str] = set()

    def make(self) -> None:
        """Read the page, then whatever document it links to."""
        url, html = self._page()
        self._seen |= {url, self._part.page}
        links = [link for link in links_of(html, url) if self._may_be_one(link)]
        if len(links) > self._limits.documents:
            raise SourceFailed(f"{self._part.page} has over {self._limits.documents} links; name a page with fewer.")
        for link in links:
            name = _called(link)
            if link.ending and (why := self._limits.objection(name)) and link.ending in DOCUMENTS | OTHERS:
                self._mirror.refuse(name, why)
                continue
            try:
                self._document(link)
            except NotAllowed as why_not:
                self._mirror.refuse(name, f"The link to {name} {why_not}.")

    def _page(self) -> tuple[str, str]:
        """The page's address after redirects, and its HTML."""
        page = self._part.page
        try:
            for _ in range(TRIES):
                response = self._get(page)
                with response:
                    if not response.ok:
                        raise SourceFailed(f"{page} can't be read (error {response.status_code}); check `page`.")
                    if "html" not in response.headers.get("Content-Type", "html").lower():
                        raise SourceFailed(f"{page} is not a web page; give one that links to the documents.")
                    with contextlib.suppress(Broken):
                        return response.url, decode(read(response, _MOST), page)
        except NotAllowed as why:
            raise SourceFailed(f"{page} {why}.") from None
        except (TooBig, Unreadable):
            raise SourceFailed(f"{page} is not a web page that can be read; give another in `page`.") from None
        raise SourceFailed(f"The connection broke while {page} came; it is tried again with the next fetch.")

    def _may_be_one(self, link: Link) -> bool:
        """Whether a link may be a document's, by what its address says."""
        if link.url in self._seen:
            return False
        if link.ending in DOCUMENTS | OTHERS:
            return True
        if link.ending in PAGES:
            return self._is_policy_page(link)
        return not link.in_menu and self._is_ours(link.url) and bool(_ASKED.fullmatch(link.ending))

    def _is_policy_page(self, link: Link) -> bool:
        path = urlsplit(link.url).path
        if not self._is_ours(link.url):
            return False
        if self._part.pages is not None:
            return fnmatchcase(path, self._part.pages)
        page = urlsplit(self._part.page).path or "/"
        folder, _, last = page.rpartition("/")
        below = {f"{folder}/", f"{folder}/{last.rpartition('.')[0] or last}/"} if last else {page}
        # Below a site's root lies all of it, so that says nothing.
        return not link.in_menu and any(path.startswith(top) for top in below - {"/"})

    def _document(self, link: Link) -> None:
        kept = self._mirror.whole(link.url)
        for _ in range(TRIES):
            response = self._get(link.url, kept)
            with response:
                try:
                    return self._answered(link, response)
                except Broken:
                    continue
        raise SourceFailed(f"The connection broke while {_called(link)} came; it is tried again with the next fetch.")

    def _answered(self, link: Link, response: requests.Response) -> None:
        name = _called(link)
        if response.url in self._seen:  # two links to one document
            return
        if response.status_code == 304:
            self._mirror.keep(link.url)
        elif response.status_code in _GONE:
            why = f"The link to {name} leads to nothing (error {response.status_code}); mend it on the page."
            self._mirror.refuse(name, why)
        elif not response.ok:
            self._not_renewed(
                link, f"{name} can't be fetched (error {response.status_code}); open its link on the page."
            )
        else:
            self._take(link, response)
        self._seen.add(response.url)

    def _take(self, link: Link, response: requests.Response) -> None:
        headers = response.headers
        name, ending = name_and_ending(link, headers, response.url)
        if ending in DOCUMENTS and "html" in headers.get("Content-Type", "") and not headers.get("Content-Disposition"):
            self._not_renewed(
                link, f"The link to {name} shows a web page instead of the document; mend it on the page."
            )
        elif ending not in DOCUMENTS | PAGES | OTHERS or (ending in PAGES and not self._is_policy_page(link)):
            return
        elif why := self._limits.objection(name):
            self._mirror.refuse(name, why)
        else:
            path = self._mirror.fresh()
            try:
                save(response, path, self._limits.max_bytes)
            except TooBig:
                self._mirror.refuse(name, self._limits.objection(name, self._limits.max_bytes + 1))
                return
            folder = unquote(urlsplit(link.url).path).strip("/").rpartition("/")[0].rpartition("/")[2]
            self._mirror.take(link.url, path, name=name, hint=folder, tag=_tag(response))

    def _not_renewed(self, link: Link, reason: str) -> None:
        """A failure that may pass: yesterday's document stays."""
        self._mirror.refuse(_called(link), reason)
        self._mirror.keep(link.url)

    def _get(self, url: str, kept: Kept | None = None) -> requests.Response:
        """An answer after at most a few redirects, each of them to where it may lead."""
        headers = _conditions(kept) if kept else {}
        for _ in range(_HOPS):
            if not self._is_ours(url):
                raise NotAllowed(f"leads to another website, {urlsplit(url).netloc}; name it in `sites` if it is yours")
            robots = self._robots_of(url)
            if not robots.can_fetch(AGENT, url):
                raise NotAllowed("is closed to machines by the site's robots.txt; let school-policy-assistant in")
            asked = robots.crawl_delay(AGENT)
            self._client.pause(min(float(asked or _PAUSE), _LONGEST_PAUSE))
            response = self._client.send("GET", url, headers=headers)
            if response.status_code not in _REDIRECTS:
                return response
            response.close()
            url = urljoin(url, response.headers.get("Location", ""))
        raise NotAllowed("leads from one redirect to the next")

    def _is_ours(self, url: str) -> bool:
        return _site(urlsplit(url).netloc) in self._sites

    def _robots_of(self, url: str) -> RobotFileParser:
        """What a site asks of machines; all is open where it has no such file."""
        site = urljoin(url, "/")
        if site not in self._robots:
            robots = self._robots[site] = RobotFileParser()
            said = ""
            with self._client.send("GET", urljoin(site, "robots.txt")) as response:
                if response.status_code >= 500:
                    raise SourceFailed(f"{site} fails just now (error {response.status_code}); it is tried again.")
                if response.status_code == 200:
                    with contextlib.suppress(Broken, TooBig):
                        said = read(response, _MOST).decode("utf-8", errors="replace")
            robots.parse(said.splitlines())
        return self._robots[site]


def _site(netloc: str) -> str:
    """A site's host, the same with and without "www.", by HTTP and by HTTPS."""
    return re.sub(r":(80|443)$", "", netloc.lower()).removeprefix("www.")


def _called(link: Link) -> str:
    """What a person calls it."""
    last = unquote(urlsplit(link.url).path).rpartition("/")[2]
    return last if link.ending in DOCUMENTS | OTHERS | PAGES else link.words or last or link.url


def _tag(response: requests.Response) -> str:
    """What to ask with, next time, whether it has changed."""
    given = {"If-None-Match": response.headers.get("ETag"), "If-Modified-Since": response.headers.get("Last-Modified")}
    return json.dumps({name: value for name, value in given.items() if value})


def _conditions(kept: Kept) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in json.loads(kept.tag).items()}
    except (ValueError, AttributeError):
        return {}
