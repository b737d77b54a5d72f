r"""How does TeX math read as plain text?

``$\alpha$`` becomes α, ``F_1`` F1, ``2^{nd}`` 2nd, ``\frac{a}{b}`` a/b; font and size commands vanish and their content
stays. A command that is not known stays as its source, because a reader of TeX understands it and a guess would be wrong.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+\s*|\\.|\\$|[{}^_~]|[^\\{}^_~]+", re.DOTALL)

_SYMBOL_TABLE = """
alpha α  beta β  gamma γ  delta δ  epsilon ε  varepsilon ε  zeta ζ  eta η  theta θ  vartheta ϑ  iota ι  kappa κ
lambda λ  mu μ  nu ν  xi ξ  pi π  rho ρ  varrho ϱ  sigma σ  varsigma ς  tau τ  upsilon υ  phi φ  varphi φ  chi χ
psi ψ  omega ω  Gamma Γ  Delta Δ  Theta Θ  Lambda Λ  Xi Ξ  Pi Π  Sigma Σ  Upsilon Υ  Phi Φ  Psi Ψ  Omega Ω
times ×  cdot ·  pm ±  mp ∓  div ÷  ast ∗  star ⋆  bullet •  circ °  oplus ⊕  otimes ⊗  oslash ⊘  odot ⊙  leq ≤
le ≤  geq ≥  ge ≥  ll ≪  gg ≫  neq ≠  ne ≠  equiv ≡  approx ≈  sim ∼  simeq ≃  cong ≅  propto ∝  parallel ∥
perp ⊥  in ∈  notin ∉  ni ∋  subset ⊂  subseteq ⊆  supset ⊃  supseteq ⊇  cap ∩  cup ∪  emptyset ∅  setminus ∖
forall ∀  exists ∃  neg ¬  lnot ¬  land ∧  wedge ∧  lor ∨  vee ∨  to →  rightarrow →  leftarrow ←  gets ←
leftrightarrow ↔  Rightarrow ⇒  Leftarrow ⇐  Leftrightarrow ⇔  mapsto ↦  uparrow ↑  downarrow ↓
longrightarrow →  infty ∞  partial ∂  nabla ∇  sum ∑  prod ∏  int ∫  ell ℓ  hbar ℏ  Re ℜ  Im ℑ  aleph ℵ  dots …
ldots …  cdots ⋯  colon :  mid |  vert |  langle ⟨  rangle ⟩  lfloor ⌊  rfloor ⌋  lceil ⌈  rceil ⌉  prime ′
dagger †  ddagger ‡  sharp ♯  flat ♭  spadesuit ♠  heartsuit ♥  bigstar ★  checkmark ✓  top ⊤  bot ⊥  models ⊨
vdash ⊢  textless <  textgreater >  lt <  gt >  textperthousand ‰  textasciitilde ~  ss ß  ae æ  oe œ  o ø  aa å
"""
_PAIRS = _SYMBOL_TABLE.split()
SYMBOLS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
"""Command name to character."""

_NAMED_LIST = """
log ln exp min max arg argmin argmax lim sup inf sin cos tan tanh det dim deg Pr gcd mod bmod
"""
_NAMED = frozenset(_NAMED_LIST.split())
"""Commands that are read as their own name."""
_SILENT_LIST = """
text textit textbf texttt textrm textsc textsf textsl textnormal textup emph underline mathrm mathit mathbf mathsf
mathtt mathcal mathbb mathfrak mathscr mathop mathbin operatorname boldsymbol bm pmb hbox mbox vec hat widehat tilde
widetilde bar overline dot ddot bf it rm tt sf sc em sl cal left right big Big bigl bigr Bigl Bigr bigg Bigg
displaystyle textstyle scriptstyle limits nolimits quad qquad ensuremath mathstrut protect xspace url
"""
_SILENT = frozenset(_SILENT_LIST.split())
"""Commands whose argument, if any, is all there is to read."""
_SPACES = frozenset({"quad", "qquad"})
_ESCAPED = {",": " ", ";": " ", ":": " ", " ": " ", "\\": " ", "!": "", "-": "", "/": "", "(": "", ")": "", "[": "", "]": ""}
_ORDINALS = frozenset({"th", "st", "nd", "rd", "°", "′", "∗", "†"})
_MAX_DEPTH = 40
"""Nested groups that are followed; deeper source is left as it is."""


def readable(source: str) -> str:
    """`source` (the inside of ``$...$``) as plain text; never longer than the source by more than its brackets.

    Source that is not well formed (a brace too many) is read as far as it makes sense.
    """
    if "\\" not in source and not any(c in source for c in "^_{}~"):
        return " ".join(source.split())
    text, _ = _group(_TOKEN.findall(source), 0, 0)
    return " ".join(text.split())


def _group(tokens: list[str], at: int, depth: int) -> tuple[str, int]:
    """Text of the tokens from `at` up to the closing brace, and the position after it."""
    parts: list[str] = []
    while at < len(tokens) and (tokens[at] != "}" or depth == 0):
        text, at = _piece(tokens, at, depth)
        parts.append(text)
    return "".join(parts), at + 1


def _piece(tokens: list[str], at: int, depth: int) -> tuple[str, int]:
    """Text of one token together with the arguments it takes, and the position after them."""
    piece = tokens[at]
    at += 1
    if piece == "{":
        return _group(tokens, at, depth + 1) if depth < _MAX_DEPTH else ("", at)
    if piece == "}":
        return "", at
    if piece == "~":
        return " ", at
    if piece in "^_":
        inner, at = _argument(tokens, at, depth)
        return _script(piece, inner), at
    if piece[0] != "\\":
        return piece, at
    return _command(piece, tokens, at, depth)


def _command(piece: str, tokens: list[str], at: int, depth: int) -> tuple[str, int]:
    name = piece[1:].rstrip()
    space = piece[1 + len(name) :]
    if not name.isalpha():
        return _ESCAPED.get(name, name), at
    if name in SYMBOLS:
        return SYMBOLS[name] + space, at
    if name in ("frac", "dfrac", "tfrac", "binom"):
        above, at = _argument(tokens, at, depth)
        below, at = _argument(tokens, at, depth)
        pair = f"{_bracketed(above)}/{_bracketed(below)}"
        return (f"C({above}, {below})" if name == "binom" else pair), at
    if name == "sqrt":
        inner, at = _argument(tokens, at, depth)
        return f"√{_bracketed(inner)}", at
    if name in _NAMED:
        return name + space, at
    if name in _SILENT:
        return " " if name in _SPACES else "", at
    if at < len(tokens) and tokens[at] == "{":
        inner, at = _argument(tokens, at, depth)
        return f"{piece}{{{inner}}}", at
    return piece, at


def _argument(tokens: list[str], at: int, depth: int) -> tuple[str, int]:
    """The next group or single character; the rest of a run of characters stays for later."""
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    if at >= len(tokens) or tokens[at] == "}":
        return "", at
    if tokens[at][0] in "\\{^_~":
        return _piece(tokens, at, depth + 1) if depth < _MAX_DEPTH else ("", at + 1)
    first, rest = tokens[at].lstrip()[:1], tokens[at].lstrip()[1:]
    tokens[at] = rest
    return first, at if rest else at + 1


def _script(mark: str, inner: str) -> str:
    """``F_1`` is F1, ``x_{max}`` x_max, ``n^2`` n^2, ``n^{2h+1}`` n^(2h+1), ``2^{nd}`` 2nd, ``30^\\circ`` 30°."""
    inner = inner.strip()
    if inner in _ORDINALS or (mark == "_" and inner.isdigit()):
        return inner
    return f"{mark}{_bracketed(inner)}" if inner else ""


def _bracketed(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 or text.replace(".", "").replace("-", "").isalnum() else f"({text})"
