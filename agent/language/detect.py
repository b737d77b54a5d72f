"""In which language is the asker answered?

Found by counting the most frequent words of languages: the five that a report can be headed in, and their neighbours, which share
words with them and would pass for them. A language is told only with a lead over every other; else, and for a neighbour, the
headings are English and the model is told to write in the language of the question.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "zh": "Chinese"}
"""ISO 639-1 and the name that a model is told."""
ASKERS = "the language of the question"
"""What a model is told where the language is none of those."""
LEAD = 1.2
"""Times as many words as any other language that the one that is told must have."""
LEAST = 0.12
"""Share of the words that must be frequent ones of the language; in running text a third and more are."""
_WORDS = {
    "en": "the of and to in is are was were be been what which who whom whose how why when where does do did can could "
    "should would will has have had for on with known about between from by as at that this these those there their "
    "its it than if or not a an into over we you i me my tell explain describe best many much most any all used "
    "versus wrote mean means work works good safe effects causes difference history",
    "de": "der die das des dem den und ist sind war waren wird werden wurde wie was welche welcher welches welchen wer wo "
    "warum wann wozu für mit von vom im in am an auf aus bei zu zum zur ein eine einen einem einer eines nicht man "
    "kann können soll über zwischen gibt es sie er wir ich durch nach vor oder auch als sich hat haben wenn noch mehr "
    "beim gegen um weiß wirkt hilft funktioniert funktionieren bedeutet heißt wirkung ursache ursachen unterschied "
    "geschichte",
    "fr": "le la les l des du de d un une et ou est sont était ont a au aux quel quelle quels quelles qui que qu quoi "
    "comment pourquoi quand où combien pour avec dans sur entre par il elle on ils ce cette ces se s en ne pas plus "
    "sans sous leur son sa ses peut fait être y n c j on sait possède écrit fonctionne signifie effets causes "
    "différence histoire",
    "es": "el la los las de del y o e es son era fue ser está están qué que cuál cuáles quién quiénes cómo como dónde "
    "cuándo cuánto cuántos por para con sin en un una unos unas al a sobre entre se lo su sus más no hay puede pueden "
    "tiene si desde sabe funciona significa efectos causas diferencia historia",
    "it": "il lo la gli le i l di del della dei delle degli dell da dal dalla nel nella nei nelle in un uno una e ed o è "
    "sono era che chi cosa come perché quando dove quale quali quanto quanti per con su sul sulla tra fra al alla ai "
    "alle non si ci più a ha hanno può possono funziona significa effetti cause differenza storia",
    "pt": "o a os as um uma uns umas de do da dos em no na nos nas e ou é são foi ser está que qual quais quem como por "
    "que porque quando onde quanto quantos para com sem sobre entre ao à aos às não se mais pelo pela seu sua há pode "
    "funciona significa efeitos causas diferença história",
    "ca": "el la els les l de del dels d i o és són era un una uns unes en amb per què que qui com quan on quin quina quins "
    "quines quant quants sense sobre entre al als a no s hi ha més aquest aquesta pel pels pot seva funciona "
    "significa efectes causes diferència història",
    "ro": "și si de la in în pe cu un o este sunt era ce care cine cum de când unde cât din pentru prin sau nu mai se al "
    "ale lui despre între că să",
    "nl": "de het een en of van in op te is zijn was waren wordt worden wat welke wie hoe waarom wanneer waar voor met door "
    "bij naar over tussen uit aan niet kan kunnen er dat die dit deze om als ook meer dan heeft hebben werkt betekent "
    "gevolgen oorzaken verschil geschiedenis",
    "sv": "och är var en ett det den de att som i på av för från med till om inte hur vad vilka vilken vilket vem varför "
    "när mellan kan ska har man sig eller vid under efter hos mer än finns",
    "da": "og er var en et det den de at som i på af for fra med til om ikke hvordan hvad hvilke hvilken hvem hvorfor "
    "hvornår mellem kan skal har man sig eller ved under efter mere end der",
    "no": "og er var en et ei det den de å at som i på av for fra med til om ikke hvordan hva hvilke hvilken hvem hvorfor "
    "når mellom kan skal har man seg eller ved under etter mer enn der",
    "pl": "i w z na do od po o u jest są był jak co kto gdzie kiedy dlaczego czy który która które jakie dla przez nie się że a",
    "tr": "ve bir bu ne nedir nasıl neden için ile de da mi mı mu en çok daha hangi kim gibi olan var",
    "id": "yang dan di ke dari untuk dengan pada adalah apa bagaimana mengapa siapa kapan atau ini itu dalam tidak",
}
_KNOWN: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _KNOWN.setdefault(_word, []).append(_language)
_LETTERS = {
    "de": "ßäöü",
    "es": "ñ¿¡",
    "fr": "œ",
    "it": "ìò",
    "pt": "ãõ",
    "ca": "·",
    "sv": "åäö",
    "da": "øåæ",
    "no": "øåæ",
    "ro": "ăț",
    "tr": "öüşığ",
}
"""Letters and marks of few languages, each as good as a word."""
_WORD = re.compile(r"[^\W\d_]+")
LONGEST = 300
"""Characters of a quotation or a title; one mark without its other, a thousand times over, is looked behind no further."""
MOST = 20_000
"""Characters of a text from which its language is told."""
_NAMED = re.compile(
    "|".join(
        [
            rf"“[^”\n]{{0,{LONGEST}}}”",
            rf"«[^»\n]{{0,{LONGEST}}}»",
            rf"„[^“”\n]{{0,{LONGEST}}}[“”]",
            rf"《[^》\n]{{0,{LONGEST}}}》",
            r"\"[^\"\n]*\"|(?<!\w)'[^'\n]+'(?!\w)|\*[^*\n]+\*",
        ]
    )
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_NOT_CHINESE = re.compile(
    r"[\u3040-\u30ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7af発気変訳読売対図働込経済駅検験権歩歳単戦産沢浄渋焼囲芸渉縄畑峠]"
)
"""Kana and Hangul, which Japanese and Korean mix with Chinese characters, and characters that only Japanese shapes so."""
_PARTICLES = re.compile(r"[的了是在和有吗呢为与哪谁什怎何几]")
"""The most frequent characters of Chinese sentences."""
LEAST_HAN = 4
"""Chinese characters without one of those that are Chinese; fewer may be a word of Japanese."""


def told(text: str, surely: bool = True) -> str:
    """The ISO 639-1 code of the one of NAMES that the text is in; empty where it is in none, or cannot be told.

    Where it need not be sure, a neighbour of that language may fit as well, as to a few words one often does.
    """
    plain, words, count = _counted(text)
    best = max(_WORDS, key=lambda language: count[language])
    if (han := len(_HAN.findall(plain))) and not _NOT_CHINESE.search(plain):
        latin = sum(len(word) for word in _WORD.findall(_HAN.sub(" ", plain)))
        particles = len(_PARTICLES.findall(plain))
        most = han > latin or (not count[best] and han > 0.2 * latin)
        if particles > count[best] or (most and han >= LEAST_HAN):
            return "zh"
    rivals = max(number for language, number in count.items() if language != best and (surely or language in NAMES))
    leads = count[best] > rivals and count[best] >= (LEAD if surely else 1) * rivals and count[best] >= LEAST * len(words)
    return best if best in NAMES and leads else ""


@lru_cache(1024)
def in_another(text: str, language: str) -> bool:
    """Whether two more of its words are frequent ones of some other language than of this."""
    count = _counted(re.sub(r"['’]s\b", "", text))[2]  # in French and Catalan it is a word
    return max(count.values()) > count[language] + 1


@cache
def frequent(language: str) -> frozenset[str]:
    """The most frequent words of one of NAMES, written small."""
    return frozenset(_WORDS.get(language, "").split())


def asked_in(question: str) -> str:
    """The one of NAMES in which a run's headings are: English where the question is not surely in another."""
    return told(question) or "en"


