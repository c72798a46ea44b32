"""Fit the confidence in an answer: prints the weights that stand in index/confidence.py (`python -m tests.fit_confidence`).

Learned from the questions of `HELD`, the policies that the encoder has never seen: of those it has learned from it would
be too sure. A logistic regression (L2, Newton's method) over `confidence.signs`; prints too what cross-validation by
policy finds at several thresholds. Wanted is whether the policy answers the question, not whether the answer is right.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.bootstrap import MODEL_FOLDER
from index import confidence
from index.build import build
from index.embedding import MiniLM
from index.search import ClauseSearch
from index.store import Store

from .fit_tripwire import CORPUS, Array, fitted

HELD = ("a1", "c4", "c15", "d9", "d10", "d15", "d22", "d24", "e9", "e15", "e20", "e23")  # drawn by lot


def main() -> None:
    rows, wanted, policies = _signs(HELD)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    scores = np.zeros(len(wanted))
    for fold in range(6):
        apart = np.isin(policies, [name for n, name in enumerate(HELD) if n % 6 == fold])
        scores[apart] = rows[apart] @ fitted(rows[~apart], wanted[~apart])
    *weights, bias = np.round(fitted(rows, wanted), 2).tolist()
    print(f"WEIGHTS = {tuple(weights)}\nBIAS = {bias}")
    for threshold in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7):
        over = 1 / (1 + np.exp(-scores)) >= threshold
        print(
            f"at {threshold}: answered {over[wanted == 1].mean():.3f} of {int(wanted.sum())}, "
            f"declined rightly {1 - over[wanted == 0].mean():.3f} of {int((wanted == 0).sum())}"
        )


def _signs(names: Sequence[str]) -> tuple[Array, Array, Array]:
    """The signs of every question of some policies, whether it has an answer, and its policy."""
    found: list[tuple[float, ...]] = []
    wanted, policies = [], []
    signs = confidence.signs

    def noted(*given: object) -> tuple[float, ...]:
        found.append(signs(*given))  # type: ignore[arg-type]
        return found[-1]

    confidence.signs = noted
    with tempfile.TemporaryDirectory() as folder:
        model = MiniLM(MODEL_FOLDER)
        store = Store(Path(folder) / "chroma", space="fit")
        build(store, model, [(name, [CORPUS / f"{name}.txt"]) for name in names], lock=Path(folder) / "lock")
        search = ClauseSearch(store, model, "fit")
        for name in names:
            for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines():
                row = json.loads(line)
                search.find(name, row["question"])
                wanted.append(float(row["answerable"]))
                policies.append(name)
    return np.array(found), np.array(wanted), np.array(policies)


if __name__ == "__main__":
    main()
