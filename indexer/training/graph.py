"""The layers of the contextual encoder as an ONNX graph, in floats or in integers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from indexer.encoders.contextual import WINDOW

Weights = Mapping[str, npt.NDArray[np.float32]]
Ranges = Mapping[str, tuple[float, float]]

_CONTRIB = "com.microsoft"  # onnxruntime's own operators: attention and its neighbours in one
_EPSILON = 1e-12  # of BERT's layer normalisation
# Seven bits a weight: processors without VNNI add two products in 16 bits and would overflow
# with eight, so that one text had two vectors on two machines.
_LEVELS = 63


@dataclass
class _Graph:
    """Nodes and constants as they are put together."""

    weights: Weights
    ranges: Ranges | None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    taps: list[str] = field(default_factory=list)

    def constant(self, name: str, value: npt.ArrayLike, kind: str = "float32") -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def node(
        self,
        kind: str,
        inputs: list[str],
        output: str,
        **options: Any,  # noqa: ANN401
    ) -> str:
        ours = {"Attention", "QAttention", "MatMulIntegerToFloat", "BiasGelu"}
        domain = _CONTRIB if kind in ours or kind.startswith("Skip") else ""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **options))
        return output

    def quantised(self, x: str) -> tuple[str, str, str]:
        """(x in 0..255, its scale, its zero)."""
        assert self.ranges is not None
        low, high = (min(self.ranges[x][0], 0.0), max(self.ranges[x][1], 1e-6))
        scale = (high - low) / 255
        s = self.constant(f"{x}.scale", scale)
        z = self.constant(f"{x}.zero", round(-low / scale), "uint8")
        return self.node("QuantizeLinear", [x, s, z], f"{x}.int"), s, z

    def integers(self, name: str, matrix: npt.NDArray[np.float32]) -> tuple[str, str, str]:
        """(a matrix in -63..63, its scale by column, its zeros)."""
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / _LEVELS
        whole = self.constant(name, np.rint(matrix / scale), "int8")
        s = self.constant(f"{name}.scale", scale)
        return whole, s, self.constant(f"{name}.zero", np.zeros(len(scale)), "int8")

    def product(self, x: str, name: str, matrix: npt.NDArray[np.float32], output: str) -> str:
        """x times a matrix."""
        self.taps.append(x)
        if self.ranges is None:
            return self.node("MatMul", [x, self.constant(name, matrix)], output)
        value, scale, zero = self.quantised(x)
        whole, scales, zeros = self.integers(name, matrix)
        inputs = [value, whole, scale, scales, zero, zeros]
        return self.node("MatMulIntegerToFloat", inputs, output)

    def attention(self, x: str, p: str, heads: int, output: str) -> str:
        names = [f"{p}.attention.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([self.weights[f"{n}.weight"].T for n in names], axis=1)
        bias = self.constant(
            f"{p}.qkv.bias", np.concatenate([self.weights[f"{n}.bias"] for n in names])
        )
        self.taps.append(x)
        if self.ranges is None:
            inputs = [x, self.constant(f"{p}.qkv", matrix), bias, "mask"]
            return self.node("Attention", inputs, output, num_heads=heads)
        value, scale, zero = self.quantised(x)
        whole, scales, zeros = self.integers(f"{p}.qkv", matrix)
        inputs = [value, whole, bias, scale, scales, "mask", zero, zeros]
        return self.node("QAttention", inputs, output, num_heads=heads)

    def added(self, x: str, to: str, norm: str, bias: str, output: str) -> str:
        """Layer normalisation of x + to + bias."""
        inputs = [x, to] + [
            self.constant(name, self.weights[name])
            for name in (f"{norm}.weight", f"{norm}.bias", bias)
        ]
        return self.node("SkipLayerNormalization", inputs, output, epsilon=_EPSILON)


def build(weights: Weights, heads: int, ranges: Ranges | None = None) -> onnx.ModelProto:
    """The graph from word embeddings (texts, pieces, width) and a mask to rows of the encoder.

    `weights` are named as BERT's (Devlin et al. 2019) in transformers, with the projection as
    `dense.weight`. With `ranges`, the (lowest, highest) value of every tapped input, products
    are done in integers; without, in floats, and the tapped inputs are further outputs.
    """
    g = _Graph(weights, ranges)
    x = _embedded(g)
    layers = 1 + max(int(n.split(".")[2]) for n in weights if n.startswith("encoder.layer."))
    for i in range(layers):
        x = _layer(g, x, f"encoder.layer.{i}", heads)
    _pooled(g, x)
    width, dimension = weights["dense.weight"].shape[::-1]
    inputs = [
        helper.make_tensor_value_info("pieces", TensorProto.FLOAT, ["texts", "length", width]),
        helper.make_tensor_value_info("mask", TensorProto.INT32, ["texts", "length"]),
    ]
    outputs = [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["texts", dimension])]
    if ranges is None:
        for name in g.taps:
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    graph = helper.make_graph(g.nodes, "contextual", inputs, outputs, g.constants)
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)


def _embedded(g: _Graph) -> str:
    """Positions added, normalised."""
    w = g.weights
    kind = w["embeddings.token_type_embeddings.weight"][0]
    places = g.constant("places", w["embeddings.position_embeddings.weight"][:WINDOW] + kind)
    shape = g.node("Shape", ["pieces"], "length", start=1, end=2)
    zero = g.constant("zero", [0], "int64")
    here = g.node("Slice", [places, zero, shape, zero], "here")
    x = g.node("Add", ["pieces", here], "placed")
    norm = [
        g.constant(f"embeddings.{n}", w[f"embeddings.LayerNorm.{n}"]) for n in ("weight", "bias")
    ]
    return g.node("LayerNormalization", [x, *norm], "layer.0", axis=-1, epsilon=_EPSILON)


def _layer(g: _Graph, x: str, p: str, heads: int) -> str:
    w = g.weights
    seen = g.attention(x, p, heads, f"{p}.seen")
    out = f"{p}.attention.output"
    mixed = g.product(seen, f"{out}.dense", w[f"{out}.dense.weight"].T, f"{p}.mixed")
    x = g.added(mixed, x, f"{out}.LayerNorm", f"{out}.dense.bias", f"{p}.attended")
    wide = g.product(x, f"{p}.up", w[f"{p}.intermediate.dense.weight"].T, f"{p}.wide")
    bias = g.constant(f"{p}.up.bias", w[f"{p}.intermediate.dense.bias"])
    wide = g.node("BiasGelu", [wide, bias], f"{p}.lit")
    narrow = g.product(wide, f"{p}.down", w[f"{p}.output.dense.weight"].T, f"{p}.narrow")
    return g.added(narrow, x, f"{p}.output.LayerNorm", f"{p}.output.dense.bias", f"{p}.result")


def _pooled(g: _Graph, x: str) -> str:
    """The mean over the pieces, projected."""
    real = g.node("Cast", ["mask"], "real", to=TensorProto.FLOAT)
    last = g.constant("last", [-1], "int64")
    column = g.node("Unsqueeze", [real, last], "column")
    one = g.constant("one", [1], "int64")
    total = g.node("ReduceSum", [g.node("Mul", [x, column], "said"), one], "total", keepdims=0)
    count = g.node("ReduceSum", [column, one], "count", keepdims=0)
    mean = g.node("Div", [total, count], "mean")
    return g.node("MatMul", [mean, g.constant("dense", g.weights["dense.weight"].T)], "rows")
