"""What is one result, and how is it kept?

A Result is one figure with its spread and, where speed is claimed, its ratio to a named peer that was measured in the same run.
A Ledger adds commit, date, machine and command, and appends each result to a file of JSON lines the moment it is known.
"""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

import orjson

from benchmarks.machine import ROOT, Neighbours, commit, this_machine

_PART = re.compile(r"#\d+/\d+$")
"""A part of a collection's queries, behind its path."""
Parameters = Mapping[str, str | int | float | bool]
"""What was measured on: names and sizes, never paths."""


@dataclass(frozen=True, slots=True)
class Series:
    """One contestant's values, one per round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value: one disturbed round does not move it."""
        return median(self.values)

    def per(self, work: float) -> Series:
        """Seconds into rates: `work` done in each round, per second."""
        return Series(tuple(work / value for value in self.values))

    def over(self, peer: Series) -> Series:
        """Ratio round by round: both sides of each were measured one right after the other."""
        return Series(tuple(ours / theirs for ours, theirs in zip(self.values, peer.values, strict=True)))


@dataclass(frozen=True, slots=True)
class Result:
    """One figure."""

    benchmark: str
    """``quality``, ``latency`` or ``scale``."""
    name: str
    """What was measured; equal names in two runs may be compared."""
    value: float
    """A mean (quality), a median over rounds (speed), or a size."""
    unit: str
    low: float | None = None
    high: float | None = None
    spread: str = ""
    """What low and high are: ``95 % bootstrap`` or ``min-max of 5 rounds``."""
    ratio_to: str = ""
    """The peer; empty where nothing is compared."""
    ratio: float | None = None
    """Our value / the peer's; a median over rounds where there were rounds."""
    ratio_low: float | None = None
    ratio_high: float | None = None
    parameters: Parameters = field(default_factory=dict)


def of_series(
    benchmark: str, name: str, unit: str, ours: Series, parameters: Parameters, peer: tuple[str, Series] | None = None
) -> Result:
    """The result of one contestant, beside the peer named if there is one; a single value has no spread."""
    result = Result(benchmark, name, ours.median, unit, parameters=parameters)
    rounds = len(ours.values)
    if rounds > 1:
        result = replace(result, low=min(ours.values), high=max(ours.values), spread=f"min-max of {rounds} rounds")
    if peer:
        ratio = ours.over(peer[1])
        result = replace(result, ratio_to=peer[0], ratio=ratio.median)
        if rounds > 1:
            result = replace(result, ratio_low=min(ratio.values), ratio_high=max(ratio.values))
    return result


class Ledger:
    """Appends results to one file, each with where it came from."""

    def __init__(self, path: Path, arguments: Sequence[str]) -> None:
        """`arguments` are what was typed after ``stepwell bench``."""
        self.path = path
        self._context = {"commit": commit(), "machine": asdict(this_machine()), "command": command(arguments)}
        self._neighbours = Neighbours()

    def add(self, result: Result, *, quick: bool = False) -> None:
        """Append one line; `quick` marks figures that say only that the benchmark runs."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        row = asdict(result) | self._context | {"date": now, "others": self._neighbours.share(), "quick": quick}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(orjson.dumps({name: _rounded(value) for name, value in row.items()}) + b"\n")

    @property
    def others(self) -> float | None:
        """Share of the machine that other processes had so far."""
        return self._neighbours.share()


def command(arguments: Sequence[str]) -> str:
    """The command as it was typed, without any path of this machine."""
    return shlex.join(["stepwell", "bench", *map(_without_path, arguments)])


def _without_path(argument: str) -> str:
    """A path inside the checkout relative to it, any other one as its last name."""
    option, equals, value = argument.partition("=")
    if option.startswith("--") and equals:
        return f"{option}={_without_path(value)}"
    if "/" not in argument:
        return argument
    part = _PART.search(argument)
    path, of = Path(argument.removesuffix(part[0]) if part else argument).resolve(), part[0] if part else ""
    return (path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name) + of


def _rounded(value: object) -> object:
    """Six significant digits: more would only pretend."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
