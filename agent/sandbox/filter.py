"""Which system calls may a command make?

A seccomp program in the kernel's own form (linux/filter.h): a list of what is refused, and why. Namespaces already hide files,
processes and the network; refused here is what reaches around them or around the limits. Everything else passes.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""``{machine: (AUDIT_ARCH_*, column below)}``, linux/audit.h."""
X32 = 0x40000000
"""Bit of the numbers of x32, a second table of the same calls on x86_64."""

# (x86_64, aarch64) from the kernel's syscall tables; None where the architecture has no such call
REFUSED: tuple[tuple[int | None, int | None], ...] = (
    (101, 117), (310, 270), (311, 271), (312, 272), (438, 438),  # ptrace, process_vm_readv/writev, kcmp, pidfd_getfd
    (319, 279), (447, 447), (29, 194), (30, 196), (31, 195),  # memfd_create, memfd_secret, shmget/at/ctl: memory nobody counts
    (64, 190), (68, 186), (240, 180),  # semget, msgget, mq_open: the same, smaller
    (46, 211), (307, 269),  # sendmsg, sendmmsg: files in flight are held by no process and counted by nobody
    (272, 97), (308, 268), (161, 51), (155, 41), (165, 40), (166, 39),  # unshare, setns, chroot, pivot_root, mount, umount2
    (428, 428), (429, 429), (430, 430), (431, 431), (432, 432), (433, 433), (442, 442),  # the newer calls to mount
    (425, 425), (426, 426), (427, 427),  # io_uring: does what is refused here without being asked
    (321, 280), (298, 241), (323, 282), (300, 262), (304, 265), (303, 264),  # bpf, perf, userfaultfd, fanotify, file handles
    (248, 217), (249, 218), (250, 219), (103, 116), (246, 104), (320, 294),  # keys, the kernel's log, kexec
    (163, 89), (167, 224), (168, 225), (179, 60),  # acct, swapon, swapoff, quotactl
)  # fmt: skip
UNKNOWN: tuple[tuple[int | None, int | None], ...] = ((437, 437), (435, 435))
"""openat2, clone3: their arguments lie behind a pointer, where no filter sees them. Callers fall back to the older calls."""
RESERVES = (285, 47)
"""fallocate: takes gigabytes between two looks at the disk. posix_fallocate writes instead, as where a disk cannot reserve."""
IOCTL = (16, 29)
RESERVING = (0x40305828, 0x4030582A, 0x40305839)
"""FS_IOC_RESVSP, FS_IOC_RESVSP64, FS_IOC_ZERO_RANGE, linux/falloc.h: the same by ioctl, on every file system."""
MODES: tuple[tuple[int | None, int | None, int], ...] = (
    (90, None, 1), (91, 52, 1), (268, 53, 2), (452, 452, 2), (85, None, 1), (133, None, 1), (259, 33, 2),
)  # fmt: skip
"""chmod, fchmod, fchmodat, fchmodat2, creat, mknod, mknodat, with the argument that is a mode: none may be set-user-id."""
OPENS: tuple[tuple[int | None, int | None, int], ...] = ((2, None, 1), (257, 56, 2))
"""open, openat, with the argument that holds flags; the mode follows it and means something only where a file is made."""
SOCKET = (41, 198)
UNIX = 1
SET_ID = 0o6000
MAKES = 0o100 | 0o20000000
"""O_CREAT and the bit of O_TMPFILE."""

_LOAD, _EQUAL, _BITS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

Step = tuple[int, int, int, int]
"""One ``struct sock_filter``: code, jump if true, jump if false, k."""


def known(machine: str = "") -> bool:
    """Whether there is a filter for this machine."""
    return (machine or platform.machine()) in ARCHITECTURES


def program(machine: str = "") -> bytes:
    """The filter for `machine` (this one), as `bwrap --seccomp` reads it."""
    arch, column = ARCHITECTURES[machine or platform.machine()]
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    steps: list[Step] = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps += [(_AT_LEAST, 0, 1, X32), (_RETURN, 0, 0, _KILL)]
    for numbers in REFUSED:
        steps += _where(numbers[column], [refuse])
    for numbers in UNKNOWN:
        steps += _where(numbers[column], [(_RETURN, 0, 0, _ERROR | errno.ENOSYS)])
    unsupported, allow = (_RETURN, 0, 0, _ERROR | errno.EOPNOTSUPP), (_RETURN, 0, 0, _ALLOW)
    steps += _where(RESERVES[column], [unsupported])
    asked = [step for request in RESERVING for step in ((_EQUAL, 0, 1, request), unsupported)]
    steps += _where(IOCTL[column], [_argument(1), *asked, allow])
    for *call, place in MODES:
        steps += _where(call[column], [_argument(place), (_BITS, 0, 1, SET_ID), refuse, allow])
    for *call, place in OPENS:
        made = [_argument(place), (_BITS, 1, 0, MAKES), allow, _argument(place + 1), (_BITS, 0, 1, SET_ID), refuse, allow]
        steps += _where(call[column], made)
    foreign = (_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT)
    steps += _where(SOCKET[column], [_argument(0), (_EQUAL, 1, 0, UNIX), foreign, allow])
    return b"".join(struct.pack("<HBBI", *step) for step in [*steps, allow])


def _argument(place: int) -> Step:
    """Load the lower half of an argument; both architectures store it first."""
    return (_LOAD, 0, 0, 16 + 8 * place)


def _where(number: int | None, then: Iterable[Step]) -> list[Step]:
    """Do `then` for one call; the others skip it."""
    steps = list(then)
    return [] if number is None else [(_EQUAL, 0, len(steps), number), *steps]
