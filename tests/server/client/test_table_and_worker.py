"""Can the typed client read, explain and change the table, and run a server, with the same words in both clients?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from authority.entry import Entry
from authority.tables import shipped_path
from ranker.search import Searcher
from server.access.keys import KeyFile
from server.access.scopes import SCOPE
from server.client import Access, AsyncClient, Client, table, worker
from server.client.methods import Method
from server.errors import Forbidden, RequestRefused, ServerUnreachable
from server.table import Wanted

WHO = Entry.make("who.int", "primary", "health", "judgement:reads well:2026-01-02", "")


@pytest.fixture
def governed(tmp_path: Path, tiny_index: Path, serve: Callable[..., Any]) -> Iterator[tuple[Any, str]]:
    """A server with a table of its own, and the token of one who may do everything."""
    own = tmp_path / "mine.tsv"
    own.write_bytes(shipped_path("sample").read_bytes())
    _, token = KeyFile(tmp_path / "keys.json").create("curator", ("search", "authority", "admin"))
    with Searcher.open(tiny_index, authority=own) as searcher:
        running = serve(searcher, keys=tmp_path / "keys.json")
        yield running, token
        running.stop()


def test_the_table_is_read_changed_and_changed_back(governed: tuple[Any, str]) -> None:
    running, token = governed
    with Client(running.address, access=Access(token)) as client:
        before = client.ask(table.entries(Wanted(limit=2)))
        assert [entry.key for entry in before.entries] == [e.key for e in running.searcher.pinned.trusted.table.entries[:2]]
        assert client.ask(table.explain("https://www.who.int/news")).entry is None
        change = client.ask(table.put(WHO, "the register lists it", before.version))
        assert change.who.startswith("curator (key ")
        explained = client.ask(table.explain("https://www.who.int/news"))
        assert explained.entry == WHO
        assert [step.key for step in explained.steps if step.listed] == ["who.int"]
        with pytest.raises(RequestRefused):
            client.ask(table.remove("who.int", "on an old table", before.version))
        past = client.ask(table.history(key="who.int"))
        [(number, found)] = past.changes
        assert (found.action, found.why) == ("set", "the register lists it")
        assert client.ask(table.revert(number, "a test")).version_after == before.version


def test_the_asynchronous_client_holds_the_same_conversations(governed: tuple[Any, str]) -> None:
    running, token = governed

    async def ask() -> tuple[Any, ...]:
        async with AsyncClient(running.address, access=Access(token)) as client:
            return await client.ask(table.entries()), await client.overview()

    listed, seen = asyncio.run(ask())
    with Client(running.address, access=Access(token)) as client:
        assert client.ask(table.entries()) == listed
        assert client.overview().standing.generations == seen.standing.generations
    assert [one.name for one in seen.standing.generations if one.served] == [running.searcher.status.snapshot]


def test_a_server_looks_at_its_files_when_it_is_told_to(governed: tuple[Any, str], tmp_path: Path) -> None:
    running, token = governed
    with Client(running.address, access=Access(token)) as client:
        assert client.ask(worker.reload()) == ()
        KeyFile(tmp_path / "keys.json").create("another", ("search",))
        assert client.ask(worker.reload()) in (("keys 1 -> 2",), ())  # the server looks by itself, too


def test_a_drained_server_ends(mortal: Any) -> None:
    with Client(mortal.address) as client:
        assert client.ask(worker.drain()) > 0
        assert mortal.end() == 0
        with pytest.raises(ServerUnreachable):
            client.status()


def test_a_key_without_the_scope_changes_nothing(searcher: Searcher, address: str) -> None:
    with Client(address) as client:
        assert client.ask(table.entries()).total == len(searcher.pinned.trusted.table.entries)  # type: ignore[union-attr]
        for conversation in (table.put(WHO, "no"), table.remove("who.int", "no"), table.revert(1, "no"), worker.reload()):
            with pytest.raises(Forbidden):
                client.ask(conversation)


def test_only_what_reads_is_asked_again() -> None:
    methods = [one for module in (table, worker) for one in vars(module).values() if isinstance(one, Method)]
    assert {one.path for one in methods if not one.repeatable} == {
        *(path for path, scope in SCOPE.items() if scope == "authority"),
        "/stepwell.v1.Admin/Drain",
    }


def test_a_change_without_an_answer_is_an_error_and_no_second_change(mortal: Any) -> None:
    mortal.kill()
    with Client(mortal.address) as client, pytest.raises(ServerUnreachable):
        client.ask(table.put(WHO, "nobody is there"))
