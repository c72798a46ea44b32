"""A document that is read in a process of its own is the one that is read here, and no file stops what reads it."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import documents, safely
from index.documents import Unreadable
from index.safely import read_safely
from tests.small_files import rtf

TEXT = "# Phones policy\n\n1. Ask “first” – always\n\t- under it\n\n| Owner | Head |\n|---|---|\n**Bold**\n\f=====\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "phones £.txt"
    path.write_text(TEXT, "utf-8")
    return path


def kept() -> int:
    """The process id of the reader that is kept for the next file."""
    return safely._kept[-1].process.pid


def test_gives_what_reading_here_gives(policy: Path) -> None:
    assert read_safely(policy) == documents.read(policy)


def test_one_process_reads_many_files(policy: Path) -> None:
    read_safely(policy)
    first = kept()
    for _ in range(20):
        read_safely(policy)
    assert kept() == first


def test_refusals_are_handed_on(tmp_path: Path) -> None:
    for name in ("none.txt", "policy.xyz"):
        with pytest.raises(Unreadable) as here:
            documents.read(tmp_path / name)
        with pytest.raises(Unreadable) as there:
            read_safely(tmp_path / name)
        assert str(there.value) == str(here.value)


def test_a_process_that_has_died_is_replaced(policy: Path) -> None:
    read_safely(policy)
    os.kill(kept(), signal.SIGKILL)
    with pytest.raises(Unreadable, match=r"^phones £\.txt .*\.$"):
        read_safely(policy)  # it may have died of this file
    assert read_safely(policy) == documents.read(policy)


def test_a_process_that_has_ended_by_itself_is_replaced_unnoticed(policy: Path) -> None:
    read_safely(policy)
    process = safely._kept[-1].process
    assert process.stdin is not None
    unread, unheard = os.pipe()  # in the place of the pipe to it, which it then finds closed, as we find its end
    os.close(unread)
    os.dup2(unheard, process.stdin.fileno())
    os.close(unheard)
    process.wait(timeout=5)
    assert read_safely(policy) == documents.read(policy)


@pytest.fixture
def page_that_takes_long(tmp_path: Path) -> Path:
    path = tmp_path / "long.txt"
    path.write_text("Staff must ask first.\n" * 800_000)
    return path


def test_what_takes_too_long_is_refused_and_the_process_is_gone(policy: Path, page_that_takes_long: Path) -> None:
    read_safely(policy)
    reader = kept()
    started = time.monotonic()
    with pytest.raises(Unreadable, match=r"^long\.txt takes more than 0\.5 seconds .*\.$"):
        read_safely(page_that_takes_long, seconds=0.5)
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
    assert read_safely(policy) == documents.read(policy)


def test_what_takes_too_much_memory_is_refused(policy: Path, page_that_takes_long: Path) -> None:
    with pytest.raises(Unreadable, match=r"^long\.txt .*150 MB.*\.$"):
        read_safely(page_that_takes_long, megabytes=150)
    assert read_safely(policy) == documents.read(policy)


def test_threads_take_turns(policy: Path) -> None:
    expected = documents.read(policy)
    with ThreadPoolExecutor(8) as pool:
        assert all(document == expected for document in pool.map(read_safely, [policy] * 40))


def test_a_forked_process_starts_a_reader_of_its_own(policy: Path) -> None:
    read_safely(policy)
    reader = kept()
    child = os.fork()
    if not child:
        other = read_safely(policy) == documents.read(policy) and kept() != reader
        safely._end_kept()
        os._exit(0 if other else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert kept() == reader
    read_safely(policy)
    assert kept() == reader


def test_the_process_sees_nothing_of_this_one_s_environment(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    safely._end_kept()
    monkeypatch.setenv("ASSISTANT_KEYS", "secret")
    read_safely(policy)
    assert b"secret" not in Path(f"/proc/{kept()}/environ").read_bytes()


@pytest.mark.parametrize(
    "reply",
    [
        b"", b"[]", b"{}", b"not json", b'{"lines": [], "sha256": 3}', b'{"lines": [[1]], "sha256": "a"}', b"[" * 100_000,
        b'{"sha256": "a", "lines": [["1", "", "", 1, 0, "", 0, false, [], ""]]}',
        b'{"sha256": "a", "lines": [[1, "", "", 1, 0, "", 0, false, [1], ""]]}',
    ],
)  # fmt: skip
def test_a_reply_that_is_no_document_is_refused(reply: bytes) -> None:
    with pytest.raises(Unreadable):
        safely._document(reply, "policy.txt")


def test_an_interrupted_reading_leaves_no_reply_for_the_next(policy: Path, page_that_takes_long: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGALRM))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            read_safely(page_that_takes_long)
    finally:
        timer.join()
        signal.signal(signal.SIGALRM, before)
    assert read_safely(policy) == documents.read(policy)


def test_what_a_reader_started_ends_with_it_and_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program stands in for a LibreOffice that hangs; it is started and killed as that is."""
    safely._end_kept()
    (tmp_path / "soffice").write_text("#!/bin/sh\necho $HOME > $(dirname $0)/home\nsleep 876 &\nsleep 876\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "policy.rtf").write_bytes(rtf())
    with pytest.raises(Unreadable, match=r"^policy\.rtf takes more than 2 seconds .*\.$"):
        read_safely(tmp_path / "policy.rtf", seconds=2)
    time.sleep(0.1)
    running = [entry.read_bytes() for entry in Path("/proc").glob("[0-9]*/cmdline") if entry.exists()]
    assert b"sleep\x00876\x00" not in running
    assert not Path((tmp_path / "home").read_text().strip()).exists()
