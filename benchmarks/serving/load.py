"""What becomes of calls that a process of its own makes, so many at once or so many a second?

    python -m benchmarks.serving.load ADDRESS --batch 8 --calls 4 --seconds 10 < queries.txt      # closed loop
    python -m benchmarks.serving.load ADDRESS --batch 1 --rate 400 --deadline 2 < queries.txt     # open loop, a call's deadline

In the open loop calls arrive at random (Poisson) whether earlier ones were answered or not, and a call's time begins when it was
due. Counted is what ends between the warm-up, a quarter of the seconds, and the end; a closed loop goes on until that is one call
at the least, however slow the machine is. One line of JSON tells it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

import grpc
import grpc.aio
import httpx
import orjson

from benchmarks.errors import ServerFailed
from benchmarks.machine import ROOT
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub

CONNECTIONS = 16
"""Connections of an open loop, so that several workers share its calls."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a process asks for."""

    batch: int
    """Queries in a call."""
    calls: int = 1
    """Calls at once, each on a connection of its own; the closed loop."""
    rate: float = 0.0
    """Queries a second, whatever becomes of them; 0 for the closed loop."""
    seconds: float = 5.0
    """Measured, after a warm-up of a quarter of it."""
    deadline: float = 30.0
    """Seconds given to a call."""
    http: bool = False
    """Ask `/v1/batch_search` and not gRPC."""


@dataclass(slots=True)
class Outcomes:
    """What became of the calls that ended within the time measured."""

    seconds: float
    """Measured."""
    took: list[float] = field(default_factory=list)
    """Seconds of each call that was answered whole."""
    codes: Counter[str] = field(default_factory=Counter)
    """Status names of the others; LATE where a query of the batch was."""
    degraded: int = 0
    """Queries answered whose coverage says that something was left out."""
    asked: int = 0
    """Queries sent, the warm-up's too."""
    cores: float = 0.0
    """Cores that the load itself took while it ran: on one machine it takes them from the server."""


Ask = Callable[[Sequence[str], float], Awaitable[int]]
"""Asks one batch within so many seconds; how many of its queries were answered without a part of the search. Raises Refused."""


class Refused(Exception):
    """A call that was not answered whole; its argument is the reason, a status name."""


def put(load: Load, address: str, queries: Sequence[str]) -> Outcomes:
    """Put a server under load from a process of its own. Raises ServerFailed."""
    options = [f"--{name}={getattr(load, name)}" for name in ("batch", "calls", "rate", "seconds", "deadline")]
    options += ["--http"] if load.http else []
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving.load", address, *options],
        input="\n".join(queries).encode(), stdout=subprocess.PIPE, cwd=ROOT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServerFailed(f"the load on {address} ended with {done.returncode}; its message is above")
    told = orjson.loads(done.stdout)
    return Outcomes(told["seconds"], told["took"], Counter(told["codes"]), told["degraded"], told["asked"], told["cores"])


async def run(load: Load, address: str, queries: Sequence[str]) -> Outcomes:
    """Ask until the time is over."""
    seen, texts = Outcomes(load.seconds), cycle(queries)
    began, spent = time.perf_counter(), time.process_time()
    counted, end = began + load.seconds / 4, began + load.seconds * 1.25

    def ended() -> bool:
        return bool(seen.took or seen.codes)

    async def call(ask: Ask, due: float) -> None:
        batch = list(islice(texts, load.batch))
        seen.asked += len(batch)
        try:
            degraded, code = await ask(batch, load.deadline), "OK"
        except Refused as refused:
            degraded, code = 0, str(refused)
        now = time.perf_counter()
        if now >= end and not load.rate and not ended():
            seen.seconds = now - counted
        elif not counted <= now < end:
            return
        if code == "OK":
            seen.took.append(now - due)
            seen.degraded += degraded
        else:
            seen.codes[code] += 1

    async def closed(ask: Ask) -> None:
        while (now := time.perf_counter()) < end or not ended():
            await call(ask, now)

    async with AsyncExitStack() as stack:
        connect = _http if load.http else _grpc
        ways = [await stack.enter_async_context(connect(address)) for _ in range(CONNECTIONS if load.rate else load.calls)]
        if load.rate:
            await _open(load, end, call, cycle(ways))
        else:
            await asyncio.gather(*map(closed, ways))
    seen.cores = (time.process_time() - spent) / (time.perf_counter() - began)
    return seen


async def _open(load: Load, end: float, call: Callable[[Ask, float], Coroutine[None, None, None]], ways: Iterator[Ask]) -> None:
    chance, tasks, due = random.Random(load.rate), set[asyncio.Task[None]](), time.perf_counter()
    while due < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(call(next(ways), due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        due += chance.expovariate(load.rate / load.batch)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _grpc(address: str) -> AsyncIterator[Ask]:
    """A connection of its own: channels with equal options would share one."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", 2**24)]
    async with grpc.aio.insecure_channel(address, options) as channel:
        stub = SearchStub(channel)

        async def ask(texts: Sequence[str], deadline: float) -> int:
            request = pb.BatchSearchRequest(queries=[pb.Query(text=text) for text in texts])
            try:
                reply = await stub.BatchSearch(request, timeout=deadline)  # type: ignore[misc]
            except grpc.aio.AioRpcError as error:
                raise Refused(error.code().name) from None
            if any(outcome.HasField("failure") for outcome in reply.outcomes):
                raise Refused("LATE")
            return sum(any("left out" in line for line in outcome.ranking.coverage) for outcome in reply.outcomes)

        yield ask


@asynccontextmanager
async def _http(address: str) -> AsyncIterator[Ask]:
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:

        async def ask(texts: Sequence[str], deadline: float) -> int:
            headers = {"stepwell-timeout": f"{deadline}", "content-type": "application/json"}
            body = orjson.dumps({"queries": texts})
            try:
                reply = await client.post("/v1/batch_search", content=body, headers=headers, timeout=deadline)
            except httpx.HTTPError as error:
                raise Refused(type(error).__name__) from None
            if reply.status_code != 200:
                raise Refused(str(reply.status_code))
            outcomes = orjson.loads(reply.content)["outcomes"]
            if any("failure" in outcome for outcome in outcomes):
                raise Refused("LATE")
            return sum(any("left out" in line for line in outcome["ranking"]["coverage"]) for outcome in outcomes)

        yield ask


def main() -> int:
    """Run; queries, one a line, come from standard input."""
    parser = argparse.ArgumentParser(description="Put a server under load.")
    parser.add_argument("address")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--deadline", type=float, default=30.0)
    parser.add_argument("--http", action="store_true")
    args = vars(parser.parse_args())
    queries = [line.strip() for line in sys.stdin if line.strip()]
    seen = asyncio.run(run(Load(**{name: args[name] for name in args if name != "address"}), args["address"], queries))
    sys.stdout.buffer.write(orjson.dumps(seen, option=orjson.OPT_APPEND_NEWLINE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
