"""One line of the table says one thing, in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority.entry import Entry, Evidence, canonical_key, issn, venue_name
from authority.errors import EntryError

WHY = "judgement:tested here:2026-01-31"


@pytest.mark.parametrize(
    ("text", "key", "kind"),
    [
        ("WHO.int", "who.int", "domain"),
        ("host:WWW.x.ORG", "host:www.x.org", "host"),
        ("host:127.0.0.1", "host:127.0.0.1", "host"),
        ("host:[::1]", "host:[::1]", "host"),
        (".GOV", ".gov", "suffix"),
        (".ac.uk", ".ac.uk", "suffix"),
        (".europa.eu", ".europa.eu", "suffix"),
        ("alder.example", "alder.example", "domain"),
        ("me.github.io", "me.github.io", "domain"),
        ("bücher.example", "xn--bcher-kva.example", "domain"),
        ("venue:  Annals of   THE Sea ", "venue:annals of the sea", "venue"),
        ("issn:20490x30", None, None),
        ("issn:2434-561x", "issn:2434-561X", "issn"),
        ("issn:19326203", "issn:1932-6203", "issn"),
    ],
)
def test_a_key_has_one_spelling_that_decides_its_kind(text: str, key: str | None, kind: str | None) -> None:
    if key is None:
        with pytest.raises(EntryError):
            canonical_key(text)
        return
    entry = Entry.make(text, "primary", "", WHY)
    assert (entry.key, entry.kind) == (key, kind)
    assert canonical_key(key) == key


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("www.who.int", "host:www.who.int"),
        ("github.io", "public suffix"),
        ("gov.uk", ".gov.uk"),
        ("medium.com", "host:NAME"),
        (".substack.com", "one by one"),
        ("https://who.int/", "looks like an address"),
        ("who.int/path", "looks like an address"),
        ("who.int:443", "port"),
        ("10.0.0.1", "host:10.0.0.1"),
        ("localhost", "public suffix"),
        ("", "no host name"),
        (".", "no host name"),
        ("host:", "no host name"),
        ("venue: ", "names no venue"),
        ("issn:1932-6204", "1932-6203 would be right"),
        ("issn:123", "NNNN-NNNC"),
    ],
)
def test_an_invalid_key_is_refused_with_the_way_out(key: str, hint: str) -> None:
    with pytest.raises(EntryError, match=hint.replace(".", r"\.")):
        canonical_key(key)


@pytest.mark.parametrize("code", ["1932-6203", "2050-084X", "0378-5955", "2041-1723"])
def test_issns_in_use_have_valid_check_digits(code: str) -> None:
    assert issn(code.lower()) == code


@given(st.from_regex(r"\A[0-9]{7}\Z"), st.integers(0, 9), st.integers(0, 6))
def test_one_wrong_digit_of_an_issn_is_always_noticed(seven: str, digit: int, place: int) -> None:
    check = next(c for c in "0123456789X" if _is_issn(seven + c))
    wrong = seven[:place] + str(digit) + seven[place + 1 :]
    assert _is_issn(wrong + check) == (wrong == seven)


def _is_issn(code: str) -> bool:
    try:
        issn(code)
    except EntryError:
        return False
    return True


@given(st.text())
def test_venue_names_compare_without_case_and_spacing(name: str) -> None:
    folded = venue_name(name)
    assert venue_name(folded) == folded
    assert venue_name(f" {name.upper()} ") == venue_name(name.upper().casefold())


@pytest.mark.parametrize(
    "evidence",
    ["", "register:ror:2026-01-01", "register:ror::2026-01-01", "register:Ror X:row:2026-01-01", "judgement::2026-01-01",
     "judgement:because", "judgement:because:2026-13-01", "judgement:because:20260101", "rumour:x:2026-01-01"],
)  # fmt: skip
def test_evidence_is_a_register_row_or_a_dated_judgement(evidence: str) -> None:
    with pytest.raises(EntryError, match="evidence"):
        Entry.make("who.int", "primary", "", evidence)


def test_evidence_may_hold_colons_in_its_row_and_reason() -> None:
    row = Evidence.parse("register:ror:https://ror.org/01f80g185:2026-11-22")
    assert (row.kind, row.register, row.text, row.on.isoformat()) == (
        "register",
        "ror",
        "https://ror.org/01f80g185",
        "2026-11-22",
    )
    assert Evidence.parse("judgement:as said: edited:2026-11-22").text == "as said: edited"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("tier", "best", "unknown tier 'best'; there are primary"),
        ("topics", "Public Health", "public-health"),
        ("note", "two\tfields", "tabs"),
        ("note", "x" * 2001, "limit"),
        ("key", "venue:" + "x" * 2001, "limit"),
    ],
)
def test_other_fields_are_checked_too(field: str, value: str, message: str) -> None:
    fields = {"key": "who.int", "tier": "primary", "topics": "", "evidence": WHY, "note": ""} | {field: value}
    with pytest.raises(EntryError, match=message):
        Entry.make(**fields)
