"""What becomes of three complete runs on a real index, behind a real server?

Without a model, with a small real one, and the scripted researcher of sixty steps with its judge. Each is `stepwell agent ask` in
a process of its own, and `stepwell agent verify` holds each citation against the server. The folders stay, to be looked at.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import orjson

from agent.known import Known
from agent.messages import Conversation, conversation
from agent.runs import Run
from agent.standing import standing_of
from agent.storage import inline
from agent.tokens import estimate
from agent.trajectory import Event, Replied, Returned, Started, Stored
from benchmarks.agent import endpoint
from benchmarks.errors import BenchmarkError
from benchmarks.machine import ROOT
from benchmarks.result import Result, Series, of_series

QUESTION = "Does back-translation improve low-resource machine translation?"
SMALL = "Qwen2.5-Coder-0.5B-Instruct"
PYTHON = "STEPWELL_LLM_PYTHON"
"""Names the Python of an environment with llama.cpp and the small model; tests/agent/small_model.py says how to make it."""
WINDOW = 8_000
"""Tokens of the scripted researcher: small, so that sixty steps pass all three borders."""
SECONDS = 900
"""Working time of one run: on two busy cores the small model needs most of it for a dozen turns."""
TOML = """
[agent.limits]
steps = 70
seconds = {seconds}
[agent.models.small]
url = "{small}"
model = "qwen2.5-coder-0.5b"
window = 8_000
timeout = 300.0
max_tokens = 400
temperature = 0.2
price_read = 0.1
price_written = 0.4
judge = ""
[agent.models.sixty]
url = "{sixty}"
model = "sixty-steps"
window = {window}
price_read = 0.1
price_written = 0.4
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to."""

    name: str
    ended: str
    """``complete``, or why it is partial."""
    steps: int
    seconds: float
    read: int
    written: int
    cost: float
    cited: int
    resolved: int
    """Citations that `agent verify --server` finds to hold."""
    verdicts: Counter[str]
    marked: int
    """Marks in the report."""
    pointed: int
    """Steps at which old results were pointers; `summed` where old turns were a summary, `writing` where only writing went on."""
    summed: int
    writing: int
    context: tuple[float, float]
    """Tokens that the model was sent at a step, in the mean; and what they would be with every result in full."""
    patched: tuple[int, int]
    """Tokens of the calls of patch; and of writing the same file whole each time."""

    @property
    def wrong(self) -> str:
        """What does not hold of it; empty where all does."""
        claims = sum(self.verdicts.values())
        faults = {
            "a citation does not resolve": self.resolved != self.cited,
            "an unsupported claim is not marked": self.marked < self.verdicts["unsupported"],
            "a model's tokens are not counted": self.name != "extractive" and not (self.read and self.written and self.cost),
            "no claim has a verdict": self.ended == "complete" and not claims,
        }
        return "; ".join(fault for fault, holds in faults.items() if holds)


def three(index: Path, runs: Path) -> Iterator[Result]:
    """Of each run the citations that hold, and of the longest what storage and patch save. Raises BenchmarkError."""
    runs.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwell-bench-")))
        sixty = stack.enter_context(endpoint.serving())
        small = stack.enter_context(_small(work)) if os.environ.get(PYTHON) else ""
        config = work / "stepwell.toml"
        config.write_text(TOML.format(small=small or "http://127.0.0.1:9/v1", sixty=sixty, window=WINDOW, seconds=SECONDS))
        server = stack.enter_context(_server(index, work))
        wanted = [("extractive", QUESTION), *([("small", QUESTION)] if small else []), ("sixty", endpoint.QUESTION)]
        if not small:
            print(f"the small model is left out: {PYTHON} names no Python", file=sys.stderr)
        for model, question in wanted:
            done = outcome(model, _ask(question, model, server, runs, config), server)
            print(row(done), file=sys.stderr, flush=True)
            if done.wrong:
                raise BenchmarkError(f"run {model}: {done.wrong}")
            yield from _results(done, index)


def row(done: Outcome) -> str:
    """A line of the table in agent/README.md."""
    verdicts = ", ".join(f"{n} {name}" for name, n in sorted(done.verdicts.items())) or "none"
    shortened = f"{done.pointed} / {done.summed} / {done.writing}"
    return (
        f"| {done.name} | {done.ended} | {done.steps} | {done.resolved} of {done.cited} | {verdicts} | {done.marked} "
        f"| {shortened} | {done.read:,} / {done.written:,} | {done.cost:.4f} |"
    )


def outcome(name: str, run: Run, server: str) -> Outcome:
    """What the run's own files and `agent verify` say."""
    checked = orjson.loads(_stepwell("verify", str(run.path), "--server", server, "--json", codes=(0, 1)))
    record = orjson.loads(run.sources.read_bytes())
    steps = list(sent(run))
    standing = standing_of(run.events())
    return Outcome(
        name,
        "complete" if record["complete"] else f"partial: {record['reason']}",
        standing.steps,
        round(standing.seconds, 1),
        standing.usage.read,
        standing.usage.written,
        standing.cost,
        checked["checked"],
        checked["ok"],
        Counter(claim["verdict"] for claim in record["claims"]),
        run.report.read_text(encoding="utf-8").count("⚠"),
        sum(any('"kept_at"' in message.text for message in talk.messages) for talk, _ in steps),
        sum(any(message.text.startswith("Summary of the first ") for message in talk.messages) for talk, _ in steps),
        sum(talk.writing for talk, _ in steps),
        (fmean(talk.tokens for talk, _ in steps), fmean(whole for _, whole in steps)),
        patched(run),
    )


