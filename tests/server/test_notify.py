"""A service manager hears by datagram when a real server is ready and when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.notify import READY, tell


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_that_it_answers_and_that_it_stops(tiny_index: Path, tmp_path: Path, abstract: bool) -> None:
    name = f"@stepwell-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(30)
        line = [sys.executable, "-m", "stepwell", "server", "run", "--index", str(tiny_index), "--grpc", "127.0.0.1:0"]
        with subprocess.Popen(line, env=os.environ | {"NOTIFY_SOCKET": name}, stdout=subprocess.PIPE, text=True) as process:
            try:
                state, status = manager.recv(4096).decode().splitlines()
                assert state == "READY=1"
                assert status == "STATUS=" + process.stdout.readline().strip()
                process.send_signal(signal.SIGTERM)
                assert manager.recv(4096).decode().splitlines()[0] == "STOPPING=1"
                assert process.wait(20) == 0
            finally:
                process.kill()


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell(READY)
