"""Is what judges the sources in order?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from authority.lint import lint
from authority.policy import load_policy
from authority.tables import OFF, load_table, table_path
from server.doctor.finding import Finding, fail, ok

if TYPE_CHECKING:
    from server.deployment import Deployment


def table(deployment: Deployment) -> Iterator[Finding]:
    """Every line of the table in force."""
    if deployment.authority == OFF:
        yield ok("table", "authority is off: relevance alone decides")
        return
    path = table_path(deployment.authority)
    report = lint(path)
    if report.faults:
        more = f", and {len(report.faults) - 1} more" if len(report.faults) > 1 else ""
        yield fail("table", report.faults[0] + more, "stepwell authority lint names them all")
        return
    loaded = load_table(deployment.authority)
    yield ok("table", f"{path}: {report.entries:,} entries, version {loaded.version if loaded else ''}, nothing to correct")


def policies(deployment: Deployment) -> Iterator[Finding]:
    """Every line of the policies."""
    if not deployment.policies:
        yield ok("policies", "none: nothing is marked or blocked beside the table")
        return
    load_policy(deployment.policies)
    yield ok("policies", f"{', '.join(deployment.policies)}: nothing to correct")
