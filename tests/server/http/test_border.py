"""What HTTP refuses before it reads, and what every answer carries."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address
from server.errors import AddressError, AddressTaken

LOOPBACK = Address("127.0.0.1", 0)


def test_a_slash_too_many_changes_nothing(http: httpx.Client) -> None:
    asked = {"q": "tides", "format": "json"}
    found = http.get("/search", params=asked).json()
    for path in ("/search/", "//search", "/searxng/", "/searxng//search/", "///"):
        assert http.get(f"{str(http.base_url).rstrip('/')}{path}", params=asked).json() == found, path
    queries = {"queries": ["tides"]}
    assert len(http.post("/v1//batch_search/", json=queries).json()["outcomes"]) == 1
    assert http.get("/healthz/").json() == {"status": "SERVING"}
    assert http.get("/nothing/").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1", "10.0.0.1"])
def test_a_name_that_is_not_loopbacks_is_refused(http: httpx.Client, host: str) -> None:
    assert http.get("/v1/status", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1:1", "[::1]:8080", "127.0.0.7"])
def test_loopbacks_names_are_answered(http: httpx.Client, host: str) -> None:
    assert http.get("/v1/status", headers={"host": host}).status_code == 200


def test_a_name_the_operator_gave_is_answered(searcher: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(searcher, http=LOOPBACK, http_names=("search.alder.example",))
    assert httpx.get(f"{running.http}/v1/status", headers={"host": "Search.alder.example:8080"}).status_code == 200
    assert httpx.get(f"{running.http}/v1/status", headers={"host": "alder.example"}).status_code == 421


def test_a_page_of_another_origin_cannot_post(http: httpx.Client) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert http.post("/search", json={"query": "tides"}, headers={"origin": origin}).status_code == 403
    own = str(http.base_url).rstrip("/")
    assert http.post("/search", json={"query": "tides"}, headers={"origin": own}).status_code == 200


def test_no_answer_allows_another_origin_and_every_answer_is_hardened(http: httpx.Client) -> None:
    for path in ("/v1/status", "/nothing", "/search?q=tides&format=json", "/healthz", "/"):
        headers = http.get(path, headers={"origin": "http://evil.example"}).headers
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    preflight = http.options(
        "/v1/batch_search", headers={"access-control-request-method": "POST", "origin": "http://evil.example"}
    )
    assert "access-control-allow-origin" not in preflight.headers


def test_a_body_over_the_limit_is_refused_by_its_header_and_by_its_size(searcher: Searcher, serve: Callable[..., Any]) -> None:
    base = serve(searcher, http=LOOPBACK, max_request=1000).http
    assert httpx.post(f"{base}/v1/fetch", content=b"x" * 1001).status_code == 413
    assert httpx.post(f"{base}/v1/fetch", content=iter([b"x" * 600] * 2)).status_code == 413
    assert httpx.post(f"{base}/v1/fetch", json={"targets": ["tiny:0"]}).status_code == 200


def test_a_full_server_says_when_to_come_back(searcher: Searcher, serve: Callable[..., Any], held: Any) -> None:
    slow = held(searcher)
    base = serve(slow, http=LOOPBACK, max_calls=1).http
    with socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) as waiting:
        body = b'{"query": "tides"}'
        waiting.sendall(b"POST /search HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        assert slow.waiting.wait(10)
        reply = httpx.get(f"{base}/v1/status")
        slow.gate.set()
    assert (reply.status_code, reply.json()["code"]) == (429, "RESOURCE_EXHAUSTED")
    assert int(reply.headers["retry-after"]) >= 1


def test_a_call_that_would_wait_in_vain_is_told_when_to_come_back(
    searcher: Searcher, serve: Callable[..., Any], held: Any
) -> None:
    slow = held(searcher)
    base = serve(slow, http=LOOPBACK, threads=1, max_cost=100).http
    with ThreadPoolExecutor(1) as waiting:
        first = waiting.submit(httpx.post, f"{base}/search", json={"query": "water"}, timeout=20)
        assert slow.waiting.wait(10)
        replies = [
            httpx.post(f"{base}/v1/batch_search", json={"queries": ["tides"] * 3}),
            httpx.post(f"{base}/retrieve", json={"queries": ["tides"] * 3}),
        ]
        slow.gate.set()
        assert first.result().status_code == 200
    for reply in replies:
        assert (reply.status_code, reply.json()["code"]) == (429, "RESOURCE_EXHAUSTED")
        assert int(reply.headers["retry-after"]) >= 1


def test_after_the_client_hung_up_no_new_unit_starts(searcher: Searcher, serve: Callable[..., Any], held: Any) -> None:
    slow = held(searcher)
    base = serve(slow, http=LOOPBACK, threads=1).http
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{base}/v1/batch_search", json={"queries": ["tides"] * 64}, timeout=0.3)
    time.sleep(0.3)
    slow.gate.set()
    time.sleep(0.3)
    assert slow.searches == 1


def test_a_stated_timeout_is_a_deadline(searcher: Searcher, serve: Callable[..., Any], held: Any) -> None:
    slow = held(searcher)
    base = serve(slow, http=LOOPBACK).http
    reply = httpx.post(f"{base}/search", json={"query": "tides"}, headers={"stepwell-timeout": "0.2"})
    slow.gate.set()
    assert (reply.status_code, reply.json()["code"]) == (504, "DEADLINE_EXCEEDED")
    assert httpx.post(f"{base}/search", json={"query": "tides"}, headers={"stepwell-timeout": "soon"}).status_code == 400


def test_keys_count_over_http_wherever_clients_put_them(searcher: Searcher, serve: Callable[..., Any], tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    _, token = KeyFile(keys).create("agent", ("search",), per_minute=6)
    base = serve(searcher, http=LOOPBACK, keys=keys).http
    ask = {"url": f"{base}/search", "params": {"q": "tides", "format": "json"}}
    refusal = httpx.get(**ask)
    assert (refusal.status_code, refusal.json()["code"]) == (401, "UNAUTHENTICATED")
    for headers in ({"authorization": f"Bearer {token}"}, {"x-api-key": token}, {"x-subscription-token": token}):
        assert httpx.get(**ask, headers=headers).status_code == 200
    assert httpx.get(f"{base}/search", params={"q": "tides", "format": "json", "api_key": token}).status_code == 200
    own = {"authorization": f"Bearer {token}"}
    assert httpx.post(f"{base}/v1/fetch", json={"targets": ["tiny:0"]}, headers=own).status_code == 403
    limited = httpx.post(f"{base}/v1/batch_search", json={"queries": ["tides"] * 5}, headers=own)
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) >= 1


def test_a_key_without_the_scope_fetch_gets_passages_and_no_whole_texts(
    searcher: Searcher, serve: Callable[..., Any], tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    _, token = KeyFile(keys).create("agent", ("search",))
    base = serve(searcher, http=LOOPBACK, keys=keys).http
    asked = {"query": "tides", "include_raw_content": True}
    reply = httpx.post(f"{base}/search", json=asked, headers={"authorization": token})
    assert reply.json()["results"][0]["raw_content"] == reply.json()["results"][0]["content"]


def test_http_is_not_offered_beyond_loopback_without_keys_and_tls(searcher: Searcher, serve: Callable[..., Any]) -> None:
    with pytest.raises(AddressError, match="other machines"):
        serve(searcher, http=Address("0.0.0.0", 0))


def test_a_port_in_use_starts_nothing(searcher: Searcher, serve: Callable[..., Any]) -> None:
    first = serve(searcher, http=LOOPBACK)
    with pytest.raises(AddressTaken, match="in use"):
        serve(searcher, http=first.bound.http)


def test_metrics_count_calls_over_http_by_their_path(http: httpx.Client) -> None:
    http.post("/retrieve", json={"queries": ["tides"], "topk": 1})
    assert 'stepwell_calls_total{code="OK",method="/retrieve"}' in http.get("/metrics").text
    assert http.get("/healthz").json() == {"status": "SERVING"}
