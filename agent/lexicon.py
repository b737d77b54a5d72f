"""Is a word that its place alone writes large a name: the first of a sentence, or a noun in German?

It is one where the run's sources use it as one, and where neither they nor the dictionary of its language (simplemma) know it
as a word. A word of the language that is a name as well, such as Apple, Mark or Orange, is one where a verb follows it without an
article before it and no source writes it small; elsewhere, and in German, it passes for the word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from simplemma.strategies import LOW_MEMORY_DICTIONARY_FACTORY

from agent.exonyms import is_listed
from agent.language import frequent, in_another
from agent.models.plan import FUNCTION_WORDS


@dataclass(frozen=True, slots=True)
class Usage:
    """How the sources of a run write words."""

    names: frozenset[str] = frozenset()
    """Written large within a sentence, or a person's: names here."""
    small: frozenset[str] = frozenset()
    """Written small."""
    acronyms: frozenset[tuple[str, str]] = frozenset()
    """Acronyms and what they stand for, as `agent.acronyms.definitions` reads them."""


SILENT = Usage()
"""Of no sources."""
ASKED = frozenset({"en", "de", "fr", "es"})
"""Languages whose dictionary is asked."""
MIN_LETTERS = 2
"""Of a word that is looked up: Wu."""
LONGEST = 40
"""Letters of one; what is longer is none."""
BEHIND = 300
"""Characters from a first word on by which the language of its sentence is told: a quotation may be in another."""
PREFIXES = frozenset(
    """anti auto bi bio co cross cyber de des di dis electro geo hetero homo hyper hypo immuno in inter intra iso macro mega meta
    micro mis mono multi nano neuro non out over para photo poly post pre pro pseudo psycho re semi sub super tele tetra thermo
    trans tri ultra un under""".split()  # noqa: SIM905 - reads better
)
"""Before a word: what they make is in few dictionaries."""
LONGEST_PREFIX = 7
MIN_REST = 5
"""Letters of the word behind a prefix."""
_LEFT_OUT = {
    language: frozenset(words.split())
    for language, words in {
        "en": "academy add adds afterwards again alliance ally alone although another anybody anything arrow award "
        "basic besides bin blue bridge broken building burns cancer cancers cannon captain center chaos chemical "
        "chief circle circuit civic coalition corps creative creek cricket cross culture cup defense devil "
        "directive directives dives duck ear earlier ears earth east eight either eleven else engineer erode "
        "everybody everyone everything excel explorer fair fall falls false fifth figure film first five foil "
        "folio fort forum four fourth front fry furthermore gay ghost glacier god gospel grand green guard guild "
        "half hall hare hares hell hence historic hospital however ice ids indeed instead internet isle job jobs "
        "junior lab labour labs lake land last later lay league led less librarian little loop lord lords "
        "magazine mall marble march marches marks meanwhile medical merchanting metro midwestern mine mist mix "
        "mixes moon moreover museum nation naval neither net nevertheless next nice nine nobody none nonetheless "
        "nook nothing now often one onion open opera operator orange org otherwise ours oval overall pampers park "
        "pass path peanuts perhaps pet pets pike pirate pirates planet pole poles policing polish port post press "
        "ramp red regarding republic rocky roll rolling row run rusty sandwich savage second senior series seven "
        "shadow shell sheriff silk six skittles sleepy sol somebody someone something sometimes speaker split "
        "spur square standard star stardust states steam still sunburn supernatural swift teams ten theirs "
        "thereafter thereby therefore third though three throne thus tiger tigers times today tomorrow tower "
        "trail travel true tweet twelve two united university village virus walk wall war wars way ways whatever "
        "whichever white whites whoever wood woods yesterday yet zero zoom",
        "fr": "ailleurs ainsi alors aucun aucune auquel aussi autre autrefois autres beaucoup bref car ceci cela celle "
        "celles celui certaines certains certes ceux chacun chacune ci cinq cinquante combien comme d'autres "
        "davantage dehors delà demain dessus deux dix donc dont dorénavant duquel déjà elle elles en encore enfin "
        "ensuite eux force hier hormis huit ici il ils jadis jamais jusqu laquelle lequel lesquelles lesquels "
        "loin longtemps lorsqu lui là maintenant mais mieux moi naguère neuf nonobstant nous nul néanmoins on or "
        "où parfois partout personne peu plusieurs plutôt pourquoi pourtant près puis puisqu quand quant quarante "
        "quasi quatorze quatre quelqu quelquefois qui quiconque quoiqu reste rien sept si sitôt six soit soixante "
        "souvent tant tard tel telle toi toujours tous tout toute toutes treize trois trop très tôt via vous y ça",
        "es": "además ahora algo alguien allí ambas ambos antes aquel aquella aquello aquí así aunque ayer aún bastante "
        "cada casi cinco como cual cuales cuando cuatro cuál después diez donde dos el ella ellas ello ellos "
        "entonces esa esas ese eso esos esta estas este esto estos hoy incluso jamás la las lo los luego mañana "
        "menos mientras muchas mucho muchos más nada nadie ninguna ninguno no nueve nunca ocho otra otras otro "
        "otros pero pocas poco pocos pues que quien quienes quizá quizás quién qué seis si siempre siete solo sí "
        "sólo tal también tampoco tan tanto toda todas todavía todo todos tres una uno usted ustedes varias "
        "varios vez ya él",
        "de": "anm aufl bsp dipl dr hrsg ing jh jhd mio mrd nr sek std tsd univ verf vgl",
    }.items()
}
"""Words that a dictionary has not, or as a name, too, or that stand alone before a verb or a comma, and that begin sentences."""
_ENDING = {
    "fr": re.compile(r"e?ment\Z"),
    "es": re.compile(r"mente\Z"),
    "de": re.compile(r"(?:ung|heit|keit|schaft|tät|tion)(?:en|s)?\Z|(?:ismus|logien?|ierer|innen)\Z"),
}
"""Of words that are made as they are needed."""
_ACTS = (
    "train|test|evaluat|fund|compar|describ|observ|publish|suggest|measur|stud[iy]|found|creat|invent|discover|join|mov|receiv|open|clos"
    "|design|present|analy[sz]|us|examin|investigat|survey|warn|call|ask|start"
)
_VERB = {
    "en": re.compile(
        r"[’']s\b|,\s+(?:an?|the|which|who)\b|(?:,\s+[A-Z][^\W\d_]+)+,?\s+(?:and|&)\s|\s+(?:and|&)\s+(?:[^\W\d_]+\s){0,2}[A-Z]"
        r"|\s+(?:(?:then|later|also|first|recently|[a-z]+ly)\s+)?(?:(?:is|was|has|had|does|did|can|could|will|would|may|might|must|should"
        r"|showed|reported|found|says|said|argues|argued|announced|introduces|introduced|proposes|proposed|achieves|achieved|outperforms"
        r"|outperformed|won|built|developed|claimed|takes|took|provides|provided|allows|allowed|makes|made|gives|gave|became|began"
        r"|released|wrote|writes|contains|consists|includes|included|improves|improved|reaches|reached|performs|requires|remains"
        r"|led|paid|sold|bought|held|ran)\b|[a-z]{3,}(?:s|ed)\s(?:an?|the|its|their|his|her)\b"
        rf"|(?:{_ACTS})ed\s(?:(?:an?|the|its|his|her|their|that|all|both|this|these)\b|[A-Z\d]))"
    ),
    "fr": re.compile(r"\s+(?:a|ont|est|sont|était|avait|fut|sera|peut|doit)\b(?!-)|\s+et\s+[A-ZÀ-Þ]"),
    "es": re.compile(r"\s+(?:es|son|fue|era|ha|han|había|está|tiene|puede|[a-zñáéíú]{2,}ó)\b|\s+y\s+[A-ZÀ-Þ]"),
}
"""Behind the first word of a sentence, a verb or what describes it: of a name, or in English of a noun that is not counted."""
_UNCOUNTED = {
    "en": re.compile(r"(?:ity|ness|[ts]ion|ment|ing|[ae]nce|ism|ship|age|cy|th|logy|ics|ure|s|y)\Z"),
    "fr": re.compile(r"(?:[sx]|[ei]r|oir|[dto]?re)\Z"),
    "es": re.compile(r"(?:s|[aei]r)\Z"),
}
"""Of words that stand so without being names: accuracy, training, research papers; plurals and infinitives."""
_LINKS = ("", "s", "es", "n", "en", "er", "e")
"""Between the parts of a German noun."""
MIN_PART, MIN_NOUN = 3, 4
"""Letters of a part of one, and of its last."""


