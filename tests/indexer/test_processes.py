"""Processes that write segments begin with everything imported, in a process that has no threads of its caller's."""

import os
import subprocess
import sys
import time

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

KILLED = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from indexer.processes import end_with_caller, for_writing

if __name__ == "__main__":
    with ProcessPoolExecutor(1, for_writing(), initializer=end_with_caller) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        pool.submit(time.sleep, 600).result()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process imports for itself")
def test_a_process_that_writes_has_imported_at_its_start_and_is_no_fork_of_its_caller(tmp_path):
    script = tmp_path / "forked.py"
    script.write_text(FORKED)
    imported, threads, of_its_caller = _printed(str(script))
    assert imported == "True"
    assert threads == "1"
    assert of_its_caller == "False"


def test_a_process_that_writes_ends_when_its_caller_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout
        writer = int(caller.stdout.readline())
        os.kill(writer, 0)
        caller.kill()
        deadline = time.monotonic() + 30
        while _runs(writer):
            assert time.monotonic() < deadline, "it goes on"
            time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_command_line_has_read_its_arguments_before_anything_heavy_is_imported():
    """What writes segments imports beside it from then on."""
    for module in ("numpy", "tantivy", "rich"):
        assert _printed("-c", "import indexer.cli; " + LOADED.format(module)) == ["False"], module


def _printed(*command: str) -> list[str]:
    return subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
