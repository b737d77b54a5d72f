"""What does one of several worker processes do?

The supervisor starts it, with the line and the HTTP socket as inherited descriptors, and its order on standard input. It opens
the index for itself (mapped files lie in memory once, however many map them), binds the shared port, and answers until it is told
to stop or the supervisor is gone; then it drains.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.errors import LineBroken
from server.process import GRACE, end_within, prepare
from server.serving import serving
from server.state import worker_of
from server.workers.company import Colleagues
from server.workers.line import Line, written
from server.workers.order import Order

if TYPE_CHECKING:
    from ranker.search import Searcher


def main(argv: list[str]) -> int:
    """Carry out the order on standard input; 0 once it has drained, else the exit code of what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group, and the supervisor says what follows
    end, *http = (socket.socket(fileno=int(number)) for number in argv)
    spare = end.dup()
    order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    prepare(order.settings)
    try:
        with order.opens.open(order.memory) as searcher:
            asyncio.run(_work(searcher, order, end, http[0] if http else None))
    except Exception as error:
        missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
        code = getattr(error, "exit_code", 1 if missing else None)
        if code is None:
            raise
        spare.sendall(written("tell", 0, "failed", [str(error), code, missing]))
        return int(code)
    return 0


async def _work(searcher: Searcher, order: Order, end: socket.socket, http: socket.socket | None) -> None:
    told, wake, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    loop.add_signal_handler(signal.SIGHUP, wake.set)

    async def answer(verb: str, given: Any) -> object:
        controls = company.controls
        if controls is None:
            raise LineBroken("not serving yet")
        match verb:
            case "state":
                return asdict(worker_of(controls.state(), order.number))
            case "reload":
                return await asyncio.to_thread(controls.reload)
            case "withdraw":
                return await asyncio.to_thread(controls.withdraw, Path(given))
        raise LineBroken(f"a worker does not know {verb!r}")

    line = await Line.open(end, answer)
    company = Colleagues(line, order, http)
    talking = asyncio.create_task(line.talk())
    talking.add_done_callback(lambda _: told.set())  # nobody would start this worker again, or tell it anything
    async with serving(searcher, order.settings, wake, company):
        line.tell("ready", asdict(searcher.status))
        await told.wait()
        end_within(order.settings.notice + order.settings.drain + GRACE)
    talking.cancel()
    with suppress(asyncio.CancelledError):
        await talking
    await line.settled()
