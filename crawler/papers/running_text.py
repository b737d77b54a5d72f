"""How does running text with formulae, citations and superscripts read as plain text?

For PubMed and JATS: MathML and TeX become readable formulae, a superscript after a digit keeps its mark (10^-3), citations set
as superscripts go into brackets, entities that only an external DTD knows are read as HTML's. Everything else leaves its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container
from typing import TYPE_CHECKING

from crawler.papers.markup import tidy
from crawler.papers.mathml import formula, name_of
from crawler.papers.tex import readable

if TYPE_CHECKING:
    from lxml.etree import _Element

_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_SILENT = frozenset({"object-id", "graphic", "inline-graphic", "media", "inline-media", "index-term", "x-alt"})
"""Elements without words; the text of alternatives to a picture is read from its siblings."""
_SPACED = frozenset({"break", "p", "title", "label", "td", "th", "list-item", "sec", "institution", "addr-line"})
"""Elements that end a word."""
_POWER = re.compile(r"\s*[-−–+]?\d")
_BEST_FIRST = ("tex-math", "math", "textual-form")


def running_text(element: _Element | None, without: Container[str] = ()) -> str:
    """All text of an element on one line, children named in `without` left out; empty for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return tidy(element.text or "")
    parts: list[str] = [element.text or ""]
    _children(element, parts, without)
    return tidy("".join(parts))


def inline(element: _Element, parts: list[str]) -> None:
    """Append the text of one inline element, without its tail."""
    name = name_of(element)
    if not name:
        parts.append(_entity(element))
    elif name == "tex-math":
        parts.append(tex_formula("".join(str(text) for text in element.itertext())))
    elif name == "math":
        parts.append(formula(element))
    elif name == "alternatives":
        best = {name_of(child): child for child in reversed(element)}
        chosen = next((best[kind] for kind in _BEST_FIRST if kind in best), None)
        if chosen is not None:
            inline(chosen, parts)
    elif name in _SILENT:
        return
    elif name == "sup" or (name == "xref" and element.get("ref-type") == "bibr"):
        _raised(element, name, parts)
    else:
        parts.append(element.text or "")
        _children(element, parts, ())
        if name in _SPACED:
            parts.append(" ")


def tex_formula(source: str) -> str:
    """TeX with or without a preamble, as PMC writes it: ``\\documentclass…\\begin{document}$$x$$\\end{document}``."""
    found = _DOCUMENT.search(source)
    return readable((found.group(1) if found else source).strip().strip("$"))


def _children(element: _Element, parts: list[str], without: Container[str]) -> None:
    for child in element:
        if name_of(child) not in without or not name_of(child):
            inline(child, parts)
        parts.append(child.tail or "")


def _raised(element: _Element, name: str, parts: list[str]) -> None:
    """A superscript, or a citation that may hold one."""
    inner: list[str] = [element.text or ""]
    _children(element, inner, ())
    text = "".join(inner)
    citation = any(name_of(e) == ("xref" if name == "sup" else "sup") for e in element)
    if citation and name == "sup":
        citation = any(e.get("ref-type") == "bibr" for e in element if name_of(e) == "xref")
    if citation and text.strip() and not text.lstrip().startswith(("[", "(")):
        text = f"[{text.strip()}]"
    elif name == "sup" and _POWER.match(text) and _ends_with_digit(parts):
        text = f"^{text}"
    parts.append(text)


def _ends_with_digit(parts: list[str]) -> bool:
    last = next((part for part in reversed(parts) if part), "")
    return last[-1:].isdigit()


def _entity(node: _Element) -> str:
    """``&mdash;`` is a dash; comments and processing instructions are nothing."""
    text = node.text or ""
    return html.unescape(text) if text.startswith("&") and text.endswith(";") else ""
