"""The live page and the exported report in a real browser: watched, stopped, read by keyboard, and judged by axe."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.answer import Parts
from agent.export import export
from agent.language import LABELS
from agent.loop import start
from agent.models import Reply
from agent.models.scripted import ScriptedModel, turn
from agent.trajectory import Limits
from server.client import Document

pytestmark = pytest.mark.long
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
DRAFT = (
    "## What is known\n\nBoiled water is safe to drink in most homes [[s1]]. It was safe in 11 % of them [[s1, s2]]. "
    "This is a sentence that no source of this run stands behind.\n\n- Lead stays in the water [[s1]].\n\n"
    "| what | how long |\n|---|---|\n| boiling | one minute [[s2]] |\n"
)


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address in a context of its own; fails the test for an error in the page or a request to anywhere else."""
    contexts, faults = [], []

    def opened(address: str, scheme: str = "light", width: int = 1280, height: int = 900) -> Any:
        context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, bypass_csp=True)
        contexts.append(context)
        page = context.new_page()
        origin = address.split("#", maxsplit=1)[0]
        page.on("request", lambda request: None if request.url.startswith(origin) else faults.append(f"asked for {request.url}"))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def serious(page: Any, axe: str) -> list[list[str]]:
    """What axe finds of weight on what is shown now: impact, rule, and the first place."""
    found = page.evaluate(f"{axe}; axe.run().then(found => found.violations.map(v => [v.impact, v.id, v.nodes[0].html]))")
    return [one for one in found if one[0] in ("serious", "critical")]


@pytest.fixture
def finished(new_run, shelf, begun) -> Any:
    """A run with every verdict in its report."""
    run = new_run("20250101-done")
    turns = [
        turn(todo={"mode": "replace", "items": [{"id": "1", "text": "find trials", "status": "completed"}]}),
        turn("I look first.", batch_search={"queries": ["boiled water safe"], "k": 5}),
        turn(reflect={"known": "k", "missing": "m", "next": "n", "conflicts": [{"about": "how long", "spans": ["s1", "s3"]}]}),
        turn(write={"path": "report.md", "content": DRAFT}),
        *[turn(finish={})] * 3,
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    return run


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_exported_report_shows_its_quotes_by_keyboard_and_passes_axe(finished, opened, axe, scheme, tmp_path):
    path = export(finished, "html", tmp_path / "report.html")
    page = opened(path.as_uri(), scheme)
    assert serious(page, axe) == []
    cites = page.locator(".cite a")
    quotes = page.locator(".cite .quote")
    assert cites.count() == quotes.count() > 3
    assert not any(quotes.nth(i).is_visible() for i in range(quotes.count()))
    for i in range(cites.count()):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == cites.nth(i).text_content()
        assert quotes.nth(i).is_visible()
        assert quotes.nth(i).text_content().startswith(("not ", "partly "))
        box = quotes.nth(i).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
    assert sum(quotes.nth(i).is_visible() for i in range(quotes.count())) == 1
    assert serious(page, axe) == []
    page.keyboard.press("Enter")
    assert page.url.endswith("#s2")
    page.mouse.move(0, 0)
    cites.first.hover()
    assert quotes.first.is_visible()


def test_the_exported_report_is_readable_on_a_phone(finished, opened, tmp_path):
    page = opened(export(finished, "html", tmp_path / "report.html").as_uri(), "light", 360, 700)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_run_shows_its_quotes_by_keyboard_and_passes_axe(site, finished, opened, axe, scheme):
    url, _ = site
    listed = opened(url, scheme)
    listed.wait_for_selector("#runs a")
    assert serious(listed, axe) == []
    page = opened(f"{url}#{finished.id}", scheme)
    page.wait_for_selector("#report .cite")
    assert serious(page, axe) == []
    first = page.locator("#report .cite").first
    first.focus()
    quote = page.locator("#report .quote").first
    assert quote.is_visible()
    assert quote.text_content().startswith("not judged “")
    page.keyboard.press("Escape")
    assert not quote.is_visible()
    first.press("Enter")
    assert page.locator("blockquote.found").count() == 1
    assert page.locator("#notes .dispute blockquote").count() == 2
    page.locator("#notes .dispute a").nth(1).click()
    assert page.locator("blockquote.found").get_attribute("data-span") == "s3"


def test_a_run_is_watched_stopped_and_read_and_hostile_text_stays_text(site, new_run, make_shelf, begun, opened, gate):
    from playwright.sync_api import expect

    url, _ = site
    shelf = make_shelf(
        [Document(id="page:x", title=f"Boiled {HOSTILE}", kind="page", url="javascript:alert(1)", text=f"Boil it. {HOSTILE}")]
    )
    draft = turn(write={"path": "report.md", "content": f"Boil it [[s1]]. {HOSTILE} [x](javascript:alert(2))"})
    plan = turn(HOSTILE, todo={"mode": "merge", "items": [{"id": "1", "text": f"look {HOSTILE}", "status": "in_progress"}]})
    look = turn(batch_search={"queries": ["boil"], "k": 3})
    run = new_run("20250103-live")
    model = gate(plan, look, draft, turn(reflect={"known": "a", "missing": "b", "next": "c"}))
    thread = threading.Thread(target=start, args=(run, begun(HOSTILE), Parts(model, shelf)))
    thread.start()
    page = opened(url)
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.locator("#status")).to_have_text("running")
    model.free.set()
    expect(page.locator("#report .cite")).to_have_count(1)
    page.locator("#report .cite").focus()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#status")).to_have_text("partial", timeout=10_000)
    assert page.locator("#report").inner_text().count("<img src=x") >= 1
    assert page.locator("main img, main script, main a[href^='javascript']").count() == 0
    page.locator("#report .cite").click()
    assert "Boil it" in page.locator("blockquote.found").inner_text()
    assert "owned" not in page.title().split("onerror")[0]
    assert page.locator("#plan li").inner_text().startswith("▸ look <img")
    thread.join(10)


