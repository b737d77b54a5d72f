"""Is what was fetched kept as others read it, and can it be read again, whole or damaged?"""

import gzip
import zlib
from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from crawler.cli import main
from crawler.web.warc import WarcArchive
from crawler.web.warc_records import Damage, Record, read_archive, unchunked
from indexer.corpus import read_corpus

SITE = "http://alder.example"
PAGE = b"<html><title>The well</title><body><main><p>Water stands low in the well this year, and the steps are dry.</p></main>"


def answer(path: str, body: bytes = PAGE, status: int = 200, **headers: str) -> tuple[Request, Response]:
    named = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(f"{SITE}/{path}", headers={"User-Agent": "stepwell"}), Response(f"{SITE}/{path}", status, named, body)


def written(folder: Path, *exchanges: tuple[Request, Response]) -> Path:
    archive = WarcArchive(folder)
    for request, response in exchanges:
        archive.exchange(request, response)
    archive.close()
    return next(folder.glob("*.warc.gz"))


def by_others(path: Path) -> list[tuple[str, str, bytes]]:
    """Type, URL and payload by warcio, which checks every digest."""
    with path.open("rb") as file:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]


def test_another_reader_accepts_every_record_and_digest(tmp_path: Path) -> None:
    path = written(
        tmp_path, answer("a"), answer("b", gzip.compress(b"<p>packed</p>"), Content_Encoding="gzip", Transfer_Encoding="chunked")
    )
    records = by_others(path)
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request", "response", "request"]
    assert records[1][1:] == (f"{SITE}/a", PAGE)
    assert records[3][2] == b"<p>packed</p>"
    with path.open("rb") as file:
        (first, *_) = [record for record in ArchiveIterator(file) if record.rec_type == "request"]
        assert first.rec_headers.protocol == "WARC/1.1"
        assert first.http_headers.get_header("Host") == "alder.example"


def test_every_record_is_a_gzip_member(tmp_path: Path) -> None:
    packed = written(tmp_path, answer("a")).read_bytes()
    members = 0
    while packed:
        unpacker = zlib.decompressobj(31)
        assert unpacker.decompress(packed).startswith(b"WARC/1.1\r\n")
        packed = unpacker.unused_data
        members += 1
    assert members == 3


def test_what_was_seen_and_what_is_not_modified_become_revisits(tmp_path: Path) -> None:
    path = written(tmp_path, answer("a"), answer("copy"), answer("a", b"", 304))
    with path.open("rb") as file:
        profiles = [r.rec_headers.get_header("WARC-Profile") for r in ArchiveIterator(file) if r.rec_type == "revisit"]
    assert [profile.rpartition("/")[2] for profile in profiles] == ["identical-payload-digest", "server-not-modified"]
    assert len(by_others(path)) == 7


def test_after_a_kill_the_archive_is_cut_back_to_its_last_step(tmp_path: Path) -> None:
    archive = WarcArchive(tmp_path)
    archive.exchange(*answer("a"))
    position = archive.position
    archive.exchange(*answer("b"))
    path = next(tmp_path.glob("*.warc.gz"))
    assert archive.position != position
    with path.open("ab") as file:
        file.write(b"\x1f\x8bhalf a record")
    again = WarcArchive(tmp_path, position)
    again.exchange(*answer("c"))
    again.close()
    archive.close()
    assert [url for kind, url, _ in by_others(path) if kind == "response"] == [f"{SITE}/a", f"{SITE}/c"]


def test_extraction_runs_again_from_our_own_archive_and_the_newest_capture_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = PAGE.replace(b"dry", b"wet")
    path = written(tmp_path, answer("a"), answer("film", b"\0" * 99, Content_Type="video/mp4"), answer("gone", b"", 404))
    old = path.read_bytes()
    record = gzip.decompress(written(tmp_path / "later", answer("a", new)).read_bytes()).replace(
        b"\r\nWARC-Date: 2", b"\r\nWARC-Date: 3"
    )
    path.write_bytes(gzip.compress(record) + old)
    assert main(["warc", str(path), "--into", str(tmp_path / "corpus"), "--json"]) == 0
    (document,) = read_corpus(tmp_path / "corpus")
    assert document.id == f"web:{SITE}/a"
    assert "wet" in document.text
    skipped = orjson.loads(capsys.readouterr().out)["skipped"]
    assert skipped == {"warcinfo record": 2, "request record": 4, "earlier capture": 1, "video/mp4": 1, "HTTP 404": 1}


