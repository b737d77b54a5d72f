"""How do two tables differ, and to whom is an entry owed?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from authority.entry import Entry, canonical_key
from authority.errors import EditError
from authority.history import Change, read_history
from authority.table import Table, row
from authority.tables import shipped_path


@dataclass(frozen=True, slots=True)
class Difference:
    """One key on which two tables differ."""

    key: str
    before: Entry | None
    """The first table's entry, None where it has none."""
    after: Entry | None
    """The second table's entry, None where it has none."""


def diff(first: Table, second: Table) -> tuple[Difference, ...]:
    """What turns the entries of `first` into those of `second`, sorted by key; comments and order do not count."""
    keys = sorted({entry.key for entry in (*first.entries, *second.entries)})
    pairs = (Difference(key, first.get(key), second.get(key)) for key in keys)
    return tuple(pair for pair in pairs if pair.before != pair.after)


@dataclass(frozen=True, slots=True)
class Blame:
    """Where an entry comes from."""

    entry: Entry
    number: int
    """Of the change in the history, from 1; 0 where no change made the entry what it is."""
    change: Change | None
    """That change: who, when and why."""
    origin: str
    """In words, where there is no change: shipped, or written by hand."""


def blame(table: Table, key: str) -> Blame:
    """Who made the entry of `key` what it is. Raises EditError where there is no such entry, EntryError for no key."""
    key = canonical_key(key)
    entry = table.get(key)
    if entry is None:
        raise EditError(f"no entry {key!r} in {table.path}; `authority list --match TEXT` finds what there is")
    past = read_history(table.path.resolve()) if table.path else []
    number = max((n for n, change in enumerate(past, start=1) if change.key == key), default=0)
    if number and past[number - 1].after == row(entry):
        return Blame(entry, number, past[number - 1], "")
    if number:
        return Blame(entry, 0, None, f"written into the file by hand, after change {number}")
    return Blame(entry, 0, None, _unsigned(entry, table.path))


def _unsigned(entry: Entry, path: Path | None) -> str:
    if Table.read(shipped_path()).get(entry.key) == entry:
        return "as shipped with Stepwell"
    return f"stood in {path} before its history began, or was written into it by hand"
