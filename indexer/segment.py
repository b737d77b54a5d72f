"""What is one immutable unit of index?

A segment is a directory with everything about a slice of the corpus: documents, columns, passages, the forward index, tantivy's
postings, and vectors where they were made. It is built beside its place, summed, synced and renamed; after that only a vector
folder of a new encoder may be added to it, never a byte changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.bylines import Bylines
from indexer.columns import Columns
from indexer.dense.index import DenseIndex
from indexer.dense.layout import Layout
from indexer.document import Document
from indexer.encoders import Vectors
from indexer.forward import ForwardIndex
from indexer.lexical import LexicalIndex
from indexer.mapped import mapped
from indexer.names import NAME
from indexer.passages import passage_text
from indexer.ragged import ranges
from indexer.restriction import Restriction
from indexer.selection import Score, Selection, Selector, best, greatest
from indexer.store import DocumentStore
from indexer.wording import Wording

PASSAGE = np.dtype([("document", np.uint32), ("start", np.uint32), ("end", np.uint32)])
"""One row of ``passages.npy``: document number in the segment, span in Document.text."""


SUMS = "sums.json"
"""Size and SHA-256 of every file of a segment, taken when it was written: what a later manifest says of it."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """What one file must be."""

    bytes: int
    sha256: str


def sums(folder: Path, but: str = "") -> dict[str, FileSum]:
    """Size and SHA-256 of every file below `folder`, by relative path; without those of its sub-folder `but`."""
    files = (p for entry in folder.iterdir() if entry.name != but for p in (entry, *entry.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): sum_file(p) for p in sorted(files) if p.suffix != ".lock"}


def read_sums(folder: Path) -> dict[str, FileSum]:
    """What the files of a segment were when it was written; also sums that file itself."""
    written = {name: FileSum(*s) for name, s in orjson.loads((folder / SUMS).read_bytes()).items()}
    return written | {SUMS: sum_file(folder / SUMS)}


def sum_file(path: Path) -> FileSum:
    """Size and SHA-256 of one file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return FileSum(path.stat().st_size, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, open for reading."""

    name: str
    store: DocumentStore
    columns: Columns
    passages: NDArray[np.void]
    """(passages,) of PASSAGE, memory-mapped; passages of one document are neighbours, in text order."""
    forward: ForwardIndex
    titles: ForwardIndex | None
    """The same of the documents' titles alone, one row a document; None in segments of releases that did not write it."""
    names: NDArray[np.void]
    """Of indexer.names.NAME, memory-mapped; empty in segments of releases that did not write it."""
    lexical: LexicalIndex
    dense: DenseIndex | None
    """None where no vectors were made."""
    live: NDArray[np.bool_] | None
    """(documents,) False where a document was deleted; None where none was."""
    selector: Selector
    """Which passages filters and deletions leave."""

    @classmethod
    def open(
        cls, folder: Path, vectors: str = "", deleted: str = "", layout: Layout = "exact", devices: Sequence[str] = ()
    ) -> Segment:
        """Open a finished segment with the vectors, laid out so or on these devices, and the deletions of these names, if any."""
        passages = mapped(folder / "passages.npy")
        columns, forward, lexical = (
            Columns.open(folder),
            ForwardIndex.open(folder / "forward"),
            LexicalIndex.open(folder / "lexical"),
        )
        live = ~mapped(folder / deleted) if deleted else None
        if live is not None:
            written = folder / live_df(deleted)
            if written.exists():
                forward = replace(forward, df=mapped(written))
            else:  # format 1
                forward = forward.without(np.flatnonzero(~live[passages["document"]]))
        return cls(
            folder.name,
            DocumentStore(folder / "documents"),
            columns,
            passages,
            forward,
            ForwardIndex.open(folder / "titles") if (folder / "titles").is_dir() else None,
            mapped(folder / "names.npy") if (folder / "names.npy").is_file() else np.empty(0, NAME),
            lexical,
            DenseIndex.open(folder / vectors, layout, devices) if vectors else None,
            live,
            Selector(columns, Wording(lexical, Bylines.open(folder / "bylines"), passages["document"]), live),
        )

    @property
    def live_passages(self) -> NDArray[np.bool_] | None:
        """(passages,) which belong to a live document; None where nothing was deleted."""
        live = self.selector.live
        return None if live is None else live.mask

    def is_live(self, document: int) -> bool:
        """Whether the document of this number was not deleted."""
        return self.live is None or bool(self.live[document])

    def selected(self, restriction: Restriction | None) -> Selection | None:
        """The live passages that `restriction` lets through; None if that is every passage."""
        return self.selector.select(restriction)

    def passages_of(self, document: int) -> NDArray[np.int64]:
        """The passages of one document, in text order."""
        first, end = self._firsts(np.array([document, document + 1])).tolist()
        return np.arange(first, end)

    def left_out(self, passages: NDArray[np.int64]) -> NDArray[np.int64]:
        """The passages of the documents of these ascending passages that are not among them, ascending."""
        if len(self.passages) == self.columns.documents:
            return np.empty(0, np.int64)
        of_passage = self.passages["document"]
        documents = of_passage[passages]
        following, previous = np.minimum(passages + 1, len(of_passage) - 1), np.maximum(passages - 1, 0)
        alone = ((of_passage[following] != documents) | (following == passages)) & (
            (of_passage[previous] != documents) | (previous == passages)
        )
        if alone.all():
            return np.empty(0, np.int64)
        several = np.unique(documents[~alone]).astype(np.int64)
        firsts, ends = np.split(self._firsts(np.concatenate([several, several + 1])), 2)
        return np.setdiff1d(ranges(firsts, ends - firsts), passages, assume_unique=True)

    def _firsts(self, documents: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first passage of each document; of the number after the last one, the end.

        No document is without a passage, so it lies between the document's own number and that plus all that are too many.
        """
        of_passage = self.passages["document"]
        low, high = documents, documents + (len(of_passage) - self.columns.documents)
        while (low < high).any():
            middle = (low + high) // 2
            earlier = (low < high) & (of_passage[np.minimum(middle, len(of_passage) - 1)] < documents)
            low, high = np.where(earlier, middle + 1, low), np.where(earlier, high, middle)
        return low

    def lexical_candidates(
        self,
        terms: Sequence[str],
        depth: int,
        restriction: Restriction | None,
        score: Score | None = None,
        boosts: Sequence[float] | None = None,
    ) -> NDArray[np.int64]:
        """The `depth` best selected passages.

        Where few are selected, all of them are scored by `score`, if given; otherwise tantivy is asked for so many that enough of
        them should be selected, and for more until they are.
        """
        selection = self.selected(restriction)
        if selection is None:
            return self.lexical.search(terms, depth, boosts)
        if not selection.count:
            return np.empty(0, np.int64)
        if not terms:  # all that is asked for is the filter
            return self.newest(np.flatnonzero(selection.mask), depth)
        asked = selection.deeper(depth)
        while score is None or not selection.few_beside(asked):
            found = self.lexical.search(terms, asked, boosts)
            passing = found[selection.mask[found]]
            if len(passing) >= depth or len(found) < asked:
                return passing[:depth]
            asked *= 4
        return best(np.flatnonzero(selection.mask), score, depth)

    def newest(self, passages: NDArray[np.int64], depth: int) -> NDArray[np.int64]:
        """The first of these ascending passages of each of their `depth` newest documents, ascending; undated ones come last."""
        documents = self.passages["document"][passages]
        first = np.flatnonzero(np.diff(documents.astype(np.int64), prepend=-1))
        return passages[first[greatest(self.columns["day"][documents[first]], depth)]]

    def dense_candidates(
        self, queries: Vectors, depth: int, restriction: Restriction | None, together: int = 1
    ) -> list[NDArray[np.int64]]:
        """Per query the `depth` nearest selected passages; `together` segments are searched for the same queries."""
        assert self.dense is not None, "ask Index.has_vectors first"
        selection = self.selected(restriction)
        if selection is not None and not selection.count:
            return [np.empty(0, np.int64) for _ in queries]
        return self.dense.search(queries, depth, None if selection is None else selection.mask, together)

    def texts(self) -> PassageTexts:
        """What is encoded, one text per passage, in passage order; read when asked for."""
        return PassageTexts(self)

    def close(self) -> None:
        """Forget what was unpacked; mapped files go with their last reference."""
        self.store.close()


class PassageTexts(Sequence[str]):
    """The texts of a segment's passages, out of its document store; for one thread."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._last: tuple[int, Document] | None = None

    def __len__(self) -> int:
        return len(self._segment.passages)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        number, start, end = self._segment.passages[at].tolist()
        if self._last is None or self._last[0] != number:
            self._last = number, self._segment.store.by_number([number])[0]
        return passage_text(self._last[1], start, end)


def vectors_folder(fingerprint: str, layout: Layout = "exact") -> str:
    """Name of the folder that one encoder's vectors, laid out so, have in every segment."""
    return f"vectors-{fingerprint[:16]}" + ("" if layout == "exact" else f"-{layout}")


def live_df(deleted: str) -> str:
    """Name of the file beside a list of deletions: the document frequencies that they leave."""
    return deleted.replace("deleted-", "df-")
