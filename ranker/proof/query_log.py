"""What do people ask, and what is known of the answers?

A query log is a file of one query a line: JSON with ``text`` and, if there is one, ``_id``; or plain text, of which the part
before a tab is the id. Judgements are a qrels file beside it, or none. A collection in BEIR's layout, a split of it or a part of
one is a log with judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from ranker.collection import Collection, Qrels, read_qrels
from ranker.errors import EvaluationError, QueryError
from ranker.query import Query

MAX_LOG = 64 * 1024 * 1024
"""Bytes of a query log that will be read."""
MAX_QUERIES = 100_000
"""Queries of a log; a sample of a longer one says as much."""


@dataclass(frozen=True, slots=True)
class QueryLog:
    """Queries by id, with what judges them."""

    name: str
    queries: dict[str, str]
    qrels: Qrels
    """Only of queries that are here; empty where nothing is judged."""
    set_aside: tuple[str, ...] = ()
    """Lines that are no query, each with its reason."""

    @classmethod
    def read(cls, name: str | Path, qrels: Path | None = None, split: str = "test") -> QueryLog:
        """A log, or the collection that `name` stands for. Raises EvaluationError naming what cannot be read."""
        if collection := collection_named(name, split):
            return cls(collection.name, collection.queries, collection.qrels)
        path = Path(name)
        queries, faults = _read(path)
        judged = read_qrels(qrels) if qrels else {}
        known = {q: grades for q, grades in judged.items() if q in queries}
        if qrels and not known:
            raise EvaluationError(f"{qrels} judges no query of {path}; are the ids the same?")
        return cls(path.stem, queries, known, tuple(faults))

    def judged_only(self) -> QueryLog:
        """The judged queries where there are any, else all: what is not judged would count as failure."""
        queries = {q: text for q, text in self.queries.items() if q in self.qrels} if self.qrels else self.queries
        return QueryLog(self.name, queries, self.qrels, self.set_aside)


def collection_named(name: str | Path, split: str = "test") -> Collection | None:
    """The collection that ``PATH``, ``PATH:SPLIT`` or ``PATH:SPLIT#1/2`` stands for; None where the name is a file's.

    Raises EvaluationError where it is no collection, or there is nothing of that name.
    """
    if Path(name).is_file():
        return None
    if not (Path(name).exists() or ":" in str(name) or "#" in str(name)):
        raise EvaluationError(f"queries {name}: no such file or folder; give a file or a collection")
    return Collection.named(str(name), split)


def _read(path: Path) -> tuple[dict[str, str], list[str]]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LOG + 1)
    except OSError as error:
        raise EvaluationError(f"queries {path}: {(error.strerror or str(error)).lower()}; give a file or a collection") from None
    if len(data) > MAX_LOG:
        raise EvaluationError(f"queries {path}: more than {MAX_LOG:,} bytes; give a sample of it")
    queries: dict[str, str] = {}
    faults: list[str] = []
    for number, raw in enumerate(data.splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            query_id, text = _query(raw, number)
            Query(text)  # its limits are those of every query
            if query_id in queries:
                raise ValueError(f"id {query_id[:50]!r} is there twice")
            queries[query_id] = text
        except (ValueError, TypeError, QueryError) as error:
            faults.append(f"{path}:{number}: {error}")
        if len(queries) > MAX_QUERIES:
            raise EvaluationError(f"queries {path}: more than {MAX_QUERIES:,}; give a sample of it")
    if not queries:
        raise EvaluationError(f"queries {path}: {faults[0] if faults else 'empty'}; write one query a line")
    return queries, faults


def _query(raw: bytes, number: int) -> tuple[str, str]:
    if raw.lstrip().startswith(b"{"):
        record = orjson.loads(raw)
        if "text" not in record:
            raise ValueError(f"no field 'text', only {', '.join(map(repr, record))[:100] or 'none'}; write {{\"text\": ...}}")
        return str(record.get("_id", number)), str(record["text"])
    before, tab, after = raw.decode("utf-8").partition("\t")
    return (before.strip(), after.strip()) if tab else (str(number), before.strip())
