"""What is the report, without markup?

Blocks of pieces, each a text with at most one style, or a citation. A page puts them in as text, so nothing that a model or a
source wrote is ever read as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.body import Place, called, mark_of, placed
from agent.report import Findings, shorten, trust
from agent.verdicts import UNKNOWN

_PLACE = re.compile("\ue000(\\d+)\ue001")
_STYLES = {"strong": "strong", "em": "em"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or one citation."""

    text: str
    style: str = ""
    """``strong``, ``em``, ``code``, ``cite``, ``mark``, or ``cell`` between two cells of a row; empty for plain text."""
    verdict: str = ""
    """Of the sentence that cites; for ``cite`` and ``mark``."""
    span: str = ""
    """Id of the cited span."""
    hover: str = ""
    """The quote with its source."""
    reason: str = ""
    """Why the sentence around a citation is not wholly supported."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, line of a list, quotation or row of a table."""

    kind: str
    """``p``, ``h1`` to ``h6``, ``li``, ``more`` (of the same item), ``quote``, ``pre``, ``row``, or a table's ``head``."""
    pieces: tuple[Piece, ...]
    depth: int = 0
    """Lists that it stands in."""
    number: int = 0
    """Of an item of a numbered list; 0 for any other."""


def blocks_of(f: Findings) -> list[Block]:
    """The draft as it stands."""
    from markdown_it import MarkdownIt

    text, places = placed(f.draft, f.verdicts, f.evidence, f.labels)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    blocks: list[Block] = []
    around: list[str] = []
    item, fresh = "", False
    for token in reader.parse(text.replace("&lt;", "<")):
        if token.nesting == 1:
            around.append(token.tag)
            if token.tag == "tr":
                blocks.append(Block("head" if "thead" in around else "row", ()))
            elif token.tag == "li":
                item, fresh = token.info, True
        elif token.nesting == -1:
            around.pop()
        elif token.type == "inline":
            pieces = tuple(p for child in _styled(token.children or []) for p in _pieces(*child, places, f))
            if "tr" in around:
                row = blocks[-1]
                blocks[-1] = replace(row, pieces=(*row.pieces, *([Piece(" | ", "cell")] if row.pieces else []), *pieces))
            else:
                depth, kind = around.count("ul") + around.count("ol"), _kind(around, fresh)
                blocks.append(Block(kind, pieces, depth, int(item or 0) if kind == "li" else 0))
                fresh = False
        elif token.type in ("fence", "code_block"):
            blocks.append(Block("pre", tuple(_pieces(token.content, "code", places, f))))
    return blocks


def _kind(around: list[str], fresh: bool) -> str:
    if around[-1][:1] == "h":
        return around[-1]
    if "li" in around:
        return "li" if fresh else "more"
    return "quote" if "blockquote" in around else "p"


def _styled(children: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Text with its innermost style."""
    styles: list[str] = []
    for child in children:
        kind, content = str(getattr(child, "type", "")), str(getattr(child, "content", ""))
        if kind.endswith("_open"):
            styles.append(_STYLES.get(kind[:-5], ""))
        elif kind.endswith("_close"):
            styles.pop()
        elif kind in ("softbreak", "hardbreak"):
            yield " ", ""
        elif content:
            yield content, "code" if kind == "code_inline" else styles[-1] if styles else ""


def _pieces(text: str, style: str, places: list[Place], f: Findings) -> Iterator[Piece]:
    """The text with its citations as pieces of their own."""
    end = 0
    for match in _PLACE.finditer(text):
        if text[end : match.start()]:
            yield Piece(text[end : match.start()], style)
        if int(match[1]) < len(places):
            yield from _placed(places[int(match[1])], f)
        end = match.end()
    if text[end:]:
        yield Piece(text[end:], style)


def _placed(place: Place, f: Findings) -> Iterator[Piece]:
    verdict = place.claim.verdict if place.claim else UNKNOWN
    if not place.names:
        assert place.claim, "a place without names is a mark"
        sign, said = mark_of(place.claim, f.labels)
        yield Piece(f" {sign}({said})", "mark", verdict)
        return
    numbers = {c.span_id: c.number for c in f.citations}
    for name in place.names:
        span = f.evidence.spans.get(name)
        if span is None:
            yield Piece(f" ({f.labels.unresolved}{f.labels.colon}{called(name, f.labels)})", "mark", "unsupported")
            continue
        source = f.evidence.sources[span.doc_id]
        said = f"“{shorten(span.quote)}” — {source.title}, {trust(source, f.labels)}"
        yield Piece(f"[{numbers[name]}]", "cite", verdict, name, said, place.claim.doubt if place.claim else "")
