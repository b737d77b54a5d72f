"""How do BERT weights become a graph that ONNX Runtime runs fast?

The graph is written out directly, node by node, in ONNX Runtime's fused operators (domain ``com.microsoft``), with mean
pooling and L2 normalisation inside. No tensor library is needed, and the same weights give the same bytes.

Inputs: ``input_ids`` (batch, tokens) int32, padded on the right; ``lengths`` (batch,) int32, tokens that are not padding.
Output: ``vectors`` (batch, hidden) float32, rows L2-normalised. For a model that reads two texts together, also the input
``segment_ids`` (batch, tokens) int32, and as output ``logits`` (batch,) float32 of its classifier on the first token.

The architecture is that of Devlin et al., NAACL 2019, doi:10.18653/v1/N19-1423, with exact (erf) GELU. The operators:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAPH_VERSION = 1
"""Raised whenever this file would write another graph for the same weights."""

_FUSED = "com.microsoft"
_OPSET, _IR_VERSION = 17, 8  # old enough for every ONNX Runtime that pyproject.toml allows

Tensors = Mapping[str, NDArray[np.float32]]
"""Parameters by the names that BertModel gives them."""


@dataclass(frozen=True, slots=True)
class BertShape:
    """The numbers of an architecture that its weights do not tell."""

    layers: int
    """Transformer layers."""
    heads: int
    """Attention heads; divides the hidden size."""
    max_tokens: int
    """Longest input, special tokens included; at most the number of position embeddings."""
    epsilon: float = 1e-12
    """Added to the variance in layer normalisation."""


def bert_graph(tensors: Tensors, shape: BertShape, fingerprint: str) -> bytes:
    """A serialised ONNX model of the encoder, about as large as its weights, with `fingerprint` in its metadata.

    Raises KeyError where a parameter is missing.
    """
    from onnx import helper

    model = _Graph(tensors, shape).build()
    helper.set_model_props(model, {"fingerprint": fingerprint})
    written: bytes = model.SerializeToString(deterministic=True)
    return written


def pair_graph(tensors: Tensors, shape: BertShape) -> bytes:
    """A serialised ONNX model that gives two texts, read together, one logit: BertForSequenceClassification with one label.

    Raises KeyError where a parameter is missing.
    """
    written: bytes = _Graph(tensors, shape, pair=True).build().SerializeToString(deterministic=True)
    return written


class _Graph:
    """Nodes and constants in the order they were added."""

    def __init__(self, tensors: Tensors, shape: BertShape, pair: bool = False) -> None:
        self.tensors, self.shape, self.pair = tensors, shape, pair
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def build(self) -> Any:
        """An ``onnx.ModelProto``."""
        from onnx import TensorProto, helper

        hidden = self.embed()
        for layer in range(self.shape.layers):
            hidden = self.layer(f"encoder.layer.{layer}", hidden)
        texts = [("input_ids", ["batch", "tokens"]), ("lengths", ["batch"])]
        if self.pair:
            self.classify(hidden)
            texts.append(("segment_ids", ["batch", "tokens"]))
            output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch"])
        else:
            self.pool(hidden)
            dim = self.tensors["embeddings.LayerNorm.weight"].shape[0]
            output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", dim])
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, axes) for name, axes in texts]
        graph = helper.make_graph(self.nodes, "bert", inputs, [output], self.constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="stepwell")

    def embed(self) -> str:
        """Word + position + token type, normalised. Where every token has type 0, its row is folded into the positions."""
        positions = self.tensors["embeddings.position_embeddings.weight"][: self.shape.max_tokens]
        types = self.tensors["embeddings.token_type_embeddings.weight"]
        inputs = [
            "input_ids",
            "segment_ids" if self.pair else "",
            self.parameter("embeddings.word_embeddings.weight"),
            self.constant("positions", positions if self.pair else positions + types[0]),
            self.constant("types", types) if self.pair else "",
            self.parameter("embeddings.LayerNorm.weight"),
            self.parameter("embeddings.LayerNorm.bias"),
        ]
        self.node("EmbedLayerNormalization", inputs, "embedded", also="unused_mask", epsilon=self.shape.epsilon)
        return "embedded"

    def layer(self, at: str, hidden: str) -> str:
        """One transformer layer, post-norm as in the paper. Weights are stored (out, in); the graph wants (in, out)."""
        qkv = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.tensors[f"{part}.weight"].T for part in qkv], axis=1)  # (hidden, 3 * hidden)
        bias = np.concatenate([self.tensors[f"{part}.bias"] for part in qkv])
        inputs = [hidden, self.constant(f"{at}.qkv", weight), self.constant(f"{at}.qkv.bias", bias), "lengths"]
        attended = self.node("Attention", inputs, f"{at}.attended", num_heads=self.shape.heads)
        hidden = self.add_and_normalise(f"{at}.attention.output", attended, hidden)
        inner = self.matmul(f"{at}.intermediate.dense", hidden)
        inner = self.node("BiasGelu", [inner, self.parameter(f"{at}.intermediate.dense.bias")], f"{at}.gelu")
        return self.add_and_normalise(f"{at}.output", inner, hidden)

    def add_and_normalise(self, at: str, inner: str, residual: str) -> str:
        """LayerNorm(inner @ W + b + residual)."""
        norm = [self.parameter(f"{at}.LayerNorm.weight"), self.parameter(f"{at}.LayerNorm.bias")]
        inputs = [self.matmul(f"{at}.dense", inner), residual, *norm, self.parameter(f"{at}.dense.bias")]
        return self.node("SkipLayerNormalization", inputs, f"{at}.normalised", epsilon=self.shape.epsilon)

    def pool(self, hidden: str) -> None:
        """The direction of the mean over tokens that are not padding; its 1/length cancels in the normalisation."""
        index = self.constant("token_index", np.arange(self.shape.max_tokens, dtype=np.int32))
        one, zero = self.constant("one", np.array([1])), self.constant("zero", np.array([0]))
        size = self.node("Shape", ["input_ids"], "size", domain="", start=1)
        index = self.node("Slice", [index, zero, size], "index", domain="")
        lengths = self.node("Unsqueeze", ["lengths", one], "length_column", domain="")
        mask = self.node("Less", [index, lengths], "mask", domain="")  # (batch, tokens)
        mask = self.node("Cast", [mask], "weights", domain="", to=1)
        mask = self.node("Unsqueeze", [mask, one], "weight_rows", domain="")  # (batch, 1, tokens)
        total = self.node("MatMul", [mask, hidden], "total", domain="")
        total = self.node("Squeeze", [total, one], "sums", domain="")
        self.node("LpNormalization", [total], "vectors", domain="", axis=-1, p=2)

    def classify(self, hidden: str) -> None:
        """The classifier's logit of the first token, through the pooler's tanh."""
        first, axes = self.constant("first", np.array([0])), self.constant("axes", np.array([1, 2]))
        token = self.node("Gather", [hidden, first], "first_token", domain="", axis=1)  # (batch, 1, hidden)
        for at, then in (("pooler.dense", "Tanh"), ("classifier", "Identity")):
            total = self.node("Add", [self.matmul(at, token), self.parameter(f"{at}.bias")], f"{at}.total", domain="")
            token = self.node(then, [total], f"{at}.out", domain="")
        self.node("Squeeze", [token, axes], "logits", domain="")

    def matmul(self, at: str, hidden: str) -> str:
        weight = self.constant(f"{at}.transposed", self.tensors[f"{at}.weight"].T)
        return self.node("MatMul", [hidden, weight], f"{at}.product", domain="")

    def node(self, kind: str, inputs: Sequence[str], output: str, *, domain: str = _FUSED, also: str = "", **given: Any) -> str:
        from onnx import helper

        outputs = [output, also] if also else [output]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=output, domain=domain, **given))
        return output

    def parameter(self, name: str) -> str:
        return self.constant(name, self.tensors[name])

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
