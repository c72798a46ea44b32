"""The tripwire with the message's vector: its weights are what the messages give, and what it notices with them."""

import json

import pytest
from langchain_core.embeddings import Embeddings

from assistant.domain.tripwire import Desk, cues, desk_for
from assistant.domain.tripwire_weights import BIAS, CUES, VECTOR

from .domain.test_tripwire import CONCERNS, SMALL_TALK, URGENT
from .fit_tripwire import HELD_MESSAGES, MESSAGES, fit

ROWS = [json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def stopped(model: Embeddings) -> dict[str, Desk]:
    texts = [row["text"] for row in ROWS] + [t for kind in CONCERNS.values() for t in kind] + URGENT + SMALL_TALK
    return {t: desk_for(t, vector) for t, vector in zip(texts, model.embed_documents(texts), strict=True)}


def test_the_weights_are_those_of_the_messages(model: Embeddings) -> None:
    bias, of_cues, of_vector, scores, wanted = fit()
    assert max(abs(a - b) for a, b in zip([BIAS, *CUES, *VECTOR], [bias, *of_cues, *of_vector], strict=True)) <= 10
    # On messages that were held out: they are harder than most, so that there is something to learn from them.
    assert (scores[wanted == 1] > 0).mean() >= 0.92
    assert (scores[wanted == 0] > 0).mean() <= 0.12


def test_there_is_a_weight_for_each_cue_and_each_number(model: Embeddings) -> None:
    assert len(CUES) == len(cues("")) == len(cues("a boy told me something"))
    assert len(VECTOR) == len(model.embed_query("a boy told me something"))


def test_concerns_are_noticed_that_no_cue_names(stopped: dict[str, Desk]) -> None:
    unnamed = [r["text"] for r in ROWS if r["label"] == "concern" and desk_for(r["text"]) is Desk.POLICY]
    assert len(unnamed) > 50
    assert sum(stopped[text] is not Desk.POLICY for text in unnamed) / len(unnamed) >= 0.85


def test_messages_never_learned_from_fare_as_well(model: Embeddings) -> None:
    rows = [json.loads(line) for line in HELD_MESSAGES.read_text("utf-8").splitlines()]
    assert not {row["text"].casefold() for row in rows} & {row["text"].casefold() for row in ROWS}
    vectors = model.embed_documents([row["text"] for row in rows])
    met: dict[str, list[bool]] = {}
    for row, vector in zip(rows, vectors, strict=True):
        met.setdefault(row["label"], []).append(desk_for(row["text"], vector) is not Desk.POLICY)
    assert sum(met["concern"]) / len(met["concern"]) >= 0.95
    assert sum(met["question"]) / len(met["question"]) <= 0.05


def test_what_the_cues_notice_is_still_noticed(stopped: dict[str, Desk]) -> None:
    texts = [t for kind in CONCERNS.values() for t in kind] + URGENT
    assert sum(stopped[t] is not Desk.POLICY for t in texts) / len(texts) >= 0.95
    assert [t for t in SMALL_TALK if stopped[t] is not Desk.POLICY] == []


def test_no_message_stands_there_twice() -> None:
    texts = [row["text"].casefold() for row in ROWS]
    assert len(texts) == len(set(texts))
    assert {row["label"] for row in ROWS} == {"concern", "question", "smalltalk"}
