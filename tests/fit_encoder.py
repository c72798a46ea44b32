"""Teach the embedding model what school staff mean: writes `index/adapter.npz` (`python -m tests.fit_encoder`).

A low-rank adapter (Hu et al. 2021) for every linear layer of all-MiniLM-L6-v2, trained on tests/corpus: of each question,
the clauses that answer it are to be nearer than every other clause of its policy, some of other policies', and a bar
that is learned too; of a question without an answer, the bar is to be nearer than every clause. The policies in `HELD`
are left out, here and wherever something is learned: they say how the questions of schools fare that nobody has seen.

It needs torch, which the product doesn't: in an environment of its own, `pip install torch==2.13.0 transformers`, with
this repository's own dependencies (`pip install -r requirements.lock`). About 25 minutes on one core. The seed is fixed;
the last digits still differ between machines.
"""

import argparse
import json
import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from index import minilm
from index.documents import read
from index.given_names import GIVEN
from index.parsing import parse
from index.search import embedded_text, searched
from index.vocabulary import spelled_out

from .fit_confidence import HELD
from .fit_tripwire import CORPUS

NAMES = sorted(file.stem for file in CORPUS.glob("*.jsonl"))
SEED, RANK, RATE, EPOCHS, TEMPERATURE, OTHERS, BATCH = 1, 16, 1e-3, 4, 0.05, 20, 32
UNANSWERABLE = 0.5  # what such a question weighs beside one with an answer
LAYERS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
LAYERS += ("intermediate.dense", "output.dense")
_WHO = sorted(GIVEN)
_WITH_A_NAME = (
    "{who} asks: {text}",
    "Hi, {who} here. {text}",
    "{who} wants to know {text}",
    "{text} ({who} was asking)",
)
_WITH_A_NAME += ("{text} Thanks, {who}", "asking for {who}: {text}", "{who}: {text}")


class LowRank(nn.Module):
    """A linear layer that stays as it is, and a low-rank one beside it that learns."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear.to(torch.bfloat16)  # it is multiplied in half precision, and never changes
        self.A = nn.Parameter(torch.randn(RANK, linear.in_features) / math.sqrt(linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, x: Tensor) -> Tensor:
        beside: Tensor = functional.linear(functional.linear(x, self.A), self.B)
        return self.linear(x) + beside


class Encoder(nn.Module):
    """The published model with adapters, and the bar that an answering clause must clear."""

    def __init__(self) -> None:
        super().__init__()
        with tempfile.TemporaryDirectory() as folder:
            weights, tokenizer = minilm._open(minilm._download(Path(folder)))
            (Path(folder) / "weights").write_bytes(weights)
            published = load_file(Path(folder) / "weights")
        self.tokenizer = Tokenizer.from_str(tokenizer.decode())
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)
        shape: dict[str, Any] = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12}
        self.bert = BertModel(BertConfig(intermediate_size=1536, **shape), add_pooling_layer=False)
        self.bert.load_state_dict(published, strict=False)
        self.bert.requires_grad_(False)
        for layer in self.bert.encoder.layer:
            for name in LAYERS:
                place, _, last = name.rpartition(".")
                owner = layer.get_submodule(place)
                setattr(owner, last, LowRank(getattr(owner, last)))
        self.bar = nn.Parameter(torch.tensor(0.5))

    @torch.autocast("cpu", torch.bfloat16)
    def forward(self, texts: Sequence[str]) -> Tensor:
        """Vectors of length 1, shape (texts, 384). Texts of like length share a batch, so that little is padding."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        vectors = torch.cat([self._batch([texts[n] for n in batch]) for batch in batches])
        return vectors[torch.tensor(order).argsort()]

    def _batch(self, texts: Sequence[str]) -> Tensor:
        ids = [one.ids for one in self.tokenizer.encode_batch(list(texts))]
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(one) for one in ids], batch_first=True)
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones(len(one)) for one in ids], batch_first=True)
        hidden = self.bert(input_ids=padded, attention_mask=mask).last_hidden_state
        return functional.normalize((hidden.float() * mask.unsqueeze(-1)).sum(1), dim=-1)

    def adapter(self) -> dict[str, np.ndarray[Any, Any]]:
        """The learned parts by the names of the published weights, in half precision."""
        found = {}
        for name, module in self.bert.named_modules():
            if isinstance(module, LowRank):
                for part in ("A", "B"):
                    found[f"{name}.{part}"] = getattr(module, part).detach().numpy().astype(np.float16)
        return found


