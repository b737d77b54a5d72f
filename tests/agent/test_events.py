"""The event log keeps what it acknowledged, and says so when it cannot."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answer import Parts
from agent.blobs import INLINE, Blobs
from agent.chain import Chain
from agent.cli import main
from agent.errors import LogDamaged, RunLocked, RunNotFound, TrajectoryError
from agent.events import SECTOR, EventLog, parse, read_events, unsealed
from agent.evidence import Source, Span
from agent.loop import resume, start
from agent.models import Call, ModelSpec, Usage
from agent.models.scripted import ScriptedModel, turn
from agent.report import VERDICTS
from agent.trajectory import FORMAT, UNSEALED, Ended, Event, Limits, Replied, Reported, Resumed, Returned, Started, Stored
from agent.verdicts import Checked

STARTED = Started(FORMAT, "why?", "en", ModelSpec(), None, Limits())


JUDGED = b"""{"seq":1,"time":1.0,"kind":"returned","payload":{"call_id":"c1.1","tool":"verify","ok":true,"note":"",\
"output":{"sha256":"","size":0,"text":""},"shown":{"sha256":"","size":0,"text":""},\
"checked":[{"text":"It is so.","spans":["s1"],"verdict":"supported","reason":"","by":"rules"}]}}
"""


def strategy(kind: type) -> st.SearchStrategy:
    """Any value of a payload type, with every string the log could meet."""
    text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
    st.register_type_strategy(str, text)
    st.register_type_strategy(float, st.floats(0, 1e6))
    st.register_type_strategy(int, st.integers(0, 2**40))
    st.register_type_strategy(Checked, st.builds(Checked, verdict=st.sampled_from(VERDICTS)))
    return st.builds(kind)


PAYLOADS = st.one_of([strategy(kind) for kind in (Resumed, Replied, Returned, Ended, Reported)])


@given(st.lists(PAYLOADS, max_size=4))
def test_every_payload_reads_back_as_it_was_written(tmp_path_factory, payloads):
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    with EventLog(path) as log:
        for payload in (STARTED, *payloads):
            log.append(payload)
    assert [event.payload for event in read_events(path)] == [STARTED, *payloads]
    assert [event.seq for event in read_events(path)] == list(range(len(payloads) + 1))


def log_of(path: Path, *payloads: object) -> bytes:
    with EventLog(path, clock=lambda: 1.0) as log:
        for payload in payloads:
            log.append(payload)
    return path.read_bytes()


def bare(data: bytes) -> bytes:
    """The log as the release before wrote it: without sums."""
    return re.sub(rb',"sum":"[0-9a-f]{64}"\}\n', b"}\n", data).replace(FORMAT.encode(), UNSEALED.encode())


def test_a_log_cut_at_any_byte_opens_with_every_whole_event_and_takes_the_next(tmp_path):
    path = tmp_path / "events.jsonl"
    data = log_of(path, STARTED, Resumed(Limits(5)), Ended(False, "über\nmorgen"))
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        with EventLog(path, clock=lambda: 1.0) as log:
            assert len(log.events) == whole
            log.append(Ended(True, "") if whole else STARTED)
        assert len(read_events(path)) == whole + 1


def test_an_event_is_synced_before_anyone_may_act_on_it(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    with EventLog(tmp_path / "events.jsonl") as log:
        for payload in (STARTED, Ended(True, "")):
            log.append(payload)
            assert synced[-1] == log.path.stat().st_size


def test_a_last_line_of_zeros_as_a_power_cut_leaves_it_is_dropped(tmp_path):
    path = tmp_path / "events.jsonl"
    data = log_of(path, STARTED)
    path.write_bytes(data + bytes(100))
    assert len(read_events(path)) == 1
    path.write_bytes(data + bytes(-len(data) % SECTOR) + b'on the sector behind that was written"}}\n')
    assert len(read_events(path)) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: [lines[0], b"{broken\n", lines[2]], "damaged at line 2"),
        (lambda lines: [lines[0], lines[2]], "event 2 where 1 was due"),
        (lambda lines: [lines[1], lines[2]], "event 1 where 0 was due"),
        (lambda lines: [lines[0].replace(b"/2", b"/9"), *lines[1:]], "of format 'stepwell-trajectory/9'"),
        (lambda lines: [lines[0], lines[1].replace(b"resumed", b"pondered"), lines[2]], "kind 'pondered'"),
        (lambda lines: [lines[0], lines[1].replace(b'"steps":5', b'"steps":"5"'), lines[2]], "damaged: '5' should be int"),
        (lambda lines: [b"[1]\n"], "not an event"),
        (lambda lines: [*lines[:2], lines[2].replace(b'"kind"', b'"kind\x01')], "damaged at line 3"),
        (lambda lines: [*lines[:2], b"\xff" + lines[2][1:]], "damaged at line 3"),
        (lambda lines: [lines[0], JUDGED.replace(b'"supported"', b'"Supported"')], "'Supported' is no verdict"),
    ],
)
def test_damage_that_is_no_torn_end_is_an_error_that_names_it(tmp_path, spoil, said):
    lines = bare(log_of(tmp_path / "sound.jsonl", STARTED, Resumed(Limits(5)), Ended(True, ""))).splitlines(keepends=True)
    with pytest.raises(TrajectoryError, match=said):
        parse(b"".join(spoil(lines)), "events.jsonl")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{}", "not an event: seq, time, kind and payload are needed"),
        (b'{"seq":0,"time":1,"kind":"started","payload":{"format":"stepwell-trajectory/9"}}', "the run is of format"),
    ],
)
def test_a_first_line_that_this_release_does_not_read_is_told_with_its_file(tmp_path, line, said):
    path = tmp_path / "events.jsonl"
    path.write_bytes(line + b"\n")
    for read in (read_events, EventLog):
        with pytest.raises(TrajectoryError) as refused:
            read(path)
        assert str(refused.value).startswith(f"{path}: {said}")
    assert path.read_bytes() == line + b"\n"


def test_a_verdict_that_is_one_is_read(tmp_path):
    data = bare(log_of(tmp_path / "events.jsonl", STARTED)) + JUDGED
    assert parse(data, "events.jsonl")[0][1].payload.checked[0].verdict == "supported"


def test_a_whole_last_line_that_is_damaged_is_not_cut_off(tmp_path):
    path = tmp_path / "events.jsonl"
    data = log_of(path, STARTED, Ended(True, ""))
    path.write_bytes(data[:-9] + b'"' + data[-8:])
    spoilt = path.read_bytes()
    with pytest.raises(TrajectoryError, match="damaged at line 2"):
        EventLog(path)
    assert path.read_bytes() == spoilt


def test_two_processes_never_write_to_one_log(tmp_path):
    path = tmp_path / "events.jsonl"
    log_of(path, STARTED)
    hold = f"""from agent.events import EventLog; from pathlib import Path
