"""Which documents does a file of JSON lines hold?

Two kinds of lines are understood: Stepwell's own (`Document.to_json`) and the BEIR layout (`_id`, `title`, `text`, and a
`metadata` object or a `url`). A line that is neither is set aside with its number; the file goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from crawler.errors import SourceError, UsageError
from crawler.papers import About
from crawler.papers.lines import Line, read_lines
from crawler.papers.parts import local_path, titled
from crawler.reading import Reading, SetAside, document_or_reason, set_aside
from indexer.document import Document

_SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_REJECTS = "rejects.jsonl"
"""A corpus keeps what it set aside under this name; it holds no documents."""


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
        path = local_path(path)
        files = _jsonl_files(path)
        total, before = sum(file.stat().st_size for file in files) or 1, 0
        for file in files:
            try:
                with file.open("rb") as packed:
                    for line in read_lines(packed):
                        if line.data.strip() or line.problem:
                            record = _record(line, f"{file}:{line.number}", path, collection)
                            yield Reading(record, f"{file}:{line.number}", min(1.0, (before + packed.tell()) / total))
            except OSError as error:
                record = set_aside(str(file), "cannot be read", error.strerror or str(error))
                yield Reading(record, str(file), min(1.0, (before + file.stat().st_size) / total))
            before += file.stat().st_size


def _jsonl_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"no such file or folder: {path}; give a .jsonl, .jsonl.gz or .jsonl.zst file, or a folder of them")
    beir = [file for suffix in _SUFFIXES if (file := path / f"corpus{suffix}").is_file()]
    files = beir[:1] or sorted(f for f in path.iterdir() if f.name.endswith(_SUFFIXES) and f.name != _REJECTS and f.is_file())
    if not files:
        raise SourceError(f"no .jsonl, .jsonl.gz or .jsonl.zst files in {path}")
    return files


def _record(line: Line, where: str, path: Path, collection: str) -> Document | SetAside:
    """The document of one line, or why there is none."""
    if line.problem:
        return set_aside(where, line.problem, line.data)
    data = line.data.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return set_aside(where, "broken UTF-8", data)
    try:
        fallback = path.name.split(".")[0] or "jsonl"
        if path.is_file() and fallback == "corpus":  # every BEIR file has this name; its folder tells them apart
            fallback = path.resolve().parent.name or fallback
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
