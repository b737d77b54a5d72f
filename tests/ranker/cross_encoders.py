"""Cross-encoders made on the spot: the folder of a BERT classifier with random weights, as Hugging Face lays it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

HIDDEN, INNER, LAYERS, HEADS, LONGEST = 24, 48, 2, 3, 48
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def write_cross_encoder(folder: Path, texts: Iterable[str], seed: int = 1, **config: object) -> Path:
    """A model of these texts' words; `config` overrides what its file says."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    vocabulary = [*SPECIAL, *sorted({word for text in texts for word in re.findall(r"\w+", text.lower())})]
    said = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "max_position_embeddings": LONGEST,
        "type_vocab_size": 2,
        "vocab_size": len(vocabulary),
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
    }
    (folder / "config.json").write_text(json.dumps(said | config))
    save_file(_tensors(len(vocabulary), seed), folder / "model.safetensors")
    _write_tokenizer(folder, vocabulary)
    return folder


def _tensors(words: int, seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    found = {
        "bert.embeddings.word_embeddings.weight": (words, HIDDEN),
        "bert.embeddings.position_embeddings.weight": (LONGEST, HIDDEN),
        "bert.embeddings.token_type_embeddings.weight": (2, HIDDEN),
    }
    norms = ["bert.embeddings.LayerNorm"]
    linear = {"bert.pooler.dense": (HIDDEN, HIDDEN), "classifier": (1, HIDDEN)}
    for layer in range(LAYERS):
        at = f"bert.encoder.layer.{layer}"
        linear |= {f"{at}.attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")}
        linear |= {f"{at}.attention.output.dense": (HIDDEN, HIDDEN)}
        linear |= {f"{at}.intermediate.dense": (INNER, HIDDEN), f"{at}.output.dense": (HIDDEN, INNER)}
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
    for name, (rows, columns) in linear.items():
        found |= {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}
    tensors = {name: draw.normal(scale=0.4, size=size).astype(np.float32) for name, size in found.items()}
    for name in norms:
        tensors |= {f"{name}.weight": np.ones(HIDDEN, np.float32), f"{name}.bias": np.zeros(HIDDEN, np.float32)}
    return tensors


def _write_tokenizer(folder: Path, vocabulary: list[str]) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    numbers = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", numbers["[SEP]"]), ("[CLS]", numbers["[CLS]"]))
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    said = {"tokenizer_class": "BertTokenizerFast", "model_max_length": LONGEST, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
