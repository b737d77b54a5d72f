"""A site on loopback that records every request, and the command that crawls it as a user starts it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "sites" / "well"
HTML = {"Content-Type": "text/html; charset=utf-8"}
BY_SUFFIX = {".txt": {"Content-Type": "text/plain"}, ".pdf": {"Content-Type": "application/pdf"}}

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server on loopback: files of tests/sites/well, overridden path by path."""

    answers: dict[str, Callable[["Site"], Answer]] = field(default_factory=dict)
    requests: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path](self)
        file = PAGES / {"/": "index.html", "/private/keys.html": "keys.html"}.get(path.rstrip("?"), path.rstrip("?")[1:])
        if not file.is_file():
            return 404, HTML, b"<p>Nothing here.</p>"
        return 200, BY_SUFFIX.get(file.suffix, HTML), file.read_bytes()


@contextmanager
def serve(answers: dict[str, Callable[[Site], Answer]] | None = None) -> Iterator[Site]:
    site = Site(answers or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append((time.monotonic(), self.path, dict(self.headers)))
            status, headers, body = site.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            self.close_connection = self.close_connection or headers.get("Connection") == "close"

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        site.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()


def crawl(url: str, into: Path, *options: str, verb: str = "site") -> subprocess.CompletedProcess[str]:
    """The command, with proxies in its environment that it must ignore."""
    command = crawl_command(url, into, *options, verb=verb)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, env=environment())


def crawl_command(url: str, into: Path, *options: str, verb: str = "site") -> list[str]:
    """Its words."""
    return [sys.executable, "-m", "stepwell", "crawler", verb, url, "--into", str(into), "--delay", "0", "--json", *options]


def environment() -> dict[str, str]:
    """Ours, with proxies."""
    return os.environ | dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9/")


def page(text: str, headers: dict[str, str] | None = None, encoding: str = "utf-8") -> Callable[[Site], Answer]:
    return lambda _: (200, HTML | (headers or {}), text.encode(encoding))
