"""In which language is the asker answered?

Found by counting the most frequent words of five languages; a question in none of them is answered in English, which the prompt
of the model may still overrule for itself. Headings and marks of the report follow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "zh": "Chinese"}
"""ISO 639-1 and the name that a model is told."""
_WORDS = {
    "en": "the of and to in is are was were what which who how why does do did can for on with known about between from it",
    "de": "der die das und ist sind war wie was welche welcher welches wer warum wann für mit von im in den dem ein eine zu bei "
    "über nicht man kann wird werden zwischen auf aus",
    "fr": "le la les des du de et est sont quel quelle quels quelles qui que comment pourquoi quand pour avec dans un une au aux "
    "sur entre par il elle on l d qu",
    "es": "el la los las de del y es son qué cuál cuáles quién cómo por para con en un una al sobre entre se lo cuándo cuánto",
}
_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}


def language_of(question: str) -> str:
    """ISO 639-1 code of one of NAMES."""
    if len(re.findall(r"[\u4e00-\u9fff]", question)) > 0.2 * len(question.strip()) and not re.search(
        r"[\u3040-\u30ff]", question
    ):
        return "zh"
    words = re.findall(r"[^\W\d_]+", question.casefold())
    count = {language: sum(word in known for word in words) for language, known in _SETS.items()}
    count["es"] += len(re.findall("[¿¡ñ]", question))
    count["de"] += len(re.findall("[äöüß]", question))
    return max(count, key=lambda language: count[language])  # ties fall to English, the first


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that the renderer writes."""

    sources: str
    partial: str
    missing: str
    not_checked: str
    not_finished: str
    """What is missing where no plan says it."""
    unresolved_head: str
    unresolved: str
    disagree: str
    checks: str
    verdicts: tuple[str, str, str, str, str]
    """supported, partial, unsupported, unknown, uncited."""
    marked: tuple[str, str]
    """What stands behind an unsupported and behind a contradicted sentence."""
    link_removed: str
    authority: str
    unlisted: str
    undated: str
    others: str
    no_report: str
    had_found: str
    nothing_found: str
    removed_by_hand: str


LABELS = {
    "en": Labels(
        "Sources",
        "Partial report",
        "What is missing",
        "Still open in the plan",
        "No plan says what; the report as a whole was not finished and checked.",
        "Unresolved citations",
        "unresolved citation",
        "Where sources disagree",
        "Checks",
        ("supported", "partly supported", "not supported", "not judged", "without a source"),
        ("not supported by its source", "its source says otherwise"),
        "link removed: no source holds it",
        "authority",
        "unlisted",
        "undated",
        "and others",
        "No report was written.",
        "These sources had been found, in the order of discovery:",
        "Nothing had been found.",
        "evidence of this run carries no",
    ),
    "de": Labels(
        "Quellen",
        "Unvollständiger Bericht",
        "Was fehlt",
        "Offen im Plan",
        "Kein Plan nennt es; der Bericht als Ganzes wurde nicht zu Ende geschrieben und geprüft.",
        "Nicht auflösbare Belege",
        "nicht auflösbarer Beleg",
        "Wo Quellen sich widersprechen",
        "Prüfung",
        ("belegt", "teilweise belegt", "nicht belegt", "nicht beurteilt", "ohne Quelle"),
        ("von der Quelle nicht belegt", "die Quelle sagt das Gegenteil"),
        "Link entfernt: keine Quelle enthält ihn",
        "Autorität",
        "nicht gelistet",
        "undatiert",
        "und andere",
        "Es wurde kein Bericht geschrieben.",
        "Diese Quellen waren gefunden, in der Reihenfolge des Fundes:",
        "Es war nichts gefunden.",
        "kein Beleg dieses Laufs heißt",
    ),
    "fr": Labels(
        "Sources",
        "Rapport incomplet",
        "Ce qui manque",
        "Encore ouvert dans le plan",
        "Aucun plan ne le dit ; le rapport dans son ensemble n’a été ni achevé ni vérifié.",
        "Citations introuvables",
        "citation introuvable",
        "Où les sources se contredisent",
        "Vérification",
        ("étayé", "étayé en partie", "non étayé", "non jugé", "sans source"),
        ("non étayé par sa source", "sa source dit le contraire"),
        "lien retiré : aucune source ne le contient",
        "autorité",
        "non répertoriée",
        "sans date",
        "et d’autres",
        "Aucun rapport n’a été écrit.",
        "Ces sources avaient été trouvées, dans l’ordre :",
        "Rien n’avait été trouvé.",
        "aucune preuve de ce travail ne porte",
    ),
    "es": Labels(
        "Fuentes",
        "Informe incompleto",
        "Lo que falta",
        "Pendiente en el plan",
        "Ningún plan lo dice; el informe en su conjunto no se terminó ni se comprobó.",
        "Citas sin resolver",
        "cita sin resolver",
        "Dónde las fuentes discrepan",
        "Comprobación",
        ("respaldado", "respaldado en parte", "no respaldado", "sin juzgar", "sin fuente"),
        ("no respaldado por su fuente", "su fuente dice lo contrario"),
        "enlace retirado: ninguna fuente lo contiene",
        "autoridad",
        "sin clasificar",
        "sin fecha",
        "y otros",
        "No se escribió ningún informe.",
        "Se habían encontrado estas fuentes, en este orden:",
        "No se había encontrado nada.",
        "ninguna prueba lleva",
    ),
    "zh": Labels(
        "来源",
        "报告不完整",
        "尚缺内容",
        "计划中未完成",
        "没有计划说明；整份报告尚未写完和核查。",
        "无法解析的引用",
        "无法解析的引用",
        "来源相互矛盾之处",
        "核查",
        ("有依据", "部分有依据", "无依据", "未判断", "无来源"),
        ("来源不支持此句", "来源的说法相反"),
        "链接已删除：没有来源包含它",
        "权威性",
        "未收录",
        "无日期",
        "等",
        "没有写出报告。",
        "已找到以下来源（按发现顺序）：",
        "没有找到任何内容。",
        "本次运行中没有此证据",
    ),
}
