"""What does one line of the table say?

An entry trusts one key at one tier and says on what evidence. The key's spelling decides its kind:

    host:www.x.org   this host and nothing under it
    who.int          a registrable domain and every host under it
    .gov, .ac.uk     a suffix rule: every host under that name
    venue:NAME       a journal or conference, by its printed name (case and spacing do not matter)
    issn:1234-5678   a journal, by its ISSN
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from authority.errors import EntryError, HostError
from authority.hosts import host_of, is_ip, registrable_domain, user_content_hosts
from authority.tiers import TIERS

Kind = Literal["host", "domain", "suffix", "venue", "issn"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_FIELD = 2_000
"""Characters in one field of an entry."""

_TOPIC = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISSN = re.compile(r"\d{4}-\d{3}[\dX]")
_REGISTER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One trusted source. Raises EntryError where a field breaks the format; `make` accepts other spellings of a key."""

    key: str
    """In canonical spelling, see the module: lower case, ASCII; a venue's name folded."""
    tier: str
    """A name in TIERS."""
    topics: tuple[str, ...]
    """What the source may speak on: lower-case words with hyphens, sorted, no duplicate; empty means anything."""
    evidence: str
    """``register:NAME:ROW:DATE`` or ``judgement:REASON:DATE``, DATE in ISO 8601."""
    note: str = ""
    """For people; may be empty."""

    def __post_init__(self) -> None:
        if (canonical := canonical_key(self.key)) != self.key:
            raise EntryError(f"key {self.key!r} is not in canonical spelling; write {canonical!r}")
        if self.tier not in TIERS:
            raise EntryError(f"unknown tier {self.tier!r}; there are {', '.join(TIERS)}")
        for topic in self.topics:
            if not _TOPIC.fullmatch(topic):
                raise EntryError(f"topic {topic!r} is not a lower-case word; write it like public-health")
        if list(self.topics) != sorted(set(self.topics)):
            raise EntryError(f"topics {','.join(self.topics)!r} are not sorted or one is there twice")
        Evidence.parse(self.evidence)
        for name, value in (("key", self.key), ("evidence", self.evidence), ("note", self.note)):
            if len(value) > MAX_FIELD:
                raise EntryError(f"{name} has {len(value):,} characters, the limit is {MAX_FIELD:,}; shorten it")
            if value != value.strip() or not value.isprintable():
                raise EntryError(f"{name} {value[:60]!r} has outer spaces, tabs or control characters; leave them out")

    @classmethod
    def make(cls, key: str, tier: str, topics: str, evidence: str, note: str = "") -> Entry:
        """From text as people write it: ``WHO.int``, ``health, law``. Raises EntryError."""
        words = sorted({word.strip() for word in topics.split(",")} - {""})
        return cls(canonical_key(key), tier.strip(), tuple(words), evidence.strip(), note.strip())

    @property
    def kind(self) -> Kind:
        """What the key's spelling says it is."""
        return kind_of(self.key)

    @property
    def value(self) -> float:
        """Authority of the tier, in [0, 1]."""
        return TIERS[self.tier]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an entry may be believed."""

    kind: Literal["register", "judgement"]
    register: str
    """Name of the register; empty for a judgement."""
    text: str
    """The register's row, or the reason of the judgement."""
    on: date
    """Of the register's snapshot, or of the judgement."""

    @classmethod
    def parse(cls, text: str) -> Evidence:
        """Inverse of the two spellings. Raises EntryError."""
        kind, _, rest = text.partition(":")
        body, _, day = rest.rpartition(":")
        name, _, row = body.partition(":") if kind == "register" else ("", "", body)
        try:
            on = date.fromisoformat(day) if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else None
        except ValueError:
            on = None
        if on and row.strip():
            if kind == "register" and _REGISTER.fullmatch(name):
                return cls("register", name, row, on)
            if kind == "judgement":
                return cls("judgement", "", row, on)
        raise EntryError(f"evidence {text[:80]!r} is neither register:NAME:ROW:YYYY-MM-DD nor judgement:REASON:YYYY-MM-DD")


def kind_of(key: str) -> Kind:
    """The kind that a key's spelling announces, whether or not the key is valid."""
    if key.startswith("."):
        return "suffix"
    head, colon, _ = key.partition(":")
    return head if colon and head in ("host", "venue", "issn") else "domain"  # type: ignore[return-value]


def canonical_key(text: str) -> str:
    """The one spelling of a key. Raises EntryError, with the spelling that was probably meant."""
    text = text.strip()
    kind = kind_of(text)
    value = text.partition(":")[2] if kind in ("host", "venue", "issn") else text
    if kind == "venue":
        if not (name := venue_name(value)):
            raise EntryError(f"key {text!r} names no venue; write venue:NAME")
        return f"venue:{name}"
    if kind == "issn":
        return f"issn:{issn(value)}"
    if re.search(r"[/@?#\\]", value):
        raise EntryError(f"key {text[:80]!r} looks like an address; write the registrable domain or host:NAME")
    try:
        name = host_of(value.removeprefix("."))
    except HostError:
        raise EntryError(f"key {text[:80]!r} is no host name; write who.int, host:www.who.int, .gov, venue: or issn:") from None
    if re.search(r":\d*$", value) and not name.startswith("["):
        raise EntryError(f"key {text[:80]!r} has a port; trust belongs to names, write {name!r}")
    if kind == "host":
        return f"host:{name}"
    if is_ip(name):
        raise EntryError(f"key {text!r} is an IP address, which has no domain; write host:{name}")
    return _suffix_key(name) if kind == "suffix" else _domain_key(name)


def _suffix_key(name: str) -> str:
    if name in user_content_hosts():
        raise EntryError(f"key '.{name}' would trust what anybody writes there; list hosts one by one as host:NAME")
    return f".{name}"


def _domain_key(name: str) -> str:
    domain = registrable_domain(name)
    if not domain:
        raise EntryError(f"key {name!r} is a public suffix, not a domain; write .{name} for a suffix rule")
    if domain != name:
        raise EntryError(f"key {name!r} lies below the registrable domain {domain}; write {domain} or host:{name}")
    if name in user_content_hosts():
        raise EntryError(f"key {name!r} hosts what its users write, so no page inherits from it; write host:NAME")
    return name


def venue_name(name: str) -> str:
    """A venue's name as it is compared: caseless (Unicode 3.13, D145), runs of white space made one space."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    return " ".join(unicodedata.normalize("NFC", folded).split())


def issn(text: str) -> str:
    """``NNNN-NNNC`` with its check digit verified (ISO 3297: weights 8 to 2, modulo 11, X for 10). Raises EntryError."""
    code = text.strip().upper()
    if len(code) == 8:
        code = f"{code[:4]}-{code[4:]}"
    if not (_ISSN.fullmatch(code) and code.isascii()):
        raise EntryError(f"ISSN {text[:40]!r} does not read NNNN-NNNC")
    digits = code.replace("-", "")
    remainder = -sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True)) % 11
    expected = "X" if remainder == 10 else str(remainder)
    if digits[7] != expected:
        raise EntryError(f"ISSN {text!r} has the check digit {digits[7]}, {code[:8]}{expected} would be right; look it up again")
    return code
