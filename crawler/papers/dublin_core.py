"""What does an `oai_dc` record say?

The format that every OAI-PMH repository has: fifteen elements, each repeatable, none required, and every repository has its own
habits. arXiv's are known: `Comment:` descriptions, journal references and DOIs among the identifiers.
<https://www.openarchives.org/OAI/openarchivesprotocol.html#dublincore>, <https://www.dublincore.org/specifications/dublin-core/dces/>.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.merging import identity
from crawler.papers.arxiv_record import arxiv_document
from crawler.papers.cited import cited
from crawler.papers.dates import checked_iso, medline_date
from crawler.papers.language import language_code
from crawler.papers.latex import plain
from crawler.papers.markup import plain_text
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

_COMMENT = "Comment:"
_COLLABORATION = re.compile(
    r"collaboration|consortium|group|team|university|institute|committee|laboratory|ministry", re.IGNORECASE
)
_RETRACTED = re.compile(r"^\W*(?:RETRACTED|WITHDRAWN)(?:\s+(?:ARTICLE|PAPER))?\s*[:\]]")


def dublin_core_document(metadata: _Element, oai_id: str, collection: str) -> Document | None:
    """The document of a `dc` element whose names have no namespace; None where it says nothing that can be searched."""
    values: dict[str, list[str]] = {}
    languages: dict[str, str] = {}
    for element in metadata.iterchildren("*"):
        if text := plain_text(element):
            values.setdefault(str(element.tag).lower(), []).append(text)
            languages.setdefault(str(element.tag).lower(), element.get("{http://www.w3.org/XML/1998/namespace}lang", ""))
    if number := identity.arxiv(oai_id):
        return _arxiv(metadata, number.number, values, collection)
    title, *others = [*values.get("title", []), ""]
    descriptions = values.get("description", [])
    if not title and not descriptions:
        return None
    names = [*values.get("identifier", []), *values.get("relation", [])]
    links = [name for name in names if name.startswith(("http://", "https://"))]
    details = {
        "alternative title": "; ".join(filter(None, others)),
        **{name: "; ".join(values.get(name, [])) for name in ("subject", "publisher", "type", "format", "coverage", "rights")},
        "contributor": "; ".join(map(turned, values.get("contributor", []))),
    }
    return Document(
        id=oai_id if oai_id.startswith("oai:") else f"oai:{oai_id}",
        title=title or links[0] if links or title else oai_id,
        text="\n\n".join(descriptions),
        kind="paper",
        url=next((link for link in links if not link.endswith(".pdf")), links[0] if links else ""),
        authors=tuple(map(turned, values.get("creator", []))),
        venue=next(iter(values.get("source", [])), ""),
        published=min(filter(None, map(_date, values.get("date", []))), default=""),
        language=next(
            (code for tag in [*values.get("language", []), languages.get("title", "")] if (code := language_code(tag))), ""
        ),
        collection=collection,
        identifiers=_identifiers(names, links, values),
        retracted=True if _RETRACTED.match(title) else None,
        references=tuple(filter(None, (cited(value) for value in values.get("references", [])))),
        details={name: value for name, value in details.items() if value},
    )


def turned(name: str) -> str:
    """``Family, Given`` as ``Given Family``, ``Family, Given, Jr.`` as ``Given Family Jr.``; bodies stay as they are."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) not in (2, 3) or not all(parts) or _COLLABORATION.search(name):
        return name
    return " ".join((parts[1], parts[0], *parts[2:]))


def _arxiv(metadata: _Element, number: str, values: dict[str, list[str]], collection: str) -> Document | None:
    texts = [child.text or "" for child in metadata.iterchildren("{*}description", "description")]
    comments = [text.strip().removeprefix(_COMMENT) for text in texts if text.strip().startswith(_COMMENT)]
    names = values.get("identifier", [])
    journals = [name for name in names if "://" not in name and not name.lower().startswith(("doi:", "arxiv:"))]
    fields = {
        "id": number,
        "title": next(iter(values.get("title", [])), ""),
        "abstract": "\n".join(text for text in texts if not text.strip().startswith(_COMMENT)),
        "comments": "; ".join(comment.strip() for comment in comments),
        "journal-ref": "; ".join(journals),
        "doi": " ".join(name for name in names if name.lower().startswith("doi:")),
        "categories": "; ".join(values.get("subject", [])),
        "license": " ".join(values.get("rights", [])),
    }
    names_ = tuple(plain(turned(creator)) for creator in values.get("creator", []))
    return arxiv_document(fields, names_, sorted(values.get("date", [])), collection)


def _identifiers(names: list[str], links: list[str], values: dict[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in [*names, *values.get("source", [])]:
        for scheme, value in (
            ("doi", identity.doi(name)),
            ("arxiv", str(identity.arxiv(name) or "")),
            ("isbn", identity.isbn(name)),
            ("issn", identity.issn(name)),
            ("pmcid", identity.pmcid(name) if "pmc" in name.lower() else ""),
            ("pmid", identity.pmid(name) if "pmid" in name.lower() or "pubmed" in name.lower() else ""),
        ):
            if value:
                found.setdefault(scheme, value)
    if pdf := next((link for link in links if link.lower().endswith(".pdf")), ""):
        found["pdf"] = pdf
    return found


def _date(text: str) -> str:
    return checked_iso(text.strip()[:10]) or checked_iso(re.sub(r"[/.]", "-", text.strip())[:10]) or medline_date(text)
