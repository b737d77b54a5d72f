"""What may a command ask of the kernel: network, rights, other processes?"""

from __future__ import annotations

import os
import socket
import stat
import time

from agent.sandbox import Finished
from agent.sandbox.bubblewrap import Bubblewrap
from tests.agent.attacks.world import Attack, World, nothing_said, python


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


ATTACKS = (
    Attack("network: tcp, udp, unix, netlink, vsock, raw", network,
           lambda w, d, s: not_reached(w, d, s) or ("a socket family" if "family" in d.output else "")),
    Attack("set-user-id, mounts, devices, the system's files", lambda w: python(MODES), no_set_id),
    Attack("user namespaces", lambda w: "unshare -Ur id -u && echo LEAK; nsenter -t 1 -a id && echo LEAK;"
           " su -c id && echo LEAK; echo tried", nothing_said),
    Attack("signals to processes outside", lambda w: f"kill -9 {w.victim.pid}; echo tried; kill -9 -1", victim_lives),
    Attack("ptrace, memory of other processes", lambda w: python(PTRACE), nothing_said),
)  # fmt: skip
