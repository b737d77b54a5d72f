"""What do the figures of a report look like?

SVG with text as text and a transparent ground. One colour stands for all ink, INK, which a page may replace by its own, so that
the pictures read on light and on dark. Every colour of a series reads on both.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ranker.proof.effect import NON_INFERIOR
from ranker.proof.report import MEASURE, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#7b8494"
"""Of text, axes and grids."""
SERIES = ("#3d85c6", "#d9822b", "#2f9e77", "#b565c9", "#d1495b", "#8a8f3c", "#5c6bc0", "#00909e")
TABLES = dict(zip(("real", "shuffled", "inverted", "random", "adversarial", "clairvoyant"), SERIES, strict=False))


@contextmanager
def style() -> Iterator[None]:
    """What every figure looks like."""
    import matplotlib as mpl

    rc: Any = {  # matplotlib types every key by a literal
        "svg.fonttype": "none",
        "svg.hashsalt": "stepwell",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "axes.titlesize": 10,
        "legend.frameon": False,
        **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor", "grid.color"), INK),
    }
    with mpl.rc_context(rc):
        yield


def svg(figure: Figure) -> str:
    """The picture as text, the same for the same data."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def panels(count: int, width: float, height: float, columns: int = 2) -> tuple[Figure, list[Axes]]:
    """A figure with `count` axes of so many inches."""
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = [figure.add_subplot(rows, columns, i + 1) for i in range(count)]
    return figure, axes


def quality(reports: Sequence[Report]) -> str:
    """nDCG@10 of every system on every collection, with 95 % intervals."""
    with style():
        systems = list(dict.fromkeys(s for r in reports for s in r.evaluation.measures))
        figure, axes = panels(len(reports), 5.2, 0.6 + 0.3 * len(systems))
        for ax, report in zip(axes, reports, strict=True):
            for place, (system, measures) in enumerate(report.evaluation.measures.items()):
                _span(ax, place, measures[MEASURE], SERIES[systems.index(system) % len(SERIES)])
            _names(ax, list(report.evaluation.measures))
            ax.set_title(report.evaluation.collection, loc="left")
            ax.set_xlabel(MEASURE)
        return svg(figure)


def by_class(report: Report, systems: Sequence[str]) -> str:
    """nDCG@10 of some systems on every class of queries."""
    with style():
        figure, (ax,) = panels(1, 10.4, 0.8 + 0.12 * len(report.classes) * (1 + len(systems)))
        for number, system in enumerate(systems):
            for place, group in enumerate(report.classes):
                shift = (number - (len(systems) - 1) / 2) * 0.8 / len(systems)
                _span(ax, place + shift, group.systems[system], SERIES[number], label=system if not place else "")
        _names(ax, [f"{group.name} ({group.queries})" for group in report.classes])
        ax.set_xlabel(f"{MEASURE}, {report.evaluation.collection}")
        ax.legend(ncols=len(systems), loc="lower left", bbox_to_anchor=(0, 1))
        return svg(figure)


def effects(reports: Sequence[Report], tables: Sequence[str]) -> str:
    """Change of nDCG@10 by every table, with the bound of non-inferiority."""
    with style():
        figure, axes = panels(len(reports), 5.2, 0.7 + 0.3 * len(tables))
        for ax, report in zip(axes, reports, strict=True):
            for place, effect in enumerate(report.effects):
                if effect.change:
                    _span(ax, place, effect.change, TABLES[effect.table])
            ax.axvline(0, color=INK, linewidth=0.8)
            ax.axvline(NON_INFERIOR, color=INK, linewidth=0.8, linestyle="--")
            _names(ax, [effect.table for effect in report.effects])
            ax.set_title(report.evaluation.collection, loc="left")
            ax.set_xlabel(f"change of {MEASURE} (dashed: {NON_INFERIOR})")
        return svg(figure)


def frontier(report: Report) -> str:
    """Change of nDCG@10, lists changed and places of listed sources, over delta."""
    with style():
        figure, (gain, lists, places) = panels(3, 3.9, 3.0, columns=3)
        for table, points in report.frontier.items():
            deltas, color = [effect.delta for effect, _ in points], TABLES[table]
            changes = [effect.change for effect, _ in points if effect.change]
            gain.plot(deltas, [c.mean for c in changes], color=color, label=table)
            gain.fill_between(deltas, [c.low for c in changes], [c.high for c in changes], color=color, alpha=0.15, linewidth=0)
            lists.plot(deltas, [effect.changed / effect.queries for effect, _ in points], color=color)
            places.plot(deltas, [shown.listed for _, shown in points], color=color)
        gain.axhline(NON_INFERIOR, color=INK, linewidth=0.8, linestyle="--")
        titles = (f"change of {MEASURE}", "share of top-10 lists changed", "share of places on listed sources")
        for ax, title in zip((gain, lists, places), titles, strict=True):
            ax.set_title(title, loc="left")
            ax.set_xlabel("delta")
            ax.axvline(report.effects[0].delta, color=INK, linewidth=0.8, linestyle=":")
        figure.legend(ncols=len(report.frontier), loc="outside lower center")
        return svg(figure)


def _span(ax: Axes, place: float, value: tuple[float, float, float], color: str, label: str = "") -> None:
    mean, low, high = value
    ax.plot([low, high], [place, place], color=color, linewidth=2, alpha=0.6, solid_capstyle="round")
    ax.plot([mean], [place], "o", color=color, markersize=5, label=label or None)


def _names(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(visible=False, axis="y")
