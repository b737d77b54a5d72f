"""Where does a harvest go on?

`harvest.json` beside a corpus's shards, written after each commit of the corpus: what it says has been read is in the corpus. One
entry for each repository, format and set that was ever harvested into this corpus.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import orjson

from crawler.errors import CrawlerError
from indexer.durable import write_durably

NAME = "harvest.json"


class BrokenState(CrawlerError):
    """Raised where harvest.json is not what a harvest wrote; remove it to harvest everything again."""


@dataclass(slots=True)
class Harvest:
    """One repository, format and set, and how far it has been read."""

    url: str
    prefix: str
    set: str = ""
    complete_to: str = ""
    """Day on which the last complete harvest began, in the repository's time; the next one begins there. Empty: never."""
    since: str = ""
    """First day of the list that is being read; empty for all."""
    until: str = ""
    """Last day of the list that is being read; empty for all."""
    token: str = ""
    """Resumption token of the next part of that list; empty where no list is begun."""
    begun: str = ""
    """Day of the first reply of that list."""
    records: int = 0
    """Records of that list that have been read."""

    def key(self) -> tuple[str, str, str]:
        """What tells harvests apart."""
        return self.url, self.prefix, self.set


@dataclass(slots=True)
class State:
    """All harvests into one corpus."""

    path: Path
    harvests: list[Harvest] = field(default_factory=list)

    @classmethod
    def load(cls, corpus: Path) -> State:
        """What the corpus directory says; nothing where it has no such file. Raises BrokenState."""
        path = corpus / NAME
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return cls(path)
        try:
            entries = orjson.loads(content)["harvests"]
            known = {f.name: type(f.default) for f in fields(Harvest) if f.name not in ("url", "prefix")} | {
                "url": str,
                "prefix": str,
            }
            if any(type(value) is not known[name] for entry in entries for name, value in entry.items()):
                raise TypeError("a field of another type")
            return cls(path, [Harvest(**entry) for entry in entries])
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise BrokenState(f"{path} is not the state of a harvest ({error}); remove it to harvest everything again") from error

    def harvest(self, url: str, prefix: str, set_: str) -> Harvest:
        """The entry of this repository, format and set; a new one where there is none."""
        for harvest in self.harvests:
            if harvest.key() == (url, prefix, set_):
                return harvest
        self.harvests.append(Harvest(url, prefix, set_))
        return self.harvests[-1]

    def save(self) -> None:
        """Put it on disk, whole or not at all."""
        content = {"harvests": [asdict(harvest) for harvest in self.harvests]}
        write_durably(self.path, orjson.dumps(content, option=orjson.OPT_INDENT_2))
