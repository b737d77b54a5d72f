"""What hostile commands and hostile pages try, and whether anything came of it.

    python -m tests.agent.attacks            a table of all attacks; as root also what comes of them as a user
    python -m tests.agent.attacks --uid N    as that user alone, for root
    python -m tests.agent.attacks --json     for the tests

Each attack is a command in the sandbox and a judge outside of it, who looks at the world; those of pages are in `hostile`.
A process of its own, because it changes its uid and because much of it would harm a test runner where the sandbox failed.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import encodings.idna  # noqa: F401 - looked up by name later, when another uid may not read it any more
import json
import os
import shlex
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ToolError
from agent.sandbox import Finished, bubblewrap
from agent.sandbox.bubblewrap import Bubblewrap, with_allowance
from agent.workspace import Workspace
from tests.agent import hostile

MIB = 2**20
SECRET = "leaked-3f1c9a77"
NOBODY = 65_534
LIMITS = {"disk": 32 * MIB, "file": 12 * MIB, "entries": 2_000, "memory": 256 * MIB}
"""Smaller than the default, so that filling them takes no minute."""


class World:
    """What lies outside the sandbox: a secret file, a secret in the environment, listeners, a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder
        self.secret = folder / "secret.txt"
        self.secret.write_text(SECRET)
        os.environ["STEPWELL_MODEL_KEY"] = SECRET
        self.reached: list[str] = []
        self.tcp, self.udp, self.abstract, self.unix = (socket.socket(*kind) for kind in KINDS)
        self.tcp.bind(("0.0.0.0", 0))
        self.udp.bind(("127.0.0.1", 0))
        self.abstract.bind(f"\0stepwell-{os.getpid()}")
        self.unix.bind(str(folder / "door"))
        for door in (self.tcp, self.abstract, self.unix):
            door.listen()
            threading.Thread(target=self.accept, args=(door,), daemon=True).start()
        threading.Thread(target=self.receive, daemon=True).start()

    @contextlib.contextmanager
    def a_run(self, number: int) -> Iterator[World]:
        """The same world with a workspace of its own and a process to harm."""
        here = copy.copy(self)
        here.workspace = self.folder / f"run{number}" / "workspace"
        here.workspace.mkdir(parents=True)
        here.victim = subprocess.Popen(["sleep", "600"])
        try:
            yield here
        finally:
            here.victim.kill()
            here.victim.wait()
            for path in here.workspace.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)

    def accept(self, door: socket.socket) -> None:
        while True:
            door.accept()
            self.reached.append(str(door.getsockname()))

    def receive(self) -> None:
        while True:
            self.udp.recv(100)
            self.reached.append("udp")


KINDS = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX,), (socket.AF_UNIX,))


@dataclass(frozen=True)
class Attack:
    """One attack."""

    name: str
    command: Callable[[World], str]
    leak: Callable[[World, Finished, Bubblewrap], str]
    """What came of it, empty where nothing did."""
    timeout: float = 10.0


def python(code: str) -> str:
    """A command that runs this code with ctypes at hand."""
    head = "import ctypes, os, socket, sys, time\ncall = ctypes.CDLL(None, use_errno=True).syscall\n"
    return "python3 -c " + shlex.quote(head + textwrap.dedent(code))


