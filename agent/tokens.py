"""How many tokens does a text take, about?

No tokenizer is at hand for a model behind an endpoint. Four characters of Latin text, or one and a half of any other script, are
about one token for the byte-pair encodings in use. The figure decides when a conversation is shortened, and
stands for the count of an endpoint that gives none.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from agent.models import Message, ToolSchema

PER_TOKEN = 4.0
PER_TOKEN_ELSE = 1.5


def estimate(text: str) -> int:
    """Tokens, rounded up."""
    latin = len(text.encode("ascii", "ignore"))
    return int(latin / PER_TOKEN + (len(text) - latin) / PER_TOKEN_ELSE) + 1


def weight(messages: Sequence[Message]) -> int:
    """Tokens of these messages."""
    return sum(estimate(m.text) + sum(estimate(c.arguments) + 8 for c in m.calls) + 4 for m in messages)


def schemas(tools: Sequence[ToolSchema]) -> int:
    """Tokens of the tools as a model sees them."""
    return sum(estimate(f"{tool.name} {tool.description} {orjson.dumps(dict(tool.parameters)).decode()}") + 8 for tool in tools)
