"""Is a crawl of a real documentation site complete, fast, unkillable and polite?

    python -m benchmarks.crawl_site --root /usr/share/doc/python3-doc/html --under c-api/ --kills 5

Serves a folder of HTML on loopback from a process of its own that records every request, and compares four things with it: an
independent link check (html.parser and urllib), a bare Scrapy spider that follows the same links and stores nothing, crawls that
are killed with SIGKILL on the way, and the promises of politeness. Prints a table; writes nothing that stays.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 4
"""Requests at a time to a site on this machine."""
SLACK = 0.02
"""Seconds by which a request may be recorded early: the server notes it when a thread takes it up."""

_SERVER = """
import json, os, sys, time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
root, log, rules = sys.argv[1], open(sys.argv[2], "a", buffering=1), json.loads(sys.argv[3])
busy = {}
class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def __init__(self, *a): super().__init__(*a, directory=root)
    def do_GET(self):
        began, path = time.time(), self.path.partition("?")[0]
        self.said = 0
        robots = rules.get("robots", "")
        if path == "/robots.txt": self.say(200 if robots else 404, robots, {"Content-Type": "text/plain"})
        elif path in rules.get("busy", {}) and busy.setdefault(path, 0) < 1:
            busy[path] += 1
            self.say(rules["busy"][path][0], "later", {"Retry-After": str(rules["busy"][path][1])})
        elif rules.get("listing") and path == "/": self.say(200, rules["listing"], {"Content-Type": "text/html"})
        else: super().do_GET()
        log.write(json.dumps([began, time.time(), self.path, self.headers.get("Host"), self.said]) + "\\n")
    def say(self, status, body, headers):
        body = body.encode(); self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items(): self.send_header(name, value)
        self.end_headers(); self.wfile.write(body)
    def send_response(self, code, *a): self.said = code; super().send_response(code, *a)
    def log_message(self, *a): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""

_BARE = """
import sys
from scrapy import Spider, Request
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor
class Bare(Spider):
    name = "bare"; links = LinkExtractor(); pages = 0; url = sys.argv[1]
    async def start(self): yield Request(self.url)
    def parse(self, response):
        if not hasattr(response, "selector"): return
        Bare.pages += 1
        for link in self.links.extract_links(response):
            if link.url.startswith(self.url): yield Request(link.url.partition("#")[0])
settings = {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 4, "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False,
            "COOKIES_ENABLED": False}
process = AsyncCrawlerProcess(settings)
process.crawl(Bare); process.start(); print(Bare.pages)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that the server saw."""

    began: float
    ended: float
    path: str
    host: str
    status: int


@dataclass(slots=True)
class Server:
    """The recording server."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Its start page."""
        return f"http://127.0.0.1:{self.port}/"

    def asked(self) -> list[Asked]:
        """What it saw, in the order in which answers ended; a line that is being written is left out."""
        lines = self.log.read_text().splitlines(keepends=True)
        return [Asked(*json.loads(line)) for line in lines if line.endswith("\n")]


