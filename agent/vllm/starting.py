"""When does the model answer?

vLLM is started, watched until it answers, and ended with us: a large model takes minutes to load, and may fail at any of them.
Somebody else's server on the same port is never taken for it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import httpx
import orjson

from agent.errors import AskError, ModelError

HOST = "127.0.0.1"
LOOK = 1.0
"""Seconds between two questions whether it answers."""
ENDING = 30.0
"""Seconds that it may take to end."""
MAX_PATIENCE = 86_400
"""Seconds; no weights take a day to load."""
MAX_LIST = 2**20
"""Bytes of a list of models that are read."""


def check(port: int, patience: float) -> None:
    """Raises AskError where one of them is out of its range."""
    if not 1 <= port <= 65_535:
        raise AskError(f"port {port} is out of range; it must lie in 1..65,535")
    if not 1 <= patience <= MAX_PATIENCE:
        raise AskError(f"a patience of {patience:g} s is out of range; it must lie in 1..{MAX_PATIENCE:,}")


def run_until_ended(command: Sequence[str], port: int, served: str, patience: float) -> int:
    """Start the program, say when it answers under the name `served`, and stay until it ends; its exit code.

    Raises AskError where the port is taken, ModelError where it never answers. It ends with us: after Ctrl-C and SIGTERM it is
    told to end, and killed where it does not. In the main thread alone.
    """
    _check_free(port)
    before = signal.signal(signal.SIGTERM, _told)  # first, so that no signal comes between the start and what ends it
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _started(command)
        until_it_answers(process, port, served, patience)
        print(f"answers at http://{HOST}:{port}/v1", file=sys.stderr, flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except _Told:
        return 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise ModelError(
            f"{command[0]} cannot be started: {error.strerror}; install vLLM, or name its program with --vllm"
        ) from error


class _Told(BaseException):
    """SIGTERM arrived."""


def _told(*_: object) -> None:
    raise _Told


def until_it_answers(process: subprocess.Popen[bytes], port: int, served: str, patience: float) -> None:
    """Return when the endpoint lists its model. Raises ModelError where the program ends before, or takes too long."""
    until = time.monotonic() + patience
    names: list[str] = []
    while time.monotonic() < until:
        names = _listed(port) or names
        if process.poll() is not None:
            raise ModelError(f"the model's server ended with {process.returncode} before it answered; its own output says why")
        if served in names:
            return
        time.sleep(LOOK / 5)
    instead = f" as {served!r} but as {names[0][:100]!r}" if names else ""
    raise ModelError(f"the model's server did not answer{instead} within {patience:g} s; a longer --patience waits longer")


def _listed(port: int) -> list[str]:
    """The models that whoever answers there serves; none where nobody does."""
    key = os.environ.get("VLLM_API_KEY", "")  # what vLLM itself reads, and wants from then on
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    told = bytearray()
    try:
        with httpx.stream("GET", f"http://{HOST}:{port}/v1/models", headers=headers, timeout=LOOK, trust_env=False) as answer:
            for piece in answer.iter_bytes():
                told += piece
                if len(told) > MAX_LIST:
                    return []
        return [str(model["id"]) for model in orjson.loads(told)["data"]]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return []


def _check_free(port: int) -> None:
    """Raises AskError where vLLM could not have the port to itself: it would share one that another vLLM listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise AskError(f"port {port} cannot be used: {str(error.strerror).lower()}; name another with --port") from error
