"""Does the asynchronous client say what the blocking one says, side by side, and stop when it is told?"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from ranker.search import Searcher
from server.client import AsyncClient, Client, Failure, Fetched, Part, Query, Ranking, ServerUnreachable
from server.errors import AddressError, DeadlineExceeded, RequestRefused
from server.load.turns import UNIT
from tests.conftest import ROOT
from tests.server.client.conftest import free_address

T = TypeVar("T")


def ask(address: str, body: Callable[[AsyncClient], Coroutine[Any, Any, T]], **options: Any) -> T:
    async def run() -> T:
        async with AsyncClient(address, **options) as client:
            return await body(client)

    return asyncio.run(run())


def plain(outcome: Any) -> Any:
    """Without what differs from run to run."""
    return outcome.hits if isinstance(outcome, Ranking) else outcome


def test_both_clients_give_the_same_answers(address: str, client: Client) -> None:
    queries = ["drinking water", "", Query("tides", k=2, passages=1), *(f"bread {n}" for n in range(300))]
    targets = ["tiny:0", "no:such", "https://met.alder.example/0"]
    parts = [Part("tiny:0", find="moon"), Part("tiny:1")]

    async def body(there: AsyncClient) -> tuple[Any, ...]:
        return (
            [plain(one) for one in await there.batch_search(queries, k=1)],
            await there.fetch(targets),
            await there.read(parts),
            await there.status(),
            plain(await there.search("tides", k=3)),
            {place: plain(one) async for place, one in there.stream_search(queries, k=1)},
        )

    rankings, fetched, read, status, one, streamed = ask(address, body)
    assert rankings == [plain(one) for one in client.batch_search(queries, k=1)]
    assert fetched == client.fetch(targets)
    assert [type(one) for one in fetched] == [Fetched, Failure, Fetched]
    assert read == client.read(parts)
    assert status == client.status()
    assert one == client.search("tides", k=3).hits
    assert [streamed[place] for place in range(len(queries))] == rankings


def test_calls_run_side_by_side_on_one_connection(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow, threads=1)

    async def body(client: AsyncClient) -> list[Any]:
        waiting = asyncio.create_task(client.search("tides"))
        assert await asyncio.to_thread(slow.waiting.wait, 20)
        status = await client.status()
        slow.gate.set()
        return [status, await waiting]

    status, ranking = ask(running.address, body)
    assert status == searcher.status
    assert ranking.hits


def test_what_is_cancelled_starts_nothing_more_on_the_server(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow, threads=1)

    async def body(client: AsyncClient) -> None:
        batch = asyncio.create_task(client.batch_search([f"tides {n}" for n in range(4 * UNIT)]))
        assert await asyncio.to_thread(slow.waiting.wait, 20)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        await client.status()  # behind the cancellation, on the same connection
        slow.gate.set()
        for _ in range(2):
            await client.search("tides")

    ask(running.address, body)
    assert slow.searches == 1 + 2


def test_a_stream_that_is_left_ends_on_the_server(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher, free=1)
    running = serve(slow, threads=1)

    async def body(client: AsyncClient) -> None:
        stream = client.stream_search([f"tides {n}" for n in range(4 * UNIT)])
        async for _ in stream:
            break
        assert await asyncio.to_thread(slow.waiting.wait, 20)
        await stream.aclose()
        await client.status()
        slow.gate.set()
        for _ in range(2):
            await client.search("tides")

    ask(running.address, body)
    assert slow.searches == 2 + 2


def test_a_deadline_is_an_outcome_of_a_batch_and_of_a_stream(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow)

    async def body(client: AsyncClient) -> list[Any]:
        with pytest.raises(DeadlineExceeded):
            await client.search("tides")
        streamed = [one async for _, one in client.stream_search(["tides", "bread"])]
        return [*await client.batch_search(["tides"]), *streamed]

    outcomes = ask(running.address, body, timeout=0.3)
    slow.gate.set()
    assert [outcome.code for outcome in outcomes] == ["DEADLINE_EXCEEDED"] * 3


def test_errors_are_those_of_the_blocking_client(address: str) -> None:
    async def body(client: AsyncClient) -> None:
        with pytest.raises(RequestRefused, match="k is 0"):
            await client.search("tides", k=0)

    ask(address, body)

    async def nobody(client: AsyncClient) -> None:
        with pytest.raises(ServerUnreachable, match="start one with"):
            await client.status()

    ask(free_address(), nobody)
    with pytest.raises(AddressError):
        ask("localhost", nobody)


def test_connections_of_one_client_are_taken_in_turn(searcher: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(searcher)

    async def body(client: AsyncClient) -> list[Any]:
        return await asyncio.gather(*(client.status() for _ in range(9)))

    assert ask(running.address, body, connections=3) == [searcher.status] * 9


def test_the_example_prints_what_is_found(address: str) -> None:
    command = [sys.executable, str(ROOT / "examples" / "asynchronous.py"), address, "tides", ""]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    assert "Tides and the moon" in done.stdout
    assert ": query is empty" in done.stdout
