"""Every budget ends a run with a report, a quarter is left for writing, and loops are cut."""

from __future__ import annotations

import itertools
from dataclasses import replace

import orjson
import pytest

from agent.answer import KEPT_CALLS, Parts
from agent.budget import MAX_FRUITLESS, MAX_STALLED, research_over
from agent.loop import GRACE, resume, start
from agent.models import Reply, Usage
from agent.models.scripted import ScriptedModel, turn
from agent.standing import standing_of
from agent.trajectory import CallLimit, Limits, Returned
from server.client import Document, Failure, Ranking

TOPICS = [f"river{n}" for n in range(40)]
NOTHING = Usage()


@pytest.fixture
def rivers(make_shelf):
    """A library in which every topic has a document of its own."""
    return make_shelf([Document(f"page:{t}", t, f"The {t} is a long river with many bends and few bridges.") for t in TOPICS])


class Listener:
    """Searches for something new each time, and keeps what it was told and offered."""

    def __init__(self, *then: Reply, usage: Usage = NOTHING) -> None:
        self.heard: list[str] = []
        self.offered: list[set[str]] = []
        self.usage = usage

    def reply(self, messages, tools):
        self.heard.append(messages[-1].text if messages[-1].role == "user" else "")
        self.offered.append({tool.name for tool in tools})
        topic = TOPICS[len(self.heard) % len(TOPICS)]
        return replace(turn(batch_search={"queries": [topic], "k": 2}), usage=self.usage)


def returned(run) -> list[Returned]:
    return [event.payload for event in run.events() if isinstance(event.payload, Returned)]


def test_a_quarter_of_the_steps_is_left_for_writing_and_the_model_is_warned_before(new_run, rivers, begun):
    run, model = new_run(), Listener()
    ended = start(run, begun(limits=Limits(steps=20)), Parts(model, rivers)).ended
    told = next(i for i, text in enumerate(model.heard) if "of 20 steps are used" in text)
    withdrawn = next(i for i, tools in enumerate(model.offered) if "batch_search" not in tools)
    assert (told, withdrawn) == (14, 15)
    assert {"open", "shell"}.isdisjoint(model.offered[-1])
    assert {"write", "patch", "verify", "finish", "read", "todo"} <= model.offered[-1]
    assert not ended.complete
    assert run.report.is_file()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(tokens=1000), "the limit of 1000 tokens was reached"),
        (Limits(money=0.001), "the limit of 0.001 money was reached"),
        (Limits(seconds=60), "the limit of 60 seconds was reached"),
    ],
)
def test_tokens_money_and_time_end_a_run_with_a_partial_report(new_run, rivers, begun, limits, reason):
    run = new_run()
    started = begun(limits=limits)
    started = replace(started, model=replace(started.model, price_read=1.0, price_written=3.0))
    clock = itertools.count(0.0, 1.0).__next__
    standing = start(run, started, Parts(Listener(usage=Usage(200, 50)), rivers), clock=clock)
    assert standing.ended.reason == reason
    assert standing.cost == pytest.approx(standing.usage.read * 1e-6 + standing.usage.written * 3e-6)
    assert "Partial report" in run.report.read_text()


def test_a_tool_may_be_called_so_often_and_no_more(new_run, shelf, begun):
    run = new_run()
    start(run, begun(limits=Limits(steps=6, calls=(CallLimit("batch_search", 2),))), Parts(Listener(), shelf))
    assert [r.ok for r in returned(run)][:4] == [True, True, False, False]
    assert "batch_search may be called 2 times in a run, and was" in returned(run)[2].note


def test_the_same_call_and_a_query_like_an_earlier_one_are_not_carried_out_again(new_run, shelf, begun):
    run = new_run()
    first = {"queries": ["is boiled water safe to drink"]}
    turns = [
        turn(batch_search=first),
        turn(batch_search=first),
        turn(batch_search={"queries": ["boiled water safe drink"], "k": 5}),
        turn(batch_search={"queries": ["boiled water safe drink", "lead in water"]}),
        turn(batch_search={"queries": ["boiled water safe drink"], "kind": "paper"}),
        turn(open={"targets": ["page:myth"]}),
        turn(open={"targets": ["page:myth"]}),
    ]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    _, same, like, partly, elsewhere, opened, reopened = returned(run)
    assert same.note == "the same call was answered as c1.1; its result is at outputs/c1.1"
    assert "'boiled water safe drink' is like 'is boiled water safe to drink' of c1.1" in like.note
    assert partly.ok
    assert orjson.loads(partly.output.text or run.blobs.read(partly.output))["not_asked_again"]
    assert elsewhere.ok
    assert (opened.ok, reopened.ok) == (True, False)
    assert sum(line.startswith("search") for line in shelf.asked) == 3


def test_research_without_anything_new_ends_and_writing_begins(new_run, begun, shelf):
    class Barren:
        def batch_search(self, queries):
            return [Ranking(q.text, (), "1-shelf", "off", "", "overlap", (), 0.1) for q in queries]

        fetch = shelf.fetch

    run, model = new_run(), Listener()
    ended = start(run, begun(), Parts(model, Barren())).ended
    assert [r.ok for r in returned(run)][: MAX_FRUITLESS + 1] == [True] * MAX_FRUITLESS + [False]
    assert f"the last {MAX_FRUITLESS} searches brought nothing new" in model.heard[MAX_FRUITLESS]
    assert ended.reason == f"the model gave {MAX_STALLED} replies in a row that did nothing new"


