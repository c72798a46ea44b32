"""The index follows the files while a server runs, and documents come from where schools keep them."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from langchain_core.embeddings import Embeddings

from assistant import bootstrap
from assistant.cards import Incoming
from assistant.config import EXAMPLE_SCHOOL, load
from assistant.handlers.wording import Model
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


class School:
    """A school file that is followed, and what its people are shown."""

    def __init__(self, folder: Path, said: list[str]) -> None:
        self.file, self.said = folder / "school.yaml", said
        self.content = yaml.safe_load(EXAMPLE_SCHOOL.read_text("utf-8"))
        self.write()
        settings = load(self.file, {"ASSISTANT_DATA": str(folder / "data")})
        self.assistant = bootstrap.build(settings, model_folder=folder)
        database = bootstrap.open_database(settings)
        self.talk = self.assistant.conversation(database)
        self.outbox = bootstrap.outbox(self.assistant, database, room=True)
        self.watch = bootstrap.watch_school_file(self.assistant, said.append)
        self.watch._look_every = 0.05

    def write(self) -> None:
        self.file.write_text(yaml.safe_dump(self.content), "utf-8")

    def person(self, id_: str) -> dict[str, object]:
        return next(p for p in self.content["organisations"][0]["people"] if p["id"] == id_)

    def shown(self, who: str, action: str, **values: str) -> str:
        incoming = Incoming(person=who, organisation="oakfield", action=action, values=values)
        return str(self.talk.reply_to(incoming))


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[School]:
    """The example school's file, followed."""
    made, looked = School(tmp_path, []), threading.Event()
    read = made.watch._read

    def reads(file: Path) -> object:
        found = read(file)
        looked.set()
        return found

    made.watch._read = reads  # type: ignore[assignment]
    end = made.watch.in_background()
    assert looked.wait(20)
    yield made
    end()


def test_who_has_left_sees_nothing_more_while_it_runs_and_who_is_new_is_told(followed: School) -> None:
    sent = followed.shown("amina", "report-send", form="f", kinds="pupil", danger="no", what="It is kept.")
    found = re.search(r"C-[0-9A-Z]{8}", sent)
    assert found
    assert "It is kept." in followed.shown("priya", "concern", reference=found[0])
    followed.person("priya")["active"] = False
    followed.content["organisations"][0]["people"].append({"id": "new", "name": "Nia New", "roles": ["dsl"]})
    followed.write()
    wait_for(lambda: "It is kept." not in followed.shown("priya", "concern", reference=found[0]))
    again = re.search(
        r"C-[0-9A-Z]{8}", followed.shown("amina", "report-send", form="g", kinds="pupil", danger="no", what="x")
    )
    assert again
    while followed.outbox.run_once():
        pass
    assert f"A confidential report, {again[0]}, waits for you" in followed.shown("new", "inbox")
    wait_for(lambda: any("read again" in one for one in followed.said))


@pytest.mark.parametrize("wrong", ["people: [", "organisations: []", "\0", None], ids=["yaml", "empty", "nul", "gone"])
def test_a_school_file_that_is_wrong_is_not_taken_and_that_is_said(
    followed: School, wrong: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if wrong is None:
        followed.file.unlink()
    else:
        followed.file.write_text(wrong, "utf-8")
    wait_for(lambda: bool(followed.watch.wrong))
    time.sleep(0.3)
    assert "what it said before is in force" in followed.watch.wrong[0]
    assert caplog.text.count("the school file can't be taken") == 1
    assert followed.assistant.schools["oakfield"].person("priya")
    assert "Reports for you" in followed.shown("priya", "inbox")
    followed.person("tomasz")["active"] = False
    followed.write()
    wait_for(lambda: not followed.watch.wrong)
    assert followed.assistant.schools["oakfield"].person("tomasz") is None


def test_a_school_that_is_new_or_gone_waits_for_the_next_start(followed: School) -> None:
    (oakfield,) = followed.content["organisations"]
    followed.content["organisations"] = [oakfield | {"id": "birch", "name": "Birch School"}]
    followed.write()
    wait_for(lambda: bool(followed.said))
    assert list(followed.assistant.schools) == ["oakfield"]
    assert dict(followed.assistant.schools.items()).keys() == {"oakfield"}


def test_the_names_of_those_before_and_now_never_leave() -> None:
    before, now = (load(EXAMPLE_SCHOOL, {}).schools["oakfield"].roster[n : n + 1] for n in (0, 1))
    model = Model(lambda *_: "", before)
    model.meet(now)
    assert {tuple(p.name.casefold().split()) for p in (*before, *now)} <= model.names.whole


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
