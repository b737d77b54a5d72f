"""How far along is a long job?

On a terminal one line is redrawn: bar, count, rate, time left. Elsewhere (a log, CI) a plain line is written every ten
seconds, so that nothing long is ever silent. Everything goes to standard error; results own standard output.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

_PLAIN_INTERVAL = 10.0
"""Seconds between two lines where there is no terminal."""
_REDRAW_INTERVAL = 0.1
"""Seconds between two redraws on a terminal."""


class Progress:
    """Counts work done and shows it; a context manager.

    `total` is in `unit`s where it is known. Where only the share of the input that was read is known (bytes of a file),
    pass it to `advance` as `share` and the time left is reckoned from that.
    """

    def __init__(self, what: str, unit: str, total: int | None = None) -> None:
        self.what, self.unit, self.total = what, unit, total
        self.count = 0
        self.share: float | None = None
        self.began = time.monotonic()
        self._shown = self.began
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()
        self.seconds = time.monotonic() - self.began

    def advance(self, count: int = 1, share: float | None = None) -> None:
        """Say that `count` more units are done, and, if known, which share of the input (0 to 1) that makes."""
        self.count += count
        self.share = share if share is not None else (self.count / self.total if self.total else None)
        now = time.monotonic()
        if now - self._shown >= (_REDRAW_INTERVAL if self._live else _PLAIN_INTERVAL):
            self._shown = now
            self._show(now - self.began)

    def _show(self, seconds: float) -> None:
        rate = self.count / seconds if seconds > 0 else 0.0
        of = f" of {self.total:,}" if self.total else ""
        left = f", {_clock(seconds * (1 - self.share) / self.share)} left" if self.share else ""
        words = f"{self.count:,}{of} {self.unit}, {rate:,.0f}/s{left}"
        if self._live:
            row = Table.grid(padding=(0, 1))
            row.add_row(Text(self.what), _bar(self.share), Text(words, style="cyan"))
            self._live.update(row, refresh=True)
        else:
            print(f"{self.what}: {words}", file=sys.stderr, flush=True)


def _bar(share: float | None, width: int = 24) -> Text:
    filled = round((share or 0.0) * width)
    return Text("━" * filled, style="green") + Text("━" * (width - filled), style="dim")


def _clock(seconds: float) -> str:
    """`75` is ``1:15``, `3700` is ``1:01:40``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
