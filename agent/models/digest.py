"""Which sentences answer the question, and how are they laid out?

A sentence scores by the question's terms that it holds, each weighted by its rarity among all sentences read, by the rank of
its document and the trust in it, by its place in the text and by words that announce a finding. Sentences are taken greedily by
maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998, doi:10.1145/290941.291025), at most two from a document.
This is a baseline: it compares words and understands none of them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.differing import differ
from agent.language import LABELS, asked_in, language_of
from agent.models.plan import asked, terms

MAX_SENTENCES = 8
MIN_SENTENCES = 3
"""Taken whatever they score, if they share a term with the question."""
PER_DOCUMENT = 2
MANY_TERMS = 4
"""Terms of a question from which on a sentence must share two, in other languages than English: their lists of frequent words are
shorter."""
LEAD = 0.4
"""What full authority adds to a sentence's claim to stand first, where it is read as the answer."""
FLOOR = 0.5
"""Part of the best score below which a sentence is left out, once MIN_SENTENCES are taken."""
NOVELTY = 0.3
"""1 - lambda of maximal marginal relevance: what likeness to a taken sentence costs."""
TOO_ALIKE = 0.6
"""Jaccard overlap of terms at which a sentence repeats another, unless its numbers say otherwise."""

_FINDING = re.compile(
    r"\b(?:show|find|found|result|demonstrat|conclud|suggest|reveal|observ|report|recommend|improv)\w*", re.IGNORECASE
)
_DANGLING = re.compile(
    r"(?:This|These|Those|It|Its|They|Their|He|She|However|But|And|Such|Thus|Moreover|Furthermore|Also|Therefore|Then|There"
    r"|Up there|If (?:it|they|you))\b"
)
_ENDS = re.compile(r"[.!。！][\"'”’»)\]]*\Z")


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as the open tool showed it."""

    title: str
    authors: tuple[str, ...]
    published: str
    site: str
    kind: str
    tier: str
    """Of the authority table, empty where the source is unlisted."""
    trust: float
    """Authority in [0, 1]; 0 where unlisted."""
    sentences: tuple[tuple[str, str], ...]
    """Span id and text, in the order of the document."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could be quoted."""

    span_id: str
    text: str
    document: int
    """Index into the opened documents, which are in the order of their rank."""
    terms: frozenset[str]
    score: float


def digest(question: str, documents: Sequence[Opened]) -> str:
    """The report in Markdown, every sentence cited; says so where nothing answers."""
    chosen = choose(candidates(question, documents))
    language = asked_in(question)
    words, colon = WORDS[language], LABELS[language].colon
    if not chosen:
        return f"{words.nothing.format(n=len(documents))}\n\n{words.made}"
    best = max(chosen, key=lambda c: c.score + LEAD * documents[c.document].trust)  # ties fall to the first
    rest = [c for c in chosen if c is not best]
    parts = [f"## {words.short}", f"{who(documents[best.document], language)}{colon}{quoted(best)}"]
    for kind, heading in (("paper", words.papers), ("page", words.pages), ("file", words.files)):
        found = [(i, d) for i, d in enumerate(documents) if d.kind == kind and any(c.document == i for c in rest)]
        if found:
            parts.append(f"## {heading}")
        for i, document in found:
            lines = [f"- {quoted(c)}" for c in rest if c.document == i]
            titled = ", ".join(part for part in (f"**{named(document.title)}**", said_by(document, language)) if part)
            parts.append(f"{titled} {standing(document, language)}{colon.rstrip()}\n\n" + "\n".join(lines))
    return "\n\n".join([*parts, words.made])


@dataclass(frozen=True, slots=True)
class Words:
    """What the digest says of itself, in one language."""

    short: str
    papers: str
    pages: str
    files: str
    unlisted: str
    nothing: str
    """Takes the number of documents."""
    empty: str
    untold: str
    """In place of empty where documents were found, and no text of any."""
    made: str


WORDS = {
    "en": Words(
        "In short",
        "From papers",
        "From pages",
        "From files",
        "unlisted source",
        "Nothing in the {n} documents that were opened answers this question in so many words.",
        "The library holds nothing on this question.",
        "The search found documents, but no text in them that could be quoted.",
        "## How this was made\n\nThis report comes from the extractive baseline: no language model took part. This report "
        "quotes sentences that share words with the question; whether they answer it, and whether they agree with each other, is "
        "for the reader to judge.",
    ),
    "de": Words(
        "In Kürze",
        "Aus Aufsätzen",
        "Von Webseiten",
        "Aus Dateien",
        "nicht gelistete Quelle",
        "Nichts in den {n} geöffneten Dokumenten beantwortet diese Frage mit diesen Worten.",
        "Die Bibliothek enthält nichts zu dieser Frage.",
        "Die Suche fand Dokumente, aber keinen Text darin, der sich zitieren ließe.",
        "## Wie dies entstand\n\nDieser Bericht stammt vom extraktiven Verfahren: kein Sprachmodell war beteiligt. Dieser "
        "Bericht zitiert Sätze, die Wörter mit der Frage teilen; ob sie sie beantworten und ob sie einander widersprechen, muss "
        "der Leser beurteilen.",
    ),
    "fr": Words(
        "En bref",
        "Articles",
        "Pages",
        "Fichiers",
        "source non répertoriée",
        "Rien dans les {n} documents ouverts ne répond à cette question en ces termes.",
        "La bibliothèque ne contient rien sur cette question.",
        "La recherche a trouvé des documents, mais aucun texte qui puisse être cité.",
        "## Comment ceci a été fait\n\nCe rapport vient de la méthode extractive : aucun modèle de langue n’y a pris part. Ce "
        "rapport cite des phrases qui partagent des mots avec la question ; il revient au lecteur de juger si elles y répondent "
        "et si elles s’accordent.",
    ),
    "es": Words(
        "En resumen",
        "De artículos",
        "De páginas",
        "De archivos",
        "fuente sin clasificar",
        "Nada en los {n} documentos abiertos responde a esta pregunta con estas palabras.",
        "La biblioteca no contiene nada sobre esta pregunta.",
        "La búsqueda encontró documentos, pero ningún texto que pudiera citarse.",
        "## Cómo se hizo\n\nEste informe procede del método extractivo: no intervino ningún modelo de lenguaje. Este informe "
        "cita frases que comparten palabras con la pregunta; si la responden y si concuerdan entre sí, lo juzga el lector.",
    ),
    "zh": Words(
        "概要",
        "来自论文",
        "来自网页",
        "来自文件",
        "未收录来源",
        "所打开的 {n} 份文档都没有直接回答这个问题。",
        "资料库中没有关于这个问题的内容。",
        "检索找到了文献，但没有可引用的正文。",
        "## 本报告如何产生\n\n本报告由摘录式基线产生，没有语言模型参与。本报告引用与问题有相同词语的句子；"
        "本报告不判断它们是否回答了问题、是否彼此一致，请读者自行判断。",
    ),
}
MADE = WORDS["en"].made


