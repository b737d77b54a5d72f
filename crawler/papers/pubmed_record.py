"""What does one PubMed citation say?

<https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html>, <https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/>. A
record is retracted where PubMed says so (publication type or RetractionIn); that it does not say so proves nothing, and stays
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crawler.merging import identity
from crawler.papers.cited import cited
from crawler.papers.dates import iso_date, medline_date
from crawler.papers.language import language_code
from crawler.papers.markup import tidy
from crawler.papers.outline import Outline
from crawler.papers.running_text import running_text
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

SITE = "https://pubmed.ncbi.nlm.nih.gov"

_NOTICES = {
    "RetractionIn": "retraction",
    "RetractedandRepublishedIn": "retraction",
    "PartialRetractionIn": "partial-retraction",
    "ErratumIn": "erratum",
    "CorrectedandRepublishedIn": "republication",
    "ExpressionOfConcernIn": "concern",
}
"""RefType of what befell the record -> kind of notice."""
_RETRACTED = frozenset({"RetractionIn", "RetractedandRepublishedIn"})
_RELATIONS = {
    "RetractionOf": "retraction_of",
    "PartialRetractionOf": "retraction_of",
    "ErratumFor": "erratum_for",
    "ExpressionOfConcernFor": "concern_about",
    "CommentOn": "comment_on",
    "UpdateOf": "update_of",
    "UpdateIn": "updated_in",
    "PreprintOf": "preprint_of",
    "RepublishedFrom": "republished_from",
    "CorrectedandRepublishedFrom": "republished_from",
    "RetractedandRepublishedFrom": "republished_from",
}
"""RefType of what the record is about -> name among the details."""
_NO_TITLE = frozenset({"", "[Not Available].", "[Not Available]", "[No title available]"})


def document_of(record: _Element, pmid: str, collection: str) -> Document:
    """The document of a PubmedArticle, PubmedBookArticle or bare MedlineCitation."""
    book = record.find("BookDocument")
    citation = record.find("MedlineCitation") if record.tag == "PubmedArticle" else record if book is None else book
    assert citation is not None, "a record with a PMID has a citation"
    article = book if book is not None else citation.find("Article")
    if article is None:  # no more than a number
        article = citation
    corrections = list(citation.iterfind("CommentsCorrectionsList/CommentsCorrections"))
    types = _texts(article, "PublicationTypeList/PublicationType") + _texts(article, "PublicationType")
    outline = _abstract(article, citation)
    retracted = "Retracted Publication" in types or any(c.get("RefType") in _RETRACTED for c in corrections)
    return Document(
        id=f"pubmed:{pmid}",
        title=_title(article) or f"PubMed {pmid}",
        text=outline.text,
        kind="paper",
        url=f"{SITE}/{pmid.partition('.')[0]}/",
        authors=tuple(_names(article, editors=False)),
        editors=tuple(_names(article, editors=True)),
        venue=_text(article, "Journal/Title")
        or _text(article, "Book/BookTitle")
        or _text(citation, "MedlineJournalInfo/MedlineTA"),
        published=_published(article),
        language=next((code for tag in article.iterfind("Language") if (code := language_code(tag.text or ""))), ""),
        collection=collection,
        identifiers=_identifiers(record, article, pmid),
        sections=outline.sections,
        retracted=True if retracted else None,
        notices=tuple(
            dict.fromkeys(f"{_NOTICES[kind]}:{_target(c)}" for c in corrections if (kind := c.get("RefType", "")) in _NOTICES)
        ),
        references=tuple(_references(record, corrections)),
        details=_details(article, citation, corrections, types),
    )


def _title(article: _Element) -> str:
    """The article's title, else the one in its own language, else the book's."""
    found = (running_text(article.find(path)) for path in ("ArticleTitle", "VernacularTitle", "Book/BookTitle"))
    return next((title for title in found if title not in _NO_TITLE), "")


def _abstract(article: _Element, citation: _Element) -> Outline:
    """Labelled parts are sections; abstracts in other languages and plain-language summaries follow under their own names."""
    outline = Outline()
    for part in article.iterfind("Abstract/AbstractText"):
        _paragraph(outline, part, 1)
    for other in [*article.iterfind("OtherAbstract"), *citation.iterfind("OtherAbstract")]:
        language = other.get("Language", "")
        name = other.get("Type", "").replace("-", " ").capitalize() or "Abstract"
        with outline.section(f"{name} ({language})" if language not in ("", "eng") else name, 1):
            for part in other.iterfind("AbstractText"):
                _paragraph(outline, part, 2)
    return outline


def _paragraph(outline: Outline, part: _Element, level: int) -> None:
    label = tidy(part.get("Label", ""))
    text = running_text(part)
    if label and label.upper() != "UNLABELLED" and text:
        with outline.section(label, level):
            outline.paragraph(text)
    else:
        outline.paragraph(text)


def _names(article: _Element, editors: bool) -> Iterable[str]:
    """Authors as ``Given Family``, or the name of a group; spellings that PubMed marks as superseded are left out."""
    lists = [*article.iterfind("AuthorList"), *article.iterfind("Book/AuthorList")]
    for people in lists:
        if (people.get("Type", "authors") == "editors") is editors:
            for author in people.iterfind("Author"):
                if author.get("ValidYN") != "N" and (name := _name(author)):
                    yield name


def _name(author: _Element) -> str:
    if group := running_text(author.find("CollectiveName")):
        return group
    given = _text(author, "ForeName") or _text(author, "FirstName") or _text(author, "Initials")
    return " ".join(filter(None, (given, _text(author, "LastName"), _text(author, "Suffix"))))


def _published(article: _Element) -> str:
    """Of the journal's issue, else of the electronic version, else of the book or its contribution."""
    for path in ("Journal/JournalIssue/PubDate", "ArticleDate", "ContributionDate", "Book/PubDate", "DateRevised"):
        for date in article.iterfind(path):
            found = iso_date(_text(date, "Year"), _text(date, "Month") or _text(date, "Season"), _text(date, "Day"))
            if found := found or medline_date(_text(date, "MedlineDate")):
                return found
    return ""


