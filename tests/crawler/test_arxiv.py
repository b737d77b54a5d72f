"""Does a paper of arXiv come out the same, whatever form it came in?"""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.papers import open_source
from crawler.papers.arxiv_record import is_withdrawn, names_of
from crawler.papers.dublin_core import turned
from crawler.papers.latex import plain
from crawler.reading import Reading, SetAside
from indexer.document import Document

PAPER: dict[str, Any] = {
    "id": "2603.00017",
    "submitter": "Ida Alder",
    "authors": "Ida Alder (Driftwood Lab), Jos\\'e Bay Jr.",
    "title": "Tides of\n  $\\alpha$-seas",
    "comments": "12 pages",
    "journal-ref": "J. Tides 3 (2026) 1-9",
    "doi": "10.5555/TIDE.1",
    "report-no": None,
    "categories": "physics.ao-ph cs.IR",
    "license": "http://creativecommons.org/licenses/by/4.0/",
    "abstract": "  We measure $h_1$ twice.\nThen again.\n",
    "versions": [
        {"version": "v1", "created": "Sun, 1 Mar 2026 19:18:42 GMT"},
        {"version": "v3", "created": "Tue, 3 Mar 2026 20:10:27 GMT"},
    ],
    "update_date": "2026-03-04",
    "authors_parsed": [["Alder", "Ida", "", "Driftwood Lab"], ["Bay", "José", "Jr."]],
}
HEADER = "<header><identifier>oai:arXiv.org:2603.00017</identifier><datestamp>2026-03-04</datestamp></header>"
ARXIV = f"""<record>{HEADER}<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2603.00017</id><created>2026-03-01</created>
<updated>2026-03-03</updated><authors><author><keyname>Alder</keyname><forenames>Ida</forenames>
<affiliation>Driftwood Lab</affiliation></author>
<author><keyname>Bay</keyname><forenames>Jos\\'e</forenames><suffix>Jr.</suffix></author></authors>
<title>Tides of $\\alpha$-seas</title><categories>physics.ao-ph cs.IR</categories><comments>12 pages</comments>
<journal-ref>J. Tides 3 (2026) 1-9</journal-ref><doi>10.5555/TIDE.1</doi>
<license>http://creativecommons.org/licenses/by/4.0/</license><abstract>We measure $h_1$ twice. Then again.</abstract>
</arXiv></metadata></record>"""
RAW = f"""<record>{HEADER}<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2603.00017</id>
<submitter>Ida Alder</submitter><version version="v1"><date>Sun, 1 Mar 2026 19:18:42 GMT</date><size>12kb</size></version>
<version version="v3"><date>Tue, 3 Mar 2026 20:10:27 GMT</date><size>13kb</size><source_type>D</source_type></version>
<title>Tides of $\\alpha$-seas</title><authors>Ida Alder (Driftwood Lab), Jos\\'e Bay, Jr.</authors>
<categories>physics.ao-ph cs.IR</categories><comments>12 pages</comments><journal-ref>J. Tides 3 (2026) 1-9</journal-ref>
<doi>10.5555/TIDE.1</doi><license>http://creativecommons.org/licenses/by/4.0/</license>
<abstract>We measure $h_1$ twice. Then again.</abstract></arXivRaw></metadata></record>"""
DC = f"""<record>{HEADER}<metadata><oai_dc:dc><dc:title>Tides of $\\alpha$-seas</dc:title><dc:creator>Alder, Ida</dc:creator>
<dc:creator>Bay, José, Jr.</dc:creator><dc:subject>Physics</dc:subject>
<dc:description>We measure $h_1$ twice. Then again.</dc:description>
<dc:description>Comment: 12 pages</dc:description><dc:date>2026-03-01</dc:date><dc:date>2026-03-03</dc:date>
<dc:identifier>http://arxiv.org/abs/2603.00017</dc:identifier><dc:identifier>J. Tides 3 (2026) 1-9</dc:identifier>
<dc:identifier>doi:10.5555/TIDE.1</dc:identifier></oai_dc:dc></metadata></record>"""


