"""Why did a run end, and why has a sentence its verdict, in the asker's language?

A reason is written into the log in these words, since a report is made from the log and is the asker's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Why = Literal["stopped", "interrupted", "busy"]
"""Why a run ends from outside: fields of Reasons."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The words of one language; braces take what the field's name or its docstring says."""

    limit: str
    """Of a budget: its limit, and what of."""
    units: tuple[str, str, str, str]
    """steps, seconds, tokens, money."""
    busy: str
    silent: str
    """A number of replies."""
    cut: str
    """A number of replies."""
    stalled: str
    """A number of replies."""
    failed: str
    """The error."""
    stopped: str
    interrupted: str
    unwritten: str
    uncited: str
    invented: str
    """Ids that no span has."""
    misquoted: str
    """The beginning of the quotation."""
    absent: str
    """Numbers, months or names."""
    reckonable: str
    """Numbers or months, which may follow from what the span says."""
    quoted: str
    verbatim: str
    unjudged: str
    judge_failed: str
    """The error."""
    judge_silent: str
    parts: str

    def of(self, why: Why) -> str:
        """The words for it."""
        said: str = getattr(self, why)
        return said


REASONS = {
    "en": Reasons(
        "the limit of {:g} {} was reached",
        ("steps", "seconds", "tokens", "money"),
        "the limit of working time was reached while a model or a tool was at work",
        "the model gave {} replies in a row without a tool call",
        "{} replies of the model in a row broke off at a limit of its endpoint",
        "the model gave {} replies in a row that did nothing new",
        "the model failed: {}",
        "it was stopped by hand",
        "it was interrupted",
        "no report was written",
        "no source is cited",
        "no span is called {}",
        "the quotation “{}” does not stand in the span",
        "{} does not stand in the span",
        "{} does not stand in the span, at best it can be reckoned",
        "quoted word for word",
        "word for word",
        "not judged",
        "the judge failed: {}",
        "the judge gave no verdict",
        "each span says a part of it",
    ),
    "de": Reasons(
        "die Grenze von {:g} {} war erreicht",
        ("Schritten", "Sekunden", "Token", "Kosten"),
        "die Grenze der Arbeitszeit war erreicht, während ein Modell oder ein Werkzeug arbeitete",
        "das Modell antwortete {} Mal hintereinander, ohne ein Werkzeug zu rufen",
        "{} Antworten des Modells hintereinander brachen an einer Grenze seines Endpunkts ab",
        "das Modell tat {} Antworten hintereinander nichts Neues",
        "das Modell versagte: {}",
        "der Lauf wurde von Hand beendet",
        "der Lauf wurde unterbrochen",
        "es wurde kein Bericht geschrieben",
        "keine Quelle angeführt",
        "keine Textstelle heißt {}",
        "das Zitat „{}“ steht nicht in der Textstelle",
        "{} steht nicht in der Textstelle",
        "{} steht nicht in der Textstelle und lässt sich höchstens errechnen",
        "wörtlich zitiert",
        "wörtlich",
        "nicht beurteilt",
        "die Beurteilung versagte: {}",
        "die Beurteilung ergab nichts",
        "jede Textstelle sagt einen Teil davon",
    ),
    "fr": Reasons(
        "la limite de {:g} {} a été atteinte",
        ("étapes", "secondes", "jetons", "unités de coût"),
        "la limite de temps de travail a été atteinte pendant qu’un modèle ou un outil travaillait",
        "le modèle a répondu {} fois de suite sans appeler d’outil",
        "{} réponses de suite du modèle ont été coupées à une limite de son serveur",
        "le modèle a donné {} réponses de suite qui n’apportaient rien de nouveau",
        "le modèle a échoué : {}",
        "arrêt demandé à la main",
        "le travail a été interrompu",
        "aucun rapport n’a été écrit",
        "aucune source n’est citée",
        "aucun passage ne s’appelle {}",
        "la citation « {} » ne figure pas dans le passage",
        "{} ne figure pas dans le passage",
        "{} ne figure pas dans le passage, au mieux cela se calcule",
        "cité mot pour mot",
        "mot pour mot",
        "non jugé",
        "le juge a échoué : {}",
        "le juge n’a pas rendu de verdict",
        "chaque passage en dit une partie",
    ),
    "es": Reasons(
        "se alcanzó el límite de {:g} {}",
        ("pasos", "segundos", "tokens", "de coste"),
        "se alcanzó el límite de tiempo de trabajo mientras trabajaba un modelo o una herramienta",
        "el modelo respondió {} veces seguidas sin llamar a ninguna herramienta",
        "{} respuestas seguidas del modelo se cortaron en un límite de su servidor",
        "el modelo dio {} respuestas seguidas sin nada nuevo",
        "el modelo falló: {}",
        "se detuvo a mano",
        "se interrumpió",
        "no se escribió ningún informe",
        "no se cita ninguna fuente",
        "ningún pasaje se llama {}",
        "la cita «{}» no está en el pasaje",
        "{} no está en el pasaje",
        "{} no está en el pasaje, a lo sumo se puede calcular",
        "citado palabra por palabra",
        "palabra por palabra",
        "sin juzgar",
        "el juez falló: {}",
        "el juez no dio veredicto",
        "cada pasaje dice una parte",
    ),
    "zh": Reasons(
        "已达到 {:g} {}的上限",
        ("步", "秒", "个 token ", "费用"),
        "在模型或工具工作时达到了工作时间上限",
        "模型连续 {} 次回复都没有调用工具",
        "模型连续 {} 次回复因服务端的上限而中断",
        "模型连续 {} 次回复没有任何新进展",
        "模型出错：{}",
        "已被手动停止",
        "运行被中断",
        "没有写出报告",
        "没有引用来源",
        "没有名为 {} 的片段",
        "引文“{}”不在该片段中",
        "{} 不在该片段中",
        "{} 不在该片段中，至多可以推算得出",
        "逐字引用",
        "逐字相同",
        "未判断",
        "判断出错：{}",
        "没有得出判断",
        "各片段分别说了一部分",
    ),
}
