"""The ACL Anthology's XML as documents."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from crawler.errors import SourceError, UsageError
from crawler.papers.acl import SITE, AclSource, anthology_id, published
from crawler.papers.language import language_code
from crawler.papers.markup import tidy
from crawler.reading import SetAside, Skipped
from indexer.document import Document

VOLUME = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="{collection}">
  <volume id="{volume}" type="proceedings">
    <meta>
      <booktitle>Proceedings of the First <fixed-case>W</fixed-case>orkshop on Wells</booktitle>
      <editor><first>Edda</first><last>Brunnen</last></editor>
      <publisher>Well Press</publisher><address>Tarn, Alder</address>
      <month>29 October--3 November</month><year>2019</year>
      <isbn>978-0-00-000000-2</isbn><venue>wells</venue><venue>ws</venue>
    </meta>
    <frontmatter><url hash="00000000">front</url><bibkey>wells-2019-front</bibkey></frontmatter>
    {papers}
  </volume>
  <event id="wells-2019"><meta><title>Wells 2019</title></meta></event>
</collection>
"""
PAPER = """<paper id="{id}">
  <title>On <fixed-case>D</fixed-case>eep   Wells &amp; <b>Steps</b></title>
  <author><first>Ana</first><last>Pozo</last></author>
  <author><last>Mimir</last></author>
  <author id="wang"><first>Yi</first><last>Wang</last><variant script="hani"><first>一</first><last>王</last></variant></author>
  <pages>1–9</pages>
  <abstract>We dig <tex-math>O(n^2)</tex-math> wells; see <url>https://wells.example/a_b</url>.
    An <tex-math>\\alpha</tex-math>, <i>rather <b>deep</b></i>\u00a0one.</abstract>
  <url hash="11111111">{url}</url>
  <doi>{doi}</doi>
  <language>fra</language>
  <bibkey>pozo-2019-wells</bibkey>
</paper>"""


def write(folder: Path, papers: str, collection: str = "W19", volume: str = "1") -> Path:
    path = folder / f"{collection}.xml"
    path.write_text(VOLUME.format(collection=collection, volume=volume, papers=papers), encoding="utf-8")
    return path


def one_paper(folder: Path, extra: str = "", url: str = "W19-0107", doi: str = "10.1/x") -> Document:
    paper = PAPER.format(id=7, url=url, doi=doi).replace("</paper>", extra + "</paper>")
    (document,) = documents(write(folder, paper))
    return document


def documents(path: Path) -> list[Document]:
    return [r.record for r in AclSource().read(path) if isinstance(r.record, Document)]


def rejects(path: Path) -> list[SetAside]:
    return [r.record for r in AclSource().read(path) if isinstance(r.record, SetAside)]


def test_a_paper_becomes_a_document_with_everything_the_file_says(tmp_path: Path) -> None:
    assert one_paper(tmp_path, doi="10.18653/v1/W19-0107") == Document(
        id="acl:W19-0107",
        title="On Deep Wells & Steps",
        text="We dig O(n^2) wells; see https://wells.example/a_b. An α, rather deep one.",
        kind="paper",
        url="https://aclanthology.org/W19-0107/",
        authors=("Ana Pozo", "Mimir", "Yi Wang"),
        editors=("Edda Brunnen",),
        venue="Proceedings of the First Workshop on Wells",
        published="2019-10",
        language="fr",
        collection="acl",
        identifiers={
            "acl": "W19-0107",
            "doi": "10.18653/v1/W19-0107",
            "pdf": "https://aclanthology.org/W19-0107.pdf",
            "isbn": "978-0-00-000000-2",
            "bibkey": "pozo-2019-wells",
        },
        details={
            "volume": "1",
            "venues": "wells ws",
            "publisher": "Well Press",
            "address": "Tarn, Alder",
            "pages": "1–9",
            "names": "Yi Wang = 王一",
        },
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (("P19", "1", "1"), "P19-1001"),
        (("J75", "4", "8"), "J75-4008"),
        (("W06", "1", "1"), "W06-0101"),
        (("W19", "58", "12"), "W19-5812"),
        (("C69", "1", "1"), "C69-0101"),
        (("D19", "1", "630"), "D19-1630"),
        (("D19", "50", "3"), "D19-5003"),
        (("2020.acl", "main", "1"), "2020.acl-main.1"),
    ],
)
def test_ids_follow_the_padding_rules_of_their_age(name: tuple[str, str, str], expected: str) -> None:
    assert anthology_id(*name) == expected


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        ("2019", "July", "2019-07"),
        ("2019", "sEPTEMBER", "2019-09"),
        ("2004", "Septemer 5", "2004-09"),
        ("2011", "29 October--3 November", "2011-10"),
        ("2001", "May–June", "2001-05"),
        ("2022", "6", "2022-06"),
        ("2022", "13", "2022"),
        ("1999", "", "1999"),
        ("1999", "Sommer", "1999"),
        ("", "May", ""),
    ],
)
def test_the_first_month_that_can_be_read_dates_a_paper(year: str, month: str, expected: str) -> None:
    assert published(year, month) == expected


