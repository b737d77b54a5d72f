"""Does a crawl fetch what it may, once, and put every page in its place?

Each crawl is a process of its own, as a user starts it, against a real server on loopback that records every request.
"""

import gzip
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from crawler.cli import main
from indexer.corpus import read_corpus
from indexer.document import Document
from tests.sites.server import HTML, Answer, Site, crawl, page, serve


def redirect(to: str) -> Callable[[Site], Answer]:
    return lambda site: (302, {"Location": to.replace("PORT", str(site.port)), "Content-Type": "application/json"}, b"{}")


def busy_once(site: Site) -> Answer:
    if site.paths.count("/busy.html") == 1:
        return 429, {"Retry-After": "1", "Content-Type": "application/json"}, b'{"error": "later"}'
    return 200, HTML, b"<title>Busy</title><p>The well is crowded in the morning, and quiet after noon.</p>"


TROUBLE: dict[str, Callable[[Site], Answer]] = {
    "/old.html": redirect("/new.html"),
    "/loop-a": redirect("/loop-b"),
    "/loop-b": redirect("/loop-a"),
    **{f"/far-{n}": redirect(f"/far-{n + 1}") for n in range(1, 9)},
    "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/to-odd": redirect("http://2130706433:PORT/secret"),
    "/to-mapped": redirect("http://[::ffff:127.0.0.1]:PORT/secret"),
    "/to-file": redirect("file:///etc/hostname"),
    "/off-site": redirect("http://elsewhere.example/"),
    "/busy.html": busy_once,
    "/huge": lambda _: (200, HTML | {"Content-Length": "11000000", "Connection": "close"}, b"<p>so much"),
    "/endless": lambda _: (
        200,
        HTML | {"Transfer-Encoding": "chunked", "Content-Length": "", "Connection": "close"},
        b"".join(b"%x\r\n%s\r\n" % (100_000, b"w" * 100_000) for _ in range(120)),
    ),
    "/bomb": lambda _: (200, HTML | {"Content-Encoding": "gzip"}, gzip.compress(b"<p>" + b" well" * 4_000_000)),
    "/broken-gzip": lambda _: (200, HTML | {"Content-Encoding": "gzip"}, b"this is not gzip at all"),
    "/cut": lambda _: (200, HTML | {"Content-Length": "5000", "Connection": "close"}, b"<p>and then the line was"),
    "/latin.html": page(
        "<meta charset=iso-8859-1><title>Señal</title><p>El agua está fría y la señal es roja en otoño.</p>", encoding="latin-1"
    ),
    "/lying.html": page(
        "<title>Über</title><p>Die Stufen führen über drei Absätze hinab bis zum Wasser.</p>",
        {"Content-Type": "text/html; charset=us-ascii-9000"},
    ),
    "/empty.html": page("<title>Empty</title><script>draw()</script>"),
    "/quiet.html": page("<p>A page that a header asks to forget.</p><a href=/secret>x</a>", {"X-Robots-Tag": "none"}),
    "/api.json": lambda _: (200, {"Content-Type": "application/json"}, b'{"well": 1}'),
    "/untyped": lambda _: (200, {}, b"<!doctype html><title>Untyped</title><p>A page without a media type, still a page.</p>"),
    "/film": lambda _: (200, {"Content-Type": "video/mp4", "Content-Encoding": "gzip"}, b"\0" * 100_000),
}


