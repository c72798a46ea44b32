"""Fit the confidence in an answer: `python -m tests.fit_confidence` writes index/confidence_weights.py.

Two logistic regressions (L2, Newton's method) of whether a policy answers a question, not of whether the answer is right.
One over `confidence.signs`, learned from the questions of `HELD`, the policies that the encoder has never seen: of those
it has learned from it would be too sure. One over the question's vector, learned from all others. What the second finds
counts for `_SHARE` of its log odds beside the first. Prints what cross-validation by policy finds at several thresholds.
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
from index.vocabulary import spelled_out

from .fit_tripwire import CORPUS, Array, fitted

HELD = ("a1", "c4", "c15", "d9", "d10", "d15", "d22", "d24", "e9", "e15", "e20", "e23")  # drawn by lot
WRITTEN = Path(__file__).parent.parent / "index" / "confidence_weights.py"
_VECTOR, _HOLD = 4.0, 10.0  # the vector's scale, and how strongly its weights are held to nought
_SHARE, _HUNDREDTHS = 0.35, 100


def main() -> None:
    model = MiniLM(MODEL_FOLDER)
    rows, wanted, policies, vectors = _signs(HELD, model)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    asked = _of_question(model)
    of_question = np.hstack([vectors, np.ones((len(vectors), 1))]) @ asked / _HUNDREDTHS
    scores = np.zeros(len(wanted))
    for fold in range(6):
        apart = np.isin(policies, [name for n, name in enumerate(HELD) if n % 6 == fold])
        scores[apart] = rows[apart] @ fitted(rows[~apart], wanted[~apart]) + of_question[apart]
    *weights, bias = np.round(fitted(rows, wanted), 2).tolist()
    *question, question_bias = asked.astype(int).tolist()
    texts = list(map(str, question))
    lines = "".join(f"    {', '.join(texts[start : start + 20])},\n" for start in range(0, len(texts), 20))
    WRITTEN.write_text(
        '"""What the confidence in an answer weighs: each of `confidence.signs`, and each number of the question\'s vector\n'
        '(in hundredths of log odds). Written by `python -m tests.fit_confidence`.\n"""\n\n'
        f"WEIGHTS = {tuple(weights)}\nBIAS = {bias}\n"
        f"QUESTION_BIAS = {question_bias}\n# fmt: off\nQUESTION = (\n{lines})\n# fmt: on\n"
    )
    for threshold in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        over = 1 / (1 + np.exp(-scores)) >= threshold
        print(
            f"at {threshold}: answered {over[wanted == 1].mean():.3f} of {int(wanted.sum())}, "
            f"declined rightly {1 - over[wanted == 0].mean():.3f} of {int((wanted == 0).sum())}"
        )


def _questions(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _of_question(model: MiniLM) -> Array:
    """What each number of a question's vector weighs, and the bias, in hundredths."""
    names = sorted(file.stem for file in CORPUS.glob("*.jsonl") if file.stem not in HELD)
    told = [row for name in names for row in _questions(name)]
    vectors = np.array(model.embed_documents([spelled_out(str(row["question"])) for row in told]))
    rows = np.hstack([vectors * _VECTOR, np.ones((len(told), 1))])
    weights = fitted(rows, np.array([float(bool(row["answerable"])) for row in told]), 1.0, _HOLD)
    scale = np.concatenate([np.full(vectors.shape[1], _VECTOR), [1.0]])
    found: Array = np.rint(weights * scale * _SHARE * _HUNDREDTHS)
    return found


def _signs(names: Sequence[str], model: MiniLM) -> tuple[Array, Array, Array, Array]:
    """The signs of every question of some policies, whether it has an answer, its policy, and its vector."""
    found: list[tuple[float, ...]] = []
    wanted, policies, asked = [], [], []
    signs = confidence.signs

    def noted(*given: object) -> tuple[float, ...]:
        found.append(signs(*given))  # type: ignore[arg-type]
        return found[-1]

    confidence.signs = noted
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "chroma", space="fit")
        build(store, model, [(name, [CORPUS / f"{name}.txt"]) for name in names], lock=Path(folder) / "lock")
        search = ClauseSearch(store, model, "fit")
        for name in names:
            for row in _questions(name):
                search.find(name, str(row["question"]))
                wanted.append(float(bool(row["answerable"])))
                policies.append(name)
                asked.append(spelled_out(str(row["question"])))
    return np.array(found), np.array(wanted), np.array(policies), np.array(model.embed_documents(asked))


if __name__ == "__main__":
    main()
