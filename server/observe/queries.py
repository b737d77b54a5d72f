"""What was asked, and what was answered? (only where the operator switched it on)

A file of JSON lines that `stepwell authority audit --queries` reads. It holds people's questions: it is its owner's alone, and
off by default. A line is one write, so several workers may share the file; a full disk costs lines, never an answer.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ranker.query import Query
from ranker.ranking import Failure, Outcome
from server.errors import QueryLogError

log = logging.getLogger("stepwell.server")


class QueryLog:
    """An open query log. Raises QueryLogError if the file cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._complained = self._torn = False
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise QueryLogError(f"cannot write the query log {path}: {(error.strerror or str(error)).lower()}") from None

    def write(self, caller: str, queries: Sequence[Query], outcomes: Sequence[Outcome]) -> None:
        """Append a line for each answered query."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = [
            orjson.dumps({
                "text": query.text, "time": time, "caller": caller, "k": query.k, "authority": outcome.authority_version,
                "snapshot": outcome.snapshot, "hits": [hit.doc_id for hit in outcome.hits],
            }, option=orjson.OPT_APPEND_NEWLINE)
            for query, outcome in zip(queries, outcomes, strict=True)
            if not isinstance(outcome, Failure)
        ]  # fmt: skip
        try:
            for line in lines:
                self._append(line)
            self._complained = False
        except OSError as error:
            if not self._complained:
                log.warning("the query log %s misses lines: %s", self._path, (error.strerror or str(error)).lower())
            self._complained = True

    def _append(self, line: bytes) -> None:
        """All of it; where only a part fitted, that part is ended first, so that it costs no line but its own."""
        line = b"\n" + line if self._torn else line
        written = os.write(self._file, line)
        self._torn = written < len(line)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
