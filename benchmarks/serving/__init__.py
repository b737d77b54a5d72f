"""What does the wire cost, and what does a server carry?

Server, client and load share one machine, as `machine` in each row says.

wire       the wire alone: a back end that answers at once, beside gRPC with nothing behind it
overhead   the same searches in process and over the wire, and where a query's time goes
curves     the real thing: more and more calls at once
overload   more than can be done: what is answered in time, and how late
spread     how evenly connections spread over workers
pictures   the rows as SVG
canned     the back end that answers at once
load       a process that asks: so many calls at once, or so many queries a second
figures    what calls that ended become
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.result import Result

PARTS = {
    "wire": "wire:wire",
    "overhead": "overhead:overhead",
    "curves": "curves:of_one",
    "curves-2": "curves:of_two",
    "overload": "overload:of_one",
    "overload-2": "overload:of_two",
    "spread": "spread:spread",
}
"""``module:function`` by name, imported on use; each takes less than two minutes with the seconds that are usual."""


def serving(index: Path, parts: Sequence[str], seconds: float) -> Iterator[Result]:
    """The results of some parts over the index at `index`; each setting is measured for so many seconds.

    Those of a part come when its server has ended: only then does the system tell its processor time from that of strangers.
    """
    for part in parts:
        module, function = PARTS[part].split(":")
        yield from getattr(import_module(f"benchmarks.serving.{module}"), function)(index, seconds)