def _identifiers(record: _Element, article: _Element, pmid: str) -> dict[str, str]:
    """PMID, DOI, PMCID and ISSN; the ids of the article itself, not those of its references."""
    found = {"pmid": pmid.partition(".")[0]}
    ids = [*record.iterfind("PubmedData/ArticleIdList/ArticleId"), *record.iterfind("PubmedBookData/ArticleIdList/ArticleId")]
    ids += record.iterfind("BookDocument/ArticleIdList/ArticleId")
    for element in ids:
        value = tidy(element.text or "")
        if element.get("IdType") == "doi" and (doi := identity.doi(value)):
            found.setdefault("doi", doi)
        elif element.get("IdType") in ("pmc", "pmcid") and (number := identity.pmcid(value)):
            found.setdefault("pmcid", number)
        elif element.get("IdType") == "bookaccession" and value:
            found.setdefault("bookaccession", value)
    for element in article.iterfind("ELocationID"):
        if element.get("EIdType") == "doi" and element.get("ValidYN") != "N" and (doi := identity.doi(tidy(element.text or ""))):
            found.setdefault("doi", doi)
    for scheme, path in (("issn", "Journal/ISSN"), ("isbn", "Book/Isbn")):
        if value := _text(article, path):
            found[scheme] = value
    return found


def _references(record: _Element, corrections: list[_Element]) -> Iterable[str]:
    """From the list of references, else from the older CommentsCorrections of type Cites."""
    listed = list(record.iterfind("PubmedData//Reference")) + list(record.iterfind("BookDocument//Reference"))
    if not listed:
        yield from (_target(c) for c in corrections if c.get("RefType") == "Cites")
    for reference in listed:
        ids = {element.get("IdType"): tidy(element.text or "") for element in reference.iterfind("ArticleIdList/ArticleId")}
        pmcid = ids.get("pmc") or ids.get("pmcid") or ""
        if best := cited(
            running_text(reference.find("Citation")), doi=ids.get("doi", ""), pmid=ids.get("pubmed", ""), pmcid=pmcid
        ):
            yield best


def _target(correction: _Element) -> str:
    """``pmid:12345``, ``doi:10.1000/x``, or the source as printed."""
    source = _text(correction, "RefSource")
    return cited(source, pmid=_text(correction, "PMID")) or source


def _details(article: _Element, citation: _Element, corrections: list[_Element], types: list[str]) -> dict[str, str]:
    issue = "Journal/JournalIssue"
    first, last = _text(article, "Pagination/StartPage"), _text(article, "Pagination/EndPage")
    details = {
        "volume": _text(article, f"{issue}/Volume"),
        "issue": _text(article, f"{issue}/Issue"),
        "pages": _text(article, "Pagination/MedlinePgn") or "-".join(filter(None, (first, last))),
        "journal": _text(article, "Journal/ISOAbbreviation"),
        "publisher": _text(article, "Book/Publisher/PublisherName"),
        "original_title": running_text(article.find("VernacularTitle")),
        "mesh": "; ".join(_heading(heading) for heading in citation.iterfind("MeshHeadingList/MeshHeading")),
        "keywords": "; ".join(_texts(citation, "KeywordList/Keyword")),
        "chemicals": "; ".join(_texts(citation, "ChemicalList/Chemical/NameOfSubstance")),
        "publication_types": "; ".join(types),
        "status": citation.get("Status", ""),
    }
    relations: dict[str, list[str]] = {}
    for correction in corrections:
        if name := _RELATIONS.get(correction.get("RefType", "")):
            relations.setdefault(name, []).append(_target(correction))
    return {name: value for name, value in details.items() if value} | {k: "; ".join(v) for k, v in relations.items()}


def _heading(heading: _Element) -> str:
    """``Chromatium/*enzymology``: a star for what the article is mainly about, as in the MEDLINE display."""
    terms = [element for element in heading if element.tag in ("DescriptorName", "QualifierName")]
    return "/".join(f"{'*' if e.get('MajorTopicYN') == 'Y' else ''}{tidy(e.text or '')}" for e in terms)


def _texts(element: _Element, path: str) -> list[str]:
    return [text for child in element.iterfind(path) if (text := running_text(child))]


def _text(element: _Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())
