"""Fit the tripwire's weights to `messages.jsonl`: `python -m tests.fit_tripwire` writes assistant/domain/tripwire_weights.py.

A logistic regression over the cues and the message's vector (L2, Newton's method, no randomness but the folds' seed).
Prints what ten-fold cross-validation finds, so that nothing is praised for what it has learned by heart.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.bootstrap import MODEL_FOLDER
from assistant.domain.tripwire import cues
from index.embedding import MiniLM

CORPUS = Path(__file__).parent / "corpus"  # whose questions tell of nobody in particular, scenarios apart
MESSAGES = Path(__file__).parent / "messages.jsonl"
WRITTEN = Path(__file__).parent.parent / "assistant" / "domain" / "tripwire_weights.py"
# The parts of a message on one scale, how strongly weights are held to nought, and how much rather a question is
# stopped than a concern missed (log odds).
_VECTOR, _CUE, _POINT, _HOLD, _CAUTION = 4.0, 0.5, 0.1, 1.0, 1.0
_HUNDREDTHS = 100
Array = NDArray[np.float64]


def features(texts: list[str], embeddings: MiniLM) -> Array:
    """A row a text: its vector, its cues, its points, and 1."""
    vectors = np.array(embeddings.embed_documents(texts)) * _VECTOR
    found = np.array([cues(text) for text in texts])
    return np.hstack([vectors, found[:, :-1] * _CUE, found[:, -1:] * _POINT, np.ones((len(texts), 1))])


def fitted(rows: Array, wanted: Array) -> Array:
    """The weights."""
    weights = np.zeros(rows.shape[1])
    for _ in range(25):
        odds = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (odds - wanted) + _HOLD * weights
        curve = (rows.T * (odds * (1 - odds))) @ rows + _HOLD * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights


def fit() -> tuple[int, list[int], list[int], Array, Array]:
    """Bias, weights of the cues and of the vector in hundredths; each message's cross-validated score, and what it is."""
    messages = [json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines()]
    asked = [
        json.loads(line) for file in sorted(CORPUS.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    messages += [{"text": row["question"], "label": "question"} for row in asked if row["kind"] != "scenario"]
    rows = features([message["text"] for message in messages], MiniLM(MODEL_FOLDER))
    wanted = np.array([message["label"] == "concern" for message in messages], dtype=float)
    order, scores = np.random.default_rng(1).permutation(len(wanted)), np.zeros(len(wanted))
    for fold in range(10):
        held = order[fold::10]
        learned = np.setdiff1d(order, held)
        scores[held] = rows[held] @ fitted(rows[learned], wanted[learned]) + _CAUTION
    weights = fitted(rows, wanted)
    width = rows.shape[1] - len(cues("")) - 1
    scale = np.concatenate([np.full(width, _VECTOR), np.full(len(cues("")) - 1, _CUE), [_POINT], [1.0]])
    whole = np.rint(weights * scale * _HUNDREDTHS).astype(int).tolist()
    return whole[-1] + round(_CAUTION * _HUNDREDTHS), whole[width:-1], whole[:width], scores, wanted


def main() -> None:
    bias, of_cues, of_vector, scores, wanted = fit()

    def lines(values: list[int]) -> str:
        texts = list(map(str, values))
        return "".join(f"    {', '.join(texts[start : start + 20])},\n" for start in range(0, len(texts), 20))

    WRITTEN.write_text(
        '"""What each cue and each number of a message\'s vector weighs, in hundredths of log odds. '
        "Written by `python -m tests.fit_tripwire`."
        '"""\n\n'
        f"BIAS = {bias}\n# fmt: off\nCUES = (\n{lines(of_cues)})\nVECTOR = (\n{lines(of_vector)})\n# fmt: on\n"
    )
    stopped = scores > 0
    print(
        f"cross-validated: concerns noticed {stopped[wanted == 1].mean():.3f} of {int(wanted.sum())}, "
        f"others stopped {stopped[wanted == 0].mean():.3f} of {int((wanted == 0).sum())}"
    )


if __name__ == "__main__":
    sys.exit(main())
