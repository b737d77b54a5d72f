"""How far may a crawl go, and what became of every page it asked for?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from indexer.corpus import Counts


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the web that one crawl covers."""

    start: str
    """Where the crawl begins; its host and port bound it."""
    under: str = "/"
    """Path that every page must lie under."""
    max_pages: int = 10_000
    """URLs that are taken up, answered or not, refused by robots.txt or not; redirect hops come on top."""
    max_depth: int | None = None
    """Links between the start and a page; None: no bound."""
    collection: str = ""
    """Of the documents."""

    def contains(self, url: str) -> bool:
        """True for pages of the site; http and https on their default ports are one site."""
        path, under = urlsplit(url).path or "/", self.under.rstrip("/")
        return site_of(url) == site_of(self.start) and (path == under or path.startswith(under + "/"))


def site_of(url: str) -> tuple[str, int | None]:
    """Host and port; None for the default port of either scheme."""
    parts = urlsplit(url)
    return parts.hostname or "", None if parts.port in (80, 443) else parts.port


@dataclass(slots=True)
class Tally:
    """What became of the pages that are neither documents nor set aside, and how the start went."""

    fetched: int = 0
    """Pages that came, whatever was done with them."""
    noindex: int = 0
    """Pages that ask not to be kept."""
    duplicates: int = 0
    """Pages that name another, kept page as their canonical one."""
    known: int = 0
    """Redirects to a page that was asked for anyway."""
    refused_by_robots: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Links and answers that are no pages, by media type or file ending."""
    stopped: bool = False
    """True where links were left because max_pages was reached."""
    start_failure: str = ""
    """Why the start URL could not be fetched; empty where it could."""
    corpus_failure: Exception | None = None
    """What kept the corpus from being written; ends the crawl."""

    def as_json(self, counts: Counts) -> dict[str, int | bool | dict[str, int]]:
        """The summary of a crawl, for --json."""
        return {
            "fetched": self.fetched,
            "kept": counts.added + counts.changed,
            "unchanged": counts.unchanged,
            "set_aside": dict(counts.set_aside),
            "skipped": dict(self.skipped),
            "refused_by_robots": self.refused_by_robots,
            "noindex": self.noindex,
            "duplicates": self.duplicates,
            "redirects_to_known": self.known,
            "stopped_at_max_pages": self.stopped,
        }

    def as_lines(self, counts: Counts) -> Iterator[str]:
        """The summary of a crawl, for people; the last five lines only where there is something to say."""
        kept = counts.added + counts.changed
        yield _line("fetched", self.fetched, "stopped at --max-pages, links are left" if self.stopped else "")
        yield _line("kept", kept, f"{counts.added:,} new, {counts.changed:,} changed" if kept else "")
        yield _line("unchanged", counts.unchanged)
        yield _line("set aside", counts.set_aside.total(), _by_reason(counts.set_aside))
        for label, count, detail in (
            ("skipped", self.skipped.total(), _by_reason(self.skipped)),
            ("refused by robots", self.refused_by_robots, ""),
            ("ask not to be kept", self.noindex, ""),
            ("copies", self.duplicates, "of a page that was kept under its canonical URL"),
            ("redirects", self.known, "to a page that was asked for anyway"),
        ):
            if count:
                yield _line(label, count, detail)


def _line(label: str, count: int, detail: str = "") -> str:
    return f"{label:<20}{count:>8,}  {detail}".rstrip()


def _by_reason(counter: Counter[str]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in counter.most_common())
