"""Where is the graph of the default encoder kept between runs?

At ``CACHE/encoders/FINGERPRINT.onnx``, written once, atomically. The fingerprint covers the weights and the version of the
graph and is repeated inside the file: a file of other weights or another version is never used, and one that does not load
is built again.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from indexer.encoders.bert_graph import BertShape, bert_graph
from indexer.encoders.cache_root import cache_root
from indexer.encoders.weights import MODEL, Weights
from indexer.errors import EncoderError


def graph_file(fingerprint: str, weights: Weights, shape: BertShape) -> Any:
    """An ``onnxruntime.InferenceSession`` on the graph, which is built first where it is not there.

    Raises EncoderError where the weights are not the pinned ones, OSError where the folder cannot be written to.
    """
    path = cache_root() / "encoders" / f"{fingerprint}.onnx"
    if path.is_file() and (session := _open(path, fingerprint)):
        return session
    from safetensors.numpy import load

    write_atomically(path, bert_graph(load(weights.read(MODEL)), shape, fingerprint))
    if session := _open(path, fingerprint):
        return session
    raise EncoderError(f"onnxruntime does not load the graph {path}; upgrade it: pip install -U onnxruntime onnx")


def _open(path: Path, fingerprint: str) -> Any:
    """A session with one thread, or None where the file is not a graph with this fingerprint."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - the runtime's own errors share no public class; whatever it is, the graph is built anew
        return None
    return session if session.get_modelmeta().custom_metadata_map.get("fingerprint") == fingerprint else None


def write_atomically(path: Path, content: bytes) -> None:
    """Readers see the whole file or none, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
