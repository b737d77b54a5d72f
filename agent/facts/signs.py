"""Does a source hold a number with the opposite sign?

Certain is that only where the sentence writes a minus and the source says nothing of one, or where both say the same in the same
words, but for the sign: in other words "contracted by 5 %" is right of a growth of -5 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.facts.counted import content
from agent.facts.numbers import Number

_FILLERS = frozenset(("singl", "only", "sole", "exact", "einzi", "seul", "única", "único"))
"""Beginnings of words that change nothing of what is said."""
_SENTENCE = re.compile(r"[^\n!?。！？]+?(?:[.!?。！？](?=\s|\Z)|\Z|\n|[!?。！？])")
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
    there = [sentence for other in same for sentence in _around(about, other.start)]
    if number.sign == "-":
        return not any(_SIGNLESS.search(sentence) for sentence in there)
    return not _SIGNLESS.search(text) and any(_same_words(text, sentence) for sentence in there)


def _same_words(text: str, sentence: str) -> bool:
    """Whether all that the one says stands in the other, and the other says little more."""
    one, other = content(text), content(sentence)
    return one - other <= _FILLERS and 2 * len(one) + 1 >= len(other)


def _around(text: str, at: int) -> Iterator[str]:
    """The sentence that holds this place."""
    return (match[0] for match in _SENTENCE.finditer(text) if match.start() <= at < match.end())
