"""What do Semantic Scholar's records say, in any of the forms in which they are given away?

Told apart record by record: replies of the Academic Graph interface (a paper, a batch, a page of a search, references or
citations); the ``papers``, ``abstracts``, ``tldrs``, ``s2orc`` and ``s2orc_v2`` sets of the Datasets interface; S2ORC of 2019
and 2020 (``metadata``, ``pdf_parses``) and what has its layout (CORD-19, doc2json); and peS2o.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from crawler.merging import identity
from crawler.papers import About
from crawler.papers.cited import cited
from crawler.papers.dates import checked_iso
from crawler.papers.json_records import object_of, objects_of, read_json, text_of, texts_of
from crawler.papers.markup import tidy
from crawler.papers.other_kind import told
from crawler.papers.outline import Outline
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.s2orc import annotated_authors, annotated_title, body_of, plain_body
from crawler.reading import Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

SITE = "https://www.semanticscholar.org/paper"
_API = "https://api.semanticscholar.org/CorpusID:"

_ENVELOPES = ("data", "recommendedPapers", "papers")
"""Keys under which replies hold their records."""
_WRAPPERS = ("citedPaper", "citingPaper", "paper")
"""Keys of the paper inside a record of a list of references or citations."""
_SCHEMES = {
    "doi": ("doi", "DOI"),
    "arxiv": ("arxiv", "ArXiv", "arxiv_id", "arXiv"),
    "pmid": ("pubmed", "PubMed", "pubmed_id", "PMID"),
    "pmcid": ("pubmedcentral", "PubMedCentral", "pmc_id", "pmcid", "PMCID"),
    "acl": ("acl", "ACL", "acl_id"),
    "dblp": ("dblp", "DBLP"),
}
"""Scheme -> the names that the forms have for it; lists (of doc2json) give their first."""
_S2ORC = frozenset({"paper_id", "content", "body", "body_text", "pdf_parse", "latex_parse", "grobid_parse"})
"""Keys that only S2ORC's forms have."""
_SHORT_TITLE = 400
"""Characters of the first line of a peS2o text that can be a title."""


