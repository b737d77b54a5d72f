"""How is a segment written?

What is kept of a document itself is taken from it when it is added, while it is at hand. Its words wait until they are a block:
the terms of thousands of titles and passages are found at once, and numpy counts them.
tantivy makes postings of them, and zstd packs the records, in threads of their own beside it. The segment is built in
``<folder>.tmp``; when every file is summed and synced it is renamed.
"""

from __future__ import annotations

import shutil
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import orjson

from indexer.bylines import BylinesWriter
from indexer.columns import ColumnsWriter
from indexer.document import Document
from indexer.durable import sync_directory, sync_tree
from indexer.forward import ForwardWriter
from indexer.hash64 import hashes64
from indexer.languages import detector
from indexer.lexical import LexicalWriter
from indexer.names import NamesWriter
from indexer.passages import cut
from indexer.ragged import ranges
from indexer.segment import PASSAGE, SUMS, sums
from indexer.store import StoreWriter
from indexer.vocabulary import Vocabulary

BLOCK = 1 << 20
"""Characters of text from which waiting documents are a block; its words and numbers are some tens of megabytes."""


class _Waiting:
    """Words that are not analysed yet."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.texts: list[str] = []
        """One a passage, and the three below too."""
        self.owners, self.starts, self.ends = array("I"), array("I"), array("I")
        """Which of the titles is its document's, and its span."""
        self.characters = 0

    def add(self, document: Document) -> None:
        """Append the title and the passages of a document."""
        text, owner = document.text, len(self.titles)
        self.titles.append(document.title)
        for start, end in cut(text):
            self.owners.append(owner)
            self.starts.append(start)
            self.ends.append(end)
            self.texts.append(text[start:end])
        self.characters += len(document.title) + len(text)


class SegmentWriter:
    """Builds one segment; `finish` puts it at `folder`."""

    def __init__(self, folder: Path, languages: str = "") -> None:
        """`languages` is how the language of a document that says none is told, as `languages.detector` knows it."""
        self.folder = folder
        self._language_of = detector(languages)
        self._at = folder.with_name(folder.name + ".tmp")
        shutil.rmtree(self._at, ignore_errors=True)  # of a build that was killed
        self._at.mkdir(parents=True)
        self._store = StoreWriter(self._at / "documents")
        self._columns, self._bylines, self._names = ColumnsWriter(), BylinesWriter(), NamesWriter()
        self._vocabulary = Vocabulary()
        self._forward, self._titles = ForwardWriter(), ForwardWriter()
        self._lexical = LexicalWriter(self._at / "lexical")
        self._passages = {name: array("I") for name in PASSAGE.names or ()}
        self._waiting = _Waiting()
        self.documents = 0
        """Documents that were added."""

    @property
    def passages(self) -> int:
        """Passages of the documents that do not wait any more; of all when the segment is finished."""
        return len(self._passages["document"])

    def add(self, document: Document, line: bytes = b"") -> bool:
        """Add a document with all its passages; False if its id is in the segment already. `line` is its JSON, if at hand."""
        if not self._store.add(document, line):
            return False
        self._columns.add(document, self._language_of(document))
        self._bylines.add(document)
        self._names.add(document)
        self._waiting.add(document)
        self.documents += 1
        if self._waiting.characters >= BLOCK:
            self._index()
        return True

    def finish(self) -> None:
        """Write what is still in memory, sum and sync every file, and rename the segment into place."""
        self._index()
        with ThreadPoolExecutor(2, "beside") as beside:
            committed = beside.submit(self._lexical.finish)  # tantivy writes its postings now, and needs no lock of ours
            self._store.finish()
            self._columns.write(self._at)
            self._bylines.write(self._at / "bylines")
            terms = hashes64(self._vocabulary.terms)
            self._forward.write(self._at / "forward", terms)
            self._titles.write(self._at / "titles", terms)
            self._names.write(self._at)
            rows = np.empty(self.passages, PASSAGE)
            for name, column in self._passages.items():
                rows[name] = column
            np.save(self._at / "passages.npy", rows)
            synced = beside.submit(sync_tree, self._at, but="lexical")  # the disk takes them while they are read once more
            summed = sums(self._at, but="lexical")
            committed.result()
            synced.result()
        for lock in (self._at / "lexical").glob(".tantivy-*.lock"):
            lock.unlink()
        summed |= {f"lexical/{name}": s for name, s in sums(self._at / "lexical").items()}
        (self._at / SUMS).write_bytes(orjson.dumps({name: [s.bytes, s.sha256] for name, s in summed.items()}))
        sync_tree(self._at)  # what is on disk already is not written twice
        self._at.rename(self.folder)
        sync_directory(self.folder.parent)

    def _index(self) -> None:
        """Index the words that wait."""
        waiting, self._waiting = self._waiting, _Waiting()
        documents, passages = len(waiting.titles), len(waiting.texts)
        titles, bodies = self._vocabulary.analyze(waiting.titles), self._vocabulary.analyze(waiting.texts)
        self._names.add_titles(self.documents - documents, titles.joined)
        self._lexical.add(self.passages, [titles.joined[owner] for owner in waiting.owners], bodies.joined)
        self._titles.add(documents, np.repeat(np.arange(documents), titles.sizes), titles.codes)
        of = np.asarray(waiting.owners, np.int64)
        again = ranges((np.cumsum(titles.sizes) - titles.sizes)[of], titles.sizes[of])  # the title counts in each passage
        passage = np.arange(passages)
        rows = np.concatenate([np.repeat(passage, titles.sizes[of]), np.repeat(passage, bodies.sizes)])
        self._forward.add(passages, rows, np.concatenate([titles.codes[again], bodies.codes]))
        owners = array("I", (of + (self.documents - documents)).astype(np.uint32).tobytes())
        for name, values in (("document", owners), ("start", waiting.starts), ("end", waiting.ends)):
            self._passages[name].extend(values)
