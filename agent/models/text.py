"""What does a model's raw text mean?

Models behind compatible endpoints often put their thinking and their tool calls into the text: ``<think>…</think>``,
``<tool_call>{"name": …, "arguments": {…}}</tool_call>``, or that JSON as the whole text. Here the three are told apart. JSON is
repaired where that cannot change a value; what stays broken is passed on as it is, so that the tool can tell the model.
"""

from __future__ import annotations

import json
import re

import orjson

from agent.models import Call
from agent.models.repair import repaired

_THINK = re.compile(r"<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?)think(?:ing)?>")
_HEADLESS = re.compile(r"\A(.*?)</think(?:ing)?>", re.DOTALL)  # some templates put the opening tag into the prompt
_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_BARE = re.compile(r"\A\s*(?:```(?:json)?\s*)?\{")
_NAME = re.compile(r'"name"\s*:\s*"([^"]+)"')


def without_thinking(text: str, blank: str = "") -> str:
    """A text without closed blocks of thinking, and without tags that stand alone; with a `blank`, all else keeps its place."""
    hidden: list[tuple[int, int]] = []
    begun: tuple[int, int] | None = None
    for tag in _TAG.finditer(text):
        if not tag[1]:
            begun = begun or tag.span()
            hidden.append(tag.span())
        else:
            hidden.append((begun[0] if begun else tag.start(), tag.end()))
            begun = None
    kept: list[str] = []
    end = 0
    for start, stop in sorted(hidden, key=lambda place: (place[0], -place[1])):
        if stop > end:
            kept += [text[end:start], blank * (stop - start)]
            end = stop
    return "".join([*kept, text[end:]])


def split_thinking(text: str) -> tuple[str, str]:
    """``(text without thinking, thinking)``."""
    thoughts = _THINK.findall(text)
    text = _THINK.sub("", text)
    if headless := _HEADLESS.match(text):
        thoughts.insert(0, headless[1])
        text = text[headless.end() :]
    return text.strip(), "\n".join(thought.strip() for thought in thoughts)


def split_calls(text: str, cut: bool = False) -> tuple[str, tuple[Call, ...]]:
    """``(text without calls, calls)``; where the text was `cut`, nothing is repaired."""
    calls = tuple(_read(match.strip(), cut) for match in _CALL.findall(text))
    if not calls and (bare := _BARE.match(text)):  # small models leave the tags out, or put a fence in their place
        written = _first(text[bare.end() - 1 :])
        if orjson.loads(repaired(written, cut) or "{}").keys() >= {"name", "arguments"}:  # some go on with words of the schema
            return "", (_read(written, cut),)
    return _CALL.sub("", text).strip(), calls


def _first(text: str) -> str:
    """The first JSON object of a text, all of it where that cannot be told: some models go on with the result they expect."""
    try:
        return text[: json.JSONDecoder(strict=False).raw_decode(text)[1]]
    except (ValueError, RecursionError):
        return text


def _read(written: str, cut: bool) -> Call:
    if sound := repaired(written, cut):
        record = orjson.loads(sound)
        if isinstance(record.get("name"), str):
            arguments = record.get("arguments", record.get("parameters", {}))
            return Call("", record["name"], arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode())
    name = _NAME.search(written)
    return Call("", name[1] if name else "", written)
