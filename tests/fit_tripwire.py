"""Fit the tripwire's weights: `python -m tests.fit_tripwire` writes assistant/domain/tripwire_weights.py.

A logistic regression over the cues and the message's vector (L2, Newton's method, no randomness but the folds' seed),
learned from `messages.jsonl` and from the corpus's questions, of which those that tell of a concern are marked
(`"concern": true`, or null where that is in between: those are left out). Prints what ten-fold cross-validation finds,
and how `messages_held.jsonl`, by writers of its own and never learned from, fares: nothing is praised for what it has
learned by heart.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.bootstrap import MODEL_FOLDER
from assistant.domain.tripwire import cues
from index.embedding import MiniLM

CORPUS = Path(__file__).parent / "corpus"
MESSAGES = Path(__file__).parent / "messages.jsonl"
HELD_MESSAGES = MESSAGES.with_name("messages_held.jsonl")
WRITTEN = Path(__file__).parent.parent / "assistant" / "domain" / "tripwire_weights.py"
# The parts of a message on one scale, how strongly weights are held to nought, and how much rather a question is
# stopped than a concern missed (log odds).
_VECTOR, _CUE, _POINT, _HOLD, _CAUTION = 4.0, 0.5, 0.1, 3.0, 1.0
_QUESTION = 0.25  # what one of the corpus's many questions weighs beside a message
_HUNDREDTHS = 100
Array = NDArray[np.float64]


def features(texts: list[str], embeddings: MiniLM) -> Array:
    """A row a text: its vector, its cues, its points, and 1."""
    vectors = np.array(embeddings.embed_documents(texts)) * _VECTOR
    found = np.array([cues(text) for text in texts])
    return np.hstack([vectors, found[:, :-1] * _CUE, found[:, -1:] * _POINT, np.ones((len(texts), 1))])


def fitted(rows: Array, wanted: Array, counts: Array | float = 1.0, hold: float = 1.0) -> Array:
    """The weights; `counts` is what each row weighs."""
    weights = np.zeros(rows.shape[1])
    for _ in range(25):
        odds = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ ((odds - wanted) * counts) + hold * weights
        curve = (rows.T * (odds * (1 - odds) * counts)) @ rows + hold * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def fit() -> tuple[int, list[int], list[int], Array, Array]:
    """Bias, weights of the cues and of the vector in hundredths; each message's cross-validated score, and what it is."""
    told = [(row["text"], row["label"] == "concern", 1.0) for row in _rows(MESSAGES)]
    for row in (row for file in sorted(CORPUS.glob("*.jsonl")) for row in _rows(file)):
        concern = row.get("concern", False)
        if concern is not None:
            told.append((row["question"], concern, 1.0 if concern else _QUESTION))
    rows = features([text for text, _, _ in told], MiniLM(MODEL_FOLDER))
    wanted, counts = (np.array([row[n] for row in told], dtype=float) for n in (1, 2))
    order, scores = np.random.default_rng(1).permutation(len(wanted)), np.zeros(len(wanted))
    for fold in range(10):
        held = order[fold::10]
        learned = np.setdiff1d(order, held)
        scores[held] = rows[held] @ fitted(rows[learned], wanted[learned], counts[learned], _HOLD) + _CAUTION
    weights = fitted(rows, wanted, counts, _HOLD)
    width = rows.shape[1] - len(cues("")) - 1
    scale = np.concatenate([np.full(width, _VECTOR), np.full(len(cues("")) - 1, _CUE), [_POINT], [1.0]])
    whole = np.rint(weights * scale * _HUNDREDTHS).astype(int).tolist()
    return whole[-1] + round(_CAUTION * _HUNDREDTHS), whole[width:-1], whole[:width], scores, wanted


def noticed(scores: Array, wanted: Array) -> str:
    """How many concerns are noticed at these scores, and how much else is stopped."""
    stopped = scores > 0
    return (
        f"concerns noticed {stopped[wanted == 1].mean():.3f} of {int((wanted == 1).sum())}, "
        f"others stopped {stopped[wanted == 0].mean():.3f} of {int((wanted == 0).sum())}"
    )


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
    print(f"cross-validated: {noticed(scores, wanted)}")
    messages = len(_rows(MESSAGES))
    print(f"the messages among them: {noticed(scores[:messages], wanted[:messages])}")
    rows, weights = _rows(HELD_MESSAGES), np.array([*of_vector, *of_cues, bias]) / _HUNDREDTHS
    vectors = MiniLM(MODEL_FOLDER).embed_documents([row["text"] for row in rows])
    over = np.array([[*vector, *cues(row["text"]), 1] for vector, row in zip(vectors, rows, strict=True)]) @ weights
    print(f"never learned from: {noticed(over, np.array([row['label'] == 'concern' for row in rows], dtype=float))}")


if __name__ == "__main__":
    sys.exit(main())
