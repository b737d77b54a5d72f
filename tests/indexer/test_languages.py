"""Filters by language find documents that do not say theirs, if it was told when they were indexed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import stepwell
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import load_encoder
from indexer.generation import current
from indexer.index import Index
from indexer.languages import DETECTOR, detector
from indexer.merge import merge
from indexer.repair import repair
from indexer.restriction import Restriction
from indexer.update import add

pytest.importorskip("py3langid", reason="the extra `language` is not installed")

SENTENCES = [line.split("\t") for line in (Path(__file__).parent / "languages.tsv").read_text().splitlines()]
"""Language, sentence: six in each of seventeen languages, the last one a title of two or three words."""


def _untold(count: int = len(SENTENCES), first: int = 0) -> list[Document]:
    return [Document(id=f"s{i}", title=SENTENCES[i][1]) for i in range(first, count)]


def test_nearly_every_sentence_is_told_and_what_is_told_is_right() -> None:
    told = [(language, detector(DETECTOR)(document)) for (language, _), document in zip(SENTENCES, _untold(), strict=True)]
    answered = [(language, code) for language, code in told if code]
    assert len(answered) >= 0.95 * len(SENTENCES)
    assert sum(language == code for language, code in answered) >= 0.98 * len(answered)


def test_what_a_document_says_is_never_questioned_and_what_words_leave_open_stays_unknown() -> None:
    tell = detector(DETECTOR)
    assert tell(Document(id="a", title="The tide comes in twice a day", language="de")) == "de"
    assert [tell(Document(id="a", title=title)) for title in ("42", "10.1000/182", "...")] == ["", "", ""]
    assert detector("")(Document(id="a", title="The tide comes in twice a day")) == ""


def _corpus(path: Path, documents: list[Document]) -> Path:
    with CorpusWriter(path) as writer:
        for document in documents:
            writer.add(document)
    return path


def _found(index: Path, language: str) -> set[str]:
    with Index.open(index) as reader:
        return set(reader.ids(reader.documents_of(reader.lexical_candidates([], 1_000, Restriction(languages=(language,))))))


def test_what_was_told_is_told_again_by_updates_merges_and_repairs(tmp_path: Path) -> None:
    index = tmp_path / "index"
    stated = Document(id="stated", title="Where the tide stands", language="fr")
    assert stepwell.main(
        ["indexer", "build", str(_corpus(tmp_path / "a", [*_untold(60), stated])), "--index", str(index), "--dense", "none",
         "--detect-language"]
    ) == 0  # fmt: skip
    add([_corpus(tmp_path / "b", _untold(first=60))], index, None)
    expected = {name: {f"s{i}" for i, (code, _) in enumerate(SENTENCES) if code == name} for name in ("de", "ru", "ja")}
    assert {name: _found(index, name) for name in expected} == expected
    assert "stated" in _found(index, "fr")
    merge(index, everything=True)
    (entry,) = current(index).segments
    damaged = index / "segments" / entry.name / "columns.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")
    assert repair(index, load_encoder).fresh
    assert current(index).languages == DETECTOR
    assert {name: _found(index, name) for name in expected} == expected
    with Index.open(index) as reader:
        assert {d.language for d in reader.documents(np.arange(reader.manifest.documents))} == {"", "fr"}, "records stay"


def test_nothing_is_told_unless_it_is_asked_for(tmp_path: Path) -> None:
    build([_corpus(tmp_path / "a", _untold(20))], tmp_path / "index", None)
    assert len(_found(tmp_path / "index", "unknown")) == 20
    assert current(tmp_path / "index").languages == ""
