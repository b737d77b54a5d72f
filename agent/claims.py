"""Which sentences of a report claim something, and what can be said of each for certain?

A claim is a sentence with the spans it cites. Certain is what a comparison of characters shows: that a quotation, a number or a
date stands in the span, or does not. What is left open is a question for the judge (`agent.judge`), or stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.evidence import CITATION, Evidence, Source, Span, names
from agent.facts import strange_number
from agent.language import REASONS, Reasons
from agent.names import CAPITALISING, names_in, stands_in
from agent.sentences import sentences

SUPPORTED, PARTIAL, UNSUPPORTED, UNKNOWN, UNCITED = "supported", "partial", "unsupported", "unknown", "uncited"
MIN_WORDS = 6
"""Of a sentence without a citation that is flagged as a claim; shorter ones are headings and transitions."""
MIN_QUOTE = 12
"""Characters of a text in quotation marks that must stand in the span; shorter ones are terms, not quotations."""

_HEADING = re.compile(r"[ \t]*(?:#{1,6}\s|\||```|---|\*\*[^*\n]+\*\*[ \t]*$)", re.MULTILINE)
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d+[.)])[ \t]")
_QUOTED = re.compile(r"[“„«「]([^”“»」]+)[”“»」]|\"([^\"\n]+)\"")
_SAYING = frozenset(
    """says said say writes wrote write reports reported states stated found finds according to by of in et al and the a an
    unlisted source sagt sagen schreibt laut nach und von dit selon de la le según dice y
    nicht gelistete quelle non répertoriée sin clasificar fuente 未收录来源""".split()  # noqa: SIM905 - reads better
)
"""Words beside a quotation that claim nothing of their own."""
_OF_ITSELF = re.compile(
    r"\b(?:this report|this answer|no sources?|nothing (?:\w+ )?(?:was|were) found|dieser bericht|ce rapport|este informe"
    r"|keine quellen?|aucune source|ninguna fuente)\b"
    r"|\A(?:i|we)\b[^.]{0,40}\b(?:searched|opened|read|(?:could not|cannot|did not) (?:find|confirm|verify|check|open|read)"
    r"|found (?:no (?:source|document|paper|page|passage)|nothing (?:on|about)))\b"
    r"|\A(?:the sources?|the library|the documents?)\b[^.]*\b(?:not|no|nothing|neither)\b|本报告|未找到",
    re.IGNORECASE,
)
"""What a report says of how it came about: I and we stand in findings of papers too, so that they alone do not tell."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the draft."""

    start: int
    """Character offset into the draft; the sentence with its citations is ``[start, end)``."""
    end: int
    text: str
    """The sentence on one line, without its citations."""
    spans: tuple[str, ...]
    """Ids that it cites, in order, once each; some may not exist."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of one claim."""

    text: str
    """As in Claim: by this and the spans a verdict is found again."""
    spans: tuple[str, ...]
    verdict: str
    """``supported``, ``partial``, ``unsupported``, ``unknown``, or ``uncited``."""
    reason: str
    """In a few words of the asker's language, empty where there is nothing to say."""
    by: str
    """``rules``, or the judge's name."""
    against: tuple[str, ...] = ()
    """Cited spans that say the opposite of the sentence."""


def claims_of(draft: str) -> list[Claim]:
    """Every sentence that cites something, and every uncited one that seems to state a fact."""
    return list(_claims(draft))


def _claims(draft: str) -> Iterator[Claim]:
    for start, end in _with_citations(draft):
        sentence = draft[start:end]
        cited = tuple(dict.fromkeys(name for match in CITATION.finditer(sentence) for name in names(match)))
        text = re.sub(r"\s+([.,;:!?。])", r"\1", " ".join(CITATION.sub("", sentence).split()))
        text = re.sub(r"^(?:[-*+•]|\d+[.)])\s+", "", text)
        listed = bool(_ITEM.match(draft, draft.rfind("\n", 0, start) + 1))
        if cited or (_states(text, listed) and not _HEADING.match(sentence)):
            yield Claim(start, end, text, cited)


def _with_citations(draft: str) -> Iterator[tuple[int, int]]:
    """Sentences as if no citation were there, each with the citations behind it, or before it at a paragraph's beginning."""
    bare = list(_quotations_whole(CITATION.sub(lambda match: " " * len(match[0]), draft)))
    marks = [(match.start(), match.end()) for match in CITATION.finditer(draft)]
    before = 0
    for i, (start, end) in enumerate(bare):
        following = bare[i + 1][0] if i + 1 < len(bare) else len(draft)
        first = min([a for a, _ in marks if before <= a < start and "\n\n" not in draft[a:start]], default=start)
        last = max([b for a, b in marks if end <= a < following and "\n\n" not in draft[end:a]], default=end)
        yield first, last
        before = last


