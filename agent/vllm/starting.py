"""When does the model answer?

vLLM is started, watched until it answers, and ended with us: a large model takes minutes to load, and may fail at any of them.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import httpx

from agent.errors import ModelError

LOOK = 1.0
"""Seconds between two questions whether it answers."""
ENDING = 30.0
"""Seconds that it may take to end."""


def run_until_ended(command: Sequence[str], url: str, patience: float) -> int:
    """Start the program, say when it answers, and stay until it ends; its exit code. Raises ModelError where it never answers.

    It ends with us: after Ctrl-C and SIGTERM it is told to end, and killed where it does not. In the main thread alone.
    """
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise ModelError(
            f"{command[0]} cannot be started: {error.strerror}; install vLLM, or name its program with --vllm"
        ) from error
    before = signal.signal(signal.SIGTERM, _told)
    try:
        until_it_answers(process, url, patience)
        print(f"answers at {url}/v1", file=sys.stderr, flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except _Told:
        return 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class _Told(BaseException):
    """SIGTERM arrived."""


def _told(*_: object) -> None:
    raise _Told


def until_it_answers(process: subprocess.Popen[bytes], url: str, patience: float) -> None:
    """Return when the endpoint lists its models. Raises ModelError where the program ends before, or takes too long."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ModelError(f"the model's server ended with {process.returncode} before it answered; its own output says why")
        try:
            if httpx.get(f"{url}/v1/models", timeout=LOOK, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(LOOK / 5)
    raise ModelError(f"the model's server did not answer within {patience:g} s; a longer --patience waits longer")
