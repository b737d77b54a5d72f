"""`stepwell ranker calibrate --delta`: how much may trust weigh, by the evidence of judged collections?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.encoders import Encoder
    from ranker.collection import Collection
    from ranker.proof.effect import Effect
    from ranker.proof.frontier import Choice
    from ranker.relevance import Calibration


def choose(collections: Sequence[Collection], encoder: Encoder | None, calibration: Path | None) -> tuple[Calibration, Choice]:
    """Try the grid on every collection with these weights (None: the shipped ones); the weights, and what the evidence allows.

    Queries that come with a prompt, what somebody really wrote, are tried in both wordings.
    """
    from ranker.evaluate import index_collection
    from ranker.proof.frontier import GRID, choose_delta
    from ranker.proof.pool import gather
    from ranker.search import Searcher

    pools = []
    for collection in collections:
        index = index_collection(collection, encoder)
        with Searcher.open(index, authority="shipped", encoder=encoder, calibration=calibration) as searcher:
            wordings = (collection, *collection.prompted())
            pools += [gather(asked.name, asked.queries, asked.qrels, searcher, max(GRID)) for asked in wordings]
            weights = searcher.pinned.calibration
    return weights, choose_delta(pools)


def record(choice: Choice) -> dict[str, object]:
    """The choice and its evidence as JSON-ready data."""
    trials = [
        asdict(t.effect) | {"collection": t.collection, "change": t.effect.change._asdict(), "ndcg": t.effect.ndcg._asdict()}
        for t in choice.trials
        if t.effect.change and t.effect.ndcg
    ]
    return {"delta": choice.delta, "by_table": choice.by_table, "trials": trials}


def in_words(choice: Choice) -> Iterator[str]:
    """The choice and its evidence, for people."""
    from ranker.proof.effect import MEASURE, NON_INFERIOR

    found = {(t.collection, t.effect.table, t.effect.delta): t.effect for t in choice.trials}
    grid = sorted({t.effect.delta for t in choice.trials})
    yield f"{MEASURE} less that with authority off [lower 95 % bound], share of lists changed"
    yield f"* harm: a lower bound of {NON_INFERIOR} or less"
    for collection in dict.fromkeys(t.collection for t in choice.trials):
        tables = list(dict.fromkeys(t.effect.table for t in choice.trials if t.collection == collection))
        yield f"\n{collection:<24}{'delta':>6}" + "".join(f"{table:>30}" for table in tables)
        for delta in grid:
            yield f"{'':<24}{delta:>6g}" + "".join(f"{_cell(found[collection, table, delta]):>30}" for table in tables)
    yield ""
    yield from (f"largest delta without harm under the {table} table: {delta:g}" for table, delta in choice.by_table.items())
    yield f"largest delta without harm under all of them: {choice.delta:g}"
    for trial in choice.broken_by:
        where = f"{trial.collection} under the {trial.effect.table} table"
        yield f"  the next, {trial.effect.delta:g}, does harm to {where}: {_cell(trial.effect)}"


def _cell(effect: Effect) -> str:
    assert effect.change is not None, "only judged collections are tried"
    star = " " if effect.non_inferior else "*"
    return f"{effect.change.mean:+.4f} [{effect.change.low:+.4f}]{effect.changed / effect.queries:>6.0%} {star}"