@dataclass(frozen=True)
class Crawled:
    """One crawl of the whole site, and a second one over the same corpus."""

    site: Site
    first: dict[str, object]
    second: dict[str, object]
    requests: list[tuple[float, str, dict[str, str]]]
    documents: dict[str, Document]
    rejects: dict[str, str]
    extracted: dict[str, Document]
    """Those that `crawler warc` makes of the first crawl's archive."""

    @property
    def asked(self) -> Counter[str]:
        return Counter(path for _, path, _ in self.requests)


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    into = tmp_path_factory.mktemp("well") / "corpus"
    with serve(TROUBLE) as site:
        first = crawl(site.url(), into, "--allow-loopback", "--collection", "wells", "--contact", "me@alder.example")
        assert first.returncode == 0, first.stderr
        assert "Traceback" not in first.stderr
        requests = list(site.requests)
        rejects = [orjson.loads(line) for line in (into / "rejects.jsonl").read_bytes().splitlines()]
        documents = {document.id: document for document in read_corpus(into)}
        assert main(["warc", str(into / "warc"), "--into", str(into.parent / "extracted"), "--collection", "wells"]) == 0
        extracted = {document.id: document for document in read_corpus(into.parent / "extracted")}
        second = crawl(site.url(), into, "--allow-loopback", "--collection", "wells", "--strict", "--recrawl")
        assert second.returncode == 1, "with --strict, pages that were set aside make the crawl a failure"
    prefix = len(site.url()) - 1
    return Crawled(
        site,
        orjson.loads(first.stdout),
        orjson.loads(second.stdout),
        requests,
        {name.removeprefix("web:")[prefix:]: document for name, document in documents.items()},
        {reject["where"][prefix:]: reject["reason"] for reject in rejects},
        {name.removeprefix("web:")[prefix:]: document for name, document in extracted.items()},
    )


KEPT = {
    "/", "/stairs.html", "/landing.html", "/water.html", "/from-draft.html", "/closed.html", "/new.html", "/notes.txt",
    "/trouble.html", "/busy.html", "/latin.html", "/lying.html", "/untyped", "/gone.html", "/plan.pdf",
}  # fmt: skip


def test_every_reachable_page_becomes_one_document(well: Crawled) -> None:
    assert set(well.documents) == KEPT
    assert well.first["kept"] == len(KEPT)


def test_no_url_is_asked_for_twice(well: Crawled) -> None:
    retried = {"/busy.html", "/cut", "/broken-gzip"}
    assert {path for path, times in well.asked.items() if times > 1} <= retried
    assert well.asked["/robots.txt"] == 1


def test_every_page_asked_for_is_accounted_for(well: Crawled) -> None:
    first = well.first
    hops = {"/loop-b", "/new.html", *(f"/far-{n}" for n in range(2, 7))}
    ended = len(set(well.asked) - hops - {"/robots.txt"}) + first["refused_by_robots"]
    skipped_unasked = first["skipped"][".mov"]
    places = first["kept"] + first["duplicates"] + first["noindex"] + sum(first["set_aside"].values())
    assert places + sum(first["skipped"].values()) - skipped_unasked + first["refused_by_robots"] == ended


def test_what_robots_forbids_is_not_asked_for(well: Crawled) -> None:
    assert well.requests[0][1] == "/robots.txt"
    assert "/private/keys.html" not in well.asked
    assert well.first["refused_by_robots"] == 1


def test_noindex_is_not_kept_but_its_links_are_followed(well: Crawled) -> None:
    assert "/draft.html" in well.asked
    assert "/draft.html" not in well.documents
    assert "/from-draft.html" in well.documents
    assert well.first["noindex"] == 2


def test_nofollow_is_obeyed_in_links_pages_and_headers(well: Crawled) -> None:
    assert not {"/unsworn.html", "/behind.html", "/secret"} & set(well.asked)


def test_other_hosts_are_left_alone(well: Crawled) -> None:
    assert {urls["Host"] for _, _, urls in well.requests} == {f"127.0.0.1:{well.site.port}"}
    assert well.rejects["/off-site"] == "redirect off the site"


def test_a_copy_gives_way_to_the_page_it_names(well: Crawled) -> None:
    assert "/print.html" in well.asked
    assert "full jar" in well.documents["/stairs.html"].text
    assert well.first["duplicates"] == 1


def test_a_copy_takes_the_canonical_name_where_that_page_is_gone(well: Crawled) -> None:
    assert well.rejects["/gone.html"] == "HTTP 404"
    assert well.documents["/gone.html"].title == "The mirror of the water"
    assert well.documents["/gone.html"].url == well.site.url("/gone.html")


