"""Which HOST:PORT is meant, and may it be bound?"""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from server.errors import AddressError, AddressTaken


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    """A name or an IP literal, without brackets."""
    port: int
    """0 to 65535; 0 lets the system choose, when listening."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """``127.0.0.1:50051``, ``[::1]:50051``, ``search.alder.example:443``. Raises AddressError."""
        host, colon, port = text.rpartition(":")
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        known = port.isascii() and port.isdigit() and int(port) <= 65535
        if not colon or not bare or not known or (":" in bare and bare == host) or any(c in "/ \t\n" for c in bare):
            raise AddressError(f"{text!r} is not an address; write HOST:PORT, for example {DEFAULT}")
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class Bound:
    """Where one server answers."""

    grpc: Address
    http: Address | None = None
    """None where it answers gRPC alone."""

    def __str__(self) -> str:
        return str(self.grpc)


BACKLOG = 1024
"""Connections that the system keeps until we accept them."""
DEFAULT = Address("127.0.0.1", 50051)
"""Where `stepwell server run` listens and where its clients look, unless told otherwise."""


def bindable(address: Address, protected: bool = False) -> Address:
    """The IP address to listen on, checked to be ours and free.

    A name that means several addresses would be bound in part where one of them is taken, so only IP literals and
    ``localhost`` (127.0.0.1) are accepted; beyond loopback only `protected` ones, by keys and TLS or by the operator's word.
    Raises AddressError, AddressTaken.
    """
    if address.host == "localhost":
        address = Address("127.0.0.1", address.port)
    try:
        ip_address(address.host)
    except ValueError:
        raise AddressError(f"cannot listen on the name {address.host!r}; give an IP address such as 127.0.0.1") from None
    if not address.loopback and not protected:
        raise AddressError(
            f"{address} can be reached from other machines: give --keys, --tls-cert and --tls-key, listen on "
            f"127.0.0.1:{address.port}, or add --insecure if everyone on that network may search"
        )
    with socket.socket(family(address)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gRPC does: connections in TIME_WAIT do not count
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise taken(address, error.errno) from None
    return address


def family(address: Address) -> socket.AddressFamily:
    """The kind of socket for an IP literal."""
    return socket.AF_INET6 if ip_address(address.host).version == 6 else socket.AF_INET


def listening(address: Address, protected: bool = False) -> socket.socket:
    """A socket that listens there. Raises AddressError, AddressTaken, as `bindable` does."""
    address = bindable(address, protected)
    made = socket.socket(family(address))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address.host, address.port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise taken(address, error.errno) from None
    return made


def taken(address: Address, number: int | None = errno.EADDRINUSE) -> AddressTaken:
    """The error for a port that the system does not let us have."""
    if number == errno.EADDRINUSE:
        return AddressTaken(f"{address} is in use; stop the other server or choose another port with --grpc HOST:PORT")
    reason = os.strerror(number or 0).lower()
    return AddressTaken(f"cannot listen on {address}: {reason}; choose another address with --grpc HOST:PORT")
