"""What is written of a call?

One line when it ends: method, caller, status, how many queries or documents and how many of them failed, milliseconds. Never a
query's text, which may be private; the query log is apart. Plain `key=value` for people, or JSON for machines (`--log-json`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import orjson

log = logging.getLogger("stepwell.calls")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that has ended, over gRPC or HTTP."""

    method: str
    """``BatchSearch``, ``Fetch`` …; for HTTP the route's path."""
    caller: str
    """The key's id, or ``anonymous``."""
    code: str
    """gRPC status name; ``OK`` also where some outcomes are failures."""
    asked: int
    """Queries or documents asked for; 1 for other methods, and for calls that were refused before they were read."""
    failed: int
    """Of them, how many outcomes are failures."""
    ms: float
    """Milliseconds from the decoded request to the reply."""


LINE = " ".join(f"{name.name}=%.1f" if name.name == "ms" else f"{name.name}=%s" for name in fields(Call))

Observer = Callable[[Call], None]
"""Told of every call once it has ended; must not raise and not take long."""


def write_line(call: Call) -> None:
    """The log line of a call."""
    log.info(LINE, call.method, call.caller, call.code, call.asked, call.failed, call.ms, extra={"call": call})


def write_log(as_json: bool) -> None:
    """Send this process's log to standard error, a line a record.

    Nothing of a record is looked up that no line says: where it was written, by which thread and process.
    https://docs.python.org/3/howto/logging.html#optimization
    """
    logging._srcfile = None  # noqa: SLF001 - what the manual says
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("faiss").setLevel(logging.WARNING)  # which instructions it tried and did without is no news
    logging.getLogger("grpc._cython.cygrpc").addFilter(_is_news)
    logging.getLogger("uvicorn.error").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a client went away while its reply was being sent, nor that it speaks no HTTP: the call has its line."""
    return not any(
        known in record.getMessage() for known in ("ExecuteBatchError raised in core", "Invalid HTTP request received")
    )


class _Json(logging.Formatter):
    """One JSON object a line, calls with their fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, object] = {"time": time, "level": record.levelname}
        call: Call | None = getattr(record, "call", None)
        fields |= asdict(call) | {"ms": round(call.ms, 1)} if call else {"message": record.getMessage()}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(fields).decode()
