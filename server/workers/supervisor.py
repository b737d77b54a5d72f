"""Who starts the workers, and again those that die?

What breaks a worker (a defect, the kernel's memory killer, an operator) breaks the calls in it and no others: the port is held,
the others answer, and a new one is started after a pause that grows while it keeps dying. At the start all must come up. Later
the supervisor gives up only when nobody answers any more and starting again has failed some times in a row.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from ranker.ranking import Status
from ranker.served import GENERATION
from server.address import Address, Bound
from server.errors import LineBroken, WorkerFailed
from server.memory import Memory
from server.process import GRACE, Told, prepare, warn
from server.readiness import announced
from server.settings import ServerSettings
from server.workers.order import Opens, Order
from server.workers.ports import Ports, held
from server.workers.slot import Ended, Slot

log = logging.getLogger("stepwell.server")

FIRST_PAUSE = 0.1
"""Seconds before a worker that died is started again; doubled for each life shorter than SETTLED."""
LONGEST_PAUSE = 10.0
"""Seconds, at the most."""
SETTLED = 60.0
"""Seconds of a life after which the next death is a first one again."""
GIVE_UP = 5
"""Starts of one worker that may fail in a row while no other worker answers."""


def supervise(opens: Opens, settings: ServerSettings) -> int:
    """Serve with `settings.workers` processes until SIGTERM or SIGINT; 0 once all have drained, 1 where one was killed first.

    SIGHUP has all reload.

    Raises AddressError, AddressTaken before anything is started; WorkerFailed, or what the worker said, where workers do not
    come up.
    """
    prepare(settings)
    warn(settings)
    with held(settings) as ports, tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
        memory = Memory(Path(folder, "memory"))
        Path(folder, "memory").mkdir(0o700)
        return asyncio.run(_supervised(opens, replace(settings, grpc=ports.grpc), ports, folder, memory))


async def _supervised(opens: Opens, settings: ServerSettings, ports: Ports, metrics: str, memory: Memory) -> int:
    return await _Supervisor(opens, settings, ports, metrics, memory).run()


class _Supervisor:
    def __init__(self, opens: Opens, settings: ServerSettings, ports: Ports, metrics: str, memory: Memory) -> None:
        self._settings, self._ports, self._memory = settings, ports, memory
        self._ending = Told(settings.drain)
        self._answering = asyncio.Event()
        """Set once every worker has answered for the first time."""
        self._cut = False
        """Whether a worker that answered died while it drained."""
        self._stack = ExitStack()
        self._slots: list[Slot] = []
        for number in range(1, settings.workers + 1):
            ready = partial(self._ready, number)
            order = Order(number, opens, settings, memory)
            self._slots.append(Slot(order, ports, metrics, partial(self._answer, number), ready))

    async def run(self) -> int:
        """Until all have ended; the exit code."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._wake)
        keepers = [asyncio.create_task(self._keep(slot)) for slot in self._slots]
        ender = asyncio.create_task(self._end())
        try:
            await asyncio.gather(*keepers)
            self._ending.done()
            return int(ender.done() or self._cut)
        finally:
            self._stack.close()
            for task in (*keepers, ender):
                task.cancel()
            await asyncio.gather(*keepers, ender, return_exceptions=True)

    async def _keep(self, slot: Slot) -> None:
        """One life after the other, until the end."""
        pause, failed = FIRST_PAUSE, 0
        while not self._ending.is_set():
            ended = await slot.live()
            if self._ending.is_set():
                if ended.served and not ended.whole:  # one that was only starting had no calls
                    self._cut = True
                    log.error("%s before it had drained: its calls are cut off", ended.words)
                return
            failed = 0 if ended.served else failed + 1
            self._consider(ended, failed)
            if failed and self._nobody_answers:  # whoever comes next differs from nobody
                self._memory.forget(GENERATION)
            if ended.seconds > SETTLED:
                pause = FIRST_PAUSE
            log.error("%s; starting it again in %g s", ended.words, pause)
            try:
                await asyncio.wait_for(self._ending.wait(), pause)
            except TimeoutError:
                slot.restarts += 1
            pause = min(pause * 2, LONGEST_PAUSE)

    def _consider(self, ended: Ended, failed: int) -> None:
        """Whether there is any use in going on. Raises what ends the server."""
        if not self._answering.is_set() or (self._nobody_answers and failed >= GIVE_UP):
            raise ended.failure or WorkerFailed(f"{ended.words} before it answered; its last lines above may say why")

    @property
    def _nobody_answers(self) -> bool:
        return all(slot.phase != "serving" for slot in self._slots)

    async def _end(self) -> None:
        """Once told: no new connections, calls in flight end, and whoever is not done then is killed. Ends only then."""
        await self._ending.wait()
        self._stack.close()
        if self._ports.http:
            self._ports.http.close()
        for slot in self._slots:
            slot.leave()
        await asyncio.sleep(self._settings.notice + self._settings.drain + GRACE)
        log.error("killing what has not ended %g s after it was told to drain", GRACE)
        for slot in self._slots:
            slot.send(signal.SIGKILL)

    def _ready(self, number: int, status: Status) -> None:
        log.info("worker %d answers", number)
        if self._answering.is_set() or self._ending.is_set() or any(slot.phase != "serving" for slot in self._slots):
            return
        self._answering.set()
        http = Address(*self._ports.http.getsockname()[:2]) if self._ports.http else None
        self._stack.enter_context(announced(Bound(self._ports.grpc, http), status, self._settings))

    async def _answer(self, asker: int, verb: str, given: Any) -> object:
        """What a worker asks."""
        match verb:
            case "workers":
                return [asdict(worker) for worker in await asyncio.gather(*(slot.worker() for slot in self._slots))]
            case "reload":
                return await self._each("reload", asker)
            case "withdraw":
                return await self._each("withdraw", asker, given)
        raise LineBroken(f"the supervisor does not know {verb!r}")

    async def _each(self, verb: str, asker: int = 0, given: object = None) -> list[str]:
        """Ask every worker but the asker; what they say, without repetitions. Who starts looks at the disk before it serves."""
        others = [slot for slot in self._slots if slot.number != asker and slot.phase != "down"]
        said = await asyncio.gather(*(slot.ask(verb, given) for slot in others), return_exceptions=True)
        for slot, answer in zip(others, said, strict=True):
            if isinstance(answer, Exception) and slot.phase == "serving":
                raise LineBroken(f"worker {slot.number}: {answer}")
        return list(dict.fromkeys(change for answer in said if isinstance(answer, list) for change in answer))

    def _wake(self) -> None:
        """Each looks at the disk at once and says in the log what it found."""
        for slot in self._slots:
            if slot.phase == "serving":
                slot.send(signal.SIGHUP)
