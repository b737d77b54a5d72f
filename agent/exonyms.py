"""What else is a place, its people or an organisation called, in another language or as an adjective?

A report in French says *Allemagne* of what a source calls *Germany*, and one in English *Danish* of what is in *Denmark*. Where
one of the names stands in a text, all of its row in exonyms.tsv do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_ROWS = (Path(__file__).parent / "exonyms.tsv").read_text(encoding="utf-8")
_NAMES: dict[str, str] = {}
for _row in _ROWS.splitlines():
    for _name in _row.split("\t"):
        _NAMES[_name] = f"{_NAMES[_name]} ; {_row}" if _name in _NAMES else _row
_LATIN = "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True) if name.isascii() or name[0] < "\u3040")
_HAN = "|".join(re.escape(name) for name in _NAMES if name[0] >= "\u3040")
_NAMED = re.compile(rf"(?<![^\W_])(?:{_LATIN})(?=['’]?s?(?![^\W_]))|{_HAN}")


def is_listed(word: str) -> bool:
    """Whether a word, written large, is such a name, and its row has none that is written small, as that of the Earth has."""
    return word[:1].isupper() and not any(name.islower() and name.isascii() for name in _NAMES.get(word, "a").split("\t"))


@lru_cache(256)
def other_names(about: str) -> str:
    """All other names of what a text names, a row a line."""
    return "\n".join(dict.fromkeys(_NAMES[name] for name in _NAMED.findall(about)))
