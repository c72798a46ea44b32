"""The index follows the files: incremental, whole after any accident, never half of two editions."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from index import documents
from index.build import Report, build, documents_in
from index.search import ClauseRetriever, ClauseSearch
from index.store import Store


def rules(count: int, word: str) -> str:
    body = "\n".join(f"- Rule {n} says that {word} number {n} is kept in cupboard {n}." for n in range(count))
    return f"Cupboard Policy\n\nCupboards\n\n{body}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "paint.md").write_text(rules(5, "paint"))
    (tmp_path / "policies" / "glue.txt").write_text(rules(5, "glue"))
    return tmp_path


def run(folder: Path, model: Embeddings | None, space: str = "test", url: str = "") -> Report:
    files, _ = documents_in(["policies/"], folder)
    store = Store(folder / "chroma", space=space, url=url)
    return build(store, model, [("ashby", files)], lock=folder / "lock")[0]


def texts(folder: Path, model: Embeddings | None, question: str, space: str = "test") -> list[str]:
    found = ClauseSearch(Store(folder / "chroma", space=space), model, space).find("ashby", question)
    return [hit.clause.text for hit in found.hits]


def test_only_what_changed_is_embedded_again(folder: Path, model: Embeddings) -> None:
    class Counting(Embeddings):
        embedded = 0

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            self.embedded += len(texts)
            return model.embed_documents(texts)

        def embed_query(self, text: str) -> list[float]:
            return model.embed_query(text)

    counting = Counting()
    assert run(folder, counting).added == ["glue", "paint"]
    first = counting.embedded
    assert run(folder, counting).unchanged == ["glue", "paint"]
    assert counting.embedded == first
    paint = folder / "policies" / "paint.md"
    paint.write_text(paint.read_text().replace("paint number 3", "varnish number 3"))
    assert run(folder, counting).changed == ["paint"]
    assert counting.embedded == first + 1
    (folder / "policies" / "glue.txt").unlink()
    assert run(folder, counting).removed == ["glue"]
    assert counting.embedded == first + 1
    assert not any("glue" in text for text in texts(folder, model, "where is glue number 2 kept"))
    assert "varnish number 3" in texts(folder, model, "where is varnish kept")[0]


def test_what_cannot_be_read_is_refused_by_name_and_the_rest_is_indexed(folder: Path, model: Embeddings) -> None:
    policies = folder / "policies"
    (policies / "empty.md").write_text("")
    (policies / "scan.txt").write_bytes(b"\x00\x01\x02" * 900)
    (policies / "table.xlsx").write_bytes(b"PK")
    with (policies / "huge.txt").open("wb") as huge:
        huge.truncate(30_000_000)
    report = run(folder, model)
    assert report.added == ["glue", "paint"]
    assert sorted(refusal.path.name for refusal in report.refused) == ["empty.md", "huge.txt", "scan.txt", "table.xlsx"]
    assert all(refusal.path.name in refusal.reason for refusal in report.refused)


def test_two_files_of_one_name_are_both_kept(folder: Path, model: Embeddings) -> None:
    (folder / "policies" / "infants").mkdir()
    (folder / "policies" / "infants" / "paint.md").write_text(rules(5, "finger paint"))
    assert len(run(folder, model).added) == 3


def test_an_organisation_that_left_the_school_file_is_forgotten(folder: Path, model: Embeddings) -> None:
    run(folder, model)
    reports = build(Store(folder / "chroma", space="test"), model, [("birch", [])], lock=folder / "lock")
    assert [(r.organisation, r.removed) for r in reports] == [("birch", []), ("ashby", ["glue", "paint"])]
    assert texts(folder, model, "where is glue kept") == []


def test_without_a_model_keywords_answer_and_a_model_set_up_later_takes_over(folder: Path, model: Embeddings) -> None:
    run(folder, None, space="keywords")
    assert "glue number 2" in texts(folder, None, "cupboard for glue number 2", "keywords")[0]
    run(folder, model, space="test")
    assert "glue number 2" in texts(folder, model, "cupboard for glue number 2")[0]


def test_a_retriever_gives_langchain_documents_with_citations(folder: Path, model: Embeddings) -> None:
    run(folder, model)
    search = ClauseSearch(Store(folder / "chroma", space="test"), model, "test")
    documents = ClauseRetriever(search=search, organisation="ashby").invoke("where is glue number 4 kept")
    assert len(documents) == 3
    assert "glue number 4" in documents[0].page_content
    assert documents[0].metadata["citation"] == "Cupboard Policy, Cupboards, fifth bullet"


def _build_in_another_process(folder: Path) -> None:
    run(folder, _Slow())


class _Slow(Embeddings):
    """Vectors at leisure, so that a build can be caught in the middle."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        time.sleep(0.05)
        return [[float(len(text)), 1.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(len(text)), 1.0]


@pytest.mark.parametrize("after", [0.0, 0.15, 0.3, 0.6, 1.0])
def test_killed_at_any_moment_the_index_is_whole_before_and_after_the_next_run(folder: Path, after: float) -> None:
    run(folder, _Slow())
    before = texts(folder, _Slow(), "rule number")
    (folder / "policies" / "paint.md").write_text(rules(400, "lacquer"))
    process = multiprocessing.get_context("spawn").Process(target=_build_in_another_process, args=(folder,))
    process.start()
    while not list((folder / "chroma").glob("*")):
        time.sleep(0.01)
    time.sleep(0.8 + after)  # the child needs about that long to import
    if process.pid and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    seen = ClauseSearch(Store(folder / "chroma", space="test"), _Slow(), "test").policies("ashby")
    assert sorted(len(policy.clauses) for policy in seen) in ([5, 5], [5, 400])
    assert before
    run(folder, _Slow())
    seen = ClauseSearch(Store(folder / "chroma", space="test"), _Slow(), "test").policies("ashby")
    assert sorted(len(policy.clauses) for policy in seen) == [5, 400]
    names = [n for n in Store(folder / "chroma", space="test")._names() if n.startswith("edition.")]
    assert len(names) == 1


def test_two_builds_at_once_do_not_harm_each_other(folder: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_build_in_another_process, args=(folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    seen = ClauseSearch(Store(folder / "chroma", space="test"), _Slow(), "test").policies("ashby")
    assert sorted(len(policy.clauses) for policy in seen) == [5, 5]


def test_no_question_sees_half_of_a_policy_while_another_process_replaces_it(folder: Path) -> None:
    """The reader was open before the change, as a server is while somebody runs `assistant index`."""
    (folder / "policies" / "glue.txt").unlink()
    paint = folder / "policies" / "paint.md"
    paint.write_text(rules(60, "old"))
    run(folder, _Slow())
    search = ClauseSearch(Store(folder / "chroma", space="test"), _Slow(), "test")
    seen: list[set[str]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            hits = search.find("ashby", "which cupboard is rule number 7").hits
            seen.append({"old" if "old number" in hit.clause.text else "new" for hit in hits})

    reader = threading.Thread(target=ask)
    reader.start()
    spawn = multiprocessing.get_context("spawn")
    for word in ("new", "old", "new"):
        paint.write_text(rules(60, word))
        process = spawn.Process(target=_build_in_another_process, args=(folder,))
        process.start()
        process.join()
    stop.set()
    reader.join()
    assert {frozenset(kinds) for kinds in seen} == {frozenset({"old"}), frozenset({"new"})}
    assert seen[-1] == {"new"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real Chroma server on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chroma = Path(sys.executable).parent / "chroma"
    command = [chroma, "run", "--path", tmp_path / "server", "--host", "127.0.0.1", "--port", port]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail("the Chroma server did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_a_chroma_server_serves_as_well(folder: Path, model: Embeddings, server: str) -> None:
    assert run(folder, model, url=server).added == ["glue", "paint"]
    assert run(folder, model, url=server).unchanged == ["glue", "paint"]
    search = ClauseSearch(Store(folder / "unused", space="test", url=server), model, "test")
    assert "glue number 2" in search.find("ashby", "cupboard for glue number 2").hits[0].clause.text
    assert not (folder / "unused").exists()


def test_a_build_that_is_stopped_goes_on_from_what_it_had_read_and_embedded(
    folder: Path, model: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopping(Embeddings):
        embedded = 0
        batches = 1

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            if not self.batches:
                raise KeyboardInterrupt
            self.batches -= 1
            self.embedded += len(texts)
            return model.embed_documents(texts)

        def embed_query(self, text: str) -> list[float]:
            return model.embed_query(text)

    (folder / "policies" / "nails.md").write_text(rules(200, "nail"))
    stopping, read = Stopping(), []
    monkeypatch.setattr("index.readings.read_safely", lambda path: read.append(path.name) or documents.read(path))
    with pytest.raises(KeyboardInterrupt):
        run(folder, stopping)
    assert sorted(read) == ["glue.txt", "nails.md", "paint.md"]
    stopping.batches = 99
    assert run(folder, stopping).added == ["glue", "nails", "paint"]
    assert len(read) == 3
    assert stopping.embedded == run(folder, None).clauses  # each clause once, over both runs
    assert "nail number 7 " in texts(folder, model, "where is nail number 7 kept")[0]