@pytest.mark.parametrize(
    ("doi", "key", "value"),
    [
        ("10.18653/v1/P19-1001", "doi", "10.18653/v1/P19-1001"),
        ("doi:10.1162/COLI_a_00239", "doi", "10.1162/COLI_a_00239"),
        ("0.26615/978-954-452-046-5_001", "doi", "10.26615/978-954-452-046-5_001"),
        ("http://hdl.handle.net/2065/29020", "handle", "http://hdl.handle.net/2065/29020"),
    ],
)
def test_dois_are_bare_and_handles_are_not_called_dois(tmp_path: Path, doi: str, key: str, value: str) -> None:
    identifiers = one_paper(tmp_path, doi=doi).identifiers
    assert identifiers[key] == value
    assert ("doi" in identifiers) == (key == "doi")


def test_an_incomplete_doi_is_shown_but_identifies_nothing(tmp_path: Path) -> None:
    paper = one_paper(tmp_path, doi="10.1162/")
    assert paper.details["doi"] == "10.1162/"
    assert not {"doi", "handle"} & set(paper.identifiers)


def test_a_link_that_is_no_pdf_is_kept_but_not_called_one(tmp_path: Path) -> None:
    elsewhere = one_paper(tmp_path, url="https://press.example/chapter/1")
    assert "pdf" not in elsewhere.identifiers
    assert elsewhere.details["link"] == "https://press.example/chapter/1"
    assert one_paper(tmp_path, url="http://conf.example/1.pdf").identifiers["pdf"] == "http://conf.example/1.pdf"


def test_retractions_and_corrections_stay_with_the_paper(tmp_path: Path) -> None:
    paper = one_paper(
        tmp_path,
        '<retracted date="2021-05-06">An error was <i>found</i>.</retracted><erratum id="1" hash="0">W19-0107e1</erratum>'
        '<revision id="1" href="v1" hash="0"/><revision id="2" href="v2" hash="0" date="2020-01-02">New table.</revision>',
    )
    assert paper.details["retracted"] == "2021-05-06 An error was found."
    assert paper.details["errata"] == f"{SITE}/W19-0107e1.pdf"
    assert paper.details["revisions"] == "v2 2020-01-02 New table."
    assert "removed" not in paper.details


def test_editors_of_a_paper_win_over_those_of_its_volume_and_are_no_authors(tmp_path: Path) -> None:
    edited = "<paper id='1'><title>Panel</title><editor><first>Ina</first><last>Quelle</last></editor></paper>"
    (document,) = documents(write(tmp_path, edited))
    assert (document.editors, document.authors) == (("Ina Quelle",), ())


def test_a_paper_with_nothing_but_an_id_is_kept_under_its_id(tmp_path: Path) -> None:
    (document,) = documents(write(tmp_path, "<paper id='3'/>"))
    assert (document.title, document.text, document.published) == ("W19-0103", "", "2019-10")


def test_front_matter_is_skipped_and_counted(tmp_path: Path) -> None:
    records = [r.record for r in AclSource().read(write(tmp_path, "<paper id='3'/>"))]
    assert [type(r) for r in records] == [Skipped, Document]


def test_papers_before_a_break_are_kept_and_the_rest_is_set_aside_with_its_line(tmp_path: Path) -> None:
    papers = "\n".join(PAPER.format(id=n, url=f"W19-01{n:02}", doi="10.1000/1") for n in range(1, 41))
    path = write(tmp_path, papers)
    whole = path.read_text(encoding="utf-8")
    cut = whole.index('<paper id="31">') + 200
    path.write_text(whole[:cut], encoding="utf-8")
    assert [d.identifiers["acl"] for d in documents(path)] == [f"W19-01{n:02}" for n in range(1, 31)]
    (broken,) = rejects(path)
    assert broken.reason == "broken XML"
    assert broken.where == f"{path}:{whole[:cut].count(chr(10)) + 1}"


