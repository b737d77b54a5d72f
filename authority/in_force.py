"""What do table, profiles and policies say, also while one of them cannot be read?

Somebody saves half a table, or a copy of it is torn. Whoever judges by it goes on with what it said when it could last be read,
and says so. So it does where most of a table is gone at once. A process that has just begun asks what those before it remember
and, of the table, its history and last good copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from authority.errors import AuthorityError
from authority.half import half_copy
from authority.last_good import keep_copy, last_good
from authority.policy import Policy, load_policy
from authority.profiles import Profile, load_profiles
from authority.table import Table
from authority.tables import OFF, load_table, table_path

T = TypeVar("T")


class Memory(Protocol):
    """Outlives the process that reads the files."""

    def recall(self, name: str) -> object | None:
        """What was kept under this name; None where nothing was."""

    def keep(self, name: str, value: object) -> None:
        """Keep it in place of what was there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is in force."""

    table: Table | None
    """None where authority is off."""
    profiles: Mapping[str, Profile]
    """By name."""
    policy: Policy
    troubles: tuple[str, ...]
    """What cannot be read and stays as it was, in words."""


class InForce:
    """The files that one searcher judges by; for one thread at a time."""

    def __init__(self, authority: str | None, policies: Sequence[str], memory: Memory | None = None) -> None:
        """Without a `memory` what cannot be read at the first look is an error, and no copy is kept of anything."""
        self._authority = authority
        self._memory = memory
        self._table = _Files("table", lambda: load_table(authority), lambda table: table.version if table else OFF, _half)
        self._profiles = _Files("profiles", load_profiles, lambda profiles: profiles)
        self._policy = _Files("policy", lambda: load_policy(policies), lambda policy: policy.rules)

    def look(self) -> Judgement:
        """Read all again. Raises AuthorityError where something cannot be read and nothing is known of it."""
        table, profiles, policy = self._table, self._profiles, self._policy
        changed = table.look(self._memory, self._last_good)
        if changed and self._memory and table.value:
            keep_copy(table.value)
        for files in (profiles, policy):
            files.look(self._memory)
        troubles = filter(None, (table.trouble, profiles.trouble, policy.trouble))
        return Judgement(table.value, profiles.value, policy.value, tuple(troubles))

    def _last_good(self) -> Table | None:
        return last_good(table_path(self._authority))


def _half(was: Table | None, table: Table | None) -> str:
    return half_copy(len(was.entries), table, table.path) if was and table and table.path else ""


class _Files(Generic[T]):
    """What some files say, and said."""

    def __init__(
        self, name: str, load: Callable[[], T], said: Callable[[T], object], doubt: Callable[[T, T], str] = lambda _, __: ""
    ) -> None:
        """`said` is what two values are compared by; `doubt` says why the second of two is not to be believed after the first."""
        self._name, self._load, self._said, self._doubt = name, load, said, doubt
        self.value: T
        self.trouble = ""
        self._known = False

    def look(self, memory: Memory | None, lost: Callable[[], T | None] = lambda: None) -> bool:
        """Read them; whether they say something new. `lost` is asked where no memory has them."""
        before = self.value if self._known else self._before(memory, lost)
        try:
            value = self._load()
        except AuthorityError as error:
            if before is None:
                raise
            return self._stay(before, f"the {self._name} in force cannot be read any more and stays in force: {error}")
        if before is not None and (doubt := self._doubt(before, value)):
            return self._stay(before, f"the {self._name} in force stays in force, for most of what it says is gone: {doubt}")
        changed = not self._known or self._said(value) != self._said(self.value)
        if changed:
            self.value, self._known = value, True
            if memory:
                memory.keep(self._name, value)
        self.trouble = ""
        return changed

    def _before(self, memory: Memory | None, lost: Callable[[], T | None]) -> T | None:
        """What it said to the processes before this one; None where that is not known."""
        if memory is None:
            return None
        found = memory.recall(self._name)
        return lost() if found is None else cast("T", found)

    def _stay(self, value: T, trouble: str) -> bool:
        self.value, self._known, self.trouble = value, True, trouble
        return False
