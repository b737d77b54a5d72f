"""What did an endpoint say, and what did that take?

A reply is read from an answer of whatever shape: calls beside the text or in it, thoughts beside it or in it, arguments as text
or as an object. Tokens are as the endpoint counted them, else an estimate from what was sent and what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from agent.models import NO_USAGE, Call, Reply, Usage
from agent.models.refusal import MayPass
from agent.models.repair import repaired
from agent.models.stream import MISSHAPEN, Assembly
from agent.models.text import split_calls, split_thinking
from agent.models.wording import arguments, wording
from agent.tokens import estimate

MOST = 2**53
"""Tokens above which a number is no count of them: JSON keeps no larger one exactly."""
_CUT = frozenset({"length", "max_tokens", "model_length", "content_filter"})
"""Reasons for an end that is none of the model's."""


class Taken:
    """What one try took: as the endpoint counted it, else an estimate from what was sent and what came."""

    def __init__(self, likely: int) -> None:
        self.likely = likely
        """Tokens of the prompt, estimated."""
        self.prompt = False
        """Whether the endpoint had the whole prompt and set to work on it."""
        self.said: object = None
        """The ``usage`` of the answer, in whatever shape it came."""
        self.wrote = 0
        """Tokens of the answer, estimated."""
        self.stream: Assembly | None = None
        """The answer while it comes in pieces."""

    @property
    def usage(self) -> Usage:
        """Tokens, of a try that came to nothing or is under way, too."""
        told = self.stream.usage if self.stream else self.said
        said: Any = told if isinstance(told, dict) else {}
        read, written = _count(said.get("prompt_tokens")), _count(said.get("completion_tokens"))
        if not (self.prompt or read or written):
            return NO_USAGE
        wrote = self.wrote or (tokens_of(self.stream.said) if self.stream else 0)
        return Usage(read or self.likely, written or wrote, estimated=not (read and (written or not wrote)))

    def trace(self, name: str, _: Mapping[str, object]) -> None:
        """Learn from the connection that the whole prompt has gone."""
        self.prompt = self.prompt or name.endswith("send_request_body.complete")


def read(answer: bytes, taken: Taken, most: int) -> Reply:
    """A reply from the answer's JSON; what it took is `taken`'s to say. Raises MayPass where there is none in it.

    It was cut off where the endpoint says so, or counts as many tokens as it was allowed: some call an end by length a call of
    tools all the same.
    """
    try:
        record: Any = orjson.loads(answer)
        choice = record["choices"][0]
        message, usage = choice["message"], record.get("usage")
        written = _count(usage.get("completion_tokens")) if isinstance(usage, dict) else 0
        cut = str(choice.get("finish_reason")).lower() in _CUT or written >= most
        words = wording(message)
        native = tuple(_call(call["function"], cut) for call in message.get("tool_calls") or ())
        text, thinking = split_thinking(words.text or words.refusal)
        text, in_text = split_calls(text, cut)
    except MISSHAPEN as error:
        what = answer.decode(errors="replace")
        raise MayPass(f"an answer that is no chat completion ({type(error).__name__}): {what}") from error
    wrote = (words.text or words.refusal, words.thinking, *(call.arguments for call in native))
    taken.wrote = sum(tokens_of(part) for part in wrote)
    if not (text or native or in_text):
        raise MayPass("an answer that was cut off before it said anything" if cut else "an empty answer")
    return Reply(text, native or in_text, words.thinking or thinking, cut=cut)


def tokens_of(text: str) -> int:
    """An estimate; 0 of nothing."""
    return estimate(text) if text else 0


def usage_in(answer: bytes | bytearray) -> object:
    """What an answer of whatever kind says of its tokens; None where it says nothing."""
    try:
        record: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return record.get("usage") if isinstance(record, dict) else None


def _count(said: object) -> int:
    """Tokens as the endpoint counted them; 0 where that can be no count, so that it is estimated instead."""
    return int(said) if isinstance(said, int | float) and 0 < said <= MOST else 0


def _call(function: dict[str, Any], cut: bool) -> Call:
    written = arguments(function) or ("" if cut else "{}")
    return Call("", str(function["name"]), repaired(written, cut) or written)
