"""What is asked of an endpoint?

The body of one POST to ``/chat/completions``: the conversation, the tools, the sampling, and to have the answer streamed with its
usage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from agent.models import Message, ToolSchema


def body(name: str, messages: Sequence[Message], tools: Sequence[ToolSchema], sampling: Mapping[str, float]) -> bytes:
    """JSON; an empty list of tools, which some endpoints refuse, is left out."""
    asked: dict[str, object] = {"model": name, "messages": [_message(m) for m in messages], **sampling}
    if tools:
        asked["tools"] = [_tool(t) for t in tools]
    return orjson.dumps(asked | {"stream": True, "stream_options": {"include_usage": True}})


def _message(message: Message) -> dict[str, object]:
    said: dict[str, object] = {"role": message.role, "content": message.text}
    if message.calls:
        said["tool_calls"] = [  # chat templates parse the arguments, and fail on what is broken
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments if c.sound else "{}"}}
            for c in message.calls
        ]
    if message.call_id:
        said["tool_call_id"] = message.call_id
    return said


def _tool(tool: ToolSchema) -> dict[str, object]:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }
