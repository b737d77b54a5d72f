"""How many are there, in words for a person at a shell?"""

from __future__ import annotations


def many(number: int, thing: str, things: str = "") -> str:
    """``1 span``, ``2 spans``; a plural that takes more than an s is given."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"
