"""Which hosts do the crawled pages link to, and how central is each?

Reads the outlinks beside the shards of corpora and writes a table of hosts: harmonic centrality
(centrality.py), registrable domains that link there, pages read. A number is evidence for people and for the authority room,
and no verdict: a farm of hosts can raise its members' centrality, but domains cost money, so both are written.

A page counts by its newest line. Links within a host are no links of the graph. Pages and links lie in SQLite beside the output
while they are counted; hosts, the links between hosts and the searches are held in memory: some 500 bytes a host, 60 a link.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.progress import Progress

MAX_LINKS = 10_000
"""Links read of one page."""
COLUMNS = ("host", "harmonic", "domains", "pages")

_LAYOUT = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -65536",
    "BEGIN",
    "CREATE TABLE hosts (number INTEGER PRIMARY KEY, name TEXT UNIQUE, pages INTEGER DEFAULT 0)",
    "CREATE TABLE pages (url BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE links (target INTEGER, source INTEGER, PRIMARY KEY (target, source)) WITHOUT ROWID",
)


@dataclass(slots=True)
class HostGraph:
    """What one run found."""

    out: Path
    pages: int = 0
    """Pages with a line of outlinks, each counted once."""
    links: int = 0
    """Links of those pages to other hosts."""
    hosts: int = 0
    """Hosts crawled or linked to."""
    edges: int = 0
    """Pairs of hosts of which one links to the other."""
    error: float = 0.0
    """Largest standard error of the centralities, in [0, 1]; 0 where they are exact."""
    set_aside: Counter[str] = field(default_factory=Counter)
    """Lines and links that could not be read, by reason."""
    seconds: float = 0.0

    def summary(self) -> str:
        """The closing lines."""
        how = f"sampled, standard error at most {self.error:.4f}" if self.error else "exact"
        lines = [
            f"{self.out}: {self.hosts:,} hosts, {self.edges:,} links between hosts, harmonic centrality {how}",
            f"{self.pages:,} pages read, {self.links:,} links to other hosts",
        ]
        if self.set_aside:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in self.set_aside.most_common())
            lines.append(f"set aside {self.set_aside.total():,} ({reasons})")
        return "\n".join([*lines, f"{self.seconds:.1f} s"])

    def as_json(self) -> dict[str, object]:
        """The same figures for ``--json``."""
        found = {name: getattr(self, name) for name in ("pages", "links", "hosts", "edges", "error")}
        return {"out": str(self.out), **found, "set_aside": dict(self.set_aside), "seconds": round(self.seconds, 3)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``stepwell crawler graph``."""
    parser.description = "Write how central each host is in the links between crawled hosts, as evidence for authority."
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS", help="corpora that were crawled")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="table to write (TSV)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if any line or link could not be read")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Run the verb; 1 where --strict finds something set aside."""
    graph = host_graph(args.corpora, args.out)
    if args.json:
        import orjson

        print(orjson.dumps(graph.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        print(graph.summary())
    return 1 if args.strict and graph.set_aside else 0


def host_graph(corpora: Sequence[Path], out: Path) -> HostGraph:
    """Write the table of hosts at `out`, atomically. Raises SourceError where there are no outlinks, or no folder to write to."""
    from crawler.graph.centrality import harmonic_centrality
    from indexer.durable import write_durably
    from indexer.progress import Progress

    files = _newest_first(corpora)
    if not out.parent.is_dir():
        raise SourceError(f"no folder {out.parent} to write to; make it, or give another file with --out")
    graph = HostGraph(out)
    scratch = out.with_name(f"{out.name}.sqlite.tmp")
    scratch.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(scratch, isolation_level=None)) as db, Progress("graph", "pages") as progress:
            for statement in _LAYOUT:
                db.execute(statement)
            _read(files, db, graph, progress)
            hosts = db.execute("SELECT name, pages FROM hosts ORDER BY number").fetchall()
            names, pages = [name for name, _ in hosts], [count for _, count in hosts]
            (graph.edges,) = db.execute("SELECT count(*) FROM links").fetchone()
            graph.hosts, edges = len(names), _edges(db, graph.edges)
            found = harmonic_centrality(len(names), edges[:, 0], edges[:, 1])
            graph.error = found.error
            table = _table(names, found.values, _linking_domains(names, db), pages, graph)
    finally:
        scratch.unlink(missing_ok=True)
    write_durably(out, table)
    graph.seconds = progress.seconds
    return graph


def _newest_first(corpora: Sequence[Path]) -> list[Path]:
    """Outlink files; between corpora the order is that of the command line, a page in both counts by the first."""
    files = []
    for corpus in corpora:
        found = sorted(corpus.glob("outlinks-*.jsonl.zst"), reverse=True)
        if not found:
            raise SourceError(f"no outlinks in {corpus}; crawl a site into it with `stepwell crawler site`")
        files += found
    return files


def _read(files: Sequence[Path], db: sqlite3.Connection, graph: HostGraph, progress: Progress) -> None:
    """Pages and links between hosts into the tables."""
    number_of = lru_cache(maxsize=100_000)(partial(_number, db))
    for page, links, share in _lines(files, graph.set_aside):
        progress.advance(share=share)
        source = _host(page, graph.set_aside)
        if not source or not _is_new(db, page):
            continue
        graph.pages += 1
        number = number_of(source)
        db.execute("UPDATE hosts SET pages = pages + 1 WHERE number = ?", (number,))
        found = Counter(host for link in links if (host := _host(link, graph.set_aside)) and host != source)
        graph.links += found.total()
        db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", [(number_of(host), number) for host in found])


def _lines(files: Sequence[Path], set_aside: Counter[str]) -> Iterator[tuple[str, list[str], float]]:
    """Page, its links and the share of the input read so far."""
    import orjson

    from crawler.papers.lines import read_lines

    total, before = sum(path.stat().st_size for path in files) or 1, 0
    for path in files:
        with path.open("rb") as file:
            for line in read_lines(file):
                try:
                    record = orjson.loads(line.data if not line.problem else b"")
                    page, links = str(record["url"]), [str(link[0]) for link in record["links"][:MAX_LINKS]]
                except (ValueError, TypeError, LookupError):
                    set_aside[line.problem or "broken line"] += 1
                    continue
                yield page, links, min(1.0, (before + file.tell()) / total)
        before += path.stat().st_size


@lru_cache(maxsize=100_000)
def _host_or_empty(url: str) -> str:
    from authority.errors import HostError
    from authority.hosts import host_of

    try:
        return host_of(url)
    except HostError:
        return ""


def _host(url: str, set_aside: Counter[str]) -> str:
    """The host of a page or link; empty and counted where there is none."""
    start = re.match(r"[^/?#]*//[^/?#]*", url)  # the cache is of hosts, not of pages
    host = _host_or_empty(start[0] if start else url)
    if not host:
        set_aside["no valid host"] += 1
    return host


def _is_new(db: sqlite3.Connection, page: str) -> bool:
    key = hashlib.blake2b(page.encode("utf-8", "replace"), digest_size=16).digest()
    return db.execute("INSERT OR IGNORE INTO pages VALUES (?)", (key,)).rowcount == 1


def _number(db: sqlite3.Connection, host: str) -> int:
    db.execute("INSERT OR IGNORE INTO hosts (name) VALUES (?)", (host,))
    (number,) = db.execute("SELECT number FROM hosts WHERE name = ?", (host,)).fetchone()
    return int(number)


def _edges(db: sqlite3.Connection, edges: int) -> NDArray[np.int64]:
    """(edges, 2): source and target, counted from 0."""
    import numpy as np

    rows = db.execute("SELECT source - 1, target - 1 FROM links")
    return np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=2 * edges).reshape(edges, 2)


