"""Real samples of PubMed, JATS, OpenAlex and Semantic Scholar parse completely.

What is expected is counted here, on the raw bytes, by regular expressions or plain JSON; what is found comes from the sources.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crawler.papers import open_source
from crawler.reading import SetAside
from indexer.document import Document

Counts = dict[str, int]


def pubmed_expected(folder: Path) -> Counts:
    """Every record of PubMed is on its own between <PubmedArticle> and its end tag."""
    count: Counter[str] = Counter()
    for path in folder.glob("*.xml"):
        for record in re.findall(r"<PubmedArticle>.*?</PubmedArticle>", path.read_text(encoding="utf-8"), re.DOTALL):
            own = re.sub(r"<ReferenceList>.*</ReferenceList>", "", record, flags=re.DOTALL)
            count["papers"] += 1
            count["with abstract"] += "<AbstractText" in own
            count["with doi"] += '"doi"' in own
            count["with pmcid"] += 'IdType="pmc"' in own
            count["authors"] += len(re.findall(r"<Author\b", own))
            count["references"] += len(re.findall(r'RefType="Cites"|<Reference>', record))
            count["sections"] += len(re.findall(r"<AbstractText [^>]*Label=", own))
            count["mesh headings"] += len(re.findall(r"<MeshHeading>", own))
            count["with day"] += bool(re.search(r"<PubDate>\s*<Year>\d+</Year>\s*<Month>\w+</Month>\s*<Day>", own))
    return count


def jats_expected(folder: Path) -> Counts:
    """Articles are one a file; comments are taken out, for one sample hides a section in them."""
    count: Counter[str] = Counter()
    for path in folder.glob("*.xml"):
        text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        count["papers"] += len(re.findall(r"<article\s", text))
        count["with abstract"] += "<abstract" in text
        count["with doi"] += bool(re.search(r'<article-id pub-id-type="doi">10\.', text))
        count["authors"] += len(re.findall(r'<contrib\b[^>]*contrib-type="author"', text))
        count["editors"] += len(re.findall(r'<contrib\b[^>]*contrib-type="editor"', text))
        count["references"] += len(re.findall(r"<(?:element|mixed|nlm)-citation\b", text))
        titled = re.findall(r"<sec\b[^>]*>\s*(?:<label>[^<]*</label>\s*)?<title>(?!\s*</title>)", text)
        headed = re.findall(r"<(?:abstract|ack|glossary|fn-group)\b", text)
        notes = re.findall(r"<author-notes>(?:(?!</author-notes>).)*<fn\b", text, re.DOTALL)
        count["sections"] += len(titled) + len(headed) + len(notes)
        count["notices of other articles"] += len(re.findall(r'related-article-type="(?:retracted|corrected)-article"', text))
        count["table rows"] += len(
            re.findall(r"<tr\b(?:(?!</tr>).)*<t[dh]\b(?:(?!</tr>).)*>[^<\s](?:(?!</tr>).)*</tr>", text, re.DOTALL | re.IGNORECASE)
        )
    return count


def openalex_expected(folder: Path) -> Counts:
    """One work a line."""
    works = [
        json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines() if line
    ]
    return {
        "papers": len(works),
        "with abstract": sum(bool(work["abstract_inverted_index"]) for work in works),
        "with doi": sum(bool(work["doi"]) for work in works),
        "authors": sum(len(work["authorships"]) for work in works),
        "references": sum(len(work["referenced_works"]) for work in works),
        "words": sum(len(positions) for work in works for positions in (work["abstract_inverted_index"] or {}).values()),
        "said not to be retracted": sum(work["is_retracted"] is False for work in works),
        "with arxiv": sum(bool(_ARXIV.search(" ".join(str(p["landing_page_url"]) for p in work["locations"]))) for work in works),
    }


_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv", re.IGNORECASE)


def s2orc_expected(folder: Path) -> Counts:
    """One record of S2ORC's metadata a line."""
    records = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        "papers": len(records),
        "with abstract": sum(bool(record["abstract"]) for record in records),
        "authors": sum(len(record["authors"]) for record in records),
        "references": sum(len(record["outbound_citations"]) for record in records),
        **{f"with {name}": sum(bool(record[key]) for record in records) for name, key in _S2ORC_IDS.items()},
    }


_S2ORC_IDS = {"doi": "doi", "pmid": "pubmed_id", "pmcid": "pmc_id", "arxiv": "arxiv_id"}


