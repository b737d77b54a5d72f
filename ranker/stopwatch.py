"""Where did the time of a batch go?"""

from __future__ import annotations

import time
from collections.abc import Iterable


class Stopwatch:
    """Wall time by stage, from its making on."""

    def __init__(self, before: Iterable[tuple[str, float]] = ()) -> None:
        """`before` are stages that ended earlier, and their milliseconds; what passed since then, waiting, is nobody's."""
        self._spent: dict[str, float] = dict(before)
        self._before = sum(self._spent.values())
        self._began = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """What passed since the last lap was this stage's."""
        now = time.perf_counter()
        self._spent[stage] = self._spent.get(stage, 0.0) + (now - self._last) * 1000
        self._last = now

    def skip(self) -> None:
        """What passed since the last lap was nobody's: the work lay still."""
        now = time.perf_counter()
        self._began += now - self._last
        self._last = now

    @property
    def total(self) -> float:
        """Milliseconds since it was made, and those before."""
        return self._before + (time.perf_counter() - self._began) * 1000

    @property
    def stages(self) -> tuple[tuple[str, float], ...]:
        """``(stage, milliseconds)`` in the order of their first lap."""
        return tuple(self._spent.items())
