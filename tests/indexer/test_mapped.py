"""A mapped array is the one that numpy wrote, or an error; never another one."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from indexer.build import build
from indexer.deletion import delete
from indexer.index import Index
from indexer.mapped import _dtype, mapped
from indexer.names import NAME
from indexer.segment import PASSAGE

dtypes = st.sampled_from(["|u1", "|b1", "<u2", "<u4", "<i8", "<u8", "<f2", "<f4", NAME, PASSAGE]).map(np.dtype)
arrays = st.tuples(dtypes, npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=40)).flatmap(
    lambda of: st.binary(min_size=8, max_size=8).map(lambda seed: _drawn(*of, seed))
)


def _drawn(dtype: np.dtype, shape: tuple[int, ...], seed: bytes) -> np.ndarray:
    size = dtype.itemsize * int(np.prod(shape))
    content = np.random.default_rng(int.from_bytes(seed, "little")).integers(0, 2, size, np.uint8)
    return content.view(dtype).reshape(shape) if size else np.empty(shape, dtype)


@given(arrays)
@settings(max_examples=60, deadline=None)
def test_what_was_saved_is_mapped_and_cannot_be_changed(tmp_path_factory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("mapped") / "a.npy"
    np.save(path, np.ascontiguousarray(array))
    found = mapped(path)
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert not found.size or not found.flags.writeable


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_that_is_cut_is_an_error_and_never_a_shorter_array(tmp_path_factory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.npy"
    np.save(path, np.arange(100))
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises((ValueError, TypeError)):
        mapped(path)


def test_an_index_opens_without_the_parser_that_fails_in_threads(
    tiny_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([tiny_corpus], tmp_path / "index", None)
    delete(tmp_path / "index", ["tiny:1"])

    def failing(_: object) -> object:
        raise SystemError("AST constructor recursion depth mismatch")

    monkeypatch.setattr(ast, "literal_eval", failing)
    _dtype.cache_clear()
    with Index.open(tmp_path / "index") as index:
        assert index.find("tiny:2")
        assert index.find("tiny:1") is None


@pytest.mark.parametrize("array", [np.asfortranarray(np.ones((3, 4))), np.array([{}], object)])
def test_other_orders_and_objects_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=r"row by row|Python objects"):
        mapped(tmp_path / "a.npy")
