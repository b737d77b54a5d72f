"""What may stand in a report, of what the model wrote?

Its Markdown, with numbers for span ids and a mark behind each sentence that its sources do not wholly support; without HTML,
without links that no source holds, and without bracketed numbers that only look like citations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from unicodedata import normalize

from agent.addresses import UNSEEN, addresses, without
from agent.claims import Claim
from agent.evidence import CITATION, Evidence, Span, cited, names
from agent.language import LABELS, Labels
from agent.terminal import shown
from agent.verdicts import PARTIAL, UNSUPPORTED, Checked

_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(([^()\s]*+)(?:\s[^()\n]*+)?\)")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\[\]\n]+\]:.*$", re.MULTILINE)
_AROUND = rf"[\s*_`\\{UNSEEN}]*+"
_DIGITS = r"[\d¹²³⁰⁴-⁹₀-₉]{1,3}"
_OWN_NUMBER = re.compile(
    rf"[\[［【〔〖⟦⁅❲﹝⁽₍]{_AROUND}((?:{_DIGITS}|[①-⑳])(?:\s*[,;–-]\s*{_DIGITS})*){_AROUND}[\]］】〕〗⟧⁆❳﹞⁾₎]"
)
"""Also in brackets and digits of another form, with spaces, marks of emphasis and characters of no width, which are not seen."""
_ENTITY = re.compile(r"(?<!\\)((?:\\\\)*)&(?=#|\w+;)")
_TAG = re.compile(r"(?<!\\)((?:\\\\)*)\\?<(?=[a-zA-Z/!?])")
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private characters that hold a place in the text until its end; a draft that has them of its own loses them."""
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited span, with the number its source has in the report."""

    number: int
    """From 1 in the order of first mention; 0 where the span does not exist."""
    span_id: str
    span: Span | None
    """None where the model made the id up."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a renderer puts at one place of the text."""

    names: tuple[str, ...]
    """Span ids of a citation; empty for a mark."""
    claim: Checked | None
    """The verdict on the sentence around it; None where there is none."""


def citations_of(draft: str, evidence: Evidence) -> list[Citation]:
    """Every span the draft cites, once, in order; one source, by its URL where it has one, has one number."""
    numbers: dict[str, int] = {}
    found: list[Citation] = []
    for name in cited(draft):
        span = evidence.spans.get(name)
        number = numbers.setdefault(evidence.key(span), len(numbers) + 1) if span else 0
        found.append(Citation(number, name, span))
    return found


def body(draft: str, citations: Sequence[Citation], evidence: Evidence, labels: Labels = LABELS["en"]) -> str:
    """The Markdown of a draft without verdicts."""
    return markdown(placed(draft, [], evidence, labels), citations, labels)


def placed(draft: str, verdicts: Sequence[tuple[Claim, Checked]], evidence: Evidence, labels: Labels) -> tuple[str, list[Place]]:
    """The cleaned text with a place for every citation and mark, and what belongs there."""
    places: list[Place] = []

    def hold(names: tuple[str, ...], claim: Checked | None) -> str:
        places.append(Place(names, claim))
        return f"{_OPEN}{len(places) - 1}{_CLOSE}"

    def cite(match: re.Match[str], claim: Checked | None) -> str:
        return hold(found, claim) if (found := tuple(names(match))) else ""

    draft = draft.replace(_OPEN, " ").replace(_CLOSE, " ")
    pieces: list[str] = []
    end = 0
    for claim, checked in verdicts:
        inside = CITATION.sub(partial(cite, claim=checked), draft[claim.start : claim.end])
        pieces += [draft[end : claim.start], inside]
        if checked.verdict in (PARTIAL, UNSUPPORTED) or checked.against or not checked.spans:
            pieces.append(hold((), checked) + " " * draft[claim.end : claim.end + 1].isalnum())  # where no space parts sentences
        end = claim.end
    text = "".join([*pieces, draft[end:]])
    text = CITATION.sub(partial(cite, claim=None), text)
    return _clean(text, evidence, labels), places


