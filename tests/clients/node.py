"""Where do programs for Node.js come from?

Clients of others and the example of this project are made in the user's cache, each with packages of its own; buf is among the
example's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.clients.environments import CACHE, NODE_PACKAGES, SECONDS, Unavailable
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "node"
SOURCES = ("package.json", "buf.gen.yaml", "tsconfig.json", "src/ask.ts")


def packages(folder: Path) -> Path:
    """`folder` with the packages that its package.json names. Raises Unavailable."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed; it comes with Node.js")
    wanted = (folder / "package.json").read_text()
    mark = folder / "node_modules" / "installed"
    if not mark.is_file() or mark.read_text() != wanted:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        run(folder, npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
        mark.write_text(wanted)
    return folder


def example() -> Path:
    """The example, built from today's contract. Raises Unavailable."""
    folder = CACHE / "node_example"
    for name in SOURCES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLE / name, folder / name)
    packages(folder)
    for made in ("generated", "built"):
        shutil.rmtree(folder / made, ignore_errors=True)
    run(folder, str(tool(folder, "buf")), "generate", str(ROOT / "protos"))
    run(folder, str(tool(folder, "tsc")))
    return folder


def program(name: str) -> Path:
    """A client's program, beside the packages that it needs. Raises Unavailable."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    for source in ("report.mjs", f"with_{name}.mjs"):
        shutil.copyfile(Path(__file__).parent / "programs" / source, folder / source)
    wanted = {"private": True, "type": "module", "dependencies": dict.fromkeys(NODE_PACKAGES[name], "*")}
    (folder / "package.json").write_text(json.dumps(wanted))
    return packages(folder) / f"with_{name}.mjs"


def tool(folder: Path, name: str) -> Path:
    """A program that came with the packages of a folder."""
    return folder / "node_modules" / ".bin" / name


def run(folder: Path, *command: str) -> str:
    """What a command says, with the tools of the folder at hand. Raises Unavailable where it fails."""
    path = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, env=os.environ | {"PATH": path}, check=False
    )
    if done.returncode:
        raise Unavailable(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout
