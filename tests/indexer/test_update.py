"""An index that was updated is the index that would have been built."""

from __future__ import annotations

from pathlib import Path

import pytest

import stepwell
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import BuildError, EncoderMismatch, NoSuchGeneration
from indexer.generation import current, manifest_paths, verify
from indexer.history import rollback
from indexer.index import Index
from indexer.merge import merge
from indexer.restriction import Restriction
from indexer.update import add
from ranker.query import Filters, Query
from ranker.ranking import Ranking
from ranker.search import Searcher

QUERIES = ["tide table height", "boil water", "moon", "sourdough bread", "honey in winter", "brake pads"]


def _corpus(path: Path, documents: list[Document], deleted: tuple[str, ...] = ()) -> Path:
    with CorpusWriter(path) as writer:
        for document in documents:
            writer.add(document)
        for doc_id in deleted:
            writer.delete(doc_id)
    return path


def _hits(index: Path, filters: Filters | None = None, encoder: Encoder | None = None) -> list[list[tuple[str, float]]]:
    with Searcher.open(index, authority="off", encoder=encoder) as searcher:
        found = searcher.search([Query(q, k=50, filters=filters or Filters()) for q in QUERIES])
    return [[(h.doc_id, h.score) for h in r.hits] for r in found if isinstance(r, Ranking)]


def _sound(index: Path) -> bool:
    return all(error is None for _, error in verify(index, current(index)))


@pytest.fixture
def grown(tiny_documents: list[Document], tmp_path: Path) -> tuple[Path, Path]:
    """An index grown by adding, changing, deleting; and one built at once from what is left."""
    corpus = _corpus(tmp_path / "corpus", tiny_documents[:6])
    build([corpus], tmp_path / "grown", None)
    changed = Document(
        id="tiny:1", title="Reading a moon table", text="The moon and nothing else.", collection="tiny", kind="page"
    )
    _corpus(corpus, [changed, *tiny_documents[6:]])
    _corpus(corpus, [], ("tiny:2",))
    add([corpus], tmp_path / "grown", None)
    delete(tmp_path / "grown", ["tiny:7"])
    left = [changed if d.id == "tiny:1" else d for d in tiny_documents if d.id not in ("tiny:2", "tiny:7")]
    build([_corpus(tmp_path / "left", left)], tmp_path / "built", None)
    return tmp_path / "grown", tmp_path / "built"


def test_scores_after_updates_are_those_of_an_index_built_at_once(grown: tuple[Path, Path]) -> None:
    updated, built = grown
    assert len(current(updated).segments) == 2
    assert _hits(updated) == _hits(built)
    assert _sound(updated)


def test_filters_and_fetch_do_not_see_the_deleted(grown: tuple[Path, Path]) -> None:
    updated, built = grown
    assert _hits(updated, Filters(kinds=("page",))) == _hits(built, Filters(kinds=("page",)))
    with Index.open(updated) as reader:
        assert reader.find("tiny:2") is None
        assert reader.find("tiny:7") is None
        found = reader.find("tiny:1")
        assert found is not None
        assert found.title == "Reading a moon table"
        assert current(updated).documents == 10


def test_a_merge_changes_nothing_but_the_number_of_segments(grown: tuple[Path, Path]) -> None:
    updated, built = grown
    before = _hits(updated)
    merged = merge(updated, everything=True)
    assert len(merged.report.manifest.segments) == 1
    assert merged.report.manifest.segments[0].deleted == ""
    assert _hits(updated) == before == _hits(built)
    assert merge(updated, everything=True).report.fresh is False
    assert _sound(updated)


def test_vectors_are_made_for_new_documents_only_and_survive_a_merge(
    tiny_documents: list[Document], tmp_path: Path, encoder: Encoder
) -> None:
    corpus = _corpus(tmp_path / "corpus", tiny_documents[:8])
    build([corpus], tmp_path / "grown", encoder)
    _corpus(corpus, tiny_documents[8:])
    assert add([corpus], tmp_path / "grown", encoder).added == 4
    delete(tmp_path / "grown", ["tiny:0", "tiny:9"])
    left = [d for d in tiny_documents if d.id not in ("tiny:0", "tiny:9")]
    build([_corpus(tmp_path / "left", left)], tmp_path / "built", encoder)
    assert _hits(tmp_path / "grown", encoder=encoder) == _hits(tmp_path / "built", encoder=encoder)
    merge(tmp_path / "grown", everything=True)
    assert _hits(tmp_path / "grown", encoder=encoder) == _hits(tmp_path / "built", encoder=encoder)
    with pytest.raises(EncoderMismatch, match="was encoded with all-MiniLM"):
        add([corpus], tmp_path / "grown", None)


def test_an_addition_of_nothing_new_commits_nothing(tiny_corpus: Path, tmp_path: Path) -> None:
    build([tiny_corpus], tmp_path / "i", None)
    changes = add([tiny_corpus], tmp_path / "i", None)
    assert (changes.unchanged, changes.report.fresh) == (12, False)
    assert current(tmp_path / "i").number == 1
    assert delete(tmp_path / "i", ["no such id"]).report.fresh is False


