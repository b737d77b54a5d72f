"""open: what does this document say, around this place?

A target is a document id, a URL of an indexed document, or a span id: then the text around that span is shown. Reading on is
opening the last span that was shown. Nothing is downloaded: only documents of the library open, and a URL only as it came from a
search, from the user or from a page that was read, character for character, so that none can carry anything out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.library import fetch_all
from agent.models import ToolSchema
from agent.profiles import profile_of
from agent.sentences import sentences
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.search import describe
from server.client import Failure, Fetched

WINDOW = 24_000
"""Characters of one document that are read at once, about 6,000 tokens; what of it the model sees is `agent.storage`'s to say."""
BEFORE = 1500
"""Of these, characters before the span that was asked for."""


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Fetch the documents and give every sentence of the window its span id."""
    targets: list[str] = list(dict.fromkeys(arguments["targets"]))
    spans = desk.evidence.spans
    wanted = {target: spans[target].doc_id if target in spans else target for target in targets}
    if strange := [t for t in targets if "://" in t and t not in known_urls(desk)]:
        raise ToolError(f"{strange[0]!r} came from no search, no page that was read, and not from the user; open what was found")
    fetched = fetch_all(desk.library, list(wanted.values()))
    documents = [_window(target, fetched[wanted[target]], desk) for target in targets]
    if all("error" in document for document in documents):
        raise ToolError("; ".join(f"{document['target']}: {document['error']}" for document in documents))
    opened = [str(document["title"]) for document in documents if "title" in document]
    return Observation(
        {"documents": documents}, f"{len(opened)} of {len(targets)} opened: " + "; ".join(opened), foreign=True, pages=True
    )


def known_urls(desk: Desk) -> set[str]:
    """URLs of sources, in texts that were read, and in the question."""
    texts = [desk.standing.started.question, *(span.quote for span in desk.evidence.spans.values())]
    found = {url.rstrip(".,;:!?") for text in texts for url in re.findall(r"https?://[^\s<>\"'()\[\]]+", text)}
    return found | {source.url for source in desk.evidence.sources.values()}


def _window(target: str, fetched: Fetched | Failure, desk: Desk) -> dict[str, object]:
    if isinstance(fetched, Failure):
        return {"target": target, "error": fetched.message}
    text = fetched.document.text
    source = desk.take_in(fetched)
    asked = desk.evidence.spans.get(target)
    if asked and asked.text_sha256 != fetched.text_sha256:
        return {"target": target, "error": "the document has changed since this span was found; open it by its id"}
    start = max(0, asked.start - BEFORE) if asked else 0
    shown: dict[str, str] = {}
    last, end = "", start
    for a, b in sentences(text):
        if a >= start and (b <= start + WINDOW or not shown):
            span = desk.evidence.span(fetched, a, b)
            shown[span.id], last, end = span.quote, span.id, b
    seen: dict[str, object] = {"target": target, **describe(source), "characters": len(text), "sentences": shown}
    if not text.strip():
        seen["note"] = "the library has no text of this document, only what is said above"
    elif text[end:].strip():
        seen["more"] = f"{profile_of(desk.standing.started.model).open} {last} to read on"
    return seen


TOOL = Tool(
    ToolSchema(
        "open",
        "Read documents. A target is a document id from a search, or a span id: then the text around that span is shown. "
        "Returns sentences as an object from span id to text; cite these ids.",
        {
            "type": "object",
            "properties": {
                "targets": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": 2000},
                    "minItems": 1,
                    "maxItems": 8,
                    "description": "Document ids or span ids.",
                },
                "goal": {
                    "type": "string",
                    "maxLength": 500,
                    "description": "What you want to learn; of a long text the lines that bear on it are shown first.",
                },
            },
            "required": ["targets"],
            "additionalProperties": False,
        },
    ),
    run,
    research=True,
    goal=lambda arguments: str(arguments.get("goal", "")),
)
