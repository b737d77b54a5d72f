"""What comes of one call?

It is carried out at a desk made from the log, and whatever comes of it, an answer or an error, becomes the Returned that the log
keeps and the model reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.budget import affords
from agent.claims import Claim
from agent.errors import ToolError
from agent.judge import judged
from agent.known import Known
from agent.library import Library
from agent.models import Call, Model, Usage
from agent.profiles import profile_of
from agent.reading import Reader, told
from agent.runs import Run
from agent.sandbox import NO_SANDBOX, Sandbox
from agent.standing import Standing, arguments_of
from agent.storage import SUMMARY, inline, room_of, shorten, stored
from agent.tokens import estimate
from agent.tools import PROFILES, use
from agent.tools.desk import Desk, Observation, Tool
from agent.trajectory import Returned
from agent.verdicts import Checked

MAX_CALLS = 8
"""Calls of one reply that are carried out; the others are answered with an error."""
KEPT_CALLS = 64
"""Calls of one reply that are kept; the last of them is answered for all behind it."""
CUT = (
    "not carried out: the reply was cut off within this call, at a limit of the endpoint's; say less in one reply, and write a "
    "long file in parts"
)
JUDGING = 0.9
"""Share of the time left that the judge may take in one call, so that its verdicts are kept and the report is handed in."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run works with beside its log."""

    model: Model
    library: Library
    sandbox: Sandbox = NO_SANDBOX
    judge: Model | None = None
    """Who judges claims; None where only what is certain is checked."""
    note: Callable[[Checked], object] = lambda _: None
    """Is told of every verdict of the judge as it is given."""


def tools_of(standing: Standing) -> dict[str, Tool]:
    """The tools of the run's profile, by name."""
    return dict(PROFILES[standing.started.model.profile])


def answer(call: Call, run: Run, known: Known, standing: Standing, parts: Parts) -> Returned:
    """Carry out one call; whatever comes of it is an answer to the model, and every text it names is on disk."""
    desk = desk_of(run, known, standing, parts)
    tool = tools_of(standing).get(call.name)
    try:
        if (number := int(call.id.partition(".")[2])) > MAX_CALLS:
            rest = ", nor is any call behind it" if number == KEPT_CALLS else ""
            raise ToolError(f"not carried out{rest}: a reply may call at most {MAX_CALLS} tools")
        if known.replies[-1].cut and not call.sound:
            raise ToolError(CUT)
        if standing.interrupted:
            raise ToolError(f"{call.name} was interrupted and may have had its effects; look before you call it again")
        if tool and tool.research and standing.writing:
            raise ToolError(f"{call.name} is not available any more: the conversation is almost full; write with what you have")
        seen = use(call, desk, tools_of(standing))
    except ToolError as error:
        seen = Observation({"error": str(error)}, str(error), refused=True)
    sources, spans = desk.evidence.drain()
    text = stored(seen.output, seen.foreign)
    goal = tool.goal(arguments_of(call)) if tool and not seen.refused else ""
    goal = goal or standing.started.question
    name = standing.started.model.name or str(standing.started.model)
    apart, reader = 0, Reader(parts.model, name, standing.window, lambda own: affords(standing, own, seen.usage))
    if seen.pages and standing.started.model.reads_apart:
        shown, reading, apart = told(text, goal, room_of(standing), reader)
    else:
        shown, reading = _shown(text, call, goal, seen.bounded, standing, parts)
    returned = Returned(
        call_id=call.id,
        tool=call.name,
        ok=not seen.refused,
        note=f"{seen.note}; read apart, without tools: {apart}" if apart else seen.note,
        output=desk.blobs.put(text),
        shown=desk.blobs.put(shown),
        sources=sources,
        spans=spans,
        files=seen.files,
        todo=seen.todo,
        checked=seen.checked,
        usage=seen.usage,
        reading=reading,
        reader=reader.name if apart else "",
        taint="source" if seen.foreign else "derived" if standing.tainted else "",
        finished=seen.finished,
        answered=seen.answered,
    )
    desk.blobs.sync()
    return returned


def desk_of(run: Run, known: Known, standing: Standing, parts: Parts) -> Desk:
    """The run as its tools see it."""
    evidence = known.evidence.fork()

    until = time.monotonic() + JUDGING * (standing.limits.seconds - standing.seconds)

    def judge(claims: Sequence[Claim], most: int | None) -> tuple[list[Checked], Usage]:
        name = str((standing.started.judge or standing.started.model).name)
        return judged(
            claims,
            evidence,
            standing.started.language,
            parts.judge,
            name,
            standing.checked,
            lambda others: affords(standing, others=others) and time.monotonic() < until,
            parts.note,
            most,
        )

    return Desk(parts.library, evidence, run.blobs, run.workspace, parts.sandbox, standing, known.answers, known.replies, judge)


def _shown(text: str, call: Call, goal: str, bounded: bool, standing: Standing, parts: Parts) -> tuple[str, Usage]:
    """What the model reads at once, within its own bound and the turn's."""
    whole = inline(text)
    if not standing.window or bounded:
        return whole, Usage()
    room = room_of(standing)
    if estimate(whole) <= room:
        return whole, Usage()
    model = parts.model if standing.started.model.summaries == "model" and affords(standing) else None
    return shorten(text, call.id, goal, min(SUMMARY, room), model, profile_of(standing.started.model).read)
