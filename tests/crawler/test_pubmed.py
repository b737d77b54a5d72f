"""PubMed's XML as documents and deletions."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.errors import SourceError, UsageError
from crawler.ingest import ingest
from crawler.papers import open_source
from crawler.papers.dates import iso_date, medline_date
from crawler.reading import Deleted, SetAside, Skipped
from indexer.corpus import read_corpus
from indexer.document import Document

HEAD = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.example/pubmed_250101.dtd">
<PubmedArticleSet>
"""
ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article>
<Journal><ISSN>0000-0019</ISSN><JournalIssue><Volume>3</Volume><PubDate>{date}</PubDate></JournalIssue>
<Title>Annals of Wells</Title></Journal>
<ArticleTitle>{title}</ArticleTitle><Pagination><StartPage>1</StartPage><EndPage>9</EndPage></Pagination>
<Abstract>{abstract}</Abstract><AuthorList><Author ValidYN="N"><LastName>Pozzo</LastName></Author>
<Author><LastName>Pozo</LastName><ForeName>Ana</ForeName><Suffix>Jr</Suffix></Author>
<Author><CollectiveName>Well Diggers</CollectiveName></Author></AuthorList><Language>fre</Language>
<PublicationTypeList>{types}</PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Wells</DescriptorName>
<QualifierName MajorTopicYN="Y">history</QualifierName></MeshHeading></MeshHeadingList>
<CommentsCorrectionsList>{corrections}</CommentsCorrectionsList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="doi">10.1000/X</ArticleId>
<ArticleId IdType="pmc">PMC77</ArticleId></ArticleIdList>
<ReferenceList><Reference><Citation>Mimir. On wells.</Citation></Reference>
<Reference><Citation>A</Citation><ArticleIdList><ArticleId IdType="doi">10.1000/ref</ArticleId></ArticleIdList></Reference>
</ReferenceList></PubmedData></PubmedArticle>
"""
FIELDS = {
    "pmid": "1",
    "title": "On <i>deep</i> wells",
    "date": "<Year>2001</Year><Month>Feb</Month><Day>30</Day>",
    "abstract": "<AbstractText>Water.</AbstractText>",
    "types": "<PublicationType>Journal Article</PublicationType>",
    "corrections": "",
}


def article(**changes: str) -> str:
    return ARTICLE.format(**{**FIELDS, **changes})


def write(folder: Path, *articles: str, name: str = "pubmed25n0001.xml.gz", end: str = "</PubmedArticleSet>") -> Path:
    path = folder / name
    data = (HEAD + "".join(articles) + end).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def one(folder: Path, **changes: str) -> Document:
    (reading,) = open_source("pubmed").read(write(folder, article(**changes)))
    assert isinstance(reading.record, Document)
    return reading.record


def records(path: Path) -> list[object]:
    return [reading.record for reading in open_source("pubmed").read(path)]


def test_a_citation_becomes_a_document(tmp_path: Path) -> None:
    assert one(tmp_path) == Document(
        id="pubmed:1",
        title="On deep wells",
        text="Water.",
        kind="paper",
        url="https://pubmed.ncbi.nlm.nih.gov/1/",
        authors=("Ana Pozo Jr", "Well Diggers"),
        venue="Annals of Wells",
        published="2001-02",
        language="fr",
        collection="pubmed",
        identifiers={"pmid": "1", "doi": "10.1000/x", "pmcid": "PMC77", "issn": "0000-0019"},
        references=("Mimir. On wells.", "doi:10.1000/ref"),
        details={
            "volume": "3",
            "pages": "1-9",
            "mesh": "Wells/*history",
            "publication_types": "Journal Article",
            "status": "MEDLINE",
        },
    )


def test_labels_of_a_structured_abstract_are_sections(tmp_path: Path) -> None:
    parts = '<AbstractText Label="AIMS">Dig.</AbstractText><AbstractText Label="UNLABELLED">More.</AbstractText>'
    document = one(tmp_path, abstract=parts + '<AbstractText Label="RESULTS">10<sup>-3</sup> m&amp;lt;2.</AbstractText>')
    assert document.text == "AIMS\nDig.\n\nMore.\n\nRESULTS\n10^-3 m<2."
    assert [(s.heading, document.text[s.start : s.end]) for s in document.sections] == [
        ("AIMS", "AIMS\nDig."),
        ("RESULTS", "RESULTS\n10^-3 m<2."),
    ]


@pytest.mark.parametrize(
    ("kind", "retracted", "notice"),
    [
        ("RetractionIn", True, "retraction:pmid:9"),
        ("RetractedandRepublishedIn", True, "retraction:pmid:9"),
        ("PartialRetractionIn", None, "partial-retraction:pmid:9"),
        ("ErratumIn", None, "erratum:pmid:9"),
        ("ExpressionOfConcernIn", None, "concern:pmid:9"),
        ("CommentIn", None, ""),
        ("RetractionOf", None, ""),
    ],
)
def test_only_a_retraction_retracts(tmp_path: Path, kind: str, retracted: bool | None, notice: str) -> None:
    correction = (
        f'<CommentsCorrections RefType="{kind}"><RefSource>Ann Wells</RefSource><PMID Version="1">9</PMID></CommentsCorrections>'
    )
    document = one(tmp_path, corrections=correction)
    assert document.retracted is retracted
    assert document.notices == ((notice,) if notice else ())
    assert document.details.get("retraction_of", "") == ("pmid:9" if kind == "RetractionOf" else "")


def test_a_retracted_publication_is_retracted_without_a_notice(tmp_path: Path) -> None:
    document = one(tmp_path, types="<PublicationType>Retracted Publication</PublicationType>")
    assert document.retracted is True
    assert document.notices == ()


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1998 Dec-1999 Jan", "1998-12"),
        ("2000 Spring", "2000"),
        ("2000 Nov 3-9", "2000-11-03"),
        ("Winter 1998", "1998"),
        ("1975-1976", "1975"),
        ("2000 Jul-Aug", "2000-07"),
        ("n.d.", ""),
    ],
)
def test_a_medline_date_gives_its_beginning(text: str, date: str) -> None:
    assert medline_date(text) == date


def test_dates_are_as_precise_as_they_are_true() -> None:
    assert [iso_date("2001", m, d) for m, d in (("02", "28"), ("2", "30"), ("Sept", ""), ("Summer", "3"), ("13", ""))] == [
        "2001-02-28",
        "2001-02",
        "2001-09",
        "2001",
        "2001",
    ]


def test_a_corpus_ends_as_pubmed_stands_whatever_the_order_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "updates"
    folder.mkdir()
    write(folder, article(pmid="1"), article(pmid="2"), article(pmid="3"), name="pubmed25n0001.xml.gz")
    delete = '<DeleteCitation><PMID Version="1">2</PMID><PMID Version="1">3</PMID></DeleteCitation>'
    write(folder, article(pmid="1", title="Second"), delete, name="pubmed25n0002.xml.gz")
    write(folder, article(pmid="3", title="Back again"), name="pubmed25n0003.xml.gz")
    corpus = tmp_path / "corpus"
    ingest(open_source("pubmed").read(folder / "pubmed25n0001.xml.gz"), corpus, "test")
    outcome = ingest(open_source("pubmed").read(folder), corpus, "test")
    assert {document.id: document.title for document in read_corpus(corpus)} == {"pubmed:1": "Second", "pubmed:3": "Back again"}
    assert (outcome.counts.deleted, outcome.counts.set_aside.total()) == (1, 0)
    assert outcome.skipped == {"replaced by a newer file": 3}


def test_of_a_pmid_that_comes_twice_in_one_file_the_last_one_counts(tmp_path: Path) -> None:
    delete = '<DeleteCitation><PMID Version="1">8</PMID></DeleteCitation>'
    folder = tmp_path / "updates"
    folder.mkdir()
    write(folder, article(pmid="77", title="Old"), name="pubmed25n0001.xml.gz")
    write(
        folder,
        *(article(pmid=pmid, title=title) for pmid, title in (("77", "Vnew"), ("8", "Gone"), ("77", "Vnewest"))),
        delete,
        name="pubmed25n0002.xml.gz",
    )
    corpus = tmp_path / "corpus"
    outcome = ingest(open_source("pubmed").read(folder), corpus, "test")
    assert {document.id: document.title for document in read_corpus(corpus)} == {"pubmed:77": "Vnewest"}
    assert outcome.skipped == {"replaced by a newer file": 1, "replaced by the same file": 2}
    assert outcome.counts.set_aside.total() == 0
    last = [record.title for record in records(folder / "pubmed25n0002.xml.gz") if isinstance(record, Document)]
    assert last == ["Vnewest"]


def test_a_deletion_names_every_citation(tmp_path: Path) -> None:
    path = write(tmp_path, '<DeleteCitation><PMID Version="1">7</PMID><PMID Version="2">7</PMID></DeleteCitation>')
    assert [record.id for record in records(path) if isinstance(record, Deleted)] == ["pubmed:7", "pubmed:7.2"]


def test_a_book_is_a_document_too(tmp_path: Path) -> None:
    book = """<PubmedBookArticle><BookDocument><PMID Version="1">5</PMID><ArticleIdList>
    <ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList><Book><BookTitle>Wells</BookTitle>
    <PubDate><Year>1999</Year></PubDate><AuthorList Type="editors"><Author>
    <LastName>Mimir</LastName></Author></AuthorList></Book><ArticleTitle>Ropes</ArticleTitle><AuthorList Type="authors"><Author>
    <LastName>Pozo</LastName><ForeName>Ana</ForeName></Author></AuthorList><Abstract><AbstractText>Long.</AbstractText></Abstract>
    </BookDocument></PubmedBookArticle>"""
    (document,) = records(write(tmp_path, book))
    assert isinstance(document, Document)
    assert (document.title, document.authors, document.editors) == ("Ropes", ("Ana Pozo",), ("Mimir",))
    assert (document.venue, document.published, document.text) == ("Wells", "1999", "Long.")
    assert document.identifiers == {"pmid": "5", "bookaccession": "NBK1"}


def test_a_cited_work_of_which_only_the_pmcid_is_known_is_named_by_it(tmp_path: Path) -> None:
    printed = "<Reference><Citation>Mimir. On wells.</Citation>"
    only = f'{printed}<ArticleIdList><ArticleId IdType="pmc">PMC12</ArticleId></ArticleIdList></Reference>'
    (document,) = records(write(tmp_path, article().replace(f"{printed}</Reference>", only)))
    assert isinstance(document, Document)
    assert document.references == ("pmcid:PMC12", "doi:10.1000/ref")


def test_what_comes_before_a_break_is_kept_and_the_break_has_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, article(), "<PubmedArticle><PMID>", name="broken.xml", end="")
    document, problem = records(path)
    assert isinstance(document, Document)
    assert isinstance(problem, SetAside)
    lines = path.read_text(encoding="utf-8").count("\n") + 1
    assert (problem.reason, problem.where) == ("broken XML", f"{path}:{lines}")


def test_a_file_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    whole = write(tmp_path, *(article(pmid=str(n), title=f"{n} {hash(str(n))}" * 400) for n in range(1, 200)))
    cut = tmp_path / "cut.xml.gz"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    *documents, problem = records(cut)
    assert len(documents) > 20
    assert isinstance(problem, SetAside)
    assert problem.reason == "truncated file"


def test_entity_declarations_are_refused_and_external_ones_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    for declared in (f'<!ENTITY e0 "boom">{bomb}', f'<!ENTITY e8 SYSTEM "{secret.as_uri()}">'):
        path = tmp_path / "bomb.xml"
        text = article(title="&e8;").join(
            ("<!DOCTYPE PubmedArticleSet [" + declared + "]><PubmedArticleSet>", "</PubmedArticleSet>")
        )
        path.write_text(text, encoding="utf-8")
        (problem,) = records(path)
        assert isinstance(problem, SetAside)
        assert problem.reason in ("entity declarations", "broken XML")
        assert "secret" not in problem.excerpt


def test_a_record_without_pmid_is_set_aside(tmp_path: Path) -> None:
    broken, document = records(write(tmp_path, "<PubmedArticle><MedlineCitation/></PubmedArticle>", article()))
    assert isinstance(broken, SetAside)
    assert broken.reason == "no PMID"
    assert isinstance(document, Document)


def test_a_path_without_xml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        records(tmp_path / "nowhere")
    with pytest.raises(SourceError):
        records(tmp_path)
    assert not isinstance(records(write(tmp_path, name="empty.xml")), Skipped)
