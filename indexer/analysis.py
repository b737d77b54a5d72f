"""Which terms does a text have?

One analyzer for passages and queries: runs of letters and digits in lower case, accents folded, English Snowball stems. Scripts
written without spaces give pairs of neighbouring characters. The same terms feed tantivy's postings and the forward index, so a
candidate found by either is scored on equal terms.

A text is not read letter by letter in Python: what is not ASCII is folded run by run, then one table of bytes lowers letters and
blanks what separates words, and each different word is stemmed once. A build, which meets millions of words a minute, does the
same for many texts at once (vocabulary.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import tantivy
from numpy.typing import NDArray

ANALYZER = "words-fold-pairs-en-2"
"""Name and version of this analysis, stored in every manifest; an index of another one must be rebuilt."""
MAX_TERM = 60
"""Bytes; longer terms (base64, hashes glued together) are dropped, as nobody searches them."""
KNOWN_WORDS = 250_000
"""Words whose terms are remembered, at most some 50 MB; when they are that many all are forgotten and met anew."""
KNOWN_RUNS = 20_000
"""The same for runs outside ASCII, up to LONG_RUN characters each."""
LONG_RUN = 20

_LOWER = bytes(c + 32 if 65 <= c <= 90 else c if 48 <= c <= 57 or 97 <= c <= 122 or c > 127 else 32 for c in range(256))
"""ASCII letters lowered, digits and the bytes of other scripts kept, everything else a space."""
_LOWER_LINES = _LOWER[:10] + b"\n" + _LOWER[11:]
"""The same, line by line."""
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean."""
MARKS = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u00a0"
"""Quotes, dashes, the ellipsis and the space that does not break: a blank whatever stands beside them."""
_NAMED = re.compile(r"(?<![^\W_])(?<![\u0300-\u036f])([CcFf])(\+\+|#)(?!\w)")
_NAMES = {"c++": "cpp", "c#": "csharp", "f#": "fsharp"}
"""Programming languages whose names would otherwise be a single letter."""
_WORD = r"[0-9A-Za-z_\x80-\U0010ffff]"
_SIGNED = re.compile(rf"(?<!{_WORD})({_WORD}++)(?=(\+[^\x00-\x7f]*+\+|#)([^\x00-\x7f]*+.?))", re.DOTALL)
"""What may be such a name once it is folded: a word, the signs behind it, and what follows them."""

_plainer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.ascii_fold()).build().analyze
_term = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    .filter(tantivy.Filter.ascii_fold())  # what Unicode does not take apart: ø, ł, æ
    .filter(tantivy.Filter.stemmer("english"))
    .build()
    .analyze
)


def analyze(text: str) -> list[str]:
    """The terms of `text` in order, repetitions kept."""
    return list(filter(None, map(_term_of, words_of(text))))


def fold(text: str) -> str:
    """The words of `text` as `analyze` sees them before stemming, spaces between."""
    if text.isascii() and "+" not in text and "#" not in text:
        return b" ".join(text.encode().translate(_LOWER).split()).decode()  # a quarter of the time, for names above all
    return b" ".join(words_of(text)).decode()


def unspaced(character: str) -> bool:
    """Whether words of this character's script have no spaces between them."""
    return _UNSPACED.match(character) is not None


def plainer(words: Sequence[str]) -> list[str]:
    """Words of `fold` in ASCII where that can be, as terms are: ``sogaard`` for ``søgaard``; Unicode does not take ø apart."""
    plain = _plainer(" ".join(words))
    return plain if len(plain) == len(words) else ["".join(_plainer(word)) for word in words]


def stems(words: Sequence[bytes]) -> list[str]:
    """The term of each word of `words_of`; many at once cost a third of what they cost one by one."""
    terms = _term(b" ".join(words).decode())
    return terms if len(terms) == len(words) else ["".join(_term(word.decode())) for word in words]


def words_of(text: str) -> list[bytes]:
    """Runs of letters and digits, in lower case and UTF-8."""
    return _runs_folded(_named(text)).encode(errors="replace").translate(_LOWER).split()


