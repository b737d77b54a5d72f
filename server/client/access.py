"""How does a client show who it is, know whom it talks to, and reach it?"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio

from server.address import Address
from server.errors import TlsError

OPTIONS = [
    ("grpc.enable_retries", 0),  # we retry, within a budget and the deadline (server.client.retries)
    ("grpc.enable_http_proxy", 0),  # a proxy meant for the web must not see what is asked on loopback
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.lb_policy_name", "round_robin"),  # a name may stand for several servers: all are connected to and asked in turn
    ("grpc.use_local_subchannel_pool", 1),  # a channel has connections of its own, so that several reach several workers
]


@dataclass(frozen=True, slots=True)
class Access:
    """How a client shows who it is and knows whom it talks to."""

    key: str = field(default_factory=lambda: os.environ.get("STEPWELL_KEY", ""), repr=False)
    """``sw_...``; by default what the variable STEPWELL_KEY holds."""
    tls: bool = False
    """Encrypt, and check the server's certificate against the system's authorities."""
    authorities: Path | None = None
    """PEM of the authorities to trust instead; implies `tls`."""

    def channel(self, address: Address) -> grpc.Channel:
        """Connects with the first call. Raises TlsError where the authorities cannot be read."""
        credentials = self._credentials(address)
        if credentials is None:
            return grpc.insecure_channel(str(address), options=OPTIONS)
        return grpc.secure_channel(str(address), credentials, options=OPTIONS)

    def asynchronous_channel(self, address: Address) -> grpc.aio.Channel:
        """The same for the running event loop."""
        credentials = self._credentials(address)
        if credentials is None:
            return grpc.aio.insecure_channel(str(address), options=OPTIONS)
        return grpc.aio.secure_channel(str(address), credentials, options=OPTIONS)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return (("authorization", f"Bearer {self.key}"),) if self.key else ()

    def _credentials(self, address: Address) -> grpc.ChannelCredentials | None:
        if not self.tls and self.authorities is None:
            if self.key and not address.loopback:
                raise TlsError(
                    f"a key would travel to {address} in the clear; use --tls, or --ca FILE for a certificate of your own"
                )
            return None
        try:
            trusted = self.authorities.read_bytes() if self.authorities else None
        except OSError as error:
            raise TlsError(f"cannot read {self.authorities}: {(error.strerror or str(error)).lower()}") from None
        return grpc.ssl_channel_credentials(trusted)
