"""What changed in a table without a command?

A table edited by hand is as good as one edited by command: the next command that looks records each entry that changed, before
and after, as a change of an unknown author. What the table was is known from its base, a copy of it as it stood at some version,
and the history since. The base lies beside the table and is written anew wherever it cannot be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from authority.compare import diff
from authority.entry import Entry
from authority.errors import TableError
from authority.history import Change, read_history
from authority.table import Table, row

UNKNOWN = "unknown"
"""Who signs a change that nobody signed."""
WHY = "the table is not as the history left it: edited by hand, restored, or an edit was interrupted"


def base_path(table: Path) -> Path:
    """``authority.tsv`` -> ``authority.base.tsv`` in the same folder."""
    return table.with_name(f"{table.stem}.base.tsv")


def unsigned(path: Path, table: Table, past: Sequence[Change], when: str) -> list[Change]:
    """What the history of the table at `path` must say first so that its versions join up with the table; empty where they do.

    One change an entry, all with the versions around the whole of it; one without a key where what the table was is not known,
    or where only the values of tiers changed.
    """
    if not past or past[-1].version_after == table.version:
        return []
    versions = past[-1].version_after, table.version
    base = _read_base(path)
    left = left_by(past, base) if base else None
    changed = diff(left, table) if left else ()
    pairs = [(each.key, row(each.before) if each.before else "", row(each.after) if each.after else "") for each in changed]
    return [Change(when, UNKNOWN, WHY, "found", *pair, *versions) for pair in pairs or [("", "", "")]]


def left_by(past: Sequence[Change], base: Table) -> Table | None:
    """The table as the history left it, from its base; None where the base is no version of this history."""
    starts = [0] if past and past[0].version_before == base.version else []
    starts += [n for n, change in enumerate(past, start=1) if change.version_after == base.version and _ends(past, n)]
    if not starts:
        return None
    entries = {entry.key: entry for entry in base.entries}
    for change in past[starts[-1] :]:
        if change.after:
            entries[change.key] = Entry.make(*change.after.split("\t"))
        else:
            entries.pop(change.key, None)
    table = Table(entries.values())
    return table if table.version == past[-1].version_after else None


def as_left(path: Path) -> Table | None:
    """The table at `path` as its history left it, whatever stands there now; None where there is none, or no base to it.

    Raises EditError where the history cannot be read.
    """
    past = read_history(path)
    base = _read_base(path) if past else None
    return left_by(past, base) if base else None


def _read_base(table: Path) -> Table | None:
    try:
        return Table.read(base_path(table))
    except (OSError, TableError):
        return None


def _ends(past: Sequence[Change], n: int) -> bool:
    """Whether an event ends with change `n` (from 1): the changes of an import come into force together."""
    return n == len(past) or past[n].version_before == past[n - 1].version_after
