"""Who calls, and may this call go on?

Without a key file everybody who reaches the server may search and fetch, which is why it then listens on loopback alone; edits
and administration need a key, or the operator's word that they do not (`--open-admin`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from server.access.keys import SCOPES, TOKEN, Key, KeyFile, digest
from server.access.spent import Spent
from server.errors import Draining, Forbidden, KeyFileError, Overloaded, Unauthenticated
from server.memory import Memory

SCHEME = re.compile(r"bearer\s+", re.IGNORECASE)
"""What stands before a token; its case says nothing (RFC 7235)."""
STATE = "state"
"""What it takes to see how the server is: the scope `admin`, or that nobody has a key; its metrics tell as much."""
FORGETFUL = Memory()
NOBODY = digest("")
"""Compared with where no key has the id, so that an unknown id takes as long as a wrong secret."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    """The key's id; ``anonymous`` without keys. What the log names."""
    scopes: tuple[str, ...]
    """What they may do."""
    key: Key | None = None
    """None without keys."""


CALLER: ContextVar[Caller] = ContextVar("caller")
"""Who made the call that is being answered."""


class Door:
    """Checks tokens against one key file; `reload` picks up created and revoked keys."""

    def __init__(self, keys: Path | None = None, open_admin: bool = False, memory: Memory = FORGETFUL) -> None:
        """Raises KeyFileError if the file cannot be read or holds no key, unless `memory` knows which were in force."""
        self._file = KeyFile(keys) if keys else None
        self._memory = memory
        self.trouble = ""
        """Why the key file cannot be read; empty where it can."""
        self._keys: dict[str, Key] = {}
        if self._file:
            self._begin(self._file)
        self._spent = Spent(keys.with_name(keys.name + ".spent.sqlite")) if keys else None
        self.shut = False
        """While the server drains, nobody new is let in."""
        self._anonymous = Caller("anonymous", SCOPES if open_admin else SCOPES[:2])

    def caller(self, authorization: str | None) -> Caller:
        """Whose token this is: ``Bearer TOKEN``, or the token alone. Raises Unauthenticated, Draining."""
        if self.shut:
            raise Draining("this server takes no new calls, it is about to end; ask again")
        if self._file is None:
            return self._anonymous
        parts = TOKEN.fullmatch(SCHEME.sub("", (authorization or "").strip(), count=1))
        if parts is None:
            raise Unauthenticated("this server wants a key; send it as `authorization: Bearer sw_...`")
        key = self._keys.get(parts[1])
        if not hmac.compare_digest(digest(parts[2]), key.sha256 if key else NOBODY) or key is None:
            raise Unauthenticated(f"key {parts[1]} is unknown, revoked or mistyped")
        return Caller(key.id, key.scopes, key)

    @contextmanager
    def paid(self, caller: Caller, scope: str, cost: int = 1) -> Iterator[None]:
        """Around a call of `cost` queries or documents, as `admit`; what an overloaded server refuses costs the key nothing."""
        self.admit(caller, scope, cost)
        try:
            yield
        except Overloaded:
            if caller.key and self._spent:
                self._spent.give_back(caller.key, cost)
            raise

    def admit(self, caller: Caller, scope: str, cost: int = 1) -> None:
        """Let a call of `cost` queries or documents pass. Raises Forbidden, RateLimited."""
        self.allow(caller, scope)
        if caller.key and self._spent:
            self._spent.spend(caller.key, cost)

    def allow(self, caller: Caller, scope: str) -> None:
        """Whether they may do such a thing at all. Raises Forbidden."""
        if scope == STATE:
            scope = "admin" if caller.key else "search"
        if scope not in caller.scopes:
            if caller.key is None:
                raise Forbidden(f"this call needs a key with the scope {scope}; start the server with --keys FILE")
            raise Forbidden(f"key {caller.name} lacks the scope {scope}")

    def reload(self) -> tuple[str, ...]:
        """Read the key file again; what changed, in words. `trouble` says if it cannot be read: then the old keys stay.

        A file whose last key was revoked lets nobody in; one that is gone or cannot be read says nothing of its keys.
        """
        if self._file is None:
            return ()
        try:
            if not self._file.path.exists():
                raise KeyFileError(f"{self._file.path} is gone")
            before, self._keys = self._keys, self._file.keys()
        except KeyFileError as error:
            self.trouble = f"the {len(self._keys)} keys that were in force stay in force: {error}"
            return ()
        self.trouble = ""
        if self._keys == before:
            return ()
        self._memory.keep("keys", self._keys)
        return (f"keys {len(before)} -> {len(self._keys)}",)

    def _begin(self, file: KeyFile) -> None:
        """As the workers before this one left it; a server that begins must be able to read its keys, and have one."""
        known = self._memory.recall("keys")
        if known is None:
            self._keys = file.usable()
            self._memory.keep("keys", self._keys)
        else:
            self._keys = cast("dict[str, Key]", known)
            self.reload()

    def close(self) -> None:
        """Close what counts the use."""
        if self._spent:
            self._spent.close()
