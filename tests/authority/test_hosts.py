"""A name is read as a browser reads it, and belongs to whoever registered it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority.entry import Entry
from authority.errors import HostError
from authority.hosts import host_of, is_ip, registrable_domain, user_content, user_content_hosts
from authority.table import Table


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Who.INT:443/news?x#y", "www.who.int"),
        ("who.int", "who.int"),
        ("who.int:8080/path", "who.int"),
        ("//who.int/path", "who.int"),
        ("http://user:secret@who.int/", "who.int"),
        ("https://who.int./", "who.int"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://ｗｈｏ.int/", "who.int"),
        ("https://who%2Eint/", "who.int"),
        ("http://[2001:DB8::1]:80/", "[2001:db8::1]"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("https://a_b.example/", "a_b.example"),
    ],
)
def test_host_is_lower_case_ascii_without_port_user_and_dot(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@who.int/",
        "https:\\\\evil.example/who.int",
        "https://who.int@evil.example/",
        "https://evil.example?@who.int",
        "https://evil.example#@who.int",
        "ht\ntps://evil.example/",
        "https:///evil.example/",
    ],
)
def test_a_disguised_address_has_the_host_a_browser_would_visit(url: str) -> None:
    assert host_of(url) == "evil.example"


@pytest.mark.parametrize(
    "url",
    [
        *("", "   ", "http://", "http:///", "ftp://who.int/", "mailto:a@who.int x", "x" * 200_000),
        *("http://who..int/", "http://-who.int/", "http://a b/", "http://" + "a" * 64 + ".org", "http://" + "a." * 130 + "org"),
        *("http://who.int:port/", "http://who.int:99999/", "https://who.int:" + "1" * 5000),
        *("http://1.2.3/", "http://0x7f.0.0.0x1/", "http://[::1/", "http://[::1]80/", "http://[fe80::1%25a]/", "http://[::1]]/"),
    ],
)
def test_what_is_no_web_address_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(HostError) as caught:
        host_of(url)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.text())
def test_any_text_gives_a_stable_host_or_a_host_error(text: str) -> None:
    try:
        host = host_of(text)
    except HostError:
        return
    assert host_of(host) == host
    assert host == host.lower()
    assert host.isascii()
    domain = registrable_domain(host)
    assert domain == "" or f".{host}".endswith(f".{domain}")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.who.int", "who.int"),
        ("health.alder.example", "alder.example"),
        ("alder.example", "alder.example"),
        ("www.ons.gov.uk", "ons.gov.uk"),
        ("gov.uk", ""),
        ("a.b.github.io", "b.github.io"),
        ("github.io", ""),
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("[::1]", ""),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.ck", "a.b.ck"),
    ],
)
def test_registrable_domain_follows_the_public_suffix_list_with_its_private_section(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_ip_addresses_are_told_from_names() -> None:
    assert is_ip("10.0.0.1")
    assert is_ip("[::1]")
    assert not is_ip("who.int")
    assert not is_ip("1.example")


def test_user_content_covers_the_listed_host_and_everything_under_it() -> None:
    assert user_content("sites.google.com") == "sites.google.com"
    assert user_content("x.sites.google.com") == "sites.google.com"
    assert user_content("www.google.com") == ""
    assert user_content("web.archive.org") == "web.archive.org"
    assert user_content("notmedium.com") == ""


def test_every_user_content_host_is_canonical_and_has_a_reason() -> None:
    listed = user_content_hosts()
    assert {"github.io", "medium.com", "sites.google.com", "blogspot.com", "wordpress.com", "substack.com"} <= set(listed)
    for host, reason in listed.items():
        assert host_of(host.removesuffix(".*")) == host.removesuffix(".*")
        assert reason


@pytest.mark.parametrize("host", ["people.alder.ac.uk", "mary.users.alder.example", "forum.who.int", "wiki.alder.example"])
def test_a_host_that_is_named_after_its_members_inherits_nothing(host: str) -> None:
    assert user_content(host).endswith(".*")
    table = Table([Entry.make(registrable_domain(host), "primary", "", "judgement:a test:2026-11-22")])
    assert not table.lookup(f"https://{host}/").key
    own = Table([Entry.make(f"host:{host}", "primary", "", "judgement:a test:2026-11-22")])
    assert own.lookup(f"https://{host}/").key == f"host:{host}"


@pytest.mark.parametrize("host", ["people.com", "wiki.example", "forum", "peoples.alder.example", "10.0.0.1"])
def test_a_name_that_only_looks_like_one_of_members_is_no_user_content(host: str) -> None:
    assert not user_content(host)
