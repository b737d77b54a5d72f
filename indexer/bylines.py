"""Who wrote which document?

Every different name of a segment once, folded as terms are but not stemmed, and the names of each document. Letters that Unicode
does not take apart (ø, ł, æ) are as they were printed on disk, and in ASCII when somebody asks. People write names in many ways,
so a name fits if each word that is asked for is one of its words, or the one is the initial of the other; at least one word must
be the same in full, unless only initials are asked for.

On disk, memory-mapped: ``names.npy`` (bytes of `` jane q smith `` lines), ``name_offsets.npy`` (names + 1,), ``codes.npy``
(bylines end to end) and ``offsets.npy`` (documents + 1,).
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import fold, plainer
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
        codes = np.array([names.setdefault(name, len(names)) for name in map(fold, self._printed)], np.uint32)
        lines = [f" {name} \n".encode() for name in names]
        np.save(folder / "names.npy", np.frombuffer(b"".join(lines), np.uint8))
        np.save(folder / "name_offsets.npy", np.cumsum([0, *map(len, lines)], dtype=np.uint64))
        np.save(folder / "codes.npy", codes[np.frombuffer(self._all, np.uint32)])
        np.save(folder / "offsets.npy", np.asarray(self._ends, np.uint64))


@dataclass(frozen=True)  # not slotted: `_plainer` is made when it is first asked for
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
        entries = np.flatnonzero(np.isin(self.codes, self._fitting(plainer(fold(author).split()))))
        wrote[np.searchsorted(self.offsets, entries, side="right") - 1] = True
        return wrote

    def _fitting(self, asked: list[str]) -> NDArray[np.uint32]:
        """Codes of the names that fit these words."""
        lines, offsets, codes = self._plainer
        others = codes[_rows_fitting(asked, lines, offsets)]
        return np.union1d(_rows_fitting(asked, self.names.tobytes(), self.name_offsets), others).astype(np.uint32)

    @cached_property
    def _plainer(self) -> tuple[bytes, NDArray[np.uint64], NDArray[np.int64]]:
        """The names that are others in ASCII: their lines, where each begins, and their codes."""
        foreign = np.unique(np.searchsorted(self.name_offsets, np.flatnonzero(self.names > 127), side="right") - 1)
        starts, ends = self.name_offsets[foreign].tolist(), self.name_offsets[foreign + 1].tolist()
        names = [self.names[start:end].tobytes().decode().split() for start, end in zip(starts, ends, strict=True)]
        words = iter(plainer([word for name in names for word in name]))
        plain = [list(islice(words, len(name))) for name in names]
        other = [row for row, (name, now) in enumerate(zip(names, plain, strict=True)) if name != now]
        lines = [f" {' '.join(plain[row])} \n".encode() for row in other]
        return b"".join(lines), np.cumsum([0, *map(len, lines)], dtype=np.uint64), foreign[other].astype(np.int64)


def _rows_fitting(asked: list[str], text: bytes, offsets: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Which lines of `text`, a name each, fit these words; `offsets` (lines + 1,) says where they begin."""
    anchors = [f" {word} " for word in asked if len(word) > 1] or [f" {word}" for word in asked]
    places = np.fromiter((place for anchor in anchors for place in _places(text, anchor.encode())), np.uint64)
    rows = np.unique(np.searchsorted(offsets, places, side="right") - 1)
    fits = [_fits(asked, text[offsets[row] : offsets[row + 1]].decode().split()) for row in rows]
    return rows[np.asarray(fits, np.bool_)]


def _places(text: bytes, anchor: bytes) -> list[int]:
    found, place = [], text.find(anchor)
    while place >= 0:
        found.append(place)
        place = text.find(anchor, place + 1)
    return found


def _fits(asked: list[str], name: list[str]) -> bool:
    """Whether each asked word is a word of the name, or the initial of one, or has one as its initial."""
    return all(any(word == own or (min(len(word), len(own)) == 1 and word[0] == own[0]) for own in name) for word in asked)
