"""In which language is the asker answered, and with what words?

    detect.py    which of five languages a question is in
    labels.py    headings and marks of the report
    reasons.py   why a run ended, and why a sentence has its verdict

What a model is told is English; what a reader is told is in the reader's language, where it is one of the five. In any other the
report itself is in the language of the question, and its headings are English.
"""

from agent.language.detect import NAMES, answered_in, asked_in, frequent, in_another, language_of
from agent.language.labels import LABELS, Labels
from agent.language.reasons import REASONS, Reasons, Why

__all__ = [
    "LABELS",
    "NAMES",
    "REASONS",
    "Labels",
    "Reasons",
    "Why",
    "answered_in",
    "asked_in",
    "frequent",
    "in_another",
    "language_of",
]
