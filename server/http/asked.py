"""What does a request ask, wherever its client put the parameters?

JSON body, form or query string; numbers as strings; null and "" for absent; lists as one comma-separated string. Fields that a
shape does not know are ignored, numbers beyond a limit come down to it: a client written for another service must not fail over
them.
"""

from __future__ import annotations

import reprlib
from itertools import islice
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.requests import Request

from server.errors import RequestRefused

MAX_FIELDS = 2_000
"""Fields in a form or a query string."""


class Asked(BaseModel):
    """Parameters of one shape; immutable, unknown ones ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Model = TypeVar("Model", bound=Asked)


def _split(value: object) -> object:
    """``a, b`` as a list of two; one of anything as a list of one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _flag(value: object) -> object:
    """Words where a flag is meant: Tavily's ``include_raw_content="markdown"`` means yes."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "false", "no", "off", "none", "null", "drop")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""A list of strings, or one string with commas."""
Addresses = Annotated[tuple[str, ...], BeforeValidator(lambda value: [value.strip()] if isinstance(value, str) else value)]
"""A list of addresses, or one alone: an address may hold commas."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A truth value, or a word for one."""


def quoted(value: object) -> str:
    """What somebody sent, in a message: short, however long or deeply nested it is."""
    return repr(value[:50]) if isinstance(value, str) else reprlib.repr(value)[:50]


def clamp(value: float, most: int, least: int = 1) -> int:
    """A count within what we give; `least` for what is no number (JSON clients may send NaN)."""
    return int(min(max(least, value), most))  # in this order: a comparison with NaN is false, and max keeps its first


async def content(request: Request) -> Any:
    """What the request carries: the fields of query string and body together, or the list that a JSON body is.

    Raises RequestRefused.
    """
    if not hasattr(request.state, "content"):
        request.state.content = _parsed(request, await request.body())
    return request.state.content


def is_form(request: Request, body: bytes) -> bool:
    """Whether the body is a form; `curl -d` says so of JSON, too."""
    called = "x-www-form-urlencoded" in request.headers.get("content-type", "")
    return called and not body.lstrip().startswith((b"{", b"["))


def _parsed(request: Request, body: bytes) -> Any:
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RequestRefused(f"the body is encoded as {request.headers['content-encoding'][:50]!r}; send it as it is")
    fields: dict[str, Any] = _fields(request.url.query)
    if not body.strip():
        return fields
    if is_form(request, body):
        return fields | _fields(body.decode("utf-8", "replace"))
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(f"the body is not JSON in UTF-8: {error}") from None
    if isinstance(parsed, dict):
        return fields | parsed
    if isinstance(parsed, list):
        return parsed
    raise RequestRefused("the body is JSON, but no object; send {...}")


def read(model: type[Model], fields: Any) -> Model:
    """The parameters of a shape. Raises RequestRefused with the first that cannot be what it should."""
    if not isinstance(fields, dict):
        raise RequestRefused("the body is JSON, but no object; send {...}")
    sent = {name: value for name, value in fields.items() if value is not None and value != ""}
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])[:100]
        if first["type"] == "missing":
            there = ", ".join(islice(sent, 10))[:100] or "nothing"
            raise RequestRefused(f"{name} is missing; what was sent is {there}") from None
        raise RequestRefused(f"{name} is {quoted(first['input'])}: {first['msg'].lower()}") from None


def _fields(text: str) -> dict[str, Any]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace"))
    except ValueError:
        raise RequestRefused(f"more than {MAX_FIELDS:,} fields; send fewer") from None
