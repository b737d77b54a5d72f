"""Does the list prefer what experts call reliable?

ExpertQA (Malaviya et al., NAACL 2024, arXiv:2309.07852): experts of 32 fields judged the evidence that systems cited for their
own questions, among other things how reliable the source of each URL is. Two URLs of one question with different labels are a
pair; the list agrees where it trusts the more reliable one more, and is silent where it trusts both alike. Agreement is counted
over all pairs, over pairs that the expert called equally relevant, and over pairs that are near ties to the ranker, the only ones
that authority can ever decide. Intervals resample questions, because the pairs of one question hang together.

The labels serve to look for errors. No entry and no tier of the table is fitted to them: registers and the rubric decide.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import orjson

from authority.errors import HostError
from authority.hosts import host_of, registrable_domain
from authority.table import Table
from authority.tiers import TIERS
from benchmarks.errors import BenchmarkError
from benchmarks.result import Parameters, Result
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from ranker.proof.pool import gather
from ranker.query import Filters, Query
from ranker.ranking import DELTA
from ranker.search import Searcher

LABELS = {"Reliable": 1.0, "Somewhat reliable": 0.5, "Not reliable at all": 0.0}
"""The experts' scale; rows without one of these are left out."""
RESAMPLES = 2_000
FIELD_QUESTIONS = 8
"""Questions with a pair on which the list speaks, below which a field is not reported alone."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One URL that an expert judged for one question; several judgements of it are averaged."""

    question: str
    field: str
    """The expert's."""
    url: str
    domain: str
    text: str
    """The passage that was cited; empty where only the URL was."""
    reliability: float
    """0 not reliable at all, 0.5 somewhat, 1 reliable."""
    relevance: str
    """The expert's word for how informative it is; the first, where several claims cite it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sources of one question, the first more reliable to the expert."""

    question: str
    field: str
    agrees: int
    """1 if the list trusts the first more, -1 if the second, 0 if both alike."""


def trust(folder: Path, registers: Path | None, table: Table, encoder: Encoder | None, work: Path) -> Iterator[Result]:
    """Every figure of the test. `folder` holds evidence_flat.jsonl, `registers` cred-1; `work` is an empty folder."""
    evidence = read_evidence(folder)
    about: Parameters = {"authority": table.version, "evidence": len(evidence), "questions": len({e.question for e in evidence})}
    values = {e.url: table.lookup(e.url).value for e in evidence}
    yield Result("trust", "expertqa listed", fmean(v > 0 for v in values.values()), "share of URLs", parameters=about)
    yield from by_tier(evidence, table, about)
    pairs = list(pairs_of(evidence, values, alike=False))
    yield from agreement("all pairs", pairs, about)
    yield from agreement("pairs equally relevant to the expert", list(pairs_of(evidence, values, alike=True)), about)
    for field, members in sorted(_by_field(pairs).items()):
        if len({p.question for p in members if p.agrees}) >= FIELD_QUESTIONS:
            yield from agreement(f"all pairs, {field}", members, about)
    yield from in_the_ranker(evidence, table, encoder, work, about)
    if registers:
        yield from low_credibility(registers, table)


def read_evidence(folder: Path) -> list[Evidence]:
    """The judged URLs. Raises BenchmarkError where the file is missing."""
    path = folder / "evidence_flat.jsonl"
    if not path.is_file():
        raise BenchmarkError(f"no {path.name} in {folder}; give --expertqa DIR")
    judged: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in map(orjson.loads, path.read_bytes().splitlines()):
        if row["reliability"] in LABELS and _domain(row["url"]):
            judged[row["question"], row["url"]].append(row)
    return [
        Evidence(
            question,
            rows[0]["field"],
            url,
            _domain(url),
            max((r["evidence"].partition("\n")[2].strip() for r in rows), key=len),
            fmean(LABELS[r["reliability"]] for r in rows),
            rows[0]["informativeness"],
        )
        for (question, url), rows in judged.items()
    ]


def _domain(url: str) -> str:
    try:
        host = host_of(url)
    except HostError:
        return ""
    return registrable_domain(host) or host


def by_tier(evidence: Sequence[Evidence], table: Table, about: Parameters) -> Iterator[Result]:
    """How reliable the experts find what each tier holds, and what no entry names."""
    held: defaultdict[str, list[Evidence]] = defaultdict(list)
    for e in evidence:
        held[table.lookup(e.url).tier or "unlisted"].append(e)
    for tier in (*TIERS, "unlisted"):
        if members := held[tier]:
            low, high = _interval([(e.question, e.reliability, 1.0) for e in members])
            counts = Counter(e.reliability for e in members)
            worst = {"n": len(members), "not_reliable_at_all": counts[0.0] / len(members), "reliable": counts[1.0] / len(members)}
            mean = fmean(e.reliability for e in members)
            yield Result("trust", f"expertqa {tier}", mean, "reliability", low, high, SPREAD, parameters={**about, **worst})


SPREAD = "95 % bootstrap over questions"


def pairs_of(evidence: Sequence[Evidence], values: dict[str, float], *, alike: bool) -> Iterator[Pair]:
    """Pairs within a question whose labels differ and whose domains do; `alike`: of the same relevance to the expert."""
    for question, members in itertools.groupby(sorted(evidence, key=lambda e: e.question), key=lambda e: e.question):
        for a, b in itertools.combinations(members, 2):
            if a.reliability != b.reliability and a.domain != b.domain and (not alike or a.relevance == b.relevance):
                more, less = (a, b) if a.reliability > b.reliability else (b, a)
                yield Pair(question, a.field, int(np.sign(values[more.url] - values[less.url])))


