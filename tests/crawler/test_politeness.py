"""Are a site's wishes read as the site means them: robots.txt, Retry-After, robots directives, canonical names?"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.web.pace import MAX_PAUSE, pause_seconds
from crawler.web.page import canonical_url, header_directives, read_page
from crawler.web.robots import PARSED_BYTES, read_rules

SITE = "https://alder.example"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_an_unavailable_robots_file_allows_everything(status: int) -> None:
    assert read_rules(status, b"User-agent: *\nDisallow: /\n").refusal(f"{SITE}/a") == ""


@pytest.mark.parametrize("status", [300, 304, 429, 500, 502, 503, 599])
def test_an_unreachable_robots_file_forbids_everything_whatever_its_body_says(status: int) -> None:
    assert f"HTTP {status}" in read_rules(status, b"User-agent: *\nAllow: /\n").refusal(f"{SITE}/a")


def test_the_longest_match_and_our_own_group_decide() -> None:
    rules = read_rules(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n\nUser-agent: STEPWELL\nDisallow: /a\nAllow: /a/b$\n")
    assert rules.refusal(f"{SITE}/c") == ""
    assert rules.refusal(f"{SITE}/a/x") == "refused by robots.txt"
    assert rules.refusal(f"{SITE}/a/b") == ""
    assert rules.refusal(f"{SITE}/a/b/c") == "refused by robots.txt"


@pytest.mark.parametrize("name", ["stepwell/0.1", "stepwell/0.1 (+me@x)", "StepWell # us", "stepwell"])
def test_our_own_user_agent_names_our_group(name: str) -> None:
    rules = read_rules(200, f"User-agent: {name}\nDisallow: /\nCrawl-delay: 3\n\nUser-agent: *\nAllow: /\n".encode())
    assert (rules.refusal(f"{SITE}/a"), rules.crawl_delay) == ("refused by robots.txt", 3)


@pytest.mark.parametrize("name", ["step", "stepwellbot", "well", "otherbot/1.0", "nobody", ""])
def test_another_product_token_is_not_ours(name: str) -> None:
    rules = read_rules(200, f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nDisallow: /b\n".encode())
    assert (rules.refusal(f"{SITE}/a"), rules.refusal(f"{SITE}/b")) == ("", "refused by robots.txt")


def test_what_is_not_robots_txt_allows_everything() -> None:
    assert read_rules(200, b"<!doctype html><p>Welcome</p>").refusal(f"{SITE}/a") == ""
    assert read_rules(200, b"").refusal(f"{SITE}/a") == ""


def test_rules_are_read_up_to_the_limit_and_not_half_a_line_further() -> None:
    within = b"User-agent: *\nDisallow: /within\n"
    last = b"Disallow: /private-and-more\n"
    padding = b"#" * (PARSED_BYTES - len(within) - len(b"Disallow: /") - 1) + b"\n"
    rules = read_rules(200, within + padding + last + b"Disallow: /\n")
    assert rules.refusal(f"{SITE}/within")
    assert rules.refusal(f"{SITE}/other") == ""


@pytest.mark.parametrize(("line", "delay"), [("Crawl-delay: 2.5", 2.5), ("Crawl-delay: -3", 0), ("Crawl-delay: nan", 0), ("", 0)])
def test_crawl_delay_is_a_number_of_seconds(line: str, delay: float) -> None:
    assert read_rules(200, f"User-agent: *\n{line}\nDisallow: /x\n".encode()).crawl_delay == delay


@given(st.binary(max_size=2000), st.integers(200, 599))
def test_any_robots_file_gives_rules(body: bytes, status: int) -> None:
    assert isinstance(read_rules(status, body).refusal(f"{SITE}/a"), str)


def test_retry_after_is_seconds_or_a_date_and_never_too_long() -> None:
    assert pause_seconds(b"7", 0) == 7
    assert pause_seconds(b"86400", 0) == MAX_PAUSE
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True).encode()
    assert 50 < pause_seconds(later, 0) <= 60
    assert pause_seconds(b"Wed, 21 Oct 2015 07:28:00 GMT", 0) == 0
    assert [pause_seconds(None, retries) for retries in range(3)] == [1, 2, 4]


@given(st.binary(max_size=60), st.integers(0, 40))
def test_any_retry_after_gives_a_pause_within_the_bound(value: bytes, retries: int) -> None:
    assert 0 <= pause_seconds(value, retries) <= MAX_PAUSE


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("noindex, NoFollow", {"noindex", "nofollow"}),
        ("otherbot: noindex, nofollow", set()),
        ("Stepwell: noindex", {"noindex"}),
        ("otherbot: nofollow, stepwell: noindex", {"noindex"}),
        ("max-snippet: 20, noindex", {"max-snippet", "noindex"}),
        ("unavailable_after: Fri, 25 Jun 2010 15:00:00 PST, noarchive", {"noindex", "noarchive"}),
        ("unavailable_after: 25-Jun-2010 15:00:00 GMT", {"noindex"}),
        ("unavailable_after: 2010-06-25T15:00:00+02:00", {"noindex"}),
        ("unavailable_after: 2999-06-25", {"unavailable_after"}),
        ("unavailable_after: some day", {"unavailable_after"}),
        ("otherbot: unavailable_after: 2010-06-25", set()),
    ],
)
def test_robots_headers_may_speak_to_one_robot(value: str, found: set[str]) -> None:
    assert header_directives(value) == found


def test_links_are_absolute_and_without_those_the_page_does_not_vouch_for() -> None:
    markup = """<head><base href="/wells/"><link rel="shortlink canonical" href="../w?b=2&a=1#x"></head>
    <a href="a#one">1</a><a href="a#two">2</a><a href="/b" rel="external NOFOLLOW">3</a><a href="mailto:x@y.example">4</a>
    <a href="javascript:go()">5</a><a href="//other.example/c">6</a><a href=" d e ">7</a><a href="http://[bad/">8</a><a>9</a>"""
    page = read_page(markup, f"{SITE}/start")
    assert page.links == (f"{SITE}/wells/a", "https://other.example/c", f"{SITE}/wells/d%20e")
    assert page.canonical == f"{SITE}/w?b=2&a=1"
    assert page.keep


def test_a_canonical_name_stands_in_the_head_or_in_a_header() -> None:
    head = '<html><head><link rel="canonical" href="/head"></head><body><p>Text</p></body></html>'
    body = '<html><head><title>x</title></head><body><p>Text</p><link rel="canonical" href="/body"></body></html>'
    said = ['</style.css>; rel=preload; as="style", </header>; title="a, b"; rel="alternate canonical"']
    assert read_page(body, f"{SITE}/a").canonical == ""
    assert read_page(body, f"{SITE}/a", (), said).canonical == f"{SITE}/header"
    assert read_page(head, f"{SITE}/a", (), said).canonical == f"{SITE}/head"
    assert read_page("", f"{SITE}/a", (), ["<b>; rel=canonical"]).canonical == f"{SITE}/b"
    assert read_page("", f"{SITE}/a", (), ["<b>; rel=next", "canonical"]).canonical == ""


@pytest.mark.parametrize(
    "content", ["noindex;nofollow", "NOINDEX nofollow", "nofollow , noindex", "unavailable_after: 2010-06-25, nofollow"]
)
def test_a_robots_element_may_separate_its_words_in_any_way(content: str) -> None:
    page = read_page(f'<meta name="robots" content="{content}"><a href="/b">b</a>', SITE)
    assert (page.keep, page.links) == (False, ())


def test_the_areas_of_a_map_are_links() -> None:
    page = read_page('<map><area href="/stairs" alt="The stairs"><area href="/no" rel="nofollow"><area alt="none"></map>', SITE)
    assert page.anchors == ((f"{SITE}/stairs", "The stairs"),)


@given(st.text(max_size=300))
def test_any_markup_is_a_page(markup: str) -> None:
    page = read_page(markup, SITE)
    assert all(link.startswith(("http://", "https://")) for link in page.links)


@pytest.mark.parametrize(
    "spelling",
    ["HTTP://ALDER.example:80/a/../b?y=2&x=1#part", "http://alder.example/b?x=1&y=2", "http://alder.example/./b?x=1&y=2"],
)
def test_one_page_has_one_name(spelling: str) -> None:
    assert canonical_url(spelling) == "http://alder.example/b?x=1&y=2"


def test_other_ports_and_schemes_are_other_names() -> None:
    names = {
        canonical_url(f"{start}/")
        for start in ("http://a.example", "https://a.example", "http://a.example:443", "http://a.example:81")
    }
    assert len(names) == 4
    assert canonical_url("http://a.example") == "http://a.example/"
