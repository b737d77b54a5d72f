"""Is P(relevant) of several wordings, fused, as often right as it says?

    stepwell bench wordings --collections ../shared/data/collections/sci30k

Groups whose answers are known: copies of a query (its halves swapped, its words inflected otherwise, its function words left
out), two queries, drawn or most alike (a document is relevant if it is to one of them), and what people wrote beside the title of
what they were after. For each the expected calibration error, of bins of equal size, of the first wording alone, of the best
one, of all taken as independent, and of `ranker.fuse`; and, of documents with P above .3, what is said and what is so.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Result
from benchmarks.table import table
from indexer.encoders import Encoder, load_encoder
from ranker.collection import Collection
from ranker.evaluate import index_collection
from ranker.function_words import content
from ranker.fuse import any_of
from ranker.likeness import likeness
from ranker.query import Query
from ranker.search import Searcher
from ranker.settle import collapse
from ranker.wordings import groups_of

BINS, BOLD, MOST, AT_ONCE = 10, 0.3, 200, 8
"""Bins of the error; P from which documents are counted; groups of one kind; groups searched at once."""

Group = tuple[tuple[str, ...], tuple[str, ...]]
"""Ids of the queries whose documents are relevant, and the wordings."""
Fusion = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

FUSIONS: Mapping[str, Fusion] = {
    "first alone": lambda odds, _: odds[0],
    "best": lambda odds, _: odds.max(axis=0),
    "independent": lambda odds, _: any_of(odds, np.eye(len(odds))),
    "fused": any_of,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The candidates of one group."""

    odds: NDArray[np.float64]
    """(wordings, documents) log-odds."""
    alike: NDArray[np.float64]
    """(wordings, wordings)."""
    relevant: NDArray[np.bool_]
    """(documents,)"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and append rows."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="stepwell bench wordings", description=__doc__.splitlines()[0])
    parser.add_argument("--collections", nargs="+", required=True, metavar="DIR", help="DIR, DIR:SPLIT, DIR:SPLIT#1/2")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE")
    args = parser.parse_args(argv)
    ledger, encoder, results = Ledger(args.out, ["wordings", *argv]), load_encoder(), []
    for name in args.collections:
        collection = Collection.named(name)
        with Searcher.open(index_collection(collection, encoder), authority="off", encoder=encoder) as searcher:
            for kind, groups in kinds(collection, encoder):
                for result in figures(f"{collection.name} {kind}", list(judged(groups, collection, searcher)), collection):
                    ledger.add(result)
                    results.append(result)
    print(table(results))
    return 0


def kinds(collection: Collection, encoder: Encoder) -> Iterator[tuple[str, list[Group]]]:
    """Groups of every kind, at most MOST each, the same every time."""
    chance, ids, texts = random.Random(1), list(collection.queries), list(collection.queries.values())
    some = chance.sample(range(len(ids)), min(MOST, len(ids)))
    yield "copies", [((ids[i],), copies(texts[i])) for i in some]
    yield "two questions", [((ids[i], ids[j]), (texts[i], texts[j])) for i, j in zip(some[::2], some[1::2], strict=False)]
    vectors = encoder.encode(texts, "query")
    cosine = vectors @ vectors.T - 2 * np.eye(len(ids))
    nearest = {i: int(cosine[i].argmax()) for i in range(len(ids))}
    mutual = [(i, j) for i, j in nearest.items() if nearest[j] == i and i < j][:MOST]
    yield "near questions", [((ids[i], ids[j]), (texts[i], texts[j])) for i, j in mutual]
    for prompts in collection.prompted():
        yield "title and prompt", [((q,), (collection.queries[q], text)) for q, text in prompts.queries.items()]


def copies(text: str) -> tuple[str, ...]:
    """A query as people retype it."""
    words = text.rstrip("?.!").split()
    half = len(words) // 2
    return text, " ".join(words[half:] + words[:half]), " ".join(map(_inflected, words)), content(text)


def _inflected(word: str) -> str:
    if not word.isalpha() or len(word) < 4 or word.endswith("ss"):
        return word
    return word[:-1] if word.endswith("s") else word[:-3] if word.endswith("ing") else word + "s"


def judged(groups: Sequence[Group], collection: Collection, searcher: Searcher) -> Iterator[Judged]:
    """Every group that is one after trivial variants are left out."""
    pinned = searcher.pinned
    for start in range(0, len(groups), AT_ONCE):
        queries = [
            Query(text, fuse=str(start + n)) for n, (_, texts) in enumerate(groups[start : start + AT_ONCE]) for text in texts
        ]
        found = searcher.candidates(queries)
        for label, places in groups_of(queries).items():
            views = [found[place] for place in places]
            documents = [collapse(view, pinned.calibration.log_odds(view)) for view in views]
            good = {d for q in groups[int(label)][0] for d, grade in collection.qrels[q].items() if grade > 0}
            relevant = np.array([document in good for document in pinned.index.ids(documents[0].documents)])
            yield Judged(np.stack([each.relevance for each in documents]), likeness(views), relevant)


def figures(name: str, groups: Sequence[Judged], collection: Collection) -> Iterator[Result]:
    """The calibration error of every fusion."""
    relevant = np.concatenate([group.relevant for group in groups])
    about = {"split": collection.split, "groups": len(groups), "wordings": sum(len(group.odds) for group in groups)}
    alike = [float(group.alike[np.triu_indices(len(group.alike), 1)].mean()) for group in groups if len(group.alike) > 1]
    for fusion, fused in FUSIONS.items():
        chance = 1 / (1 + np.exp(-np.concatenate([fused(group.odds, group.alike) for group in groups])))
        bins = np.array_split(np.argsort(chance, kind="stable"), BINS)
        error = sum(abs(chance[rows].mean() - relevant[rows].mean()) * len(rows) for rows in bins) / len(chance)
        bold = chance > BOLD
        said = {"bold": int(bold.sum()), "said": float(chance[bold].mean()), "so": float(relevant[bold].mean())}
        yield Result(
            "wordings", f"{name}, {fusion}", float(error), "ECE", parameters={**about, "alike": float(np.mean(alike)), **said}
        )


if __name__ == "__main__":
    sys.exit(main())