def nothing_read(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    if SECRET in done.output:
        return "the secret was read"
    return "" if "PATH=" in done.output else f"it did not get to its end: {done.output[-200:]}"


def nothing_said(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """Commands that print LEAK where something worked."""
    return "; ".join(line for line in done.output.splitlines() if line.startswith("LEAK")) or (
        "" if "tried" in done.output else f"it did not get to its end: {done.output[-200:]}"
    )


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


def not_reached(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    time.sleep(0.1)
    return ", ".join(world.reached) or ("" if "tried" in done.output else f"it did not get to its end: {done.output[-300:]}")


def victim_lives(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    if world.victim.poll() is not None:
        return "a process outside was ended"
    return "" if "tried" in done.output else f"it did not get to its end: {done.output[-200:]}"


def no_set_id(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    marked = [p.name for p in world.workspace.rglob("*") if stat.S_IMODE(p.lstat().st_mode) & 0o6000]
    return f"set-user-id: {', '.join(marked)}" if marked else nothing_said(world, done, sandbox)


def links_lead_nowhere(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """What the file tools make of links, pipes and sparse files that a command left."""
    files = Workspace(world.workspace)
    for name in ("link", "folder/secret.txt", "hard", "up/secret.txt", "pipe", "bomb", "proc"):
        try:
            if SECRET.encode() in files.read(name):
                return f"{name} gave the secret away"
        except ToolError:
            continue
    for name in ("link", "folder/new.txt"):
        try:
            files.write(name, b"overwritten")
        except ToolError:
            continue
    outside = {p.name for p in world.folder.iterdir() if not p.name.startswith("run")} - {"secret.txt", "door"}
    if outside or world.secret.read_text() != SECRET:
        return f"a file outside was written: {', '.join(outside) or 'secret.txt'}"
    return "" if "tried" in done.output else f"it did not get to its end: {done.output[-200:]}"


FORKS = """
    mark = "bomb-77"
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.001)
"""
READS = """
    usual = ["/etc/shadow", "/etc/passwd", "/root", "/home", "/proc/1/root/etc/shadow", "/proc/kcore", "/dev/sda"]
    for path in sys.argv[1:] + usual:
        try:
            print(open(path, "rb").read(200) if not os.path.isdir(path) else os.listdir(path))
            print("LEAK", path)
        except OSError:
            pass
    print("tried")
"""
NETWORK = """
    def attempt(*kind, to):
        try:
            door = socket.socket(*kind)
            door.settimeout(1)
            door.connect(to)
            door.send(b"x")
        except OSError:
            pass
    attempt(socket.AF_INET, to=("127.0.0.1", TCP))
    attempt(socket.AF_INET, to=("HOST", TCP))
    attempt(socket.AF_INET, socket.SOCK_DGRAM, to=("127.0.0.1", UDP))
    attempt(socket.AF_UNIX, to="\\0stepwell-PID")
    attempt(socket.AF_UNIX, to="DOOR")
    for family in (socket.AF_NETLINK, socket.AF_VSOCK, socket.AF_PACKET, socket.AF_ALG):
        try:
            socket.socket(family, socket.SOCK_RAW)
            print("family", family)
        except OSError:
            pass
    print("tried")
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
PTRACE = """
    child = os.fork()
    if not child:
        time.sleep(5)
    for number, arguments in ((101, (16, child, 0, 0)), (101, (16, 1, 0, 0)), (101, (0, 0, 0, 0)), (310, (1, 0, 0, 0, 0, 0))):
        if call(number, *arguments) != -1:
            print("LEAK", number, arguments)
    os.kill(child, 9)
    print("tried")
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
MODES = """
    open("tool", "w").write("x")
    for change in (lambda: os.chmod("tool", 0o4755), lambda: os.fchmod(os.open("tool", os.O_RDONLY), 0o6755),
                   lambda: os.open("made", os.O_CREAT | os.O_WRONLY, 0o4755), lambda: call(85, b"old", 0o4755),
                   lambda: call(268, -100, b"tool", 0o4755), lambda: call(452, -100, b"tool", 0o4755, 0)):
        try:
            change()
        except OSError:
            pass
    if os.getuid() == 0 or os.geteuid() == 0:
        print("LEAK root")
    for path in ("/usr/x", "/x", "/etc/x", "/dev/x", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"):
        try:
            open(path, "w")
            print("LEAK", path)
        except OSError:
            pass
    for number in (272, 165, 161, 155, 308):
        if call(number, 0x10000000, 0, 0, 0, 0) != -1:
            print("LEAK", number)
    try:
        os.mknod("disk", 0o60600, os.makedev(8, 0))
        print("LEAK device")
    except OSError:
        pass
    print("tried")
"""


def network(world: World) -> str:
    own = socket.gethostbyname(socket.gethostname()) if socket.gethostname() else "127.0.0.1"
    named = {
        "TCP": world.tcp.getsockname()[1],
        "UDP": world.udp.getsockname()[1],
        "HOST": own,
        "PID": os.getpid(),
        "DOOR": world.folder / "door",
    }
    code = NETWORK
    for name, value in named.items():
        code = code.replace(name, str(value))
    return python(code)


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


def unpacked(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """Neither a file, nor memory, nor the disk took what was in it."""
    said = nothing_said(world, done, sandbox)
    return said or bounded(world, done, sandbox)


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
    Attack("disk filler, empty files", lambda w: "i=0; while :; do i=$((i+1)); : > $i; done", bounded),
    Attack("zip bombs: gunzip, in memory, unzip", lambda w: python(BOMB), unpacked, 30.0),
    Attack("environment dump", lambda w: "env; set; cat /proc/*/environ; cat /proc/*/cmdline", nothing_read),
    Attack("files outside", lambda w: python(READS) + f" {w.secret} ../../secret.txt /proc/1/cwd{w.secret} /tmp/../{w.secret}",
           lambda w, d, s: "the secret was read" if SECRET in d.output else nothing_said(w, d, s)),
    Attack("links, pipes and sparse files for the file tools", lambda w: f"ln -s {w.secret} link; ln -s {w.folder} folder;"
           f" ln {w.secret} hard; ln -s ../.. up; mkfifo pipe; truncate -s 11M bomb; ln -s /proc/self/environ proc;"
           " echo tried", links_lead_nowhere),
    Attack("network: tcp, udp, unix, netlink, vsock, raw", network,
           lambda w, d, s: not_reached(w, d, s) or ("a socket family" if "family" in d.output else "")),
    Attack("set-user-id, mounts, devices, the system's files", lambda w: python(MODES), no_set_id),
    Attack("user namespaces", lambda w: "unshare -Ur id -u && echo LEAK; nsenter -t 1 -a id && echo LEAK;"
           " su -c id && echo LEAK; echo tried", nothing_said),
    Attack("signals to processes outside", lambda w: f"kill -9 {w.victim.pid}; echo tried; kill -9 -1", victim_lives),
    Attack("ptrace, memory of other processes", lambda w: python(PTRACE), nothing_said),
)  # fmt: skip

FILTERED = (
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


def hostile_pages() -> list[dict[str, object]]:
    """What came of a run whose model obeys every page."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        leaks = hostile.play(Path(folder), Bubblewrap())
    return [{"name": name, "leak": leak, "stopped": "refused or cleaned"} for name, leak in leaks.items()]


def as_user(uid: int) -> dict[str, str]:
    """What comes of every attack as another user."""
    command = [sys.executable, "-m", "tests.agent.attacks", "--json", "--uid", str(uid)]
    told = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300, check=True).stdout
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
        hostile.bomb()  # imports what the other uid may not read
        os.setgroups([])
        os.setresgid(args.uid, args.uid, args.uid)
        os.setresuid(args.uid, args.uid, args.uid)
    if absent := Bubblewrap().absent():
        sys.exit(f"no sandbox: {absent}")
    if args.without_filter:
        bubblewrap.program = lambda: struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)  # allow everything
    results = run(*(FILTERED if args.without_filter else args.only))
    if not args.only and not args.without_filter:
        results += hostile_pages()
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
