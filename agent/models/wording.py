"""What words stand in a message of an endpoint, or in a piece of one?

Text, thought, refusal and arguments are read here and nowhere else, so that a streamed answer comes to the same as a whole one.
Endpoints differ: text may be a string or a list of parts, a thought a field of its own or a part of the text, a refusal a field
or a part, arguments text or an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_TEXT = (None, "text", "output_text")
"""Types of the parts that are for the reader; what is of any other type is a thought."""
_REFUSAL = "refusal"
_THOUGHT = ("thinking", "reasoning", "summary", "content", "text")
"""Fields in which the words of a thought are found, at any depth."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said, by what it is; each may be empty."""

    text: str
    thinking: str
    """Thought that the endpoint keeps apart from the text; what stands in the text in tags is told apart later."""
    refusal: str


def wording(message: Mapping[str, Any]) -> Wording:
    """Of ``message``, or of ``delta`` in a stream. Raises what reading JSON of an unexpected shape raises."""
    content = message.get("content") or ""
    listed = [content] if isinstance(content, str | dict) else content
    parts = [{"text": part} if isinstance(part, str) else part for part in listed]
    text = "".join(part.get("text") or "" for part in parts if part.get("type") in _TEXT)
    thought = "".join(_thought(part) for part in parts if part.get("type") not in (*_TEXT, _REFUSAL))
    refusal = "".join([message.get("refusal") or "", *(part[_REFUSAL] for part in parts if part.get("type") == _REFUSAL)])
    return Wording(text, _thought(message.get("reasoning_content") or message.get("reasoning")) or thought, refusal)


def arguments(function: Mapping[str, Any]) -> str:
    """The arguments of a call, or a piece of them, as text; empty where there are none."""
    written = function.get("arguments") or ""
    return written if isinstance(written, str) else orjson.dumps(written).decode()


def _thought(said: object) -> str:
    """All words of a thought, in whatever shape."""
    if isinstance(said, list):
        return "".join(map(_thought, said))
    if isinstance(said, dict):
        return "".join(_thought(said[field]) for field in _THOUGHT if field in said)
    return said if isinstance(said, str) else ""
