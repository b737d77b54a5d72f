"""The loop stops when it must, goes on when it can, and always leaves a report."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from agent.answer import Parts
from agent.budget import MAX_SILENCE
from agent.errors import AskError, ModelError
from agent.loop import MAX_CALLS, resume, start, stop
from agent.models import Call, Reply
from agent.models.scripted import ScriptedModel, turn
from agent.standing import standing_of
from agent.trajectory import Limits, Replied, Returned
from agent.verify import verify
from server.client import ServerUnreachable

SEARCH = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
WRITE_ARGUMENTS = {"path": "report.md", "content": "Boiled water is safe [[s1]]."}
WRITE = turn(write=WRITE_ARGUMENTS)
FINISH = turn(finish={})


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def returned(run) -> list[Returned]:
    return [event.payload for event in run.events() if isinstance(event.payload, Returned)]


def test_a_finished_run_is_complete_and_every_call_has_its_reply(new_run, shelf, begun, script):
    run = new_run()
    standing = start(run, begun(), Parts(ScriptedModel(script), shelf))
    assert standing.ended.complete
    replies = [event.payload for event in run.events() if isinstance(event.payload, Replied)]
    assert [call.id for reply in replies for call in reply.calls] == [r.call_id for r in returned(run)]


def test_an_invented_citation_is_refused_by_name_and_marked_after_two_refusals(new_run, shelf, begun):
    run = new_run()
    write = turn(write={"path": "report.md", "content": "Water is wet [[s1]]. Lead stays [[s999]]."})
    standing = start(run, begun(), Parts(ScriptedModel([SEARCH, write, FINISH, FINISH, FINISH]), shelf))
    refused = [r for r in returned(run) if r.tool == "finish" and not r.ok]
    assert len(refused) == 2
    assert all("no span is called s999" in r.note for r in refused)
    assert standing.ended.complete
    report = run.report.read_text()
    assert "Lead stays (unresolved citation: s999)" in report
    assert "**Unresolved citations:**" in report
    assert [v.verdict for v in verify(run)] == ["ok", "no such span"]


def test_a_report_without_a_citation_is_refused_where_something_was_found(new_run, shelf, begun):
    run = new_run()
    bare = turn(write={"path": "report.md", "content": "Boiled water is safe."})
    again = turn(
        write={"path": "report.md", "content": "Boiled water is safe [[s1]].", "base_sha256": sha("Boiled water is safe.")}
    )
    start(run, begun(), Parts(ScriptedModel([SEARCH, bare, FINISH, again, FINISH]), shelf))
    assert [r.ok for r in returned(run) if r.tool == "finish"] == [False, True]


def test_the_step_limit_leaves_a_partial_report_of_what_was_written(new_run, shelf, begun):
    run = new_run()
    standing = start(run, begun(limits=Limits(steps=2)), Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf))
    assert (standing.ended.complete, standing.ended.reason) == (False, "the limit of 2 steps was reached")
    assert "**Partial report:** the limit of 2 steps was reached." in run.report.read_text()
    assert "Boiled water is safe [1]." in run.report.read_text()


def test_a_limit_before_any_draft_reports_what_was_found(new_run, shelf, begun):
    run = new_run()
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel([SEARCH]), shelf))
    assert "No report was written. These sources had been found" in run.report.read_text()
    verdicts = verify(run)
    assert len(verdicts) == 3
    assert all(v.ok for v in verdicts)


def test_working_time_is_limited_and_the_pause_before_a_resumption_does_not_count(new_run, shelf, begun):
    run = new_run()
    clock = itertools.count(0.0, 10.0).__next__  # ten seconds between any two looks at it
    standing = start(run, begun(limits=Limits(seconds=45)), Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf), clock=clock)
    assert standing.ended.reason == "the limit of 45 seconds was reached"
    worked = standing.seconds
    standing = resume(run, Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf), Limits(seconds=5000), clock=lambda: 1e6)
    assert standing.ended.complete
    assert standing.seconds == worked


def test_a_partial_run_goes_on_under_new_limits_and_a_complete_one_does_not(new_run, shelf, begun):
    run = new_run()
    model = ScriptedModel([SEARCH, WRITE, FINISH])
    start(run, begun(limits=Limits(steps=1)), Parts(model, shelf))
    assert resume(run, Parts(model, shelf), Limits(steps=9)).ended.complete
    events, report = run.events(), run.report.read_bytes()
    run.report.unlink()
    assert resume(run, Parts(model, shelf)).ended.complete
    assert (run.events(), run.report.read_bytes()) == (events, report)


def test_a_model_that_only_talks_is_told_so_and_its_last_words_are_the_partial_report(new_run, shelf, begun):
    run = new_run()
    seen = []

    class Talker:
        def reply(self, messages, tools):
            seen.append(messages[-1].text)
            return Reply("Water is fine, says [[s1]].") if len(seen) > 1 else SEARCH

    standing = start(run, begun(), Parts(Talker(), shelf))
    assert len(seen) == 1 + MAX_SILENCE
    assert seen[-1].startswith("Call a tool.")
    assert not standing.ended.complete
    assert "Water is fine, says [1]." in run.report.read_text()


def test_a_model_that_fails_leaves_a_partial_report_that_can_be_resumed(new_run, shelf, begun):
    run = new_run()
    assert "the script ends after 1 turns" in start(run, begun(), Parts(ScriptedModel([SEARCH]), shelf)).ended.reason
    assert resume(run, Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf)).ended.complete


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            Call("", "surf", "{}"),
            "no tool is called 'surf'; there are todo, batch_search, open, read,",
        ),
        (Call("", "open", '{"targets": ["s1"'), "the arguments are not valid JSON"),
        (Call("", "open", "[1]"), "arguments must be of type object"),
        (Call("", "open", "{}"), "arguments needs targets"),
        (Call("", "open", '{"targets": []}'), "targets has 0 entries, it must have 1 to 8"),
        (Call("", "open", '{"targets": [7]}'), "targets[0] must be of type string"),
        (Call("", "open", '{"targets": ["x"], "url": "y"}'), "arguments has no url; it takes targets, goal"),
        (Call("", "open", '{"targets": ["nowhere"]}'), "the index holds no document 'nowhere'"),
        (Call("", "batch_search", '{"queries": ["a"], "k": true}'), "k must be of type integer"),
        (Call("", "batch_search", '{"queries": ["a"], "k": 21}'), "k must lie in 1..20"),
        (Call("", "batch_search", '{"queries": ["a"], "kind": "book"}'), "kind must be one of paper, page, file"),
        (Call("", "batch_search", '{"queries": ["a"], "after": "soon"}'), "date 'soon' is not ISO 8601"),
        (Call("", "batch_search", '{"queries": [" "]}'), "queries[0] has 0 characters"),
        (Call("", "write", '{"path": "report.md", "content": ""}'), "content has 0 characters"),
        (Call("", "finish", '{"force": true}'), "arguments has no force; it takes answered"),
        (Call("", "finish", ""), "there is no report; write report.md first"),
    ],
)
def test_what_is_wrong_with_a_call_goes_back_as_its_reply(new_run, shelf, begun, call, said):
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([Reply("", (call,)), SEARCH, WRITE, FINISH]), shelf))
    first = returned(run)[0]
    assert (first.ok, first.call_id) == (False, "c1.1")
    assert said in first.note
    assert returned(run)[-1].finished


def test_a_reply_of_many_calls_gets_a_reply_to_each_but_only_some_are_carried_out(new_run, shelf, begun):
    run = new_run()
    topics = ("boiling", "altitude", "lead", "storage", "tablets", "sun", "salt", "children", "hands", "pots")
    many = Reply("", tuple(call for topic in topics for call in turn(batch_search={"queries": [topic]}).calls))
    start(run, begun(), Parts(ScriptedModel([many, WRITE, FINISH]), shelf))
    assert [r.ok for r in returned(run)][: MAX_CALLS + 2] == [True] * MAX_CALLS + [False] * 2
    assert len(topics) == MAX_CALLS + 2


def test_a_server_that_goes_away_is_an_error_message_and_not_an_empty_result(new_run, shelf, begun):
    class Gone:
        def batch_search(self, queries):
            raise ServerUnreachable("nobody answers at 127.0.0.1:1; start a server")

        fetch = shelf.fetch

    run = new_run()
    model = ScriptedModel([SEARCH, turn(write={"path": "report.md", "content": "Nothing could be searched."}), FINISH])
    start(run, begun(), Parts(model, Gone()))
    assert "nobody answers at 127.0.0.1:1" in returned(run)[0].output.text


def test_a_defect_in_the_library_stops_the_process_but_not_the_run(new_run, shelf, begun):
    class Broken:
        def batch_search(self, queries):
            raise ZeroDivisionError

        fetch = shelf.fetch

    run = new_run()
    model = ScriptedModel([SEARCH, WRITE, FINISH])
    with pytest.raises(ZeroDivisionError):
        start(run, begun(), Parts(model, Broken()))
    assert resume(run, Parts(model, shelf)).ended.complete


def test_an_interrupted_run_has_a_partial_report_and_can_be_resumed(new_run, shelf, begun):
    class Interrupted:
        def reply(self, messages, tools):
            raise KeyboardInterrupt

    run = new_run()
    with pytest.raises(KeyboardInterrupt):
        start(run, begun(), Parts(Interrupted(), shelf))
    assert not stop(run, "interrupted").ended.complete
    assert "it was interrupted" in run.report.read_text()
    assert resume(run, Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf)).ended.complete


def test_the_last_replies_are_announced_to_the_model(new_run, shelf, begun):
    heard = []

    class Listener:
        def reply(self, messages, tools):
            heard.append(messages[-1].text)
            return SEARCH

    start(new_run(), begun(limits=Limits(steps=5)), Parts(Listener(), shelf))
    assert [text[:20] for text in heard[2:]] == ["3 replies are left. ", "2 replies are left. ", "1 replies are left. "]
    assert not heard[1].endswith("then call finish.")


def test_tokens_add_up_over_the_run(new_run, shelf, begun):
    from agent.models import Usage

    replies = [Reply("", r.calls, usage=Usage(100, 7)) for r in (SEARCH, WRITE, FINISH)]
    run = new_run()
    start(run, begun(), Parts(ScriptedModel(replies), shelf))
    assert standing_of(run.events()).usage == Usage(300, 21)


@pytest.mark.parametrize(
    ("question", "limits", "said"),
    [
        (" \n", Limits(), "the question is empty"),
        ("x" * 10_001, Limits(), "10,001 characters"),
        ("\udcff?", Limits(), "not valid Unicode"),
        ("why?", Limits(steps=0), "0 steps is out of range"),
        ("why?", Limits(seconds=float("nan")), "nan seconds is out of range"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_run_exists(begun, question, limits, said):
    with pytest.raises(AskError, match=said):
        begun(question, limits)


def test_a_script_that_is_used_up_is_an_error():
    with pytest.raises(ModelError, match="the script ends after 0 turns"):
        ScriptedModel([]).reply([], [])


def test_the_time_before_a_run_is_taken_up_is_nobodys_work_wherever_its_log_ends(new_run, shelf, begun):
    whole = new_run()
    start(whole, begun(), Parts(ScriptedModel([SEARCH, WRITE, FINISH]), shelf), clock=lambda: 1_000.0)
    lines = whole.log.read_bytes().splitlines(keepends=True)
    for kept in range(1, len(lines) + 1):
        run = new_run(f"cut-{kept}")
        run.log.write_bytes(b"".join(lines[:kept]))
        for blob in whole.blobs.directory.iterdir():
            (run.blobs.directory / blob.name).write_bytes(blob.read_bytes())
        before = [e.kind for e in run.events()].count("replied")
        model = ScriptedModel([SEARCH, WRITE, FINISH][before:])
        assert resume(run, Parts(model, shelf), clock=lambda: 90_000.0).seconds == 0, f"cut after event {kept - 1}"