def read(tmp_path: Path, name: str, content: str | bytes) -> list[Reading]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(open_source("arxiv").read(path))


def document(tmp_path: Path, name: str, content: str) -> Document:
    (reading,) = read(tmp_path, name, content)
    assert isinstance(reading.record, Document), reading.record
    return reading.record


FORMS = {"a.json": json.dumps(PAPER), "arxiv.xml": ARXIV, "raw.xml": RAW, "dc.xml": DC}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_paper(tmp_path: Path, name: str) -> None:
    found = document(tmp_path, name, FORMS[name])
    assert found.id == "arxiv:2603.00017"
    assert (found.title, found.text) == ("Tides of α-seas", "We measure h1 twice. Then again.")
    assert found.authors == ("Ida Alder", "José Bay Jr.")
    assert found.published == "2026-03-01"
    assert found.identifiers["doi"] == "10.5555/tide.1"
    assert found.identifiers["arxiv"].startswith("2603.00017")
    assert found.details["journal-ref"] == "J. Tides 3 (2026) 1-9"
    assert found.details["comments"] == "12 pages"
    assert found.details["updated"] == "2026-03-03"
    assert found.details["categories"]
    assert found.retracted is None


def test_the_newest_version_is_part_of_the_identifier_where_the_form_tells_it(tmp_path: Path) -> None:
    versions = {name: document(tmp_path, name, content).identifiers["arxiv"] for name, content in FORMS.items()}
    assert versions == {"a.json": "2603.00017v3", "raw.xml": "2603.00017v3", "arxiv.xml": "2603.00017", "dc.xml": "2603.00017"}


@pytest.mark.parametrize(
    ("comments", "abstract"),
    [
        ("This paper has been withdrawn", ""),
        ("This paper has been withdrawn by the author due to a crucial error in Lemma 3", "x"),
        ("Withdrawn", ""),
        ("withdrawn by arXiv admin because of disputed authorship", ""),
        ("This submission has been temporarily withdrawn", ""),
        ("Paper withdrawn due to an error", ""),
        ("4 pages. The authors regret: this manuscript has been withdrawn.", ""),
        ("", "This paper has been withdrawn by the authors."),
        ("The author has withdrawn this paper due to error", ""),
        ("Authors withdrew this", ""),
        ("This paper has been withdrawn by Ida Alder", ""),
        ("This paper has been withdrawn from arXiv", ""),
        ("This paper has been withdrawn and will be rewritten", ""),
        ("This paper is withdrawn pending revision", ""),
        ("Removed by arXiv admins", ""),
        ("This paper has been removed", ""),
    ],
)
def test_a_withdrawn_paper_is_retracted(comments: str, abstract: str) -> None:
    assert is_withdrawn(comments, abstract)


@pytest.mark.parametrize(
    ("comments", "abstract"),
    [
        ("12 pages, replaces the withdrawn paper hep-th/9901001", ""),
        ("An earlier version of this paper has been withdrawn", ""),
        ("", "We study how funds withdrawn from banks behave. " * 20),
        ("", "Retracted papers are cited long after. " * 20),
        ("v2: Section 4 was withdrawn", ""),
        ("Withdrawn section 3 corrected; 12 pages", ""),
        ("This paper has been withdrawn from ICML 2019 and submitted elsewhere", ""),
        ("Replaced; this version is not withdrawn", ""),
        ("", "Retracted graphs: we study retracts"),
        ("Withdrawn carbon dioxide studies", ""),
        ("Appendix removed by the authors", ""),
        ("", "We withdraw the assumption of depth."),
        ("The paper is retracted by a deformation", ""),
    ],
)
def test_a_paper_that_speaks_of_withdrawals_is_not(comments: str, abstract: str) -> None:
    assert not is_withdrawn(comments, abstract)


