"""Does a register really say so?

Reads public registers from a folder that the user has (they do not ship with Stepwell) and checks an entry's evidence
against the row it names. A register proves what a body is; what that is worth is `TIERS.md`'s to say.

    name           file                                       row                     licence
    dotgov         dotgov-current-full.csv                    domain                  CC0
    de-gov         de-gov/domains.csv                         domain                  not stated
    fr-gov         fr-gov/domaines-organismes-publics.txt     domain                  Licence Ouverte 2.0
    ror            ror_orgs.jsonl.gz                          ROR id without prefix   CC0
    universities   world_universities_and_domains.json        domain                  MIT
    swot           swot_domains.txt                           domain                  MIT
    doaj           doaj/doaj_issns.json, doaj_titles.json     ISSN, or title          CC BY-SA: consulted only
    wikipedia-rsp  wikipedia-rsp-2026/sources.jsonl           id, if generally reliable    CC BY-SA: consulted only

For a suffix rule the row reads ``*.SUFFIX`` and means all rows under it: there must be at least 10, nine in ten of them
bodies of government, education, research, health care or archives.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from authority.entry import Entry, Evidence, venue_name
from authority.errors import RegisterError

MAX_REGISTER = 500_000_000
"""Bytes, unpacked, of one register that will be read; the largest known is about 10 MB."""
SUFFIX_ROWS = 10
"""Rows a register must hold under a suffix before it can speak for the rule."""
SUFFIX_SHARE = 0.9
"""Share of those rows that must be public bodies."""
_PUBLIC = {"government", "education", "facility", "healthcare", "archive", "funder"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a register, as far as evidence needs it."""

    id: str
    names: tuple[str, ...]
    """Domains, lower case; for doaj the ISSN or the folded title."""
    public: bool = True
    """Whether the body is one of government, education, research, health care or archives."""


class Registers:
    """The registers of one folder, each read at its first use. Raises RegisterError where one is not there or not itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            raise RegisterError(f"no folder of registers at {folder}; point --registers at the one that holds them")
        self._read: dict[str, dict[str, Row]] = {}

    def rows(self, register: str) -> dict[str, Row]:
        """Row id -> Row of one of READERS."""
        if register not in self._read:
            try:
                self._read[register] = {row.id: row for row in READERS[register](self.folder)}
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise RegisterError(f"register {register}: {error.filename or self.folder}: {reason}") from None
            except (ValueError, KeyError, TypeError, EOFError, csv.Error) as error:
                raise RegisterError(f"register {register} in {self.folder} is damaged or another file: {error}") from None
        return self._read[register]

    def fault(self, entry: Entry) -> str:
        """Why the evidence of an entry does not hold, empty where it does or is a judgement."""
        evidence = Evidence.parse(entry.evidence)
        if evidence.kind == "judgement":
            return ""
        if evidence.register not in READERS:
            return f"no register called {evidence.register!r}; there are {', '.join(READERS)}"
        rows = self.rows(evidence.register)
        if entry.kind == "suffix":
            return _suffix_fault(entry.key, evidence, rows)
        row = rows.get(evidence.text)
        if row is None:
            return f"register {evidence.register} has no row {evidence.text!r}; look it up again"
        if not any(_names(name, entry) for name in row.names):
            return (
                f"row {evidence.text!r} of {evidence.register} speaks of {', '.join(row.names) or 'nothing'}, not of {entry.key}"
            )
        return ""


def _suffix_fault(suffix: str, evidence: Evidence, rows: dict[str, Row]) -> str:
    if evidence.text != f"*{suffix}":
        return f"the evidence of a suffix rule is the row *{suffix}, not {evidence.text!r}"
    under = [row for row in rows.values() if any(f".{name}".endswith(suffix) for name in row.names)]
    public = sum(row.public for row in under)
    if len(under) < SUFFIX_ROWS or public < SUFFIX_SHARE * len(under):
        return f"register {evidence.register} has {len(under)} rows under {suffix}, {public} of them public bodies: too few"
    return ""


def _names(name: str, entry: Entry) -> bool:
    """Whether a register's name is what an entry trusts; who owns a domain owns the hosts under it."""
    value = entry.key.partition(":")[2] or entry.key
    if entry.kind == "host":
        return f".{value}".endswith(f".{name.removeprefix('www.')}")
    return name.removeprefix("www.") == value


def _text(path: Path) -> str:
    with path.open("rb") as packed, gzip.open(packed) if path.suffix == ".gz" else packed as file:
        data = file.read(MAX_REGISTER + 1)
    if len(data) > MAX_REGISTER:
        raise ValueError(f"more than {MAX_REGISTER:,} bytes")
    return data.decode()


def _csv(path: str, column: str) -> Callable[[Path], Iterator[Row]]:
    def read(folder: Path) -> Iterator[Row]:
        for record in csv.DictReader(_text(folder / path).splitlines()):
            yield Row(record[column].lower(), (record[column].lower(),))

    return read


def _lines(path: str) -> Callable[[Path], Iterator[Row]]:
    def read(folder: Path) -> Iterator[Row]:
        for name in _text(folder / path).lower().split():
            yield Row(name, (name,))

    return read


def _ror(folder: Path) -> Iterator[Row]:
    for line in _text(folder / "ror_orgs.jsonl.gz").splitlines():
        record = json.loads(line)
        if record["status"] == "active":
            kinds = {kind.lower() for kind in record["types"]}
            names = tuple(domain.lower() for domain in record["domains"])
            public = bool(kinds & _PUBLIC) and "company" not in kinds  # companies that fund research are called funders, too
            yield Row(record["id"].removeprefix("https://ror.org/"), names, public)


def _universities(folder: Path) -> Iterator[Row]:
    for record in json.loads(_text(folder / "world_universities_and_domains.json")):
        names = tuple(domain.lower() for domain in record["domains"])
        for name in names:
            yield Row(name, names)


def _doaj(folder: Path) -> Iterator[Row]:
    for code, _, _ in json.loads(_text(folder / "doaj" / "doaj_issns.json")):
        yield Row(code, (code,))
    for title, _, _ in json.loads(_text(folder / "doaj" / "doaj_titles.json")):
        yield Row(title, (venue_name(title),))


def _perennial(folder: Path) -> Iterator[Row]:
    """Only what editors found generally reliable; a verdict on one section or on some years names a path or says so in its id."""
    for line in _text(folder / "wikipedia-rsp-2026" / "sources.jsonl").splitlines():
        record = json.loads(line)
        if record["status"] == "gr":
            _, _, uses = record["alltext"].partition("{{WP:RSPUSES|")
            names = [record.get("domain") or "", *uses.partition("}}")[0].split("|")]
            yield Row(record["id"], tuple(name.lower() for name in names if name and "/" not in name))


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "dotgov": _csv("dotgov-current-full.csv", "Domain name"),
    "de-gov": _csv("de-gov/domains.csv", "Domain Name"),
    "fr-gov": _lines("fr-gov/domaines-organismes-publics.txt"),
    "ror": _ror,
    "universities": _universities,
    "swot": _lines("swot_domains.txt"),
    "doaj": _doaj,
    "wikipedia-rsp": _perennial,
}
