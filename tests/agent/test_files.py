"""Files, plan and memory: nothing is overwritten, dropped or lost in silence."""

from __future__ import annotations

import hashlib
import os

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answer import Parts
from agent.errors import ToolError
from agent.loop import resume, start
from agent.models import Call
from agent.models.scripted import ScriptedModel, turn
from agent.sandbox import Finished
from agent.standing import standing_of
from agent.tools import TOOLS, use
from agent.tools.patch import patched
from agent.tools.schema import problems
from agent.trajectory import Begun, Replied, Returned, Stored


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run_turns(run, begun, shelf, *turns, sandbox=None):
    parts = Parts(ScriptedModel(turns), shelf, *([sandbox] if sandbox else []))
    start(run, begun(), parts)
    return [e.payload for e in run.events() if isinstance(e.payload, Returned)]


def output(run, returned: Returned) -> dict:
    return orjson.loads(run.blobs.read(returned.output))


WRITE = {"path": "report.md", "content": "One.\nTwo.\nTwo.\n"}
LARGE = bytes(6_000_000)


def test_a_file_is_replaced_only_by_one_who_knows_what_it_holds(new_run, begun, shelf):
    run = new_run()
    other = WRITE | {"content": "Other."}
    turns = [
        turn(write=w) for w in (WRITE, other, other | {"base_sha256": "0" * 12}, other | {"base_sha256": sha(WRITE["content"])})
    ]
    first, blind, stale, good = run_turns(run, begun, shelf, *turns)
    assert (first.ok, blind.ok, stale.ok, good.ok) == (True, False, False, True)
    assert f"base_sha256 '{sha(WRITE['content'])[:12]}'" in blind.note
    assert "has changed" in stale.note
    assert run.workspace.read("report.md") == b"Other."


def test_a_patch_is_made_whole_or_not_at_all_and_says_what_comes_near(new_run, begun, shelf):
    run = new_run()
    base = sha(WRITE["content"])

    def patch(*edits):
        return turn(patch={"path": "report.md", "base_sha256": base, "edits": [{"old": o, "new": n} for o, n in edits]})

    turns = [
        turn(write=WRITE),
        patch(("One.", "1."), ("Two.", "2.")),
        patch(("One.", "1."), ("One!", "2.")),
        patch(("One.", "1.")),
    ]
    _, twice, near, good = run_turns(run, begun, shelf, *turns)
    assert "stands 2 times, in lines 2, 3" in twice.note
    assert "does not stand in the file, nearest are line 1: 'One.'" in near.note
    assert good.ok
    assert run.workspace.read("report.md") == b"1.\nTwo.\nTwo.\n"


@given(st.text("abc ", min_size=1, max_size=30), st.data())
def test_a_patch_changes_what_it_names_and_nothing_else(text, data):
    start_ = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start_ + 1, len(text)))
    old, new = text[start_:end], data.draw(st.text("xyz", max_size=5))
    places = [i for i in range(len(text)) if text.startswith(old, i)]
    if len(places) == 1:
        assert patched(text, [(old, new)]) == text[:start_] + new + text[end:]
    else:
        with pytest.raises(ToolError, match=f"stands {len(places)} times"):
            patched(text, [(old, new)])


@given(st.text("ab\n", min_size=1, max_size=12), st.data())
def test_a_patch_of_a_file_with_carriage_returns_does_the_same_and_keeps_them(text, data):
    start_ = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start_ + 1, len(text)))
    edits = [(text[start_:end], data.draw(st.text("x\n" if "\n" in text else "x", max_size=4)))]

    def outcome(of: str, asked: list[tuple[str, str]]) -> str:
        try:
            return patched(of, asked)
        except ToolError as error:
            return str(error)

    done, crlf = outcome(text, edits), text.replace("\n", "\r\n")
    expected = done if done.startswith("nothing") else done.replace("\n", "\r\n")
    assert outcome(crlf, edits) == expected
    assert outcome(crlf, [(old.replace("\n", "\r\n"), new.replace("\n", "\r\n")) for old, new in edits]) == expected


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("a,b\r\n1,2\r\n", "a,b\n1,2", "a;b\n1;2", "a;b\r\n1;2\r\n"),
        ("one\u2028two\nthree\n", "one\ntwo", "1\n2", "1\n2\nthree\n"),
        ("a\r\nb\nc\nd\n", "c\nd", "C\nD", "a\r\nb\nC\nD\n"),
        ("a\nb\r\nlast", "last", "x\ny", "a\nb\r\nx\r\ny"),
        ("a\nb\n", "a\r\nb", "c\r\nd", "c\nd\n"),
        ("alone", "alone", "x\r\ny", "x\r\ny"),
    ],
)
def test_a_line_end_matches_what_read_shows_as_one_and_the_files_own_is_kept(text, old, new, after):
    assert patched(text, [(old, new)]) == after


