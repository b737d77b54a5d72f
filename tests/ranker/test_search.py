"""From a query to a ranking, on real indices."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import stepwell
from authority.edit import set_entry
from authority.entry import Entry
from authority.tables import shipped_path
from indexer.build import build, encode
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import EncoderMismatch, IndexOpenError, NotAnIndex
from ranker.errors import QueryError
from ranker.query import Filters, Query
from ranker.ranking import DELTA, Failure, Ranking
from ranker.render import render
from ranker.search import Searcher

NEAR_TIES = {  # query -> the trusted page that stands beside others saying the same
    "how long should I boil water at high altitude": "health.alder.example",
    "how often should I feed my sourdough starter": "tarn.example",
    "how much coffee per litre of water": "tarn.example",
}


class Forgetful:
    """What a server has that begins anew: it may go on with what was last good, and remembers nothing."""

    def recall(self, name: str) -> object | None:
        return None

    def keep(self, name: str, value: object) -> None:
        """Nothing outlives it."""


@pytest.fixture(scope="module")
def sample(sample_index: Path, encoder: Encoder) -> Searcher:
    """The sample corpus, searched with the table made for it, which weighs as much as any may."""
    return Searcher.open(sample_index, authority="sample", encoder=encoder, delta=DELTA)


def _ranking(searcher: Searcher, query: Query | str) -> Ranking:
    (outcome,) = searcher.search([query])
    assert isinstance(outcome, Ranking)
    return outcome


def test_the_obvious_document_comes_first(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        titles = [
            _ranking(index, q).hits[0].title for q in ("tide table", "squealing disc brakes", "feeding a sourdough starter")
        ]
    assert titles == ["Reading a tide table", "Squealing brakes", "Feeding a starter"]


def test_a_document_without_text_is_found_by_its_title(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        hit = _ranking(index, "paper without abstract").hits[0]
    assert hit.title == "A paper without abstract"
    assert hit.passages == ()


def test_every_score_is_the_sum_of_its_terms(sample: Searcher) -> None:
    for hit in _ranking(sample, "how long should I boil water at high altitude").hits:
        t = hit.terms
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.dense + t.authority, abs=1e-9)
        assert hit.relevance == pytest.approx(hit.score - t.authority, abs=1e-9)
        assert 0 <= t.bm25 <= t.best_bm25 <= t.max_bm25
        assert 0 <= t.title_bm25 <= t.max_bm25
        assert -1.00001 <= t.cosine <= 1.00001
        assert t.authority == pytest.approx(DELTA * hit.authority.value)


@pytest.mark.parametrize(("query", "host"), NEAR_TIES.items())
def test_a_near_tie_goes_to_the_trusted_source(sample: Searcher, query: str, host: str) -> None:
    on, off = _ranking(sample, Query(query)), _ranking(sample, Query(query, authority=False))
    assert host in on.hits[0].url
    assert on.hits[0].moved == next(i for i, h in enumerate(off.hits) if h.doc_id == on.hits[0].doc_id)
    assert off.hits[0].relevance - on.hits[0].relevance <= DELTA


def test_trust_weighs_what_the_evidence_allows_unless_somebody_says_otherwise(sample_index: Path, encoder: Encoder) -> None:
    query = next(iter(NEAR_TIES))
    with Searcher.open(sample_index, authority="sample", encoder=encoder) as searcher:
        allowed = searcher.pinned.calibration.delta
        assert 0 < allowed < DELTA
        assert searcher.pinned.calibration.delta_data, "a shipped delta was tried on something"
        ranking = _ranking(searcher, query)
    assert ranking.delta == allowed
    assert all(hit.terms.authority == pytest.approx(allowed * hit.authority.value) for hit in ranking.hits)
    assert f"delta {allowed:g}" in render(ranking)
    with Searcher.open(sample_index, authority="sample", encoder=encoder, delta=0.07) as searcher:
        assert _ranking(searcher, query).delta == 0.07


@pytest.mark.parametrize("delta", [-0.01, 0.21, float("nan")])
def test_nobody_may_widen_a_near_tie_beyond_the_bound(tiny_index: Path, delta: float) -> None:
    with pytest.raises(QueryError, match=r"it must lie in 0\.\.0\.2"):
        Searcher.open(tiny_index, delta=delta)


def test_no_hit_overtook_one_that_led_by_more_than_delta(sample: Searcher) -> None:
    queries = [
        Query(q, k=100) for q in (*NEAR_TIES, "bee swarm", "disc brake squeal", "storing a lithium battery", "heat stroke")
    ]
    for ranking in sample.search(queries):
        assert isinstance(ranking, Ranking)
        best_below = float("-inf")
        for hit in reversed(ranking.hits):
            assert best_below - hit.relevance <= DELTA
            best_below = max(best_below, hit.relevance)


def test_a_ranking_does_not_depend_on_k_or_on_its_batch(sample: Searcher) -> None:
    query = "why does a sourdough starter smell of nail varnish"
    whole = _ranking(sample, Query(query, k=100)).hits
    for k in (1, 3, 10):
        assert [(h.doc_id, h.score) for h in _ranking(sample, Query(query, k=k)).hits] == [(h.doc_id, h.score) for h in whole[:k]]
    beside = sample.search([Query("coffee"), Query(query, k=100), Query("tides and causeways")])[1]
    assert isinstance(beside, Ranking)
    for alone, together in zip(whole, beside.hits, strict=True):
        assert alone.doc_id == together.doc_id
        assert alone.score == pytest.approx(together.score, abs=1e-4)  # b_den times the encoder's 1e-5 across batches


def test_passages_and_highlights_are_exact_spans(sample: Searcher) -> None:
    for hit in _ranking(sample, Query("boiling water at altitude", passages=3)).hits:
        (fetched,) = sample.fetch([hit.doc_id])
        assert not isinstance(fetched, Failure)
        for passage in hit.passages:
            assert fetched.document.text[passage.start : passage.end] == passage.text
            for start, end in passage.highlights:
                assert passage.text[start:end].isalnum()
    assert any(p.highlights for h in _ranking(sample, "boiling water").hits for p in h.passages)


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        (Filters(kinds=("paper",)), lambda hit: hit.kind == "paper"),
        (Filters(sites=("alder.example",)), lambda hit: ".alder.example/" in hit.url),
        (Filters(exclude_sites=("example",)), lambda hit: False),
        (Filters(after="2015", before="2020"), lambda hit: "2015" <= hit.published < "2020"),
        (
            Filters(kinds=("page",), exclude_sites=("besttips4all.example",)),
            lambda hit: hit.kind == "page" and "besttips" not in hit.url,
        ),
    ],
)
def test_filters_let_through_what_they_say(sample: Searcher, filters: Filters, keeps) -> None:
    hits = _ranking(sample, Query("water", k=200, filters=filters)).hits
    assert all(keeps(hit) for hit in hits)
    expected = [h for h in _ranking(sample, Query("water", k=200)).hits if keeps(h)]
    assert len(hits) >= len(expected)


def test_one_bad_query_does_not_harm_its_batch(sample: Searcher) -> None:
    outcomes = sample.search(["tides", "", "x" * 20_000, "lone \udcff surrogate", "bees"])
    assert [type(o) for o in outcomes] == [Ranking, Failure, Failure, Failure, Ranking]
    assert [o.code for o in outcomes if isinstance(o, Failure)] == ["INVALID_ARGUMENT"] * 3


@pytest.mark.parametrize("fields", [{"k": 0}, {"k": 10**9}, {"passages": 11}, {"filters": Filters(after="soon")}])
def test_a_field_out_of_range_is_refused_with_its_range(fields: dict) -> None:
    with pytest.raises(QueryError, match=r"must lie in|is not ISO 8601"):
        Query("tides", **fields)


def test_a_query_of_symbols_says_that_it_has_no_word(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        ranking = _ranking(index, "?!")
    assert ranking.hits == ()
    assert "no searchable word" in ranking.coverage[0]


def test_a_saved_table_and_a_new_generation_are_picked_up_by_reload(tiny_index: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    index, table = shutil.copytree(tiny_index, tmp_path / "index"), tmp_path / "table.tsv"
    shutil.copy(shipped_path("sample"), table)
    with Searcher.open(index, authority=table) as searcher:
        assert searcher.reload() == ()
        before = searcher.status
        set_entry(Entry.make("driftline.example", "primary", "", "judgement:test:2026-01-01"), "test", path=table)
        assert "authority" in searcher.reload()[0]
        assert next(h for h in _ranking(searcher, "tide table").hits if "driftline" in h.url).authority.tier == "primary"
        build([tiny_corpus], index, None, force=True)
        assert "snapshot" in searcher.reload()[0]
        assert searcher.status.snapshot != before.snapshot
        table.write_text("not\ta table")
        assert searcher.reload() == ()
        assert "table.tsv:1: " in searcher.troubles[0]
        assert _ranking(searcher, "tide table").hits


def test_a_table_is_taken_up_though_the_newest_generation_does_not_open(
    tiny_index: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    index, table = shutil.copytree(tiny_index, tmp_path / "index"), tmp_path / "table.tsv"
    shutil.copy(shipped_path("sample"), table)
    with Searcher.open(index, authority=table) as searcher:
        before = searcher.status
        build([tiny_corpus], index, None, force=True)
        broken = max((index / "generations").glob("[0-9]*.json"))
        whole = broken.read_bytes()
        broken.write_bytes(whole[:50])
        set_entry(Entry.make("driftline.example", "primary", "", "judgement:test:2026-01-01"), "test", path=table)
        (change,) = searcher.reload()
        assert change.startswith("authority ")
        assert searcher.status.snapshot == before.snapshot
        assert "the newest generation cannot be opened" in searcher.troubles[0]
        broken.write_bytes(whole)
        (change,) = searcher.reload()
        assert change.startswith("snapshot ")
        assert searcher.troubles == ()
    broken.write_bytes(whole[:50])
    with pytest.raises(IndexOpenError):
        Searcher.open(index, authority=table)
    with Searcher.open(index, authority=table, memory=Forgetful()) as searcher:
        assert searcher.status.snapshot == before.snapshot
        assert searcher.troubles


def test_another_encoder_than_the_index_was_built_with_is_refused(tiny_index: Path, tmp_path: Path, encoder: Encoder) -> None:
    index = shutil.copytree(tiny_index, tmp_path / "index")
    encode(index, encoder)

    class Other:
        name, fingerprint, precision, dim = "other", "0" * 32, "float32", 384
        encode = encoder.encode

    with pytest.raises(EncoderMismatch, match="was encoded with all-MiniLM-L6-v2"):
        Searcher.open(index, encoder=Other())


def test_what_is_not_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnIndex):
        stepwell.open(tmp_path)


def test_fetch_ties_a_document_to_the_hash_of_its_text(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        by_id, by_url, missing = index.fetch(["tiny:2", "https://health.alder.example/2", "tiny:99"])
    assert by_id == by_url
    assert isinstance(missing, Failure)
    assert missing.code == "NOT_FOUND"


def test_a_page_gets_no_authority_from_the_venue_it_claims(tiny_documents) -> None:
    from indexer.columns import source_of

    page = replace(tiny_documents[0], venue="Journal of Coastal Water", identifiers={"issn": "1234-5679"})
    assert source_of(page).venue == source_of(page).issn == ""


def test_addresses_in_a_query_are_not_words() -> None:
    assert Query("see https://t.co/zwLPPXniQh now pic.twitter.com/3S32").words == "see now"
    assert Query("https://alder.example/").words == "https://alder.example/"


def test_words_that_no_document_has_do_not_make_scores_look_low(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        plain, padded = (_ranking(index, q).hits[0] for q in ("tide table", "tide table qzxv wvutq"))
    assert (plain.doc_id, plain.relevance) == (padded.doc_id, padded.relevance)


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "c") as writer:
        writer.add(Document(id="a", title="tide \x1b[31mred", text="tide \x1b]0;owned\x07 and \x9b2J more"))
    build([tmp_path / "c"], tmp_path / "i", None)
    with stepwell.open(tmp_path / "i", authority="off") as index:
        shown = render(_ranking(index, "tide"), explain=True)
    assert "red" in shown
    assert not {c for c in shown if c != "\n" and not c.isprintable()}
