"""Is a number of a sentence one of the source's, rounded?

*About 1,500* may be said of 1,462, and 600,000 of 608,000. 1,500 of 1,440 is another number, and without a word that says *about*
so are 1,460 of 1,462 and 20 of 23.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from agent.facts.bounds import roughly
from agent.facts.numbers import Number, certain, percent
from agent.facts.reckoned import Quantity, plainly

LEAST = 1000
"""From there on numbers of one or two digits and noughts are roundings without a word that says so."""
OUTRIGHT = Fraction(1, 20)
"""By how much of itself such a number may differ, and by no more than half of its last place that is no nought."""
NEAR = Fraction(1, 10)
"""By how much of itself a number behind *about* may differ, whatever its noughts."""
COARSELY = Fraction(1, 5)
"""The same where its noughts allow it: about 30 of 27."""


def rounded(number: Number, text: str, source: Sequence[Quantity]) -> bool:
    """Whether a number of `text` may be one of these with more noughts."""
    near, share = roughly(text, number.start, number.end), percent(text, number.end)
    for value in plainly(certain(number, text)):
        place = _last_place(value)
        if not near and (value < LEAST or share or value >= 100 * place):
            continue
        most = min(place / 2, (COARSELY if near else OUTRIGHT) * value)
        most = max(most, NEAR * value) if near else most
        if any(abs(value - one.value) <= most for one in source if one.percent is share or near):
            return True
    return False


def _last_place(value: Fraction) -> Fraction:
    """The last place of a number that is no nought: 100 of 1,500; 1 where that is behind the point."""
    place = Fraction(1)
    while value and value % (place * 10) == 0:
        place *= 10
    return place
