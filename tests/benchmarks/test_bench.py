"""The three benchmarks on small real data: every figure they promise, and an honest exit."""

from __future__ import annotations

import math
from pathlib import Path

import orjson
import pytest

from benchmarks.cli import main
from benchmarks.corpora import first_documents, write_generated
from benchmarks.latency.queries import LENGTHS, queries_from
from benchmarks.result import Result
from benchmarks.scale.lexical import lexical
from indexer.index import Index
from ranker.query import Query


def rows(path: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_quality_gives_every_system_beside_bm25(tmp_path: Path, encoder: object) -> None:
    assert main(["quality", "--quick", "--out", str(tmp_path / "rows")]) == 0
    found = {(row["name"], row["unit"]): row for row in rows(tmp_path / "rows")}
    systems = ("bm25", "dense", "rrf", "hybrid", "hybrid+authority")
    assert found.keys() > {(f"sample {s}", m) for s in systems for m in ("nDCG@10", "R@100", "RR@10", "AP@100")}
    for peer in ("bm25", "dense", "rrf"):
        difference = found[f"sample hybrid - {peer}", "nDCG@10, difference"]
        gained = found["sample hybrid", "nDCG@10"]["value"] - found[f"sample {peer}", "nDCG@10"]["value"]
        assert difference["value"] == pytest.approx(gained, abs=1e-5)
    for table in ("real", "shuffled", "inverted", "random", "adversarial", "clairvoyant"):
        row = found[f"sample authority {table}", "nDCG@10, on - off"]
        assert row["parameters"]["worst_gap"] <= math.tanh(row["parameters"]["delta"] / 4)
        assert 0 <= row["parameters"]["listed_off"] <= 1
    hybrid, bm25 = found["sample hybrid", "nDCG@10"], found["sample bm25", "nDCG@10"]
    assert hybrid["low"] < hybrid["value"] < hybrid["high"]
    assert hybrid["ratio_to"] == "bm25"
    assert hybrid["ratio"] == pytest.approx(hybrid["value"] / bm25["value"], rel=1e-4)
    assert hybrid["parameters"]["vs_bm25"] == pytest.approx(hybrid["value"] - bm25["value"], abs=1e-5)


def test_latency_asks_a_real_server_what_it_asks_in_process(tmp_path: Path, tiny_index: Path) -> None:
    assert main(["latency", "--index", str(tiny_index), "--queries", "10", "--out", str(tmp_path / "rows")]) == 0
    found = {(row["name"], row["unit"]): row for row in rows(tmp_path / "rows")}
    settings = [f"{length}, batch {batch}" for length in ("short", "long") for batch in (1, 32)]
    speeds = {
        (f"{side}, {setting}", unit)
        for side in ("in process", "gRPC")
        for setting in settings
        for unit in ("queries/s", "p50 ms/call")
    }
    lengths = ("short", "long")
    stages = {(f"stage {s}, {n}, batch 1", "ms") for s in ("lexical", "features", "rank", "hits") for n in lengths}
    each = {key for key in found if key[1] == "us/candidate"}
    assert found.keys() == speeds | stages | each
    assert {name.partition(",")[0] for name, _ in each} == {"rank", "trust"}
    wire = found["gRPC, short, batch 32", "queries/s"]
    assert wire["ratio_to"] == "the index in process"
    assert wire["parameters"]["queries"] >= 10
    assert str(tmp_path) not in (tmp_path / "rows").read_text()
    assert str(tiny_index.parent) not in (tmp_path / "rows").read_text()
    shares = [found[stage]["ratio"] for stage in stages if "short" in stage[0]]
    assert sum(shares) == pytest.approx(1, abs=1e-4)


def test_latency_without_an_index_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency"]) == 2
    assert "--index" in capsys.readouterr().err


def test_scale_measures_a_corpus_beside_its_peers(tmp_path: Path, tiny_corpus: Path) -> None:
    from benchmarks.scale.processes import held_to_cores

    out = tmp_path / "rows"
    assert main(["scale", "--quick", "--corpus", str(tiny_corpus), "--encoder", "none", "--out", str(out)]) == 0
    found: dict[object, list[dict[str, object]]] = {}
    for row in rows(out):
        found.setdefault(row["name"], []).append(row)
    assert len({row["ratio_to"] for row in found["lexical build"]}) == 3
    assert len({row["ratio_to"] for row in found["whole build command, lexical, processes"]}) == (2 if held_to_cores() else 1)
    parts = {name: row["value"] for name, (row, *_) in found.items() if str(name).startswith("size of")}
    assert parts.keys() == {f"size of {part}" for part in ("documents", "forward", "lexical", "columns", "vectors")}
    assert parts["size of vectors"] == pytest.approx(2 * 384, rel=0.01)
    (memory,) = found["peak memory of the build, lexical"]
    assert 10 < memory["value"] < 10_000  # a build that imports numpy and tantivy has more, no machine for tests has as much
    assert {"read a corpus", "open an index, lexical", "whole build command, lexical"} < found.keys()


def test_the_memory_of_a_build_is_its_own_and_not_ours(tmp_path: Path, tiny_corpus: Path) -> None:
    from benchmarks.scale.footprint import footprint

    lean = {r.name: r.value for r in footprint(tiny_corpus, 12, {})}
    ballast = bytearray(b"x") * 300_000_000
    fat = {r.name: r.value for r in footprint(tiny_corpus, 12, {})}
    assert len(ballast) == 300_000_000
    assert fat["peak memory of the build, lexical"] < lean["peak memory of the build, lexical"] + 100


def test_encoding_is_measured_beside_the_bare_runtime(encoder: object, tmp_path: Path, tiny_corpus: Path) -> None:
    from benchmarks.scale.encoding import encoding

    (result,) = encoding(first_documents(tiny_corpus, 12), 12, 1, encoder, {})
    assert isinstance(result, Result)
    assert result.ratio_to == "ONNX Runtime on ready batches"
    assert result.parameters["texts"] == 12


def test_generated_documents_are_the_same_whatever_their_number(tmp_path: Path) -> None:
    write_generated(tmp_path / "few", 5)
    write_generated(tmp_path / "more", 9)
    few, more = first_documents(tmp_path / "few", 100), first_documents(tmp_path / "more", 100)
    assert (len(few), len(more)) == (5, 9)
    assert {d.id: d for d in few}.items() <= {d.id: d for d in more}.items()


def test_lexical_build_counts_the_passages_of_all_contestants(tmp_path: Path) -> None:
    write_generated(tmp_path / "corpus", 40)
    results = list(lexical(first_documents(tmp_path / "corpus", 40), 1, {}))
    assert {r.parameters["passages"] for r in results} == {40}
    assert len({r.value for r in results}) == 1


def test_queries_have_the_length_they_are_named_for_and_repeat(tiny_index: Path) -> None:
    with Index.open(tiny_index) as index:
        for length, (low, high) in LENGTHS.items():
            queries = queries_from(index, length, 50)
            assert all(low <= len(query.split()) <= high for query in queries)
            assert all(Query(query).text for query in queries)
            assert queries == queries_from(index, length, 50)
            assert len(set(queries)) > 40
