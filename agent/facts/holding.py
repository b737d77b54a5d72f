"""Does the source hold the numbers of a sentence?

What is certain speaks against the sentence: a number that stands nowhere in the source, the same number with the opposite sign, a
fraction that stands there upside down, another month, another count of the same thing. What is merely not certain does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from agent.facts.counted import strange_count
from agent.facts.fractions import Ratio, ratios, rounds_to, shares
from agent.facts.months import DOTTED, held, named
from agent.facts.numbers import SPACED, Number, numbers, plain
from agent.facts.numerals import LATIN, VALUES, numerals

EVERY = ("en", "de", "fr", "es")
_HALF = frozenset("half halves halb halbe hälfte moitié demi mitad medio media".split())  # noqa: SIM905 - reads better
_SAID = re.compile(rf"[{LATIN}]+|[一二两三四五六七八九十零]")
_SENTENCE = re.compile(r"[^\n!?。！？]+?(?:[.!?。！？](?=\s|\Z)|\Z|\n|[!?。！？])")
_SIGNLESS = re.compile(
    r"\b(?:f[ae]ll|drop|declin|decreas|reduc|lower|less|loss|los[eti]|minus|below|under|down|wors|shr[aiu]nk"
    r"|fewer|cut|sank|sink|negativ|deficit|differ|gap|margin|chang|degrad|shortfall|behind|subtract"
    r"|improv|better|gain|without|remov|ablat"
    r"|gefallen|fiel|fällt|sank|gesunken|gesenkt|senk|rückgang|verringer|vermind|abnahme|nahm\w*|wenig|unter|niedrig|verlust|verl[io]r"
    r"|schlecht|einbu|unterschied|differenz|abstand|änder|besser|ohne"
    r"|baiss|diminu|rédui|réduct|recul|perte|perd|moins|inférieur|chut|négati|écart|différence|sous\b|dégrad|amélior|meilleur|sans"
    r"|baj[aóo]|disminu|redu[cj]|descen|ca[yeí]|pérdida|perd|menos|menor|inferior|diferencia|brecha|empeor|mejor|sin\b)"
    r"|下降|减少|降低|跌|低于|零下|负|损失|差|提高|改善",
    re.IGNORECASE,
)
"""Words that say what a minus says, or leave a sign out: who writes "fell by 5" of a change of -5 is right, or "improves it by
5" of an error rate, or of what is lost without it."""


def values(text: str) -> frozenset[str]:
    """Every value that a number of this text may be meant as, signs aside, small ones in words and months among them."""
    return frozenset(_values(text, tuple(numbers(text))))


@dataclass(frozen=True, slots=True)
class Held:
    """What a source holds; many sentences are held against one."""

    text: str
    numbers: tuple[Number, ...]
    values: frozenset[str]
    ratios: frozenset[tuple[int, int]]
    shares: frozenset[Fraction]
    months: frozenset[int]


def strange_number(text: str, about: str, language: str = "en") -> str:
    """A number, fraction or month of `text`, in `language`, that `about` contradicts or holds in no spelling; else empty."""
    source = _held(about)
    settled = set[int]()
    for ratio in ratios(text):
        if _shares(ratio, source):
            settled |= {*range(ratio.start, ratio.end)}
        elif (ratio.bottom, ratio.top) in source.ratios:
            return ratio.written
    for number in numbers(text, language):
        if number.start in settled:
            continue
        parts = [plain(part) for part in re.split(r"[ ./^]", number.written)]
        found = number.values & source.values or source.values.issuperset(parts)
        percent = _percent(text, number)
        if not found and not any(rounds_to(share, value, percent) for share in source.shares for value in number.values):
            return number.written
        if found and _opposed(number, text, source):
            return number.written if number.sign == "+" else f"-{number.written}"
    strange = (name for name, month in named(text).items() if month not in source.months)
    return next(strange, "") or strange_count(text, about, source.values)


@lru_cache(256)
def _held(about: str) -> Held:
    found = tuple(numbers(about))
    there = frozenset((ratio.top, ratio.bottom) for ratio in ratios(about))
    return Held(about, found, frozenset(_values(about, found)), there, frozenset(shares(about)), frozenset(held(about)))


def _values(text: str, found: Sequence[Number]) -> frozenset[str]:
    have = {value for number in found for value in number.values}
    have |= {value for _, value, _, _ in numerals(text, EVERY)}
    have |= {plain(part) for match in SPACED.finditer(text) for part in match[0].split()}
    have |= {plain(part) for match in DOTTED.finditer(text) for part in match.group(1, 3, 4)}
    said = _SAID.findall(text.casefold())
    have |= {VALUES[word] for word in said if word in VALUES} | ({".5"} if _HALF.intersection(said) else set())
    return frozenset(have | {str(month) for month in named(text).values()})


def _shares(ratio: Ratio, source: Held) -> bool:
    """Whether the source holds this fraction, as it stands, in another spelling, or rounded."""
    if (ratio.top, ratio.bottom) in source.ratios:
        return True
    share = Fraction(ratio.top, ratio.bottom) if ratio.bottom else None
    if share is None or share in source.shares:
        return share is not None
    return any(rounds_to(share, value, _percent(source.text, n)) for n in source.numbers for value in n.values)


def _percent(text: str, number: Number) -> bool:
    return bool(re.match(r"\s?(?:%|per ?cent|prozent|pour ?cent|por ?ciento)", text[number.end : number.end + 12], re.IGNORECASE))


def _opposed(number: Number, text: str, source: Held) -> bool:
    """Whether the source holds the number with the other sign alone, and no word of the side without a minus says as much."""
    same = [other for other in source.numbers if other.values & number.values]
    if not number.sign or not same or any(other.sign in ("", number.sign) for other in same):
        return False
    there = (sentence for other in same for sentence in _around(source.text, other.start))
    return not any(_SIGNLESS.search(sentence) for sentence in ([text] if number.sign == "+" else there))


def _around(text: str, at: int) -> Iterator[str]:
    """The sentence that holds this place."""
    return (match[0] for match in _SENTENCE.finditer(text) if match.start() <= at < match.end())
