"""A page shows a run as it goes on and its report, takes wishes from itself alone, and reads no text as markup."""

from __future__ import annotations

import threading
from dataclasses import replace

import orjson
import pytest
from starlette.testclient import TestClient

from agent.answer import Parts
from agent.control import Control
from agent.errors import AskError
from agent.events import EventLog
from agent.export import html
from agent.loop import start
from agent.models import ModelSpec
from agent.models.scripted import ScriptedModel, turn
from agent.page.app import HEADERS, OURS, SCRIPTS, STATIC, app
from agent.page.listing import Listing
from agent.page.serving import serve
from agent.page.text import blocks_of
from agent.page.view import steps_of, view_of
from agent.report import findings_of
from agent.runs import summary_of
from agent.trajectory import Limits

WISH = {OURS: "1"}
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture
def run(new_run, shelf, begun, script):
    run = new_run("20250101-done")
    start(run, begun(), Parts(ScriptedModel(script), shelf))
    return run


@pytest.fixture
def client(run) -> TestClient:
    return TestClient(app(run.path.parent, "127.0.0.1:1"), base_url="http://127.0.0.1:8081")


def test_the_page_and_what_belongs_to_it_come_with_a_strict_policy(client):
    scripts = [(f"/{name}", "text/javascript") for name in SCRIPTS]
    assert {path[1:] for path, _ in scripts} == {path.name for path in STATIC.glob("*.js")}
    for path, kind in (("/", "text/html"), ("/page.css", "text/css"), *scripts):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_page_puts_every_text_in_as_text():
    script = "".join((STATIC / name).read_text() for name in SCRIPTS)
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(") if word in script]
    page = (STATIC / "index.html").read_text()
    assert "<style" not in page
    assert " on" not in page.replace(" on your", "")


def test_runs_are_listed_and_shown(client, run):
    assert [r["status"] for r in client.get("/runs").json()] == ["complete"]
    state = client.get(f"/runs/{run.id}").json()
    assert state["view"]["status"] == "complete"
    assert [bar["what"] for bar in state["view"]["bars"]] == ["steps", "seconds"]
    cited = [source for source in state["view"]["sources"] if source["number"]]
    assert {source["tier"] for source in cited} >= {"government"}
    assert state["steps"][0]["line"].startswith("question  ")
    assert {step["taint"] for step in state["steps"]} == {"", "source", "derived"}


def test_the_report_is_text_with_citations_that_show_their_quote(run):
    blocks = blocks_of(findings_of(run, run.events()))
    pieces = [piece for block in blocks for piece in block.pieces]
    assert "".join(p.text for p in pieces if not p.style).startswith("Boiled water is safe")
    cites = [p for p in pieces if p.style == "cite"]
    assert [p.span for p in cites] == ["s1", "s2", "s3"]
    assert all(p.hover.startswith("“") and p.text.strip("[]").isdigit() for p in cites)


def test_markdown_becomes_blocks(new_run, shelf, begun):
    text = "## Head\n\n- *one* `two`\n- three\n\n> said\n\n| a | b |\n|---|---|\n| four | **five** |\n\n```\n<b>\n```\n" + HOSTILE
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([turn(write={"path": "report.md", "content": text}), turn(finish={})] * 2), shelf))
    blocks = blocks_of(findings_of(run, run.events()))
    assert [b.kind for b in blocks] == ["h2", "li", "li", "quote", "head", "row", "pre", "p"]
    assert [(p.text, p.style) for p in blocks[1].pieces] == [("one", "em"), (" ", ""), ("two", "code")]
    assert "".join(p.text for p in blocks[5].pieces) == "four | five"
    assert "<script>" in "".join(p.text for p in blocks[-1].pieces)  # text, to be shown as it is


def test_lists_keep_their_numbers_and_their_depth(new_run, shelf, begun):
    text = "- one\n  1. deep\n  2. deeper\n\n     a second paragraph\n- two\n\n7. seven\n8. eight\n"
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([turn(write={"path": "report.md", "content": text}), turn(finish={})] * 2), shelf))
    blocks = blocks_of(findings_of(run, run.events()))
    assert [(b.kind, b.depth, b.number) for b in blocks] == [
        ("li", 1, 0),
        ("li", 2, 1),
        ("li", 2, 2),
        ("more", 2, 0),
        ("li", 1, 0),
        ("li", 1, 7),
        ("li", 1, 8),
    ]


