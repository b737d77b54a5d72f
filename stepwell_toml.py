"""What does stepwell.toml say to one room?

One file, one table a room. It is read from the place that `--config` names, else from the working folder; where there is none,
every room has its defaults. What stands in a table wins over the defaults, and the command line over the table. A leaf: any
room may import it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

FILE = "stepwell.toml"
MAX_FILE = 2**20
"""Bytes."""
HUGE = 10**300
"""Above that no whole number stands for a fraction."""
ROOMS = ("crawler", "indexer", "authority", "ranker", "server", "agent")
"""Tables that the file may have."""


class SettingsError(Exception):
    """Raised before any work begins; the message names the file, the table and the key."""

    exit_code = 2


def settings_file(named: Path | None = None) -> Path | None:
    """The file to read: the one that was named, else the working folder's; None where there is none. Raises SettingsError."""
    if named and not named.is_file():
        raise SettingsError(f"there is no settings file {named}")
    where = named or Path(FILE)
    return where if where.is_file() else None


def table_of(room: str, file: Path | None) -> object:
    """The room's table as it stands, empty where the file has none; `known` checks it. Raises SettingsError."""
    if file is None:
        return {}
    try:
        if file.stat().st_size > MAX_FILE:
            raise SettingsError(f"{file} is over {MAX_FILE:,} bytes")
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {(error.strerror or str(error)).lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML in UTF-8: {error}; mend that place") from None
    for name in tables:
        if name not in ROOMS:
            raise SettingsError(f"{file} has a table [{name}] that no room reads{_nearest(name, ROOMS)}")
    return tables.get(room, {})


def known(entry: object, kinds: Mapping[str, type], where: str) -> dict[str, Any]:
    """A table of known keys; a whole number stands for a fraction where one is meant.

    Raises SettingsError on what is no table, an unknown key or a wrong type; `where` begins the message.
    """
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} must be a table")
    read: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in kinds:
            raise SettingsError(f"{where} has no key {key!r}{_nearest(key, kinds)}")
        wanted = kinds[key]
        if wanted is float and type(value) is int and abs(value) < HUGE:
            read[key] = float(value)
        elif wanted is float and type(value) is float and not isfinite(value):
            raise SettingsError(f"{where} {key} {value!r} must be a finite number")
        elif type(value) is not wanted:
            raise SettingsError(f"{where} {key} {value!r} must be of type {wanted.__name__}")
        else:
            read[key] = value
    return read


def _nearest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, else all there are."""
    near = get_close_matches(name, known, n=1)
    return f"; the nearest is {near[0]}" if near else f"; it takes {', '.join(known)}"
