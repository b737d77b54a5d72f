"""The verbs of ``stepwell crawler``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import VERBS, main
from crawler.errors import UsageError
from crawler.papers import SOURCES, open_source
from indexer.corpus import read_corpus
from stepwell import main as stepwell

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"id":"a","title":"A"}\nbroken\n{"id":"b","title":"B"}\n{"id":"c","title":"C"}\n', encoding="utf-8")
    return path


def test_a_source_is_written_to_the_corpus_and_summed_up(lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["papers", "jsonl", str(lines), "--into", str(tmp_path / "corpus")]) == 0
    out = capsys.readouterr().out
    assert "3 kept" in out
    assert "broken JSON 1" in out
    assert {d.id for d in read_corpus(tmp_path / "corpus")} == {"a", "b", "c"}
    (reject,) = (tmp_path / "corpus" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(reject)["where"] == f"{lines}:2"


def test_strict_fails_where_something_was_set_aside_and_keeps_the_rest(lines: Path, tmp_path: Path) -> None:
    assert main(["papers", "jsonl", str(lines), "--into", str(tmp_path / "corpus"), "--strict"]) == 1
    assert len(list(read_corpus(tmp_path / "corpus"))) == 3


def test_json_says_the_same_and_a_second_run_changes_nothing(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["papers", "jsonl", str(lines), "--into", str(tmp_path / "corpus"), "--json"]
    assert main(call) == main(call) == 0
    out = capsys.readouterr().out
    first, second = json_objects(out)
    assert (first["added"], first["unchanged"], first["set_aside"]) == (3, 0, {"broken JSON": 1})
    assert (second["added"], second["unchanged"]) == (0, 3)


def json_objects(text: str) -> list[dict[str, object]]:
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at += 1
    return found


def test_limit_counts_documents_and_collection_names_them(lines: Path, tmp_path: Path) -> None:
    assert main(["papers", "jsonl", str(lines), "--into", str(tmp_path / "corpus"), "--limit", "2", "--collection", "mine"]) == 0
    assert {(d.id, d.collection) for d in read_corpus(tmp_path / "corpus")} == {("a", "mine"), ("b", "mine")}


def test_a_folder_is_read_and_what_is_skipped_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# Wells\nDeep.", encoding="utf-8")
    (folder / "b.docx").write_bytes(b"PK")
    assert main(["files", str(folder), "--into", str(tmp_path / "corpus")]) == 0
    assert "skipped 1 (.docx 1)" in capsys.readouterr().out
    (document,) = read_corpus(tmp_path / "corpus")
    assert (document.id, document.collection) == ("file:a.md", "notes")


def test_the_sample_is_at_least_sixty_documents_none_set_aside(tmp_path: Path) -> None:
    assert main(["sample", "--into", str(tmp_path / "corpus"), "--strict"]) == 0
    assert len(list(read_corpus(tmp_path / "corpus"))) >= 60


def test_a_source_may_be_any_dotted_path_and_an_unknown_name_lists_the_known(tmp_path: Path) -> None:
    assert type(open_source("crawler.papers.jsonl:JsonlSource")) is type(open_source("jsonl"))
    for name in ("nope", "crawler.papers.nope:Source", "crawler.papers.acl:Nope", ":"):
        with pytest.raises(UsageError) as caught:
            main(["papers", name, str(tmp_path), "--into", str(tmp_path / "corpus")])
        assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match="acl, jsonl"):
        open_source("nope")
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_says_where_its_records_come_from(name: str) -> None:
    about = open_source(name).about
    assert about.name
    assert about.documentation.startswith("https://")
    assert about.terms.endswith(".")


def test_a_source_that_cannot_be_read_leaves_no_corpus_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stepwell(["crawler", "papers", "acl", str(tmp_path / "missing"), "--into", str(tmp_path / "corpus")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("call", [[], ["nope"], ["files", "x"], ["sample", "--into", "x", "--limit", "0"]])
def test_wrong_usage_exits_with_2(call: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(call)
    assert caught.value.code == 2


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from crawler.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'scrapy', 'lxml', 'trafilatura', 'zstandard', 'orjson', 'rich', 'twisted'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert all(verb in done.stdout for verb in VERBS)
