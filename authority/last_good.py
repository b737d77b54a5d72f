"""What did a table say when it could last be read?

Its history knows, where it has one: the copy it starts from and every change since, those by hand among them. Where no command
ever edited the table, a server keeps a copy beside it, of what it last had in force.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from authority.by_hand import as_left
from authority.errors import EditError, TableError
from authority.history import history_path
from authority.table import Table
from authority.tables import shipped_path


def copy_path(table: Path) -> Path:
    """``authority.tsv`` -> ``authority.good.tsv`` in the same folder."""
    return table.with_name(f"{table.stem}.good.tsv")


def last_good(path: Path) -> Table | None:
    """The table at `path` as it was; None where that is not known."""
    path = path.resolve()
    with suppress(EditError, OSError):
        if (left := as_left(path)) is not None:
            return left
    with suppress(TableError, OSError):
        return Table.read(copy_path(path))
    return None


def needed(path: Path) -> bool:
    """Whether only a copy could tell: the table has no history, and does not ship with Stepwell."""
    return path.parent != shipped_path().parent.resolve() and not history_path(path).exists()


def may_keep(path: Path) -> bool:
    """Whether a copy may be put beside a table, or none is needed."""
    path = path.resolve()
    return not needed(path) or os.access(path.parent, os.W_OK | os.X_OK)


def keep_copy(table: Table) -> None:
    """Put a copy of a table that is in force beside its file, whole or not at all, where one is needed and may be put there."""
    if table.path is None or not needed(path := table.path.resolve()):
        return
    copy, content = copy_path(path), table.serialise()
    half = copy.with_name(f".{copy.name}.{os.getpid()}.tmp")  # workers may write it at once
    with suppress(OSError):  # the doctor says so
        if copy.exists() and copy.read_bytes() == content:
            return
        try:
            with half.open("wb") as file:
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(copy)
        finally:
            half.unlink(missing_ok=True)
