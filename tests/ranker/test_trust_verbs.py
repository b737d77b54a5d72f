"""Auditing a table and trying a change of it, on the sample corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

import stepwell
from authority.errors import AuthorityError
from authority.table import Table
from authority.tables import shipped_path
from indexer.build import build
from ranker.errors import EvaluationError
from ranker.proof.query_log import QueryLog
from ranker.proof.trial import Wording, changed_table

SAMPLE = Path(__file__).resolve().parents[2] / "crawler" / "sample"
ON_SAMPLE = ["--queries", str(SAMPLE / "queries.jsonl"), "--qrels", str(SAMPLE / "qrels.tsv"), "--table", "sample"]


@pytest.fixture(scope="module")
def lexical(sample_corpus: Path) -> list[str]:
    """Options that name a lexical index of the sample corpus."""
    build([sample_corpus], sample_corpus.parent / "lexical", None)
    return ["--index", str(sample_corpus.parent / "lexical")]


def _json(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert stepwell.main(["authority", *args, "--json"]) == 0
    record: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return record


def test_an_audit_shows_more_of_the_listed_and_counts_every_place(lexical: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "audit", *lexical, *ON_SAMPLE, "--delta", "0.05")
    shown = found["exposures"]
    assert set(shown) == {"off", "table", "shuffled", "inverted"}
    assert shown["inverted"]["listed"] < shown["off"]["listed"] < shown["table"]["listed"]
    assert shown["off"]["overlap"] == pytest.approx(1)
    assert found["effects"]["table"]["changed"] > 0
    places = sum(group["on"] for group in found["languages"])
    assert places == sum(group["off"] for group in found["regions"]) == 10 * found["queries"]
    assert sum(group["listed"] for group in found["regions"]) / places == pytest.approx(shown["table"]["listed"])
    lost = sum(map(len, found["lost"].values()))
    assert shown["off"]["tail_found"] - lost <= shown["table"]["tail_found"] <= shown["off"]["tail_found"]


def test_an_audit_of_a_log_without_judgements_says_so(
    lexical: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.txt").write_text("boiling water at altitude\n\nq7\tsourdough starter\n")
    args = ["audit", *lexical, "--queries", str(tmp_path / "log.txt"), "--table", "sample"]
    assert stepwell.main(["authority", *args]) == 0
    text = capsys.readouterr().out
    assert "log: 2 queries" in text
    assert "not judged" in text
    assert "pushed out" not in text


def test_trying_a_table_on_itself_moves_nothing(lexical: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "try", str(shipped_path("sample")), *lexical, *ON_SAMPLE)
    assert (found["differences"], found["moved"]) == ([], [])
    assert found["before"] == found["after"]
    assert found["change"] == {"mean": 0, "low": 0, "high": 0}


def test_trying_a_removal_shows_the_queries_that_lose_it_and_saves_nothing(
    lexical: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = shipped_path("sample").read_bytes()
    found = _json(capsys, "try", "remove", "tarn.example", *lexical, *ON_SAMPLE)
    assert [d["key"] for d in found["differences"]] == ["tarn.example"]
    assert 0 < len(found["moved"]) < found["queries"]
    assert found["after"]["listed"] < found["before"]["listed"]
    assert [abs(m["ndcg"]) for m in found["moved"]] == sorted((abs(m["ndcg"]) for m in found["moved"]), reverse=True)
    assert shipped_path("sample").read_bytes() == before
    assert stepwell.main(["authority", "try", "remove", "tarn.example", *lexical, *ON_SAMPLE]) == 0
    assert capsys.readouterr().out.endswith("nothing was saved\n")


def test_a_wider_delta_moves_more(lexical: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    change = ["try", "set", "tarn.example", "primary", *lexical, *ON_SAMPLE]
    narrow, wide = (_json(capsys, *change, "--delta", delta) for delta in ("0.02", "1"))
    assert len(narrow["moved"]) < len(wide["moved"])


def test_changes_are_made_to_the_table_in_hand_only() -> None:
    table = Table.read(shipped_path("sample"))
    raised = changed_table(table, ["set", "Tarn.example", "primary"])
    entry, old = raised.get("tarn.example"), table.get("tarn.example")
    assert entry is not None
    assert old is not None
    assert (entry.tier, entry.evidence, entry.note) == ("primary", old.evidence, old.note)
    assert changed_table(table, ["set", "new.example", "accountable"]).get("new.example") is not None
    assert changed_table(table, ["remove", "tarn.example"]).get("tarn.example") is None


CHANGES = {
    "add": ["add", "new.example", "--tier", "accountable", "--evidence", "judgement:tested here:2026-01-31", "--topics", "food"],
    "set": ["set", "tarn.example", "--tier", "primary", "--evidence", "judgement:tested here:2026-01-31"],
    "tag": ["tag", "tarn.example", "--add", "zz"],
    "remove": ["remove", "tarn.example"],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_can_be_made_can_be_tried_in_the_same_words_and_gives_the_same_table(
    change: list[str], lexical: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.tsv"
    mine.write_bytes(shipped_path("sample").read_bytes())
    signed = [*change, "--why", "a test", "--table", str(mine)]
    tried = _json(capsys, "try", *signed, *lexical, *ON_SAMPLE[:4])
    assert mine.read_bytes() == shipped_path("sample").read_bytes()
    made = _json(capsys, *signed)
    assert tried["versions"] == [made["version_before"], made["version_after"]]
    assert tried["versions"][1] == Table.read(mine).version


@pytest.mark.parametrize(
    ("change", "wording", "reason"),
    [
        (["add", "tarn.example"], Wording(tier="primary"), "has an entry already"),
        (["add", "new.example"], Wording(), "needs a tier"),
        (["tag", "tarn.example"], Wording(), "no topic to add or to drop"),
        (["tag", "nobody.example"], Wording(add="zz"), "no entry 'nobody.example'"),
        (["tag", "tarn.example"], Wording(drop="zz"), "has no topic 'zz'"),
        (["set", "tarn.example"], Wording(tier="primary", evidence="hearsay"), "evidence"),
    ],
)
def test_what_the_verb_would_refuse_the_trial_refuses(change: list[str], wording: Wording, reason: str) -> None:
    with pytest.raises(AuthorityError, match=reason):
        changed_table(Table.read(shipped_path("sample")), change, wording)


@pytest.mark.parametrize(
    "change", [["remove", "nobody.example"], ["set", "tarn.example", "best"], ["set", "tarn.example"], ["no/such/file.tsv"]]
)
def test_what_is_no_change_is_refused_with_the_way_out(change: list[str]) -> None:
    with pytest.raises(AuthorityError, match=r"list --match|unknown tier|give a table file|needs a tier"):
        changed_table(Table.read(shipped_path("sample")), change)


def test_a_query_log_keeps_good_lines_and_names_bad_ones(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(
        b'{"_id": "a", "text": "one"}\n{"text": "two"}\n{"_id": "a", "text": "again"}\n{"no": 1}\n\xff\xfe\n{broken\n \n'
    )
    log = QueryLog.read(path)
    assert log.queries == {"a": "one", "2": "two"}
    assert [fault.split(":")[1] for fault in log.set_aside] == ["3", "4", "5", "6"]
    assert log.set_aside[1].endswith(""":4: no field 'text', only 'no'; write {"text": ...}""")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"{broken\n"])
def test_a_log_without_a_query_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(EvaluationError, match="one query a line"):
        QueryLog.read(tmp_path / "log")


def test_judgements_of_other_queries_are_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a\tone\n")
    (tmp_path / "qrels").write_text("z 0 d1 1\n")
    with pytest.raises(EvaluationError, match="are the ids the same"):
        QueryLog.read(tmp_path / "log", tmp_path / "qrels")
    (tmp_path / "qrels").write_text("a 0 d1 1\n")
    (tmp_path / "log").write_text("a\tone\nb\ttwo\n")
    assert set(QueryLog.read(tmp_path / "log", tmp_path / "qrels").judged_only().queries) == {"a"}


def test_a_log_needs_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("one\n")
    assert stepwell.main(["authority", "audit", "--queries", str(tmp_path / "log")]) == 1
    assert "give --index DIR" in capsys.readouterr().err


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A collection of eight queries about one document."""
    folder = tmp_path / "eight"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "d", "title": "Tides", "text": "Spring tides follow the moon."}\n')
    (folder / "queries.jsonl").write_text("".join(f'{{"_id": "q{i}", "text": "tides {i}"}}\n' for i in range(8)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(f"q{i}\td\t1\n" for i in range(8)))
    return folder


def test_a_part_of_a_collection_is_named_as_evaluate_names_it(judged: Path) -> None:
    parts = [QueryLog.read(f"{judged}:test#{part}/2") for part in (1, 2)]
    assert all(part.queries for part in parts)
    assert {**parts[0].queries, **parts[1].queries} == QueryLog.read(judged).queries
    with pytest.raises(EvaluationError, match="has no split 'dev'"):
        QueryLog.read(f"{judged}:dev#1/2")


@pytest.mark.parametrize("verb", [["audit"], ["try", "remove", "tarn.example", "--table", "sample"]])
def test_queries_that_are_not_there_are_said_to_be_the_fault(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stepwell.main(["authority", *verb, "--queries", str(tmp_path / "none")]) == 1
    assert "none: no such file or folder; give a file or a collection" in capsys.readouterr().err
