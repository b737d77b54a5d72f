"""The page in a real browser: what a person sees and does, what a hostile document cannot do, and what axe finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document, Section
from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address

pytestmark = pytest.mark.long
SERIOUS = ("serious", "critical")
VIEWS = {
    "search": "/?q=tides&kind=page",
    "side by side": "/?q=neap+tides&authority=both",
    "document": "/?view=document&doc=web:markup&at=0-9&q=tides",
    "part of a document": "/?view=document&doc=web:markup&from=5",
    "authority": "/?view=authority&edit=host:met.alder.example",
    "history": "/?view=authority&part=history",
    "index": "/?view=index",
}


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address in a context of its own; fails the test for an error in the page or a request to anywhere else."""
    contexts, faults = [], []

    def opened(address: str, scheme: str = "light", width: int = 1100, height: int = 800, shown: bool = True) -> Any:
        origin = "/".join(address.split("/")[:3])

        def watch(request: Any) -> None:
            if not request.url.startswith(origin):
                faults.append(f"asked for {request.url}")

        context = chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, base_url=origin, ignore_https_errors=True
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", watch)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("dialog", lambda dialog: faults.append(dialog.message))
        tab.goto(address)
        if shown:
            tab.wait_for_selector("main[data-shown]")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def tab(opened: Callable[..., Any], page: str) -> Callable[..., Any]:
    """The same for an address of the page."""
    return lambda address, *args: opened(page + address, *args)


def test_search_by_keyboard_opens_the_document_with_its_passage_marked_and_goes_back(tab: Callable[..., Any]) -> None:
    here = tab("/")
    here.keyboard.press("Escape")
    here.keyboard.press("/")
    here.keyboard.type("spring tides")
    here.keyboard.press("Enter")
    here.wait_for_selector("[data-result]")
    assert "q=spring+tides" in here.url
    here.keyboard.press("Escape")
    here.keyboard.press("j")
    first = here.evaluate("document.activeElement.textContent")
    assert first == here.locator("[data-result] h2 a").first.text_content()
    here.keyboard.press("j")
    here.keyboard.press("k")
    here.keyboard.press("w")
    assert here.locator("[data-result]").first.locator("table").is_visible()
    here.keyboard.press("Enter")
    here.wait_for_selector("main[data-shown=document] mark")
    assert here.locator("h1").text_content() == first
    here.keyboard.press("Escape")
    here.wait_for_selector("main[data-shown=search] [data-result]")
    assert "q=spring+tides" in here.url


def test_the_address_alone_brings_back_the_same_results(tab: Callable[..., Any]) -> None:
    address = "/?q=water&kind=page&site=-summitgear.example&after=2016&k=20&authority=off"
    here = tab(address)
    ids = here.locator("[data-result]").evaluate_all("all => all.map(one => one.dataset.result)")
    assert ids
    assert here.locator("#kind-page").is_checked()
    assert here.locator("#authority-off").is_checked()
    assert here.locator("#after").input_value() == "2016"
    assert "summitgear.example" not in " ".join(here.locator(".url").all_text_contents())
    again = tab(address).locator("[data-result]").evaluate_all("all => all.map(one => one.dataset.result)")
    assert again == ids


def test_the_terms_of_a_reason_add_up_to_the_score(tab: Callable[..., Any]) -> None:
    here = tab("/?q=spring+tides")
    first = here.locator("[data-result]").first
    first.locator("summary").click()
    figures = [float(text.replace("−", "-")) for text in first.locator("td.figure").all_text_contents()]
    bias = float(first.locator(".sum td").last.text_content().split()[1].replace("−", "-"))
    assert sum(figures[:-1]) + bias == pytest.approx(figures[-1], abs=0.03)  # each is rounded to two places


def test_side_by_side_shows_what_authority_moves(tab: Callable[..., Any], table: Path) -> None:
    with table.open("a") as file:
        file.write("b.example\tprimary\t\tjudgement:tried:2026-11-22\t\n")
    here = tab("/?view=index")
    here.wait_for_timeout(1500)  # a changed table is in force within a second
    here.goto("/?q=neap+tides&authority=both")
    here.wait_for_selector(".columns")
    columns = [
        column.locator("li").evaluate_all("all => all.map(one => one.dataset.result)")
        for column in here.locator(".columns section").all()
    ]
    assert columns[0][:2] == ["web:neap-a.example", "web:neap-b.example"]
    assert columns[1][:2] == ["web:neap-b.example", "web:neap-a.example"]
    assert here.locator(".rose").get_attribute("data-result") == "web:neap-b.example"
    assert "lifts 1 document and lowers 1 document" in here.locator(".summary").text_content()


def test_a_hostile_document_stays_text(tab: Callable[..., Any]) -> None:
    for address in (
        "/?q=tides&k=20",
        "/?q=tides&authority=both",
        "/?view=document&doc=web:markup&at=0-9",
        "/?view=document&doc=web:space",
    ):
        here = tab(address)
        here.wait_for_timeout(200)
        assert here.evaluate("window.trapped") is None
        assert here.locator("main img, main script, main iframe, main svg, main b b").count() == 0
        for link in here.locator("a").evaluate_all("all => all.map(one => one.href)"):
            assert link.startswith("http")
    here = tab("/?view=document&doc=web:markup")
    assert here.locator("h1").text_content().startswith("<img src=x onerror=")
    assert "&lt;b&gt; is five characters" in here.locator(".text").text_content()


def test_an_address_typed_by_a_stranger_runs_nothing(tab: Callable[..., Any]) -> None:
    trap = "<img src=x onerror='window.trapped = true'>"
    for name in ("q", "view", "doc", "at", "site", "match", "edit", "key", "collection", "authority"):
        here = tab(f"/?q=tides&{name}={trap}")
        assert here.evaluate("window.trapped") is None
    here = tab("/?view=__proto__&q=tides")
    assert here.locator("[data-result]").count() > 0


