"""What else is a place, its people or an organisation called, in another language or as an adjective?

A report in French says *Allemagne* of what a source calls *Germany*, and one in English *Danish* of what is in *Denmark*. Where
one of the names stands in a text, all of its row in exonyms.tsv do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_ROWS = (Path(__file__).parent / "exonyms.tsv").read_text(encoding="utf-8")
_NAMES = {name: row.split("\t") for row in _ROWS.splitlines() for name in row.split("\t")}
_LATIN = "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True) if name.isascii() or name[0] < "\u3040")
_HAN = "|".join(re.escape(name) for name in _NAMES if name[0] >= "\u3040")
_NAMED = re.compile(rf"(?<![^\W_])(?:{_LATIN})(?=['’]?s?(?![^\W_]))|{_HAN}")


@lru_cache(256)
def other_names(about: str) -> str:
    """All other names of what a text names, a row a line."""
    return "\n".join(dict.fromkeys(" ".join(_NAMES[name]) for name in dict.fromkeys(_NAMED.findall(about))))
