"""A filter means the same to both retrievers, at any selectivity: what the document itself says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from indexer.build import build
from indexer.columns import host_of, language_of
from indexer.corpus import CorpusWriter
from indexer.day import day_of
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.index import Index
from indexer.restriction import Restriction, allowed
from indexer.selection import best
from ranker.bm25 import LexicalQuery, bm25
from ranker.query import Filters, Query
from ranker.search import Searcher

HOSTS = ("a.example", "b.a.example", "ba.example", "a-b.example", "other.example", "")
DATES = ("", "1999", "2020-06", "2020-06-15", "2024-01-01", "nonsense")
COLLECTIONS, LANGUAGES, CLUSTERS = ("c0", "c1", "c2"), ("", "en", "pt-BR", "de"), ("", "w1", "w2")
WORDS = ("tide", "moon", "bread", "brake")

SITES = ((), ("a.example",), ("example",), ("b.a.example", "other.example"), ("=a.example",), (".a.example",))
restrictions = st.builds(
    Restriction,
    kinds=st.sampled_from([(), ("page",), ("paper", "page"), ("film",)]),
    collections=st.sampled_from([(), ("c0",), ("c1", "c2"), ("none",)]),
    sites=st.sampled_from(SITES),
    only=st.sampled_from(SITES),
    exclude_sites=st.sampled_from(SITES),
    languages=st.sampled_from([(), ("en",), ("pt", "unknown"), ("EN-gb",)]),
    retracted=st.sampled_from([(), ("true",), ("false", "unknown")]),
    clusters=st.sampled_from([(), ("w1",), ("w1", "w2", "w3")]),
    first_day=st.sampled_from([None, day_of("1999"), day_of("2020-06-02"), day_of("2030")]),
    end_day=st.sampled_from([None, day_of("2020-06-15"), day_of("2021")]),
    undated=st.booleans(),
)


def _under(host: str, sites: tuple[str, ...]) -> bool:
    itself = [host == site.lstrip("=") for site in sites if site[0] != "."]
    below = [host.endswith("." + site.lstrip(".")) for site in sites if site[0] != "="]
    return bool(host) and any(itself + below)


def passes(document: Document, wanted: Restriction) -> bool:
    """The filter again, one document at a time and in words."""
    host, day = host_of(document.url), day_of(document.published)
    said = {None: "unknown", True: "true", False: "false"}[document.retracted]
    language = language_of(document.language) or "unknown"
    dated = wanted.first_day is not None or wanted.end_day is not None
    inside = day is not None and (wanted.first_day or -(10**9)) <= day < (10**9 if wanted.end_day is None else wanted.end_day)
    return (
        (not wanted.kinds or document.kind in wanted.kinds)
        and (not wanted.collections or document.collection in wanted.collections)
        and (not wanted.sites or _under(host, wanted.sites))
        and (not wanted.only or _under(host, wanted.only))
        and not _under(host, wanted.exclude_sites)
        and (not wanted.languages or language in {language_of(code) for code in wanted.languages})
        and (not wanted.retracted or said in wanted.retracted)
        and (not wanted.clusters or document.cluster in wanted.clusters)
        and (not dated or inside or (wanted.undated and day is None))
    )


Corpus = tuple[Index, list[Document]]


@pytest.fixture(scope="module", params=["exact", "hnsw", "ivf-rabitq", "ivf-pq"])
def laid_out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, letters: Encoder) -> Corpus:
    """The same with vectors in one of the layouts, asked through its structure however few are left; some are deleted."""
    folder = tmp_path_factory.mktemp(request.param)
    drawn = _draw(400)
    with CorpusWriter(folder / "corpus") as writer:
        for document in drawn:
            writer.add(document)
    build([folder / "corpus"], folder / "index", letters, layout=request.param, mix="all")
    gone = {d.id for d in drawn[:40]}
    delete(folder / "index", gone)
    index = Index.open(folder / "index")
    assert [entry.layout for entry in index.manifest.segments] == [request.param]
    index.segments = tuple(replace(s, dense=replace(s.dense, scan_up_to=0)) for s in index.segments if s.dense)
    return index, [d for d in drawn if d.id not in gone]


@given(restrictions, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), st.sampled_from([1, 20, 1_000]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_a_filter_means_the_same_to_vectors_in_every_layout(
    laid_out: Corpus, letters: Encoder, restriction: Restriction, text: str, depth: int
) -> None:
    index, live = laid_out
    query = letters.encode([text], "query")
    (found,) = index.dense_candidates(query, depth, restriction)
    passing = {d.id for d in live if passes(d, restriction)}
    ids = index.ids(index.documents_of(found))
    assert set(ids) <= passing
    assert len(ids) == len(set(ids)) == min(depth, len(passing)), "as many as there are, up to the depth"
    if depth > len(passing):
        lexical = index.lexical_candidates(list(WORDS), 1_000, restriction)
        assert _found(index, lexical) == set(ids), "both retrievers see the same documents"
    if index.manifest.segments[0].layout == "exact":
        everything = np.arange(index.manifest.segments[0].passages)
        allowed_rows = everything[[name in passing for name in index.ids(index.documents_of(everything))]]
        best_cosines = np.sort(index.cosines(allowed_rows, query[0]))[::-1][:depth]
        assert np.allclose(np.sort(index.cosines(found, query[0]))[::-1], best_cosines, atol=1e-6)


@pytest.fixture(scope="module", params=[0, 40], ids=["whole", "with deletions"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Four hundred documents drawn once, of which some are deleted."""
    folder = tmp_path_factory.mktemp("filters")
    drawn = _draw(400)
    with CorpusWriter(folder / "corpus") as writer:
        for document in drawn:
            writer.add(document)
    build([folder / "corpus"], folder / "index", None)
    gone = {d.id for d in drawn[: request.param]}
    if gone:
        delete(folder / "index", gone)
    return Index.open(folder / "index"), [d for d in drawn if d.id not in gone]


