"""What is one worker's place, from one life to the next?"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from ranker.ranking import Status
from server.errors import LineBroken, WorkerFailed
from server.observe.metrics import FOLDER
from server.state import Phase, Worker
from server.workers.line import Answer, Line
from server.workers.order import Order
from server.workers.ports import Ports

log = logging.getLogger("stepwell.server")

WORKER = "import sys; from server.workers.worker import main; sys.exit(main(sys.argv[1:]))"
"""What the process runs, with the module path of this one and nothing of the folder that it starts in."""
GLANCE = 1.0
"""Seconds that a worker has to say how it is."""
BEAT = 5.0
"""Seconds between two questions whether a worker is alive."""
PATIENCE = 8.0
"""Seconds that each may take; nothing on a worker's event loop takes one."""
HUNG = 2
"""Questions in a row without an answer after which a worker is killed; one alone may be the supervisor's own pause."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a life ended."""

    words: str
    """For the log."""
    seconds: float
    """That it lasted."""
    served: bool
    """Whether it ever answered."""
    whole: bool
    """Whether it ended by itself, with exit code 0."""
    failure: Exception | None = None
    """What the worker said of it, ready to be raised."""


class Slot:
    """One of the workers; `answer` is asked what it asks, `ready` hears when it serves."""

    def __init__(self, order: Order, ports: Ports, metrics: str, answer: Answer, ready: Callable[[Status], None]) -> None:
        self.number = order.number
        self.restarts = 0
        """Times that it was started again."""
        self.phase: Phase = "down"
        self._order = pickle.dumps(order)
        self._http = ports.http
        self._cores = max(1, len(os.sched_getaffinity(0)) // order.settings.workers)
        self._metrics = metrics
        self._answer, self._ready = answer, ready
        self._process: asyncio.subprocess.Process | None = None
        self._line: Line | None = None
        self._failure: Exception | None = None
        self._leaving = False

    async def live(self) -> Ended:
        """Start the process and attend to it until it ends; it does not outlive this call."""
        began, self._failure = time.monotonic(), None
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = process = await self._started(theirs)
        if self._leaving:  # told while the process was being made
            self.send(signal.SIGTERM)
        self.phase = "starting"
        self._line = await Line.open(ours, self._heard)
        talking = asyncio.create_task(self._line.talk())
        beating = asyncio.create_task(self._beating(process, talking))
        try:
            with suppress(ConnectionError):  # it died before it read its order
                assert process.stdin is not None
                process.stdin.write(self._order)
                await process.stdin.drain()
                process.stdin.close()
            code = await process.wait()
            await talking  # until all that it said is heard
            served = self.phase != "starting"
        finally:
            self.phase = "down"
            talking.cancel()
            beating.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
            mark_process_dead(process.pid, self._metrics)  # type: ignore[no-untyped-call]
        return Ended(self._words(process.pid, code), time.monotonic() - began, served, code == 0, self._failure)

    async def _beating(self, process: asyncio.subprocess.Process, talking: asyncio.Task[None]) -> None:
        """Kill a worker that runs and answers nothing (stopped, or in an endless loop): its connections end, and another one is
        started."""
        missed = 0
        while missed < HUNG:
            await asyncio.sleep(BEAT)
            asked = time.monotonic()
            try:
                if self.phase == "serving":
                    await self.ask("state", seconds=PATIENCE)
                missed = 0
            except LineBroken:
                if talking.done():  # it is ending
                    return
                missed += time.monotonic() - asked > PATIENCE / 2  # else it answered, with an error
        log.error("worker %d (process %d) hangs; killing it", self.number, process.pid)
        process.kill()

    async def _started(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        descriptors = [theirs.fileno(), *([self._http.fileno()] if self._http else [])]
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        share = {"OMP_NUM_THREADS": str(self._cores)}  # what FAISS, torch and the encoder go by
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", WORKER, *map(str, descriptors)),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=descriptors,
            env=share | os.environ | {"PYTHONPATH": path, FOLDER: self._metrics},
        )

    async def _heard(self, verb: str, given: Any) -> object:
        match verb:
            case "ready":
                self.phase = "serving"
                self._ready(Status(**given))
            case "failed":
                message, code, missing = given
                self._failure = ModuleNotFoundError(message, name=missing) if missing else WorkerFailed(message, code)
            case _:
                return await self._answer(verb, given)
        return None

    def _words(self, pid: int, code: int) -> str:
        by = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        said = f": {self._failure}" if self._failure else ""
        return f"worker {self.number} (process {pid}) {by}{said}"

    async def ask(self, verb: str, given: object = None, seconds: float = 20.0) -> Any:
        """What the worker answers. Raises LineBroken, also where it is down, or has not opened its index yet."""
        if self._line is None or self.phase == "down":
            raise LineBroken(f"worker {self.number} is {self.phase}")
        return await self._line.ask(verb, given, seconds)

    async def worker(self) -> Worker:
        """How it is."""
        pid = self._process.pid if self._process and self.phase != "down" else 0
        if self.phase != "serving":
            return Worker(self.number, pid, self.phase, restarts=self.restarts)
        try:
            return replace(Worker(**await self.ask("state", seconds=GLANCE)), restarts=self.restarts)
        except LineBroken:
            return Worker(self.number, pid, "silent", restarts=self.restarts)

    def leave(self) -> None:
        """Have the process drain and end, and any that is just being made."""
        self._leaving = True
        self.send(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Signal the process, where there is one."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
