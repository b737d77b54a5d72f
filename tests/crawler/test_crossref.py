"""Does every work that Crossref knows become the document it should?"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.papers import open_source
from crawler.papers.crossref_json import work_document
from crawler.reading import Reading, SetAside
from indexer.document import Document


def work(**fields: Any) -> Document:
    document = work_document({"DOI": "10.5555/X.1", **{k.replace("_", "-"): v for k, v in fields.items()}}, "crossref")
    assert document is not None
    return document


def read(tmp_path: Path, name: str, content: str | bytes) -> list[Reading]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(open_source("crossref").read(path))


def documents(tmp_path: Path, name: str, content: str | bytes) -> list[Document]:
    return [r.record for r in read(tmp_path, name, content) if isinstance(r.record, Document)]


def test_markup_in_titles_and_abstracts_reads_as_text() -> None:
    document = work(
        title=["H<sub>2</sub>O &amp; p < .05 in <i>Quercus <b>alba</b></i>"],
        subtitle=["A <scp>Trial</scp>"],
        abstract="<jats:title>Abstract</jats:title><jats:p>Tides are <jats:italic>low</jats:italic> if x < 3 &amp; y.</jats:p>"
        '<jats:p>With <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>α</mml:mi></mml:math>.</jats:p>',
    )
    assert document.title == "H2O & p < .05 in Quercus alba: A Trial"
    assert document.text == "Tides are low if x < 3 & y.\n\nWith α."
    assert document.sections == ()


@pytest.mark.parametrize(
    "abstract",
    [
        "<jats:sec><jats:title>Aims</jats:title><jats:p>To see.</jats:p></jats:sec><sec><title>Results</title>Seen.</sec>",
        "<jats:title>Aims</jats:title><jats:p>To see.</jats:p><jats:title>Results</jats:title><jats:p>Seen.</jats:p>",
        "<p/><sec><title>Aims</title>To see.</sec><sec><title>Results</title><p>Seen.</p></sec>",
    ],
)
def test_a_structured_abstract_has_sections(abstract: str) -> None:
    document = work(title=["T"], abstract=abstract)
    assert [(s.heading, document.text[s.start : s.end]) for s in document.sections] == [
        ("Aims", "Aims\nTo see."),
        ("Results", "Results\nSeen."),
    ]


def test_people_bodies_and_suffixes_are_authors_in_order() -> None:
    document = work(
        author=[
            {"given": "Ida", "family": "Alder", "suffix": "Jr.", "ORCID": "http://orcid.org/0000-0001-0002-0003"},
            {"name": "Tide Collaboration"},
            {"family": "Bay"},
            {"given": None},
        ],
        editor=[{"given": "E.", "family": "Ed"}],
    )
    assert document.authors == ("Ida Alder Jr.", "Tide Collaboration", "Bay")
    assert document.editors == ("E. Ed",)
    assert document.details["orcid"] == "Ida Alder Jr. = 0000-0001-0002-0003"


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ({"issued": {"date-parts": [[2018, 3, 1]]}}, "2018-03-01"),
        ({"issued": {"date-parts": [[None]]}, "published-online": {"date-parts": [["2017", "5"]]}}, "2017-05"),
        ({"issued": {"date-parts": [[2018, 13]]}}, "2018"),
        ({"issued": {"date-parts": [[2018, 2, 31]]}}, "2018-02"),
        ({"issued": {"date-parts": []}}, ""),
        ({"issued": None, "created": {"date-parts": [[2020, 1, 1]]}}, ""),
        ({"issued": "2018"}, ""),
    ],
)
def test_dates_are_read_as_far_as_they_go(fields: dict[str, Any], published: str) -> None:
    assert work_document({"DOI": "10.5555/x", **fields}, "c").published == published  # type: ignore[union-attr]


def test_a_retraction_retracts_what_it_names_and_not_itself() -> None:
    notice = work(title=["Retraction: Tides"], update_to=[{"DOI": "10.5555/Y.2", "type": "retraction"}])
    assert (notice.retracted, notice.notices, notice.details["retraction_of"]) == (None, (), "doi:10.5555/y.2")
    paper = work(title=["Tides"], updated_by=[{"DOI": "10.5555/Z", "type": "retraction", "source": "retraction-watch"}])
    assert (paper.retracted, paper.notices) == (True, ("retraction:doi:10.5555/z",))
    itself = work(title=["Tides"], update_to=[{"DOI": "10.5555/x.1", "type": "withdrawal"}])
    assert (itself.retracted, itself.notices) == (True, ("retraction:doi:10.5555/x.1",))


def test_an_erratum_or_a_concern_is_no_retraction() -> None:
    paper = work(
        title=["T"],
        updated_by=[
            {"DOI": "10.5555/E", "type": "corrigendum"},
            {"DOI": "10.5555/F", "type": "expression_of_concern"},
            {"DOI": "10.5555/G", "type": "partial_retraction"},
            {"DOI": "10.5555/H", "type": "new_version"},
        ],
    )
    assert paper.retracted is False
    assert paper.notices == (
        "erratum:doi:10.5555/e",
        "concern:doi:10.5555/f",
        "partial-retraction:doi:10.5555/g",
        "new-version:doi:10.5555/h",
    )
    assert work(title=["T"]).retracted is None


@pytest.mark.parametrize(
    ("title", "retracted"),
    [
        ("RETRACTED ARTICLE: Tides", True),
        ("RETRACTED: Tides", True),
        ("[RETRACTED] Tides", True),
        ("Retracted: Tides", True),
        ("WITHDRAWN: Tides", True),
        ("Retraction: Tides", None),
        ("Retraction note to: Tides", None),
        ("Retracted papers in hydrology", None),
        ("Withdrawn behaviour: a study", None),
    ],
)
def test_publishers_mark_retracted_titles(title: str, retracted: bool | None) -> None:
    assert work(title=[title]).retracted is retracted


def test_references_are_named_by_doi_or_as_printed() -> None:
    document = work(
        reference=[
            {"key": "1", "DOI": "10.5555/A%2FB", "unstructured": "whatever"},
            {
                "key": "2",
                "author": "Bay",
                "year": "1999",
                "article-title": "On <i>x</i>",
                "journal-title": "J",
                "first-page": "3",
            },
            {"key": "3", "unstructured": "C. Cee, Personal communication."},
            {"key": "4"},
        ]
    )
    assert document.references == ("doi:10.5555/a/b", "Bay, 1999, On x, J, 3", "C. Cee, Personal communication.")


def test_licences_identifiers_and_relations_are_kept() -> None:
    document = work(
        ISSN=["bad", "1234-5679"],
        ISBN=["http://id.crossref.org/isbn/9780306406157"],
        license=[{"URL": "https://l/1"}, {"URL": "https://l/1"}, {"URL": "https://l/2"}],
        link=[{"URL": "https://p/x.pdf", "content-type": "application/pdf"}],
        relation={"is-preprint-of": [{"id-type": "doi", "id": "10.5555/Pub", "asserted-by": "subject"}]},
        container_title=["Series", "Book"],
        type="book-chapter",
    )
    assert document.identifiers == {
        "doi": "10.5555/x.1",
        "issn": "1234-5679",
        "isbn": "9780306406157",
        "pdf": "https://p/x.pdf",
    }
    assert document.details["license"] == "https://l/1 https://l/2"
    assert document.details["preprint_of"] == "doi:10.5555/pub"
    assert (document.id, document.title, document.url) == ("crossref:10.5555/x.1", "10.5555/x.1", "https://doi.org/10.5555/X.1")


def test_every_form_of_json_gives_every_work(tmp_path: Path) -> None:
    works = [{"DOI": f"10.5555/{n}", "title": [f"Brace }} {n}"]} for n in range(5)]
    ids = [f"crossref:10.5555/{n}" for n in range(5)]
    reply = {"status": "ok", "message-type": "work-list", "message": {"facets": {}, "items": works, "query": {"items": 3}}}
    forms = {
        "part.json.gz": gzip.compress(json.dumps({"items": works}).encode()),
        "laid-out.json": json.dumps({"items": works}, indent=1),
        "lines.jsonl": "\n".join(map(json.dumps, works)),
        "reply.json": json.dumps(reply),
        "list.json": json.dumps(works),
    }
    for name, content in forms.items():
        assert [d.id for d in documents(tmp_path, name, content)] == ids, name
    one = json.dumps({"status": "ok", "message-type": "work", "message": works[2]})
    assert [d.id for d in documents(tmp_path, "one.json", one)] == ids[2:3]


def test_bad_works_are_set_aside_one_by_one(tmp_path: Path) -> None:
    lines = [
        '{"DOI":"10.5555/1"}',
        '{"DOI":',
        '{"title":["x"]}',
        '{"DOI":"10.5555/2","title":null,"author":7,"issued":{"date-parts":[7]}}',
    ]
    records = [r.record for r in read(tmp_path, "a.jsonl", "\n".join(lines))]
    assert [r.reason if isinstance(r, SetAside) else r.id for r in records if isinstance(r, SetAside | Document)] == [
        "crossref:10.5555/1",
        "broken JSON",
        "no DOI",
        "crossref:10.5555/2",
    ]


DEPOSIT = """<doi_batch xmlns="http://www.crossref.org/schema/5.3.1"><head/><body>
<book book_type="edited_book"><book_metadata language="de"><contributors><person_name contributor_role="editor" sequence="first">
<given_name>E.</given_name><surname>Ed</surname></person_name></contributors><titles><title>Das Buch</title></titles>
<publication_date><year>2001</year></publication_date><isbn>978-0-306-40615-7</isbn><doi_data><doi>10.5555/book</doi>
<resource>https://p/book</resource></doi_data></book_metadata><content_item component_type="chapter"><contributors>
<organization contributor_role="author" sequence="first">The Tide Group</organization><person_name contributor_role="author"
sequence="additional"><given_name>I.</given_name><surname>Alder</surname><suffix>III</suffix></person_name></contributors>
<titles><title>Kapitel &uuml;ber <i>x</i></title></titles><doi_data>
<doi>10.5555/book.1</doi><resource>https://p/1</resource></doi_data>
<citation_list><citation key="a"><isbn>9780306406157</isbn></citation></citation_list></content_item></book>
<journal><journal_metadata><full_title>J. Tides</full_title><issn>1234-5679</issn></journal_metadata><journal_article>
<titles><title>Erratum</title></titles>
<publication_date media_type="online"><month>2</month><day>3</day><year>2020</year></publication_date>
<crossmark><updates><update type="erratum" date="2020-02-03">10.5555/Orig</update></updates></crossmark>
<doi_data><doi>10.5555/err</doi></doi_data></journal_article></journal>
<posted_content type="preprint"><group_title>Bio</group_title><titles><title>P</title></titles>
<posted_date><month>05</month><year>2019</year></posted_date><doi_data><doi>10.5555/pre</doi></doi_data></posted_content>
<dissertation><person_name contributor_role="author" sequence="first"><surname>Bay</surname></person_name>
<titles><title>Thesis</title></titles><approval_date><year>1998</year></approval_date>
<institution><institution_name>Uni</institution_name></institution>
<doi_data><doi>10.5555/diss</doi></doi_data></dissertation><journal><journal_metadata><full_title>Bare</full_title><doi_data>
<doi>10.5555/journal</doi></doi_data></journal_metadata></journal><error>doi:10.5555/none not found</error></body></doi_batch>"""


def test_a_deposit_gives_books_chapters_articles_preprints_and_theses(tmp_path: Path) -> None:
    found = {d.id.removeprefix("crossref:"): d for d in documents(tmp_path, "deposit.xml", DEPOSIT)}
    assert {name: d.details["type"] for name, d in found.items()} == {
        "10.5555/book": "book",
        "10.5555/book.1": "book-chapter",
        "10.5555/err": "journal-article",
        "10.5555/pre": "posted-content",
        "10.5555/diss": "dissertation",
        "10.5555/journal": "journal",
    }
    chapter = found["10.5555/book.1"]
    assert (chapter.title, chapter.venue, chapter.published, chapter.language) == ("Kapitel über x", "Das Buch", "2001", "de")
    assert (chapter.authors, chapter.editors) == (("The Tide Group", "I. Alder III"), ("E. Ed",))
    assert chapter.identifiers["isbn"] == "9780306406157"
    assert found["10.5555/book"].venue == ""
    assert (found["10.5555/err"].published, found["10.5555/err"].venue) == ("2020-02-03", "J. Tides")
    assert found["10.5555/err"].details["erratum_for"] == "doi:10.5555/orig"
    assert (found["10.5555/diss"].authors, found["10.5555/diss"].venue, found["10.5555/pre"].published) == (
        ("Bay",),
        "Uni",
        "2019-05",
    )
    assert found["10.5555/journal"].title == "Bare"


def test_an_error_of_crossref_is_set_aside(tmp_path: Path) -> None:
    reasons = [r.record.reason for r in read(tmp_path, "deposit.xml", DEPOSIT) if isinstance(r.record, SetAside)]
    assert reasons == ["Crossref error"]
