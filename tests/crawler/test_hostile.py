"""Does a crawl go on, whatever one page does to it?

A server that writes what it likes to the socket, headers included; the page behind all the bad ones must still be kept.
"""

import gzip
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from indexer.corpus import read_corpus
from tests.sites.server import crawl

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
GOOD = b"<title>Good</title><main><p>This page is in order, and says so at some length, for whoever comes by.</p></main>"


def whole(body: bytes, headers: bytes = b"") -> Iterator[bytes]:
    yield OK + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def endless(headers: bytes, part: bytes) -> Iterator[bytes]:
    """Up to 100 MB; whoever reads must stop before."""
    yield OK + headers + b"\r\n"
    for _ in range(1000):
        yield part


NOTHING = b" " * 100_000
HOSTILE = {
    "nothing": lambda: endless(b"", NOTHING),
    "chunks": lambda: endless(b"Transfer-Encoding: chunked\r\n", b"186a0\r\n" + NOTHING + b"\r\n"),
    "bomb": lambda: whole(gzip.compress(b"\0" * 50_000_000), b"Content-Encoding: gzip\r\n"),
    "bomb-in-bomb": lambda: whole(gzip.compress(gzip.compress(b"\0" * 50_000_000)), b"Content-Encoding: gzip, gzip\r\n"),
    "nested": lambda: whole(b"<div>" * 10_000 + b"deep"),
    "many-headers": lambda: endless(b"", b"X-More: again and again\r\n" * 4000),
    "long-header": lambda: whole(GOOD, b"X-Long: " + b"x" * 5_000_000 + b"\r\n"),
    "no-colon": lambda: whole(GOOD, b"this header has no colon\r\n"),
    "no-status": lambda: iter([b"hello\r\n\r\n"]),
    "odd-status": lambda: iter([b"HTTP/1.1 2000 Very OK\r\n\r\n"]),
    "negative": lambda: iter([OK + b"Content-Length: -5\r\n\r\n" + GOOD]),
    "two-lengths": lambda: iter([OK + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n" + GOOD]),
    "bad-chunk": lambda: iter([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"]),
    "empty": lambda: iter([]),
    "charset": lambda: whole(
        "<p>Das Wasser führt über die Stufen hinab.</p>".encode("utf-16"), b"Content-Language: \xff\xfe\r\n"
    ),
    "bytes": lambda: whole(bytes(range(256)) * 1000),
    "location": lambda: iter([b"HTTP/1.1 302 Found\r\nLocation: http://[bad\xff/\r\nContent-Length: 0\r\n\r\n"]),
    "nowhere": lambda: iter([b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"]),
}


@contextmanager
def hostile_site() -> Iterator[int]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode("latin-1").split()
            while self.rfile.readline().strip():
                pass
            path = line[1].strip("/") if len(line) > 1 else ""
            links = "".join(f"<a href=/{name}>{name}</a>" for name in (*HOSTILE, "good")).encode()
            answer = HOSTILE.get(path, lambda: whole(GOOD + links if not path else GOOD))
            with suppress(OSError):
                for part in answer():
                    self.wfile.write(part)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_hostile_pages_are_set_aside_and_the_crawl_goes_on(tmp_path: Path) -> None:
    with hostile_site() as port:
        done = crawl(f"http://127.0.0.1:{port}/", tmp_path / "corpus", "--allow-loopback")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    report = orjson.loads(done.stdout)
    paths = {document.url.rpartition("/")[2] for document in read_corpus(tmp_path / "corpus")}
    aside = {
        orjson.loads(line)["where"].rpartition("/")[2]
        for line in (tmp_path / "corpus" / "rejects.jsonl").read_bytes().splitlines()
    }
    assert {"", "good"} <= paths
    assert paths | aside == {"", "good", *HOSTILE}
    assert {"nothing", "chunks", "bomb", "bomb-in-bomb", "many-headers", "long-header", "no-status", "empty", "bytes"} <= aside
    assert report["queued"] == 0
    assert b"twisted.python" not in (tmp_path / "corpus" / "rejects.jsonl").read_bytes()
