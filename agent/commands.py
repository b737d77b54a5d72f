"""What does each verb of the command line do?"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

import orjson

from agent.control import Control
from agent.detached import take_up
from agent.errors import AskError, RunError, RunLocked
from agent.events import EventLog, locked, unsealed
from agent.language import LABELS
from agent.many import many
from agent.models import ModelSpec, load, load_judge, parse_spec
from agent.runs import Run, begin, checked, create, find, moved, summaries
from agent.settings import read_settings
from agent.standing import Standing, standing_of
from agent.terminal import printable, shown
from agent.trajectory import Event, Limits, Reported, Started
from agent.watch import LOOK, followed, print_event

if TYPE_CHECKING:
    from agent.answer import Parts

HEAD = 16
"""Lines of a fresh report that are printed."""
SERVER = "127.0.0.1:50051"
"""Where the library is looked for where neither the call nor the run says."""
CHANGES = ("max_steps", "max_seconds", "max_tokens", "max_money", "model_url", "server")
"""What `resume` is given for a run from now on; a process that only holds it cannot be told."""
STOPPING = 10.0
"""Seconds that `stop` waits for a process to write its report."""


def ask(args: argparse.Namespace) -> int:
    """Research a question here and now."""
    from agent.loop import start as begin_run

    started = _started(args)
    with _parts(started, args.server) as parts:
        run = create(args.runs, started.question)
        print(f"run        {run.path}", file=sys.stderr)
        try:
            with _shown(run, sys.stderr, not args.watch) as show_event:
                standing = begin_run(run, started, parts, show_event)
        except KeyboardInterrupt:
            return _interrupted(run)
    return _told(run, standing, args.json)


def start(args: argparse.Namespace) -> int:
    """Research a question in a process of its own."""
    started = _started(args)
    with _parts(started, args.server):  # whatever would be wrong there is said here
        run = create(args.runs, started.question)
    with EventLog(run.log) as log:
        log.append(started)
    take_up(run)
    if args.json:
        _print_json({"run": run.id, "path": str(run.path)})
    else:
        print(f"{run.id}\nfollow:  stepwell agent watch {run.typed}")
    return 0


def resume(args: argparse.Namespace) -> int:
    """Go on with a run; one that is paused is let go."""
    from agent.loop import resume as go_on

    run = find(args.name, args.runs)
    before = standing_of(run.events())
    limits = _limits(args, before.limits, before.started.model, before.started.judge)
    started = moved(before.started, args.model_url) if args.model_url else before.started
    server = args.server or started.server or SERVER
    if bare := unsealed(run.log):
        print(_bare(len(run.events()), bare), file=sys.stderr)
    if locked(run.log) and Control(run.path).wanted == "pause":
        if given := [f"--{name.replace('_', '-')}" for name in CHANGES if getattr(args, name) not in (None, "")]:
            raise AskError(
                f"{run.id} is held and goes on as it was begun, without {' and '.join(given)}; "
                f"`stepwell agent stop {run.typed}` first, then resume with that"
            )
        Control(run.path).ask("")
        if args.json:
            _print_json({"run": run.id, "path": str(run.path)})
        else:
            print(f"{run.id} goes on; `stepwell agent watch {run.typed}` follows it")
        return 0
    with _parts(started, server) as parts:
        try:
            with _shown(run, sys.stderr, not args.watch) as show_event:
                standing = go_on(run, parts, limits, show_event, since=args.since, url=args.model_url, server=args.server)
        except KeyboardInterrupt:
            return _interrupted(run)
    return _told(run, standing, args.json)


def serve(args: argparse.Namespace) -> int:
    """Show the runs on a page."""
    from agent.page.serving import serve as answer

    return answer(args.runs, args.http, args.server)


def serve_model(args: argparse.Namespace) -> int:
    """Serve a model's weights with vLLM."""
    from agent.vllm.gpus import found, stated
    from agent.vllm.recipe import recipe
    from agent.vllm.starting import check, run_until_ended
    from agent.vllm.weights import shape_of

    check(args.port, args.patience)
    gpus = stated(args.gpus) if args.gpus else found()
    path, shape = args.model if args.like else "", shape_of(args.like or args.model)
    made = recipe(shape, gpus, args.window, args.kept, path, args.port)
    if args.json:
        _print_json({"arguments": made.arguments, "kept": made.kind, "memory": made.memory, "tokens": made.memory.tokens})
    else:
        print(f"{made.model}, kept as {made.kind}", *made.memory.lines(), "", sep="\n")
        print(shlex.join([args.vllm, "serve", *made.arguments]), flush=True)
    if args.dry_run:
        return 0
    return run_until_ended([args.vllm, "serve", *made.arguments], args.port, shape.name, args.patience)


