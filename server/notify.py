"""How does the service manager hear that the server is ready, looks at the disk again, or ends?

By sd_notify(3): a datagram to the socket that $NOTIFY_SOCKET names. Without one nothing is sent, and what cannot be sent is not
worth failing for.
"""

from __future__ import annotations

import contextlib
import os
import socket

READY = "READY=1"
"""It answers; systemd starts what waits for it."""
STOPPING = "STOPPING=1"
"""It takes no new calls."""


def tell(state: str, status: str = "") -> None:
    """One state, and one line for `systemctl status`."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    where = "\0" + where[1:] if where.startswith("@") else where  # an abstract socket
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
        notify.sendto(f"{state}\nSTATUS={status}\n".encode(), where)
