"""Whoever saves a table by hand while commands save it loses nothing, and neither do the commands."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority.by_hand import base_path
from authority.cli import main
from authority.edit import note_hand_edits, remove_entry, set_entry
from authority.entry import Entry
from authority.errors import AuthorityError, EditError, TableError
from authority.history import Change, read_history
from authority.saving import merged, replaced_path, save
from authority.table import HEADER, Table, row

ROOT = Path(__file__).resolve().parents[2]
WHY = "judgement:tested here:2026-01-31"
EDITOR = """
import os, random, sys, time
path, how, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
chance = random.Random(7)
def struck(size):  # sleeps a while, or waits until a command has just written its signature and is about to save
    history = path.replace(".tsv", ".history.jsonl")
    end = time.monotonic() + chance.uniform(0.0, 0.03)
    while time.monotonic() < end and (how != "strike" or not os.path.exists(history) or os.path.getsize(history) == size):
        time.sleep(0.0001 if how == "strike" else 0.001)
    return os.path.getsize(history) if os.path.exists(history) else 0
size = 0
for i in range(rounds):
    size = struck(size)
    line = f"hand{i}.example\\treputable\\t\\tjudgement:tested here:2026-01-31\\t\\n"
    if how in ("append", "strike"):
        with open(path, "a") as file:
            file.write(line)
    else:
        text = open(path).read()
        new = path + ".mine" if how == "rename" else path
        with open(new, "w") as file:
            file.write(text + line)
        if how == "rename":
            os.replace(new, path)
    print(f"hand{i}.example", flush=True)
"""


CRASHER = """
import os, sys
from pathlib import Path
from authority import saving
from authority.edit import set_entry
from authority.entry import Entry
path, last = Path(sys.argv[1]), int(sys.argv[2])
left = last
def crash(event, args):  # before the call that the event announces
    global left
    if event in ("open", "os.rename", "os.remove", "os.truncate") and str(path.parent) in str(args[0]):
        left -= 1
        if left == 0:
            os._exit(9)
if last:
    sys.addaudithook(crash)
else:
    saving._swap = lambda *_: os._exit(9)  # between the two halves of the exchange
set_entry(Entry.make("crashed.example", "primary", "", "judgement:tested here:2026-01-31"), why="it crashes", path=path)
"""


def entry(key: str, tier: str = "reputable") -> Entry:
    return Entry.make(key, tier, "", WHY)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A table of 40 entries, edited once by command."""
    path = tmp_path / "mine.tsv"
    path.write_text("".join(f"{line}\n" for line in (HEADER, *(row(entry(f"tree{i}.example")) for i in range(40)))))
    set_entry(entry("ash.example"), why="we run it", path=path)
    return path


def raced(path: Path, how: str, rounds: int) -> tuple[list[str], list[str]]:
    """What an editor saved by hand, and what was set by command at the same time."""
    command = [sys.executable, "-c", EDITOR, str(path), how, str(rounds)]
    editor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    ours: list[str] = []
    while editor.poll() is None:
        key = f"ours{len(ours)}.example"
        try:
            set_entry(entry(key), why="raced", path=path)
        except AuthorityError:
            if how != "rewrite":  # whoever empties the file first may be held up before it is written
                raise
        else:
            ours.append(key)
    assert editor.stdout is not None
    theirs = editor.stdout.read().split()
    editor.stdout.close()
    assert len(theirs) == rounds
    note_hand_edits(path)
    return theirs, ours


def joins_up(past: list[Change]) -> bool:
    """Whether each change begins where the one before it ended, or is one of the same event."""
    versions = [(change.version_before, change.version_after) for change in past]
    return all(later[0] == earlier[1] or later == earlier for earlier, later in pairwise(versions))


@pytest.mark.parametrize("how", ["append", "strike"])
def test_lines_appended_while_commands_save_are_all_in_the_table_and_in_its_history(mine: Path, how: str) -> None:
    theirs, ours = raced(mine, how, 150)
    assert {*theirs, *ours} <= {each.key for each in Table.read(mine).entries}
    past = read_history(mine)
    assert set(theirs) <= {change.key for change in past if change.action == "found" and change.after}
    assert joins_up(past)
    assert past[-1].version_after == Table.read(mine).version


