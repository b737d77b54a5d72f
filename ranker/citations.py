"""How often is each document cited?

A file of counts beside the index, so that they change without reindexing: one document a line, its id and its count, with a tab
between. `stepwell ranker citations` makes it from corpora: the count that a source gives (`details.citations`), else how many
documents of these corpora name one of the document's identifiers among their references.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from indexer.document import Document
from ranker.errors import EvaluationError

MAX_DOCUMENTS = 20_000_000
"""Lines of a file of counts; each takes about 150 bytes of memory."""
MAX_LINE = 4_096
"""Bytes in a line."""

Citations = Mapping[str, int]
"""Document id -> citations; a document that is not in it has an unknown number of them."""


def read_citations(path: Path) -> Citations:
    """A file of counts. Raises EvaluationError naming the line that is none."""
    counts: dict[str, int] = {}
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                document, _, count = line.rstrip(b"\r\n").rpartition(b"\t")
                if not document or not count.isdigit() or len(line) > MAX_LINE or number > MAX_DOCUMENTS:
                    raise EvaluationError(
                        f"{path}:{number}: not a count; write a document's id, a tab and a whole number, at most "
                        f"{MAX_DOCUMENTS:,} of them"
                    )
                counts[document.decode("utf-8", "replace")] = int(count)
    except OSError as error:
        raise EvaluationError(f"counts {path} cannot be read: {error.strerror}") from None
    return counts


def written(counts: Citations) -> bytes:
    """The file's content, by id."""
    return "".join(f"{document}\t{count}\n" for document, count in sorted(counts.items())).encode()


def count_citations(documents: Iterable[Document]) -> Citations:
    """Citations of every document whose source gives a count, or that has an identifier by which another one can cite it."""
    given: dict[str, int] = {}
    named: dict[str, str] = {}
    cited: Counter[str] = Counter()
    for document in documents:
        cited.update(set(document.references))
        said = document.details.get("citations", "")
        if said.isdigit():
            given[document.id] = int(said)
        for scheme in ("doi", "arxiv", "pmid", "acl"):
            if name := document.identifiers.get(scheme):
                named[f"{scheme}:{name}"] = document.id
    counted: Counter[str] = Counter()
    for name, document_id in named.items():
        counted[document_id] += cited[name]
    return dict(counted) | given
