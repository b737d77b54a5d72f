"""Processes that write segments begin with everything imported, in a process that has no threads of its caller's."""

import subprocess
import sys

import pytest

LOADED = "from sys import modules; print({!r} in modules)"
FORKED = """
import os, threading
from indexer.processes import for_writing, start_early

if __name__ == "__main__":
    start_early()
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    with for_writing().Pool(1) as pool:
        print(pool.apply(eval, ("'indexer.writing' in __import__('sys').modules",)))
        print(pool.apply(eval, ("len(__import__('threading').enumerate())",)))
        print(pool.apply(os.getppid) == os.getpid())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process imports for itself")
def test_a_process_that_writes_has_imported_at_its_start_and_is_no_fork_of_its_caller(tmp_path):
    script = tmp_path / "forked.py"
    script.write_text(FORKED)
    imported, threads, of_its_caller = _printed(str(script))
    assert imported == "True"
    assert threads == "1"
    assert of_its_caller == "False"


def test_the_command_line_has_read_its_arguments_before_anything_heavy_is_imported():
    """What writes segments imports beside it from then on."""
    for module in ("numpy", "tantivy", "rich"):
        assert _printed("-c", "import indexer.cli; " + LOADED.format(module)) == ["False"], module


def _printed(*command: str) -> list[str]:
    return subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
