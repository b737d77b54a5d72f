"""Does the encoder fit the index, how long does it take, what is there to compute on, and is a query answered?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from indexer.dense.device import cards as asked
from indexer.encoders import load_encoder
from indexer.errors import DeviceError
from indexer.generation import current
from ranker.errors import CalibrationError
from ranker.own_calibration import copy_path, may_keep
from ranker.ranking import Failure
from ranker.relevance import Calibration
from server.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from server.deployment import Deployment

SLOW = 200.0
"""Milliseconds to encode a query, from which on the encoder is most of a search."""
LONG = 1_000.0
"""Milliseconds for one query on an idle server."""
TRIES = 5
"""The least of so many is the encoder's time."""
PROBE = "how much water does a person need in a day"


def encoder(deployment: Deployment) -> Iterator[Finding]:
    """Loads it as the server would, compares fingerprints, encodes a query."""
    manifest = current(deployment.index)
    if not manifest.encoder:
        yield ok("encoder", "none: the index has no vectors and is searched by words")
        return
    began = time.perf_counter()
    loaded = deployment.named_encoder() or load_encoder(manifest.encoder, deployment.device)
    loading = time.perf_counter() - began
    if loaded.fingerprint != manifest.encoder_fingerprint:
        yield fail(
            "encoder",
            f"{loaded.name} ({loaded.fingerprint[:8]}) did not make the vectors: {manifest.encoder} "
            f"({manifest.encoder_fingerprint[:8]}) did",
            "give that one by encoder and weights, or run: stepwell indexer encode",
        )
        return
    ms = min(_encoded(loaded.encode) for _ in range(TRIES))
    own = f"{loaded.name} ({loaded.fingerprint[:8]}, {loaded.precision}) is the index' own"
    found = f"{own}; loaded in {loading:.1f} s, a query in {ms:.1f} ms"
    yield ok("encoder", found) if ms < SLOW else warn("encoder", found, "a smaller encoder, a free core, or device = cuda")


def cards(deployment: Deployment) -> Iterator[Finding]:
    """What FAISS, ONNX Runtime and torch say of graphics cards."""
    said, count = [], 0
    if find_spec("faiss"):
        import faiss

        count = faiss.get_num_gpus() if hasattr(faiss, "StandardGpuResources") else 0
        built = "for graphics cards" if hasattr(faiss, "StandardGpuResources") else "for the CPU alone"
        said.append(f"FAISS {faiss.__version__} is built {built}" + (f" and sees {count}" if count else ""))
    if find_spec("onnxruntime"):
        import onnxruntime

        providers = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
        said.append(f"ONNX Runtime {onnxruntime.__version__} runs on {', '.join(providers)}")
    wanted = deployment.device != "cpu"
    if wanted and find_spec("torch"):
        import torch

        said.append(f"torch {torch.__version__} sees {torch.cuda.device_count()}")
    elif find_spec("torch"):
        said.append(f"torch {metadata.version('torch')} is installed")
    found = "; ".join(said) or "neither FAISS nor ONNX Runtime is installed"
    if not wanted:
        there = f"{count} found and not used (device = cpu)" if count else "none is found and none is wanted"
        yield ok("graphics card", f"{there}; {found}")
        return
    try:
        yield ok("graphics card", f"{', '.join(asked(deployment.device))} will be used; {found}")
    except DeviceError as error:
        yield fail("graphics card", f"{error}; {found}", "device = cpu, or install the driver and the builds for it")


def one_query(deployment: Deployment) -> Iterator[Finding]:
    """Opens everything as the server does and answers a query."""
    began = time.perf_counter()
    with deployment.open() as searcher:
        opening = time.perf_counter() - began
        searcher.search([PROBE])  # what is loaded on first use is loaded now
        began = time.perf_counter()
        [outcome] = searcher.search(["which water is safe to drink"])
        ms = (time.perf_counter() - began) * 1000
        if isinstance(outcome, Failure):
            yield fail("one query", outcome.message, "see the lines above; else: stepwell indexer verify")
            return
        pinned = searcher.pinned
    found = f"opened in {opening:.1f} s, answered in {ms:.0f} ms with {len(outcome.hits)} hits by {outcome.calibration}"
    if pinned.missing:
        yield fail("one query", pinned.missing[0], f"stepwell indexer repair --index {deployment.index}")
    elif pinned.coverage:
        yield warn("one query", f"{found}; every answer says: {'; '.join(pinned.coverage)}", "see README of the ranker")
    elif ms > LONG:
        yield warn("one query", found, "see memory and encoder above; stepwell indexer merge joins segments")
    else:
        yield ok("one query", found)


def _encoded(encode: object) -> float:
    """Milliseconds for one query."""
    assert callable(encode)
    began = time.perf_counter()
    encode([PROBE], "query")
    return (time.perf_counter() - began) * 1000


def calibration(deployment: Deployment) -> Iterator[Finding]:
    """The operator's own calibration."""
    path = deployment.calibration
    if path is None:
        yield ok("calibration", "the shipped one of the feature set")
        return
    try:
        loaded = Calibration.load(path)
    except CalibrationError as error:
        copied = copy_path(path).exists()
        begins = f"a server that begins now begins with {copy_path(path)}" if copied else "no server begins with it"
        yield fail("calibration", f"{error}; {begins}", "stepwell ranker calibrate makes one")
        return
    yield ok("calibration", f"{path}: version {loaded.version}")
    if not may_keep(path):
        unkept = f"no copy can be kept in {path.parent}: a server that begins while it is broken would not come up"
        yield warn("calibration", unkept, "let the server write there")