EventLog(Path({str(path)!r})); print('held', flush=True); input()"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(RunLocked, match="another process works on"):
            EventLog(path)
        assert len(read_events(path)) == 1  # reading needs no lock
        other.kill()
    with EventLog(path) as log:  # and a killed process holds none
        log.append(Ended(True, ""))


def test_a_missing_log_is_not_an_empty_one(tmp_path):
    with pytest.raises(RunNotFound, match="no event log at"):
        read_events(tmp_path / "events.jsonl")


def test_a_small_text_is_inline_and_a_large_one_is_not(tmp_path):
    blobs = Blobs(tmp_path)
    small, large = blobs.put("é" * (INLINE // 2)), blobs.put("é" * (INLINE // 2) + "!")
    blobs.sync()
    assert (small.text, large.text) == ("é" * (INLINE // 2), "")
    assert blobs.read(small) == blobs.get(small.sha256)
    assert blobs.read(large) == "é" * (INLINE // 2) + "!"
    assert blobs.read(blobs.put("")) == ""


def test_a_blob_that_is_gone_or_altered_is_an_error(tmp_path):
    blobs = Blobs(tmp_path)
    stored = blobs.put("as it was")
    blobs.sync()
    (tmp_path / stored.sha256).write_text("as it was not")
    with pytest.raises(TrajectoryError, match="was altered"):
        blobs.get(stored.sha256)
    (tmp_path / stored.sha256).unlink()
    with pytest.raises(TrajectoryError, match="is missing"):
        blobs.get(stored.sha256)


def test_the_log_is_readable_without_this_program(tmp_path):
    span, stored = Span("s1", "d", "0" * 64, 0, 2, "hi"), Stored("0" * 64, 2, "hi")
    source = Source("d", "t", ("A B",), "", "", "", "page", "", 0.0, "0" * 64, "1-x")
    data = log_of(
        tmp_path / "e.jsonl",
        STARTED,
        Replied("", "hm", (Call("c1.1", "open", "{}"),), Usage(10, 2)),
        Returned("c1.1", "open", True, "1 opened", stored, stored, (source,), (span,)),
    )
    records = [orjson.loads(line) for line in data.splitlines()]
    assert [record["kind"] for record in records] == ["started", "replied", "returned"]
    assert records[0]["payload"]["format"] == FORMAT
    assert records[2]["payload"]["spans"][0]["quote"] == "hi"


def lines_of(tmp_path: Path) -> list[bytes]:
    payloads = STARTED, Replied("It is so.", "", (), Usage(10, 2)), Resumed(Limits(5)), Ended(True, "done")
    return log_of(tmp_path / "sound.jsonl", *payloads).splitlines(keepends=True)


def test_any_byte_changed_anywhere_in_the_log_is_noticed_at_its_line(tmp_path):
    lines = lines_of(tmp_path)
    for number, line in enumerate(lines, 1):
        for at in range(len(line) - (number == len(lines))):  # without its last line feed the last line is a torn one
            changed = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
            with pytest.raises(TrajectoryError) as damage:
                parse(b"".join([*lines[: number - 1], changed, *lines[number:]]), "events.jsonl")
            if isinstance(damage.value, LogDamaged):  # else the first line names another format
                assert [event.seq for event in damage.value.before] == list(range(number - 1))
                assert f"damaged at line {number}: " in str(damage.value)


def flips(data: bytes) -> Iterator[bytes]:
    """The log with one byte changed, every byte in turn; ends of lines to every byte that some reader takes for one."""
    for at, byte in enumerate(data):
        others = b"\r\0 \t\x0b\x0c\x1c\x1e\x85X}{" if byte == ord("\n") else bytes([byte ^ 1, ord("\n"), ord("\r"), 0])
        yield from (data[:at] + bytes([other]) + data[at + 1 :] for other in others if other != byte)


def kept(data: bytes) -> Sequence[Event]:
    """The events that a reader is given, with an error or without."""
    try:
        return parse(data, "events.jsonl")[0]
    except LogDamaged as damage:
        return damage.before


@pytest.mark.parametrize("torn", [b"", b'{"seq":4,"time":1.0,"ki'], ids=["whole", "torn"])
def test_no_byte_changed_to_whatever_costs_an_acknowledged_event_in_silence(tmp_path, torn):
    data = b"".join(lines_of(tmp_path))
    sound = parse(data, "events.jsonl")[0]
    for spoilt in flips(data):
        with pytest.raises(TrajectoryError):
            parse(spoilt + torn, "events.jsonl")
    for changed in flips(torn):
        assert kept(data + changed) == sound


@given(st.integers(0, 3), st.data())
def test_a_line_end_lost_in_the_log_is_noticed(tmp_path_factory, number, draw):
    lines = lines_of(tmp_path_factory.mktemp("log"))
    torn = draw.draw(st.sampled_from([b"", *(lines[3][:cut] for cut in (1, 40, len(lines[3]) - 1))]))
    between = draw.draw(st.binary(min_size=0 if number < 3 or torn else 1, max_size=3).filter(lambda b: b"\n" not in b))
    lines[number] = lines[number][:-1] + between
    with pytest.raises(TrajectoryError):
        parse(b"".join([*lines, torn]), "events.jsonl")


def test_a_log_with_a_lost_line_end_is_neither_stopped_nor_resumed_nor_written_to(damaged, capsys):
    lines = damaged.log.read_bytes().replace(b"I wrote.", b"I write.").split(b"\n")
    damaged.log.write_bytes(b"\n".join(lines[:2]) + b"\r" + b"\n".join(lines[2:]))
    before = {path: path.read_bytes() for path in damaged.path.rglob("*") if path.is_file()}
    for verb in ("stop", "resume", "export", "verify", "show"):
        with pytest.raises(LogDamaged, match="damaged at line 2"):
            main([verb, str(damaged.path)])
    assert {path: path.read_bytes() for path in damaged.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda a, b, c, d: [a, b.replace(b"It is so", b"It is no"), c, d],
            "line 2: its sum does not fit: it was changed; restore",
        ),
        (lambda a, b, c, d: [a, b, d], "line 3: event 3 where 2 was due"),
        (lambda a, b, c, d: [a, b, c, c, d], "line 4: event 2 where 3 was due"),
        (lambda a, b, c, d: [a, bare(b), c, d], "line 2: its sum does not fit"),
        (lambda a, b, c, d: [bare(a).replace(UNSEALED.encode(), FORMAT.encode()), b, c, d], "line 1: its sum does not fit"),
        (lambda a, b, c, d: [a, b, c, d.replace(b"done", b"gone")], "keep the 3 lines before it (head -n 3) and resume"),
    ],
)
def test_a_line_that_was_changed_lost_or_doubled_is_named_with_the_way_out(tmp_path, spoil, said):
    with pytest.raises(LogDamaged) as damage:
        parse(b"".join(spoil(*lines_of(tmp_path))), "events.jsonl")
    assert said in str(damage.value)


def test_a_line_added_to_a_log_without_sums_guards_the_lines_before_it(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(bare(b"".join(lines_of(tmp_path))))
    assert unsealed(path) == len(read_events(path)) == 4
    with EventLog(path) as log:
        log.append(Resumed(Limits(9)))
        log.append(Ended(True, ""))
    assert len(read_events(path)) == 6
    assert unsealed(path) == 4
    path.write_bytes(path.read_bytes().replace(b"It is so", b"It is no"))
    with pytest.raises(LogDamaged, match=r"line 5: .* or one of the 4 lines without a sum before it"):
        read_events(path)


def test_the_sums_can_be_checked_with_nothing_but_sha256(tmp_path):
    before = b""
    for line in lines_of(tmp_path):
        body, _, said = line.rstrip(b"}\n").rpartition(b',"sum":')
        before = hashlib.sha256(before + body + b"}").hexdigest().encode()
        assert said == b'"' + before + b'"'


@given(st.lists(st.binary(min_size=2, max_size=30).filter(lambda b: b"\n" not in b), max_size=5))
def test_a_chain_holds_what_it_sealed(lines):
    made, read = Chain(), Chain()
    assert all(read.holds(made.seal(b"{" + line + b"}"), must=True) for line in lines)
    assert (read.sum, read.unsealed) == (made.sum, 0)


@pytest.fixture
def damaged(new_run, shelf, begun):
    """A finished run in whose log one word of the model was changed."""
    run = new_run()
    write = turn("I write.", write={"path": "report.md", "content": "Boiled water is safe [[s1]]."})
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
    start(run, begun(), Parts(ScriptedModel([search, write, turn(finish={})]), shelf))
    run.log.write_bytes(run.log.read_bytes().replace(b"I write.", b"I wrote."))
    return run


@pytest.mark.parametrize("verb", [["resume"], ["export"], ["export", "--format", "md"], ["verify"], ["stop"], ["show", "--json"]])
def test_a_run_whose_log_was_changed_is_refused_and_nothing_is_written(damaged, verb):
    before = {path: path.read_bytes() for path in damaged.path.rglob("*") if path.is_file()}
    with pytest.raises(LogDamaged, match="damaged at line 4") as refused:
        main([verb[0], str(damaged.path), *verb[1:]])
    assert refused.value.exit_code == 1
    assert {path: path.read_bytes() for path in damaged.path.rglob("*") if path.is_file()} == before


def test_the_report_of_a_run_whose_log_was_changed_is_shown_all_the_same(damaged, capsys):
    with pytest.raises(LogDamaged):
        main(["show", str(damaged.path)])
    assert "Boiled water is safe [1]." in capsys.readouterr().out


def test_the_events_before_a_changed_line_can_be_watched(damaged, capsys):
    with pytest.raises(LogDamaged):
        main(["watch", str(damaged.path), "--lines"])
    said = capsys.readouterr().out
    assert "batch_search" in said
    assert "write" not in said


def test_a_run_whose_log_was_changed_is_listed_as_damaged(damaged, capsys):
    assert main(["runs", "--runs", str(damaged.path.parent)]) == 0
    assert "damaged" in capsys.readouterr().out


def test_the_lines_before_a_changed_one_can_be_resumed(damaged, shelf):
    lines = damaged.log.read_bytes().splitlines(keepends=True)
    damaged.log.write_bytes(b"".join(lines[:3]))
    write = turn("I write.", write={"path": "report.md", "content": "Boiled water is safe [[s1]]."})
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
    assert resume(damaged, Parts(ScriptedModel([search, write, turn(finish={})]), shelf)).ended.complete


def test_a_run_without_sums_opens_and_says_so(damaged, shelf, capsys):
    damaged.log.write_bytes(bare(damaged.log.read_bytes()))
    assert main(["verify", str(damaged.path)]) == 0
    n = len(read_events(damaged.log))
    said = capsys.readouterr().out
    assert f"{n} of {n} lines of the log carry no sum, for the run is of an older format: a changed byte may go unnoticed" in said
    assert main(["show", str(damaged.path)]) == 0
    with EventLog(damaged.log) as log:
        log.append(log.events[-1].payload)
    assert main(["verify", str(damaged.path)]) == 0
    assert f"{n} of {n + 1} lines of the log carry no sum, for the run is of an older format: the later lines guard them" in (
        capsys.readouterr().out
    )
