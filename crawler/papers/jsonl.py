"""Which documents does a file of JSON lines hold?

Two kinds of lines are understood: Stepwell's own (`Document.to_json`) and the BEIR layout (`_id`, `title`, `text`, and a
`metadata` object or a `url`). A line that is neither is set aside with its number; the file goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import orjson

from crawler.papers import About
from crawler.papers.lines import Line, read_lines
from crawler.papers.parts import PACKED, Part, find_parts, read_parts, titled
from crawler.reading import Reading, SetAside, document_or_reason, set_aside
from indexer.document import Document


class JsonlSource:
    """A file of JSON lines, plain, gzip or zstd, or a folder of them."""

    about = About(
        name="JSON lines",
        documentation="https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset",
        terms="Those of whoever wrote the lines.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every line, file by file in name order; of a folder that holds ``corpus.jsonl``, that file only (BEIR).

        Without `collection` a document keeps the one its line names, else it gets the name of the folder or file. Raises
        UsageError or SourceError where there is no such file.
        """
        parts = find_parts(path, (".jsonl",))
        names = {part.name.rsplit("/", 1)[-1]: part for part in reversed(parts)}
        beir = [names[name] for suffix in PACKED if (name := f"corpus.jsonl{suffix}") in names]
        fallback = _fallback(path, parts)

        def lines(part: Part, file: BinaryIO) -> Iterator[Reading]:
            for line in read_lines(file):
                if line.data.strip() or line.problem:
                    where = f"{part.name}:{line.number}"
                    yield Reading(_record(line, where, fallback, collection), where, 0.0)

        yield from read_parts(beir[:1] or parts, lines)


def _fallback(path: Path | str, parts: list[Part]) -> str:
    """The name of the folder or file; every BEIR file is called corpus, so its folder tells it from others."""
    steps = str(path).rstrip("/").split("/") if "://" in str(path) else list(Path(path).resolve().parts)
    name = steps[-1].split(".")[0]
    is_file = len(parts) == 1 and parts[0].name.endswith(steps[-1])
    return (steps[-2] if name == "corpus" and is_file and len(steps) > 1 else name) or "jsonl"


def _record(line: Line, where: str, fallback: str, collection: str) -> Document | SetAside:
    """The document of one line, or why there is none."""
    if line.problem:
        return set_aside(where, line.problem, line.data)
    data = line.data.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return set_aside(where, "broken UTF-8", data)
    try:
        record = orjson.loads(data)
        if isinstance(record, dict) and "_id" in record:
            document = _beir_document(record, collection or fallback)
        else:
            document = Document.from_json(data)
            document = replace(document, collection=collection or document.collection or fallback)
    except orjson.JSONDecodeError:
        return set_aside(where, "broken JSON", data)
    except (ValueError, TypeError) as error:
        return set_aside(where, "not a document", f"{error}: {data[:200].decode(errors='replace')}")
    return titled(document_or_reason(document, where), where)


def _beir_document(record: dict[str, object], collection: str) -> Document:
    """``{"_id", "title", "text", "metadata": {"url", ...}}``; other scalar metadata goes to details."""
    metadata = {} if record.get("metadata") is None else record["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError("`metadata` is not an object")
    key, title, text = record["_id"], record.get("title") or "", record.get("text") or ""
    url = record.get("url") or metadata.get("url") or ""
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise TypeError("`_id` is not a string")
    if not (isinstance(title, str) and isinstance(text, str) and isinstance(url, str)):
        raise TypeError("`title`, `text` and `url` must be strings")
    if not title.strip() and not text.strip():
        raise ValueError("no title and no text")
    return Document(
        id=f"{collection}:{key}",
        title=" ".join(title.split()) or url or f"{collection}:{key}",
        text=text,
        url=url,
        collection=collection,
        details={str(k): str(v) for k, v in metadata.items() if k != "url" and isinstance(v, str | int | float) and v != ""},
    )
