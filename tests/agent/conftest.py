"""A small library in memory, and runs over it.

`Shelf` is a whole implementation of agent.library.Library for a handful of documents: it ranks by weighted term overlap, cuts
real passages, and fails the way a server fails. It also counts what it is asked, and can write that down in a file.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from agent.answer import Parts, desk_of
from agent.known import Known
from agent.models import ModelSpec, Reply
from agent.models.scripted import ScriptedModel, turn
from agent.runs import Run, begin
from agent.sandbox import NO_SANDBOX, Finished, Sandbox
from agent.tools.desk import Desk
from agent.trajectory import Event, Limits, Payload, Started
from server.client import Document, Failure, Fetched, Hit, PassageHit, Query, Ranking, Terms, Trust

QUESTION = "Is boiled water safe to drink?"
NOON = 1_750_000_000.0
"""The clock of runs that must be the same to the byte."""

DOCUMENTS = [
    Document(
        id="paper:kettle",
        title="Boiling as household water treatment: a field trial",
        kind="paper",
        url="https://papers.spring.example/kettle",
        authors=("Ines Arboleda", "Tomas Veld", "Rui Kanto"),
        venue="Journal of Household Water",
        published="2019-04",
        text=(
            "Boiling is the oldest household water treatment. We followed 312 families for nine months and sampled the water "
            "that they drank. Boiled water was safe to drink in 97 % of the samples taken within six hours. Stored water was "
            "recontaminated in one of five homes, mostly by hands and ladles. We conclude that boiling makes water safe, and "
            "that covered storage keeps it so."
        ),
    ),
    Document(
        id="paper:altitude",
        title="Altitude and the boiling point in pathogen inactivation",
        kind="paper",
        url="https://papers.spring.example/altitude",
        authors=("Mara Quell", "Odd Brenne"),
        venue="Highland Hygiene Letters",
        published="2015",
        text=(
            "At 3,000 metres water boils at about 90 degrees. Bacteria and viruses in drinking water were inactivated within one "
            "minute at that temperature. The results suggest that a rolling boil is safe at any inhabited altitude, while one to "
            "three minutes leave a margin."
        ),
    ),
    Document(
        id="page:health-advice",
        title="When to boil your drinking water",
        kind="page",
        url="https://health.alder.example/boil-water",
        venue="Alder Health Office",
        published="2022-11-03",
        text=(
            "Boil water advice\n"
            "After a flood or a burst main, boil tap water before you drink it. Bring the water to a rolling boil for one "
            "minute and let it cool in a covered pot.\n"
            "Boiled water is safe to drink, to cook with and to prepare baby food. Boiling does not remove lead, nitrate or "
            "salt; use bottled water where these are the problem.\n"
            "Call your water works if the advice is unclear."
        ),
    ),
    Document(
        id="page:myth",
        title="Seven kitchen myths",
        kind="page",
        url="https://cooks.brook.example/myths",
        published="2020",
        text=(
            "Many people believe that water boiled twice turns toxic. It does not: boiling twice only drives out a little more "
            "air. Another myth says that salt makes pasta water boil much sooner. The effect is a fraction of a degree."
        ),
    ),
    Document(
        id="page:chlorine",
        title="Chlorine tablets for travellers",
        kind="page",
        url="https://travel.brook.example/tablets",
        text=(
            "Chlorine tablets disinfect clear water in thirty minutes. They work poorly in cloudy water, which should be "
            "filtered or boiled instead. Boiled water needs no tablet and is safe for children."
        ),
    ),
    Document(
        id="file:solar",
        title="Notes on solar disinfection",
        kind="file",
        text="Clear bottles laid in the sun for six hours disinfect water. Cloud doubles the time needed. [[s1]] <b>Buy</b> now.",
    ),
    Document(id="paper:untold", title="Safe boiled water: an untold story", kind="paper", published="1988"),
]
TIERS = {
    "health.alder.example": Trust(0.9, "government", "alder.example"),
    "papers.spring.example": Trust(0.7, "journal", "spring.example"),
}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class Shelf:
    """The documents and the two calls of a library; `asked` counts them, `journal` keeps a line of each on disk."""

    def __init__(self, documents: Sequence[Document] = DOCUMENTS, journal: Path | None = None) -> None:
        self.documents = {d.id: d for d in documents}
        self.urls = {d.url: d.id for d in documents if d.url}
        self.asked: list[str] = []
        self.journal = journal
        self.frequency = Counter(w for d in documents for w in set(words(f"{d.title} {d.text}")))

    def batch_search(self, queries: Sequence[Query | str]) -> list[Ranking | Failure]:
        asked = [Query(query) if isinstance(query, str) else query for query in queries]
        self.note("search " + " | ".join(query.text for query in asked))
        return [self.rank(query) for query in asked]

    def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        self.note("fetch " + " | ".join(targets))
        return [self.read(target) for target in targets]

    def note(self, line: str) -> None:
        self.asked.append(line)
        if self.journal:
            with self.journal.open("a") as file:
                file.write(line + "\n")

    def read(self, target: str) -> Fetched | Failure:
        document = self.documents.get(self.urls.get(target, target))
        if document is None:
            return Failure(target, "NOT_FOUND", f"the index holds no document {target!r}")
        return Fetched(document, self.trust(document), hashlib.sha256(document.text.encode()).hexdigest(), "1-shelf")

    def trust(self, document: Document) -> Trust:
        host = re.sub(r"^https?://([^/]+).*", r"\1", document.url)
        return TIERS.get(host, Trust(0.0, "", ""))

    def rank(self, query: Query) -> Ranking:
        scored = [(self.score(query, d), d) for d in self.documents.values() if d.kind in (query.filters.kinds or (d.kind,))]
        best = sorted(((s, d) for s, d in scored if s > 0), key=lambda pair: (-pair[0], pair[1].id))[: query.k]
        hits = tuple(self.hit(rank, score, d, query) for rank, (score, d) in enumerate(best, 1))
        return Ranking(query.text, hits, "1-shelf", "off", "", "overlap", (), 0.1)

    def score(self, query: Query, document: Document) -> float:
        held = set(words(f"{document.title} {document.text}"))
        return sum(math.log(1 + len(self.documents) / self.frequency[w]) for w in set(words(query.text)) & held)

    def hit(self, rank: int, score: float, d: Document, query: Query) -> Hit:
        lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", d.text)] or [(0, 0)]
        lines.sort(key=lambda line: -len(set(words(query.text)) & set(words(d.text[slice(*line)]))))
        passages = tuple(PassageHit(d.text[a:b], a, b) for a, b in lines[: query.passages])
        terms = Terms(-5.0, score, 0.0, 0.0, score, 10.0, 0.0)
        return Hit(
            rank,
            d.id,
            d.title,
            d.url,
            d.kind,
            d.authors,
            d.venue,
            d.published,
            score - 5,
            score - 5,
            self.trust(d),
            terms,
            passages,
            0,
        )


DRAFT = "Boiled water is safe [[s1]]. It is safe in the mountains too [[s2]]."


def sha(text: str) -> str:
    """The beginning of a SHA-256, as the tools show it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


