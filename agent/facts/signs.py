"""Does a source hold a number with the opposite sign?

Certain is that only where the sentence writes a minus and the source says nothing of one, or where both say the same in the same
words, but for the sign: in other words "contracted by 5 %" is right of a growth of -5 %.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from agent.facts.counted import content
from agent.facts.numbers import Number

_FILLERS = frozenset(("singl", "only", "sole", "exact", "einzi", "seul", "única", "único"))
"""Beginnings of words that change nothing of what is said."""
_END = re.compile(r"[.!?](?=\s|\Z)|[\n。！？]")
_SIGNLESS = re.compile(
    r"\b(?:f[ae]ll|drop|declin|decreas|reduc|lower|less\b|loss|los[eti]|minus|below|under\b|down\b|downturn|wors|shr[aiu]nk"
    r"|contract|sli[dp]|tumbl|plung|plumm|dip|crash|collaps|recess|recede|ero[ds]|weak|penal|outperform|exceed|surpass|invers|off\b"
    r"|fewer|cut|sank|sink|sunk|negativ|deficit|debt|differ|gap\b|margin|chang|degrad|shortfall|short\b|behind|subtract|absolut|magnitude"
    r"|improv|better|gain|without|remov|ablat|higher|frost|zero|freez"
    r"|gefallen|fiel|fällt|sank|gesunken|gesenkt|senk|rückgang|verringer|vermind|abnahme|nahm\w*|wenig|unter|niedrig|verlust|verl[io]r"
    r"|schlecht|einbu|unterschied|differenz|abstand|änder|besser|ohne\b|schrumpf|geschrumpf|brach|einbr[ue]ch|kontrah|stürz|gestürz"
    r"|übertr|invers|betrag|frost"
    r"|baiss|diminu|rédui|réduct|recul|perte|perd|moins|inférieur|chut|négati|écart|différence|sous\b|dégrad|amélior|meilleur|sans\b"
    r"|contract|plong|effondr|dégring|dépass|surpass|supérieur|valeur absolue"
    r"|baj[aóo]|disminu|redu[cj]|descen|ca[yeí]|pérdida|perd|menos|menor|inferior|diferencia|brecha|empeor|mejor|sin\b"
    r"|contra[jíe]|desplom|hund|retroce|encog|supera|superior|absolut)"
    r"|下降|减少|降低|跌|低于|零下|负|损失|差|提高|改善|收缩|下滑|萎缩|缩小|倒退|亏损",
    re.IGNORECASE,
)
"""Words that say what a minus says, or leave a sign out: who writes "-5" of what "fell by 5" is right, or of an error rate that
improves by 5, or of what is lost without it."""


def opposed(number: Number, text: str, same: Sequence[Number], about: str) -> bool:
    """Whether `same`, the places of a source with the number, have it with the other sign alone, and no word says as much."""
    if not number.sign or not same or any(other.sign in ("", number.sign) for other in same):
        return False
    there = _around(about, [other.start for other in same])
    if number.sign == "-":
        return not any(_SIGNLESS.search(sentence) for sentence in there)
    return not _SIGNLESS.search(text) and any(_same_words(text, sentence) for sentence in there)


def _same_words(text: str, sentence: str) -> bool:
    """Whether all that the one says stands in the other, and the other says little more."""
    one, other = content(text), content(sentence)
    return one - other <= _FILLERS and 2 * len(one) + 1 >= len(other)


def _around(text: str, places: Sequence[int]) -> set[str]:
    """The sentences that hold these places."""
    ends = _ends(text)
    found = {bisect_right(ends, place) for place in places}
    return {text[ends[i - 1] if i else 0 : ends[i] if i < len(ends) else len(text)] for i in found}


@lru_cache(256)
def _ends(text: str) -> tuple[int, ...]:
    return tuple(match.end() for match in _END.finditer(text))
