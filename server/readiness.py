"""How does a server say that it answers, and what it serves?

One line on standard output, the service manager where there is one and, if asked, a file for scripts that wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from ranker.ranking import Status
from server.address import Bound
from server.notify import READY, STOPPING, tell
from server.service import release
from server.settings import ServerSettings


@contextmanager
def announced(bound: Bound, status: Status, settings: ServerSettings) -> Iterator[None]:
    """Say it now; the file is gone again when the block ends."""
    if settings.ready_file:
        _write(settings.ready_file, f"{bound}\n")
    line = ready_line(bound, status, settings)
    print(line, flush=True)
    tell(READY, line)
    try:
        yield
    finally:
        tell(STOPPING)
        if settings.ready_file:
            settings.ready_file.unlink(missing_ok=True)


def ready_line(bound: Bound, status: Status, settings: ServerSettings) -> str:
    """One line that says where the server answers and what it serves."""
    if settings.json:
        record = {
            "address": str(bound.grpc),
            "http": str(bound.http) if bound.http else "",
            "workers": settings.workers,
            "snapshot": status.snapshot,
            "documents": status.documents,
            "passages": status.passages,
            "encoder": status.encoder,
            "authority_version": status.authority_version,
            "release": release(),
        }
        return orjson.dumps(record).decode()
    where = f"{bound.grpc} and http://{bound.http}" if bound.http else str(bound.grpc)
    by = f" by {settings.workers} workers" if settings.workers > 1 else ""
    return (
        f"serving {where}{by}: snapshot {status.snapshot}, {status.documents:,} documents, "
        f"encoder {status.encoder or 'none (lexical)'}, authority {status.authority_version}"
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all: whoever waits for the file may read it at once."""
    half = path.with_name(path.name + ".part")
    half.write_text(text)
    half.replace(path)
