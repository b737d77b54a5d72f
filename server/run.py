"""What happens between `stepwell server run` and the signal that ends it?"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ranker.ranking import Status
from server.address import Bound
from server.observe.calls import write_log
from server.service import release
from server.serving import serving
from server.settings import ServerSettings

if TYPE_CHECKING:
    from ranker.search import Searcher

log = logging.getLogger("stepwell.server")


def run(searcher: Searcher, settings: ServerSettings) -> int:
    """Serve `searcher` until SIGTERM or SIGINT; 0 once it has drained. The log goes to standard error.

    Raises AddressError, AddressTaken before anything is served.
    """
    write_log(settings.log_json)
    if settings.insecure and not settings.grpc.loopback:
        missing = [name for name, given in (("TLS", settings.tls), ("keys", settings.keys)) if not given]
        if missing:
            log.warning("without %s: whoever reaches %s may listen or search", " and ".join(missing), settings.grpc)
    asyncio.run(_until_told(searcher, settings))
    return 0


async def _until_told(searcher: Searcher, settings: ServerSettings) -> None:
    told, wake = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    reasons: list[str] = []

    def end(number: signal.Signals) -> None:
        reasons.append(number.name)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    loop.add_signal_handler(signal.SIGHUP, wake.set)
    async with serving(searcher, settings, wake) as address:
        print(ready_line(address, searcher.status, settings.json), flush=True)
        if settings.ready_file:
            _write(settings.ready_file, f"{address}\n")
        await told.wait()
        began = time.monotonic()
        log.info("%s: no new calls; those in flight have %g s", reasons[0], settings.drain)
        if settings.ready_file:
            settings.ready_file.unlink(missing_ok=True)
    log.info("stopped after %s, %.1f s later", reasons[0], time.monotonic() - began)


def ready_line(address: Bound, status: Status, as_json: bool) -> str:
    """One line that says where the server answers and what it serves."""
    if as_json:
        record = {
            "address": str(address.grpc),
            "http": str(address.http) if address.http else "",
            "snapshot": status.snapshot,
            "documents": status.documents,
            "passages": status.passages,
            "encoder": status.encoder,
            "authority_version": status.authority_version,
            "release": release(),
        }
        return orjson.dumps(record).decode()
    where = f"{address.grpc} and http://{address.http}" if address.http else str(address.grpc)
    return (
        f"serving {where}: snapshot {status.snapshot}, {status.documents:,} documents, "
        f"encoder {status.encoder or 'none (lexical)'}, authority {status.authority_version}"
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all: whoever waits for the file may read it at once."""
    half = path.with_name(path.name + ".part")
    half.write_text(text)
    half.replace(path)
