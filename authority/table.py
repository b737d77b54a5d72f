"""Which sources are trusted, and how much is this one?

A table is a text file of entries, one a line, tab-separated: key, tier, topics, evidence, note. Lines that are empty or
begin with ``#`` and the header line are kept where they are. `lookup` answers by the most exact entry there is: a work's
ISSN, then its venue, then the page's host, then its registrable domain, then the longest suffix rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from authority.entry import Entry, issn, venue_name
from authority.errors import EntryError, HostError, TableError
from authority.hosts import host_of, is_ip, registrable_domain, user_content
from authority.tiers import TIERS

__all__ = ["UNLISTED", "Entry", "Match", "Table", "candidate_keys"]

HEADER = "key\ttier\ttopics\tevidence\tnote"
MAX_TABLE = 64_000_000
"""Bytes of a table file that will be read; a million entries of usual length."""
CACHE = 65_536
"""Sites, and works, whose match one table keeps in memory; and lines of tables whose entry is."""
CACHED_KEY = 2_000
"""Characters of an address or of a venue's name; longer addresses are looked up without the cache, longer venues never."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a table says of one source."""

    value: float
    """Authority in [0, 1]; 0 where the source is unlisted."""
    tier: str
    """Name of the tier; empty where unlisted."""
    key: str
    """The key that matched; empty where unlisted."""


UNLISTED = Match(0.0, "", "")
"""The source is unknown, which is no judgement on it."""


class Table:
    """An immutable table in force. Raises TableError where two entries have the same key."""

    def __init__(self, lines: Iterable[Entry | str], path: Path | None = None) -> None:
        self.path = path
        """The file it was read from; None for one made in memory."""
        self.lines: tuple[Entry | str, ...] = tuple(lines)
        """Entries, and between them comments, empty lines and the header as they were written."""
        self.entries: tuple[Entry, ...] = tuple(line for line in self.lines if isinstance(line, Entry))
        self._by_key = {entry.key: entry for entry in self.entries}
        if len(self._by_key) < len(self.entries):
            keys = [entry.key for entry in self.entries]
            raise TableError(f"key {next(k for k in keys if keys.count(k) > 1)!r} is there twice; keep one")
        self._matches = {entry.key: Match(entry.value, entry.tier, entry.key) for entry in self.entries}
        self._works = any(entry.kind in ("venue", "issn") for entry in self.entries)
        self._of_site = lru_cache(maxsize=CACHE)(self._find_page)
        self._of_work = lru_cache(maxsize=CACHE)(self._find_work)

    @classmethod
    def read(cls, path: Path) -> Table:
        """Raises TableError naming file, line and remedy where the file is not a table; OSError where it cannot be read."""
        return cls.parse(read_bytes(path), path)

    @classmethod
    def parse(cls, data: bytes, path: Path | None = None) -> Table:
        """From a file's bytes, UTF-8. Raises TableError naming file:line of the first fault."""
        lines = []
        for line in read_lines(data, str(path or "table")):
            if isinstance(line, TableError):
                raise line
            lines.append(line)
        return cls(lines, path)

    def serialise(self) -> bytes:
        """The file's bytes; `parse` gives an equal table."""
        return b"".join(f"{row(line) if isinstance(line, Entry) else line}\n".encode() for line in self.lines)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits over the entries and the values of their tiers; comments and order do not matter."""
        canonical = sorted(f"{row(entry)}\t{entry.value!r}" for entry in self.entries)
        return hashlib.sha256("\n".join(canonical).encode()).hexdigest()[:12]

    def __reduce__(self) -> tuple[type[Table], tuple[object, ...]]:
        """Pickled without what was looked up."""
        return Table, (self.lines, self.path)

    def get(self, key: str) -> Entry | None:
        """The entry of a canonical key, None where there is none."""
        return self._by_key.get(key)

    def lookup(self, url: str, venue: str = "", issn: str = "") -> Match:
        """The most exact match for a page and, for a paper, its venue and ISSN; UNLISTED where there is none.

        Give `venue` and `issn` for papers only, from a source that curates them: a web page may call itself anything.
        Never raises: what is not an address, a venue or an ISSN is unlisted.
        """
        if (venue or issn) and self._works and len(venue) + len(issn) <= CACHED_KEY:
            match = self._of_work(venue, issn)
            if match is not UNLISTED:
                return match
        # The part that names the host is the same for all pages of a site, so the cache holds sites, not pages.
        parts = url.split("/", 3)
        site = f"{parts[0]}//{parts[2]}" if len(parts) > 2 and parts[2] and not parts[1] else url
        return self._of_site(site) if len(site) <= CACHED_KEY else self._find_page(site)

    def _find_page(self, url: str) -> Match:
        try:
            host = host_of(url)
        except HostError:
            return UNLISTED
        return next((self._matches[key] for key in candidate_keys(host) if key in self._matches), UNLISTED)

    def _find_work(self, venue: str, code: str) -> Match:
        try:
            by_issn = self._matches.get(f"issn:{issn(code)}") if code else None
        except EntryError:
            by_issn = None
        return by_issn or self._matches.get(f"venue:{venue_name(venue)}", UNLISTED)

    def replacing(self, *entries: Entry) -> Table:
        """With each of `entries` in the place of the one with its key, else at the end; of two with one key the last counts."""
        new = {entry.key: entry for entry in entries}
        lines = [new.pop(line.key, line) if isinstance(line, Entry) else line for line in self.lines]
        return Table([*lines, *new.values()], self.path)

    def without(self, key: str) -> Table:
        """With the entry of this canonical key taken out; KeyError where there is none."""
        if key not in self._by_key:
            raise KeyError(key)
        return Table([line for line in self.lines if not (isinstance(line, Entry) and line.key == key)], self.path)


def candidate_keys(host: str) -> Iterator[str]:
    """The keys that could trust a host from `host_of`, most exact first.

    Pages on a host of user content get their own host's entry, or that of a domain registered below it, and nothing more.
    """
    yield f"host:{host}"
    if is_ip(host):
        return
    domain, shared = registrable_domain(host), user_content(host)
    if domain and (not shared or domain.endswith(f".{shared}")):
        yield domain
    if shared:
        return
    name = host
    while name:
        yield f".{name}"
        name = name.partition(".")[2]


def row(entry: Entry) -> str:
    """One line of the file, without its end."""
    return "\t".join((entry.key, entry.tier, ",".join(entry.topics), entry.evidence, entry.note))


def read_bytes(path: Path) -> bytes:
    """A table file's bytes. Raises TableError where it has none or more than MAX_TABLE, OSError where it cannot be read."""
    with path.open("rb") as file:
        data = file.read(MAX_TABLE + 1)
    if not data:  # what a copy leaves behind when the disk is full, and some editors for a moment
        raise TableError(f"authority table {path} is empty, even of its header; restore it, or choose off to trust nobody")
    if len(data) > MAX_TABLE:
        raise TableError(f"{path}: larger than {MAX_TABLE:,} bytes, which no table should be; choose another file")
    return data