def language_of(text: str) -> str:
    """The one of NAMES whose rules serve a text best; English where none of the others fits it."""
    return told(text) or told(text, surely=False) or "en"


def answered_in(question: str, language: str) -> str:
    """What a model is told to write in, for a run whose headings are in this language."""
    return NAMES[language] if told(question) == language else ASKERS


def _counted(text: str) -> tuple[str, list[str], Counter[str]]:
    """The text without what it quotes, its words, and how many of them are frequent ones of each language."""
    text = text[:MOST]
    plain = _NAMED.sub(" ", text)
    plain = plain if _WORD.search(plain) else text  # titles in quotation marks are in languages of their own
    large = plain.isupper()
    words = [found[0].casefold() for found in _WORD.finditer(plain) if large or _counts(found[0], plain, found.start())]
    count = Counter(dict.fromkeys(_WORDS, 0))
    for word in words:
        for language in _KNOWN.get(word, ()):
            count[language] += 1
    for language, letters in _LETTERS.items():
        count[language] += sum(map(plain.casefold().count, letters))
    return plain, words, count


def _counts(word: str, text: str, at: int) -> bool:
    """Whether a word may be a frequent one: within a sentence one with a capital is part of a name or a title."""
    before = text[max(0, at - 9) : at].rstrip(' "“«„¿¡(*#-')
    return word[0].islower() or not before or before[-1] in ".!?:\n"
