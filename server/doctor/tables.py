"""Is what judges the sources in order?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from authority.errors import TableError
from authority.half import half_copy
from authority.last_good import last_good, may_keep
from authority.lint import lint
from authority.policy import load_policy
from authority.tables import OFF, load_table, table_path
from server.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from server.deployment import Deployment


def table(deployment: Deployment) -> Iterator[Finding]:
    """Every line of the table in force."""
    if deployment.authority == OFF:
        yield ok("table", "authority is off: relevance alone decides")
        return
    path = table_path(deployment.authority)
    try:
        loaded = load_table(deployment.authority)
    except TableError as error:
        good = last_good(path)
        begins = (
            f"a server that begins now begins with its last good version {good.version}" if good else "no server begins with it"
        )
        yield fail("table", f"{error}; {begins}", "stepwell authority lint names every fault")
        return
    good = last_good(path)
    if good and loaded and (gone := half_copy(len(good.entries), loaded, path)):
        yield fail("table", f"{gone}; servers go on with its last good version {good.version}", "restore it, or confirm it")
        return
    report = lint(path)
    if report.faults:
        more = f", and {len(report.faults) - 1} more" if len(report.faults) > 1 else ""
        yield fail("table", report.faults[0] + more, "stepwell authority lint names them all")
        return
    yield ok("table", f"{path}: {report.entries:,} entries, version {loaded.version if loaded else ''}, nothing to correct")
    if not may_keep(path):
        unkept = f"no copy can be kept in {path.parent}: a server that begins while the table is broken would not come up"
        yield warn("table", unkept, "let the server write there")


def categories(deployment: Deployment) -> Iterator[Finding]:
    """What the names stand for that callers may give."""
    names = deployment.settings.categories
    deployment.check_profiles()
    yield ok("categories", f"{', '.join(names)}: nothing to correct" if names else "none: no caller may name one")


def policies(deployment: Deployment) -> Iterator[Finding]:
    """Every line of the policies."""
    if not deployment.policies:
        yield ok("policies", "none: nothing is marked or blocked beside the table")
        return
    load_policy(deployment.policies)
    yield ok("policies", f"{', '.join(deployment.policies)}: nothing to correct")