def read_lines(data: bytes, name: str) -> Iterator[Entry | str | TableError]:
    """Each line of a file: an entry, what is kept as it stands, or what is wrong with it (`name` begins the message)."""
    seen: dict[str, int] = {}
    header_may_come = True
    raw_lines = data.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n") if data else []
    for number, raw in enumerate(raw_lines, start=1):
        line = raw.removesuffix(b"\r").decode(errors="surrogateescape")
        if not line.isascii() and any("\udc80" <= c <= "\udcff" for c in line):
            yield TableError(f"{name}:{number}: not UTF-8; save the file as UTF-8")
        elif not line.strip() or line.startswith("#") or (header_may_come and line == HEADER):
            header_may_come &= line != HEADER
            yield line
        else:
            header_may_come = False
            yield _entry(line, seen, name, number)


@lru_cache(maxsize=CACHE)
def _made(line: str) -> Entry:
    """A table that is read again differs from itself in a line or two."""
    return Entry.make(*line.split("\t"))


def _entry(line: str, seen: dict[str, int], name: str, number: int) -> Entry | TableError:
    fields = line.split("\t")
    if not 4 <= len(fields) <= 5:
        columns = "the columns are key, tier, topics, evidence, note, separated by tabs"
        return TableError(f"{name}:{number}: {len(fields)} fields where 5 are expected; {columns}")
    try:
        entry = _made(line)
    except EntryError as error:
        return TableError(f"{name}:{number}: {error}")
    if (first := seen.setdefault(entry.key, number)) != number:
        return TableError(f"{name}:{number}: key {entry.key!r} stands already on line {first}; keep one of them")
    return entry


assert all(0.0 < value <= 1.0 for value in TIERS.values()), "a tier is worth something, and 1 at the most"
