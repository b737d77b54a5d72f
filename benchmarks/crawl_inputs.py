"""How fast is JSON read, and in how much memory?

Makes an arXiv snapshot as Kaggle has it (lines), or a part of Crossref's public data file (one object in one line), of any size,
and reads it in a process of its own, whose peak memory is measured. The records are made up, but have the fields and lengths of
real ones: 1.6 KB a paper of arXiv, 4 KB a work of Crossref.

    python -m benchmarks.crawl_inputs make arxiv /tmp/arxiv.json --megabytes 1000
    python -m benchmarks.crawl_inputs make crossref /tmp/crossref.json.gz --megabytes 300
    python -m benchmarks.crawl_inputs read arxiv /tmp/arxiv.json            # one line of JSON
    python -m benchmarks.crawl_inputs ingest arxiv /tmp/arxiv.json          # the same into a corpus in a temporary folder
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.crawl_inputs_xml import read, words

_POOL = 500
"""Different records; the numbers are made anew, the words are drawn from these."""


def paper(random_: random.Random) -> dict[str, Any]:
    """One line of the snapshot: formulae in the abstract, accents in the byline, two versions, half with a DOI."""
    family, given = words(random_, 1).title(), words(random_, 1).title()
    return {
        "id": "@id@",
        "submitter": f"{given} {family}",
        "authors": f"{given} {family}, Andr\\'e M\\\"uller and {words(random_, 2).title()}",
        "title": f"{words(random_, 5)} $\\alpha_{{{random_.randint(1, 9)}}}$\n  {words(random_, 4)}",
        "comments": f"{random_.randint(4, 60)} pages, {random_.randint(1, 12)} figures",
        "journal-ref": f"{words(random_, 2).title()} {random_.randint(1, 99)} (2020) 1-9" if random_.random() < 0.5 else None,
        "doi": "10.5555/@id@" if random_.random() < 0.5 else None,
        "report-no": None,
        "categories": "cs.IR math.CO",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": f"  {words(random_, 60)} $O(n^{{2}})$ and $\\gamma$-{words(random_, 60)}.\n",
        "versions": [
            {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        ],
        "update_date": "2008-11-26",
        "authors_parsed": [[family, given, ""], ['M\\"uller', "Andr\\'e", ""], [words(random_, 1).title(), "B.", "Jr."]],
    }


def work(random_: random.Random) -> dict[str, Any]:
    """One item of the public data file: a JATS abstract, five authors, twenty-five references."""
    date = {"date-parts": [[random_.randint(1990, 2025), random_.randint(1, 12), random_.randint(1, 28)]]}
    return {
        "DOI": "10.5555/@id@",
        "type": "journal-article",
        "title": [f"{words(random_, 8)} <i>{words(random_, 2)}</i>"],
        "container-title": [words(random_, 3).title()],
        "publisher": words(random_, 2).title(),
        "issued": date,
        "published-print": date,
        "ISSN": ["1234-5679"],
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{words(random_, 130)} &amp; 10<jats:sup>2</jats:sup>.</jats:p>",
        "author": [
            {"given": words(random_, 1).title(), "family": words(random_, 1).title(), "sequence": "additional", "affiliation": []}
            for _ in range(5)
        ],
        "reference": [
            {"key": f"r{n}", "doi-asserted-by": "crossref", "DOI": f"10.5555/r{random_.randint(1, 10**7)}"}
            if n % 3
            else {"key": f"r{n}", "author": words(random_, 1), "year": "1999", "article-title": words(random_, 9)}
            for n in range(25)
        ],
        "license": [{"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor"}],
        "is-referenced-by-count": random_.randint(0, 99),
    }


RECORDS = {"arxiv": (paper, "", "\n", "\n"), "crossref": (work, '{"items":[', ",", "]}")}
"""Source -> how one record is made, and what stands before, between and after records."""


def texts(kind: str, size: int) -> Iterator[str]:
    """A whole file of about `size` bytes, the same every time."""
    record, before, between, after = RECORDS[kind]
    random_ = random.Random(1)
    pool = [json.dumps(record(random_), separators=(",", ":")) for _ in range(_POOL)]
    yield before
    written = number = 0
    while written < size:
        name = f"{number // 90_000 % 20 + 15:02}{number // 7_500 % 12 + 1:02}.{number % 90_000 + 1:05}"
        text = pool[number % _POOL].replace("@id@", name)
        yield between + text if number else text
        written += len(text) + 1
        number += 1
    yield after


def make(kind: str, path: Path, megabytes: int) -> None:
    """Write the file; packed where its name ends in .gz."""
    with gzip.open(path, "wb", 6) if path.suffix == ".gz" else path.open("wb") as file:
        for text in texts(kind, megabytes * 1_000_000):
            file.write(text.encode())
    print(path, f"{path.stat().st_size:,} bytes")


def ingest(source: str, path: Path) -> None:
    """Read everything into a corpus that is thrown away; prints the summary and the peak of memory."""
    from crawler.ingest import ingest as bring
    from crawler.papers import open_source

    with tempfile.TemporaryDirectory() as folder:
        outcome = bring(open_source(source).read(path), Path(folder, "corpus"), "measuring")
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    print(json.dumps({"kept": outcome.counts.kept, "seconds": round(outcome.seconds, 1), "peak MB": peak}))


def main() -> None:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    maker = verbs.add_parser("make")
    maker.add_argument("kind", choices=RECORDS)
    maker.add_argument("path", type=Path)
    maker.add_argument("--megabytes", type=int, default=300)
    for verb in ("read", "ingest", "read-here", "ingest-here"):
        reader = verbs.add_parser(verb)
        reader.add_argument("source")
        reader.add_argument("path", type=Path)
    args = parser.parse_args()
    if args.verb == "make":
        make(args.kind, args.path, args.megabytes)
    elif args.verb == "read-here":
        read(args.source, args.path)
    elif args.verb == "ingest-here":
        ingest(args.source, args.path)
    else:  # in a process of its own, so that what this one did before does not count
        command = [sys.executable, "-m", "benchmarks.crawl_inputs", f"{args.verb}-here", args.source, str(args.path)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
