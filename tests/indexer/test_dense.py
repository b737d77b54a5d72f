"""Whatever the layout: the same scores, nothing that was deleted or filtered out, and nearly all of the nearest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from indexer import proposing
from indexer.build import build, encode
from indexer.deletion import delete
from indexer.dense import approximate
from indexer.dense.index import DenseIndex
from indexer.dense.layout import EXACT_UP_TO, LAYOUTS, cells, choose_layout, probes, rescored
from indexer.dense.stored import ROWS, StoredVectors
from indexer.dense.writing import write_dense
from indexer.errors import BuildError
from indexer.generation import current, verify
from indexer.index import Index
from indexer.merge import merge

DIM, PASSAGES = 32, 3_000
STRUCTURES = LAYOUTS[1:]


def clustered(count, seed=1):
    """Unit vectors in 40 clusters, (count, DIM) float32."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(0).normal(size=(40, DIM))
    vectors = middles[random.integers(40, size=count)] + 0.6 * random.normal(size=(count, DIM))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    """The same vectors in every layout, each asked through its structure however few passages there are."""
    opened = {}
    for layout in LAYOUTS:
        folder = tmp_path_factory.mktemp(layout)
        write_dense(folder, clustered(PASSAGES), layout)
        opened[layout] = replace(DenseIndex.open(folder, layout), scan_up_to=0)
    return opened


def nearest(queries, depth, allowed):
    """Brute force over the rows as they are stored."""
    cosines = clustered(PASSAGES).astype(np.float16).astype(np.float32) @ queries.T
    cosines[~allowed] = -2
    return [set(np.argsort(-column, kind="stable")[:depth].tolist()) for column in cosines.T]


masks = st.one_of(
    npst.arrays(np.bool_, PASSAGES, elements=st.booleans(), fill=st.booleans()),
    st.floats(0, 1).map(lambda share: np.random.default_rng(3).random(PASSAGES) < share),
)


@given(masks, st.integers(1, 200), st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_filters_hold_in_every_layout_and_scores_are_the_same_bits(laid_out, allowed, depth, seed):
    (query,) = clustered(1, seed)
    everyone = laid_out["exact"].cosines(np.arange(PASSAGES), query)
    for layout, dense in laid_out.items():
        (found,) = dense.search(query[None], depth, allowed)
        assert allowed[found].all(), layout
        assert len(set(found.tolist())) == len(found) <= min(depth, allowed.sum())
        scores = dense.cosines(found, query)
        assert np.array_equal(scores, everyone[found])
        assert np.all(np.diff(scores) <= 1e-6), "best first"


@pytest.mark.parametrize("layout", ["ivf-rabitq", "ivf-pq"])
def test_a_graph_finds_the_cells_that_comparing_finds_and_is_the_same_again(laid_out, layout, tmp_path, monkeypatch):
    monkeypatch.setattr(approximate, "GRAPH_FROM", 2)
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        write_dense(folder, clustered(PASSAGES), layout)
    files = [(tmp_path / name / approximate.structure_file(layout)).read_bytes() for name in ("one", "other")]
    assert files[0] == files[1]
    walked = replace(DenseIndex.open(tmp_path / "one", layout), scan_up_to=0)
    assert walked.proposer.walks
    assert not laid_out[layout].proposer.walks
    compared, found = (dense.search(clustered(20, 9), 50) for dense in (laid_out[layout], walked))
    assert np.mean([len(np.intersect1d(*pair)) / 50 for pair in zip(compared, found, strict=True)]) > 0.98


def test_many_segments_read_fewer_cells_each_and_score_their_part_again():
    assert [probes(cells(2_500_000), together) for together in (1, 2, 3, 4, 9)] == [256, 256, 128, 96, 96]
    assert probes(cells(400), 1) == cells(400).count
    assert [rescored(proposing.share(200, together), together) for together in (1, 2, 4, 8)] == [800, 400, 200, 100]


@given(st.floats(0, 1), st.integers(1, 100))
@settings(max_examples=20, deadline=None)
def test_a_small_selection_is_searched_exactly_in_every_layout(laid_out, share, depth):
    allowed = np.random.default_rng(5).random(PASSAGES) < share
    queries = clustered(4, seed=9)
    for dense in laid_out.values():
        found = replace(dense, scan_up_to=EXACT_UP_TO).search(queries, depth, allowed)
        for row, expected in zip(found, nearest(queries, depth, allowed), strict=True):
            assert len(row) == min(depth, allowed.sum())
            assert len(set(row.tolist()) & expected) >= len(row) - 1, "all but a tie in the last place"


@pytest.mark.parametrize("layout", STRUCTURES)
@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_nearly_all_of_the_nearest_are_found_under_any_filter(laid_out, layout, share):
    allowed = np.random.default_rng(6).random(PASSAGES) < share
    queries, depth = clustered(50, seed=11), 50
    found = laid_out[layout].search(queries, depth, allowed)
    hits = sum(len(set(row.tolist()) & expected) for row, expected in zip(found, nearest(queries, depth, allowed), strict=True))
    assert hits / (50 * depth) >= 0.95


@pytest.mark.parametrize("layout", LAYOUTS)
def test_as_many_are_found_as_are_asked_for_under_any_filter(laid_out, layout):
    random = np.random.default_rng(7)
    for share in (0.002, 0.02, 0.2):
        allowed = random.random(PASSAGES) < share
        for row in laid_out[layout].search(clustered(10, seed=15), 100, allowed):
            assert len(row) == min(100, allowed.sum())


def test_a_batch_finds_what_single_queries_find(laid_out):
    queries = clustered(20, seed=12)
    for dense in laid_out.values():
        alone = [dense.search(query[None], 10)[0].tolist() for query in queries]
        assert [row.tolist() for row in dense.search(queries, 10)] == alone


def test_a_score_does_not_depend_on_its_company(laid_out):
    (query,) = clustered(1, seed=13)
    stored = laid_out["exact"].stored
    together = stored.cosines(np.arange(100), query)
    assert [stored.cosines(np.array([i]), query)[0] for i in range(100)] == together.tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_vectors_give_the_same_files(tmp_path, layout):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_dense(tmp_path / name, clustered(800), layout)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted({ROWS, f"{layout}.faiss"} - {"exact.faiss"})
    if layout != "hnsw":  # a graph's edges depend on which thread comes first
        assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [0, 1, 31, 32, 50])
