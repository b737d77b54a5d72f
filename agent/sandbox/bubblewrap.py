"""How does a command run without seeing more than its workspace?

In namespaces of its own, made by bubblewrap: a read-only /usr, its own /proc and /dev, the workspace, an empty /tmp, no network,
no environment, no other process. Root drops to an uid that owns nothing else before bubblewrap starts, because the limit on
processes does not bind root. All of it dies with the process that asked, and is killed as a whole where a limit is passed.

https://github.com/containers/bubblewrap, bwrap(1), user_namespaces(7), seccomp(2)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import orjson

from agent.errors import ToolError
from agent.sandbox import Finished
from agent.sandbox.allowance import Allowance, fitting
from agent.sandbox.filter import known, program
from agent.sandbox.meter import LONGEST, deleted, taken
from agent.sandbox.stage import stage
from agent.sandbox.tree import give, restore, sizes, take_back
from agent.workspace import named

LOOK = 0.2
"""Seconds between two looks at the disk; what is written in between comes on top of the allowance."""
LEEWAY = 100
"""KiB and files that a command may have for itself while the workspace is full: to look at what fills it, and to remove that."""
DISK = "its files"
"""How it is said that a limit of the disk was passed begins."""
NAMED = 20
"""Files that were cut back and are named."""
DYING = 5.0
"""Seconds that killed processes may take to be gone."""
PATH = "/usr/local/bin:/usr/bin:/bin"
HIGH = 1_900_000_000
"""First of the uids that root drops to: above those of people, services and systemd-nspawn."""
NOBODY = 65_534
"""Where the uids of this user namespace end below HIGH."""
INSTALL = "install it (apt install bubblewrap, dnf install bubblewrap)"

# As root, in a mount table of its own: workspace and scratch folder appear where any uid may go.
_AS_ROOT = 'mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec "$@"'


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The sandbox."""

    allowance: Allowance = field(default_factory=fitting)
    given_up: threading.Event = field(default_factory=threading.Event, compare=False)
    """Ends the command under way once it is set."""

    def until(self, given_up: threading.Event) -> Bubblewrap:
        """The same sandbox for one step."""
        return replace(self, given_up=given_up)

    def absent(self) -> str:
        """Why no command can be run here, found by running one."""
        return _absent(self.allowance)

    def run(self, command: str, workspace: Path, timeout: float) -> Finished:
        """Run the command under every limit. Where it took too much disk, files that it made are removed, and others cut back.

        Raises ToolError where the command can not be started, or what it left not be handled.
        """
        if "\0" in command or any("\ud800" <= c <= "\udfff" for c in command):
            raise ToolError("the command holds a character that no command can: NUL, or half of a surrogate pair")
        try:
            return self._run(command, workspace.resolve(), timeout)  # bubblewrap starts in another folder
        except OSError as error:
            raise ToolError(f"the sandbox failed: {error.strerror or error}; the command may have had its effects") from error

    def _run(self, command: str, workspace: Path, timeout: float) -> Finished:
        with stage() as folder:
            scratch = folder / "scratch"
            for place in (scratch, scratch / "tmp", scratch / "shm"):
                place.mkdir(mode=0o700)
            before = sizes(workspace)
            allowance = self.allowance.beside(sum(state.st_blocks * 512 for state in before.values()), len(before))
            with _owned(folder, workspace, scratch) as (prefix, places):
                done = _watched(prefix, command, places, (workspace, scratch), timeout, allowance, self.given_up)
                return _undone(done, workspace, before) if done.stopped.startswith(DISK) else done


@cache
def _absent(allowance: Allowance) -> str:
    needed = ["bwrap", "prlimit", *(("unshare", "mount", "setpriv") if os.geteuid() == 0 else ())]
    if missing := [name for name in needed if not shutil.which(name, path=f"{PATH}:/usr/sbin:/sbin")]:
        return f"{missing[0]} is not there; {INSTALL if missing[0] == 'bwrap' else 'install util-linux'}"
    if not known():
        return f"no filter of system calls is written for {os.uname().machine}"
    with tempfile.TemporaryDirectory(prefix="stepwell-probe-") as folder:
        done = Bubblewrap(allowance).run("echo $((6 * 7)) | cat", Path(folder), 20)
    if (done.code, done.output) != (0, "42\n"):
        said = " ".join(done.output.split())[:200] or f"exit {done.code}"
        return f"bubblewrap does not work here ({said}); it needs user namespaces, or as root the right to mount"
    return ""


