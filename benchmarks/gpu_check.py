"""Does everything that is meant for a card run on this one, and how near to the card's limits?

    python -m benchmarks.gpu_check --index index/acl --out gpu.jsonl              # needs CUDA, stepwell[gpu,torch]
    python -m benchmarks.gpu_check --index index/acl --devices cpu --vectors 20_000 --texts 64    # the same code without a card

Each figure stands beside a limit that is measured first, on the same card: the encoder beside the rate of large bfloat16 matrix
products, the scan beside the rate at which memory is copied. Candidates from the card are compared with the CPU's. Exit code 1
where vectors or candidates leave the tolerance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.drawn_vectors import VectorSource
from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Parameters, Result
from benchmarks.table import table
from indexer.dense.device import STRUCTURES, OnDevices, cards
from indexer.dense.stored import StoredVectors
from indexer.encoders import DEFAULT_ENCODER, Vectors, load_encoder
from indexer.errors import DeviceError, EncoderError
from indexer.index import Index

TOLERANCE = 0.01
"""Largest difference between a cosine of a bfloat16 vector and that of the float32 one."""
LEAST_OVERLAP = 0.99
"""Share of the CPU's 100 nearest that a scan on the card must give: float16 products may swap near ties at the end of a list."""
DEPTH, BATCH = 100, 256


def main(argv: Sequence[str] | None = None) -> int:
    """Run the check; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    args = _parser().parse_args(argv)
    ledger = Ledger(args.out, ["gpu", *argv])
    devices = args.devices or cards("cuda")
    results: list[Result] = []
    with Index.open(args.index) as index:
        texts = [document.text for document in index.documents(np.arange(min(args.texts, index.manifest.documents)))]
        real = np.concatenate([block for segment in index.segments if segment.dense for block in segment.dense.blocks()])
    about: Parameters = {"devices": ", ".join(devices), "card": _name(devices[0]), "index": args.index.resolve().name}
    for result in (*_encoder(texts, devices[0], about), *_search(real, args.vectors, devices, about)):
        ledger.add(result, quick="cpu" in devices)
        results.append(result)
    print(table(results))
    bad = [r for r in results if r.parameters.get("within_tolerance") is False]
    for result in bad:
        print(f"gpu check: {result.name} is {result.value:.4g}, outside the tolerance", file=sys.stderr)
    return 1 if bad else 0


def _encoder(texts: Sequence[str], device: str, about: Parameters) -> Iterator[Result]:
    """Texts a second beside the arithmetic limit, and the largest difference of a cosine from the CPU's."""
    from indexer.encoders import sentence_transformers

    try:
        heavy, light = sentence_transformers.load(DEFAULT_ENCODER, device, precision="bfloat16"), load_encoder()
    except (ModuleNotFoundError, EncoderError) as error:
        print(f"gpu check: the encoder is left out: {error}", file=sys.stderr)
        return
    limit = _matrix_rate(device)
    yield Result("gpu", "bfloat16 matrix product", limit / 1e12, "TFLOP/s", parameters=about)
    heavy.encode(texts[:64])
    seconds = _seconds(lambda: heavy.encode(texts), 3)
    work = _encoder_work(texts)
    what = {**about, "texts": len(texts), "encoder": heavy.name, "share_of_matrix_rate": work / seconds / limit}
    yield Result(
        "gpu",
        "encode",
        len(texts) / seconds,
        "texts/s",
        ratio_to="the matrix rate alone",
        ratio=work / seconds / limit,
        parameters=what,
    )
    sample, queries = list(texts[:256]), list(texts[:32])
    asked = light.encode(queries, "query")
    apart = float(np.abs(heavy.encode(sample) @ asked.T - light.encode(sample) @ asked.T).max())
    yield Result(
        "gpu",
        "cosine, bfloat16 from float32",
        apart,
        "largest difference",
        parameters={**about, "within_tolerance": apart <= TOLERANCE},
    )


