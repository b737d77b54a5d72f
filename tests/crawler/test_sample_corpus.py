"""Does the sample corpus hold what its README promises?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import orjson
import pytest

from authority.hosts import host_of
from authority.table import Table
from indexer.document import Document

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "crawler" / "sample"
NEAR_TIES = 8
"""Groups of pages that say the same in nearly the same words, as the README lists them."""


def documents_of(name: str) -> list[Document]:
    return [Document.from_json(line) for line in (SAMPLE / name).read_bytes().splitlines()]


def shared_words(one: str, other: str) -> float:
    """Share of words two texts have in common, repetitions counted, in [0, 1]."""
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (one, other))
    return 2 * (a & b).total() / (a.total() + b.total())


@pytest.fixture(scope="module")
def pages() -> list[Document]:
    return documents_of("pages.jsonl")


@pytest.fixture(scope="module")
def papers() -> list[Document]:
    return documents_of("papers.jsonl")


@pytest.fixture(scope="module")
def documents(pages, papers) -> dict[str, Document]:
    return {document.id: document for document in [*pages, *papers]}


@pytest.fixture(scope="module")
def queries() -> dict[str, str]:
    records = [orjson.loads(line) for line in (SAMPLE / "queries.jsonl").read_bytes().splitlines()]
    return {record["_id"]: record["text"] for record in records}


@pytest.fixture(scope="module")
def qrels() -> list[list[str]]:
    header, *rows = (SAMPLE / "qrels.tsv").read_text("utf-8").splitlines()
    assert header == "query-id\tcorpus-id\tscore"
    return [row.split("\t") for row in rows]


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.read(ROOT / "authority" / "sample.tsv")


@pytest.fixture(scope="module")
def near_ties(pages) -> list[list[Document]]:
    """Pages of one title, copies left out."""
    groups = defaultdict(list)
    for page in pages:
        if "syndicated_from" not in page.details:
            groups[page.title].append(page)
    return [group for group in groups.values() if len(group) > 1]


def test_there_is_enough_to_choose_from(documents, pages, papers, queries):
    assert len(documents) == len(pages) + len(papers) == 106, "ids are unique, and the README counts right"
    assert len(papers) == 25
    assert len(queries) == 28
    assert sum(not paper.text for paper in papers) == 5
    assert all(len(document.text.split()) >= 80 for document in documents.values() if document.text)


def test_pages_and_papers_carry_what_readers_of_them_expect(pages, papers):
    assert all(p.kind == "page" and p.id == f"web:{p.url}" and p.text and p.venue for p in pages)
    assert {p.collection for p in pages} == {"sample-pages"}
    assert all(p.kind == "paper" and p.authors and p.venue and p.id.startswith("paper:") for p in papers)
    assert {p.collection for p in papers} == {"sample-papers"}
    assert len({p.identifiers["doi"] for p in papers}) == len(papers)


def test_dates_are_iso_and_span_from_1998_to_2026(documents):
    for document in documents.values():
        date.fromisoformat((document.published + "-01-01")[:10] if len(document.published) < 10 else document.published)
    years = {document.published[:4] for document in documents.values()}
    assert min(years) == "1998"
    assert max(years) == "2026"


def test_every_host_is_invented(documents):
    assert all(host_of(document.url).endswith(".example") for document in documents.values())


def test_no_text_names_a_host_an_address_or_a_doi_of_the_real_world(documents, queries, table):
    texts = [document.to_json().decode() for document in documents.values()] + list(queries.values())
    texts += [table.serialise().decode(), (SAMPLE / "README.md").read_text("utf-8")]
    own_files = {"jsonl", "tsv", "md", "document"}
    for text in texts:
        names = {name.lower() for name in re.findall(r"\b(?:[\w-]+\.)+[a-z]{2,}\b", text, re.IGNORECASE)}
        strangers = {name for name in names if not name.endswith(".example") and name.rpartition(".")[2] not in own_files}
        strangers -= {"indexer.document.document", "details.syndicated_from"}
        assert not strangers
        assert "@" not in text
        assert all(doi.startswith("10.5555") for doi in re.findall(r"\b10\.\d{4,}", text))


def test_near_ties_share_more_than_four_fifths_of_their_words(near_ties):
    assert len(near_ties) == NEAR_TIES
    for group in near_ties:
        for one, other in combinations(group, 2):
            assert host_of(one.url) != host_of(other.url)
            assert 0.8 < shared_words(one.text, other.text) < 1.0


def test_in_every_near_tie_exactly_one_page_is_trusted(near_ties, table):
    for group in near_ties:
        assert sum(table.lookup(page.url).value > 0 for page in group) == 1


def test_only_declared_syndicated_copies_are_identical(documents):
    copies = {d.id: d.details["syndicated_from"] for d in documents.values() if "syndicated_from" in d.details}
    assert len(copies) == 2
    texts = defaultdict(set)
    for document in documents.values():
        if document.text:
            texts[document.text].add(document.id)
    assert sorted(map(sorted, (ids for ids in texts.values() if len(ids) > 1))) == sorted(map(sorted, copies.items()))


def test_every_judgement_names_a_document_and_a_query(documents, queries, qrels):
    judged = {(query, document) for query, document, _ in qrels}
    assert len(judged) == len(qrels), "nothing is judged twice"
    assert {document for _, document in judged} <= documents.keys()
    assert {score for _, _, score in qrels} == {"0", "1", "2", "3"}
    assert {query for query, _, score in qrels if score == "3"} == queries.keys(), "every query has an answer"


def test_members_of_a_near_tie_and_copies_are_judged_alike(documents, near_ties, qrels):
    grades = defaultdict(dict)
    for query, document, score in qrels:
        grades[document][query] = score
    copies = [[d.id, d.details["syndicated_from"]] for d in documents.values() if "syndicated_from" in d.details]
    for group in [*([page.id for page in group] for group in near_ties), *copies]:
        assert all(grades[name] == grades[group[0]] for name in group)


def test_the_sample_table_trusts_some_hosts_at_several_tiers_and_leaves_others_unlisted(table, pages):
    trust = {host_of(page.url): table.lookup(page.url) for page in pages}
    assert len({match.tier for match in trust.values()} - {""}) >= 3
    assert sum(match.tier == "" for match in trust.values()) >= 8
    assert table.lookup("https://health.alder.example/").key == "host:health.alder.example"
    assert table.lookup("https://roads.alder.example/").key == ".alder.example", "a suffix rule stands behind exact entries"


def test_every_entry_of_the_sample_table_is_used(table, documents):
    used = {table.lookup(d.url, d.venue if d.kind == "paper" else "").key for d in documents.values()}
    used |= {table.lookup(d.url).key for d in documents.values()}
    assert {entry.key for entry in table.entries} <= used
