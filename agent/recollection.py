"""What must a model still know of turns that it no longer sees?

Question, plan, findings with their span ids, what was asked, the files: computed from the log, so that the summary says nothing
that did not happen, and the same events give the same summary.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from agent.blobs import Blobs
from agent.evidence import Evidence, Span, cited
from agent.language import answered_in
from agent.models import Call
from agent.models.plan import terms
from agent.profiles import profile_of
from agent.reading import hidden
from agent.standing import Standing, arguments_of, standing_of
from agent.storage import FOREIGN, escaped
from agent.tokens import estimate
from agent.trajectory import Event, Replied, Returned, evidence_of

MAX_FINDING = 300
"""Characters of one finding."""
PER_SOURCE = 4
BEGINS = "Summary of the first {n} replies, which are no longer shown:"


def recollection(events: list[Event], blobs: Blobs, replies: int, room: int) -> str:
    """The first `replies` turns in at most about `room` tokens, as JSON after one line of words."""
    standing, evidence = standing_of(events), evidence_of(events)
    read = profile_of(standing.started.model).read
    said: dict[str, object] = {
        "question": standing.started.question,
        "constraints": constraints(standing),
        "plan": [f"{item.status}: {item.text}" for item in standing.todo],
        "asked": list(dict.fromkeys(search.query for search in standing.searches))[-30:],
        "files": {path: sha256[:12] for path, sha256 in standing.files.items()},
        "reflection": last_reflection(events),
        "whole": f"{read} outputs/CALL for the result of any call, replies/N for what you said and called in your N-th reply",
        "results": [f"outputs/{r.call_id}: {r.note[:80]}" for r in _returns(events) if r.ok][-30:],
    }
    kept = {name: value for name, value in said.items() if value}
    left = room - estimate(orjson.dumps(kept).decode())
    draft = blobs.get(standing.draft) if standing.draft else ""
    kept["marked"] = FOREIGN
    unseen = {name: note for answer in _returns(events) for name, note in hidden(answer, blobs).items()}
    kept["findings"] = findings(standing, evidence, draft, left, unseen)
    return f"{BEGINS.format(n=replies)} {escaped(orjson.dumps(kept).decode())}"


def constraints(standing: Standing) -> list[str]:
    """What the report is bound to beside the question, which is kept whole: the replies left, and the language to write in."""
    language = answered_in(standing.started.question, standing.started.language)
    return [f"at most {standing.limits.steps} replies, {standing.steps} used", f"report in {language}"]


def findings(
    standing: Standing, evidence: Evidence, draft: str, room: int, unseen: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """``{source: {span id: text}}``: what the draft cites first, then what shares most words with question and plan.

    Of spans that were read apart it is the reader's note, and none where there is no note.
    """
    wanted = terms(" ".join([standing.started.question, *(item.text for item in standing.todo)]))
    in_draft = set(cited(draft))

    def worth(span: Span) -> tuple[bool, float]:
        trust = evidence.sources[span.doc_id].authority
        return span.id in in_draft, len(wanted & terms(span.quote[:1000])) + trust

    chosen: dict[str, dict[str, str]] = {}
    shown = [span for span in evidence.spans.values() if unseen.get(span.id, " ")]
    for span in sorted(shown, key=lambda s: (worth(s), -int(s.id[1:])), reverse=True):
        source = evidence.sources[span.doc_id]
        name = f"{source.title[:100]} ({source.tier or 'unlisted'}, {source.published or 'undated'}) {source.doc_id}"
        held = chosen.get(name, {})
        said = unseen.get(span.id) or span.quote
        text = said if len(said) <= MAX_FINDING else said[:MAX_FINDING] + " …"
        cost = estimate(text) + 6 + (0 if held else estimate(name))
        if cost <= room and (len(held) < PER_SOURCE or span.id in in_draft):
            chosen.setdefault(name, {})[span.id] = text
            room -= cost
    return chosen


def last_reflection(events: list[Event]) -> dict[str, object]:
    """What the model last thought of where it stands, and where all of it is; empty where it never said."""
    replies = [event.payload for event in events if isinstance(event.payload, Replied)]
    for number, reply in reversed(list(enumerate(replies, 1))):
        for call in reply.calls:
            if call.name == "reflect":
                arguments = arguments_of(call)
                said = [name for name in ("known", "missing", "next") if name in arguments]
                return {name: str(arguments[name])[:500] for name in said} | {"whole": f"replies/{number}"}
    return {}


def retold(reply: Replied) -> str:
    """A reply as text to be read again: what it said, and each call with its arguments."""
    return "\n\n".join(part for part in [reply.text, *map(_call, reply.calls)] if part)


def _call(call: Call) -> str:
    arguments = arguments_of(call)
    said = [f"{name}: {value if isinstance(value, str) else orjson.dumps(value).decode()}" for name, value in arguments.items()]
    return "\n".join([f"{call.id} {call.name}", *(said or [call.arguments])])


def _returns(events: list[Event]) -> list[Returned]:
    return [event.payload for event in events if isinstance(event.payload, Returned)]