def test_the_list_shows_a_run_that_begins_and_how_it_ends_without_a_reload(site, new_run, shelf, begun, opened, gate):
    from playwright.sync_api import expect

    url, _ = site
    page = opened(url)
    expect(page.locator("#runs")).to_have_text("No run yet.")
    run, model = new_run("20250105-new"), gate(turn(write={"path": "report.md", "content": "Boil it."}), turn(finish={}))
    thread = threading.Thread(target=start, args=(run, begun(), Parts(model, shelf)))
    thread.start()
    expect(page.locator("#runs .status")).to_have_text("running", timeout=10_000)
    page.locator("#runs a").focus()
    model.free.set()
    expect(page.locator("#runs .status")).to_have_text("complete", timeout=10_000)
    assert page.evaluate("document.activeElement.hash") == f"#{run.id}"
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.go_back()
    expect(page.locator("#runs a")).to_be_focused()
    thread.join(10)


def test_tables_and_numbered_lists_are_shown_as_such(site, new_run, shelf, begun, opened):
    url, _ = site
    run = new_run("20250106-lists")
    draft = "- one\n  1. deep\n- two\n\n7. seven\n\n   on\n\n| a | b |\n|---|---|\n| four | five |\n| six | seven |\n\n> said\n"
    turns = [turn(write={"path": "report.md", "content": draft}), turn(finish={})]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    page = opened(f"{url}#{run.id}")
    page.wait_for_selector("#report td")
    shape = "[...document.querySelectorAll('#report *')].map(n => n.tagName.toLowerCase()).join(' ')"
    assert page.evaluate(shape) == "ul li ol li li ol li p table tr th th tr td td tr td td blockquote"
    assert page.locator("#report > ol > li").get_attribute("value") == "7"


def test_a_long_reply_under_way_is_followed_and_can_be_scrolled_by_keyboard(site, new_run, shelf, begun, opened, gate, axe):
    from playwright.sync_api import expect

    url, _ = site
    run, model = new_run("20250111-live"), gate(turn(write={"path": "report.md", "content": "Boil it."}), turn(finish={}))
    thread = threading.Thread(target=start, args=(run, begun(), Parts(model, shelf)))
    thread.start()
    assert model.asked.wait(10)
    page = opened(f"{url}#{run.id}")
    expect(page.locator("#status")).to_have_text("running")
    at = "n => Math.round(n.scrollHeight - n.scrollTop - n.clientHeight)"
    live = page.locator("#live")
    for words in (1_000, 2_000):
        (run.path / "live.md").write_text("word " * words)
        expect(live).to_have_text("word " * words)
        assert live.evaluate(at) < 2
    assert serious(page, axe) == []
    seconds = page.locator(".bar", has_text="seconds").locator("span").last
    before = seconds.text_content()
    expect(seconds).not_to_have_text(before)  # though nothing has come since
    live.focus()
    page.keyboard.press("Home")
    expect(live).to_have_js_property("scrollTop", 0)
    (run.path / "live.md").write_text("word " * 3_000)
    expect(live).to_have_text("word " * 3_000)
    assert live.evaluate("n => n.scrollTop") == 0
    model.free.set()
    thread.join(10)


