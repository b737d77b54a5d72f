"""What do files say, also while they cannot be read?

What they said when they could last be read: to this process, or to one before it that left a memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, cast

from authority.errors import AuthorityError

T = TypeVar("T")


class Memory(Protocol):
    """Outlives the process that reads the files."""

    def recall(self, name: str) -> object | None:
        """What was kept under this name; None where nothing was."""

    def keep(self, name: str, value: object) -> None:
        """Keep it in place of what was there."""


class Remembered(Generic[T]):
    """What some files say, and said; for one thread at a time."""

    def __init__(
        self,
        name: str,
        load: Callable[[], T],
        said: Callable[[T], object],
        doubt: Callable[[T, T], str] = lambda _, __: "",
        errors: tuple[type[Exception], ...] = (AuthorityError,),
    ) -> None:
        """`load` raises one of `errors` where they cannot be read; `said` is what two values are compared by.

        `doubt` says why the second of two is not to be believed after the first.
        """
        self._name, self._load, self._said, self._doubt, self._errors = name, load, said, doubt, errors
        self.value: T
        """What is in force, once somebody has looked."""
        self.trouble = ""
        """Why that stays in force; empty where the files say it."""
        self._known = False

    def look(self, memory: Memory | None, lost: Callable[[], T | None] = lambda: None) -> bool:
        """Read them; whether they say something new. `lost` is asked where no memory has them.

        Raises what `load` raises where nothing is known of them.
        """
        before = self.value if self._known else self._before(memory, lost)
        try:
            value = self._load()
        except self._errors as error:
            if before is None:
                raise
            return self._stay(before, f"the {self._name} in force cannot be read any more and stays in force: {error}")
        if before is not None and (doubt := self._doubt(before, value)):
            return self._stay(before, f"the {self._name} in force stays in force, for most of what it says is gone: {doubt}")
        changed = not self._known or self._said(value) != self._said(self.value)
        if changed:
            self.value, self._known = value, True
            if memory:
                memory.keep(self._name, value)
        self.trouble = ""
        return changed

    def _before(self, memory: Memory | None, lost: Callable[[], T | None]) -> T | None:
        """What it said to the processes before this one; None where that is not known."""
        if memory is None:
            return None
        found = memory.recall(self._name)
        return lost() if found is None else cast("T", found)

    def _stay(self, value: T, trouble: str) -> bool:
        self.value, self._known, self.trouble = value, True, trouble
        return False
