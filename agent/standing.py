"""Where does a run stand?

Computed from its events alone, so a process that takes a run up knows exactly what the one before it knew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from agent.language import REASONS, Reasons
from agent.models import Call, Usage
from agent.trajectory import (
    REPORT,
    Begun,
    Ended,
    Event,
    Item,
    Limits,
    Narrowed,
    Paused,
    Payload,
    Replied,
    Reported,
    Resumed,
    Returned,
    Started,
)
from agent.verdicts import Checked

SEARCHES = ("batch_search", "batch_web_surfer")
"""Tools whose queries are remembered."""
REFUSED = "not finished: "
"""Begins the note of a finish that was understood and turned down; one with wrong arguments is no round of repair."""


@dataclass(frozen=True, slots=True)
class Search:
    """One query that was asked."""

    call_id: str
    query: str
    scope: str
    """The filters it was asked with; the same text in another scope is another search."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the loop needs to know to take the next step."""

    started: Started
    limits: Limits
    """Those of the last process that took the run up."""
    window: int
    """Tokens of one conversation, as narrowed by the endpoint; 0 means that nothing has to be shortened."""
    steps: int
    """Replies so far."""
    seconds: float
    """Working time so far, up to the last event."""
    usage: Usage
    """Tokens so far, those of judge and summaries among them."""
    cost: float
    """In the currency of the models' prices."""
    used: Mapping[str, int]
    """Calls per tool."""
    pending: tuple[Call, ...]
    """Calls of the last reply that nobody has answered yet."""
    begun: bool
    """Whether the first pending call may be having its effects."""
    interrupted: bool
    """Whether it may have had them by a process that is gone."""
    silent: int
    """Replies in a row without a call, up to now."""
    cut: int
    """Replies in a row, up to now, that broke off at a limit of the endpoint's."""
    stalled: int
    """Replies in a row, up to now, that neither found, read, wrote nor decided anything."""
    fruitless: int
    """Calls of search and open in a row that were answered and brought neither a source nor a span that was new."""
    refusals: int
    """Replies before the last one whose finish was refused: the rounds of repair there were."""
    searches: tuple[Search, ...]
    answered: Mapping[tuple[str, str], str]
    """``{(tool, arguments): call id}`` of the calls that succeeded, arguments in one spelling."""
    shown: int
    """Bytes that the results of the last reply's calls have taken of the conversation so far."""
    files: Mapping[str, str]
    """``{path: SHA-256}`` of the workspace's files that tools wrote."""
    todo: tuple[Item, ...]
    checked: Mapping[tuple[str, tuple[str, ...]], Checked]
    """The latest verdict on each sentence, by its text and spans."""
    tainted: bool
    """Whether the model has read text of other people."""
    writing: bool
    """Whether the conversation was so full at the last reply that only writing goes on."""
    last_words: str
    """Text of the last reply without a call, empty where there is none; JSON is no report, but a call that failed."""
    paused: bool
    finished: bool
    """Whether finish was accepted."""
    answers: bool | None
    """Whether the report answers the question, as the model said with it; None where it said nothing of it."""
    ended: Ended | None
    """How the loop stopped; None while it runs."""
    reported: Reported | None
    """What was written of the report after that; None where it still has to be."""

    @property
    def draft(self) -> str:
        """SHA-256 of the report's draft, empty where none was written."""
        return self.files.get(REPORT, "")


def reasons_of(standing: Standing) -> Reasons:
    """Words of the asker's language."""
    return REASONS[standing.started.language]


def standing_of(events: Iterable[Event], now: float | None = None) -> Standing:
    """Where the run stands after these events; `now` adds the time since the last of them."""
    tally = Tally()
    for event in events:
        tally.take(event)
    return tally.standing(now)


