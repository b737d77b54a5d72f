"""How do several processes share their ports?

gRPC binds for itself, so every worker binds the same port with SO_REUSEPORT and the kernel spreads connections over them; the
supervisor holds the port with a socket that never listens, which settles port 0 once and keeps the port while a worker is down.
A second supervisor could share it in the same way, so a name in the kernel, gone with its process, keeps it out. HTTP needs no
such thing: one listening socket is handed to all, and whoever is idle accepts.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from server.address import Address, bindable, family, listening, taken
from server.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class Ports:
    """What the workers of one server share."""

    grpc: Address
    """With the port that was bound."""
    http: socket.socket | None
    """Listens; None where only gRPC is answered."""


@contextmanager
def held(settings: ServerSettings) -> Iterator[Ports]:
    """Both ports of a server, kept until the block ends. Raises AddressError, AddressTaken."""
    wanted = bindable(settings.grpc, settings.protected)
    with ExitStack() as stack:
        http = stack.enter_context(listening(settings.http, settings.protected)) if settings.http else None
        holder = stack.enter_context(socket.socket(family(wanted)))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not count
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            holder.bind((wanted.host, wanted.port))
        except OSError as error:
            raise taken(wanted, error.errno) from None
        address = Address(wanted.host, holder.getsockname()[1])
        name = stack.enter_context(socket.socket(socket.AF_UNIX))
        try:
            name.bind(f"\0stepwell {address}")
        except OSError:
            raise taken(address) from None
        yield Ports(address, http)
