"""What can be answered with no model at all?

The embedded default. It speaks the protocol of a real model: it asks for searches, reads the tools' messages, opens the best
documents, writes a digest of quoted sentences and finishes. It holds no state: where it stands, it reads off the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from agent.errors import ModelError
from agent.evidence import cited
from agent.language import asked_in
from agent.models import Call, Message, ModelSpec, Reply, ToolSchema
from agent.models.digest import WORDS, Opened, digest
from agent.models.plan import plan

OPENED = 6
"""Documents that are read."""
K = 10
"""Documents asked for per query."""
_WEIGHTS = (2.0, 1.5)
"""Of the question itself and of its content words when rankings are fused; every other query counts 0.5."""


class ExtractiveModel:
    """Search, open, write, finish. Raises ModelError where the library cannot be searched or read at all."""

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:  # noqa: ARG002 - the protocol's
        """The next of the four turns."""
        question = next(message.text for message in messages if message.role == "user")
        results = _results(messages)
        if "finish" in results:
            raise ModelError(f"the digest was not accepted: {results['finish'].get('error', 'no reason given')}")
        if "write" in results:
            return _turn("finish", {"answered": bool(cited(_draft(messages)))})
        if "open" in results:
            documents = [_opened(document) for document in _told(results["open"], "documents") if "sentences" in document]
            return _turn("write", {"path": "report.md", "content": digest(question, documents)})
        if "batch_search" in results:
            rankings = _told(results["batch_search"], "rankings")
            targets = best(rankings)
            if not targets:
                words = WORDS[asked_in(question)]
                said = words.untold if any(ranking.get("hits") for ranking in rankings) else words.empty
                return _turn("write", {"path": "report.md", "content": f"{said}\n\n{words.made}"})
            return _turn("open", {"targets": targets})
        return _turn("batch_search", {"queries": plan(question), "k": K})


def best(rankings: Sequence[dict[str, Any]]) -> list[str]:
    """The span ids at which to open the best documents, one per document and title.

    Weighted reciprocal rank fusion over the queries (Cormack, Clarke and Buettcher, SIGIR 2009, doi:10.1145/1571941.1572114),
    k = 60. A document without a passage has no text to quote and is passed over.
    """
    score: dict[str, float] = {}
    place: dict[str, str] = {}
    title: dict[str, str] = {}
    for i, ranking in enumerate(rankings):
        weight = _WEIGHTS[i] if i < len(_WEIGHTS) else 0.5
        for rank, hit in enumerate(ranking.get("hits", ()), 1):
            if hit.get("passages"):
                score[hit["doc"]] = score.get(hit["doc"], 0.0) + weight / (60 + rank)
                place.setdefault(hit["doc"], next(iter(hit["passages"])))
                title[hit["doc"]] = hit["title"].casefold()
    ranked = sorted(score, key=lambda doc: (-score[doc], doc))
    different = {title[doc]: doc for doc in reversed(ranked)}
    return [place[doc] for doc in ranked if different[title[doc]] == doc][:OPENED]


def from_spec(spec: ModelSpec) -> ExtractiveModel:  # noqa: ARG001 - it has nothing to choose
    """The one extractive model."""
    return ExtractiveModel()


def _results(messages: Sequence[Message]) -> dict[str, dict[str, Any]]:
    """The latest result of each tool, by the tool's name."""
    names = {call.id: call.name for message in messages for call in message.calls}
    return {names[m.call_id]: orjson.loads(m.text) for m in messages if m.role == "tool"}


def _told(result: dict[str, Any], what: str) -> list[dict[str, Any]]:
    if "error" in result:
        raise ModelError(f"the library gave nothing to work with: {result['error']}")
    told: list[dict[str, Any]] = result[what]
    return told


def _opened(document: dict[str, Any]) -> Opened:
    return Opened(
        title=document["title"],
        authors=tuple(document.get("authors", ())),
        published=document.get("published", ""),
        site=document.get("site", ""),
        kind=document.get("kind", ""),
        tier=document.get("authority", ""),
        trust=document.get("trust", 0.0),
        sentences=tuple(document["sentences"].items()),
    )


def _draft(messages: Sequence[Message]) -> str:
    """What was written last."""
    written = [call for message in messages for call in message.calls if call.name == "write"]
    return str(orjson.loads(written[-1].arguments)["content"])


def _turn(name: str, arguments: dict[str, object]) -> Reply:
    return Reply("", (Call("", name, orjson.dumps(arguments).decode()),))