class SemanticScholarSource:
    """Semantic Scholar: S2ORC, peS2o, the Datasets and the Academic Graph interfaces."""

    about = About(
        name="Semantic Scholar",
        documentation="https://api.semanticscholar.org/api-docs/datasets",
        terms="ODC-BY 1.0 for S2ORC and peS2o; the Semantic Scholar API License Agreement for the interfaces and their sets.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every record under `path`, in the order of the files. Raises UsageError or SourceError where there is none."""
        parts = find_parts(path, (".jsonl", ".json", ".ndjson", ""))
        if len(parts) > 1:
            parts = [part for part in parts if not part.name.endswith((".md", ".txt", ".sha1", ".sha256", "LICENSE", "README"))]

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            for record in read_json(file, part.name, _ENVELOPES):
                if record.problem:
                    yield Reading(set_aside(record.where, record.problem, record.excerpt), record.where, 0.0)
                elif record.fields is None:
                    yield Reading(Skipped(record.where, "null for a paper that was not found"), record.where, 0.0)
                else:
                    yield Reading(_document(record.fields, record.where, collection or "s2"), record.where, 0.0)

        yield from read_parts(parts, told(read))


def _document(record: dict[str, Any], where: str, collection: str) -> Document | SetAside:
    """The document of one record, whatever its form."""
    for wrapper in _WRAPPERS:
        if isinstance(record.get(wrapper), dict):
            record = record[wrapper]
    identifiers, sha = _identifiers(record)
    key = identifiers.get("s2") or sha or text_of(record.get("paper_id")) or text_of(record.get("id"))
    if not key:
        return set_aside(where, "no Semantic Scholar id", text_of(record.get("title")) or str(record)[:200])
    metadata = object_of(record.get("metadata"))
    outline, references = body_of(record)
    title = tidy(text_of(record.get("title")) or text_of(metadata.get("title")))
    title = title or annotated_title(record)
    if not title and isinstance(record.get("text"), str) and "model" not in record:  # with a model it is a summary
        title, outline = _pes2o(record["text"])
    journal = object_of(record.get("journal"))
    document = Document(
        id=f"{_source(record)}:{key}",
        title=title or _url(record, key),
        text=outline.text,
        kind="paper",
        url=_url(record, key),
        authors=tuple(filter(None, map(author, _authors(record) or objects_of(metadata.get("authors")))))
        or tuple(annotated_authors(record)),
        venue=text_of(record.get("venue")) or text_of(journal.get("name")) or text_of(record.get("journal")),
        published=_published(record, metadata),
        collection=collection,
        identifiers=identifiers,
        sections=outline.sections,
        references=tuple(_references(record)) or references,
        details=_details(record, journal, sha),
    )
    return document_or_reason(document, where)


def _source(record: dict[str, Any]) -> str:
    """Beginning of the id: ``s2orc``, ``pes2o``, or ``s2`` for what the interfaces say."""
    if "added" in record and "created" in record:
        return "pes2o"
    return "s2orc" if _S2ORC & record.keys() else "s2"


def _authors(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects; peS2o and some exports have plain names."""
    authors = record.get("authors")
    return objects_of(authors) or [{"name": name} for name in texts_of(authors)]


def author(record: dict[str, Any]) -> str:
    """``{"name"}``, or ``{"first", "middle": […], "last", "suffix"}``."""
    if name := tidy(text_of(record.get("name"))):
        return name
    parts = [
        *texts_of(record.get("first")),
        *texts_of(record.get("middle")),
        *texts_of(record.get("last")),
        *texts_of(record.get("suffix")),
    ]
    return tidy(" ".join(parts))


def _identifiers(record: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Every name of the work, and its older paper id (40 hexadecimal digits)."""
    open_access = object_of(record.get("openaccessinfo"))
    external = {
        **object_of(open_access.get("externalids")),
        **object_of(record.get("externalids")),
        **object_of(record.get("externalIds")),
    }
    corpus = next(
        (name for value in (record.get("corpusid"), record.get("corpusId"), external.get("CorpusId"), external.get("corpusid"),
                            record.get("paper_id"), record.get("id")) if (name := identity.s2(text_of(value))).isdigit()),
        "",
    )  # fmt: skip
    sha = next((name for key in ("paperId", "paper_id", "sha") if len(name := identity.s2(text_of(record.get(key)))) == 40), "")
    found = {"s2": corpus} if corpus else {"s2": sha} if sha else {}
    for scheme, names in _SCHEMES.items():
        values = (text for name in names for text in (*texts_of(external.get(name)), *texts_of(record.get(name))))
        if name := next(filter(None, map(identity.NORMAL[scheme], values)), ""):
            found[scheme] = name
    if mag := text_of(external.get("MAG")) or text_of(external.get("mag")) or text_of(record.get("mag_id")):
        found["mag"] = mag
    source = object_of(object_of(record.get("content")).get("source"))
    pdfs = texts_of(record.get("pdfUrls")) or texts_of(source.get("pdfurls"))
    pdf = text_of(object_of(record.get("openAccessPdf")).get("url")) or next(iter(pdfs), "")
    if pdf.startswith("http"):
        found["pdf"] = pdf
    if issn := identity.issn(text_of(object_of(record.get("publicationVenue")).get("issn"))):
        found["issn"] = issn
    return found, sha


def _url(record: dict[str, Any], key: str) -> str:
    """Of the paper's page; the records' own links are to it, or to the same by its corpus id."""
    given = text_of(record.get("url")) or text_of(record.get("s2_url"))
    if given.startswith("http"):
        return given
    return f"{_API}{key}" if key.isdigit() else f"{SITE}/{key}"


def _published(record: dict[str, Any], metadata: dict[str, Any]) -> str:
    """peS2o has ``created``, whose day is made up where only the year is known: then the year is what counts."""
    date = checked_iso(text_of(record.get("publicationDate")) or text_of(record.get("publicationdate")))
    year = checked_iso(text_of(record.get("year")) or text_of(metadata.get("year")))
    created = checked_iso(text_of(record.get("created"))[:10])
    return date or year or (created[:4] if created.endswith("-01-01") else created)


def _references(record: dict[str, Any]) -> Iterator[str]:
    """Of an interface's reply, with every name of the cited work; of S2ORC's metadata, their corpus ids."""
    listed = record.get("references")
    for reference in objects_of(listed):
        cited_paper = object_of(reference.get("citedPaper")) or reference
        names, _ = _identifiers(cited_paper)
        printed = text_of(cited_paper.get("title"))
        known = {scheme: names.get(scheme, "") for scheme in ("doi", "arxiv", "pmid", "s2")}
        if name := cited("", **known) or cited(printed):
            yield name
    for scheme_less in texts_of(record.get("outbound_citations")) + texts_of(record.get("outCitations")):
        yield cited("", s2=scheme_less) or scheme_less


def _details(record: dict[str, Any], journal: dict[str, Any], sha: str) -> dict[str, str]:
    """Counts of citations are left out: they change every week, and would make every document a changed one."""
    fields = [
        text_of(field.get("category"))
        for field in objects_of(record.get("s2FieldsOfStudy")) or objects_of(record.get("s2fieldsofstudy"))
    ]
    fields = fields or texts_of(record.get("fieldsOfStudy")) or texts_of(record.get("mag_field_of_study"))
    tldr = record.get("tldr")
    details = {
        "journal": text_of(journal.get("name")) or text_of(record.get("journal")),
        "volume": text_of(journal.get("volume")),
        "pages": text_of(journal.get("pages")),
        "types": "; ".join(texts_of(record.get("publicationTypes")) or texts_of(record.get("publicationtypes"))),
        "fields": "; ".join(dict.fromkeys(filter(None, fields))),
        "tldr": text_of(object_of(tldr).get("text")) or (text_of(record.get("text")) if "model" in record else ""),
        "license": text_of(object_of(record.get("openaccessinfo")).get("license")),
        "paper_id": sha,
        "dataset": text_of(record.get("source")) if "added" in record else "",
    }
    return {name: value for name, value in details.items() if value}


def _pes2o(text: str) -> tuple[str, Outline]:
    """The title is the first line, unless that is a paragraph already."""
    first, _, rest = text.strip().partition("\n")
    if rest.strip() and len(first) <= _SHORT_TITLE:
        return tidy(first), plain_body(rest)
    return "", plain_body(text)
