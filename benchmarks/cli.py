"""The command line of the benchmarks: quality, latency, server, scale, peers, growth."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import RESULTS, ROOT
from indexer.dense.layout import LAYOUTS

if TYPE_CHECKING:
    from benchmarks.result import Result
    from indexer.encoders import Encoder

EXAMPLES = {
    "quality": "example:\n  stepwell bench quality --collections ../shared/data/collections/scifact\n\n"
    "Without --collections: the small ones under $STEPWELL_DATA/collections or ../shared/data/collections.",
    "latency": "example:\n  stepwell bench latency --index index/acl --queries 500",
    "server": "example:\n  stepwell bench server --index index/acl --parts wire overhead\n  stepwell bench server "
    "--index index/acl --parts pictures\n\nPictures are drawn from the latest rows of each figure.",
    "trust": "example:\n  stepwell bench trust\n\n"
    "Without --expertqa and --registers: evaluation/expertqa and authority under $STEPWELL_DATA or ../shared/data.",
    "dense": "example:\n  stepwell bench dense --index index/acl --passages 100_000 1_000_000 --layouts exact ivf-rabitq",
    "scale": "example:\n  stepwell bench scale --corpus corpus/acl --limit 50000",
    "agent": "example:\n  stepwell bench agent\n"
    "  STEPWELL_LLM_PYTHON=~/llm/bin/python stepwell bench agent --index index/acl --runs runs\n\n"
    "Without STEPWELL_LLM_PYTHON the run with the small model is left out; tests/agent/small_model.py makes it.",
    "peers": "example:\n  stepwell bench peers --corpus corpus/acl --environments ~/peers --work ~/peers/work --install\n\n"
    "Nothing is measured by --install or --only-build; indexes that are there are kept.",
    "growth": "example:\n  stepwell bench growth --corpus corpus/acl --passages 100_000 1_000_000 --work ~/growth\n\n"
    "A run that was killed goes on where it was. With --measure-only the indexes below --work are measured, none is built.",
}
SERVER_PARTS = ("wire", "overhead", "curves", "curves-2", "overload", "overload-2", "spread", "pictures")
"""Of `server`, in their order."""
GROWTH_PARTS = ("opening", "dense", "lexical", "hybrid")
"""Of `growth`, in their order."""
QUICK_DOCUMENTS, QUICK_QUERIES, QUICK_TEXTS, QUICK_ROUNDS, QUICK_VECTORS = 2_000, 50, 48, 2, 4_000
BUSY = 0.05
"""Share of the machine in other hands from which a warning is printed."""


APART = {
    "durability": "faults of every kind: what is lost, what is answered wrongly, what verify misses",
    "faults": "what callers of a server notice when something goes wrong: requests failed, answers mixed",
    "splits": "1, 3 and 8 segments: equal scores, equal top tens",
    "stages": "optional stages of the ranker: what each gains, and what it costs",
    "wordings": "several wordings of one question: is their fused probability right?",
    "collections": "hundreds of collections in one index beside one segment",
}
"""Benchmarks with a command line of their own, each in the file of its name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one benchmark; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in APART:
        code: int = import_module(f"benchmarks.{argv[0]}").main(argv[1:])
        return code
    args = _parser().parse_args(argv)
    if args.verb == "latency" and not args.index and not args.quick:
        print("stepwell bench latency: give --index DIR, or --quick for the bundled sample", file=sys.stderr)
        return 2

    from benchmarks.result import Ledger
    from benchmarks.table import table

    ledger = Ledger(args.out, argv)
    results: list[Result] = []
    for result in VERBS[args.verb](args):
        ledger.add(result, quick=args.quick)
        results.append(result)
    print(table(results))
    print(f"\n{len(results)} results appended to {args.out}")
    if (others := ledger.others) is not None and others > BUSY:
        print(f"other processes had {others:.0%} of this machine meanwhile: not figures to publish", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stepwell bench", description="Measure quality, latency and scale.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    quality = _verb(verbs, "quality", "nDCG@10 and others of every system on judged collections, beside BM25")
    quality.add_argument(
        "--collections", nargs="+", metavar="DIR", help="folders in the BEIR layout: DIR, DIR:SPLIT, DIR:SPLIT#1/2"
    )
    quality.add_argument("--prompts", action="store_true", help="ask the `prompt` of each query that has one, not its text")
    quality.add_argument(
        "--lucene", nargs=2, type=Path, metavar=("ENVIRONMENTS", "WORK"), help="beside Lucene, from `bench peers --install`"
    )
    quality.add_argument("--all", action="store_true", help="all collections of this machine, not only the small ones")
    quality.add_argument("--split", default="test", help="which qrels files (default test)")

    latency = _verb(verbs, "latency", "one search and a batch, in process and over gRPC")
    latency.add_argument("--index", type=Path, metavar="DIR", help="the index directory")
    latency.add_argument("--queries", type=_positive, default=300, metavar="N", help="queries per setting (default 300)")

    server = _verb(verbs, "server", "the wire alone, its overhead, throughput against latency, overload")
    server.add_argument("--index", type=Path, required=True, metavar="DIR", help="the index directory")
    server.add_argument("--parts", nargs="+", choices=SERVER_PARTS, default=SERVER_PARTS, metavar="NAME",
                        help=f"some of {', '.join(SERVER_PARTS)} (default all)")  # fmt: skip
    server.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of each setting (default 4)")

    scale = _verb(verbs, "scale", "reading, indexing, encoding, size and memory, beside named peers")
    scale.add_argument("--corpus", type=Path, metavar="DIR", help="a corpus directory (default: generated documents)")
    scale.add_argument("--limit", type=_positive, default=50_000, metavar="N", help="documents (default 50,000)")
    scale.add_argument("--texts", type=_positive, default=512, metavar="N", help="passages to encode (default 512)")
    scale.add_argument("--rounds", type=_positive, default=5, metavar="N", help="turns of each contestant (default 5)")

    dense = _verb(verbs, "dense", "layouts of vectors: size, time to build and open, latency, recall, beside the plan")
    dense.add_argument("--index", type=Path, required=True, metavar="DIR", help="an index with vectors to draw others around")
    dense.add_argument("--passages", type=_positive, nargs="+", default=[100_000], metavar="N", help="how many (default 100,000)")
    dense.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=LAYOUTS, metavar="NAME", help="which (default all)")
    dense.add_argument("--queries", type=_positive, default=500, metavar="N", help="titles asked for (default 500)")
    dense.add_argument("--work", type=Path, metavar="DIR", help="where vectors are kept for another run")
    agent = _verb(verbs, "agent", "the agent's loop: milliseconds and tokens a step, and what storage and patch save; whole runs")
    agent.add_argument("--index", type=Path, metavar="DIR", help="three complete runs on this index behind a server instead")
    agent.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where they stay (default: %(default)s)")

    peers = _verb(verbs, "peers", "one search beside Lucene, bm25s, LanceDB, pgvector and Milvus Lite")
    what = peers.add_mutually_exclusive_group(required=True)
    what.add_argument("--corpus", type=Path, metavar="DIR", help="a corpus directory")
    what.add_argument("--collection", type=Path, metavar="DIR", help="a judged collection in the BEIR layout")
    peers.add_argument("--environments", type=Path, required=True, metavar="DIR", help="where each engine has its environment")
    peers.add_argument("--work", type=Path, required=True, metavar="DIR", help="where tasks and indexes are kept")
    peers.add_argument("--engines", nargs="+", metavar="NAME", help="which engines (default all)")
    peers.add_argument("--install", action="store_true", help="make the environments that are missing, with uv, and stop")
    peers.add_argument("--only-build", action="store_true", help="build the indexes that are missing, and stop")

    trust = _verb(verbs, "trust", "does the table prefer what experts call reliable, and trust nobody it should not?")
    trust.add_argument("--expertqa", type=Path, metavar="DIR", help="folder with evidence_flat.jsonl")
    trust.add_argument("--registers", type=Path, metavar="DIR", help="folder with cred-1")
    trust.add_argument(
        "--table", default="shipped", metavar="FILE|shipped|sample", help="the table that is tested (default shipped)"
    )
    growth = _verb(verbs, "growth", "0.1, 1 and 10 million drawn passages: build, size, opening, memory, latency, recall")
    growth.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="the corpus that is drawn from")
    growth.add_argument("--passages", type=_positive, nargs="+", default=[100_000, 1_000_000], metavar="N", help="sizes in turn")
    growth.add_argument("--work", type=Path, required=True, metavar="DIR", help="where corpora and indexes are kept")
    growth.add_argument("--segments", type=_positive, metavar="N", help="segments (default two, and one for each 2.5 million)")
    growth.add_argument("--measure-only", action="store_true", help="measure indexes that are there, build none")
    growth.add_argument("--parts", nargs="+", choices=GROWTH_PARTS, default=GROWTH_PARTS, help="of what is measured, default all")
    for name, what in APART.items():
        verbs.add_parser(name, help=what, add_help=False)
    for verb in (quality, scale, trust):
        verb.add_argument("--encoder", choices=("default", "none"), default="default", help="none leaves vectors out")
    return parser


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name, help=what, description=what, epilog=EXAMPLES[name], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small and bundled data: does it run, not how fast is it")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE", help=f"JSON lines (default {RESULTS})")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _quality(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.errors import BenchmarkError
    from benchmarks.quality import COLLECTIONS, Lucene, collections_here, quality, quality_of_sample

    if args.quick and not args.collections:
        return quality_of_sample(_encoder(args))
    folders = args.collections or [str(path) for path in collections_here(args.all, args.split)]
    if not folders:
        raise BenchmarkError(f"no collection with a split {args.split!r} in {COLLECTIONS}; give --collections DIR, or --quick")
    lucene = Lucene(*args.lucene) if args.lucene else None
    return quality(folders, args.split, _encoder(args), args.prompts, lucene)


def _latency(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.corpora import write_sample
    from benchmarks.latency import latency
    from indexer.build import build

    queries = min(args.queries, QUICK_QUERIES) if args.quick else args.queries
    if args.index:
        yield from latency(args.index, queries)
        return
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        write_sample(Path(work, "corpus"))
        build([Path(work, "corpus")], Path(work, "sample"), _encoder(args))
        yield from latency(Path(work, "sample"), queries)


def _server(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.serving import serving
    from benchmarks.serving.pictures import draw

    yield from serving(args.index, [part for part in args.parts if part != "pictures"], args.seconds)
    if "pictures" in args.parts:
        for path in draw(args.out):
            print(path)


def _scale(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.corpora import write_generated
    from benchmarks.scale import scale

    limit, texts, rounds = args.limit, args.texts, args.rounds
    if args.quick:
        limit, texts, rounds = min(limit, QUICK_DOCUMENTS), min(texts, QUICK_TEXTS), min(rounds, QUICK_ROUNDS)
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        corpus = args.corpus
        if not corpus:
            corpus = Path(work, "generated")
            write_generated(corpus, limit)
        yield from scale(corpus, limit, texts, rounds, _encoder(args), {"corpus": corpus.resolve().name})


def _peers(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.errors import BenchmarkError
    from benchmarks.peers import peers
    from benchmarks.peers.engines import CONTESTANTS, OURS
    from benchmarks.peers.environments import install

    names = list(CONTESTANTS) if not args.engines else [OURS, *(name for name in args.engines if name != OURS)]
    if unknown := [name for name in names if name not in CONTESTANTS]:
        raise BenchmarkError(f"no engine {unknown[0]!r}; there are {', '.join(CONTESTANTS)}")
    if args.install:
        for name in names:
            install(name, args.environments)
        return iter(())
    return peers(args.corpus, args.collection, names, args.environments, args.work, only_build=args.only_build)


def _agent(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.agent.loop import ROUNDS, STEPS, agent_loop
    from benchmarks.agent.runs import three

    if args.index:
        return three(args.index, args.runs)
    return agent_loop(QUICK_ROUNDS, 20) if args.quick else agent_loop(ROUNDS, STEPS)


def _trust(args: argparse.Namespace) -> Iterator[Result]:
    from authority.table import Table
    from authority.tables import table_path
    from benchmarks.quality import DATA
    from benchmarks.trust_expertqa import trust

    registers = args.registers or DATA / "authority"
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        table = Table.read(table_path(args.table))
        expertqa = args.expertqa or DATA / "evaluation" / "expertqa"
        yield from trust(expertqa, registers if registers.is_dir() else None, table, _encoder(args), Path(work))


def _growth(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.growth import growth

    only = args.measure_only
    return growth(args.corpus, args.passages, args.work, args.segments, measure_only=only, parts=args.parts)


def _dense(args: argparse.Namespace) -> Iterator[Result]:
    from benchmarks.dense import dense
    from indexer.encoders import load_encoder

    with ExitStack() as stack:
        work = args.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwell-bench-")))
        sizes, queries = args.passages, args.queries
        if args.quick:
            sizes, queries = sorted({min(size, QUICK_VECTORS) for size in sizes}), min(queries, QUICK_QUERIES)
        yield from dense(args.index, sizes, args.layouts, queries, load_encoder(), work)


def _encoder(args: argparse.Namespace) -> Encoder | None:
    """The default encoder unless it is not wanted; where its weights are missing that is said, and vectors are left out."""
    from indexer.encoders import load_encoder
    from indexer.errors import EncoderError

    if getattr(args, "encoder", "default") == "none":
        return None
    try:
        return load_encoder()
    except EncoderError as error:
        if not args.quick:
            raise
        print(f"vectors are left out: {error}", file=sys.stderr)
        return None


VERBS = {
    "quality": _quality,
    "latency": _latency,
    "server": _server,
    "dense": _dense,
    "scale": _scale,
    "trust": _trust,
    "peers": _peers,
    "growth": _growth,
    "agent": _agent,
}

if __name__ == "__main__":
    sys.exit(main())
