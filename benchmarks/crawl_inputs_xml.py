"""How fast is XML read, and in how much memory?

Makes PubMed update files and PMC articles of any size, and reads them in a process of their own, whose peak memory is measured.
The records are made up, but have the elements, the lengths and the share of markup of real ones.

    python -m benchmarks.crawl_inputs_xml make pubmed /tmp/pubmed --megabytes 1000          # plain; --gzip packs
    python -m benchmarks.crawl_inputs_xml make jats /tmp/articles --megabytes 300
    python -m benchmarks.crawl_inputs_xml read pubmed /tmp/pubmed                           # one line of JSON
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

FILE_BYTES = 200_000_000
"""Bytes of one file before packing: a PubMed baseline file has 30,000 citations and about as much."""
_SYLLABLES = (
    "ka",
    "ro",
    "mi",
    "te",
    "lu",
    "sen",
    "dor",
    "pha",
    "cy",
    "bro",
    "ne",
    "thal",
    "gen",
    "ase",
    "in",
    "ol",
    "ium",
    "ate",
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def words(random_: random.Random, number: int) -> str:
    """Made-up words, from a vocabulary of some ten thousand, the short ones often."""
    return " ".join("".join(random_.choices(_SYLLABLES, k=random_.randint(1, 4))) for _ in range(number))


def citation(random_: random.Random, number: int) -> str:
    """One PubmedArticle of about 10 KB: structured abstract, six authors, MeSH, thirty references."""
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{words(random_, 1).title()}</LastName><ForeName>{words(random_, 1).title()}</ForeName>'
        f"<AffiliationInfo><Affiliation>{words(random_, 12)}.</Affiliation></AffiliationInfo></Author>\n"
        for _ in range(6)
    )
    abstract = "".join(
        f'<AbstractText Label="{label}">{words(random_, 45)} p&lt;0.05, 10<sup>-{random_.randint(2, 9)}</sup> <i>in vivo</i>.'
        "</AbstractText>\n"
        for label in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D0{random_.randint(10000, 99999)}" MajorTopicYN="N">{words(random_, 2)}'
        "</DescriptorName></MeshHeading>\n"
        for _ in range(12)
    )
    references = "".join(
        f'<Reference><Citation>{words(random_, 8)}.</Citation><ArticleIdList><ArticleId IdType="pubmed">'
        f"{random_.randint(1, 39_999_999)}</ArticleId></ArticleIdList></Reference>\n"
        for _ in range(30)
    )
    date = f"<Year>{random_.randint(1980, 2025)}</Year><Month>{random_.randint(1, 12):02}</Month>"
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{number}</PMID><Article>'
        f"<Journal><ISSN>0000-0019</ISSN><JournalIssue><Volume>{random_.randint(1, 99)}</Volume><PubDate>{date}</PubDate>"
        f"</JournalIssue><Title>{words(random_, 4)}</Title></Journal><ArticleTitle>{words(random_, 12)}.</ArticleTitle>\n"
        f"<Abstract>{abstract}</Abstract><AuthorList>{authors}</AuthorList><Language>eng</Language><PublicationTypeList>"
        f"<PublicationType>Journal Article</PublicationType></PublicationTypeList></Article><MeshHeadingList>{mesh}"
        f'</MeshHeadingList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">{number}</ArticleId>'
        f'<ArticleId IdType="doi">10.5555/{number}</ArticleId></ArticleIdList><ReferenceList>{references}</ReferenceList>'
        "</PubmedData></PubmedArticle>\n"
    )


def article(random_: random.Random, number: int) -> str:
    """One JATS article of about 70 KB: twelve sections, a table, formulae, forty references."""
    cross = '<xref ref-type="bibr" rid="r1">[1]</xref>'
    math = (
        "<p><inline-formula><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></inline-formula></p>"
    )
    sections = "".join(
        f"<sec><title>{words(random_, 4)}</title>"
        + "".join(f"<p>{words(random_, 120)} {cross} <italic>{words(random_, 2)}</italic>.</p>" for _ in range(6))
        + f"{math}</sec>\n"
        for _ in range(12)
    )
    rows = "".join(f"<tr><td>{words(random_, 1)}</td><td>{random_.random():.3f}</td></tr>" for _ in range(30))
    references = "".join(
        f"<ref><element-citation><article-title>{words(random_, 10)}</article-title><year>{random_.randint(1980, 2025)}</year>"
        f'<pub-id pub-id-type="doi">10.5555/{random_.randint(1, 10**7)}</pub-id></element-citation></ref>\n'
        for _ in range(40)
    )
    return (
        '<article xmlns:mml="http://www.w3.org/1998/Math/MathML" article-type="research-article"><front><journal-meta/>'
        f'<article-meta><article-id pub-id-type="pmc">{number}</article-id><title-group><article-title>{words(random_, 10)}'
        f"</article-title></title-group><abstract><p>{words(random_, 150)}</p></abstract></article-meta></front><body>{sections}"
        f"<table-wrap><table>{rows}</table></table-wrap></body><back><ref-list>{references}</ref-list></back></article>\n"
    )


RECORDS: dict[str, tuple[str, Callable[[random.Random, int], str]]] = {
    "pubmed": ("PubmedArticleSet", citation),
    "jats": ("articles", article),
}
"""Source -> root element and how one record is made."""


def texts(kind: str, size: int, first: int) -> Iterator[str]:
    """Records of one file from number `first` on, with its root element around them, until it has `size` bytes."""
    root, record = RECORDS[kind]
    random_ = random.Random(1)  # the same bytes every time
    pool = [record(random_, 0) for _ in range(500)]  # making each anew would take longer than reading it
    yield f"{_HEAD}<{root}>\n"
    written, number = 0, first
    while written < size:
        text = pool[number % len(pool)].replace(">0<", f">{number}<").replace("10.5555/0<", f"10.5555/{number}<")
        written += len(text)
        number += 1
        yield text
    yield f"</{root}>\n"


def make(kind: str, folder: Path, megabytes: int, packed: bool) -> None:
    """Files of FILE_BYTES each until there are as many megabytes (before packing)."""
    folder.mkdir(parents=True, exist_ok=True)
    left, number = megabytes * 1_000_000, 1
    while left > 0:
        path = folder / f"{kind}{number:04}.xml{'.gz' if packed else ''}"
        with gzip.open(path, "wb", 6) if packed else path.open("wb") as file:
            for text in texts(kind, min(left, FILE_BYTES), number * 1_000_000):
                file.write(text.encode())
        left -= FILE_BYTES
        number += 1
        print(path, f"{path.stat().st_size:,} bytes")


def read(source: str, path: Path) -> None:
    """Read everything, keep nothing; prints what was found, how fast, and the peak of memory."""
    from crawler.papers import open_source

    count: Counter[str] = Counter()
    characters, began, processor = 0, time.perf_counter(), time.process_time()
    for reading in open_source(source).read(path):
        count[type(reading.record).__name__] += 1
        characters += len(getattr(reading.record, "text", ""))
    seconds = time.perf_counter() - began
    size = path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    figures = {
        "source": source,
        **count,
        "characters": characters,
        "seconds": round(seconds, 1),
        "CPU seconds": round(time.process_time() - processor, 1),
        "records/s": round(count.total() / seconds),
        "MB/s": round(size / seconds / 1e6, 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }
    print(json.dumps(figures))


def main() -> None:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    maker = verbs.add_parser("make")
    maker.add_argument("kind", choices=RECORDS)
    maker.add_argument("folder", type=Path)
    maker.add_argument("--megabytes", type=int, default=300)
    maker.add_argument("--gzip", action="store_true")
    for verb in ("read", "read-here"):
        reader = verbs.add_parser(verb)
        reader.add_argument("source")
        reader.add_argument("path", type=Path)
    args = parser.parse_args()
    if args.verb == "make":
        make(args.kind, args.folder, args.megabytes, args.gzip)
    elif args.verb == "read-here":
        read(args.source, args.path)
    else:  # so that what this process did before does not count
        subprocess.run(
            [sys.executable, "-m", "benchmarks.crawl_inputs_xml", "read-here", args.source, str(args.path)], check=True
        )


if __name__ == "__main__":
    main()
