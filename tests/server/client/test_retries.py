"""Is a call made again when that helps, never when it could harm, never past the deadline, and never without a budget?"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchServicer, add_SearchServicer_to_server
from ranker.search import Searcher
from server.access.keys import KeyFile
from server.client import Client, Ranking, Retries, ServerUnreachable
from server.client.asynchronous import AsyncClient
from server.client.refusal import FULL, Refusal
from server.client.retries import Attempts, Budget
from server.errors import CapacityExceeded, RateLimited, RequestRefused
from tests.server.client.conftest import free_address

PATIENT = Retries(attempts=100, longest=0.3, budget=1_000)
"""Outlives a restart."""
QUICK = Retries(pause=0.001)


class Scripted(SearchServicer):
    """A server that says what it is told, call by call, then answers."""

    def __init__(self) -> None:
        self.calls = 0
        self.refusals: list[tuple[grpc.StatusCode, str, float | None]] = []
        self.always: tuple[grpc.StatusCode, str, float | None] | None = None

    def Status(self, request: pb.StatusRequest, context: grpc.ServicerContext) -> pb.StatusResponse:  # noqa: N802 - gRPC's name
        self.calls += 1
        refusal = self.always or (self.refusals.pop(0) if self.refusals else None)
        if refusal:
            code, words, wait = refusal
            if wait is not None:
                context.set_trailing_metadata((("retry-after", str(wait)),))
            context.abort(code, words)
        return pb.StatusResponse(snapshot="1-a")


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, str]]:
    service = Scripted()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    add_SearchServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield service, f"127.0.0.1:{port}"
    server.stop(None)


BUSY = (grpc.StatusCode.UNAVAILABLE, "not now", None)


def test_a_call_is_made_again_until_it_is_answered(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.refusals = [BUSY] * 3
    with Client(address, retries=QUICK) as client:
        assert client.status().snapshot == "1-a"
    assert service.calls == 4


def test_no_call_is_made_more_often_than_its_attempts(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = BUSY
    with Client(address, retries=Retries(attempts=3, pause=0.001)) as client, pytest.raises(ServerUnreachable):
        client.status()
    assert service.calls == 3


def test_a_server_in_trouble_gets_no_more_than_the_calls_and_half_a_budget(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = BUSY
    with Client(address, retries=QUICK) as client:
        for _ in range(200):
            with pytest.raises(ServerUnreachable):
                client.status()
        assert 200 < service.calls <= 200 + QUICK.budget / 2
        before = service.calls
        with pytest.raises(ServerUnreachable):
            client.status()
        assert service.calls == before + 1, "the budget is spent"
        service.always = None
        for _ in range(round(QUICK.budget / QUICK.earned)):
            client.status()
        before, service.refusals = service.calls, [BUSY]
        client.status()
        assert service.calls == before + 2, "replies have filled it again"


def test_threads_share_one_budget(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = BUSY

    def ask() -> None:
        for _ in range(25):
            with pytest.raises(ServerUnreachable):
                client.status()

    with Client(address, retries=QUICK) as client, futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(ask) for _ in range(8)]:
            done.result()
    assert service.calls <= 200 + QUICK.budget / 2


def test_a_server_that_names_the_seconds_gets_them(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.refusals = [(grpc.StatusCode.RESOURCE_EXHAUSTED, "the server has too much to do", 1)]
    began = time.monotonic()
    with Client(address, retries=QUICK) as client:
        client.status()
    assert time.monotonic() - began >= 1
    assert service.calls == 2


def test_seconds_beyond_the_deadline_are_an_error_at_once(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = (grpc.StatusCode.RESOURCE_EXHAUSTED, "key 1 may ask 5 queries a minute; come back in 60 s", 60)
    with Client(address) as client, pytest.raises(RateLimited) as raised:
        client.status(timeout=30)
    assert service.calls == 1
    assert raised.value.retry_after == 60
    assert str(raised.value).count("come back") == 1


def test_a_full_server_is_asked_again_and_a_message_that_is_too_large_is_not(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.refusals = [(grpc.StatusCode.RESOURCE_EXHAUSTED, FULL, None)]
    with Client(address, retries=QUICK) as client:
        client.status()
        assert service.calls == 2
        service.always = (grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max", None)
        with pytest.raises(CapacityExceeded):
            client.status()
    assert service.calls == 3


def test_a_real_server_that_is_full_is_asked_again(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow, max_calls=1)
    once, patient = Client(running.address, retries=Retries(attempts=1)), Client(running.address, retries=PATIENT)
    with once, patient, futures.ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(patient.search, "tides")
        assert slow.waiting.wait(20)
        with pytest.raises(CapacityExceeded, match="1 calls are being answered"):
            once.status()
        asked = pool.submit(patient.status)
        time.sleep(0.3)
        slow.gate.set()
        assert asked.result(20) == searcher.status
        waiting.result(20)


@pytest.mark.parametrize("code", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL, grpc.StatusCode.PERMISSION_DENIED])
def test_what_will_not_pass_is_not_tried_again(scripted: tuple[Scripted, str], code: grpc.StatusCode) -> None:
    service, address = scripted
    service.always = (code, "no", None)
    with Client(address) as client, pytest.raises(Exception, match="no"):
        client.status()
    assert service.calls == 1


def test_retries_never_go_past_the_deadline() -> None:
    with Client(free_address(), retries=PATIENT) as client:
        for timeout in (0.02, 0.5):
            began = time.monotonic()
            with pytest.raises(ServerUnreachable):
                client.status(timeout=timeout)
            assert time.monotonic() - began < timeout + 0.5


@given(
    st.builds(Retries, st.integers(1, 9), st.floats(0.001, 1), st.floats(0.1, 5), st.floats(2, 50), st.floats(0.01, 1)),
    st.lists(st.sampled_from([Refusal("UNAVAILABLE", ""), Refusal("RESOURCE_EXHAUSTED", "", 3.0), None]), max_size=60),
    st.booleans(),
)
def test_pauses_grow_within_their_bounds_and_the_budget_is_never_overdrawn(
    retries: Retries, course: list[Refusal | None], repeatable: bool
) -> None:
    budget, until = Budget(retries), time.monotonic() + 1_000
    attempts, again = Attempts(retries, budget, until, repeatable), 0
    for refusal in course:
        if refusal is None:
            attempts.replied()
            attempts = Attempts(retries, budget, until, repeatable)
            continue
        pause = attempts.pause(refusal)
        assert 0 <= budget.tokens <= retries.budget
        if pause is None:
            attempts = Attempts(retries, budget, until, repeatable)
            continue
        again += 1
        assert budget.tokens > retries.budget / 2
        assert (refusal.retry_after or 0) < pause <= (refusal.retry_after or 0) + retries.longest
        assert repeatable or refusal.retry_after is not None
    replies = course.count(None)
    assert again <= retries.budget / 2 + replies * retries.earned + 1


def test_a_change_that_may_have_been_made_is_not_made_twice() -> None:
    retries = Retries()
    once = Attempts(retries, Budget(retries), time.monotonic() + 9, repeatable=False)
    assert once.pause(Refusal("UNAVAILABLE", "broken off")) is None
    assert once.pause(Refusal("RESOURCE_EXHAUSTED", "not looked at", 1.0)) is not None


def test_a_rate_limit_that_passes_in_time_is_waited_for(searcher: Searcher, serve: Callable[..., Any], tmp_path: Path) -> None:
    from server.client import Access

    keys = tmp_path / "keys.json"
    _, token = KeyFile(keys).create("agent", ("search",), per_minute=60)
    running = serve(searcher, keys=keys)
    with Client(running.address, access=Access(token)) as client:
        outcomes = client.batch_search([f"tides {n}" for n in range(60)])  # the whole minute's worth
        assert all(isinstance(outcome, Ranking) for outcome in outcomes)
        assert client.search("tides").hits  # one more a second later
        with pytest.raises(RateLimited, match="come back in"):
            client.search("tides", timeout=0.2)


@pytest.mark.long
def test_a_server_killed_and_started_again_costs_no_answer(mortal: Any) -> None:
    stop, answered, errors = threading.Event(), [0] * 4, []

    def ask(number: int) -> None:
        while not stop.is_set():
            try:
                assert len(client.batch_search([f"tides {n}" for n in range(8)], k=2)) == 8
                answered[number] += 1
            except Exception as error:  # noqa: BLE001 - whatever it was, it must not have been
                errors.append(error)
                return

    with Client(mortal.address, timeout=60, retries=PATIENT, connections=2) as client:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(0.3)
            mortal.kill()
            time.sleep(0.2)
            mortal.start()
            mortal.answer()
        time.sleep(0.5)
        before = list(answered)
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join(60)
    assert errors == []
    assert all(later > earlier for later, earlier in zip(answered, before, strict=True))


@pytest.mark.long
def test_a_stream_goes_on_after_a_restart_and_gives_every_outcome_once(mortal: Any) -> None:
    queries = [f"tides {n}" for n in range(2_000)]
    with Client(mortal.address, timeout=60, retries=PATIENT) as client:
        places = []
        for place, outcome in client.stream_search(queries, k=1):
            assert isinstance(outcome, Ranking)
            places.append(place)
            if len(places) == 300:
                mortal.kill()
                mortal.start()
    assert sorted(places) == list(range(2_000))


def test_an_asynchronous_client_outlives_a_restart_too(mortal: Any) -> None:
    async def ask() -> tuple[int, list[int]]:
        async with AsyncClient(mortal.address, timeout=60, retries=PATIENT) as client:
            await client.status()
            mortal.kill()
            mortal.start()
            found = await asyncio.gather(*(client.search(f"tides {n}", k=1) for n in range(20)))
            places = []
            async for place, _ in client.stream_search([f"tides {n}" for n in range(1_000)], k=1):
                places.append(place)
                if len(places) == 300:
                    mortal.kill()
                    mortal.start()
            return len(found), places

    found, places = asyncio.run(ask())
    assert found == 20
    assert sorted(places) == list(range(1_000))


def test_without_retries_the_first_refusal_is_the_error(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = BUSY
    with Client(address, retries=Retries(attempts=1)) as client, pytest.raises(ServerUnreachable):
        client.status()
    assert service.calls == 1


def test_a_refused_request_costs_no_token(scripted: tuple[Scripted, str]) -> None:
    service, address = scripted
    service.always = (grpc.StatusCode.INVALID_ARGUMENT, "no", None)
    with Client(address, retries=QUICK) as client:
        for _ in range(20):
            with pytest.raises(RequestRefused):
                client.status()
        service.always, service.refusals = None, [BUSY]
        client.status()
