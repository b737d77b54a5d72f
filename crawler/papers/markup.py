"""How does inline markup in a title or abstract read as plain text?

Elements that only style (<b>, <fixed-case>, <span>, <url>) leave their text; <tex-math> is read by tex.py; whitespace becomes
single spaces. Leftovers of other formats that authors paste into abstracts are tidied: ``$...$`` and font commands of TeX,
HTML entities escaped twice, bytes of Windows-1252 and Mac Roman that somebody read as Latin-1.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

from crawler.papers.tex import readable

if TYPE_CHECKING:
    from lxml.etree import _Element

_MATH = frozenset({"tex-math"})
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_DOLLARS = re.compile(r"\$([^$\n]{0,200}?[\\^_{][^$\n]{0,200}?)\$")
_FONT = re.compile(r"\\(?:textit|textbf|texttt|textsc|textsf|textrm|emph|url|underline)\s*\{([^{}]*)\}")
_BARE_FONT = re.compile(r"\{text(?:it|bf|tt|sc|sf|rm)\{([^{}]*)\}\}")  # a backslash lost on the way
_CITATION = re.compile(r"[~\s]*\\(?:cite[a-z]*|footnote)\s*\{[^{}]*\}")
_ESCAPED = re.compile(r"\\([%&#_$])")
_INVISIBLE = str.maketrans({"\xad": None, "\u200b": None, "\ufeff": None, "\u2060": None})
_PUNCTUATION = {0x80, 0x82, 0x84, 0x85, *range(0x91, 0x98), 0x99}
"""C1 controls that are Windows-1252 punctuation; the other ones in the Anthology are Mac Roman letters (French abstracts)."""
_CONTROLS = str.maketrans({chr(c): bytes([c]).decode("cp1252" if c in _PUNCTUATION else "mac_roman") for c in range(0x80, 0xA0)})
_SPECIAL = re.compile("[\x80-\x9f\xad\u200b\u2060\ufeff]")


def plain_text(element: _Element | None) -> str:
    """All text of an element on one line, markup read as the module says; empty for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return tidy(element.text or "")
    parts: list[str] = []
    _collect(element, parts)
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """Plain text on one line: single spaces, composed characters, leftovers of TeX and HTML resolved."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    if "\\" in text or "$" in text:
        text = _without_tex(text)
    if "{text" in text:
        text = _BARE_FONT.sub(r"\1", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _SPECIAL.search(text):
            text = text.translate(_CONTROLS).translate(_INVISIBLE)
    return " ".join(text.split())


def _collect(element: _Element, parts: list[str]) -> None:
    if isinstance(element.tag, str):  # else a comment, a processing instruction or an entity
        if element.tag in _MATH:
            parts.append(readable("".join(str(text) for text in element.itertext())))
        else:
            parts.append(element.text or "")
            for child in element:
                _collect(child, parts)
                parts.append(child.tail or "")


def _without_tex(text: str) -> str:
    text = _DOLLARS.sub(lambda found: readable(found.group(1)), text)
    text = _CITATION.sub("", text)
    text = _FONT.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", text)