def test_what_read_shows_alike_is_not_told_apart_and_lines_are_counted_as_it_counts():
    with pytest.raises(ToolError, match="stands 2 times, in lines 2, 4"):
        patched("x\ra\r\nb\na\nb\n", [("a\nb", "y")])
    with pytest.raises(ToolError, match="nearest are line 3: 'three'"):
        patched("one\u2028two\r\nthree\n", [("threa", "y")])


def test_edits_that_meet_are_refused():
    with pytest.raises(ToolError, match="two edits meet"):
        patched("abcdef", [("abc", "x"), ("cde", "y")])


def test_a_replacement_of_the_plan_names_what_it_drops_and_an_empty_one_is_refused(new_run, begun, shelf):
    run = new_run()
    items = [{"id": "a", "text": "Find a"}, {"id": "b", "text": "Find b", "status": "in_progress"}]
    turns = [
        turn(todo={"mode": "merge", "items": items}),
        turn(todo={"mode": "merge", "items": [{"id": "a", "status": "completed"}]}),
        turn(todo={"mode": "replace", "items": [{"id": "c", "text": "Find c"}]}),
        turn(todo={"mode": "replace", "items": []}),
        turn(todo={"mode": "merge", "items": [{"id": "new"}]}),
    ]
    _, merged, replaced, empty, textless = run_turns(run, begun, shelf, *turns)
    assert [(i.id, i.text, i.status) for i in merged.todo] == [("a", "Find a", "completed"), ("b", "Find b", "in_progress")]
    assert [d["id"] for d in output(run, replaced)["dropped"]] == ["a", "b"]
    assert not empty.ok
    assert "is new and needs a text" in textless.note
    assert [i.id for i in standing_of(run.events()).todo] == ["c"]
    assert "Find c" in run.report.read_text().split("## What is missing")[1]


def test_any_result_is_read_again_by_lines_and_by_words(new_run, begun, shelf):
    run = new_run()
    turns = [
        turn(open={"targets": ["paper:kettle", "page:health-advice"]}),
        turn(read={"path": "outputs/c1.1", "find": "recontaminated"}),
        turn(read={"path": "outputs/c1.1", "start": 3, "lines": 2}),
        turn(read={"path": "outputs/c9.9"}),
        turn(read={"path": "../events.jsonl"}),
    ]
    opened, found, two, missing, outside = run_turns(run, begun, shelf, *turns)
    lines = run.blobs.read(opened.output).splitlines()
    [(number, line)] = output(run, found)["lines"].items()
    assert lines[int(number) - 1] == line
    assert list(output(run, two)["lines"]) == ["3", "4"]
    assert output(run, two)["more"].endswith("read on with start 5")
    assert "no call 'c9.9' has a result; there are c1.1" in missing.note
    assert not outside.ok


@pytest.mark.parametrize("path", ["outputs/c1.1", "./outputs/x.md", "replies/3", "outputs//a"])
def test_nothing_is_written_where_read_finds_what_was_said_before(new_run, begun, shelf, path):
    run = new_run()
    [refused] = run_turns(run, begun, shelf, turn(write={"path": path, "content": "mine"}))
    assert not refused.ok
    assert "write notes/" in refused.note
    assert run.workspace.files() == []