@contextlib.contextmanager
def _owned(folder: Path, workspace: Path, scratch: Path) -> Iterator[tuple[list[str], tuple[Path, Path]]]:
    """What comes before bubblewrap, and where workspace and scratch lie for it.

    Root lends both to an uid of their own for as long as the command runs. Then its owner may do all in the workspace again.
    """
    if os.geteuid() != 0:
        try:
            yield [], (workspace, scratch)
        finally:
            take_back(workspace)
        return
    uid = _uid()
    seen = folder / "seen"
    places = (seen / "workspace", seen / "scratch")
    for place in (seen, *places):
        place.mkdir()
    folder.chmod(0o711)
    for lent in (workspace, scratch):
        give(lent, uid)
    bind = ["sh", "-c", _AS_ROOT, "sh", str(workspace), str(places[0]), str(scratch), str(places[1])]
    drop = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    try:
        yield ["unshare", "--mount", "--propagation", "private", "--", *bind, *drop, "--no-new-privs", "--"], places
    finally:
        take_back(workspace)


def _watched(
    prefix: list[str],
    command: str,
    places: tuple[Path, Path],
    folders: tuple[Path, Path],
    timeout: float,
    allowance: Allowance,
    given_up: threading.Event,
) -> Finished:
    """Start the command, collect its output, and end it where it passes a limit."""
    rules, told = _given(program()), _given(b"")
    arguments = _given(b"\0".join(part.encode() for part in _namespaces(places, rules, told)) + b"\0")
    limits = ["/usr/bin/prlimit", *allowance.rlimits(max(1, round(timeout))), "--", "/bin/sh", "-c", command]
    began = time.monotonic()
    process = subprocess.Popen(
        [*prefix, "bwrap", "--args", str(arguments), "--", *limits],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": f"{PATH}:/usr/sbin:/sbin"},  # the first process in the sandbox keeps what it was started with
        cwd="/",
        pass_fds=(arguments, rules, told),
        start_new_session=True,
    )
    os.close(arguments)
    os.close(rules)
    try:
        output, cut, stopped = _collected(process, told, folders, began + timeout, allowance, given_up)
    finally:
        _end(process, told)
    text = output.decode(errors="replace")
    said = stopped if stopped != "time" else f"it ran past {timeout:g} s"
    return Finished(process.returncode, text, cut, time.monotonic() - began, said)


def _collected(
    process: subprocess.Popen[bytes],
    told: int,
    folders: tuple[Path, Path],
    until: float,
    allowance: Allowance,
    given_up: threading.Event,
) -> tuple[bytes, bool, str]:
    """The output, whether some is missing, and which limit was passed; returns when the command is over, or must be."""
    assert process.stdout, "the output is a pipe"
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    kept, seen, look = bytearray(), 0, 0.0
    while True:
        over = process.poll() is not None
        select.select([pipe], [], [], 0 if over else LOOK)
        piece = _read(pipe)
        seen += len(piece or b"")
        kept += (piece or b"")[: allowance.output - len(kept)]
        cut = seen > allowance.output
        if over and not piece:
            return bytes(kept), cut, _too_much(folders[:1], 0, allowance)
        if seen > allowance.flood:
            return bytes(kept), cut, f"it printed over {allowance.flood // 2**20} MiB"
        if given_up.is_set():
            return bytes(kept), cut, "nobody waits for it any more"
        if time.monotonic() > until:
            return bytes(kept), cut, "time"
        if piece == b"" and not over:
            time.sleep(0.02)  # the output was closed, the command goes on
        if time.monotonic() >= look:
            if said := _too_much(folders, _first(told), allowance, LEEWAY):
                return bytes(kept), cut, said
            look = time.monotonic() + LOOK


