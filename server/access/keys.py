"""Which keys exist, and what may each do?

A key is shown once, when it is created: ``sw_ID_SECRET``. The file keeps the SHA-256 of the secret, which is 256 random bits, so
a slow hash would add nothing. The file is one JSON object, readable by its owner alone, replaced whole under a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.durable import write_durably
from server.errors import KeyFileError

SCOPES = ("search", "fetch", "authority", "admin")
"""What a key may do: search; read documents; edit the authority table; reload, drain and see the server's state."""
FORMAT = 1
"""Version of the key file."""
MAX_FILE = 4 * 2**20
"""Bytes in a key file; some 10,000 keys."""
TOKEN = re.compile(r"sw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

_NAME = re.compile(r"[\w .@:/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without its secret."""

    id: str
    """12 hexadecimal digits, part of the token; what logs and `revoke` name."""
    name: str
    """Who or what uses it, 1 to 100 characters; a new key has one of its own."""
    sha256: str
    """Of the secret, hexadecimal."""
    scopes: tuple[str, ...]
    """Some of SCOPES, in their order."""
    created: str
    """ISO 8601, UTC."""
    per_minute: int = 0
    """Queries and documents a minute, short bursts up to the same number; 0 is no limit."""
    per_day: int = 0
    """Queries and documents a day (UTC); 0 is no limit."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise KeyFileError(f"{self.name!r} is not a key's name; use 1 to 100 letters, digits, spaces and .@:/-")
        if not self.scopes or any(scope not in SCOPES for scope in self.scopes):
            raise KeyFileError(f"unknown scope in {','.join(self.scopes) or 'an empty list'!r}; choose among {', '.join(SCOPES)}")
        if self.per_minute < 0 or self.per_day < 0:
            raise KeyFileError("a limit is a positive number, or 0 for none")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The keys in a file; every change is on disk when it returns."""

    path: Path

    def keys(self) -> dict[str, Key]:
        """Keys by id, oldest first; none if there is no file. Raises KeyFileError."""
        import orjson

        try:
            if self.path.stat().st_size > MAX_FILE:
                raise KeyFileError(f"{self.path} is larger than {MAX_FILE:,} bytes: not a key file")
            record: dict[str, Any] = orjson.loads(self.path.read_bytes())
            if record["format"] != FORMAT:
                raise KeyFileError(f"{self.path} has format {record['format']}; this release reads format {FORMAT}")
            found = [Key(**{**fields, "scopes": tuple(fields["scopes"])}) for fields in record["keys"]]
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KeyFileError(f"cannot read {self.path}: {(error.strerror or str(error)).lower()}") from None
        except (ValueError, TypeError, KeyError) as error:
            raise KeyFileError(f"{self.path} is not a key file ({error}); move it away and create the keys again") from None
        return {key.id: key for key in found}

    def usable(self) -> dict[str, Key]:
        """The same, but a server that asks for keys must have one. Raises KeyFileError."""
        keys = self.keys()
        if not keys:
            raise KeyFileError(f"{self.path} holds no key; make one with: stepwell server key create NAME --keys {self.path}")
        return keys

    def create(self, name: str, scopes: tuple[str, ...], per_minute: int = 0, per_day: int = 0) -> tuple[Key, str]:
        """A new key and its token, which is kept nowhere. Raises KeyFileError."""
        name_of, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        key = Key(name_of, name, digest(secret), scopes, datetime.now(UTC).isoformat(timespec="seconds"), per_minute, per_day)
        with self._editing() as keys:
            for other in keys.values():  # edits of the authority table are signed with names
                if other.name.strip().casefold() == name.strip().casefold():
                    raise KeyFileError(
                        f"key {other.id} is called {other.name!r} already; choose another name, or revoke it first"
                    )
            keys[key.id] = replace(key, scopes=ordered)
        return replace(key, scopes=ordered), f"sw_{name_of}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Forget a key: it opens nothing from the server's next look on. Raises KeyFileError if there is none."""
        with self._editing() as keys:
            if key_id not in keys:
                raise KeyFileError(f"no key {key_id!r} in {self.path}; list them with: stepwell server key list")
            return keys.pop(key_id)

    @contextmanager
    def _editing(self) -> Iterator[dict[str, Key]]:
        """The keys under a lock; written back whole if the block ends well."""
        import orjson

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = self.keys()
                yield keys
                record = {"format": FORMAT, "keys": [asdict(key) for key in keys.values()]}
                write_durably(self.path, orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n", mode=0o600)
            finally:
                os.close(lock)
        except OSError as error:
            raise KeyFileError(f"cannot write {self.path}: {(error.strerror or str(error)).lower()}") from None


def digest(secret: str) -> str:
    """SHA-256 of a secret, as the file keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def default_path() -> Path:
    """Where `server key` keeps keys unless told otherwise: the user's configuration folder."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "stepwell" / "keys.json"