def candidates(question: str, documents: Sequence[Opened]) -> list[Candidate]:
    """Every whole sentence that shares a term with the question, or two (MANY_TERMS), best first."""
    wanted = asked(question)
    least = 2 if len(wanted) >= MANY_TERMS and language_of(question) != "en" else 1
    read = [(i, place, span, text) for i, d in enumerate(documents) for place, (span, text) in enumerate(d.sentences)]
    held = {span: terms(text) for _, _, span, text in read}
    frequency = Counter(term for span in held for term in held[span])
    weight = {term: math.log(1 + len(held) / (1 + frequency[term])) for term in wanted}
    total = sum(weight.values()) or 1.0
    found: list[Candidate] = []
    for i, place, span, text in read:
        overlap = sum(weight[term] for term in wanted & held[span]) / total
        if len(wanted & held[span]) >= least and whole(text):
            score = overlap + 0.2 * (1 - i / len(documents)) + 0.1 / (1 + place)
            score += 0.15 * documents[i].trust + 0.12 * bool(_FINDING.search(text)) - 0.12 * bool(_DANGLING.match(text))
            found.append(Candidate(span, text, i, held[span], score))
    return sorted(found, key=lambda c: (-c.score, int(c.span_id[1:])))


def choose(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Greedy maximal marginal relevance, with a cap per document and a floor."""
    chosen: list[Candidate] = []
    left = list(ranked)
    while left and len(chosen) < MAX_SENTENCES:
        marginal = {c.span_id: c.score - NOVELTY * max((alike(c, o) for o in chosen), default=0.0) for c in left}
        best = max(left, key=lambda c: marginal[c.span_id])  # ties fall to the first, the better by score
        if len(chosen) >= MIN_SENTENCES and best.score < FLOOR * ranked[0].score:
            break
        chosen.append(best)
        full = {i for i, n in Counter(c.document for c in chosen).items() if n >= PER_DOCUMENT}
        left = [c for c in left if c is not best and c.document not in full and alike(c, best) < TOO_ALIKE]
    return chosen


def alike(a: Candidate, b: Candidate) -> float:
    """Jaccard overlap of the two sentences' terms, in [0, 1]; 0 where they give two numbers for one thing."""
    overlap = len(a.terms & b.terms) / (len(a.terms | b.terms) or 1)
    return 0.0 if overlap >= TOO_ALIKE and a.document != b.document and differ(a.text, b.text) else overlap


def whole(text: str) -> bool:
    """Whether this is a sentence that can stand alone in a report: no heading, fragment, question, table or formula."""
    letters = sum(c.isalpha() or c.isspace() for c in text)
    han = sum("\u3400" <= c <= "\u9fff" for c in text)
    return (
        (12 <= han <= len(text) <= 200 if han > len(text) / 2 else 40 <= len(text) <= 420 and len(text.split()) >= 7)
        and not text[0].islower()
        and bool(_ENDS.search(text))
        and letters >= 0.8 * len(text)
        and "[[" not in text
    )


def quoted(candidate: Candidate) -> str:
    """The sentence in quotation marks, with its citation."""
    return f"“{' '.join(candidate.text.split())}” [[{candidate.span_id}]]"


def who(document: Opened, language: str = "en") -> str:
    """Who says it, when, and how far it is trusted: ``Ada Lind et al. (2020, established)``."""
    return f"{said_by(document, language) or named(document.title)} {standing(document, language)}"


def said_by(document: Opened, language: str) -> str:
    """Its authors, else its site; empty where it has neither."""
    names = document.authors
    return f"{names[0]} et al." if len(names) > 2 else LABELS[language].both.join(names) or document.site


def standing(document: Opened, language: str) -> str:
    """When it was published and how far it is trusted, in brackets."""
    labels = LABELS[language]
    tier = labels.tier(document.tier) if document.tier else WORDS[language].unlisted
    return f"({labels.comma.join(part for part in (document.published[:4], tier) if part)})"


def named(title: str) -> str:
    """A title as it stands, on one line, and no citation, whatever is in it; its stops end no sentence (`agent.claims`)."""
    return " ".join(title.split()).replace("[[", "[ [")
