"""The verb `stepwell server status`: what a server serves, and how it is."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.verbs.connecting import access_of, add_server, add_verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.overview import MethodCalls, Overview, Standing
    from server.state import Scrubbing

EXAMPLE = """example:
  stepwell server status --server 127.0.0.1:50051
  stepwell server status --watch 2               # until Ctrl-C; figures of calls are those between two looks

Where the server asks for keys, the one in STEPWELL_KEY must have the scope admin to see more than what is served. Times are
interpolated in the buckets of /metrics. With --json one object a look."""
CLEAR = "\x1b[H\x1b[2J"
"""Erases a terminal."""


def add(verbs: Any) -> None:
    """Describe it."""
    status = add_verb(verbs, "status", "what a server serves, and how it is", EXAMPLE)
    add_server(status)
    status.add_argument("--watch", type=float, metavar="SECONDS", help="look again and again")


def run(args: argparse.Namespace) -> int:
    """Ask and print, once or again and again; a server that goes away while it is watched is waited for."""
    from server.client import Client
    from server.errors import ServerUnreachable

    with Client(args.server, access=access_of(args)) as client:
        before = client.overview()
        _show(args, before, None, 0.0)
        looked = time.monotonic()
        try:
            while args.watch:
                time.sleep(args.watch)
                try:
                    now = client.overview()
                except ServerUnreachable as error:
                    print(f"stepwell server: {error}", file=sys.stderr)
                    continue
                seconds, looked = time.monotonic() - looked, time.monotonic()
                _show(args, now, before, seconds)
                before = now
        except KeyboardInterrupt:  # how a watch ends
            pass
    return 0


def _show(args: argparse.Namespace, now: Overview, before: Overview | None, seconds: float) -> None:
    """One look; of calls what ended since the last one, where there was one."""
    from server.overview import between

    methods = now.standing.methods if now.standing else ()
    if before and before.standing:
        methods = between(before.standing.methods, methods)
    if args.json:
        import orjson

        print(orjson.dumps(_record(args.server, now, methods)).decode(), flush=True)
        return
    lines = [*_facts(args.server, now)]
    if now.standing:
        lines += ["", *_workers(now.standing), "", *_methods(methods, seconds)]
    print((CLEAR if args.watch and sys.stdout.isatty() else "") + "\n".join(lines), flush=True)
    if args.watch and not sys.stdout.isatty():
        print(flush=True)


def _facts(address: str, now: Overview) -> Iterator[str]:
    served, standing = now.served, now.standing
    rows = [
        ("address", address),
        ("release", now.release),
        ("snapshot", f"{served.snapshot}: {served.documents:,} documents, {served.passages:,} passages"),
        ("authority", served.authority_version),
        ("encoder", served.encoder or "none: words alone"),
        ("calibration", served.calibration),
    ]
    if standing is None:
        rows.append(("state", f"not shown: {now.withheld}"))
    else:
        kept = [f"{one.name} of {_minute(one.created)}{' (held)' if one.held else ''}" for one in standing.generations]
        rows += [
            ("generations", "; ".join(kept)),
            ("up", f"{_span(standing.started)}, since {_minute(standing.started)} UTC"),
            ("queue", f"calls {standing.calls}, cost {standing.cost:,} of {standing.max_cost:,}"),
            ("left out", "; ".join(standing.shed) or "nothing"),
            ("scrubbing", _scrubbing(standing.scrubbing)),
            ("troubles", "; ".join(standing.troubles) or "none"),
        ]  # fmt: skip
    return (f"{name:<13} {value}" for name, value in rows)


def _workers(standing: Standing) -> Iterator[str]:
    yield f"{'worker':<8}{'pid':>8}  {'state':<9}{'up':>12}{'calls':>8}{'cost':>9}{'memory':>11}{'restarts':>10}"
    for one in standing.workers:
        up, memory = _span(one.started) if one.started else "", f"{one.memory / 1e6:,.0f} MB"
        yield f"{one.number:<8}{one.pid:>8}  {one.phase:<9}{up:>12}{one.calls:>8}{one.cost:>9,}{memory:>11}{one.restarts:>10}"


def _methods(methods: Sequence[MethodCalls], seconds: float) -> Iterator[str]:
    """Busiest first."""
    yield f"{'method':<26}{'calls':>10}{'a second':>10}{'failed':>9}{'refused':>9}{'p50':>11}{'p99':>11}"
    for one in sorted(methods, key=lambda one: -one.calls):
        rate = f"{one.calls / seconds:,.1f}" if seconds else ""
        p50, p99 = (_ms(one.quantile(share)) for share in (0.5, 0.99))
        yield f"{one.method:<26}{one.calls:>10,}{rate:>10}{one.failed:>9,}{one.refused:>9,}{p50:>11}{p99:>11}"


def _record(address: str, now: Overview, methods: Sequence[MethodCalls]) -> dict[str, Any]:
    from dataclasses import asdict

    standing = asdict(now.standing) if now.standing else {"withheld": now.withheld}
    calls = [
        {
            "method": one.method, "calls": one.calls, "failed": one.failed, "refused": one.refused,
            "p50_ms": one.quantile(0.5), "p99_ms": one.quantile(0.99),
        }
        for one in methods
    ]  # fmt: skip
    told = standing | {"methods": calls} if now.standing else standing
    return {"address": address, "release": now.release} | asdict(now.served) | told


def _span(started: str) -> str:
    """From then until now: ``2 h 13 min``."""
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds())
    for unit, size, smaller, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // part} {smaller}"
    return f"{max(seconds, 0)} s"


def _scrubbing(state: Scrubbing | None) -> str:
    if state is None:
        return "off"
    share = f"{100 * state.read / state.bytes:.0f} %" if state.bytes else "100 %"
    return f"{state.rate:g} MB/s, round {state.rounds + 1} at {share}, {state.damaged or 'no'} damaged files"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:,.1f} ms"
