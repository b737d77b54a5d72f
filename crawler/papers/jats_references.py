"""Which works does an article cite?

One entry for each citation of the reference lists, in their order: its DOI, arXiv number or PMID where the list names one, else
the reference as printed. A reference may hold several citations (a, b, c); the same one in two scripts counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.merging import identity
from crawler.papers.cited import cited
from crawler.papers.jats_front import HREF, name_in
from crawler.papers.running_text import running_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_CITATIONS = ("element-citation", "mixed-citation", "nlm-citation", "citation")
_DOI_LINK = re.compile(r"doi\.org/|^info:doi/|^doi:", re.IGNORECASE)
_PMID_LINK = re.compile(r"ncbi\.nlm\.nih\.gov/pubmed/\d|pubmed\.ncbi\.nlm\.nih\.gov/\d", re.IGNORECASE)


def read_references(article: _Element) -> tuple[str, ...]:
    """References of the article itself, not of letters and replies that follow it."""
    found: list[str] = []
    for reference in article.iter("ref"):
        if not any(parent.tag in ("sub-article", "response") for parent in reference.iterancestors()):
            found += filter(None, map(_cited, _citations(reference)))
    return tuple(found)


def _citations(reference: _Element) -> Iterator[_Element]:
    found = False
    for child in reference:
        if child.tag == "citation-alternatives":
            versions = [version for version in child if version.tag in _CITATIONS]
            yield from sorted(versions, key=lambda version: not _ids(version))[:1]
            found = True
        elif child.tag in _CITATIONS:
            yield child
            found = True
    if not found:  # a note, or words outside any citation
        yield reference


def _cited(citation: _Element) -> str:
    ids = _ids(citation)
    if name := cited("", doi=ids.get("doi", ""), arxiv=ids.get("arxiv", ""), pmid=ids.get("pmid", "")):
        return name
    printed = running_text(citation, without=("label",)) if _is_prose(citation) else _composed(citation)
    return cited(printed)


def _ids(citation: _Element) -> dict[str, str]:
    """Scheme -> name, from elements that say what they are and from links to a register."""
    found: dict[str, str] = {}
    for element in citation.iter("pub-id", "object-id", "article-id"):
        kind = element.get("pub-id-type", "")
        if kind in ("doi", "pmid", "arxiv"):
            found.setdefault(kind, running_text(element))
    for link in citation.iter("ext-link", "uri", "pub-id", "elocation-id"):
        target = link.get(HREF, "") or running_text(link)
        if _DOI_LINK.search(target):
            found.setdefault("doi", target.removeprefix("info:doi/"))
        elif _PMID_LINK.search(target):
            found.setdefault("pmid", target)
        elif identity.arxiv(target) and "arxiv" in target.lower():
            found.setdefault("arxiv", target)
    return {scheme: name for scheme, name in found.items() if identity.NORMAL[scheme](name)}


def _is_prose(citation: _Element) -> bool:
    """Whether the punctuation between the parts is there."""
    return bool((citation.text or "").strip()) or any((child.tail or "").strip() for child in citation)


def _composed(citation: _Element) -> str:
    """``Given Family, Given Family (2004) Title. Source 12: 34-56``, of parts that come without punctuation."""
    names = [name_in(name) for name in citation.iter("name", "string-name")] + [running_text(e) for e in citation.iter("collab")]
    year, volume = _text(citation, "year"), _text(citation, "volume")
    pages = "-".join(filter(None, (_text(citation, "fpage"), _text(citation, "lpage")))) or _text(citation, "elocation-id")
    titles = [_text(citation, tag).rstrip(".") for tag in ("article-title", "chapter-title", "data-title", "part-title")]
    place = " ".join(filter(None, (_text(citation, "source"), volume)))
    head = " ".join(filter(None, (", ".join(filter(None, names)), f"({year})" if year else "")))
    tail = ": ".join(filter(None, (place, pages)))
    rest = [_text(citation, "publisher-name"), _text(citation, "comment"), _text(citation, "uri") or _text(citation, "ext-link")]
    printed = ". ".join(filter(None, (head, *titles, tail, *rest)))
    return printed if any((*titles, place, names, year)) else running_text(citation, without=("label",))


def _text(citation: _Element, tag: str) -> str:
    return running_text(next(citation.iter(tag), None))
