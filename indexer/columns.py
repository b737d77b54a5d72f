"""What do filters and authority know of a document?

A few numbers per document, memory-mapped: kind, collection, source and language as codes into small tables of strings; day,
retraction and cluster as they are. Nobody who only filters or judges reads whole documents.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import idna
import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.day import day_of
from indexer.document import Document
from indexer.hash64 import hash64
from indexer.mapped import mapped

UNDATED = -(2**31)
"""Day of a document whose date is unknown."""

RETRACTED = ("unknown", "false", "true")
"""What the codes of the column ``retracted`` mean."""

COLUMNS = ("kind", "collection", "source", "language", "retracted", "day")
"""The first rows of ``columns.npy``, 32 bits each, in this order; two more hold ``cluster``, 64 bits."""
_TABLES = ("kind", "collection", "source", "language")
"""The columns that are codes into tables of ``strings.json``; they come first."""


class Source(NamedTuple):
    """Who published a document, as far as authority asks."""

    host: str
    """Lower-case host of the URL, empty if there is none."""
    venue: str
    issn: str


def host_of(url: str) -> str:
    """Lower-case host of a URL without port; empty if there is none."""
    return _host("/".join(url.split("/", 3)[:3]))  # the path is no part of it, and few sites hold most pages


@lru_cache(4_096)
def _host(origin: str) -> str:
    try:  # a browser reads a backslash as a slash, so https://evil.example\\@who.int lies on evil.example
        host = (urlsplit(origin.replace("\\", "/")).hostname or "").rstrip(".")
        return _ascii(host)
    except ValueError:  # UnicodeError, which idna raises, is one
        return ""


def _ascii(host: str) -> str:
    """A lower-case name as the name system has it, ``xn--`` for what is not ASCII. Raises ValueError where there is none."""
    return host if host.isascii() else idna.encode(host, uts46=True).decode()


@lru_cache(4_096)
def asked_host(name: str) -> str:
    """A host that somebody asks for, spelt as `host_of` spells it; one that no URL can have stays as it is."""
    try:
        return _ascii(name.lower())
    except ValueError:
        return name.lower()


def language_of(tag: str) -> str:
    """The language of a tag, in lower case and without its region: ``pt`` for ``pt-BR``."""
    return tag.replace("_", "-").partition("-")[0].strip().lower()


def cluster_key(cluster: str) -> int:
    """64-bit BLAKE2b of a cluster's name; 0 for none. Ten million names collide with a chance of 3 in a million."""
    return hash64(cluster) if cluster else 0


def source_of(document: Document) -> Source:
    """The side of a document that authority judges. A page may call itself anything, so only papers have a venue here."""
    if document.kind != "paper":
        return Source(host_of(document.url), "", "")
    return Source(host_of(document.url), document.venue, document.identifiers.get("issn", ""))


class ColumnsWriter:
    """Collects the columns of one segment."""

    def __init__(self) -> None:
        self._rows = array("I")
        """The codes of each document, in the order of the tables."""
        self._retracted, self._days, self._clusters = array("I"), array("i"), array("Q")
        self._ids: list[bytes] = []
        self._codes: dict[str, dict[object, int]] = {name: {} for name in _TABLES}
        self._known: dict[tuple[str, ...], tuple[int, ...]] = {}
        """What the codes are made from -> the codes."""

    def add(self, document: Document, language: str = "") -> None:
        """Append one document; `language` is what it says or what was told from its words."""
        self._ids.append(document.id.encode())
        paper = document.kind == "paper"
        issn = document.identifiers.get("issn", "") if paper else ""
        origin = "/".join(document.url.split("/", 3)[:3])
        described = (document.kind, document.collection, origin, document.venue if paper else "", issn, language)
        self._rows.extend(self._known.get(described) or self._meet(described, document))
        day = day_of(document.published)
        self._retracted.append(0 if document.retracted is None else 1 + document.retracted)
        self._days.append(UNDATED if day is None else day)
        self._clusters.append(cluster_key(document.cluster) if document.cluster else 0)

    def _meet(self, described: tuple[str, ...], document: Document) -> tuple[int, ...]:
        """The codes of a document whose like was not met before: few sites and venues hold most documents."""
        named = (document.kind, document.collection, source_of(document), language_of(described[-1]))
        codes = tuple(
            self._codes[name].setdefault(value, len(self._codes[name])) for name, value in zip(_TABLES, named, strict=True)
        )
        self._known[described] = codes
        return codes

    def write(self, folder: Path) -> None:
        """Write ``columns.npy`` (COLUMNS + 2, documents), ``strings.json``, and the ids end to end with their offsets."""
        np.save(folder / "ids.npy", np.frombuffer(b"".join(self._ids), np.uint8))
        np.save(folder / "id_offsets.npy", np.cumsum([0, *map(len, self._ids)], dtype=np.uint64))
        codes = np.frombuffer(self._rows, np.uint32).reshape(len(self._ids), len(_TABLES)).T
        others = (np.frombuffer(column, np.uint32) for column in (self._retracted, self._days))
        clusters = np.frombuffer(self._clusters, np.uint32).reshape(2, len(self._ids))  # as they lie, in two rows
        np.save(folder / "columns.npy", np.vstack([*codes, *others, clusters]))
        tables = {name: list(table) for name, table in self._codes.items()}
        (folder / "strings.json").write_bytes(orjson.dumps(tables, default=list))


