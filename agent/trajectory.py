"""What can happen in a run?

Nine kinds of event, each a frozen record. The event log is a list of them, and everything else that is known about a run
(its messages, its evidence, where it stands, its files, its cost, its report) is computed from that list.

    started     the question, the model, the limits
    resumed     the run was taken up again, by another process or after a pause
    paused      a person asked for a pause
    replied     the model's turn
    begun       a call whose effects the log cannot undo is about to be carried out
    returned    one tool call's result
    narrowed    the endpoint refused the conversation as too long
    ended       the loop stopped, and why
    reported    report.md and sources.json were written
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from agent.errors import TrajectoryError
from agent.evidence import Evidence, Source, Span
from agent.models import NO_USAGE, Call, ModelSpec, Usage
from agent.verdicts import PARTIAL, SUPPORTED, UNCITED, UNKNOWN, UNSUPPORTED, Checked

FORMAT = "stepwell-trajectory/3"
UNSEALED = "stepwell-trajectory/2"
"""The format before, whose lines carry no sum (`agent.chain`); its runs are read and resumed."""
REPORT = "report.md"
"""The file of the workspace that becomes the report."""
_VERDICTS = frozenset({SUPPORTED, PARTIAL, UNSUPPORTED, UNKNOWN, UNCITED})


@dataclass(frozen=True, slots=True)
class CallLimit:
    """How often one tool may be called."""

    tool: str
    calls: int
    """At least 1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a run must stop and report what it has."""

    steps: int = 30
    """Replies of the model, 1 to 1,000."""
    seconds: float = 900.0
    """Working time over all processes that took part, 1 s to a day."""
    tokens: int = 0
    """Tokens read and written by models; 0 means no limit."""
    money: float = 0.0
    """What the tokens may cost, in the currency of the model's prices; 0 means no limit."""
    calls: tuple[CallLimit, ...] = ()
    """Tools that may be called so often; the others are only bound by the rest."""


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of every log."""

    format: str
    question: str
    language: str
    """The asker's, as ISO 639-1; the report's headings follow it."""
    model: ModelSpec
    judge: ModelSpec | None
    """Who judges whether a span supports a sentence; None where only what is certain is checked."""
    limits: Limits
    server: str = ""
    """Where the library is, ``HOST:PORT``; empty where nobody said."""

    def moved(self, url: str = "", server: str = "") -> Started:
        """The run with its model's endpoint, and its judge's if that is the same one, or its library at another address."""
        moved = replace(self, server=server or self.server)
        if not url:
            return moved
        judge = replace(self.judge, url=url) if self.judge and self.judge.url == self.model.url else self.judge
        return replace(moved, model=replace(self.model, url=url), judge=judge)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The time between the event before and this one was nobody's work."""

    limits: Limits
    url: str = ""
    """Where the model's endpoint is from here on; empty where it has not moved."""
    server: str = ""
    """Where the library is from here on, ``HOST:PORT``; empty where it has not moved."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing happens until a Resumed."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The model's turn; a call in it is open until a Returned answers it."""

    text: str
    thinking: str
    calls: tuple[Call, ...]
    usage: Usage
    writing: bool = False
    """Whether the conversation was so full that the model was told to write only."""
    cut: bool = False
    """Whether it broke off at a limit of the endpoint's; a call that is not whole is not carried out, a text is no report."""