def test_a_report_in_arabic_runs_from_right_to_left(site, new_run, shelf, begun, opened, tmp_path):
    url, _ = site
    run = new_run("20250110-arabic")
    turns = [turn(write={"path": "report.md", "content": "الماء المغلي آمن للشرب في معظم المنازل."}), turn(finish={})]
    start(run, begun("هل الماء المغلي آمن للشرب؟"), Parts(ScriptedModel(turns), shelf))
    page = opened(f"{url}#{run.id}")
    page.wait_for_selector("#report p")
    exported = opened(export(run, "html", tmp_path / "report.html").as_uri())
    for where, place in ((page, "#question"), (page, "#report p"), (exported, "h1"), (exported, "article p")):
        assert where.locator(place).first.evaluate("n => getComputedStyle(n).direction") == "rtl"


def test_on_a_phone_a_tap_shows_the_quote_and_the_quote_leads_to_its_source(site, finished, chromium):
    url, _ = site
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#runs a")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#runs a").tap()
    page.wait_for_selector("#report .cite")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#report .cite").first.tap()
    quote = page.locator("#report .quote").first
    assert quote.is_visible()
    seen = "n => n.getBoundingClientRect().top >= 0 && n.getBoundingClientRect().bottom <= innerHeight"
    assert quote.evaluate(seen)
    assert page.locator("#report .cite").first.evaluate(seen)
    quote.tap()
    assert page.locator("blockquote.found").get_attribute("data-span") == "s1"
    context.close()


class Held:
    """A model that waits to be let go before every reply but the first."""

    def __init__(self, *turns: Reply) -> None:
        self.turns, self.free = list(turns), threading.Event()
        self.first = True

    def reply(self, messages: object, tools: object) -> Reply:
        if not self.first:
            self.free.wait(30)
        self.first = False
        return self.turns.pop(0)


def test_what_a_person_opened_focused_or_scrolled_stays_while_the_run_goes_on(site, new_run, shelf, begun, opened):
    from playwright.sync_api import expect

    url, _ = site
    plan = [turn(f"Step {i}.", todo={"mode": "merge", "items": [{"id": str(i), "text": f"look {i}"}]}) for i in range(30)]
    report = turn(write={"path": "report.md", "content": "Boiled water is safe [[s1]]."})
    model = Held(turn(batch_search={"queries": ["boiled water safe"], "k": 5}), *plan, report, turn(finish={}))
    run = new_run("20250107-live")
    thread = threading.Thread(target=start, args=(run, begun(limits=Limits(steps=100)), Parts(model, shelf)))
    thread.start()
    page = opened(f"{url}#{run.id}")
    page.locator("#sources summary").nth(1).focus()
    page.keyboard.press("Enter")
    touched = "(n => [n.tagName, n.parentElement.open, n.closest('li').dataset.key])(document.activeElement)"
    before = page.evaluate(touched)
    assert before[:2] == ["SUMMARY", False]  # it was open, since the source is cited
    model.free.set()
    expect(page.locator("#status")).to_have_text("complete", timeout=20_000)
    thread.join(10)
    assert page.evaluate(touched) == before
    steps = page.locator("#steps")
    assert steps.evaluate("n => n.scrollHeight > n.clientHeight")
    assert steps.evaluate("n => n.scrollHeight - n.scrollTop - n.clientHeight") < 2  # the last step is in sight


def test_nothing_of_one_run_is_shown_under_another_and_a_wrong_address_is_said_to_be(site, finished, new_run, chromium):
    from playwright.sync_api import expect

    url, _ = site
    damaged = new_run("20250108-damaged")
    damaged.log.write_bytes(b"nonsense\n")
    context = chromium.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name, said in (
        (damaged.id, "is damaged at line 1"),
        ("no-such-run", "no run called 'no-such-run'"),
        ("%", "no run called '%'"),
    ):
        page.goto(f"{url}#{finished.id}")
        page.wait_for_selector("#report .cite")
        page.goto(f"{url}#{name}")
        expect(page.locator("#status")).to_contain_text(said)
        assert not page.locator("#report").inner_text()
        assert not page.locator("main").first.is_visible()
        assert not page.locator("#run").is_visible()
    assert not errors
    context.close()


