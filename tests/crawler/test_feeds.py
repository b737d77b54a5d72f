"""Are sitemaps and feeds read, whatever their form?"""

import gzip
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.web.feeds import MAX_ENTRIES, ListError, read_list

SITE = "https://alder.example"
MAP = f"{SITE}/sitemap.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()

URLSET = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://alder.example/a?x=1&amp;y=2 </loc><lastmod>2026-03-01T12:00:00Z</lastmod>
<image:image><image:loc>https://alder.example/p.png</image:loc></image:image></url>
<url><loc>https://alder.example/b</loc></url><url><loc>https://alder.example/b#again</loc></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/one.xml.gz</loc>
<lastmod>2026-03-01</lastmod></sitemap></sitemapindex>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>https://alder.example/</link>
<item><title>A</title><link>https://alder.example/a</link><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate></item>
<item><guid>https://alder.example/b</guid></item><item><guid isPermaLink="false">17</guid></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://alder.example/"/><entry>
<link rel="replies" href="https://alder.example/a/replies"/><link href="a"/>
<updated>2026-03-01T13:00:00+01:00</updated></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><item><link>https://alder.example/a</link>
<dc:date>2026-03-01T12:00:00Z</dc:date></item></rdf:RDF>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1",
 "items": [{"url": "https://alder.example/a", "date_modified": "2026-03-01T12:00:00Z"}]}"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_kind_of_feed_gives_its_pages_and_their_dates(body: str, pack: type[bytes]) -> None:
    found = read_list(pack(body.encode()), f"{SITE}/feed")
    assert (found[0].url, found[0].changed, found[0].sitemap) == (f"{SITE}/a", NOON, False)
    assert [entry.url for entry in found[1:]] in ([], [f"{SITE}/b"])


def test_a_sitemap_gives_each_url_once_and_no_pictures() -> None:
    found = read_list(URLSET.encode(), MAP)
    assert [(entry.url, entry.changed) for entry in found] == [(f"{SITE}/a?x=1&y=2", NOON), (f"{SITE}/b", 0)]


def test_an_index_gives_sitemaps() -> None:
    (found,) = read_list(INDEX.encode(), MAP)
    assert (found.url, found.sitemap) == (f"{SITE}/one.xml.gz", True)


def test_a_text_sitemap_gives_its_lines() -> None:
    assert [entry.url for entry in read_list(f"{SITE}/a\n{SITE}/b\n".encode(), f"{SITE}/map.txt")] == [f"{SITE}/a", f"{SITE}/b"]


def test_what_follows_a_break_in_a_sitemap_does_not_cost_what_came_before() -> None:
    assert [entry.url for entry in read_list(URLSET.encode()[:-60], MAP)][:1] == [f"{SITE}/a?x=1&y=2"]


def test_entities_are_not_expanded_and_nothing_is_fetched() -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    found = read_list(f"{bomb}<urlset><url><loc>{SITE}/&f;&b;</loc></url></urlset>".encode(), MAP)
    assert all("aaaa" not in entry.url for entry in found)


def test_a_list_has_a_bound() -> None:
    assert len(read_list("\n".join(f"{SITE}/{n}" for n in range(MAX_ENTRIES + 9)).encode(), MAP)) == MAX_ENTRIES


@pytest.mark.parametrize(
    "body", [b"", b"<html><p>404</p></html>", b"hello", b"{}", gzip.compress(b"\0" * 60_000_000), b"\x1f\x8bno"]
)
def test_what_is_no_list_says_so(body: bytes) -> None:
    with pytest.raises(ListError):
        read_list(body, MAP)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<urlset><url><loc>{text}".encode(errors="replace")))
def test_any_bytes_give_a_list_or_a_reason(body: bytes) -> None:
    with suppress(ListError):
        assert all(entry.url.startswith("http") for entry in read_list(body, MAP))
