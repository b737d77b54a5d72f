"""How does a connection of gRPC end that its server wants to end?

gRPC offers no way: a call that is cancelled leaves its reply in the connection, until that ends or the client takes it. So the
connection is found among the process's descriptors by its peer and shut down; gRPC sees its end and frees what it held.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

log = logging.getLogger("stepwell.server")

SOON = 0.05
"""Seconds to wait for more of them: one look at the descriptors finds all."""
DESCRIPTORS = Path("/dev/fd")
"""This process's, where the system shows them; elsewhere the age of connections ends them."""


class HangingUp:
    """Ends connections by their peers, as gRPC names them: ``ipv4:127.0.0.1:40000``, ``ipv6:%5B::1%5D:40000``."""

    def __init__(self) -> None:
        self._peers: set[str] = set()

    def on(self, peer: str) -> None:
        """End it within a moment, with every call on it."""
        if not self._peers:
            asyncio.get_running_loop().call_later(SOON, self._begin)
        self._peers.add(peer)

    def _begin(self) -> None:
        peers, self._peers = self._peers, set()
        log.info("hanging up on %s: replies are not taken", ", ".join(sorted(peers)))
        asyncio.get_running_loop().run_in_executor(None, hang_up, peers)


def hang_up(peers: set[str]) -> int:
    """End the connections with these peers; how many there were."""
    wanted, found = {_address(peer) for peer in peers}, 0
    for name in os.listdir(DESCRIPTORS) if DESCRIPTORS.exists() else ():  # noqa: PTH208 - numbers, not paths
        with suppress(OSError):  # closed since, or no socket
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found += _shut(int(name), wanted)
    return found


def _shut(descriptor: int, wanted: set[tuple[str, int]]) -> bool:
    ours = os.dup(descriptor)  # so that it stays this very socket while we look
    try:
        connection = socket.socket(fileno=ours)
    except OSError:
        os.close(ours)
        raise
    with connection:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return False
        host, port = connection.getpeername()[:2]
        if (host.removeprefix("::ffff:"), port) not in wanted:
            return False
        connection.shutdown(socket.SHUT_RDWR)
        return True


def _address(peer: str) -> tuple[str, int]:
    """Host and port; a unix socket has none and is nobody's."""
    host, _, port = unquote(peer).partition(":")[2].rpartition(":")
    return host.strip("[]").removeprefix("::ffff:"), int(port) if port.isdigit() else 0
