"""What does the agent's loop cost, and what do storage and patch save?

A scripted run of sixty steps over a real index of generated documents: searches, openings, a report of sixty sentences, and
fifteen small changes to it. The model is a script and takes no time; what the library takes is measured and subtracted. What is
left is the loop's own work and its waits for the disk, which a run without them tells apart.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from unittest.mock import patch

from agent.answer import Parts
from agent.loop import start
from agent.messages import TOOLS
from agent.models import Message, ModelSpec, Reply, ToolSchema
from agent.models.scripted import ScriptedModel, turn
from agent.runs import begin, create
from agent.tokens import estimate
from agent.trajectory import Limits
from agent.turns import weight
from benchmarks.corpora import write_generated
from benchmarks.result import Result, Series, of_series
from indexer.build import build
from indexer.corpus import read_corpus
from indexer.document import Document
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome
from ranker.search import Searcher

DOCUMENTS = 300
STEPS = 60
EDITS = 15
SENTENCES = 60
WINDOW = 32_768
ROUNDS = 5
QUESTION = "What do the documents of this collection say?"


class Stopwatch:
    """Adds up the seconds, and the processor's, that pass within it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.processor = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self.seconds += time.perf_counter() - self._began[0]
        self.processor += time.process_time() - self._began[1]


class TimedLibrary:
    """An index in process that counts the time it takes."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.watch = Stopwatch()

    def batch_search(self, queries: Sequence[Query | str]) -> list[Outcome]:
        """The index's answer."""
        with self.watch:
            return self.searcher.search(queries)

    def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        """The index's documents."""
        with self.watch:
            return self.searcher.fetch(targets)


class Weighing(ScriptedModel):
    """The script; weighs what it is sent, off the clock."""

    def __init__(self, turns: Sequence[Reply]) -> None:
        super().__init__(turns)
        self.sizes: list[int] = []
        self.watch = Stopwatch()

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next turn."""
        with self.watch:
            self.sizes.append(TOOLS + weight(messages))
            return super().reply(messages, tools)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took a step, in milliseconds."""

    loop: float
    """Model and library left out."""
    processor: float
    """Of that, the processor's time, over all threads."""
    library: float


def agent_loop(rounds: int = ROUNDS, steps: int = STEPS) -> Iterator[Result]:
    """Milliseconds a step, tokens of context a step, tokens written for small changes."""
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        write_generated(Path(work, "corpus"), DOCUMENTS)
        build([Path(work, "corpus")], Path(work, "index"), None)
        documents = [document for document in read_corpus(Path(work, "corpus")) if document.text]
        with Searcher.open(Path(work, "index"), authority=None) as searcher:
            yield from _measure(searcher, documents, Path(work, "runs"), rounds, steps)


def _measure(searcher: Searcher, documents: Sequence[Document], runs: Path, rounds: int, steps: int) -> Iterator[Result]:
    about = {"documents": DOCUMENTS, "steps": steps, "window": WINDOW}
    script, patched, rewritten = script_of(documents, steps)
    waiting: list[Cost] = []
    working: list[Cost] = []
    for _ in range(rounds):
        waiting.append(_run(searcher, script, runs, WINDOW)[1])
        with patch("os.fsync"):
            working.append(_run(searcher, script, runs, WINDOW)[1])
    loop, library = Series(tuple(c.loop for c in waiting)), Series(tuple(c.library for c in waiting))
    own, processor = Series(tuple(c.loop for c in working)), Series(tuple(c.processor for c in working))
    yield of_series("agent", "loop", "ms/step", loop, about, ("search and fetch in the same run", library))
    yield of_series(
        "agent", "loop, the disk not waited for", "ms/step", own, about, ("the loop with its waits for the disk", loop)
    )
    yield of_series(
        "agent", "loop, the processor's time", "ms/step", processor, about, ("the loop, the disk not waited for", own)
    )
    shortened, _ = _run(searcher, script, runs, WINDOW)
    whole, _ = _run(searcher, script, runs, 0)
    mean = [Series((sum(m.sizes) / len(m.sizes),)) for m in (shortened, whole)]
    yield of_series("agent", "context, mean of a step", "tokens", mean[0], about, ("every result in full", mean[1]))
    most = [Series((float(max(m.sizes)),)) for m in (shortened, whole)]
    yield of_series("agent", "context, largest", "tokens", most[0], about, ("every result in full", most[1]))
    edits = about | {"edits": EDITS, "sentences": SENTENCES}
    peer = ("writing the report anew", Series((float(rewritten),)))
    yield of_series("agent", "small changes by patch", "tokens", Series((float(patched),)), edits, peer)


def _run(searcher: Searcher, script: Sequence[Reply], runs: Path, window: int) -> tuple[Weighing, Cost]:
    model, library = Weighing(script), TimedLibrary(searcher)
    started = begin(QUESTION, ModelSpec("scripted", "benchmark", window=window), Limits(steps=1000, seconds=3600))
    run = create(runs, QUESTION)
    with Stopwatch() as whole:
        standing = start(run, started, Parts(model, library))
    assert standing.ended, "a run ends"
    assert standing.ended.complete, standing.ended.reason
    assert standing.steps == len(script), "every step of the script was taken"
    a_step = 1000 / len(script)
    parts = library.watch, model.watch
    loop = whole.seconds - sum(part.seconds for part in parts)
    processor = whole.processor - sum(part.processor for part in parts)
    return model, Cost(a_step * loop, a_step * processor, a_step * library.watch.seconds)


def script_of(documents: Sequence[Document], steps: int) -> tuple[list[Reply], int, int]:
    """The turns, and the tokens that the changes cost by patch and would cost by writing the report anew."""
    turns = [turn(todo={"mode": "merge", "items": [{"id": "1", "text": "read the collection"}]})]
    edits = min(EDITS, steps // 4)
    for document in documents[: steps - edits - 3]:
        words = " ".join(document.text.split()[:4])
        research = {"queries": [words], "k": 5} if len(turns) % 2 else {"targets": [document.id], "goal": words}
        turns.append(turn(batch_search=research) if len(turns) % 2 else turn(open=research))
    draft = "\n\n".join(
        f"Paragraph {_word(n)} tells what the collection holds on this point, and who may want to read it [[s1]]."
        for n in range(SENTENCES)
    )
    turns.append(turn(write={"path": "report.md", "content": draft}))
    patched = rewritten = 0
    for n in range(edits):
        old, new = f"Paragraph {_word(n)} tells", f"Paragraph {_word(n)} tells in short"
        base = hashlib.sha256(draft.encode()).hexdigest()[:12]
        reply = turn(patch={"path": "report.md", "base_sha256": base, "edits": [{"old": old, "new": new}]})
        draft = draft.replace(old, new)
        patched += estimate(reply.calls[0].arguments)
        anew = turn(write={"path": "report.md", "content": draft, "base_sha256": base})
        rewritten += estimate(anew.calls[0].arguments)
        turns.append(reply)
    return [*turns, turn(finish={})], patched, rewritten


def _word(n: int) -> str:
    """A number as letters: digits would be held against the source."""
    return "x" + "abcdefghij"[n // 10] + "abcdefghij"[n % 10]
