"""The event log keeps what it acknowledged, and says so when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.blobs import INLINE, Blobs
from agent.claims import Checked
from agent.errors import RunLocked, RunNotFound, TrajectoryError
from agent.events import EventLog, parse, read_events
from agent.evidence import Source, Span
from agent.models import Call, ModelSpec, Usage
from agent.report import VERDICTS
from agent.trajectory import FORMAT, Ended, Limits, Replied, Reported, Resumed, Returned, Started, Stored

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
    path.write_bytes(data + bytes(100) + b"\n")
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
    lines = log_of(tmp_path / "sound.jsonl", STARTED, Resumed(Limits(5)), Ended(True, "")).splitlines(keepends=True)
    with pytest.raises(TrajectoryError, match=said):
        parse(b"".join(spoil(lines)), "events.jsonl")


def test_a_verdict_that_is_one_is_read(tmp_path):
    data = log_of(tmp_path / "events.jsonl", STARTED) + JUDGED
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
