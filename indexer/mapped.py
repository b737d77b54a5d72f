"""How is an array in a file read without reading the file?

The pages of a ``.npy`` file come in as they are touched. numpy maps such files too, but takes three to ten times as long, and an
index of hundreds of segments has ten thousand of them. It also reads their headers by `ast.literal_eval`, which fails at times
where several threads do so at once (SystemError, seen with CPython 3.11.7): here a header is read by a pattern.
"""

from __future__ import annotations

import mmap
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEADER = re.compile(rb"\x93NUMPY\x01\x00..\{'descr': (.+), 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n", re.DOTALL)
"""What numpy.save writes before an array in rows: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""


_FIELDS = re.compile(r"\[(\('\w+', '[<>|=]\w+'\)(?:, )?)+\]")
_FIELD = re.compile(r"\('(\w+)', '([<>|=]\w+)'\)")
_PLAIN = re.compile(r"'([<>|=]\w+)'")
"""Types as numpy.save writes them: one, or the named columns of a table."""


def mapped(path: Path) -> NDArray[Any]:
    """The array in a ``.npy`` file, read-only. Raises OSError, or ValueError or TypeError where the file is something else."""
    with path.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 10 + int.from_bytes(pages[8:10], "little")
    header = _HEADER.fullmatch(pages[:start])
    if not header:
        raise ValueError(f"{path} is not an array that numpy.save wrote row by row")
    shape = tuple(int(size) for size in header[2].replace(b",", b" ").split())
    return np.ndarray(shape, _dtype(header[1]), pages, start) if 0 not in shape else np.empty(shape, _dtype(header[1]))


@lru_cache
def _dtype(written: bytes) -> np.dtype[Any]:
    text = written.decode()
    if plain := _PLAIN.fullmatch(text):
        dtype = np.dtype(plain[1])
    elif _FIELDS.fullmatch(text):
        dtype = np.dtype(_FIELD.findall(text))
    else:
        raise ValueError(f"{text[:100]} is no type that an index has")
    if dtype.hasobject:
        raise ValueError(f"an array of {dtype} holds Python objects")
    return dtype
