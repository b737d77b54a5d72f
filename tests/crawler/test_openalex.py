"""OpenAlex's works as documents and deletions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.ingest import ingest
from crawler.papers import open_source
from crawler.papers.numbers_met import Numbers
from crawler.papers.openalex import abstract
from crawler.reading import Deleted, SetAside, Skipped
from indexer.document import Document

WORK: dict[str, Any] = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/X",
    "title": "On <i>deep</i> wells",
    "publication_date": "2019-06-03",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/5", "mag": 7},
    "language": "en",
    "primary_location": {
        "landing_page_url": "https://wells.example/1",
        "source": {"display_name": "Annals", "issn_l": "0000-0019"},
    },
    "locations": [{"landing_page_url": "http://arxiv.org/abs/1706.03762v5", "pdf_url": "http://arxiv.org/pdf/1706.03762v5"}],
    "authorships": [{"author": {"display_name": "Ana Pozo"}}, {"author": {}, "raw_author_name": "Mimir"}],
    "is_retracted": True,
    "abstract_inverted_index": {"Wells": [0], "are": [1], "deep": [2]},
    "referenced_works": ["https://openalex.org/W2"],
}


def write(path: Path, *works: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "\n".join(map(json.dumps, works)).encode()
    path.write_bytes(gzip.compress(data) if path.name.endswith(".gz") else data)
    return path


def records(path: Path) -> list[Document | SetAside | Skipped | Deleted]:
    return [reading.record for reading in open_source("openalex").read(path)]


def test_a_work_becomes_a_document(tmp_path: Path) -> None:
    assert records(write(tmp_path / "works.jsonl", WORK)) == [
        Document(
            id="openalex:W1",
            title="On deep wells",
            text="Wells are deep",
            kind="paper",
            url="https://wells.example/1",
            authors=("Ana Pozo", "Mimir"),
            venue="Annals",
            published="2019-06-03",
            language="en",
            collection="openalex",
            identifiers={
                "openalex": "W1",
                "doi": "10.1000/x",
                "pmid": "5",
                "arxiv": "1706.03762v5",
                "mag": "7",
                "issn": "0000-0019",
                "pdf": "http://arxiv.org/pdf/1706.03762v5",
            },
            retracted=True,
            references=("openalex:W2",),
        )
    ]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=5), max_size=40))
def test_an_inverted_index_turns_back_into_its_words(words: list[str]) -> None:
    inverted: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        inverted.setdefault(word, []).append(position)
    assert abstract(inverted).split() == words
    assert abstract({"IndexLength": len(words), "InvertedIndex": inverted}) == abstract(json.dumps(inverted))


def test_absurd_positions_and_types_do_no_harm() -> None:
    assert abstract({"a": [10**12, -1, 3], "b": "x", "c": [1]}) == "c a"
    assert [abstract(value) for value in (None, [], "no", 3)] == ["", "", "", ""]


def test_a_snapshot_is_read_newest_first_and_merged_works_are_deleted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data / "works" / "updated_date=2024-01-01" / "part_000.gz", {**WORK, "title": "Old"}, {**WORK, "id": "W3"})
    write(data / "works" / "updated_date=2025-01-01" / "part_000.gz", {**WORK, "title": "New"})
    write(data / "works" / "manifest", {"entries": []})
    write(data / "authors" / "updated_date=2025-01-01" / "part_000.gz", {"id": "https://openalex.org/A1"})
    merged = data / "merged_ids" / "works" / "2025-01-02.csv.gz"
    merged.parent.mkdir(parents=True)
    merged.write_bytes(gzip.compress(b"merge_date,id,merge_into_id\n2025-01-02,W9,W1\n"))
    read = records(tmp_path)
    assert [record.title for record in read if isinstance(record, Document)] == ["New", "On deep wells"]
    assert [record.what for record in read if isinstance(record, Skipped)] == ["replaced by a newer file"]
    assert [record.id for record in read if isinstance(record, Deleted)] == ["openalex:W9"]
    assert len(read) == 4


def test_reading_a_snapshot_again_changes_nothing_and_sets_nothing_aside(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data / "works" / "updated_date=2024-01-01" / "part_000.gz", {**WORK, "title": "Old"}, {**WORK, "id": "W9"})
    write(data / "works" / "updated_date=2025-01-01" / "part_000.gz", WORK)
    merged = data / "merged_ids" / "works" / "2025-01-02.csv"
    merged.parent.mkdir(parents=True)
    merged.write_text("merge_date,id,merge_into_id\n2025-01-02,W9,W1\n", encoding="utf-8")
    first = ingest(open_source("openalex").read(tmp_path / "data"), tmp_path / "corpus", "test")
    again = ingest(open_source("openalex").read(tmp_path / "data"), tmp_path / "corpus", "test")
    assert (first.counts.added, first.counts.deleted, first.counts.set_aside.total()) == (1, 0, 0)
    assert (again.counts.added, again.counts.unchanged, again.counts.deleted, again.counts.set_aside.total()) == (0, 1, 0, 0)
    assert again.skipped == {"merged into another work": 1, "replaced by a newer file": 1}


@given(st.sets(st.integers(0, 1 << 40), max_size=30), st.integers(0, 1 << 40))
def test_numbers_are_met_once_added_and_not_before(numbers: set[int], other: int) -> None:
    met = Numbers()
    for number in numbers:
        assert number not in met
        met.add(number)
    assert all(number in met for number in numbers)
    assert (other in met) is (other in numbers)


def test_a_heading_before_an_abstract_is_left_out(tmp_path: Path) -> None:
    texts = ["Abstract Wells are deep.", "ABSTRACT: Wells.", "Abstract wells are sets.", "Abstracts of wells."]
    read = records(write(tmp_path / "w.jsonl", *({**WORK, "abstract_inverted_index": None, "abstract": text} for text in texts)))
    assert [record.text for record in read if isinstance(record, Document)] == ["Wells are deep.", "Wells.", *texts[2:]]


def test_replies_and_lists_are_read_like_lines(tmp_path: Path) -> None:
    reply = {"meta": {"count": 2}, "results": [WORK, {**WORK, "id": "W2"}]}
    pretty = tmp_path / "reply.json"
    pretty.write_text(json.dumps(reply, indent=2), encoding="utf-8")
    listed = tmp_path / "list.json"
    listed.write_text(",\n".join(map(json.dumps, [WORK] * 3)).join(("[\n", "\n]\n")), encoding="utf-8")
    assert len(records(pretty)) == 2
    assert len(records(listed)) == 3
    assert len(records(write(tmp_path / "line.jsonl", reply))) == 2


def test_bad_lines_are_set_aside_and_the_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl"
    path.write_text(f'{{"id": \n{json.dumps(WORK)}\n[1]\n{{"id": "A5"}}\n{json.dumps(WORK)}\n', encoding="utf-8")
    read = records(path)
    assert [record.reason for record in read if isinstance(record, SetAside)] == [
        "broken JSON",
        "not an object",
        "no OpenAlex id",
    ]
    assert sum(isinstance(record, Document) for record in read) == 2
    assert next(record.where for record in read if isinstance(record, SetAside)) == f"{path}:1"


def test_a_work_of_which_nothing_is_known_keeps_its_place(tmp_path: Path) -> None:
    nothing = dict.fromkeys(WORK) | {"id": "https://openalex.org/W5", "authorships": [None, 3], "ids": "x", "locations": [None]}
    (document,) = records(write(tmp_path / "w.jsonl", nothing))
    assert isinstance(document, Document)
    assert (document.title, document.retracted) == ("https://openalex.org/W5", None)
