"""Is what a table's file says now half a copy of what it said?

A copy that breaks off may still be a table: its first lines are sound, or it has nothing but comments. So where more than GONE of
the entries are gone at once, somebody has to say that this is meant: by a command that edits the table, or by
``authority history --force``. Both leave the table's version at the end of its history.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from authority.errors import EditError
from authority.history import read_history
from authority.table import Table

GONE = 0.5
"""Share of the entries; where more are gone at once without a command, somebody is asked first: it may be half a copy."""


def half_copy(before: int, table: Table, path: Path) -> str:
    """What is wrong with `table`, as the file at `path` has it, after one of `before` entries; empty where it may be taken up.

    A table that says as much about other sources is no half copy.
    """
    if len(table.entries) >= (1 - GONE) * before or _confirmed(path, table):
        return ""
    gone = before - len(table.entries)
    way_out = "restore it, or take that up with `authority history --force`"
    return f"{gone:,} of {before:,} entries of {path} are gone without a command, as in half a copy; {way_out}"


def _confirmed(path: Path, table: Table) -> bool:
    """Whether a command left it so."""
    with suppress(EditError, OSError):
        past = read_history(path.resolve())
        return bool(past) and past[-1].version_after == table.version
    return False
