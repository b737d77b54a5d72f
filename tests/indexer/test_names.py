"""A work is found by any of its names, however they are spelt."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.index import Index
from indexer.names import MAX_NAMES, names_in, names_of
from indexer.restriction import Restriction

IDENTIFIERS = {"doi": "10.1000/Tides.2019", "pmid": "31415"}
WORKS = [
    Document(
        "w:1",
        "Tides of the northern fjords",
        "Spring tides.",
        "paper",
        identifiers={"doi": "10.1000/Tides.2019", "pmid": "31415"},
    ),
    Document("w:2", "Baking at altitude", "Water boils early.", "paper", identifiers={"arxiv": "2101.00042v2"}),
    Document("w:3", "Bees", "Bees in winter and the tides of honey.", "page"),
    Document("acl:P19-1001", "On the tides of northern words", "Words.", "paper"),
    Document("w:5", "Tides of the northern fjords", "A second work of the same title.", "paper", collection="other"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    with CorpusWriter(folder / "corpus") as writer:
        for work in WORKS:
            writer.add(work)
    build([folder / "corpus"], folder / "index", None)
    return folder / "index"


def _found(index: Path, text: str, restriction: Restriction | None = None) -> set[str]:
    with Index.open(index) as reader:
        return {document.id for document in reader.documents(np.array(list(reader.named(text, restriction)), np.int64))}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("10.1000/tides.2019", {"w:1"}),
        ("https://doi.org/10.1000/TIDES.2019", {"w:1"}),
        ("what does 10.1000/tides.2019, say of fjords?", {"w:1"}),
        ("PMID: 31415", {"w:1"}),
        ("https://pubmed.ncbi.nlm.nih.gov/31415/", {"w:1"}),
        ("31415", set()),
        ("2101.00042", {"w:2"}),
        ("arXiv:2101.00042v7", {"w:2"}),
        ("https://arxiv.org/abs/2101.00042", {"w:2"}),
        ("https://arxiv.org/pdf/2101.00042v1.pdf", {"w:2"}),
        ("2101.000421", set()),
        ("p19-1001", {"acl:P19-1001"}),
        ("https://aclanthology.org/P19-1001/", {"acl:P19-1001"}),
        ("acl:P19-1001", {"acl:P19-1001"}),
        ("tides of the northern fjords", {"w:1", "w:5"}),
        ("Tides of the Northern Fjords.", {"w:1", "w:5"}),
        ("bees", set()),
        ('"bees"', {"w:3"}),
        ("“Baking at altitude” or elsewhere", {"w:2"}),
        ("baking at altitude", set()),
        ("Holm et al. 2019 tides of the northern fjords", {"w:1", "w:5"}),
        ("Holm et al. (2019): Tides of the Northern Fjords", {"w:1", "w:5"}),
        ("Holm, Bye and Voss (2019). Tides of the Northern Fjords. Coastal Letters 2019.", {"w:1", "w:5"}),
        ("Tides of the Northern Fjords (Holm et al., 2019)", {"w:1", "w:5"}),
        ("tides of the northern fjords by Holm et al.", {"w:1", "w:5"}),
        ("Tides of the Northern Fjords, Coastal Letters 2019", {"w:1", "w:5"}),
        ("tides of the northern fjords 2019", {"w:1", "w:5"}),
        ("Title: Tides of the northern fjords", {"w:1", "w:5"}),
        ("[12] Tides of the northern fjords", {"w:1", "w:5"}),
        ("Holm et al. 2019 baking at altitude", set()),
        ("Holm et al. on tides of the northern fjords", set()),
    ],
)
def test_a_name_finds_its_work_in_every_spelling_and_nothing_else(index: Path, text: str, ids: set[str]) -> None:
    assert _found(index, text) == ids


def test_filters_and_deletions_hold_for_names_too(index: Path, tmp_path: Path) -> None:
    assert _found(index, "tides of the northern fjords", Restriction(collections=("other",))) == {"w:5"}
    copy = shutil.copytree(index, tmp_path / "copy")
    delete(copy, ["w:1"])
    assert _found(copy, "10.1000/tides.2019") == set()


@given(st.text(max_size=300))
def test_any_text_may_be_searched_for_names(text: str) -> None:
    assert len(names_in(text)) <= MAX_NAMES


@given(st.text(alphabet="abcdefg hij", min_size=1, max_size=60).filter(str.strip))
def test_a_quoted_title_is_a_name_of_its_document(title: str) -> None:
    assert names_of(Document("x:1", title)) & set(names_in(f'"{title}"'))
