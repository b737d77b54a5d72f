"""The table in force: asked for, else the user's, else the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from authority.errors import TableError
from authority.tables import load_table, shipped_path, table_path, user_path


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "stepwell"


def test_the_users_table_comes_before_the_shipped_one(config: Path) -> None:
    assert table_path() == shipped_path()
    config.mkdir()
    (config / "authority.tsv").write_text("key\ttier\ttopics\tevidence\tnote\n")
    assert table_path() == config / "authority.tsv"
    table = load_table()
    assert table is not None
    assert table.entries == ()


def test_names_paths_and_off_are_choices(tmp_path: Path) -> None:
    assert load_table("off") is None
    assert table_path("sample") == shipped_path("sample")
    assert table_path("shipped") == shipped_path()
    assert table_path(tmp_path / "sample") == tmp_path / "sample"
    assert table_path("./sample") == Path("sample")


def test_a_relative_config_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    monkeypatch.setenv("HOME", "/home/ada")
    assert user_path() == Path("/home/ada/.config/stepwell/authority.tsv")


def test_a_missing_or_unreadable_table_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no authority table at .*nowhere\.tsv; give a file, shipped, sample or off"):
        load_table(tmp_path / "nowhere.tsv")
    with pytest.raises(TableError, match="is a directory"):
        load_table(tmp_path)


@pytest.mark.parametrize("name", ["shipped", "sample"])
def test_tables_that_ship_load(name: str) -> None:
    table = load_table(name)
    assert table is not None
    assert table.path == shipped_path(name)
    assert len(table.version) == 12