@pytest.mark.parametrize("wrong", [{"query": "boiled water"}, {"queries": ["water {n}"], "k": 3}])
def test_searches_that_failed_say_nothing_of_what_there_is(new_run, begun, shelf, wrong):
    class Away:
        def batch_search(self, queries):
            return [Failure(q.text, "UNAVAILABLE", "the server is away") for q in queries]

        fetch = shelf.fetch

    calls = [
        turn(batch_search=orjson.loads(orjson.dumps(wrong).replace(b"{n}", b"%d" % n))).calls[0] for n in range(MAX_FRUITLESS)
    ]
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([Reply("", tuple(calls)), *[turn(read={"path": "x"})] * 2]), Away()))
    assert [r.ok for r in returned(run)][:MAX_FRUITLESS] == [False] * MAX_FRUITLESS
    assert standing_of(run.events()).fruitless == 0
    assert not research_over(standing_of(run.events()))


def test_a_model_that_says_the_same_for_ever_is_stopped(new_run, begun, shelf):
    class Loop:
        def reply(self, messages, tools):
            return turn(todo={"mode": "merge", "items": [{"id": "a", "text": "b"}]})

    ended = start(new_run(), begun(limits=Limits(steps=500)), Parts(Loop(), shelf))
    assert ended.steps <= MAX_STALLED + 1
    assert ended.ended.reason == f"the model gave {MAX_STALLED} replies in a row that did nothing new"


def test_a_partial_report_says_what_of_the_plan_is_missing(new_run, begun, shelf):
    run = new_run()
    items = [{"id": "1", "text": "Lead *and* salt"}, {"id": "2", "text": "Boiling", "status": "completed"}]
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel([turn(todo={"mode": "merge", "items": items})]), shelf))
    assert orjson.loads(run.sources.read_bytes())["missing"] == ["Lead *and* salt"]
    assert "## What is missing\n\nStill open in the plan:\n\n- Lead \\*and\\* salt" in run.report.read_text()


def test_a_search_that_finds_only_titles_is_no_fruitless_one(new_run, make_shelf, begun):
    trees = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "gorse", "holly", "ivy")
    untold = [Document(id=f"paper:{tree}", title=f"Notes on {tree}", kind="paper") for tree in trees]
    run = new_run()
    searches = [turn(batch_search={"queries": [tree], "k": 1}) for tree in trees]
    start(run, begun(), Parts(ScriptedModel([*searches, turn(finish={})]), make_shelf(untold)))
    assert all(e.payload.ok for e in run.events() if isinstance(e.payload, Returned) and e.payload.tool == "batch_search")


class Verbose:
    """A judge that supports whatever it is shown and takes a thousand tokens for it."""

    def __init__(self) -> None:
        self.asked = 0

    def reply(self, messages, tools):
        self.asked += 1
        return Reply('{"verdict": "supported"}', usage=Usage(990, 10))


@pytest.mark.parametrize("limits", [Limits(tokens=4_500), Limits(money=0.0045)])
@pytest.mark.parametrize("cites", ["[[s1]]", "[[s1, s2, s3]]"])
def test_a_judge_is_not_asked_beyond_the_limit_and_the_rest_stays_unknown(new_run, shelf, begun, limits, cites):
    run, judge = new_run(), Verbose()
    draft = " ".join(f"Water is mostly fine in bend {word} {cites}." for word in "abcdefghijklmnopqrst")
    turns = [
        turn(batch_search={"queries": ["boiled water safe"]}),
        turn(write={"path": "report.md", "content": draft}),
        turn(verify={}),
        turn(finish={}),
    ]
    started = begun(limits=limits)
    started = replace(started, judge=replace(started.model, price_read=1.0, price_written=1.0))
    standing = start(run, started, Parts(ScriptedModel(turns), shelf, judge=judge))
    assert judge.asked == 5
    found = returned(run)[2].checked
    assert len(found) == 20
    assert {c.verdict for c in found} == {"supported", "unknown"}
    assert [c.by for c in found if c.verdict == "unknown"] == ["rules"] * sum(c.verdict == "unknown" for c in found)
    assert "was reached" in standing.ended.reason


def test_of_a_reply_of_sixty_thousand_calls_some_are_kept_and_the_last_is_answered_for_the_rest(new_run, shelf, begun):
    run = new_run()
    many = Reply("", tuple(turn(todo={"mode": "merge", "items": []}).calls) * 60_000)
    start(run, begun(), Parts(ScriptedModel([many, turn("That is all.")]), shelf))
    assert len(returned(run)) == KEPT_CALLS
    assert returned(run)[-1].note == "not carried out, nor is any call behind it: a reply may call at most 8 tools"
    assert returned(run)[-2].note == "not carried out: a reply may call at most 8 tools"


def test_calls_wait_no_longer_than_the_grace_behind_the_limit_and_are_answered_when_the_run_is_resumed(new_run, shelf, begun):
    run = new_run()
    queries = ("boiling", "altitude", "lead", "storage", "tablets", "sun", "salt", "children")
    many = Reply("", tuple(call for query in queries for call in turn(batch_search={"queries": [query]}).calls))
    clock = itertools.count(0.0, 1.0).__next__
    standing = start(run, begun(limits=Limits(seconds=2)), Parts(ScriptedModel([many]), shelf), clock=clock)
    assert standing.ended.reason == "the limit of 2 seconds was reached"
    assert standing.seconds <= 2 + GRACE + 3  # the ticks of the last events
    assert 0 < len(standing.pending) < len(queries)
    again = resume(run, Parts(ScriptedModel([turn("So it is.")] * 3), shelf), Limits(seconds=100), clock=clock)
    assert not again.pending
    assert [r.call_id for r in returned(run)] == [f"c1.{n}" for n in range(1, len(queries) + 1)]