class Recorder:
    """A sandbox that writes down what it is asked, and changes a file."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def absent(self) -> str:
        return ""

    def run(self, command, workspace, timeout) -> Finished:
        self.ran.append(command)
        (workspace / "report.md").write_text("By hand.")
        return Finished(0, "done", cut=False, seconds=0.1)


def test_the_shell_is_refused_with_the_reason_where_there_is_no_sandbox(new_run, begun, shelf):
    [refused] = run_turns(new_run(), begun, shelf, turn(shell={"cmd": "id"}))
    assert refused.note == "the shell is not available: no sandbox is set up for this run"


def test_what_a_command_does_to_a_file_is_in_the_log_too(new_run, begun, shelf):
    run = new_run()
    _, ran = run_turns(run, begun, shelf, turn(write=WRITE), turn(shell={"cmd": "sed"}), sandbox=Recorder())
    assert [(f.path, f.sha256) for f in ran.files] == [("report.md", sha("By hand."))]
    assert isinstance(run.events()[-4].payload, Begun)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(LARGE), "report.md has 6,000,000 bytes, the limit is 4,194,304; write replaces it whole"),
        (lambda path: (path.mkdir(), (path / "part.md").write_text("Part.")), "report.md is a folder now; as the log has it"),
        (os.mkfifo, "report.md is a link or special file now; as the log has it"),
        (lambda path: path.symlink_to("/etc/passwd"), "report.md is a link or special file now; as the log has it"),
    ],
)
def test_what_a_command_made_of_the_report_is_said_and_write_makes_it_a_report_again(new_run, begun, shelf, spoil, said):
    class Spoiling(Recorder):
        def run(self, command, workspace, timeout):
            path = workspace / "report.md"
            if not path.is_symlink() and path.is_dir():
                (path / "part.md").unlink()
                path.rmdir()
            else:
                path.unlink()
            spoil(path)
            return Finished(0, "done", cut=False, seconds=0.1)

    run = new_run()
    notes = turn(write={"path": "notes.md", "content": "One."})
    shells = [turn(shell={"cmd": "make"}), turn(shell={"cmd": "make"})]
    other = WRITE | {"content": "Other."}
    based = other | {"base_sha256": hashlib.sha256(LARGE).hexdigest()[:12]}
    turns = [turn(write=WRITE), notes, *shells, turn(write=other), turn(write=based), turn(finish={})]
    *_, ran, again, wrote, based_on, finished = run_turns(run, begun, shelf, *turns, sandbox=Spoiling())
    for done in (ran, again):
        assert done.ok
        assert (output(run, done)["exit"], output(run, done)["output"]) == (0, "done")
        assert output(run, done)["not_kept"][0].startswith(said)
    if "bytes" in said:  # what the file holds is not lost without being named
        assert wrote.note.startswith(f"report.md exists; to replace it give base_sha256 {based['base_sha256']!r}, to change")
        assert based_on.ok
    else:
        assert wrote.ok
    if "folder" in said:
        assert output(run, wrote)["moved"] == "the folder that was report.md is now report.md.folder"
        assert run.workspace.read("report.md.folder/part.md") == b"Part."
    assert run.workspace.read("report.md") == b"Other."
    assert finished.finished
    assert "Other." in run.report.read_text()


def test_no_file_is_written_below_the_report(new_run, begun, shelf):
    below = turn(write={"path": "report.md/part.md", "content": "One."})
    run = new_run()
    [refused, wrote] = run_turns(run, begun, shelf, below, turn(write=WRITE))
    assert refused.note == "report.md is the report, and no folder; write report.md-part.md instead"
    assert wrote.ok


def test_a_folder_in_the_place_of_a_file_is_aside_after_a_kill_as_well(new_run, begun, shelf):
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([turn(write=WRITE)]), shelf))
    (run.workspace.root / "report.md").unlink()
    (run.workspace.root / "report.md").mkdir()
    (run.workspace.root / "report.md.folder").mkdir()
    run.log.write_bytes(b"".join(run.log.read_bytes().splitlines(keepends=True)[:3]))  # killed before the file was written
    resume(run, Parts(ScriptedModel([turn(write=WRITE)]), shelf))
    assert run.workspace.read("report.md").decode() == WRITE["content"]
    assert (run.workspace.root / "report.md.folder1").is_dir()


def test_a_command_that_was_interrupted_is_not_run_again_in_silence(new_run, begun, shelf):
    run, sandbox = new_run(), Recorder()

    class Killed(Recorder):
        def run(self, command, workspace, timeout):
            raise KeyboardInterrupt

    model = ScriptedModel([turn(shell={"cmd": "make"}), turn(shell={"cmd": "make"})])
    with pytest.raises(KeyboardInterrupt):
        start(run, begun(), Parts(model, shelf, Killed()))
    resume(run, Parts(model, shelf, sandbox))
    first, second = [e.payload for e in run.events() if isinstance(e.payload, Returned)]
    assert not first.ok
    assert first.note == "shell was interrupted and may have had its effects; look before you call it again"
    assert second.ok
    assert sandbox.ran == ["make"]


def test_a_file_whose_writing_was_killed_is_on_disk_after_the_run_is_taken_up(new_run, begun, shelf):
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([turn(write=WRITE)]), shelf))
    (run.workspace.root / "report.md").unlink()
    lines = run.log.read_bytes().splitlines(keepends=True)
    run.log.write_bytes(b"".join(lines[:3]))  # started, replied, returned: killed before the file was written
    resume(run, Parts(ScriptedModel([turn(write=WRITE)]), shelf))
    assert run.workspace.read("report.md").decode() == WRITE["content"]


def test_reflection_answers_with_facts_and_refuses_spans_that_do_not_exist(new_run, begun, shelf):
    run = new_run()
    thought = {"known": "k", "missing": "m", "next": "n"}
    conflict = {"about": "how long", "spans": ["s1", "s2"]}
    turns = [
        turn(batch_search={"queries": ["boiled water"]}),
        turn(reflect=thought | {"conflicts": [conflict]}),
        turn(reflect=thought | {"conflicts": [{"about": "x", "spans": ["s1", "s77"]}]}),
        turn(reflect=thought | {"conflicts": [{"about": "x", "spans": ["s1", "s1"]}]}),
    ]
    _, good, bad, one = run_turns(run, begun, shelf, *turns)
    assert output(run, good)["asked_so_far"] == ["boiled water"]
    assert output(run, good)["sources_by_authority"]["journal"] == 2
    assert "no span is called s77" in bad.note
    assert "s1, s1 are of one source" in one.note
    section = run.report.read_text().split("## Where sources disagree")[1]
    assert "- how long" in section
    assert "journal, " in section or "government, " in section


def test_every_schema_is_closed_and_refuses_what_it_does_not_name(make_desk, shelf, tmp_path):
    desk = make_desk(shelf, tmp_path)
    for name, tool in TOOLS.items():
        parameters = tool.schema.parameters
        assert parameters["additionalProperties"] is False, name
        assert set(parameters["required"]) <= set(parameters["properties"]), name
        assert any("has no surplus" in fault for fault in problems({"surplus": 1}, parameters)), name
        with pytest.raises(ToolError):
            use(Call("c1.1", name, '{"surplus": 1}'), desk)


def test_the_step_profile_searches_writes_and_hands_in_by_a_plain_reply(new_run, shelf, begun):
    from dataclasses import replace

    run = new_run()
    started = begun()
    started = replace(started, model=replace(started.model, profile="step"))
    model = ScriptedModel(
        [
            turn(todo={"updates": {"1": {"content": "find", "status": "in_progress"}}}),
            turn(batch_web_surfer={"action": "batch_search", "queries": ["boiled water safe"], "topk": 3}),
            turn(batch_web_surfer={"action": "batch_open", "urls": ["https://health.alder.example/boil-water"]}),
            turn(file={"action": "write", "path": "notes.md", "content": "a"}),
            turn(file={"action": "append", "path": "notes.md", "content": "b"}),
            turn(file={"action": "list"}),
            turn(todo={"updates": {"1": None}}),
            turn("Boiled water is safe \\cite{s1}."),
        ]
    )
    standing = start(run, started, Parts(model, shelf))
    returned = [e.payload for e in run.events() if isinstance(e.payload, Returned)]
    assert [r.ok for r in returned] == [True] * 6 + [False, True, True]
    assert "would leave no plan" in returned[6].note
    assert standing.ended.complete
    assert run.workspace.read("notes.md") == b"ab"
    assert "Boiled water is safe [1]." in run.report.read_text()
    assert [c.name for e in run.events() if isinstance(e.payload, Replied) for c in e.payload.calls][-2:] == ["file", "finish"]
    assert isinstance(returned[0].output, Stored)
