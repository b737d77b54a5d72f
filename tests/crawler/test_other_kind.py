"""Is a file of another kind than was asked for told, and a set without records accepted?"""

from pathlib import Path

import pytest

from crawler.papers import open_source
from crawler.reading import SetAside

PMC = '<pmc-articleset><article xmlns:x="u"><front/></article></pmc-articleset>'
PUBMED = (
    "<?xml version='1.0'?>\n<!DOCTYPE PubmedArticleSet PUBLIC 'a' 'b'>\n<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>"
)
ATOM = '<?xml version="1.0"?><!-- <record/> --><feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>'


@pytest.mark.parametrize(
    ("source", "name", "content", "root"),
    [
        ("pubmed", "a.xml", PMC, "pmc-articleset"),
        ("jats", "a.xml", PUBMED, "PubmedArticleSet"),
        ("dblp", "a.xml", PUBMED, "PubmedArticleSet"),
        ("oai", "a.xml", PUBMED, "PubmedArticleSet"),
        ("crossref", "a.xml", PUBMED, "PubmedArticleSet"),
        ("arxiv", "a.xml", ATOM, "feed"),
    ],
)
def test_a_file_for_another_source_is_set_aside_and_its_root_named(
    tmp_path: Path, source: str, name: str, content: str, root: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    (record,) = [reading.record for reading in open_source(source).read(path)]
    assert isinstance(record, SetAside)
    assert (record.reason, record.excerpt) == ("no record of this kind", f"root is <{root}>")


def test_a_list_of_lists_is_no_list_of_works(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[[{"DOI": "10.5555/x"}]]', encoding="utf-8")
    (record,) = [reading.record for reading in open_source("crossref").read(path)]
    assert isinstance(record, SetAside)


@pytest.mark.parametrize(
    ("source", "name", "content"),
    [
        ("pubmed", "a.xml", "<PubmedArticleSet></PubmedArticleSet>"),
        ("jats", "a.xml", "<pmc-articleset/>"),
        ("oai", "a.xml", "<OAI-PMH><responseDate>2026-03-04</responseDate><ListRecords/></OAI-PMH>"),
        ("dblp", "a.xml", "<dblp/>"),
        ("crossref", "a.json", '{"status":"ok","message":{"total-results":0,"items":[]}}'),
        ("openalex", "a.json", '{"meta": {"count": 0}, "results": [ ]}'),
        ("semanticscholar", "a.json", "[]"),
        ("openalex", "a.jsonl", "\n\n"),
    ],
)
def test_a_set_without_records_is_nothing_and_no_mistake(tmp_path: Path, source: str, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert list(open_source(source).read(path)) == []
