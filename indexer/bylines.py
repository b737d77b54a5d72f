"""Who wrote which document?

Every different name of a segment once, folded as terms are but not stemmed, and the names of each document. People write names in
many ways, so a name fits if each word that is asked for is one of its words, or the one is the initial of the other; at least one
word must be the same in full, unless only initials are asked for.

On disk, memory-mapped: ``names.npy`` (bytes of `` jane q smith `` lines), ``name_offsets.npy`` (names + 1,), ``codes.npy``
(bylines end to end) and ``offsets.npy`` (documents + 1,).
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import fold, folds
from indexer.document import Document
from indexer.mapped import mapped


class BylinesWriter:
    """Collects the bylines of one segment."""

    def __init__(self) -> None:
        self._printed = defaultdict[str, int](count().__next__)
        """Name as printed -> how many others came before it."""
        self._all, self._ends = array("I"), array("Q", [0])

    def add(self, document: Document) -> None:
        """Append the byline of one document."""
        self._all.extend(map(self._printed.__getitem__, document.authors))
        self._ends.append(len(self._all))

    def write(self, folder: Path) -> None:
        """Write the four arrays below `folder`."""
        folder.mkdir()
        names: dict[str, int] = {}
        """Folded name -> its code."""
        codes = np.array([names.setdefault(name, len(names)) for name in folds([*self._printed])], np.uint32)
        lines = [f" {name} \n".encode() for name in names]
        np.save(folder / "names.npy", np.frombuffer(b"".join(lines), np.uint8))
        np.save(folder / "name_offsets.npy", np.cumsum([0, *map(len, lines)], dtype=np.uint64))
        np.save(folder / "codes.npy", codes[np.frombuffer(self._all, np.uint32)])
        np.save(folder / "offsets.npy", np.asarray(self._ends, np.uint64))


@dataclass(frozen=True, slots=True)
class Bylines:
    """The bylines of one segment, open for reading."""

    names: NDArray[np.uint8]
    name_offsets: NDArray[np.uint64]
    codes: NDArray[np.uint32]
    offsets: NDArray[np.uint64]

    @classmethod
    def open(cls, folder: Path) -> Bylines:
        """Memory-map what a BylinesWriter wrote."""
        return cls(*(mapped(folder / f"{name}.npy") for name in ("names", "name_offsets", "codes", "offsets")))

    def by(self, author: str) -> NDArray[np.bool_]:
        """(documents,) bool: whose byline has a name that fits `author`; none fits a name without a letter."""
        wrote = np.zeros(len(self.offsets) - 1, np.bool_)
        entries = np.flatnonzero(np.isin(self.codes, self._fitting(fold(author).split())))
        wrote[np.searchsorted(self.offsets, entries, side="right") - 1] = True
        return wrote

    def _fitting(self, asked: list[str]) -> NDArray[np.uint32]:
        """Codes of the names that fit these words."""
        anchors = [f" {word} " for word in asked if len(word) > 1] or [f" {word}" for word in asked]
        text = self.names.tobytes()
        places = np.fromiter((place for anchor in anchors for place in _places(text, anchor.encode())), np.uint64)
        codes = np.unique(np.searchsorted(self.name_offsets, places, side="right") - 1)
        fits = [_fits(asked, text[self.name_offsets[code] : self.name_offsets[code + 1]].decode().split()) for code in codes]
        return codes[np.asarray(fits, np.bool_)].astype(np.uint32)


def _places(text: bytes, anchor: bytes) -> list[int]:
    found, place = [], text.find(anchor)
    while place >= 0:
        found.append(place)
        place = text.find(anchor, place + 1)
    return found


def _fits(asked: list[str], name: list[str]) -> bool:
    """Whether each asked word is a word of the name, or the initial of one, or has one as its initial."""
    return all(any(word == own or (min(len(word), len(own)) == 1 and word[0] == own[0]) for own in name) for word in asked)