@contextmanager
def serve(root: Path, folder: Path, rules: dict[str, object] | None = None) -> Iterator[Server]:
    """A server of its own for each measurement."""
    log = folder / f"server-{time.monotonic_ns()}.jsonl"
    log.touch()
    command = [sys.executable, "-c", _SERVER, str(root), str(log), json.dumps(rules or {})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        yield Server(int(process.stdout.readline()), log)
        process.kill()


def link_check(start: str) -> tuple[set[str], set[str]]:
    """Paths of the pages that can be reached below `start`, and of links that lead nowhere.

    By another parser and another client than the crawler's.
    """
    good, bad, seen, queue = set[str](), set[str](), {start}, deque([start])
    while queue:
        url = queue.popleft()
        try:
            with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - loopback
                final, kind, body = response.geturl(), response.headers.get_content_type(), response.read()
        except (OSError, ValueError):
            bad.add(path_of(url))
            continue
        if kind in ("text/html", "text/plain"):
            good.add(path_of(final))
        if kind == "text/html":
            for link in _Links.of(body, final):
                if link.startswith(start) and link not in seen:
                    seen.add(link)
                    queue.append(link)
    return good, bad


def path_of(url: str) -> str:
    """Path and query."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a" and named.get("href") and "nofollow" not in (named.get("rel") or ""):
            self.found.append(named["href"] or "")

    @classmethod
    def of(cls, body: bytes, url: str) -> list[str]:
        parser = cls()
        parser.feed(body.decode("utf-8", errors="replace"))
        return [urljoin(url, href.strip()).partition("#")[0] for href in parser.found]


def command(verb: str, what: str, into: Path, *more: str) -> list[str]:
    """Our crawl, as a user starts it."""
    options = ["--into", str(into), "--allow-loopback", "--delay", "0", "--json", *more]
    return [sys.executable, "-m", "stepwell", "crawler", verb, what, *options]


def run(command: Sequence[str]) -> tuple[dict[str, object], float]:
    """Its report and its seconds."""
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    report: dict[str, object] = json.loads(done.stdout)
    return report, time.monotonic() - began


def contents(corpus: Path, port: int) -> dict[str, str]:
    """Id -> hash of each document; the port, which differs between servers, is taken out."""
    import hashlib

    from indexer.corpus import read_corpus

    return {
        document.id.replace(f":{port}", ""): hashlib.sha256(document.to_json().replace(b":%d" % port, b"")).hexdigest()
        for document in read_corpus(corpus)
    }


def killed(command: Sequence[str], server: Server, kills: int, requests: int) -> None:
    """Killed `kills` times at even distances, then left to end."""
    for number in range(1, kills + 1):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
            while process.poll() is None and len(server.asked()) < number * requests // (kills + 1):
                time.sleep(0.05)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.5)  # the server writes down what was in flight
    run(command)


def politeness(folder: Path, root: Path) -> Iterator[tuple[str, str, bool]]:
    """Promise, figure, kept: by a log that the crawler does not write."""
    pages = "".join(f'<a href="{page.name}">x</a>' for page in sorted(root.glob("*.html"))[:8])
    rules: dict[str, object] = {
        "robots": "User-agent: *\nDisallow: /bugs.html\nCrawl-delay: 0.5\n",
        "busy": {"/copyright.html": [429, 3], "/contents.html": [503, 2]},
        "listing": f"<title>Some pages</title><p>{pages}",
    }
    with serve(root, folder, rules) as server:
        run(command("site", server.url, folder / "polite", "--max-depth", "1"))
        asked = sorted(server.asked(), key=lambda a: a.began)
    gaps = [later.began - earlier.began for earlier, later in pairwise(asked)]
    yield "crawl-delay 0.5 s", f"shortest gap {min(gaps):.2f} s of {len(gaps)}", min(gaps) >= 0.5 - SLACK
    yield (
        "robots.txt first and once",
        f"{sum(a.path == '/robots.txt' for a in asked)}",
        [a.path for a in asked].count("/robots.txt") == 1,
    )
    yield "what robots forbid", f"{sum(a.path == '/bugs.html' for a in asked)} asked", all(a.path != "/bugs.html" for a in asked)
    for path, wait in (("/copyright.html", 3), ("/contents.html", 2)):
        refused = next((a for a in asked if a.path == path and a.status in (429, 503)), None)
        if refused:
            after = min(a.began for a in asked if a.began > refused.began) - refused.ended
            yield f"Retry-After {wait} s", f"next request after {after:.2f} s", after >= wait - SLACK
    with serve(root, folder) as server:
        names = folder / "urls.txt"
        names.write_text(
            "".join(
                f"http://{host}:{server.port}/{page}\n"
                for host in ("127.0.0.1", "localhost")
                for page in ("about.html", "license.html", "glossary.html")
            )
        )
        run([*command("list", str(names), folder / "names"), "--delay", "0.4"])
        asked = sorted(server.asked(), key=lambda a: a.began)
    gaps = [later.began - earlier.began for earlier, later in pairwise(asked)]
    named = len({a.host for a in asked})
    yield "delay 0.4 s an address", f"shortest gap {min(gaps):.2f} s over {named} names", min(gaps) >= 0.4 - SLACK and named == 2
    with serve(root, folder) as server:
        run(command("site", server.url, folder / "many", "--max-pages", "40"))
        at_once = most_at_once(server.asked())
    yield "4 requests at once on loopback", f"{at_once} at most", at_once <= 4


def most_at_once(asked: Sequence[Asked]) -> int:
    """Requests that overlapped."""
    events = sorted([(a.began, 1) for a in asked] + [(a.ended, -1) for a in asked])
    now = most = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


def measure(root: Path, under: str, kills: int, folder: Path) -> Iterator[tuple[str, str, bool | None]]:
    """Rows of the table."""
    with serve(root, folder) as server:
        good, bad = link_check(server.url + under)
    yield "reachable by the link check", f"{len(good):,} pages, {len(bad):,} links that lead nowhere", None
    limits = ["--max-pages", str(10 * (len(good) + len(bad))), "--under", f"/{under}"]
    with serve(root, folder) as server:
        report, seconds = run(command("site", server.url + under, folder / "whole", *limits))
        asked = Counter(a.path for a in server.asked())
        unbroken = contents(folder / "whole", server.port)
    fetched = sum(times for path, times in asked.items() if path in good)
    yield "crawl", f"{fetched:,} pages, {seconds:.1f} s, {fetched / seconds:.1f} pages/s", None
    yield "asked for twice", f"{sum(times > 1 for times in asked.values())}", max(asked.values()) == 1
    missed, extra = good - set(asked), set(asked) - good - bad - {"/robots.txt"}
    yield "reachable and not asked for", f"{len(missed)} {sorted(missed)[:3]}", not missed
    yield "asked for and not reachable", f"{len(extra)} {sorted(extra)[:3]}", not extra
    missing = good - {name.removeprefix("web:http://127.0.0.1") for name in unbroken}
    yield "reachable and no document", f"{len(missing)} {sorted(missing)[:3]}; set aside {report['set_aside']}", None
    with serve(root, folder) as server:
        bare_command = [sys.executable, "-c", _BARE, server.url + under]
        began = time.monotonic()
        done = subprocess.run(bare_command, capture_output=True, text=True, check=True)
        bare_pages, bare_seconds = int(done.stdout), time.monotonic() - began
    bare = bare_pages / bare_seconds
    yield "bare spider", f"{bare_pages:,} pages, {bare_seconds:.1f} s, {bare:.1f} pages/s", None
    yield "crawl / bare spider", f"{fetched / seconds / bare:.2f} (goal .5), both with the start of their processes", None
    if kills:
        with serve(root, folder) as server:
            killed(command("site", server.url + under, folder / "killed", *limits), server, kills, asked.total())
            twice = Counter(a.path for a in server.asked())
            same = contents(folder / "killed", server.port) == unbroken
        again, lost = sum((twice - asked).values()), set(asked) - set(twice)
        yield f"killed {kills} times", f"{again} requests again, at most {AT_ONCE} in flight a kill", again <= AT_ONCE * kills
        yield "never asked for", f"{len(lost)}", not lost
        yield "same corpus as unbroken", f"{same}, {len(unbroken):,} documents", same
    yield from politeness(folder, root)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crawl_site", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--root", type=Path, default=Path("/usr/share/doc/python3-doc/html"), help="folder of HTML with an index.html"
    )
    parser.add_argument("--under", default="", metavar="PATH", help="a part of it, such as c-api/ (default: all)")
    parser.add_argument("--kills", type=int, default=5, metavar="N", help="how often a crawl is killed (default 5)")
    args = parser.parse_args(argv)
    root = args.root.resolve()
    if not (root / args.under / "index.html").is_file():
        parser.error(f"no index.html in {root / args.under}; install Debian's python3-doc, or give another folder")
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        for what, figure, kept in measure(root, args.under, args.kills, Path(folder)):
            broken += kept is False
            print(f"{what:<32}{'' if kept is None else 'ok' if kept else 'BROKEN':<8}{figure}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
