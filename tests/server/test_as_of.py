"""What does a call as of a date get while the manifest of some generation is torn?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from indexer.generation import commit, current, manifest_path
from ranker.search import Searcher
from server.address import Address
from server.client import Asking, Client, Ranking
from server.client.retries import Retries
from server.errors import RequestRefused, ServerUnreachable, status_of

YEARS = {1: "2020", 2: "2021", 3: "2022"}
"""When each generation was committed."""


@pytest.fixture
def index(tiny_index: Path, tmp_path: Path) -> Path:
    """Three generations."""
    index = shutil.copytree(tiny_index, tmp_path / "index")
    first = current(index)
    for number, year in YEARS.items():
        commit(index, replace(first, number=number, created=f"{year}-06-01T23:59:59+00:00"))
    return index


@pytest.mark.parametrize("torn", YEARS)
def test_a_torn_snapshot_and_the_one_before_it_are_unavailable_others_answer_and_before_all_there_is_none(
    index: Path, torn: int, serve: Callable[..., Any]
) -> None:
    with Searcher.open(index, authority="off") as searcher:
        running = serve(searcher, http=Address("127.0.0.1", 0))
        path = manifest_path(index, torn)
        path.write_bytes(path.read_bytes()[:100])

        def asked(day: str) -> int:
            reply = httpx.post(f"{running.http}/v1/batch_search", json={"queries": ["water"], "as_of": day}, trust_env=False)
            return reply.status_code

        with Client(running.address, retries=Retries(attempts=1)) as client:
            for number, year in YEARS.items():
                day = f"{year}-06-01"
                if number in (torn - 1, torn):  # when one ended and the other came is not known
                    with pytest.raises(ServerUnreachable, match=f"as of '{day}' cannot be read") as raised:
                        client.batch_search(["water"], asking=Asking(as_of=day))
                    assert status_of(raised.value) == "UNAVAILABLE"
                    assert str(index) not in str(raised.value)
                    assert asked(day) == 503
                else:
                    [found] = client.batch_search(["water"], asking=Asking(as_of=day))
                    assert isinstance(found, Ranking)
                    assert found.snapshot.startswith(f"{number}-")
                    assert asked(day) == 200
            if torn == 1:  # nobody knows of when it is
                assert asked("1999-01-01") == 503
            else:
                with pytest.raises(RequestRefused, match="no snapshot as of '1999-01-01'"):
                    client.batch_search(["water"], asking=Asking(as_of="1999-01-01"))
                assert asked("1999-01-01") == 400
