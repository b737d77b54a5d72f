"""What would a change of the table do, before it is saved?

Both tables are tried on the same pools: which queries change their top 10 and how, what happens to nDCG@10, and whom the lists
show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authority.compare import Difference, diff
from authority.edit import present, put, tagged, topics_of
from authority.entry import Entry, canonical_key
from authority.errors import EditError
from authority.table import Table
from authority.tables import SHIPPED, table_path
from indexer.index import Index
from ranker.proof.effect import gains, tops
from ranker.proof.exposure import Exposure, exposure
from ranker.proof.pool import Pools, under
from ranker.runs import Interval, interval

TRIED = "judgement:tried before it is saved:2000-01-01"
"""Evidence of an entry that exists only while it is tried."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One query whose top 10 the change would change."""

    query_id: str
    text: str
    entered: tuple[str, ...]
    """Documents that come into the top 10, best first; empty where only the order changes."""
    left: tuple[str, ...]
    """Documents that go out of it, best first."""
    ndcg: float | None
    """nDCG@10 after less before; None for a query that nobody judged."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a change would do to one query log."""

    log: str
    queries: int
    differences: tuple[Difference, ...]
    """Entries that the change adds, removes or alters."""
    versions: tuple[str, str]
    """Of the table before and after."""
    moved: tuple[Moved, ...]
    """The largest effect on nDCG first, in the order of the log where there is none."""
    change: Interval | None
    """Mean paired difference in nDCG@10 with its 95 % bootstrap interval; None without judgements."""
    before: Exposure
    """Whom the lists show under the table as it is; listed means by that table."""
    after: Exposure
    """The same under the changed table; listed means by the changed one."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the verb that makes a change is told beside its key; None where it is not said."""

    tier: str | None = None
    evidence: str | None = None
    """Where it is said, topics and note that are not are empty, as `authority set` takes it; else the entry keeps its own."""
    topics: str | None = None
    note: str | None = None
    add: str = ""
    """Topics that `tag` adds, commas between."""
    drop: str = ""
    """Topics that `tag` takes away."""


def changed_table(table: Table, change: Sequence[str], wording: Wording = Wording()) -> Table:
    """The table after a change: ``FILE``, or ``add``, ``set``, ``tag`` or ``remove KEY`` as the verbs of that name make it.

    Raises EditError where it is none of them or cannot be made, EntryError where the entry is none.
    """
    match list(change):
        case ["add" | "set" as verb, key, *said] if len(said) <= 1:
            if not (tier := said[0] if said else wording.tier):
                raise EditError(f"{verb} {key} needs a tier; give --tier")
            old = table.get(canonical_key(key))
            return table.replacing(put(_worded(key, tier, old, wording), old, new=verb == "add"))
        case ["tag", key]:
            return table.replacing(tagged(present(table, key), topics_of(wording.add), topics_of(wording.drop)))
        case ["remove", key]:
            return table.without(present(table, key).key)
        case [file] if file in SHIPPED or Path(file).is_file():
            return Table.read(table_path(file))
    raise EditError(f"{' '.join(change)!r} is no change; give a table file, or add, set, tag or remove and a KEY")


def _worded(key: str, tier: str, old: Entry | None, wording: Wording) -> Entry:
    topics, evidence, note = wording.topics, wording.evidence, wording.note
    if evidence is None:
        topics = topics if topics is not None else ",".join(old.topics) if old else ""
        note = note if note is not None else old.note if old else ""
        evidence = old.evidence if old else TRIED
    return Entry.make(key, tier, topics or "", evidence, note or "")


def attempt(pools: Pools, index: Index, table: Table, changed: Table) -> Tried:
    """Try both tables on every query."""
    listings = [under(pools, index, each) for each in (table, changed)]
    lists = [tops(pools, listing, pools.delta) for listing in listings]
    gained = gains(pools, lists[1]) - gains(pools, lists[0]) if pools.qrels else None
    moved = [
        Moved(
            pool.query_id,
            pool.text,
            tuple(d for d in after if d not in before),
            tuple(d for d in before if d not in after),
            float(gained[i]) if gained is not None else None,
        )
        for i, (pool, before, after) in enumerate(zip(pools, *lists, strict=True))
        if before != after
    ]
    return Tried(
        pools.name,
        len(pools),
        diff(table, changed),
        (table.version, changed.version),
        tuple(sorted(moved, key=lambda m: -abs(m.ndcg or 0.0))),
        interval(gained) if gained is not None else None,
        *(exposure(pools, listing, listing) for listing in listings),
    )
