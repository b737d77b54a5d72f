"""What would Lucene rank first on a judged collection?

The same passages as ours, indexed and searched by Lucene through Anserini (`benchmarks.peers.engines.lucene`), in the environment
that `stepwell bench peers --install` makes. BM25 runs twice: with Anserini's parameters and with Lucene's own. A document counts
at its best passage.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.machine import ROOT
from benchmarks.peers.compare import Worker, command
from benchmarks.peers.contract import Task
from benchmarks.peers.task import plain
from indexer.corpus import read_corpus
from indexer.passages import cut, passage_text
from ranker.runs import Run

SETTINGS = {"lucene": "0.9,0.4", "lucene-1.2": "1.2,0.75"}
"""Name of a system -> k1, b: what Anserini recommends, and the defaults of Lucene itself."""
DEPTH = 100
"""Passages asked for; the ten documents that are measured are among them."""
SECONDS = 3_600.0
"""For all queries of a collection."""


def lucene_runs(queries: Mapping[str, str], corpus: Path, environments: Path, work: Path) -> Iterator[tuple[str, Run]]:
    """Lucene's documents for every query, with each of SETTINGS; its index is made once, in `work`."""
    task = _task(queries, corpus, work / "task")
    if not (work / "built").exists():
        shutil.rmtree(work / "lucene", ignore_errors=True)
        if subprocess.run(command("lucene", "build", environments, task, work / "lucene"), cwd=ROOT, check=False).returncode:
            raise BenchmarkError("lucene could not build its index; its message is above")
        (work / "built").touch()
    names = [question.id for question in task.questions()]
    for system, parameters in SETTINGS.items():
        os.environ |= {"LUCENE_BM25": parameters, "LUCENE_K": str(DEPTH)}
        with Worker("lucene", environments, task, work / "lucene") as worker:
            found = worker.ask("lexical", range(len(names)), 1, SECONDS).documents
        yield system, {names[row]: [(d, -float(rank)) for rank, d in enumerate(dict.fromkeys(ids))] for row, ids in found.items()}


def _task(queries: Mapping[str, str], corpus: Path, folder: Path) -> Task:
    """Passages as our indexer cuts them, and the queries, which are written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "passages.jsonl").exists():
        beside = folder / "passages.tmp"
        with beside.open("w", encoding="utf-8") as file:
            for document in read_corpus(corpus):
                for start, end in cut(document.text):
                    file.write(json.dumps({"document": document.id, "text": passage_text(document, start, end)}) + "\n")
        beside.rename(folder / "passages.jsonl")
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"group": "judged", "id": i, "text": plain(text)}) + "\n" for i, text in queries.items())
    np.save(folder / "query_vectors.npy", np.zeros((len(queries), 1), np.float32))  # the worker reads them, Lucene does not
    return Task(folder)