@pytest.mark.parametrize("content", [b"", b"not xml", b"<collection>", b"\xff\xfe\x00", b"\x00" * 100])
def test_what_is_not_xml_is_set_aside_and_the_next_file_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "A00.xml").write_bytes(content)
    write(tmp_path, "<paper id='1'/>")
    assert [d.id for d in documents(tmp_path)] == ["acl:W19-0101"]
    assert [r.reason for r in rejects(tmp_path)] == ["broken XML"]


def test_a_file_that_cannot_be_opened_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "A00.xml").symlink_to(tmp_path / "gone.xml")
    write(tmp_path, "<paper id='1'/>")
    assert [d.id for d in documents(tmp_path)] == ["acl:W19-0101"]
    assert [r.reason for r in rejects(tmp_path)] == ["cannot be read"]


def test_entities_are_not_expanded_and_no_file_is_read_for_one(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden", encoding="utf-8")
    bomb = f"""<!DOCTYPE collection [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY s SYSTEM "{secret.as_uri()}">]>
    <collection id="X00"><volume id="1"><paper id="1"><title>&b; &s;</title></paper></volume></collection>"""
    path = tmp_path / "X00.xml"
    path.write_text(bomb, encoding="utf-8")
    assert documents(path) == []
    assert [r.reason for r in rejects(path)] == ["entity declarations"]


def test_a_paper_whose_id_makes_no_sense_is_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path, "<paper id='one'><title>T</title></paper><paper><title>U</title></paper><paper id='2'/>")
    assert [d.id for d in documents(path)] == ["acl:W19-0102"]
    assert [r.reason for r in rejects(path)] == ["no Anthology id"] * 2


def test_a_folder_without_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no \\.xml files"):
        list(AclSource().read(tmp_path))
    with pytest.raises(UsageError, match="no such file or folder"):
        list(AclSource().read(tmp_path / "missing"))


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        (r"a \textit{fine} well~\cite{x} of 5\%", "a fine well of 5%"),
        ("costs $5 and $10", "costs $5 and $10"),
        (r"with $\rho \in (0.3, 2)$ of $F_1$", "with ρ ∈ (0.3, 2) of F1"),
        ("R&amp;D", "R&D"),
        ("l\u0092eau d\u008ependance", "l’eau dépendance"),
        ("e\u0301tat co\u00adre", "état core"),
        ("a\n  b\u00a0c", "a b c"),
    ],
)
def test_leftovers_of_other_formats_are_tidied(pasted: str, text: str) -> None:
    assert tidy(pasted) == text


@pytest.mark.parametrize(
    ("tag", "code"), [("eng", "en"), ("fre", "fr"), ("pt-BR", "pt"), ("no-NO", "no"), ("EN_us", "en"), ("xxx", ""), ("", "")]
)
def test_language_tags_become_two_letter_codes(tag: str, code: str) -> None:
    assert language_code(tag) == code


def test_the_whole_anthology_is_kept_and_agrees_with_a_count_of_its_bytes(shared_data: Path) -> None:
    folder = shared_data / "acl_anthology"
    expected: Counter[str] = Counter()
    for path in folder.glob("*.xml"):
        for paper in re.findall(rb"<paper .*?</paper>", path.read_bytes(), re.DOTALL):
            expected["papers"] += 1
            expected["abstracts"] += bool(re.search(rb"<abstract>\s*[^\s]", paper))
            expected["dois"] += b"<doi>" in paper
            expected["authors"] += len(re.findall(rb"<author[ >]", paper))
            expected["retracted"] += b"<retracted" in paper
    counted: Counter[str] = Counter()
    ids = set()
    for reading in AclSource().read(folder):
        if isinstance(paper := reading.record, Document):
            ids.add(paper.id)
            counted["papers"] += 1
            counted["abstracts"] += bool(paper.text)
            counted["dois"] += bool({"doi", "handle"} & set(paper.identifiers)) or "doi" in paper.details
            counted["authors"] += len(paper.authors)
            counted["retracted"] += "retracted" in paper.details
            pdf = paper.identifiers.get("pdf", "")
            counted["odd ids"] += pdf.startswith(SITE) and pdf != f"{SITE}/{paper.identifiers['acl']}.pdf"
            counted["doubled spaces"] += "  " in paper.title or "  " in paper.text
            counted["no venue or year"] += not paper.venue or not paper.published
        else:
            assert isinstance(reading.record, Skipped), reading.record
    assert len(ids) == counted["papers"] == 103_514
    assert counted.pop("odd ids") == 2  # two files are named unlike their paper
    assert {**counted} == {**expected, "doubled spaces": 0, "no venue or year": 0}
    assert (expected["abstracts"], expected["dois"]) == (58_959, 46_973)
