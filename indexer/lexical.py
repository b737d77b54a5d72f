"""Which passages share terms with a query?

tantivy holds the postings and finds candidates by its own BM25 (k1 = 1.2, b = 0.75 are fixed there); it does not decide their
final score, the forward index does. Passages arrive analysed once, as terms joined by spaces; tantivy only splits them again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.pairs import is_lone, pattern

WRITER_MEMORY = 256 * 1024 * 1024
"""Bytes of postings held before tantivy writes a segment of its own; fewer, larger ones search faster."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("passage", stored=False, indexed=False, fast=True)
    return builder.build()


class LexicalWriter:
    """Writes one segment's postings below `path`."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True)
        self._schema = _schema()
        index = tantivy.Index(self._schema, path=str(path))
        # one thread: the caller's analysis is the bottleneck, and passage order stays the order of addition
        self._writer = index.writer(heap_size=WRITER_MEMORY, num_threads=1)

    def add(self, first: int, titles: Sequence[str], texts: Sequence[str]) -> None:
        """Add passages, numbered from `first`: the analysed terms of their titles and texts, spaces between."""
        for number, (title, text) in enumerate(zip(titles, texts, strict=True), start=first):
            document = tantivy.Document()
            document.add_text("text", title)
            document.add_text("text", text)  # between two values lies a position, so no phrase reaches from one into the other
            document.add_unsigned("passage", number)
            self._writer.add_document(document)

    def finish(self) -> None:
        """Commit and wait for tantivy's own merges."""
        self._writer.commit()
        self._writer.wait_merging_threads()


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """One segment's postings, open for search; safe to use from several threads."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema

    @classmethod
    def open(cls, path: Path) -> LexicalIndex:
        """Open what a LexicalWriter finished; the folder may be read-only."""
        if os.access(path, os.W_OK):
            return cls._open(path)
        with TemporaryDirectory(prefix="stepwell-") as beside:  # tantivy opens nothing without creating a lock file
            for file in path.iterdir():
                if file.suffix != ".lock":
                    Path(beside, file.name).symlink_to(file.resolve())
            return cls._open(Path(beside))  # all files are mapped now, the links have done their work

    @classmethod
    def _open(cls, path: Path) -> LexicalIndex:
        index = tantivy.Index.open(str(path))
        index.config_reader(reload_policy="manual")  # a segment never changes: no thread needs to watch it
        return cls(index.searcher(), index.schema)

    def search(self, terms: Sequence[str], depth: int, boosts: Sequence[float] | None = None) -> NDArray[np.int64]:
        """Passage numbers of the `depth` best candidates, at least one term in common, best first; (n,) int64.

        `boosts` multiply what each term counts, so that a segment may rank by the weights of the whole index.
        """
        return self._passages(self._query(terms, boosts), depth)

    def holding(self, phrase: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of all passages that hold these terms one after the other; (n,) int64.

        One character alone of a script without spaces is held by its pairs.
        """
        if len(phrase) == 1 and is_lone(phrase[0]):
            query = tantivy.Query.regex_query(self.schema, "text", pattern(phrase[0]))
        elif len(phrase) == 1:
            query = tantivy.Query.term_query(self.schema, "text", phrase[0], index_option="basic")
        else:
            query = tantivy.Query.phrase_query(self.schema, "text", list(phrase))
        return self._passages(query, max(self.searcher.num_docs, 1))

    def _query(self, terms: Sequence[str], boosts: Sequence[float] | None) -> tantivy.Query:
        each = [tantivy.Query.term_query(self.schema, "text", term, index_option="freq") for term in terms]
        if boosts is not None:
            each = [tantivy.Query.boost_query(query, boost) for query, boost in zip(each, boosts, strict=True)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in each])

    def _passages(self, query: tantivy.Query, limit: int) -> NDArray[np.int64]:
        found = self.searcher.search(query, limit=limit, count=False)
        addresses = [address for _, address in found.hits]
        if not addresses:
            return np.empty(0, np.int64)
        return np.asarray(self.searcher.fast_field_values("passage", addresses), dtype=np.int64)
