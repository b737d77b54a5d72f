"""What can go wrong on the wire, and what to do about it.

ServerError
├── AddressError         an address is not HOST:PORT, or may not be bound without TLS
│   └── AddressTaken     the port is in use, or the system does not let us have it
├── WorkerFailed         a worker process does not come up
├── LineBroken           a worker or its supervisor does not answer the other
├── KeyFileError         the key file cannot be read or written, or a key is not what a key can be
├── QueryLogError        the query log cannot be written
├── TlsError             certificate or key cannot be used
├── Unauthenticated      no key, or one that the server does not know         UNAUTHENTICATED
├── Forbidden            the key may not do this                              PERMISSION_DENIED
├── ServerUnreachable    nobody answers at the address                        UNAVAILABLE, after the retries
│   ├── Draining         the server takes no new calls                        UNAVAILABLE
│   └── SnapshotUnreadable  the snapshot of that time is damaged              UNAVAILABLE
├── NotStepwell          something answers there, but not this service        UNIMPLEMENTED
├── RequestRefused       the request or query cannot be answered as asked     INVALID_ARGUMENT, FAILED_PRECONDITION
├── DocumentNotFound     the index holds no document of that id or URL        NOT_FOUND
├── DeadlineExceeded     no answer within the time given                      DEADLINE_EXCEEDED, CANCELLED
├── CapacityExceeded     request or reply too large, or the server is full    RESOURCE_EXHAUSTED
│   └── RateLimited      the key has used up its minute or its day            RESOURCE_EXHAUSTED, retry-after
│       └── Overloaded   the server has more to do than it can in time        RESOURCE_EXHAUSTED, retry-after
└── ServerFault          a defect on the server; its log has the traceback    INTERNAL, UNKNOWN, every other status

One table, ERRORS, maps a gRPC status name to its class. The same names are the codes of a per-query Failure, so the
client raises one error for one cause, whether it struck the call or one query of it.
"""

from __future__ import annotations

import math

AS_OF = "the snapshot as of "
"""How the message of a SnapshotUnreadable begins."""


class ServerError(Exception):
    """Root of this room's errors."""

    exit_code = 1


class AddressError(ServerError):
    """Raised by server.address and server.run before anything is served; choose another address."""

    exit_code = 2


class AddressTaken(AddressError):
    """Raised by server.run when the port is in use or may not be bound; nothing was started."""

    exit_code = 1


class WorkerFailed(ServerError):
    """Raised by server.workers.supervisor when workers die before they answer; the message holds what the worker said."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class LineBroken(ServerError):
    """Raised by server.workers.line; the other process has died, or hangs."""


class KeyFileError(ServerError):
    """Raised by server.access.keys before anything is served, or by `server key`; the message names the file."""

    exit_code = 2


class QueryLogError(ServerError):
    """Raised by server.observe.queries before anything is served; the message names the file."""


class TlsError(ServerError):
    """Raised by server.access.tls before anything is served; the message names the file."""

    exit_code = 2


class Unauthenticated(ServerError):
    """Raised by the door, and by the client on the same status; send a key that the server knows."""


class Forbidden(ServerError):
    """Raised by the door, and by the client on the same status; ask the operator for a key with that scope."""


class ServerUnreachable(ServerError):
    """Raised by the client when the retries are spent; start a server or correct the address."""


class Draining(ServerUnreachable):
    """Raised by the door for calls that arrive while the server drains; another worker, or the next server, answers."""


class SnapshotUnreadable(ServerUnreachable):
    """Raised by server.answering for a call as of a date whose snapshot is damaged; others answer, and this one once repaired."""


class NotStepwell(ServerError):
    """Raised by the client; the address belongs to another service, or to a release without this call."""


class RequestRefused(ServerError):
    """Raised by a server for a whole call, and by the client; correct the query, the same one will be refused again."""

    exit_code = 2


class DocumentNotFound(ServerError):
    """Raised by the client; the index holds no such document."""


class DeadlineExceeded(ServerError):
    """Raised by the client; give it a longer timeout or a smaller batch."""


class CapacityExceeded(ServerError):
    """Raised by the client; send less in one call, ask for fewer hits, or come back when the server is less busy."""


class RateLimited(CapacityExceeded):
    """Raised by the door, and by the client where the server names the seconds; come back after `retry_after` of them."""

    def __init__(self, message: str, retry_after: float) -> None:
        again = f"; come back in {math.ceil(retry_after)} s"
        super().__init__(message.removesuffix(again) + again)
        self.retry_after = retry_after


class Overloaded(RateLimited):
    """Raised by server.load for a call that would wait in vain; come back after `retry_after` seconds."""


class ServerFault(ServerError):
    """Raised by the client; the message holds the id under which the server logged the traceback."""


ERRORS: dict[str, type[ServerError]] = {
    "INVALID_ARGUMENT": RequestRefused,
    "FAILED_PRECONDITION": RequestRefused,
    "NOT_FOUND": DocumentNotFound,
    "DEADLINE_EXCEEDED": DeadlineExceeded,
    "CANCELLED": DeadlineExceeded,
    "RESOURCE_EXHAUSTED": CapacityExceeded,
    "UNAUTHENTICATED": Unauthenticated,
    "PERMISSION_DENIED": Forbidden,
    "UNAVAILABLE": ServerUnreachable,
    "UNIMPLEMENTED": NotStepwell,
}
"""gRPC status name to the error the client raises; what is not here is a ServerFault."""


def status_of(error: ServerError) -> str:
    """Inverse of ERRORS: the gRPC status name that a server sends for one of its errors."""
    return next((name for name, kind in ERRORS.items() if isinstance(error, kind)), "INTERNAL")


def error_of(code: str, message: str, retry_after: float | None = None) -> ServerError:
    """The error for a gRPC status name or a Failure's code; `retry_after`: seconds to wait, where the server names them."""
    if code == "RESOURCE_EXHAUSTED" and retry_after is not None:
        return RateLimited(message, retry_after)
    return ERRORS.get(code, ServerFault)(message)
