"""A report leaves the house as one file that says the same, loads nothing and runs nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent import cli
from agent.answer import Parts
from agent.errors import AskError, RunError, TrajectoryError
from agent.events import EventLog
from agent.export import export
from agent.loop import resume, start
from agent.models import ModelSpec, Reply
from agent.models.scripted import ScriptedModel, turn
from agent.page.text import blocks_of
from agent.report import findings_of
from agent.runs import Run
from agent.trajectory import Limits, Resumed
from agent.verdicts import PARTIAL, UNSUPPORTED
from agent.verify import verify

DRAFT = """## Findings

Boiled water is safe in 11 % of homes [[s1]]. It is safe <script>alert(1)</script> [[s2]].

| a | b |
|---|---|
| 1 | [x](http://evil.example/?q=1) |

An uncited sentence of more than six words stands here. Lead stays [[s99]].
"""


@pytest.fixture
def run(new_run, shelf, begun) -> Run:
    made = new_run("20250101-x")
    turns = [
        turn(batch_search={"queries": ["boiled water safe"], "k": 5}),
        turn(write={"path": "report.md", "content": DRAFT}),
        *[turn(finish={})] * 3,
    ]
    start(made, begun("Is <b>boiled</b> water safe?"), Parts(ScriptedModel(turns), shelf))
    return made


def test_html_shows_quotes_at_the_citations_with_the_colour_of_the_verdict(run):
    page = export(run, "html", None).read_text(encoding="utf-8")
    link, tip = (
        r'<a class="unsupported" href="#s1" aria-describedby="q1">\[1\]</a>',
        r'<span class="quote" role="tooltip" id="q1">',
    )
    assert re.search(
        rf'{link}</sup>{tip}<b class="unsupported">not supported: 11 does not stand in the span</b> “[^<]+” — [^<]+',
        page,
    )
    assert '<span class="mark unsupported"> ⚠ (not supported by its source: 11 does not stand in the span)</span>' in page
    assert '<span class="mark uncited"' in page
    assert "unresolved citation: s99" in page
    assert '<blockquote id="s1">' in page
    assert "<td>1</td>" in page


BOTH = (
    "It was Lindqvist who called boiled water safe [[s1]]. Boiled water is safe in 11 % of homes [[s1]]. Water boils at length."
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_form_of_the_report_marks_what_is_supported_in_part_once_and_says_why(new_run, shelf, begun, language):
    made, asked = new_run(), {"en": "Is boiled water safe?", "zh": "煮沸的水可以安全饮用吗？为什么？"}[language]
    draft = BOTH if language == "en" else "Lindqvist 说煮沸的水很安全 [[s1]]。有百分之十一的家庭说它安全 [[s1]]。"
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 5})
    turns = [search, turn(write={"path": "report.md", "content": draft}), *[turn(finish={})] * 3]
    start(made, begun(asked), Parts(ScriptedModel(turns), shelf))
    f = findings_of(made, made.events())
    assert [checked.verdict for _, checked in f.verdicts][:2] == [PARTIAL, UNSUPPORTED]
    half, none = (checked.reason for _, checked in f.verdicts[:2])
    said = f"({f.labels.verdicts[1]}{f.labels.colon}{half})", f"({f.labels.marked[0]}{f.labels.colon}{none})"
    written = made.report.read_text(encoding="utf-8")
    assert [written.count(mark) for mark in (f" *{said[0]}* ", f" ⚠ *{said[1]}*")] == [1, 1]
    assert written.count(half) == written.count(none) == 1
    page = re.sub(r'<span class="quote".*?</span>', "", export(made, "html", None).read_text(encoding="utf-8"))
    shown = "".join(piece.text for block in blocks_of(f) for piece in block.pieces)
    for text in (re.sub("<[^>]*>", "", page), shown):
        assert [text.count(mark) for mark in (f" {said[0]} ", f" ⚠ {said[1]}")] == [1, 1]
        assert text.count(half) == text.count(none) == 1


def test_a_reason_is_no_markup(new_run, shelf, begun):
    class Judge:
        def reply(self, messages, tools):
            return Reply('{"verdict": "partial", "reason": "it says *so* | <b>much</b> [1](x)."}', ())

    made = new_run()
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 5})
    write = turn(write={"path": "report.md", "content": "| a |\n|---|\n| Boiled water seems mostly safe to many [[s1]] |"})
    started = replace(begun(), judge=ModelSpec("scripted", "judge"))
    start(made, started, Parts(ScriptedModel([search, write, turn(finish={})]), shelf, judge=Judge()))
    row = r"| *(partly supported: it says \*so\* \| \<b\>much\</b\> \[1\] (x))* |"
    assert row[2:] in made.report.read_text(encoding="utf-8")
    [cell] = re.findall(r"<td>.*</td>", export(made, "html", None).read_text(encoding="utf-8"))
    assert cell.endswith("(partly supported: it says *so* | &lt;b&gt;much&lt;/b&gt; [1](x))</span></td>")


def test_a_fence_cannot_carry_a_citation_into_an_attribute_and_entities_make_none(new_run, shelf, begun):
    made = new_run()
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 5})
    forged = "Boiling cures cancer.&#xE000;0&#xE001; So says &#91;1&#93;."
    draft = f"Boiled water seems safe [[s1]].\n\n{forged}\n\n```x[[s1]]\ncode\n```\n"
    start(
        made, begun(), Parts(ScriptedModel([search, turn(write={"path": "report.md", "content": draft}), turn(finish={})]), shelf)
    )
    page = export(made, "html", None).read_text(encoding="utf-8")
    article = page.split('<article dir="auto">')[1].split("</article>")[0]
    assert article.count(">[1]<") == 1
    assert article.count("[1]") == 1
    assert "language-" not in article
    shown = "".join(piece.text for block in blocks_of(findings_of(made, made.events())) for piece in block.pieces)
    assert shown.count("[1]") == 1


def test_html_holds_no_script_no_foreign_markup_and_no_foreign_link(run, shelf):
    page = export(run, "html", None).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "evil.example" not in page
    assert "<b>boiled" not in page
    assert "default-src 'none'" in page
    links = set(re.findall(r'href="([^"#][^"]*)"', page))
    assert links <= {document.url for document in shelf.documents.values()}


def test_every_form_is_written_where_it_is_wanted(run, tmp_path, capsys):
    for form, like in (("md", run.report), ("json", run.sources)):
        path = tmp_path / f"out.{form}"
        assert cli.main(["export", str(run.path), "--format", form, "--into", str(path)]) == 0
        assert path.read_bytes() == like.read_bytes()
    assert str(tmp_path / "out.md") in capsys.readouterr().out
    with pytest.raises(AskError, match="no format 'pdf'; there are md, html, json"):
        export(run, "pdf", None)


def test_a_run_without_a_report_is_not_exported(new_run, begun):
    made = new_run("bare")
    with EventLog(made.log) as log:
        log.append(begun())
    with pytest.raises(RunError, match="has no report yet"):
        export(made, "html", None)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        *[
            (form, name)
            for form in ("md", "html", "json")
            for name in ("events.jsonl", "control", "blobs/x", "workspace/report.md")
        ],
        *[("html", "report.md"), ("json", "report.md"), ("md", "sources.json"), ("html", "sources.json"), ("md", "report.html")],
        *[("md", "../20250101-x/events.jsonl"), ("html", "../20250102-y/notes.html"), ("md", "../linked"), ("html", "blobs")],
    ],
)
def test_export_never_writes_over_what_belongs_to_a_run(run, new_run, form, name):
    new_run("20250102-y").log.touch()
    (run.path.parent / "linked").symlink_to(run.log)
    before = {path: path.read_bytes() for path in run.path.parent.rglob("*") if path.is_file()}
    for path in (run.path / name, Path(os.path.relpath(run.path / name))):
        with pytest.raises(AskError, match="belongs to the run 2025010") as refused:
            cli.main(["export", str(run.path), "--format", form, "--into", str(path)])
        assert refused.value.exit_code == 2
    assert before == {path: path.read_bytes() for path in run.path.parent.rglob("*") if path.is_file()}
    assert cli.main(["verify", str(run.path)]) in (0, 1)


@pytest.mark.parametrize(
    ("form", "name"), [("md", "report.md"), ("json", "sources.json"), ("json", "report.json"), ("html", "report.html")]
)
def test_export_may_name_the_forms_own_file_however_it_is_spelled(run, monkeypatch, form, name):
    report = run.report.read_bytes()
    monkeypatch.chdir(run.path / "blobs")
    for _ in range(2):
        assert export(run, form, Path("..") / name).is_file()
    verify(run)
    assert run.report.read_bytes() == report


@pytest.mark.parametrize(
    ("name", "said"), [("no/such/x.md", "there is no folder"), (".", "is no plain file"), ("/dev/stdout", "is no plain file")]
)
def test_export_says_where_nothing_can_be_put(run, tmp_path, name, said):
    done = subprocess.run(
        [sys.executable, "-m", "stepwell", "agent", "export", str(run.path), "--format", "md", "--into", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["report", "sources"])
def test_files_that_were_changed_since_they_were_written_are_not_handed_out_in_silence(run, shelf, capsys, name):
    path = getattr(run, name)
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b"11", b"12", 1) + b"\xff")
    for verb in (["export", "--format", "md"], ["export", "--format", "json"], ["show", "--json"], ["verify"]):
        with pytest.raises(TrajectoryError, match="was changed after it was written; `stepwell agent resume") as refused:
            cli.main([verb[0], str(run.path), *verb[1:]])
        assert refused.value.exit_code == 1
        assert not capsys.readouterr().out
    with pytest.raises(TrajectoryError, match="was changed"):
        cli.main(["show", str(run.path)])
    assert "in 1" in capsys.readouterr().out  # what is there, and that it is not what was written
    page = export(run, "html", None).read_text(encoding="utf-8")
    assert "in 11 %" in page  # made from the log
    resume(run, Parts(ScriptedModel([]), shelf))
    assert path.read_bytes() == sound
    assert cli.main(["show", str(run.path)]) == 0


def test_the_report_of_before_is_handed_out_while_its_run_goes_on(run, capsys):
    with EventLog(run.log) as log:
        log.append(Resumed(Limits()))
    assert cli.main(["show", str(run.path)]) == 0
    assert "in 11 %" in capsys.readouterr().out
    run.report.write_bytes(b"another")
    with pytest.raises(TrajectoryError):
        export(run, "md", None)
