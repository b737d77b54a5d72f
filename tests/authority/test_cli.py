"""The command line says what the room knows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import authority
from authority.cli import main
from authority.errors import EditError, EntryError, HostError, TableError
from authority.table import Table
from authority.tables import shipped_path

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = "judgement:we run it:2026-01-31"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "stepwell" / "authority.tsv"


def test_list_filters_by_tier_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--tier", "primary", "--match", "HEALTH", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    keys = {entry["key"] for entry in listed["entries"]}
    assert "who.int" in keys
    assert not keys & {"bbc.com", "bls.gov"}
    assert listed["version"] == Table.read(shipped_path()).version
    assert main(["list", "--tier", "accountable"]) == 0
    out = capsys.readouterr().out
    assert "bbc.com" in out
    assert "who.int" not in out
    assert f"version {listed['version']}" in out


def test_explain_names_the_entry_the_steps_and_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "https://www.who.int/news"]) == 0
    out = capsys.readouterr().out
    for part in (
        "host:www.who.int",
        "not listed",
        "who.int",
        "this decides",
        "authority 1.0, tier primary",
        "register:ror:",
        "version",
    ):
        assert part in out


def test_explain_says_plainly_when_unlisted_and_when_user_content_does_not_inherit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "https://health.alder.example/", "https://me.github.io/", "http://10.0.0.1/"]) == 0
    first, second, third, _ = capsys.readouterr().out.split("\n\n")
    assert "unlisted: authority 0" in first
    assert "registrable domain alder.example" in first
    assert "github.io hosts user content (sites of anyone)" in second
    assert "an IP address has no domain" in third


def test_explain_as_json_agrees_with_lookup(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table.read(shipped_path())
    urls = ["https://www.who.int/", "https://x.gov.uk/", "https://medium.com/x", "https://oeis.org/A000045"]
    assert main(["explain", "--json", *urls]) == 0
    for url, page in zip(urls, json.loads(capsys.readouterr().out)["pages"], strict=True):
        match = table.lookup(url)
        assert page["authority"] == {"value": match.value, "tier": match.tier, "key": match.key}


def test_set_and_remove_show_the_change_and_take_effect(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["set", "Elm.example", "--tier", "primary", "--evidence", EVIDENCE, "--topics", "law,health", "--why", "ours"]) == 0
    )
    out = capsys.readouterr().out
    assert f"+ elm.example  primary  health,law  {EVIDENCE}" in out
    assert str(config) in out
    assert Table.read(config).lookup("https://www.elm.example/").value == 1.0
    assert (
        main(["set", "elm.example", "--tier", "primary", "--evidence", EVIDENCE, "--topics", "health,law", "--why", "again"]) == 0
    )
    assert "unchanged" in capsys.readouterr().out
    assert main(["remove", "elm.example", "--why", "sold", "--who", "Ada", "--json"]) == 0
    removed = json.loads(capsys.readouterr().out)
    assert (removed["action"], removed["who"], removed["after"]) == ("remove", "Ada", "")
    assert Table.read(config).get("elm.example") is None


def test_lint_exits_with_1_where_there_are_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--table", "shipped"]) == 0
    assert main(["lint", "--table", "sample"]) == 0
    bad = tmp_path / "bad.tsv"
    bad.write_text("who.int\tbest\t\tx\n")
    capsys.readouterr()
    assert main(["lint", "--table", str(bad)]) == 1
    assert f"{bad}:1: unknown tier 'best'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error", "exit_code"),
    [
        (["explain", "ftp://who.int"], HostError, 2),
        (["explain", "x", "--table", "nowhere.tsv"], TableError, 1),
        (["list", "--table", "off"], TableError, 1),
        (["lint", "--table", "nowhere.tsv"], TableError, 1),
        (["lint", "--table", "off"], TableError, 1),
        (["set", "gov.uk", "--tier", "primary", "--evidence", EVIDENCE, "--why", "x"], EntryError, 2),
        (["set", "elm.example", "--tier", "primary", "--evidence", EVIDENCE, "--why", " "], EditError, 1),
        (["remove", "elm.example", "--why", "x"], EditError, 1),
        (["remove", "who.int", "--table", "shipped", "--why", "x"], EditError, 1),
    ],
)
def test_expected_errors_are_one_line_and_carry_an_exit_code(
    arguments: list[str], error: type[Exception], exit_code: int
) -> None:
    with pytest.raises(error) as caught:
        main(arguments)
    assert caught.value.exit_code == exit_code  # type: ignore[attr-defined]
    assert "\n" not in str(caught.value)
    assert not str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "arguments", [[], ["bless"], ["set", "who.int"], ["set", "x.example", "--tier", "best", "--evidence", "", "--why", "x"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: stepwell authority" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", ["list", "explain", "set", "remove", "import", "revert", "export", "diff", "history", "blame", "lint"]
)
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    assert f"example:\n  stepwell authority {verb}" in capsys.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, authority.cli\ntry: authority.cli.main(['--help'])\nfinally: assert 'tldextract' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


def test_exported_names_are_there() -> None:
    assert all(hasattr(authority, name) for name in authority.__all__)
