"""In which unit is a number, and of what?

Two minutes are 120 seconds: a number of one unit is compared with those of other units of its kind.
"""

from __future__ import annotations

import re
from fractions import Fraction

from agent.facts.counted import FUNCTION
from agent.facts.numerals import LATIN

_POINTS_SAID = r"(?:(?:percent(?:age)?|%)[\s-]?)?(?:points?|pp|pts?)|(?:%-)?(?:prozent)?punkte?n?|puntos?|个?百分点"
_UNITS = {
    "points": {_POINTS_SAID: "1", r"basis[\s-]?points?|bps?|basispunkte?n?|points? de base|puntos? básicos?|个?基点": ".01"},
    "speed": {
        r"km/hr?|kmh|kph|kilomet(?:er|re)s? (?:per|an) hour|kilometern? pro stunde|stundenkilometern?"
        r"|kilomètres?(?:-| par | à l['’])heure|kilómetros por hora|公里每小时|千米每小时|公里/小时": "5/18",
        r"mph|miles? (?:per|an) hour|meilen pro stunde|millas por hora|英里每小时": ".44704",
        r"m/s|met(?:er|re)s? (?:per|a) second|metern? pro sekunde|mètres par seconde|metros por segundo|米每秒|米/秒": "1",
        "knots?|knoten|nœuds?|nudos?": "463/900",
    },
    "area": {
        r"cm[²2]|square centimet(?:er|re)s?|quadratzentimetern?|平方厘米": ".0001",
        r"sq\.? ?ft|ft[²2]|square f(?:oo|ee)t|平方英尺": ".09290304",
        r"m[²2]|sq\.? ?m|square met(?:er|re)s?|quadratmetern?|mètres? carrés?|metros? cuadrados?|平方米": "1",
        "acres?|英亩": "4046.8564224",
        r"ha(?!\s\w+(?:ado|ido|cho|to)\b)|hectares?|hektare?n?|hectáreas?|公顷": "10000",
        r"km[²2]|sq\.? ?km|square kilomet(?:er|re)s?|quadratkilometern?|kilomètres? carrés?"
        r"|kilómetros? cuadrados?|平方公里|平方千米": "1000000",
        r"mi[²2]|sq\.? ?mi|square miles?|quadratmeilen?|milles? carrés?|millas? cuadradas?|平方英里": "2589988.110336",
    },
    "power": {"watts?": "1", "kw|kilowatts?": "1e3", "mw|megawatts?": "1e6", "gw|gigawatts?": "1e9", "tw|terawatts?": "1e12"},
    "energy": {
        "joules?": "1",
        "kj|kilojoules?": "1e3",
        "wh|watt[ -]hours?|wattstunden?": "3600",
        "kcal|kilocalories?|kilokalorien?|kilocalorías?": "4184",
        "kwh|kilowatt[ -]hours?|kilowattstunden?|kilowattheures?": "3.6e6",
        "mwh|megawatt[ -]hours?|megawattstunden?": "3.6e9",
        "gwh|gigawatt[ -]hours?|gigawattstunden?": "3.6e12",
        "twh|terawatt[ -]hours?|terawattstunden?": "3.6e15",
    },
    "frequency": {"hz|hertz": "1", "khz|kilohertz": "1e3", "mhz|megahertz": "1e6", "ghz|gigahertz": "1e9"},
    "pressure": {"hpa": "100", "mmhg": "133.322", "kpa": "1e3", "psi": "6894.757", "bars?": "1e5", "mpa": "1e6"},
    "time": {
        "µs|μs|microseconds?|mikrosekunden?|微秒": ".000001",
        "ms|milliseconds?|millisekunden?|millisecondes?|milisegundos?|毫秒": ".001",
        "s|secs?|seconds?|sekunden?|secondes?|segundos?|秒": "1",
        "mins?|minutes?|minuten?|minutos?|分钟": "60",
        "h|hrs?|hours?|stunden?|heures?|horas?|小时": "3600",
        "days?|tage?n?|jours?|días?|天": "86400",
        "weeks?|wochen?|semaines?|semanas?|周": "604800",
        "fortnights?": "1209600",
        "months?|monate?n?|mois|mes(?:es)?|个月": "2629800",
        "years?|jahre?n?|an(?:née)?s|ans?|años?|年": "31557600",
        "century|centuries|jahrhunderte?n?|siècles?|siglos?": "3155760000",
        "decades?|jahrzehnte?n?|décennies?|décadas?": "315576000",
    },
    "length": {
        "mm|milli?met(?:er|re)s?|millimètres?|milímetros?|毫米": ".001",
        "cm|centi?met(?:er|re)s?|zentimetern?|centimètres?|centímetros?|厘米": ".01",
        "inch(?:es)?": ".0254",
        "ft|foot|feet": ".3048",
        "yd|yards?": ".9144",
        "m|met(?:er|re)s?|metern|mètres?|metros?|米": "1",
        "km|kilomet(?:er|re)s?|kilometern|kilomètres?|kilómetros?|公里|千米": "1000",
        "mi|miles?|meilen?|millas?|英里": "1609.344",
    },
    "mass": {
        "µg|μg|mcg|micrograms?|mikrogramm": ".000001",
        "mg|milligram(?:me|m|o)?s?|miligramos?|毫克": ".001",
        "g|gram(?:me|m|o)?s?|克": "1",
        "oz|ounces?|unzen?": "28.3495",
        "lbs?|pounds?|pfund": "453.592",
        "kg|kilos?|kilogram(?:me|m|o)?s?|公斤|千克": "1000",
        "kt|kilotons?|kilotonnes?|kilotonnen": "1e9",
        "t|tons?|tonnes?|tonnen?|toneladas?|吨": "1000000",
    },
    "volume": {
        "ml|millilit(?:er|re)s?|mililitros?|毫升": ".001",
        "cl|centilit(?:er|re)s?": ".01",
        "l|lit(?:er|re)s?|litern|litros?|升": "1",
        "gallons?|gallonen": "3.785",
        r"m[³3]|cubic met(?:er|re)s?|kubikmetern?|mètres? cubes?|metros? cúbicos?|立方米": "1000",
    },
    "memory": {"kb|kib": "1", "mb|mib": "1000", "gb|gib": "1000000", "tb|tib": "1000000000"},
}
_UNIT = [
    (re.compile(rf"[\s-]?(?:{words})(?![{LATIN}²³]|['’][{LATIN}])", re.IGNORECASE), kind, Fraction(size))
    for kind, units in _UNITS.items()
    for words, size in units.items()
]
_CLOSE = Fraction(9, 100)
"""By how much a number in another unit may differ, having been rounded: 5 km are 3 miles, 12 weeks 3 months."""


