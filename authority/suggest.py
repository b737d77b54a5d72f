"""Whom could a curator look at next, and what speaks for them?

Evidence that can be computed is shown, never mixed into the table: how central a site is among the links of crawled hosts, which
public registers name it, how many documents of a corpus lie there, how often papers cite a venue, and, against it, which lists of
doubtful sources name it. Each suggestion carries its evidence apart, because none is a reason by itself: links can be farmed, a
register proves existence and not quality, citations follow fashion. A curator decides, by `authority add`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from authority.entry import issn, kind_of
from authority.errors import EntryError, HostError, RegisterError
from authority.hosts import host_of, registrable_domain, user_content
from authority.policy_import import import_list
from authority.registers import READERS, Registers
from authority.table import Table

MAX_GRAPH = 2_000_000_000
"""Bytes of a table of hosts that will be read, line by line."""
DOUBTFUL = {"cred-1": Path("cred-1", "cred1_current.csv.gz"), "predatory-journals": Path("predatory-journals")}
"""Lists of doubtful sources, and where they lie in a folder of registers."""
PRIVATE = " (no public body)"
"""What follows the row of a register that says so, such as ROR's of a company: it exists, which is no reason to trust it."""

Names = Mapping[str, tuple[str, ...]]
"""Domain, ``issn:…`` or ``venue:…`` -> what is said of it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """One line of the table that `crawler graph` writes."""

    host: str
    harmonic: float
    """Harmonic centrality in [0, 1]."""
    domains: int
    """Registrable domains that link there, its own left out."""


@dataclass(frozen=True, slots=True)
class Held:
    """How much of some corpora lies on one host."""

    host: str
    documents: int


@dataclass(frozen=True, slots=True)
class Cited:
    """How papers of a corpus cite one venue."""

    key: str
    """``issn:…`` where the papers carry one, else ``venue:…``."""
    name: str
    """As printed."""
    papers: int
    """Of the venue, in the corpus."""
    citations: int
    """Of those papers, by papers of the corpus in other venues."""
    venues: int
    """Other venues that cite it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An unlisted source and what is known of it; zero and empty where nothing is."""

    key: str
    """As `authority add` takes it: a registrable domain, ``issn:…`` or ``venue:…``."""
    registers: tuple[str, ...] = ()
    """``NAME:ROW`` of each register that names the domain or the ISSN."""
    doubts: tuple[str, ...] = ()
    """What each list of doubtful sources says of it, as ``NAME: LABEL``."""
    harmonic: float = 0.0
    """The highest harmonic centrality of its hosts."""
    domains: int = 0
    """Registrable domains that link to the most linked of its hosts."""
    documents: int = 0
    """Of the corpora, on its hosts."""
    citations: int = 0
    venues: int = 0
    papers: int = 0
    name: str = ""
    suffix: str = ""
    """The suffix rule that covers it already; empty where none does."""


def suggest(
    table: Table,
    linked: Iterable[Linked] = (),
    cited: Iterable[Cited] = (),
    held: Iterable[Held] = (),
    named: Names | None = None,
    doubted: Names | None = None,
) -> tuple[Suggestion, ...]:
    """Unlisted domains and venues, those with most evidence first.

    First those that a register names as a public body, then those that most domains link to or most venues cite, then those that
    hold most documents; what a suffix rule covers comes after them, and what is doubted after all. `named` says which registers
    name a domain or an ISSN (`register_names`), `doubted` which lists of doubtful sources do (`doubts_of`). What an exact entry
    covers, what anybody may write on, and a venue of which nothing is known but its own papers are left out.
    """
    named, doubted = named or {}, doubted or {}
    found: dict[str, Suggestion] = {}
    for one in linked:
        if domain := _unlisted_domain(table, one.host):
            old = found.get(domain, Suggestion(domain))
            harmonic, domains = max(old.harmonic, one.harmonic), max(old.domains, one.domains)
            found[domain] = replace(old, harmonic=harmonic, domains=domains)
    for each in held:
        if domain := _unlisted_domain(table, each.host):
            old = found.get(domain, Suggestion(domain))
            found[domain] = replace(old, documents=old.documents + each.documents)
    for key, known in found.items():
        found[key] = replace(known, suffix=table.lookup(f"https://{key}/").key)
    for venue in cited:
        if not _listed(table, venue) and (venue.citations or venue.key in named or venue.key in doubted):
            found[venue.key] = Suggestion(
                venue.key, citations=venue.citations, venues=venue.venues, papers=venue.papers, name=venue.name
            )
    complete = (replace(s, registers=named.get(s.key, ()), doubts=doubted.get(s.key, ())) for s in found.values())
    return tuple(sorted(complete, key=_weight))


def _weight(s: Suggestion) -> tuple[bool, bool, bool, int, float, int, int, str]:
    public = any(not row.endswith(PRIVATE) for row in s.registers)
    return (bool(s.doubts), bool(s.suffix), not public, -(s.domains + s.venues), -s.harmonic, -s.citations, -s.documents, s.key)


def register_names(registers: Registers) -> Names:
    """Domain or ``issn:…`` -> ``NAME:ROW`` of every register in the folder that names it; one that is not there names nothing.

    Raises RegisterError where no register can be read at all.
    """
    names: dict[str, list[str]] = {}
    read, faults = 0, []
    for register in READERS:
        try:
            rows = registers.rows(register)
        except RegisterError as error:
            faults.append(error)
            continue
        read += 1
        for row in rows.values():
            for name in row.names:
                names.setdefault(_key(name), []).append(f"{register}:{row.id}{'' if row.public else PRIVATE}")
    if not read:
        raise faults[0]
    return {name: tuple(dict.fromkeys(rows)) for name, rows in names.items()}


def doubts_of(folder: Path) -> Names:
    """Domain or ``venue:…`` -> what the lists of doubtful sources in the folder say of it; a list that is not there says nothing.

    A list that names one host of a domain speaks of the domain, because somebody must look before it is trusted.
    """
    doubts: dict[str, list[str]] = {}
    for name, path in ((name, folder / place) for name, place in DOUBTFUL.items()):
        if path.exists():
            for rule in import_list(name, path).rules:
                kind, _, value = rule.rule.rpartition(":")
                key = rule.rule if kind == "venue" else _domain(value)
                doubts.setdefault(key, []).append(f"{name}: {rule.label}")
    return {key: tuple(dict.fromkeys(labels)) for key, labels in doubts.items() if key}


def read_graph(path: Path) -> list[Linked]:
    """The hosts of a table that `stepwell crawler graph` wrote. Raises RegisterError where it is not one."""
    try:
        if path.stat().st_size > MAX_GRAPH:
            raise RegisterError(f"{path}: larger than {MAX_GRAPH:,} bytes; give a smaller table of hosts")
        with path.open(encoding="utf-8") as file:
            lines = (line.rstrip("\n") for line in file if not line.startswith("#"))
            header = next(lines, "").split("\t")
            where = [header.index(column) for column in ("host", "harmonic", "domains")]
            fields = (line.split("\t") for line in lines if line)
            return [Linked(f[where[0]], float(f[where[1]]), int(f[where[2]])) for f in fields]
    except OSError as error:
        raise RegisterError(f"table of hosts {path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, IndexError) as error:
        raise RegisterError(f"{path} is not a table of `stepwell crawler graph`: {error}") from None


def _key(name: str) -> str:
    """As entries have it: an ISSN or a domain."""
    try:
        return f"issn:{issn(name)}"
    except EntryError:
        return name.removeprefix("www.")


def _domain(host: str) -> str:
    try:
        return registrable_domain(host_of(host))
    except HostError:
        return ""


def _unlisted_domain(table: Table, host: str) -> str:
    try:
        host = host_of(host)
    except HostError:
        return ""
    if user_content(host) or kind_of(table.lookup(host).key or ".") != "suffix":
        return ""
    return registrable_domain(host)


def _listed(table: Table, venue: Cited) -> bool:
    code = venue.key.removeprefix("issn:") if venue.key.startswith("issn:") else ""
    return bool(table.lookup("", venue.name, code).key)
