"""What can happen in a run?

Six kinds of event, each a frozen record. The event log is a list of them, and everything else that is known about a run
(its messages, its evidence, where it stands, its report) is computed from that list.

    started     the question, the model, the limits
    resumed     another process took the run up again
    replied     the model's turn
    returned    one tool call's result
    ended       the loop stopped, and why
    reported    report.md and sources.json were written
"""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from agent.errors import TrajectoryError
from agent.evidence import Evidence, Source, Span
from agent.models import Call, ModelSpec, Usage

FORMAT = "stepwell-trajectory/1"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a run must stop and report what it has."""

    steps: int = 30
    """Replies of the model, 1 to 1,000."""
    seconds: float = 900.0
    """Working time over all processes that took part, 1 s to a day."""


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of every log."""

    format: str
    question: str
    model: ModelSpec
    limits: Limits


@dataclass(frozen=True, slots=True)
class Resumed:
    """The time between the event before and this one was nobody's work."""

    limits: Limits


@dataclass(frozen=True, slots=True)
class Replied:
    """The model's turn; a call in it is open until a Returned answers it."""

    text: str
    thinking: str
    calls: tuple[Call, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Stored:
    """A text in the run's blobs."""

    sha256: str
    """Hexadecimal; the blob's file name."""
    size: int
    """Bytes of UTF-8."""
    text: str
    """The text itself where it is small, else empty."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A tool call's result, with everything that the call added to the run."""

    call_id: str
    tool: str
    ok: bool
    note: str
    """One line for a person who watches."""
    output: Stored
    """What the model reads."""
    sources: tuple[Source, ...]
    spans: tuple[Span, ...]
    draft: str
    """SHA-256 of the report's draft, if this call changed it, else empty."""
    finished: bool
    """Whether the run is over by this call."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The loop stopped."""

    complete: bool
    """False where the report is partial."""
    reason: str
    """Why it is partial, or what the reader must know of a complete one; may be empty."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The files a person reads were written; their SHA-256 in hexadecimal."""

    report_sha256: str
    sources_sha256: str


Payload = Started | Resumed | Replied | Returned | Ended | Reported
KINDS: dict[str, type[Payload]] = {
    "started": Started,
    "resumed": Resumed,
    "replied": Replied,
    "returned": Returned,
    "ended": Ended,
    "reported": Reported,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    seq: int
    """From 0, without gaps."""
    time: float
    """Seconds since 1970, UTC."""
    payload: Payload

    @property
    def kind(self) -> str:
        """The payload's name in KINDS."""
        return type(self.payload).__name__.lower()


def read_event(record: object) -> Event:
    """An event from its decoded JSON. Raises TrajectoryError on what is none, or is of a newer format."""
    if not isinstance(record, dict) or record.keys() != {"seq", "time", "kind", "payload"}:
        raise TrajectoryError("not an event: seq, time, kind and payload are needed")
    kind = KINDS.get(record["kind"])
    if kind is None:
        raise TrajectoryError(f"event {record['seq']} is of kind {record['kind']!r}, which {FORMAT} does not know; upgrade")
    try:
        event = Event(_revive(int, record["seq"]), _revive(float, record["time"]), _revive(kind, record["payload"]))
    except (TypeError, KeyError, AttributeError) as error:
        raise TrajectoryError(f"event {record['seq']} ({record['kind']}) is damaged: {error}") from error
    if isinstance(event.payload, Started) and event.payload.format != FORMAT:
        raise TrajectoryError(f"the run is of format {event.payload.format!r}, this release reads {FORMAT!r}")
    return event


def evidence_of(events: list[Event]) -> Evidence:
    """Every source and span the run has met."""
    returned = [event.payload for event in events if isinstance(event.payload, Returned)]
    return Evidence((s for r in returned for s in r.sources), (s for r in returned for s in r.spans))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _revive(kind: Any, value: Any) -> Any:
    """`value` as a `kind`: a dataclass of this module, a tuple of one type, or a plain value of exactly that type."""
    if is_dataclass(kind):
        make: Any = kind
        hints = _hints(make)
        return make(**{name: _revive(hints[name], item) for name, item in value.items()})
    if get_origin(kind) is tuple:
        return tuple(_revive(get_args(kind)[0], item) for item in value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} should be {kind.__name__}")
    return value