def test_a_hidden_tab_holds_no_connection_and_catches_up_when_it_is_seen(site, new_run, shelf, begun, opened, gate):
    from playwright.sync_api import expect

    url, _ = site
    run, model = new_run("20250109-live"), gate(turn(write={"path": "report.md", "content": "Boil it."}), turn(finish={}))
    thread = threading.Thread(target=start, args=(run, begun(), Parts(model, shelf)))
    thread.start()
    page = opened(f"{url}#{run.id}")
    expect(page.locator("#status")).to_have_text("running")
    hide = (
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); }"
    )
    with page.expect_event("requestfailed") as left:
        page.evaluate(hide, True)
    assert left.value.url.endswith("/events")
    model.free.set()
    thread.join(20)
    assert page.locator("#status").text_content() == "running"
    page.evaluate(hide, False)
    expect(page.locator("#status")).to_have_text("complete")
    assert page.locator("#steps li").count() == len(run.events()) - 1  # `reported` has no line


def test_what_the_exported_report_holds_is_its_own(finished, tmp_path):
    text = Path(export(finished, "html", tmp_path / "report.html")).read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|iframe)\b|url\(|@import", text)


def test_the_page_of_a_german_run_heads_its_report_in_german_and_passes_axe(site, new_run, shelf, begun, opened, axe):
    url, _ = site
    run = new_run("20250104-german")
    turns = [
        turn(todo={"mode": "replace", "items": [{"id": "1", "text": "Grenzen klären", "status": "pending"}]}),
        turn(batch_search={"queries": ["boiled water safe"], "k": 5}),
        turn(reflect={"known": "k", "missing": "m", "next": "n", "conflicts": [{"about": "Dauer", "spans": ["s1", "s3"]}]}),
        turn(write={"path": "report.md", "content": "Es ist in 11 % der Fälle sicher [[s1]]. Kosten stiegen 5 %."}),
    ]
    started = begun("Ist abgekochtes Wasser sicher, und wie lange muss man es kochen?", limits=Limits(steps=4))
    start(run, started, Parts(ScriptedModel(turns), shelf))
    page = opened(f"{url}#{run.id}")
    page.wait_for_selector("#report .cite")
    assert serious(page, axe) == []
    assert page.locator("#unanswered").is_hidden()
    said = LABELS["de"]
    assert page.locator("#report-head").text_content() == said.report
    assert page.locator("#evidence-head").text_content() == said.evidence
    assert page.locator("#notes h3").all_text_contents() == [said.disagree, said.missing]
    assert page.locator("#partial").text_content().startswith(f"{said.partial}: ")
    assert page.locator("#verdicts span").all_text_contents() == [f"1 {said.verdicts[2]}", f"1 {said.verdicts[4]}"]
    assert page.locator("#middle").get_attribute("lang") == "de"
    assert page.locator("#report .quote b").first.text_content() == f"{said.verdicts[2]}: 11 steht nicht in der Textstelle"
    assert not [word for word in LABELS["en"].verdicts if word in page.locator("#middle").inner_text()]


def test_the_page_of_a_report_that_is_no_answer_says_so_above_it_and_passes_axe(site, new_run, shelf, begun, opened, axe):
    url, _ = site
    run = new_run("20250105-no-answer")
    turns = [
        turn(batch_search={"queries": ["boiled water safe"], "k": 5}),
        turn(write={"path": "report.md", "content": "It was Lindqvist who called boiled water safe [[s1]]."}),
        turn(finish={"answered": False}),
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    page = opened(f"{url}#{run.id}")
    page.wait_for_selector("#report .cite")
    assert page.locator("#unanswered").text_content() == LABELS["en"].unanswered
    assert page.locator("#report").text_content().count("(partly supported: Lindqvist does not stand in the span)") == 1
    assert page.locator("#report .mark").text_content() == " (partly supported: Lindqvist does not stand in the span)"
    assert serious(page, axe) == []


def test_the_page_of_a_run_whose_log_was_damaged_says_so(site, finished, opened):
    from playwright.sync_api import expect

    url, _ = site
    finished.log.write_bytes(finished.log.read_bytes().replace(b"I look first.", b"I looked first."))
    expect(opened(f"{url}#{finished.id}").locator("#status")).to_contain_text("is damaged at line")