def watch(args: argparse.Namespace) -> int:
    """Show a run until it is over."""
    run = find(args.name, args.runs)
    over = False
    with _shown(run, sys.stdout, args.lines or args.json) as show:
        for event in followed(run):
            over = isinstance(event.payload, Reported)
            if args.json:
                _print_json({"seq": event.seq, "time": event.time, "kind": event.kind, "payload": event.payload}, indent=False)
            else:
                show(event)
    if not over:
        said = f"; what its last process said is in {run.console}" if run.console.is_file() and run.console.stat().st_size else ""
        print(f"nobody works on this run; `stepwell agent resume {run.typed}` goes on with it{said}", file=sys.stderr)
    return 0


def pause(args: argparse.Namespace) -> int:
    """Hold a run under way."""
    run = find(args.name, args.runs)
    if not locked(run.log):
        raise RunError(f"nobody works on {run.id}; there is nothing to pause")
    Control(run.path).ask("pause")
    print(f"{run.id} is held after the step under way; `stepwell agent resume {run.typed}` lets it go on")
    return 0


def stop(args: argparse.Namespace) -> int:
    """End a run, whoever works on it."""
    from agent.loop import stop as end

    run = find(args.name, args.runs)
    if standing_of(run.events()).reported:
        raise RunError(f"{run.id} is over already; `stepwell agent show {run.typed}` prints its report")
    Control(run.path).ask("stop")
    until = time.monotonic() + STOPPING
    try:
        while not standing_of(run.events()).reported:
            if not locked(run.log):
                with contextlib.suppress(RunLocked):  # a process that was only starting has it now, and sees the wish
                    end(run, "stopped", left=True)
            elif time.monotonic() > until:
                raise RunError(f"{run.id} does not answer; end its process, then `stepwell agent stop {run.typed}` again")
            else:
                time.sleep(LOOK)
    finally:
        Control(run.path).ask("")
    print(f"partial report: {run.report}; `stepwell agent resume {run.typed}` goes on")
    return 0


def runs(args: argparse.Namespace) -> int:
    """List the runs."""
    found = summaries(args.runs)
    if args.json:
        _print_json(found)
        return 0
    width = max((len(summary.id) for summary in found), default=0)
    for s in found:
        cited = f"{s.citations:>3} cited{_lost(s.unresolved)}"
        print(f"{s.id:<{width}}  {s.when:<20}  {s.status:<8}  {cited}  {' '.join(printable(s.question).split())[:80]}")
    print(f"{many(len(found), 'run')} in {args.runs}{'' if args.runs.exists() else ', which is not there'}")
    return 0


def show(args: argparse.Namespace) -> int:
    """Print a report."""
    from agent.verify import check_handed_out, check_written

    run = find(args.name, args.runs)
    check_written(run)
    report = run.report.read_text(encoding="utf-8", errors="replace")
    if args.json:
        events = run.events()
        check_handed_out(run, events)
        standing = standing_of(events)
        spent = {"steps": standing.steps, "tokens": standing.usage, "cost": standing.cost}
        _print_json(orjson.loads(run.sources.read_bytes()) | spent | {"report": report})
    else:
        print(shown(report), end="", flush=True)
        check_handed_out(run, run.events())  # a reader gets what is there; whether it is what was written, the exit code says
    return 0


def export(args: argparse.Namespace) -> int:
    """Write a report as a file."""
    from agent.export import export as write

    path = write(find(args.name, args.runs), args.format, args.into)
    print(orjson.dumps({"path": str(path)}).decode() if args.json else path)
    return 0


def verify(args: argparse.Namespace) -> int:
    """Check every citation."""
    from agent.verify import verify as check

    run = find(args.name, args.runs)
    if args.server:
        from server.client import Client

        with Client(args.server) as library:
            verdicts = check(run, library)
    else:
        verdicts = check(run)
    good = sum(verdict.ok for verdict in verdicts)
    lines, bare = len(run.events()), unsealed(run.log)
    if args.json:
        log = {"lines": lines, "unsealed": bare}
        _print_json({"run": run.id, "checked": len(verdicts), "ok": good, "log": log, "citations": verdicts})
        return 0 if good == len(verdicts) else 1
    width = max((len(verdict.doc_id) for verdict in verdicts), default=0)
    for v in verdicts:
        number = f"[{v.number}]" if v.number else "-"
        print(printable(f"{number:>5}  {v.span_id:<6}  {v.doc_id:<{width}}  {v.verdict}"))
    print(f"{lines} lines of the log are as they were written" if not bare else _bare(lines, bare))
    resolve = f"{many(len(verdicts), 'citation')} resolve{'s' * (len(verdicts) == 1)}"
    print(f"{good} of {resolve}{'' if args.server else '; --server also compares with what is served'}")
    return 0 if good == len(verdicts) else 1


