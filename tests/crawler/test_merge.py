"""Several corpora become one: which records are one document, which documents one cluster, and what stays apart."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cli import main
from crawler.errors import SourceError, UsageError
from crawler.merging.agreement import one_document, one_title, one_work, one_work_by_title, record_of, title_claim
from crawler.merging.fields import _authors, one_of, order_of
from crawler.merging.identity import identity
from crawler.merging.merge import Merged, merge
from crawler.merging.titles import alike, family_name, normal_title
from indexer.corpus import CorpusWriter, read_corpus
from indexer.document import Document, Section
from indexer.errors import CorpusError

ROOT = Path(__file__).resolve().parents[2]
WELLS = "Stepwells of the Dry West: Counting the Stairs of Four Hundred Reservoirs"


def paper(
    doc_id: str, title: str = WELLS, author: str = "Mira Alder", year: str = "2019", text: str = "", **names: str
) -> Document:
    authors = (author,) if author else ()
    return Document(id=doc_id, title=title, text=text, kind="paper", authors=authors, published=year, identifiers=names)


def corpus(path: Path, *documents: Document) -> Path:
    with CorpusWriter(path) as writer:
        for document in documents:
            writer.add(document)
    return path


def merged(tmp_path: Path, *documents: Document) -> tuple[Merged, dict[str, Document]]:
    """Each document in a corpus of its own, merged."""
    corpora = [corpus(tmp_path / f"in{i}", document) for i, document in enumerate(documents)]
    outcome = merge(corpora, tmp_path / "out")
    return outcome, {document.id: document for document in read_corpus(tmp_path / "out")}


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("doi", "10.1000/ABC", "https://doi.org/10.1000/abc"),
        ("pmid", "123", "PMID: 0123"),
        ("pmcid", "PMC77", "77"),
        ("acl", "P19-1001", "p19-1001"),
        ("arxiv", "1906.00001v2", "arXiv:1906.00001v2"),
        ("s2", "5", "CorpusID:5"),
    ],
)
def test_records_that_share_a_strong_name_become_one_document(tmp_path: Path, scheme: str, one: str, other: str) -> None:
    outcome, documents = merged(tmp_path, paper("acl:a", **{scheme: one}), paper("s2:5", title=WELLS.upper(), **{scheme: other}))
    assert (outcome.records, outcome.documents, outcome.merged, outcome.clusters) == (2, 1, 1, 0)
    (document,) = documents.values()
    assert (document.id, document.title, document.sources, document.cluster) == ("acl:a", WELLS, ("acl:a", "s2:5"), "")


def test_names_chain_over_sources_that_agree(tmp_path: Path) -> None:
    records = (
        paper("pubmed:1", pmid="1", doi="10.1000/a"),
        paper("crossref:a", doi="10.1000/A"),
        paper("pmc:7", pmid="1", pmcid="PMC7"),
    )
    _, documents = merged(tmp_path, *records)
    (document,) = documents.values()
    assert document.sources == ("crossref:a", "pmc:7", "pubmed:1")
    assert document.identifiers == {"pmid": "1", "doi": "10.1000/a", "pmcid": "PMC7"}


def test_one_doi_on_two_titles_is_kept_apart_and_reported(tmp_path: Path) -> None:
    other = paper("crossref:1", "On the Feeding Habits of the Common Swift", "Otto Birk", doi="10.1000/a")
    outcome, documents = merged(tmp_path, paper("acl:a", doi="10.1000/a"), other)
    assert set(documents) == {"acl:a", "crossref:1"}
    assert not any(document.cluster for document in documents.values())
    assert outcome.counts is not None
    assert outcome.counts.set_aside == {"one doi, different titles": 1}
    (said,) = (tmp_path / "out" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(said)["where"] == "doi:10.1000/a"
    assert "crossref:1" in json.loads(said)["excerpt"]


def test_a_wrong_name_in_the_middle_does_not_chain_different_works(tmp_path: Path) -> None:
    swifts = "On the Feeding Habits of the Common Swift"
    right = paper("acl:a", acl="P19-1001"), paper("pubmed:2", swifts, "Otto Birk", pmid="2")
    wrong = paper("s2:9", acl="P19-1001", pmid="2"), paper("openalex:W1", swifts, "Otto Birk", pmid="2")
    _, documents = merged(tmp_path, *right, *wrong)
    assert {document.sources for document in documents.values()} == {("acl:a", "s2:9"), ("openalex:W1", "pubmed:2")}
    assert not any(document.cluster for document in documents.values())


def test_an_untitled_record_does_not_tie_two_titles_together(tmp_path: Path) -> None:
    nameless = Document(id="x:10.1000/b", title="10.1000/b", kind="paper", identifiers={"doi": "10.1000/b", "pmid": "3"})
    records = paper("crossref:b", "Salt in Old Bread", doi="10.1000/b"), paper("pubmed:3", "A Winter of Bees", pmid="3"), nameless
    _, documents = merged(tmp_path, *records)
    assert len(documents) == 2
    assert {len(document.sources) for document in documents.values()} == {0, 2}


def test_an_erratum_and_a_second_part_are_not_the_work(tmp_path: Path) -> None:
    records = [
        paper("a:1", doi="10.1000/a"),
        paper("b:1", f"Erratum to: {WELLS}", doi="10.1000/a"),
        paper("c:1", f"{WELLS} II", doi="10.1000/a"),
    ]
    _, documents = merged(tmp_path, *records)
    assert len(documents) == 3
    assert not any(document.cluster for document in documents.values())


def test_a_retracted_mark_in_front_of_a_title_is_the_same_work(tmp_path: Path) -> None:
    records = (
        paper("crossref:a", doi="10.1000/a"),
        replace(paper("pubmed:1", f"RETRACTED: {WELLS}", doi="10.1000/a"), retracted=True),
    )
    _, documents = merged(tmp_path, *records)
    (document,) = documents.values()
    assert document.retracted is True


def test_a_register_without_subtitles_is_believed_where_the_first_author_agrees(tmp_path: Path) -> None:
    long, short = "WELLS: Counting the Stairs of Four Hundred Reservoirs", paper("crossref:a", "Wells", doi="10.1000/a")
    _, documents = merged(tmp_path / "same", paper("acl:a", long, doi="10.1000/a"), short)
    assert len(documents) == 1
    _, documents = merged(tmp_path / "other", paper("acl:a", long, "Otto Birk", doi="10.1000/a"), short)
    assert len(documents) == 2


def test_a_translated_title_is_known_by_the_original_beside_it(tmp_path: Path) -> None:
    french = "Les puits à degrés de l'Ouest aride"
    english = replace(paper("pubmed:1", doi="10.1000/a"), details={"original_title": french})
    _, documents = merged(tmp_path, english, paper("crossref:a", french, doi="10.1000/a"))
    assert len(documents) == 1


def test_preprint_published_version_and_revisions_are_a_cluster_of_documents(tmp_path: Path) -> None:
    records = [
        paper("arxiv:1906.00001v1", year="2019", arxiv="1906.00001v1"),
        paper("arxiv:1906.00001", year="2019", arxiv="1906.00001v2", doi="10.1000/a"),
        paper("crossref:a", year="2020", doi="10.1000/a"),
        paper("s2:5", year="2020", doi="10.1000/a", arxiv="1906.00001"),
        paper("other:1", "A Winter of Bees in Four Unheated Hives"),
    ]
    outcome, documents = merged(tmp_path, *records)
    assert set(documents) == {"arxiv:1906.00001v1", "arxiv:1906.00001", "crossref:a", "other:1"}
    assert {document.cluster for document in documents.values() if document.id != "other:1"} == {"arxiv:1906.00001"}
    assert documents["other:1"].cluster == ""
    assert documents["crossref:a"].sources == ("crossref:a", "s2:5")
    assert (outcome.clusters, outcome.clustered) == (1, 3)


def test_a_preprint_under_another_title_is_clustered_by_its_doi_only_with_the_same_author(tmp_path: Path) -> None:
    article = paper("crossref:a", "Four Hundred Reservoirs and Their Uses", year="2021", doi="10.1000/a")
    preprint = paper("arxiv:1906.00001", arxiv="1906.00001v1", doi="10.1000/a")
    _, documents = merged(tmp_path / "same", article, preprint)
    assert {document.cluster for document in documents.values()} == {"arxiv:1906.00001"}
    outcome, documents = merged(tmp_path / "other", replace(article, authors=("Otto Birk",)), preprint)
    assert {document.cluster for document in documents.values()} == {""}
    assert outcome.counts is not None
    assert outcome.counts.set_aside == {"one doi, different titles": 1}


def test_an_arxiv_number_without_version_is_the_newest_version(tmp_path: Path) -> None:
    versions = [paper(f"arxiv:1906.00001v{v}", arxiv=f"1906.00001v{v}") for v in (1, 2, 10)]
    _, documents = merged(tmp_path, *versions, paper("openalex:W1", doi="10.48550/arXiv.1906.00001"))
    assert documents["arxiv:1906.00001v10"].sources == ("arxiv:1906.00001v10", "openalex:W1")
    assert len(documents) == 3
    assert len({document.cluster for document in documents.values()}) == 1


def test_title_and_first_author_cluster_but_never_merge(tmp_path: Path) -> None:
    records = paper("acl:a", year="2019-06"), paper("crossref:b", WELLS.lower(), "M. Alder", "2021", doi="10.1000/b")
    outcome, documents = merged(tmp_path, *records)
    assert (outcome.documents, outcome.merged) == (2, 0)
    assert {document.cluster for document in documents.values()} == {"acl:a"}


@pytest.mark.parametrize(
    "other",
    [
        paper("b:1", author="Otto Birk"),
        paper("b:1", year="2022"),
        paper("b:1", year=""),
        paper("b:1", author=""),
        paper("b:1", f"{WELLS} Revisited"),
        replace(paper("b:1"), kind="page"),
    ],
)
def test_title_alone_clusters_nothing(tmp_path: Path, other: Document) -> None:
    _, documents = merged(tmp_path, paper("a:1"), other)
    assert {document.cluster for document in documents.values()} == {""}


def test_short_titles_never_cluster(tmp_path: Path) -> None:
    _, documents = merged(tmp_path, *(paper(f"{source}:1", "Introduction to the Special Issue") for source in "ab"))
    assert {document.cluster for document in documents.values()} == {""}


def test_years_do_not_add_up_along_a_chain_of_equal_titles(tmp_path: Path) -> None:
    _, documents = merged(tmp_path, *(paper(f"a:{year}", year=str(year)) for year in (2010, 2012, 2014, 2016)))
    for cluster in {document.cluster for document in documents.values()} - {""}:
        years = [int(document.published) for document in documents.values() if document.cluster == cluster]
        assert max(years) - min(years) <= 2


def test_two_papers_of_one_register_stay_two_even_under_one_doi(tmp_path: Path) -> None:
    _, documents = merged(
        tmp_path, paper("acl:P19-1001", acl="P19-1001", doi="10.1000/a"), paper("acl:P19-1002", acl="P19-1002", doi="10.1000/a")
    )
    assert len(documents) == 2
    assert {document.cluster for document in documents.values()} == {"acl:P19-1001"}


def test_one_id_with_two_titles_sets_one_aside_and_says_so(tmp_path: Path) -> None:
    records = (Document(id="file:a.md", title=title, kind="file") for title in ("Salt in old bread", "A winter of bees"))
    outcome, documents = merged(tmp_path, *records)
    assert len(documents) == 1
    assert outcome.counts is not None
    assert outcome.counts.set_aside == {"one id, different titles": 1}
    assert (outcome.records, outcome.documents) == (2, 1)


def test_fields_come_from_the_source_that_is_named_first() -> None:
    article = "A long article. " * 200
    records = [
        replace(
            paper("s2:5", "STEPWELLS OF THE DRY WEST", "M Alder", "2019-06-03", "An abstract.", s2="5", doi="10.1000/A"),
            references=("doi:10.1000/X", "A printed reference"),
            retracted=False,
            venue="JW",
            language="en",
            notices=("erratum:10.1000/e",),
        ),
        replace(
            paper("pmc:7", year="2019-06", text=article, pmcid="PMC7"),
            sections=(Section("Results", 1, 0, len(article)),),
            references=("doi:10.1000/x", "doi:10.1000/y"),
            notices=("concern:10.1000/c",),
        ),
        replace(
            paper("acl:a", author="Mira Alder", text="The abstract.", acl="P19-1001"),
            venue="Journal of Wells",
            details={"pages": "1-9"},
        ),
    ]
    document = one_of(sorted(records, key=order_of))
    assert (document.id, document.title, document.authors, document.venue) == (
        "acl:a",
        WELLS,
        ("Mira Alder",),
        "Journal of Wells",
    )
    assert (document.text, document.sections) == (article, records[1].sections)
    assert document.published == "2019-06-03"
    assert (document.language, document.retracted) == ("en", False)
    assert set(document.notices) == {"erratum:10.1000/e", "concern:10.1000/c"}
    assert document.references == ("doi:10.1000/x", "doi:10.1000/y")
    assert document.identifiers == {"acl": "P19-1001", "pmcid": "PMC7", "s2": "5", "doi": "10.1000/a"}
    assert document.sources == ("acl:a", "pmc:7", "s2:5")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [(True, False, True), (False, True, True), (None, False, False), (None, None, None), (None, True, True)],
)
def test_true_wins_over_false_over_unknown(one: bool | None, other: bool | None, both: bool | None) -> None:
    assert one_of([replace(paper("a:1"), retracted=one), replace(paper("b:1"), retracted=other)]).retracted is both


def test_a_second_name_in_one_scheme_is_shown_as_another() -> None:
    document = one_of([paper("a:1", s2="1"), paper("b:1", s2="2"), paper("c:1", s2="3")])
    assert document.identifiers == {"s2": "1"}
    assert document.details == {"other s2": "2; 3"}


NAMES = st.fixed_dictionaries(
    {},
    optional={
        "doi": st.sampled_from(["10.1000/a", "10.1000/b", "10.48550/arxiv.1906.00001"]),
        "pmid": st.sampled_from(["1", "2"]),
        "acl": st.sampled_from(["P19-1001", "P19-1002"]),
        "arxiv": st.sampled_from(["1906.00001", "1906.00001v1", "1906.00001v2"]),
        "s2": st.sampled_from(["1", "2"]),
    },
)
RECORDS = st.lists(
    st.builds(
        lambda source, title, author, year, names: (source, title, author, year, names),
        st.sampled_from(["acl", "arxiv", "s2", "crossref"]),
        st.sampled_from([WELLS, WELLS.lower(), f"{WELLS}: A Study of Four", "On the Feeding Habits of the Common Swift"]),
        st.sampled_from(["Mira Alder", "M. Alder", "Otto Birk"]),
        st.sampled_from(["2017", "2018", "2019", "2021"]),
        NAMES,
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=15, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_changes_nothing_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str, dict[str, str]]], chance: random.Random
) -> None:
    tmp_path = tmp_path_factory.mktemp("order")
    records = [
        paper(f"{source}:{i}", title, author, year, **names) for i, (source, title, author, year, names) in enumerate(rows)
    ]
    results = []
    for turn in range(2):
        chance.shuffle(records)
        _, documents = merged(tmp_path / str(turn), *records)
        results.append({document.to_json() for document in documents.values()})
    assert results[0] == results[1]
    assert sorted(itertools.chain(*(d.sources or (d.id,) for d in documents.values()))) == sorted(r.id for r in records)
    by_id = {record.id: record_of(record, 0, b"", identity(record)) for record in records}
    for document in documents.values():
        assert all(one_document(by_id[a], by_id[b]) for a, b in itertools.combinations(document.sources, 2))
    for cluster in {document.cluster for document in documents.values()} - {""}:
        members = [by_id[i] for d in documents.values() if d.cluster == cluster for i in d.sources or (d.id,)]
        assert all(one_work(a, b) for a, b in itertools.combinations(members, 2))


@given(
    *[
        st.builds(
            paper,
            st.just("a:1"),
            st.text(max_size=40).map(lambda t: t or "x"),
            st.text(max_size=10),
            st.sampled_from(["", "1999", "2001"]),
        )
    ]
    * 2
)
def test_questions_have_the_same_answer_from_both_sides(one: Document, other: Document) -> None:
    a, b = (record_of(document, 0, b"", identity(document)) for document in (one, other))
    for question in (one_document, one_title, one_work, one_work_by_title):
        assert question(a, b) == question(b, a)
    assert alike(a.title, a.title)


def test_titles_and_names_are_read_like_a_person_does() -> None:
    assert normal_title("Café-Talk: a  Study") == "cafe talk a study"
    assert {family_name(name) for name in ("Ludwig van der Berg", "BERG, L.", "L Berg Jr.")} == {"berg"}
    assert not alike("a survey of deep learning for image segmentation", "a survey of deep learning for image classification")
    assert alike("pre training of deep bidirectional transformers", "pretraining of deep bidirectional transformers")
    assert alike("linguistic features", "linguistic features in the speech of children")


def test_a_second_merge_changes_nothing_and_follows_what_the_inputs_lost(tmp_path: Path) -> None:
    one = corpus(tmp_path / "one", paper("a:1", doi="10.1000/a"), paper("a:2", "A Winter of Bees"))
    two = corpus(tmp_path / "two", paper("b:1", doi="10.1000/a"))
    first = merge([one, two], tmp_path / "out")
    shards = sorted(path.name for path in (tmp_path / "out").glob("*.zst"))
    again = merge([two, one], tmp_path / "out")
    assert first.counts is not None
    assert again.counts is not None
    assert (first.counts.added, again.counts.added, again.counts.changed, again.counts.unchanged) == (2, 0, 0, 2)
    assert sorted(path.name for path in (tmp_path / "out").glob("*.zst")) == shards
    with CorpusWriter(one) as writer:
        writer.delete("a:1")
        writer.delete("a:2")
    last = merge([one, two], tmp_path / "out")
    assert last.counts is not None
    assert (last.counts.deleted, last.counts.added) == (2, 1)
    assert [(d.id, d.sources) for d in read_corpus(tmp_path / "out")] == [("b:1", ())]
    assert not list((tmp_path / "out").glob("*.tmp"))


def test_a_merged_corpus_may_be_merged_with_what_it_was_made_of(tmp_path: Path) -> None:
    _, documents = merged(tmp_path, paper("acl:a", doi="10.1000/a"), paper("s2:5", doi="10.1000/a"))
    merge([tmp_path / "out", tmp_path / "in1"], tmp_path / "again")
    assert {d.id: d for d in read_corpus(tmp_path / "again")} == documents


def test_pages_with_one_text_are_a_cluster_and_stay_pages(tmp_path: Path) -> None:
    words = [f"word{i}" for i in range(400)]
    other = [f"else{i}" for i in range(400)]
    texts = [
        " ".join(words),
        " ".join(words).upper() + ".",
        " ".join([*words[:200], "changed", *words[201:]]),
        " ".join(other),
        "Not found.",
    ]
    pages = [
        Document(id=f"web:https://alder.example/{i}", title=f"Page {i}", text=text)
        for i, text in enumerate([*texts, "Not found."])
    ]
    outcome, documents = merged(tmp_path, *pages)
    assert len(documents) == 6
    clusters = [documents[page.id].cluster for page in pages]
    assert clusters == [pages[0].id] * 3 + [""] * 3
    assert (outcome.clusters, outcome.clustered) == (1, 3)


def test_a_page_crawled_twice_is_one_page_under_whichever_title(tmp_path: Path) -> None:
    pages = [Document(id="web:https://alder.example/", title=title, text=title) for title in ("Alder", "Alder: a new name")]
    outcome, documents = merged(tmp_path, *pages)
    assert (len(documents), outcome.merged) == (1, 1)


def test_the_target_may_be_no_input_and_no_corpus_of_others(tmp_path: Path) -> None:
    one = corpus(tmp_path / "one", paper("a:1"))
    two = corpus(tmp_path / "two", paper("a:2"))
    for into in (one, two):
        with pytest.raises(UsageError):
            merge([one], into)
    with pytest.raises(CorpusError):
        merge([one, tmp_path / "missing"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert len(list(read_corpus(two))) == 1


def test_an_input_given_twice_is_read_once(tmp_path: Path) -> None:
    one = corpus(tmp_path / "one", paper("a:1"))
    assert merge([one, one], tmp_path / "out").records == 1


def test_a_broken_record_is_set_aside_and_the_rest_is_merged(tmp_path: Path) -> None:
    one = corpus(tmp_path / "one", paper("a:1"))
    (one / "documents-00002.jsonl.zst").write_bytes(zstandard.compress(b'{"id": "b:1"}\n' + paper("b:2").to_json() + b"\n"))
    outcome = merge([one], tmp_path / "out")
    assert outcome.counts is not None
    assert outcome.counts.set_aside == {"broken record": 1}
    assert outcome.documents == 2


def test_what_a_damaged_input_does_not_say_any_more_is_not_deleted(tmp_path: Path) -> None:
    one, two = (
        corpus(tmp_path / "one", paper("a:1"), paper("a:2", "A Winter of Bees")),
        corpus(tmp_path / "two", paper("b:1", "Salt")),
    )
    merge([one, two], tmp_path / "out")
    (shard,) = one.glob("*.zst")
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-8])
    with pytest.raises(CorpusError, match="truncated"):
        merge([one, two], tmp_path / "out")
    shard.write_bytes(zstandard.compress(zstandard.decompress(whole).replace(b"a:2", b"\xff")))
    outcome = merge([one, two], tmp_path / "out")
    assert outcome.damaged
    assert "nothing was deleted" in outcome.summary()
    assert {document.id for document in read_corpus(tmp_path / "out")} == {"a:1", "a:2", "b:1"}


def test_an_input_that_changes_while_it_is_read_stops_the_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = corpus(tmp_path / "one", paper("a:1"), paper("a:2", "A Winter of Bees"))
    from crawler.merging.same_work import SameWork

    settle = SameWork.settle

    def meanwhile(self: SameWork, *args) -> None:
        settle(self, *args)
        with CorpusWriter(one) as writer:
            writer.delete("a:1")

    monkeypatch.setattr(SameWork, "settle", meanwhile)
    with pytest.raises(SourceError):
        merge([one], tmp_path / "out")


def test_a_merge_that_was_killed_is_run_again(tmp_path: Path) -> None:
    one = corpus(tmp_path / "one", *(paper(f"a:{i}", f"Well number {i}", doi=f"10.1000/{i}") for i in range(400)))
    two = corpus(tmp_path / "two", *(paper(f"b:{i}", f"Well number {i}", doi=f"10.1000/{i}") for i in range(0, 400, 2)))
    code = (
        "import os, sys; from pathlib import Path; import indexer.corpus as c; from crawler.merging.merge import merge\n"
        "c.SHARD_DOCUMENTS = 50; left = int(sys.argv[4]); real = c.CorpusWriter.commit\n"
        "def commit(self):\n"
        "    global left; left -= 1\n"
        "    if left < 0: os.kill(os.getpid(), 9)\n"
        "    real(self)\n"
        "c.CorpusWriter.commit = commit; merge([Path(sys.argv[1]), Path(sys.argv[2])], Path(sys.argv[3]))"
    )
    for commits in (0, 3):
        done = subprocess.run(
            [sys.executable, "-c", code, str(one), str(two), str(tmp_path / "out"), str(commits)],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == -9, done.stderr
    merge([one, two], tmp_path / "out")
    merge([one, two], tmp_path / "unbroken")
    assert {d.to_json() for d in read_corpus(tmp_path / "out")} == {d.to_json() for d in read_corpus(tmp_path / "unbroken")}
    assert len(list(read_corpus(tmp_path / "out"))) == 400
    assert not list((tmp_path / "out").glob("*.tmp*"))


def test_the_verb_reports_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (
        corpus(tmp_path / "one", paper("a:1", doi="10.1000/a")),
        corpus(tmp_path / "two", paper("b:1", "A Winter of Bees", doi="10.1000/a")),
    )
    call = ["merge", str(one), str(two), "--into", str(tmp_path / "out")]
    assert main(call) == 0
    assert "one doi, different titles 1" in capsys.readouterr().out
    assert main([*call, "--json", "--strict"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["records"], said["documents"], said["unchanged"]) == (2, 2, 2)


def test_the_anthology_and_semantic_scholar_meet_in_the_papers_they_share(tmp_path: Path, shared_data: Path) -> None:
    from crawler.papers import open_source

    sample, anthology = shared_data / "formats" / "semanticscholar" / "Paper.json", shared_data / "acl_anthology"
    if not (sample.exists() and anthology.is_dir()):
        pytest.skip("no Semantic Scholar sample or no Anthology in the real data")
    papers = {record["corpusId"]: record for record in s2_records(json.loads(sample.read_bytes()))}
    named = {acl for record in papers.values() if (acl := record["externalIds"].get("ACL"))}
    volumes = {path for name in named for path in anthology.rglob(f"{name.split('-')[0]}.xml") if path.stat().st_size < 500_000}
    shared = {name for name in named if f"{name.split('-')[0]}.xml" in {path.name for path in volumes}}
    readings = [reading for volume in sorted(volumes) for reading in open_source("acl").read(volume)]
    one = corpus(tmp_path / "acl", *(reading.record for reading in readings if isinstance(reading.record, Document)))
    two = corpus(tmp_path / "s2", *(s2_document(record) for record in papers.values()))
    outcome = merge([one, two], tmp_path / "out")
    met = {
        d.identifiers["acl"] for d in read_corpus(tmp_path / "out") if {s.partition(":")[0] for s in d.sources} == {"acl", "s2"}
    }
    assert len(shared) >= 5
    assert shared <= met
    assert outcome.documents == outcome.records - outcome.merged


def s2_records(found: object) -> Iterator[dict]:
    """Every paper anywhere in a reply, those that it cites included."""
    if isinstance(found, dict):
        if found.get("externalIds") and found.get("title") and found.get("corpusId"):
            yield found
        found = list(found.values())
    for part in found if isinstance(found, list) else ():
        yield from s2_records(part)


def s2_document(record: dict) -> Document:
    schemes = {"DOI": "doi", "ArXiv": "arxiv", "PubMed": "pmid", "PubMedCentral": "pmcid", "ACL": "acl", "DBLP": "dblp"}
    names = {schemes[name]: str(value) for name, value in record["externalIds"].items() if name in schemes}
    authors = tuple(author["name"] for author in record.get("authors") or ())
    year = str(record.get("year") or "")
    return Document(
        id=f"s2:{record['corpusId']}", title=record["title"], kind="paper", authors=authors, published=year, identifiers=names
    )


FULL = ("Ashish Vaswani", "Noam Shazeer")


@pytest.mark.parametrize(
    ("first", "later", "kept"),
    [
        (("A Vaswani",), FULL, FULL),
        (("A. Vaswani", "N. Shazeer"), FULL, FULL),
        (FULL, ("A Vaswani", "N Shazeer"), FULL),
        (FULL, ("Vaswani, Ashish", "Someone Else", "Noam Shazeer"), ("Vaswani, Ashish", "Someone Else", "Noam Shazeer")),
        (FULL, ("Other Person", "Third Person", "Fourth Person"), FULL),
        ((), FULL, FULL),
    ],
)
def test_the_fuller_byline_is_kept(first: tuple[str, ...], later: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert _authors(first, later) == kept


def test_a_short_title_names_a_work_only_with_all_its_authors() -> None:
    def claim(title: str, *authors: str) -> str:
        document = Document(id="x:1", title=title, kind="paper", authors=authors, published="2017")
        return title_claim(record_of(document, 0, b"", identity(document)), authors)

    famous = claim("Attention is all you need", *FULL)
    assert famous
    assert claim("Attention Is All You Need", "A. Vaswani", "N. Shazeer") == famous
    assert claim("Attention is all you need", "Ashish Vaswani", "Somebody Else") != famous
    assert claim("Attention is all you need", "Ashish Vaswani") == ""
    assert claim("Introduction", *FULL) == ""
