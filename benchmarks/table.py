"""What do people see of the results?"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.result import Result


def table(results: Sequence[Result]) -> str:
    """One line a result: name, value with its spread, ratio with its spread and the peer; aligned columns."""
    rows = [(r.name, number(r.value), r.unit, _span(r.low, r.high), _ratio(r)) for r in results]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {span:<{widths[3]}}  {ratio}".rstrip()
        for name, value, unit, span, ratio in rows
    )


def number(value: float) -> str:
    """Three or four digits that matter: ``12,345``, ``123.4``, ``0.1234``."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) > 1 else f"{value:.4f}"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def _ratio(r: Result) -> str:
    if r.ratio is None:
        return ""
    spread = "" if r.ratio_low is None or r.ratio_high is None else f" [{r.ratio_low:.3f}, {r.ratio_high:.3f}]"
    return f"{r.ratio:.3f}{spread} x {r.ratio_to}"
