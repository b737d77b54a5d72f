"""Does what judges stay in force while a file of it cannot be read, from one process to the next?"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from authority.edit import note_hand_edits, remove_entry, set_entry
from authority.entry import Entry
from authority.errors import EditError, PolicyError, TableError
from authority.in_force import InForce
from authority.last_good import copy_path, last_good
from authority.table import Table

HEADER = "key\ttier\ttopics\tevidence\tnote\n"
ENTRY = "{}.example\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n"


class Kept:
    """A memory that outlives its readers, as bytes do."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def recall(self, name: str) -> object | None:
        return pickle.loads(self._kept[name]) if name in self._kept else None

    def keep(self, name: str, value: object) -> None:
        self._kept[name] = pickle.dumps(value)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "authority.tsv"
    path.write_text(HEADER + ENTRY.format("one"))
    return path


def test_a_table_that_breaks_stays_in_force_and_the_healed_one_takes_its_place(table: Path) -> None:
    files = InForce(str(table), ())
    good = files.look()
    table.write_text("half a li")
    broken = files.look()
    assert broken.table is good.table
    assert f"{table}:1: " in broken.troubles[0]
    table.write_text(HEADER + ENTRY.format("two"))
    healed = files.look()
    assert healed.troubles == ()
    assert [entry.key for entry in healed.table.entries] == ["two.example"]


def test_without_a_memory_a_broken_table_is_an_error_at_the_first_look_and_nothing_is_written(table: Path) -> None:
    InForce(str(table), ()).look()
    assert not copy_path(table).exists()
    table.write_text("half a li")
    with pytest.raises(TableError, match="1 fields where 5 are expected"):
        InForce(str(table), ()).look()


def test_the_next_process_knows_table_and_policy_that_broke_meanwhile(table: Path, tmp_path: Path) -> None:
    policy, memory = tmp_path / "policy.tsv", Kept()
    policy.write_text("badnews.example\tblock\tfabricates news\t\n")
    before = InForce(str(table), [str(policy)], memory).look()
    table.write_text("half a li")
    policy.write_text("half a li")
    after = InForce(str(table), [str(policy)], memory).look()
    assert after.table.version == before.table.version
    assert after.policy.version == before.policy.version
    assert len(after.troubles) == 2
    with pytest.raises(PolicyError):  # no copy lies beside a policy
        InForce("off", [str(policy)], Kept()).look()


def test_a_process_without_a_predecessor_takes_the_copy_beside_the_table(table: Path) -> None:
    good = InForce(str(table), (), Kept()).look().table
    table.unlink()
    found = InForce(str(table), (), Kept()).look()
    assert found.table.version == good.version
    assert "no authority table" in found.troubles[0]
    copy_path(table).unlink()
    with pytest.raises(TableError):
        InForce(str(table), (), Kept()).look()


def test_a_table_with_a_history_needs_no_copy_and_is_known_as_its_last_edit_left_it(table: Path) -> None:
    set_entry(Entry.make("two.example", "established", "", "judgement:peer-reviewed:2026-11-22", ""), "asked for", path=table)
    InForce(str(table), (), Kept()).look()
    assert not copy_path(table).exists()
    set_entry(Entry.make("three.example", "established", "", "judgement:peer-reviewed:2026-11-22", ""), "too", path=table)
    version = Table.read(table).version
    table.write_text("half a li")
    assert last_good(table).version == version


def test_an_empty_file_is_half_a_copy_and_no_table_that_trusts_nobody(table: Path) -> None:
    files = InForce(str(table), ())
    good = files.look().table
    table.write_bytes(b"")
    assert files.look().table is good


def test_half_a_copy_is_in_force_only_once_it_was_taken_up_by_force(table: Path) -> None:
    table.write_text(HEADER + "".join(ENTRY.format(f"tree{i}") for i in range(20)))
    set_entry(Entry.make("two.example", "established", "", "judgement:peer-reviewed:2026-11-22", ""), "asked for", path=table)
    files = InForce(str(table), (), Kept())
    good = files.look().table
    table.write_bytes(table.read_bytes()[:600])  # breaks in a line that is no entry any more
    assert files.look().table is good
    table.write_text(HEADER + "".join(ENTRY.format(f"tree{i}") for i in range(9)).rstrip("\n"))
    for each in (files, InForce(str(table), (), Kept())):
        held = each.look()
        assert held.table.version == good.version
        assert "12 of 21 entries" in held.troubles[0]
    note_hand_edits(table, force=True)
    taken = files.look()
    assert taken.troubles == ()
    assert len(taken.table.entries) == 9


def test_a_folder_that_may_not_be_written_costs_the_copy_and_nothing_else(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert InForce(str(table), (), Kept()).look().troubles == ()
    assert [path.name for path in table.parent.iterdir()] == [table.name]


@pytest.mark.parametrize(
    "torn",
    [
        pytest.param(lambda whole: HEADER.encode(), id="header"),
        pytest.param(lambda whole: b"# what is trusted, and why\n", id="comments"),
        pytest.param(lambda whole: b"\n", id="newline"),
        pytest.param(lambda whole: whole[: whole.index(b"site4")], id="four of ten"),
    ],
)
@pytest.mark.parametrize("edited", [False, True])
def test_a_table_most_of_which_is_gone_is_not_taken_up_until_somebody_confirms_it(
    table: Path, torn: Callable[[bytes], bytes], edited: bool
) -> None:
    table.write_text(HEADER + "".join(ENTRY.format(f"site{n}") for n in range(10)))
    if edited:
        set_entry(Entry.make("site9.example", "established", "", "judgement:peer-reviewed:2026-11-22", ""), "asked", path=table)
    before, memory = InForce(str(table), (), Kept()), Kept()
    good, whole = before.look().table, table.read_bytes()
    table.write_bytes(torn(whole))
    for files in (before, InForce(str(table), (), memory), InForce(str(table), (), Kept())):
        seen = files.look()
        assert seen.table.version == good.version
        assert "stays in force" in seen.troubles[0]
        assert edited or copy_path(table).read_bytes() == whole
    assert last_good(table).version == good.version
    with pytest.raises(EditError, match="gone without a command"):
        set_entry(Entry.make("new.example", "primary", "", "judgement:peer-reviewed:2026-11-22", ""), "asked", path=table)
    note_hand_edits(table, force=True)
    if HEADER.encode() in torn(whole):  # what has neither is no table, whoever says so
        assert before.look().troubles == ()
        assert before.look().table.version == Table.read(table).version == last_good(table).version


def test_a_command_may_leave_a_table_without_entries(table: Path) -> None:
    files = InForce(str(table), (), Kept())
    files.look()
    remove_entry("one.example", "no longer", path=table)
    assert files.look().troubles == ()
    assert files.look().table.entries == ()


def test_as_many_other_entries_are_no_half_copy(table: Path) -> None:
    files = InForce(str(table), (), Kept())
    files.look()
    table.write_text(HEADER + ENTRY.format("two"))
    assert files.look().troubles == ()
