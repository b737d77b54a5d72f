"""An author is found as people write names."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.bylines import Bylines, BylinesWriter
from indexer.document import Document

BYLINES = [
    ("Jane Q. Smith", "Anders Ångström"),
    ("J. Smith",),
    (),
    ("John Smithson", "Wei Li"),
    ("Li Wei Smith",),
    ("王小明",),
    ("Anders Søgaard", "Łukasz Æsop"),
    ("A. Sogaard", "L. Aesop"),
    ("Фёдор Tolstøj",),
]


@pytest.fixture(scope="module")
def bylines(tmp_path_factory: pytest.TempPathFactory) -> Bylines:
    """Nine documents."""
    writer, folder = BylinesWriter(), tmp_path_factory.mktemp("b") / "bylines"
    for i, authors in enumerate(BYLINES):
        writer.add(Document(str(i), title="t", authors=authors))
    writer.write(folder)
    return Bylines.open(folder)


@pytest.mark.parametrize(
    ("author", "documents"),
    [
        ("smith", [0, 1, 4]),
        ("Jane Smith", [0, 1]),
        ("Smith, J.", [0, 1]),
        ("John Smith", [1]),
        ("angstrom", [0]),
        ("Ångström", [0]),
        ("A. Ångström", [0]),
        ("Jane Ångström", []),  # two people
        ("Li", [3, 4]),
        ("Wei Li", [3, 4]),
        ("smit", []),
        ("王小明", [5]),
        ("Q", [0]),
        ("Anders Søgaard", [6, 7]),
        ("Anders Sogaard", [6, 7]),
        ("sogaard", [6, 7]),
        ("Søgaard", [6, 7]),
        ("lukasz", [6]),
        ("Ł. Æsop", [6, 7]),
        ("aesop", [6, 7]),
        ("Anders Æsop", []),
        ("федор tolstoj", [8]),
        ("Фёдор Tolstøj", [8]),
        ("?", []),
    ],
)
def test_authors(bylines: Bylines, author: str, documents: list[int]) -> None:
    assert bylines.by(author).nonzero()[0].tolist() == documents


def test_a_segment_without_any_author_has_none(tmp_path: Path) -> None:
    writer = BylinesWriter()
    writer.add(Document("a", title="t"))
    writer.write(tmp_path / "bylines")
    assert Bylines.open(tmp_path / "bylines").by("smith").tolist() == [False]