def load(name: str) -> tuple[list[str], list[tuple[str, list[list[int]]]]]:
    """A policy's texts as they are embedded; its questions, each with the rows of its clauses by group of evidence."""
    clauses = searched(parse(read(CORPUS / f"{name}.txt")))
    questions = []
    for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        groups = [[n for n, c in enumerate(clauses) if any(s in c.text for s in group)] for group in row["evidence"]]
        if all(groups):
            questions.append((row["question"], groups))
    return [embedded_text(clause) for clause in clauses], questions


def as_typed(text: str) -> str:
    """A question as it reaches the encoder from somebody in a hurry, or with somebody's name to it."""
    text = spelled_out(text)
    if random.random() < 0.15:
        who = random.choice(_WHO).capitalize()
        text = random.choice(_WITH_A_NAME).format(who=who, text=text)
    if random.random() < 0.25:
        text = text.lower().rstrip("?.!")
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 3]
    if random.random() < 0.25:
        for at in random.sample(long, min(len(long), random.choice((1, 1, 2)))):
            word, n = words[at], random.randrange(len(words[at]) - 1)
            swapped, dropped = word[:n] + word[n + 1] + word[n] + word[n + 2 :], word[:n] + word[n + 1 :]
            words[at] = random.choice((swapped, dropped, word[: n + 1] + word[n:]))
    return " ".join(words)


def step(encoder: Encoder, texts: Sequence[str], questions: Sequence[tuple[str, list[list[int]]]]) -> Tensor:
    """The loss over one policy's questions."""
    near = encoder([as_typed(question) for question, _ in questions]) @ encoder(texts).T / TEMPERATURE
    bar = (encoder.bar / TEMPERATURE).expand(len(near), 1)
    odds = torch.log_softmax(torch.cat([near, bar], 1), 1)
    losses = []
    for row, (_, groups) in zip(odds, questions, strict=True):
        wanted = [torch.logsumexp(row[group], 0) for group in groups] or [UNANSWERABLE * row[-1]]
        losses.append(-torch.stack(wanted).mean())
    return torch.stack(losses).mean()


@torch.no_grad()
def fares(encoder: Encoder, names: Sequence[str]) -> str:
    """How questions of policies fare by the vectors alone: complete among the first three, right first."""
    encoder.eval()
    complete, first = [], []
    for name in names:
        texts, questions = load(name)
        answerable = [(question, groups) for question, groups in questions if groups]
        near = encoder([question for question, _ in answerable]) @ encoder(texts).T
        for row, (_, groups) in zip(near.argsort(1, descending=True).tolist(), answerable, strict=True):
            complete.append(all(set(group) & set(row[:3]) for group in groups))
            first.append(any(row[0] in group for group in groups))
    return f"complete_at_3 {np.mean(complete):.3f}, first right {np.mean(first):.3f} of {len(complete)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=minilm.ADAPTER)
    options = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    learned = {name: load(name) for name in NAMES if name not in HELD}
    everything = [text for texts, _ in learned.values() for text in texts]
    encoder = Encoder()
    weights = [weight for weight in encoder.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01)
    steps = EPOCHS * len(learned)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, (n + 1) / (0.1 * steps)) * max(0.0, (steps - n) / steps)
    )
    for epoch in range(EPOCHS):
        encoder.train()
        losses = []
        for name in random.sample(sorted(learned), len(learned)):
            texts, questions = learned[name]
            loss = step(encoder, texts + random.sample(everything, OTHERS), questions)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            losses.append(loss.item())
        said = f"loss {np.mean(losses):.3f}, bar {encoder.bar.item():.3f}; held out: {fares(encoder, HELD)}"
        print(f"epoch {epoch + 1} of {EPOCHS}: {said}", flush=True)
        np.savez(options.out, **encoder.adapter())


if __name__ == "__main__":
    main()
