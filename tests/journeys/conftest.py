"""The staff room as a program, and a real browser before it."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from assistant.config import EXAMPLE_SCHOOL

MARK = "marked-sentence-that-must-not-be-kept"
PICTURES = Path(os.environ.get("PICTURES", ""))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@contextmanager
def serving(data: Path, school: Path = EXAMPLE_SCHOOL, **environment: str) -> Iterator[str]:
    """`assistant serve` itself, on a free port; its address. At the end, nothing marked is in what it said."""
    command = [str(Path(sys.executable).parent / "assistant"), "serve", "--port", "0", "--school", str(school)]
    env = {"PATH": "/usr/bin:/bin", "ASSISTANT_DATA": str(data), "HOME": str(data), "COLUMNS": "200"} | environment
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        pytest.fail("the server did not start: " + "".join(said))
    reader = threading.Thread(target=said.extend, args=(process.stderr,))
    reader.start()
    try:
        yield found[0]
    finally:
        process.terminate()
        process.wait()
        reader.join()
        process.stderr.close()
    assert MARK not in "".join(said)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serving(data) as address:
        yield address
    for file in data.rglob("*"):
        assert not file.is_file() or MARK.encode() not in file.read_bytes(), file


@pytest.fixture
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed, and REQUIRE_BROWSER is set")
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens pages of a server, each with cookies of its own; none may reach outside or complain."""
    left: list[str] = []

    def opened(address: str) -> Page:
        page = chromium.new_page(viewport={"width": 1000, "height": 860}, base_url=address)
        page.on("request", lambda request: None if request.url.startswith(address) else left.append(request.url))
        page.on("console", lambda message: left.append(message.text) if message.type == "error" else None)
        return page

    yield opened
    assert left == [], "the page reached outside or complained"


def picture(page: Page, name: str) -> None:
    """A screenshot, where PICTURES names a folder for them."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
