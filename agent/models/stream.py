"""What did the endpoint say, piece by piece?

Server-sent events of ``/v1/chat/completions`` put together into the answer that the same endpoint gives unstreamed. A person may
watch the text grow, word by word, so that whatever is looked for in a word is whole; thoughts and tool calls are not shown, and
calls are read only when the answer is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from agent.models.pieces import Calls
from agent.models.wording import wording

_HIDDEN = re.compile("<think|<tool_call")
MISSHAPEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What reading JSON of an unexpected shape raises."""
Tell = Callable[[str], None]
"""Is given the next words, in order; nothing where the text begins anew."""
_BREAK = re.compile(r"[^!-~]")
"""Ends a word. No tag and no spelling of a key holds any such character."""


class BrokenStream(ValueError):
    """Raised when a stream ends before the answer does, or holds what is no event."""


class Assembly:
    """One answer under way."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self._rest: list[bytes] = []
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._calls = Calls()
        self._word: list[str] = []
        self._shows = True
        self.usage: object = None
        """What the endpoint said of its tokens so far."""
        self._ended = False
        self._finish = ""
        tell("")

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, cut anywhere. Raises BrokenStream."""
        rest, *lines = piece.split(b"\n")
        self._rest.append(rest)
        for line in lines:
            data = b"".join(self._rest).strip()
            self._rest = [line]
            if data.startswith(b"data:"):
                self._event(data.removeprefix(b"data:").strip())

    @property
    def said(self) -> str:
        """All that came so far, thoughts and calls among it."""
        calls = [part for call in list(self._calls.begun) for part in (call.name, *call.arguments)]
        return "".join([*self._content, *self._reasoning, *self._refusal, *calls])

    def whole(self) -> bytes:
        """The answer as JSON. Raises BrokenStream where its end is missing."""
        self.feed(b"\n")
        if not self._ended:
            raise BrokenStream("the stream ended before the answer did")
        calls = [{"function": {"name": call.name, "arguments": "".join(call.arguments)}} for call in self._calls.begun]
        words = {"content": self._content, "reasoning_content": self._reasoning, "refusal": self._refusal}
        message = {name: "".join(pieces) for name, pieces in words.items()} | {"tool_calls": calls}
        try:
            return orjson.dumps({"choices": [{"message": message, "finish_reason": self._finish}], "usage": self.usage})
        except TypeError as error:
            raise BrokenStream("a stream that is nested too deep") from error

    def _event(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._ended = True
            return
        try:
            record: Any = orjson.loads(data)
            if record.get("error"):
                raise BrokenStream(f"the endpoint broke off: {record['error']}")
            self.usage = record.get("usage") or self.usage
            for choice in record.get("choices") or ():
                self._delta(choice.get("delta") or {})
                self._finish = choice.get("finish_reason") or self._finish
                self._ended = self._ended or bool(self._finish)
        except BrokenStream:
            raise
        except MISSHAPEN as error:
            raise BrokenStream(f"an event that is none ({type(error).__name__}): {data.decode(errors='replace')}") from error

    def _delta(self, delta: dict[str, Any]) -> None:
        said = wording(delta)
        self._content.append(said.text)
        self._reasoning.append(said.thinking)
        self._refusal.append(said.refusal)
        self._show(said.text or said.refusal)
        self._calls.add(delta.get("tool_calls") or [])

    def _show(self, piece: str) -> None:
        """Tell the words that are whole by this piece, up to where a thought or a call begins."""
        if self._calls.begun or not self._shows:
            return
        end = max((found.end() for found in _BREAK.finditer(piece)), default=0)
        self._word.append(piece[:end] or piece)
        if not end:
            return
        words, self._word = "".join(self._word), [piece[end:]]
        if tag := _HIDDEN.search(words):
            words, self._shows = words[: tag.start()], False
        if words.strip():
            self.tell(words)
