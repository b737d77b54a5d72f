"""Which fields of a request does the contract not know?

They are ignored, so that a client of a later release is answered; whoever mistyped one must hear of it, and of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from google.protobuf.descriptor import Descriptor

from server.http.words import MAX_DEPTH, names_of

MOST = 20
"""Fields that are named; a body has room for a million."""
LONG = 50
"""Characters of a name that are repeated."""


def ignored(fields: Any, message: Descriptor) -> list[str]:
    """A sentence for each, once for all entries of a list; MOST of them and the number of the others."""
    found: dict[tuple[str, str], Descriptor] = {(path, name): of for path, name, of in _unknown(fields, message, "", MAX_DEPTH)}
    told = [_told(path, name, of) for (path, name), of in islice(found.items(), MOST)]
    return [*told, f"{len(found) - MOST:,} more fields are unknown and ignored"] if len(found) > MOST else told


def _unknown(fields: Any, message: Descriptor, path: str, depth: int) -> Iterator[tuple[str, str, Descriptor]]:
    """Where it stands, its name, and the message that has no such field."""
    if not isinstance(fields, dict) or depth == 0:
        return
    known = names_of(message)
    for name, value in fields.items():
        if name not in known:
            yield path, name, message
        elif (inner := known[name].message_type) and not inner.GetOptions().map_entry:
            for one in value if isinstance(value, list) else [value]:
                yield from _unknown(one, inner, f"{path}{name}.", depth - 1)


def _told(path: str, name: str, message: Descriptor) -> str:
    short = name[:LONG]
    near = get_close_matches(short.lower(), message.fields_by_name, n=1)
    return f"{path}{short} is no field of {message.name} and is ignored" + (f"; the nearest is {near[0]}" if near else "")
