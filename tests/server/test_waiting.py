"""Who is given up, and when, of those that wait for their client?"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from server import waiting
from server.waiting import Waiting


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "AGAIN", 0.05)


def given_up(body: Coroutine[Any, Any, list[str]]) -> list[str]:
    return asyncio.run(body)


def test_whoever_waits_too_long_is_given_up_and_who_ended_is_not() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(10, 0.05)
        for name in ("a", "b", "c"):
            waits.begin(name, lambda name=name: gone.append(name))
        waits.end("b")
        await asyncio.sleep(0.3)
        return gone

    assert given_up(body()) == ["a", "c"]


def test_what_ends_in_its_last_moment_and_waits_for_something_new_is_not_given_up_for_the_old() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(10, 0.2)
        waits.begin("stream", lambda: gone.append("first part"))
        await asyncio.sleep(0.22)
        waits.end("stream")
        waits.begin("stream", lambda: gone.append("second part"))
        await asyncio.sleep(0.1)
        early = list(gone)
        await asyncio.sleep(0.4)
        return [*early, "later", *gone]

    assert given_up(body()) == ["later", "second part"]


def test_of_too_many_the_longest_wait_goes_first() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(2, 60)
        for name in ("a", "b", "c", "d"):
            waits.begin(name, lambda name=name: gone.append(name))
        return gone

    assert given_up(body()) == ["a", "b"]


def test_too_many_bytes_are_no_offence_at_once_and_afterwards_the_longest_waits_go_until_the_rest_fits() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(100, 60, most_bytes=100)
        for name, size in (("a", 60), ("b", 60), ("c", 30), ("d", 50)):
            waits.begin(name, lambda name=name: gone.append(name), size)
        assert gone == []
        await asyncio.sleep(0.2)
        return gone

    assert given_up(body()) == ["a", "b"]


def test_bytes_that_were_taken_do_not_count() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(100, 60, most_bytes=100)
        waits.begin("a", lambda: gone.append("a"), 90)
        waits.begin("b", lambda: gone.append("b"), 90)
        waits.end("b")
        await asyncio.sleep(0.2)
        return gone

    assert given_up(body()) == []


def test_one_that_holds_more_while_it_waits_is_given_up_for_all_of_it_and_no_later() -> None:
    async def body() -> list[str]:
        gone: list[str] = []
        waits = Waiting(10, 0.1, 100)
        waits.begin("a", lambda: gone.append("a"), 10)
        await asyncio.sleep(0.12)
        waits.grow("a", 10)
        waits.grow("nobody", 1000)
        assert waits.held == 20
        await asyncio.sleep(0.1)
        assert (gone, waits.held) == (["a"], 0)
        waits.begin("b", lambda: gone.append("b"), 60)
        await asyncio.sleep(0.06)
        waits.grow("b", 60)
        return gone

    assert given_up(body()) == ["a", "b"]
