"""How does the key of an endpoint stay out of everything that is kept or shown?

It comes from the environment alone, and goes to one origin: a judge elsewhere has a variable of its own, or no key. An endpoint
may echo it, in an error or in an answer, so it is taken out of both before anything is stored: as it is, in upper or lower case,
or with any of its characters escaped. An endpoint that wants to pass it on in a spelling of its own could; against that nothing
helps but another endpoint.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace

from agent.errors import AskError
from agent.models import Reply

KEY = "STEPWELL_MODEL_KEY"
"""Environment variable that holds the key of the run's own model, if its endpoint wants one and its settings name no other."""
SECRET = 8
"""Characters below which a key is a word to fill the field (``EMPTY``, ``none``) and stays where an answer uses that word."""
HIDDEN = "***"
"""Stands for the key."""


class Key:
    """One endpoint's key, empty where it wants none. Raises AskError where it is none that a header can carry."""

    def __init__(self, key: str, variable: str = KEY) -> None:
        if not all("!" <= sign <= "~" for sign in key):
            raise AskError(f"the key in {variable} holds a character that is no printable ASCII, or white space; set it anew")
        self.variable = variable
        """The environment variable it comes from; empty where the endpoint is to have none."""
        self._key = key
        self._spelled = _spellings(key) if key else None

    @classmethod
    def from_environment(cls, variable: str | None = None) -> Key:
        """The key that a variable holds; white space around it, such as a file's last line end, is not part of it.

        None is KEY, which may be unset; empty is no key. Raises AskError where one that is named is not set.
        """
        named = KEY if variable is None else variable
        key = os.environ.get(named, "").strip() if named else ""
        if variable and not key:
            raise AskError(
                f"the environment variable {variable}, which settings name for the key of an endpoint, is not set; set it"
            )
        return cls(key, named)

    def __bool__(self) -> bool:
        return bool(self._key)

    def __repr__(self) -> str:
        return f"Key({HIDDEN if self._key else ''})"

    @property
    def wanted(self) -> str:
        """What to do where the endpoint wants a key; empty where it was sent one."""
        if self._key:
            return ""
        return f"set {self.variable}" if self.variable else "name the environment variable of its key in stepwell.toml"

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def out_of(self, text: str) -> str:
        """The text without the key, in whatever common spelling."""
        return self._spelled.sub(HIDDEN, text) if self._spelled else text

    def out_of_words(self, text: str) -> str:
        """The text of an answer without the key; one too short to be secret stays, for it may be any word."""
        return self.out_of(text) if len(self._key) >= SECRET else text

    def out_of_reply(self, reply: Reply) -> Reply:
        """The reply without the key in its text, its thinking, and names and arguments of its calls."""
        calls = tuple(
            replace(call, name=self.out_of_words(call.name), arguments=self.out_of_words(call.arguments)) for call in reply.calls
        )
        return replace(reply, text=self.out_of_words(reply.text), thinking=self.out_of_words(reply.thinking), calls=calls)


def _spellings(key: str) -> re.Pattern[str]:
    """The key in any case, any of its characters as it is or escaped as JSON (also again and again), URLs and HTML do."""
    return re.compile("".join(_spelled(sign) for sign in key), re.IGNORECASE)


def _spelled(sign: str) -> str:
    cases = sorted({ord(sign.lower()), ord(sign.upper())})
    code, decimal = "|".join(f"{case:x}" for case in cases), "|".join(str(case) for case in cases)
    return rf"(?:\\{{0,8}}(?:{re.escape(sign)}|u0*+(?:{code}))|%(?:{code})|&#(?:0*+(?:{decimal})|x0*+(?:{code}));)"
