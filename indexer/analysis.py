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


def _build() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(MAX_TERM),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


analyze = _build().analyze
"""``analyze(text) -> list[str]``: the terms of `text` in order, repetitions kept."""
