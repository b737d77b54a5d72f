"""What do the rows of `bench server` look like?

Drawn from the latest row of each figure, so that a picture never shows what is not in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.machine import ROOT
from ranker.proof.plots import INK, SERIES, panels, style, svg

FOLDER = ROOT / "docs" / "serving"


@dataclass(frozen=True, slots=True)
class Row:
    """What a picture needs of a row."""

    name: str
    unit: str
    value: float
    parameters: Mapping[str, Any]
    """As the benchmark wrote them: numbers, for the most part."""


def draw(results: Path, folder: Path = FOLDER) -> list[Path]:
    """Write the pictures whose rows there are; the files written."""
    rows = latest(results)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in PICTURES.items():
        if drawn := picture(rows):
            path = folder / f"{name}.svg"
            path.write_text(drawn)
            written.append(path)
    return written


def latest(results: Path) -> list[Row]:
    """The newest row of every figure of `bench server`."""
    found: dict[tuple[str, str], Row] = {}
    for row in map(orjson.loads, results.read_bytes().splitlines()) if results.exists() else ():
        if row["benchmark"] == "server":
            found[row["name"], row["unit"]] = Row(row["name"], row["unit"], row["value"], row["parameters"])
    return list(found.values())


def curves(rows: list[Row]) -> str:
    """p50 and p99 of a call over queries a second, as more calls come at once."""
    points: dict[tuple[int, int], dict[int, dict[str, float]]] = {}
    for row in rows:
        if row.name.endswith("at once"):
            key = int(row.parameters["batch"]), int(row.parameters["workers"])
            points.setdefault(key, {}).setdefault(int(row.parameters["calls"]), {})[row.unit] = row.value
    if not points:
        return ""
    batches = sorted({batch for batch, _ in points})
    with style():
        figure, axes = panels(len(batches), 3.9, 3.2, columns=3)
        for ax, batch in zip(axes, batches, strict=True):
            for (_, workers), calls in sorted((key, value) for key, value in points.items() if key[0] == batch):
                rates = [calls[n]["queries/s"] for n in sorted(calls)]
                for unit, line in (("p50 ms/call", "-"), ("p99 ms/call", "--")):
                    label = f"{workers} worker{'s' * (workers > 1)}, {unit[:3]}"
                    heights = [calls[n][unit] for n in sorted(calls)]
                    ax.plot(rates, heights, line, marker="o", markersize=3, color=SERIES[workers - 1], label=label)
            ax.set_title(f"{batch} quer{'y' if batch == 1 else 'ies'} a call", loc="left")
            ax.set_xlabel("queries/s")
            ax.set_ylabel("ms a call")
            ax.set_ylim(bottom=0)
            ax.set_xlim(left=0)
        axes[0].legend(fontsize=8)
        return svg(figure)


def overload(rows: list[Row]) -> str:
    """Goodput and p99 of what was answered, over what was offered."""
    found: dict[tuple[int, int], dict[float, dict[str, Row]]] = {}
    for row in rows:
        if row.name.startswith("overload"):
            found.setdefault((row.parameters.get("workers", 1), row.parameters["batch"]), {}).setdefault(
                row.parameters["factor"], {}
            )[row.unit] = row
    if not found:
        return ""
    with style():
        figure, (good, late, share) = panels(3, 3.9, 3.2, columns=3)
        for color, ((workers, batch), factors) in zip(SERIES, sorted(found.items()), strict=False):
            what = f"batch {batch}" + (f", {workers} workers" if workers > 1 else "")
            xs = sorted(factors)

            def of(unit: str, factors: dict[float, dict[str, Row]] = factors, xs: list[float] = xs) -> list[float]:
                return [factors[x][unit].value for x in xs]

            good.plot(xs, of("queries/s in time"), marker="o", markersize=3, color=color, label=what)
            late.plot(xs, of("p99 ms/call answered"), marker="o", markersize=3, color=color)
            share.plot(
                xs, of("share refused"), marker="o", markersize=3, color=color, label="refused" if color == SERIES[0] else None
            )
            share.plot(xs, of("share of answers degraded"), "--", color=color, label="degraded" if color == SERIES[0] else None)
        deadline = max(
            row.parameters["deadline"] for factors in found.values() for units in factors.values() for row in units.values()
        )
        late.axhline(deadline * 1000, color=INK, linewidth=0.8, linestyle="--")
        for ax, title in ((good, "queries/s answered in time"), (late, "p99 of calls answered, ms (dashed: deadline)"),
                          (share, "share of calls refused, of answers degraded")):  # fmt: skip
            ax.set_title(title, loc="left")
            ax.set_xlabel("offered load / capacity")
            ax.set_ylim(bottom=0)
        good.legend(fontsize=8)
        share.legend(fontsize=8, loc="center right")
        return svg(figure)


def stages(rows: list[Row]) -> str:
    """Where the milliseconds of one query go."""
    found = [row for row in rows if row.name.startswith("stage ")]
    if not found:
        return ""
    with style():
        figure, (ax,) = panels(1, 7.8, 1.3)
        at = 0.0
        for color, row in zip(SERIES, found, strict=False):
            ax.barh([0], [row.value], left=at, color=color, label=f"{row.name.removeprefix('stage ')} {row.value:.2f}")
            at += row.value
        ax.set_yticks([])
        ax.set_xlabel("ms of one query, batch 1, medians")
        ax.grid(visible=False, axis="y")
        ax.legend(ncols=len(found), loc="lower left", bbox_to_anchor=(0, 1), fontsize=8)
        return svg(figure)


PICTURES: dict[str, Callable[[list[Row]], str]] = {"curves": curves, "overload": overload, "stages": stages}
