"""What does an endpoint mean by no answer?

Trouble that may pass (429, 5xx, and what the wire does) is worth another try; a conversation that is too long is worth a shorter
one; the rest is the end, in the endpoint's own words.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from agent.errors import ContextTooLong, ModelError
from agent.models.stream import MISSHAPEN

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_TOO_LONG = re.compile(
    r"context (?:length|window|size)|maximum context|too many tokens|(?:prompt|input|request) is too long|n_ctx|reduce the length"
    r"|max_model_len|exceeds? the (?:available|model)",
    re.IGNORECASE,
)


class MayPass(Exception):
    """Trouble worth another try."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


def refusal(url: str, response: httpx.Response, answer: bytes, wanted: str) -> MayPass | ModelError:
    """The error for an answer that is not 200; `answer` is its body, `wanted` what to do where it wants a key."""
    said = f"{response.status_code} {_complaint(answer)}".strip()
    if response.status_code in _PASSING:
        return MayPass(said, _seconds(response.headers.get("Retry-After", "")))
    if response.status_code in (400, 413, 422) and _TOO_LONG.search(said):
        return ContextTooLong(f"{url} refused: {said}")
    hint = f"; {wanted}" if response.status_code in (401, 403) and wanted else ""
    return ModelError(f"{url} refused: {said}{hint}")


def _complaint(answer: bytes) -> str:
    """The endpoint's own words on what is wrong."""
    try:
        record: Any = orjson.loads(answer)
        error = record.get("error", record)
        return str(error.get("message", error)) if isinstance(error, dict) else str(error)
    except MISSHAPEN:
        return answer.decode(errors="replace")


def _seconds(retry_after: str) -> float | None:
    """Seconds asked for, as a number or until a date; None for neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
