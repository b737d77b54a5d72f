"""The scripted researcher of sixty steps, behind its endpoint, with its judge: what the benchmark's long run promises."""

from __future__ import annotations

import orjson
import pytest

from agent.answer import Parts
from agent.loop import start
from agent.models import ModelSpec, load
from agent.runs import begin
from agent.trajectory import Limits, Replied
from agent.verify import verify
from benchmarks.agent.endpoint import PATCHES, QUESTION, STEPS, TOPICS, judge, serving
from benchmarks.agent.runs import WINDOW, in_full, patched, sent
from server.client import Document

FILLER = "Readers of such papers compare tables, look for code, and ask which of the numbers would hold in another language."


def papers() -> list[Document]:
    """Three papers a topic, with enough text to fill a window."""
    return [
        Document(
            f"paper:{i}-{n}",
            f"A study of {topic}, part {n}",
            f"We propose a method for {topic} that learns from unlabelled text and needs little memory. "
            f"Results of our experiments on {topic} show a gain over strong systems of other groups. " + 12 * f"{FILLER} ",
            kind="paper",
            authors=("Ines Arboleda",),
            published="2020",
        )
        for i, topic in enumerate(TOPICS)
        for n in range(3)
    ]


def test_sixty_steps_with_compaction_and_a_judge_end_in_a_report_that_says_what_holds(new_run, make_shelf):
    run = new_run()
    with serving() as url:
        spec = ModelSpec("openai", "sixty-steps", url, WINDOW, price_read=0.1, price_written=0.4)
        model = load(spec)
        started = begin(QUESTION, spec, Limits(steps=STEPS + 10), judge=spec)
        standing = start(run, started, Parts(model, make_shelf(papers()), judge=model))
    assert standing.ended.complete
    assert standing.steps >= STEPS - 1  # without a sandbox the shell is refused, and still takes its step
    assert standing.refusals == 2
    record = orjson.loads(run.sources.read_bytes())
    verdicts = [claim["verdict"] for claim in record["claims"]]
    assert {"supported", "partial", "unsupported", "uncited"} == set(verdicts)
    report = run.report.read_text()
    assert report.count("⚠") == verdicts.count("unsupported") > 0
    assert "older than most people think they are. *(without a source)*" in report
    assert len(verify(run)) == len(TOPICS) - 1
    assert all(verdict.ok for verdict in verify(run))
    replies = [event.payload for event in run.events() if isinstance(event.payload, Replied)]
    assert standing.usage.read > sum(reply.usage.read for reply in replies) > 0  # the judge's tokens are counted too
    assert standing.cost == pytest.approx(spec.cost(standing.usage))


def test_what_storage_and_patch_save_is_read_off_a_run(new_run, make_shelf):
    run = new_run()
    with serving() as url:
        spec = ModelSpec("openai", "sixty-steps", url, WINDOW)
        model = load(spec)
        start(run, begin(QUESTION, spec, Limits(steps=STEPS + 10)), Parts(model, make_shelf(papers())))
    ours, theirs = patched(run)
    assert 0 < ours < 0.3 * theirs
    sizes = [(talk.tokens, whole) for talk, whole in sent(run)]
    assert len(sizes) == STEPS
    assert sizes[0][0] == sizes[0][1]
    assert max(size for size, _ in sizes) <= WINDOW < max(whole for _, whole in sizes)
    assert [in_full(event, run).seq for event in run.events()] == list(range(len(run.events())))
    assert (
        sum(call.name == "patch" for e in run.events() if isinstance(e.payload, Replied) for call in e.payload.calls) - 1
        == PATCHES
    )


def test_the_judge_counts_words():
    passage = "Boiling kills bacteria in water."
    for sentence, verdict in (
        ("Boiling kills bacteria.", "supported"),
        ("Boiling kills bacteria and viruses fast.", "partial"),
        ("Lead stays in it.", "unsupported"),
    ):
        assert judge({"sentence": sentence, "passage": passage})["verdict"] == verdict
