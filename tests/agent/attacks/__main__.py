"""What do hostile commands, pages and model servers try, and does anything come of it?

    python -m tests.agent.attacks            a table of all attacks; as root also what comes of them as a user
    python -m tests.agent.attacks --uid N    as that user alone, for root
    python -m tests.agent.attacks --json     for the tests

Each attack is a command in the sandbox and a judge outside of it, who looks at the world, or a run whose model obeys pages.
A process of its own, because it changes its uid and because much of it would harm a test runner where the sandbox failed.
"""

from __future__ import annotations

import argparse
import encodings.idna  # noqa: F401 - looked up by name later, when another uid may not read it any more
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.sandbox import bubblewrap
from agent.sandbox.bubblewrap import Bubblewrap
from tests.agent.attacks import endpoint
from tests.agent.attacks.every import FILTERED, others, run
from tests.agent.attacks.world import NOBODY


def as_user(uid: int) -> dict[str, str]:
    """What comes of every attack as another user."""
    command = [sys.executable, "-m", "tests.agent.attacks", "--json", "--uid", str(uid)]
    told = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=300, check=True).stdout
    return {attack["name"]: attack["leak"] for attack in json.loads(told)}


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--without-filter", action="store_true", help="only what the filter of system calls is there for, without it"
    )
    parser.add_argument("--only", nargs="*", default=(), metavar="NAME")
    args = parser.parse_args()
    if args.uid is not None:
        endpoint.bomb()  # imports what the other uid may not read
        os.setgroups([])
        os.setresgid(args.uid, args.uid, args.uid)
        os.setresuid(args.uid, args.uid, args.uid)
    if absent := Bubblewrap().absent():
        sys.exit(f"no sandbox: {absent}")
    if args.without_filter:
        bubblewrap.program = lambda: struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)  # allow everything
    results = run(*(FILTERED if args.without_filter else args.only))
    if not args.only and not args.without_filter:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            leaks = others(Path(folder), Bubblewrap())
        results += [{"name": name, "leak": leak, "stopped": "refused or cleaned"} for name, leak in leaks.items()]
    if args.json:
        print(json.dumps(results))
        return
    both = os.geteuid() == 0 and not args.only and not args.without_filter
    other = as_user(NOBODY) if both else {}
    print(f"| attack | ended by | {'leaks as root | leaks as a user' if both else 'leaks'} |\n|---|---|---{'|---' * both}|")
    for r in results:
        user = f" | {other[str(r['name'])] or 0}" if both else ""
        print(f"| {r['name']} | {r['stopped'] or 'itself'} | {r['leak'] or 0}{user} |")
    if any(r["leak"] for r in results) or any(other.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
