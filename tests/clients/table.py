"""Which real clients work? Runs them all against one server and writes server/CLIENTS.md.

python -m tests.clients.table
"""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from tests.clients import node
from tests.clients.environments import NAMES, NODE_PACKAGES, PACKAGES, Unavailable, python
from tests.conftest import HOSTS, ROOT, TEXTS

PROGRAMS = Path(__file__).parent / "programs"
TABLE = ROOT / "server" / "CLIENTS.md"
SECONDS = 180
"""For one program; gpt-researcher's imports alone take half a minute on a busy machine."""

HEAD = """# Real clients

Each package below ran in an environment of its own against one server (`stepwell server run --http`), unchanged but for the
address, and returned what a small index holds. What is listed as a pass was asserted by the program in `tests/clients/programs/`
that is named after the package. LangChain's wrapper of Serper and gpt-researcher's of Tavily fix their host: their programs
redirect it. Clients of Step, Search-R1, ASearcher, Open WebUI and Dify are no packages: plain requests in their shapes stand in.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a client did."""

    package: str
    version: str
    what: str
    """Class and methods that ran."""
    adapter: str
    """The path that answered."""


class ClientFailed(Exception):
    """A program ended with an error; the message is the end of what it said."""


def run(name: str, base: str, grpc: str, index: Path) -> list[Row]:
    """What worked of one environment's program. Raises Unavailable, ClientFailed."""
    start = ["node", str(node.program(name))] if name in NODE_PACKAGES else [str(python(name)), str(PROGRAMS / f"with_{name}.py")]
    command = [*start, base, grpc, str(index), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=ROOT)
    rows = [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith('{"package"')]
    if done.returncode or not rows:
        raise ClientFailed(f"{name}: {done.stdout[-1000:]}{done.stderr[-3000:]}")
    return rows


def markdown(rows: list[Row], missing: dict[str, str]) -> str:
    """The page."""
    day = datetime.datetime.now(datetime.UTC).date()
    lines = [
        HEAD,
        f"Run on {day} with Python {platform.python_version()} and Node.js {_node()}: `python -m tests.clients.table`.\n",
    ]
    lines += ["| package | version | what ran | answered by | pass |", "|---|---|---|---|---|"]
    lines += [f"| {row.package} | {row.version} | {row.what} | `{row.adapter}` | yes |" for row in rows]
    lines += [f"| {' '.join((PACKAGES | NODE_PACKAGES)[name])} | | | | no: {why} |" for name, why in missing.items()]
    return "\n".join(lines) + "\n"


def _node() -> str:
    try:
        return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "(none)"


def main() -> int:
    """Run every client; 1 if one failed."""
    rows: list[Row] = []
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        index = _index(Path(folder))
        options = ["--index", str(index), "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json", "--authority", "off"]
        command = [sys.executable, "-m", "stepwell", "server", "run", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout
            ready = json.loads(server.stdout.readline())
            for name in NAMES:
                try:
                    rows += run(name, f"http://{ready['http']}", ready["address"], index)
                except (Unavailable, ClientFailed) as error:
                    missing[name] = str(error).splitlines()[-1]
                    print(error, file=sys.stderr)
            server.terminate()
    TABLE.write_text(markdown(rows, missing))
    print(f"{len(rows)} passes, {len(missing)} environments without: {TABLE}")
    return int(bool(missing))


def _index(folder: Path) -> Path:
    """The twelve documents of the tests."""
    with CorpusWriter(folder / "corpus") as writer:
        for i, (title, text) in enumerate(TEXTS.items()):
            kind, url = ("page" if text else "paper"), f"https://{HOSTS[i % len(HOSTS)]}/{i}"
            writer.add(
                Document(id=f"tiny:{i}", title=title, text=text, kind=kind, url=url, published=str(2015 + i), collection="tiny")
            )
    build([folder / "corpus"], folder / "index", None)
    return folder / "index"


if __name__ == "__main__":
    sys.exit(main())