def test_offsets_count_code_points_and_not_utf_16_units(tab: Callable[..., Any]) -> None:
    here = tab("/?view=document&doc=web:markup&at=9-13")  # after two moons of two units each
    assert here.locator(".text mark").text_content() == "rise"


def test_a_text_longer_than_a_reply_is_shown_in_parts(
    opened: Callable[..., Any], tmp_path: Path, serve: Callable[..., Any]
) -> None:
    line = "Tide tables of the harbour 🌊 give the time and the height of high water.\n"
    text = line * (5 * 2**20 // len(line.encode())) + "The last word is zwieback.\n"
    assert len(text.encode()) > 4 * 2**20
    sections = (Section("Begin", 1, 0, len(line) * 2), Section("End", 1, len(text) - 27, len(text)))
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(Document(id="web:long", title="A long table", text=text, sections=sections))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with Searcher.open(tmp_path / "index", authority="off") as searcher:
        running = serve(searcher, http=Address("127.0.0.1", 0))
        here = opened(f"{running.http}/?q=zwieback")
        here.wait_for_selector("[data-result]")
        here.locator("[data-result] h2 a").first.click()
        here.wait_for_selector("main[data-shown=document] mark")
        assert "zwieback" in here.locator(".text mark").text_content()
        assert here.locator(".pages span").first.text_content().endswith(f" to {len(text):,} of {len(text):,}")
        here.locator(".pages a").first.click()
        here.wait_for_selector(".text:not(:has(mark))")
        assert "zwieback" not in here.locator(".text").text_content()
        here.locator("summary", has_text="2 sections").click()
        here.get_by_role("button", name="End").click()
        here.locator(".text", has_text=re.compile("^The last word is zwieback")).wait_for()
        here.get_by_role("button", name="← Results").click()
        running.stop()


def test_the_page_asks_for_a_key_once_keeps_it_in_the_tab_and_works_with_it(
    opened: Callable[..., Any], axe: str, hostile_index: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, token = keys.create("reader", ("search", "fetch"))
    with Searcher.open(hostile_index, authority="sample") as searcher:
        running = serve(searcher, http=Address("127.0.0.1", 0), keys=keys.path)
        here = opened(f"{running.http}/?q=tides", shown=False)
        dialog = here.locator("dialog#key")
        dialog.wait_for(state="visible")
        assert here.evaluate("document.activeElement.id") == "key-value"
        assert serious(here, axe) == []
        here.keyboard.type("sw_000000000000_" + "x" * 43)
        with here.expect_response(lambda response: response.status == 401):
            here.keyboard.press("Enter")
        dialog.wait_for(state="visible")  # a key that opens nothing is asked for again
        here.fill("#key-value", token)
        here.get_by_role("button", name="Use it").click()
        here.wait_for_selector("[data-result]")
        assert here.evaluate("sessionStorage.getItem('stepwell-key')") == token
        assert here.evaluate("localStorage.length") == 0
        assert token not in here.url
        here.goto(f"{running.http}/?view=authority")
        here.wait_for_selector("main[data-shown=authority]")
        assert not dialog.is_visible()
        assert here.get_by_role("button", name="Save").count() == 0  # it may read, and not edit
        keys.revoke(token.split("_")[1])
        keys.create("another", ("search",))
        here.wait_for_timeout(1500)  # revoked keys open nothing within a second
        here.goto(f"{running.http}/?q=tides")
        dialog.wait_for(state="visible")
        here.get_by_role("button", name="Not now").click()
        here.wait_for_selector("[role=alert]")
        assert here.evaluate("sessionStorage.getItem('stepwell-key')") is None
        running.stop()


def test_a_change_is_tried_saved_seen_and_undone(tab: Callable[..., Any], table: Path) -> None:
    here = tab("/?view=authority")
    for name, value in {"key": "b.example", "evidence": "judgement:a test:2026-11-22", "who": "Ada", "why": "to see"}.items():
        here.fill(f"#new-{name}", value)
    here.select_option("#new-tier", "primary")
    here.fill("#queries", "neap tides\nbees in winter")
    before = table.read_bytes()
    here.get_by_role("button", name="Try before saving").click()
    here.wait_for_selector(".effect")
    assert "change for 1 of 2 queries" in here.locator(".effect").text_content()
    assert table.read_bytes() == before
    here.get_by_role("button", name="Save").click()
    here.wait_for_selector("[data-key='b.example']")
    assert b"b.example\tprimary" in table.read_bytes()
    here.get_by_role("link", name="History").click()
    here.get_by_role("link", name="Undo…").first.click()
    here.wait_for_selector("text=Undo change")
    here.fill("#new-who", "Ada")
    here.fill("#new-why", "seen")
    here.get_by_role("button", name="Undo it").click()
    here.wait_for_selector("text=No entry like that")
    assert b"b.example" not in table.read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious_and_360_pixels_are_enough(view: str, scheme: str, axe: str, tab: Callable[..., Any]) -> None:
    for width in (1100, 360):
        here = tab(VIEWS[view], scheme, width)
        assert serious(here, axe) == []
        assert here.evaluate("document.documentElement.scrollWidth <= innerWidth")


def serious(here: Any, axe: str) -> list[list[str]]:
    """What axe finds of weight on what is shown now: impact and rule."""
    found = here.evaluate(f"{axe}; axe.run().then(found => found.violations.map(one => [one.impact, one.id]))")
    return [one for one in found if one[0] in SERIOUS]
