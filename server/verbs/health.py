"""The verb `stepwell server health`: does the server of this deployment answer?"""

from __future__ import annotations

import argparse
from typing import Any

from server.options import add_options, chosen
from server.verbs.connecting import add_verb

EXAMPLE = """example, in a container file:
  HEALTHCHECK CMD ["stepwell", "server", "health", "--config", "/etc/stepwell/stepwell.toml"]

Takes the options of `server run` and asks at the addresses they name; needs no key. Exit code 1 unless it is serving."""


def add(verbs: Any) -> None:
    """Describe it."""
    health = add_verb(verbs, "health", "whether the server of this deployment answers", EXAMPLE)
    health.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS", help="default %(default)g")
    add_options(health)


def run(args: argparse.Namespace) -> int:
    """Ask and print. Raises ServerUnreachable."""
    import orjson

    from server.deployment import Deployment
    from server.health import answers

    told = answers(Deployment.of(chosen(args)).settings, args.timeout)
    print(orjson.dumps({"serving": True, "told": told}).decode() if args.json else told)
    return 0
