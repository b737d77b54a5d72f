"""What is a crawl still to ask for, and what became of the rest?

The frontier is the queue, the duplicate filter and the record of a crawl in one. frontier_sqlite.py keeps it in a file, for
one process; frontier_redis.py on a Redis server, for several machines. A page is **ended** in one step: its outcome, the
links it leads to and what it writes to the corpus become durable together, so that a killed crawl asks again only for what was in
flight. What is to be written stays in the frontier until the corpus has committed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

Kind = Literal["page", "sitemap", "feed"]

KEPT = "kept"
UNCHANGED = "unchanged"
"""Asked again, and the same document as before (also: HTTP 304)."""
ASIDE = "set aside"
SKIPPED = "skipped"
"""Never a page: by its ending, its media type, or because it is a trap."""
ROBOTS = "refused by robots"
NOINDEX = "asks not to be kept"
COPY = "copy"
"""Names another, kept page as its canonical one."""
KNOWN = "redirect to a known page"
GONE = "gone"
"""Was kept before, and its site has withdrawn it."""
LISTED = "listed pages"
"""A sitemap or feed that was read."""
MOVED = "moved"
"""A hop of a redirect; the page it led to has the outcome."""
WAITING = "waiting"
"""Has a document under the name of another page, which has not ended yet."""

FETCHED = (KEPT, UNCHANGED, NOINDEX, COPY, LISTED, WAITING)
"""Outcomes of pages that came whole; SKIPPED and ASIDE are some of each."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one host may be asked for in one crawl; the rest stays in the queue."""

    pages: int = 10_000
    """URLs, answered or not."""
    bytes: int = 10 * 1024**3
    """Bytes of answers, as they came over the wire."""
    at_once: int = 1
    """Requests at a time."""


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that a page, a list or a person named."""

    key: str
    """The canonical URL: two links with one key are one page."""
    url: str
    """As it was written, made absolute; this is what is asked for."""
    depth: int = 0
    """Links from the start."""
    kind: Kind = "page"
    front: bool = False
    """Before all others of its host."""
    skip: str = ""
    """Why it is not asked for; empty where it is."""
    changed: float = 0.0
    """When its list says that it changed last, in seconds of the epoch; 0: it does not say."""


@dataclass(frozen=True, slots=True)
class Task:
    """One URL to ask for."""

    key: str
    url: str
    depth: int = 0
    kind: Kind = "page"
    etag: str = ""
    """Entity tag of the version that was kept; empty if none."""
    modified: str = ""
    """Its Last-Modified; empty if none."""
    document: str = ""
    """Id of the document that it gave earlier; empty if none."""
    asked: int = 0
    """How often this crawl was told that it does not exist."""

    @property
    def host(self) -> str:
        """The host and port that serve it."""
        return host_key(self.url)


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one URL, and everything that follows from it."""

    outcome: str
    reason: str = ""
    """Why, in a phrase that can be counted; only for ASIDE, SKIPPED and ROBOTS."""
    excerpt: str = ""
    """What it looked like; for the list of rejects."""
    size: int = 0
    """Bytes of the answer."""
    document: bytes = b""
    """The document's JSON, where there is one."""
    doc_id: str = ""
    canonical: str = ""
    """Key of the page under whose name the document goes; empty: its own."""
    digest: bytes = b""
    """Of the document's JSON."""
    etag: str = ""
    modified: str = ""
    links: Sequence[Link] = ()
    outlinks: bytes = b""
    """A line for the host graph."""
    transient: bool = False
    """True where a later crawl may have more luck: a time-out, a 5xx."""


@dataclass(frozen=True, slots=True)
class Write:
    """One thing that the corpus is to be told."""

    what: Literal["document", "reject", "delete", "outlinks"]
    where: str
    """The page's URL, or the id of the document to delete."""
    body: bytes = b""
    """JSON of the document, the outlinks' line, or the excerpt of a reject."""
    reason: str = ""
    """Of a reject."""


@dataclass(frozen=True, slots=True)
class HostState:
    """One host's part of a crawl."""

    host: str
    tier: float
    """Authority in [0, 1]; hosts of a higher tier are served first."""
    asked: int
    bytes: int
    queued: int
    kept: int
    aside: int
    spent: bool
    """True where its budget is used up and links are left."""


@dataclass(slots=True)
class Census:
    """A crawl in figures."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    """Outcome -> reason -> URLs."""
    queued: int = 0
    bytes: int = 0
    began: float = 0.0
    finished: float = 0.0
    """Seconds of the epoch; 0 while there is something left to do."""
    hosts: list[HostState] = field(default_factory=list)
    """The longest queues first."""


class Frontier(Protocol):
    """What a crawl needs of its frontier; see crawler.web.frontier_sqlite for what each step promises."""

    commit_seconds: float
    """What has ended is told to the corpus after so many seconds at most."""

    @property
    def queued(self) -> int:
        """URLs that wait, those in flight included."""
        ...

    def knows(self, key: str) -> bool:
        """True if this URL is queued or has ended."""
        ...

    def add(self, links: Iterable[Link]) -> None:
        """Queue what is not known yet."""
        ...

    def claim(self, link: Link) -> bool:
        """Take a redirect's target; False if it is known, and will come or came by itself."""
        ...

    def take(self) -> Task | None:
        """The next URL to ask for, of a host that is not busy; None if there is none now."""
        ...

    def waits(self) -> bool:
        """True if `take` would give something now."""
        ...

    def end(self, task: Task, hops: Sequence[str], ending: Ending) -> list[Write]:
        """The task is done, by way of redirects to `hops` (keys, in order); gives what is to be written."""
        ...

    def pending(self) -> list[Write]:
        """What a killed crawl had not committed."""
        ...

    def committed(self) -> None:
        """The corpus has everything that `end` and `pending` gave."""
        ...

    def finish(self) -> list[Write]:
        """Nothing is left to ask for; gives what waited for pages that did not come."""
        ...

    def census(self) -> Census:
        """The crawl so far."""
        ...

    def close(self) -> None:
        """Let go of the file or the connection."""
        ...


def host_key(url: str) -> str:
    """`host` or `host:port`; without the port where it is the default one of either scheme."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"
