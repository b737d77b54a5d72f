"""How does a MathML formula read as plain text?

``<msub>`` becomes x_1, ``<msup>`` n^2, ``<mfrac>`` a/b, ``<msqrt>`` √x, a table its rows; what only lays out is passed through.
A formula with ``alttext`` or a TeX annotation is read from that, because its author wrote it for readers.
MathML 3, <https://www.w3.org/TR/MathML3/chapter3.html>.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.papers.tex import readable

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACED = frozenset("=≈≡≠<>≤≥≪≫→←↔⇒⇔∼≃∈∉⊂⊆∪∩+∝:")
"""Operators that read better between spaces."""
_INVISIBLE = frozenset("\u2061\u2062\u2063\u2064\u200b")
"""Function application, invisible times and the like: meant for machines."""
_ACCENTS = frozenset("^¯‾˜~→⃗.˙ˆˇ_—-−⏞⏟︷︸")
"""What stands over or under a letter as decoration; it is left out."""
_LIMITS = frozenset("∑∏∫⋃⋂∮")
_LIMITED = _LIMITS | {"lim", "max", "min", "sup", "inf", "argmax", "argmin", "∐", "⨁", "⨂", "∬", "∭"}
"""Operators with limits, as they read."""
_SPACES = re.compile(r"\s+")


def formula(math: _Element) -> str:
    """A ``<math>`` element on one line; empty where it holds nothing."""
    if alternative := math.get("alttext", "").strip():
        return readable(alternative.strip("$"))
    for annotation in math.iter("{*}annotation"):
        if "tex" in annotation.get("encoding", "").lower() and annotation.text:
            return readable(annotation.text.strip().strip("$"))
    return " ".join(_read(math).split())


def name_of(element: _Element) -> str:
    """The local name in lower case, empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _read(element: _Element) -> str:
    name = name_of(element)
    parts = [child for child in element if name_of(child)]
    if name == "mo":
        return _operator("".join(map(str, element.itertext())).strip())
    if not parts:
        text = element.text or ""
        if name == "mtext":
            return _SPACES.sub(" ", text)
        return "" if name in ("mspace", "none", "mprescripts") else " ".join(text.split())
    layout = _LAYOUTS.get(name)
    if layout is not None and len(parts) >= layout[0]:
        return layout[1](parts)
    if name == "mmultiscripts":
        return _multiscripts(parts)
    if name == "mfenced":
        separator = (element.get("separators", ",").strip() or "")[:1]
        return element.get("open", "(") + f"{separator} ".join(map(_read, parts)) + element.get("close", ")")
    if name == "semantics":
        return _read(parts[0])
    separator = {"mtable": "; ", "mtr": " ", "mlabeledtr": " "}.get(name, "")
    return separator.join(filter(None, (_read(part) + (" " if _is_sum(part) else "") for part in parts)))


def _is_sum(element: _Element) -> bool:
    """Whether it is an operator with its limits, which must not run into what follows: ∑_i^n x_i."""
    if name_of(element) not in ("msub", "msup", "munder", "mover", "msubsup", "munderover"):
        return False
    base = next((child for child in element if name_of(child)), None)
    return base is not None and _read(base).strip() in _LIMITED


def _operator(sign: str) -> str:
    if sign in _INVISIBLE:
        return ""
    return f" {sign} " if sign in _SPACED or sign.isalpha() else f"{sign} " if sign in (",", ";") else sign


def _fraction(parts: list[_Element]) -> str:
    return f"{_grouped(_read(parts[0]))}/{_grouped(_read(parts[1]))}"


def _below(parts: list[_Element]) -> str:
    return _script(_read(parts[0]), "_", _read(parts[1]))


def _above(parts: list[_Element]) -> str:
    return _script(_read(parts[0]), "^", _read(parts[1]))


def _both(parts: list[_Element]) -> str:
    base = _script(_read(parts[0]), "_", _read(parts[1]))
    return _script(base, "^", _read(parts[2]))


def _root(parts: list[_Element]) -> str:
    return f"{_read(parts[1])}√{_grouped(_read(parts[0]))}"


def _square_root(parts: list[_Element]) -> str:
    return f"√{_grouped(''.join(map(_read, parts)))}"


def _multiscripts(parts: list[_Element]) -> str:
    """Base, pairs below and above, then after ``<mprescripts/>`` the pairs before the base: ³He is 3He."""
    before = next((i for i, part in enumerate(parts) if name_of(part) == "mprescripts"), len(parts))
    after = [_read(part) for part in parts[1:before]]
    base = "".join(_read(part) for part in parts[before + 1 :]) + _read(parts[0])
    for i, script in enumerate(after):
        base = _script(base, "^" if i % 2 else "_", script)
    return base


def _script(base: str, mark: str, script: str) -> str:
    """x_1 with a digit below is x1, as in tex.py; accents and primes are joined without a mark."""
    script, base = " ".join(script.split()), base.rstrip()
    if not script or script in _ACCENTS:
        return base
    if script in ("′", "∗", "†", "°", "'") or (mark == "_" and script.isdigit() and base.strip() not in _LIMITS):
        return base + script
    return f"{base}{mark}{_grouped(script)}"


def _grouped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 1 or text.replace(".", "").isalnum() else f"({text})"


_LAYOUTS = {
    "mfrac": (2, _fraction),
    "msub": (2, _below),
    "munder": (2, _below),
    "msup": (2, _above),
    "mover": (2, _above),
    "msubsup": (3, _both),
    "munderover": (3, _both),
    "mroot": (2, _root),
    "msqrt": (1, _square_root),
}
"""Element name -> how many children it needs at least, and how they read together."""
