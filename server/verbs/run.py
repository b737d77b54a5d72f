"""The verb `stepwell server run`: serve an index until SIGTERM."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import Any

from server.options import add_options, chosen
from server.verbs.connecting import add_verb

EXAMPLE = """example:
  stepwell server run --index index/sample --grpc 127.0.0.1:50051 --http 127.0.0.1:8080
  stepwell server run --config /etc/stepwell/stepwell.toml

Prints one line when it answers, logs to standard error, takes up what changed on SIGHUP, and stops on SIGTERM or Ctrl-C after
calls in flight."""


def add(verbs: Any) -> None:
    """Describe it."""
    add_options(add_verb(verbs, "run", "serve an index", EXAMPLE))


def run(args: argparse.Namespace) -> int:
    """Serve; 0 once it has drained."""
    from authority.errors import ProfileError
    from server.address import bindable
    from server.deployment import Deployment

    deployment = Deployment.of(chosen(args), args.json)
    settings = deployment.settings
    with suppress(ProfileError):  # a server goes on with the last good ones, where there are some
        deployment.check_profiles()
    for wanted in filter(None, (settings.grpc, settings.http)):
        bindable(wanted, settings.protected)  # before an index of gigabytes is opened for nothing
    if settings.workers > 1:
        from server.workers.supervisor import supervise

        return supervise(deployment, settings)
    from server.memory import Memory
    from server.run import run as serve

    with deployment.open(Memory()) as searcher:
        return serve(searcher, settings)
