"""Score answers against questions with known evidence, beside two baselines in the same run (`make eval`).

The folder given holds questions.jsonl, school.yaml and score.py; the documents are those the school file names.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from assistant import bootstrap
from assistant.config import load
from assistant.domain.answers import MOST_QUOTES, Answer
from assistant.handlers import answer_question
from index import ranking
from index.clauses import Clause
from index.search import is_searched

FIGURES = ("complete_at_3", "first_quote_right", "answered", "declined_rightly", "verbatim", "right_overall")


def main(folder: Path) -> None:
    if not (folder / "questions.jsonl").exists():
        sys.exit(f"{folder} has no questions.jsonl. Say where the evaluation data lies: make eval EVAL=folder")
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines() if line]
    with tempfile.TemporaryDirectory() as data:
        settings = load(folder / "school.yaml", {**os.environ, "ASSISTANT_DATA": data})
        assistant = bootstrap.build(settings)
        assistant.update_index()
        search, clauses = assistant.search, {}
        for organisation in settings.organisations:
            policies = search.policies(organisation)
            clauses[organisation] = [c for policy in policies for c in policy.clauses if is_searched(c)]

        def answered(row: dict[str, str]) -> list[Clause] | None:
            found = answer_question(row["organisation"], row["question"], clauses=search, clock=assistant.clock)
            by_id = {c.id: c for c in clauses[row["organisation"]]}
            return [by_id[q.clause_id] for q in found.quotes] if isinstance(found, Answer) else None

        keywords = {o: ranking.Keywords((c.text, "") for c in found) for o, found in clauses.items()}

        def by_keywords(row: dict[str, str]) -> list[Clause]:
            scores = keywords[row["organisation"]].scores(dict.fromkeys(ranking.words(row["question"]), 1.0))
            return [clauses[row["organisation"]][i] for i in np.argsort(-scores, kind="stable")[:MOST_QUOTES]]

        systems = {"the assistant": answered, "keywords alone": by_keywords}
        if embeddings := search.embeddings:
            vectors = {o: np.array(embeddings.embed_documents([c.text for c in found])) for o, found in clauses.items()}

            def by_vectors(row: dict[str, str]) -> list[Clause]:
                near = vectors[row["organisation"]] @ np.array(embeddings.embed_query(row["question"]))
                return [clauses[row["organisation"]][i] for i in np.argsort(-near)[:MOST_QUOTES]]

            systems["nearest vectors alone"] = by_vectors
        documents = Path(data) / "documents"
        documents.mkdir()
        for organisation in settings.organisations.values():
            files = bootstrap.building.documents_in(organisation.policies, folder)[0]
            text = "\n".join(file.read_text("utf-8") for file in files)
            (documents / f"{organisation.id}.txt").write_text(text, "utf-8")
        results = {}
        for name, system in systems.items():
            answers = Path(data) / "answers.jsonl"
            rows = []
            for question in questions:
                found = system(question)
                quotes = [{"text": c.text, "citation": c.citation, "clause_id": c.id} for c in found or ()]
                rows.append(json.dumps({"id": question["id"], "answered": found is not None, "quotes": quotes}))
            answers.write_text("\n".join(rows), "utf-8")
            score = [sys.executable, folder / "score.py", folder / "questions.jsonl", answers, "--documents", documents]
            done = subprocess.run([*map(str, score), "--json"], capture_output=True, text=True, check=True)
            results[name] = json.loads(done.stdout)
        print(f"{len(questions)} questions{'':16}" + "".join(f"{name:>24}" for name in results))
        for figure in FIGURES:
            print(f"{figure:<28}" + "".join(f"{r['figures'].get(figure, 0):>24.3f}" for r in results.values()))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
