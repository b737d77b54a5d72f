"""Which sentences of a report claim something, and what can be said of each for certain?

A claim is a sentence with the spans it cites. Certain is what a comparison of characters shows: that a quotation, a number or a
date stands in the span, or does not. What is left open is a question for the judge (`agent.judge`), or stays unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from agent.evidence import CITATION, Evidence, Source, Span, names
from agent.facts import is_month, numbers, shares, small, strange_number
from agent.language import REASONS, Reasons, language_of
from agent.models.digest import WORDS
from agent.models.plan import FUNCTION_WORDS
from agent.models.text import without_thinking
from agent.names import CAPITALISING, MIN_NAME, names_in, stands_in
from agent.sentences import sentences

SUPPORTED, PARTIAL, UNSUPPORTED, UNKNOWN, UNCITED = "supported", "partial", "unsupported", "unknown", "uncited"
MIN_WORDS = 6
"""Of a sentence without a citation that is flagged as a claim; shorter ones are headings and transitions."""
MIN_FIGURED = 2
"""The same, of a sentence with a number, a date or a name."""
MIN_QUOTE = 12
"""Characters of a text in quotation marks that must stand in the span; shorter ones are terms, not quotations."""

_HEADING = re.compile(r"[ \t]*(?:#{1,6}\s|```|---|\*\*[^*\n]+(?<![.!。！])\*\*[ \t]*$)", re.MULTILINE)
_ROW = re.compile(r"[ \t]*\|")
_RULE = re.compile(r"[ \t]*\|(?=[^\n]*-)[-|: \t]++$", re.MULTILINE)
"""Under the header of a table."""
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d+[.)])[ \t]")
_LABEL = re.compile(r"(?:[^\W\d_]+[\s.-]{0,2}[(\[]?\d+(?:\.\d+)*[)\]]?|第\s?\d+\s?\w?)[.!:。]?\Z")
"""A word and its number, such as Phase 3 or March 2019: what a list or a table calls a thing."""
_POINTS = re.compile(r"(?:see|let us|siehe|vgl|cf|voir|véase|ver)\b|[见参]", re.IGNORECASE)
"""Begins a sentence that sends the reader elsewhere."""
_QUOTED = re.compile(r"[“„«「]([^”“»」]+)[”“»」]|\"([^\"\n]+)\"")
_CLOSING = re.compile(r"(?:[\s*_;；”“\"»«’')\]）】」』]|<br\s*/?>)+\Z", re.IGNORECASE)
"""What may stand behind the end of a sentence."""
_CLOSED = re.compile(r"(?:[ \t]|<br\s*/?>)*(?:\Z|\n\s*(?:\n|\Z))", re.IGNORECASE)
_NO_NAME = re.compile(r"(?:s|ing|ly|ed|en|ung)\Z|\A(?:next|then|more|first|below|above|here|summary)\Z", re.IGNORECASE)
"""A first word that hardly is a name: plurals, verbs, what leads over."""
LONGEST = 4_000
"""Characters of a quotation that is one claim; the sentences of a longer one are claims each."""
_SAYING = frozenset(
    """says said say writes wrote write reports reported states stated found finds according to by of in et al and the a an
    sagt sagen schreibt laut nach und von dit selon de la le según dice y""".split()  # noqa: SIM905 - reads better
)
"""Words beside a quotation that claim nothing of their own."""
_UNLISTED = tuple(words.unlisted for words in WORDS.values())
"""What is said of a source without a tier: as it stands, for it has a "not" in it in some languages."""
_SHELF = r"(?:sources?|documents?|papers?|pages?|passages?|library|index)"
_OF_ITSELF = re.compile(
    r"\bthis (?:report|answer)\b(?! (?:shows?|finds?|found|concludes?|states?|says?|demonstrates?|proves?|confirms?)\b)"
    r"|\b(?:dieser bericht|ce rapport|este informe)\b(?! (?:zeigt|belegt|montre|prouve|conclut|muestra|demuestra|concluye)\b)"
    rf"|\bno (?:other |further |such )?{_SHELF}\b[^.]{{0,40}}"
    r"\b(?:found|read|opened|searched|cited|answers?|says?|states?|mentions?|gives?)\b"
    rf"|\bnothing (?:else |more |further |relevant |certain )?(?:was|were) found(?:\W*\Z| (?:on|about|for|in the {_SHELF})\b)"
    r"|\b(?:keine (?:passende |weitere )?quellen? (?:gefunden|sagt|nennt|beantwortet|wurden?|war)"
    r"|aucune source (?:n[’']|trouvée)|ninguna fuente (?:dice|responde|encontrada|habla))"
    r"|\A(?:i|we)\b[^.]{0,40}\b(?:searched|opened|read|(?:could not|cannot|did not) (?:find|confirm|verify|check|open|read)"
    r"|found (?:no (?:source|document|paper|page|passage)|nothing (?:on|about)))\b"
    rf"|\A(?:the|these|both) {_SHELF}(?: (?:found|read|opened|cited|here|at hand))? (?:(?:do|does|did|could|can) ?n(?:ot|[’']t)"
    r" (?:agree|say|answer|state|mention|tell|give|contain|cover|settle|name|report|hold|address|discuss|help)"
    r"|(?:say|hold|contain|give|mention|name|state|have|has)s? (?:no|nothing|neither)\b)"
    r"|本报告(?!显示|表明|指出|证明|发现)|未找到",
    re.IGNORECASE,
)
"""What a report says of its search and of what the sources leave open; with a name or a figure in it, it is a finding."""
_ITS_NUMBERS = re.compile(
    r"\b\d+\s*(?:[^\W\d]+\s+)?(?:documents?|sources?|papers?|pages?|passages?|quer(?:y|ies)|search(?:es)?|steps?|results?|times"
    r"|dokument\w*|quellen?|seiten?|aufsätzen?|suchen|páginas?|fuentes|artículos|documentos)\b"
    r"(?:\s(?:of|from|since|before|after|von|aus|de)\s(?:1[5-9]|20)\d\d\b)?|\d+\s*[份篇个次]",
    re.IGNORECASE,
)
"""How many documents were read, and of which year: no finding in such a sentence."""
_OF_THE_DIGEST = re.compile(
    "|".join(re.escape(own).replace(re.escape("{n}"), r"\d+") for words in WORDS.values() for own in (words.nothing, words.empty))
)


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
    return list(_claims(without_thinking(draft, " ")))


def _claims(draft: str) -> Iterator[Claim]:
    language = language_of(CITATION.sub("", draft))
    for start, end in _with_citations(draft):
        sentence = draft[start:end]
        cited = tuple(dict.fromkeys(name for match in CITATION.finditer(sentence) for name in names(match)))
        text = re.sub(r"\s+([.,;:!?。])", r"\1", " ".join(CITATION.sub("", sentence).split()))
        text = re.sub(r"^(?:[-*+•]|\d+[.)])\s+", "", text)
        line = draft.rfind("\n", 0, start) + 1
        if row := bool(_ROW.match(draft, line)):
            text = text.strip("| ")
        stop = start + len(sentence.rstrip("| \t")) if row else end  # a mark stands in the last cell
        listed, closed = row or bool(_ITEM.match(draft, line)), bool(_CLOSED.match(draft, end))
        if cited or (_states(text, listed, closed, language) and not _heads(draft, start, end, row)):
            yield Claim(start, stop, text, cited)


def _heads(draft: str, start: int, end: int, row: bool) -> bool:
    """Whether it heads what follows: a heading, the first row of a table and the rule under it."""
    below = draft.find("\n", end) + 1
    return bool(below and _RULE.match(draft, below)) if row else bool(_HEADING.match(draft[start:end]))


def _with_citations(draft: str) -> Iterator[tuple[int, int]]:
    """Sentences as if no citation were there, each with the citations behind it, or before it at a paragraph's beginning."""
    bare = list(_quotations_whole(CITATION.sub(lambda match: " " * len(match[0]), draft)))
    marks = [(match.start(), match.end()) for match in CITATION.finditer(draft)]
    begins = [a for a, _ in marks]
    before = 0
    for i, (start, end) in enumerate(bare):
        following = bare[i + 1][0] if i + 1 < len(bare) else len(draft)
        paragraph = draft.rfind("\n\n", before, start) + 1
        first = bisect_left(begins, max(before, paragraph))
        over = draft.find("\n\n", end, following)
        last = bisect_left(begins, following if over < 0 else min(following, over + 2)) - 1
        before = marks[last][1] if last >= 0 and marks[last][0] >= end else end
        yield min([start, *begins[first : first + 1]]), before


