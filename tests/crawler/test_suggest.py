"""Suggestions show a curator evidence, leave out what is listed, and change no table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import stepwell
from authority.entry import Entry
from authority.errors import RegisterError
from authority.registers import Registers
from authority.suggest import Cited, Held, Linked, Suggestion, doubts_of, read_graph, register_names, suggest
from authority.table import Table
from crawler.graph.citations import cited_venues
from crawler.graph.held import held_hosts
from indexer.corpus import CorpusWriter
from indexer.document import Document

WHY = "judgement:made up for a test:2026-11-22"
TABLE = Table(
    [
        Entry.make("elm.example", "primary", "", WHY),
        Entry.make(".gov", "reputable", "", WHY),
        Entry.make("venue:Known", "established", "", WHY),
    ]
)
HOSTS = """# harmonic centrality exact
host harmonic domains pages
www.oak.example 0.5 9 3
oak.example 0.25 12 0
elm.example 0.9 40 8
small.example 0.1 1 1
city.gov 0.2 3 1
someone.github.io 0.4 20 2
reddit.com 0.8 90 1
""".replace(" ", "\t").replace("#\tharmonic\tcentrality\texact", "# harmonic centrality exact")


def paper(number: int, venue: str, references: tuple[str, ...] = (), **identifiers: str) -> Document:
    names = {"doi": f"10.5555/{number}"} | identifiers
    return Document(id=f"p{number}", title=f"Paper {number}", kind="paper", venue=venue, identifiers=names, references=references)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    with CorpusWriter(tmp_path / "papers") as writer:
        writer.add(paper(1, "Annals of the Sea", issn="1932-6203"))
        writer.add(paper(2, "Annals of the  Sea", ("doi:10.5555/1", "doi:10.5555/3"), issn="1932-6203"))
        writer.add(paper(3, "Letters on Tides", ("doi:10.5555/1", "DOI:10.5555/2", "Smith 1990, a printed reference")))
        writer.add(paper(4, "Known", ("doi:10.5555/1", "doi:10.5555/404")))
        writer.add(paper(5, "", ("doi:10.5555/1",)))
    return tmp_path / "papers"


def test_citations_are_counted_between_venues_and_never_within_one(corpus: Path) -> None:
    counted = {venue.key: venue for venue in cited_venues([corpus])}
    assert counted["issn:1932-6203"] == Cited("issn:1932-6203", "Annals of the Sea", 2, 3, 2)
    assert counted["venue:letters on tides"] == Cited("venue:letters on tides", "Letters on Tides", 1, 1, 1)
    assert counted["venue:known"].citations == 0


def test_what_is_listed_and_what_anybody_writes_is_not_suggested(tmp_path: Path) -> None:
    (tmp_path / "hosts.tsv").write_text(HOSTS)
    found = suggest(TABLE, read_graph(tmp_path / "hosts.tsv"), [Cited("venue:known", "Known", 1, 9, 9)])
    assert [each.key for each in found] == ["oak.example", "small.example", "city.gov"]
    assert found[0] == Suggestion("oak.example", harmonic=0.5, domains=12)
    assert found[2].suffix == ".gov"


def test_a_register_comes_first_and_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "swot_domains.txt").write_text("small.example\n")
    named = register_names(Registers(tmp_path))
    first, *_ = suggest(TABLE, [Linked("www.oak.example", 0.5, 12), Linked("www.small.example", 0.1, 1)], named=named)
    assert (first.key, first.registers) == ("small.example", ("swot:small.example",))
    (tmp_path / "swot_domains.txt").unlink()
    with pytest.raises(RegisterError, match="no such file"):
        register_names(Registers(tmp_path))


def test_a_company_in_a_register_is_named_as_one_and_comes_after_public_bodies(tmp_path: Path) -> None:
    rows = [
        {"id": "https://ror.org/1", "status": "active", "types": ["Company"], "domains": ["oak.example"]},
        {"id": "https://ror.org/2", "status": "active", "types": ["Education"], "domains": ["small.example"]},
    ]
    with gzip.open(tmp_path / "ror_orgs.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    held = [Held("oak.example", 90), Held("small.example", 1)]
    public, private = suggest(TABLE, held=held, named=register_names(Registers(tmp_path)))
    assert (public.key, public.registers) == ("small.example", ("ror:2",))
    assert (private.key, private.registers) == ("oak.example", ("ror:1 (no public body)",))


def test_a_venue_is_suggested_for_what_others_say_and_not_for_its_own_papers() -> None:
    venues = [Cited("venue:proceedings of 1992", "Proceedings of 1992", 300, 0, 0), Cited("issn:1932-6203", "Annals", 2, 0, 0)]
    assert suggest(TABLE, cited=venues) == ()
    (only,) = suggest(TABLE, cited=venues, named={"issn:1932-6203": ("doaj:1932-6203",)})
    assert (only.key, only.registers) == ("issn:1932-6203", ("doaj:1932-6203",))


def test_a_domain_is_suggested_for_the_documents_that_lie_on_any_of_its_hosts(tmp_path: Path) -> None:
    urls = [
        "https://a.oak.example/1",
        "https://b.oak.example/2",
        "https://elm.example/3",
        "http://[half",
        "",
        "https://reddit.com/r/x",
    ]
    with CorpusWriter(tmp_path / "web") as writer:
        for number, url in enumerate(urls):
            writer.add(Document(id=str(number), title=f"Page {number}", text="Of trees.", url=url))
    (only,) = suggest(TABLE, held=held_hosts([tmp_path / "web"]))
    assert only == Suggestion("oak.example", documents=2)


def test_what_a_list_of_doubtful_sources_names_comes_last_and_says_so(tmp_path: Path) -> None:
    lists = tmp_path / "predatory-journals"
    lists.mkdir()
    (lists / "journals.csv").write_text("url,name\nhttps://journals.oak.example/,Annals of Everything\n")
    (lists / "publishers.csv").write_text("url,name\n")
    (lists / "hijacked.csv").write_text("hijacked,hijackedurl,althijackedurl\n")
    doubted = doubts_of(tmp_path)
    listed = [Held("oak.example", 90), Held("small.example", 1)]
    found = suggest(TABLE, held=listed, named={"oak.example": ("swot:oak.example",)}, doubted=doubted)
    assert [each.key for each in found] == ["small.example", "oak.example"]
    assert found[1].doubts == ("predatory-journals: on a list of predatory journals",)
    assert set(doubts_of(tmp_path / "none")) == set()


@pytest.mark.parametrize(
    "text", ["", "host\tpages\nx\t1\n", "host\tharmonic\tdomains\nx\tmuch\t1\n", "host\tharmonic\tdomains\nx\n"]
)
def test_a_file_that_is_no_table_of_hosts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts.tsv"
    path.write_text(text)
    with pytest.raises(RegisterError, match="is not a table of `stepwell crawler graph`"):
        read_graph(path)


def test_the_command_prints_evidence_and_leaves_the_table_as_it_was(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts, table = tmp_path / "hosts.tsv", tmp_path / "table.tsv"
    hosts.write_text(HOSTS)
    table.write_bytes(TABLE.serialise())
    command = ["authority", "suggest", "--graph", str(hosts), "--corpus", str(corpus), "--table", str(table)]
    assert stepwell.main(command) == 0
    out = capsys.readouterr().out
    assert "oak.example\n    linked from 12 other domains, harmonic centrality 0.500" in out
    assert "issn:1932-6203  Annals of the Sea\n    2 papers, cited 3 times from 2 other venues" in out
    assert "5 of 5 unlisted sources" in out
    assert stepwell.main([*command, "--json", "--limit", "1"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["unlisted"], len(printed["suggestions"])) == (5, 1)
    assert table.read_bytes() == TABLE.serialise()
    assert stepwell.main(["authority", "suggest"]) == 2
    assert "give --graph, --corpus, or both" in capsys.readouterr().err
