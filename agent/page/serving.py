"""How does the page get on a port?"""

from __future__ import annotations

import ipaddress
import shlex
import socket
import sys
from pathlib import Path

import uvicorn

from agent.errors import AskError
from agent.page.app import app


def serve(runs: Path, http: str, server: str) -> int:
    """Answer until the process is told to end. Raises AskError on an address that is not this machine's own, or taken."""
    host, _, port = http.rpartition(":")
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
        if not address.is_loopback or not 0 <= int(port) < 65_536:
            raise ValueError
    except ValueError:
        raise AskError(
            f"{http!r} is no address of this machine alone; use 127.0.0.1:PORT (a tunnel reaches it from elsewhere)"
        ) from None
    if not runs.is_dir():
        raise AskError(f"there is no folder {runs}; `stepwell agent ask --runs {shlex.quote(str(runs))} QUESTION` makes it")
    listening = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((str(address), int(port)))
    except OSError as error:
        listening.close()
        raise AskError(f"{http} cannot be used: {error.strerror}; name another with --http") from error
    listening.listen(64)
    print(f"http://{host}:{listening.getsockname()[1]}/  shows the runs of {runs}", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app(runs, server), log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    uvicorn.Server(config).run([listening])
    return 0
