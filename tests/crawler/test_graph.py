"""The host graph: who links to whom, and how central each host is, against the definition."""

from __future__ import annotations

import json
from collections import deque
from fractions import Fraction
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli import main
from crawler.errors import SourceError
from crawler.graph.centrality import harmonic_centrality
from crawler.graph.hosts import COLUMNS, host_graph
from crawler.web.outlinks import write_outlinks


def by_definition(nodes: int, edges: list[tuple[int, int]]) -> list[float]:
    """Sum of 1/d(y, x) over all y, by one plain search from each y, divided by n - 1."""
    total = [Fraction(0)] * nodes
    for root in range(nodes):
        distance, queue = {root: 0}, deque([root])
        while queue:
            at = queue.popleft()
            for source, target in edges:
                if source == at and target not in distance:
                    distance[target] = distance[at] + 1
                    queue.append(target)
        for node, steps in distance.items():
            if node != root:
                total[node] += Fraction(1, steps)
    return [float(value / (nodes - 1)) for value in total]


@given(
    st.integers(2, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=40)))
)
def test_centrality_is_what_the_definition_says(graph: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, edges = graph
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    found = harmonic_centrality(nodes, ends[:, 0], ends[:, 1])
    assert found.error == 0.0
    assert found.values == pytest.approx(by_definition(nodes, edges), abs=1e-12)


def test_more_nodes_than_are_searched_from_at_once() -> None:
    ring = np.arange(600, dtype=np.int64)
    found = harmonic_centrality(600, ring, np.roll(ring, -1))
    assert found.values == pytest.approx(np.full(600, (1 / np.arange(1, 600)).sum() / 599))


def test_a_sample_is_as_near_to_the_whole_as_it_says() -> None:
    chance = np.random.default_rng(5)
    sources, targets = chance.integers(0, 5000, 40_000), (5000 * chance.random(40_000) ** 3).astype(np.int64)
    whole, sample = harmonic_centrality(5000, sources, targets), harmonic_centrality(5000, sources, targets, work=0)
    assert whole.error == 0.0
    assert sample.error == pytest.approx(0.5 / 1024**0.5)
    misses = np.abs(sample.values - whole.values)
    assert misses.max() < 4 * sample.error
    assert np.corrcoef(sample.values, whole.values)[0, 1] > 0.99


def test_no_nodes_and_no_edges_are_no_failure() -> None:
    none = np.array([], dtype=np.int64)
    assert harmonic_centrality(0, none, none).values.shape == (0,)
    assert harmonic_centrality(3, none, none).values.tolist() == [0, 0, 0]


def page(url: str, *links: str) -> bytes:
    return orjson.dumps({"url": url, "links": [[link, "words"] for link in links]})


def rows(path: Path) -> dict[str, tuple[float, int, int]]:
    head, *lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert head == list(COLUMNS)
    return {host: (float(harmonic), int(domains), int(pages)) for host, harmonic, domains, pages in lines}


def crawled(path: Path, *files: list[bytes]) -> Path:
    path.mkdir()
    for lines in files:
        write_outlinks(path, lines)
    return path


def test_hosts_domains_and_pages_are_counted_once(tmp_path: Path) -> None:
    links = ("https://alder.example/x#y", "HTTPS://ALDER.example:443/z", "https://birk.example/", "https://www.birk.example/b")
    corpus = crawled(
        tmp_path / "corpus",
        [page("https://www.birk.example/", *links), page("https://www.birk.example/2", "https://alder.example/")],
        [page("https://alder.example/", "https://birk.example/", "https://alder.example/2")],
        [page("https://cove.example/", "https://alder.example/")],
    )
    graph = host_graph([corpus], tmp_path / "hosts.tsv")
    assert (graph.pages, graph.hosts, graph.edges, graph.links, graph.error) == (4, 4, 4, 6, 0.0)
    found = rows(tmp_path / "hosts.tsv")
    assert found["alder.example"] == (pytest.approx(2 / 3), 2, 1)
    assert found["birk.example"] == (pytest.approx((1 + 1 + 1 / 2) / 3, abs=1e-6), 1, 0)  # its own domain does not count
    assert found["cove.example"] == (0.0, 0, 1)
    assert found["www.birk.example"][2] == 2
    assert next(iter(found)) == "birk.example"
    assert not list(tmp_path.glob("*.tmp"))


def test_a_page_counts_by_its_newest_line_and_once_over_all_corpora(tmp_path: Path) -> None:
    one = crawled(
        tmp_path / "one",
        [page("https://alder.example/", "https://old.example/")],
        [page("https://alder.example/", "https://new.example/")],
    )
    two = crawled(tmp_path / "two", [page("https://alder.example/", "https://other.example/")])
    assert host_graph([one, two], tmp_path / "hosts.tsv").pages == 1
    assert set(rows(tmp_path / "hosts.tsv")) == {"alder.example", "new.example"}


def test_broken_lines_and_links_to_nowhere_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    corpus = crawled(
        tmp_path / "corpus",
        [b"{", b'{"url": "https://a.example/"}', b"[1]", b'{"url": "https://b.example/", "links": [[], 3]}'],
        [
            page("https://alder.example/", "https://birk.example/", "https://[1/", "mailto:x"),
            page("nonsense//", "https://c.example/"),
        ],
    )
    (corpus / "outlinks-00003.jsonl.zst").write_bytes((corpus / "outlinks-00002.jsonl.zst").read_bytes()[:-9])
    graph = host_graph([corpus], tmp_path / "hosts.tsv")
    assert graph.set_aside["broken line"] == 4
    assert graph.set_aside["no valid host"] >= 2
    assert {"alder.example", "birk.example"} <= set(rows(tmp_path / "hosts.tsv"))


def test_without_outlinks_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    with pytest.raises(SourceError, match="no outlinks"):
        host_graph([tmp_path / "corpus"], tmp_path / "hosts.tsv")
    corpus = crawled(tmp_path / "other", [page("https://alder.example/")])
    with pytest.raises(SourceError, match="no folder"):
        host_graph([corpus], tmp_path / "missing" / "hosts.tsv")
    assert not list(tmp_path.glob("hosts*"))


def test_the_verb_reports_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = crawled(tmp_path / "corpus", [page("https://alder.example/", "https://birk.example/", "https://[1/")])
    call = ["graph", str(corpus), "--out", str(tmp_path / "hosts.tsv")]
    assert main(call) == 0
    assert "2 hosts, 1 links between hosts, harmonic centrality exact" in capsys.readouterr().out
    assert main([*call, "--json", "--strict"]) == 1
    assert json.loads(capsys.readouterr().out)["hosts"] == 2
