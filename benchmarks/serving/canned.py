"""What does the wire cost alone?

A back end that answers at once; what is left is the wire. It prints its address and ends on SIGTERM:

    python -m benchmarks.serving.canned             # our service in front
    python -m benchmarks.serving.canned --bare      # nothing in front: what gRPC itself allows
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import grpc
import grpc.aio

from protos.stepwell.v1 import search_pb2 as pb
from ranker.query import Query
from ranker.ranking import Hit, Outcome, PassageHit, Ranking, Status, Terms, Trust
from server.address import Address
from server.run import run
from server.service import NAME
from server.settings import ServerSettings
from server.wire.ranking import outcome_to_proto

TEXT = "Bringing water to a rolling boil for one minute makes it safe to drink in most places. " * 4


class Canned:
    """Gives every query the same ten hits with two passages of 350 characters each; made once, sent each time."""

    def __init__(self) -> None:
        passage = PassageHit(TEXT, 0, len(TEXT), ((14, 19), (33, 37)), "Boiling")
        terms = Terms(-3.0, 2.5, 1.5, 0.1, 12.0, 20.0, 0.6, 0.2, 0.0, 3.0, 14.0)
        trust = Trust(0.5, "expert", "alder.example")
        hits = [
            Hit(n, f"bench:{n}", f"Boiling water, part {n}", f"https://alder.example/{n}", "page", ("A. Writer",), "Alder Review",
                "2024-05", 1.1 - n / 10, 1.0 - n / 10, trust, terms, (passage, passage), 0, text_sha256="0" * 64)
            for n in range(1, 11)
        ]  # fmt: skip
        self._ranking = Ranking("", tuple(hits), "1-bench", "off", "none", "none", (), 0.0)
        self.status = Status("1-bench", "off", "none", "none", 10, 20)
        self.pinned: Any = None
        self.troubles = ()
        self.path = Path()

    def search(self, queries: Sequence[Query], pinned: object = None, until: float = 0) -> list[Outcome]:  # noqa: ARG002 - a searcher's signature
        """The same hits for each."""
        return [replace(self._ranking, query=query.text) for query in queries]

    def reload(self) -> tuple[str, ...]:
        """Nothing ever changes."""
        return ()

    def withdraw(self, path: Path) -> None:
        """There is no file."""


async def _bare() -> None:
    """gRPC alone: replies that are bytes already, with none of our code in front."""
    [outcome] = Canned().search([Query("anything")])
    ready = outcome_to_proto(outcome)

    @cache
    def replies(queries: int) -> bytes:
        return pb.BatchSearchResponse(outcomes=[ready] * queries).SerializeToString()

    async def answer(request: pb.BatchSearchRequest, _: object) -> bytes:
        return replies(len(request.queries))

    handler = grpc.unary_unary_rpc_method_handler(answer, request_deserializer=pb.BatchSearchRequest.FromString)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, {"BatchSearch": handler}),))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f'{{"address": "127.0.0.1:{port}"}}', flush=True)
    await told.wait()
    await server.stop(None)


def main() -> int:
    """Serve until SIGTERM."""
    if "--bare" in sys.argv:
        asyncio.run(_bare())
        return 0
    anywhere = Address("127.0.0.1", 0)
    return run(cast("Any", Canned()), ServerSettings(grpc=anywhere, http=anywhere, scrub=0, json=True))


if __name__ == "__main__":
    sys.exit(main())
