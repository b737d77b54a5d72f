"""The analyzer's terms are what a reader of any script would look for, and a build's terms are those of a query."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import vocabulary
from indexer.analysis import MAX_TERM, analyze
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.vocabulary import Vocabulary
from ranker.ranking import Ranking
from ranker.search import Searcher


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Running runners RAN", ["run", "runner", "ran"]),
        ("Résumé, naïve; Straße Łódź Ørsted", ["resum", "naiv", "strass", "lodz", "orst"]),
        ("e\u0301te\u0301", ["ete"]),  # an accent of its own
        ("İstanbul", ["istanbul"]),
        ("GPT-4 and BERT-base_v2", ["gpt", "4", "and", "bert", "base", "v2"]),
        ("doi:10.1000/xyz", ["doi", "10", "1000", "xyz"]),
        ("C++, C# or F# but not c and #tag", ["cpp", "csharp", "or", "fsharp", "but", "not", "c", "and", "tag"]),
        ("Ｃ++ ç++ 𝐂++ Ｃ# と Ｆ# C\u00ad++", ["cpp", "cpp", "cpp", "csharp", "と", "fsharp", "cpp"]),
        ("中Ｃ++, C+\u0301+ but éＣ++ aＣ# Ｃ#é Ｃ＋＋", ["中", "cpp", "cpp", "but", "ec", "ac", "c", "e", "c"]),
        ("ﬁne ｗｉｄｅ m²", ["fine", "wide", "m2"]),
        ("co\u00adoperation zero\u200bwidth", ["cooper", "zero", "width"]),
        ("the moon\u2019s “pull” – tides…", ["the", "moon", "s", "pull", "tide"]),
        ("深層学習とGPT模型", ["深層", "層学", "学習", "習と", "gpt", "模型"]),
        ("水", ["水"]),
        ("한국어", ["한국", "국어"]),
        ("ΆΝΔΡΕΣ άνδρες", ["ανδρεσ", "ανδρεσ"]),
        ("हिन्दी", ["हिन्दी"]),
    ],
)
def test_terms_of(text: str, terms: list[str]) -> None:
    assert analyze(text) == terms


WRITTEN = st.lists(st.text("aBé’ǆ水ß+#C \0\n0", max_size=40) | st.text("ab水 ", max_size=300), max_size=8)
"""Words around the sizes where one number, two, and a string stand for them, with much between them that is folded."""


NAMED = st.lists(st.text("cCfF+#+#Ｃ𝐂Ｆ＋ç\u0327\u00ad\u200b_a中 ", max_size=12), max_size=8)
"""Names of programming languages as they are typed with wide letters, accents and what cannot be seen."""


@given(st.lists(st.text(), max_size=8) | WRITTEN | NAMED, st.integers(0, 5))
def test_a_build_and_a_query_see_the_same_terms(texts: list[str], known: int) -> None:
    words = Vocabulary()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "KNOWN_WORDS", known)  # what is forgotten is met again with the same codes
        for block in (texts, texts[::-1], []):
            found = words.analyze(block)
            terms = iter([words.terms[code] for code in found.codes.tolist()])
            assert [[next(terms) for _ in range(size)] for size in found.sizes.tolist()] == [analyze(text) for text in block]
            assert [joined.split() for joined in found.joined] == [analyze(text) for text in block]
            assert next(terms, None) is None
            assert len(set(words.terms)) == len(words.terms)


def test_a_name_in_wide_letters_is_found_however_it_is_typed(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(Document("wide", "Ｃ# と Ｆ#"))
        writer.add(Document("narrow", "C# notes"))
        writer.add(Document("other", "c and f"))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with Searcher.open(tmp_path / "index", authority="off") as searcher:
        for ranking in searcher.search(["C#", "Ｃ#"]):
            assert isinstance(ranking, Ranking)
            assert {hit.doc_id for hit in ranking.hits} == {"wide", "narrow"}


def test_a_text_without_spaces_is_not_remembered() -> None:
    words = Vocabulary()
    text = "深層学習" * 100
    assert words.analyze([text, "b " + text]).sizes.tolist() == [399, 400]
    assert words.remembered == 1
    assert words.analyze([text]).codes.tolist() == words.analyze([text]).codes.tolist()
    assert words._several == []


@pytest.mark.parametrize("size", [7, 8, 9, 15, 16, 17, MAX_TERM, MAX_TERM + 1, vocabulary.LONG_WORD, vocabulary.LONG_WORD + 1])
def test_words_of_every_size_are_told_apart_by_their_last_letter(size: int) -> None:
    words, texts = Vocabulary(), ["a" * (size - 1) + last for last in "xyz"]
    for block in (texts, texts[::-1], ["a " * size, *texts]):
        found = words.analyze(block)
        assert [joined.split() for joined in found.joined] == [analyze(text) for text in block]
    assert words.remembered == (4 if size <= vocabulary.LONG_WORD else 1)


@given(st.text(), st.text())
def test_terms_of_a_text_are_those_of_its_parts(left: str, right: str) -> None:
    assert analyze(f"{left} {right}") == analyze(left) + analyze(right)


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_composed_and_decomposed_letters_are_the_same_terms(text: str) -> None:
    assert analyze(unicodedata.normalize("NFD", text)) == analyze(unicodedata.normalize("NFC", text))


def test_a_term_longer_than_anyone_searches_is_dropped() -> None:
    assert analyze("a" * MAX_TERM + " b " + "c" * (MAX_TERM + 1)) == ["a" * MAX_TERM, "b"]