@pytest.mark.parametrize("how", ["rename", "rewrite"])
def test_an_editor_that_saves_the_whole_file_leaves_a_trace_of_each_save_and_of_what_it_undid(mine: Path, how: str) -> None:
    theirs, ours = raced(mine, how, 100)
    past, there = read_history(mine), {each.key for each in Table.read(mine).entries}
    for key in (*theirs, *ours):
        said = [change for change in past if change.key == key]
        assert said, f"{key} was lost without a trace"
        assert bool(said[-1].after) == (key in there)
    assert joins_up(past)
    assert past[-1].version_after == Table.read(mine).version


def test_a_save_between_the_reading_and_the_exchange_is_found_at_once(mine: Path) -> None:
    read = mine.read_bytes()
    by_hand = read + f"# mine\n{row(entry('hand.example'))}\n".encode()
    other = mine.with_name("editor.tmp")
    other.write_bytes(by_hand)
    new = Table.read(mine).replacing(entry("ours.example"))

    def by_an_editor() -> None:
        other.replace(mine)

    save(mine, read, new, by_an_editor)
    assert mine.read_bytes() == new.serialise()
    assert replaced_path(mine).read_bytes() == by_hand
    assert {change.key for change in note_hand_edits(mine)} >= {"hand.example"}
    table = Table.read(mine)
    assert table.get("hand.example")
    assert table.get("ours.example")
    assert "# mine" in table.lines


def test_a_crash_at_any_step_and_a_save_by_hand_after_it_undo_no_earlier_edit(mine: Path) -> None:
    for step in range(40):
        acknowledged = entry(f"acknowledged{step}.example")
        set_entry(acknowledged, why="before the crash", path=mine)
        done = subprocess.run([sys.executable, "-c", CRASHER, str(mine), str(step)], cwd=ROOT, capture_output=True, text=True)
        by_hand = entry(f"hand{step}.example")
        with mine.open("a") as file:
            file.write(f"{row(by_hand)}\n")
        note_hand_edits(mine)
        table = Table.read(mine)
        assert {acknowledged, by_hand} <= set(table.entries), f"after a crash at step {step}"
        assert read_history(mine)[-1].version_after == table.version
        if done.returncode == 0:
            break
        assert done.returncode == 9, done.stderr
        if table.get("crashed.example"):
            remove_entry("crashed.example", why="for the next step", path=mine)
    assert step > 8
    assert {f"acknowledged{n}.example" for n in range(step)} <= {each.key for each in Table.read(mine).entries}
    assert joins_up(read_history(mine))


def test_a_file_that_was_open_before_the_exchange_is_looked_at_by_the_next_command(mine: Path) -> None:
    with mine.open("a") as file:  # as in `cat >> mine.tsv`
        set_entry(entry("ours.example"), why="meanwhile", path=mine)
        file.write(f"{row(entry('hand.example'))}\n")
    remove_entry("tree1.example", why="it closed", path=mine)
    table = Table.read(mine)
    assert table.get("hand.example")
    assert table.get("ours.example")
    assert not table.get("tree1.example")
    assert [change.action for change in read_history(mine)] == ["set", "set", "found", "remove"]
    assert note_hand_edits(mine) == []


def test_a_late_save_that_is_no_table_is_set_aside_with_its_reason(mine: Path) -> None:
    with mine.open("a") as file:
        set_entry(entry("ours.example"), why="meanwhile", path=mine)
        file.write("hand.example best\n")
    (said,) = note_hand_edits(mine)
    assert "it lies in mine.aside1.tsv" in said.why
    assert ":43: 1 fields where 5 are expected" in said.why
    assert mine.with_name("mine.aside1.tsv").read_text().endswith("hand.example best\n")
    set_entry(entry("yew.example"), why="goes on", path=mine)
    assert Table.read(mine).get("yew.example")


def test_a_late_save_of_a_file_in_the_making_waits_until_it_is_whole(mine: Path) -> None:
    whole = mine.read_text() + f"{row(entry('hand.example'))}\n"

    def slowly(file: int) -> None:
        for start in range(0, len(whole), 500):
            os.write(file, whole[start : start + 500].encode())
            time.sleep(0.002)

    file = os.open(mine, os.O_WRONLY)
    set_entry(entry("ours.example"), why="meanwhile", path=mine)
    os.ftruncate(file, 0)
    assert note_hand_edits(mine) == []
    writer = threading.Thread(target=slowly, args=(file,))
    writer.start()
    set_entry(entry("more.example"), why="while it is written", path=mine)
    writer.join()
    os.close(file)
    note_hand_edits(mine)
    assert {"hand.example", "ours.example", "more.example"} <= {each.key for each in Table.read(mine).entries}


