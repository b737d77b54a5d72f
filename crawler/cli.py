"""Which verbs does ``stepwell crawler`` have?

papers, files and sample are small enough to live here; site has its own module, because Scrapy is imported with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.reading import Reading

VERBS = {
    "papers": "papers of one publisher, from files",
    "files": "a folder of one's own: txt, md, html",
    "site": "the pages of a web site, politely",
    "sample": "the bundled sample corpus",
}

_EXAMPLES = {
    "papers": "stepwell crawler papers acl anthology/data/xml --into corpus/acl",
    "files": "stepwell crawler files ~/notes --into corpus/notes",
    "site": "stepwell crawler site https://docs.example/ --into corpus/docs --contact me@docs.example",
    "sample": "stepwell crawler sample --into corpus/sample",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; 0 done, 1 something was set aside under --strict. Errors are raised as CrawlerError or IndexerError."""
    argv = list(sys.argv[1:] if argv is None else argv)
    args = build_parser(argv[0] if argv else "").parse_args(argv)
    if args.verb == "site":
        from crawler import site

        return int(site.run(args))
    return _batch(args)


def build_parser(verb: str = "") -> argparse.ArgumentParser:
    """The whole command line; the arguments of `site` are only known where it is the verb in use."""
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
            description=f"Bring {what} into a corpus.",
            epilog=f"example:\n  {_EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == "site":
            if verb == "site":
                from crawler import site

                site.add_arguments(one)
            continue
        if name == "papers":
            one.add_argument("source", help="acl, jsonl, or package.module:Class")
        if name != "sample":
            one.add_argument("path", type=Path, help="file or folder to read" if name == "papers" else "folder to read")
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
    return 1 if args.strict and outcome.counts.set_aside else 0


def _readings(args: argparse.Namespace) -> Iterator[Reading]:
    if args.verb == "papers":
        from crawler.papers import open_source

        return open_source(args.source).read(args.path, args.collection)
    if args.verb == "files":
        from crawler.files import read_folder

        return read_folder(args.path, args.collection)
    from crawler.sample_corpus import read_sample

    return read_sample(args.collection)
