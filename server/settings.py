"""What may a deployment decide?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from server.address import DEFAULT, Address


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server; README.md holds the same table with the reasons."""

    grpc: Address = DEFAULT
    """Where to listen; port 0 lets the system choose."""
    insecure: bool = False
    """Listen beyond loopback, without TLS or keys."""
    threads: int = 4
    """Threads that search; each runs one unit of one call."""
    max_calls: int = 64
    """Calls in flight; one more is refused with RESOURCE_EXHAUSTED."""
    max_request: int = 4 * 2**20
    """Bytes in one request; larger ones are refused with RESOURCE_EXHAUSTED before they are read."""
    reflection: bool = True
    """Let clients such as grpcurl read the service's description."""
    watch: float = 1.0
    """Seconds between two looks for a newer generation or a changed authority table."""
    drain: float = 10.0
    """Seconds that calls in flight may take after SIGTERM."""
    ready_file: Path | None = None
    """Written with the address once the server answers, removed when it stops."""
    json: bool = False
    """Print the ready line as JSON."""
