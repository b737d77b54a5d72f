"""What has the run seen, and what may a report cite?

A span is a stretch of one document's text, tied to that text by its SHA-256. Tools make spans when they find or open
something; the model cites their ids, ``[[s12]]``; nothing else can be cited. The texts themselves lie in the run's blobs
under the same SHA-256, so a citation can be checked long after the index has moved on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.lexicon import Usage
from agent.names import usage_of
from server.client import Fetched

NEAR = 2_000
"""Characters before a span, and behind it, by which it is seen whether sentences begin and end with it."""
CITATION = re.compile(r"\[\[([^\[\]\n]{1,200})\]\]|\\cite\{([^{}\n]{1,200})\}")
"""One citation, or what pretends to be one, ``[[s12]]`` or ``\\cite{s12}``; `names` reads it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document as the run met it: what a reader needs to judge it and to find it again."""

    doc_id: str
    title: str
    authors: tuple[str, ...]
    venue: str
    published: str
    """ISO 8601 at the known precision, empty if unknown."""
    url: str
    kind: str
    """``paper``, ``page`` or ``file``."""
    tier: str
    """Tier of the authority table, empty where the source is unlisted."""
    authority: float
    """In [0, 1]; 0 where unlisted."""
    text_sha256: str
    """SHA-256 of the document's text (UTF-8), hexadecimal; also the name of the blob that holds the text."""
    snapshot: str
    """The server's committed generation it was read from."""

    @property
    def site(self) -> str:
        """Host of the URL, empty where there is none."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Span:
    """What one citation points at."""

    id: str
    """``s`` and a number from 1, unique in the run, in the order of discovery."""
    doc_id: str
    text_sha256: str
    start: int
    """Character offset into the document's text; the span is ``[start, end)``."""
    end: int
    quote: str
    """``text[start:end]``, never empty."""


def source_of(fetched: Fetched) -> Source:
    """The source behind a fetched document."""
    document, trust = fetched.document, fetched.authority
    return Source(
        doc_id=document.id,
        title=document.title,
        authors=document.authors,
        venue=document.venue,
        published=document.published,
        url=document.url,
        kind=document.kind,
        tier=trust.tier,
        authority=trust.value,
        text_sha256=fetched.text_sha256,
        snapshot=fetched.snapshot,
    )


class Evidence:
    """Every source and span of a run so far; the same stretch of the same text always has the same id."""

    def __init__(self, text_of: Callable[[str], str | None] = lambda _: None) -> None:
        """`text_of` gives the text of a SHA-256, None where it is not at hand."""
        self._text_of = text_of
        self._around: dict[Span, tuple[str, str]] = {}
        self.sources: dict[str, Source] = {}
        self.spans: dict[str, Span] = {}
        self._by_place: dict[tuple[str, str, int, int], Span] = {}
        self._fresh_sources: list[Source] = []
        self._fresh_spans: list[Span] = []
        self._usage: tuple[int, Usage] | None = None

    def learn(self, sources: Iterable[Source], spans: Iterable[Span]) -> None:
        """Take in what the event log knows."""
        self.sources |= {source.doc_id: source for source in sources}
        for span in spans:
            self.spans[span.id] = self._by_place[span.doc_id, span.text_sha256, span.start, span.end] = span

    def fork(self) -> Evidence:
        """The same, for one call to add to: what it adds is only known here once the log has it."""
        other = Evidence(self._text_of)
        other._around = self._around
        other.sources, other.spans, other._by_place = dict(self.sources), dict(self.spans), dict(self._by_place)
        return other

    def admit(self, fetched: Fetched) -> Source:
        """Remember the document as a source."""
        source = source_of(fetched)
        if self.sources.get(source.doc_id) != source:
            self.sources[source.doc_id] = source
            self._fresh_sources.append(source)
        return source

    def span(self, fetched: Fetched, start: int, end: int) -> Span:
        """The span ``[start, end)`` of the document's text, made if it is new."""
        text = fetched.document.text
        assert 0 <= start < end <= len(text), f"[{start}, {end}) is no span of {len(text)} characters"
        place = (fetched.document.id, fetched.text_sha256, start, end)
        if place not in self._by_place:
            span = Span(f"s{len(self.spans) + 1}", *place[:2], start, end, text[start:end])
            self._by_place[place] = self.spans[span.id] = span
            self._fresh_spans.append(span)
        return self._by_place[place]

    @property
    def usage(self) -> Usage:
        """How the sources of this run write words."""
        if self._usage is None or self._usage[0] != len(self.spans):
            people = [name for source in self.sources.values() for name in (*source.authors, source.venue)]
            self._usage = len(self.spans), usage_of((span.quote for span in self.spans.values()), people)
        return self._usage[1]

    def key(self, span: Span) -> str:
        """What makes the span's source one source: its URL where it has one, else its id."""
        return self.sources[span.doc_id].url or span.doc_id

    def around(self, span: Span) -> tuple[str, str] | None:
        """Up to NEAR characters of its document's text before it, and behind it; None where the text is not at hand."""
        if span not in self._around:
            text = self._text_of(span.text_sha256)
            if text is None:
                return None
            self._around[span] = text[max(0, span.start - NEAR) : span.start], text[span.end : span.end + NEAR]
        return self._around[span]

    def drain(self) -> tuple[tuple[Source, ...], tuple[Span, ...]]:
        """What was added since the last call: the part that the event log still has to learn."""
        fresh = tuple(self._fresh_sources), tuple(self._fresh_spans)
        self._fresh_sources.clear()
        self._fresh_spans.clear()
        return fresh


def cited(text: str) -> list[str]:
    """The span ids a text cites, in order, once each: ``[[s1]]``, ``[[s1, s2]]``. Anything in double brackets counts."""
    return list(dict.fromkeys(name for match in CITATION.finditer(text) for name in names(match)))


def names(citation: re.Match[str]) -> list[str]:
    """The ids inside one citation."""
    return [name for name in re.split(r"[,;\s]+", citation[1] or citation[2]) if name]


def unresolved(text: str, evidence: Evidence) -> list[str]:
    """The cited ids that no span of the run carries."""
    return [name for name in cited(text) if name not in evidence.spans]
