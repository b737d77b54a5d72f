"""What can be said of a claim for certain, without a model?

A comparison of characters shows that a quotation, a number, a date or a name stands in the cited spans, or does not. What the
spans contradict is unsupported; what stands in none of them is at most partly supported, whatever a judge says of it:
`agent.judge` keeps to that. What is left open is a question for the judge, or stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from agent.acronyms import definitions, spelled_out
from agent.claims import Claim
from agent.evidence import Evidence, Source, Span
from agent.exonyms import other_names
from agent.facts import POINTER, absent, strange_number
from agent.language import LABELS, REASONS, Reasons
from agent.lettered import strange_letters
from agent.models.digest import WORDS
from agent.names import names_in, stands_in
from agent.verdicts import PARTIAL, SUPPORTED, UNCITED, UNKNOWN, UNSUPPORTED, Checked
from agent.whole import parts

NAMED = 3
"""Numbers, dates and names that a reason names."""
MIN_QUOTE = 12
"""Characters of a text in quotation marks that must stand in the span; shorter ones are terms, not quotations."""

_QUOTED = re.compile(r"[“„«「]([^”“»」]+)[”“»」]|\"([^\"\n]+)\"")
_LEFT_OUT = re.compile(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.)\s*")
_UNDERLINED = re.compile(r"(?<!\w)_+|_+(?!\w)")
"""Marks of Markdown, which would hide the number or name beside them."""
_SAYING = frozenset(
    """says said say writes wrote write reports reported states stated found finds according to by of in et al and the a an
    sagt sagen schreibt laut nach und von dit selon de la le según dice y 和""".split()  # noqa: SIM905 - reads better
)
"""Words beside a quotation that claim nothing of their own."""
_DENYING = frozenset(
    """it is a the not no never none false wrong untrue myth hoax nicht nie kein keine falsch unwahr pas jamais non faux ne nunca
    jamás falso mito mythos mythe bulo 不 没有 并非 假 谣言 错误""".split()  # noqa: SIM905 - reads better
)
"""Words of which a title says nothing but that something is not so."""
_UNLISTED = tuple(words.unlisted for words in WORDS.values())
"""What is said of a source without a tier: as it stands, for it has a "not" in it in some languages."""


def by_rules(claim: Claim, evidence: Evidence, language: str) -> Checked:
    """What is certain: supported where the claim only quotes, unsupported where something in it stands in no cited span."""
    said = REASONS[language]
    if not claim.spans:
        return Checked(claim.text, (), UNCITED, said.uncited, "rules")
    found = [evidence.spans[name] for name in claim.spans if name in evidence.spans]
    if missing := [name for name in claim.spans if name not in evidence.spans]:
        return Checked(claim.text, claim.spans, UNSUPPORTED, said.invented.format(", ".join(missing)), "rules")
    text = _UNDERLINED.sub("", re.sub(r"\\([^\w\s])", r"\1", claim.text))  # as Markdown reads it
    about = "\n".join(" ".join(part.split()) for span in found for part in (span.quote, known_of(evidence.sources[span.doc_id])))
    about = _UNDERLINED.sub("", about)
    cited = len({span.doc_id for span in found})
    strange = strange_number(text, about, language, cited)
    if fault := _misquoted(text, found, said) or (said.absent.format(strange) if strange else ""):
        return Checked(claim.text, claim.spans, UNSUPPORTED, fault, "rules")
    if any(_repeats(_flat(claim.text).rstrip("."), span, evidence) for span in found):
        return Checked(claim.text, claim.spans, SUPPORTED, said.verbatim, "rules")
    if lacks := lacking(text, about, evidence, language, cited):
        return Checked(claim.text, claim.spans, PARTIAL, lacks, "rules")
    if _only_quotes(text, found, evidence):
        return Checked(claim.text, claim.spans, SUPPORTED, said.quoted, "rules")
    return Checked(claim.text, claim.spans, UNKNOWN, said.unjudged, "rules")


def lacking(text: str, about: str, evidence: Evidence, language: str, sources: int) -> str:
    """Why it is at most partly supported: the numbers, dates and names that stand in no cited span and in no source's record."""
    said = REASONS[language]
    plain = POINTER.sub("", text)
    numbers = absent(text, about, language, sources)
    named = f"{about}\n{spelled_out(about, evidence.usage.acronyms, definitions(plain, strictly=True))}\n{other_names(about)}"
    names = [name for name in names_in(plain, language, evidence.usage) if not stands_in(name, named, language)]
    names = [name for name in dict.fromkeys([*names, *strange_letters(plain, about, language)]) if name not in numbers]
    reason = said.absent if names else said.reckonable
    return reason.format(", ".join([*numbers, *names][:NAMED])) if numbers or names else ""


