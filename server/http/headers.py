"""What does a client say beside what it asks: its key, and how long it waits?"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from server.errors import RequestRefused
from server.http.asked import content

SECONDS = 30.0
"""What a request is given unless it says less, as the Python client gives."""
DEADLINE = "stepwell-timeout"
"""The header in which a client may say how many seconds it waits."""
KEY_HEADERS = ("authorization", "x-api-key", "x-subscription-token")
"""Where clients put a key: Step and Tavily, Serper, Brave."""


def shown(headers: Mapping[str, str]) -> str | None:
    """The key that they show; None where they show none."""
    return next((headers[name] for name in KEY_HEADERS if headers.get(name)), None)


async def key_of(request: Request) -> str | None:
    """A key among the parameters, where some clients of Tavily put it and those who can set no header must."""
    fields = await content(request) if not any(name in request.headers for name in KEY_HEADERS) else None
    key = fields.get("api_key") if isinstance(fields, dict) else None
    return key if isinstance(key, str) else None


def seconds(headers: Mapping[str, str]) -> float:
    """The patience that a client states, never more than SECONDS. Raises RequestRefused."""
    header = headers.get(DEADLINE)
    if not header:
        return SECONDS
    try:
        stated = float(header)
    except ValueError:
        stated = 0.0
    if not stated > 0:
        raise RequestRefused(f"{DEADLINE} is {header[:50]!r}; send a positive number of seconds")
    return min(stated, SECONDS)
