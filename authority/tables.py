"""Which table is in force?

The one that was asked for, else the user's, else the one that ships with Stepwell. No command writes the shipped tables.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from authority.errors import TableError
from authority.table import HEADER, Table, read_bytes

OFF = "off"
"""The choice that switches authority off."""
SHIPPED = ("shipped", "sample")
"""Names of the tables that ship with Stepwell: the list for the real web, and the one for the sample corpus."""


def shipped_path(name: str = "shipped") -> Path:
    """Where a table of SHIPPED lies."""
    return Path(str(files("authority").joinpath(f"{name}.tsv")))


def user_path() -> Path:
    """Where the user's table lies, whether or not it is there (XDG Base Directory: a relative path there is ignored)."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".config") / "stepwell" / "authority.tsv"


def table_path(choice: str | Path | None = None) -> Path:
    """The file that a choice means: a name of SHIPPED, a path, or None for the user's table, else the shipped one.

    A file in the current folder that is called like a shipped table is reached as ``./sample``.
    """
    if choice is None:
        user = user_path()
        return user if user.exists() else shipped_path()
    if isinstance(choice, str) and choice in SHIPPED:
        return shipped_path(choice)
    return Path(choice)


@lru_cache(maxsize=2)
def _parsed(data: bytes, path: Path) -> Table:
    """A server looks every so often: an unchanged file is read and compared, and not taken apart again."""
    table = Table.parse(data, path)
    if not table.entries and HEADER not in table.lines:
        raise TableError(f"authority table {path} has neither an entry nor a header; restore it, or choose off to trust nobody")
    return table


def load_table(choice: str | Path | None = None) -> Table | None:
    """The table in force; None where the choice is ``off``.

    Raises TableError where the file is missing, cannot be read, or is not a table.
    """
    if choice == OFF:
        return None
    path = table_path(choice)
    try:
        return _parsed(read_bytes(path), path)
    except FileNotFoundError:
        raise TableError(f"no authority table at {path}; give a file, {', '.join(SHIPPED)} or {OFF}") from None
    except OSError as error:
        raise TableError(f"authority table {path}: {(error.strerror or str(error)).lower()}") from None
