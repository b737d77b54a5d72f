"""The shipped table is broad, backed by registers, and trusts nothing it should not."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from authority.entry import Entry, Evidence
from authority.hosts import user_content_hosts
from authority.lint import lint
from authority.registers import Registers
from authority.table import Table
from authority.tables import shipped_path

REGIONS = {  # United Nations M49
    "Africa": "BW EG ET GH KE NA NG RW TZ UG ZA",
    "Americas": "AR BR CA CL CO JM MX PE US",
    "Asia": "BD CN ID IL IN JP KR LB SA SG TR",
    "Europe": "AL AT CH CZ DE DK ES FR GB IT NL NO PL SE",
    "Oceania": "AU FJ NZ PG",
}


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.read(shipped_path())


def parts(entry: Entry) -> tuple[str, str]:
    """Category and country of a shipped entry's note."""
    _, category, country = entry.note.rsplit("; ", 2)
    return category, country


def test_shipped_table_lints_clean() -> None:
    report = lint(shipped_path())
    assert report.faults == ()
    assert report.entries >= 120


def test_every_register_row_it_cites_is_in_the_register(shared_data: Path) -> None:
    report = lint(shipped_path(), Registers(shared_data / "authority"))
    assert report.faults == ()
    assert report.checked == report.entries - report.evidence["judgement"]


def test_at_most_fifteen_in_a_hundred_entries_are_judgements(table: Table) -> None:
    kinds = Counter(Evidence.parse(entry.evidence).kind for entry in table.entries)
    assert kinds["judgement"] <= 0.15 * len(table.entries)


def test_no_category_above_thirty_and_no_country_above_twenty_five_in_a_hundred(table: Table) -> None:
    categories = Counter(parts(entry)[0] for entry in table.entries)
    assert set(categories) == {
        "government", "statistics", "intergovernmental", "academy", "university", "publisher", "standards", "reference", "press"
    }  # fmt: skip
    assert max(categories.values()) <= 0.30 * len(table.entries)
    countries = Counter(parts(entry)[1] for entry in table.entries)
    assert max(countries.values()) <= 0.25 * len(table.entries)


def test_every_region_of_the_world_is_there(table: Table) -> None:
    countries = Counter(parts(entry)[1] for entry in table.entries)
    for region, codes in REGIONS.items():
        assert sum(countries[code] for code in codes.split()) >= 10, region
    assert set(countries) == {code for codes in REGIONS.values() for code in codes.split()} | {"INT"}


def test_suffix_rules_are_worth_less_than_what_is_named(table: Table) -> None:
    rules = [entry for entry in table.entries if entry.kind == "suffix"]
    assert len(rules) >= 10
    assert {entry.tier for entry in rules} <= {"reputable", "accountable"}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.cdc.gov/flu/", "cdc.gov"),
        ("https://www.dallascityhall.gov/", ".gov"),
        ("https://arxiv.org/abs/1706.03762", "arxiv.org"),
        ("https://aclanthology.org/P19-1001/", "aclanthology.org"),
        ("https://plato.stanford.edu/entries/trust/", "host:plato.stanford.edu"),
        ("https://cs.stanford.edu/~someone/", ".edu"),
        ("https://www.ema.europa.eu/en", "host:www.ema.europa.eu"),
        ("https://op.europa.eu/", ".europa.eu"),
        ("https://www.jstage.jst.go.jp/browse/some-journal", ""),
        ("https://www.academia.edu/123/A_paper", ""),
        ("https://someone.github.io/who.int", ""),
        ("https://who.int.login.example/", ""),
    ],
)
def test_real_addresses_get_the_entry_they_deserve(table: Table, url: str, key: str) -> None:
    assert table.lookup(url).key == key


def test_nothing_it_names_stands_on_a_list_of_low_credibility(table: Table, shared_data: Path) -> None:
    with gzip.open(shared_data / "authority" / "cred-1" / "cred1_current.csv.gz", "rt") as file:
        doubtful = {record["domain"] for record in csv.DictReader(file)}
    assert len(doubtful) > 1000
    assert not {entry.key for entry in table.entries} & (doubtful - set(user_content_hosts()))
