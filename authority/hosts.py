"""Whose page is this: which host, and which registrable domain?

Trust follows names, so a name is read the way a browser reads it (WHATWG URL): a backslash is a slash, user information is
not a host, full-width and international letters are mapped to their ASCII form. Registrable domains come from the copy of
the Public Suffix List that tldextract carries, private section included; nothing is fetched.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import unquote

from authority.errors import HostError

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_HOST = 253
"""Characters in a host name (RFC 1035, 2.3.4)."""
MAX_URL = 100_000
"""Characters of a URL or host that are looked at; longer ones are refused."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_WEB = ("http", "https")


def host_of(url: str) -> str:
    """The host of a web address or of a bare ``host[:port]``: lower case, ASCII (IDNA), without user, port and last dot.

    IPv6 addresses come back in brackets, IPv4 addresses in dotted form. Raises HostError where there is no valid host, or
    where the address is not http or https.
    """
    if len(url) > MAX_URL:
        raise HostError(f"an address of {len(url):,} characters is too long, the limit is {MAX_URL:,}")
    # Browsers drop tabs and line ends and read a backslash as a slash: https://evil.example\@who.int lies on evil.example.
    text = url.strip().translate({ord(c): None for c in "\t\r\n"}).replace("\\", "/")
    if scheme := _SCHEME.match(text):
        if scheme[1].lower() not in _WEB:
            raise HostError(f"{url[:100]!r} is not a web address; give http://, https:// or a host name")
        text = text[scheme.end() :].lstrip("/")  # https:///who.int is https://who.int to a browser
    netloc = re.split(r"[/?#]", text.removeprefix("//"), maxsplit=1)[0].rpartition("@")[2]
    return _ascii(_without_port(netloc, url), url)


def _without_port(netloc: str, url: str) -> str:
    host, bracket, rest = netloc.rpartition("]")  # an IPv6 address holds colons of its own
    name, _, port = rest.partition(":")
    if port and not (re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65535):
        raise HostError(f"{url[:100]!r} has no valid port")
    return host + bracket + name


def _ascii(host: str, url: str) -> str:
    refusal = HostError(f"{url[:100]!r} has no valid host name; give a web address or a host such as www.who.int")
    if host.startswith("["):
        try:
            if not host.endswith("]") or "%" in host:  # a browser takes no zone
                raise refusal
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        except ValueError:
            raise refusal from None
    host = unquote(host).lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            raise refusal from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise refusal
    if labels[-1].isdigit() or labels[-1].startswith("0x"):  # to a browser this is an IPv4 address, or nothing
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise refusal from None
    return host


def is_ip(host: str) -> bool:
    """Whether a host from `host_of` is an IP address, which has no registrable domain."""
    return host.startswith("[") or host.rpartition(".")[2].isdigit()


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """The name that somebody registered: ``www.who.int`` is who.int's, ``a.b.github.io`` is b.github.io's.

    `host` is what `host_of` gave. Empty for an IP address, a single label, and a public suffix itself. Where no suffix
    rule is known, the list's default rule ``*`` holds: health.alder.example belongs to alder.example.
    """
    if is_ip(host):
        return ""
    parts = _suffix_list().extract_str(host)
    suffix = parts.suffix or host.rpartition(".")[2]
    rest = host.removesuffix(suffix).removesuffix(".")
    return f"{rest.rpartition('.')[2]}.{suffix}" if rest else ""


def user_content(host: str) -> str:
    """Which row of `user_content.tsv` this is or lies under, the longest host first, then ``LABEL.*``; empty if none.

    ``people.*`` is any host with that label below a registrable domain: such names are given to pages of members.
    """
    listed = user_content_hosts()
    name = host
    while name and name not in listed:
        _, _, name = name.partition(".")
    if name:
        return name
    domain = registrable_domain(host)
    labels = host.removesuffix(domain).split(".") if domain else []
    return next((f"{label}.*" for label in labels if f"{label}.*" in listed), "")


@cache
def user_content_hosts() -> dict[str, str]:
    """Host -> reason, from the data file beside this module."""
    lines = files("authority").joinpath("user_content.tsv").read_text("utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows[1:]}


@cache
def _suffix_list() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
