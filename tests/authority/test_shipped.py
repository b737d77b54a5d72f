"""The shipped table is broad, backed by registers, and trusts nothing it should not."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from authority.entry import Entry, Evidence, venue_name
from authority.hosts import user_content_hosts
from authority.lint import lint
from authority.registers import Registers
from authority.table import Table
from authority.tables import shipped_path

REGIONS = {  # United Nations M49
    "Africa": "AO BI BW DJ DZ EG ET GH GM KE LR MA MG MU MW MZ NA NG RW SC SD SN SO TN TZ UG ZA ZM ZW",
    "Americas": "AR BO BR CA CL CO CR CU DO EC GT GY JM MX PE PY TT US UY VE",
    "Asia": "AE AM AZ BD BN CN CY GE HK ID IL IN IQ IR JO JP KH KR KW KZ LB LK MN MY NP OM PH PK QA SA SG TH TJ TR TW UZ VN",
    "Europe": "AL AT BA BE BG BY CH CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MD MK MT NL NO PL PT RO RS RU SE SI SK UA",
    "Oceania": "AU FJ NC NZ PG WS",
}
PREDATORY = {
    "journals.csv": ["url"],
    "publishers.csv": ["url"],
    "metrics.csv": ["url", "alturl"],
    "hijacked.csv": ["hijackedurl", "althijackedurl"],
}
LANGUAGES = {  # an official language of the state, where sources of it must be many
    "Arabic": "AE DZ EG IQ JO KW LB MA OM QA SA SD TN",
    "Chinese": "CN HK SG TW",
    "Czech": "CZ",
    "Danish": "DK",
    "Dutch": "BE NL",
    "English": "AU CA GB GH IE IN KE NG NZ SG UG US ZA ZM ZW",
    "Finnish": "FI",
    "French": "BE BI CA CH DJ DZ FR LU MA MG NC SN TN",
    "German": "AT CH DE",
    "Hindi": "IN",
    "Indonesian and Malay": "BN ID MY",
    "Italian": "CH IT",
    "Japanese": "JP",
    "Korean": "KR",
    "Norwegian": "NO",
    "Persian": "IR TJ",
    "Polish": "PL",
    "Portuguese": "AO BR MZ PT",
    "Russian": "BY KZ RU",
    "Spanish": "AR BO CL CO CR CU DO EC ES GT MX PE PY UY VE",
    "Swahili": "KE RW TZ UG",
    "Swedish": "FI SE",
    "Turkish": "CY TR",
    "Ukrainian": "UA",
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
    assert report.entries >= 700


def test_every_register_row_it_cites_is_in_the_register(shared_data: Path) -> None:
    report = lint(shipped_path(), Registers(shared_data / "authority"))
    assert report.faults == ()
    assert report.checked == report.entries - report.evidence["judgement"] >= 650


def test_at_most_ten_in_a_hundred_entries_are_judgements(table: Table) -> None:
    kinds = Counter(Evidence.parse(entry.evidence).kind for entry in table.entries)
    assert kinds["judgement"] <= 0.10 * len(table.entries)


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
        assert sum(countries[code] for code in codes.split()) >= 40, region
    assert set(countries) == {code for codes in REGIONS.values() for code in codes.split()} | {"INT"}


def test_sources_of_at_least_twelve_languages_are_there(table: Table) -> None:
    countries = Counter(parts(entry)[1] for entry in table.entries)
    for language, codes in LANGUAGES.items():
        assert sum(countries[code] for code in codes.split()) >= 5, language
    assert len(LANGUAGES) >= 12


def test_every_field_of_the_balance_has_its_share(table: Table) -> None:
    categories = Counter(parts(entry)[0] for entry in table.entries)
    assert min(categories.values()) >= 30
    assert sum(entry.kind in ("issn", "venue") for entry in table.entries) >= 100


def test_it_is_sorted_by_category_region_country_and_key(table: Table) -> None:
    region = {code: name for name, codes in REGIONS.items() for code in codes.split()} | {"INT": "International"}
    places = []
    for entry in table.entries:
        category, country = parts(entry)
        place = "suffix" if entry.kind == "suffix" else category
        places.append((place, (region[country], country, entry.key)))
    blocks = [place for place, _ in groupby(place for place, _ in places)]
    assert len(blocks) == len(set(blocks)) == 10
    order = [*REGIONS, "International"]
    for block in blocks:
        inside = [(order.index(name), country, key) for place, (name, country, key) in places if place == block]
        assert inside == sorted(inside), block


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
        ("https://cs.stanford.edu/~someone/", "stanford.edu"),
        ("https://cs.brown.edu/~someone/", ".edu"),
        ("https://www.gov.uk/guidance/x", "host:www.gov.uk"),
        ("https://someborough.gov.uk/", ".gov.uk"),
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


def test_nothing_it_names_stands_on_a_list_of_predatory_publishing(table: Table, shared_data: Path) -> None:
    folder, sites, titles = shared_data / "authority" / "predatory-journals", set(), set()
    for name, columns in PREDATORY.items():
        with (folder / name).open(encoding="utf-8") as file:
            for record in csv.DictReader(file):
                sites |= {record[column].strip() for column in columns}
                titles |= {venue_name(record["name"])} if name == "journals.csv" else set()
    matches = {table.lookup(site).key for site in sites if site}
    assert len(sites) > 2000
    named_sites = {key for key in matches if key and not key.startswith(".")}  # a suffix rule names nobody
    assert named_sites == set()
    named = {entry.key.partition(":")[2] for entry in table.entries if entry.kind == "venue"}
    named |= {venue_name(entry.note.rsplit("; ", 2)[0]) for entry in table.entries if entry.kind == "issn"}
    assert not named & titles
