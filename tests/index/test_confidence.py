"""What is asked counts beside what was found, and only by the vector of the model that the weights were learned with."""

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from index import confidence
from index.build import build
from index.confidence_weights import QUESTION
from index.ranking import Keywords
from index.search import ClauseSearch
from index.store import Store

TEXT = "Passwords must be at least twelve characters long."
HITS = [(0.6, TEXT, "Passwords")]
LEANING = np.array(QUESTION) / np.linalg.norm(QUESTION)


def sure(vector: object = ()) -> float:
    found = Keywords([(TEXT, "Passwords"), ("Trainers are for PE.", "Dress")])
    return confidence.probability("how long must a password be?", [], HITS, found, np.array([0.6, 0.1]), vector)  # type: ignore[arg-type]


def test_what_policies_often_answer_is_surer_than_what_they_seldom_do() -> None:
    assert sure(-LEANING) < sure() < sure(LEANING)


def test_without_vectors_or_hits_there_is_still_a_probability() -> None:
    found = Keywords([(TEXT, "Passwords")])
    assert 0 < confidence.probability("how long must a password be?", [], HITS, found, None) < 1
    assert confidence.probability("how long?", [], [], found, None) == 0


def test_the_vector_of_another_embedding_is_not_weighed(
    tmp_path_factory: pytest.TempPathFactory, model: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    monkeypatch.setattr(confidence, "probability", lambda *all_: given.append(len(all_[-1])) or 0.5)
    for embeddings in (model, DeterministicFakeEmbedding(size=384)):
        folder = tmp_path_factory.mktemp("school")
        (folder / "a.txt").write_text(f"Password Policy\n\nPasswords\n\n- {TEXT}\n")
        store = Store(folder / "chroma", space="s")
        build(store, embeddings, [("a", [folder / "a.txt"])], lock=folder / "lock")
        ClauseSearch(store, embeddings, "s").find("a", "how long must a password be?")
    assert given == [384, 0]