def test_a_redirected_page_has_its_final_address(well: Crawled) -> None:
    assert well.documents["/new.html"].url == well.site.url("/new.html")


@pytest.mark.parametrize("path", ["/to-metadata", "/to-odd", "/to-mapped", "/to-file"])
def test_a_redirect_to_a_refused_address_is_not_followed(well: Crawled, path: str) -> None:
    assert well.rejects[path] == "refused address"
    assert "/secret" not in well.asked


def test_redirects_end(well: Crawled) -> None:
    assert well.rejects["/loop-a"] == "redirect loop"
    assert well.rejects["/far-1"] == "more than 5 redirects"
    assert "/far-7" not in well.asked


def test_retry_after_is_waited_for_by_the_whole_host(well: Crawled) -> None:
    when = [at for at, path, _ in well.requests if path == "/busy.html"]
    assert len(when) == 2
    assert when[1] - when[0] >= 1.0
    in_flight = [path for at, path, _ in well.requests if when[0] + 0.2 < at < when[0] + 0.9]
    assert in_flight == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/huge", "too large"),
        ("/endless", "too large"),
        ("/bomb", "too large when decompressed"),
        ("/broken-gzip", "broken compression"),
        ("/cut", "cut short"),
        ("/empty.html", "no text"),
        ("/missing.html", "HTTP 404"),
        ("/WATER.html", "HTTP 404"),
    ],
)
def test_a_bad_page_is_set_aside_with_its_reason(well: Crawled, path: str, reason: str) -> None:
    assert well.rejects[path] == reason


def test_a_wrong_charset_does_not_spoil_the_text(well: Crawled) -> None:
    assert "señal es roja en otoño" in well.documents["/latin.html"].text
    assert "führen über drei Absätze" in well.documents["/lying.html"].text


def test_what_is_not_a_page_is_counted_by_type(well: Crawled) -> None:
    assert well.first["skipped"] == {".mov": 1, "application/json": 1, "video/mp4": 1}
    assert "/film.mov" not in well.asked


def test_a_pdf_is_a_page(well: Crawled) -> None:
    plan = well.documents["/plan.pdf"]
    assert (plan.title, plan.url, plan.kind) == ("The plan", well.site.url("/plan.pdf"), "page")
    assert "the stairs, the landings and the shaft" in plan.text


def test_extraction_from_the_archive_gives_the_documents_of_the_crawl(well: Crawled) -> None:
    unpacked = {"/broken-gzip"}  # many archives hold the unpacked body beside the header, so this one is read as that
    assert {path: (d.title, d.text, d.url) for path, d in well.extracted.items() if path not in unpacked} == {
        path: (d.title, d.text, d.url) for path, d in well.documents.items()
    }


def test_documents_carry_what_the_page_says(well: Crawled) -> None:
    document = well.documents["/landing.html"]
    assert (document.kind, document.title, document.language) == ("page", "The second landing", "en")
    assert document.collection == "wells"
    assert document.url == well.site.url("/landing.html")
    assert well.documents["/notes.txt"].text.startswith("Notes of the keeper")


def test_the_crawler_says_who_it_is_and_carries_nothing_else(well: Crawled) -> None:
    for _, _, headers in well.requests:
        assert headers["User-Agent"] == "stepwell/0.1 (+me@alder.example)"
        assert not {"Cookie", "Referer", "Authorization"} & set(headers)


def test_a_second_crawl_changes_nothing(well: Crawled) -> None:
    assert well.second["kept"] == 0
    assert well.second["unchanged"] == len(KEPT)


def test_unreadable_robots_forbid_everything(tmp_path: Path) -> None:
    with serve({"/robots.txt": lambda _: (500, HTML, b"<p>Oops</p>")}) as site:
        done = crawl(site.url(), tmp_path / "corpus", "--allow-loopback")
    assert set(site.paths) == {"/robots.txt"}
    assert done.returncode == 1
    why = "robots.txt answered HTTP 500, which forbids the whole site for now"
    assert done.stderr == f"stepwell crawler: {site.url()} could not be fetched: {why}\n"


