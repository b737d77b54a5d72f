"""Which number does a word say?

VALUES are what a word of a source may mean, in any language. A sentence is held to NAMED, the words from ten to 99 of its own
language: ``once`` is eleven in Spanish alone, ``elf`` in German.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LATIN = r"A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
"""Letters that a number is part of when it touches them; Chinese stands beside numbers without a space."""
_WORDS = (
    "zero null zéro cero 零",
    "one ein eine einem einen einer eins un une uno una once einmal first erste ersten premier première primer primera 一",
    "two zwei deux dos twice zweimal second zweite zweiten zweiter zweites deuxième segundo segunda double 二 两",
    "three drei trois tres third dritte dritten dritter drittes troisième tercer tercera thrice threefold 三",
    "four vier quatre cuatro fourth vierte vierten quatrième cuarto cuarta fourfold 四",
    "five fünf cinq cinco fifth fünfte fünften cinquième quinto quinta fivefold 五",
    "six sechs seis sixth sechste sechsten sixième sexto sexta 六",
    "seven sieben sept siete seventh siebte siebten septième séptimo 七",
    "eight acht huit ocho eighth achte achten huitième octavo 八",
    "nine neun neuf nueve ninth neunte neunten neuvième noveno 九",
    "ten zehn dix diez tenth zehnte zehnten tenfold 十",
    "eleven elf onze once eleventh elfte elften",
    "twelve zwölf douze doce twelfth zwölfte zwölften",
    "thirteen dreizehn treize trece thirteenth",
    "fourteen vierzehn quatorze catorce fourteenth",
    "fifteen fünfzehn quinze quince fifteenth",
    "sixteen sechzehn seize dieciséis sixteenth",
    "seventeen siebzehn diecisiete seventeenth",
    "eighteen achtzehn dieciocho eighteenth",
    "nineteen neunzehn diecinueve nineteenth neunzehnten",
    "twenty zwanzig vingt veinte twentieth zwanzigsten",
)
"""What a word of a source may mean; ``once`` is in two rows."""
_TEENS = {
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "de": "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "fr": "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    "es": "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante huitante nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
ONES = {
    "en": "one two three four five six seven eight nine",
    "de": "ein zwei drei vier fünf sechs sieben acht neun",
    "fr": "un deux trois quatre cinq six sept huit neuf",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve",
}
_HUNDREDS = (
    r"hundred|thousand|hundert|tausend|cents?|mille|cien|ciento|cientos|\w{2,12}cientos|mil|millions?|millionen|millones|and|und|et|y|"
    r"ann(?:é|e)es|años"
)
"""Before a number they are a part of it, or make it a decade, and it is not read alone."""
SMALL = {
    word: str(value)
    for table in (ones.split() for ones in ONES.values())
    for value, word in enumerate(table, 1)
    if word not in ("neuf", "ein", "un", "uno")  # new, and articles
} | {"两": "2", "zero": "0", "zéro": "0", "cero": "0"}
"""Words below ten that count what stands behind them."""
SMALL_OF = {language: frozenset([*ones.split(), "zero", "zéro", "cero"]) for language, ones in ONES.items()}
"""Those of a language: Sept is a month in English."""


def _compounds(language: str) -> Iterator[tuple[str, int]]:
    """Every word from ten to 99, as it is written in that language."""
    teens, tens, ones = _TEENS[language].split(), _TENS[language].split(), ONES[language].split()
    yield from zip(teens, range(10, 20), strict=True)
    for value, ten in zip(range(20, 100, 10), tens, strict=True):
        yield ten, value
        for one, unit in enumerate(ones, 1):
            if language == "de":
                yield f"{unit}und{ten}", value + one
            elif language == "es":
                yield f"{ten} y {unit}", value + one
            else:
                yield f"{ten}-{unit}", value + one
        if language == "fr":
            yield f"{ten}-et-un", value + 1
            yield f"{ten}-et-une", value + 1
    if language == "es":
        yield from ((f"veinti{one}", 20 + value) for value, one in enumerate(ones, 1))
        yield from (("veintiún", 21), ("veintiuna", 21), ("veintidós", 22), ("veintitrés", 23), ("veintiséis", 26))
        yield from ((f"{ten} y un{a}", 10 * value + 1) for value, ten in enumerate(tens, 2) for a in ("", "a"))
    if language == "fr":
        yield "soixante-et-onze", 71
        yield "quatre-vingts", 80
        yield from ((f"soixante-{teen}", 60 + value) for value, teen in enumerate(teens, 10))
        yield from ((f"quatre-vingt-{word}", 80 + value) for value, word in enumerate([*ones, *teens], 1))
        yield "quatre-vingt-une", 81


def _plain(word: str) -> str:
    return word.casefold().replace("-", " ")  # casefold writes ß as ss, and a hyphen is a space here


NAMED = {language: {_plain(word): str(value) for word, value in _compounds(language)} for language in _TENS}
"""``{language: {word: number}}`` from ten on, in small letters, hyphens as spaces."""
VALUES = {word: str(value) for value, words in reversed(list(enumerate(_WORDS))) for word in words.casefold().split()}
"""``{word: number}`` of what a single word of any language may mean in a source."""
VALUES |= {word: value for table in NAMED.values() for word, value in table.items() if " " not in word and word not in VALUES}


_ORDINAL = r"first|second|third|(?:four|fif|six|seven|eigh|nin)th|fold|\w+ième"
"""Behind a hyphen it makes another number of the one before."""


def _pattern(table: dict[str, str]) -> re.Pattern[str]:
    words = "|".join(word.replace(" ", "[ -]").replace("ss", "(?:ss|ß)") for word in sorted(table, key=len, reverse=True))
    return re.compile(rf"(?:{words})(?![{LATIN}]|-(?:{_ORDINAL}))", re.IGNORECASE)


_PATTERN = {language: _pattern(table) for language, table in NAMED.items()}
_FIRST = {language: frozenset(word.split()[0] for word in table) for language, table in NAMED.items()}
"""Words that one of a language may begin with: only there a pattern is tried."""
_TOKEN = re.compile(rf"(?<!-)[{LATIN}]+")
_BEFORE = re.compile(rf"(?:\A|[^{LATIN}])(?:{_HUNDREDS})[ -]\Z", re.IGNORECASE)
_HAN = re.compile(r"(?<![百千万亿])[一二两三四五六七八九十][一二两三四五六七八九十百千万亿零]+(?!年代|世纪)")
_HAN_ROW = re.compile(r"[〇零一二三四五六七八九]{3,}(?=[年名个位例人次天项])(?!年代)")
"""二〇一八年, 二四一名."""
_HAN_AGE = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?(?=年代|世纪)")
_LATIN_SMALL = sorted((word for word in SMALL if word[0] < "\u3040"), key=len, reverse=True)
_SMALL = re.compile(rf"(?<![{LATIN}-])({'|'.join(_LATIN_SMALL)})(?![{LATIN}-])", re.IGNORECASE)
_HAN_DIGIT = {
    sign: value for value, signs in enumerate(("零", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for sign in signs
} | {"〇": 0}
_HAN_UNIT = {"十": 10, "百": 100, "千": 1000}


def numerals(text: str, languages: tuple[str, ...]) -> Iterator[tuple[str, str, int, int]]:
    """``(written, number, start, end)`` of the numbers from ten to 99 in words, but for those that are a part of a larger one."""
    firsts = frozenset[str]().union(*(_FIRST[language] for language in languages))
    end = 0
    for token in _TOKEN.finditer(text):
        if token[0].casefold() not in firsts or token.start() < end:
            continue
        read = [(match, language) for language in languages if (match := _PATTERN[language].match(text, token.start()))]
        if read and not _BEFORE.search(text, max(0, token.start() - 16), token.start()):
            match, language = max(read, key=lambda pair: pair[0].end())
            end = match.end()
            yield match[0], NAMED[language][_plain(match[0])], match.start(), end


def small(text: str, languages: tuple[str, ...] = tuple(ONES)) -> Iterator[tuple[str, int, int]]:
    """``(written, start, end)`` of every word below ten, which are those of SMALL, in Latin letters."""
    words = frozenset[str]().union(*(SMALL_OF[language] for language in languages))
    return ((match[1], *match.span(1)) for match in _SMALL.finditer(text) if match[1].casefold() in words)


def century(text: str) -> Iterator[str]:
    """The numbers of Chinese centuries and decades."""
    return (value for match in _HAN_AGE.finditer(text) if (value := han_value(match[0])))


def han(text: str) -> Iterator[tuple[str, str, int, int]]:
    """The same of Chinese numbers with a unit in them."""
    for match in _HAN.finditer(text):
        if value := han_value(match[0]):
            yield match[0], value, *match.span()
    for match in _HAN_ROW.finditer(text):
        yield match[0], str(int("".join(str(_HAN_DIGIT[sign]) for sign in match[0]))), *match.span()


def han_value(written: str) -> str:
    """A Chinese numeral in digits, a row such as 二〇一八 too; empty where two or three in a row may be several numbers."""
    if set(written) <= {*_HAN_DIGIT} and (len(written) in (1, 4) or "〇" in written):
        return str(int("".join(str(_HAN_DIGIT[sign]) for sign in written)))
    total = section = digit = 0
    for sign in written:
        if sign in _HAN_DIGIT:
            digit = _HAN_DIGIT[sign]
        elif sign in _HAN_UNIT:
            section, digit = section + (digit or 1) * _HAN_UNIT[sign], 0
        else:
            total, section, digit = (total + section + digit) * (10**4 if sign == "万" else 10**8), 0, 0
    return str(total + section + digit) if set(written) & {*_HAN_UNIT, "万", "亿"} else ""
