"""The rest of the contract in JSON: the table is read, explained and changed, the worker asked and told, outcomes streamed."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from authority.tables import shipped_path
from protos.stepwell.v1 import admin_pb2, authority_pb2
from protos.stepwell.v1 import search_pb2 as pb
from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address
from server.errors import Overloaded
from server.http.forms import FORMS
from server.http.native import parse, to_json
from server.http.replies import refused

LOOPBACK = Address("127.0.0.1", 0)
WHO = {"key": "WHO.int", "tier": "primary", "evidence": "judgement:reads well:2026-01-02"}


@pytest.fixture
def governed(tmp_path: Path, tiny_index: Path, serve: Callable[..., Any]) -> Iterator[httpx.Client]:
    """A server whose table may be edited by one key of two."""
    table = tmp_path / "mine.tsv"
    table.write_bytes(shipped_path("sample").read_bytes())
    _, editor = KeyFile(tmp_path / "keys.json").create("editor", ("search", "authority"))
    with Searcher.open(tiny_index, authority=table) as searcher:
        running = serve(searcher, http=LOOPBACK, keys=tmp_path / "keys.json")
        with httpx.Client(base_url=running.http, headers={"authorization": editor}, timeout=20, trust_env=False) as client:
            yield client
        running.stop()


def test_the_table_is_listed_a_page_at_a_time(http: httpx.Client, searcher: Searcher) -> None:
    first = http.get("/v1/authority", params={"limit": 2}).json()
    second = http.get("/v1/authority", params={"limit": "2", "offset": "2"}).json()
    table = searcher.pinned.trusted.table
    assert table
    assert [e["key"] for e in first["entries"] + second["entries"]] == [entry.key for entry in table.entries[:4]]
    assert (first["total"], first["version"]) == (len(table.entries), searcher.pinned.trusted.version)
    assert http.get("/v1/authority", params={"tier": "best"}).status_code == 400
    assert "colour" in http.get("/v1/authority", params={"colour": "red"}).json()["warnings"][0]


def test_an_address_is_explained(http: httpx.Client) -> None:
    found = http.get("/v1/authority/explain", params={"url": "https://www.met.alder.example/x"}).json()
    assert found["domain"] == "alder.example"
    assert found["steps"][0]["kind"] == "host"


def test_a_change_over_http_is_signed_by_its_key_and_in_force_at_once(governed: httpx.Client) -> None:
    before = governed.get("/v1/authority").json()["version"]
    saved = governed.post("/v1/authority/set", json={"entry": WHO, "why": "a test", "expected_version": before}).json()
    assert saved["change"]["who"].startswith("editor (key ")
    [entry] = governed.get("/v1/authority", params={"match": "who.int", "kind": "domain"}).json()["entries"]
    assert (entry["key"], entry["tier"]) == ("who.int", "primary")
    stale = governed.post("/v1/authority/remove", json={"key": "who.int", "why": "again", "expected_version": before})
    assert (stale.status_code, stale.json()["code"]) == (400, "INVALID_ARGUMENT")
    history = governed.get("/v1/authority/history", params={"key": "who.int"}).json()
    number = history["changes"][0]["number"]
    reverted = governed.post("/v1/authority/revert", json={"number": number, "why": "back"}).json()
    assert reverted["change"]["version_after"] == before


def test_a_form_of_a_page_elsewhere_changes_nothing(governed: httpx.Client) -> None:
    body = json.dumps({"entry": WHO, "why": "a trick"})
    reply = governed.post("/v1/authority/set", content=body, headers={"content-type": "text/plain"})
    assert reply.status_code == 400
    assert "application/json" in reply.json()["message"]
    assert not governed.get("/v1/authority", params={"match": "who.int"}).json()["entries"]


def test_a_key_without_the_scope_neither_edits_nor_administrates(governed: httpx.Client, http: httpx.Client) -> None:
    for form in FORMS:
        needs_admin = form.path.startswith("/v1/admin")  # of a server without keys everybody may see how it is
        for client, may in ((governed, not needs_admin), (http, form.method == "GET")):
            if may:
                continue
            body = {"json": {}} if form.method == "POST" else {}
            reply = client.request(form.method, form.path, **body)
            assert (reply.status_code, reply.json()["code"]) == (403, "PERMISSION_DENIED"), form


def test_the_worker_says_how_it_is_and_what_it_keeps(searcher: Searcher, serve: Callable[..., Any]) -> None:
    base = serve(searcher, http=LOOPBACK, open_admin=True).http
    status, _ = parse(admin_pb2.AdminStatusResponse(), httpx.get(f"{base}/v1/admin/status").json())
    assert status.pid
    assert status.memory > 2**20
    snapshots, _ = parse(admin_pb2.SnapshotsResponse(), httpx.get(f"{base}/v1/admin/snapshots").json())
    assert [one.name for one in snapshots.snapshots if one.served] == [searcher.status.snapshot]
    assert httpx.post(f"{base}/v1/admin/reload").json() == {"changes": []}


def test_every_form_is_in_the_document_with_its_fields(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    for form in FORMS:
        described = document["paths"][form.path][form.method.lower()]
        assert described["summary"] == form.says
        if form.method == "GET":
            assert [one["name"] for one in described["parameters"]] == [field.name for field in form.call.input_type.fields]
        else:
            assert form.call.input_type.name in document["components"]["schemas"]
    assert "application/x-ndjson" in document["paths"]["/v1/batch_search_stream"]["post"]["responses"]["200"]["content"]


def test_a_reply_in_json_is_the_reply_over_grpc(http: httpx.Client, address: str) -> None:
    import grpc

    from protos.stepwell.v1.authority_pb2_grpc import AuthorityStub

    request = authority_pb2.ExplainAuthorityRequest(url="https://met.alder.example/0")
    with grpc.insecure_channel(address) as channel:
        there = AuthorityStub(channel).Explain(request, timeout=20)
    assert http.get("/v1/authority/explain", params={"url": request.url}).json() == to_json(there)


def test_a_stream_has_a_line_for_every_query_and_says_what_it_ignored(http: httpx.Client) -> None:
    queries = [*({"text": f"tides {n}", "k": 1} for n in range(40)), {"text": "", "colour": "red"}]
    with http.stream("POST", "/v1/batch_search_stream", json={"queries": queries}) as reply:
        assert reply.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in reply.iter_lines()]
    assert "colour" in lines.pop(0)["warnings"][0]
    parts = {part.query: part.outcome for part in (parse(pb.BatchSearchPart(), line)[0] for line in lines)}
    assert sorted(parts) == list(range(41))
    assert parts[40].failure.code == "INVALID_ARGUMENT"
    assert len(parts[0].ranking.hits) == 1


def test_a_stream_that_is_refused_is_an_error_as_everywhere(http: httpx.Client) -> None:
    assert http.post("/v1/batch_search_stream", json={"queries": []}).status_code == 400
    assert http.post("/v1/batch_search_stream", content=b"{").json()["code"] == "INVALID_ARGUMENT"


def test_a_line_is_sent_before_the_next_one_is_known(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher, free=1)
    base = serve(slow, http=LOOPBACK, threads=1).http
    queries = [{"text": f"tides {n}"} for n in range(64)]
    with httpx.stream("POST", f"{base}/v1/batch_search_stream", json={"queries": queries}, timeout=20) as reply:
        lines = reply.iter_lines()
        first = json.loads(next(lines))
        assert slow.waiting.wait(20)
        assert first["query"] == 0
        slow.gate.set()
        assert 1 + sum(1 for _ in lines) == 64


def test_nothing_more_of_a_stream_starts_when_its_reader_hangs_up(
    searcher: Searcher, held: Any, serve: Callable[..., Any]
) -> None:
    slow = held(searcher, free=1)
    base = serve(slow, http=LOOPBACK, threads=1).http
    queries = [{"text": f"tides {n}"} for n in range(200)]
    with httpx.stream("POST", f"{base}/v1/batch_search_stream", json={"queries": queries}, timeout=20) as reply:
        next(reply.iter_lines())
        assert slow.waiting.wait(20)
    assert _eventually(lambda: 'code="CANCELLED",method="/v1/batch_search_stream"' in httpx.get(f"{base}/metrics").text)
    slow.gate.set()
    httpx.post(f"{base}/v1/batch_search", json={"queries": ["tides"]}, timeout=20)
    assert slow.searches == 2 + 1


def test_a_tool_s_call_ends_with_its_client(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow, http=LOOPBACK, threads=1)
    callers = [_call_tool(running.bound.http) for _ in range(3)]
    assert _eventually(lambda: slow.searches == 2)  # one on each thread, the third waits
    metrics = f"{running.http}/metrics"
    for caller in callers:
        caller.close()
    assert _eventually(lambda: 'stepwell_calls_total{code="CANCELLED",method="/mcp#search"} 3.0' in httpx.get(metrics).text)
    slow.gate.set()
    httpx.post(f"{running.http}/v1/batch_search", json={"queries": ["tides"]}, timeout=20)
    assert slow.searches == 2 + 1


def test_an_overloaded_server_says_when_to_come_back() -> None:
    reply = refused(Overloaded("the server has too much to do", 2.4))
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "3")


def _call_tool(address: Address) -> socket.socket:
    """A connection on which a tool was called and nothing is read."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "tides"}}}
    body = json.dumps(call)
    head = f"POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: */*\r\n"
    caller = socket.create_connection((address.host, address.port), 20)
    caller.sendall(f"{head}content-length: {len(body)}\r\n\r\n{body}".encode())
    return caller


def _eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 15
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
