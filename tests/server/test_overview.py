"""What an operator sees of a real server: who may see it, what it counts, and how long calls took."""

from __future__ import annotations

import asyncio
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from server.access.keys import KeyFile
from server.client import Access, AsyncClient, Client
from server.observe.calls import Call
from server.observe.metrics import BUCKETS, Metrics
from server.overview import MethodCalls, between


def counted(seconds: list[float], method: str = "BatchSearch") -> MethodCalls:
    """As a server counts calls that took so long."""
    times = tuple((bound, sum(one <= bound for one in seconds)) for bound in (*BUCKETS, math.inf))
    return MethodCalls(method, len(seconds), 0, 0, times)


@given(st.lists(st.floats(0.0001, 29), min_size=1, max_size=60), st.floats(0, 1))
def test_a_quantile_lies_in_the_bounds_of_the_call_it_stands_for(seconds: list[float], share: float) -> None:
    found = counted(seconds).quantile(share)
    exact = sorted(seconds)[max(math.ceil(share * len(seconds)), 1) - 1]
    high = min(bound for bound in BUCKETS if exact <= bound)
    low = max((bound for bound in BUCKETS if bound < exact), default=0.0)
    assert found is not None
    assert low * 1000 <= found * (1 + 1e-9) + 1e-9
    assert found <= high * 1000 + 1e-6


@given(st.lists(st.floats(0.0001, 60), max_size=30), st.lists(st.floats(0.0001, 60), max_size=30))
def test_what_ended_between_two_looks_is_what_was_added(first: list[float], second: list[float]) -> None:
    before, now = counted(first), counted(first + second)
    assert between([before], [now]) == (counted(second),)
    assert between([], [now]) == (now,)
    assert counted([]).quantile(0.5) is None


def test_a_server_that_began_anew_is_counted_anew() -> None:
    assert counted([0.1]).since(counted([0.1, 0.2])) == counted([0.1])


def test_metrics_count_by_method_what_failed_and_what_was_refused(searcher: Any) -> None:
    metrics = Metrics(searcher)
    for code, ms in (("OK", 4.0), ("OK", 12.0), ("INTERNAL", 1.0), ("RESOURCE_EXHAUSTED", 0.1)):
        metrics.note(Call("BatchSearch", "anonymous", code, 1, 0, ms))
    metrics.note(Call("Fetch", "anonymous", "OK", 1, 0, 40_000.0))
    search, fetch = metrics.calls()
    assert (search.method, search.calls, search.failed, search.refused) == ("BatchSearch", 4, 2, 1)
    assert search.quantile(1.0) == pytest.approx(15.0)
    assert (fetch.method, fetch.calls, fetch.times[-1]) == ("Fetch", 1, (math.inf, 1))
    assert fetch.quantile(0.5) == 30_000.0  # longer than the last bound


def test_a_server_without_keys_shows_how_it_is(searcher: Any, serve: Callable[..., Any]) -> None:
    running = serve(searcher, scrub=1000)
    with Client(running.address) as client:
        client.batch_search(["tides", "salt"])
        until = time.monotonic() + 20
        while not any(one.method == "BatchSearch" for one in client.overview().standing.methods):
            assert time.monotonic() < until
            time.sleep(0.01)  # a call is counted once it was answered
        seen = client.overview().standing
        [search] = [one for one in seen.methods if one.method == "BatchSearch"]
        assert (search.calls, search.failed, search.refused) == (1, 0, 0)
        assert 0 < search.quantile(0.99) < 20_000
        assert (seen.calls, seen.cost, len(seen.workers)) == (1, 0, 1)
        assert seen.workers[0].phase == "serving"
        assert seen.scrubbing.rate == 1000
        assert seen.scrubbing.bytes > 0
        assert seen.scrubbing.damaged == 0
        assert [one.name for one in seen.generations if one.served] == [searcher.status.snapshot]

    async def asked() -> Any:
        async with AsyncClient(running.address) as client:
            return await client.overview()

    assert asyncio.run(asked()).served == searcher.status


def test_with_keys_only_administrators_see_how_it_is_and_others_what_is_served(
    searcher: Any, serve: Callable[..., Any], tmp_path: Path
) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, reader = keys.create("reader", ("search",))
    _, operator = keys.create("operator", ("search", "admin"))
    address = serve(searcher, keys=keys.path).address
    with Client(address, access=Access(reader)) as client:
        seen = client.overview()
        assert seen.served == searcher.status
        assert seen.standing is None
        assert "lacks the scope admin" in seen.withheld
    with Client(address, access=Access(operator)) as client:
        assert client.overview().standing.pid > 0


def test_the_verb_prints_it_for_people_and_for_machines(address: str, searcher: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert stepwell.main(["server", "status", "--server", address]) == 0
    out = capsys.readouterr().out
    for words in (searcher.status.snapshot, "12 documents", "none: words alone", ", since 20", "scrubbing     off", "serving"):
        assert words in out
    assert stepwell.main(["server", "status", "--server", address, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["snapshot"], record["documents"]) == (searcher.status.snapshot, 12)
    assert {"method", "calls", "failed", "refused", "p50_ms", "p99_ms"} == record["methods"][0].keys()
    assert {"started", "workers", "shed", "troubles", "scrubbing", "generations", "cost", "max_cost"} <= record.keys()


def test_watching_looks_again_counts_what_ended_between_and_ends_with_ctrl_c(searcher: Any, serve: Callable[..., Any]) -> None:
    address = serve(searcher).address
    line = [sys.executable, "-m", "stepwell", "server", "status", "--server", address, "--json", "--watch", "0.3"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    pipes["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore Ctrl-C
    with Client(address) as client, subprocess.Popen(line, **pipes) as watching:
        try:
            watching.stdout.readline()
            for _ in range(3):
                client.search("tides")
            seen = 0
            while seen < 3:
                methods = {one["method"]: one["calls"] for one in json.loads(watching.stdout.readline())["methods"]}
                seen += methods.get("BatchSearch", 0)
            methods = {one["method"]: one["calls"] for one in json.loads(watching.stdout.readline())["methods"]}
            assert (seen, methods["BatchSearch"]) == (3, 0)
            watching.send_signal(signal.SIGINT)
            assert watching.wait(20) == 0
            assert watching.stderr.read() == ""
        finally:
            watching.kill()
