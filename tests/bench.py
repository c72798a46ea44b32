"""Speed and memory, as ratios within one run (`make bench`). Medians; these machines are noisy, so no test times anything.

Each figure stands beside what is wanted of it. Sizes: 500 clauses in 1 organisation, 20,000 in 40, 100,000 in 200.
Vectors of the large indexes are the encoder's own for sentences made up from the example school's words.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL
from assistant.domain.answers import decide
from assistant.domain.routing import desk_for
from index.build import build, documents_in
from index.embedding import MiniLM
from index.readings import Readings
from index.safely import _end_kept
from index.search import ClauseSearch
from index.store import Store

PER_ORGANISATION = 500
SIZES = ((500, 1), (20_000, 40), (100_000, 200))
QUESTIONS = 400


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(serve(Path(sys.argv[1]), int(sys.argv[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        reading(Path(folder))  # first: the most memory of any process started so far is what can be read off
        start()
        indexing(Path(folder))
        asking(Path(folder))


def row(what: str, value: str, wanted: str = "") -> None:
    print(f"{what:<64}{value:>14}   {wanted}", flush=True)


def start() -> None:
    """Seconds from the command to the first answer, of the example school already indexed."""
    command = [str(Path(sys.executable).parent / "assistant"), "ask", "may I accept a gift from a parent", "--json"]
    with tempfile.TemporaryDirectory() as data:
        took = []
        for _ in range(6):
            began = time.perf_counter()
            subprocess.run(command, env={**os.environ, "ASSISTANT_DATA": data}, capture_output=True, check=True)
            took.append(time.perf_counter() - began)
    row("start to first answer, seconds (the first time, indexing too)", f"{took[0]:.1f}")
    row("start to first answer, seconds", f"{np.median(took[1:]):.2f}", "≤ 3")


DOCUMENTS, PAGES = 300, 12


def reading(folder: Path) -> None:
    """Pages a second and the reader's most memory, for PDFs of real size; and what an unchanged folder costs."""
    from fpdf import FPDF

    shelf = folder / "documents"
    shelf.mkdir()
    for number in range(DOCUMENTS // 10):
        paper = FPDF()
        paper.set_auto_page_break(True, 20)
        texts = iter(sentences(PAGES * 40, 1_000 + number))
        paper.set_font("helvetica", size=11)
        paper.add_page()
        while paper.page_no() <= PAGES:
            if paper.get_y() < 30:
                paper.set_font("helvetica", size=15, style="B")
                paper.multi_cell(0, 9, f"{paper.page_no()} Rules of the school", new_x="LMARGIN", new_y="NEXT")
                paper.set_font("helvetica", size=11)
            paper.multi_cell(0, 6, next(texts), new_x="LMARGIN", new_y="NEXT")
        made = bytes(paper.output())
        for copy in range(10):  # each of its own bytes, so that each is read
            (shelf / f"rules of house {number} in street {copy}.pdf").write_bytes(made + b"%%EOF\n" * copy)
    files, _ = documents_in([str(shelf)], shelf)
    kept = Readings(folder / "read", "bench", "none")
    began = time.perf_counter()
    pages = sum(max(line.page for line in kept.read(file).lines) for file in files)
    took = time.perf_counter() - began
    row(f"reading {len(files)} PDFs of {PAGES} pages, pages a second", f"{pages / took:.0f}", "≥ 50")
    _end_kept()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    row("the reading process's most memory, MB", f"{most:.0f}")
    began = time.perf_counter()
    for file in files:
        kept.read(file)
    row("the same again, unchanged, beside the first time", f"{(time.perf_counter() - began) / took:.2f}")


def sentences(count: int, seed: int) -> list[str]:
    """Clause-like sentences in the example school's words, each of its own."""
    policies = (EXAMPLE_SCHOOL.parent / "policies").glob("*.md")
    words = sorted({w for p in policies for w in p.read_text("utf-8").lower().split() if w.isalpha()})
    chance = random.Random(seed)
    return [f"{n}x{seed} " + " ".join(chance.choices(words, k=chance.randint(8, 35))) + "." for n in range(count)]


def policy(folder: Path, organisation: int) -> Path:
    """A policy of PER_ORGANISATION clauses under numbered headings, as a file."""
    lines = ["Bench Policy", "", "Next review: May 2030", ""]
    for n, text in enumerate(sentences(PER_ORGANISATION - 1, organisation)):
        if n % 20 == 0:
            lines += ["", f"{n // 20 + 1}. Section {n // 20 + 1} of the rules", ""]
        lines.append(f"- {text}")
    file = folder / f"policy-{organisation}.md"
    file.write_text("\n".join(lines), "utf-8")
    return file


def indexing(folder: Path) -> None:
    """20,000 clauses over 40 organisations: clauses a second beside the encoder's bare rate, then one clause changed."""
    model = MiniLM(bootstrap.MODEL_FOLDER)
    sources = [(f"org{n}", [policy(folder, n)]) for n in range(40)]
    store = Store(folder / "index-40", space="bench")
    before = encoder_rate(model)
    began = time.perf_counter()
    reports = build(store, model, sources, lock=folder / "lock")
    full = time.perf_counter() - began
    clauses = sum(report.clauses for report in reports)
    bare = (before + encoder_rate(model)) / 2  # before and after, since the machine's own load drifts
    row("encoder alone, texts a second", f"{bare:.0f}")
    row("indexing, clauses a second", f"{clauses / full:.0f}")
    row("  … of the encoder's rate", f"{clauses / full / bare:.2f}", "≥ 0.8")
    changed = folder / "policy-7.md"
    changed.write_text(changed.read_text("utf-8").replace("3x7 ", "3x7 newly "), "utf-8")
    began = time.perf_counter()
    build(store, model, sources, lock=folder / "lock")
    row("one clause of 20,000 changed, share of a full build", f"{(time.perf_counter() - began) / full:.2%}", "≤ 2 %")


def encoder_rate(model: MiniLM) -> float:
    """Texts a second that the encoder alone embeds."""
    texts = [f"Section 3 of the rules: {text}" for n in range(4) for text in sentences(PER_ORGANISATION, n)]
    began = time.perf_counter()
    for first in range(0, len(texts), 128):
        model.embed_documents(sorted(texts[first : first + 128], key=len))
    return len(texts) / (time.perf_counter() - began)


class Ready(Embeddings):
    """Random unit vectors: what an index costs to search doesn't hang on what its vectors mean."""

    def __init__(self) -> None:
        self._chance = np.random.default_rng(1)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self._chance.normal(size=(len(texts), 384))
        unit: list[list[float]] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()
        return unit

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def asking(folder: Path) -> None:
    """A question's time by size, each in a process of its own."""
    found = {}
    for clauses, organisations in SIZES:
        index = folder / f"index-{organisations}"
        if not index.exists():
            sources = [(f"org{n}", [policy(folder, n)]) for n in range(organisations)]
            build(Store(index, space="bench"), Ready(), sources, lock=folder / "lock")
        done = subprocess.run(
            [sys.executable, __file__, str(index), str(organisations)], capture_output=True, text=True, check=True
        )
        f = found[clauses] = json.loads(done.stdout)
        where = f"{clauses:>7,} clauses, {organisations:>3} organisations"
        row(f"{where}: encoder alone, ms p50", f"{f['encoder']:.2f}")
        row(f"{where}: whole answer, ms p50 / p95", f"{f['p50']:.2f} / {f['p95']:.2f}")
        row(f"{where}: p50, times the encoder", f"{f['p50'] / f['encoder']:.2f}", "≤ 4")
        row(f"{where}: p95, times the encoder", f"{f['p95'] / f['encoder']:.2f}", "≤ 6")
        row(f"{where}: an organisation's first question, ms p50", f"{f['first']:.1f}")
        row(f"{where}: resident memory, MB", f"{f['memory']:.0f}", "≤ 500" if clauses == 20_000 else "")
    row("p95 at 100,000 clauses, times that at 500", f"{found[100_000]['p95'] / found[500]['p95']:.2f}", "≤ 1.5")


def serve(index: Path, organisations: int) -> dict[str, float]:
    """Ask every organisation once, then QUESTIONS questions to any of them, as a server that has been up for a while."""
    model = MiniLM(bootstrap.MODEL_FOLDER)
    search = ClauseSearch(Store(index, space="bench"), model, "bench")
    clock = bootstrap.SystemClock()
    asked = [
        json.loads(line)["question"] for line in (EXAMPLE_SCHOOL.parent / "questions.jsonl").open(encoding="utf-8")
    ]
    chance = random.Random(2)

    def answer(organisation: int, question: str) -> float:
        began = time.perf_counter()
        if desk_for(question, model.embed_query(question), searched_here=True).answers:
            decide(search.find(f"org{organisation}", question), clock.today())
        return (time.perf_counter() - began) * 1000

    answer(0, asked[0])
    first = [answer(n, asked[n % len(asked)]) for n in range(organisations)]
    took, encoder = [], []
    for _ in range(QUESTIONS):
        question = chance.choice(asked)
        began = time.perf_counter()
        model.embed_query(question)
        encoder.append((time.perf_counter() - began) * 1000)
        took.append(answer(chance.randrange(organisations), question))
    status = Path("/proc/self/status").read_text().splitlines()
    memory = int(next(line.split()[1] for line in status if line.startswith("VmRSS"))) / 1024
    return {
        "encoder": float(np.median(encoder)),
        "p50": float(np.median(took)),
        "p95": float(np.percentile(took, 95)),
        "first": float(np.median(first)),
        "memory": memory,
    }


if __name__ == "__main__":
    main()
