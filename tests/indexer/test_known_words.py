"""Words looked up by numpy mean what they were given to mean, and terms are spelt out as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.known_words import LONGEST, UNKNOWN, KnownWords, as_words, words_in
from indexer.spelling import Spelling

WORDS = st.lists(st.text("ab1\u00e9\u6c34", min_size=1, max_size=20).map(str.encode), max_size=60)


@given(WORDS.map(lambda words: [word[:LONGEST] for word in words]), WORDS, st.integers(0, 40))
def test_words_put_into_the_table_are_found_and_no_others(words: list[bytes], others: list[bytes], more_room: int) -> None:
    short = list(dict.fromkeys(words))
    known = KnownWords(len(short) + more_room)
    half = len(short) // 2
    known.put(as_words(short[:half]), np.arange(half))
    known.put(as_words(short[half:]), np.arange(half, len(short)))
    asked = [*words, *(word[:LONGEST] for word in others)]
    numbers = dict(zip(short, range(len(short)), strict=True))
    assert known.find(as_words(asked)).tolist() == [numbers.get(word, UNKNOWN) for word in asked]
    assert known.room == more_room


@given(WORDS)
def test_words_of_a_block_are_the_words_at_hand(words: list[bytes]) -> None:
    block = b" ".join([*words, b" " * LONGEST])
    sizes = np.array([len(word) for word in words], np.int64)
    found = words_in(block, np.cumsum(sizes + 1) - sizes - 1, sizes)
    expected = as_words([word[:LONGEST] for word in words])
    assert np.array_equal(found.first, expected.first)
    assert np.array_equal(found.second, expected.second)


def test_no_two_tables_begin_to_look_at_the_same_places() -> None:
    words = as_words([str(number).encode() for number in range(100)])
    assert KnownWords(100)._slots(words).tolist() != KnownWords(100)._slots(words).tolist()


def test_a_table_takes_no_more_than_it_has_room_for() -> None:
    with pytest.raises(AssertionError):
        KnownWords(1).put(as_words([b"one", b"two"]), np.arange(2))


@given(st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=30), min_size=1), st.data())
def test_texts_are_spelt_term_by_term(terms: list[str], data: st.DataObject) -> None:
    spelling = Spelling()
    half = len(terms) // 2
    spelling.add(terms[:half])
    spelling.add(terms[half:])
    texts = data.draw(st.lists(st.lists(st.integers(0, len(terms) - 1))))
    codes = np.array([code for text in texts for code in text], np.int64)
    spelt = spelling.spell(codes, np.array(list(map(len, texts)), np.int64))
    assert [text.split() for text in spelt] == [[terms[code] for code in text] for text in texts]
