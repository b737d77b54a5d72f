"""Where do sources disagree?

Three ways to find out: the model noted it in `reflect`, the judge found that a cited span says the opposite, or two cited spans
of one sentence give different numbers for the same thing. The last is by rule, and narrow: sentences of different sources in
much the same words, each with numbers of one unit, and none of them in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from agent.claims import Checked, Claim
from agent.evidence import Evidence
from agent.facts import numbers
from agent.models.plan import FUNCTION_WORDS, content
from agent.sentences import sentences
from agent.standing import arguments_of
from agent.trajectory import Event, Replied, Returned

ALIKE = 0.5
"""Share of the shorter sentence's content words that the other one must hold."""
LEAST = 3
"""Content words that both must hold, their unit not counted."""

_UNIT = re.compile(r"\s?-?(%|‰|°C?|[^\W\d_]+)")
_PERCENT = re.compile(r"(?:per ?cent|prozent|pour ?cent|por ?ciento|百分)\w*\Z", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")

Conflict = tuple[str, tuple[str, ...]]
"""What sources disagree about, and the spans on it."""


def conflicts_of(events: Sequence[Event], verdicts: Sequence[tuple[Claim, Checked]], evidence: Evidence) -> list[Conflict]:
    """Every disagreement of the run, those that the model noted first; the same spans once."""
    found = {spans: about for about, spans in noted(events, evidence)}
    for claim, checked in verdicts:
        if checked.against and set(checked.spans) - set(checked.against):
            found[checked.spans] = checked.text
        for pair in apart(claim, evidence):
            found.setdefault(pair, checked.text)
    return [(about, spans) for spans, about in found.items()]


def noted(events: Sequence[Event], evidence: Evidence) -> Iterator[Conflict]:
    """Those that the model noted in a `reflect` that was accepted."""
    accepted = {e.payload.call_id for e in events if isinstance(e.payload, Returned) and e.payload.ok}
    for event in events:
        for call in event.payload.calls if isinstance(event.payload, Replied) else ():
            said = arguments_of(call).get("conflicts") if call.name == "reflect" and call.id in accepted else None
            for conflict in said if isinstance(said, list) else ():
                yield str(conflict["about"]), tuple(s for s in conflict["spans"] if s in evidence.spans)


def apart(claim: Claim, evidence: Evidence) -> list[tuple[str, str]]:
    """Pairs of spans that the sentence cites and that give different numbers for the same thing."""
    spans = [evidence.spans[name] for name in claim.spans if name in evidence.spans]
    return [(a.id, b.id) for a, b in combinations(spans, 2) if evidence.key(a) != evidence.key(b) and differ(a.quote, b.quote)]


def differ(one: str, other: str) -> bool:
    """Whether a sentence of each text counts the same thing and comes to another number."""
    return any(_differ(a, b) for a in _sentences(one) for b in _sentences(other))


def _differ(one: str, other: str) -> bool:
    counted, again = _counted(one), _counted(other)
    units = [unit for unit in counted.keys() & again.keys() if unit[0] != "#"]
    if len(counted) != len(again) or all(counted[unit] & again[unit] for unit in units):
        return False
    words, others = _words(one), _words(other)
    shared = len(words & others)
    return shared >= LEAST and shared >= ALIKE * min(len(words), len(others))


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _counted(sentence: str) -> dict[str, frozenset[str]]:
    """``{unit: values}``, years left out. Numbers without a unit, and a second one of a unit, have their place for unit."""
    found: dict[str, frozenset[str]] = {}
    for number in numbers(sentence):
        match = _UNIT.match(sentence, number.end)
        said = match[1].casefold() if match else ""
        unit = "%" if _PERCENT.match(said) else said[:5]
        if not _YEAR.match(number.written):
            found[f"#{len(found)}" if not unit or said in FUNCTION_WORDS or unit in found else unit] = number.values
    return found


def _words(sentence: str) -> frozenset[str]:
    """Content words without numbers; of Chinese, pairs of characters."""
    han = re.findall(r"(?=([\u3400-\u9fff]{2}))", sentence)
    latin = re.sub(r"[\u3400-\u9fff]", " ", sentence)
    return frozenset(word for word in content(latin) if not word.isdecimal()) | frozenset(han)
