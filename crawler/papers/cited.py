"""How is a cited work written in ``Document.references``?

``doi:…``, else ``arxiv:…``, else ``pmid:…``, else ``pmcid:…``, else the service's own number (``openalex:…``, ``s2:…``), else
the printed reference. An arXiv DOI is written as the arXiv number it stands for. Notices name the works they point at in the same
way.
"""

from __future__ import annotations

import re

from crawler.merging import identity

MAX_PRINTED = 1_000
"""Characters of a printed reference; a longer one is cut."""

_DOI = re.compile(r"(?:doi\.org/|\bdoi\b[:\s]*|^)\s*(10\.\d{4,9}/[^\s<>\"]+)", re.IGNORECASE)
_ARXIV = re.compile(r"\barXiv:\s*((?:[a-z.-]+/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?)", re.IGNORECASE)


def cited(
    printed: str, *, doi: str = "", arxiv: str = "", pmid: str = "", pmcid: str = "", openalex: str = "", s2: str = ""
) -> str:
    """The best name of a cited work; empty where nothing is known of it.

    A DOI or arXiv number that the printed reference spells out counts as known.
    """
    name = (identity.doi(doi) if doi else "") or doi_in(printed)
    preprint = identity.arxiv(name) if "arxiv" in name else None
    if name and not preprint:
        return f"doi:{name}"
    if number := preprint or _arxiv(arxiv or _arxiv_in(printed)):
        return f"arxiv:{number}"
    for scheme, value in (("pmid", pmid), ("pmcid", pmcid), ("openalex", openalex), ("s2", s2)):
        if value and (normal := identity.NORMAL[scheme](value)):
            return f"{scheme}:{normal}"
    return " ".join(printed[:MAX_PRINTED].split())


def doi_in(text: str) -> str:
    """The DOI that a printed reference names, normalised; empty where there is none."""
    found = _DOI.search(text) if "10." in text else None
    return identity.doi(found[1]) if found else ""


def _arxiv(text: str) -> identity.ArxivId | None:
    return identity.arxiv(text) if text else None


def _arxiv_in(text: str) -> str:
    found = _ARXIV.search(text) if "arxiv" in text.lower() else None
    return found[1] if found else ""