def test_a_segment_may_be_tiny(tmp_path, layout, count):
    layout = choose_layout(count, layout)
    write_dense(tmp_path, clustered(count).reshape(count, DIM), layout)
    dense = replace(DenseIndex.open(tmp_path, layout), scan_up_to=0)
    (found,) = dense.search(clustered(1), 10)
    assert len(found) <= min(count, 10)
    assert count == 0 or len(found) > 0


def test_rows_keep_eleven_bits_and_blocks_give_them_back(tmp_path):
    vectors = clustered(700)
    write_dense(tmp_path, vectors)
    dense = DenseIndex.open(tmp_path)
    assert np.array_equal(np.concatenate(list(dense.blocks())), vectors.astype(np.float16).astype(np.float32))
    chosen = np.arange(700) % 3 == 0
    assert np.array_equal(np.concatenate(list(dense.blocks(chosen))), vectors[chosen].astype(np.float16).astype(np.float32))


def test_a_segment_of_the_first_format_opens_with_its_float32_vectors(tmp_path):
    import faiss

    vectors = clustered(500)
    index = faiss.IndexFlatIP(DIM)
    index.add(vectors)
    faiss.write_index(index, str(tmp_path / "dense.faiss"))
    stored = StoredVectors.open(tmp_path)
    assert np.array_equal(stored.floats(np.arange(500)), vectors)
    assert stored.nearest(vectors[:3], 1) == [[0], [1], [2]]


def test_auto_scans_small_segments_and_cells_never_outnumber_what_they_learn_from():
    assert choose_layout(EXACT_UP_TO) == "exact"
    assert choose_layout(EXACT_UP_TO + 1) == "ivf-rabitq"
    assert all(1 <= cells(n).probed <= cells(n).count <= max(1, n // 39) for n in (1, 40, 10_000, 1_000_000, 20_000_000))


def test_product_codes_refuse_vectors_they_cannot_cut_in_fours(tmp_path):
    with pytest.raises(BuildError, match="multiple of 4, not 6; use ivf-rabitq"):
        write_dense(tmp_path, np.eye(6, dtype=np.float32), "ivf-pq")


@pytest.fixture
def index(tmp_path, monkeypatch, letters):
    from benchmarks.corpora import write_generated

    monkeypatch.setenv("STEPWELL_CACHE", str(tmp_path / "cache"))
    write_generated(tmp_path / "corpus", 60)
    build([tmp_path / "corpus"], tmp_path / "index", letters)
    return tmp_path / "index"


def test_an_index_takes_another_layout_without_encoding_and_without_changing_a_score(index, letters):
    query = letters.encode(["some words of a query"], "query")
    with Index.open(index) as before:
        everything = np.arange(before.manifest.passages)
        cosines = before.cosines(everything, query[0])
    for layout in (*STRUCTURES, "exact"):
        report = encode(index, letters, layout)
        assert {entry.layout for entry in report.manifest.segments} == {layout}
        with Index.open(index) as after:
            assert [segment.dense.layout for segment in after.segments] == [layout]
            assert np.array_equal(after.cosines(everything, query[0]), cosines)
            assert len(after.dense_candidates(query, 5)[0]) == 5
        assert not encode(index, letters, layout).fresh


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_deleted_never_come_back_through_a_merge_or_a_structure(index, layout, letters):
    encode(index, letters, layout)
    delete(index, [f"zipf:{n}" for n in range(0, 60, 2)])
    for _ in range(2):
        with Index.open(index) as reader:
            dense = [replace(segment.dense, scan_up_to=0) for segment in reader.segments]
            live = [segment.live_passages for segment in reader.segments]
            query = letters.encode(["some words"], "query")
            for one, mask in zip(dense, live, strict=True):
                (found,) = one.search(query, 1_000, mask)
                assert mask is None or mask[found].all()
            found = reader.documents_of(reader.dense_candidates(query, 1_000)[0])
            assert len(found)
            assert all(int(doc_id.partition(":")[2]) % 2 for doc_id in reader.ids(found))
        merge(index, everything=True, layout=layout)


@pytest.mark.parametrize("layout", STRUCTURES)
def test_a_flipped_bit_in_rows_or_structure_is_found(index, layout, letters):
    encode(index, letters, layout)
    manifest = current(index)
    (entry,) = manifest.segments
    for name in (ROWS, f"{layout}.faiss"):
        path = index / "segments" / entry.name / entry.vectors / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
        broken = [at for at, error in verify(index, manifest) if error]
        assert broken == [path]
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
