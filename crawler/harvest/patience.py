"""How is an interface asked without wearing it out?

One request at a time, a pause after each answer, and where the server is busy (429, 503) as long a wait as it asks for (RFC 9110,
10.2.3). What fails in passing is tried again, ever more slowly; a wait that is too long to sit through ends the job, which can go
on later.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.errors import CrawlerError
from crawler.harvest.fetch import Answer, Fetcher, FetchFailed

ATTEMPTS = 8
"""Requests for one answer, the first one included."""
FIRST_ATTEMPTS = 3
"""... where the host has never answered anything: then the address is likely wrong."""
MAX_WAIT = 600.0
"""Seconds; a server that asks for more is left alone, and the job ends."""
MIN_WAIT = 1.0
"""Seconds; a busy server is never asked sooner, whatever its Retry-After says."""
BACKOFF = 2.0
"""Seconds before the second attempt where the server does not say; doubled with each further one."""
_PASSING = frozenset({429, 500, 502, 503, 504})


class Busy(CrawlerError):
    """Raised where a server asks to be left alone for long, or keeps failing; the same command goes on later."""


class Patient:
    """Asks for URLs one after the other. `sleep` is a parameter for tests."""

    def __init__(self, fetcher: Fetcher, pause: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._fetcher, self._pause, self._sleep = fetcher, pause, sleep
        self._last = -float("inf")
        """Monotonic time of the last answer or failure."""
        self._answered = False
        """Whether there was any answer yet."""

    def get(self, url: str, usable: Callable[[Answer], str] = lambda _: "") -> Answer:
        """An answer other than a passing failure; `usable` says what is wrong with its body, or nothing.

        Raises Busy, FetchFailed where the host never answers, and AddressRefused.
        """
        failure, wait = "", 0.0
        for attempt in range(ATTEMPTS):
            if failure:
                print(f"{failure}; asking again in {max(wait, self._pause):.0f} s", file=sys.stderr, flush=True)
            self._wait(max(wait, self._pause))
            wait = BACKOFF * 2**attempt
            try:
                answer = self._fetcher.get(url)
            except FetchFailed as error:
                failure = str(error)
                if not self._answered and attempt + 1 >= FIRST_ATTEMPTS:
                    raise
                continue
            finally:
                self._last = time.monotonic()
            self._answered = True
            failure = f"{url} answered {answer.status}" if answer.status in _PASSING else usable(answer)
            if not failure:
                return answer
            asked = retry_after(answer.fields.get("retry-after", "")) if answer.status in _PASSING else None
            if asked is not None:
                wait = max(asked, MIN_WAIT)
                if wait > MAX_WAIT:
                    raise Busy(
                        f"{failure} and asks to be left alone for {wait:,.0f} s; run the same command again then, it goes on"
                    )
        raise Busy(f"{failure}, {ATTEMPTS} times in a row; run the same command again later, it goes on where it was")

    def _wait(self, seconds: float) -> None:
        """Let that much time pass since the last answer or failure."""
        left = self._last + seconds - time.monotonic()
        if left > 0:
            self._sleep(left)


def retry_after(text: str) -> float | None:
    """Seconds that a Retry-After field asks for, as a number or as a date; None where it says neither."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
