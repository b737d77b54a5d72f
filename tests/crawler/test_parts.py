"""Which places may an input lie at, and does it stream from each?"""

import gzip
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from crawler.errors import SourceError, UsageError
from crawler.harvest import fetch
from crawler.harvest.fetch import Fetcher, FetchFailed
from crawler.papers import open_source
from crawler.papers.acl import AclSource
from crawler.papers.jsonl import JsonlSource
from crawler.papers.parts import find_parts, local_path
from crawler.safety import AddressRefused, Reach
from indexer.document import Document

LINE = b'{"id":"2603.00017","title":"Tides"}\n'


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/to/"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/to/"))
                self.end_headers()
                return
            body = {"/a.json.gz": gzip.compress(LINE * 1000), "/bomb": gzip.compress(bytes(80_000_000))}.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            if self.path == "/bomb":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    instance = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=instance.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{instance.server_port}", asked
    instance.shutdown()
    instance.server_close()
    thread.join()


def test_folders_are_walked_in_name_order_and_hidden_files_rejects_and_links_out_are_left(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(LINE)
    folder = tmp_path / "folder"
    for name in ("b/part.json.gz", "a/part.jsonl", "a/.hidden.json", ".git/x.json", "rejects.jsonl", "note.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(LINE)
    (folder / "link.json").symlink_to(outside)
    (folder / "inside.json").symlink_to(folder / "a" / "part.jsonl")
    names = [part.name.removeprefix(str(folder)) for part in find_parts(folder, (".json", ".jsonl"))]
    assert names == ["/inside.json", "/a/part.jsonl", "/b/part.json.gz"]


def test_urls_of_cloud_storage_go_through_fsspec(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    files.pipe(
        {
            "/tides/x/part-1.json.gz": gzip.compress(LINE),
            "/tides/x/part-0.json": LINE.replace(b"17", b"18"),
            "/tides/x/_SUCCESS": b"",
        }
    )
    try:
        read = list(open_source("arxiv").read("memory://tides/x"))
        assert [r.record.id for r in read if isinstance(r.record, Document)] == ["arxiv:2603.00018", "arxiv:2603.00017"]
        assert read[0].where == "memory://tides/x/part-0.json:1"
        with pytest.raises(UsageError, match="nothing at"):
            find_parts("memory://elsewhere", (".json",))
        with pytest.raises(SourceError, match=r"no \.xml files"):
            find_parts("memory://tides/x", (".xml",))
    finally:
        files.rm("/tides", recursive=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://alder.example/x.json",
        "sftp://alder.example/x.json",
        "simplecache::http://127.0.0.1/x.json",
        "zip://x.json::http://127.0.0.1/x.zip",
        "memory://x::http://127.0.0.1/x.zip",
        "s3://bucket/x::file:///etc/passwd",
        "github://a:b@c/x.json",
        "reference://x",
        "data://x",
        "local:///etc/passwd",
    ],
)
def test_nothing_else_is_opened(url: str) -> None:
    with pytest.raises(UsageError, match=r"is not read|install"):
        find_parts(url, (".json",))


def test_a_file_url_is_a_local_path(tmp_path: Path) -> None:
    (tmp_path / "a b.json").write_bytes(LINE)
    (part,) = find_parts(f"file://{tmp_path}/a%20b.json", (".json",))
    with part.open() as file:
        assert file.read() == LINE
    with pytest.raises(UsageError, match="is not read by this source"):
        local_path("s3://bucket/x")


def test_a_web_server_is_read_as_a_stream_where_it_may_be_dialled(server: tuple[str, list[str]]) -> None:
    url, _ = server
    (part,) = find_parts(f"{url}/a.json.gz", (".json",), Reach(loopback=True))
    for _ in range(2):
        with part.open() as file:
            assert gzip.decompress(file.read()) == LINE * 1000
    assert part.size > 0
    with pytest.raises(FetchFailed, match="answered 404"):
        find_parts(f"{url}/none", (".json",), Reach(loopback=True))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "169.254.169.254",
        "10.0.0.1",
        "[::ffff:127.0.0.1]",
        "user:pw@1.1.1.1",
    ],
)
def test_the_command_line_reaches_public_servers_only(host: str, server: tuple[str, list[str]]) -> None:
    port = server[0].rpartition(":")[2]
    with pytest.raises(AddressRefused):
        find_parts(f"http://{host}:{port}/a.json.gz", (".json",))
    assert server[1] == []


