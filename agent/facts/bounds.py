"""Does a sentence say a number outright, roughly, as a bound, or that it is not so many?

*At least two* is right of three, *nearly three* of two and a half, and *not three but five* of five: such a number stands in no
source for good reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

_BEFORE = re.compile(
    r"(?:(?:\b(?:at (?:least|most)"
    r"|(?:more|less|fewer|greater|higher|lower|larger|smaller|longer|shorter|older|younger|other|rather"
    r"|better|worse|later|earlier) than|over|under|above|below|beyond|past|exceed(?:s|ed|ing)?|(?:sur)?pass(?:es|ed|ing)?|up to"
    r"|as (?:many|few|much|little) as|not(?: only| just)?|no|neither|nor|never|without|instead of|(?:min|max)imum(?: of)?|within"
    r"|mindestens|höchstens|wenigstens|maximal|minimal|(?:mehr|weniger|größer|kleiner|länger|kürzer|anders) als|über|unter|bis zu"
    r"|nicht(?: nur)?|kein(?:e[nrms]?)?|statt|anstatt|ohne|knapp|gut"
    r"|au (?:moins|plus|maximum|minimum|lieu de)|(?:plus|moins|près) de|plus d['’]un|jusqu['’]à|pas|non|ni|sans"
    r"|supérieure? à|inférieure? à"
    r"|al menos|a lo (?:sumo|más)|(?:como|por lo) (?:mínimo|máximo|menos|mucho)|(?:más|menos|mayor|menor|cerca) (?:de|que)|hasta"
    r"|sin|en (?:lugar|vez) de|superior a|inferior a)|n['’]t)\s+(?:(?:the|about|some|etwa|de|of|les|los|las|die)\s+)?"
    r"|(?:至少|最少|至多|最多|超过|不到|不足|多于|少于|高于|低于|大于|小于|不是|并非|高达|达到|近)\s?)[$€£¥]?\Z",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"(?:(?:\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|close to|an estimated|estimated(?: at)?"
    r"|in the region of|on the order of|circa|ca\.?"
    r"|etwa|rund|ungefähr|zirka|fast|beinahe|nahezu|annähernd|knapp|gut|schätzungsweise|um die|an die"
    r"|environ|quelque|presque|près de|autour de|à peu près|approximativement|de l['’]ordre de"
    r"|un[oa]s|aproximadamente|casi|cerca de|alrededor de|en torno a)|[~≈∼≃])\s*"
    r"(?:(?:the|an?|de|of|les|los|las|die|der|den|eine?[rn]?|une?)\s+)?|(?:大约|大概|大致|约|近|将近|接近)(?:有|为|是)?\s?)[$€£¥]?\Z",
    re.IGNORECASE,
)
_OR_SO = re.compile(
    r"\s?(?:%|percent|million|billion|thousand)?(?:\s[^\W\d_]+)?\s(?:or so|oder so|environ)\b|[^\W\d_]{0,3}(?:左右|上下)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:\s?%|\s[^\W\d_]+)?(?:\+|\s(?:or|oder|ou|o|y|and|und|et)\s(?:more|less|fewer|over|under|above|below|mehr|weniger|älter|plus|moins"
    r"|más|menos)\b)|[^\W\d_]?(?:以上|以下|以内|多[名个人位例])",
    re.IGNORECASE,
)
_SUBSET = re.compile(
    r"\b(?:an?other|others?|further|additional|remaining|first|last|next|top|weiteren?|anderen?|ersten?|letzten?|übrigen"
    r"|autres|premi(?:er|ère)s|derni(?:er|ère)s|otr[oa]s|primer[oa]s|últim[oa]s|demás)\s+\Z|(?:另外|其余|其他|前|后)\Z",
    re.IGNORECASE,
)
_SIGN = re.compile(r"([<>≤≥⩽⩾])\s?=?\s?\Z")


def bounded(text: str, start: int, end: int) -> bool:
    """Whether the number at ``[start, end)`` is said to be a bound or denied."""
    return bool(_BEFORE.search(text, max(0, start - 32), start) or _BEHIND.match(text, end))


def roughly(text: str, start: int, end: int) -> bool:
    """Whether the number at ``[start, end)`` is said to be about so many: *nearly*, *rund*, *environ*, *unas*, 约."""
    return bool(_ROUGHLY.search(text, max(0, start - 32), start) or _OR_SO.match(text, end))


def of_a_part(text: str, start: int) -> bool:
    """Whether what is counted there is said to be a part of more: *the first three*."""
    return bool(_SUBSET.search(text, max(0, start - 16), start))


def within_sign(text: str, start: int, value: Fraction, others: Iterable[Fraction]) -> bool:
    """Whether ``<`` or ``>`` stands before the number and another number lies on its right side: p = 0.03 of p < 0.05."""
    sign = _SIGN.search(text, max(0, start - 4), start)
    return bool(sign) and any(other <= value if sign and sign[1] in "<≤⩽" else other >= value for other in others)
