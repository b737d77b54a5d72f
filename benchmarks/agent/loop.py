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
from pathlib import Path
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


class TimedLibrary:
    """An index in process that counts the seconds it takes."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.seconds = 0.0

    def batch_search(self, queries: Sequence[Query | str]) -> list[Outcome]:
        """The index's answer."""
        began = time.perf_counter()
        found = self.searcher.search(queries)
        self.seconds += time.perf_counter() - began
        return found

    def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        """The index's documents."""
        began = time.perf_counter()
        found = self.searcher.fetch(targets)
        self.seconds += time.perf_counter() - began
        return found


class Weighing(ScriptedModel):
    """The script; weighs what it is sent, off the clock."""

    def __init__(self, turns: Sequence[Reply]) -> None:
        super().__init__(turns)
        self.sizes: list[int] = []
        self.seconds = 0.0

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next turn."""
        began = time.perf_counter()
        self.sizes.append(TOOLS + weight(messages))
        found = super().reply(messages, tools)
        self.seconds += time.perf_counter() - began
        return found


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
    loop: list[float] = []
    undisked: list[float] = []
    library: list[float] = []
    for _ in range(rounds):
        model, timed, wall = _run(searcher, script, runs, WINDOW)
        loop.append(1000 * (wall - timed.seconds - model.seconds) / steps)
        library.append(1000 * timed.seconds / steps)
        with patch("os.fsync"):
            model, timed, wall = _run(searcher, script, runs, WINDOW)
        undisked.append(1000 * (wall - timed.seconds - model.seconds) / steps)
    peer = ("search and fetch in the same run", Series(tuple(library)))
    yield of_series("agent", "loop", "ms/step", Series(tuple(loop)), about, peer)
    peer = ("the loop with its waits for the disk", Series(tuple(loop)))
    yield of_series("agent", "loop, the disk not waited for", "ms/step", Series(tuple(undisked)), about, peer)
    shortened, _, _ = _run(searcher, script, runs, WINDOW)
    whole, _, _ = _run(searcher, script, runs, 0)
    mean = [Series((sum(m.sizes) / len(m.sizes),)) for m in (shortened, whole)]
    yield of_series("agent", "context, mean of a step", "tokens", mean[0], about, ("every result in full", mean[1]))
    most = [Series((float(max(m.sizes)),)) for m in (shortened, whole)]
    yield of_series("agent", "context, largest", "tokens", most[0], about, ("every result in full", most[1]))
    edits = about | {"edits": EDITS, "sentences": SENTENCES}
    peer = ("writing the report anew", Series((float(rewritten),)))
    yield of_series("agent", "small changes by patch", "tokens", Series((float(patched),)), edits, peer)


def _run(searcher: Searcher, script: Sequence[Reply], runs: Path, window: int) -> tuple[Weighing, TimedLibrary, float]:
    model, library = Weighing(script), TimedLibrary(searcher)
    started = begin(QUESTION, ModelSpec("scripted", "benchmark", window=window), Limits(steps=1000, seconds=3600))
    run = create(runs, QUESTION)
    began = time.perf_counter()
    standing = start(run, started, Parts(model, library))
    wall = time.perf_counter() - began
    assert standing.ended, "a run ends"
    assert standing.ended.complete, standing.ended.reason
    assert standing.steps == len(script), "every step of the script was taken"
    return model, library, wall


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