class Hosts:
    """The hosts of a segment's sources, spelt from the right and sorted: all that lie under a site are neighbours."""

    def __init__(self, sources: Sequence[Source]) -> None:
        spelt = [_from_the_right(source.host) for source in sources]
        self._names = sorted(set(spelt))
        ranks = {name: rank for rank, name in enumerate(self._names)}
        self._of_source = np.fromiter((ranks[name] for name in spelt), np.int64, len(spelt))

    def under(self, sites: Sequence[str]) -> NDArray[np.bool_]:
        """(sources,) bool: whether the host fits one of `sites`, spelt as in Restriction.sites, in letters of any script."""
        passes = np.zeros(len(self._names), np.bool_)
        for site in sites:
            name = _from_the_right(asked_host(site.lstrip("=.")))
            itself, below = (name, name + "\0"), (name + ".", name + "/")  # `/` is the character after `.`
            for first, end in (itself,) if site[0] == "=" else (below,) if site[0] == "." else (itself, below):
                passes[bisect_left(self._names, first) : bisect_left(self._names, end)] = True
        verdicts: NDArray[np.bool_] = passes[self._of_source]
        return verdicts


def _from_the_right(host: str) -> str:
    """``example.alder.www`` for ``www.alder.example``."""
    return ".".join(reversed(host.split(".")))


@dataclass(frozen=True)  # not slotted: `hosts` is made when it is first asked for
class Columns:
    """The columns of one segment, open for reading."""

    values: dict[str, NDArray[Any]]
    """(documents,) each: kind, collection, source, language, retracted uint32; day int32; cluster uint64."""
    kinds: tuple[str, ...]
    collections: tuple[str, ...]
    languages: tuple[str, ...]
    sources: tuple[Source, ...]
    id_bytes: NDArray[np.uint8]
    """All ids in UTF-8, end to end."""
    id_offsets: NDArray[np.uint64]
    """(documents + 1,) where each id begins."""

    @classmethod
    def open(cls, folder: Path) -> Columns:
        """Open what a ColumnsWriter wrote."""
        strings = orjson.loads((folder / "strings.json").read_bytes())
        sources = tuple(Source(*source) for source in strings["source"])
        rows, id_bytes, offsets = (mapped(folder / f"{n}.npy") for n in ("columns", "ids", "id_offsets"))
        kinds, collections, languages = (tuple(strings.get(name, ("",))) for name in ("kind", "collection", "language"))
        return cls(_values(rows), kinds, collections, languages, sources, id_bytes, offsets)

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.values[column]

    @property
    def documents(self) -> int:
        """How many documents the segment holds, deleted ones too."""
        return len(self.id_offsets) - 1

    @cached_property
    def hosts(self) -> Hosts:
        """The hosts of the sources."""
        return Hosts(self.sources)

    def ids(self, documents: NDArray[np.int64]) -> list[str]:
        """The id of each document; a ranking breaks ties by them, so this is on the path of every candidate."""
        starts, ends = self.id_offsets[documents].tolist(), self.id_offsets[documents + 1].tolist()
        memory = memoryview(self.id_bytes)  # type: ignore[arg-type]  # an array is a buffer
        return [str(memory[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]


def _values(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The columns by name; in format 1 they lay row by row, and nothing was said of language, retraction and cluster."""
    if rows.dtype.names:
        nothing = np.zeros(len(rows), np.uint32)
        absent: dict[str, NDArray[Any]] = {"language": nothing, "retracted": nothing, "cluster": nothing.astype(np.uint64)}
        return {name: np.asarray(rows[name]) for name in rows.dtype.names} | absent
    table = np.asarray(rows)
    numbers: dict[str, NDArray[Any]] = dict(zip(COLUMNS, table, strict=False))
    return numbers | {"day": numbers["day"].view(np.int32), "cluster": table[len(COLUMNS) :].reshape(-1).view(np.uint64)}
