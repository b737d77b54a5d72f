"""What does a model say that needs sixty steps, and who judges it?

An OpenAI-compatible endpoint on loopback that plays both by rule, so that the same index gives the same run. The researcher plans
eighteen topics, searches and opens each, notes one sentence a topic from what it was shown, writes a report of them, changes
fourteen of its lines by patch, verifies, is refused twice and repairs. Some sentences are wrong on purpose. The judge holds
the words of a sentence against those of the passage; the reader of a page notes its first sentences.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from agent.models.plan import terms
from agent.reading import PAGE
from agent.tokens import estimate

TOPICS = (
    "subword segmentation", "back-translation", "cross-lingual transfer", "word sense disambiguation", "dependency parsing",
    "coreference resolution", "named entity recognition", "sentiment analysis", "question answering", "summarization evaluation",
    "dialogue state tracking", "machine translation quality estimation", "language model pretraining", "knowledge distillation",
    "low-resource languages", "morphological analysis", "semantic role labeling", "text simplification",
)  # fmt: skip
STEPS = 60
QUESTION = "What do papers of the collection say about eighteen topics of language processing?"
PATCHES = 14
NOTED = 3
"""Sentences of a page that its reader notes."""
SUPPORTED, PARTIAL = 0.8, 0.4
"""Shares of a sentence's words that must stand in the passage."""
WORDS = 12
"""Of a span, that a sentence takes over."""
INVENTED = 7
"""Every so many topics the sentence has nothing of its span."""
MISCOUNTED = 11
"""The topic whose sentence holds a number that its span does not."""

Call = tuple[str, dict[str, object]]


class Researcher:
    """Takes its turns in order, and keeps notes of what it was shown."""

    def __init__(self) -> None:
        self.turns = 0
        self.draft = ""
        self._spans: list[str] = []
        self._notes: dict[int, str] = {}
        self._script = [self._plan, *self._research(), self._reflect, self._write]
        self._script += [lambda n=n: self._edit(n) for n in range(PATCHES)]
        self._script += [self._count, self._done, self._verify, self._finish, self._repair, self._finish, self._finish]
        assert len(self._script) == STEPS, "a script of sixty steps"

    def reply(self, messages: list[dict[str, Any]]) -> Call:
        """The next turn; the last one again where there is none left."""
        last = next((m["content"] for m in reversed(messages) if m["role"] == "tool"), "")
        self._take_in(last)
        self.turns += 1
        return self._script[min(self.turns, len(self._script)) - 1]()

    def _take_in(self, result: str) -> None:
        """Span ids that a search shows, and from what an opening shows a note on its topic."""
        found = re.findall(r'(?:"|\b)(s\d+)(?:":\s*"|: )((?:[^"\\]|\\.){40,})', result)
        found += [(name, text) for text, name in re.findall(r'"((?:[^"\\]|\\.){40,}) \[(s\d+)\]', result)]
        self._spans = [name for name, _ in found] or self._spans
        topic, opened = divmod(self.turns - 1, 2)
        if found and self.turns > 1 and not opened and 1 <= topic <= len(TOPICS):
            self._notes[topic - 1] = _sentence(topic - 1, found)

    def _plan(self) -> Call:
        items = [{"id": str(i), "text": topic, "status": "pending"} for i, topic in enumerate(TOPICS)]
        return "todo", {"mode": "replace", "items": items}

    def _research(self) -> Iterator[Any]:
        for topic in TOPICS:
            queries = [f"we propose a method for {topic}", f"results of our experiments on {topic}"]
            yield lambda queries=queries: ("batch_search", {"queries": queries, "k": 10})
            yield lambda topic=topic: ("open", {"targets": self._spans[:3] or ["s1"], "goal": topic})

    def _reflect(self) -> Call:
        said = f"{len(self._notes)} of {len(TOPICS)} topics have a note"
        return "reflect", {"known": said, "missing": "what other collections say", "next": "write the report"}

    def _write(self) -> Call:
        lines = [f"## {topic.capitalize()}\n\n{self._notes.get(i, _NOTHING)}" for i, topic in enumerate(TOPICS)]
        self.draft = "\n\n".join(lines) + "\n\nAll of these topics are older than most people think they are.\n"
        return "write", {"path": "report.md", "content": self.draft}

    def _edit(self, n: int) -> Call:
        return self._patch(f"## {TOPICS[n].capitalize()}\n", f"## On {TOPICS[n]}\n")

    def _patch(self, old: str, new: str) -> Call:
        base = hashlib.sha256(self.draft.encode()).hexdigest()[:12]
        self.draft = self.draft.replace(old, new)
        return "patch", {"path": "report.md", "base_sha256": base, "edits": [{"old": old, "new": new}]}

    def _count(self) -> Call:
        return "shell", {"cmd": "wc -w report.md; grep -c '##' report.md"}

    def _done(self) -> Call:
        return "todo", {"mode": "merge", "items": [{"id": str(i), "status": "completed"} for i in range(len(TOPICS))]}

    def _verify(self) -> Call:
        return "verify", {}

    def _finish(self) -> Call:
        return "finish", {"answered": True}

    def _repair(self) -> Call:
        """One wrong sentence goes; the others stay, to be marked."""
        return self._patch(self._notes.get(0, _NOTHING), "Of this topic nothing certain was found.")


