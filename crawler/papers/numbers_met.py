"""Which of very many numbers have been met?"""

from __future__ import annotations

_BITS = 12
"""Numbers that differ in so many of their last bits lie in one block of 512 bytes."""
_LAST = (1 << _BITS) - 1


class Numbers:
    """A set of numbers, a bit for each; blocks that hold none take no memory."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}

    def __contains__(self, number: int) -> bool:
        block = self._blocks.get(number >> _BITS)
        return block is not None and bool(block[(number & _LAST) >> 3] >> (number & 7) & 1)

    def add(self, number: int) -> None:
        """`number` is one of them from now on."""
        key = number >> _BITS
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = bytearray((1 << _BITS) // 8)
        block[(number & _LAST) >> 3] |= 1 << (number & 7)