def test_a_file_that_was_emptied_is_not_taken_from_whoever_writes_it_next_unless_they_never_do(mine: Path) -> None:
    whole = mine.read_text() + f"{row(entry('hand.example'))}\n"
    file = os.open(mine, os.O_WRONLY)
    set_entry(entry("ours.example"), why="meanwhile", path=mine)
    os.ftruncate(file, 0)
    for _ in range(2):
        with pytest.raises(EditError, match="is being saved by hand: it was emptied and is not written yet; try again"):
            set_entry(entry("more.example"), why="too early", path=mine)
    os.write(file, whole.encode())
    set_entry(entry("more.example"), why="it is written", path=mine)
    assert {"hand.example", "ours.example", "more.example"} <= {each.key for each in Table.read(mine).entries}
    os.close(file)
    with mine.open("r+") as abandoned:
        set_entry(entry("last.example"), why="meanwhile", path=mine)
        abandoned.truncate(0)
    an_hour_ago = time.time() - 3600
    os.utime(replaced_path(mine), (an_hour_ago, an_hour_ago))
    set_entry(entry("later.example"), why="they never did", path=mine)
    assert {"last.example", "later.example"} <= {each.key for each in Table.read(mine).entries}


tables = st.dictionaries(st.sampled_from(["a.example", "b.example", "c.example"]), st.sampled_from(["primary", "reputable"])).map(
    lambda tiers: Table([entry(key, tier) for key, tier in tiers.items()])
)


@given(tables, tables, tables)
def test_merging_keeps_what_either_changed_and_theirs_where_both_did(was: Table, theirs: Table, ours: Table) -> None:
    both = merged(was, theirs, ours)
    for key in ("a.example", "b.example", "c.example"):
        changed = theirs if theirs.get(key) != was.get(key) else ours
        assert both.get(key) == changed.get(key)


@pytest.mark.parametrize("verb", ["history", "edit", "list"])
def test_an_emptied_table_is_refused_by_every_verb_and_restored_by_its_owner(
    mine: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, past = mine.read_bytes(), read_history(mine)
    mine.write_bytes(b"")
    if verb == "history":
        assert main(["history", "--table", str(mine)]) == 1
        shown = capsys.readouterr()
        assert "is empty, even of its header" in shown.err
        assert "ash.example" in shown.out
    else:
        with pytest.raises(TableError, match="is empty, even of its header"):
            set_entry(entry("oak.example"), "x", path=mine) if verb == "edit" else main(["list", "--table", str(mine)])
    assert mine.read_bytes() == b""
    assert read_history(mine) == past
    mine.write_bytes(whole)
    assert set_entry(entry("oak.example"), "x", path=mine).version_before == past[-1].version_after


def test_half_a_copy_is_taken_up_only_by_force(mine: Path) -> None:
    lines, past = mine.read_bytes().splitlines(keepends=True), read_history(mine)
    mine.write_bytes(b"".join(lines[:15]) + lines[15][:-1])
    for attempt in (lambda: set_entry(entry("oak.example"), "x", path=mine), lambda: note_hand_edits(mine)):
        with pytest.raises(EditError, match=r"26 of 41 entries of .* are gone without a command.*--force"):
            attempt()
    assert read_history(mine) == past
    assert main(["history", "--table", str(mine)]) == 1
    assert main(["history", "--table", str(mine), "--force"]) == 0
    assert sum(change.action == "found" for change in read_history(mine)) == 26
    assert set_entry(entry("oak.example"), "x", path=mine).action == "set"


def test_the_history_is_shown_beside_a_bad_line_of_the_table(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mine.open("a") as file:
        file.write("elm.example best\n")
    assert main(["history", "--table", str(mine)]) == 1
    shown = capsys.readouterr()
    assert "set      ash.example" in shown.out
    assert "1 changes of" in shown.out
    assert ":43: 1 fields where 5 are expected" in shown.err


def test_the_base_of_a_private_table_is_as_private(mine: Path) -> None:
    mine.chmod(0o600)
    set_entry(entry("oak.example"), "x", path=mine)
    assert {p.stat().st_mode & 0o777 for p in (mine, base_path(mine), replaced_path(mine))} == {0o600}


def test_the_exchange_works_where_the_file_system_has_none(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authority.saving.RENAME_EXCHANGE", 1 << 20)  # a flag that no kernel knows: EINVAL, as on old ones
    read = mine.read_bytes()
    set_entry(entry("oak.example"), "x", path=mine)
    assert replaced_path(mine).read_bytes() == read
    theirs, ours = raced(mine, "append", 20)
    assert {*theirs, *ours} <= {each.key for each in Table.read(mine).entries}
