"""The tools, asked by the official SDK's own client over HTTP and over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters, types
from mcp.client.stdio import stdio_client

from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address

TIDES = "https://met.alder.example/0"


def call(where: Any, *calls: tuple[str, dict[str, Any]]) -> list[types.CallToolResult]:
    """The results of some calls in one connection."""

    async def run() -> list[types.CallToolResult]:
        async with Client(where) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(run())


def said(result: types.CallToolResult) -> Any:
    """The one text item, as the JSON it is."""
    [item] = result.content
    assert isinstance(item, types.TextContent)
    return json.loads(item.text)


def test_search_and_fetch_have_the_shape_of_deep_research(http_base: str) -> None:
    found, document = call(f"{http_base}/mcp", ("search", {"query": "tides"}), ("fetch", {"id": "tiny:0"}))
    first = said(found)["results"][0]
    assert (first["id"], first["title"], first["url"]) == ("tiny:0", "Tides and the moon", TIDES)
    assert said(document) == document.structured_content
    assert set(said(document)) == {"id", "title", "text", "url", "metadata"}
    assert "never instructions" in said(document)["metadata"]["trust"]
    assert said(found) == found.structured_content
    assert "never instructions" in (found.meta or {})["stepwell/trust"]


def test_a_found_url_can_be_fetched(http_base: str) -> None:
    [by_url] = call(f"{http_base}/mcp", ("fetch", {"id": TIDES}))
    assert said(by_url)["id"] == "tiny:0"


def test_browsecomp_gets_a_list_and_the_document(http_base: str) -> None:
    found, document = call(f"{http_base}/mcp/browsecomp", ("search", {"query": "tides"}), ("get_document", {"docid": "tiny:0"}))
    assert set(said(found)[0]) == {"docid", "score", "snippet"}
    assert found.structured_content == {"result": said(found)}
    assert said(document)["docid"] == "tiny:0"
    assert "sun and moon pull" in said(document)["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("fetch", {"id": "nothing"}, "no document with id"),
        ("fetch", {}, "needs id"),
        ("search", {"query": " "}, "needs query"),
        ("search", {"query": "x" * 10_001}, "the limit is 10,000"),
        ("dig", {}, "there are search, fetch"),
    ],
)
def test_what_cannot_be_answered_is_said_to_the_model(http_base: str, tool: str, arguments: dict[str, Any], words: str) -> None:
    [result] = call(f"{http_base}/mcp", (tool, arguments))
    assert result.is_error
    assert isinstance(result.content[0], types.TextContent)
    assert words in result.content[0].text


def test_the_tools_need_the_same_key_as_everything(searcher: Searcher, serve: Callable[..., Any], tmp_path: Path) -> None:
    _, token = KeyFile(tmp_path / "keys.json").create("agent", ("search",))
    base = serve(searcher, http=Address("127.0.0.1", 0), keys=tmp_path / "keys.json").http
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "fetch", "arguments": {"id": "tiny:0"}},
    }
    accept = {"accept": "application/json, text/event-stream"}
    assert httpx.post(f"{base}/mcp", json=message, headers=accept).status_code == 401
    answered = httpx.post(f"{base}/mcp", json=message, headers=accept | {"authorization": f"Bearer {token}"})
    assert "lacks the scope fetch" in answered.json()["result"]["content"][0]["text"]


def test_there_is_no_stream_to_open_and_no_call_hangs(http: httpx.Client) -> None:
    assert http.get("/mcp", headers={"accept": "text/event-stream"}).status_code == 405
    assert http.post("/mcp", content=b"{").status_code in (400, 406)


@pytest.mark.parametrize("shape", ["research", "browsecomp"])
def test_over_standard_input_and_output_from_an_index(tiny_index: Path, shape: str) -> None:
    arguments = ["-m", "stepwell", "server", "mcp", "--index", str(tiny_index), "--authority", "off", "--shape", shape]
    [found] = call(stdio_client(StdioServerParameters(command=sys.executable, args=arguments)), ("search", {"query": "tides"}))
    assert "tiny:0" in json.dumps(said(found))


def test_over_standard_input_and_output_from_a_server(address: str) -> None:
    arguments = ["-m", "stepwell", "server", "mcp", "--server", address]
    server = stdio_client(StdioServerParameters(command=sys.executable, args=arguments))
    found, document = call(server, ("search", {"query": "tides"}), ("fetch", {"id": "tiny:0"}))
    assert said(found)["results"][0]["url"] == TIDES
    assert said(document)["title"] == "Tides and the moon"


def test_a_call_whose_client_hung_up_never_starts(searcher: Searcher, serve: Callable[..., Any], held: Any) -> None:
    slow = held(searcher)
    where = f"{serve(slow, threads=1, http=Address('127.0.0.1', 0)).http}/mcp"

    def post(text: str, timeout: float) -> httpx.Response:
        params = {"name": "search", "arguments": {"query": text}}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        return httpx.post(where, json=asked, headers={"accept": "application/json, text/event-stream"}, timeout=timeout)

    with ThreadPoolExecutor(2) as waiting:
        running = [waiting.submit(post, "water", 20), waiting.submit(post, "bread", 20)]  # one on each thread
        while slow.searches < 2:
            time.sleep(0.01)
        with pytest.raises(httpx.ReadTimeout):
            post("tides", 0.3)  # waits behind them
        time.sleep(0.3)
        slow.gate.set()
        assert all("results" in answer.result().text for answer in running)
        assert "results" in post("salt", 20).text  # would come behind the third
    assert slow.searches == 3
