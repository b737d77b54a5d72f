"""What does every process of a server do first and last, whether it serves or supervises?"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import threading
import time

from server.observe.calls import write_log
from server.settings import ServerSettings

log = logging.getLogger("stepwell.server")


GRACE = 10.0
"""Seconds beyond those of draining after which a process is ended, whatever still keeps it."""


def end_within(seconds: float) -> None:
    """End this process with exit code 1 if it has not ended by itself by then: a thread may hang in a disk or a lock.

    What was acknowledged is on disk; this is as if it were killed.
    """

    def end() -> None:
        log.error("ending although not all has ended %g s after the drain began", seconds)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def prepare(settings: ServerSettings) -> None:
    """The log, to standard error, and what this process may use."""
    write_log(settings.log_json)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the usual 1,024 are fewer than idle clients and segments may be


def warn(settings: ServerSettings) -> None:
    """Say in the log what the operator chose to do without."""
    open_to = [address for address in (settings.grpc, settings.http) if address and not address.loopback]
    if settings.insecure and open_to:
        missing = [name for name, given in (("TLS", settings.tls), ("keys", settings.keys)) if not given]
        if missing:
            log.warning(
                "without %s: whoever reaches %s may listen or search", " and ".join(missing), " and ".join(map(str, open_to))
            )


class Told:
    """SIGTERM or SIGINT, from now on; to be made in a running loop."""

    def __init__(self, drain: float) -> None:
        """`drain` is what the log says of calls in flight, in seconds."""
        self._drain = drain
        self._reason = ""
        self._at = 0.0
        self._event = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._end, number)

    def is_set(self) -> bool:
        """Whether it came."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Until it comes."""
        await self._event.wait()

    def done(self) -> None:
        """Say in the log that all has ended."""
        if self._reason:
            log.info("stopped after %s, %.1f s later", self._reason, time.monotonic() - self._at)

    def _end(self, number: signal.Signals) -> None:
        if not self._event.is_set():
            self._reason, self._at = number.name, time.monotonic()
            log.info("%s: no new calls; those in flight have %g s", self._reason, self._drain)
        self._event.set()