def test_a_version_that_arxiv_marks_as_ignored_is_retracted(tmp_path: Path) -> None:
    assert document(tmp_path, "raw.xml", RAW.replace(">D</source_type>", ">I</source_type>")).retracted is True


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("A. Bee, C. Dee and E. Eff", ("A. Bee", "C. Dee", "E. Eff")),
        ("A. Bee (1 and 2) and C. Dee (1) ((1) Uni, Town, (2) Lab)", ("A. Bee", "C. Dee")),
        ("Neal J. Evans, II, A. B. Cee, Jr., D. Eff", ("Neal J. Evans II", "A. B. Cee Jr.", "D. Eff")),
        ("The ALDER Collaboration: I. Alder, et al.", ("The ALDER Collaboration: I. Alder",)),
        ("I. Alder, for the Tide Collaboration", ("I. Alder", "Tide Collaboration")),
        ('H. M\\"uller and {\\L}. Os', ("H. Müller", "Ł. Os")),
        ("Andrew Sandy", ("Andrew Sandy",)),
    ],
)
def test_a_printed_byline_becomes_names(printed: str, names: tuple[str, ...]) -> None:
    assert names_of(printed) == names


def test_dublin_core_names_are_turned_and_bodies_are_not() -> None:
    assert turned("Alder, Ida") == "Ida Alder"
    assert turned("Bay, José, Jr.") == "José Bay Jr."
    assert turned("John Doe") == "John Doe"
    assert turned("Institute of Tides, Driftwood") == "Institute of Tides, Driftwood"


def test_records_with_little_in_them_are_kept_and_those_without_an_id_set_aside(tmp_path: Path) -> None:
    lines = ['{"id":"hep-th/9901001"}', '{"title":"no id"}', "[]", "{broken", '{"id":704.0001,"title":null,"authors":"A. Bee"}']
    kept, *others, number = [r.record for r in read(tmp_path, "a.jsonl", "\n".join(lines))]
    assert isinstance(kept, Document)
    assert (kept.id, kept.title, kept.published) == ("arxiv:hep-th/9901001", "arXiv:hep-th/9901001", "")
    assert [r.reason for r in others if isinstance(r, SetAside)] == ["no arXiv id", "no arXiv id", "broken JSON"]
    assert isinstance(number, Document)
    assert (number.id, number.authors) == ("arxiv:0704.0001", ("A. Bee",))


def test_a_title_without_end_and_a_line_without_end_are_set_aside_and_the_file_goes_on(tmp_path: Path) -> None:
    titles = ["x" * 10_001, "x" * 17_000_000, "Tides"]
    lines = [json.dumps(PAPER | {"title": title}) for title in titles]
    long, longer, good = [r.record for r in read(tmp_path, "a.jsonl", "\n".join(lines))]
    assert [r.reason for r in (long, longer) if isinstance(r, SetAside)] == ["title too long", "line too long"]
    assert isinstance(good, Document)


@pytest.mark.parametrize("first", ["null", "garbage"])
def test_a_bad_first_line_is_set_aside_and_the_file_goes_on(tmp_path: Path, first: str) -> None:
    bad, good = [r.record for r in read(tmp_path, "a.json", f"{first}\n{json.dumps(PAPER)}\n")]
    assert isinstance(bad, SetAside)
    assert isinstance(good, Document)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"Gr\"obner, Koll\'ar, Erd\H{o}s", "Gröbner, Kollár, Erdős"),
        (r"{\L}o\'{s}, \v{S}m\'{\i}d, \c{C}a\u{g}lar", "Łoś, Šmíd, Çağlar"),
        (r"$(k,\ell)$-sparse, $k$ and $x_1$", "(k,ℓ)-sparse, k and x1"),
        (r"``so'' 5\% of \$3 \emph{all}~x", "“so” 5% of $3 all x"),
        (r"\unknown{foo} and an odd $ sign", r"\unknown{foo} and an odd $ sign"),
        (r"Fran{\c c}ois and Stra{\ss}e", "François and Straße"),
    ],
)
def test_latex_prose_reads_as_plain_text(source: str, text: str) -> None:
    assert plain(source) == text
