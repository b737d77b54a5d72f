"""What do table, profiles and policies say, also while one of them cannot be read?

Somebody saves half a table, or a copy of it is torn. Whoever judges by it goes on with what it said when it could last be read,
and says so. So it does where most of a table is gone at once. A process that has just begun asks what those before it remember
and, of the table, its history and last good copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authority.half import half_copy
from authority.last_good import keep_copy, last_good
from authority.policy import Policy, load_policy
from authority.profiles import Profile, load_profiles
from authority.remembered import Memory, Remembered
from authority.table import Table
from authority.tables import OFF, load_table, table_path


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
        self._table = Remembered("table", lambda: load_table(authority), lambda table: table.version if table else OFF, _half)
        self._profiles = Remembered("profiles", load_profiles, lambda profiles: profiles)
        self._policy = Remembered("policy", lambda: load_policy(policies), lambda policy: policy.rules)

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