def test_robots_that_lead_to_a_refused_address_forbid_everything(tmp_path: Path) -> None:
    with serve({"/robots.txt": redirect("http://10.0.0.7/robots.txt")}) as site:
        done = crawl(site.url(), tmp_path / "corpus", "--allow-loopback")
    assert site.paths == ["/robots.txt"]
    assert done.returncode == 1
    assert "refused address 10.0.0.7" in done.stderr


def test_absent_robots_allow_everything_within_the_limits(tmp_path: Path) -> None:
    with serve({"/robots.txt": lambda _: (404, HTML, b"")}) as site:
        done = crawl(site.url(), tmp_path / "corpus", "--allow-loopback", "--max-depth", "1", "--max-pages", "9")
    assert done.returncode == 0
    assert "/private/keys.html" in site.paths
    assert len([path for path in site.paths if path != "/robots.txt"]) == 9
    assert orjson.loads(done.stdout)["stopped_at_budget"] is True


def test_crawl_delay_sets_the_pace_and_under_bounds_the_site(tmp_path: Path) -> None:
    robots = page("User-agent: *\nCrawl-delay: 0.4\n", {"Content-Type": "text/plain"})
    index = page(
        "<p>Three pages about wells and one about ropes.</p><a href=/wells/a>a</a><a href=/wellspring>b</a><a href=/wells/c>c</a>"
    )
    answers = {
        "/robots.txt": robots,
        "/wells/": index,
        **{f"/wells/{n}": page(f"<p>Page {n} about the wells.</p>") for n in "ac"},
    }
    with serve(answers) as site:
        done = crawl(site.url("/wells/"), tmp_path / "corpus", "--allow-loopback", "--under", "/wells")
    assert done.returncode == 0, done.stderr
    assert site.paths == ["/robots.txt", "/wells/", "/wells/a", "/wells/c"]
    times = [at for at, _, _ in site.requests]
    assert all(later - earlier >= 0.39 for earlier, later in pairwise(times[1:]))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_refused_unless_it_is_allowed(tmp_path: Path, host: str) -> None:
    """The literal address is refused by its spelling, the name by what it resolves to."""
    with serve() as site:
        done = crawl(f"http://{host}:{site.port}/", tmp_path / "corpus", "--contact", "me@example.org", "--delay", "1")
    assert site.requests == []
    assert done.returncode == 1
    assert "refused address" in done.stderr
    assert "--allow-loopback" in done.stderr


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])
def test_odd_spellings_are_refused_even_where_loopback_is_allowed(tmp_path: Path, host: str) -> None:
    with serve() as site:
        done = crawl(f"http://{host}:{site.port}/", tmp_path / "corpus", "--allow-loopback")
    assert (site.requests, done.returncode) == ([], 1)
    assert "refused address" in done.stderr


def test_a_closed_port_is_one_clear_line(tmp_path: Path) -> None:
    with serve() as site:
        pass
    done = crawl(site.url(), tmp_path / "corpus", "--allow-loopback")
    assert done.returncode == 1
    assert "connection refused" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [("http://example.org/",), ("gopher://example.org/", "--contact", "a@b"), ("http://example.org/", "--contact", "a@b")],
)
def test_a_wrong_call_exits_2_and_dials_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    """No contact; not http; delay 0 off this machine."""
    done = crawl(options[0], tmp_path / "corpus", *options[1:])
    assert done.returncode == 2
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("url", ["http://a b/", "http://a%20b.example/", "http:///alder", "http://[alder/", "http://alder:port/"])
def test_what_is_no_url_is_a_wrong_call(tmp_path: Path, url: str) -> None:
    done = crawl(url, tmp_path / "corpus", "--contact", "me@alder.example")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is not a URL" in done.stderr