_NOTHING = "On this topic no source was found."


def _sentence(topic: int, found: list[tuple[str, str]]) -> str:
    """A note on a topic: mostly the span's own words, at times only half of them, at times none."""
    name, text = max(found, key=lambda pair: len(terms(TOPICS[topic]) & terms(pair[1])))
    words = [word.lower() for word in re.findall(r"[A-Za-z][a-z-]+", text) if len(word) > 2][:WORDS]
    if topic % INVENTED == 0:
        said = "Every paper on it praises gardening, and none of their authors owns a spade"
    elif topic % 3 == 1:
        said = f"One paper says: {' '.join(words[: WORDS // 2])}, which cooks, bakers and gardeners also know well"
    else:
        said = f"One paper says: {' '.join(words)}"
    return f"{said}{' in 31415 cases' if topic == MISCOUNTED else ''} [[{name}]]."


def apart(asked: str) -> str:
    """What is said without tools: notes on a page, or a verdict."""
    if not asked.startswith(PAGE):
        return orjson.dumps(judge(orjson.loads(asked))).decode()
    lines = [line.partition(": ") for line in asked.splitlines() if re.match(r"s\d+: .{40}", line)]
    return "\n".join(f"{text} [{name}]" for name, _, text in lines[:NOTED])


def judge(asked: Mapping[str, str]) -> dict[str, str]:
    """A verdict by the share of the sentence's words that stand in the passage."""
    words, held = terms(asked["sentence"]), terms(asked["passage"])
    share = len(words & held) / (len(words) or 1)
    verdict = "supported" if share >= SUPPORTED else "partial" if share >= PARTIAL else "unsupported"
    return {"verdict": verdict, "reason": f"{share:.0%} of its words stand in the passage"}


@contextmanager
def serving() -> Iterator[str]:
    """The endpoint's URL; a request without tools is one for the judge, or for the reader of a page. One run at a time."""
    researcher = Researcher()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            messages = asked["messages"]
            if asked.get("tools"):
                name, arguments = researcher.reply(messages)
                call = {"id": "x", "type": "function", "function": {"name": name, "arguments": orjson.dumps(arguments).decode()}}
                message = {"role": "assistant", "content": "", "tool_calls": [call]}
                written = estimate(call["function"]["arguments"])  # type: ignore[index]
            else:
                message = {"role": "assistant", "content": apart(messages[-1]["content"])}
                written = estimate(str(message["content"]))
            read = sum(estimate(m.get("content") or "") + estimate(str(m.get("tool_calls", ""))) for m in messages)
            usage = {"prompt_tokens": read, "completion_tokens": written}
            body = orjson.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
