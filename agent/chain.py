"""Is every line of the log still what was written?

A line carries ``sum``: the SHA-256 of the sum of the line before (of nothing, on the first) and of the line itself as it would be
without its sum. So a changed byte, a line that is gone or one that came in between is noticed, at the first line that misfits.
That guards against accidents and careless hands; who computes all sums anew is not found out.

Lines of format 2 have no sum. They are part of the chain all the same, so the first line that is added to them guards them.
"""

from __future__ import annotations

import hashlib
import re

_SEALED = re.compile(rb',"sum":"([0-9a-f]{64})"\}\Z')


class Chain:
    """The chain up to some line of a log."""

    def __init__(self) -> None:
        self.sum = ""
        """Of the last line, hexadecimal; empty before the first."""
        self.unsealed = 0
        """Lines that carry no sum."""
        self._sealed = False

    def seal(self, line: bytes) -> bytes:
        """The JSON object of a line with its sum as its last field; the line is part of the chain from here on."""
        self._add(line)
        self._sealed = True
        return line[:-1] + b',"sum":"' + self.sum.encode() + b'"}'

    def holds(self, line: bytes, must: bool) -> bool:
        """Whether this is what was written as the next line. `must` it carry a sum, or may it be of an old format?

        Behind a line with a sum there is none without.
        """
        found = _SEALED.search(line, max(0, len(line) - 80))
        if not found:
            self._add(line)
            fits = not (must or self._sealed)
            self.unsealed += fits
            return fits
        self._add(line[: found.start()] + b"}")
        self._sealed = True
        return found[1].decode() == self.sum

    def _add(self, line: bytes) -> None:
        self.sum = hashlib.sha256(self.sum.encode() + line).hexdigest()
