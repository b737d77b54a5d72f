"""How does a table stand before an edit, and what has nobody signed yet?

Its file may have been edited by hand since the last command, and the file which that command replaced may have been saved while
the command was saving. Both are taken up, and the history says so before it says anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authority.by_hand import UNKNOWN, base_path, unsigned
from authority.compare import diff
from authority.entry import Entry
from authority.errors import EditError, TableError
from authority.half import GONE, half_copy
from authority.history import Change, read_history
from authority.last_good import last_good
from authority.saving import merged, rebase, replaced_path, saved_late, settled
from authority.table import Table, read_bytes, row
from authority.tables import shipped_path

MAINTAINERS = "Stepwell maintainers"
"""Who signs what the shipped table says."""
CONFIRMED = "most of what a server had in force is gone, and somebody said that this is meant"
LATE = "saved by hand while a command was saving"


@dataclass(frozen=True, slots=True)
class Standing:
    """A table as it stands under the lock."""

    read: bytes
    """What its file holds; the shipped table's, where there is no file yet."""
    table: Table
    """The table to change: that of the file, and what somebody saved while the last edit was saving."""
    first: list[Change]
    """What the history must say first for its versions to join up."""
    late: bool
    """Whether the table is more than its file says."""


def as_it_stands(path: Path, *, force: bool = False) -> Standing:
    """The table of a file that need not be there yet.

    Raises TableError where it is not valid, EditError where more than GONE of its entries are gone and nobody said `force`.
    """
    if not path.exists():
        read = read_bytes(shipped_path())
        table, why = Table.parse(read), "first edit: copied from the shipped table"
        return Standing(read, table, [Change(now_utc(), MAINTAINERS, why, "created", "", "", "", "", table.version)], late=False)
    past = read_history(path)
    read, table = _read(path, past[-1].version_after if past else "")
    found = unsigned(path, table, past, now_utc())
    was = None if past else last_good(path)
    if wrong := half_copy(len(was.entries) if was else _before(table, found), table, path):
        if not force:
            raise EditError(wrong)
        found = found or [Change(now_utc(), UNKNOWN, CONFIRMED, "found", "", "", "", was.version if was else "", table.version)]
    if saved_late(path) and (late := _with_late_save(path, table)):
        return Standing(read, late[0], [*found, *late[1]], late=True)
    if not base_path(path).exists() or any(not change.key for change in found):
        replaced_path(path).unlink(missing_ok=True)  # nothing tells any more what it was
        rebase(path, read)
    return Standing(read, table, found, late=False)


def now_utc() -> str:
    """ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def row_of(entry: Entry | None) -> str:
    """The line of an entry, empty where there is none."""
    return row(entry) if entry else ""


def _read(path: Path, known: str) -> tuple[bytes, Table]:
    """The file and the table in it; where that is not of the `known` version, once nobody is writing it any more."""
    try:
        read = read_bytes(path)
        table = Table.parse(read, path)
    except TableError:
        table = None
    if table is None or known not in ("", table.version):
        read = settled(path)
        table = Table.parse(read, path)
    return read, table


def _before(table: Table, found: list[Change]) -> int:
    """Entries of the table before what was found in it."""
    return len(table.entries) + sum(bool(change.before) - bool(change.after) for change in found)


def _with_late_save(path: Path, table: Table) -> tuple[Table, list[Change]] | None:
    """The table with what was saved into the file that the last edit replaced, and what the history says of it; None where
    that file was only emptied so far."""
    kept = replaced_path(path)
    try:
        if not (content := settled(kept, empty=True)):
            return None
        was, theirs = Table.read(base_path(path)), Table.parse(content, kept)
        if len(theirs.entries) < GONE * len(was.entries):
            raise TableError(f"{len(theirs.entries):,} entries where there were {len(was.entries):,}")
    except TableError as error:
        aside = next(p for n in range(1, 10_000) if not (p := path.with_name(f"{path.stem}.aside{n}.tsv")).exists())
        kept.replace(aside)
        why = f"{LATE}, and not taken up; it lies in {aside.name}: {str(error).replace(kept.name, aside.name)}"
        return table, [Change(now_utc(), UNKNOWN, why, "found", "", "", "", table.version, table.version)]
    whole, when = merged(was, theirs, table), now_utc()
    versions, changed = (table.version, whole.version), diff(table, whole)
    return whole, [
        Change(when, UNKNOWN, LATE, "found", each.key, row_of(each.before), row_of(each.after), *versions) for each in changed
    ]