def api_expected(folder: Path) -> Counts:
    """One reply a file; the second one has a number and nothing else."""
    replies: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return {
        "papers": len(replies),
        "with abstract": sum(bool(reply.get("abstract")) for reply in replies),
        "with doi": sum("DOI" in reply.get("externalIds", {}) for reply in replies),
        "authors": sum(len(reply["authors"] or ()) for reply in replies),
        "references": sum(len(reply["references"] or ()) for reply in replies),
    }


SAMPLES = {
    "pubmed": ("pubmed", pubmed_expected),
    "plos-jats": ("jats", jats_expected),
    "openalex": ("openalex", openalex_expected),
    "s2orc": ("semanticscholar", s2orc_expected),
    "semanticscholar": ("semanticscholar", api_expected),
}


def found(documents: list[Document]) -> Counts:
    """Everything that any of the tables asks for."""
    texts = [document.text for document in documents]
    return {
        "papers": len(documents),
        "with abstract": sum(bool(text) for text in texts),
        "authors": sum(len(document.authors) for document in documents),
        "editors": sum(len(document.editors) for document in documents),
        "references": sum(len(document.references) for document in documents),
        "sections": sum(len(document.sections) for document in documents),
        "words": sum(len(text.split()) for text in texts),
        "mesh headings": sum(len(document.details["mesh"].split("; ")) for document in documents if "mesh" in document.details),
        "with day": sum(len(document.published) == 10 for document in documents),
        "said not to be retracted": sum(document.retracted is False for document in documents),
        "notices of other articles": sum(
            bool({"retraction_of", "erratum_for"} & document.details.keys()) for document in documents
        ),
        "table rows": sum(" | " in line for text in texts for line in text.splitlines()),
        **{f"with {name}": sum(name in d.identifiers for d in documents) for name in ("doi", "pmid", "pmcid", "arxiv")},
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_everything_in_a_real_sample_is_found(sample: str, shared_data: Path) -> None:
    folder = shared_data / "formats" / sample
    if not folder.is_dir():
        pytest.skip(f"no sample at {folder}")
    source, count = SAMPLES[sample]
    records = [reading.record for reading in open_source(source).read(folder)]
    assert not [record for record in records if isinstance(record, SetAside)]
    documents = [record for record in records if isinstance(record, Document)]
    expected = count(folder)
    assert expected["papers"] > 0
    counts = found(documents)
    if sample == "plos-jats":  # of other samples only an abstract has text
        counts["with abstract"] = sum(_abstract(document) for document in documents)
    for name, tolerance in TOLERANCES.items():
        if name in expected:
            assert counts.pop(name) == pytest.approx(expected.pop(name), rel=tolerance)
    assert {name: counts[name] for name in expected} == expected


def _abstract(document: Document) -> bool:
    """Whether the article begins with an abstract, under whatever name."""
    return document.sections[:1] != () and document.sections[0].heading in _ABSTRACT_HEADINGS


_ABSTRACT_HEADINGS = {"Abstract", "In brief", "Background to the Debate"}
TOLERANCES = {"words": 0.01, "table rows": 0.05}
"""Formulae have another number of words when they are read; a row of one cell has nothing to separate."""


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_section_and_reference_of_a_real_sample_is_well_formed(sample: str, shared_data: Path) -> None:
    folder = shared_data / "formats" / sample
    if not folder.is_dir():
        pytest.skip(f"no sample at {folder}")
    for reading in open_source(SAMPLES[sample][0]).read(folder):
        document = reading.record
        assert isinstance(document, Document)
        assert Document.from_json(document.to_json()) == document
        for section in document.sections:
            assert document.text[section.start : section.end].startswith(section.heading)
        assert all(reference == reference.strip() != "" for reference in document.references)
        assert not re.search(r"<[a-z]+[ >]|&[a-z]+;|\n{3}", document.title + document.text), document.id


def test_jats_sections_have_the_titles_that_the_file_prints_in_their_order(shared_data: Path) -> None:
    folder = shared_data / "formats" / "plos-jats"
    if not folder.is_dir():
        pytest.skip(f"no sample at {folder}")
    for path in sorted(folder.glob("*.xml")):
        body = path.read_text(encoding="utf-8").partition("<body>")[2].partition("</body>")[0]
        titles = re.findall(r"<sec\b[^>]*>\s*<title>(.*?)</title>", re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL), re.DOTALL)
        printed = [" ".join(re.sub(r"<[^>]+>", "", title).split()) for title in titles]
        (reading,) = open_source("jats").read(path)
        assert isinstance(reading.record, Document)
        headings = [section.heading for section in reading.record.sections]
        plain = [title for title in printed if title and "&" not in title]
        missing = [title for title in plain if title not in headings]
        assert len(missing) <= 0.1 * len(plain), (path.name, missing)  # formulae in a heading read otherwise
