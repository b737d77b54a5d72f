"""Verification finds what was tampered with, and only that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.answer import Parts
from agent.chain import Chain
from agent.errors import RunError, TrajectoryError
from agent.events import EventLog
from agent.loop import resume, start
from agent.models.scripted import ScriptedModel, turn
from agent.runs import Run
from agent.trajectory import evidence_of
from agent.verify import verify

TURNS = [
    turn(open={"targets": ["paper:kettle", "page:myth"]}),
    turn(write={"path": "report.md", "content": "Safe [[s3]], stored badly [[s4]], twice is fine [[s7]]."}),
    turn(finish={}),
]


@pytest.fixture
def run(new_run, shelf, begun) -> Run:
    made = new_run()
    start(made, begun(), Parts(ScriptedModel(TURNS), shelf))
    return made


def verdicts(run: Run, library=None) -> dict[str, str]:
    return {v.span_id: v.verdict for v in verify(run, library)}


def test_every_citation_of_an_honest_run_resolves_with_and_without_a_server(run, shelf):
    assert verdicts(run) == verdicts(run, shelf) == {"s3": "ok", "s4": "ok", "s7": "ok"}
    assert [(v.number, v.doc_id) for v in verify(run)] == [(1, "paper:kettle"), (1, "paper:kettle"), (2, "page:myth")]


def test_a_blob_that_was_altered_or_lost_fails_its_citations_alone(run):
    [sha256] = {span.text_sha256 for span in evidence_of(run.events()).spans.values() if span.doc_id == "page:myth"}
    blob = run.path / "blobs" / sha256
    blob.write_text(blob.read_text().replace("twice", "thrice"))
    assert verdicts(run)["s7"].endswith("was altered")
    blob.unlink()
    assert "is missing" in verdicts(run)["s7"]
    assert (verdicts(run)["s3"], verdicts(run)["s4"]) == ("ok", "ok")


def test_a_quote_that_was_altered_in_the_log_does_not_resolve_though_the_sums_are_made_anew(run):
    altered = run.log.read_bytes().replace(b"safe to drink in 97 %", b"safe to drink in 99 %")
    chain = Chain()
    run.log.write_bytes(b"".join(chain.seal(line.rpartition(b',"sum":')[0] + b"}") + b"\n" for line in altered.splitlines()))
    assert verdicts(run)["s3"] == "the quote is not what the text says there"


def test_a_served_text_that_changed_or_went_away_is_reported(run, shelf, make_shelf):
    changed = replace(shelf.documents["paper:kettle"], text="A corrected text.")
    assert verdicts(run, make_shelf([changed, shelf.documents["page:myth"]])) == {
        "s3": "the served document is now another text",
        "s4": "the served document is now another text",
        "s7": "ok",
    }
    assert verdicts(run, make_shelf([shelf.documents["paper:kettle"]]))["s7"].startswith("not served any more: ")


@pytest.mark.parametrize("name", ["report.md", "sources.json"])
def test_a_report_that_was_edited_is_not_the_one_that_was_checked(run, shelf, name):
    path = run.path / name
    path.write_text(path.read_text().replace("97", "99"))
    with pytest.raises(TrajectoryError, match="was changed after it was written"):
        verify(run)
    path.unlink()
    with pytest.raises(TrajectoryError, match="is missing"):
        verify(run)
    resume(run, Parts(ScriptedModel(TURNS), shelf))
    assert all(v.ok for v in verify(run))


def test_a_run_without_a_report_cannot_be_verified(new_run, begun):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
    with pytest.raises(RunError, match="has no report yet"):
        verify(run)
