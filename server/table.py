"""What may be asked of the authority table through a server, and how is it changed there?

The table is the one that its searches use. Changes go through the table's own door (authority.edit), are on disk when they are
acknowledged, and in force too, in every worker, unless something else that was changed there cannot be read. No answer and no
error names a file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from authority.edit import note_hand_edits, remove_entry, revert_change, set_entry
from authority.entry import KINDS, Entry
from authority.errors import AuthorityError, EditError
from authority.explain import Explanation, explain
from authority.history import Change, read_history
from authority.table import Table
from authority.tables import OFF, table_path
from authority.tiers import TIERS
from server.access.door import Caller
from server.errors import RequestRefused

if TYPE_CHECKING:
    from ranker.search import Searcher

log = logging.getLogger("stepwell.server")

MAX_ENTRIES = 1_000
"""Entries or changes in one answer."""
MAX_MATCH = 200
"""Characters of a text that entries must hold."""
MAX_URL = 2_000
"""Characters of an address to explain."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; an empty field keeps all. Raises RequestRefused where a field is out of its range."""

    match: str = ""
    """Text that any field of the entry must hold, whatever its case."""
    tier: str = ""
    topic: str = ""
    """A topic that it names."""
    kind: str = ""
    """host, domain, suffix, venue or issn."""
    limit: int = 100
    """Entries wanted, 1 to MAX_ENTRIES."""
    offset: int = 0
    """Entries to pass over first."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_ENTRIES:
            raise RequestRefused(f"limit is {self.limit}, it must lie in 1..{MAX_ENTRIES:,}")
        if len(self.match) > MAX_MATCH:
            raise RequestRefused(f"{len(self.match):,} characters to match, the limit is {MAX_MATCH}")
        for what, value, known in (("tier", self.tier, tuple(TIERS)), ("kind", self.kind, KINDS)):
            if value and value not in known:
                raise RequestRefused(f"no {what} called {value[:50]!r}; there are {', '.join(known)}")

    def keeps(self, entry: Entry) -> bool:
        """Whether it is one of them."""
        text = " ".join((entry.key, *entry.topics, entry.evidence, entry.note)).casefold()
        return (
            self.match.casefold() in text
            and self.tier in ("", entry.tier)
            and self.kind in ("", entry.kind)
            and (not self.topic or self.topic in entry.topics)
        )


class ServedTable:
    """The table of one searcher; its methods block and belong off the event loop."""

    def __init__(self, searcher: Searcher, tell: Callable[[], None]) -> None:
        """`tell` has the other workers take up a change, and waits until they have."""
        self._searcher = searcher
        self._tell = tell

    @property
    def version(self) -> str:
        """Hash of the table in force, or `off`."""
        return self._searcher.pinned.trusted.version

    def entries(self, wanted: Wanted) -> tuple[list[Entry], int, str]:
        """The wanted entries in the order of the table, how many there are without the limit, and the table's version."""
        trusted = self._searcher.pinned.trusted
        kept = [entry for entry in trusted.table.entries if wanted.keeps(entry)] if trusted.table else []
        return kept[wanted.offset : wanted.offset + wanted.limit], len(kept), trusted.version

    def explain(self, url: str) -> Explanation:
        """Why an address is trusted, or not. Raises RequestRefused where it is none."""
        if len(url) > MAX_URL:
            raise RequestRefused(f"an address of {len(url):,} characters, the limit is {MAX_URL:,}")
        try:
            return explain(self._searcher.pinned.trusted.table or Table(()), url)
        except AuthorityError as error:
            raise RequestRefused(str(error)) from None

    def history(self, limit: int = 100, key: str = "") -> tuple[list[tuple[int, Change]], int]:
        """Numbered changes, newest first, and how many there are; numbers count from 1, oldest first."""
        if not 1 <= limit <= MAX_ENTRIES:
            raise RequestRefused(f"limit is {limit}, it must lie in 1..{MAX_ENTRIES:,}")
        if self._searcher.authority == OFF:
            return [], 0
        changes = [(n, c) for n, c in enumerate(read_history(self._path.resolve()), start=1) if key in ("", c.key)]
        return changes[::-1][:limit], len(changes)

    def note_hand_edits(self) -> None:
        """Record in the history what somebody changed in the file itself; where that cannot be done, the log says so."""
        if self._searcher.authority == OFF:
            return
        try:
            found = note_hand_edits(self._path)
        except AuthorityError as error:
            log.warning("an edit by hand is in force and not in the history: %s", error)
        else:
            if found:
                log.info(
                    "recorded an edit by hand: %s", ", ".join(change.key for change in found[:10] if change.key) or "all of it"
                )

    def put(self, entry: Entry, why: str, caller: Caller, expected: str = "", who: str = "") -> Change:
        """Add an entry, or replace the one with its key. Raises RequestRefused, as the next two do.

        `who` is the person behind the caller, as they say; the caller signs beside them.
        """
        return self._changed(lambda path: set_entry(entry, why, _signature(caller, who), path, expected=expected))

    def remove(self, key: str, why: str, caller: Caller, expected: str = "", who: str = "") -> Change:
        """Take an entry out."""
        return self._changed(lambda path: remove_entry(key, why, _signature(caller, who), path, expected=expected))

    def revert(self, number: int, why: str, caller: Caller, expected: str = "", who: str = "") -> Change:
        """Undo a change by a new one."""
        return self._changed(lambda path: revert_change(number, why, _signature(caller, who), path, expected=expected))

    @property
    def _path(self) -> Path:
        return table_path(self._searcher.authority)

    def _changed(self, edit: Callable[[Path | None], Change]) -> Change:
        chosen = self._searcher.authority
        if chosen == OFF:
            raise RequestRefused("this server runs without an authority table; there is nothing to change")
        try:
            change = edit(None if chosen is None else self._path)
        except AuthorityError as error:
            words = str(error)
            for path in (self._path, self._path.resolve()):
                words = words.replace(str(path), "the table")
            if isinstance(error, EditError) and "--" in words:  # an option of the command line
                words = words.replace("--", "")
            raise RequestRefused(words) from None
        try:
            self._searcher.reload()
        except Exception as error:  # noqa: BLE001 - the change is saved; what else cannot be read is tried again
            log.warning("a change of the table is saved and not yet in force: %s: %s", type(error).__name__, error)
        self._tell()
        return change


def _signature(caller: Caller, who: str = "") -> str:
    """Who signs a change that came over the network: the name that was given, if one was, and whose key it was in any case."""
    by = f"{caller.key.name} (key {caller.name})" if caller.key else f"{caller.name} over the network"
    return f"{who.strip()}, {by}" if who.strip() else by
