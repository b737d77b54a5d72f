"""Real packages of others, each in an environment of its own, against our server by nothing but its address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.environments import NAMES, Unavailable
from tests.clients.table import TABLE, run
from tests.server.conftest import Running

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def running(tiny_index: Path) -> object:
    from ranker.search import Searcher
    from server.address import Address

    with Searcher.open(tiny_index, authority="sample") as searcher:
        running = Running(searcher, http=Address("127.0.0.1", 0))
        yield running
        running.stop()


@pytest.mark.parametrize("name", NAMES)
def test_a_real_client_works_by_its_address_alone(name: str, running: Running, tiny_index: Path) -> None:
    try:
        rows = run(name, running.http, running.address, tiny_index)
    except Unavailable as error:
        pytest.skip(str(error))
    known = TABLE.read_text()
    for row in rows:
        assert f"| {row.package} |" in known
        assert row.what in known
