"""Fit the confidence in an answer: prints the weights that stand in index/confidence.py.

    python -m tests.fit_confidence ADAPTER.npz --hold N

ADAPTER.npz is the encoder's, made by `python -m tests.fit_encoder --hold N --out ADAPTER.npz`: the questions that are
learned from here must be about policies that this encoder has never seen. A logistic regression (L2, Newton's method)
over `confidence.signs`; prints too what five-fold cross-validation by policy finds at several thresholds.
"""

import argparse
import json
import random
import tempfile
from pathlib import Path

import numpy as np

from index import confidence, minilm
from index.build import build
from index.embedding import MiniLM
from index.search import ClauseSearch
from index.store import Store

from .fit_tripwire import Array, fitted

CORPUS = Path(__file__).parent / "corpus"
FOLDS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--hold", type=int, choices=range(FOLDS), required=True)
    options = parser.parse_args()
    names = sorted(file.stem for file in CORPUS.glob("*.jsonl"))
    random.Random(7).shuffle(names)
    held = names[options.hold :: FOLDS]
    minilm.ADAPTER = options.adapter
    rows, wanted, policies = _signs(held)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    scores = np.zeros(len(wanted))
    for fold in range(5):
        apart = np.isin(policies, [name for n, name in enumerate(held) if n % 5 == fold])
        scores[apart] = rows[apart] @ fitted(rows[~apart], wanted[~apart])
    *weights, bias = np.round(fitted(rows, wanted), 2).tolist()
    print(f"WEIGHTS = {tuple(weights)}\nBIAS = {bias}")
    for threshold in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7):
        over = 1 / (1 + np.exp(-scores)) >= threshold
        print(
            f"at {threshold}: answered {over[wanted == 1].mean():.3f} of {int(wanted.sum())}, "
            f"declined rightly {1 - over[wanted == 0].mean():.3f} of {int((wanted == 0).sum())}"
        )


def _signs(names: list[str]) -> tuple[Array, Array, Array]:
    """The signs of every question of some policies, whether it has an answer, and its policy."""
    found: list[tuple[float, ...]] = []
    wanted, policies = [], []
    signs = confidence.signs

    def noted(*given: object) -> tuple[float, ...]:
        found.append(signs(*given))  # type: ignore[arg-type]
        return found[-1]

    confidence.signs = noted
    with tempfile.TemporaryDirectory() as folder:
        minilm.set_up(Path(folder) / "model")
        model = MiniLM(Path(folder) / "model")
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
