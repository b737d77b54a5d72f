"""In which language is a document that does not say?

Told from the first of its words by py3langid (Lui and Baldwin, ACL 2012 system demonstrations, https://aclanthology.org/P12-3005/;
extra ``language``). What a document says of itself is never questioned, and where the words leave it open it stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from indexer.document import Document

DETECTOR = "py3langid"
"""How a manifest names this way of telling languages."""
READ = 300
"""Characters of title and text that are read: a hundred microseconds; twice as many change nothing for an abstract."""
SURE = 0.5
"""Least probability of a language, in (0, 1], that is taken for the answer."""


@cache
def detector(name: str) -> Callable[[Document], str]:
    """What tells the language of a document, an ISO 639-1 code or empty; `name` as in a manifest, empty for what documents say.

    Raises ModuleNotFoundError without the extra.
    """
    if not name:
        return _stated
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])  # ISO 639-1: no dialects

    def told(document: Document) -> str:
        if document.language:
            return document.language
        code, probability = identifier.classify(f"{document.title}\n{document.text}"[:READ])
        return str(code) if probability >= SURE else ""

    return told


def _stated(document: Document) -> str:
    return document.language