def _bare(lines: int, bare: int) -> str:
    """What a reader of a run of an older format must know."""
    since = "a changed byte may go unnoticed" if bare == lines else "the later lines guard them since those were added"
    return f"{bare} of {lines} lines of the log carry no sum, for the run is of an older format: {since}"


def _started(args: argparse.Namespace) -> Started:
    settings = read_settings(args.config)
    spec = parse_spec(args.model, args.model_url, settings.models)
    judge = settings.judge_of(args.model, spec)
    started = begin(args.question, spec, _limits(args, settings.limits, spec, judge), judge)
    return started.moved(server=args.server)


@contextlib.contextmanager
def _parts(started: Started, server: str) -> Iterator[Parts]:
    """What the run works with. Raises AskError or ServerUnreachable where a part of it is not there."""
    from agent.answer import Parts
    from agent.sandbox.bubblewrap import Bubblewrap
    from server.client import Client

    model = load(started.model)
    judge = load_judge(started.judge, started.model) if started.judge else None
    with Client(server) as library:
        library.status()  # no server, no run
        yield Parts(model, library, Bubblewrap(), judge)


@contextlib.contextmanager
def _shown(run: Run, stream: TextIO, lines: bool) -> Iterator[Callable[[Event], None]]:
    """What shows an event: a screen on a terminal, else a line each."""
    if lines or not stream.isatty():
        yield lambda event: print_event(event, stream)
        return
    from rich.console import Console

    from agent.screen import Screen

    with Screen(run, Console(file=stream)) as screen:
        yield screen.take


def _limits(args: argparse.Namespace, default: Limits, model: ModelSpec, judge: ModelSpec | None) -> Limits:
    given = {"steps": args.max_steps, "seconds": args.max_seconds, "tokens": args.max_tokens, "money": args.max_money}
    return checked(replace(default, **{name: value for name, value in given.items() if value is not None}), model, judge)


def _interrupted(run: Run) -> int:
    from agent.loop import stop as end

    if end(run, "interrupted"):
        print(f"partial report: {run.report}; `stepwell agent resume {run.typed}` goes on", file=sys.stderr)
    return 130


def _told(run: Run, standing: Standing, as_json: bool) -> int:
    """Say how the run ended and where its report lies; exit code 1 if that is partial or cites what does not exist."""
    from agent.report import spent

    assert standing.ended, "the loop has stopped"
    sources = orjson.loads(run.sources.read_bytes())
    cited = sum(len(source["spans"]) for source in sources["sources"])
    lost = len(sources["unresolved"])
    code = 0 if standing.ended.complete and not lost else 1
    if as_json:
        _print_json(
            sources
            | {
                "path": str(run.path),
                "report": str(run.report),
                "steps": standing.steps,
                "seconds": round(standing.seconds, 3),
                "citations": cited,
                "tokens": standing.usage,
                "cost": standing.cost,
            }
        )
        return code
    lines = shown(run.report.read_text(encoding="utf-8")).splitlines()
    print("\n".join(lines[:HEAD] + (["…"] if len(lines) > HEAD else [])))
    print(
        f"\n{'complete' if standing.ended.complete else 'partial: ' + printable(standing.ended.reason)}; "
        f"{many(cited, 'span')} of {many(len(sources['sources']), 'source')} cited{_lost(lost)}, "
        f"{many(standing.steps, 'step')}, {standing.seconds:.1f} s"
        + "".join(f", {part}" for part in [spent(standing, LABELS["en"])] if part)
    )
    print(f"report: {run.report}\ncheck:  stepwell agent verify {run.typed}")
    return code


def _lost(unresolved: int) -> str:
    return f", {unresolved} unresolved" if unresolved else ""


def _print_json(value: object, indent: bool = True) -> None:
    option = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    sys.stdout.write(orjson.dumps(value, option=option).decode())
    sys.stdout.flush()
