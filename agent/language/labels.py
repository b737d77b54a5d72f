"""What does the renderer say, in the asker's language?"""

from __future__ import annotations

from dataclasses import dataclass

TIERS = ("primary", "established", "reputable", "accountable")
"""Of the authority table, as sources carry them."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that the renderer writes."""

    sources: str
    partial: str
    unanswered: str
    """Where the model says so of its report."""
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
    tiers: tuple[str, str, str, str]
    """Names of TIERS."""
    unlisted: str
    undated: str
    others: str
    no_report: str
    had_found: str
    nothing_found: str
    none_quotable: str
    """In place of nothing_found where sources were met, and no text of any."""
    untold: str
    """Heads such sources."""
    removed_by_hand: str
    run: str
    model: str
    steps: str
    """Takes a number."""
    spent: str
    """Takes the tokens that were read and written."""
    cost: str
    """Takes a number."""
    estimated: str
    """Behind figures that an endpoint did not give."""
    snapshot: str
    no_source: str
    check: str
    """Takes the command that checks the run's citations."""
    report: str
    """Heads the report on a page, beside what else is known of the run."""
    evidence: str
    met: str
    """Takes how many sources and how many spans were met."""
    spans: str
    """Takes how many spans of one source there are."""
    unwritten: str
    colon: str
    """With the spaces around it, as the next two."""
    comma: str
    both: str
    """Between two names."""

    def tier(self, name: str) -> str:
        """A tier's name in this language, as it stands where it is none of TIERS; unlisted where it is empty."""
        return self.tiers[TIERS.index(name)] if name in TIERS else name or self.unlisted


LABELS = {
    "en": Labels(
        "Sources",
        "Partial report",
        "Nothing that was found answers the question.",
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
        ("primary", "established", "reputable", "accountable"),
        "unlisted",
        "undated",
        "and others",
        "No report was written.",
        "These sources had been found, in the order of discovery:",
        "Nothing had been found.",
        "What had been found has no text that could be quoted.",
        "Found, but without a text to quote",
        "evidence of this run carries no",
        "Run",
        "model",
        "steps: {}",
        "{} tokens read, {} written",
        "cost {}",
        "estimated",
        "snapshot",
        "no source cited",
        "to check: {} and the path of this run's folder",
        "Report",
        "Evidence",
        "sources: {}, spans: {}",
        "spans: {}",
        "Nothing is written yet.",
        ": ",
        ", ",
        " and ",
    ),
    "de": Labels(
        "Quellen",
        "Unvollständiger Bericht",
        "Nichts, was gefunden wurde, beantwortet die Frage.",
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
        ("primär", "etabliert", "angesehen", "verantwortet"),
        "nicht gelistet",
        "undatiert",
        "und andere",
        "Es wurde kein Bericht geschrieben.",
        "Diese Quellen waren gefunden, in der Reihenfolge des Fundes:",
        "Es war nichts gefunden.",
        "Was gefunden war, hat keinen Text, der sich zitieren ließe.",
        "Gefunden, aber ohne Text zum Zitieren",
        "kein Beleg dieses Laufs heißt",
        "Lauf",
        "Modell",
        "Schritte: {}",
        "{} Token gelesen, {} geschrieben",
        "Kosten {}",
        "geschätzt",
        "Stand des Index",
        "keine Quelle angeführt",
        "zu prüfen: {} und der Pfad zum Ordner dieses Laufs",
        "Bericht",
        "Belege",
        "Quellen: {}, Textstellen: {}",
        "Textstellen: {}",
        "Noch ist nichts geschrieben.",
        ": ",
        ", ",
        " und ",
    ),
    "fr": Labels(
        "Sources",
        "Rapport incomplet",
        "Rien de ce qui a été trouvé ne répond à la question.",
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
        ("primaire", "établie", "réputée", "responsable"),
        "non répertoriée",
        "sans date",
        "et d’autres",
        "Aucun rapport n’a été écrit.",
        "Ces sources avaient été trouvées, dans l’ordre :",
        "Rien n’avait été trouvé.",
        "Ce qui avait été trouvé n’a pas de texte à citer.",
        "Trouvé, mais sans texte à citer",
        "aucune preuve de ce travail ne porte",
        "Exécution",
        "modèle",
        "étapes : {}",
        "{} jetons lus, {} écrits",
        "coût {}",
        "estimation",
        "état de l’index",
        "aucune source citée",
        "pour vérifier : {} et le chemin du dossier de cette exécution",
        "Rapport",
        "Preuves",
        "sources : {}, passages : {}",
        "passages : {}",
        "Rien n’est encore écrit.",
        "\u00a0: ",
        ", ",
        " et ",
    ),
    "es": Labels(
        "Fuentes",
        "Informe incompleto",
        "Nada de lo encontrado responde a la pregunta.",
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
        ("primaria", "consolidada", "reputada", "responsable"),
        "sin clasificar",
        "sin fecha",
        "y otros",
        "No se escribió ningún informe.",
        "Se habían encontrado estas fuentes, en este orden:",
        "No se había encontrado nada.",
        "Lo que se había encontrado no tiene texto que citar.",
        "Encontrado, pero sin texto que citar",
        "ninguna prueba lleva",
        "Ejecución",
        "modelo",
        "pasos: {}",
        "{} tokens leídos, {} escritos",
        "coste {}",
        "estimación",
        "estado del índice",
        "ninguna fuente citada",
        "para comprobar: {} y la ruta de la carpeta de esta ejecución",
        "Informe",
        "Pruebas",
        "fuentes: {}, pasajes: {}",
        "pasajes: {}",
        "Aún no hay nada escrito.",
        ": ",
        ", ",
        " y ",
    ),
    "zh": Labels(
        "来源",
        "报告不完整",
        "已找到的内容都没有回答这个问题。",
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
        ("原始来源", "公认来源", "可靠来源", "可问责来源"),
        "未收录",
        "无日期",
        "等",
        "没有写出报告。",
        "已找到以下来源（按发现顺序）：",
        "没有找到任何内容。",
        "已找到的文献没有可引用的正文。",
        "已找到，但没有可引用的正文",
        "本次运行中没有此证据",
        "运行",
        "模型",
        "步数：{}",
        "读取 {} 个 token，写出 {} 个",
        "费用 {}",
        "估计值",
        "索引快照",
        "未引用来源",
        "核查：{} 加本次运行的文件夹路径",
        "报告",
        "证据",
        "{} 个来源，{} 个片段",
        "片段：{}",
        "尚未写出任何内容。",
        "：",
        "，",
        " 和 ",
    ),
}
