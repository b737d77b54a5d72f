"""Can anything be dialled that may not be?"""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings.default_settings import DOWNLOAD_HANDLERS_BASE
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer

from crawler.safety import AddressRefused, Reach, addresses_of, is_numeric
from crawler.web.crawl import settings
from crawler.web.dial import GuardedResolver

PUBLIC, LOOPBACK = Reach(), Reach(loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:a9fe:a9fe",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_public_crawl_dials_no_special_address(address: str) -> None:
    with pytest.raises(AddressRefused, match="refused address"):
        PUBLIC.check_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"])
def test_a_public_crawl_dials_public_addresses_and_a_loopback_crawl_does_not(address: str) -> None:
    assert PUBLIC.check_address(address) == ipaddress.ip_address(address)
    with pytest.raises(AddressRefused):
        LOOPBACK.check_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_only_a_loopback_crawl_dials_loopback(address: str) -> None:
    assert LOOPBACK.check_address(address) == ipaddress.ip_address(address)
    with pytest.raises(AddressRefused):
        PUBLIC.check_address(address)


@given(st.ip_addresses(v=4))
def test_what_a_public_crawl_dials_is_global_and_one_kind_of_crawl_at_most_dials_it(address: ipaddress.IPv4Address) -> None:
    allowed = [reach for reach in (PUBLIC, LOOPBACK) if _allows(reach, str(address))]
    assert len(allowed) <= 1
    if allowed == [PUBLIC]:
        assert address.is_global
        assert not any((address.is_private, address.is_multicast, address.is_reserved, address.is_link_local))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::", "::", "2002::"]))
def test_no_ipv4_address_can_be_dialled_in_the_clothes_of_an_ipv6_one(address: ipaddress.IPv4Address, prefix: str) -> None:
    shift = 80 if prefix == "2002::" else 0
    dressed = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(address) << shift)
    assert not _allows(PUBLIC, str(dressed))
    assert dressed == ipaddress.IPv6Address("::1") or not _allows(LOOPBACK, str(dressed))


@given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1))
def test_ipv6_outside_global_unicast_is_never_dialled_in_public(address: ipaddress.IPv6Address) -> None:
    assert not _allows(PUBLIC, str(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0x/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://134744072/",  # 8.8.8.8: public, but nobody writes it so in good faith
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::1%25lo]/",
        "http://[fe80::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "http://example.org:99999/",
        "http:///path",
        "http://[::1/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "data:text/html,x",
        "gopher://example.org:70/",
    ],
)
@pytest.mark.parametrize("reach", [PUBLIC, LOOPBACK], ids=["public", "loopback"])
def test_odd_urls_are_refused_in_every_kind_of_crawl(url: str, reach: Reach) -> None:
    with pytest.raises(AddressRefused, match="refused address"):
        reach.check_url(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/", "http://example.org:8080/a?b#c", "http://1.example.org/", "http://8.8.8.8/"]
)
def test_ordinary_urls_pass(url: str) -> None:
    PUBLIC.check_url(url)


@given(st.ip_addresses())
def test_every_spelling_of_an_address_counts_as_one(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert is_numeric(str(address))
    assert is_numeric(address.exploded)
    if address.version == 4:
        assert all(is_numeric(spelling) for spelling in (str(int(address)), hex(int(address)), f"{address}."))


def test_a_name_that_is_not_known_is_refused() -> None:
    with pytest.raises(AddressRefused, match="does not resolve"):
        addresses_of("no-such-host.invalid")


@implementer(IHostnameResolver)
class Scripted:
    """A resolver whose answers are written down, one list of addresses a question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def resolveHostName(  # noqa: N802
        self, receiver: Any, host: str, port: int = 0, types: Any = None, semantics: str = "TCP"
    ) -> Any:
        self.asked.append(host)
        receiver.resolutionBegan(self)
        for address in self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return self


def connect(resolver: Scripted, host: str, times: int = 1, reach: Reach = PUBLIC) -> tuple[list[str], GuardedResolver]:
    """What Twisted dials for a host, by the path that Scrapy's downloads take; nothing leaves the process."""
    reactor = MemoryReactorClock()
    guard = GuardedResolver(reactor, reach, resolver)
    guard.install_on_reactor()
    for _ in range(times):
        attempt: Deferred[Any] = HostnameEndpoint(reactor, host, 80).connect(Factory())
        attempt.addErrback(lambda failure: None)
        reactor.advance(5)
    return [client[0] for client in reactor.tcpClients], guard


def test_a_name_with_a_private_address_is_never_dialled() -> None:
    dialled, guard = connect(Scripted(["10.0.0.5"]), "rebound.example")
    assert dialled == []
    assert "private network" in str(guard.refused["rebound.example"])


def test_of_mixed_answers_only_the_public_ones_are_dialled() -> None:
    dialled, _ = connect(Scripted(["127.0.0.1", "8.8.8.8", "::1", "169.254.169.254", "2606:4700::1111"]), "mixed.example")
    assert sorted(dialled) == ["2606:4700::1111", "8.8.8.8"]


def test_a_name_that_rebinds_is_judged_again_and_dialled_by_its_number() -> None:
    """One question a connection: what was checked is what is dialled, and the second answer helps nobody."""
    resolver = Scripted(["8.8.8.8"], ["127.0.0.1"])
    dialled, _ = connect(resolver, "rebinding.example", times=2)
    assert dialled == ["8.8.8.8"]
    assert resolver.asked == ["rebinding.example"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1"])
def test_literal_addresses_take_the_same_path(host: str) -> None:
    resolver = Scripted([host])
    dialled, _ = connect(resolver, host)
    assert (dialled, resolver.asked) == ([], [host])


def test_a_loopback_crawl_cannot_be_rebound_to_the_outside() -> None:
    dialled, _ = connect(Scripted(["127.0.0.1"], ["8.8.8.8"]), "localhost", times=2, reach=LOOPBACK)
    assert dialled == ["127.0.0.1"]


def test_no_scheme_has_a_way_around_the_guard() -> None:
    ours = settings(PUBLIC, "me@alder.example", 1.0)
    handlers = DOWNLOAD_HANDLERS_BASE | ours["DOWNLOAD_HANDLERS"]
    assert {scheme: handler for scheme, handler in handlers.items() if handler} == dict.fromkeys(
        ("http", "https"), "crawler.web.dial.GuardedHandler"
    )
    assert ours["TWISTED_DNS_RESOLVER"] == "crawler.web.dial.GuardedResolver"
    assert ours["HTTPPROXY_ENABLED"] is False


def _allows(reach: Reach, address: str) -> bool:
    try:
        reach.check_address(address)
    except AddressRefused:
        return False
    return True
