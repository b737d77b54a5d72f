"""Does a crawl go on where it was killed, notice what changed, and begin from lists as well as from a page?

Each crawl is a process of its own against a real server on loopback.
"""

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
import zstandard

from crawler.cli import main
from indexer.corpus import read_corpus
from tests.sites.server import HTML, ROOT, Answer, Site, crawl, crawl_command, environment, page, serve

XML = {"Content-Type": "application/xml"}
AT_ONCE = 4
"""Requests at a time to a site on this machine."""


def text(n: int) -> str:
    return f"<title>Step {n}</title><main><p>Step {n} of the stair lies {n} spans above the water of the well.</p></main>"


def stairs(count: int) -> dict[str, Callable[[Site], Answer]]:
    """Pages in a tree: page n leads to 3n+1, 3n+2 and 3n+3, and back."""

    def step(n: int) -> Callable[[Site], Answer]:
        links = "".join(f"<a href=/{m}>step {m}</a>" for m in (3 * n + 1, 3 * n + 2, 3 * n + 3, n // 3) if m < count)

        def slow(site: Site) -> Answer:
            time.sleep(0.02)
            return page(text(n) + links)(site)

        return slow

    return {"/robots.txt": page("User-agent: *\nAllow: /\n"), **{f"/{n or ''}": step(n) for n in range(count)}, "/0": step(0)}


def contents(corpus: Path, site: Site) -> dict[str, str]:
    return {document.id.replace(str(site.port), ""): document.text for document in read_corpus(corpus)}


def test_a_crawl_that_is_killed_five_times_gives_the_same_corpus(tmp_path: Path) -> None:
    with serve(stairs(100)) as site:
        assert crawl(site.url(), tmp_path / "whole", "--allow-loopback").returncode == 0
        whole, asked = contents(tmp_path / "whole", site), Counter(site.paths)
    assert len(whole) == 101
    with serve(stairs(100)) as site:
        command = crawl_command(site.url(), tmp_path / "killed", "--allow-loopback")
        for kill in range(1, 6):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment())
            while process.poll() is None and len(site.paths) < 16 * kill:
                time.sleep(0.01)
            process.kill()
            process.communicate()
        done = crawl(site.url(), tmp_path / "killed", "--allow-loopback")
        assert done.returncode == 0, done.stderr
        assert contents(tmp_path / "killed", site) == whole
        again = Counter(site.paths) - asked
        assert set(site.paths) == set(asked)
        assert "/robots.txt" not in again, "it is asked for once in 24 hours"
        assert sum(again.values()) <= 5 * AT_ONCE, "only what was in flight is asked for again"
    assert orjson.loads(done.stdout)["kept"] == 101
    outlinks = [orjson.loads(line)["url"] for line in outlink_lines(tmp_path / "killed")]
    assert len(set(outlinks)) == 101


def outlink_lines(corpus: Path) -> list[bytes]:
    packed = [path.read_bytes() for path in sorted(corpus.glob("outlinks-*.jsonl.zst"))]
    return [line for one in packed for line in zstandard.ZstdDecompressor().decompress(one).splitlines()]


def test_outlinks_have_their_anchors_and_status_tells_of_a_crawl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(stairs(4)) as site:
        crawl(site.url(), tmp_path / "corpus", "--allow-loopback", "--no-warc")
        first = orjson.loads(outlink_lines(tmp_path / "corpus")[0])
    assert first == {"url": site.url(), "links": [[site.url(f"/{n}"), f"step {n}"] for n in (1, 2, 3, 0)]}
    assert not (tmp_path / "corpus" / "warc").exists()
    assert main(["status", str(tmp_path / "corpus"), "--json"]) == 0
    status = orjson.loads(capsys.readouterr().out)
    assert (status["kept"], status["queued"], status["finished"], status["running"]) == (5, 0, True, False)
    assert main(["status", str(tmp_path / "corpus")]) == 0
    assert capsys.readouterr().out.startswith("finished ")


class Changing:
    """A site in two states: as it was, and a year later."""

    def __init__(self) -> None:
        self.later = False
        self.bodies = 0

    def answers(self) -> dict[str, Callable[[Site], Answer]]:
        index = "".join(
            f"<a href={name}>{name}</a>" for name in ("same", "dated", "new", "lost", "gone", "hidden", "moved", "back")
        )
        return {
            "/": page(f"<title>Index</title><p>All the pages of this small site are listed here.{index}"),
            "/robots.txt": page(""),
            "/same": lambda site: self.unless("If-None-Match", '"v1"', {"ETag": '"v1"'}, site),
            "/dated": lambda site: self.unless("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT", {}, site),
            "/new": lambda _: (200, HTML, text(2 if self.later else 1).encode()),
            "/lost": lambda site: (404, HTML, b"no") if self.later else page(text(3))(site),
            "/gone": lambda site: (410, HTML, b"no") if self.later else page(text(4))(site),
            "/hidden": lambda _: (200, HTML | ({"X-Robots-Tag": "noindex"} if self.later else {}), text(5).encode()),
            "/moved": lambda site: (301, {"Location": "/moved-here"}, b"") if self.later else page(text(6))(site),
            "/moved-here": page(text(6)),
            "/back": lambda site: (404, HTML, b"") if self.later and site.paths.count("/back") == 2 else page(text(7))(site),
        }

    def unless(self, header: str, value: str, more: dict[str, str], site: Site) -> Answer:
        if site.requests[-1][2].get(header) == value:
            return 304, more, b""
        self.bodies += 1
        return page(text(9), {"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT", **more})(site)


def test_a_recrawl_costs_nothing_for_what_is_the_same_and_deletes_what_is_gone(tmp_path: Path) -> None:
    world = Changing()
    with serve(world.answers()) as site:
        options = ("--allow-loopback", "--max-pages", "50")
        assert orjson.loads(crawl(site.url(), tmp_path / "corpus", *options).stdout)["kept"] == 9
        nothing = crawl(site.url(), tmp_path / "corpus", *options)
        assert orjson.loads(nothing.stdout)["in_this_run"] == 0
        world.later = True
        report = orjson.loads(crawl(site.url(), tmp_path / "corpus", *options, "--recrawl").stdout)
        paths = {document.url.removeprefix(site.url()) for document in read_corpus(tmp_path / "corpus")}
    assert world.bodies == 2, "each body was sent once"
    assert (report["unchanged"], report["gone"], report["noindex"]) == (4, 2, 1)
    assert paths == {"", "same", "dated", "new", "moved-here", "back"}
    assert site.paths.count("/lost") == 3, "a page that is not found is asked for once more"
    assert site.paths.count("/gone") == 2


def test_sitemaps_lists_and_feeds_begin_a_crawl(tmp_path: Path) -> None:
    with serve({**stairs(8), "/off": page(text(1))}) as site:
        loc = f"<url><loc>{site.url('/1')}</loc></url><url><loc>{site.url('/2')}</loc></url><url><loc>http://other.example/</loc></url>"
        site.answers["/map.xml"] = lambda site: (200, XML, f"<urlset>{loc}</urlset>".encode())
        site.answers["/index.xml"] = lambda site: (
            200, XML, f"<sitemapindex><sitemap><loc>{site.url('/map.xml')}</loc></sitemap></sitemapindex>".encode()
        )  # fmt: skip
        site.answers["/news.atom"] = lambda site: (200, XML, b"<feed><entry><link href='/3'/></entry></feed>")
        site.answers["/robots.txt"] = page(f"Sitemap: {site.url('/index.xml')}\n")
        listed = orjson.loads(crawl(site.url("/index.xml"), tmp_path / "map", "--allow-loopback", verb="sitemap").stdout)
        assert (listed["kept"], listed["lists"], listed["listed_elsewhere"]) == (2, 2, 1)
        again = orjson.loads(crawl(site.url("/index.xml"), tmp_path / "map", "--allow-loopback", verb="sitemap").stdout)
        assert again["in_this_run"] == 2, "sitemaps are read again, their pages are not asked for again"
        fed = orjson.loads(crawl(site.url("/news.atom"), tmp_path / "feed", "--allow-loopback", verb="feed").stdout)
        assert fed["kept"] == 1
        urls = tmp_path / "urls.txt"
        urls.write_text(f"# some steps\n{site.url('/4')}\n{site.url('/4')}#part\n\n{site.url('/off')} # alone\n")
        some = orjson.loads(crawl(str(urls), tmp_path / "list", "--allow-loopback", verb="list").stdout)
        assert some["kept"] == 2
        site.requests.clear()
        robots = crawl(site.url("/off"), tmp_path / "robots", "--allow-loopback", "--sitemaps")
        assert orjson.loads(robots.stdout)["kept"] >= 3
        assert {"/index.xml", "/map.xml", "/1", "/2"} <= set(site.paths)


def test_one_address_has_one_pace_whatever_it_is_called(tmp_path: Path) -> None:
    with serve(stairs(6)) as site:
        urls = tmp_path / "urls.txt"
        urls.write_text("".join(f"http://{host}:{site.port}/{n}\n" for host in ("127.0.0.1", "localhost") for n in (1, 2)))
        done = crawl(str(urls), tmp_path / "corpus", "--allow-loopback", "--delay", "0.3", verb="list")
    assert orjson.loads(done.stdout)["kept"] == 4
    times = sorted(at for at, _, _ in site.requests)
    assert {headers["Host"].partition(":")[0] for _, _, headers in site.requests} == {"127.0.0.1", "localhost"}
    assert all(later - earlier >= 0.29 for earlier, later in pairwise(times))


def test_a_pause_that_a_host_asked_for_outlives_a_kill(tmp_path: Path) -> None:
    answers = stairs(4)
    answers["/1"] = lambda site: (503, {"Retry-After": "4"}, b"") if site.paths.count("/1") == 1 else page(text(1))(site)
    with serve(answers) as site:
        command = crawl_command(site.url(), tmp_path / "corpus", "--allow-loopback")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment()) as process:
            while "/1" not in site.paths:
                time.sleep(0.01)
            time.sleep(0.3)
            process.kill()
        paused = next(at for at, path, _ in site.requests if path == "/1")
        before = len(site.requests)
        assert crawl(site.url(), tmp_path / "corpus", "--allow-loopback").returncode == 0
    assert site.requests[before][0] - paused >= 3.9