def test_a_citation_says_why_its_sentence_is_not_wholly_supported(new_run, shelf, begun):
    run = new_run()
    turns = [
        turn(batch_search={"queries": ["boiled water safe"], "k": 3}),
        turn(write={"path": "report.md", "content": "Boiled water is safe [[s1]]. It was safe in 1,234 homes [[s2]]."}),
        *[turn(finish={})] * 3,
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    found = findings_of(run, run.events())
    sure, doubtful = [p for block in blocks_of(found) for p in block.pieces if p.style == "cite"]
    assert (sure.verdict, sure.reason) == ("unknown", "")
    assert doubtful.verdict == "unsupported"
    assert doubtful.reason.startswith("1234 does not stand in") or doubtful.reason.startswith("1,234 does not stand in")
    assert f'<b class="unsupported">not supported: {doubtful.reason}</b>' in html(found)


def test_the_list_reads_a_log_again_only_where_it_changed(run, new_run, begun, monkeypatch):
    read: list[str] = []
    monkeypatch.setattr("agent.page.listing.summary_of", lambda run: read.append(run.id) or summary_of(run))
    other, listing = new_run("20250102-other"), Listing(run.path.parent)
    with EventLog(other.log) as log:
        log.append(begun())
        assert [(s.id, s.status) for s in listing.now()] == [(other.id, "running"), (run.id, "complete")]
    assert [s.status for s in listing.now()] == ["open", "complete"]
    assert [s.status for s in listing.now()] == ["open", "complete"]
    assert read == [other.id, run.id, other.id]
    (run.path / "events.jsonl").unlink()
    assert [s.id for s in listing.now()] == [other.id]


def test_a_run_that_cannot_be_taken_up_says_why(client, new_run, begun):
    run = new_run("20250102-cut")
    with EventLog(run.log) as log:
        log.append(replace(begun(), model=ModelSpec()))
    answer = client.post(f"/runs/{run.id}/resume", headers=WISH)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("it could not be taken up: stepwell agent: no server answers at 127.0.0.1:1")


def test_a_run_whose_limit_is_used_up_says_how_it_goes_on(client, new_run, shelf, begun, script):
    run = new_run("20250102-short")
    start(run, begun(limits=Limits(steps=2)), Parts(ScriptedModel(script), shelf))
    answer = client.post(f"/runs/{run.id}/resume", headers=WISH)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("2 of 2 steps are used up; `stepwell agent resume ")
    assert "--max-steps N` goes on with more" in answer.json()["error"]


def test_what_finish_refuses_is_told_a_person_in_words(new_run, shelf, begun):
    run = new_run()
    turns = [
        turn(batch_search={"queries": ["boiled water safe"], "k": 3}),
        turn(write={"path": "report.md", "content": "It was safe in 1,234 homes [[s2]]."}),
        *[turn(finish={})] * 3,
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    refused, _, accepted = [step.line for step in steps_of(run.events()) if step.line.startswith("finish")][:3]
    said = "1 claim is not supported by what it cites, such as “It was safe in 1,234 homes.”: "
    assert f"failed: not finished: {said}" in refused
    assert f"accepted in spite of this: {said}" in accepted
    assert "{" not in refused + accepted


def test_a_folder_of_runs_that_may_not_be_read_is_said_to_be(client, monkeypatch):
    def denied(directory):
        raise PermissionError(13, "Permission denied", str(directory))

    monkeypatch.setattr("agent.page.listing.folders", denied)
    answer = client.get("/runs")
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("permission denied: ")


def test_sources_that_disagree_are_shown_side_by_side(new_run, shelf, begun):
    run = new_run()
    conflict = {"about": "how long", "spans": ["s1", "s2"]}
    turns = [
        turn(batch_search={"queries": ["boiled water safe"], "k": 3}),
        turn(reflect={"known": "k", "missing": "m", "next": "n", "conflicts": [conflict]}),
        turn(write={"path": "report.md", "content": "Boiled water is safe [[s2]]."}),
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    [dispute] = view_of(run, run.events()).conflicts
    evidence = findings_of(run, run.events()).evidence
    assert (dispute.about, [side.span for side in dispute.sides]) == ("how long", ["s1", "s2"])
    for side in dispute.sides:
        source = evidence.sources[evidence.spans[side.span].doc_id]
        assert side.trust == f"{source.tier or 'unlisted'}, {source.published or 'undated'}"
        assert side.quote == evidence.spans[side.span].quote
        assert side.who == ("[1]" if side.span == "s2" else source.title)


def test_steps_from_a_point_on_are_those_that_are_new(run):
    events = run.events()
    assert steps_of(events[5:]) == [step for step in steps_of(events) if step.seq >= 5]
    assert view_of(run, events).events == len(events)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8081", "127.0.0.1.evil.example", "[", ""])
def test_another_host_is_not_answered(client, host):
    answer = client.get("/runs", headers={"host": host})
    assert answer.status_code == 403
    assert "does not answer" in answer.json()["error"]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "needs the header"),
        (WISH | {"origin": "http://evil.example"}, "may change nothing"),
        (WISH | {"origin": "null"}, "may"),
    ],
)
def test_a_page_of_another_origin_changes_nothing(client, run, headers, said):
    answer = client.post(f"/runs/{run.id}/stop", headers=headers)
    assert answer.status_code == 403
    assert said in answer.json()["error"]
    assert not Control(run.path).wanted


@pytest.mark.parametrize(
    "path",
    [
        "/runs/no-such-run",
        f"/runs/{'x' * 300}",
        f"/runs/{'ü' * 200}",
        "/runs/..%2f..",
        "/runs/%2e%2e%2f%2e%2e%2fetc",
        "/runs/a%00b",
        "/nothing",
        "/../agent",
    ],
)
def test_what_is_no_run_is_not_found(client, path):
    assert client.get(path).status_code in (404, 405)
    assert client.post(f"{path}/stop", headers=WISH).status_code in (404, 405)


def test_a_run_that_may_not_be_read_is_an_error_and_no_fault_of_the_page(client, run, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("agent.runs.read_events", denied)
    for answer in (client.get(f"/runs/{run.id}"), client.post(f"/runs/{run.id}/stop", headers=WISH)):
        assert answer.status_code == 409
        assert "permission denied: " in answer.json()["error"]
    assert [s["status"] for s in client.get("/runs").json()] == ["damaged"]


def test_a_wish_reaches_the_run(client, new_run, shelf, begun, gate):
    run, model = new_run("20250102-live"), gate()
    thread = threading.Thread(target=start, args=(run, begun(), Parts(model, shelf)))
    thread.start()
    assert model.asked.wait(10)
    view = client.get(f"/runs/{run.id}").json()["view"]
    assert view["status"] == "running"
    used = client.get(f"/runs/{run.id}").json()["view"]["bars"][1]["used"]
    assert used > view["bars"][1]["used"] > 0  # time goes on while a reply is awaited
    assert client.post(f"/runs/{run.id}/jump", headers=WISH).status_code == 404
    assert client.post(f"/runs/{run.id}/stop", headers=WISH).json() == {"done": "stop is asked for"}
    thread.join(10)
    model.free.set()
    view = client.get(f"/runs/{run.id}").json()["view"]
    assert (view["status"], view["reason"]) == ("partial", "it was stopped by hand")
    assert client.post(f"/runs/{run.id}/pause", headers=WISH).json() == {"done": "it is over"}


@pytest.mark.parametrize("http", ["0.0.0.0:8081", "192.0.2.1:80", "8081", "localhost:99999", "[::]:1"])
def test_the_page_listens_on_this_machine_alone(tmp_path, http):
    with pytest.raises(AskError, match="no address of this machine alone"):
        serve(tmp_path, http, "")


def test_a_stream_tells_what_is_there_and_then_what_comes(site, new_run, shelf, begun, script, gate):
    import httpx

    url, _ = site
    run, model = new_run("20250102-live"), gate(*script)
    thread = threading.Thread(target=start, args=(run, begun(), Parts(model, shelf)))
    thread.start()
    assert model.asked.wait(10)
    states = []
    with httpx.stream("GET", f"{url}/runs/{run.id}/events", timeout=20) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                states.append(orjson.loads(line[6:]))
                model.free.set()
            if states and states[-1]["view"]["status"] == "complete":
                break
    thread.join()
    assert states[0]["view"]["status"] == "running"
    seqs = [step["seq"] for state in states for step in state["steps"]]
    assert seqs == sorted(set(seqs))
    assert seqs[-1] == len(run.events()) - 2  # `reported` has no line


def test_a_run_whose_log_was_damaged_is_said_to_be_and_its_stream_ends(client, run):
    run.log.write_bytes(run.log.read_bytes().replace(b"The last sentence goes.", b"The last sentence went."))
    said = f"{run.log} is damaged at line "
    assert client.get(f"/runs/{run.id}").json()["error"].startswith(said)
    [told] = client.get(f"/runs/{run.id}/events").text.strip().split("\n\n")
    assert orjson.loads(told.removeprefix("data: "))["error"].startswith(said)