def _search(real: Vectors, count: int, devices: Sequence[str], about: Parameters) -> Iterator[Result]:
    """Load, recall beside the CPU's scan, and rate of each structure, batched; a scan also beside the memory's rate."""
    rows = VectorSource(real).draw(count).astype(np.float16)
    stored = StoredVectors.of(rows)
    queries = np.ascontiguousarray(real[np.linspace(0, len(real) - 1, BATCH, dtype=int)])
    nearest = [set(row.tolist()) for row in stored.nearest(queries, DEPTH)]
    about = {**about, "vectors": count, "dim": rows.shape[1], "batch": BATCH, "depth": DEPTH}
    bandwidth = _memory_rate(devices[0]) * len(devices)
    yield Result("gpu", "memory copied", bandwidth / 1e9, "GB/s", parameters=about)
    for structure in STRUCTURES:
        began = time.perf_counter()
        try:
            on = OnDevices.load(stored, devices, structure)
        except DeviceError as error:
            print(f"gpu check: {structure} left out: {error}", file=sys.stderr)
            continue
        yield Result("gpu", f"load, {structure}", count / (time.perf_counter() - began), "vectors/s", parameters=about)
        found = on.candidates(queries, DEPTH, None, 1.0)
        recall = float(np.mean([len(set(row.tolist()) & best) / DEPTH for row, best in zip(found, nearest, strict=True)]))
        limits = {} if structure != "scan" else {"within_tolerance": recall >= LEAST_OVERLAP}
        yield Result("gpu", f"recall@{DEPTH}, {structure}", recall, "share", parameters={**about, **limits})
        for size in (1, BATCH):
            seconds = _seconds(lambda on=on, size=size: on.candidates(queries[:size], DEPTH, None, 1.0), 10)  # type: ignore[misc]
            peer = {"ratio_to": "one pass over memory", "ratio": rows.nbytes / bandwidth / seconds} if structure == "scan" else {}
            yield Result("gpu", f"{structure}, batch {size}", size / seconds, "queries/s", parameters=about, **peer)


def _seconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of a round; what is timed returns only when the card is done, since its answer is on the CPU."""
    work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def _matrix_rate(device: str, size: int = 8_192) -> float:
    """Floating-point operations a second of square bfloat16 products; much smaller ones on a CPU."""
    import torch

    size = size if device.startswith("cuda") else 512
    left, right = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * size**3 * 10 / _timed(device, lambda: [left @ right for _ in range(10)])


def _memory_rate(device: str, size: int = 2**31) -> float:
    """Bytes read and written a second by a copy within the device's memory."""
    if not device.startswith("cuda"):
        here = np.zeros(2**26, np.uint8)
        return 2 * len(here) / _seconds(here.copy, 5)

    import torch

    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size * 10 / _timed(device, lambda: [target.copy_(source) for _ in range(10)])


def _timed(device: str, work: Callable[[], object]) -> float:
    import torch

    def whole() -> None:
        work()
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)

    return _seconds(whole, 3)


def _encoder_work(texts: Sequence[str]) -> float:
    """Floating-point operations that the default encoder needs for the texts' own tokens, padding not counted.

    Per token and layer 2 * (4 h^2 + 8 h^2) for the matrices and 4 * t * h for attention, h = 384, six layers, t tokens.
    """
    from tokenizers import Tokenizer

    from indexer.encoders.minilm import DIM, SHAPE
    from indexer.encoders.weights import TOKENIZER, find_weights

    tokenizer = Tokenizer.from_buffer(find_weights().read(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(SHAPE.max_tokens)
    lengths = np.array([len(e.ids) for e in tokenizer.encode_batch(list(texts))], np.float64)
    return float(SHAPE.layers * (24 * DIM**2 * lengths + 4 * DIM * lengths**2).sum())


def _name(device: str) -> str:
    if not device.startswith("cuda"):
        return device

    import torch

    return torch.cuda.get_device_name(device)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_check", description="Check and measure what is meant for a card."
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR", help="an index with vectors and documents")
    parser.add_argument("--devices", nargs="+", metavar="DEVICE", help="cuda:0 cuda:1, or cpu (default every card)")
    parser.add_argument("--vectors", type=int, default=10_000_000, metavar="N", help="vectors to search (default 10,000,000)")
    parser.add_argument("--texts", type=int, default=20_000, metavar="N", help="texts to encode (default 20,000)")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE", help=f"JSON lines (default {RESULTS})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
