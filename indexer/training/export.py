"""Writing a trained student as a folder that sentence-transformers and our runtime both read."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save
from tokenizers import Tokenizer

from indexer.encoders.contextual import EMBEDDINGS, LAYERS, TOKENIZER, WEIGHTS, WINDOW
from indexer.encoders.modelfolder import write_card
from indexer.encoders.static import TOKENIZER as STATIC_TOKENIZER
from indexer.encoders.static import WEIGHTS as STATIC_WEIGHTS
from indexer.training.graph import Ranges, build

FloatArray = npt.NDArray[np.float32]

HEADS = 12
_QUANTILE = 1e-5  # of what flows through the layers is cut off at either end
_CALIBRATED = 32  # texts in one run
_NAME = "sentence_transformers"
_STEPS = 9  # bits behind the point of a stored number: halves the size of the package
_MODULES = {
    "Transformer": f"{_NAME}.models.Transformer",
    "Pooling": f"{_NAME}.models.Pooling",
    "Dense": f"{_NAME}.models.Dense",
    "Normalize": f"{_NAME}.models.Normalize",
    "StaticEmbedding": f"{_NAME}.models.StaticEmbedding",
}


def rounded(rows: FloatArray, bits: int = _STEPS) -> npt.NDArray[np.float16]:
    """Numbers on a grid of 2^-bits: as good, and they pack into half the bytes."""
    grid: npt.NDArray[np.float16] = (np.rint(rows * 2.0**bits) / 2.0**bits).astype(np.float16)
    return grid


def export_contextual(
    weights: Mapping[str, FloatArray], tokenizer: Tokenizer, samples: Sequence[str], folder: Path
) -> None:
    """The folder of a contextual encoder; `samples` show what flows through its layers."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = {name: rounded(rows, _bits(name)) for name, rows in weights.items()}
    dense = stored.pop("dense.weight")
    stored["embeddings.position_embeddings.weight"] = stored[
        "embeddings.position_embeddings.weight"
    ][:WINDOW]
    _save(stored, folder / WEIGHTS)
    used = {name: rows.astype(np.float32) for name, rows in stored.items()}
    used["dense.weight"] = dense.astype(np.float32)
    ranges = _ranges(used, tokenizer, samples)
    (folder / LAYERS).write_bytes(build(used, HEADS, ranges).SerializeToString(deterministic=True))
    _tokenizer(tokenizer, folder, WINDOW)
    width, dimension = dense.shape[1], dense.shape[0]
    count = 1 + max(int(n.split(".")[2]) for n in stored if n.startswith("encoder.layer."))
    _json(folder / "config.json", _bert(stored, width, count))
    _json(folder / "sentence_bert_config.json", {"max_seq_length": WINDOW, "do_lower_case": False})
    pooling = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    _json(folder / "1_Pooling/config.json", pooling | {"pooling_mode_cls_token": False})
    linear = {"in_features": width, "out_features": dimension, "bias": False}
    activation = {"activation_function": "torch.nn.modules.linear.Identity"}
    _json(folder / "2_Dense/config.json", linear | activation)
    _save({"linear.weight": dense}, folder / "2_Dense/model.safetensors")
    _modules(folder, ["Transformer", "Pooling", "Dense", "Normalize"], first="")
    write_card(folder, "contextual", dimension, [WEIGHTS, TOKENIZER, LAYERS])


def export_static(rows: FloatArray, tokenizer: Tokenizer, folder: Path) -> None:
    """The folder of a static encoder with these vectors, shape (pieces, dimension)."""
    place = folder / Path(STATIC_WEIGHTS).parent
    place.mkdir(parents=True, exist_ok=True)
    _save({"embedding.weight": rounded(rows)}, folder / STATIC_WEIGHTS)
    _tokenizer(tokenizer, place, None)
    _modules(folder, ["StaticEmbedding", "Normalize"], first=place.name)
    write_card(folder, "static", rows.shape[1], [STATIC_WEIGHTS, STATIC_TOKENIZER])


def _save(arrays: dict[str, npt.NDArray[np.float16]], path: Path) -> None:
    """As safetensors; its own `save_file` keeps the file from other users."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(arrays, metadata={"format": "pt"}))


def _bits(name: str) -> int:
    """Layers are finer than word vectors; norms and biases are few and stay as they are."""
    few = "LayerNorm" in name or name.endswith("bias")
    return 16 if few else _STEPS + 2 if "word_embeddings" not in name else _STEPS


def _ranges(used: Mapping[str, FloatArray], tokenizer: Tokenizer, samples: Sequence[str]) -> Ranges:
    """The (lowest, highest) usual value of every input of a product."""
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(build(used, HEADS).SerializeToString())
    names = [each.name for each in session.get_outputs()][1:]
    tokenizer.enable_truncation(WINDOW)
    ids = sorted((each.ids for each in tokenizer.encode_batch(list(samples))), key=len)
    low, high = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for start in range(0, len(ids), _CALIBRATED):
        batch = ids[start : start + _CALIBRATED]
        padded = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros(padded.shape, dtype=np.int32)
        for i, each in enumerate(batch):
            padded[i, : len(each)], mask[i, : len(each)] = each, 1
        pieces = used[EMBEDDINGS][padded]
        for name, found in zip(
            names, session.run(names, {"pieces": pieces, "mask": mask}), strict=True
        ):
            ends = np.quantile(found[mask > 0], [_QUANTILE, 1 - _QUANTILE])
            low[name], high[name] = min(low[name], ends[0]), max(high[name], ends[1])
    return {name: (float(low[name]), float(high[name])) for name in names}


def _tokenizer(tokenizer: Tokenizer, folder: Path, longest: int | None) -> None:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    (folder / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    if longest:
        signs = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
        named = {f"{name}_token": sign for name, sign in signs.items()}
        kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": longest}
        _json(folder / "tokenizer_config.json", named | kind)


def _bert(
    stored: Mapping[str, npt.NDArray[np.float16]], width: int, layers: int
) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": width,
        "intermediate_size": len(stored["encoder.layer.0.intermediate.dense.bias"]),
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": WINDOW,
        "num_attention_heads": HEADS,
        "num_hidden_layers": layers,
        "type_vocab_size": len(stored["embeddings.token_type_embeddings.weight"]),
        "vocab_size": len(stored[EMBEDDINGS]),
    }


def _modules(folder: Path, kinds: Sequence[str], first: str) -> None:
    paths = [first, *(f"{i}_{kind}" for i, kind in enumerate(kinds[1:], start=1))]
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": _MODULES[kind]}
        for i, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    _json(folder / "modules.json", listed)
    _json(folder / "config_sentence_transformers.json", {"similarity_fn_name": "cosine"})


def _json(path: Path, body: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
