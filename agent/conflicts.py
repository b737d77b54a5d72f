"""Where do sources disagree?

Three ways to find out: the model noted it in `reflect`, the judge found that a cited span says the opposite, or two cited spans
give different numbers for the same thing (`agent.differing`), be it that one sentence cites both or that two do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from agent.claims import Claim
from agent.differing import ALIKE, counts, differ
from agent.evidence import Evidence
from agent.standing import arguments_of
from agent.trajectory import Event, Replied, Returned
from agent.verdicts import Checked

MAX_SPANS = 100
"""Spans with numbers that are compared across sentences, the first that are cited."""
CLOSE = 0.75
"""As ALIKE, of spans that different sentences cite: nobody has said that they are on one thing."""

Conflict = tuple[str, tuple[str, ...]]
"""What sources disagree about, and the spans on it."""


def conflicts_of(events: Sequence[Event], verdicts: Sequence[tuple[Claim, Checked]], evidence: Evidence) -> list[Conflict]:
    """Every disagreement of the run, those that the model noted first; the same spans once."""
    found = {spans: about for about, spans in noted(events, evidence)}
    for claim, checked in verdicts:
        if checked.against and set(checked.spans) - set(checked.against):
            found[checked.spans] = checked.text
        for pair in apart(claim.spans, evidence):
            found.setdefault(pair, checked.text)
    first = {name: claim.text for claim, _ in reversed(verdicts) for name in reversed(claim.spans)}
    together = {frozenset(spans) for spans in found}
    cited = [name for claim, _ in verdicts for name in claim.spans]
    for pair in apart(cited, evidence, CLOSE):
        if frozenset(pair) not in together:
            found[pair] = first[pair[0]]
    return [(about, spans) for spans, about in found.items()]


def noted(events: Sequence[Event], evidence: Evidence) -> Iterator[Conflict]:
    """Those that the model noted in a `reflect` that was accepted."""
    accepted = {e.payload.call_id for e in events if isinstance(e.payload, Returned) and e.payload.ok}
    for event in events:
        for call in event.payload.calls if isinstance(event.payload, Replied) else ():
            said = arguments_of(call).get("conflicts") if call.name == "reflect" and call.id in accepted else None
            for conflict in said if isinstance(said, list) else ():
                yield str(conflict["about"]), tuple(s for s in conflict["spans"] if s in evidence.spans)


def apart(names: Iterable[str], evidence: Evidence, alike: float = ALIKE) -> list[tuple[str, str]]:
    """Pairs of these spans that are of different sources and give different numbers for the same thing."""
    spans = [evidence.spans[name] for name in dict.fromkeys(names) if name in evidence.spans]
    counting = [span for span in spans if counts(span.quote)][:MAX_SPANS]
    return [
        (a.id, b.id)
        for a, b in combinations(counting, 2)
        if evidence.key(a) != evidence.key(b) and differ(a.quote, b.quote, alike)
    ]