def test_a_page_that_is_gone_or_has_moved_stays_so_and_lists_are_no_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = PAGE.replace(b"<title>", b"<link rel=canonical href=/gone><title>")
    archive = written(
        tmp_path,
        *(answer(path, PAGE + path.encode()) for path in ("gone", "moved", "busy")),
        answer("robots.txt", b"User-agent: *", Content_Type="text/plain"),
        answer("map", b"<?xml version='1.0'?><!-- ours --><urlset><url><loc>http://a/</loc></url></urlset>"),
        answer("news", b"<!---->" * 500 + b"<rss><channel/></rss>"),
        *(answer(path, b"", status) for path, status in (("gone", 410), ("moved", 301), ("busy", 503))),
        answer("copy", named),
        answer("other-copy", named + b"<p>And more.</p>"),
    )
    assert main(["warc", str(archive), "--into", str(tmp_path / "corpus"), "--json"]) == 0
    assert {document.id: document.url for document in read_corpus(tmp_path / "corpus")} == {
        f"web:{SITE}/busy": f"{SITE}/busy",
        f"web:{SITE}/gone": f"{SITE}/gone",
    }
    skipped = orjson.loads(capsys.readouterr().out)["skipped"]
    assert (skipped["earlier capture"], skipped["robots.txt"], skipped["copy of another page"]) == (2, 1, 1)


def test_an_archive_that_gives_nothing_is_a_failure(tmp_path: Path) -> None:
    archive = written(tmp_path, answer("empty", b"<title>Empty</title>"))
    assert main(["warc", str(archive), "--into", str(tmp_path / "corpus")]) == 1


def test_the_real_samples_give_what_can_be_read(shared_data: Path) -> None:
    kinds = {
        file.name: Counter(found.kind if isinstance(found, Record) else found.reason for found in read_archive(file))
        for file in sorted((shared_data / "warc").iterdir())
    }
    assert kinds == {
        "example-bad.warc.gz.bad": {"warcinfo": 1, "response": 2, "request": 2, "revisit": 1},
        "example-digest.warc": {"request": 4},
        "example-trunc.warc": {"warcinfo": 2, "response": 1, "damaged record": 1, "request": 1},
        "example.warc.gz": {"warcinfo": 2, "response": 1, "revisit": 1, "request": 2},
        "whirlwind.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1},
    }


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("warc"), *(answer(str(n), PAGE + b"%d" % n) for n in range(6))).read_bytes()


@pytest.mark.parametrize("packed", [True, False])
def test_a_record_that_is_cut_short_costs_only_itself(archive: bytes, tmp_path: Path, packed: bool) -> None:
    whole = archive if packed else gzip.decompress(archive)
    path = tmp_path / "cut.warc"
    path.write_bytes(whole[: len(whole) - 150])
    *before, last = read_archive(path)
    assert isinstance(last, Damage)
    assert len([found for found in before if isinstance(found, Record) and found.kind == "response"]) >= 5


def test_a_broken_record_in_the_middle_costs_only_itself(archive: bytes, tmp_path: Path) -> None:
    middle = len(archive) // 2
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(archive[:middle] + b"\xff\x00\xff\x00" + archive[middle + 4 :])
    found = list(read_archive(path))
    assert any(isinstance(one, Damage) for one in found)
    assert sum(isinstance(one, Record) for one in found) >= 11


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), packed=st.booleans())
def test_no_damage_stops_the_reader(archive: bytes, tmp_path: Path, data: st.DataObject, packed: bool) -> None:
    whole = bytearray(archive if packed else gzip.decompress(archive))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "any.warc"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    assert all(isinstance(found, (Record, Damage)) for found in read_archive(path))


def test_chunks_are_joined_and_what_only_claims_to_be_chunked_is_left() -> None:
    assert unchunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") == b"abcde"
    assert unchunked(PAGE) == PAGE
    with pytest.raises(ValueError, match="no length"):
        unchunked(b"3\r\nabc\r\nnonsense\r\n")
