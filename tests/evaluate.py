"""Score answers against questions with known evidence, beside two baselines in the same run (`make eval`).

    python -m tests.evaluate FOLDER [--report PAGE.md] [--only ORGANISATION,…]

FOLDER holds questions as JSON lines, {"id", "organisation", "question", "answerable", "evidence": [[span, …], …], "kind"},
in `questions.jsonl` with a `school.yaml` that names the documents; or, as tests/corpus does, `NAME.jsonl` beside each
`NAME.txt`. An answer is complete when each group of evidence has a span inside a counted quote (the first three, of each
the first 120 words). Every figure stands with its 95 % interval, by bootstrap over the questions. Where FOLDER has its own
score.py, its figures must be the same as ours. Where it has messages.jsonl ({"text", "label", "urgent"}), it is shown too
how many concerns are noticed before anything is searched, and how much else is stopped.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from assistant import bootstrap
from assistant.config import load
from assistant.domain.answers import MOST_QUOTES, Answer
from assistant.domain.routing import Desk
from assistant.handlers.questions import answer_question
from index import ranking
from index.build import documents_in
from index.documents import decode, read
from index.search import searched

from .fit_confidence import HELD

FIGURES = ("complete_at_3", "first_quote_right", "answered", "declined_rightly", "verbatim", "right_overall")
_COUNTED_WORDS = 120
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u00ad": ""})

Row = dict[str, Any]


class Shown(NamedTuple):
    """A quote."""

    text: str
    citation: str
    clause_id: str


System = Callable[[Row], list[Shown] | None]  # a question's row to what is shown, None for declined


def plain(text: str) -> str:
    """Text as compared: no emphasis marks, straight quotes, single spaces, lower case."""
    return re.sub(r"\s+", " ", re.sub(r"[*_#`]", "", text.translate(_PLAIN))).strip().lower()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a question."""

    row: Row
    found: list[Shown] | None
    complete: bool
    first: bool
    verbatim: tuple[bool, ...]


def counts(text: str, span: str) -> bool:
    """Whether a quote shows a span, or at least 60 % of it in one piece."""
    quote = " ".join(plain(text).split()[:_COUNTED_WORDS])
    return span in quote or (quote in span and len(quote) >= 0.6 * len(span))


def judged(row: Row, found: list[Shown] | None, document: str) -> Outcome:
    """How a question was answered."""
    quotes = (found or [])[:MOST_QUOTES]
    groups = [[plain(span) for span in group] for group in row["evidence"]]
    complete = bool(groups) and all(any(counts(q.text, s) for q in quotes for s in group) for group in groups)
    first = bool(quotes) and any(counts(quotes[0].text, s) for group in groups for s in group)
    verbatim = tuple(plain(quote.text) in document for quote in found or [])
    return Outcome(row=row, found=found, complete=complete, first=first, verbatim=verbatim)


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The figures of some questions; of nothing, nothing."""
    answerable = [o for o in outcomes if o.row["answerable"]]
    others = [o for o in outcomes if not o.row["answerable"]]
    verbatim = [one for o in outcomes for one in o.verbatim]
    tally = {
        "complete_at_3": [o.complete for o in answerable],
        "first_quote_right": [o.first for o in answerable],
        "answered": [o.found is not None for o in answerable],
        "declined_rightly": [o.found is None for o in others],
        "verbatim": verbatim,
        "right_overall": [o.complete if o.row["answerable"] else o.found is None for o in outcomes],
    }
    return {name: float(np.mean(values)) for name, values in tally.items() if values}


def interval(outcomes: Sequence[Outcome], name: str) -> str:
    """The figure's 95 % interval, by bootstrap."""
    chance = random.Random(1)
    drawn = [figures(chance.choices(outcomes, k=len(outcomes))).get(name) for _ in range(400)]
    low, high = np.percentile([one for one in drawn if one is not None] or [0], [2.5, 97.5])
    return f"{low:.2f}–{high:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", type=Path, help="a page with each miss and why")
    parser.add_argument(
        "--only", default="", help="organisations, with commas between them; HELD: tests/corpus's own test set"
    )
    options = parser.parse_args()
    folder = options.folder.resolve()
    with tempfile.TemporaryDirectory() as data:
        school = _school(folder, Path(data))
        rows = _questions(folder, set(HELD if options.only == "HELD" else filter(None, options.only.split(","))))
        settings = load(school, {**os.environ, "ASSISTANT_DATA": data})
        assistant = bootstrap.build(settings)
        assistant.update_index()
        (Path(data) / "documents").mkdir()
        documents = {}
        for organisation in settings.organisations.values():
            files = documents_in(organisation.policies, school.parent)[0]
            text = "\n".join(map(_text, files))
            (Path(data) / "documents" / f"{organisation.id}.txt").write_text(text, "utf-8")
            documents[organisation.id] = plain(text)
        results = {
            name: [judged(row, system(row), documents[row["organisation"]]) for row in rows]
            for name, system in systems(assistant).items()
        }
        _show(results)
        if (folder / "score.py").exists():
            _same_as(folder, Path(data), rows, results["the assistant"])
        _fair(assistant, rows, documents)
        desks = [assistant.desk(row["question"]) for row in rows]
        print(
            f"{'offered the form, not answered':<32}{sum(d in (Desk.CONCERN, Desk.URGENT) for d in desks)} of {len(rows)}"
        )
        print(f"{'offered the form, and answered':<32}{desks.count(Desk.EITHER)} of {len(rows)}")
        if (file := folder / "messages.jsonl").exists():
            tripwire(file, assistant.desk)
        if options.report:
            options.report.write_text(report(assistant, results["the assistant"]), "utf-8")
            print(f"Each miss: {options.report}")


