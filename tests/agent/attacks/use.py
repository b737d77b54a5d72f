"""What may a command use: processes, time, memory, output, disk?"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from agent.sandbox import Finished
from agent.sandbox.bubblewrap import Bubblewrap
from tests.agent.attacks.world import LIMITS, Attack, World, nothing_said, python


def processes(mark: str) -> int:
    """Processes anywhere whose command line holds this."""
    found = 0
    for pid in Path("/proc").iterdir():
        if pid.name.isdigit() and pid.name != str(os.getpid()):
            try:
                found += mark.encode() in (pid / "cmdline").read_bytes()
            except OSError:
                continue
    return found


def nothing_lives(mark: str, went_on: Callable[[Finished], bool]) -> Callable[[World, Finished, Bubblewrap], str]:
    def leak(world: World, done: Finished, sandbox: Bubblewrap) -> str:
        if n := processes(mark):
            return f"{n} processes live on"
        return "" if went_on(done) else f"it did not get to its end: {done.output[-200:]}"

    return leak


def timed_out(done: Finished) -> bool:
    return done.stopped.startswith("it ran past")


def bounded(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """The disk was full at some time, the command was ended, and what it made is gone."""
    left = sum(path.lstat().st_size for path in world.workspace.rglob("*"))
    number = sum(1 for _ in world.workspace.rglob("*"))
    if not done.stopped.startswith("its files"):
        return f"it was not stopped: {done.stopped or done.output[-200:]}"
    return f"{left:,} bytes in {number} files are left" if left > sandbox.allowance.disk or number > 10 else ""


def unpacked(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """Neither a file, nor memory, nor the disk took what was in it."""
    said = nothing_said(world, done, sandbox)
    return said or bounded(world, done, sandbox)


def grown(world: World) -> str:
    for n in range(1, 7):
        (world.workspace / f"f{n}").write_text("small")
    return "for i in 1 2 3 4 5 6; do head -c 10M /dev/zero >f$i; sleep .2; done"


FORKS = """
    mark = "bomb-77"
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.001)
"""
DELETED = """
    held = []
    for n in range(40):
        held.append(open(f"gone{n}", "wb"))
        os.unlink(f"gone{n}")
        held[-1].write(bytes(10 * 2**20))
        time.sleep(0.05)
"""
HIDDEN = """
    os.mkdir("closed")
    os.chdir("closed")
    os.chmod(".", 0o300)
    while True:
        for n in range(40):
            open(f"f{n}", "wb").write(bytes(10 * 2**20))
            os.chmod(".", 0o300)
"""
RESERVED = """
    import fcntl, struct
    space = struct.pack("hhqqiI4i", 0, 0, 0, 8 * 2**20, 0, 0, 0, 0, 0, 0)
    ways = [lambda file: ctypes.CDLL(None, use_errno=True).fallocate(file, 0, ctypes.c_long(0), ctypes.c_long(8 * 2**20))]
    ways += [lambda file, request=request: fcntl.ioctl(file, request, space) for request in (0x40305828, 0x4030582a, 0x40305839)]
    for n, way in enumerate(ways):
        with open(f"f{n}", "wb") as file:
            try:
                way(file.fileno())
            except OSError:
                pass
            if os.fstat(file.fileno()).st_blocks:
                print("LEAK way", n)
    os.posix_fallocate(os.open("written", os.O_CREAT | os.O_WRONLY), 0, 2**20)
    print("tried" if os.stat("written").st_size == 2**20 else "posix_fallocate failed")
"""
NESTED = """
    for n in range(3000):
        os.mkdir("d" * (1 + n % 200))
        os.chdir("d" * (1 + n % 200))
        open("f", "wb").write(bytes(10_000))
"""
MEMORY = """
    calls = ((319, (b"x", 0)), (447, (0,)), (29, (0, 2**20, 0o1600)), (425, (8, 0)), (321, (0, 0, 0)), (323, (0,)))
    for number, arguments in calls:
        if call(number, *arguments) != -1:
            print("LEAK", number)
    try:
        hold = bytearray(LIMIT)
        print("LEAK one process took", LIMIT)
    except MemoryError:
        print("tried")
"""
BOMB = """
    import gzip, zipfile
    open("bomb.gz", "wb").write(gzip.compress(bytes(2**20)) * 200)
    os.system("gunzip -c bomb.gz > whole; ls -l whole")
    try:
        print("LEAK", len(gzip.decompress(open("bomb.gz", "rb").read() * 3)))
    except MemoryError:
        print("tried", flush=True)
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        for n in range(60):
            bomb.writestr(f"f{n}", bytes(10 * 2**20))
    os.unlink("whole")
    zipfile.ZipFile("bomb.zip").extractall("out")
"""


ATTACKS = (
    Attack("fork bomb", lambda w: python(FORKS), nothing_lives("bomb-77", timed_out), 2.0),
    Attack("processes that outlive the command", lambda w: "setsid sleep 4321 & nohup sleep 4321 & echo tried",
           nothing_lives("4321", lambda done: "tried" in done.output)),
    Attack("time", lambda w: python("while True: pass  # burn-77"), nothing_lives("burn-77", timed_out), 1.0),
    Attack("memory, shared memory, io_uring", lambda w: python(MEMORY.replace("LIMIT", str(LIMITS["memory"]))), nothing_said),
    Attack("huge output", lambda w: "yes", lambda w, d, s: "" if d.cut and len(d.output) <= s.allowance.output else "not cut"),
    Attack("disk filler", lambda w: "for i in 1 2 3 4 5 6; do head -c 10M /dev/zero >f$i; sleep .2; done", bounded),
    Attack("disk filler in /tmp and /dev/shm", lambda w: "for i in 1 2 3 4 5 6 7; do head -c 10M /dev/zero >/tmp/$i;"
           " head -c 10M /dev/zero >/dev/shm/$i; sleep .2; done", bounded),
    Attack("disk filler, deleted files", lambda w: python(DELETED), bounded),
    Attack("disk filler, a closed folder", lambda w: python(HIDDEN), bounded),
    Attack("disk filler, reserved blocks", lambda w: python(RESERVED), nothing_said),
    Attack("disk filler, empty files", lambda w: "i=0; while :; do i=$((i+1)); : > $i; done", bounded),
    Attack("disk filler, files that were there", grown, bounded),
    Attack("folders nested out of reach", lambda w: python(NESTED), bounded),
    Attack("zip bombs: gunzip, in memory, unzip", lambda w: python(BOMB), unpacked, 30.0),
)  # fmt: skip
