"""What does a running server take up from disk, and what if it cannot?

Keys, the index, the table, profiles and policies are looked at every so often. Each is taken up for itself: what cannot be read
stays as it was and holds up nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from server.access.door import Door
from server.observe.metrics import Metrics
from server.state import Life
from server.table import ServedTable

if TYPE_CHECKING:
    from ranker.search import Searcher

log = logging.getLogger("stepwell.server")


class Upkeep:
    """Of one worker; `life` says what could not be taken up."""

    def __init__(self, searcher: Searcher, door: Door, table: ServedTable, life: Life) -> None:
        self._searcher, self._door, self._table, self._life = searcher, door, table, life
        self._look()

    def reload(self) -> tuple[str, ...]:
        """Take up what changed; what that was, in words. Blocks."""
        changes = self._door.reload()  # first: a key that was revoked opens nothing, whatever else on disk cannot be read
        changes += self._searcher.reload()
        if any(change.startswith("authority ") for change in changes):
            self._table.note_hand_edits()
        self._look()
        return changes

    def told(self) -> tuple[str, ...]:
        """The same for somebody who asked: also what could not be taken up."""
        return self.reload() + self._life.troubles

    def _look(self) -> None:
        self._life.troubles = (*filter(None, (self._door.trouble,)), *self._searcher.troubles)

    async def watch(self, metrics: Metrics, seconds: float, wake: asyncio.Event) -> None:
        """Reload every so often; a trouble is logged once.

        When `wake` is set it looks at once, and says also that there was nothing or that it failed again: somebody asked.
        """
        said = self._life.troubles
        for trouble in said:
            log.warning("%s", trouble)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), seconds)
            asked = wake.is_set()
            wake.clear()
            changes: tuple[str, ...] = ()
            try:
                changes = await asyncio.to_thread(self.reload)
            except Exception as error:  # noqa: BLE001 - a server that answers well must not stop over a file it cannot read
                self._life.troubles = (f"keeping what is loaded: {type(error).__name__}: {error}",)
            for change in changes:
                log.info("now serving %s", change)
            for trouble in self._life.troubles:
                if trouble not in said or asked:
                    log.warning("%s", trouble)
            if said and not self._life.troubles:
                log.info("all that is on disk can be read again")
            said = self._life.troubles
            metrics.stale.set(bool(said))
            metrics.reloads.inc(len(changes))
            if asked and not (changes or said):
                log.info("nothing on disk has changed")
