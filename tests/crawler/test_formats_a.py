"""Do arXiv, OAI-PMH, Crossref and DBLP samples parse completely?

What the samples hold is counted here from their raw bytes, by regular expressions, json and XPath and none of the crawler's code.
"""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import zstandard
from lxml import etree

from crawler.papers import open_source
from crawler.reading import Deleted, Reading, SetAside, Skipped
from indexer.document import Document

Counts = dict[str, int]
_RECOVER = etree.XMLParser(recover=True, resolve_entities=False)


def readings(source: str, path: Path | str) -> list[Reading]:
    return list(open_source(source).read(path))


def found(read: list[Reading]) -> Counts:
    """What the parser found."""
    documents = [r.record for r in read if isinstance(r.record, Document)]
    kinds = Counter(type(r.record).__name__ for r in read)
    return {
        "papers": len(documents),
        "with abstract": sum(bool(d.text) for d in documents),
        "with DOI": sum("doi" in d.identifiers for d in documents),
        "with arXiv id": sum("arxiv" in d.identifiers for d in documents),
        "dated": sum(bool(d.published) for d in documents),
        "authors": sum(len(d.authors) for d in documents),
        "editors": sum(len(d.editors) for d in documents),
        "references": sum(len(d.references) for d in documents),
        "deleted": kinds["Deleted"],
        "skipped": kinds["Skipped"],
        "set aside": kinds["SetAside"],
    }


