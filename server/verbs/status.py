"""The verb `stepwell server status`: what a server serves."""

from __future__ import annotations

import argparse
from typing import Any

from server.verbs.connecting import access_of, add_server, add_verb

EXAMPLE = """example:
  stepwell server status --server 127.0.0.1:50051"""


def add(verbs: Any) -> None:
    """Describe it."""
    add_server(add_verb(verbs, "status", "what a server serves", EXAMPLE))


def run(args: argparse.Namespace) -> int:
    """Ask and print."""
    from dataclasses import asdict

    import orjson

    from server.client import Client

    with Client(args.server, access=access_of(args)) as client:
        rows = {"address": args.server} | asdict(client.status())
    if args.json:
        print(orjson.dumps(rows).decode())
    else:
        for name, value in rows.items():
            print(f"{name.replace('_', ' '):<18} " + (f"{value:,}" if isinstance(value, int) else value or "none"))
    return 0