def sent(run: Run) -> Iterator[tuple[Conversation, int]]:
    """What the model was sent at each step, and the tokens it would have been with every result in full."""
    known, whole = Known([], run.blobs), Known([], run.blobs)
    for event in run.events():
        if isinstance(event.payload, Replied):
            yield conversation(known), conversation(whole).tokens
        known.take(event)
        whole.take(in_full(event, run))


def in_full(event: Event, run: Run) -> Event:
    """The event of a run that has no window and shortens nothing."""
    match event.payload:
        case Started(model=model):
            return replace(event, payload=replace(event.payload, model=replace(model, window=0)))
        case Returned(output=output):
            text = inline(run.blobs.read(output))
            return replace(event, payload=replace(event.payload, shown=Stored("", len(text.encode()), text)))
        case _:
            return event


def patched(run: Run) -> tuple[int, int]:
    """Tokens of the calls of patch that were carried out, and of the files that they made."""
    calls = {call.id: call for e in run.events() if isinstance(e.payload, Replied) for call in e.payload.calls}
    ours = theirs = 0
    for event in run.events():
        if isinstance(event.payload, Returned) and event.payload.tool == "patch" and event.payload.ok:
            ours += estimate(calls[event.payload.call_id].arguments)
            theirs += sum(estimate(orjson.dumps(run.blobs.get(file.sha256)).decode()) for file in event.payload.files)
    return ours, theirs


def _results(done: Outcome, index: Path) -> Iterator[Result]:
    about: dict[str, str | int | float | bool] = {
        "index": index.name,
        "ended": done.ended,
        "steps": done.steps,
        "seconds": done.seconds,
        "read": done.read,
        "written": done.written,
        "cost": round(done.cost, 6),
        "cited": done.cited,
        "marked": done.marked,
        "steps_with_pointers": done.pointed,
        "steps_with_summary": done.summed,
        "steps_writing_only": done.writing,
        **{f"claims_{name}": n for name, n in sorted(done.verdicts.items())},
    }
    yield Result("agent", f"run on a real server, {done.name}", done.resolved, "citations that hold", parameters=about)
    for what, (ours, theirs), peer in (
        ("context, mean of a step", done.context, "every result in full"),
        ("small changes by patch", done.patched, "writing the report anew"),
    ):
        if done.name == "sixty" and theirs:
            series = Series((float(theirs),))
            yield of_series("agent", f"{what}, sixty steps", "tokens", Series((float(ours),)), about, (peer, series))


def _ask(question: str, model: str, server: str, runs: Path, config: Path) -> Run:
    options = ["--model", model, "--server", server, "--runs", str(runs), "--config", str(config), "--json"]
    said = _stepwell("ask", question, *options, codes=(0, 1))
    return Run(Path(orjson.loads(said)["path"]))


def _stepwell(*arguments: str, codes: Sequence[int]) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "stepwell", "agent", *arguments], cwd=ROOT, capture_output=True, timeout=3 * SECONDS, check=False
    )
    if done.returncode not in codes or not done.stdout:
        raise BenchmarkError(f"agent {arguments[0]} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return done.stdout


@contextlib.contextmanager
def _server(index: Path, work: Path) -> Iterator[str]:
    """A server process over the index; gives its address."""
    ready = work / "address"
    command = [sys.executable, "-m", "stepwell", "server", "run", "--index", str(index.resolve()), "--grpc", "127.0.0.1:0"]
    with (work / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, "--ready-file", str(ready)], cwd=ROOT, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 120
            while not (ready.exists() and ready.read_text().strip()):
                if process.poll() is not None or time.monotonic() > until:
                    raise BenchmarkError(f"the server does not start: {(work / 'server.log').read_text()[-300:]}")
                time.sleep(0.1)
            yield ready.read_text().strip()
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def _small(work: Path) -> Iterator[str]:
    """The small model behind llama.cpp's server; gives its URL."""
    command = [os.environ[PYTHON], str(ROOT / "tests" / "agent" / "small_model.py"), str(work)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin, "a pipe"
        assert process.stdout, "a pipe"
        url = process.stdout.readline().strip()
        if not url:
            raise BenchmarkError(f"{PYTHON} {os.environ[PYTHON]} serves no model; tests/agent/small_model.py says how")
        yield url
        process.stdin.close()
