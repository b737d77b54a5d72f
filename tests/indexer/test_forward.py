"""The forward index agrees with counting by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.forward import ForwardIndex, ForwardWriter
from indexer.hash64 import hashes64

passages = st.lists(st.lists(st.sampled_from("abcdefghijk"), max_size=30), min_size=1, max_size=20)


def _index(folder: Path, rows: list[list[str]]) -> ForwardIndex:
    writer, terms = ForwardWriter(), sorted({term for row in rows for term in row})
    for block in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        pairs = [(row, terms.index(term)) for row, held in enumerate(block) for term in held]
        mixed = np.array(sorted(pairs, key=lambda pair: pair[1]), np.int64).reshape(-1, 2)  # rows may come in any order
        writer.add(len(block), mixed[:, 0], mixed[:, 1])
    writer.write(folder, hashes64(terms))
    return ForwardIndex.open(folder)


@given(rows=passages, asked=st.lists(st.sampled_from("abcdefxyz"), unique=True, max_size=6), data=st.data())
def test_frequencies_are_those_of_the_passages(tmp_path_factory, rows, asked, data) -> None:
    index = _index(tmp_path_factory.mktemp("f") / "forward", rows)
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10))
    ids, df = index.look_up(asked)
    found = index.frequencies(np.array(numbers, np.int64), ids)
    assert found.tolist() == [[Counter(rows[n])[term] for term in asked] for n in numbers]
    assert df.tolist() == [sum(term in row for row in rows) for term in asked]
    assert index.lengths.tolist() == [len(row) for row in rows]


def test_a_segment_without_any_term_answers_zero(tmp_path: Path) -> None:
    index = _index(tmp_path / "f", [[], []])
    ids, df = index.look_up(["a"])
    assert ids.tolist() == [-1]
    assert df.tolist() == [0]
    assert index.frequencies(np.array([0, 1]), ids).tolist() == [[0.0], [0.0]]
