"""Which sources of papers are there, and how is one added?

One file per source; each opens with an About that says which documentation it follows and under which terms its data come.
A source is any class with `about` and `read`: it needs no registration, a dotted path works as well as a name.

    acl.py       the ACL Anthology's XML files
    jsonl.py     lines of JSON: Stepwell's own documents, or the BEIR layout
    arxiv.py     Kaggle's snapshot and OAI-PMH records    oai.py     any OAI-PMH repository's replies
    crossref.py  REST, public data file, unixref          dblp.py    dblp.xml
    parts.py     files, folders and URLs of an input      json_objects.py  objects of large JSON files
    xml_repair.py   XML as it is found, made well-formed  latex.py   LaTeX prose as plain text
    markup.py    inline XML and TeX as plain text         lines.py   numbered lines of plain, gzip and zstd files
    language.py  language tags as ISO 639-1 codes         tex.py     TeX math as readable text
    other_kind.py  files that hold another kind of record  numbers_met.py  very many numbers, a bit for each
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crawler.errors import UsageError
from crawler.reading import Reading

__all__ = ["SOURCES", "About", "PaperSource", "open_source"]

SOURCES = {
    "arxiv": "crawler.papers.arxiv:ArxivSource",
    "crossref": "crawler.papers.crossref:CrossrefSource",
    "dblp": "crawler.papers.dblp:DblpSource",
    "oai": "crawler.papers.oai:OaiSource",
    "openalex": "crawler.papers.openalex:OpenAlexSource",
    "semanticscholar": "crawler.papers.semanticscholar:SemanticScholarSource",
    "jats": "crawler.papers.jats:JatsSource",
    "pmc": "crawler.papers.jats:JatsSource",
    "pubmed": "crawler.papers.pubmed:PubmedSource",
    "acl": "crawler.papers.acl:AclSource",
    "jsonl": "crawler.papers.jsonl:JsonlSource",
}
"""Source names and the classes behind them, imported on use."""


@dataclass(frozen=True, slots=True)
class About:
    """Where a source's records come from."""

    name: str
    """As its publisher writes it."""
    documentation: str
    """URL of the format's official documentation, which the source's code follows."""
    terms: str
    """Terms of use of the records, in one sentence."""


class PaperSource(Protocol):
    """Turns the files (or replies) of one publisher into documents."""

    about: About

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every record under `path`, in a stable order, in bounded memory; a string with ``://`` is a URL (parts.py).

        Documents belong to `collection`, or where it is empty to the one the source names itself. Bad records are yielded as
        SetAside and reading goes on; UsageError or SourceError is raised only where nothing can be read at all.
        """
        ...


def open_source(name: str) -> PaperSource:
    """The source called `name`, or the class at a dotted path ``package.module:Class``.

    Raises UsageError, naming the known sources, where there is none.
    """
    module, _, cls = SOURCES.get(name, name).partition(":")
    if not cls:
        raise UsageError(f"no paper source called {name!r}; there are {', '.join(SOURCES)}, or give package.module:Class")
    try:
        source: PaperSource = getattr(importlib.import_module(module), cls)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"paper source {name!r} cannot be loaded: {error}") from error
    return source
