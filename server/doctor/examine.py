"""What do all checks say together?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from server.doctor.clock import clock
from server.doctor.doors import certificate, keys, ports
from server.doctor.files import disks, index, permissions
from server.doctor.finding import Finding, fail, warn
from server.doctor.limits import descriptors, maps, memory, workers
from server.doctor.models import calibration, cards, encoder, one_query
from server.doctor.tables import categories, policies, table

if TYPE_CHECKING:
    from server.deployment import Deployment

Check = Callable[["Deployment"], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    index, permissions, disks, descriptors, maps, memory, workers, encoder, cards, clock, ports, keys, certificate, table,
    policies, categories, calibration, one_query,
)  # fmt: skip
"""In the order of the answer."""


def examine(deployment: Deployment, checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """The findings of every check as they are made; a check that breaks is a finding of its own and ends no other.

    What breaks several checks is said once.
    """
    broke: dict[str, str] = {}
    same: dict[str, list[str]] = {}
    for check in checks:
        about = check.__name__.replace("_", " ")
        try:
            yield from check(deployment)
        except Exception as error:  # noqa: BLE001 - the doctor is asked when things are broken
            expected = getattr(error, "exit_code", None) is not None or isinstance(error, OSError)
            found = str(error) if expected else f"{type(error).__name__}: {error}"
            if found in broke:
                same.setdefault(broke[found], []).append(about)
                continue
            broke[found] = about
            yield fail(about, found, "correct what is named" if expected else "this is a defect of the check; please report it")
    for first, others in same.items():
        yield warn("not examined", f"{', '.join(others)}: for what is said of {first}", "correct that and examine again")
