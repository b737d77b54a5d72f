"""How much is each source of a snapshot trusted?

One table, the profiles and one snapshot, pinned together. A source (host, venue, ISSN) is looked up once, then remembered by its
number; under a profile likewise. A request's own boosts come last: they lift a source to 1, which is as far as authority goes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from authority.policy import Policy
from authority.profiles import Profile
from authority.table import Table
from indexer.columns import source_of
from indexer.document import Document
from indexer.index import Index
from indexer.numbering import Numbers
from ranker.errors import QueryError
from ranker.overlay import NO_OVERLAY, Overlay, rule_for
from ranker.ranking import Trust

NO_POLICY = Policy(())
UNLISTED = Trust(0.0, "", "")
OFF = "off"
"""Version that a ranking without a table carries."""


class Trusted:
    """A table and profiles applied to a snapshot; `table` None trusts nobody."""

    def __init__(
        self, index: Index, table: Table | None, profiles: Mapping[str, Profile] | None = None, policy: Policy = NO_POLICY
    ) -> None:
        self._index, self._table = index, table
        self.policy = policy
        """Marks and blocks, whether or not there is a table."""
        self.blocked = _blocked(index, policy) if policy.rules else ()
        """Hosts of the snapshot that the policy blocks, spelt as `Restriction.exclude_sites` wants them."""
        self.profiles: Mapping[str, Profile] = profiles or {}
        """By name, those a request may choose."""
        self._hosts: dict[int, str] = {}
        self._known: dict[str, dict[int, Trust]] = {"": {}, **{name: {} for name in self.profiles}}
        self.version = table.version if table else OFF

    def on(self, index: Index) -> Trusted:
        """The same table, profiles and policy applied to another snapshot."""
        return Trusted(index, self._table, self.profiles, self.policy)

    @property
    def table(self) -> Table | None:
        """The table itself; None where authority is off."""
        return self._table

    def of_documents(self, documents: Numbers, profile: str = "", overlay: Overlay = NO_OVERLAY) -> list[Trust]:
        """What table, profile and overlay say of each document's source. Raises QueryError where there is no such profile."""
        if self._table is None and not self.policy.rules:
            return [UNLISTED] * len(documents)
        known = self._known[self.chosen(profile)]
        numbers = self._index.source_numbers(documents).tolist()
        trusts = [known.get(n) or known.setdefault(n, self._look_up(*self._index.source(n), profile)) for n in numbers]
        return self._boosted(numbers, trusts, frozenset(overlay.boost)) if overlay.boost and self._table else trusts

    def of_document(self, document: Document) -> Trust:
        """What the table alone says of one whole document."""
        return self._look_up(*source_of(document), "")

    def judges_by(self, table: Table | None, profiles: Mapping[str, Profile], policy: Policy) -> bool:
        """Whether these are what it applies already."""
        mine = self.version, self.profiles, self.policy.version
        return mine == (table.version if table else OFF, profiles, policy.version)

    def chosen(self, profile: str) -> str:
        """The name itself. Raises QueryError, naming those there are, where it is no profile."""
        if profile not in self._known:
            raise QueryError(f"no profile called {profile[:50]!r}; there are {', '.join(self.profiles) or 'none'}")
        return profile

    def version_for(self, profile: str, overlay: Overlay, on: bool = True) -> str:
        """What reproduces a ranking: the table's version, then those of policy, profile and overlay where there are any."""
        policy = f"+policy.{self.policy.version}" if self.policy.rules else ""
        if self._table is None or not on:
            return OFF + policy
        named = f"+{profile}.{self.profiles[profile].version}" if profile else ""
        return self.version + policy + named + (f"+overlay.{overlay.version}" if overlay.version else "")

    def _look_up(self, host: str, venue: str, issn: str, profile: str) -> Trust:
        rule = self.policy.of(host, venue, issn) if self.policy.rules else None
        mark = rule.label if rule else ""
        if self._table is None:
            return Trust(0.0, "", "", mark=mark)
        match = self._table.lookup(host, venue, issn)
        entry = self._table.get(match.key) if profile and match.key else None
        if entry is None:
            return Trust(match.value, match.tier, match.key, mark=mark)
        weight, topic = self.profiles[profile].weigh(entry.topics)
        return Trust(match.value * weight, match.tier, match.key, f"{profile}: {topic} x {weight:g}", mark)

    def _boosted(self, numbers: list[int], trusts: list[Trust], rules: frozenset[str]) -> list[Trust]:
        rule_of: dict[str, str] = {}  # few hosts hold most candidates
        boosted = []
        for number, trust in zip(numbers, trusts, strict=True):
            host = self._hosts.get(number)
            if host is None:
                host = self._hosts[number] = self._index.source(number).host
            if (rule := rule_of.get(host)) is None:
                rule = rule_of[host] = rule_for(host, rules)
            boosted.append(Trust(1.0, trust.tier, trust.key, f"boost {rule}", trust.mark) if rule else trust)
        return boosted


def _blocked(index: Index, policy: Policy) -> tuple[str, ...]:
    """Resolved once a snapshot, so that a long policy costs a query no more than the hosts it meets."""
    hosts = {source.host for segment in index.segments for source in segment.columns.sources}
    return tuple(sorted(f"={host}" for host in hosts if policy.blocks(host)))


def values(trusts: list[Trust]) -> NDArray[np.float64]:
    """The authority values, (n,)."""
    return np.fromiter((t.value for t in trusts), np.float64, len(trusts))
