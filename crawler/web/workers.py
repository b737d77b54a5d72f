"""Who does the work that a page may break?

A pool of processes runs crawler.web.understand. A page that crashes its worker, eats its memory or never ends is set aside; the
others of the pool go on. Workers end with the crawl, also when it is killed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

SECONDS = 60.0
"""Of one page; the slowest page measured takes two."""
MEMORY = 4 * 1024**3
"""Bytes of address space of one worker; a page of 10 MB takes less than 1 GiB."""

P = ParamSpec("P")
T = TypeVar("T")


class PageBreaksWorker(Exception):
    """Raised where a page crashed its worker twice, or took too long; the message is the reason."""


class Workers:
    """The pool."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or max(1, (os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()) or 1)
        self._pool = self._fresh()
        self._alone = asyncio.Lock()

    async def run(self, step: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `step` in a worker. Raises PageBreaksWorker, and what the step raises."""
        pool = self._pool
        try:
            return await self._on(pool, step, *args, **kwargs)
        except BrokenProcessPool:  # this page, or another that ran beside it: once more, with nobody beside
            async with self._alone:
                if self._pool is pool:
                    self._renew()
                suspect = self._fresh(1)
                try:
                    return await self._on(suspect, step, *args, **kwargs)
                except BrokenProcessPool:
                    raise PageBreaksWorker("crashed its worker") from None
                finally:
                    _kill(suspect)

    async def _on(self, pool: ProcessPoolExecutor, step: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        future = pool.submit(_timed, SECONDS, step, args, kwargs)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            raise PageBreaksWorker(f"took over {SECONDS:.0f} s") from None
        except MemoryError:
            raise PageBreaksWorker("took too much memory") from None

    def close(self) -> None:
        """End the workers, whatever they do."""
        _kill(self._pool)

    def _renew(self) -> None:
        _kill(self._pool)
        self._pool = self._fresh()

    def _fresh(self, count: int | None = None) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["crawler.web.understand"])
        return ProcessPoolExecutor(count or self.count, mp_context=context, initializer=_limit)


def _limit() -> None:
    """Bounds of one worker; and it ends with its parent, which may have been killed."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawl's to handle
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    parent = multiprocessing.parent_process()
    assert parent is not None, "workers are children"

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _timed(seconds: float, step: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    """The step, ended by an alarm; where C code does not return to Python, the second alarm ends the process."""
    import signal

    def ring(*_: object) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        raise TimeoutError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return step(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _kill(pool: ProcessPoolExecutor) -> None:
    processes = list((pool._processes or {}).values())  # noqa: SLF001 - no public way before Python 3.14's kill_workers
    for process in processes:
        process.kill()
    pool.shutdown(wait=True, cancel_futures=True)