def test_redirects_are_judged_like_first_addresses(server: tuple[str, list[str]]) -> None:
    url, asked = server
    fetcher = Fetcher(Reach(loopback=True))
    assert fetcher.get(f"{url}/to/{url}/a.json.gz").status == 200
    for target in ("http://169.254.169.254/latest", "http://192.0.2.1/", "file:///etc/passwd", "ftp://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            fetcher.get(f"{url}/to/{target}")
    with pytest.raises(FetchFailed, match="redirects"):
        fetcher.get(f"{url}" + "/to/" * 1 + f"{url}/to/{url}/to/{url}/to/{url}/to/{url}/to/{url}/a.json.gz")
    assert all("latest" not in path for path in asked if not path.startswith("/to/"))


def test_a_name_that_changes_its_address_is_judged_anew_and_the_judged_address_is_dialled(server: tuple[str, list[str]]) -> None:
    url, asked = server
    port = url.rpartition(":")[2]
    answers = iter([["93.184.215.14", "127.0.0.1"], ["127.0.0.1"], []])
    dialled: list[str] = []
    fetcher = Fetcher(Reach(), resolve=lambda *_: next(answers))

    class Inner:
        def connect_tcp(self, host: str, *_: object) -> None:
            dialled.append(host)
            raise fetch.httpcore.ConnectError("nobody there")

    fetcher._backend._inner = Inner()  # type: ignore[assignment]
    with pytest.raises(FetchFailed):
        fetcher.get(f"http://rebinding.example:{port}/")
    with pytest.raises(AddressRefused, match="loopback"):
        fetcher.get(f"http://rebinding.example:{port}/")
    with pytest.raises(FetchFailed, match="does not resolve"):
        fetcher.get(f"http://rebinding.example:{port}/")
    assert dialled == ["93.184.215.14"]
    assert asked == []


def test_proxies_of_the_environment_are_not_used(server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    assert Fetcher(Reach(loopback=True)).get(f"{server[0]}/a.json.gz").status == 200


def test_an_answer_is_bounded_when_it_is_unpacked(server: tuple[str, list[str]]) -> None:
    with pytest.raises(FetchFailed, match="larger than"):
        Fetcher(Reach(loopback=True)).get(f"{server[0]}/bomb")


def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import time

    monkeypatch.setattr(fetch, "ANSWER_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    for _ in range(100):
                        connection.sendall(b"X: y\r\n")
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(FetchFailed):
            Fetcher(Reach(loopback=True)).get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()


def test_a_stream_is_read_in_pieces_of_any_size() -> None:
    stream = fetch.HttpStream("http://x", iter([b"abc", b"", b"defg"]), 7)
    assert [stream.read(2), stream.read(5), stream.read(), stream.read(1)] == [b"ab", b"c", b"defg", b""]
    assert stream.tell() == 7
    assert isinstance(stream, io.RawIOBase)


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_the_anthology_and_json_lines_are_read_from_urls_and_packed_files_too(packed: str) -> None:
    xml = b"<collection id='W19'><volume id='1'><meta><booktitle>V</booktitle><year>2019</year></meta>"
    xml += b"<paper id='1'><title>One</title></paper></volume></collection>"
    lines = b'{"id":"a","title":"A"}\n'
    for place, content in (("/acl/W19.xml", xml), ("/lines/corpus.jsonl", lines)):
        with fsspec.open(f"memory://{packed}{place}{packed}", "wb") as file:
            file.write(gzip.compress(content) if packed else content)
    (paper,) = [r.record for r in AclSource().read(f"memory://{packed}/acl")]
    (line,) = [r.record for r in JsonlSource().read(f"memory://{packed}/lines/corpus.jsonl{packed}")]
    assert isinstance(paper, Document)
    assert isinstance(line, Document)
    assert (paper.id, line.id, line.collection) == ("acl:W19-0101", "a", "lines")
