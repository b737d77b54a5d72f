"""When is a call made again, and when no more?

After a refusal that may pass: nobody answers (UNAVAILABLE, if the call only reads), or the server is full or busy
(RESOURCE_EXHAUSTED), for then it has done nothing. Pauses grow and are shortened at random, so that clients do not come back all
at once; a server that names the seconds to wait is given them. Never past the deadline.

A budget keeps retries from burying a server in trouble: a bucket of tokens that each refusal takes one from and each reply gives
a tenth of one to; below half of it nothing is tried again. That is gRPC's retry throttling
(https://github.com/grpc/proposal/blob/master/A6-client-retries.md). gRPC's own retries are not used: they would wait for
a `retry-after` beyond the deadline, and cannot tell a full server from a message that is too large.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass

from server.client.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how soon."""

    attempts: int = 5
    """Of one call, the first one included; 1 tries nothing again."""
    pause: float = 0.1
    """Seconds before the second attempt; doubled for each further one, each shortened by a random factor of 0.5 to 1."""
    longest: float = 2.0
    """Seconds that a pause may grow to."""
    budget: float = 10.0
    """Tokens of a full bucket; a refusal takes one, and below half of it no call is made again."""
    earned: float = 0.1
    """Tokens that a reply gives back."""

    def wait(self, attempt: int) -> float:
        """Seconds after the `attempt`-th attempt, from 1."""
        return min(self.longest, self.pause * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311 - no secret hangs on it


class Budget:
    """The bucket of one client; thread-safe."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._lock = threading.Lock()
        self.tokens = retries.budget
        """What is left."""

    def replied(self) -> None:
        """A call got its reply."""
        with self._lock:
            self.tokens = min(self._retries.budget, self.tokens + self._retries.earned)

    def refused(self) -> bool:
        """A call was refused; whether it may be made again."""
        with self._lock:
            self.tokens = max(0.0, self.tokens - 1)
            return self.tokens > self._retries.budget / 2


class Attempts:
    """The attempts at one call."""

    def __init__(self, retries: Retries, budget: Budget, until: float, repeatable: bool) -> None:
        """`until` is the deadline in time.monotonic seconds."""
        self._retries = retries
        self._budget = budget
        self._until = until
        self._repeatable = repeatable
        self._made = 0

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._until - time.monotonic())

    def replied(self) -> None:
        """The last one got its reply."""
        self._budget.replied()

    def progressed(self) -> None:
        """The last one got a part of its reply: it is worth as many more as the first."""
        self._made = 0

    def pause(self, refusal: Refusal) -> float | None:
        """Seconds until the next one after this refusal; None if there is none."""
        self._made += 1
        if not refusal.untouched and not (self._repeatable and refusal.code == "UNAVAILABLE"):
            return None
        wait = self._retries.wait(self._made)
        if refusal.retry_after is not None:
            wait += refusal.retry_after
        may = self._budget.refused()
        return wait if may and self._made < self._retries.attempts and wait < self.left else None
