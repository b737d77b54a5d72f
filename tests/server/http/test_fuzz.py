"""Whatever arrives over HTTP, the answer is one: in time, in JSON where it refuses, and never a 500."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.server import hostile
from tests.server.within import Answered, Within

CASES = {"deadline": None, "suppress_health_check": [*HealthCheck], "database": None}
Asked = tuple[tuple[str, str], bytes]


def headers(kind: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", kind.encode("latin-1")), (b"accept", b"application/json, text/event-stream")]


def check(path: str, answered: Answered) -> None:
    """An answer, or a refusal in JSON."""
    assert answered.status < 500, answered
    if answered.status >= 400 and not path.startswith("/mcp"):
        said = json.loads(answered.body)
        assert said["code"]
        assert said["message"]
    assert b"Traceback" not in answered.body


def within_process(within: Within, asked: Asked, parameters: dict[str, str], kind: str) -> None:
    (method, path), body = asked
    query = urlencode(parameters).encode()
    check(path, within.http(method, path, query, headers(kind), body if method == "POST" else b""))


def through_sockets(http: httpx.Client, asked: Asked, parameters: dict[str, str], kind: str) -> None:
    (method, path), body = asked
    sent = body if method == "POST" else None
    reply = http.request(method, path, params=parameters, content=sent, headers=headers(kind))
    check(path, Answered(reply.status_code, {}, reply.content))


@settings(max_examples=300, **CASES)
@given(hostile.ASKED, hostile.PARAMETERS, hostile.KINDS)
def test_no_request_breaks_the_server(within: Within, asked: Asked, parameters: dict[str, str], kind: str) -> None:
    within_process(within, asked, parameters, kind)


@settings(max_examples=40, **CASES)
@given(hostile.ASKED, hostile.PARAMETERS, hostile.KINDS)
def test_no_request_through_a_socket_breaks_the_server(
    http: httpx.Client, asked: Asked, parameters: dict[str, str], kind: str
) -> None:
    through_sockets(http, asked, parameters, kind)


@pytest.mark.long
@pytest.mark.parametrize("number", range(30))
def test_no_request_of_forty_five_thousand_breaks_the_server(within: Within, number: int) -> None:
    @seed(number)
    @settings(max_examples=1_500, **CASES)
    @given(hostile.ASKED, hostile.PARAMETERS, hostile.KINDS)
    def every(asked: Asked, parameters: dict[str, str], kind: str) -> None:
        within_process(within, asked, parameters, kind)

    every()


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_no_request_of_five_thousand_through_sockets_breaks_the_server(http: httpx.Client, number: int) -> None:
    @seed(1_000 + number)
    @settings(max_examples=1_250, **CASES)
    @given(hostile.ASKED, hostile.PARAMETERS, hostile.KINDS)
    def every(asked: Asked, parameters: dict[str, str], kind: str) -> None:
        through_sockets(http, asked, parameters, kind)

    every()


@pytest.mark.parametrize("path", ["/search", "/v1/search", "/serper/search", "/retrieve", "/res/v1/web/search"])
@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400"])
def test_a_count_that_is_no_number_is_a_count_within_the_limits(http: httpx.Client, path: str, number: str) -> None:
    words = {"query": "tides", "q": "tides", "queries": ["tides"], "format": "json"}
    counts = dict.fromkeys(("max_results", "n", "num", "page", "pageno", "topk", "count", "offset"), number)
    reply = http.get(path, params=words | counts) if "web" in path else http.post(path, json=words | counts)
    assert reply.status_code == 200, reply.text


def test_the_document_of_the_api_is_made_once(within: Within) -> None:
    first = within.http("GET", "/openapi.json")
    assert within.http("GET", "/openapi.json").body == first.body
