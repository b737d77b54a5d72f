"""A table reads back as it was written, and the most exact entry decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority.entry import Entry
from authority.errors import HostError, TableError
from authority.hosts import host_of
from authority.table import CACHED_KEY, HEADER, UNLISTED, Match, Table, candidate_keys
from authority.tiers import TIERS

WHY = "judgement:tested here:2026-01-31"

names = st.from_regex(r"\A[a-z][a-z0-9]{0,5}\Z")
keys = st.one_of(
    st.builds("host:{}.{}.example".format, names, names),
    st.builds("{}.example".format, names),
    st.builds(".{}.example".format, names),
    st.builds("venue:{}".format, names),
    st.sampled_from(["issn:1932-6203", "issn:2050-084X", ".gov", ".ac.uk", "who.int"]),
)
notes = st.text(st.characters(categories=("L", "N", "P")), max_size=20)
topics = st.lists(names, max_size=3).map(",".join)
entries = st.builds(Entry.make, keys, st.sampled_from(list(TIERS)), topics, st.just(WHY), notes)
comments = st.one_of(
    st.just(""), st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=20).map("#{}".format)
)
lines = st.lists(st.one_of(entries, comments.filter(lambda c: not c.endswith("\r"))), max_size=12)


def unique(drawn: list[Entry | str]) -> list[Entry | str]:
    seen: set[str] = set()
    kept: list[Entry | str] = []
    for line in drawn:
        if not isinstance(line, Entry) or line.key not in seen:
            kept.append(line)
        if isinstance(line, Entry):
            seen.add(line.key)
    return kept


tables = lines.map(unique).map(Table)


def make(*rows: str) -> Table:
    return Table.parse(
        "\n".join([HEADER, *(f"{key}\t{tier}\t\t{WHY}\t" for key, tier in (row.split() for row in rows))]).encode()
    )


@given(tables)
def test_parse_undoes_serialise_comments_and_order_included(table: Table) -> None:
    again = Table.parse(table.serialise())
    assert again.lines == table.lines
    assert again.serialise() == table.serialise()


@given(tables, st.randoms(use_true_random=False))
def test_version_ignores_comments_and_order_and_nothing_else(table: Table, random: object) -> None:
    shuffled = list(table.entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Table([HEADER, "# new", *shuffled]).version == table.version
    if table.entries:
        entry = table.entries[0]
        other = Entry(entry.key, entry.tier, entry.topics, entry.evidence, entry.note + "x")
        assert table.replacing(other).version != table.version
        assert table.without(entry.key).version != table.version


@given(tables, entries)
def test_replacing_keeps_every_other_line_where_it_was(table: Table, entry: Entry) -> None:
    new = table.replacing(entry)
    assert new.get(entry.key) == entry
    assert [line for line in new.lines if line != entry] == [
        line for line in table.lines if not (isinstance(line, Entry) and line.key == entry.key)
    ]
    assert new.without(entry.key).get(entry.key) is None


@given(tables, st.from_regex(r"\A([a-z]{1,2}\.){0,2}[a-z]{1,2}\.(example|gov|ac\.uk)\Z"))
def test_the_most_exact_entry_decides(table: Table, host: str) -> None:
    by_key = {entry.key: entry for entry in table.entries}
    first = next((by_key[key] for key in candidate_keys(host) if key in by_key), None)
    expected = Match(first.value, first.tier, first.key) if first else UNLISTED
    assert table.lookup(f"https://{host}/a/b") == table.lookup(host) == expected


@given(st.text(), st.text(), st.text())
def test_lookup_never_raises_and_agrees_with_host_of(url: str, venue: str, code: str) -> None:
    table = make("example.org primary", ".example reputable", "host:www.example.org accountable")
    assert isinstance(table.lookup(url, venue, code), Match)
    for prefix in ("https://example.org", "http:", "https:\\\\", "//"):
        try:
            expected = table.lookup(host_of(prefix + url))
        except HostError:
            expected = UNLISTED
        assert table.lookup(prefix + url) == expected


def test_exact_host_beats_domain_beats_longest_suffix() -> None:
    table = make(
        ".example reputable", ".alder.example accountable", "alder.example established", "host:www.alder.example primary"
    )
    assert table.lookup("https://www.alder.example/x").key == "host:www.alder.example"
    assert table.lookup("https://health.alder.example/x").key == "alder.example"
    assert table.lookup("https://elm.example/x") == Match(0.6, "reputable", ".example")
    assert table.without("alder.example").lookup("https://health.alder.example/").key == ".alder.example"
    assert table.lookup("https://elm.test/") is UNLISTED


def test_a_host_entry_reaches_nothing_under_it() -> None:
    table = make("host:alder.example primary")
    assert table.lookup("https://alder.example/").key == "host:alder.example"
    assert table.lookup("https://www.alder.example/") is UNLISTED


def test_a_suffix_rule_does_not_match_inside_a_label() -> None:
    assert make(".gov primary").lookup("https://notgov/") is UNLISTED
    assert make(".gov primary").lookup("https://gov.example/") is UNLISTED
    assert make("who.int primary").lookup("https://notwho.int/") is UNLISTED


@pytest.mark.parametrize(
    "host", ["sites.google.com", "x.sites.google.com", "academia.edu", "user.academia.edu", "jstage.jst.go.jp"]
)
def test_user_content_hosts_inherit_neither_from_their_domain_nor_from_a_suffix(host: str) -> None:
    table = make("google.com primary", ".com reputable", ".edu reputable", "jst.go.jp primary", ".go.jp reputable")
    assert table.lookup("https://www.google.com/").key == "google.com"
    assert table.lookup(f"https://{host}/page") is UNLISTED
    assert table.replacing(Entry.make(f"host:{host}", "primary", "", WHY)).lookup(f"https://{host}/page").value == 1.0


def test_a_domain_registered_under_a_private_suffix_is_trusted_alone() -> None:
    table = make("alder.github.io primary", ".io reputable")
    assert table.lookup("https://docs.alder.github.io/").key == "alder.github.io"
    assert table.lookup("https://elm.github.io/") is UNLISTED


def test_an_ip_address_is_a_host_only() -> None:
    table = make("host:10.0.0.1 primary")
    assert table.lookup("http://10.0.0.1:8000/x").value == 1.0
    assert table.lookup("http://10.0.0.2/") is UNLISTED
    assert list(candidate_keys("10.0.0.2")) == ["host:10.0.0.2"]


def test_issn_comes_before_venue_before_the_page() -> None:
    table = make("issn:1932-6203 primary", "venue:annals established", "alder.example reputable")
    assert table.lookup("https://alder.example/", "ANNALS", "1932-6203").key == "issn:1932-6203"
    assert table.lookup("https://alder.example/", " Annals ", "0000-0001").key == "venue:annals"
    assert table.lookup("https://alder.example/", "Other", "").key == "alder.example"
    assert table.lookup("", "annals", "").tier == "established"
    assert table.lookup("https://alder.example/", "x" * (CACHED_KEY + 1), "").key == "alder.example"


def test_a_disguised_address_borrows_no_trust() -> None:
    table = make("who.int primary")
    for url in ("https://evil.example\\@who.int/", "https://who.int@evil.example/", "https://evil.example/https://who.int/"):
        assert table.lookup(url) is UNLISTED


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"who.int\tbest\t\t{WHY}\t", "t.tsv:3: unknown tier 'best'"),
        (f"www.who.int\tprimary\t\t{WHY}\t", "t.tsv:3: key 'www.who.int' lies below"),
        (f"elm.example\tprimary\t\t{WHY}\t", "t.tsv:3: key 'elm.example' stands already on line 2"),
        ("who.int\tprimary\t\tseen it\t", "t.tsv:3: evidence 'seen it' is neither"),
        ("who.int primary", "t.tsv:3: 1 fields where 5"),
        (f"who.int\tprimary\t\t{WHY}\t\t", "t.tsv:3: 6 fields where 5"),
        (HEADER, "t.tsv:3: key 'key'"),
        ("\udcff", "t.tsv:3: not UTF-8"),
    ],
)
def test_a_fault_names_file_and_line(text: str, fault: str) -> None:
    data = f"# head\nelm.example\tprimary\t\t{WHY}\t\n{text}\n".encode(errors="surrogateescape")
    with pytest.raises(TableError) as caught:
        Table.parse(data, Path("t.tsv"))
    assert str(caught.value).startswith(fault)


def test_files_from_other_editors_are_read() -> None:
    table = Table.parse(f"\ufeff{HEADER}\r\nwho.int\tprimary\thealth, law\t{WHY}\r\n".encode())
    assert table.entries[0].topics == ("health", "law")
    assert table.serialise() == f"{HEADER}\nwho.int\tprimary\thealth,law\t{WHY}\t\n".encode()


def test_an_empty_file_is_an_empty_table() -> None:
    assert Table.parse(b"").entries == ()
    assert Table.parse(b"").lookup("https://who.int/") is UNLISTED


def test_a_table_made_in_memory_refuses_two_entries_of_one_key() -> None:
    entry = Entry.make("who.int", "primary", "", WHY)
    with pytest.raises(TableError, match="there twice"):
        Table([entry, entry])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_table_error(data: bytes) -> None:
    try:
        table = Table.parse(data)
    except TableError:
        return
    assert Table.parse(table.serialise()).version == table.version
