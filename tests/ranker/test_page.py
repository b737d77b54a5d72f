"""The page of a run says what was measured, and shows it safely."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

import stepwell
from indexer.build import build
from ranker.collection import Collection, read_qrels
from ranker.proof.blocks import Folded, Heading, Paragraph, Picture, Table, to_html, to_markdown
from ranker.proof.classes import classes_of
from ranker.proof.page import page, write_page
from ranker.proof.plots import INK
from ranker.proof.report import Report, report
from ranker.ranking import DELTA
from ranker.search import Searcher

SAMPLE = Path(__file__).resolve().parents[2] / "crawler" / "sample"
HOSTILE = '<script>alert(1)</script> | [x](javascript:1) "&'


@pytest.fixture(scope="module")
def sample(sample_corpus: Path) -> Report:
    """The sample corpus, whose first query a hostile user wrote."""
    pytest.importorskip("matplotlib")
    qrels = read_qrels(SAMPLE / "qrels.tsv")
    queries = {q["_id"]: q["text"] for q in map(orjson.loads, (SAMPLE / "queries.jsonl").read_bytes().splitlines())}
    queries["q01"] += " " + HOSTILE
    build([sample_corpus], sample_corpus.parent / "lexical", None)
    with Searcher.open(sample_corpus.parent / "lexical", authority="sample", delta=DELTA) as searcher:
        return report(Collection(SAMPLE, "sample", "all", {q: queries[q] for q in qrels}, qrels), searcher)


def test_the_sums_behind_every_document_that_moved_are_its_score(sample: Report) -> None:
    assert sample.changed_by == "real"
    assert 0 < len(sample.changed) <= 20
    assert [q.overlap for q in sample.changed] == sorted(q.overlap for q in sample.changed)
    for query in sample.changed:
        for place in query.places:
            assert place.before != place.after
            assert min(place.before, place.after) <= 10
            assert sum(value for _, value in place.terms) == pytest.approx(place.relevance, abs=1e-9)
            assert 0 <= place.bonus <= DELTA


def test_a_report_agrees_with_the_systems_it_stands_beside(sample: Report) -> None:
    real = next(e for e in sample.effects if e.table == "real")
    assert real.ndcg == sample.evaluation.measures["bm25+authority"]["nDCG@10"]
    assert real.changed == sample.evaluation.changed_by_authority
    at_delta = next(e for e, _ in sample.frontier["real"] if e.delta == DELTA)
    assert at_delta == real
    none = sample.frontier["real"][0][0]
    assert (none.delta, none.changed) == (0, 0)


def test_the_html_stands_alone_and_text_from_outside_stays_text(sample: Report, tmp_path: Path) -> None:
    text = write_page(tmp_path, [sample, sample]).read_text()
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r'(src|href)="(?!#)', text.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', ""))
    assert INK not in text, "ink follows light and dark"
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) > 100
    for number in ("frontier-0", "frontier-1"):
        assert any(i.startswith(number) for i in ids)


def test_the_markdown_names_pictures_that_are_there_and_well_formed(sample: Report, tmp_path: Path) -> None:
    write_page(tmp_path, [sample])
    text = (tmp_path / "index.md").read_text()
    names = re.findall(r"\]\(([^)]+\.svg)\)", text)
    assert len(names) >= 3
    for name in names:
        assert ET.fromstring((tmp_path / name).read_text()).tag.endswith("svg")
    assert not re.search(r"(?<!\\)<", text), "no tag: every sign of one is escaped"
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", line.strip())) >= 3


def test_a_page_says_all_it_should(sample: Report) -> None:
    headings = [b.text for b in page([sample]) if isinstance(b, Heading)]
    for wanted in ("Quality", "Quality by class of query", "What tables do to relevance", "Whom the lists show"):
        assert wanted in headings
    assert {"The frontier over delta", "The queries that changed most"} <= set(headings)
    seen = replace(sample, evaluation=replace(sample.evaluation, caution="3 of 9 queries are known"))
    assert "These figures flatter: 3 of 9 queries are known." in [b.text for b in page([seen]) if isinstance(b, Paragraph)]


def test_two_pictures_on_a_page_share_no_id() -> None:
    svg = f'<svg><g id="a"/><use href="#a"/><path clip-path="url(#a)" stroke="{INK}"/></svg>'
    text = to_html([Picture("one", "c", svg, INK), Picture("two", "c", svg, INK)], "t")
    assert 'id="one-a"' in text
    assert 'id="two-a"' in text
    assert 'href="#two-a"' in text
    assert "url(#one-a)" in text
    assert "currentColor" in text


def test_both_forms_say_the_same() -> None:
    blocks = [Heading(2, "A *b*"), Paragraph("x | y"), Folded("more", (Table(("k", "v"), (("a|b", "1"),)),))]
    markdown, pictures = to_markdown(blocks)
    assert markdown == "## A \\*b\\*\n\nx \\| y\n\n**more**\n\n| k | v |\n| :-- | --: |\n| a\\|b | 1 |\n"
    assert pictures == {}
    assert "<td>1</td>" in to_html(blocks, "t")


@pytest.mark.parametrize(
    ("query_id", "text", "length", "form", "prefix"),
    [
        ("1", "tide tables", "1-3 words", "keywords or title", None),
        ("rb_24.1", "Please help me survey lidar simulation", "4-8 words", "instruction", "rb_"),
        ("ds_1", "how long should I boil water?", "4-8 words", "question", "ds_"),
        ("7", 'the "near tie" site:who.int', "4-8 words", "query syntax", None),
        ("8", "look at https://who.int/x now", "4-8 words", "with an address", None),
        ("9", "Zero-dimensional materials lack inductive properties.", "4-8 words", "statement", None),
        ("9", "word " * 61, "61 words or more", "statement", None),
    ],
)
def test_queries_are_told_apart_by_what_they_look_like(
    query_id: str, text: str, length: str, form: str, prefix: str | None
) -> None:
    found = classes_of(query_id, text)
    assert (found["length"], found["form"], found.get("prefix")) == (length, form, prefix)


def test_several_collections_share_a_page_and_one_index_serves_one_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stepwell.main(["ranker", "evaluate", "a", "b", "--index", str(tmp_path), "--encoder", "none"]) == 1
    assert "one collection" in capsys.readouterr().err


def test_calibrate_delta_prints_the_largest_that_does_no_harm(
    tmp_path: Path, sample_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "toy"
    (folder / "qrels").mkdir(parents=True)
    documents = [orjson.loads(line) for line in (SAMPLE / "pages.jsonl").read_bytes().splitlines()]
    rows = [{"_id": d["id"], "title": d["title"], "text": d["text"], "metadata": {"url": d["url"]}} for d in documents]
    (folder / "corpus.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    (folder / "queries.jsonl").write_bytes((SAMPLE / "queries.jsonl").read_bytes())
    (folder / "qrels" / "test.tsv").write_bytes((SAMPLE / "qrels.tsv").read_bytes())
    args = ["ranker", "calibrate", "--delta", str(folder), "--encoder", "none"]
    assert stepwell.main([*args, "--json"]) == 0
    found = orjson.loads(capsys.readouterr().out)
    for trial in found["trials"]:
        if trial["delta"] <= found["delta"]:
            assert trial["change"]["low"] > -0.005
    assert found["delta"] == min(found["by_table"].values())
    assert stepwell.main(args) == 0
    assert f"under all of them: {found['delta']:g}" in capsys.readouterr().out
