"""Where does a text lead elsewhere, as its reader sees it?

A reader sees no escapes, no marks of emphasis and no characters without width, and takes one slash for another: an address is
looked for in the text as it is written, and in the text as it is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import category, normalize

UNSEEN = "\u200b-\u200f\u2060\ufeff"
_LETTERS = f"a-zａ-ｚ{UNSEEN}"
_REST = r"[^\s<>\[\]()\"'`。，；！？、（）「」【】]*[^\s<>\[\]()\"'`。，；！？、（）「」【】.,;:!?]"
_HAN = r"\u3040-\u9fff"
_WORD = rf"[^\W{_HAN}]"
_DOT = r"(?:[.．｡]|%2e|(?<=[a-z0-9])。(?=[a-z]))"
_LABEL = rf"(?:{_WORD}(?:{_WORD}|-){{0,62}}|[{_HAN}]{{1,20}})"
_HOST = rf"(?:{_LABEL}{_DOT}){{1,30}}(?:xn--[a-z0-9-]{{1,59}}|[^\W\d_{_HAN}]{{2,63}}|[{_HAN}]{{2,4}}){_DOT}?"
_BYTE = r"(?:0x[0-9a-f]{1,2}|\d{1,4})"
_ADDRESS = rf"(?:(?:{_BYTE}\.){{3}}{_BYTE}|localhost|\[[0-9a-f]*:[0-9a-f:.]+\] ?|{_HOST})"
_NUMBER = r"(?:1\d{8,9}|(?:1[7-9]|[2-9]\d)\d{6,8}|0x[0-9a-f]{8})"
"""A whole address of four bytes as one number, from 1.3.0.0 on; smaller ones are amounts in what people write."""
_SLASH = r"\\?[/\\／]"
URL = re.compile(
    rf"(?:(?<![{_LETTERS}])[{_LETTERS}][{_LETTERS}0-9+.-]{{1,30}}[:：](?:{_SLASH}{_SLASH}|[/／](?=\w))"
    rf"|(?<![\w/\\])//+(?=[\w-]+\.\w)"
    rf"|(?<![{_LETTERS}])(?:mailto:|tel:(?=\+?\d)|sms:(?=\+?\d)|ssh:(?=\S+@)|data:(?=[a-z]+/)|(?:java|vb)script:|file:(?=/)"
    rf"|magnet:(?=\?)|(?:https?|s?ftps?|wss?|ip[fn]s|view-source):|www\.)"
    rf"|(?<![\w.,-])(?:{_NUMBER}|[^\W\d]{_WORD}{{0,62}}:\d{{2,5}})/(?=[^\W\d])"
    rf"|(?<!{_WORD})(?<![@./\\-]){_ADDRESS}(?::\d{{1,5}})?(?:\\?[/／]|[?#]))"
    rf"{_REST}"
    rf"|(?<!{_WORD})(?<![@./\\-]){_ADDRESS}:\d{{2,5}}(?![\w.,]*\w)"
    rf"|(?<!{_WORD})(?<![@./\\-]){_WORD}(?:{_WORD}|[.+-]){{0,63}}@{_HOST}",
    re.IGNORECASE,
)
"""What leads elsewhere: with any scheme or none; a host with a path, a query, a fragment or a port, in any script or as an
address; a mail address. A host alone is a name, such as Booking.com."""
_ODD = re.compile(r"[\\*`~]|(?<![^\W_])_+|_+(?![^\W_])|[^\x00-\x7f]")
"""What may be seen as something else than it is, or not at all."""
_MARKS = "*`~_\\"
_AS_SLASH = "\u2044\u2215\u29f8\u2571\u27cb"
_AS_COLON = "\ua789\u2236\u02d0\u05c3"
_NO_WIDTH = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"


def addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """``(start, end, as it is seen)`` of every address, ascending, with the marks of emphasis that are part of it."""
    seen, at = _seen(text)
    places = [match.span() for match in URL.finditer(text)]
    places += [(at[match.start()], at[match.end() - 1] + 1) for match in URL.finditer(seen)]
    end = 0
    for first, last in _merged(places):
        marks = {mark for mark in _MARKS if mark in text[first:last]}
        start = next((n + 1 for n in range(first - 1, end - 1, -1) if text[n] not in marks), end)
        end = next((n for n in range(last, len(text)) if text[n] not in marks), len(text))
        yield start, end, _seen(text[start:end])[0]


def without(text: str, instead: str) -> str:
    """The text with these words in place of every address."""
    pieces: list[str] = []
    end = 0
    for start, stop, _ in addresses(text):
        pieces += [text[end:start], instead]
        end = stop
    return "".join([*pieces, text[end:]])


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def _seen(text: str) -> tuple[str, list[int]]:
    """The text as it is seen, and where each of its characters is written."""
    pieces: list[str] = []
    at: list[int] = []
    end = 0
    for match in _ODD.finditer(text):
        start, stop = match.span()
        shown = "" if match[0][0] in _MARKS else _shown(match[0])
        pieces += [text[end:start], shown]
        at += [*range(end, start), *[start] * len(shown)]
        end = stop
    return "".join([*pieces, text[end:]]), [*at, *range(end, len(text))]


@cache
def _shown(sign: str) -> str:
    """A character as a reader, and most browsers, take it."""
    if sign in _NO_WIDTH or category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f":
        return ""
    return re.sub(f"[{_AS_SLASH}]", "/", re.sub(f"[{_AS_COLON}]", ":", normalize("NFKC", sign)))