def _school(folder: Path, data: Path) -> Path:
    """The folder's school file, or one in which every document is an organisation's."""
    if (folder / "school.yaml").exists():
        return folder / "school.yaml"
    files = sorted(folder.glob("*.txt"))
    if not files:
        sys.exit(f"{folder} has no questions. Say where the evaluation data lies: make eval EVAL=folder")
    found = [{"id": file.stem, "name": file.stem, "policies": [str(file)]} for file in files]
    (data / "school.yaml").write_text(yaml.safe_dump({"organisations": found}), "utf-8")
    return data / "school.yaml"


def _text(file: Path) -> str:
    """All that a document says."""
    if file.suffix in (".txt", ".md"):
        return decode(file.read_bytes(), file.name)
    return "\n".join(line.text for line in read(file).lines)


def _questions(folder: Path, only: set[str]) -> list[Row]:
    files = [folder / "questions.jsonl"] if (folder / "questions.jsonl").exists() else sorted(folder.glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line]
    return [row for row in rows if not only or row["organisation"] in only]


def _show(results: dict[str, list[Outcome]]) -> None:
    ours = results["the assistant"]
    print(f"{len(ours)} questions{'':19}" + "".join(f"{name:>24}" for name in results))
    of = {name: figures(outcomes) for name, outcomes in results.items()}
    for figure in FIGURES:
        line = "".join(f"{found.get(figure, 0):>24.3f}" for found in of.values())
        print(f"{figure:<30}{line}   95 %: {interval(ours, figure)}")
    for by in ("kind", "organisation"):
        print(f"\nby {by:<27}{'complete':>10}{'first':>10}{'answered':>10}{'declined':>10}")
        for value in dict.fromkeys(o.row[by] for o in ours):
            part = figures([o for o in ours if o.row[by] == value])
            cells = (part.get(n) for n in ("complete_at_3", "first_quote_right", "answered", "declined_rightly"))
            print(f"  {value:<28}" + "".join(f"{'–' if c is None else format(c, '.2f'):>10}" for c in cells))
    print()