def _linking_domains(names: Sequence[str], db: sqlite3.Connection) -> dict[int, int]:
    """Host number -> registrable domains other than its own that link to it; an address or a bare name stands for itself."""
    from authority.hosts import registrable_domain

    owners = [registrable_domain(name) or name for name in names]
    linking = {}
    for target, rows in groupby(db.execute("SELECT target - 1, source - 1 FROM links ORDER BY target"), itemgetter(0)):
        linking[target] = len({owners[source] for _, source in rows} - {owners[target]})
    return linking


def _table(
    names: Sequence[str], values: NDArray[np.float64], domains: dict[int, int], pages: Sequence[int], graph: HostGraph
) -> bytes:
    """The file: comments, a row of column names, hosts by falling centrality."""
    how = f"sampled, standard error at most {graph.error:.4f}" if graph.error else "exact"
    head = (
        f"# Harmonic centrality (arXiv:1308.2140) of {graph.hosts} hosts, divided by hosts - 1; {how}.\n"
        f"# {graph.pages} pages read, {graph.edges} links between hosts. domains: registrable domains that link to the host,\n"
        "# its own left out. pages: pages of the host whose links were read; 0 for a host that was only linked to.\n"
    )
    order = sorted(range(len(names)), key=lambda i: (-values[i], names[i]))
    rows = (f"{names[i]}\t{values[i]:.6f}\t{domains.get(i, 0)}\t{pages[i]}\n" for i in order)
    return (head + "\t".join(COLUMNS) + "\n" + "".join(rows)).encode()
