"""What did a model mean by JSON that is none?

Only what cannot change a value is put right: closing braces and brackets that are missing outside of strings, commas before them,
line breaks within strings, a fence around it, Python's spelling of a dictionary, and doubled outer braces. A string that was cut
off stays broken, since no one knows how it went on; the model is told instead. In a reply that the endpoint says it cut, a
missing bracket may be missing items, and ``1`` the beginning of ``15``: nothing is put right there.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re

import orjson


def repaired(written: str, cut: bool = False) -> str | None:
    """A JSON object that says the same, or None where there is none to be found; of a text that was `cut`, only a whole one."""
    text = re.sub(r"\A```(?:json)?", "", written.strip()).removesuffix("```").strip()
    single = text.removeprefix("{").removesuffix("}")
    attempts = (text, _closed(text), _closed(re.sub(r",(\s*[}\]])", r"\1", text)), single, _closed(single))
    for attempt in attempts[:1] if cut else attempts:
        for read in (_json, _python):
            value = read(attempt)
            if isinstance(value, dict):
                with contextlib.suppress(TypeError):  # half a surrogate pair, a number over 64 bits, nesting over 254
                    return orjson.dumps(value).decode()
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text, strict=False)  # takes line breaks within strings
    except (ValueError, RecursionError):
        return None


def _python(text: str) -> object:
    try:
        value = ast.literal_eval(text)
        orjson.dumps(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return value


def _closed(text: str) -> str:
    """With the closing brackets that are missing, and without the closing ones that are too many; as it is inside a string."""
    due: list[str] = []
    inside = escaped = False
    for i, c in enumerate(text):
        if inside:
            inside, escaped = escaped or c != '"', c == "\\" and not escaped
        elif c == '"':
            inside = True
        elif c in "{[":
            due.append("}" if c == "{" else "]")
        elif c in "}]" and (not due or due.pop() != c):
            return text[:i] + "".join(reversed(due))
    return text if inside else text.rstrip().removesuffix(",") + "".join(reversed(due))
