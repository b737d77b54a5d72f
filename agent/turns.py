"""What was said, turn by turn?

A turn is a reply of the model with the results of its calls. It is made once, when its events come, and weighed once, so that a
long conversation costs no more to put together than its last turn.
"""

from __future__ import annotations

from dataclasses import replace

import orjson

from agent.blobs import Blobs
from agent.models import Call, Message
from agent.standing import arguments_of
from agent.storage import escaped
from agent.tokens import weight
from agent.trajectory import Event, Replied, Returned

CUT = (
    "Your reply was cut off at a limit of the endpoint's, so nothing was done with it. Say it in less, and write a long report "
    "in parts."
)
LONG_ARGUMENT = 400
"""Characters of an old call's argument that are kept."""


class Turn:
    """One reply and what came of it."""

    def __init__(self, seq: int, reply: Replied, nudge: str) -> None:
        self.seq = seq
        """The number of its first event."""
        self.messages: list[Message] = []
        self.tokens = 0
        """An estimate of what the messages take."""
        self._answers: dict[str, Returned] = {}
        self._pointed: list[Message] = []
        self._pointed_tokens = 0
        self._add(Message("assistant", reply.text, reply.calls))
        if not reply.calls:
            self._add(Message("user", f"{CUT} {nudge}" if reply.cut else nudge))

    def answer(self, answer: Returned, shown: str) -> None:
        """One call of it returned."""
        self._answers[answer.call_id] = answer
        self._add(Message("tool", shown, call_id=answer.call_id))

    @property
    def pointed(self) -> list[Message]:
        """The turn with its results as pointers and its long arguments cut."""
        if not self._pointed:
            self._pointed = [
                pointer(self._answers[m.call_id], m) if m.role == "tool" else replace(m, calls=tuple(map(cut, m.calls)))
                for m in self.messages
            ]
            self._pointed_tokens = weight(self._pointed)
        return self._pointed

    @property
    def pointed_tokens(self) -> int:
        """An estimate of what those take."""
        return self._pointed_tokens if self.pointed else 0

    def _add(self, message: Message) -> None:
        self.messages.append(message)
        self.tokens += weight([message])
        self._pointed = []


def take(turns: list[Turn], event: Event, blobs: Blobs, nudge: str) -> None:
    """Add what this event says; most say nothing to the model, and `nudge` is said where it called nothing."""
    match event.payload:
        case Replied():
            turns.append(Turn(event.seq, event.payload, nudge))
        case Returned(shown=shown):
            turns[-1].answer(event.payload, blobs.read(shown))
        case _:
            pass


def pointer(answer: Returned, message: Message) -> Message:
    """A result as a pointer to where it is kept; small ones and errors stay as they are."""
    if not answer.ok or len(message.text) <= LONG_ARGUMENT:
        return message
    said: dict[str, object] = {"kept_at": f"outputs/{answer.call_id}", "note": answer.note[:200]}
    if answer.spans:
        said["new_spans"] = f"{answer.spans[0].id} to {answer.spans[-1].id}"
    return replace(message, text=escaped(orjson.dumps(said).decode()))


def cut(call: Call) -> Call:
    """A call whose long arguments are only named, with where they are kept."""
    if len(call.arguments) <= LONG_ARGUMENT:
        return call
    reply = call.id[1:].partition(".")[0]
    short = {name: _cut_value(value, reply) for name, value in arguments_of(call).items()}
    return replace(call, arguments=orjson.dumps(short).decode())


def _cut_value(value: object, reply: str) -> object:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return value if len(text) <= LONG_ARGUMENT // 2 else f"{text[:80]} … ({len(text):,} characters, whole in replies/{reply})"
