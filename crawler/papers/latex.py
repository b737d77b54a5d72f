r"""How does LaTeX prose (arXiv's titles, abstracts and names) read as plain text?

``Gr\"obner`` becomes Gröbner, ``{\L}o\'{s}`` Łoś, ``$\alpha_1$`` α1 (tex.py reads the formulae), ``\emph{x}`` x, quotes in TeX's
way “so”. Paragraphs are joined; a command that is not known stays as its source.
"""

from __future__ import annotations

import re
import unicodedata

from crawler.papers.markup import tidy
from crawler.papers.tex import readable

_COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
"""Accent commands and the characters that combine with the letter before them (LaTeX companion, table 7.33)."""
_LETTER_TABLE = """
ss ß  ae æ  AE Æ  oe œ  OE Œ  aa å  AA Å  o ø  O Ø  l ł  L Ł  i ı  j ȷ  dh ð  DH Ð  th þ  TH Þ  dj đ  DJ Đ  ng ŋ  NG Ŋ
"""
_LETTERS = dict(zip(_LETTER_TABLE.split()[::2], _LETTER_TABLE.split()[1::2], strict=True))
_ACCENT = re.compile(
    r"\\([`'^\"~=.])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z])(?![A-Za-z]*\{))"
    r"|\\([uvHcdbkr])(?:\s*\{\s*\\?([A-Za-z])\s*\}|\s+\\?([A-Za-z])(?![A-Za-z]*\{))"
)
_LETTER = re.compile(r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|\s)?")
_FORMULA = re.compile(
    r"(?<!\\)(\$\$?)(.+?)(?<!\\)\1|\\\((.+?)\\\)|\\\[(.+?)\\\]"
    r"|\\begin\{(equation|align|eqnarray)\*?\}(.+?)\\end\{\5\*?\}",
    re.DOTALL,
)
_BRACED = re.compile(r"(\\[A-Za-z]+\s*)?(?<!\\)\{([^\W\d_][\w' .-]{0,80})\}")
_MARKED = re.compile(r"[\\$`{~]")
_QUOTED = re.compile(r"``(.{1,300}?)''", re.DOTALL)
_SPACE = re.compile(r"(?<!\\)~|\\[ ,;/]|\\\\")


def plain(source: str) -> str:
    """One line of plain text."""
    if not _MARKED.search(source):
        return tidy(source)
    pieces: list[str] = []
    at = 0
    for found in _FORMULA.finditer(source):
        pieces.append(_prose(source[at : found.start()]))
        pieces.append(readable(" ".join((found[2] or found[3] or found[4] or found[6]).split())))
        at = found.end()
    pieces.append(_prose(source[at:]))
    text = "".join(pieces)
    return " ".join(_QUOTED.sub("“\\1”", text).split()).replace("\\$", "$")


def _prose(source: str) -> str:
    """Text outside formulae; its outer spaces stay, as they separate it from them."""
    if "\\" in source or "{" in source or "~" in source:
        source = _ACCENT.sub(_accented, source)
        source = _LETTER.sub(lambda found: _LETTERS[found[1]], source)
        source = _SPACE.sub(" ", source)
    before = " " if source[:1].isspace() else ""
    after = " " if source[-1:].isspace() else ""
    text = _BRACED.sub(lambda found: found[0] if found[1] else found[2], tidy(source))
    return f"{before}{text}{after}" if text else before or after


def _accented(found: re.Match[str]) -> str:
    mark = _COMBINING[found[1] or found[4]]
    return unicodedata.normalize("NFC", f"{found[2] or found[3] or found[5] or found[6]}{mark}")