def begins_as_name(found: re.Match[str], language: str, usage: Usage = SILENT) -> bool:
    """Whether the first word of a text is a name or has one in it; German words are for `named_parts`, wherever they stand."""
    word = re.sub(r"[’']s\Z", "", found[0])
    if word in usage.names:
        return True
    if language not in ASKED or len(word) > LONGEST or in_another(found.string[found.start() :][:BEHIND], language):
        return False
    parts = re.split(r"[’'-]", re.sub(r"(?:n[’']t|[’'](?:ll|ve|re|d|m))\Z", "", word))
    if len(parts) > 1 and _known(word.casefold().replace("’", "'"), language):
        return False
    return not _listed(word, language, usage) and (
        any(_a_name(part, language, usage) for part in parts) or (len(parts) == 1 and _alone(found, word, language))
    )


def _alone(found: re.Match[str], word: str, language: str) -> bool:
    """Whether a verb follows a word without an article, which a noun would have, but for one in English that is not counted."""
    verb = _VERB.get(language)
    return bool(verb and not _UNCOUNTED[language].search(word) and verb.match(found.string, found.start() + len(word)))


def named_parts(word: str, usage: Usage = SILENT) -> list[str]:
    """The parts of a German word that are no nouns: of Lindqvist-Verfahren it is Lindqvist."""
    if len(word) > LONGEST:
        return []
    return [part for part in word.split("-") if part[:1].isupper() and not _listed(part, "de", usage) and _no_noun(part)]


