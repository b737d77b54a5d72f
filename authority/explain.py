"""Why is this page trusted, or not?"""

from __future__ import annotations

from dataclasses import dataclass

from authority.entry import Entry, Kind, kind_of
from authority.hosts import host_of, is_ip, registrable_domain, user_content, user_content_hosts
from authority.table import Table, candidate_keys


@dataclass(frozen=True, slots=True)
class Step:
    """One key that was looked for."""

    kind: Kind
    key: str
    listed: bool
    """Whether the table has it; the first that is listed decides."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the table sees one address."""

    url: str
    host: str
    domain: str
    """Registrable domain; empty for an IP address or a public suffix."""
    steps: tuple[Step, ...]
    """Most exact key first, up to the one that decided; all of them where none did."""
    entry: Entry | None
    """The entry that decided, None where the address is unlisted."""
    remark: str
    """What stopped trust from being inherited, in words; empty where nothing did."""


def explain(table: Table, url: str) -> Explanation:
    """Walk the same keys as `Table.lookup`. Raises HostError where `url` is no web address and no host."""
    host = host_of(url)
    steps: list[Step] = []
    entry = None
    for key in candidate_keys(host):
        entry = table.get(key)
        steps.append(Step(kind_of(key), key, entry is not None))
        if entry:
            break
    return Explanation(url, host, registrable_domain(host), tuple(steps), entry, _remark(host))


def _remark(host: str) -> str:
    if is_ip(host):
        return "an IP address has no domain: only an entry for this very host could trust it"
    if shared := user_content(host):
        reason = user_content_hosts()[shared]
        return f"{shared} hosts user content ({reason}): pages there inherit from no suffix rule and no domain above it"
    return ""
