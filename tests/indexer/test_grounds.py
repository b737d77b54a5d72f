"""Damage is never written again under a fresh sum: whoever would build on a damaged file refuses and leaves the evidence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import stepwell
from indexer.build import build, encode
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import ChecksumError
from indexer.generation import current
from indexer.index import Index
from indexer.merge import merge
from indexer.repair import repair
from indexer.restriction import Restriction
from indexer.update import add


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty documents and thirty more."""
    corpus = tmp_path_factory.mktemp("grounds") / "corpus"
    _write(corpus, range(60))
    return corpus


def _write(corpus: Path, numbers: range) -> None:
    with CorpusWriter(corpus) as writer:
        for i in numbers:
            writer.add(Document(id=f"x:{i}", title=f"tide {i}", text=f"moon and water {i}", collection="c", published="2020"))


@pytest.fixture(scope="module")
def sound(corpus: Path, letters: Encoder) -> Path:
    """Two segments with vectors, two documents deleted from the first."""
    index = corpus.with_name("index")
    build([corpus], index, letters)
    _write(corpus, range(60, 90))
    add([corpus], index, letters)
    delete(index, ["x:3", "x:5"])
    return index


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(sound, tmp_path / "index")


def _flip(index: Path, name: str) -> Path:
    """Flip a bit near the end of a file of the first segment."""
    (path,) = sorted((index / "segments" / current(index).segments[0].name).glob(name))
    content = bytearray(path.read_bytes())
    content[-57] ^= 1
    path.write_bytes(content)
    return path


Writer = Callable[[Path, Path, Encoder], object]


def _delete(index: Path, corpus: Path, encoder: Encoder) -> object:
    return delete(index, ["x:40"])


def _delete_collection(index: Path, corpus: Path, encoder: Encoder) -> object:
    return delete(index, restriction=Restriction(collections=("c",), end_day=1))


def _add(index: Path, corpus: Path, encoder: Encoder) -> object:
    return add([corpus], index, encoder)


def _merge(index: Path, corpus: Path, encoder: Encoder) -> object:
    return merge(index, everything=True)


def _lay_out(index: Path, corpus: Path, encoder: Encoder) -> object:
    return encode(index, encoder, "hnsw")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("deleted-*.npy", _delete),
        ("deleted-*.npy", _add),
        ("deleted-*.npy", _merge),
        ("df-*.npy", _delete),
        ("forward/counts.npy", _delete),
        ("passages.npy", _delete),
        ("columns.npy", _delete_collection),
        ("columns.npy", _merge),
        ("documents/numbers.npy", _delete),
        ("documents/contents.npy", _add),
        ("documents/records.zst", _merge),
        ("vectors-*/vectors.npy", _merge),
        ("vectors-*/vectors.npy", _lay_out),
    ],
)
def test_no_writer_builds_on_a_damaged_file(index: Path, corpus: Path, letters: Encoder, name: str, write: Writer) -> None:
    before, path = current(index), _flip(index, name)
    damaged = path.read_bytes()
    with pytest.raises(ChecksumError, match=rf"{path.name} is damaged.*nothing was committed; run: .*indexer repair"):
        write(index, corpus, letters)
    assert current(index) == before
    assert path.read_bytes() == damaged


def test_vectors_of_another_encoder_are_not_made_of_damaged_texts(index: Path) -> None:
    class Others:
        name, fingerprint, precision, dim = "others", "07e5" * 8, "float32", 28

        def encode(self, texts: object, role: object = "passage") -> object:
            raise AssertionError("nothing should be encoded")

    _flip(index, "passages.npy")
    with pytest.raises(ChecksumError, match=r"passages.npy is damaged"):
        encode(index, Others())  # type: ignore[arg-type]  # it is never asked


def test_a_writer_goes_on_after_a_repair_and_what_was_deleted_stays_deleted(index: Path, letters: Encoder) -> None:
    _flip(index, "df-*.npy")
    assert stepwell.main(["indexer", "delete", "x:40", "--index", str(index)]) == 1
    repair(index, lambda _: letters)
    assert delete(index, ["x:40"]).deleted == 1
    merge(index, everything=True)
    with Index.open(index) as reader:
        assert [reader.locate(doc_id) for doc_id in ("x:3", "x:5", "x:40")] == [None] * 3
        assert reader.locate("x:20") is not None
        assert reader.manifest.documents == 87