def _quotations_whole(text: str) -> Iterator[tuple[int, int]]:
    """Sentences; several in one pair of quotation marks on one line are one, for one citation stands behind them."""
    begun = -1
    for start, end in sentences(text):
        first = start if begun < 0 else begun
        line = text[first:end]
        more = text.find("”", end, text.find("\n", end) if "\n" in text[end:] else len(text)) >= 0
        if line.count("“") > line.count("”") and "\n" not in line and more:
            begun = first
            continue
        begun = -1
        yield first, end


def _states(text: str, listed: bool) -> bool:
    """Whether a sentence without a citation seems to state a fact about the world; an item of a list needs no full stop."""
    long = len(text.split()) >= MIN_WORDS or len(re.findall(r"[\u3040-\u9fff]", text)) >= 2 * MIN_WORDS
    ended = not text.endswith((":", "?", "：", "？")) if listed else text.endswith((".", "!", "。", "！", "”", '"'))
    return long and ended and not _OF_ITSELF.search(text)


def by_rules(claim: Claim, evidence: Evidence, language: str) -> Checked:
    """What is certain: supported where the claim only quotes, unsupported where something in it stands in no cited span."""
    said = REASONS[language]
    if not claim.spans:
        return Checked(claim.text, (), UNCITED, said.uncited, "rules")
    found = [evidence.spans[name] for name in claim.spans if name in evidence.spans]
    if missing := [name for name in claim.spans if name not in evidence.spans]:
        return Checked(claim.text, claim.spans, UNSUPPORTED, said.invented.format(", ".join(missing)), "rules")
    held = [_flat(span.quote) for span in found]
    about = " ".join(held + [_flat(_about(evidence.sources[span.doc_id])) for span in found])
    text = re.sub(r"\\([^\w\s])", r"\1", claim.text)  # as Markdown reads it
    if fault := _fault(text, " ".join(held), about, said):
        return Checked(claim.text, claim.spans, UNSUPPORTED, fault, "rules")
    if _quotations(text):
        beside = set(re.findall(r"\w+", _flat(_QUOTED.sub(" ", text))))
        if beside <= _SAYING | set(re.findall(r"\w+", about)):
            return Checked(claim.text, claim.spans, SUPPORTED, said.quoted, "rules")
    whole = {_flat(span.quote[a:b]).rstrip(".") for span in found for a, b in sentences(span.quote)}
    if _flat(claim.text).rstrip(".") in whole:  # a part of a sentence may say the opposite of the whole
        return Checked(claim.text, claim.spans, SUPPORTED, said.verbatim, "rules")
    named = names_in(claim.text, language, evidence.known_names if language in CAPITALISING else ())
    if absent := [name for name in named if not stands_in(name, about)]:
        return Checked(claim.text, claim.spans, PARTIAL, said.absent.format(", ".join(absent[:3])), "rules")
    return Checked(claim.text, claim.spans, UNKNOWN, said.unjudged, "rules")


def _fault(text: str, held: str, about: str, said: Reasons) -> str:
    for quotation in _quotations(text):
        if any(not _stands(_flat(part), held) for part in re.split(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.)\s*", quotation) if part):
            return said.misquoted.format(quotation[:60])
    strange = strange_number(text, about)
    return said.absent.format(strange) if strange else ""


def _stands(part: str, held: str) -> bool:
    """Whether the text holds this, and not only as the end or the beginning of other words: effective is not in ineffective."""
    before = r"(?<![^\W\u3040-\u9fff]-)(?<![^\W\u3040-\u9fff])" if part[:1].isalnum() and part[0] < "\u3040" else ""
    behind = r"(?![^\W\u3040-\u9fff])" if part[-1:].isalnum() and part[-1] < "\u3040" else ""
    return bool(re.search(before + re.escape(part) + behind, held))


def _quotations(text: str) -> list[str]:
    return [q for match in _QUOTED.finditer(text) if len(q := (match[1] or match[2]).strip()) >= MIN_QUOTE]


def _about(source: Source) -> str:
    """What is known of the source beside its text."""
    parts = (source.title, *source.authors, source.venue, source.published, source.site, source.tier, source.kind)
    return " ".join(parts)


def _flat(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").replace("‘", "'").split())


def quoted(span: Span, source: Source) -> str:
    """The span with who says it, as a judge sees it."""
    return f"{_about(source)}\n\n{span.quote}"