def unknown(word: str, language: str) -> bool:
    """Whether a word is none of the language, nor made of some; nothing is, of a language whose dictionary is not asked."""
    small = word.casefold()
    if language not in ASKED or len(word) < MIN_LETTERS or not small.isalpha() or small in PREFIXES or _ordinary(small, language):
        return False
    ends = range(2, min(len(word) - MIN_REST, LONGEST_PREFIX) + 1)
    if any(small[:end] in PREFIXES and _ordinary(small[end:], language) for end in ends):
        return False
    return language != "de" or not _compound(small)


def _a_name(word: str, language: str, usage: Usage) -> bool:
    """Whether it is unknown, or known in English as a name: Berlin, but in French not Les."""
    if _listed(word, language, usage):
        return False
    told = word[:1].isupper() and len(word) > MIN_LETTERS and _known(word, "en")
    if language != "en" and is_listed(word):
        return True
    return unknown(word, language) or (told and (language == "en" or not _known(word.casefold(), language)))


def _listed(word: str, language: str, usage: Usage = SILENT) -> bool:
    """Whether a source writes it small, or it is a frequent word of the language."""
    small = word.casefold()
    listed = _LEFT_OUT.get(language, ())
    return (
        small in usage.small or small in frequent(language) or small in listed or (language == "en" and small in FUNCTION_WORDS)
    )


def _no_noun(word: str) -> bool:
    """Whether a German word is unknown, a place, or known in English as a name alone: Oman is, Hand is not."""
    if is_listed(word):
        return True
    small = word.casefold()
    told = _known(word, "en") and not _known(small, "en") and not _known(small, "de")
    return told or unknown(word, "de")


def _ordinary(word: str, language: str) -> bool:
    """Whether a word written small is one of the language, or of English, from which all take some."""
    ending = _ENDING.get(language)
    accented = language == "fr" and word[0] == "e" and any(_known(e + word[1:], language) for e in "éèê")
    large = language == "de" and _known(word.capitalize(), language)
    return bool(
        _listed(word, language)
        or _known(word, language)
        or large
        or accented
        or _known(word, "en")
        or (ending and ending.search(word))
    )


@lru_cache(8192)
def _compound(word: str) -> bool:
    """Whether a German word is made of known ones: Trinkwasserversorgung."""
    for at in range(MIN_PART, len(word) - MIN_NOUN + 1):
        if _known(word[at:].capitalize(), "de"):
            heads = (word[: at - len(link)] for link in _LINKS if word[:at].endswith(link))
            if any(len(head) >= MIN_PART and (_part(head) or _compound(head)) for head in heads):
                return True
    return False


def _part(head: str) -> bool:
    """Whether a noun or verb may stand so in front of another, without its ending."""
    return any(_ordinary(head + rest, "de") for rest in ("", "e", "en"))


@lru_cache(65_536)
def _known(word: str, language: str) -> bool:
    return word in LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(language)
