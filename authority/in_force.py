"""What do table, profiles and policies say, also while one of them cannot be read?

Somebody saves half a table, or a copy of it is torn. Whoever judges by it goes on with what it said when it could last be read,
and says so. A process that has just begun asks what those before it remember and, of the table, its history and last good copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from authority.errors import AuthorityError
from authority.last_good import keep_copy, last_good
from authority.policy import Policy, load_policy
from authority.profiles import Profile, load_profiles
from authority.standing import refuse_half_a_copy
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
        self._table = _Files("table", self._load, lambda table: table.version if table else OFF)
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

    def _load(self) -> Table | None:
        """A long life takes up nobody's half copy: that table parses where the copy broke at the end of a line or in a note."""
        table, known = load_table(self._authority), self._table.said
        if table and (known or self._memory) and table.version != known:
            refuse_half_a_copy(table)
        return table

    def _last_good(self) -> Table | None:
        return last_good(table_path(self._authority))


class _Files(Generic[T]):
    """What some files say, and said."""

    def __init__(self, name: str, load: Callable[[], T], said: Callable[[T], object]) -> None:
        """`said` is what two values are compared by."""
        self._name, self._load, self._said = name, load, said
        self.value: T
        self.trouble = ""
        self._known = False

    @property
    def said(self) -> object | None:
        """What the value in force is compared by; None where none is known yet."""
        return self._said(self.value) if self._known else None

    def look(self, memory: Memory | None, lost: Callable[[], T] | None = None) -> bool:
        """Read them; whether they say something new. `lost` is asked where no memory has them."""
        try:
            value = self._load()
        except AuthorityError as error:
            if not self._known:
                found = memory.recall(self._name) if memory else None
                found = lost() if found is None and memory and lost else found
                if found is None:
                    raise
                self.value, self._known = cast("T", found), True
            self.trouble = f"the {self._name} in force cannot be read any more and stays in force: {error}"
            return False
        changed = not self._known or self._said(value) != self._said(self.value)
        if changed:
            self.value, self._known = value, True
            if memory:
                memory.keep(self._name, value)
        self.trouble = ""
        return changed
