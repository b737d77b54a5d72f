"""Which share of the calls was refused lately?"""

from __future__ import annotations

import time

HALF = 0.5
"""Seconds after which a call counts half."""


class Refusals:
    """The share of calls that were refused, of all that came, the latest counting most."""

    def __init__(self) -> None:
        self._all = self._refused = 0.0
        self._at = time.monotonic()

    @property
    def share(self) -> float:
        """0 where nobody came."""
        return self._refused / max(self._all, 1.0)

    def note(self, refused: bool) -> None:
        """One more call came."""
        now = time.monotonic()
        keep = 0.5 ** ((now - self._at) / HALF)
        self._at, self._all, self._refused = now, self._all * keep + 1, self._refused * keep + refused
