"""Which attacks are there, and what came of each?"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.sandbox import Sandbox
from agent.sandbox.bubblewrap import with_allowance
from tests.agent.attacks import endpoint, kernel, pages, reader, sight, use
from tests.agent.attacks.world import LIMITS, Attack, World

ATTACKS: tuple[Attack, ...] = (*use.ATTACKS, *sight.ATTACKS, *kernel.ATTACKS)
FILTERED = (
    "disk filler, reserved blocks",
    "memory, shared memory, io_uring",
    "network: tcp, udp, unix, netlink, vsock, raw",
    "ptrace, memory of other processes",
)
"""Attacks that the filter of system calls is there for."""


AT_A_TIME = 4
"""Attacks that run beside each other: most of them wait for a limit."""


def run(*names: str) -> list[dict[str, object]]:
    """Every attack, or those of these names."""
    sandbox = with_allowance(**LIMITS)
    wanted = [(number, attack) for number, attack in enumerate(ATTACKS) if not names or attack.name in names]
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        world = World(Path(folder))

        def attempt(numbered: tuple[int, Attack]) -> dict[str, object]:
            number, attack = numbered
            with world.a_run(number) as here:
                done = sandbox.run(attack.command(here), here.workspace, attack.timeout)
                return {"name": attack.name, "leak": attack.leak(here, done, sandbox), "stopped": done.stopped}

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(attempt, wanted))


OTHERS = (*pages.JUDGES, reader.READING, endpoint.BOMB)
"""Attacks that need no command: of pages, and of the model's server."""


def others(folder: Path, sandbox: Sandbox) -> dict[str, str]:
    """What came of each of those, empty where nothing did."""
    read = {reader.READING: reader.read_apart(folder, sandbox), endpoint.BOMB: endpoint.bomb()}
    return pages.play(folder, sandbox) | read
