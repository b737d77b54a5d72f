"""`bench server`: every part on a small index, and pictures that show the record."""

from __future__ import annotations

import asyncio
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from benchmarks.cli import main
from benchmarks.errors import ServerFailed
from benchmarks.served import command, started
from benchmarks.serving.figures import figures
from benchmarks.serving.load import Load, Outcomes, run
from benchmarks.serving.pictures import draw, latest


def row(name: str, unit: str, value: float, **parameters: float) -> bytes:
    return orjson.dumps({"benchmark": "server", "name": name, "unit": unit, "value": value, "parameters": parameters})


def write(path: Path) -> Path:
    rows = [row("stage encode", "ms", 5.0, batch=1), row("stage wire", "ms", 1.0, batch=1)]
    rows += [
        row(f"1 worker, batch 1, {calls} at once", unit, 10.0 * calls, batch=1, workers=1, calls=calls)
        for calls in (1, 2)
        for unit in ("queries/s", "p50 ms/call", "p99 ms/call")
    ]
    rows += [
        row(f"overload, batch 1, {factor:g} x capacity", unit, 0.5, batch=1, factor=factor, deadline=1.0)
        for factor in (1.0, 4.0)
        for unit in ("queries/s in time", "p99 ms/call answered", "share refused", "share of answers degraded")
    ]
    path.write_bytes(b"\n".join(rows) + b"\n")
    return path


def test_pictures_show_the_latest_row_of_each_figure(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra `plots`")
    old = write(tmp_path / "rows")
    with old.open("ab") as file:
        file.write(row("stage wire", "ms", 7.25, batch=1) + b"\n")
    assert [r.value for r in latest(old) if r.name == "stage wire"] == [7.25]
    written = draw(old, tmp_path / "pictures")
    assert [path.stem for path in written] == ["curves", "overload", "stages"]
    for path in written:
        ElementTree.parse(path)
    assert "wire 7.25" in (tmp_path / "pictures" / "stages.svg").read_text()


def test_without_rows_nothing_is_drawn(tmp_path: Path) -> None:
    assert draw(tmp_path / "none", tmp_path / "pictures") == []


def test_calls_that_were_not_answered_are_no_throughput() -> None:
    seen = Outcomes(2.0, took=[0.1, 0.2])
    assert {result.unit: result.value for result in figures("x", Load(8, seconds=2.0), [seen], {})}["queries/s"] == 8
    seen.codes["UNAVAILABLE"] += 1
    with pytest.raises(ServerFailed, match="UNAVAILABLE"):
        list(figures("x", Load(8), [seen], {}))


def test_a_closed_loop_on_a_machine_that_is_too_slow_counts_one_call_over_the_time_it_took(tiny_index: Path) -> None:
    with started(command(tiny_index, "off")) as running:
        seen = asyncio.run(run(Load(1, calls=2, seconds=1e-6), running.address, ["tides"]))
    assert len(seen.took) == 1
    assert seen.seconds >= seen.took[0]


@pytest.mark.long
def test_every_part_runs_and_says_what_it_is_beside(tmp_path: Path, tiny_index: Path) -> None:
    out = tmp_path / "rows"
    parts = ["wire", "overhead", "curves", "overload"]
    assert main(["server", "--index", str(tiny_index), "--parts", *parts, "--seconds", "0.4", "--out", str(out)]) == 0
    found = {(r["name"], r["unit"]): r for r in map(orjson.loads, out.read_bytes().splitlines())}
    assert found["wire alone, gRPC, batch 32", "queries/s"]["ratio_to"] == "bare gRPC"
    assert found["wire alone, HTTP, batch 32", "queries/s"]["value"] > 0
    assert found["gRPC, overhead, batch 8", "queries/s"]["ratio_to"] == "the index in process"
    assert found["1 worker, batch 1, 16 at once", "p99 ms/call"]["parameters"]["workers"] == 1
    beyond = found["overload, batch 8, 4 x capacity", "queries/s in time"]
    assert beyond["parameters"]["offered"] == pytest.approx(4 * beyond["parameters"]["capacity"])
    assert {name for name, _ in found} >= {f"stage {stage}" for stage in ("lexical", "features", "rank", "hits", "wire")}
