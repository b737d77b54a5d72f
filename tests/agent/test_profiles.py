"""A model is told of the tools that it has, by their names, and can read back with them whatever was shortened."""

from __future__ import annotations

import re
from dataclasses import replace

import orjson
import pytest

from agent.answer import Parts
from agent.loop import start
from agent.models import ModelSpec, Reply
from agent.models.scripted import ScriptedModel, turn
from agent.profiles import profile_of
from agent.recollection import recollection
from agent.runs import begin
from agent.storage import lines_of
from agent.tools import PROFILES, step
from agent.trajectory import Limits, Returned
from server.client import Document

STEP = ModelSpec("scripted", "in memory", window=6_000, profile="step", reading="inline")
FOREIGN = {name for profile in PROFILES.values() for name in profile} - (set(PROFILES["step"]) - step.HIDDEN)
"""Tools of the native profile that a model of the other is not offered."""


def search(n: int) -> Reply:
    return turn(batch_web_surfer={"action": "batch_search", "queries": [f"river{n} length"], "topk": 1})


def opened(n: int) -> Reply:
    return turn(batch_web_surfer={"action": "batch_open", "urls": [f"page:river{n}"]})


class Watching(ScriptedModel):
    """Keeps what it is told, and by which tools it can act."""

    def __init__(self, turns) -> None:
        super().__init__(turns)
        self.told: list[str] = []
        self.tools: set[str] = set()

    def reply(self, messages, tools):
        self.told += [message.text for message in messages]
        self.tools |= {tool.name for tool in tools}
        return super().reply(messages, tools)


@pytest.fixture
def rivers(make_shelf):
    more = {1: " and wide" * 30}
    bends = [" ".join(f"Bend {i} of river{n} is {i * n + 7} metres wide{more.get(n, '')}." for i in range(110)) for n in range(9)]
    return make_shelf([Document(f"page:river{n}", f"The river{n}", f"The river{n} is long. {bends[n]}") for n in range(9)])


def test_a_model_of_the_step_profile_is_told_of_no_tool_that_it_has_not(new_run, rivers):
    turns = [search(0), Reply("The river", cut=True), *[made(n) for n in range(1, 8) for made in (search, opened)]]
    turns += [Reply("The river1 is long \\cite{s999}."), Reply("The rivers are long."), Reply("The rivers are long.")]
    model, run = Watching([*turns, *turns[-1:] * 3]), new_run()
    standing = start(run, begin("How long are the rivers?", STEP, Limits(steps=21, seconds=300)), Parts(model, rivers))
    assert standing.ended.complete
    said = "\n".join(dict.fromkeys(model.told))
    for told in ("results are shortened; file read", "file read outputs/c", "batch_open s", "Research is over"):
        assert told in said, told
    assert "cite ids that batch_web_surfer with batch_search or batch_open returned" in said
    assert "cut off at a limit" in said
    assert '"whole":"file read outputs/CALL' in recollection(run.events(), run.blobs, 9, 2_000)
    assert model.tools <= set(PROFILES["step"]) - step.HIDDEN
    assert {"open", "read", "reflect", "verify", "finish", "batch_search", "write"} <= FOREIGN
    strange = re.findall(rf"(?<!file )\bread outputs|\b(?:{'|'.join(FOREIGN - {'read', 'write', 'batch_search'})})\b", said)
    assert strange == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_word_of_a_profile_names_tools_that_are_offered_in_it(profile):
    offered = set(PROFILES[profile]) - (step.HIDDEN if profile == "step" else set())
    others = {"batch_web_surfer", "reflect", "verify", "finish"} - offered
    words = profile_of(replace(STEP, profile=profile))
    said = " ".join(getattr(words, name) for name in words.__slots__)
    assert [name for name in others if re.search(rf"\b{name}\b", said)] == []


def test_file_read_gives_back_every_line_of_what_was_shortened(new_run, rivers):
    class Reader(ScriptedModel):
        """Reads on from where it is told."""

        def reply(self, messages, tools):
            if len(messages) < 4:
                return opened(3)
            last = orjson.loads(messages[-1].text)
            if "shortened" in last:
                return turn(file={"action": "read", "path": "outputs/c1.1"})
            if more := re.search(r"read on with start (\d+)", last.get("more", "")):
                return turn(file={"action": "read", "path": "outputs/c1.1", "start": int(more[1])})
            return Reply("No source says it.")

    run = new_run()
    started = begin("How long are the rivers?", replace(STEP, window=12_000), Limits(steps=90, seconds=300))
    start(run, started, Parts(Reader([]), rivers))
    first, *read = [e.payload for e in run.events() if isinstance(e.payload, Returned) and e.payload.ok]
    seen: dict[int, str] = {}
    for answer in read:
        if "of_lines" in (shown := orjson.loads(run.blobs.read(answer.output))):
            seen |= {int(number): line for number, line in shown["lines"].items()}
    lines = lines_of(run.blobs.read(first.output))
    assert len(lines) > 100
    assert seen == dict(enumerate(lines, 1))


def test_file_read_finds_words_and_keeps_to_a_number_of_lines(new_run, rivers):
    find = turn(file={"action": "read", "path": "outputs/c1.1", "find": "Bend 77 ", "lines": 2})
    run = new_run()
    start(
        run,
        begin("How long are the rivers?", STEP, Limits(steps=3)),
        Parts(ScriptedModel([opened(3), find, Reply("No.")]), rivers),
    )
    found = [e.payload for e in run.events() if isinstance(e.payload, Returned)][1]
    assert found.ok
    assert ["Bend 77 " in line for line in orjson.loads(run.blobs.read(found.output))["lines"].values()] == [True]


LONG = "The river1 is long [[s1]]. " + "We measured it, and it is as long as it was. " * 4


@pytest.mark.parametrize(
    ("last", "stays"),
    [
        ("Done.", True),
        ("<think>I cited [[s1]].</think>The report is in report.md.", True),
        ("The river1 is long [[s1]].", False),
        (LONG.replace(" [[s1]]", ""), False),
    ],
)
def test_a_report_that_was_written_is_handed_in_where_the_last_reply_is_only_a_word_about_it(new_run, rivers, last, stays):
    writing = turn(file={"action": "write", "path": "report.md", "content": LONG})
    run = new_run()
    model = ScriptedModel([search(1), writing, *[turn(last)] * 3])
    standing = start(run, begin("How long are the rivers?", STEP, Limits(steps=9)), Parts(model, rivers))
    assert standing.ended.complete
    assert run.workspace.read("report.md").decode() == (LONG if stays else last)