def kaggle(folder: Path) -> Counts:
    records = [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    return {
        "papers": len(records),
        "with abstract": sum(bool(r["abstract"].strip()) for r in records),
        "with DOI": sum(len(re.findall(rb'"doi":"10\.', file.read_bytes())) for file in folder.glob("*.jsonl")),
        "with arXiv id": len({r["id"] for r in records}),
        "dated": sum(bool(r["versions"]) for r in records),
        "authors": sum(len(r["authors_parsed"]) for r in records),
        "editors": 0,
        "references": 0,
        "deleted": 0,
        "skipped": 0,
        "set aside": 0,
    }


def oai(folder: Path) -> Counts:
    counts: Counter[str] = Counter()
    for file in folder.glob("*.xml"):
        content = re.sub(rb"<\?xml[^>]*\?>", b"", file.read_bytes())
        if b"<" not in content:
            counts["set aside"] += 1
            continue
        root = etree.fromstring(b"<all>" + content + b"</all>", _RECOVER)

        def many(path: str, root: Any = root) -> int:
            return int(root.xpath(f"count({path})"))

        live = "//*[local-name()='record'][*[local-name()='metadata']]"
        counts["papers"] += many(live)
        counts["with abstract"] += many(f"{live}[.//*[local-name()='description'][not(starts-with(., 'Comment:'))]]")
        counts["with DOI"] += many(f"{live}[.//*[local-name()='identifier'][starts-with(., 'doi:')]]")
        counts["with arXiv id"] += many(f"{live}[.//*[starts-with(., 'oai:arXiv.org:')]]")
        counts["dated"] += many(f"{live}[.//*[local-name()='date']]")
        counts["authors"] += many("//*[local-name()='creator']")
        counts["deleted"] += many("//*[local-name()='header'][@status='deleted'][*]")
        counts["set aside"] += many("//*[local-name()='header'][@status='deleted'][not(*)]")
        harmless = "@code='noRecordsMatch' or @code='noSetHierarchy'"
        counts["set aside"] += many(f"//*[local-name()='error'][not({harmless})]")
        counts["skipped"] += many(f"//*[local-name()='error'][{harmless}]")
        counts["skipped"] += many("//*[local-name()='Identify' or local-name()='set' or local-name()='metadataFormat']")
        counts["skipped"] += many("//*[local-name()='ListIdentifiers']/*[local-name()='header'][not(@status)]")
    return {**counts, "editors": 0, "references": 0}


def crossref_works(folder: Path) -> tuple[list[dict[str, Any]], int]:
    """Works and failed replies of the cassettes; their strings are YAML's single-quoted scalars."""
    works: list[dict[str, Any]] = []
    failed = 0
    for file in folder.glob("*.yml"):
        for scalar in re.findall(r"^      string: '((?:[^']|'')+)'$", file.read_text("utf-8"), re.MULTILINE):
            text = re.sub(r"(?<! )\n +|\n(?= *\S)", lambda _: " ", re.sub(r"\n +", "\n", scalar)).replace("''", "'")
            body = json.loads(text)
            if body["status"] != "ok":
                failed += 1
            else:
                works += body["message"]["items"] if body["message-type"] == "work-list" else [body["message"]]
    return works, failed


def crossref(folder: Path) -> Counts:
    works, failed = crossref_works(folder)
    year = [
        w for w in works if any((w.get(k) or {}).get("date-parts", [[None]])[0][0] for k in ("issued", "published", "posted"))
    ]
    empty = {"key", "doi-asserted-by", "issn-type", "isbn-type"}
    counts: Counter[str] = Counter(
        {
            "papers": len(works),
            "with abstract": sum(bool(w.get("abstract")) for w in works),
            "with DOI": sum(bool(w.get("DOI")) for w in works),
            "dated": len(year),
            "authors": sum(len(w.get("author", [])) for w in works),
            "editors": sum(len(w.get("editor", [])) for w in works),
            "references": sum(any(r[k] for k in r.keys() - empty) for w in works for r in w.get("reference", [])),
            "set aside": failed,
        }
    )
    for file in folder.glob("*.xml"):
        root = etree.fromstring(file.read_bytes(), _RECOVER)

        def many(path: str, root: Any = root) -> int:
            return int(root.xpath(f"count({path})"))

        works_are = "local-name()='journal_article' or local-name()='content_item' or local-name()='book'"
        work = f"//*[{works_are}][not(*[local-name()='content_item'])]"
        assert many(work) == 1, file
        counts["papers"] += many(work)
        counts["with abstract"] += many(f"{work}[.//*[local-name()='abstract']]")
        counts["with DOI"] += many(f"{work}[.//*[local-name()='doi']]")
        counts["dated"] += many(f"{work}[.//*[local-name()='year']]")
        counts["authors"] += many("//*[local-name()='person_name'][@contributor_role='author']")
        counts["editors"] += many("//*[local-name()='person_name'][@contributor_role='editor']")
        counts["references"] += many("//*[local-name()='citation'][*]")
    return {**counts, "with arXiv id": 0, "deleted": 0, "skipped": 0}


def dblp(folder: Path) -> Counts:
    raw = (folder / "dblp.xml").read_bytes()
    papers = re.findall(
        rb"<(article|inproceedings|proceedings|book|incollection|phdthesis|mastersthesis|data) .*?</\1>", raw, re.DOTALL
    )
    return {
        "papers": len(papers),
        "with abstract": 0,
        "with DOI": len(re.findall(rb"<ee[^>]*>https://doi\.org/", raw)),
        "with arXiv id": 0,
        "dated": raw.count(b"<year>"),
        "authors": len(re.findall(rb"<author[ >]", raw)),
        "editors": len(re.findall(rb"<editor[ >]", raw)),
        "references": len(re.findall(rb"<cite[ >]", raw)),
        "deleted": 0,
        "skipped": len(re.findall(rb"<(?:www|person) ", raw)),
        "set aside": 0,
    }


TABLE = {"arxiv-kaggle": ("arxiv", kaggle), "oai-pmh": ("oai", oai), "crossref": ("crossref", crossref), "dblp": ("dblp", dblp)}


@pytest.mark.parametrize("sample", TABLE)
def test_the_parser_finds_what_the_raw_bytes_hold(shared_data: Path, sample: str) -> None:
    source, count = TABLE[sample]
    folder = shared_data / "formats" / sample
    expected = count(folder)
    assert expected["papers"] > 0
    assert found(readings(source, folder)) == expected


@pytest.mark.parametrize("sample", TABLE)
def test_packed_parts_give_the_same_documents(shared_data: Path, tmp_path: Path, sample: str) -> None:
    source, _ = TABLE[sample]
    folder = shared_data / "formats" / sample
    for number, file in enumerate(sorted(f for f in folder.iterdir() if f.suffix != ".dtd")):
        below = tmp_path / f"part={number:03}"
        below.mkdir()
        if number % 2:
            (below / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        else:
            (below / f"{file.name}.zst").write_bytes(zstandard.compress(file.read_bytes()))
    plain = [r.record for r in readings(source, folder) if isinstance(r.record, Document)]
    packed = [r.record for r in readings(source, tmp_path) if isinstance(r.record, Document)]
    assert packed == plain


def test_no_markup_and_no_entity_is_left_in_what_people_read(shared_data: Path) -> None:
    for sample, (source, _) in TABLE.items():
        for reading in readings(source, shared_data / "formats" / sample):
            if isinstance(document := reading.record, Document):
                for text in (document.title, document.text, document.venue, *document.authors):
                    assert not re.search(r"</|<(?:jats|mml|italic|title)\b|&[a-z]+;|&#\d+;|\\[\"'`^~][a-zA-Z{]", text), (
                        document.id,
                        text,
                    )


def test_every_reading_says_where_and_shares_never_fall(shared_data: Path) -> None:
    for sample, (source, _) in TABLE.items():
        read = readings(source, shared_data / "formats" / sample)
        assert all(r.where for r in read)
        shares = [r.share for r in read]
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] <= 1


def test_what_is_set_aside_and_skipped_has_a_reason_that_can_be_counted(shared_data: Path) -> None:
    read = readings("oai", shared_data / "formats" / "oai-pmh")
    reasons = Counter(r.record.reason for r in read if isinstance(r.record, SetAside))
    skipped = Counter(r.record.what for r in read if isinstance(r.record, Skipped))
    codes = ("badArgument", "badResumptionToken", "cannotDisseminateFormat", "idDoesNotExist", "undefinedError")
    assert reasons == Counter(["not XML", "deleted record without identifier", *(f"OAI error {code}" for code in codes)])
    assert skipped.keys() == {
        "OAI set",
        "OAI metadataFormat",
        "OAI header",
        "OAI Identify",
        "reply noRecordsMatch",
        "reply noSetHierarchy",
    }
    assert {r.record.id for r in read if isinstance(r.record, Deleted)} == {
        "oai:test.example.com:1585310",
        "oai:test.example.com::1585576",
    }