def _quotations_whole(text: str) -> Iterator[tuple[int, int]]:
    """Sentences; several in one pair of quotation marks on one line are one, for one citation stands behind them."""
    begun, depth, read, line, closing = -1, 0, 0, -1, -1
    for start, end in sentences(text):
        if begun < 0:
            first, depth, read = start, 0, start
        depth += text.count("“", read, end) - text.count("”", read, end)
        line = line if line >= end else _next("\n", text, end)
        closing = closing if closing >= end else _next("”", text, end)
        broken = "\n" in text[read:end]
        begun, read = first, end
        if depth > 0 and not broken and closing < line and end - first < LONGEST:
            continue
        begun = -1
        yield first, end


def _next(sign: str, text: str, start: int) -> int:
    found = text.find(sign, start)
    return found if found >= 0 else len(text)


def _states(text: str, listed: bool, closed: bool, language: str) -> bool:
    """Whether a sentence without a citation seems to state a fact about the world.

    An item of a list needs no full stop, nor does what closes a paragraph.
    """
    words, han = len(re.findall(r"\w+", text)), len(re.findall(r"[\u3040-\u9fff]", text))
    text = _CLOSING.sub("", text)
    long = len(text.split()) >= MIN_WORDS or han >= 2 * MIN_WORDS
    ended = text.endswith((".", "!", "。", "！", "…")) or listed or (closed and long)
    if not ended or text.endswith((":", "?", "：", "？")):
        return False
    short = words >= MIN_FIGURED or han >= MIN_FIGURED
    figured = (
        short and not _LABEL.match(text) and not _POINTS.match(text) and (_figured(text, language) or _names(text, language))
    )
    of_itself = _OF_THE_DIGEST.fullmatch(text) or (
        _OF_ITSELF.search(text) and not names_in(text, language) and not any(numbers(_ITS_NUMBERS.sub("", text)))
    )
    return (long or figured) and not of_itself