def words_of_each(words: Sequence[bytes]) -> list[list[bytes]]:
    """`words_of` of each word of a `raw_block`; no sign of a programming language's name is left in one."""
    if not words:
        return []
    folded = _runs_folded(b"\n".join(words).decode()).encode(errors="replace").translate(_LOWER_LINES)
    return [line.split() for line in folded.split(b"\n")]


def raw_block(texts: Sequence[str]) -> tuple[bytes, NDArray[np.int64]]:
    """Texts in UTF-8, ASCII letters lowered, other scripts as they are, spaces between words; and where each ends, (texts,).

    There is a space before each text, and at least 16 lie behind the last. What `words_of` makes of a text it makes of each word
    of it here: no run outside ASCII reaches from one into the next, and names that folding brings to light are written out.
    """
    written = [
        text.encode() if text.isascii() and "+" not in text and "#" not in text else _named(text).encode(errors="replace")
        for text in texts
    ]
    return b" ".join([b"", *written, b" " * 16]).translate(_LOWER), np.cumsum([len(text) + 1 for text in written], dtype=np.int64)


class _TermOf(dict[bytes, str]):
    """Word in lower case -> its term; empty where the word is dropped."""

    def __missing__(self, word: bytes) -> str:
        if len(word) > MAX_TERM:
            return ""  # not remembered either: a word may be as long as a document
        if len(self) >= KNOWN_WORDS:
            self.clear()
        term = self[word] = "".join(_term(word.decode()))
        return term


class _Folded(dict[str, str]):
    """A run outside ASCII -> what stands for it."""

    def __missing__(self, run: str) -> str:
        folded = _folded(run)
        if len(run) <= LONG_RUN:
            if len(self) >= KNOWN_RUNS:
                self.clear()
            self[run] = folded
        return folded


_term_of = _TermOf().__getitem__
_known_runs = _Folded()


def _named(text: str) -> str:
    """Names of programming languages in letters, and spaces for the marks that much of English prose has outside ASCII."""
    if text.isascii():
        if "#" in text or ("+" in text and "++" in text):  # one letter is looked for ten times as fast as two
            return _NAMED.sub(_name, text)
        return text
    for mark in MARKS:
        text = text.replace(mark, " ")
    return _named_once_folded(_NAMED.sub(_name, text)) if "#" in text or "+" in text else text


def _name(match: re.Match[str]) -> str:
    return f" {_NAMES.get(match[0].lower(), match[0])} "


def _named_once_folded(text: str) -> str:
    """The same for names that folding brings to light: full-width letters, accents, soft hyphens between the signs."""
    done, kept = 0, []
    for match in _SIGNED.finditer(text):
        word, signs = _runs_folded(match[1]), _runs_folded(match[2])
        if named := word and _NAMED.match(word + signs + _runs_folded(match[3]), len(word) - 1):
            kept += [text[done : match.start()], word[:-1], _name(named)]
            done = match.end(2)
    return "".join([*kept, text[done:]])


def _runs_folded(text: str) -> str:
    return text if text.isascii() else _FOREIGN.sub(lambda m: _known_runs[m[0]], text)


def _folded(run: str) -> str:
    """A run outside ASCII: case, width and accents folded, blanks for what is no letter, pairs where words have no spaces.

    Folding is NFKC, then NFKD without the combining marks U+0300-U+036F; marks of other scripts are parts of their letters.
    """
    composed = unicodedata.normalize("NFKC", run.casefold())
    return _UNSPACED.sub(_pairs, "".join(map(_plain, composed)))


def _plain(character: str) -> str:
    if _UNSPACED.match(character):
        return character
    parts = (c for c in unicodedata.normalize("NFKD", character) if not "\u0300" <= c <= "\u036f")
    return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else "" if _invisible(c) else " " for c in parts)


def _invisible(character: str) -> bool:
    """Soft hyphens and joiners stand within words; a space without width parts them."""
    return unicodedata.category(character) == "Cf" and character != "\u200b"


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(run[i : i + 2] for i in range(max(len(run) - 1, 1)))} "
