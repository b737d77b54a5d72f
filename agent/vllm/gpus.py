"""Which GPUs are there, and which of them may be used?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.errors import AskError

QUERY = ("nvidia-smi", "--query-gpu=uuid,name,memory.total,compute_cap", "--format=csv,noheader,nounits")
MIB = 2**20
VISIBLE = "CUDA_VISIBLE_DEVICES"
ORDER = "CUDA_DEVICE_ORDER"
STATE = "--gpus 2x80 states them"


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU."""

    name: str
    memory: int
    """Bytes."""
    capability: float
    """CUDA compute capability: 8.0 and above know bfloat16, 8.9 and above fp8."""
    uuid: str = ""
    """``GPU-`` and a number that no other has; empty where it was only stated."""


def found() -> list[Gpu]:
    """The GPUs of this machine that CUDA will show to vLLM, as nvidia-smi tells them. Raises AskError where there are none."""
    try:
        told = subprocess.run(QUERY, capture_output=True, text=True, errors="replace", timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise AskError(f"no GPU found: nvidia-smi does not answer; {STATE} for --dry-run") from error
    return visible(read(told), os.environ)


def read(told: str) -> list[Gpu]:
    """GPUs from the lines of nvidia-smi, in its order. Raises AskError where there are none, or a line says too little."""
    gpus: list[Gpu] = []
    for line in told.strip().splitlines():
        uuid, _, rest = line.partition(",")
        try:
            name, memory, capability = (part.strip() for part in rest.rsplit(",", 2))
            gpus.append(Gpu(name, int(memory) * MIB, float(capability), uuid.strip()))
        except ValueError:
            raise AskError(f"nvidia-smi says {line[:200]!r}, not how much memory of which capability; {STATE}") from None
    if not gpus:
        raise AskError(f"no GPU found: nvidia-smi lists none; {STATE} for --dry-run")
    return gpus


def visible(gpus: Sequence[Gpu], environment: Mapping[str, str]) -> list[Gpu]:
    """Those that CUDA_VISIBLE_DEVICES leaves, by number or by the beginning of their UUID; all where it is not set.

    Where CUDA hides in silence whatever stands behind a name that it does not know, this raises AskError. CUDA counts the fastest
    first unless CUDA_DEVICE_ORDER is PCI_BUS_ID, which is how nvidia-smi counts: numbers among GPUs that differ are refused, too.
    https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html
    """
    if VISIBLE not in environment:
        return list(gpus)
    names = [name.strip() for name in environment[VISIBLE].split(",")]
    if names == [""]:
        raise AskError(f"{VISIBLE} is empty and hides every GPU; unset it, or {STATE}")
    alike = len({(gpu.memory, gpu.capability) for gpu in gpus}) == 1
    if not alike and any(map(str.isdecimal, names)) and environment.get(ORDER) != "PCI_BUS_ID":
        raise AskError(f"{VISIBLE} counts GPUs that differ, and not as nvidia-smi does; set {ORDER}=PCI_BUS_ID, or name UUIDs")
    places = [_place(name, gpus) for name in names]
    if len(set(places)) < len(places):
        raise AskError(f"{VISIBLE} names a GPU twice: {environment[VISIBLE][:200]!r}; name each once")
    return [gpus[place] for place in places]


def _place(name: str, gpus: Sequence[Gpu]) -> int:
    if name.isdecimal() and int(name) < len(gpus):
        return int(name)
    meant = [place for place, gpu in enumerate(gpus) if name.startswith("GPU-") and gpu.uuid.startswith(name)]
    if len(meant) != 1:
        raise AskError(f"{VISIBLE} names {name[:100]!r}, which is not one of the {len(gpus)} GPUs of nvidia-smi; {STATE}")
    return meant[0]


def stated(text: str) -> list[Gpu]:
    """GPUs as ``NUMBERxGIB``, such as ``2x80``, of the newest kind. Raises AskError."""
    number, _, size = text.partition("x")
    if not (number.isdecimal() and size.isdecimal() and 1 <= int(number) <= 64 and 1 <= int(size) <= 1024):
        raise AskError(f"{text!r} states no GPUs; write NUMBERxGIB, such as 2x80")
    return [Gpu("stated", int(size) * 2**30, 9.0)] * int(number)
