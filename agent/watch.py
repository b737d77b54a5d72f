"""What does a person see while a run goes on?

One line an event, made from the event alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TextIO

import orjson

from agent.errors import LogDamaged
from agent.events import locked
from agent.models import Call
from agent.runs import Run
from agent.terminal import printable
from agent.trajectory import Begun, Ended, Event, Narrowed, Paused, Replied, Reported, Resumed, Returned, Started

WIDTH = 160
"""Characters of a line."""
LOOK = 0.2
"""Seconds between two looks at a log that is followed."""


def print_event(event: Event, stream: TextIO) -> None:
    """Print the event's line; an event that says nothing new has none."""
    if line := line_of(event):
        print(shorten(line), file=stream, flush=True)


def line_of(event: Event) -> str:
    """The event in one line, empty where a person need not know."""
    match event.payload:
        case Started(question=question, model=model):
            return f"question   {question}   ({model})"
        case Resumed():
            return "resumed" if event.seq > 1 else ""  # nothing had been done yet: its own process has begun with it
        case Paused():
            return "paused"
        case Narrowed(window=window):
            return f"narrowed   the model's window to {window:,} tokens"
        case Replied(calls=()):
            return "model      replied without a tool call"
        case Replied(calls=calls):
            return "model      " + "; ".join(asked(call) for call in calls)
        case Returned(tool=tool, ok=ok, note=note):
            return f"{tool:<10} " + (note if ok else f"failed: {note}")
        case Ended(complete=complete, reason=reason):
            return f"{'finished' if complete else 'partial':<10} {reason}".rstrip()
        case Begun() | Reported():
            return ""


def asked(call: Call) -> str:
    """A call in short: ``batch_search "a" "b"``."""
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        return f"{call.name} (broken arguments)"
    listed = next((value for value in arguments.values() if isinstance(value, list)), []) if isinstance(arguments, dict) else []
    named = [item.get("text", item.get("id", "")) if isinstance(item, dict) else item for item in listed]
    return " ".join([call.name, *(f'"{name}"' for name in named if name)])


def shorten(line: str) -> str:
    """One line, at most WIDTH characters, without control characters a terminal would obey."""
    flat = printable(line)
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 1] + "…"


def followed(run: Run) -> Iterator[Event]:
    """Every event of a run, those to come as they come, until it is over or nobody works on it any more.

    Of a damaged log the events before the damage, then LogDamaged.
    """
    seen, size = 0, -1
    while True:
        alive = locked(run.log)
        if (grown := run.log.stat().st_size) != size:
            try:
                events = run.events()
            except LogDamaged as error:
                yield from error.before[seen:]
                raise
            yield from events[seen:]
            seen, size = len(events), grown
        elif not alive:
            return
        else:
            time.sleep(LOOK)