def agreement(name: str, pairs: Sequence[Pair], about: Parameters) -> Iterator[Result]:
    """Share of the pairs on which the list speaks where it agrees with the expert; one half is chance."""
    speaking = [p for p in pairs if p.agrees]
    if speaking:
        low, high = _interval([(p.question, float(p.agrees > 0), 1.0) for p in speaking])
        counts: Parameters = {"pairs": len(pairs), "speaks": len(speaking), "silent": len(pairs) - len(speaking)}
        mean = fmean(p.agrees > 0 for p in speaking)
        yield Result(
            "trust",
            f"expertqa {name}",
            mean,
            "agreement",
            low,
            high,
            SPREAD,
            "chance",
            mean / 0.5,
            None,
            None,
            {**about, **counts},
        )


def _by_field(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    fields: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        fields[pair.field].append(pair)
    return fields


def in_the_ranker(
    evidence: Sequence[Evidence], table: Table, encoder: Encoder | None, work: Path, about: Parameters
) -> Iterator[Result]:
    """Rank each question's own evidence: near ties, and the order of every pair with authority off and on."""
    read = [e for e in evidence if e.text]
    questions = {q: f"q{i}" for i, q in enumerate(dict.fromkeys(e.question for e in read))}
    with CorpusWriter(work / "corpus") as writer:
        for i, e in enumerate(read):
            writer.add(Document(id=f"e{i}", title=e.domain, text=e.text, url=e.url, collection=questions[e.question]))
    build([work / "corpus"], work / "index", encoder)
    asked = {code: Query(q, filters=Filters(collections=(code,))) for q, code in questions.items()}
    assert table.path, "a searcher reads its table from a file"
    with Searcher.open(work / "index", authority=table.path, encoder=encoder) as searcher:
        pools = gather("expertqa", asked, {}, searcher)
    widths = (pools.delta, DELTA)
    ties: dict[float, list[Pair]] = {width: [] for width in widths}
    before: list[Pair] = []
    after: list[Pair] = []
    for pool in pools:
        members = [read[int(i[1:])] for i in pool.ids]
        places = [np.argsort(pool.order(values, pools.delta)) for values in (np.zeros(len(members)), pool.authority)]
        for a, b in itertools.permutations(range(len(members)), 2):
            if members[a].reliability > members[b].reliability and members[a].domain != members[b].domain:
                question, field = members[a].question, members[a].field
                off, on = (1 if place[a] < place[b] else -1 for place in places)
                before.append(Pair(question, field, off))
                after.append(Pair(question, field, on))
                for width in widths:
                    if abs(pool.relevance[a] - pool.relevance[b]) < width:
                        ties[width].append(Pair(question, field, int(np.sign(pool.authority[a] - pool.authority[b]))))
    model: Parameters = {**about, "calibration": searcher.pinned.calibration.version, "delta": pools.delta}
    for name, width in (("near ties of the ranker", pools.delta), ("pairs within the widest near tie", DELTA)):
        told: Parameters = {**model, "width": width}
        yield Result("trust", f"expertqa {name}, found", len(ties[width]), "pairs", parameters=told)
        yield from agreement(name, ties[width], told)
    yield from agreement("order without authority", before, model)
    yield from agreement("order with authority", after, model)
    gained = [
        (p.question, float(q.agrees > p.agrees) - float(q.agrees < p.agrees), 1.0) for p, q in zip(before, after, strict=True)
    ]
    low, high = _interval(gained)
    mean = fmean(g for _, g, _ in gained)
    moved: Parameters = {
        "pairs": len(gained),
        "put_right": sum(g > 0 for _, g, _ in gained),
        "put_wrong": sum(g < 0 for _, g, _ in gained),
    }
    yield Result(
        "trust",
        "expertqa pairs put right less put wrong",
        mean,
        "share of pairs",
        low,
        high,
        SPREAD,
        parameters={**model, **moved},
    )


def low_credibility(registers: Path, table: Table) -> Iterator[Result]:
    """How many domains of CRED-1 the table trusts, by whatever entry; there should be none."""
    with gzip.open(registers / "cred-1" / "cred1_current.csv.gz") as file:
        domains = [row["domain"] for row in csv.DictReader(io.TextIOWrapper(file, "utf-8"))]
    trusted = {d: match.key for d in domains if (match := table.lookup(f"https://{d}/")).key}
    named = ", ".join(f"{domain} by {key}" for domain, key in sorted(trusted.items()))
    about: Parameters = {"authority": table.version, "domains": len(domains), "trusted": named}
    yield Result("trust", "cred-1 domains trusted", len(trusted), "domains", parameters=about)


def _interval(rows: Sequence[tuple[str, float, float]]) -> tuple[float, float]:
    """95 % percentile bootstrap of sum(value) / sum(weight), resampling questions. `rows`: question, value, weight."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for question, value, weight in rows:
        sums[question][0] += value
        sums[question][1] += weight
    totals = np.array(list(sums.values()))
    samples = np.random.default_rng(20_261_122).integers(0, len(totals), (RESAMPLES, len(totals)))
    drawn = totals[samples].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(low), float(high)