@dataclass(frozen=True, slots=True)
class Begun:
    """From here on the call may have had its effects, whether or not a Returned follows."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The endpoint's window is smaller than was thought."""

    window: int
    """Tokens that are used from now on."""
    usage: Usage = NO_USAGE
    """Tokens of the tries before it was refused."""


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
class FileVersion:
    """What a file of the workspace now holds."""

    path: str
    """Relative to the workspace."""
    sha256: str
    """Of the content, hexadecimal; the blob's file name."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the plan."""

    id: str
    text: str
    status: str
    """``pending``, ``in_progress``, ``completed`` or ``blocked``."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A tool call's result, with everything that the call added to the run."""

    call_id: str
    tool: str
    ok: bool
    note: str
    """One line for a person who watches."""
    output: Stored
    """The whole result, JSON over several lines; ``read`` gives it back."""
    shown: Stored
    """What the model reads at once: the result where it is small, else a summary that points into it."""
    sources: tuple[Source, ...] = ()
    spans: tuple[Span, ...] = ()
    files: tuple[FileVersion, ...] = ()
    """Files that this call wrote. The log is written first, the disk after it."""
    todo: tuple[Item, ...] = ()
    """The whole plan as this call left it; empty where the call did not touch it."""
    checked: tuple[Checked, ...] = ()
    """Verdicts on the report's sentences, where this call asked for them."""
    usage: Usage = NO_USAGE
    """Tokens that the judge took."""
    reading: Usage = NO_USAGE
    """Tokens that the model took to read pages apart and to shorten results."""
    reader: str = ""
    """Who read its pages in calls without tools; empty where the model is shown all text as it is."""
    taint: str = ""
    """``source`` where the result holds text of other people, ``derived`` where the model had read such text before."""
    finished: bool = False
    """Whether the run is over by this call."""
    answered: bool | None = None
    """Whether the report that it handed in answers the question, by the model's word; None where it said nothing of it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The loop stopped."""

    complete: bool
    """False where the report is partial."""
    reason: str
    """Why it is partial, or what the reader must know of a complete one; may be empty."""
    usage: Usage = NO_USAGE
    """Tokens of a last reply that was of no use, or of a step that nobody waited for."""
    judged: Usage = NO_USAGE
    """Tokens of the judge in a step that nobody waited for."""
    checked: tuple[Checked, ...] = ()
    """Verdicts that the judge had given in it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The files a person reads were written; their SHA-256 in hexadecimal."""

    report_sha256: str
    sources_sha256: str


Payload = Started | Resumed | Paused | Replied | Begun | Returned | Narrowed | Ended | Reported
KINDS: dict[str, type[Payload]] = {kind.__name__.lower(): kind for kind in get_args(Payload)}


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
    record = _whole(record)
    kind = KINDS.get(record["kind"])
    if kind is None:
        raise TrajectoryError(f"event {record['seq']} is of kind {record['kind']!r}, which {FORMAT} does not know; upgrade")
    try:
        event = Event(_revive(int, record["seq"]), _revive(float, record["time"]), _revive(kind, record["payload"]))
    except (TypeError, KeyError, AttributeError) as error:
        raise TrajectoryError(f"event {record['seq']} ({record['kind']}) is damaged: {error}") from error
    checked = event.payload.checked if isinstance(event.payload, Returned | Ended) else ()
    if strange := [c.verdict for c in checked if c.verdict not in _VERDICTS]:
        raise TrajectoryError(f"event {event.seq} ({event.kind}) is damaged: {strange[0]!r} is no verdict")
    return event


def format_of(record: object) -> str:
    """The format that a log's first line names. Raises TrajectoryError where this release does not read it."""
    payload = _whole(record)["payload"]
    found = str(payload.get("format", FORMAT)) if isinstance(payload, dict) else FORMAT
    if found not in (FORMAT, UNSEALED):
        raise TrajectoryError(f"the run is of format {found!r}, this release reads {FORMAT!r} and {UNSEALED!r}")
    return found


def _whole(record: object) -> dict[str, Any]:
    if not isinstance(record, dict) or record.keys() - {"sum"} != {"seq", "time", "kind", "payload"}:
        raise TrajectoryError("not an event: seq, time, kind and payload are needed")
    return record


def evidence_of(events: Iterable[Event], text_of: Callable[[str], str | None] = lambda _: None) -> Evidence:
    """Every source and span the run has met; `text_of` as Evidence has it."""
    evidence = Evidence(text_of)
    for event in events:
        if isinstance(event.payload, Returned):
            evidence.learn(event.payload.sources, event.payload.spans)
    return evidence


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _revive(kind: Any, value: Any) -> Any:
    """`value` as a `kind`: a dataclass of this module, a tuple of one type, one type or None, or a plain value of that type."""
    if is_dataclass(kind):
        make: Any = kind
        hints = _hints(make)
        return make(**{name: _revive(hints[name], item) for name, item in value.items()})
    if get_origin(kind) is tuple:
        return tuple(_revive(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _revive(next(k for k in get_args(kind) if k is not NoneType), value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} should be {kind.__name__}")
    return value
