"""The files of deploy/ are what the tools that read them accept, and name what this release has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from argparse import Namespace
from pathlib import Path

import pytest

from server.deployment import Deployment
from server.options import CATEGORY, KEYS, chosen

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MOST_EXPOSED = 2.0
"""Of 10, by `systemd-analyze security`; a unit without any hardening has 9.6."""


def needs(tool: str) -> str:
    """The path of a tool, or a skip that says what is missing."""
    return shutil.which(tool) or pytest.skip(f"no {tool} on the PATH")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with an executable that is here."""
    path = tmp_path / "stepwell.service"
    path.write_text((DEPLOY / "stepwell.service").read_text().replace("/opt/stepwell/bin/stepwell", sys.executable))
    return path


def test_systemd_accepts_the_unit_without_a_word(unit: Path) -> None:
    done = subprocess.run([needs("systemd-analyze"), "verify", unit], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "stepwell" in line]) == (0, [])


def test_systemd_finds_the_unit_little_exposed(unit: Path) -> None:
    done = subprocess.run(
        [needs("systemd-analyze"), "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True
    )
    level = re.search(r"exposure level for stepwell\.service: ([\d.]+)", done.stdout)
    assert level
    assert float(level[1]) <= MOST_EXPOSED


def test_the_example_settings_are_read_and_name_every_key_with_its_default_where_there_is_one(tmp_path: Path) -> None:
    file = DEPLOY / "stepwell.toml"
    nothing = Namespace(config=file, **dict.fromkeys(KEYS))
    assert Deployment.of(chosen(nothing)).index == Path("/var/lib/stepwell/index")
    comments = re.findall(r"^# ((?:\w+ = |\[).*)$", file.read_text(), re.MULTILINE)
    shown = tomllib.loads(file.read_text())["server"]
    hidden = tomllib.loads("\n".join(["[server]", *comments]))["server"]
    assert shown.keys() | hidden.keys() == KEYS.keys() | {"categories"}
    for key in hidden.keys() & KEYS.keys() - shown.keys():
        assert KEYS[key].default in (None, hidden[key]), f"{key}: behind a # stands the default"
    [category] = hidden["categories"].values()
    assert category.keys() == CATEGORY.keys()
    commented_in = tmp_path / "stepwell.toml"
    commented_in.write_text("\n".join(['[server]\nindex = "x"', *comments]))
    nothing.config = commented_in
    assert chosen(nothing)["categories"] == hidden["categories"], "every example is of the right kind and within its range"


def test_the_unit_and_the_containers_call_verbs_and_options_that_exist() -> None:
    from server.cli import VERBS

    for name in ("stepwell.service", "Containerfile", "compose.yaml"):
        text = (DEPLOY / name).read_text()
        verbs = re.findall(r"""server["', ]+(\w+)["', ]+--(?:config|index)""", text)
        assert verbs
        assert set(verbs) <= VERBS.keys()
        said = [line for line in text.splitlines() if re.search(r"""server["', ]+\w+["', ]+--""", line)]
        options = {option[2:].replace("-", "_") for line in said for option in re.findall(r"""["' ](--[a-z-]+)""", line)}
        assert options <= {"config"} | KEYS.keys()


def test_the_container_runs_as_nobody_special_and_names_no_registry() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM ")] == ["FROM python:3.12-slim AS build", "FROM python:3.12-slim"]
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < min(i for i, line in enumerate(lines) if line.startswith(("ENTRYPOINT", "CMD")))
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run([needs("hadolint"), DEPLOY / "Containerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
