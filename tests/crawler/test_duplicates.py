"""Which pages say the same, and which addresses are the same page."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.merging.duplicates import BANDS, FEWEST, RESEMBLING, ROWS, SHINGLE, bands, fingerprint, resemblance, text_key
from crawler.web.page import canonical_url
from crawler.web.tracking import is_tracking

WORDS = [f"word{i}" for i in range(5_000)]
chance = random.Random(11)


def text_of(length: int, seed: int = 0) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def shingles(words: list[str]) -> set[str]:
    return {" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}


def jaccard(one: list[str], other: list[str]) -> float:
    return len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))


def changed(words: list[str], places: int, seed: int) -> list[str]:
    words, chance = list(words), random.Random(seed)
    for place in chance.sample(range(len(words)), places):
        words[place] = f"new{place}"
    return words


@pytest.mark.parametrize("places", [0, 5, 20, 60, 200, 1000])
def test_a_fingerprint_estimates_the_share_of_common_shingles(places: int) -> None:
    words = text_of(1000)
    other = changed(words, places, 1)
    estimate = resemblance(fingerprint(" ".join(words)), fingerprint(" ".join(other)))
    assert estimate == pytest.approx(jaccard(words, other), abs=4 * 0.5 / (BANDS * ROWS) ** 0.5)


def test_near_duplicates_share_a_band_and_strangers_do_not() -> None:
    met, close = 0, 0
    for seed in range(60):
        words = text_of(400, seed)
        other = changed(words, 8, seed)
        one, two = fingerprint(" ".join(words)), fingerprint(" ".join(other))
        close += jaccard(words, other) >= RESEMBLING
        met += bool(set(bands(one)) & set(bands(two)))
    assert close == met == 60
    strangers = [set(bands(fingerprint(" ".join(text_of(400, seed))))) for seed in range(100, 160)]
    assert not any(a & b for i, a in enumerate(strangers) for b in strangers[:i])


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    assert fingerprint(" ".join(WORDS[:100]))[:12].hex() == "fbe5a100a1e21f031b93410a"
    assert len(fingerprint(" ".join(WORDS[:100]))) == 4 * BANDS * ROWS


@given(st.integers(0, 10**6), st.sampled_from([str.upper, str.title, lambda t: t.replace(" ", ",\n "), lambda t: f"  ({t}!)"]))
def test_case_punctuation_and_spacing_are_not_what_a_page_says(seed: int, printed) -> None:
    text = " ".join(text_of(FEWEST + SHINGLE, seed))
    assert text_key(printed(text)) == text_key(text) != ""
    assert fingerprint(printed(text)) == fingerprint(text)
    assert text_key(f"{text} more") != text_key(text)


def test_short_texts_are_nobodys_duplicate() -> None:
    words = WORDS[: FEWEST + SHINGLE - 1]
    assert text_key(" ".join(words))
    assert fingerprint(" ".join(words))
    for short in (" ".join(words[1:]), "Page not found.", ""):
        assert text_key(short) == ""
        assert fingerprint(short) == b""
        assert bands(fingerprint(short)) == []


def test_scripts_without_spaces_are_compared_letter_by_letter() -> None:
    one = "".join(chr(0x4E00 + (i * 37) % 3000) for i in range(600))
    other = one[:300] + "\u4e00" + one[301:]
    assert resemblance(fingerprint(one), fingerprint(other)) > 0.9
    assert set(bands(fingerprint(one))) & set(bands(fingerprint(other)))


def test_any_text_can_be_compared() -> None:
    for text in ("\ud800 " * 100, "a" * 100_000, "\0 " * 100, " ".join(text_of(50_000))):
        assert isinstance(fingerprint(text), bytes)
        assert isinstance(text_key(text), str)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://Alder.Example:443/a", "https://alder.example/a"),
        ("http://alder.example:80", "http://alder.example/"),
        ("https://alder.example/a#part", "https://alder.example/a"),
        ("https://alder.example/b/../a/./", "https://alder.example/a/"),
        ("https://alder.example/a?", "https://alder.example/a"),
        ("https://alder.example/a?y=2&x=1", "https://alder.example/a?x=1&y=2"),
        ("https://alder.example/a?utm_source=mail&x=1&gclid=3&fbclid=4", "https://alder.example/a?x=1"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://alder.example/%7Emira/", "https://alder.example/~mira/"),
    ],
)
def test_spellings_of_one_address(url: str, same: str) -> None:
    assert canonical_url(url) == canonical_url(same) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://alder.example/a", "https://alder.example/A"),
        ("https://alder.example/a", "https://alder.example/a/"),
        ("https://alder.example/?ref=1", "https://alder.example/?ref=2"),
        ("https://alder.example/a%2Fb", "https://alder.example/a/b"),
        ("http://alder.example:8080/", "http://alder.example/"),
    ],
)
def test_addresses_that_may_be_different_pages(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "name", ["utm_source", "UTM_Campaign", "gclid", "FBCLID", "msclkid", "mc_eid", "mtm_source", "__hssc", "_ga", "srsltid"]
)
def test_parameters_that_only_track_are_known_in_any_case(name: str) -> None:
    assert is_tracking(name)


@pytest.mark.parametrize(
    "name", ["", "id", "q", "page", "ref", "source", "from", "campaign", "utm", "cid", "lang", "mc_id", "gclid2"]
)
def test_parameters_that_may_choose_a_page_are_kept(name: str) -> None:
    assert not is_tracking(name)