def test_a_line_that_is_no_url_costs_only_itself(tmp_path: Path) -> None:
    with serve(stairs(3)) as site:
        urls = tmp_path / "urls.txt"
        urls.write_text(f"{site.url('/1')}\nftp://alder.example/\nhttp://a b/\n{site.url('/2')}\n")
        done = crawl(str(urls), tmp_path / "corpus", "--allow-loopback", "--max-depth", "0", verb="list")
        strict = crawl(str(urls), tmp_path / "corpus", "--allow-loopback", "--max-depth", "0", "--strict", verb="list")
    report = orjson.loads(done.stdout)
    assert (done.returncode, strict.returncode) == (0, 1)
    assert (report["kept"], report["not_urls"]) == (2, 2)
    aside = [orjson.loads(line) for line in (tmp_path / "corpus" / "rejects.jsonl").read_bytes().splitlines()]
    assert [(one["where"], one["reason"]) for one in aside[:2]] == [(f"{urls}:2", "not a URL"), (f"{urls}:3", "not a URL")]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [("", "holds no URL"), ("ftp://alder.example/\n", "is not an http or https URL"), (None, "cannot be read")],
)
def test_a_file_that_is_no_list_of_urls_is_refused(tmp_path: Path, lines: str | None, complaint: str) -> None:
    urls = tmp_path / "urls.txt"
    if lines is not None:
        urls.write_text(lines)
    done = crawl(str(urls), tmp_path / "corpus", "--allow-loopback", verb="list")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert not (tmp_path / "corpus").exists()
