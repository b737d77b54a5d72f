"""How does the app get on a listening socket, and off it again?"""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from server.address import Address, taken
from server.ending import Ending
from server.http.border import Border
from server.http.logged import Logged
from server.http.patience import PatientProtocol
from server.observe.calls import Observer
from server.settings import ServerSettings
from server.waiting import Waiting

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LAST = 1.0
"""Seconds beyond those of draining in which whoever was not answered is told so; then connections are cut."""
STUCK = 2.0
"""Seconds beyond both after which uvicorn cancels what does not notice that its connection is gone."""
IDLE = 15
"""Seconds after which a connection without a request is closed; clients connect again by themselves."""


@asynccontextmanager
async def http_serving(
    site: ASGIApp, port: socket.socket, settings: ServerSettings, observe: Observer, untaken: Waiting, ending: Ending
) -> AsyncIterator[None]:
    """Answer HTTP on a listening socket until the block ends, then finish what is in flight.

    `untaken` are replies being sent; `ending` is told when the time for what is in flight is over.
    """
    host = Address(*port.getsockname()[:2])
    names = settings.http_names if host.loopback or settings.http_names else None
    guarded = Border(
        site,
        max_body=settings.max_request,
        max_requests=settings.max_calls,
        names=names,
        tls=settings.tls is not None,
    )
    server = _Server(_config(Logged(guarded, observe), settings, observe, untaken))
    running = asyncio.create_task(server.serve([port]))
    try:
        while not server.started:
            if running.done():  # it could not start: its exception is the reason
                await running
                raise taken(host)
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([running], timeout=settings.drain)
        ending.come()
        await asyncio.wait([running], timeout=LAST)
        for connection in list(server.server_state.connections):  # one that takes nothing would keep what it was sent
            connection.transport.abort()
        await running


def _config(site: ASGIApp, settings: ServerSettings, observe: Observer, untaken: Waiting) -> uvicorn.Config:
    tls = settings.tls
    return uvicorn.Config(
        site,
        http=cast("Any", partial(PatientProtocol, untaken, observe)),  # uvicorn calls it with what it gives every protocol
        log_config=None,
        log_level="warning",
        access_log=False,  # every call has its line, without what it asked
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=math.ceil(settings.drain + LAST + STUCK),
        ws="none",
        ssl_context_factory=(lambda _config, _default: tls.context()) if tls else None,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing to capture."""
        yield