def _same_as(folder: Path, data: Path, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> None:
    """Our figures beside those of the folder's own score.py."""
    answers = []
    for outcome in outcomes:
        quotes = [quote._asdict() for quote in outcome.found or ()]
        answers.append({"id": outcome.row["id"], "answered": outcome.found is not None, "quotes": quotes})
    for name, content in (("questions", rows), ("answers", answers)):
        (data / f"{name}.jsonl").write_text("\n".join(map(json.dumps, content)), "utf-8")
    command = [sys.executable, folder / "score.py", data / "questions.jsonl", data / "answers.jsonl", "--json"]
    command += ["--documents", data / "documents"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    theirs, ours = json.loads(done.stdout)["figures"], figures(outcomes)
    differ = [name for name in FIGURES if abs(theirs.get(name, 0) - ours.get(name, 0)) > 0.0001]
    print("score.py gives the same figures" if not differ else f"score.py gives other figures for {', '.join(differ)}")


_NAMES = "Amina Mohammed Siân Oluwaseun Agnieszka Nguyen Priya Jack Chidi Fatima Wei Aoife".split()
_NAME = re.compile(r"\b(?:" + "|".join(_NAMES) + r")\b")


def _fair(assistant: bootstrap.Assistant, rows: Sequence[Row], documents: dict[str, str]) -> None:
    """The same questions with slips of the keyboard, in small letters without marks, and from people of other names."""
    answered = systems(assistant)["the assistant"]
    chance = random.Random(1)
    for name, change in (
        ("with a typo in each", lambda text: _typo(text, chance)),
        ("small letters, no marks", lambda text: re.sub(r"[^\w\s]", "", text.lower())),
    ):
        changed = [row | {"question": change(row["question"])} for row in rows]
        part = figures([judged(row, answered(row), documents[row["organisation"]]) for row in changed])
        print(f"{name:<30}" + ", ".join(f"{figure} {part.get(figure, 0):.3f}" for figure in FIGURES[:4]))
    if again := [row for row in rows if row["id"] in (eal := _eal())]:
        for name, told in (
            (f"{len(again)} questions as first asked", again),
            ("… by writers of EAL", [row | {"question": eal[row["id"]]} for row in again]),
        ):
            part = figures([judged(row, answered(row), documents[row["organisation"]]) for row in told])
            print(f"{name:<30}" + ", ".join(f"{figure} {part.get(figure, 0):.3f}" for figure in FIGURES[:4]))
    asked = [row | {"question": f"{{}} asks: {row['question']}"} for row in rows[:40]]
    other = 0
    for row in asked:
        shown = {
            tuple(q.text for q in answered(row | {"question": row["question"].format(who)}) or ()) for who in _NAMES[:6]
        }
        other += len(shown) > 1
    print(f"{'answers that a name changes':<30}{other} of {len(asked)}")


def _eal() -> dict[str, str]:
    """Questions of the corpus as colleagues ask them for whom English is an additional language, by id."""
    lines = Path(__file__).with_name("eal.jsonl").read_text("utf-8").splitlines()
    return {row["id"]: row["question"] for row in map(json.loads, lines)}


def _typo(text: str, chance: random.Random) -> str:
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 3]
    if long:
        at = chance.choice(long)
        word, n = words[at], chance.randrange(1, len(words[at]) - 1)
        words[at] = chance.choice((word[:n] + word[n + 1 :], word[: n - 1] + word[n] + word[n - 1] + word[n + 1 :]))
    return " ".join(words)


def tripwire(file: Path, desk: Callable[[str], Desk]) -> None:
    """How a set of messages fares before it is searched."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]

    def share(wanted: set[Desk], chosen: list[Row]) -> str:
        hits = sum(desk(row["text"]) in wanted for row in chosen)
        return f"{hits / max(1, len(chosen)):.3f} of {len(chosen)}"

    stopped = {Desk.CONCERN, Desk.URGENT, Desk.EITHER}
    concerns = [row for row in rows if row["label"] == "concern"]
    print(f"\n{file}")
    print(f"{'concerns noticed':<28}{share(stopped, concerns):>24}   wanted ≥ 0.97")
    for label in ("question", "smalltalk"):
        print(f"{'stopped: ' + label:<28}{share(stopped, [r for r in rows if r['label'] == label]):>24}")
    others = [row for row in rows if row["label"] != "concern"]
    print(f"{'both stopped':<28}{share(stopped, others):>24}   wanted ≤ 0.05")
    print(f"{'both not answered':<28}{share({Desk.CONCERN, Desk.URGENT}, others):>24}")
    print(
        f"{'urgent: 999 stands first':<28}{share({Desk.URGENT, Desk.EITHER}, [r for r in concerns if r['urgent']]):>24}"
    )


def systems(assistant: bootstrap.Assistant) -> dict[str, System]:
    """The assistant and, over the same clauses, keywords alone and nearest vectors alone."""
    search = assistant.search
    clauses = {o: [c for p in search.policies(o) for c in searched(p)] for o in assistant.settings.organisations}
    keywords = {o: ranking.Keywords((c.text, "") for c in found) for o, found in clauses.items()}

    def shown(organisation: str, rows: Iterable[int]) -> list[Shown]:
        return [Shown(c.text, c.citation, c.id) for c in (clauses[organisation][row] for row in rows)]

    def answered(row: Row) -> list[Shown] | None:
        if not assistant.desk(row["question"]).answers:
            return None
        found = answer_question(row["organisation"], row["question"], clauses=search, clock=assistant.clock)
        return [Shown(q.text, q.citation, q.clause_id) for q in found.quotes] if isinstance(found, Answer) else None

    def by_keywords(row: Row) -> list[Shown]:
        scores = keywords[row["organisation"]].scores(dict.fromkeys(ranking.words(row["question"]), 1.0))
        return shown(row["organisation"], np.argsort(-scores, kind="stable")[:MOST_QUOTES])

    compared: dict[str, System] = {"the assistant": answered, "keywords alone": by_keywords}
    if embeddings := search.embeddings:
        vectors = {o: np.array(embeddings.embed_documents([c.text for c in found])) for o, found in clauses.items()}

        def by_vectors(row: Row) -> list[Shown]:
            near = vectors[row["organisation"]] @ np.array(embeddings.embed_query(row["question"]))
            return shown(row["organisation"], np.argsort(-near)[:MOST_QUOTES])

        compared["nearest vectors alone"] = by_vectors
    return compared


def report(assistant: bootstrap.Assistant, outcomes: Sequence[Outcome]) -> str:
    """A page in Markdown: the misses by cause, the largest cause first; what was wanted, at which rank, what was shown."""
    misses: dict[str, list[str]] = {}
    for outcome in outcomes:
        right = outcome.complete if outcome.row["answerable"] else outcome.found is None
        if right and (outcome.first or not outcome.row["answerable"]):
            continue
        cause, lines = _why(assistant, outcome)
        misses.setdefault(cause, []).append("\n".join(lines))
    page = ["# Misses\n"]
    for cause, found in sorted(misses.items(), key=lambda pair: -len(pair[1])):
        page += [f"\n## {cause}: {len(found)}\n", *found]
    return "\n".join(page) + "\n"


def _why(assistant: bootstrap.Assistant, outcome: Outcome) -> tuple[str, list[str]]:
    row = outcome.row
    findings = assistant.search.find(row["organisation"], row["question"])
    lines = [f"\n### {row['id']}: {row['question']}\n", f"confidence {findings.confidence:.2f}, kind {row['kind']}\n"]
    ranks = []
    for group in row["evidence"]:
        spans = [plain(span) for span in group]
        rank = next((n for n, hit in enumerate(findings.hits, 1) if any(counts(hit.clause.text, s) for s in spans)), 0)
        ranks.append(rank)
        lines.append(f"- wanted, rank {rank or 'none of the first ' + str(len(findings.hits))}: {group[0]}")
    for n, hit in enumerate(findings.hits[:4], 1):
        lines.append(f"- {n}. {hit.score:.3f} (cosine {hit.cosine:.3f}): {hit.clause.text[:200]}")
    if not assistant.desk(row["question"]).answers:
        return "taken for a concern", lines
    if not row["answerable"]:
        return "answered the unanswerable", lines
    if outcome.found is None:
        return "declined", lines
    if outcome.complete:
        return "right, but not first", lines
    if 0 in ranks:
        return "not among the hits", lines
    return f"too low, rank {'4 to 6' if max(ranks) <= 6 else '7 and more'}", lines


if __name__ == "__main__":
    main()