class Tally:
    """The standing, kept up event by event, so that a step costs the same however long the run."""

    def __init__(self) -> None:
        self._started: Started | None = None
        self._limits = Limits()
        self._window = 0
        self._steps = 0
        self._last = self._worked = 0.0
        self._own = self._others = Usage()
        self._used: Counter[str] = Counter()
        self._calls: dict[str, Call] = {}
        self._open: dict[str, Call] = {}
        self._begun: set[str] = set()
        self._interrupted: set[str] = set()
        self._silent = self._cut = self._fruitless = self._shown = 0
        self._refused: set[str] = set()
        self._stall = Stall()
        self._searches: list[Search] = []
        self._answered: dict[tuple[str, str], str] = {}
        self._files: dict[str, str] = {}
        self._todo: tuple[Item, ...] = ()
        self._checked: dict[tuple[str, tuple[str, ...]], Checked] = {}
        self._tainted = self._writing = self._paused = self._finished = False
        self._last_words = ""
        self._answers: bool | None = None
        self._ended: Ended | None = None
        self._reported: Reported | None = None

    def take(self, event: Event) -> None:
        """Count one more event; the first is a Started."""
        payload = event.payload
        if not isinstance(payload, Resumed):
            self._worked += self._since(event.time)
        self._last = event.time
        match payload:
            case Started(limits=limits, model=model):
                self._started, self._limits, self._window = payload, limits, model.window
            case Replied():
                self._reply(payload)
            case Returned():
                self._return(payload)
            case _:
                self._note(payload)

    def standing(self, now: float | None = None) -> Standing:
        """Where the run stands; a later event does not change what was given here."""
        started = self._started
        assert started, "a log begins with started"
        pending = tuple(self._open.values())
        return Standing(
            started=started,
            limits=self._limits,
            window=self._window,
            steps=self._steps,
            seconds=self._worked + (self._since(now) if now is not None else 0.0),
            usage=self._own + self._others,
            cost=started.model.cost(self._own) + (started.judge or started.model).cost(self._others),
            used=Counter(self._used),
            pending=pending,
            begun=bool(pending) and pending[0].id in self._begun,
            interrupted=bool(pending) and pending[0].id in self._interrupted,
            silent=self._silent,
            cut=self._cut,
            stalled=self._stall.now,
            fruitless=self._fruitless,
            refusals=len(self._refused - {f"c{self._steps}"}),
            searches=tuple(self._searches),
            answered=dict(self._answered),
            shown=self._shown,
            files=dict(self._files),
            todo=self._todo,
            checked=dict(self._checked),
            tainted=self._tainted,
            writing=self._writing,
            last_words=self._last_words,
            paused=self._paused,
            finished=self._finished,
            answers=self._answers,
            ended=self._ended,
            reported=self._reported,
        )

    def _since(self, now: float) -> float:
        """Seconds of work since the last event; those of a pause are nobody's, however it ends."""
        return 0.0 if not self._started or self._ended or self._paused else max(0.0, now - self._last)

    def _note(self, payload: Payload) -> None:
        """What happens to a run from outside, and its end."""
        match payload:
            case Resumed(limits=limits, url=url, server=server):
                if self._ended:  # somebody wants it to go on, though it had come to nothing
                    self._silent = self._cut = self._fruitless = 0
                    self._stall.forget()
                self._limits, self._interrupted = limits, set(self._begun)
                self._started = self._started.moved(url, server) if self._started else None
                self._paused, self._ended, self._reported = False, None, None
            case Paused():
                self._paused = True
            case Begun(call_id=call_id):
                self._begun.add(call_id)
            case Narrowed(window=window, usage=usage):
                self._window = window
                self._own += usage
            case Ended(usage=usage, judged=judged, checked=checked):
                self._ended = payload
                self._own += usage
                self._others += judged
                self._checked |= {(c.text, c.spans): c for c in checked}
            case Reported():
                self._reported = payload

    def _reply(self, reply: Replied) -> None:
        self._steps += 1
        self._own += reply.usage
        self._calls |= {call.id: call for call in reply.calls}
        self._open = {call.id: call for call in reply.calls}
        self._silent = 0 if reply.calls else self._silent + 1
        self._cut = self._cut + 1 if reply.cut else 0
        self._stall.reply(reply)
        self._shown, self._writing = 0, reply.writing
        if reply.text and not reply.calls and not reply.text.lstrip().startswith("{"):
            self._last_words = reply.text

    def _return(self, answer: Returned) -> None:
        self._others += answer.usage
        self._own += answer.reading
        self._used[answer.tool] += 1
        self._shown += answer.shown.size
        self._finished = self._finished or answer.finished
        self._answers = answer.answered if answer.finished else self._answers
        self._tainted = self._tainted or answer.taint == "source"
        if answer.tool == "finish" and not answer.finished and answer.note.startswith(REFUSED):
            self._refused.add(answer.call_id.partition(".")[0])
        self._open.pop(answer.call_id, None)
        call = self._calls[answer.call_id]
        self._stall.answer(call, answer)
        if answer.ok and looked(answer):  # one that failed says nothing of what there is
            self._fruitless = 0 if answer.spans or answer.sources else self._fruitless + 1
        if answer.ok:
            self._answered[answer.tool, spelled(call)] = answer.call_id
            self._searches += _searches(call) if answer.tool in SEARCHES else ()
        self._files |= {file.path: file.sha256 for file in answer.files}
        self._todo = answer.todo or self._todo
        self._checked |= {(c.text, c.spans): c for c in answer.checked}


