"""How evenly do connections spread over two workers?

The kernel deals out connections of gRPC by a hash, so few of them may all reach one worker; HTTP connections are accepted by
whichever worker is idle. Counted is whom each of so many connections reached, again and again with new ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import mean

import grpc
import httpx

from benchmarks.faults.site import Site, site
from benchmarks.result import Result
from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1.admin_pb2_grpc import AdminStub

CONNECTIONS = (2, 4, 8, 16, 32)
TRIALS = 40
"""For the seconds that are usual."""
USUAL = 4.0

Reach = Callable[[Site, int], list[int]]
"""Process ids that so many new connections reached."""


def spread(index: Path, seconds: float) -> Iterator[Result]:
    """The busiest worker's share of the connections, in the mean over trials."""
    trials = max(5, round(TRIALS * seconds / USUAL))
    with site(index, "off", workers=2) as server:
        for wire, reach in (("gRPC", _over_grpc), ("HTTP", _over_http)):
            for connections in CONNECTIONS:
                shares = [max(Counter(reach(server, connections)).values()) / connections for _ in range(trials)]
                value = mean(shares)
                yield Result(
                    "server", f"busiest of 2 workers, {wire}, {connections} connections", value, "of connections",
                    min(shares), max(shares), f"min-max of {trials} trials", ratio_to="an even share", ratio=value / 0.5,
                    parameters={"workers": 2, "connections": connections, "alone": sum(share == 1 for share in shares) / trials},
                )  # fmt: skip


def _over_grpc(server: Site, connections: int) -> list[int]:
    with ExitStack() as stack:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channels = [stack.enter_context(grpc.insecure_channel(server.address, options)) for _ in range(connections)]
        return [AdminStub(channel).Status(pb.AdminStatusRequest(), timeout=20).pid for channel in channels]


def _over_http(server: Site, connections: int) -> list[int]:
    with ExitStack() as stack:
        clients = [stack.enter_context(httpx.Client(base_url=server.http, trust_env=False)) for _ in range(connections)]
        return [int(client.get("/v1/admin/status").json()["pid"]) for client in clients]