def _repeats(said: str, span: Span, evidence: Evidence) -> bool:
    """Whether it is a whole sentence of the span: a part of one may say the opposite of the whole."""
    return said in _flat(span.quote) and any(
        part.begins and part.ends and _flat(part.text).rstrip(".") == said for part in parts(span, evidence)
    )


def _only_quotes(text: str, spans: Sequence[Span], evidence: Evidence) -> bool:
    """Whether it is whole sentences of one source, and who says so: of a part, or behind a "not", it would be another.

    Who else is cited beside that source has not said it, so nothing that is known of others counts.
    """
    quotations = _quotations(text)
    saying = _sources_of(quotations, spans, evidence)
    rest = _flat(_QUOTED.sub(lambda match: " " if len((match[1] or match[2]).strip()) >= MIN_QUOTE else match[0], text))
    called = {phrase for source in saying for phrase in (source.title, source.venue, source.site) if not _denies(phrase)}
    for phrase in sorted({*_UNLISTED, *called}, key=len, reverse=True):
        rest = rest.replace(_flat(phrase), " ")
    who = " ".join(
        _flat(" ".join((*s.authors, s.published, s.tier, *(labels.tier(s.tier) for labels in LABELS.values() if s.tier), s.kind)))
        for s in saying
    )
    return bool(saying) and set(re.findall(r"\w+", rest)) <= _SAYING | set(re.findall(r"\w+", who))


def _denies(phrase: str) -> bool:
    """Whether a source's title, put before a quotation, might deny it: *Not*, *False*; so might none at all."""
    return set(re.findall(r"\w+", _flat(phrase))) <= _DENYING


def _sources_of(quotations: Sequence[str], spans: Sequence[Span], evidence: Evidence) -> list[Source]:
    """Those whose cited spans have every one of these quotations as whole sentences."""
    by_source: dict[str, list[Span]] = {}
    for span in spans:
        by_source.setdefault(span.doc_id, []).append(span)
    return [
        evidence.sources[doc_id]
        for doc_id, its in by_source.items()
        if quotations and all(any(_whole(quotation, span, evidence) for span in its) for quotation in quotations)
    ]


def _whole(quotation: str, span: Span, evidence: Evidence) -> bool:
    """Whether it is one or more sentences of the span, from the first letter to the last full stop."""
    found = [(part, _close(part.text)) for part in parts(span, evidence)]
    ends = list(accumulate((len(text) for _, text in found), initial=0))
    whole, wanted = "".join(text for _, text in found), _close(quotation).rstrip(".,")
    first = [at for at, (part, _) in zip(ends, found, strict=False) if part.begins and whole.startswith(wanted, at)]
    last = {at for at, (part, _) in zip(ends[1:], found, strict=True) if part.ends}
    stops = [at + len(wanted) for at in first]
    return any(stop in last or (whole[stop : stop + 1] == "." and stop + 1 in last) for stop in stops)


def _misquoted(text: str, spans: Sequence[Span], said: Reasons) -> str:
    held = " ".join(_flat(span.quote) for span in spans)
    for quotation in _quotations(text):
        parted = (
            _flat(part) for part in _LEFT_OUT.split(quotation.rstrip(" .,;:"))
        )  # English sets its own stop within the marks
        if any(part and not _stands(part, held) for part in parted):
            return said.misquoted.format(quotation[:60])
    return ""


def _stands(part: str, held: str) -> bool:
    """Whether the text holds this, and not only as the end or the beginning of other words: effective is not in ineffective."""
    before = r"(?<![^\W\u3040-\u9fff]-)(?<![^\W\u3040-\u9fff])" if part[:1].isalnum() and part[0] < "\u3040" else ""
    behind = r"(?![^\W\u3040-\u9fff])" if part[-1:].isalnum() and part[-1] < "\u3040" else ""
    return bool(re.search(before + re.escape(part) + behind, held))


def _quotations(text: str) -> list[str]:
    return [q for match in _QUOTED.finditer(text) if len(q := (match[1] or match[2]).strip()) >= MIN_QUOTE]


def known_of(source: Source) -> str:
    """What is known of the source beside its text, each part by itself: authors in a row are no acronym."""
    parts = (source.title, *source.authors, source.venue, source.published, source.site, source.tier, source.kind)
    return " ; ".join(parts)


def _flat(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").replace("‘", "'").split())


def _close(text: str) -> str:
    return "".join(_flat(text).split())
