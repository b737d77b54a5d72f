"""The graph computes what the paper says, checked against a forward pass written out in numpy."""

import math

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders.bert_graph import BertShape, bert_graph, pair_graph
from indexer.encoders.minilm import SHAPE
from indexer.encoders.weights import MODEL, TOKENIZER, find_weights
from indexer.errors import EncoderError

SMALL = BertShape(layers=2, heads=3, max_tokens=10)
HIDDEN, INNER, WORDS = 24, 40, 50


def small_bert():
    """Random parameters of a BERT that is small enough to run thousands of times."""
    draw = np.random.default_rng(1)
    sizes = {
        "embeddings.word_embeddings.weight": (WORDS, HIDDEN),
        "embeddings.position_embeddings.weight": (16, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm.weight": (HIDDEN,),
        "embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for layer in range(SMALL.layers):
        at = f"encoder.layer.{layer}"
        linear = {f"{at}.attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")}
        linear |= {f"{at}.attention.output.dense": (HIDDEN, HIDDEN)}
        linear |= {f"{at}.intermediate.dense": (INNER, HIDDEN), f"{at}.output.dense": (HIDDEN, INNER)}
        for name, size in linear.items():
            sizes |= {f"{name}.weight": size, f"{name}.bias": size[:1]}
        for name in (f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"):
            sizes |= {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}
    return {name: draw.normal(scale=0.4, size=size).astype(np.float32) for name, size in sizes.items()}


def forward(tensors, shape, ids, segments=None):
    """One unpadded text through BERT, in float64: (hidden,), L2-normalised mean over all tokens; of two texts with their
    segments the classifier's logit."""
    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items() if tensor.dtype == np.float32}

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + shape.epsilon)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gelu(x):
        return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))

    words, positions = w["embeddings.word_embeddings.weight"], w["embeddings.position_embeddings.weight"]
    types = w["embeddings.token_type_embeddings.weight"]
    x = norm(words[ids] + positions[: len(ids)] + types[segments or [0] * len(ids)], "embeddings.LayerNorm")
    for layer in range(shape.layers):
        at = f"encoder.layer.{layer}"
        q, k, v = (linear(x, f"{at}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for head in np.split(np.arange(x.shape[1]), shape.heads):
            scores = q[:, head] @ k[:, head].T / math.sqrt(len(head))
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            heads.append(weights / weights.sum(-1, keepdims=True) @ v[:, head])
        attended = linear(np.concatenate(heads, axis=1), f"{at}.attention.output.dense")
        x = norm(x + attended, f"{at}.attention.output.LayerNorm")
        inner = linear(gelu(linear(x, f"{at}.intermediate.dense")), f"{at}.output.dense")
        x = norm(x + inner, f"{at}.output.LayerNorm")
    if segments:
        return linear(np.tanh(linear(x[0], "pooler.dense")), "classifier")[0]
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def run(session, rows):
    """(texts, hidden): token ids of several texts, padded together."""
    lengths = np.array([len(row) for row in rows], np.int32)
    ids = np.zeros((len(rows), lengths.max()), np.int32)
    for padded, row in zip(ids, rows, strict=True):
        padded[: len(row)] = row
    return session.run(None, {"input_ids": ids, "lengths": lengths})[0]


TENSORS = small_bert()
GRAPH = bert_graph(TENSORS, SMALL, "small")
SESSION = ort.InferenceSession(GRAPH, providers=["CPUExecutionProvider"])
PAIR_TENSORS = TENSORS | {
    "pooler.dense.weight": np.random.default_rng(2).normal(scale=0.4, size=(HIDDEN, HIDDEN)).astype(np.float32),
    "pooler.dense.bias": np.full(HIDDEN, 0.1, np.float32),
    "classifier.weight": np.random.default_rng(3).normal(size=(1, HIDDEN)).astype(np.float32),
    "classifier.bias": np.array([0.3], np.float32),
}
PAIR_SESSION = ort.InferenceSession(pair_graph(PAIR_TENSORS, SMALL), providers=["CPUExecutionProvider"])
texts_of_ids = st.lists(st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=SMALL.max_tokens), min_size=1, max_size=6)


@given(texts_of_ids)
@settings(deadline=None)
def test_a_padded_batch_gives_each_text_the_vector_of_the_plain_forward_pass(rows):
    expected = np.array([forward(TENSORS, SMALL, row) for row in rows])
    assert np.abs(run(SESSION, rows) - expected).max() < 1e-5


@given(texts_of_ids, st.data())
@settings(deadline=None)
def test_a_pair_gets_the_logit_of_the_plain_forward_pass_whatever_it_is_read_beside(rows, data):
    halves = [data.draw(st.integers(0, len(row))) for row in rows]
    segments = [[0] * half + [1] * (len(row) - half) for row, half in zip(rows, halves, strict=True)]
    expected = [forward(PAIR_TENSORS, SMALL, row, of) for row, of in zip(rows, segments, strict=True)]
    longest = max(map(len, rows))
    given = {name: np.array([[*row, *[0] * (longest - len(row))] for row in values], np.int32)
             for name, values in (("input_ids", rows), ("segment_ids", segments))}  # fmt: skip
    lengths = np.array([len(row) for row in rows], np.int32)
    assert np.abs(PAIR_SESSION.run(None, given | {"lengths": lengths})[0] - expected).max() < 1e-4


def test_the_same_weights_give_the_same_bytes():
    assert bert_graph(small_bert(), SMALL, "small") == GRAPH


def test_a_graph_carries_its_fingerprint():
    assert SESSION.get_modelmeta().custom_metadata_map == {"fingerprint": "small"}


def test_weights_without_a_parameter_are_refused_by_its_name():
    broken = {name: tensor for name, tensor in TENSORS.items() if name != "encoder.layer.1.output.dense.bias"}
    with pytest.raises(KeyError, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        bert_graph(broken, SMALL, "small")


def test_the_default_encoder_agrees_with_the_plain_forward_pass():
    try:
        weights = find_weights()
    except EncoderError as missing:
        pytest.skip(str(missing))
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    tensors = load(weights.read(MODEL))
    tokenizer = Tokenizer.from_buffer(weights.read(TOKENIZER))
    tokenizer.no_padding()
    session = ort.InferenceSession(bert_graph(tensors, SHAPE, "real"), providers=["CPUExecutionProvider"])
    texts = ["", "Is boiled water safe to drink?", "Zürich, naïve façade: 東京 и Москва", "the quick brown fox " * 12]
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    expected = np.array([forward(tensors, SHAPE, row) for row in rows])
    assert np.abs(run(session, rows) - expected).max() < 1e-5
