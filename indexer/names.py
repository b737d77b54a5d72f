"""By what names can a work be asked for?

A DOI, an arXiv id, a PMID, an ACL Anthology id, the document's own id, or its full title, as it stands or as it is cited. Each is
spelt one way, and kept as a 64-bit hash beside the number of its document: ``names.npy``, sorted, memory-mapped, 12 bytes a name.
Two names of ten million share a hash with a chance of 3 in a million, so what is found is compared once more with the document.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import analyze
from indexer.document import Document
from indexer.hash64 import digest64

NAME = np.dtype([("hash", "<u8"), ("document", "<u4")])
"""One row of ``names.npy``: hash of a name, number of the document in the segment."""
TITLE_WORDS = 4
"""Words that a bare title needs to name a work; shorter ones are words like any other, unless they stand in quotes."""
MAX_NAMES = 16
"""Names that are looked up for one text."""

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?:v\d+)?(?![\d.]*\d)|(?<![a-z-])([a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\b")
_PMID = re.compile(r"(?:\bpmid:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})\b", re.IGNORECASE)
_ACL = re.compile(r"\b([A-Z]\d{2}-\d{4}|\d{4}\.[a-z0-9]+-[a-z0-9]+\.\d+)\b", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"\n]+)"|“([^”\n]+)”')
_YEAR = r"(?:1[6-9]|20)\d{2}[a-z]?\b"
_BEFORE = re.compile(
    rf"""\s*(?:(?:title|paper)\s*:  # Title: ...
    | [^"“”\n]{{1,100}}?(?:\bet\s+al\b\.?(?:[\s,]*[(\[]?{_YEAR}[)\]]?)?  # Holm et al. 2018 ...
        | [(\[]{_YEAR}[)\]])  # Holm and Bye (2018). ...
    | [(\[][^()\[\]]{{1,100}}[)\]])[\s.,:;]*  # [12] ...
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"""(?<![\s.,;:])[\s.,;:]*(?:[(\[][^()\[\]]{{1,100}}[)\]]  # ... (Holm et al., 2018)
    | (?<![^\s.,]){_YEAR}  # ... 2018
    | \b(?:by\s)[^"“”\n]{{1,60}}\bet\s+al)[\s.]*$  # ... by Holm et al.
    """,
    re.VERBOSE | re.IGNORECASE,
)
_VENUE = re.compile(rf"[.,][^.,\"“”\n]{{1,60}}\s{_YEAR}[\s.]*$", re.IGNORECASE)
"""..., NAACL 2018"""
CITATION = 400
"""Characters; in a longer text nothing is taken for the marks of a citation."""
_PATTERNS = (("doi", _DOI), ("arxiv", _ARXIV), ("pmid", _PMID), ("acl", _ACL))
_SCHEMES = frozenset(scheme for scheme, _ in _PATTERNS)
_TRAILING = ".,;:!?)]}'\""


def names_of(document: Document) -> set[str]:
    """Every name of one document, ``doi:10.1000/x`` or ``title:read a tide tabl``."""
    return {*_stated(document), *filter(None, [_title(document.title)])}


def _stated(document: Document) -> set[str]:
    """The same without its title."""
    source, _, key = document.id.partition(":")
    called = (*document.identifiers.items(), (source, key))
    spelt = {f"{scheme}:{_spelt(scheme, value)}" for scheme, value in called if scheme in _SCHEMES and value}
    return spelt | {f"id:{document.id}"}


def names_in(text: str) -> list[str]:
    """The names that a query mentions, most exact first: identifiers, then the whole text as id, then titles."""
    found = [
        f"{scheme}:{_spelt(scheme, next(g for g in (*match.groups(), match[0]) if g))}"
        for scheme, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    found.append(f"id:{text.strip()}")
    found += [title for match in _QUOTED.finditer(text) if (title := _title(match[1] or match[2]))]
    bare = [_title(each) for each in (text, *_uncited(text))]
    found += [title for title in bare if title.count(" ") + 1 >= TITLE_WORDS]
    return list(dict.fromkeys(found))[:MAX_NAMES]


def _uncited(text: str) -> Iterator[str]:
    """What may be the title in a citation: the text without authors, year, venue and label at either end."""
    if len(text) > CITATION:
        return
    before = _BEFORE.match(text)
    for rest in (text, text[before.end() :]) if before else (text,):
        cut = _VENUE.sub("", rest)
        yield from (rest, cut, _BEHIND.sub("", rest), _BEHIND.sub("", cut))


def _spelt(scheme: str, value: str) -> str:
    """One spelling of an identifier: no address before it, no version behind it, one case."""
    value = value.strip()
    if scheme == "doi":
        match = _DOI.search(value)
        return (match[0] if match else value).rstrip(_TRAILING).lower()
    if scheme == "arxiv":
        bare = re.sub(r"v\d+$", "", re.sub(r"^arxiv:", "", value, flags=re.IGNORECASE))
        return re.sub(r"\.[A-Z]{2}/", "/", bare).lower()  # math.GT/0309136 is math/0309136
    return value.lower()


def _title(text: str) -> str:
    terms = analyze(text)
    return f"title:{' '.join(terms)}" if terms else ""


class NamesWriter:
    """Collects the names of one segment."""

    def __init__(self) -> None:
        self._stated, self._sizes = bytearray(), bytearray()
        """What documents say of themselves, and of each document how many such names it has."""
        self._titles, self._titled = bytearray(), array("I")

    def add(self, document: Document) -> None:
        """Note what one document is called, but for its title."""
        names = _stated(document)
        self._stated += b"".join(map(digest64, names))
        self._sizes.append(len(names))

    def add_titles(self, first: int, titles: Sequence[str]) -> None:
        """Note the titles of the documents from number `first` on: the terms of each, with space between."""
        for number, terms in enumerate(map(str.split, titles), start=first):
            if terms:
                self._titles += digest64(f"title:{' '.join(terms)}")
                self._titled.append(number)

    def write(self, folder: Path) -> None:
        """Write ``names.npy``."""
        sizes = np.frombuffer(self._sizes, np.uint8)
        rows = np.empty(len(self._stated) // 8 + len(self._titled), NAME)
        rows["hash"] = np.frombuffer(self._stated + self._titles, "<u8")
        rows["document"] = np.concatenate([np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes), self._titled])
        np.save(folder / "names.npy", rows[np.lexsort((rows["document"], rows["hash"]))])


def look_up(names: NDArray[np.void], hashed: int) -> list[int]:
    """Numbers of the documents of the name with this hash (`hash64`); ascending."""
    hashes = names["hash"]  # every third word of the file: numpy's own search would copy them all
    first = bisect_left(hashes, wanted := np.uint64(hashed))
    found: list[int] = names["document"][first : bisect_right(hashes, wanted, lo=first)].tolist()
    return found