def markdown(placed: tuple[str, list[Place]], citations: Sequence[Citation], labels: Labels) -> str:
    """The places filled with numbers and marks, as Markdown."""
    numbers = {c.span_id: c.number for c in citations}
    text = fill(placed, lambda place: _mark(place, labels) if not place.names else _numbers(place, numbers, labels))
    text = re.sub(r"(\[\d+\])(?:\s*\1)+", r"\1", text)
    return text.replace("](", "] (").replace("]:", "] :")  # a number before a bracket is no link, one before a colon none either


def fill(placed: tuple[str, list[Place]], write: Callable[[Place], str]) -> str:
    """The text with what `write` makes of each place."""
    text, places = placed
    return _PLACE.sub(lambda match: write(places[int(match[1])]) if int(match[1]) < len(places) else "", text)


def plain(text: str) -> str:
    """Foreign text as one line of Markdown that stays text: no markup, no HTML, no links, no citations."""
    return re.sub(r"([\\`*_\[\]{}<>#|]|&(?=#|\w+;)|:(?=//)|(?<=www)\.)", r"\\\1", " ".join(text.split()))


def _clean(text: str, evidence: Evidence, labels: Labels) -> str:
    text = re.sub(r"\A\s*#\s[^\n]*\n", "", shown(text))  # the question is the title
    text = _LINK.sub(lambda m: f"{m[1]} {m[2]}".strip(), _DEFINITION.sub("", text)).replace("](", "] (").replace("]:", "] :")
    pieces: list[str] = []
    end = 0
    held = _held(evidence)
    for start, stop, seen in addresses(text):
        url = next((url for url in (text[start:stop], seen) if url in held), "")
        pieces += [text[end:start], f"`{url}`" if url else f"({labels.link_removed})"]
        end = stop
    text = _OWN_NUMBER.sub(lambda match: f"({normalize('NFKC', match[1])})", "".join([*pieces, text[end:]]))
    text = _ENTITY.sub(r"\1&amp;", text)  # what it stands for would appear behind all this
    return _TAG.sub(r"\1&lt;", text).strip()


def _held(evidence: Evidence) -> set[str]:
    """Every address that a source has or holds, with its scheme and without."""
    held = {source.url for source in evidence.sources.values()}
    for span in evidence.spans.values():
        for start, stop, seen in addresses(span.quote):
            held |= {span.quote[start:stop], seen}
    return held | {url.partition("://")[2] for url in held if "://" in url}


def _numbers(place: Place, numbers: Mapping[str, int], labels: Labels) -> str:
    known = dict.fromkeys(numbers[name] for name in place.names if numbers.get(name))
    lost = [name for name in place.names if not numbers.get(name)]
    resolved = "".join(f"[{n}]" for n in known)
    return " ".join(
        [resolved] * bool(resolved) + [f"({labels.unresolved}{labels.colon}{plain(called(name, labels))})" for name in lost]
    )


def called(name: str, labels: Labels) -> str:
    """An id that the model made up, without what leads elsewhere."""
    return without(name, labels.link_removed)


def _mark(place: Place, labels: Labels) -> str:
    assert place.claim, "a place without names is a mark"
    sign, said = mark_of(place.claim, labels)
    return f" {sign}*({plain(said)})*"


def mark_of(checked: Checked, labels: Labels) -> tuple[str, str]:
    """What stands behind a sentence: a sign where what it cites does not support it at all, and why, in words."""
    if not checked.spans:
        return "", labels.verdicts[4]
    half = checked.verdict == PARTIAL and not checked.against
    held = labels.verdicts[1] if half else labels.marked[bool(checked.against)]
    reason = checked.reason.rstrip(".。")
    return "" if half else "⚠ ", f"{held}{labels.colon}{reason}" if reason else held
