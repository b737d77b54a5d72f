"""What can be asked of the agent from a shell?

Results on standard output, live steps on standard error. Exit code 0: done; 1: the report is partial, a citation does not
resolve, or the work failed; 2: wrong usage; 130: interrupted, with a partial report.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

SERVER = "127.0.0.1:50051"
RUNS = "runs"
WEIGHTS = "Qwen/Qwen2.5-32B-Instruct"
PAGE = "127.0.0.1:8081"
SCREEN = "on a terminal, show budgets, plan, steps, evidence and verdicts on one screen"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; expected errors are raised with their ``exit_code``."""
    args = parser().parse_args(argv)
    from agent import commands

    code: int = getattr(commands, args.verb)(args)
    return code


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="stepwell agent", description="A question into a report whose citations can be checked.")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--runs", type=Path, default=Path(RUNS), metavar="DIR", help="where runs lie (default: %(default)s)")
    common.add_argument("--json", action="store_true", help="print JSON")
    limits = _limits(SERVER, "30", "900", "no limit")
    limits.add_argument("--config", type=Path, metavar="FILE", help="settings (default: ./stepwell.toml where there is one)")

    for verb, what in (("ask", "research a question and write a report"), ("start", "the same in the background")):
        ask = _verb(
            verbs,
            verb,
            [limits, common],
            what,
            f'stepwell agent {verb} "is boiled water safe to drink" --server 127.0.0.1:50051\n  '
            f'stepwell agent {verb} "..." --model-url http://127.0.0.1:8000/v1 --model Qwen/Qwen2.5-32B-Instruct',
        )
        ask.add_argument("question", metavar="QUESTION")
        ask.add_argument(
            "--model",
            default="extractive",
            metavar="NAME",
            help="extractive, scripted:FILE, a model of stepwell.toml, or with --model-url the endpoint's (default: %(default)s)",
        )
        ask.add_argument(
            "--model-url", default="", metavar="URL", help="an OpenAI-compatible endpoint; key in STEPWELL_MODEL_KEY"
        )
        if verb == "ask":
            ask.add_argument("--watch", action="store_true", help=SCREEN)
    theirs = _limits("", *["the run's"] * 3)
    again = "go on with a run that was stopped, killed or cut short"
    for verb, parents, what, example in (
        (
            "resume",
            [theirs, common],
            again,
            "stepwell agent resume 20250131-142501-is-boiled-water-safe-to-3fa9 --max-steps 60",
        ),
        ("watch", [common], "follow a run that is under way", "stepwell agent watch 20250131"),
        ("pause", [common], "hold a run after the step under way; resume or stop ends it", "stepwell agent pause 20250131"),
        ("stop", [common], "end a run within two seconds, with a partial report", "stepwell agent stop 20250131"),
        ("show", [common], "print a run's report", "stepwell agent show 20250131 | less"),
    ):
        of_one = _verb(verbs, verb, parents, what, example)
        of_one.add_argument("name", metavar="RUN")
        if verb == "resume":
            of_one.add_argument("--watch", action="store_true", help=SCREEN)
            of_one.add_argument("--model-url", default="", metavar="URL", help="where the model, with its key, is from now on")
            of_one.add_argument("--since", type=int, help=argparse.SUPPRESS)  # events when `start` asked: a later stop holds
        if verb == "watch":
            of_one.add_argument("--lines", action="store_true", help="one line an event on a terminal too")
    _verb(verbs, "runs", [common], "list the runs, the latest first", "stepwell agent runs --runs runs/")
    serve = _verb(
        verbs,
        "serve",
        [common],
        "watch runs and read their reports on a page, on this machine alone",
        "stepwell agent serve --runs runs/ --http 127.0.0.1:8081",
    )
    serve.add_argument("--http", default=PAGE, metavar="HOST:PORT", help="where to listen, loopback only (default: %(default)s)")
    serve.add_argument(
        "--server", default="", metavar="HOST:PORT", help="for runs that are resumed (default: the one of the run)"
    )
    model = _verb(
        verbs,
        "serve-model",
        [],
        "serve 32B weights with vLLM on the GPUs of this machine",
        "stepwell agent serve-model --dry-run --gpus 2x80\n  stepwell agent serve-model --window 32768 --vllm /opt/vllm/bin/vllm",
    )
    model.set_defaults(verb="serve_model")
    model.add_argument("--model", default=WEIGHTS, metavar="NAME", help="weights, by name or path (default: %(default)s)")
    model.add_argument("--like", default="", metavar="NAME", help="the known model that the weights have the shape of")
    model.add_argument("--window", type=int, default=131_072, metavar="N", help="tokens of a conversation (default: %(default)s)")
    model.add_argument("--kept", default="", metavar="KIND", help="bfloat16, fp8 or awq (default: the best that fits)")
    model.add_argument("--gpus", default="", metavar="NxGIB", help="state the GPUs instead of looking for them")
    model.add_argument("--port", type=int, default=8000, metavar="PORT", help="of 127.0.0.1 (default: %(default)s)")
    model.add_argument("--vllm", default="vllm", metavar="PROGRAM", help="vLLM's program (default: %(default)s)")
    model.add_argument(
        "--patience", type=float, default=1800, metavar="S", help="to wait for it to answer (default: %(default)s)"
    )
    model.add_argument("--dry-run", action="store_true", help="print the arguments and the arithmetic, start nothing")
    model.add_argument("--json", action="store_true", help="print JSON")
    export = _verb(verbs, "export", [common], "write a report as a file", "stepwell agent export 20250131 --format html")
    export.add_argument("name", metavar="RUN")
    export.add_argument("--format", default="html", help="md, html or json (default: %(default)s)")
    export.add_argument("--into", type=Path, metavar="FILE", help="where to (default: the run's folder)")
    verify = _verb(
        verbs,
        "verify",
        [common],
        "check every citation against its source",
        "stepwell agent verify runs/20250131-142501-is-boiled-water-safe-to-3fa9 --server 127.0.0.1:50051",
    )
    verify.add_argument("name", metavar="RUN")
    verify.add_argument("--server", default="", metavar="HOST:PORT", help="also compare with what is served there now")
    return top


def _limits(server: str, steps: str, seconds: str, spent: str) -> argparse.ArgumentParser:
    """The server and the limits, with their defaults in words; without a server it is the run's."""
    limits = argparse.ArgumentParser(add_help=False)
    said = f"the server to ask (default: {server or 'the one of the run'})"
    limits.add_argument("--server", default=server, metavar="HOST:PORT", help=said)
    limits.add_argument("--max-steps", type=int, metavar="N", help=f"replies of the model (default: {steps})")
    limits.add_argument("--max-seconds", type=float, metavar="S", help=f"working time (default: {seconds})")
    limits.add_argument("--max-tokens", type=int, metavar="N", help=f"tokens read and written (default: {spent})")
    limits.add_argument("--max-money", type=float, metavar="M", help=f"cost at the model's prices (default: {spent})")
    return limits


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    parents: list[argparse.ArgumentParser],
    what: str,
    example: str,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(
        name,
        parents=parents,
        help=what,
        description=what,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(verb=name)
    return verb
