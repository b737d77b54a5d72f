"""The verb `stepwell server doctor`: would this deployment run well here, and what should be changed?"""

from __future__ import annotations

import argparse
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from server.options import add_options, chosen
from server.verbs.connecting import add_verb

if TYPE_CHECKING:
    from server.doctor.finding import Finding

EXAMPLE = """example:
  stepwell server doctor --config /etc/stepwell/stepwell.toml
  stepwell server doctor --index index/sample --http 127.0.0.1:8080 --json

Takes the options of `server run` and looks at what they name: files, limits, encoder, cards, clock, ports, keys, certificate,
table; then opens the index and answers a query. Writes nothing. Exit code 1 if anything fails."""


def add(verbs: Any) -> None:
    """Describe it."""
    add_options(add_verb(verbs, "doctor", "check a deployment and say what to change", EXAMPLE))


def run(args: argparse.Namespace) -> int:
    """Examine and print, a finding as soon as it is made; 1 if one of them is a failure."""
    from dataclasses import asdict

    import orjson

    from server.deployment import Deployment
    from server.doctor.examine import examine

    found: list[Finding] = []
    for one in examine(Deployment.of(chosen(args))):
        found.append(one)
        if not args.json:
            print(_line(one), flush=True)
    levels = Counter(one.level for one in found)
    if args.json:
        print(orjson.dumps({"ok": not levels["fail"], "findings": [asdict(one) for one in found]}).decode())
    else:
        print(f"{len(found)} findings: {levels['ok']} ok, {levels['warn']} to look at, {levels['fail']} failed")
    return int(levels["fail"] > 0)


def _line(one: Finding) -> str:
    """What was found, and below it what to change."""
    told = f"{one.level:<5} {one.about:<14} {one.found}"
    return f"{told}\n{textwrap.indent(f'-> {one.advice}', ' ' * 21)}" if one.advice else told