def _draw(count: int) -> list[Document]:
    """`count` documents, the same ones in every run."""
    pick = random.Random(4).choice
    return [
        Document(
            id=f"d{i}",
            title=" ".join(pick(WORDS) for _ in range(1 + i % 6)),
            kind=pick(("page", "paper")),
            url=f"https://{host}/x" if (host := pick(HOSTS)) else "",
            published=pick(DATES),
            collection=pick(COLLECTIONS),
            language=pick(LANGUAGES),
            retracted=pick((None, True, False)),
            cluster=pick(CLUSTERS),
        )
        for i in range(count)
    ]


def _found(index: Index, passages: np.ndarray) -> set[str]:
    return set(index.ids(index.documents_of(passages)))


@given(restrictions)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_passes_is_what_the_documents_say(corpus: Corpus, restriction: Restriction) -> None:
    index, live = corpus
    expected = {d.id for d in live if passes(d, restriction)}
    columns = [np.flatnonzero(allowed(s.columns, restriction)) for s in index.segments]
    assert expected == set().union(*(set(s.columns.ids(rows)) for s, rows in zip(index.segments, columns, strict=True))) & {
        d.id for d in live
    }
    tides = {d.id for d in live if "tide" in d.title.split() and passes(d, restriction)}
    assert _found(index, index.lexical_candidates(["tide"], 1000, restriction)) == tides
    assert _found(index, index.lexical_candidates(["tide"], 1000, restriction, _exact(index, "tide"))) == tides


def _exact(index: Index, text: str) -> Callable[[np.ndarray], np.ndarray]:
    return partial(bm25, LexicalQuery.parse(text, index), index, k1=1.2, b=0.75)


@given(restrictions, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), st.integers(1, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much], deadline=None)
def test_under_a_filter_that_leaves_few_the_best_are_found_exactly(
    corpus: Corpus, restriction: Restriction, text: str, depth: int
) -> None:
    index, live = corpus
    score = _exact(index, text)
    everything = np.arange(sum(len(s.passages) for s in index.segments))
    allowed_ids = {d.id for d in live if passes(d, restriction)}
    selected = everything[[i in allowed_ids for i in index.ids(index.documents_of(everything))]]
    assume(len(selected) <= depth)  # of more the postings propose, by weights of their own
    expected = sorted(score(best(selected, score, depth)), reverse=True)
    found = score(index.lexical_candidates(text.split(), depth, restriction, score))
    assert sorted(found, reverse=True)[:depth] == expected


def test_a_host_is_read_as_a_browser_reads_it() -> None:
    assert host_of("https://evil.example\\@who.int/") == "evil.example"
    assert host_of("https://BÜCHER.example/x") == host_of("https://xn--bcher-kva.example/") == "xn--bcher-kva.example"


def test_dates_and_hosts_are_read_at_the_precision_they_have() -> None:
    assert day_of("1970") == 0
    assert day_of("1970-02") == 31
    assert day_of("1970-01-02T10:00") == 1
    assert [day_of(d) for d in ("", "soon", "2020-13", "2020-02-30")] == [None] * 4
    assert [language_of(tag) for tag in ("", "EN", "pt-BR", "zh_Hans")] == ["", "en", "pt", "zh"]


@pytest.mark.parametrize("site", ["münchen.example", "=xn--mnchen-3ya.example", "MÜNCHEN.example", "=mu\u0308nchen.example"])
def test_a_host_is_the_same_in_its_own_letters_and_as_the_name_system_has_it(tmp_path: Path, site: str) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        for i, host in enumerate(("münchen.example", "xn--mnchen-3ya.example", "munchen.example", "müll.example")):
            writer.add(Document(f"d{i}", title="tide", url=f"https://{host}/a"))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with Index.open(tmp_path / "index") as reader:
        (segment,) = reader.segments
        for field in ("sites", "hosts", "only", "typed_sites"):
            inside = segment.selected(Restriction(**{field: (site,)}))
            assert inside is not None
            assert inside.mask.tolist() == [True, True, False, False]
        outside = segment.selected(Restriction(exclude_sites=(site,)))
        assert outside is not None
        assert outside.mask.tolist() == [False, False, True, True]
    assert delete(tmp_path / "index", (), Restriction(sites=(site,))).deleted == 2


@pytest.mark.parametrize("text", ["tide site:münchen.example", "site:https://München.example/", "tide -site:müll.example"])
def test_a_typed_host_may_have_letters_of_any_script(tmp_path: Path, text: str) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        for i, host in enumerate(("www.münchen.example", "müll.example")):
            writer.add(Document(f"d{i}", title="tide", url=f"https://{host}/a"))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with Searcher.open(tmp_path / "index") as searcher:
        (ranking,) = searcher.search([Query(text)])
        assert [hit.doc_id for hit in ranking.hits] == ["d0"]
        (ranking,) = searcher.search([Query("tide", filters=Filters(hosts=("www.MÜNCHEN.example",)))])
        assert [hit.doc_id for hit in ranking.hits] == ["d0"]
