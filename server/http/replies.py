"""How is an answer or an error said in JSON?"""

from __future__ import annotations

import math
from typing import Any

import orjson
from starlette.responses import Response

from server.errors import (
    CapacityExceeded,
    DeadlineExceeded,
    DocumentNotFound,
    Forbidden,
    NotStepwell,
    RateLimited,
    RequestRefused,
    ServerError,
    ServerUnreachable,
    Unauthenticated,
)

STATUS: dict[type[ServerError], tuple[int, str]] = {
    RequestRefused: (400, "INVALID_ARGUMENT"),
    Unauthenticated: (401, "UNAUTHENTICATED"),
    Forbidden: (403, "PERMISSION_DENIED"),
    DocumentNotFound: (404, "NOT_FOUND"),
    RateLimited: (429, "RESOURCE_EXHAUSTED"),
    CapacityExceeded: (413, "RESOURCE_EXHAUSTED"),
    NotStepwell: (501, "UNIMPLEMENTED"),
    ServerUnreachable: (503, "UNAVAILABLE"),
    DeadlineExceeded: (504, "DEADLINE_EXCEEDED"),
}
"""HTTP status and the contract's code for each error and its kinds; what is not here is 500, INTERNAL. 429 says when to
come back; 413 that asking for the same again is of no use."""
AGAIN_SOON = 1
"""Seconds to wait where nothing better is known; a key that has used up its minute or day is told its own time."""


class Json(Response):
    """A body of JSON; `content` is what orjson can write."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """UTF-8."""
        return orjson.dumps(content)


def status_of(error: ServerError) -> tuple[int, str]:
    """HTTP status and the contract's name of what went wrong."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), (500, "INTERNAL"))


def refused(error: ServerError) -> Json:
    """The answer to a request that cannot be answered."""
    status, code = status_of(error)
    headers = {}
    if status in (429, 503):
        wait = error.retry_after if isinstance(error, RateLimited) else AGAIN_SOON
        headers["retry-after"] = str(max(1, math.ceil(wait)))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return problem(status, code, str(error), headers)


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Json:
    """One body that clients of every shape find their message in: Tavily's reads `detail.error`, Serper's `message`."""
    body = {"code": code, "message": message, "error": {"code": code, "message": message}, "detail": {"error": message}}
    return Json(body, status, headers)
