"""Tables can be compared, merged and taken back, and every entry has an author."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority.cli import main
from authority.compare import blame, diff
from authority.edit import import_entries, remove_entry, revert_change, set_entry
from authority.entry import Entry
from authority.errors import EditError, TableError
from authority.history import read_history
from authority.table import HEADER, Table, row
from authority.tables import shipped_path

WHY = "judgement:tested here:2026-01-31"


@pytest.fixture(autouse=True)
def user_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "stepwell" / "authority.tsv"


def entry(key: str, tier: str = "reputable") -> Entry:
    return Entry.make(key, tier, "", WHY)


def write(path: Path, *entries: Entry) -> Path:
    path.write_text("".join(f"{line}\n" for line in (HEADER, *map(row, entries))))
    return path


tables = st.dictionaries(
    st.sampled_from(["elm.example", "oak.example", "ash.example", ".yew", "venue:annals"]),
    st.sampled_from(["primary", "reputable"]),
).map(lambda tiers: Table([entry(key, tier) for key, tier in tiers.items()]))


@given(tables, tables)
def test_a_diff_applied_to_the_first_table_gives_the_second(first: Table, second: Table) -> None:
    patched = first
    for each in diff(first, second):
        patched = patched.replacing(each.after) if each.after else patched.without(each.key)
    assert patched.version == second.version
    assert diff(first, first) == ()


@given(tables, tables)
def test_a_diff_the_other_way_round_swaps_before_and_after(first: Table, second: Table) -> None:
    assert [(d.key, d.after, d.before) for d in diff(second, first)] == [(d.key, d.before, d.after) for d in diff(first, second)]


def test_an_import_adds_what_is_new_and_overwrites_nothing(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"), entry("oak.example"))
    theirs = [entry("elm.example", "primary"), entry("oak.example"), entry("ash.example")]
    done = import_entries(theirs, why="merged", who="Ada", path=mine)
    assert [change.key for change in done.changes] == ["ash.example"]
    assert done.conflicts == ((entry("elm.example"), entry("elm.example", "primary")),)
    assert done.unchanged == 1
    assert Table.read(mine).entries == (entry("elm.example"), entry("oak.example"), entry("ash.example"))
    again = import_entries(theirs, why="once more", path=mine)
    assert again.changes == ()
    assert len(read_history(mine)) == 1


def test_an_import_with_replace_takes_theirs_and_signs_each_entry(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"))
    start = Table.read(mine).version
    done = import_entries([entry("elm.example", "primary"), entry("ash.example")], why="merged", path=mine, replace=True)
    assert done.conflicts == ()
    assert Table.read(mine).entries == (entry("elm.example", "primary"), entry("ash.example"))
    changes = read_history(mine)
    assert [(change.action, change.key, change.before) for change in changes] == [
        ("import", "elm.example", row(entry("elm.example"))),
        ("import", "ash.example", ""),
    ]
    assert {(change.version_before, change.version_after) for change in changes} == {(start, Table.read(mine).version)}


def test_every_kind_of_change_can_be_reverted_and_the_revert_too(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"), entry("oak.example"))
    versions = [Table.read(mine).version]
    set_entry(entry("elm.example", "primary"), why="it grew", path=mine)
    remove_entry("oak.example", why="it closed", path=mine)
    import_entries([entry("ash.example")], why="merged", path=mine)
    for number in (3, 2, 1):
        change = revert_change(number, why="too early", path=mine)
        assert change.action == "revert"
    assert Table.read(mine).version == versions[0]
    revert_change(6, why="in time after all", path=mine)
    table = Table.read(mine)
    assert table.get("elm.example") == entry("elm.example", "primary")
    for earlier, later in pairwise(read_history(mine)):
        assert earlier.version_after == later.version_before


def test_a_change_that_was_overtaken_is_not_reverted(tmp_path: Path, user_table: Path) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"))
    set_entry(entry("elm.example", "primary"), why="it grew", path=mine)
    set_entry(entry("elm.example", "accountable"), why="it shrank", path=mine)
    before = mine.read_bytes(), len(read_history(mine))
    with pytest.raises(EditError, match="has changed since change 1"):
        revert_change(1, why="mistake", path=mine)
    for number in (0, -1, 3):
        with pytest.raises(EditError, match=f"no change {number} in the history"):
            revert_change(number, why="mistake", path=mine)
    assert (mine.read_bytes(), len(read_history(mine))) == before
    set_entry(entry("elm.example"), why="ours")
    with pytest.raises(EditError, match="'created' and touched no single entry"):
        revert_change(1, why="mistake")
    assert [change.action for change in read_history(user_table)] == ["created", "set"]


def test_blame_names_the_change_that_made_the_entry_what_it_is(tmp_path: Path, user_table: Path) -> None:
    assert blame(Table.read(shipped_path()), "who.int").origin == "as shipped with Stepwell"
    set_entry(entry("elm.example"), why="ours", who="Ada")
    set_entry(entry("elm.example", "primary"), why="it grew", who="Bo")
    found = blame(Table.read(user_table), "ELM.example")
    assert found.change is not None
    assert (found.number, found.change.who, found.change.why) == (3, "Bo", "it grew")
    assert blame(Table.read(user_table), "who.int").origin == "as shipped with Stepwell"
    user_table.write_text(user_table.read_text().replace("elm.example\tprimary", "elm.example\taccountable"))
    by_hand = blame(Table.read(user_table), "elm.example")
    assert (by_hand.change, by_hand.origin) == (None, "written into the file by hand, after change 3")
    link = tmp_path / "link.tsv"
    link.symlink_to(user_table)
    assert blame(Table.read(link), "elm.example").origin == by_hand.origin
    with pytest.raises(EditError, match=r"no entry 'ash\.example'"):
        blame(Table.read(user_table), "ash.example")


def test_export_writes_what_import_reads_and_never_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tsv"
    assert main(["export", "--table", "sample", "--out", str(out)]) == 0
    assert main(["export", "--table", "sample"]) == 0
    assert out.read_bytes().decode() in capsys.readouterr().out
    with pytest.raises(EditError, match="is there already"):
        main(["export", "--out", str(out)])
    mine = write(tmp_path / "mine.tsv")
    assert main(["import", str(out), "--table", str(mine), "--why", "all of it", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conflicts"] == []
    assert diff(Table.read(out), Table.read(mine)) == ()


def test_import_lists_conflicts_and_bad_lines_and_is_strict_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"))
    theirs = write(tmp_path / "theirs.tsv", entry("elm.example", "primary"), entry("ash.example"))
    theirs.write_text(f"{theirs.read_text()}www.oak.example\tprimary\t\t{WHY}\t\n")
    call = ["import", str(theirs), "--table", str(mine), "--why", "merged"]
    assert main(call) == 0
    out = capsys.readouterr().out
    assert "conflict: elm.example" in out
    assert f"set aside: {theirs}:4: key 'www.oak.example' lies below" in out
    assert "1 added, 0 replaced, 0 unchanged, 1 in conflict and left as ours, 1 lines set aside" in out
    assert main([*call, "--strict"]) == 1
    assert "is as it was" in capsys.readouterr().out
    with pytest.raises(TableError, match="no such file"):
        main(["import", str(tmp_path / "nowhere.tsv"), "--why", "merged"])


def test_diff_history_revert_and_blame_print_who_what_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = write(tmp_path / "mine.tsv", entry("elm.example"))
    other = write(tmp_path / "other.tsv", entry("elm.example", "primary"), entry("ash.example"))
    set_entry(entry("elm.example", "accountable"), why="it shrank", who="Ada", path=mine)
    assert main(["diff", str(mine), str(other)]) == 0
    out = capsys.readouterr().out
    assert f"- elm.example  accountable    {WHY}" in out
    assert f"+ elm.example  primary    {WHY}" in out
    assert "1 added, 0 removed, 1 changed" in out
    assert main(["blame", "elm.example", "--table", str(mine)]) == 0
    assert "change 1, set, " in capsys.readouterr().out
    assert main(["revert", "1", "--table", str(mine), "--why", "too harsh"]) == 0
    assert f"+ elm.example  reputable    {WHY}" in capsys.readouterr().out
    assert main(["history", "--table", str(mine), "--key", "elm.example", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [(change["number"], change["action"], change["why"]) for change in changes] == [
        (1, "set", "it shrank"),
        (2, "revert", "too harsh"),
    ]