def test_of_an_id_that_two_corpora_have_the_first_one_counts_and_a_second_addition_settles(tmp_path: Path) -> None:
    def document(doc_id: str, title: str) -> Document:
        return Document(id=doc_id, title=title)

    first = _corpus(tmp_path / "a", [document("x", "tide table"), document("a", "moon")])
    second = _corpus(tmp_path / "b", [document("x", "honey"), document("b", "bread")])
    build([_corpus(tmp_path / "c", [document("c", "brake pads")])], tmp_path / "i", None)
    changes = add([first, second], tmp_path / "i", None)
    assert (changes.added, changes.changed, changes.report.set_aside) == (3, 0, {"id already indexed": 1})
    for _ in range(2):
        again = add([first, second], tmp_path / "i", None)
        assert (again.added, again.changed, again.unchanged, again.report.fresh) == (0, 0, 3, False)
    assert _title_of(tmp_path / "i", "x") == "tide table"
    assert add([second, first], tmp_path / "i", None).changed == 1
    assert _title_of(tmp_path / "i", "x") == "honey"


def test_a_document_withdrawn_from_one_corpus_stays_while_another_one_has_it(tmp_path: Path) -> None:
    first = _corpus(tmp_path / "a", [Document(id="x", title="tide"), Document(id="a", title="moon")])
    second = _corpus(tmp_path / "b", [Document(id="x", title="honey"), Document(id="b", title="bread")])
    build([first, second], tmp_path / "i", None)
    _corpus(first, [], ("x",))
    changes = add([first, second], tmp_path / "i", None)
    assert (changes.added, changes.changed, changes.deleted) == (0, 1, 0)
    assert _title_of(tmp_path / "i", "x") == "honey"
    assert add([first, second], tmp_path / "i", None).report.fresh is False
    _corpus(second, [], ("x",))
    assert add([first, second], tmp_path / "i", None).deleted == 1
    assert _title_of(tmp_path / "i", "x") is None
    assert add([first, second], tmp_path / "i", None).report.fresh is False


def _title_of(index: Path, doc_id: str) -> str | None:
    with Index.open(index) as reader:
        found = reader.find(doc_id)
    return found.title if found else None


def test_a_collection_can_be_deleted_and_the_deletion_rolled_back(tiny_documents: list[Document], tmp_path: Path) -> None:
    other = [Document(id="other:1", title="Tide and time", collection="other")]
    build([_corpus(tmp_path / "a", tiny_documents), _corpus(tmp_path / "b", other)], tmp_path / "i", None)
    before = _hits(tmp_path / "i")
    assert delete(tmp_path / "i", restriction=Restriction(collections=("tiny",))).deleted == 12
    assert {doc_id for hits in _hits(tmp_path / "i") for doc_id, _ in hits} <= {"other:1"}
    assert rollback(tmp_path / "i", 1).number == 3
    assert _hits(tmp_path / "i") == before
    with pytest.raises(NoSuchGeneration, match="there are 1, 2"):
        rollback(tmp_path / "i", 9)
    with pytest.raises(BuildError, match="nothing would be left"):
        delete(tmp_path / "i", restriction=Restriction(collections=("tiny", "other")))


def test_where_most_is_deleted_the_rest_is_still_found(tmp_path: Path) -> None:
    documents = [Document(id=str(i), title=f"tide {'tide ' * (i % 7)}{i}") for i in range(600)]
    build([_corpus(tmp_path / "c", documents)], tmp_path / "i", None)
    delete(tmp_path / "i", [str(i) for i in range(600) if i % 50])
    with Searcher.open(tmp_path / "i", authority="off") as searcher:
        (ranking,) = searcher.search([Query("tide", k=20)])
    assert isinstance(ranking, Ranking)
    assert {h.doc_id for h in ranking.hits} == {str(i) for i in range(0, 600, 50)}


def test_the_command_line_adds_deletes_merges_and_rolls_back(
    tiny_documents: list[Document], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, index = _corpus(tmp_path / "c", tiny_documents[:6]), str(tmp_path / "i")
    build([corpus], tmp_path / "i", None)
    _corpus(corpus, tiny_documents[6:])
    for command in (["add", str(corpus)], ["delete", "tiny:1"], ["merge", "--all"], ["history"], ["rollback", "3"], ["verify"]):
        assert stepwell.main(["indexer", *command, "--index", index]) == 0
    assert stepwell.main(["indexer", "gc", "--index", index]) == 0
    assert len(manifest_paths(tmp_path / "i")) == 1
    assert stepwell.main(["indexer", "verify", "--index", index]) == 0
    said = capsys.readouterr().out
    assert "6 added, 6 unchanged" in said
    assert "1 deleted" in said
    assert "11 documents, 11 passages, 1 segments" in said
    assert "with the content of generation 3" in said
