"""Is DBLP read completely, whatever its DTD would have said, and can its XML do no harm?"""

import re
import subprocess
import sys
from html.entities import html5
from pathlib import Path

import pytest

from crawler.papers import open_source
from crawler.reading import Reading, SetAside, Skipped
from indexer.document import Document

HEAD = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE dblp SYSTEM "dblp.dtd">\n<dblp>\n'


def read(tmp_path: Path, content: str, encoding: str = "iso-8859-1") -> list[Reading]:
    path = tmp_path / "dblp.xml"
    path.write_bytes(content.encode(encoding))
    return list(open_source("dblp").read(path))


def one(tmp_path: Path, record: str) -> Document:
    (reading,) = read(tmp_path, f"{HEAD}{record}</dblp>")
    assert isinstance(reading.record, Document), reading.record
    return reading.record


def test_a_paper_says_all_it_knows(tmp_path: Path) -> None:
    document = one(
        tmp_path,
        """<inproceedings key="conf/tide/AlderB26" mdate="2026-01-01"><author orcid="0">Ida &Aring;lder 0001</author>
<author>J&ouml;rg Bay</author><title>Tides <i>of</i> H<sub>2</sub>O &#8211; &amp; more.</title>
<pages>1-9</pages><year>2026</year><month>July</month>
<booktitle>TIDE</booktitle><ee type="oa">https://doi.org/10.5555/TIDE%2E1</ee><ee>https://tide.example/p1.pdf</ee>
<crossref>conf/tide/2026</crossref><url>db/conf/tide/tide2026.html#AlderB26</url><cite>...</cite><cite>journals/x/Y99</cite>
</inproceedings>""",
    )
    assert (document.id, document.title) == ("dblp:conf/tide/AlderB26", "Tides of H2O – & more")
    assert document.authors == ("Ida Ålder", "Jörg Bay")
    assert (document.venue, document.published) == ("TIDE", "2026-07")
    assert document.identifiers == {"dblp": "conf/tide/AlderB26", "doi": "10.5555/tide.1", "pdf": "https://tide.example/p1.pdf"}
    assert document.references == ("dblp:journals/x/Y99",)
    assert document.details["crossref"] == "conf/tide/2026"


def test_preprints_withdrawals_theses_and_volumes(tmp_path: Path) -> None:
    preprint = one(
        tmp_path,
        '<article publtype="informal withdrawn" key="journals/corr/abs-2603-00017"><title>T...</title><journal>CoRR</journal>'
        "<volume>abs/2603.00017</volume><year>2026</year></article>",
    )
    assert (preprint.identifiers["arxiv"], preprint.retracted, preprint.title) == ("2603.00017", True, "T...")
    thesis = one(
        tmp_path, '<phdthesis key="phd/x/Y"><author>A</author><title>T</title><school>Uni</school><year>1998</year></phdthesis>'
    )
    assert (thesis.venue, thesis.url) == ("Uni", "https://dblp.org/rec/phd/x/Y")
    volume = one(
        tmp_path,
        '<proceedings key="conf/x/1"><editor>Ed &Eacute;</editor><title>P.</title><isbn>978-0-306-40615-7</isbn></proceedings>',
    )
    assert (volume.editors, volume.authors, volume.identifiers["isbn"], volume.published) == (("Ed É",), (), "9780306406157", "")


def test_persons_and_web_pages_are_skipped(tmp_path: Path) -> None:
    people = '<www key="homepages/a/B"><author>A B</author><title>Home Page</title></www>'
    people += '<www key="homepages/a/C"><crossref>homepages/a/B</crossref></www>'
    found = read(tmp_path, f'{HEAD}{people}<www key="www/x"/><person key="p"/><article><title>keyless</title></article></dblp>')
    assert [r.record.what for r in found if isinstance(r.record, Skipped)] == ["person", "person", "web page", "person"]
    assert [r.record.reason for r in found if isinstance(r.record, SetAside)] == ["no key"]


def test_every_entity_of_the_real_dtd_is_known(shared_data: Path, tmp_path: Path) -> None:
    dtd = (shared_data / "formats" / "dblp" / "dblp.dtd").read_text("iso-8859-1")
    entities = dict(re.findall(r'<!ENTITY\s+(\w+)\s+"&#(\d+);"', dtd))
    assert len(entities) == dtd.count("<!ENTITY ") - dtd.count("<!ENTITY %") > 60
    assert all(html5[f"{name};"] == chr(int(number)) for name, number in entities.items())
    letters = one(tmp_path, f'<book key="k"><title>{" ".join(f"&{name};" for name in entities)}</title></book>').title
    assert all(chr(int(number)) in letters for name, number in entities.items() if name not in ("nbsp", "shy"))


BOMB = '<!DOCTYPE dblp [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "head",
    [
        BOMB + "]>",
        '<!DOCTYPE dblp [<!ENTITY i SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE dblp [<!ENTITY % p SYSTEM "http://192.0.2.1/x.dtd"> %p;]>',
    ],
)
def test_a_file_that_declares_entities_is_refused(tmp_path: Path, head: str) -> None:
    content = f'{head}<dblp><article key="a"><title>x &i; y</title></article></dblp>'
    assert [r.record.reason for r in read(tmp_path, content) if isinstance(r.record, SetAside)] == ["entity declarations"]


def test_what_comes_before_a_break_stays(tmp_path: Path) -> None:
    good = '<article key="a"><title>A</title></article>'
    records = [r.record for r in read(tmp_path, f"{HEAD}{good}<article key='b'><title>B</article></dblp>")]
    assert isinstance(records[0], Document)
    assert isinstance(records[1], SetAside)
    assert records[1].reason == "broken XML"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("filling", ["<author>A</author>", "<x/>", "a long text ", "&uuml;"])
def test_a_record_without_an_end_costs_no_more_memory_than_the_bound(tmp_path: Path, filling: str) -> None:
    path = tmp_path / "dblp.xml"
    with path.open("w") as file:
        file.write(f'{HEAD}<article key="a"><title>')
        for _ in range(40):
            file.write(filling * (1_000_000 // len(filling)))
    program = f"""
from pathlib import Path
from crawler.papers import open_source
for reading in open_source("dblp").read({str(path)!r}): print(reading.record.reason)
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])"""  # ru_maxrss would begin at this process's
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *reasons, peak = run.stdout.split("\n")[:-1]
    assert len(reasons) == 1
    assert int(peak) < 300 * 1024  # KiB