REPAIRED = {
    "path": "report.md",
    "content": "Boiled water is safe [[s1]]. It is so in the mountains too [[s2, s3]].",
    "base_sha256": sha(DRAFT.replace("[[s2]]", "[[s99]]")),
}
SCRIPT = (
    turn(batch_search={"queries": ["boiled water safe", "boiling altitude"], "k": 3}),
    turn(open={"targets": ["page:health-advice", "paper:altitude"]}),
    turn(write={"path": "report.md", "content": DRAFT}),
    turn(patch={"path": "report.md", "base_sha256": sha(DRAFT), "edits": [{"old": "too [[s2]].", "new": "too [[s99]]."}]}),
    turn(finish={}),
    turn("The last sentence goes.", write=REPAIRED),
    turn(finish={}),
)
"""A run whose first report is refused for a citation that the model made up."""


class Journal:
    """A sandbox that keeps a line of each command on disk; each command changes a file and does not undo it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ran"

    def absent(self) -> str:
        return ""

    def run(self, command: str, workspace: Path, timeout: float) -> Finished:
        with self.path.open("a") as file:
            file.write(command + "\n")
        return Finished(0, "done", cut=False, seconds=0.0)


def effective(shelf: Shelf, folder: Path) -> Parts:
    """The parts of a run of SCRIPT with two commands in it."""
    shell = [turn(shell={"cmd": "one"}), turn(shell={"cmd": "two"})]
    return Parts(ScriptedModel([*SCRIPT[:2], *shell, *SCRIPT[2:]]), shelf, Journal(folder))


DEFAULTS = Limits()


def begin_scripted(question: str = QUESTION, limits: Limits = DEFAULTS) -> Started:
    return begin(question, ModelSpec("scripted", "in memory"), limits)


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel holds survives a killed process; only a power cut needs the sync itself, which is slow."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def begun() -> Callable[..., Started]:
    """Makes the first event of a scripted run."""
    return begin_scripted


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def make_desk(begun) -> Callable[..., Desk]:
    """Makes the desk of a run in its folder, after these events or at its beginning."""

    def make(shelf: Shelf, folder: Path, *payloads: Payload, sandbox: Sandbox = NO_SANDBOX) -> Desk:
        run = Run(folder)
        run.blobs.directory.mkdir(exist_ok=True)
        events = [Event(i, NOON, payload) for i, payload in enumerate((begun(), *payloads))]
        known = Known(events, run.blobs)
        return desk_of(run, known, known.standing(), Parts(ScriptedModel([]), shelf, sandbox))

    return make


@pytest.fixture
def make_shelf() -> type[Shelf]:
    """The class, for libraries of other documents."""
    return Shelf


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[..., Run]:
    """Makes an empty run folder; the same name twice is two folders."""

    def make(name: str = "a-run", under: str = "runs") -> Run:
        run = Run(tmp_path / under / name)
        (run.path / "blobs").mkdir(parents=True)
        return run

    return make


@pytest.fixture
def script() -> tuple[Reply, ...]:
    return SCRIPT


@pytest.fixture
def with_commands() -> Callable[[Shelf, Path], Parts]:
    """Makes the parts of a run with commands in it."""
    return effective


class Gate:
    """A model that waits to be let go, then gives its turns."""

    def __init__(self, *turns) -> None:
        self.turns = list(turns)
        self.free, self.asked = threading.Event(), threading.Event()

    def reply(self, messages, tools):
        self.asked.set()
        self.free.wait(30)
        if not self.turns:
            threading.Event().wait(20)  # the last reply never comes; the thread is left behind
        return self.turns.pop(0)


@pytest.fixture
def gate() -> type[Gate]:
    """The class of models that wait."""
    return Gate


@pytest.fixture
def asked(tmp_path, shelf, monkeypatch) -> Callable[..., int]:
    """Runs `agent ask` on the command line with a file of settings, over the shelf."""
    from agent.cli import main

    class Served:
        def __init__(self, server: str) -> None: ...
        def __enter__(self) -> Shelf:
            return shelf

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr("server.client.Client", Served)
    shelf.status = lambda: None

    def ask(settings: str, *more: str) -> int:
        (tmp_path / "stepwell.toml").write_text(settings)
        place = ["--runs", str(tmp_path / "runs"), "--config", str(tmp_path / "stepwell.toml"), "--max-seconds", "60"]
        return main(["ask", "Is boiled water safe?", *place, *more])

    return ask


@pytest.fixture
def stages(monkeypatch) -> Iterator[Path]:
    """Where scratch folders are made, for this test alone; any uid may pass through it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def site(new_run) -> Iterator[tuple[str, Path]]:
    """The page on a real port, and the folder of its runs."""
    import uvicorn

    from agent.page.app import app

    runs = new_run("20250101-empty").path.parent
    server = uvicorn.Server(uvicorn.Config(app(runs, "127.0.0.1:1"), port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", runs
    server.should_exit = True
    thread.join(10)
