"""Which terms does a text have?

One analyzer for passages and queries: Unicode letters and digits, lower case, accents folded, English Snowball stems. The same
terms feed tantivy's postings and the forward index, so a candidate found by either is scored on equal terms.
"""

from __future__ import annotations

import tantivy

ANALYZER = "simple-lower-fold-en-1"
"""Name and version of this analysis, stored in every manifest; an index of another one must be rebuilt."""
MAX_TERM = 60
"""Bytes; longer terms (base64, hashes glued together) are dropped, as nobody searches them."""


KNOWN_WORDS = 250_000
"""Words whose terms are remembered, at most some 50 MB; when they are that many all are forgotten and met anew."""


def _analyzer(*steps: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in steps:
        builder = builder.filter(step)
    return builder.build()


_words = _analyzer().analyze
_terms = _analyzer(
    tantivy.Filter.remove_long(MAX_TERM),
    tantivy.Filter.lowercase(),
    tantivy.Filter.ascii_fold(),
    tantivy.Filter.stemmer("english"),
).analyze


class _TermOf(dict[str, str]):
    """Word as written -> its term; empty where the word is dropped. Filters look at one word at a time, so each is met once."""

    def __missing__(self, word: str) -> str:
        if len(word) >= MAX_TERM:
            return ""  # not remembered either: a word may be as long as a document
        if len(self) >= KNOWN_WORDS:
            self.clear()
        term = self[word] = "".join(_terms(word))
        return term


_term_of = _TermOf().__getitem__


def analyze(text: str) -> list[str]:
    """The terms of `text` in order, repetitions kept."""
    return list(filter(None, map(_term_of, _words(text))))
