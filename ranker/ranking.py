"""What is an answer?

A Ranking is one query's ordered hits with everything needed to explain and to reproduce it; a Failure is one query's reason
for having none. The order of hits is total: score, then relevance, then document id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.document import Document

DELTA = 0.2
"""The most that full authority may ever add, in log-odds: the bound of every near tie, whoever asks for a wider one.

Where two judged documents differ by less, the higher one is the better one only 53-58 % of the time. What is in force is the
calibration's `delta`, chosen by evidence, or what whoever opens the index sets.
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The score as a sum, in log-odds.

    ``score = bias + lexical + title + dense + fused + feedback + cross + impact + recency + authority``
    """

    bias: float
    """b0 of the calibration."""
    lexical: float
    """Weight times bm25 / (best_bm25 + max_bm25 / 10)."""
    dense: float
    """Weight times cosine; 0 where the feature set has no dense part."""
    authority: float
    """delta * authority value; 0 where authority is off or the source unlisted."""
    bm25: float
    """Exact BM25 of the best passage, with the statistics of the searched segments."""
    max_bm25: float
    """The query's theoretical maximum: sum over its terms of weight * (k1 + 1)."""
    cosine: float
    """Cosine of query and best passage, in [-1, 1]; 0 where there is no dense part."""
    title: float = 0.0
    """Weight times title_bm25 / (best_bm25 + max_bm25 / 2); 0 where the feature set has no title part."""
    fused: float = 0.0
    """What the other queries of a fused group add to that of the best one, of which the other terms speak; 0 otherwise."""
    title_bm25: float = 0.0
    """Exact BM25 of the document's title as a text of its own."""
    best_bm25: float = 0.0
    """The highest BM25 of any passage in the searched collections, whatever the filters."""
    cross: float = 0.0
    """What reading it together with the query changed, by a cross-encoder; 0 where it was not read."""
    impact: float = 0.0
    """What its citations add; 0 where the query does not ask for it or their number is unknown."""
    feedback: float = 0.0
    """What the words of the first documents change; 0 where the query does not ask for it."""
    recency: float = 0.0
    """What its date adds; 0 where the query does not ask for it or the date is unknown."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the authority table says of a source."""

    value: float
    """Authority in [0, 1]; 0 where the source is unlisted."""
    tier: str
    """Name of the tier, empty where unlisted."""
    key: str
    """The table's entry that matched (host, registrable domain or suffix), empty where unlisted."""
    rule: str = ""
    """What the request made of it: ``boost who.int`` by its overlay, ``medicine: health x 1`` by its profile; else empty."""
    mark: str = ""
    """Label that a loaded policy puts on the source, such as ``preprint, not peer-reviewed``; it moves nothing. Else empty."""


@dataclass(frozen=True, slots=True)
class PassageHit:
    """One passage of a hit, cut from the document's immutable text."""

    text: str
    start: int
    """Character offset into Document.text; ``text == Document.text[start:end]``."""
    end: int
    highlights: tuple[tuple[int, int], ...] = ()
    """Spans of query terms as offsets into this passage's ``text``, ascending, not overlapping."""
    section: str = ""
    """Heading of the innermost section that the passage begins in; empty where the document has none."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document in a ranking."""

    rank: int
    """From 1."""
    doc_id: str
    title: str
    url: str
    kind: str
    authors: tuple[str, ...]
    venue: str
    published: str
    score: float
    """relevance + authority, in log-odds; higher is better."""
    relevance: float
    """Calibrated log-odds that the document is relevant, authority left out."""
    authority: Trust
    terms: Terms
    passages: tuple[PassageHit, ...]
    moved: int
    """Places gained (positive) or lost by authority, against the same ranking with authority off."""
    exact_match: str = ""
    """The name by which the query asked for it (``doi:10.1000/x``, ``title:…``): it comes first by policy, not by score."""
    wording: int = 0
    """Which query of a fused group the document answers best: its place among the wordings, each once, as `Ranking.query` lists
    them; 0 for a single query."""
    text_sha256: str = ""
    """SHA-256 of the document's text in UTF-8, hexadecimal: what the passages' offsets are tied to."""
    diversified: int = 0
    """Places gained (positive) or lost by the stages after ranking, against the settled order."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to one query."""

    query: str
    hits: tuple[Hit, ...]
    snapshot: str
    """Which committed generation answered, ``number-hash``."""
    authority_version: str
    """Hash of the authority table that ranked it, with ``+name.hash`` for a profile and an overlay; ``off`` where none did."""
    encoder: str
    """Name of the encoder; empty where the feature set has no dense part."""
    calibration: str
    """Name and hash of the calibration that turned features into log-odds."""
    coverage: tuple[str, ...]
    """What was degraded, in words a caller can show; empty where nothing was."""
    took_ms: float
    """Wall time of the batch this query was part of, in milliseconds."""
    stages: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """Where that time went: ``(stage, milliseconds)`` of encode, lexical, dense, features and rank, in their order."""
    delta: float = 0.0
    """What full authority added, in log-odds, 0 to DELTA: the width of a near tie in this ranking."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one query of a batch has no ranking; the others of the batch are not affected."""

    query: str
    code: str
    """``INVALID_ARGUMENT``, ``DEADLINE_EXCEEDED``, ``NOT_FOUND``, ``RESOURCE_EXHAUSTED``, ``INTERNAL``."""
    message: str


Outcome = Ranking | Failure


@dataclass(frozen=True, slots=True)
class Fetched:
    """One whole document, tied to what it was read from."""

    document: Document
    authority: Trust
    text_sha256: str
    """SHA-256 of ``document.text`` in UTF-8, hexadecimal: what a citation is tied to."""
    snapshot: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is being served."""

    snapshot: str
    authority_version: str
    encoder: str
    calibration: str
    documents: int
    passages: int
