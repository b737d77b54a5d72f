"""What may be dialled?

The one place that decides. A crawl is either public, and then only globally routable unicast addresses may be dialled, or a
loopback crawl, and then only loopback: there is no mode in which a public page can send the crawler to this machine. Addresses
are judged as numbers, after resolution; spellings that other software reads as numbers (``2130706433``, ``0x7f.1``, ``127.1``)
are refused whatever they mean. Nothing here opens a connection; crawler.web.dial sees to it that none is opened around this.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.errors import CrawlerError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SCHEMES = ("http", "https")

SPECIAL = tuple(
    (ipaddress.ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private network"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure serves its agents on this public address
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private network"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private network"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private network"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
"""Networks that are refused, with the word for the message. IANA special-purpose address registries (RFC 6890), and every
form of IPv6 address that carries an IPv4 address inside: those reach wherever the inner address points."""

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All the IPv6 unicast space that IANA has opened; what lies outside is refused even where no line above names it."""

_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
"""A last label like this makes a host an IPv4 address for the WHATWG URL parser and for inet_aton."""


class AddressRefused(CrawlerError):
    """Raised where a URL, or an address a name resolved to, may not be dialled; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses that one crawl may dial."""

    loopback: bool = False
    """True: loopback and nothing else; False: globally routable addresses and nothing else."""

    def check_address(self, text: str) -> Address:
        """The address, if it may be dialled. Raises AddressRefused."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise AddressRefused(f"refused address {text!r}: not an IP address in its usual spelling") from None
        if why := self._against(address):
            raise AddressRefused(f"refused address {address}: {why}")
        return address

    def check_url(self, url: str) -> None:
        """Raises AddressRefused unless this is http(s) without credentials to a name, or to an address that may be dialled."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise AddressRefused(f"refused address {url!r}: {error}") from None
        if parts.scheme not in SCHEMES:
            raise AddressRefused(f"refused address {url!r}: only http and https are dialled")
        if not host:
            raise AddressRefused(f"refused address {url!r}: no host")
        if parts.username is not None or parts.password is not None:
            raise AddressRefused(f"refused address {url!r}: user names and passwords in URLs are not sent")
        if is_numeric(host):
            self.check_address(host)

    def _against(self, address: Address) -> str | None:
        if getattr(address, "scope_id", None):
            return "bound to an interface of this machine"
        if self.loopback:
            inside = address.is_loopback and getattr(address, "ipv4_mapped", None) is None
            return None if inside else "only loopback addresses may be dialled in a loopback crawl"
        for network, what in SPECIAL:
            if address in network:
                hint = "; --allow-loopback permits it" if what == "loopback" else ""
                return f"{what}{hint}"
        if address.version == 6 and address not in _GLOBAL_UNICAST:
            return "outside the global unicast space"
        return None if address.is_global and not address.is_multicast else "not globally routable"


def is_numeric(host: str) -> bool:
    """True where some URL parser or resolver would read this host as an address instead of a name, however it is spelled."""
    if ":" in host or "%" in host:
        return True
    plain = unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".")
    return _NUMERIC_LABEL.fullmatch(plain.rpartition(".")[2]) is not None


def addresses_of(host: str) -> frozenset[Address]:
    """What a host resolves to now, for deciding the kind of a crawl; what is dialled is resolved and judged again.

    Raises AddressRefused where it does not resolve.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AddressRefused(f"{host!r} does not resolve to an address: {reason}") from None
    return frozenset(ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found)
