"""Keys, scopes, limits and TLS: who may call, for what, how much, and over which wire."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.ranking import Ranking
from ranker.search import Searcher
from server.access.door import Door
from server.access.keys import Key, KeyFile
from server.access.spent import Spent
from server.access.tls import Tls
from server.address import Address
from server.client import Access, Client, Retries
from server.errors import AddressError, CapacityExceeded, Forbidden, KeyFileError, RateLimited, TlsError, Unauthenticated

NOON = 1_000_000 * 86_400.0 + 43_200


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_the_file_never_holds_a_secret_and_is_its_owners_alone(keys: Path) -> None:
    _, token = KeyFile(keys).create("agent", ("search",))
    assert token.rpartition("_")[2] not in keys.read_text()
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_only_the_whole_token_opens(keys: Path) -> None:
    key, token = KeyFile(keys).create("agent", ("fetch", "search"))
    door = Door(keys)
    assert door.caller(f"Bearer {token}").scopes == ("search", "fetch")
    for shown in (token, f"bearer {token}", f"BEARER   {token}", f" Bearer\t{token} "):
        assert door.caller(shown).scopes == ("search", "fetch"), "the scheme's case says nothing"
    assert door.caller(token).name == key.id
    for wrong in (
        None,
        "",
        "Bearer ",
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.upper(),
        f"{token} {token}",
    ):
        with pytest.raises(Unauthenticated):
            door.caller(wrong)


def test_a_revoked_key_opens_nothing_after_a_reload(keys: Path) -> None:
    gone, token = KeyFile(keys).create("old", ("search",))
    KeyFile(keys).create("kept", ("search",))
    door = Door(keys)
    KeyFile(keys).revoke(gone.id)
    assert door.reload() == ("keys 2 -> 1",)
    with pytest.raises(Unauthenticated, match="revoked"):
        door.caller(token)


def test_when_the_last_key_is_revoked_nobody_is_let_in(keys: Path) -> None:
    last, token = KeyFile(keys).create("last", ("search",))
    door = Door(keys)
    KeyFile(keys).revoke(last.id)
    assert door.reload() == ("keys 1 -> 0",)
    with pytest.raises(Unauthenticated, match="revoked"):
        door.caller(token)
    keys.unlink()
    assert door.reload() == ()
    assert door.trouble.endswith("keys.json is gone")
    with pytest.raises(Unauthenticated):
        door.caller(token)


def test_a_revoked_key_opens_nothing_though_the_table_cannot_be_read(
    tiny_index: Path, tmp_path: Path, keys: Path, serve: Callable[..., Any]
) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text("key\ttier\ttopics\tevidence\tnote\n")
    gone, token = KeyFile(keys).create("old", ("search",))
    _, kept = KeyFile(keys).create("kept", ("search", "admin"))
    with Searcher.open(tiny_index, authority=table) as searcher:
        running = serve(searcher, keys=keys, watch=0.05)
        with Client(running.address, access=Access(token)) as old, Client(running.address, access=Access(kept)) as admin:
            assert isinstance(old.search("water"), Ranking)
            table.write_text("this is no table\n")
            KeyFile(keys).revoke(gone.id)
            time.sleep(1)  # the server looks twenty times a second
            with pytest.raises(Unauthenticated):
                old.search("water")
            assert isinstance(admin.search("water"), Ranking)
        running.stop()


def test_keys_created_by_many_processes_at_once_are_all_kept(keys: Path) -> None:
    def created(n: int) -> str:
        command = [sys.executable, "-m", "stepwell", "server", "key", "create", f"crowd {n}", "--keys", str(keys)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(4) as pool:
        tokens = set(pool.map(created, range(6)))
    assert len(KeyFile(keys).keys()) == len(tokens) == 6


def test_a_new_key_has_a_name_of_its_own_and_files_of_before_are_read_as_they_are(keys: Path) -> None:
    first, _ = KeyFile(keys).create("alice", ("search",))
    for name in ("alice", "Alice "):
        with pytest.raises(KeyFileError, match=f"key {first.id} is called 'alice' already; choose another name, or revoke it"):
            KeyFile(keys).create(name, ("search",))
    other, _ = KeyFile(keys).create("malice", ("search",))
    keys.write_text(keys.read_text().replace("malice", "alice"))
    assert list(KeyFile(keys).usable()) == [first.id, other.id]
    KeyFile(keys).revoke(first.id)
    KeyFile(keys).revoke(other.id)
    KeyFile(keys).create("alice", ("search",))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"format":9,"keys":[]}', b'{"format":1,"keys":[{"id":"x"}]}', b'{"format":1,"keys":[]}']
)
def test_a_server_does_not_start_on_a_key_file_it_cannot_use(keys: Path, content: bytes) -> None:
    keys.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"keys\.json"):
        Door(keys)


def test_without_keys_nobody_edits_or_administers_unless_the_operator_says_so() -> None:
    anonymous = Door().caller(None)
    Door().admit(anonymous, "search")
    for scope in ("authority", "admin"):
        with pytest.raises(Forbidden, match=scope):
            Door().admit(anonymous, scope)
        Door(open_admin=True).admit(Door(open_admin=True).caller(None), scope)


@given(costs=st.lists(st.tuples(st.integers(1, 12), st.floats(0, 90)), max_size=40))
def test_no_window_passes_more_than_a_full_bucket_and_what_flowed_in(costs: list[tuple[int, float]]) -> None:
    spent, now, passed, waits = Spent(Path(":memory:")), NOON, [], []
    key = Key("0" * 12, "k", "", ("search",), "", per_minute=10)
    for cost, pause in costs:
        now += pause
        try:
            spent.spend(key, cost, now)
            passed.append((now, cost))
        except RateLimited as error:
            waits.append(error.retry_after)
        except CapacityExceeded:
            assert cost > 10
    spent.close()
    assert all(0 < wait <= 60 for wait in waits)
    for first, (start, _) in enumerate(passed):
        total = 0
        for at, cost in passed[first:]:
            total += cost
            assert total <= 10 + (at - start) * 10 / 60 + 1e-6


@pytest.mark.parametrize("limits", [{"per_minute": 3}, {"per_day": 3}])
def test_what_no_minute_and_no_day_holds_is_refused_without_a_time_to_come_back(
    searcher: Any, serve: Callable[..., Any], keys: Path, limits: dict[str, int]
) -> None:
    _, token = KeyFile(keys).create("agent", ("search",), **limits)
    running = serve(searcher, keys=keys, http=Address("127.0.0.1", 0))
    with Client(running.address, access=Access(token), retries=Retries(1)) as client:
        with pytest.raises(CapacityExceeded, match="this call asks 4; send fewer at once") as refused:
            client.batch_search(["tides"] * 4)
        assert not isinstance(refused.value, RateLimited)
        reply = httpx.post(
            f"{running.http}/v1/batch_search", json={"queries": ["tides"] * 4}, headers={"authorization": f"Bearer {token}"}
        )
        assert (reply.status_code, reply.json()["code"]) == (413, "RESOURCE_EXHAUSTED")
        assert "retry-after" not in reply.headers
        assert len(client.batch_search(["tides"] * 3)) == 3, "what was refused cost nothing"


def test_a_day_ends_at_midnight_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    key = Key("1" * 12, "k", "", ("search",), "", per_day=5)
    first = Spent(tmp_path / "spent")
    first.spend(key, 4, NOON)
    first.close()
    again = Spent(tmp_path / "spent")
    assert again.today(key.id, NOON) == 4
    with pytest.raises(RateLimited) as raised:
        again.spend(key, 2, NOON)
    assert raised.value.retry_after == 43_200
    again.spend(key, 1, NOON)
    again.spend(key, 5, NOON + 43_200)
    again.close()


def test_while_the_file_cannot_be_written_limits_hold_in_memory(tmp_path: Path) -> None:
    key = Key("1" * 12, "k", "", ("search",), "", per_day=5)
    spent = Spent(tmp_path / "spent")
    spent.spend(key, 3, NOON)
    spent._base.execute("PRAGMA query_only = ON")  # as on a full or read-only disk
    spent.spend(key, 4, NOON)
    with pytest.raises(RateLimited):
        spent.spend(key, 2, NOON)
    spent._base.execute("PRAGMA query_only = OFF")
    spent.spend(key, 2, NOON)
    assert spent.today(key.id, NOON) == 5
    spent.close()


def test_scopes_and_limits_hold_on_the_wire(searcher: Any, serve: Callable[..., Any], keys: Path) -> None:
    _, reader = KeyFile(keys).create("reader", ("fetch",))
    _, asker = KeyFile(keys).create("asker", ("search",), per_minute=2)
    address = serve(searcher, keys=keys).address
    with Client(address, access=Access("")) as nobody, pytest.raises(Unauthenticated, match="wants a key"):
        nobody.batch_search(["tides"])
    with Client(address, access=Access(reader)) as client, pytest.raises(Forbidden, match="lacks the scope search"):
        client.batch_search(["tides"])
    with Client(address, access=Access(asker)) as client:
        assert len(client.batch_search(["tides", "salt"])) == 2
        with pytest.raises(Exception, match="2 queries and documents a minute"):
            client.batch_search(["tides"])
    with grpc.insecure_channel(address) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            SearchStub(channel).BatchSearch(
                pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 2), metadata=[("authorization", f"Bearer {asker}")]
            )
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert 1 <= int(dict(refused.value.trailing_metadata())["retry-after"]) <= 60


def test_with_tls_only_who_trusts_the_certificate_gets_an_answer(
    searcher: Any, serve: Callable[..., Any], certificate: Callable[..., tuple[Path, Path]], keys: Path
) -> None:
    pem, private = certificate("server")
    other, _ = certificate("other")
    _, token = KeyFile(keys).create("agent", ("search",))
    running = serve(searcher, keys=keys, tls=Tls(pem, private))
    address = f"localhost:{running.address.rpartition(':')[2]}"
    with Client(address, access=Access(token, authorities=pem)) as client:
        assert client.search("tides").hits
    for wrong in (Access(token), Access(token, authorities=other)):
        with Client(address, timeout=2, access=wrong) as client, pytest.raises(Exception, match="no "):
            client.search("tides")


def test_a_key_never_travels_in_the_clear_beyond_loopback() -> None:
    with pytest.raises(TlsError, match="in the clear"):
        Client("192.0.2.7:50051", access=Access("sw_x"))


def test_a_certificate_that_does_not_fit_its_key_is_refused_before_anything_is_bound(
    certificate: Callable[..., tuple[Path, Path]],
) -> None:
    pem, _ = certificate("one")
    _, private = certificate("two")
    with pytest.raises(TlsError, match=r"one\.pem"):
        Tls(pem, private).pem()


def test_beyond_loopback_keys_alone_or_tls_alone_are_not_enough(
    searcher: Any, serve: Callable[..., Any], certificate: Callable[..., tuple[Path, Path]], keys: Path
) -> None:
    pem, private = certificate("server")
    KeyFile(keys).create("agent", ("search",))
    for half in ({"keys": keys}, {"tls": Tls(pem, private)}):
        with pytest.raises(AddressError, match="--keys, --tls-cert and --tls-key"):
            serve(searcher, grpc=Address("0.0.0.0", 0), **half)
    assert serve(searcher, grpc=Address("0.0.0.0", 0), keys=keys, tls=Tls(pem, private)).address


def test_the_key_verbs_create_list_and_revoke(keys: Path) -> None:
    def stepwell(*words: str) -> str:
        command = [sys.executable, "-m", "stepwell", "server", "key", *words, "--keys", str(keys)]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ)).stdout

    token = stepwell("create", "nightly agent", "--scopes", "admin,search", "--per-minute", "600").strip()
    listed = stepwell("list")
    assert "search,admin" in listed
    assert "600 a minute" in listed
    assert token not in listed
    assert "revoked" in stepwell("revoke", token.split("_")[1])
    assert stepwell("list").startswith("0 keys")


@given(costs=st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=20))
def test_what_is_given_back_leaves_a_key_as_if_it_had_not_asked(costs: list[tuple[int, bool]]) -> None:
    key = Key("2" * 12, "k", "", ("search",), "", per_minute=40, per_day=50)
    both, kept = Spent(Path(":memory:")), Spent(Path(":memory:"))
    for cost, refused in costs:
        try:
            both.spend(key, cost, NOON)
        except RateLimited:
            with pytest.raises(RateLimited):
                kept.spend(key, cost, NOON)
            continue
        if refused:
            both.give_back(key, cost, NOON)
        else:
            kept.spend(key, cost, NOON)
        assert both.today(key.id, NOON) == kept.today(key.id, NOON)
    both.close()
    kept.close()


def test_what_is_given_back_after_midnight_leaves_the_new_day_as_it_is() -> None:
    key = Key("3" * 12, "k", "", ("search",), "", per_day=5)
    spent = Spent(Path(":memory:"))
    spent.spend(key, 4, NOON)
    spent.give_back(key, 4, NOON + 43_200)
    spent.spend(key, 5, NOON + 43_200)
    with pytest.raises(RateLimited):
        spent.spend(key, 1, NOON + 43_200)
    spent.close()


@pytest.mark.parametrize("path", ["/v1/batch_search", "/v1/batch_search_stream", "gRPC", "gRPC stream"])
def test_what_a_full_server_refuses_costs_a_key_nothing_and_who_may_not_search_hears_that(
    searcher: Any, held: Any, serve: Callable[..., Any], keys: Path, path: str
) -> None:
    _, first = KeyFile(keys).create("first", ("search",))
    _, asker = KeyFile(keys).create("asker", ("search",), per_minute=3, per_day=3)
    _, reader = KeyFile(keys).create("reader", ("fetch",))
    slow = held(searcher)
    running = serve(slow, keys=keys, http=Address("127.0.0.1", 0), threads=1, max_cost=100)
    tides = pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 3)

    def ask(token: str, seconds: float = 20) -> str:
        """The contract's name of what came of it."""
        if path.startswith("/"):
            bearer = {"authorization": f"Bearer {token}"}
            got = httpx.post(
                f"{running.http}{path}", json={"queries": ["tides"] * 3}, headers=bearer, trust_env=False, timeout=20
            )
            return "OK" if got.status_code == 200 else str(got.json()["code"])
        stub, metadata = SearchStub(channel), [("authorization", f"Bearer {token}")]
        try:
            if path == "gRPC":
                stub.BatchSearch(tides, metadata=metadata, timeout=seconds)
            else:
                list(stub.BatchSearchStream(tides, metadata=metadata, timeout=seconds))
        except grpc.RpcError as error:
            return str(error.code().name)
        return "OK"

    with grpc.insecure_channel(running.address) as channel:
        busy = SearchStub(channel).BatchSearch.future(
            pb.BatchSearchRequest(queries=[pb.Query(text="water")] * 2),
            metadata=[("authorization", f"Bearer {first}")],
            timeout=30,
        )
        assert slow.waiting.wait(20)
        assert [ask(asker) for _ in range(5)] == ["RESOURCE_EXHAUSTED"] * 5
        assert ask(reader) == "PERMISSION_DENIED"
        assert ask(reader, 0.5) == "PERMISSION_DENIED", "also where a search would be refused before it is read"
        slow.gate.set()
        assert len(busy.result().outcomes) == 2
        assert ask(asker) == "OK"
        assert ask(asker) == "RESOURCE_EXHAUSTED", "now its minute is used up"
