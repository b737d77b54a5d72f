"""Does no caller notice, and is no answer wrong, when something goes wrong beside or below the server?

The same faults as `stepwell bench faults`, a little of each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.faults import faults
from benchmarks.faults.fault import SMALL, Fault

pytestmark = pytest.mark.long


def tried(name: str, index: Path, work: Path) -> Fault:
    """The one row of a fault, in which nothing failed and nothing was mixed."""
    rows = list(faults(index, [name], SMALL, work))
    if not rows:
        pytest.skip("no tmpfs may be mounted here, so no disk can be full")
    (row,) = rows
    assert row.sent > 20
    assert (row.failed, row.mixed) == (0, 0), row.first
    return row


@pytest.mark.parametrize("name", ["reload", "reload-2"])
def test_nobody_notices_new_generations_and_tables(name: str, sample_index: Path, tmp_path: Path) -> None:
    tried(name, sample_index, tmp_path)


def test_nobody_who_asks_again_notices_that_a_worker_was_killed(sample_index: Path, tmp_path: Path) -> None:
    row = tried("killed", sample_index, tmp_path)
    assert row.counts["restarts"] == SMALL.kills


def test_a_full_disk_refuses_edits_loses_none_that_was_acknowledged_and_fails_no_search(
    sample_index: Path, tmp_path: Path
) -> None:
    row = tried("full", sample_index, tmp_path)
    assert (row.counts["refused"], row.counts["acknowledged"]) == (SMALL.edits, SMALL.edits)
    assert (row.counts["torn"], row.counts["lost"]) == (0, 0)


def test_a_file_that_decays_is_withdrawn_by_every_worker_once_one_has_found_it(sample_index: Path, tmp_path: Path) -> None:
    tried("damage", sample_index, tmp_path)


def test_slow_clients_keep_nobody_waiting_and_are_hung_up_on(sample_index: Path, tmp_path: Path) -> None:
    row = tried("slow", sample_index, tmp_path)
    assert row.counts["hung_up_on"] >= SMALL.slow  # those that send; readers have a minute


def test_half_open_connections_keep_nobody_waiting_and_are_hung_up_on(sample_index: Path, tmp_path: Path) -> None:
    row = tried("half-open", sample_index, tmp_path)
    assert row.counts["hung_up_on"] == row.counts["connections"]  # after 10 s over gRPC, 15 s over HTTP


def test_idle_connections_are_kept_and_keep_nobody_waiting(sample_index: Path, tmp_path: Path) -> None:
    row = tried("idle", sample_index, tmp_path)
    assert row.counts["hung_up_on"] == 0
