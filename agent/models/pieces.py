"""Which call does a piece of a stream belong to?

Endpoints differ: most number the calls of a reply (``index``), some give ids alone, some number all of them 0, some send the name
with every piece, and some make up a fresh id for each. A call begins with its name, so a piece with a name and an id that is new
begins one; the number decides where there is nothing else.
"""

from __future__ import annotations

from typing import Any

import orjson

from agent.models.wording import arguments


class Pieces:
    """One call under way."""

    def __init__(self, id: str) -> None:  # noqa: A002 - the field's name
        self.id = id
        """The endpoint's; empty where it gave none."""
        self.name = ""
        self.arguments: list[str] = []

    def add(self, function: dict[str, Any]) -> None:
        """The next piece; a name that is sent again is the same name."""
        name = function.get("name") or ""
        self.name += "" if name == self.name else name
        self.arguments.append(arguments(function))

    @property
    def whole(self) -> bool:
        """Whether its arguments are JSON already."""
        try:
            orjson.loads("".join(self.arguments))
        except orjson.JSONDecodeError:
            return False
        return True


class Calls:
    """The calls of one reply, in the order in which they began."""

    def __init__(self) -> None:
        self.begun: list[Pieces] = []
        self._numbered: dict[int, Pieces] = {}

    def add(self, parts: list[dict[str, Any]]) -> None:
        """What one event says of calls. Raises what reading JSON of an unexpected shape raises."""
        for position, part in enumerate(parts):
            number = None if part.get("index") is None else int(part["index"])
            function = part.get("function") or {}
            call = self._under_way(number, part.get("id") or "", function.get("name") or "", position)
            if call is None:
                call = Pieces(part.get("id") or "")
                self.begun.append(call)
            if number is not None:
                self._numbered[number] = call
            call.add(function)

    def _under_way(self, number: int | None, id: str, name: str, position: int) -> Pieces | None:  # noqa: A002 - the field's name
        """The call that such a piece goes on with; None where it begins one."""
        last = self.begun[-1] if self.begun else None
        call = last if number is None else self._numbered.get(number)
        if id and number is None:
            call = next((one for one in self.begun if one.id == id), None if name else last)
        if call is None or not name:
            return call
        if id:
            return call if id == call.id else None
        other = number is None and (position or call.name != name)
        return None if other or call.whole else call
