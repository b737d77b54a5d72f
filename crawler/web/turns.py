"""Whose turn is it at one address?

Many names may be served by one machine, and it is the machine that suffers. Scrapy's slots keep the pace of each name; here each
address that a name resolves to has a pace of its own, so that two names on one machine are not asked faster than one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

RESOLVED_FOR = 60.0
"""Seconds for which a name's addresses are believed here; what is dialled is resolved and judged each time."""
MAX_NAMES = 100_000
"""Names whose addresses are held."""


class Turns:
    """Requests at a time, and seconds between them, by address."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._free: dict[str, float] = {}  # address: when it may be asked again (monotonic)
        self._active: Counter[str] = Counter()
        self._changed = asyncio.Condition()
        self._names: dict[str, tuple[float, frozenset[str]]] = {}

    @asynccontextmanager
    async def turn(self, addresses: Collection[str], delay: float) -> AsyncIterator[None]:
        """Wait until all these addresses may be asked, and keep others from them for `delay` seconds and while this one lasts."""
        async with self._changed:
            while True:
                wait = max((self._free.get(address, 0.0) for address in addresses), default=0.0) - monotonic()
                if any(self._active[address] >= self._at_once for address in addresses):
                    await self._changed.wait()
                elif wait > 0:
                    try:
                        async with asyncio.timeout(wait):
                            await self._changed.wait()
                    except TimeoutError:
                        continue
                else:
                    break
            for address in addresses:
                self._active[address] += 1
                self._free[address] = monotonic() + delay
        try:
            yield
        finally:
            for address in addresses:
                self._active[address] -= 1
            async with self._changed:
                self._changed.notify_all()

    async def addresses(self, resolver: Any, host: str) -> frozenset[str]:
        """All that the guarded resolver permits for this name; none where it does not resolve, and so will not be dialled."""
        until, known = self._names.get(host, (0.0, frozenset[str]()))
        if monotonic() >= until:
            receiver = _Collector()
            resolver.resolveHostName(receiver, host)
            known = await receiver.done
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            self._names[host] = (monotonic() + RESOLVED_FOR, known)
        return known


@implementer(IResolutionReceiver)
class _Collector:
    """Twisted's receiver as a future."""

    def __init__(self) -> None:
        self.done: asyncio.Future[frozenset[str]] = asyncio.get_running_loop().create_future()
        self._found: set[str] = set()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803
        pass

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        self._found.add(str(getattr(address, "host", "")))

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self.done.done():
            self.done.set_result(frozenset(self._found))
