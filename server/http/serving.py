"""How does the app get on a port, and off it again?"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn

from server.access.door import Door
from server.address import Address, bindable, taken
from server.http.app import app
from server.http.border import Border
from server.http.visit import Reception
from server.observe.calls import Observer
from server.observe.metrics import Metrics
from server.page.routes import page_routes
from server.services import Services
from server.settings import ServerSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ranker.search import Searcher

IDLE = 15
"""Seconds after which a connection without a request is closed; clients connect again by themselves."""
BACKLOG = 1024
"""Connections that the system keeps until we accept them."""


@asynccontextmanager
async def http_serving(
    wanted: Address,
    searcher: Searcher,
    services: Services,
    door: Door,
    observe: Observer,
    metrics: Metrics,
    settings: ServerSettings,
) -> AsyncIterator[Address]:
    """Answer HTTP until the block ends, then finish what is in flight; yields the address with its port.

    Raises AddressError, AddressTaken.
    """
    wanted = bindable(wanted, settings.protected)
    listening = _listen(wanted)
    reception = Reception(services, door, observe)
    site = app(reception, metrics, page_routes(reception, searcher))
    names = settings.http_names if wanted.loopback or settings.http_names else None
    guarded = Border(
        site,
        max_body=settings.max_request,
        max_requests=settings.max_calls,
        names=names,
        tls=settings.tls is not None,
    )
    server = _Server(_config(guarded, settings))
    running = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:
            if running.done():  # it could not start: its exception is the reason
                await running
                raise taken(wanted)
            await asyncio.sleep(0.01)
        yield Address(wanted.host, listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running
        listening.close()


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ip_address(address.host).version == 6 else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        raise taken(address, error.errno) from None
    listening.listen(BACKLOG)
    return listening


def _config(site: ASGIApp, settings: ServerSettings) -> uvicorn.Config:
    tls = settings.tls
    return uvicorn.Config(
        site,
        log_config=None,
        log_level="warning",
        access_log=False,  # every call has its line, without what it asked
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=int(settings.drain),
        ws="none",
        ssl_context_factory=(lambda _config, _default: tls.context()) if tls else None,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing to capture."""
        yield
