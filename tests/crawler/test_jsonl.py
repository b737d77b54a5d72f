"""Files of JSON lines as documents."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SourceError, UsageError
from crawler.papers import lines as lines_module
from crawler.papers.jsonl import JsonlSource
from crawler.papers.lines import read_lines
from crawler.reading import Reading, SetAside
from indexer.document import Document

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
filled = words.filter(bool)
maps = st.dictionaries(filled, words, max_size=3)
documents = st.builds(
    Document,
    id=filled,
    title=filled,
    text=words,
    kind=st.sampled_from(["paper", "page", "file"]),
    url=words,
    authors=st.lists(words, max_size=3).map(tuple),
    editors=st.lists(words, max_size=2).map(tuple),
    venue=words,
    published=words,
    language=words,
    collection=filled,
    identifiers=maps,
    details=maps,
)
PACK = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def read(path: Path, collection: str = "") -> list[Reading]:
    return list(JsonlSource().read(path, collection))


def write(folder: Path, *lines: bytes, name: str = "notes.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(lines))
    return path


def reasons(path: Path) -> list[tuple[str, str]]:
    return [(r.record.where.rsplit(":", 1)[1], r.record.reason) for r in read(path) if isinstance(r.record, SetAside)]


@given(st.lists(documents, max_size=8), st.sampled_from(sorted(PACK)))
def test_documents_written_as_lines_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, originals: list[Document], suffix: str
) -> None:
    path = tmp_path_factory.mktemp("lines") / f"x.jsonl{suffix}"
    path.write_bytes(PACK[suffix](b"".join(d.to_json() + b"\n" for d in originals)))
    readings = read(path)
    assert [r.record for r in readings] == originals
    assert all(0 <= a.share <= b.share <= 1 for a, b in pairwise(readings))


@given(st.binary(max_size=400))
def test_any_bytes_become_documents_or_reasons_and_never_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x.jsonl"
    path.write_bytes(data)
    assert all(isinstance(r.record, Document | SetAside) for r in read(path))


@given(st.binary(max_size=3000), st.integers(0, 3000), st.sampled_from([".gz", ".zst"]))
def test_a_cut_file_gives_its_head_and_says_that_it_was_cut(data: bytes, cut: int, suffix: str) -> None:
    packed = PACK[suffix](data)
    whole = list(read_lines(io.BytesIO(packed)))
    assert b"\n".join(line.data for line in whole).replace(b"\r", b"") == data.removesuffix(b"\n").replace(b"\r", b"")
    cut = min(cut, len(packed) - 1)
    if cut < 4:  # no format can be told from so little
        return
    part = list(read_lines(io.BytesIO(packed[:cut])))
    assert part[-1].problem == "truncated file"
    assert [line.data for line in part[:-1]] == [line.data for line in whole][: len(part) - 1]


def test_several_members_and_frames_are_one_file() -> None:
    for suffix in (".gz", ".zst"):
        packed = PACK[suffix](b"a\nb") + PACK[suffix](b"") + PACK[suffix](b"c\r\n\nd")
        assert [(n.number, n.data) for n in read_lines(io.BytesIO(packed))] == [(1, b"a"), (2, b"bc"), (3, b""), (4, b"d")]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_damage_in_the_middle_ends_the_file_with_a_reason(suffix: str) -> None:
    packed = bytearray(PACK[suffix](b"".join(b"%d\n" % (n * n) for n in range(30_000))))
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    lines = list(read_lines(io.BytesIO(bytes(packed))))
    assert lines[-1].problem in ("damaged file", "truncated file")


def test_a_bomb_is_read_in_bounded_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE", 1 << 20)
    for suffix in (".gz", ".zst"):
        bomb = PACK[suffix](b"0" * (200 << 20) + b"\nend")
        assert len(bomb) < 300_000
        assert all(len(block) <= 32 << 20 for block in lines_module.read_blocks(io.BytesIO(bomb)))
        first, last = read_lines(io.BytesIO(bomb))
        assert (first.problem, first.number, last.data, last.number) == ("line too long", 1, b"end", 2)


def test_bad_lines_are_set_aside_by_number_and_good_ones_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        b'\xef\xbb\xbf{"id":"a:1","title":"One"}',
        b'{"id":"a:2","title":',
        b"",
        b'{"id":"a:3","title":"\xff"}',
        b'{"id":"a:4","title":4}',
        b'{"id":"a:5","title":"Five","authors":"Ana"}',
        b'{"id":"a:6","title":"Six","authors":[1]}',
        b'{"id":"a:7","title":"Seven","details":{"pages":9}}',
        b'{"id":"a:8","title":"Eight","colour":"blue"}',
        b'{"id":"a:9"}',
        b"[1, 2]",
        b"null",
        b'{"id":"a:13","title":"\\ud800"}',
        b'{"id":"a:14","title":"Fourteen"}',
    )
    kept = [r.record.id for r in read(path) if isinstance(r.record, Document)]
    assert kept == ["a:1", "a:14"]
    assert reasons(path) == [
        ("2", "broken JSON"),
        ("4", "broken UTF-8"),
        ("5", "not a document"),
        ("6", "not a document"),
        ("7", "not a document"),
        ("8", "not a document"),
        ("9", "not a document"),
        ("10", "not a document"),
        ("11", "not a document"),
        ("12", "not a document"),
        ("13", "broken JSON"),
    ]


def test_a_text_over_the_limit_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.reading.MAX_TEXT", 10)
    path = write(tmp_path, b'{"id":"a","title":"A","text":"12345678901"}', b'{"id":"b","title":"B","text":"1234567890"}')
    assert reasons(path) == [("1", "text too long")]


def test_the_beir_layout_becomes_documents_of_the_folders_collection(tmp_path: Path) -> None:
    folder = tmp_path / "wells"
    folder.mkdir()
    (folder / "queries.jsonl").write_text('{"_id":"q1","text":"how deep"}', encoding="utf-8")
    corpus = (
        b'{"_id":"1","title":"Deep\\n wells","text":"They are.","metadata":{"url":"https://wells.example/","year":1999}}\n'
        b'{"_id":2,"title":"","text":"No title.","url":"https://wells.example/2"}\n'
        b'{"_id":"3","text":"Nor address."}\n'
        b'{"_id":"4","title":"","text":" "}\n{"_id":"","title":"x"}\n{"_id":"6","title":["x"]}\n'
        b'{"_id":"7","title":"x","metadata":[]}'
    )
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus))
    kept = [r.record for r in read(folder) if isinstance(r.record, Document)]
    assert kept == [
        Document(
            id="wells:1",
            title="Deep wells",
            text="They are.",
            url="https://wells.example/",
            collection="wells",
            details={"year": "1999"},
        ),
        Document(
            id="wells:2", title="https://wells.example/2", text="No title.", url="https://wells.example/2", collection="wells"
        ),
        Document(id="wells:3", title="wells:3", text="Nor address.", collection="wells"),
    ]
    assert reasons(folder) == [(n, "not a document") for n in "4567"]
    assert [r.record for r in read(folder / "corpus.jsonl.gz")][:3] == kept
    assert read(folder, "other")[0].record == replace(kept[0], id="other:1", collection="other")


def test_a_line_keeps_its_own_collection_unless_one_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"id":"a","title":"A","collection":"mine"}', b'{"id":"b","title":"B"}', name="notes.v2.jsonl")
    assert [r.record.collection for r in read(path) if isinstance(r.record, Document)] == ["mine", "notes"]
    assert [r.record.collection for r in read(path, "x") if isinstance(r.record, Document)] == ["x", "x"]


def test_a_corpus_directory_is_read_without_its_rejects(tmp_path: Path) -> None:
    (tmp_path / "documents-00001.jsonl.zst").write_bytes(PACK[".zst"](b'{"id":"a","title":"A"}\n'))
    (tmp_path / "rejects.jsonl").write_bytes(b'{"where":"x","reason":"y"}\n')
    assert [r.record for r in read(tmp_path)] == [Document(id="a", title="A", collection=tmp_path.name)]


def test_a_path_without_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no \.jsonl"):
        read(tmp_path)
    with pytest.raises(UsageError, match="no such file or folder"):
        read(tmp_path / "missing.jsonl")
