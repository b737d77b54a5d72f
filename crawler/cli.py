"""Which verbs does ``stepwell crawler`` have?

papers, files and sample are small enough to live here; the others have modules of their own, imported where they are the verb
in use.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.reading import Reading

VERBS = {
    "papers": "papers of one publisher, from files",
    "files": "a folder of one's own: txt, md, html, pdf",
    "site": "the pages of a web site, politely",
    "sitemap": "the pages that a sitemap lists",
    "list": "the pages of a file of URLs",
    "feed": "the pages that an RSS, Atom or JSON feed lists",
    "warc": "pages from WARC files that are already on disk",
    "status": "how far is a crawl, running or not?",
    "harvest": "the records of an OAI-PMH repository, again and again",
    "merge": "several corpora into one, each work once",
    "graph": "how central is each host, by the links of crawled pages?",
    "sample": "the bundled sample corpus",
}

_EXAMPLES = {
    "papers": "stepwell crawler papers acl anthology/data/xml --into corpus/acl",
    "files": "stepwell crawler files ~/notes --into corpus/notes",
    "site": "stepwell crawler site https://docs.example/ --into corpus/docs --contact me@docs.example",
    "sitemap": "stepwell crawler sitemap https://alder.example/sitemap.xml --into corpus/alder --contact me@alder.example",
    "list": "stepwell crawler list urls.txt --into corpus/pages --contact me@alder.example --max-depth 2",
    "feed": "stepwell crawler feed https://alder.example/news.atom --into corpus/news --contact me@alder.example",
    "warc": "stepwell crawler warc crawl-00001.warc.gz --into corpus/old",
    "status": "stepwell crawler status corpus/docs",
    "harvest": "stepwell crawler harvest oai https://oaipmh.arxiv.org/oai --prefix arXiv --into corpus/arxiv --contact ME",
    "merge": "stepwell crawler merge corpus/acl corpus/s2 corpus/arxiv --into corpus/papers",
    "graph": "stepwell crawler graph corpus/docs corpus/news --out hosts.tsv",
    "sample": "stepwell crawler sample --into corpus/sample",
}

_MODULES = {
    "site": "crawler.web.crawl",
    "sitemap": "crawler.web.crawl",
    "list": "crawler.web.crawl",
    "feed": "crawler.web.crawl",
    "warc": "crawler.web.warc_read",
    "status": "crawler.web.status",
    "harvest": "crawler.harvest.harvest",
    "merge": "crawler.merging.merge",
    "graph": "crawler.graph.hosts",
}
"""Verbs with a module of their own: `add_arguments(parser)` and `run(args) -> int`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; 0 done, 1 something was set aside under --strict. Errors are raised as CrawlerError or IndexerError."""
    argv = list(sys.argv[1:] if argv is None else argv)
    args = build_parser(argv[0] if argv else "").parse_args(argv)
    if args.verb in _MODULES:
        return int(importlib.import_module(_MODULES[args.verb]).run(args))
    return _batch(args)


def build_parser(verb: str = "") -> argparse.ArgumentParser:
    """The whole command line; the arguments of a verb with its own module are only known where it is the verb in use."""
    parser = argparse.ArgumentParser(
        prog="stepwell crawler",
        description="Bring papers, files and sites into a corpus.",
        epilog="examples:\n" + "\n".join(f"  {example}" for example in _EXAMPLES.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, what in VERBS.items():
        one = verbs.add_parser(
            name,
            help=what,
            description=f"Bring {what} into a corpus." if name != "status" else what,
            epilog=f"example:\n  {_EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in _MODULES:
            if verb == name:
                importlib.import_module(_MODULES[name]).add_arguments(one)
            continue
        if name == "papers":
            one.add_argument("source", help="arxiv, crossref, pubmed and others (crawler/README.md), or package.module:Class")
        if name != "sample":
            where = "file, folder or URL (s3, gs, az, https, file) to read" if name == "papers" else "folder to read"
            one.add_argument("path", type=_location if name == "papers" else Path, help=where)
        _add_common(one)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="corpus directory; made if it is not there")
    parser.add_argument(
        "--collection", default="", metavar="NAME", help="collection of the documents (default: the source's own)"
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="stop after N documents")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if any record was set aside")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def _location(text: str) -> Path | str:
    return text if "://" in text else Path(text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _batch(args: argparse.Namespace) -> int:
    from crawler.ingest import ingest

    outcome = ingest(_readings(args), args.into, f"crawler {args.verb}", args.limit)
    if args.json:
        import orjson

        print(orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        print(outcome.summary())
    nothing_kept = outcome.counts.set_aside and not outcome.counts.kept
    return 1 if nothing_kept or (args.strict and outcome.counts.set_aside) else 0


def _readings(args: argparse.Namespace) -> Iterator[Reading]:
    if args.verb == "papers":
        from crawler.papers import open_source

        return open_source(args.source).read(args.path, args.collection)
    if args.verb == "files":
        from crawler.files import read_folder

        return read_folder(args.path, args.collection)
    from crawler.sample_corpus import read_sample

    return read_sample(args.collection)
