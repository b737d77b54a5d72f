"""What may a deployment decide?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server.access.tls import Tls
from server.address import DEFAULT, Address
from server.categories import Category


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server; README.md holds the same table with the reasons."""

    grpc: Address = DEFAULT
    """Where to listen; port 0 lets the system choose."""
    http: Address | None = None
    """Where to answer HTTP, too; None answers gRPC alone."""
    http_names: tuple[str, ...] = ()
    """Host names that HTTP requests may be addressed to beside loopback's own; on loopback every other one is refused."""
    keys: Path | None = None
    """The key file; None lets whoever reaches the server search and fetch."""
    tls: Tls | None = None
    """Certificate and key; None sends everything in the clear."""
    insecure: bool = False
    """Listen beyond loopback although TLS or keys are missing."""
    open_admin: bool = False
    """Without keys, let whoever reaches the server edit the table and administer, too."""
    workers: int = 1
    """Processes that share the ports; each searches with its part of the machine's cores."""
    threads: int = 2
    """Units at once of searches whose documents a cross-encoder reads; all others are retrieved by one thread, which spreads over
    the cores by itself, and ranked by another, in Python."""
    max_cost: int = 40_000
    """Cost that may wait, hits times passages and 20 a query: some 1,000 usual queries; more is refused with
    RESOURCE_EXHAUSTED."""
    categories: Mapping[str, Category] = field(default_factory=dict)
    """What `Query.category` may name, and what each name stands for."""
    max_calls: int = 256
    """Calls in flight in one worker; one more is refused with RESOURCE_EXHAUSTED."""
    max_request: int = 4 * 2**20
    """Bytes in one request; larger ones are refused with RESOURCE_EXHAUSTED before they are read."""
    take: float = 60.0
    """Seconds until a reply, or a part of a stream, has been taken; then its connection is hung up on."""
    max_untaken: int = 256 * 2**20
    """Bytes of replies that wait to be taken, in one worker; beyond that whoever waits longest is hung up on."""
    reflection: bool = True
    """Let clients such as grpcurl read the service's description."""
    scrub: float = 10.0
    """Million bytes a second of the index that are read again in the background and compared with their checksums; 0 reads
    none."""
    watch: float = 0.3
    """Seconds between two looks for a newer generation or a changed authority table; a look costs a millisecond."""
    drain: float = 10.0
    """Seconds that calls in flight may take after SIGTERM."""
    notice: float = 0.0
    """Seconds after SIGTERM in which calls are still taken while health says NOT_SERVING, for balancers that ask now and then."""
    query_log: Path | None = None
    """Every query and the ids it got, for audits; None writes no query text anywhere."""
    log_json: bool = False
    """Log in JSON, an object a line."""
    ready_file: Path | None = None
    """Written with the address once the server answers, removed when it stops."""
    json: bool = False
    """Print the ready line as JSON."""

    @property
    def protected(self) -> bool:
        """Whether it may listen beyond loopback: with keys and TLS, or because the operator says so."""
        return self.insecure or (self.keys is not None and self.tls is not None)
