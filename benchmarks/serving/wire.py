"""How many queries does the wire alone carry?

Behind it every query is answered at once, with the same ten hits of two passages; before it stands the service as it is: guard,
parsing, units, conversion, log. The peer is gRPC with bytes that are ready: what is left of our own is then nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.result import Result
from benchmarks.served import started
from benchmarks.serving.figures import figures
from benchmarks.serving.load import Load, Outcomes, put
from indexer.progress import Progress

BATCHES = (1, 8, 32)
HTTP_BATCHES = (1, 32)
CALLS = 4
"""At once."""
ROUNDS = 3
QUERIES = [f"is boiled water number {n} safe to drink" for n in range(1000)]
CANNED = "benchmarks.serving.canned"


def wire(_: Path, seconds: float) -> Iterator[Result]:
    """Rounds in turn: ours, bare gRPC, and ours over HTTP."""
    rounds: dict[tuple[str, int], list[Outcomes]] = {}
    loads = {("gRPC", b): Load(b, CALLS, seconds=seconds / 2) for b in BATCHES}
    loads |= {("bare gRPC", b): Load(b, CALLS, seconds=seconds / 2) for b in BATCHES}
    loads |= {("HTTP", b): Load(b, CALLS, seconds=seconds / 2, http=True) for b in HTTP_BATCHES}
    with (
        started([CANNED]) as ours,
        started([CANNED, "--bare"]) as bare,
        Progress("wire", "runs", ROUNDS * len(loads)) as progress,
    ):
        where = {"gRPC": ours.address, "bare gRPC": bare.address, "HTTP": ours.http}
        for _ in range(ROUNDS):
            for (way, batch), load in loads.items():
                rounds.setdefault((way, batch), []).append(put(load, where[way], QUERIES))
                progress.advance()
    for (way, batch), load in loads.items():
        peer = None if way == "bare gRPC" else ("bare gRPC", rounds["bare gRPC", batch])
        yield from figures(f"wire alone, {way}, batch {batch}", load, rounds[way, batch], {"way": way}, peer)