def _too_much(folders: Iterable[Path], first: int, allowance: Allowance, more: int = 0) -> str:
    """Which limit of the disk is passed by over `more` KiB or files, in words."""
    now = taken(folders, allowance.entries + more)
    if now.deep:
        return f"{DISK} lay deeper than a path of {LONGEST:,} bytes; those it made were removed"
    if now.number > allowance.entries + more:
        return f"{DISK} were over {allowance.entries:,}; those it made were removed"
    if now.size + (deleted(first) if first else 0) > allowance.disk + more * 1024:
        return f"{DISK} took over {allowance.disk // 2**20} MiB; those it made were removed"
    return ""


def _undone(done: Finished, workspace: Path, before: Mapping[str, os.stat_result]) -> Finished:
    """The same, with the workspace as small as it was before."""
    if not (cut := restore(workspace, before)):
        return done
    paths = ", ".join(map(named, cut[:NAMED])) + (f" and {len(cut) - NAMED} others" if len(cut) > NAMED else "")
    return replace(done, stopped=f"{done.stopped}, and what grew was cut to its former size: {paths}", cut_back=cut)


def _namespaces(places: tuple[Path, Path], rules: int, told: int) -> list[str]:
    """The options of bubblewrap."""
    apart = ("user", "ipc", "pid", "net", "uts", "cgroup-try")
    options = [*(f"--unshare-{name}" for name in apart), "--disable-userns", "--die-with-parent", "--new-session"]
    options += ["--hostname", "sandbox", "--clearenv", "--setenv", "PATH", PATH, "--setenv", "HOME", "/workspace"]
    options += ["--setenv", "LANG", "C.UTF-8", "--setenv", "TMPDIR", "/tmp"]  # noqa: S108 - the sandbox's own
    options += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64"):
        old = Path("/", name)
        if old.is_symlink():
            options += ["--symlink", str(old.readlink()), str(old)]
        elif old.is_dir():
            options += ["--ro-bind", str(old), str(old)]
    for name in ("/etc/alternatives", "/etc/ld.so.cache"):
        options += ["--ro-bind-try", name, name]
    options += ["--proc", "/proc", "--dev", "/dev", "--bind", str(places[0]), "/workspace"]
    options += ["--bind", str(places[1] / "tmp"), "/tmp", "--bind", str(places[1] / "shm"), "/dev/shm"]  # noqa: S108
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/workspace"]
    return [*options, "--seccomp", str(rules), "--info-fd", str(told)]


def _given(data: bytes) -> int:
    """A file descriptor to read this from."""
    file = os.memfd_create("stepwell")
    os.write(file, data)
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _first(told: int) -> int:
    """The first process of the sandbox, as bubblewrap told; 0 before it has."""
    with contextlib.suppress(orjson.JSONDecodeError, KeyError):
        return int(orjson.loads(os.pread(told, 4096, 0))["child-pid"])
    return 0


def _read(pipe: int) -> bytes | None:
    """What has come; None where nothing has, empty where nothing will."""
    try:
        return os.read(pipe, 2**16)
    except BlockingIOError:
        return None


def _end(process: subprocess.Popen[bytes], told: int) -> None:
    """End all of it, the group and with bubblewrap the whole namespace, and return when nothing of it runs."""
    first = _first(told)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with process:
        pass  # waits, and closes the pipe
    os.close(told)
    until = time.monotonic() + DYING
    while first and _alive(first) and time.monotonic() < until:
        time.sleep(0.005)


def _alive(first: int) -> bool:
    """Whether the first process of a namespace runs; when it is over, so are all others."""
    try:
        return Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _uid() -> int:
    """An uid that owns nothing, as far as this user namespace has them."""
    spans = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return HIGH + secrets.randbelow(2**24) if any(a <= HIGH and a + n > HIGH + 2**24 for a, _, n in spans) else NOBODY


def with_allowance(**changed: int) -> Bubblewrap:
    """The sandbox with another allowance than this machine's."""
    return Bubblewrap(replace(fitting(), **changed))
