"""What did the endpoint say, piece by piece?

Server-sent events of ``/v1/chat/completions`` put together into the answer that the same endpoint gives unstreamed. A person may
watch the text grow; thoughts and tool calls are not shown, and calls are read only when the answer is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

HIDDEN = ("<think", "<tool_call")
MISSHAPEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What reading JSON of an unexpected shape raises."""
Tell = Callable[[str], None]
"""Is given the text so far, again and again."""


class BrokenStream(ValueError):
    """Raised when a stream ends before the answer does, or holds what is no event."""


class Assembly:
    """One answer under way."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self._rest = b""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self.usage: object = None
        """What the endpoint said of its tokens so far."""
        self._ended = False

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, cut anywhere. Raises BrokenStream."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            data = line.strip()
            if data.startswith(b"data:"):
                self._event(data.removeprefix(b"data:").strip())

    @property
    def said(self) -> str:
        """All that came so far, thoughts and calls among it."""
        calls = [part for call in self._calls.values() for part in call.values()]
        return "".join([*self._content, *self._reasoning, *calls])

    def whole(self) -> bytes:
        """The answer as JSON. Raises BrokenStream where its end is missing."""
        self.feed(b"\n")
        if not self._ended:
            raise BrokenStream("the stream ended before the answer did")
        calls = [{"function": call} for _, call in sorted(self._calls.items())]
        message = {"content": "".join(self._content), "reasoning_content": "".join(self._reasoning), "tool_calls": calls}
        try:
            return orjson.dumps({"choices": [{"message": message}], "usage": self.usage})
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
                self._ended = self._ended or bool(choice.get("finish_reason"))
        except BrokenStream:
            raise
        except MISSHAPEN as error:
            raise BrokenStream(f"an event that is none ({type(error).__name__}): {data.decode(errors='replace')}") from error

    def _delta(self, delta: dict[str, Any]) -> None:
        if text := delta.get("content"):
            self._content.append(str(text))
            self._show()
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._reasoning.append(str(thought))
        for position, part in enumerate(delta.get("tool_calls") or ()):
            call = self._calls.setdefault(int(part.get("index", position)), {"name": "", "arguments": ""})
            function = part.get("function") or {}
            call["name"] += function.get("name") or ""
            call["arguments"] += function.get("arguments") or ""

    def _show(self) -> None:
        """The text so far, up to where a thought or a call begins, or may be about to."""
        said = "".join(self._content)
        cut = min((i for tag in HIDDEN if (i := said.find(tag)) >= 0), default=len(said))
        tail = said.rfind("<", max(0, cut - 12), cut)
        if tail >= 0 and any(tag.startswith(said[tail:cut]) for tag in HIDDEN):
            cut = tail
        if not self._calls and said[:cut].strip():
            self.tell(said[:cut])
