"""What belongs to the page answers, and edits need the page, the scope and a name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from authority.history import read_history
from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address
from server.page.files import COOKIE, HEADER, contents

ENTRY = {
    "key": "driftline.example",
    "tier": "established",
    "topics": ["sea"],
    "evidence": "judgement:tried:2026-11-22",
}
SIGNED = {"who": "Ada", "why": "for the test"}


@pytest.fixture
def browser(page: str) -> Iterator[httpx.Client]:
    """A client that has loaded the page and sends its token, as the page's scripts do."""
    with httpx.Client(base_url=page) as client:
        client.get("/")
        client.headers[HEADER] = client.cookies[COOKIE]
        yield client


def test_the_page_allows_itself_no_inline_script_and_no_other_origin(page: str) -> None:
    response = httpx.get(page)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "SameSite=strict" in response.headers["set-cookie"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_no_file_of_the_page_names_an_outside_address_or_writes_markup() -> None:
    for name, (content, _, _) in contents().items():
        text = content.decode()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "onclick="):
            assert word not in text, f"{word} in {name}"
        outside = [part for part in text.split("://")[1:] if not part.startswith(("www.w3.org/2000/svg", "www.who.int"))]
        assert not outside or name == "search.js", name  # it takes `https://` off what it shows


def test_every_file_that_the_page_asks_for_is_there(page: str) -> None:
    for name in contents():
        if name == "index.html":
            continue
        response = httpx.get(f"{page}/page/{name}")
        assert response.status_code == 200
        again = httpx.get(f"{page}/page/{name}", headers={"if-none-match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(f"{page}/page/..%2Froutes.py").status_code == 404
    assert httpx.get(f"{page}/page/none.js").json()["code"] == "NOT_FOUND"


def test_the_front_still_speaks_searxng_where_a_format_is_asked_for(page: str) -> None:
    assert httpx.get(page, params={"q": "tide", "format": "json"}).json()["results"]


def test_the_index_view_adds_up(browser: httpx.Client, hostile_index: Path) -> None:
    view = browser.get("/page/index").json()
    for parts in ("segments", "collections"):
        assert sum(part["documents"] for part in view[parts]) == view["documents"] == 17
    on_disk = sum(f.stat().st_size for f in (hostile_index / "segments").rglob("*") if f.is_file())
    assert 0 < sum(s["bytes"] for s in view["segments"]) <= on_disk
    assert [g["snapshot"] for g in view["generations"] if g["served"]] == [view["snapshot"]]
    assert str(hostile_index) not in str(view)


def test_the_index_view_says_that_the_table_cannot_be_read_and_names_no_file(browser: httpx.Client, table: Path) -> None:
    whole = table.read_bytes()
    table.write_bytes(b"half a li")
    assert browser.post("/v1/admin/reload").json()["changes"]
    assert browser.get("/page/index").json()["coverage"][-1] == "the table in force cannot be read any more and stays in force"
    assert browser.post("/page/authority/set", json={"entry": ENTRY, **SIGNED}).status_code == 400
    table.write_bytes(whole)
    assert not [change for change in browser.post("/v1/admin/reload").json()["changes"] if "table" in change]
    assert not [note for note in browser.get("/page/index").json()["coverage"] if "table" in note]


def test_an_edit_is_signed_by_the_person_and_the_caller_and_can_be_undone(browser: httpx.Client, table: Path) -> None:
    saved = browser.post("/page/authority/set", json={"entry": ENTRY, **SIGNED}).json()["change"]
    assert saved["who"] == "Ada, anonymous over the network"
    listed = browser.get("/page/authority", params={"key": "driftline.example"}).json()
    assert listed["entries"][0]["tier"] == "established"
    assert listed["version"] == saved["version_after"]
    assert browser.get("/page/authority/explain", params={"url": "https://driftline.example/1"}).json()["entry"]["value"] == 0.8
    number = browser.get("/page/authority/history").json()["changes"][0]["number"]
    undone = browser.post("/page/authority/revert", json={"number": number, **SIGNED}).json()["change"]
    assert undone["version_after"] == saved["version_before"]
    assert [c.action for c in read_history(table)][-2:] == ["set", "revert"]


def test_removing_an_entry_needs_the_version_that_was_looked_at(browser: httpx.Client) -> None:
    key = {"key": "host:met.alder.example", **SIGNED}
    stale = browser.post("/page/authority/remove", json={**key, "expected_version": "0" * 12})
    assert stale.status_code == 400
    assert "version" in stale.json()["message"]
    version = browser.get("/page/session").json()["version"]
    assert browser.post("/page/authority/remove", json={**key, "expected_version": version}).json()["change"]["after"] == ""


@pytest.mark.parametrize("what", ["no token", "a wrong token", "another site", "a subdomain's page", "no name", "no reason"])
def test_an_edit_is_refused_and_nothing_changes_with(what: str, browser: httpx.Client, table: Path) -> None:
    before = table.read_bytes()
    body: dict[str, Any] = {"entry": ENTRY, **SIGNED}
    headers = {}
    match what:
        case "no token":
            del browser.headers[HEADER]
        case "a wrong token":
            headers = {HEADER: "0" * 32}
        case "another site":
            headers = {"origin": "https://evil.example"}
        case "a subdomain's page":
            headers = {"sec-fetch-site": "same-site"}
        case "no name":
            body["who"] = " "
        case "no reason":
            body["why"] = ""
    refused = browser.post("/page/authority/set", json=body, headers=headers)
    assert refused.status_code == (400 if what.startswith("no ") and what != "no token" else 403)
    assert str(table) not in refused.text
    assert table.read_bytes() == before


def test_without_the_scope_nobody_edits_and_without_a_key_nobody_reads(
    hostile_index: Path, table: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, reader = keys.create("reader", ("search", "fetch"))
    _, editor = keys.create("editor", ("search", "authority"))
    with Searcher.open(hostile_index, authority=table) as searcher:
        running = serve(searcher, http=Address("127.0.0.1", 0), keys=keys.path)
        with httpx.Client(base_url=running.http) as client:
            client.get("/")
            client.headers[HEADER] = client.cookies[COOKIE]
            assert client.get("/page/app.js").status_code == 200
            assert client.get("/page/authority").status_code == 401
            client.headers["authorization"] = f"Bearer {reader}"
            assert client.get("/page/session").json()["may_edit"] is False
            assert client.post("/page/authority/set", json={"entry": ENTRY, **SIGNED}).status_code == 403
            client.headers["authorization"] = f"Bearer {editor}"
            saved = client.post("/page/authority/set", json={"entry": ENTRY, **SIGNED}).json()["change"]
            assert saved["who"].startswith("Ada, editor (key ")
        running.stop()


def test_what_trying_a_change_promises_is_what_saving_it_does(browser: httpx.Client, table: Path) -> None:
    entry = ENTRY | {"key": "b.example", "tier": "primary"}
    queries = ["neap tides", "bees in winter"]
    before_bytes, before = table.read_bytes(), _lists(browser, queries)
    tried = browser.post("/page/authority/try", json={"entry": entry, "queries": queries}).json()
    assert table.read_bytes() == before_bytes
    assert tried["queries"] == 2
    [moved] = tried["moved"]
    assert moved["text"] == "neap tides"
    browser.post("/page/authority/set", json={"entry": entry, **SIGNED})
    after = _lists(browser, queries)
    assert before[1] == after[1]
    shifts = [(shift["before"], shift["after"]) for shift in moved["shifts"]]
    real = [(before[0].index(one) + 1, place) for place, one in enumerate(after[0], start=1) if before[0].index(one) + 1 != place]
    assert shifts == real != []


def test_a_change_is_tried_on_a_few_queries_and_on_entries_that_are_there(browser: httpx.Client) -> None:
    for body in (
        {"key": "nobody.example", "queries": ["x"]},
        {"entry": ENTRY, "queries": []},
        {"entry": ENTRY, "queries": ["x"] * 21},
        {"entry": ENTRY | {"tier": "best"}, "queries": ["x"]},
        {"queries": ["x"]},
    ):
        assert browser.post("/page/authority/try", json=body).status_code == 400


class SlowTrial:
    """A real searcher whose candidates for a trial wait at a gate."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self.waiting, self.gate = threading.Event(), threading.Event()

    def candidates(self, queries: Any, pinned: Any) -> Any:
        self.waiting.set()
        assert self.gate.wait(20)
        return self._searcher.candidates(queries, pinned)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def test_a_trial_that_has_to_wait_for_another_costs_nothing(
    hostile_index: Path, table: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, first = keys.create("first", ("search",))
    _, asker = keys.create("asker", ("search",), per_minute=1)
    with Searcher.open(hostile_index, authority=table) as searcher:
        slow = SlowTrial(searcher)
        running = serve(slow, http=Address("127.0.0.1", 0), keys=keys.path)

        def attempt(token: str) -> httpx.Response:
            body = {"entry": ENTRY, "queries": ["tides"]}
            headers = {"authorization": f"Bearer {token}"}
            return httpx.post(f"{running.http}/page/authority/try", json=body, headers=headers, timeout=20, trust_env=False)

        with ThreadPoolExecutor(1) as pool:
            trying = pool.submit(attempt, first)
            assert slow.waiting.wait(20)
            for _ in range(3):
                assert "another change is being tried" in attempt(asker).json()["message"]
            slow.gate.set()
            assert trying.result(20).status_code == 200
        assert attempt(asker).status_code == 200
        assert "1 queries and documents a minute" in attempt(asker).json()["message"]
        running.stop()


def _lists(browser: httpx.Client, queries: list[str]) -> list[list[str]]:
    outcomes = browser.post("/v1/batch_search", json={"queries": queries}).json()["outcomes"]
    return [[hit["doc_id"] for hit in outcome["ranking"]["hits"]] for outcome in outcomes]
