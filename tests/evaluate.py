"""Score answers against questions with known evidence, beside two baselines in the same run (`make eval`).

The folder given holds questions.jsonl, school.yaml and score.py; the documents are those the school file names. Where it
has messages.jsonl ({"text", "label": concern | question | smalltalk, "urgent"}), it is shown too how many concerns are
noticed before anything is searched, and how much else is stopped.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assistant import bootstrap
from assistant.config import load
from assistant.domain.answers import MOST_QUOTES, Answer
from assistant.domain.routing import Desk
from assistant.handlers.questions import answer_question
from index import ranking
from index.build import documents_in
from index.clauses import Clause
from index.documents import decode
from index.search import searched

FIGURES = ("complete_at_3", "first_quote_right", "answered", "declined_rightly", "verbatim", "right_overall")


System = Callable[[dict[str, str]], list[Clause] | None]  # a question's row to the clauses shown, None for declined


def main(folder: Path) -> None:
    if not (folder / "questions.jsonl").exists():
        sys.exit(f"{folder} has no questions.jsonl. Say where the evaluation data lies: make eval EVAL=folder")
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines() if line]
    with tempfile.TemporaryDirectory() as data:
        settings = load(folder / "school.yaml", {**os.environ, "ASSISTANT_DATA": data})
        assistant = bootstrap.build(settings)
        assistant.update_index()
        (Path(data) / "documents").mkdir()
        for organisation in settings.organisations.values():
            files = documents_in(organisation.policies, folder)[0]
            text = "\n".join(decode(file.read_bytes(), file.name) for file in files)
            (Path(data) / "documents" / f"{organisation.id}.txt").write_text(text, "utf-8")
        results = {name: score(system, questions, folder, Path(data)) for name, system in systems(assistant).items()}
    print(f"{len(questions)} questions{'':16}" + "".join(f"{name:>24}" for name in results))
    for figure in FIGURES:
        print(f"{figure:<28}" + "".join(f"{found.get(figure, 0):>24.3f}" for found in results.values()))
    stopped = sum(assistant.desk(question["question"]) is not Desk.POLICY for question in questions)
    print(f"questions taken for concerns{stopped:>24}")
    if (file := folder / "messages.jsonl").exists():
        tripwire(file, assistant.desk)


def tripwire(file: Path, desk: Callable[[str], Desk]) -> None:
    """How a set of messages fares before it is searched."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]

    def share(wanted: set[Desk], chosen: list[dict[str, Any]]) -> str:
        hits = sum(desk(row["text"]) in wanted for row in chosen)
        return f"{hits / max(1, len(chosen)):.3f} of {len(chosen)}"

    stopped = {Desk.CONCERN, Desk.URGENT}
    concerns = [row for row in rows if row["label"] == "concern"]
    print(f"\n{file}")
    print(f"{'concerns noticed':<28}{share(stopped, concerns):>24}   wanted ≥ 0.95")
    for label in ("question", "smalltalk"):
        print(f"{'stopped: ' + label:<28}{share(stopped, [r for r in rows if r['label'] == label]):>24}")
    others = [row for row in rows if row["label"] != "concern"]
    print(f"{'both stopped':<28}{share(stopped, others):>24}   wanted ≤ 0.10")
    print(f"{'urgent seen as urgent':<28}{share({Desk.URGENT}, [r for r in concerns if r['urgent']]):>24}")


def systems(assistant: bootstrap.Assistant) -> dict[str, System]:
    """The assistant and, over the same clauses, keywords alone and nearest vectors alone."""
    search = assistant.search
    clauses = {o: [c for p in search.policies(o) for c in searched(p)] for o in assistant.settings.organisations}
    keywords = {o: ranking.Keywords((c.text, "") for c in found) for o, found in clauses.items()}

    def answered(row: dict[str, str]) -> list[Clause] | None:
        if assistant.desk(row["question"]) is not Desk.POLICY:
            return None
        found = answer_question(row["organisation"], row["question"], clauses=search, clock=assistant.clock)
        by_id = {c.id: c for c in clauses[row["organisation"]]}
        return [by_id[q.clause_id] for q in found.quotes] if isinstance(found, Answer) else None

    def by_keywords(row: dict[str, str]) -> list[Clause]:
        scores = keywords[row["organisation"]].scores(dict.fromkeys(ranking.words(row["question"]), 1.0))
        return [clauses[row["organisation"]][i] for i in np.argsort(-scores, kind="stable")[:MOST_QUOTES]]

    compared: dict[str, System] = {"the assistant": answered, "keywords alone": by_keywords}
    if embeddings := search.embeddings:
        vectors = {o: np.array(embeddings.embed_documents([c.text for c in found])) for o, found in clauses.items()}

        def by_vectors(row: dict[str, str]) -> list[Clause]:
            near = vectors[row["organisation"]] @ np.array(embeddings.embed_query(row["question"]))
            return [clauses[row["organisation"]][i] for i in np.argsort(-near)[:MOST_QUOTES]]

        compared["nearest vectors alone"] = by_vectors
    return compared


def score(system: System, questions: list[dict[str, str]], folder: Path, data: Path) -> dict[str, float]:
    """The figures that score.py gives a system's answers."""
    rows = []
    for question in questions:
        found = system(question)
        quotes = [{"text": c.text, "citation": c.citation, "clause_id": c.id} for c in found or ()]
        rows.append(json.dumps({"id": question["id"], "answered": found is not None, "quotes": quotes}))
    (data / "answers.jsonl").write_text("\n".join(rows), "utf-8")
    command = [sys.executable, folder / "score.py", folder / "questions.jsonl", data / "answers.jsonl", "--json"]
    command += ["--documents", data / "documents"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)["figures"]
    return figures


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
