"""Rows: what they say, and what they must not say."""

from __future__ import annotations

import shlex
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.alternate import alternate
from benchmarks.machine import ROOT
from benchmarks.result import Ledger, Result, Series, command, of_series
from benchmarks.table import table

NAMES = st.text("abcxyz-_.=", min_size=1, max_size=8).filter(lambda name: name not in (".", ".."))
PARTS = st.lists(st.one_of(NAMES, st.just("..")), min_size=1, max_size=6)


@given(PARTS, st.sampled_from(["/", "../", "/home/ada/", f"{ROOT}/"]), st.sampled_from(["", "--index="]))
def test_a_recorded_command_names_no_folder_outside_the_checkout(parts: list[str], root: str, option: str) -> None:
    path = Path(root + "/".join(parts)).resolve()
    recorded = shlex.split(command(["latency", option + root + "/".join(parts)]))[3].removeprefix(option)
    assert recorded == (path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name)


def test_a_path_in_the_checkout_is_recorded_relative_to_it() -> None:
    assert command(["scale", "--corpus", str(ROOT / "corpus" / "acl")]) == "stepwell bench scale --corpus corpus/acl"
    assert (
        command(["quality", "--collections", "/srv/data/made:test#2/2"]) == "stepwell bench quality --collections 'made:test#2/2'"
    )
    assert command(["scale", "--corpus=/srv/data/acl", "--rounds", "3"]) == "stepwell bench scale --corpus=acl --rounds 3"


def test_rows_are_appended_with_where_they_came_from(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "new" / "rows.jsonl", ["scale", "--quick"])
    ledger.add(Result("scale", "first", 1 / 3, "s"))
    ledger.add(Result("scale", "second", 2.0, "s"), quick=True)
    first, second = map(orjson.loads, ledger.path.read_bytes().splitlines())
    assert (first["name"], first["value"], first["quick"]) == ("first", 0.333333, False)
    assert (second["name"], second["quick"], second["command"]) == ("second", True, "stepwell bench scale --quick")
    assert first["machine"].keys() == {"cpu", "cores", "memory_gb", "python", "platform"}
    assert first["date"].endswith("+00:00")
    assert first["commit"]


def test_contestants_take_turns_in_fresh_folders_and_the_first_round_does_not_count() -> None:
    seen: list[tuple[str, Path]] = []

    def contestant(name: str) -> object:
        def work(folder: Path) -> None:
            assert list(folder.iterdir()) == []
            (folder / "made").touch()
            seen.append((name, folder))

        return work

    seconds = alternate("test", {name: contestant(name) for name in "AB"}, 2)
    assert [name for name, _ in seen] == ["A", "B"] * 3
    assert not any(folder.exists() for _, folder in seen)
    assert {name: len(series.values) for name, series in seconds.items()} == {"A": 2, "B": 2}


def test_a_ratio_is_taken_round_by_round() -> None:
    """A machine that slows down to a tenth in the middle leaves the ratio where it was."""
    ours, theirs = Series((1.0, 10.0, 1.0)), Series((2.0, 20.0, 2.0))
    result = of_series("scale", "x", "items/s", ours.per(100), {}, ("peer", theirs.per(100)))
    assert (result.ratio, result.ratio_low, result.ratio_high) == (2.0, 2.0, 2.0)
    assert (result.low, result.value, result.high) == (10.0, 100.0, 100.0)
    assert result.spread == "min-max of 3 rounds"


def test_the_table_shows_value_spread_ratio_and_peer() -> None:
    line = table([Result("scale", "read", 12345.6, "documents/s", 12000.0, 13000.0, ratio_to="bare loop", ratio=0.5)])
    assert line == "read  12,346 documents/s  [12,000, 13,000]  0.500 x bare loop"


@pytest.mark.parametrize("number", [0.0, 0.12345, 1.9, 42.0, 999.9, 123456.0])
def test_no_figure_shows_more_digits_than_matter(number: float) -> None:
    shown = table([Result("scale", "n", number, "u")]).split()[1]
    assert float(shown.replace(",", "")) == pytest.approx(number, rel=0.01)
    assert len(shown.replace(",", "").replace(".", "").lstrip("0")) <= max(4, len(str(int(number))))
