"""The indexer's command line says what it did, and what is wrong in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import stepwell

ROOT = Path(__file__).resolve().parent.parent.parent


def test_build_inspect_and_verify_report_as_json(tiny_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = str(tmp_path / "i")
    assert stepwell.main(["indexer", "build", str(tiny_corpus), "--index", index, "--dense", "none", "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert (built["documents"], built["fresh"], built["encoder"]) == (12, True, "")
    assert stepwell.main(["indexer", "inspect", "--index", index, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["snapshot"] == built["snapshot"]
    assert stepwell.main(["indexer", "verify", "--index", index, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] == []


def test_verify_exits_1_and_names_the_damaged_file(tiny_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = tmp_path / "i"
    stepwell.main(["indexer", "build", str(tiny_corpus), "--index", str(index), "--dense", "none"])
    columns = next(index.glob("segments/*/columns.npy"))
    content = bytearray(columns.read_bytes())
    content[-1] ^= 1
    columns.write_bytes(content)
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 1
    assert "columns.npy is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["indexer", "build", "{tmp}/no", "--index", "{tmp}/i", "--dense", "none"], 1, "does not exist"),
        (["indexer", "inspect", "--index", "{tmp}"], 1, "is empty; build an index"),
        (["indexer", "build", "{corpus}", "--index", "{tmp}/i", "--limit", "0"], 2, "not a positive number"),
        (["indexer", "build", "{corpus}", "--index", "{tmp}/i", "--dense", "none", "--encoder", "x"], 2, "give one"),
        (["indexer", "gc", "--keep", "x", "--index", "{tmp}"], 2, "x is not a positive number"),
        (["indexer", "conquer"], 2, "invalid choice"),
        (["cellar"], 2, "no room called"),
        ([], 2, ""),
    ],
)
def test_what_is_wrong_is_said_in_one_line(args: list[str], code: int, says: str, tiny_corpus: Path, tmp_path: Path) -> None:
    command = [a.format(tmp=tmp_path, corpus=tiny_corpus) for a in args]
    done = subprocess.run([sys.executable, "-m", "stepwell", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert says in done.stderr
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "verb",
    [
        ["delete", "x"],
        ["merge"],
        ["gc"],
        ["hold", "1"],
        ["release", "1"],
        ["rollback", "1"],
        ["repair"],
        ["encode"],
        ["add", "c"],
    ],
)
def test_verbs_that_change_an_index_make_none_where_there_is_none(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for path, what in ((tmp_path / "no", "does not exist"), (tmp_path / "empty", "is empty")):
        assert stepwell.main(["indexer", *verb, "--index", str(path)]) == 1
        assert f"{path} {what}; build an index with" in capsys.readouterr().err
    assert [p.name for p in tmp_path.rglob("*")] == ["empty"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing is named to be deleted"),
        (["--undated"], "nothing is named to be deleted"),
        (["--kind", "book"], "no documents of kind 'book'; there are paper, page, file"),
        (["--retracted", "maybe"], "no documents of retracted 'maybe'"),
        (["--language", "xxyyzz"], "language 'xxyyzz' is not an ISO 639-1 code"),
        (["--sites", "https://old.example/"], "'https://old.example/' is not a host"),
        (["--after", "2020", "--before", "2010"], "nothing lies between 2020 and 2010"),
        (["--before", "2019-02-30"], "date '2019-02-30' is not ISO 8601"),
    ],
)
def test_what_is_mistyped_deletes_nothing_and_is_said(
    options: list[str], says: str, tiny_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(tmp_path / "i")
    stepwell.main(["indexer", "build", str(tiny_corpus), "--index", index, "--dense", "none"])
    for command in (["delete"], ["delete", "--dry-run"]):
        assert stepwell.main(["indexer", *command, *options, "--index", index]) == 2
        assert says in capsys.readouterr().err
    assert stepwell.main(["indexer", "delete", "--sites", "=old.example", "--language", "en-GB", "--index", index]) == 0


def test_set_aside_records_are_counted_and_strict_makes_them_an_error(tmp_path: Path) -> None:
    from indexer.corpus import CorpusWriter
    from indexer.document import Document

    for name in ("a", "b"):
        with CorpusWriter(tmp_path / name) as writer:
            writer.add(Document(id="same", title=f"in {name}"))
    both = [str(tmp_path / "a"), str(tmp_path / "b"), "--index", str(tmp_path / "i"), "--dense", "none"]
    assert stepwell.main(["indexer", "build", *both]) == 0
    assert stepwell.main(["indexer", "build", *both, "--force", "--strict"]) == 1


@pytest.mark.parametrize("room", ["crawler", "indexer", "authority", "ranker", "server", "agent"])
def test_help_is_there_and_imports_nothing_heavy(room: str) -> None:
    heavy = "{'faiss', 'tantivy', 'onnxruntime', 'scrapy', 'grpc', 'ir_measures', 'trafilatura', 'httpx'}"
    code = f"import sys, stepwell\ntry: stepwell.main(['{room}', '--help'])\nexcept SystemExit as e: assert e.code == 0\n"
    code += f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "usage: stepwell" in done.stdout
