"""Texts to vectors, behind langchain's Embeddings: MiniLM on this machine, or any provider by name."""

import re
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index import minilm

_MOST_TOKENS = 256  # as the model was trained; a longer clause is searched by its beginning
_BATCH = 32
_WHOLE_WORD = re.compile("[a-z]{3,}").fullmatch


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2 on onnxruntime: 384 numbers a text, of length 1, so that a dot product is a cosine."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # The arena keeps the largest batch's memory for ever; indexing would double what serving needs.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(folder / minilm.GRAPH, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / minilm.TOKENIZER))
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        whole = sorted((rank, word) for word, rank in self._tokenizer.get_vocab().items() if _WHOLE_WORD(word))
        self.words = {word: rank for rank, (_, word) in enumerate(whole)}  # of English, the commonest first

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector a text, in the texts' order."""
        # Texts of like length share a batch, so that little is padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: list[list[float]] = [[] for _ in texts]
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for i, vector in zip(batch, self._embed([texts[i] for i in batch]), strict=True):
                vectors[i] = vector.tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        vector: list[float] = self._embed([text])[0].tolist()
        return vector

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        vectors: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return vectors


def named(name: str) -> Embeddings:
    """The embedding that langchain knows as `provider:model`. Raises ValueError or ImportError as langchain does."""
    from langchain.embeddings import init_embeddings

    embeddings = init_embeddings(name)
    assert isinstance(embeddings, Embeddings)
    return embeddings
