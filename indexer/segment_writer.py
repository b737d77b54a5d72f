"""How is a segment written?

Documents wait until they are a block: the terms of thousands of titles and passages are found at once, and numpy counts them.
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
        self._waiting: list[Document] = []
        self._characters = 0
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
        self._waiting.append(document)
        self._characters += len(document.title) + len(document.text)
        self.documents += 1
        if self._characters >= BLOCK:
            self._index()
        return True

    def finish(self) -> None:
        """Write what is still in memory, sum and sync every file, and rename the segment into place."""
        self._index()
        with ThreadPoolExecutor(1, "commit") as beside:
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
            summed = sums(self._at, but="lexical")
            committed.result()
        for lock in (self._at / "lexical").glob(".tantivy-*.lock"):
            lock.unlink()
        with ThreadPoolExecutor(1, "sync") as beside:
            synced = beside.submit(sync_tree, self._at)  # the disk takes them while they are read once more
            summed |= {f"lexical/{name}": s for name, s in sums(self._at / "lexical").items()}
            synced.result()
        (self._at / SUMS).write_bytes(orjson.dumps({name: [s.bytes, s.sha256] for name, s in summed.items()}))
        sync_tree(self._at)  # what is on disk already is not written twice
        self._at.rename(self.folder)
        sync_directory(self.folder.parent)

    def _index(self) -> None:
        """Index the documents that wait."""
        documents, first, before = self._waiting, self.documents - len(self._waiting), self.passages
        self._waiting, self._characters = [], 0
        owners, starts, ends, texts = [], [], [], []
        for owner, document in enumerate(documents):
            text = document.text
            for start, end in cut(text):
                owners.append(owner)
                starts.append(start)
                ends.append(end)
                texts.append(text[start:end])
        titles, bodies = self._vocabulary.analyze([document.title for document in documents]), self._vocabulary.analyze(texts)
        for number, (document, title) in enumerate(zip(documents, titles.joined, strict=True), start=first):
            self._columns.add(document, self._language_of(document))
            self._bylines.add(document)
            self._names.add(number, document, " ".join(title.split()))
        self._lexical.add(before, [titles.joined[owner] for owner in owners], bodies.joined)
        self._titles.add(len(documents), np.repeat(np.arange(len(documents)), titles.sizes), titles.codes)
        of = np.asarray(owners, np.int64)
        again = ranges((np.cumsum(titles.sizes) - titles.sizes)[of], titles.sizes[of])  # the title counts in each passage
        passage = np.arange(len(texts))
        rows = np.concatenate([np.repeat(passage, titles.sizes[of]), np.repeat(passage, bodies.sizes)])
        self._forward.add(len(texts), rows, np.concatenate([titles.codes[again], bodies.codes]))
        for name, values in (("document", (of + first).tolist()), ("start", starts), ("end", ends)):
            self._passages[name].extend(values)