class Stall:
    """Counts replies in a row of which no call did anything: all failed, found nothing new, or repeated an earlier call."""

    def __init__(self) -> None:
        self._before = 0
        self._seen: set[tuple[str, str]] = set()
        self._calls: tuple[Call, ...] = ()
        self._answers = 0
        self._moved = True

    @property
    def now(self) -> int:
        """Up to the last reply; one whose calls are still being answered is not counted yet."""
        return 0 if self._moved else self._before + (self._answers == len(self._calls))

    def forget(self) -> None:
        """Count anew; what was called before stays known."""
        self._before, self._moved = 0, True

    def reply(self, reply: Replied) -> None:
        """A new turn begins."""
        self._before = self.now
        self._seen |= {(call.name, spelled(call)) for call in self._calls}
        self._calls, self._answers, self._moved = reply.calls, 0, False

    def answer(self, call: Call, answer: Returned) -> None:
        """One call of it was answered."""
        self._answers += 1
        fresh = (answer.tool, spelled(call)) not in self._seen and not looked(answer)
        self._moved = self._moved or bool(answer.ok and (answer.spans or answer.sources or fresh))


def arguments_of(call: Call) -> dict[str, object]:
    """The call's arguments, empty where they are no JSON object, or nested deeper (254) than is ever written again."""
    try:
        read = orjson.loads(call.arguments or "{}")
        orjson.dumps(read)
    except (orjson.JSONDecodeError, TypeError):
        return {}
    return read if isinstance(read, dict) else {}


def spelled(call: Call) -> str:
    """The arguments in one spelling, whatever the order of their keys."""
    return orjson.dumps(arguments_of(call), option=orjson.OPT_SORT_KEYS).decode()


def scope_of(arguments: Mapping[str, object]) -> str:
    """The filters of a search in one spelling."""
    filters = {name: arguments[name] for name in ("kind", "sites", "exclude", "after", "before") if arguments.get(name)}
    return orjson.dumps(filters, option=orjson.OPT_SORT_KEYS).decode()


def _searches(call: Call) -> Iterator[Search]:
    arguments = arguments_of(call)
    queries = arguments.get("queries")
    for query in queries if isinstance(queries, list) else ():
        yield Search(call.id, str(query), scope_of(arguments))


def looked(answer: Returned) -> bool:
    """Whether the call was one that looks for evidence."""
    return answer.tool in (*SEARCHES, "open")
