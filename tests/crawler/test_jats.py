"""JATS articles as documents with sections."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from lxml import etree

from crawler.papers import open_source
from crawler.papers.mathml import formula
from crawler.papers.running_text import running_text, tex_formula
from crawler.reading import SetAside
from indexer.document import Document

ARTICLE = """<article xmlns:mml="http://www.w3.org/1998/Math/MathML"
xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>
<front><journal-meta><journal-title-group><journal-title>Annals of Wells</journal-title></journal-title-group>
<issn>0000-0019</issn></journal-meta>
<article-meta><article-id pub-id-type="doi">10.1000/W1</article-id>{ids}
<title-group><article-title>{title}</article-title><subtitle>A tale</subtitle></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Pozo</surname><given-names>Ana</given-names></name>
<xref ref-type="aff">1</xref></contrib>
<contrib contrib-type="author"><collab>Well Diggers<contrib-group>
<contrib contrib-type="author"><name><surname>Hidden</surname></name></contrib>
</contrib-group></collab></contrib><contrib contrib-type="editor"><string-name>E. Mimir</string-name></contrib></contrib-group>
<pub-date pub-type="collection"><year>2019</year></pub-date>
<pub-date pub-type="epub"><day>3</day><month>6</month><year>2019</year></pub-date>
<volume>2</volume><fpage>1</fpage><lpage>9</lpage>{related}
<abstract><sec><title>Aims</title><p>To dig.</p></sec></abstract></article-meta></front>
<body>{body}</body><back>{back}</back></article>"""
FIELDS = {
    "attributes": 'article-type="research-article" xml:lang="en"',
    "ids": "",
    "title": "Of wells",
    "related": "",
    "body": "",
    "back": "",
}


def article(**changes: str) -> str:
    return ARTICLE.format(**{**FIELDS, **changes})


def one(folder: Path, **changes: str) -> Document:
    path = folder / "well.nxml"
    path.write_text(article(**changes), encoding="utf-8")
    (reading,) = open_source("jats").read(path)
    assert isinstance(reading.record, Document)
    return reading.record


def test_front_matter_says_who_where_and_when(tmp_path: Path) -> None:
    document = one(tmp_path, ids='<article-id pub-id-type="pmc">77</article-id><article-id pub-id-type="pmid">5</article-id>')
    assert (document.id, document.title, document.venue) == ("pmc:PMC77", "Of wells: A tale", "Annals of Wells")
    assert (document.authors, document.editors) == (("Ana Pozo", "Well Diggers"), ("E. Mimir",))
    assert (document.published, document.language) == ("2019-06-03", "en")
    assert document.identifiers == {"doi": "10.1000/w1", "pmcid": "PMC77", "pmid": "5", "issn": "0000-0019"}
    assert one(tmp_path).id == "pmc:10.1000/w1"


def test_sections_nest_and_captions_tables_and_lists_are_text(tmp_path: Path) -> None:
    body = """<p>Before.</p><sec><label>1</label><title>Digging</title><p>Dig <xref ref-type="bibr"><sup>3</sup></xref>deep
    <fig><label>Figure 1</label><caption><title>A well</title><p>It is deep.</p></caption></fig> and wide.</p>
    <sec><title>Ropes</title><table-wrap><label>Table 1</label><caption><p>Ropes</p></caption>
    <table><tr><TH>m</TH><th>kg</th></tr>
    <tr><td>10</td><td>2</td></tr></table>
    <table-wrap-foot><fn><p>Dry.</p></fn></table-wrap-foot></table-wrap></sec></sec>
    <sec><title>Steps</title><list><list-item><p>Down</p></list-item><list-item><label>2.</label><p>Up</p></list-item></list></sec>"""
    back = "<ack><p>Thanks.</p></ack><fn-group><fn><label>a</label><p>A note.</p></fn></fn-group>"
    document = one(tmp_path, body=body, back=back)
    assert document.text == (
        "Abstract\nAims\nTo dig.\n\nBefore.\n\n1 Digging\nDig [3]deep\n\nFigure 1. A well. It is deep.\n\nand wide.\n\n"
        "Ropes\nTable 1. Ropes.\n\nm | kg\n10 | 2\n\nDry.\n\nSteps\n• Down\n2. Up\n\n"
        "Acknowledgements\nThanks.\n\nNotes\na A note."
    )
    assert [(s.heading, s.level, document.text[s.start : s.end].rpartition("\n")[2]) for s in document.sections] == [
        ("Abstract", 1, "To dig."),
        ("Aims", 2, "To dig."),
        ("1 Digging", 1, "Dry."),
        ("Ropes", 2, "Dry."),
        ("Steps", 1, "2. Up"),
        ("Acknowledgements", 1, "Thanks."),
        ("Notes", 1, "a A note."),
    ]


def test_boxes_groups_quotations_and_verses_keep_what_names_them(tmp_path: Path) -> None:
    body = """<boxed-text><label>Box 1</label><caption><title>Ropes</title><p>Of hemp.</p></caption><p>Hold.</p></boxed-text>
    <sec><label>2</label><p>Alone.</p></sec>
    <fig-group><label>Figure 1</label><caption><p>Two wells</p></caption>
    <fig><label>A</label><caption><p>Deep</p></caption></fig></fig-group>
    <table-wrap-group><caption><title>Both tables</title></caption>
    <table-wrap><label>Table 1</label></table-wrap></table-wrap-group>
    <disp-quote><p>Dig.</p><attrib>E. Mimir</attrib></disp-quote>
    <verse-group><title>Song</title><verse-line>One drop</verse-line><verse-line>two drops</verse-line>
    <attrib>Unknown</attrib></verse-group>"""
    document = one(tmp_path, body=body)
    assert document.text == (
        "Abstract\nAims\nTo dig.\n\nBox 1 Ropes\nOf hemp.\n\nHold.\n\n2\nAlone.\n\nFigure 1. Two wells.\n\nA. Deep.\n\n"
        "Both tables.\n\nTable 1.\n\nDig.\n\nE. Mimir\n\nSong\n\nOne drop\ntwo drops\n\nUnknown"
    )
    assert [section.heading for section in document.sections][2:] == ["Box 1 Ropes", "2"]


@pytest.mark.parametrize(
    ("language", "names", "author"),
    [
        ("en", '<name name-style="eastern" xml:lang="ja">{han}</name><name xml:lang="en">{latin}</name>', "Hana Ido"),
        ("ja", '<name xml:lang="en">{latin}</name><name name-style="eastern" xml:lang="ja">{han}</name>', "井戸花"),
        ("", '<name name-style="eastern">{han}</name><name>{latin}</name>', "Hana Ido"),
        ("", '<name name-style="eastern">{latin}</name>', "Hana Ido"),
    ],
)
def test_of_a_name_in_two_scripts_the_articles_own_is_taken(tmp_path: Path, language: str, names: str, author: str) -> None:
    han = "<surname>井戸</surname><given-names>花</given-names>"
    latin = "<surname>Ido</surname><given-names>Hana</given-names>"
    path = tmp_path / "well.nxml"
    spelled = f"<name-alternatives>{names.format(han=han, latin=latin)}</name-alternatives>"
    plain = "<name><surname>Pozo</surname><given-names>Ana</given-names></name>"
    path.write_text(article(attributes=f'xml:lang="{language}"').replace(plain, spelled), encoding="utf-8")
    (reading,) = open_source("jats").read(path)
    assert isinstance(reading.record, Document)
    assert reading.record.authors[0] == author


def test_references_are_names_where_they_are_known(tmp_path: Path) -> None:
    back = """<ref-list><ref><element-citation><pub-id pub-id-type="doi">10.1000/A</pub-id>
    <pub-id pub-id-type="pmid">4</pub-id></element-citation></ref>
    <ref><mixed-citation>Mimir. <ext-link xlink:href="http://dx.doi.org/10.1000/b">link</ext-link></mixed-citation></ref>
    <ref><mixed-citation>Pozo A. arXiv:1706.03762v5</mixed-citation></ref>
    <ref><mixed-citation>One</mixed-citation><mixed-citation><pub-id pub-id-type="pmid">4</pub-id></mixed-citation></ref>
    <ref><element-citation><person-group><name><surname>Mimir</surname><given-names>E</given-names></name>
    </person-group><year>1999</year><article-title>Wells</article-title><source>Ann</source><volume>2</volume><fpage>1</fpage><lpage>3</lpage></element-citation></ref></ref-list>"""
    assert one(tmp_path, back=back).references == (
        "doi:10.1000/a",
        "doi:10.1000/b",
        "arxiv:1706.03762v5",
        "One",
        "pmid:4",
        "E Mimir (1999). Wells. Ann 2: 1-3",
    )


@pytest.mark.parametrize(
    ("kind", "relation", "retracted", "notices", "about"),
    [
        ("research-article", "retraction-forward", True, ("retraction:doi:10.1000/n",), ""),
        ("research-article", "correction-forward", None, ("erratum:doi:10.1000/n",), ""),
        ("research-article", "expression-of-concern", None, ("concern:doi:10.1000/n",), ""),
        ("retraction", "retracted-article", None, (), "retraction_of"),
        ("correction", "corrected-article", None, (), "erratum_for"),
        ("research-article", "companion", None, (), "companion"),
    ],
)
def test_only_the_article_that_was_withdrawn_is_retracted(
    tmp_path: Path, kind: str, relation: str, retracted: bool | None, notices: tuple[str, ...], about: str
) -> None:
    link = f'<related-article related-article-type="{relation}" ext-link-type="doi" xlink:href="info:doi/10.1000/N"/>'
    document = one(tmp_path, attributes=f'article-type="{kind}"', related=link)
    assert (document.retracted, document.notices) == (retracted, notices)
    assert not about or document.details[about] == "doi:10.1000/n"


def test_a_title_that_says_retracted_retracts_an_article_but_not_the_notice(tmp_path: Path) -> None:
    assert one(tmp_path, title="RETRACTED: Of wells").retracted is True
    assert one(tmp_path, title="Retracted: Of wells", attributes='article-type="retraction"').retracted is None
    assert one(tmp_path, title="Retracted wells: a study").retracted is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<msup><mi>n</mi><mn>2</mn></msup>", "n^2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a + b)/2"),
        ("<msqrt><mi>x</mi></msqrt>", "√x"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub>", "∑_i^n x_i"),
        ("<munder><mi>lim</mi><mi>n</mi></munder><mi>x</mi>", "lim_n x"),
        ("<munder><mo>max</mo><mi>k</mi></munder><mo>(</mo><mi>x</mi><mo>)</mo>", "max_k (x)"),
        ("<mmultiscripts><mi>He</mi><mprescripts/><none/><mn>3</mn></mmultiscripts>", "3He"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>\\alpha_1</annotation></semantics>", "α1"),
    ],
)
def test_mathml_reads_as_text(source: str, text: str) -> None:
    assert formula(etree.fromstring(f"<math>{source}</math>")) == text


def test_alternatives_to_a_formula_are_read_once_and_tex_is_best() -> None:
    tex = r"\documentclass{minimal}\usepackage{amsmath}\begin{document}$$\alpha^2$$\end{document}"
    assert tex_formula(tex) == "α^2"
    element = etree.fromstring(
        "<p>As <inline-formula><alternatives><graphic/><math><mi>β</mi></math>"
        f"<tex-math>{tex}</tex-math></alternatives></inline-formula>.</p>"
    )
    assert running_text(element) == "As α^2."


def test_sets_of_articles_namespaces_and_packages_are_read(tmp_path: Path) -> None:
    inner = article().replace("<article ", '<article xmlns="https://jats.example/ns/archiving/1.3/" ', 1)
    wrapped = f"<OAI-PMH><ListRecords><record><metadata>{inner}</metadata></record></ListRecords></OAI-PMH>"
    (tmp_path / "a.xml").write_text(wrapped, encoding="utf-8")
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(f"<articles>{article(title='B')}{article(title='C')}</articles>".encode()))
    with tarfile.open(tmp_path / "c.tar.gz", "w:gz") as package:
        for name in ("PMC1/PMC1.xml", "PMC1/figure.jpg"):
            member = tarfile.TarInfo(name)
            member.size = len(data := article(title="D").encode())
            package.addfile(member, io.BytesIO(data))
    titles = [r.record.title for r in open_source("pmc").read(tmp_path) if isinstance(r.record, Document)]
    assert titles == ["Of wells: A tale", "B: A tale", "C: A tale", "D: A tale"]


def test_entities_of_the_dtd_are_read_without_it(tmp_path: Path) -> None:
    path = tmp_path / "old.nxml"
    doctype = '<!DOCTYPE article PUBLIC "-//NLM//DTD Journal Archiving//EN" "http://dtd.example/archivearticle.dtd">'
    path.write_text(doctype + article(title="Wells &mdash; deep"), encoding="utf-8")
    (reading,) = open_source("jats").read(path)
    assert isinstance(reading.record, Document)
    assert reading.record.title == "Wells — deep: A tale"


def test_a_broken_package_and_a_broken_article_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"x" * 600))
    (tmp_path / "b.xml").write_text(article()[:-30], encoding="utf-8")
    read = [reading.record for reading in open_source("jats").read(tmp_path)]
    assert [record.reason for record in read if isinstance(record, SetAside)] == ["damaged package", "broken XML"]
