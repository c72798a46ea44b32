"""The index follows the files while a server runs, and documents come from where schools keep them."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from langchain_core.embeddings import Embeddings

from assistant.config import EXAMPLE_SCHOOL
from assistant.watching import Watch
from index.build import Report, build, documents_in
from index.search import ClauseSearch
from index.store import Store

from .index.test_versions import NEW, OLD
from .sources.website_stand_in import serving
from .test_cli import run

PAGE = '<html><body><main><h1>Policies</h1><a href="/files/Social%20Media.html">Social media</a></main></body></html>'


def html(text: str) -> str:
    title, *lines = [line for line in text.splitlines() if line]
    body = "".join(
        f"<li>{x[2:]}</li>" if x.startswith("- ") else f"<h2>{x}</h2>" if ":" not in x else f"<p>{x}</p>" for x in lines
    )
    return f"<html><body><main><h1>{title}</h1>{body}</main></body></html>"


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_a_file_that_is_replaced_is_answered_from_while_the_server_runs(tmp_path: Path, model: Embeddings) -> None:
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "social.md"
    file.write_text(OLD)
    store = Store(tmp_path / "chroma", space="t")
    search = ClauseSearch(store, model, "t")
    said: list[str] = []
    broken = threading.Event()

    def files() -> list[Path]:
        return documents_in(["policies/"], tmp_path)[0]

    def update() -> list[Report]:
        if broken.is_set():
            raise OSError("a disk is away")
        return build(store, model, [("a", files())], lock=tmp_path / "lock")

    update()
    watch = Watch(update, files, fetches=False, say=said.append, look_every=0.05)
    end = watch.in_background()
    try:
        broken.set()
        file.write_text(NEW)
        time.sleep(0.5)
        assert "eight" in search.find("a", "how many characters must passwords have").hits[0].clause.text
        broken.clear()
        (file.parent / "scan.pdf").write_bytes(b"no PDF")
        wait_for(lambda: "twelve" in search.find("a", "how many characters must passwords have").hits[0].clause.text)
        wait_for(lambda: len(watch.refused) == 1)
    finally:
        end()
    assert "a: changed social" in said
    assert sum("scan.pdf" in one for one in said) == 1


def test_documents_of_a_website_are_fetched_and_yesterdays_answer_while_it_is_away(tmp_path: Path) -> None:
    content = yaml.safe_load(EXAMPLE_SCHOOL.read_text("utf-8"))
    (organisation,) = content["organisations"]
    del organisation["policies"]
    now = {"text": html(OLD), "away": False}

    async def page(_: web.Request) -> web.Response:
        if now["away"]:
            raise web.HTTPNotFound
        return web.Response(text=PAGE, content_type="text/html")

    async def document(_: web.Request) -> web.Response:
        return web.Response(text=str(now["text"]), content_type="text/html")

    app = web.Application()
    app.router.add_get("/policies", page)
    app.router.add_get("/files/{name}", document)
    asked = ("ask", "how many characters must passwords have")
    with serving(app) as (port,):
        source = {"kind": "website", "name": "site", "page": f"http://127.0.0.1:{port}/policies", "pages": "/files/*"}
        organisation["sources"] = [source]
        file = tmp_path / "school.yaml"
        file.write_text(yaml.safe_dump(content), "utf-8")
        school = ("--school", str(file))
        assert "eight" in run(tmp_path / "data", *asked, *school).stdout
        now["text"] = html(NEW)
        assert "eight" in run(tmp_path / "data", *asked, *school).stdout  # fetched by `index` and `serve` alone
        assert "1 changed" in run(tmp_path / "data", "index", *school).stdout
        now["away"] = True
        found = run(tmp_path / "data", "index", *school)
    assert "twelve" in run(tmp_path / "data", *asked, *school).stdout
    assert "The source site could not be fetched, and yesterday's documents answer" in found.stderr


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], "must name at least one file or folder"),
        ([{"kind": "website", "name": "x", "page": "ftp://a"}], "page"),
        ([{"kind": "sharepoint", "name": "x", "site": "https://a.sharepoint.com/sites/b"}], "SHAREPOINT_APP_ID"),
        ([{"kind": "website", "name": "x", "page": "https://a.example/"}] * 2, "two have one name"),
    ],
)
def test_what_is_wrong_with_sources_is_said_by_key(tmp_path: Path, sources: list[object], said: str) -> None:
    content = yaml.safe_load(EXAMPLE_SCHOOL.read_text("utf-8"))
    del content["organisations"][0]["policies"]
    content["organisations"][0]["sources"] = sources
    file = tmp_path / "school.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    found = run(tmp_path / "data", "check", "--school", str(file))
    assert found.returncode == 2
    assert said in found.stderr
