"""Can a page take its worker down, and not the crawl?"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

import crawler.web.workers
from crawler.web.scope import Scope
from crawler.web.understand import Answer, understand
from crawler.web.workers import PageBreaksWorker, Workers

SCOPE = Scope(frozenset({"alder.example"}))


@pytest.fixture
def workers() -> Iterator[Workers]:
    with closing(Workers(2)) as pool:
        yield pool


def test_a_crash_costs_one_page_and_not_those_beside_it(workers: Workers) -> None:
    async def all_of_them() -> list[object]:
        steps = [workers.run(os._exit, 3), *(workers.run(divmod, n, 7) for n in range(8))]
        return await asyncio.gather(*steps, return_exceptions=True)

    crashed, *others = asyncio.run(all_of_them())
    assert isinstance(crashed, PageBreaksWorker)
    assert others == [divmod(n, 7) for n in range(8)]


def test_too_much_memory_is_a_reason(workers: Workers) -> None:
    with pytest.raises(PageBreaksWorker, match="memory"):
        asyncio.run(workers.run(bytes, 5 * 1024**3))


def test_too_much_time_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawler.web.workers, "SECONDS", 0.3)
    with closing(Workers(1)) as pool, pytest.raises(PageBreaksWorker, match="took over"):
        asyncio.run(pool.run(time.sleep, 30))


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 10_000 + b"deep water" + b"</div>" * 10_000,
        b"<a href=/x>" * 20_000,
        b"<table><tr><td>" * 5_000,
        b"\0" * 1_000_000,
        b" " * 10_000_000,
        b"<p>" + bytes(range(256)) * 2_000,
        b"<!--" * 100_000,
        b"<p " + b"a=1 " * 100_000 + b">text</p>",
        "<p>texte</p>".encode("utf-16-le"),
        b"&#xd800;&#0;<p>&#x110000;",
        b'<base href="http://[bad"><a href=//[>x</a><p>A page with a base that is none.',
    ],
    ids=["nested", "anchors", "tables", "nothing", "blank", "bytes", "comments", "attributes", "utf-16", "surrogates", "base"],
)
def test_a_hostile_page_is_read_or_set_aside(workers: Workers, body: bytes) -> None:
    found = asyncio.run(workers.run(understand, Answer("http://alder.example/", body, "html"), SCOPE))
    assert bool(found.document) != bool(found.reason)


def test_a_pdf_without_text_is_set_aside_for_the_reason_that_its_reader_gives() -> None:
    found = understand(Answer("http://alder.example/plan.pdf", b"%PDF-1.4 and then nothing", "pdf"), SCOPE)
    assert (found.document, found.reason) == (b"", "broken PDF")
