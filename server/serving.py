"""How does a searcher get on a port, and off it again?"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from indexer.scrub import Scrubber
from server.access.door import Door
from server.access.tls import Tls
from server.address import Address, Bound, bindable, listening, taken
from server.admin_service import AdminService
from server.answering import Answering
from server.authority_service import AuthorityService
from server.ending import Ending
from server.errors import LineBroken
from server.load.collector import Collector
from server.observe.calls import Call, Observer, write_line
from server.observe.metrics import Metrics
from server.observe.queries import QueryLog
from server.rpc.guard import Guard
from server.rpc.lifetimes import options
from server.service import SearchService
from server.services import NAMES, Services
from server.settings import ServerSettings
from server.state import Controls, Life, Scrubbing, State
from server.table import ServedTable
from server.units import Units
from server.upkeep import Upkeep
from server.waiting import UNTAKEN, Waiting
from server.workers.company import Alone, Company

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from indexer.errors import ChecksumError
    from ranker.search import Searcher

log = logging.getLogger("stepwell.server")

LINGER = 0.5
"""Seconds that a drained server still has for what is not a call in flight."""
READERS = 2
"""Threads that read documents; they wait for the disk more than they work."""


@asynccontextmanager
async def serving(
    searcher: Searcher, settings: ServerSettings, wake: asyncio.Event | None = None, company: Company | None = None
) -> AsyncIterator[Bound]:
    """Serve until the block ends, then drain: NOT_SERVING, no new calls, those in flight get `drain` seconds to finish.

    Yields the addresses with the ports that were bound. The searcher stays the caller's. Setting `wake` has it look at the
    disk at once. One of several workers has a `company`, whose ports it shares. Raises AddressError, AddressTaken.
    """
    company = company or Alone()
    loop = asyncio.get_running_loop()
    shared = company.size > 1
    wanted = settings.grpc if shared else bindable(settings.grpc, settings.protected)
    credentials = _credentials(settings.tls) if settings.tls else None
    door, life = Door(settings.keys, settings.open_admin, company.memory), Life()
    metrics = Metrics(searcher)
    asked = QueryLog(settings.query_log) if settings.query_log else None
    units = Units(READERS)
    untaken = Waiting(UNTAKEN, settings.take, settings.max_untaken)
    collector = Collector(searcher, settings.threads, settings.max_cost, asked, untaken)
    observe = _observer(metrics)
    guard = Guard(door, observe, metrics.in_flight, untaken, settings.max_calls, collector.admission.full)
    service = SearchService(searcher, Answering(searcher, collector, units), settings.categories)
    table = ServedTable(searcher, lambda: _others(company.reload(), loop))
    started = datetime.now(UTC).isoformat(timespec="seconds")

    scrubber: Scrubber | None = None

    def state() -> State:
        held = collector.cost, settings.max_cost, collector.admission.shed
        return State(
            life.phase,
            started,
            metrics.in_flight.calls,
            *held,
            life.troubles,
            _scrubbing(scrubber, searcher),
        )

    upkeep = Upkeep(searcher, door, table, life)
    server = grpc.aio.server(
        interceptors=[guard],
        options=[
            ("grpc.so_reuseport", int(shared)),  # else a second server would bind the same port and answer every other call
            ("grpc.max_receive_message_length", settings.max_request),
            *options(settings.max_calls),
        ],
    )
    admin = AdminService(searcher, state, upkeep.told, company, metrics.calls, settings.drain)
    services = Services(service, AuthorityService(table), admin)
    services.register(server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    if settings.reflection:
        reflection.enable_server_reflection((*NAMES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    company.controls = Controls(state, upkeep.told, searcher.withdraw)
    if shared:  # what changed since the index was opened, and before the others could tell this worker
        await asyncio.to_thread(upkeep.reload)
    try:
        bound = Address(wanted.host, _listen(server, str(wanted), credentials))
    except RuntimeError:  # somebody took it since `bindable` looked
        raise taken(wanted) from None
    await server.start()
    for name in NAMES:
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    scrubber = _scrubber(searcher, settings.scrub / company.size, lambda path: _others(company.withdraw(path), loop))
    watcher = asyncio.create_task(upkeep.watch(metrics, settings.watch, wake or asyncio.Event()))
    web = AsyncExitStack()
    try:
        ending = Ending()
        site = _site(searcher, services, table, door, observe, metrics, life, ending) if settings.http else None
        address = await web.enter_async_context(_http(site, settings, company.http, observe, untaken, ending))
        life.phase = "serving"
        yield Bound(bound, address)
    finally:
        life.phase = "draining"
        await checks.enter_graceful_shutdown()  # whoever balances load hears it first
        await asyncio.sleep(settings.notice)
        door.shut = True
        await asyncio.gather(web.aclose(), _stopped(server, guard, settings.drain))
        if scrubber:
            await asyncio.to_thread(scrubber.stop)
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        collector.close()
        units.close()
        door.close()
        if asked:
            asked.close()


async def _stopped(server: grpc.aio.Server, guard: Guard, seconds: float) -> None:
    """Off the port once the calls in flight have ended or had their time. Not waited for is what only watches, nor what came just
    as the port was shut: gRPC would keep both until the last moment."""
    stopping = asyncio.create_task(server.stop(seconds))
    ended = asyncio.create_task(guard.idle())
    await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    await server.stop(min(LINGER, seconds))
    await stopping


def _site(
    searcher: Searcher,
    services: Services,
    table: ServedTable,
    door: Door,
    observe: Observer,
    metrics: Metrics,
    life: Life,
    ending: Ending,
) -> ASGIApp:
    """The same over HTTP."""
    from server.http.app import app
    from server.http.reception import Reception
    from server.page.routes import page_routes

    reception = Reception(services, door, observe, metrics.in_flight, ending)
    return app(reception, metrics, life, page_routes(reception, searcher, table))


@asynccontextmanager
async def _http(
    site: ASGIApp | None,
    settings: ServerSettings,
    given: socket.socket | None,
    observe: Observer,
    untaken: Waiting,
    ending: Ending,
) -> AsyncIterator[Address | None]:
    """`site` where that is wanted, on the socket that was given or one of its own; the address it got."""
    if site is None or settings.http is None:
        yield None
        return
    from server.http.serving import http_serving

    with given or listening(settings.http, settings.protected) as port:
        async with http_serving(site, port, settings, observe, untaken, ending):
            yield Address(*port.getsockname()[:2])


def _others(asking: Coroutine[Any, Any, object], loop: asyncio.AbstractEventLoop) -> None:
    """Wait, off the event loop, until the other workers have done it; one that cannot be told is told on the next look."""
    try:
        asyncio.run_coroutine_threadsafe(asking, loop).result()
    except LineBroken as error:
        log.warning("the other workers were not told: %s", error)


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    key, certificate, clients = tls.pem()
    return grpc.ssl_server_credentials([(key, certificate)], clients, require_client_auth=clients is not None)


def _listen(server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None) -> int:
    return server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)


def _observer(metrics: Metrics) -> Observer:
    def observe(call: Call) -> None:
        write_line(call)
        metrics.note(call)

    return observe


def _scrubber(searcher: Searcher, rate: float, tell: Callable[[Path], None]) -> Scrubber | None:
    """Read what is served again and again, `rate` million bytes a second; what is damaged is no longer served, by anybody."""
    if not rate:
        return None

    def withdraw(path: Path, error: ChecksumError) -> None:
        log.error("%s; it is not searched any more, run: stepwell indexer repair", error)
        searcher.withdraw(path)
        tell(path)

    scrubber = Scrubber(searcher.path, lambda: searcher.pinned.index.manifest, rate * 1e6, withdraw)
    scrubber.start()
    return scrubber


def _scrubbing(scrubber: Scrubber | None, searcher: Searcher) -> Scrubbing | None:
    if scrubber is None:
        return None
    whole = sum(file.bytes for entry in searcher.pinned.index.manifest.segments for file in entry.files.values())
    return Scrubbing(scrubber.rate / 1e6, scrubber.read, whole, scrubber.rounds, scrubber.damaged)
