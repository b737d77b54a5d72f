"""What happens next?

One ReAct loop: the model replies, its calls are answered, until finish is accepted or a budget is used up. Every step is an
event on disk before the next is taken, and nothing is remembered outside the events, so a process killed anywhere is
followed by one that takes the very next step. However the loop stops, a report is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from agent.answer import KEPT_CALLS, MAX_CALLS, Parts, answer, tools_of
from agent.budget import exhausted
from agent.control import LEAVING, Control, Live, Stopped
from agent.errors import ContextTooLong, ModelError, RunError
from agent.events import EventLog
from agent.files import put_files, settle
from agent.known import Known
from agent.language import Why
from agent.messages import conversation
from agent.meter import Meter
from agent.models import NO_USAGE, Reply, Streaming
from agent.report import write_report
from agent.runs import Run, draft_of
from agent.standing import Standing, reasons_of
from agent.tools import offered
from agent.tools.step import handed_in
from agent.trajectory import Begun, Ended, Event, Limits, Narrowed, Paused, Payload, Replied, Resumed, Returned, Started

__all__ = ["MAX_CALLS", "Parts", "resume", "silent", "start", "stop"]

GRACE = 5.0
"""Seconds that a call may take though the limit of working time is as good as reached, and that calls wait for after it."""
NARROWER = 0.7
"""Part of what was sent that is sent after the endpoint refused it as too long."""
LEAST_WINDOW = 1_500
"""Tokens below which no conversation makes sense."""

Watch = Callable[[Event], None]
"""Is told of every event once it is on disk."""


def silent(event: Event) -> None:
    """Watch nothing."""


def start(run: Run, started: Started, parts: Parts, watch: Watch = silent, clock: Callable[[], float] = time.time) -> Standing:
    """Run a new question to its report."""
    with EventLog(run.log, clock) as log:
        work = Work(run, log, watch)
        work.record(started)
        return _carry_on(work, parts)


def resume(
    run: Run,
    parts: Parts,
    limits: Limits | None = None,
    watch: Watch = silent,
    clock: Callable[[], float] = time.time,
    since: int | None = None,
    url: str = "",
    server: str = "",
) -> Standing:
    """Take a run up where its log ends; one that is complete only gets its report written anew.

    `limits` replaces those of the run, `url` the address of its model's endpoint and `server` that of its library, from now on.
    `since` is the number of events when this was asked for by a process that did not wait: a stop after that holds. Raises
    RunLocked where it is still running, RunError where it was stopped since.
    """
    run.events()  # a folder without a first event is no run, and must not become one by being opened for writing
    with EventLog(run.log, clock) as log:
        if since is None:
            Control(run.path).ask("")
        elif any(isinstance(event.payload, Ended) for event in log.events[since:]):
            raise RunError(f"{run.id} was stopped before it was taken up")
        work = Work(run, log, watch)
        before = work.known.standing()
        settle(run, log.events)
        if not (before.finished and before.ended):
            work.record(Resumed(limits or before.limits, url, server))
        return _carry_on(work, parts)


class Work:
    """A run under way: its log, and what is known by it."""

    def __init__(self, run: Run, log: EventLog, watch: Watch) -> None:
        self.run = run
        self.clock = log.clock
        self.known = Known(log.events, run.blobs)
        self._log = log
        self._watch = watch

    def record(self, payload: Payload) -> None:
        """One more event: on disk first, then known, then shown."""
        event = self._log.append(payload)
        self.known.take(event)
        self._watch(event)


def _carry_on(work: Work, parts: Parts) -> Standing:
    run, known = work.run, work.known
    control, live = Control(run.path), Live(run.path)
    if isinstance(parts.model, Streaming):
        parts.model.listen(live.show)
    while not (standing := known.standing(work.clock())).ended:
        meter = Meter(standing)
        try:
            if control.wanted and not standing.begun:
                if not standing.paused:
                    work.record(Paused())
                control.wait()
                work.record(Resumed(standing.limits))
                continue
            left = max(GRACE, standing.limits.seconds - standing.seconds)
            step = partial(_next, run, known, standing, meter.on(parts))
            payload = control.attend(step, left, meter.give_up, LEAVING if standing.begun else 0.0)
        except Stopped as error:
            live.end()
            payload = meter.given_up(reasons_of(standing).of(error.why))
            control.ask("")
        except KeyboardInterrupt:
            live.end()
            work.record(meter.given_up(reasons_of(standing).interrupted))
            raise
        live.clear()
        work.record(payload)
        if isinstance(payload, Returned):
            put_files(run, payload)
    reported = write_report(run, known.events)
    if reported != standing.reported:
        work.record(reported)
    return known.standing()


def stop(run: Run, why: Why, left: bool = False) -> Standing | None:
    """End a run that nobody works on, with a partial report; it can still be resumed. None if it never began.

    `left` says that its process is gone for some time, which was nobody's work and counts against no limit.
    """
    with EventLog(run.log) as log:
        if not log.events:
            return None
        work = Work(run, log, silent)
        standing = work.known.standing()
        if not standing.ended:
            settle(run, log.events)  # after this it is the last answer no more
        Live(run.path).clear()
        if left and not standing.ended:
            work.record(Resumed(standing.limits))
        if not standing.ended:
            work.record(Ended(complete=False, reason=reasons_of(standing).of(why)))
        work.record(write_report(run, work.known.events))
        return work.known.standing()


def _next(run: Run, known: Known, standing: Standing, parts: Parts) -> Payload:
    """The one event that follows."""
    if standing.finished:
        return Ended(complete=bool(standing.draft), reason="" if standing.draft else reasons_of(standing).unwritten)
    if standing.pending and standing.seconds < standing.limits.seconds + GRACE:
        call = standing.pending[0]
        tool = tools_of(standing).get(call.name)
        if tool and tool.effects and not standing.begun and not parts.sandbox.absent():
            return Begun(call.id)
        return answer(call, run, known, standing, parts)
    if reason := exhausted(standing):
        return Ended(complete=False, reason=reason)
    talk = conversation(known)
    tools = offered(standing, tools_of(standing), has_shell=not parts.sandbox.absent())
    try:
        reply = parts.model.reply(talk.messages, [t.schema for t in tools if not (talk.writing and t.research)])
    except ContextTooLong as error:
        window = int(NARROWER * min(talk.tokens, standing.window or talk.tokens))
        return (
            Narrowed(window, error.spent or NO_USAGE)
            if window >= LEAST_WINDOW and known.turns  # of no turn nothing can be shortened
            else Ended(complete=False, reason=reasons_of(standing).failed.format(error), usage=error.spent or NO_USAGE)
        )
    except ModelError as error:
        spent = error.spent or NO_USAGE
        reason = exhausted(standing, spent) or reasons_of(standing).failed.format(error)
        return Ended(complete=False, reason=reason, usage=spent)
    return _replied(reply, standing, talk.writing, draft_of(run, standing) if standing.draft else "")


def _replied(reply: Reply, standing: Standing, writing: bool, draft: str) -> Replied:
    """The reply with call ids of our own: endpoints repeat theirs."""
    calls = reply.calls[:KEPT_CALLS]
    if standing.started.model.profile == "step" and reply.text and not calls and not reply.cut:
        calls = handed_in(reply.text, draft)
    numbered = tuple(replace(call, id=f"c{standing.steps + 1}.{n}") for n, call in enumerate(calls, 1))
    return Replied(reply.text, reply.thinking, numbered, reply.usage, writing, reply.cut)
