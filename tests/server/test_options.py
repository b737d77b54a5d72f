"""The table [server] of stepwell.toml: read whole, overruled by the command line, refused by the wrong key, documented."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.address import Address
from server.categories import Category
from server.deployment import Deployment
from server.errors import TlsError
from server.options import KEYS, OPTIONS, add_options, chosen
from server.settings import ServerSettings
from stepwell_toml import SettingsError

README = Path(__file__).resolve().parents[2] / "server" / "README.md"
WHOLE = """
[server]
index = "index"
grpc = "127.0.0.1:0"
http = "127.0.0.1:8080"
http_name = ["search.alder.example"]
keys = "keys.json"
tls_cert = "/etc/tls/s.pem"
tls_key = "/etc/tls/s.key"
authority = "mine.tsv"
policy = ["own.tsv", "preprints"]
threads = 3
scrub = 0
insecure = true
reflection = false

[server.categories.papers]
kinds = ["paper"]
profile = "law"

[agent.limits]
steps = 40
"""


@pytest.fixture
def said(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """What is chosen by a file and a command line."""

    def choose(text: str, *args: str) -> dict[str, Any]:
        file = tmp_path / "stepwell.toml"
        file.write_text(text)
        parser = argparse.ArgumentParser()
        add_options(parser)
        return chosen(parser.parse_args(["--config", str(file), *args]))

    return choose


def test_the_file_says_what_is_served_and_how(said: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    for name in ("mine.tsv", "own.tsv"):
        (tmp_path / name).touch()
    deployment = Deployment.of(said(WHOLE))
    settings = deployment.settings
    assert deployment.index == tmp_path / "index"
    assert deployment.authority == str(tmp_path / "mine.tsv")
    assert deployment.policies == (str(tmp_path / "own.tsv"), "preprints")
    assert (settings.grpc, settings.http) == (Address("127.0.0.1", 0), Address("127.0.0.1", 8080))
    assert settings.http_names == ("search.alder.example",)
    assert settings.keys == tmp_path / "keys.json"
    assert settings.tls
    assert settings.tls.certificate == Path("/etc/tls/s.pem")
    assert (settings.threads, settings.scrub, settings.insecure, settings.reflection) == (3, 0.0, True, False)
    assert settings.categories == {"papers": Category(kinds=("paper",), profile="law")}


def test_the_command_line_wins_over_the_file_for_every_key(said: Callable[..., dict[str, Any]]) -> None:
    file = "[server]\n"
    for option in OPTIONS:
        first = {
            "whole": f"{min(2048, option.most)}",
            "number": "3.5",
            "switch": "true",
            "names": '["a"]',
            "choices": '["a"]',
        }.get(option.kind, '"a"')
        file += f"{option.key} = {first}\n"
    written = said(file)
    for option in OPTIONS:
        spoken: tuple[list[str], object] = {
            "whole": ([option.flag, f"{min(4096, option.most - 1):.0f}"], min(4096, option.most - 1)),
            "number": ([option.flag, "7.5"], 7.5),
            "switch": ([option.flag.replace("--", "--no-", 1)], False),
            "names": ([option.flag, "b", option.flag, "c"], ["b", "c"]),
            "choices": ([option.flag, "b", option.flag, "c"], ["b", "c"]),
            "file": ([option.flag, "b"], Path("b")),
        }.get(option.kind, ([option.flag, "b"], "b"))
        values = said(file, *spoken[0])
        assert values[option.key] == spoken[1]
        assert {key for key in KEYS if values[key] != written[key]} == {option.key}, "the file speaks for the others"


def test_what_nobody_says_is_the_default_of_the_server(said: Callable[..., dict[str, Any]]) -> None:
    assert Deployment.of(said('[server]\nindex = "x"')).settings == ServerSettings()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('kinds = ["Paper"]', "[server.categories.x] no documents of kind 'Paper'; there are paper, page, file"),
        ('languages = ["English"]', "[server.categories.x] language 'English' is not an ISO 639-1 code like en"),
        ("collections = [1]", "[server.categories.x] collections [1] must be a list of strings"),
        ('profile = "nope"', "[server.categories.x] no profile called 'nope'; there are "),
    ],
)
def test_what_a_category_names_must_be_there(said: Callable[..., dict[str, Any]], entry: str, message: str) -> None:
    text = f'[server]\nindex = "x"\n[server.categories.x]\n{entry}'
    with pytest.raises(SettingsError) as refused:
        Deployment.of(said(text)).check_profiles()
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nthread = 2", "[server] has no key 'thread'; the nearest is threads"),
        ("[server]\nmax-calls = 2", "[server] has no key 'max-calls'; the nearest is max_calls"),
        ("[server]\nxyzzy = 2", "[server] has no key 'xyzzy'; it takes index, grpc"),
        ("[server]\nthreads = 0", "[server] threads 0 must be a number from 1 to 256"),
        ("[server]\nworkers = 100000", "[server] workers 100000 must be a number from 1 to 256"),
        ("[server]\nmax_calls = 0", "[server] max_calls 0 must be a number from 1 on"),
        ("[server]\nthreads = '2'", "threads '2' must be of type int"),
        ("[server]\nscrub = nan", "scrub nan must be a finite number"),
        ("[server]\npolicy = [1]", "policy [1] must be a list of strings"),
        ("[server.categories]\npapers = 1", "[server.categories.papers] must be a table"),
        ("[server.categories.papers]\nkind = ['paper']", "[server.categories.papers] has no key 'kind'; the nearest is kinds"),
        ("[sever]\nthreads = 2", "has a table [sever] that no room reads; the nearest is server"),
        ("server = 2", "[server] must be a table"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(said: Callable[..., dict[str, Any]], text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        said(text)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_index_must_be_named_and_tls_comes_whole(said: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(SettingsError, match="no index is named"):
        Deployment.of(said(""))
    with pytest.raises(TlsError, match="come together"):
        Deployment.of(said('[server]\nindex = "x"\ntls_cert = "s.pem"'))


def test_the_readme_has_a_row_for_every_key_and_no_other_with_its_default_and_unit() -> None:
    table = README.read_text().partition("| `[server]` | default | unit | why |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) ?\| (.*) \|$", table.replace("\\|", "¦"), re.MULTILINE)
    written = {key: (default.strip("`"), unit.removeprefix("list of ").replace("¦", "|")) for key, default, unit, _ in rows}
    assert list(written) == list(KEYS)
    for option in OPTIONS:
        default, unit = written[option.key]
        assert (default, unit) == (_written(option.default), option.unit), option.key
    assert all(len(why) > 10 for *_, why in rows)


def _written(default: object) -> str:
    """A default as the table writes it."""
    if default is None:
        return "none"
    return f"{default:g}" if isinstance(default, float) else str(default).lower() if isinstance(default, bool) else str(default)