def _figured(text: str, language: str) -> bool:
    """Whether it holds a number, a share or a month, in digits or in words."""
    counted = any(
        word.casefold() not in ("one", "une", "una") and re.match(r"\s[^\W\d_]{3}", text[end : end + 4])
        for word, _, end in small(text)
    )
    month = any(word[0].isupper() and is_month(word) for word in re.findall(r"[^\W\d_]{3,}", text)[1:])
    return any(numbers(text, language)) or counted or bool(shares(text)) or month


def _names(text: str, language: str) -> bool:
    """Whether a short sentence says something of a name; a name alone is a label.

    Its first word counts as one where nothing shows that it is none.
    """
    if not text.endswith((".", "!", "。", "！")):
        return False
    if language == "zh":
        return bool(names_in(text, language)) and bool(re.search(r"[\u3040-\u9fff]{2}", text))
    first, *said = re.findall(r"[^\W\d_]+", text) or [""]
    named = names_in(text, language) or (
        len(first) >= MIN_NAME and first.istitle() and first.casefold() not in FUNCTION_WORDS and not _NO_NAME.search(first)
    )
    return bool(named) and any(word.islower() and word not in FUNCTION_WORDS for word in said)


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
    if fault := _misquoted(text, " ".join(held), said) or _strange(text, found, evidence, language, said):
        return Checked(claim.text, claim.spans, UNSUPPORTED, fault, "rules")
    if _only_quotes(text, found, [evidence.sources[span.doc_id] for span in found]):
        return Checked(claim.text, claim.spans, SUPPORTED, said.quoted, "rules")
    whole = {_flat(span.quote[a:b]).rstrip(".") for span in found for a, b in sentences(span.quote)}
    if _flat(claim.text).rstrip(".") in whole:  # a part of a sentence may say the opposite of the whole
        return Checked(claim.text, claim.spans, SUPPORTED, said.verbatim, "rules")
    named = names_in(claim.text, language, evidence.known_names if language in CAPITALISING else ())
    if absent := [name for name in named if not stands_in(name, about)]:
        return Checked(claim.text, claim.spans, PARTIAL, said.absent.format(", ".join(absent[:3])), "rules")
    return Checked(claim.text, claim.spans, UNKNOWN, said.unjudged, "rules")


def _only_quotes(text: str, spans: Sequence[Span], sources: Sequence[Source]) -> bool:
    """Whether it is whole sentences of a span, and beside them who says so: of a part, or behind a "not", it would be another."""
    quotations = _quotations(text)
    rest = _flat(_QUOTED.sub(lambda match: " " if len((match[1] or match[2]).strip()) >= MIN_QUOTE else match[0], text))
    for phrase in sorted({*_UNLISTED, *(p for s in sources for p in (s.title, s.venue, s.site) if p)}, key=len, reverse=True):
        rest = rest.replace(_flat(phrase), " ")
    who = " ".join(_flat(" ".join((*s.authors, s.published, s.tier, s.kind))) for s in sources)
    named = set(re.findall(r"\w+", rest)) <= _SAYING | set(re.findall(r"\w+", who))
    return bool(quotations) and named and all(any(_whole(q, span.quote) for span in spans) for q in quotations)


def _whole(quotation: str, text: str) -> bool:
    """Whether it is one or more sentences of the text, from the first letter to the last full stop."""
    parts = [_close(text[a:b]) for a, b in sentences(text)]
    ends = list(accumulate(map(len, parts), initial=0))
    whole, wanted = "".join(parts), _close(quotation).removesuffix(".")
    found = [begin + len(wanted) for begin in ends if whole.startswith(wanted, begin)]
    return any(end in ends or (whole[end : end + 1] == "." and end + 1 in ends) for end in found)


def _misquoted(text: str, held: str, said: Reasons) -> str:
    for quotation in _quotations(text):
        if any(not _stands(_flat(part), held) for part in re.split(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.)\s*", quotation) if part):
            return said.misquoted.format(quotation[:60])
    return ""


def _strange(text: str, found: Sequence[Span], evidence: Evidence, language: str, said: Reasons) -> str:
    about = "\n".join(" ".join(part.split()) for span in found for part in (span.quote, _about(evidence.sources[span.doc_id])))
    strange = strange_number(text, about, language)
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


def _close(text: str) -> str:
    return "".join(_flat(text).split())


def quoted(span: Span, source: Source) -> str:
    """The span with who says it, as a judge sees it."""
    return f"{_about(source)}\n\n{span.quote}"
