"""What happens next?

One ReAct loop: the model replies, its calls are answered, until finish is accepted or a limit is reached. Every step is an
event on disk before the next is taken, and nothing is remembered outside the events, so a process killed anywhere is
followed by one that takes the very next step. However the loop stops, a report is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import orjson

from agent.blobs import Blobs
from agent.errors import ModelError, ToolError
from agent.events import EventLog
from agent.library import Library
from agent.messages import messages_of
from agent.models import Call, Model, Reply
from agent.report import write_report
from agent.runs import Run
from agent.standing import Standing, standing_of
from agent.tools import TOOLS, use
from agent.tools.desk import Desk
from agent.trajectory import Ended, Event, Limits, Payload, Replied, Resumed, Returned, Started, evidence_of

MAX_CALLS = 8
"""Calls of one reply that are carried out; the others are answered with an error."""

Watch = Callable[[Event], None]
"""Is told of every event once it is on disk."""


def silent(event: Event) -> None:
    """Watch nothing."""


def start(
    run: Run, started: Started, model: Model, library: Library, watch: Watch = silent, clock: Callable[[], float] = time.time
) -> Standing:
    """Run a new question to its report."""
    with EventLog(run.log, clock) as log:
        watch(log.append(started))
        return _carry_on(run, log, model, library, watch)


def resume(
    run: Run,
    model: Model,
    library: Library,
    limits: Limits | None = None,
    watch: Watch = silent,
    clock: Callable[[], float] = time.time,
) -> Standing:
    """Take a run up where its log ends; one that is complete only gets its report written anew.

    `limits` replaces those of the run. Raises RunLocked where it is still running.
    """
    run.events()  # a folder without a first event is no run, and must not become one by being opened for writing
    with EventLog(run.log, clock) as log:
        before = standing_of(log.events)
        if not before.finished:
            watch(log.append(Resumed(limits or before.limits)))
        return _carry_on(run, log, model, library, watch)


def _carry_on(run: Run, log: EventLog, model: Model, library: Library, watch: Watch) -> Standing:
    while not (standing := standing_of(log.events, log.clock())).ended:
        watch(log.append(_next(run, log, standing, model, library)))
    reported = write_report(run, log.events)
    if reported != standing.reported:
        watch(log.append(reported))
    return standing_of(log.events)


def stop(run: Run, reason: str, watch: Watch = silent) -> Standing | None:
    """End a run that was interrupted, with a partial report; it can still be resumed. None if it never began."""
    with EventLog(run.log) as log:
        if not log.events:
            return None
        if not standing_of(log.events).ended:
            watch(log.append(Ended(complete=False, reason=reason)))
        watch(log.append(write_report(run, log.events)))
        return standing_of(log.events)


def _next(run: Run, log: EventLog, standing: Standing, model: Model, library: Library) -> Payload:
    """The one event that follows."""
    if standing.finished:
        return Ended(complete=bool(standing.draft), reason="" if standing.draft else "no report was written")
    if standing.pending:
        return _answer(standing.pending[0], run.blobs, log, standing, library)
    if standing.exhausted:
        return Ended(complete=False, reason=standing.exhausted)
    try:
        reply = model.reply(messages_of(log.events, run.blobs), [tool.schema for tool in TOOLS.values()])
    except ModelError as error:
        return Ended(complete=False, reason=f"the model failed: {error}")
    return _replied(reply, standing.steps + 1)


def _replied(reply: Reply, step: int) -> Replied:
    """The reply with call ids of our own: endpoints repeat theirs."""
    calls = tuple(replace(call, id=f"c{step}.{n}") for n, call in enumerate(reply.calls, 1))
    return Replied(reply.text, reply.thinking, calls, reply.usage)


def _answer(call: Call, blobs: Blobs, log: EventLog, standing: Standing, library: Library) -> Returned:
    """Carry out one call; whatever comes of it is an answer to the model."""
    evidence = evidence_of(log.events)
    draft = blobs.get(standing.draft) if standing.draft else ""
    desk = Desk(library, evidence, lambda text: blobs.put(text).sha256, draft, standing.refusals)
    try:
        if int(call.id.partition(".")[2]) > MAX_CALLS:
            raise ToolError(f"not carried out: a reply may call at most {MAX_CALLS} tools")
        seen = use(call, desk)
    except ToolError as error:
        message = orjson.dumps({"error": str(error)}).decode()
        sources, spans = evidence.drain()
        return Returned(call.id, call.name, False, str(error), blobs.put(message), sources, spans, "", False)
    sources, spans = evidence.drain()
    return Returned(
        call_id=call.id,
        tool=call.name,
        ok=True,
        note=seen.note,
        output=blobs.put(orjson.dumps(seen.output).decode()),
        sources=sources,
        spans=spans,
        draft=blobs.put(seen.draft).sha256 if seen.draft is not None else "",
        finished=seen.finished,
    )
