"""Which part of the web does one crawl cover?"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.web.frontier import host_key


@dataclass(frozen=True, slots=True)
class Scope:
    """Some hosts, or one path of theirs."""

    hosts: frozenset[str]
    """`host` or `host:port`; http and https on their default ports are one site."""
    under: str = "/"
    """Path that every page must lie under."""
    max_depth: int | None = None
    """Links between a start and a page; None: no bound."""
    collection: str = ""
    """Of the documents; empty: the page's host."""

    def contains(self, url: str) -> bool:
        """True for pages of these hosts under the path."""
        try:
            if host_key(url) not in self.hosts:
                return False
        except ValueError:  # a port that is no number
            return False
        path, under = urlsplit(url).path or "/", self.under.rstrip("/")
        return path == under or path.startswith(under + "/")

    def collection_of(self, url: str) -> str:
        """The collection of one page's document."""
        return self.collection or urlsplit(url).hostname or ""
