"""Which sentences of a span are whole, so that who repeats one repeats what its source says?

A span is cut by rule, at short lines and after 800 characters too, and may itself begin or end within a sentence: *vaccines cause
autism* is no statement of *There is no evidence that vaccines cause autism*. So a part counts only from where one sentence has
surely ended to where it surely ends; what is not sure is left to the judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.evidence import Evidence, Span
from agent.facts.counted import FUNCTION
from agent.models.plan import FUNCTION_WORDS
from agent.sentences import CLOSERS, is_end, sentences

LOOK = 12
"""Characters before a place by which it is seen what ends there: an abbreviation, a word, a number."""

_STOPPED = re.compile(rf"(?<![.…?!])(?:[.!?]+(?<!\.\.)|[。！？]+)[{CLOSERS}]*\Z")
"""Not behind three dots, which stand for what was left out."""
_HAN_STOP = re.compile(rf"[。！？][{CLOSERS}]*\Z")
_ITEM = re.compile(r"(?:\A|[\n.!?:;,(。：；，]\s*)\(?\d{1,2}\.\Z")
"""The number of what follows it."""
_HEADING = re.compile(r"#{1,6} \S")
_GOES_ON = re.compile(r"[,:;(\[—–，、：；（-]\Z")
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_LEADS = FUNCTION_WORDS | FUNCTION | frozenset({"dass", "daß", "que", "qu", "si", "de", "la", "le", "en", "ist", "kein", "keine"})
"""Words that no paragraph ends with."""
_QUOTING = {**dict.fromkeys("„「『", True), **dict.fromkeys("”」』", False)}
_TOGGLES = '"“«»'
"""Marks that open a quotation in one language and close it in another."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, a line or a piece of a span."""

    text: str
    begins: bool
    """Whether a sentence surely begins with it."""
    ends: bool
    """Whether a sentence surely ends with it."""


def parts(span: Span, evidence: Evidence) -> Iterator[Part]:
    """Everything in the span but white space, in order."""
    around = evidence.around(span)
    before, behind = around or ("", "")
    text, offset = before + span.quote + behind, len(before)
    for a, b in sentences(span.quote):
        begins = _begins(text, offset + a) and (around is not None or a > 0 or span.start == 0)
        ends = _ends(text, offset + b) and (around is not None or b < len(span.quote) or _stopped(span.quote))
        yield Part(span.quote[a:b], begins, ends)


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins there, and not within somebody else's words."""
    head = text[:at].rstrip()
    first = next((sign for sign in text[at : at + 20] if sign.isalnum()), "")
    if first.islower() or _quoting(text, at):
        return False
    gap = text[len(head) : at]
    return not head or (_parted(head, gap) and not _ITEM.search(head[-LOOK:])) or _closed(head, gap)


def _ends(text: str, at: int) -> bool:
    """Whether a sentence, a heading or another paragraph ends there."""
    behind = text[at:]
    gap = behind[: len(behind) - len(behind.lstrip())]
    return not behind.strip() or _closed(text[:at], gap) or _parted(text[:at], gap)


def _parted(head: str, gap: str) -> bool:
    """Whether a sentence has ended, and this is the space behind it; Chinese needs none."""
    return _stopped(head) and bool(gap or _HAN_STOP.search(head, max(0, len(head) - LOOK)))


def _stopped(head: str) -> bool:
    """Whether a sentence has ended with it, and no abbreviation."""
    stop = _STOPPED.search(head, max(0, len(head) - LOOK))
    return stop is not None and is_end(head, max(0, stop.start() - LOOK), stop.start() + 1)


def _closed(head: str, gap: str) -> bool:
    """Whether a paragraph has, or a heading."""
    if "\n" in gap and _HEADING.match(head, head.rfind("\n") + 1):
        return True
    last = _LAST_WORD.search(head[-LOOK:])
    return gap.count("\n") > 1 and not _GOES_ON.search(head[-1:]) and not (last and last[0].casefold() in _LEADS)


def _quoting(text: str, at: int) -> bool:
    """Whether quotation marks are open there."""
    opened = False
    for sign in text[text.rfind("\n\n", 0, at) + 1 : at]:
        opened = not opened if sign in _TOGGLES else _QUOTING.get(sign, opened)
    return opened