def unit(text: str, end: int) -> tuple[str, Fraction] | None:
    """The kind of the unit behind a number, and its size in the first of its kind; None where none stands there."""
    return next(((kind, size) for pattern, kind, size in _UNIT if pattern.match(text, end)), None)


_POINTS = re.compile(rf"[\s-]?(?:{_POINTS_SAID})(?![{LATIN}])", re.IGNORECASE)
_PERCENT = re.compile(r"\s?(?:%|per ?cent|prozent|pour ?cent|por ?ciento)", re.IGNORECASE)
_MONEY = {
    "$": r"\$|usd|dollars?|dólares|美元",
    "€": r"€|eur(?:os?)?|欧元",
    "£": r"£|gbp",
    "¥": r"¥|yen|jpy|cny|yuan|人民币|元",
}
_BEFORE = re.compile(r"(?:us)?([$€£¥])\s?\Z", re.IGNORECASE)
_BEHIND = [(sign, re.compile(rf"\s?(?:{words})(?![{LATIN}])", re.IGNORECASE)) for sign, words in _MONEY.items()]
_DEGREES = re.compile(r"\s?(?:°\s?|(?:degrees?|grad|degrés?|grados)\s)([cf])(?:elsius|ahrenheit)?\b", re.IGNORECASE)
_TIMES = re.compile(r"[\s-]?(?:times|fold|x|×|-?mal|-?fach\w{0,2}|fois|veces|倍)(?![^\W\d_])", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|[eèº]r?|ème|[ºª])(?![^\W\d_])|\.(?=\s(?:Jahrhundert|Platz|Rang|Stelle))")
_COUNT = re.compile(r"[\s-]([^\W\d_][a-zß-ɏ]{2,})(?![^\W\d_])|(\s(?:out )?of\s)|(\s?[名个位例人只头起件篇])")
_NO_THING = FUNCTION | frozenset(
    """accuracy precision recall score scores agreement similarity correct overall average mean respectively per but while where
    which who when since because then also only each every both compared using versus until between among during against
    relative absolute genauigkeit précision exactitud während bis pro pendant chez durante cada""".split()  # noqa: SIM905 - reads better
)
"""What stands behind a number that may be of a hundred as well; *97 accuracy* counts no accuracies."""
MANY_TIMES = ("times", Fraction(1))
COUNT = ("count", Fraction(1))
ORDINAL = ("ordinal", Fraction(1))
_TWO = re.compile(r"[\s-]?(?:pounds?|pfund)\b", re.IGNORECASE)
"""Money or mass."""


def measure(text: str, start: int, end: int) -> tuple[str, Fraction] | None:
    """The same of the number at ``[start, end)`` with its word of size; percent, points, degrees, currencies, how
    many times, which one in a row and how many of a thing are kinds."""
    if _TWO.match(text, end):
        return None
    if before := _BEFORE.search(text, max(0, start - 4), start):
        return before[1], Fraction(1)
    if _POINTS.match(text, end):
        return "points", Fraction(1)
    if _PERCENT.match(text, end):
        return "percent", Fraction(1)
    if degrees := _DEGREES.match(text, end):
        return f"degrees {degrees[1].casefold()}", Fraction(1)
    if _ORDINAL.match(text, end):
        return ORDINAL
    if _TIMES.match(text, end):
        return MANY_TIMES
    named = next(((sign, Fraction(1)) for sign, words in _BEHIND if words.match(text, end)), None) or unit(text, end)
    counts = _COUNT.match(text, end)
    return named or (COUNT if counts and (not counts[1] or counts[1].casefold() not in _NO_THING) else None)


def equals(one: Fraction, unit: tuple[str, Fraction], other: Fraction, its: tuple[str, Fraction]) -> bool:
    """Whether two numbers in units of one kind are the very same amount."""
    return unit[0] == its[0] and one * unit[1] == other * its[1]


def same_amount(one: Fraction, unit: tuple[str, Fraction], other: Fraction, its: tuple[str, Fraction]) -> bool:
    """Whether two numbers in different units of one kind come to as much."""
    return unit[0] == its[0] and unit[1] != its[1] and abs(one * unit[1] - other * its[1]) <= _CLOSE * one * unit[1]
