"""Semantic Scholar's records as documents, in each of their forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.papers import open_source
from crawler.papers.outline import Outline
from crawler.papers.semanticscholar import author
from crawler.reading import Skipped
from indexer.document import Document

SHA = "a" * 40
TEXT = "\nOf wells\n\nAna Pozo\nWe dig.\n1 Digging\nDig deep.\n1.1 Ropes\nRopes hold.\n[1] E. Mimir. Wells. 1999."


def span(words: str, **attributes: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), **({"attributes": attributes} if attributes else {})}


ANNOTATIONS = {
    "title": [span("Of wells")],
    "author": [span("Ana Pozo")],
    "abstract": [span("We dig.")],
    "section_header": [span("1 Digging", n="1."), span("1.1 Ropes", n="1.1.")],
    "paragraph": [span("Dig deep."), span("Ropes hold."), {"start": 5, "end": 10**9}],
    "bib_entry": [span("E. Mimir. Wells. 1999.", id="b0", matched_paper_id="77")],
}
ANNOTATED = "Abstract\nWe dig.\n\n1 Digging\nDig deep.\n\n1.1 Ropes\nRopes hold."


def read(folder: Path, *records: object) -> list[object]:
    path = folder / "records.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return [reading.record for reading in open_source("semanticscholar").read(path)]


def one(folder: Path, record: object) -> Document:
    (document,) = read(folder, record)
    assert isinstance(document, Document)
    return document


def test_a_paper_of_the_graph_interface(tmp_path: Path) -> None:
    record = {
        "paperId": SHA,
        "corpusId": 5,
        "externalIds": {"DOI": "10.1000/X", "ArXiv": "1706.03762", "PubMedCentral": "77", "CorpusId": 5},
        "title": "Of wells",
        "abstract": "We dig.",
        "authors": [{"authorId": "1", "name": "Ana Pozo"}],
        "venue": "Annals",
        "year": 2019,
        "publicationDate": None,
        "references": [
            {"paperId": "b" * 40, "title": "Known"},
            {"paperId": None, "title": "Printed"},
            {"externalIds": {"PubMed": "9"}},
        ],
        "tldr": {"model": "m", "text": "Wells."},
    }
    document = one(tmp_path, record)
    assert (document.id, document.title, document.text, document.published) == ("s2:5", "Of wells", "We dig.", "2019")
    assert document.identifiers == {"s2": "5", "doi": "10.1000/x", "arxiv": "1706.03762", "pmcid": "PMC77"}
    assert document.references == (f"s2:{'b' * 40}", "Printed", "pmid:9")
    assert document.details == {"tldr": "Wells.", "paper_id": SHA}


def test_batches_skip_what_was_not_found_and_pages_hold_their_papers(tmp_path: Path) -> None:
    paper = {"paperId": SHA, "title": "Of wells"}
    batch, page, citations = [None, paper], {"total": 1, "data": [paper]}, {"data": [{"citingPaper": paper}]}
    read_records = read(tmp_path, batch, page, citations)
    assert [type(record) for record in read_records] == [Skipped, Document, Document, Document]


@pytest.mark.parametrize("as_text", [True, False])
def test_annotated_full_text_has_sections_and_references(tmp_path: Path, as_text: bool) -> None:
    annotations = {name.replace("_", ""): json.dumps(value) for name, value in ANNOTATIONS.items()} if as_text else ANNOTATIONS
    source = {"pdfurls": ["https://wells.example/1.pdf", "https://wells.example/2.pdf"]}
    body = {"text": TEXT, "annotations": annotations, "source": source}
    ids = {"externalids": {"doi": "10.1000/x"}}
    record = (
        {"corpusid": 5, "content": body, **ids}
        if as_text
        else {"corpusid": 5, "body": body, "bibliography": body, "openaccessinfo": ids}
    )
    document = one(tmp_path, record)
    assert (document.id, document.title, document.text) == ("s2orc:5", "Of wells", ANNOTATED)
    assert [(s.heading, s.level, document.text[s.start : s.end][-5:]) for s in document.sections] == [
        ("Abstract", 1, " dig."),
        ("1 Digging", 1, "hold."),
        ("1.1 Ropes", 2, "hold."),
    ]
    assert document.references == ("s2:77",)
    assert document.authors == ("Ana Pozo",)
    assert document.identifiers.get("pdf", "") == ("https://wells.example/1.pdf" if as_text else "")
    assert document.identifiers["doi"] == "10.1000/x"


def test_paragraphs_that_name_their_section(tmp_path: Path) -> None:
    parse = {
        "abstract": [{"section": "Abstract", "text": "We dig."}],
        "body_text": [{"section": "", "text": "Once."}, *({"section": "Digging", "text": text} for text in ("Dig.", "Deep."))],
        "bib_entries": {
            "BIBREF0": {
                "title": "Wells",
                "authors": [{"first": "E", "middle": [], "last": "Mimir"}],
                "year": 1999,
                "venue": "Ann",
                "link": None,
            },
            "BIBREF1": {"title": "Ropes", "link": "88"},
            "BIBREF2": {"title": "Depth", "other_ids": {"DOI": ["10.1000/d"]}},
        },
        "ref_entries": {"FIGREF0": {"text": "Figure 1: A well", "type": "figure"}},
    }
    for record in ({"paper_id": "9", **parse}, {"paper_id": "9", "title": "T", "pdf_parse": parse}):
        document = one(tmp_path, record)
        assert document.text == "Abstract\nWe dig.\n\nOnce.\n\nDigging\nDig.\n\nDeep.\n\nFigure 1: A well"
        assert [section.heading for section in document.sections] == ["Abstract", "Digging"]
        assert document.references == ("E Mimir (1999). Wells. Ann", "s2:88", "doi:10.1000/d")


def test_the_first_line_of_a_pes2o_text_is_its_title(tmp_path: Path) -> None:
    record = {"id": "5", "added": "2023-01-01T00:00:00Z", "created": "2010-01-01T00:00:00Z", "source": "s2ag/train"}
    document = one(tmp_path, {**record, "text": "Of wells\n\nWe dig.\nDeep."})
    assert (document.id, document.title, document.text, document.published) == ("pes2o:5", "Of wells", "We dig.\nDeep.", "2010")
    assert one(tmp_path, {**record, "text": "Word " * 200}).title == "https://api.semanticscholar.org/CorpusID:5"


def test_data_sets_that_hold_one_field_each_are_documents_of_it(tmp_path: Path) -> None:
    abstract, tldr = read(tmp_path, {"corpusid": 5, "abstract": "We dig."}, {"corpusid": 5, "model": "m", "text": "Wells."})
    assert isinstance(abstract, Document)
    assert isinstance(tldr, Document)
    assert (abstract.id, abstract.text) == (tldr.id, "We dig.")
    assert (tldr.text, tldr.details) == ("", {"tldr": "Wells."})


def test_names_are_given_before_family() -> None:
    assert author({"first": "Ana", "middle": ["M."], "last": "Pozo", "suffix": "Jr"}) == "Ana M. Pozo Jr"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_value_of_any_field_stops_the_reading(value: object) -> None:
    from crawler.papers.semanticscholar import _document

    for name in (
        "title",
        "authors",
        "externalIds",
        "body",
        "content",
        "body_text",
        "bib_entries",
        "references",
        "journal",
        "text",
        "year",
    ):
        _document({"paperId": SHA, name: value}, "here", "s2")


@given(st.lists(st.tuples(st.sampled_from(["section", "paragraph", "end"]), st.text("ab \n", max_size=5))))
def test_sections_begin_with_their_heading_and_lie_within_each_other(steps: list[tuple[str, str]]) -> None:
    outline = Outline()

    def write(at: int, level: int) -> int:
        while at < len(steps):
            kind, text = steps[at]
            if kind == "end":
                return at + 1
            if kind == "paragraph":
                outline.paragraph(text)
                at += 1
            else:
                with outline.section(text.strip(), level, even_empty=level % 2 == 0):
                    at = write(at + 1, level + 1)
        return at

    write(0, 1)
    for section in outline.sections:
        inside = outline.text[section.start : section.end]
        assert inside.startswith(section.heading)
        assert inside == inside.strip()
        for other in outline.sections:
            apart = other.end <= section.start or section.end <= other.start
            assert (
                apart
                or section.start <= other.start <= other.end <= section.end
                or other.start <= section.start <= section.end <= other.end
            )
