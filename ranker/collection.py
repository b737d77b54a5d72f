"""What is a judged collection?

BEIR's layout: ``corpus.jsonl[.gz]``, ``queries.jsonl``, ``qrels/<split>.tsv`` (query-id, corpus-id, score, with a header line).
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import orjson

from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.progress import Progress
from ranker.errors import EvaluationError

MAX_LINE = 64 * 1024 * 1024
"""Bytes in one line of a collection's file."""

Qrels = dict[str, dict[str, int]]
"""query id -> document id -> grade."""

_NAME = re.compile(r"(.*?)(?::(\w+))?(?:#(\d+)/(\d+))?")


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries and judgements of one split; the corpus is read when it is indexed."""

    path: Path
    name: str
    split: str
    queries: dict[str, str]
    """Query id -> text, only those that the split judges."""
    qrels: Qrels

    @classmethod
    def named(cls, name: str, split: str = "test") -> Collection:
        """Open ``PATH``, ``PATH:SPLIT`` or a part of its queries, ``PATH:SPLIT#1/2``; `split` where none is named."""
        match = _NAME.fullmatch(name)
        assert match is not None, "every part of the pattern is optional"
        path, asked, part, parts = match.groups()
        collection = cls.open(Path(path), asked or split)
        if not part:
            return collection
        if not 1 <= int(part) <= int(parts):
            raise EvaluationError(f"{name} asks for part {part} of {parts}; write #1/2 or #2/2")
        return collection.part(int(part), int(parts))

    def part(self, number: int, of: int) -> Collection:
        """The queries whose hash falls into one of `of` parts, numbered from 1: the same on every machine."""
        mine = {q for q in self.qrels if int.from_bytes(sha256(q.encode()).digest()[:8], "big") % of == number - 1}
        if not mine:
            raise EvaluationError(f"part {number} of {of} of {self.name}/{self.split} has no query; take fewer parts")
        queries = {q: text for q, text in self.queries.items() if q in mine}
        qrels = {q: grades for q, grades in self.qrels.items() if q in mine}
        return replace(self, split=f"{self.split}#{number}/{of}", queries=queries, qrels=qrels)

    @classmethod
    def open(cls, path: Path, split: str = "test") -> Collection:
        """Read queries and qrels. Raises EvaluationError naming the file that is missing or broken."""
        folder = path / "qrels"
        if not (path / "queries.jsonl").is_file() or not folder.is_dir():
            raise EvaluationError(f"{path} is not a collection; it needs corpus.jsonl(.gz), queries.jsonl and qrels/*.tsv")
        splits = {p.stem: p for p in sorted(folder.glob("*.tsv"))}
        if split not in splits:
            raise EvaluationError(f"{path} has no split {split!r}; there are {', '.join(splits) or 'none'}")
        qrels = read_qrels(splits[split])
        texts = {str(q["_id"]): str(q["text"]) for q in _json_lines(path / "queries.jsonl")}
        if missing := [q for q in qrels if q not in texts]:
            raise EvaluationError(f"{splits[split]} judges query {missing[0]!r}, which queries.jsonl does not have")
        return cls(path, path.resolve().name, split, {q: texts[q] for q in qrels}, qrels)

    def as_prompts(self) -> Collection:
        """The queries that come with a `prompt` in their metadata, what somebody really wrote, asked in those words.

        Raises EvaluationError where none does.
        """
        for asked in self.prompted():
            return asked
        raise EvaluationError(f"no query of {self.path} has a prompt; leave --prompts out")

    def prompted(self) -> Iterator[Collection]:
        """The same, and nothing where no query has a prompt."""
        prompts: dict[str, str] = {}
        for record in _json_lines(self.path / "queries.jsonl"):
            metadata = record.get("metadata")
            if str(record["_id"]) in self.qrels and isinstance(metadata, dict) and metadata.get("prompt"):
                prompts[str(record["_id"])] = str(metadata["prompt"])
        if prompts:
            qrels = {q: grades for q, grades in self.qrels.items() if q in prompts}
            yield replace(self, name=f"{self.name} prompts", queries=prompts, qrels=qrels)

    def records(self) -> Iterator[dict[str, object]]:
        """Every record of the corpus, as its file has it."""
        yield from _json_lines(_corpus_file(self.path))

    def documents(self) -> Iterator[Document]:
        """Every document of the corpus."""
        for record in self.records():
            metadata = record.get("metadata")
            url = record.get("url") or (metadata.get("url") if isinstance(metadata, dict) else "") or ""
            title, text = str(record.get("title") or ""), str(record.get("text") or "")
            yield Document(
                id=str(record["_id"]),
                title=title or text[:80] or str(record["_id"]),
                text=text,
                url=str(url),
                collection=self.name,
            )

    def write_corpus(self, into: Path) -> Counter[str]:
        """Make a corpus of the collection; what could not be used, by reason."""
        with CorpusWriter(into) as writer, Progress(f"reading {self.name}", "documents") as progress:
            for document in self.documents():
                writer.add(document)
                progress.advance()
        return writer.counts.set_aside


def read_qrels(path: Path) -> Qrels:
    """Judgements from BEIR's TSV (with header) or TREC's four columns (``query 0 document grade``)."""
    qrels: Qrels = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            fields = row if len(row) > 1 else " ".join(row).split()
            if not fields or (number == 1 and not fields[-1].lstrip("-").isdigit()):
                continue
            try:
                query, document, grade = fields[0], fields[-2], int(fields[-1])
            except (IndexError, ValueError):
                raise EvaluationError(
                    f"{path}:{number}: not a judgement; write query-id, corpus-id, score with tabs between"
                ) from None
            qrels.setdefault(query, {})[document] = grade
    if not qrels:
        raise EvaluationError(f"{path} holds no judgement")
    return qrels


def _corpus_file(path: Path) -> Path:
    for name in ("corpus.jsonl", "corpus.jsonl.gz"):
        if (path / name).is_file():
            return path / name
    raise EvaluationError(f"{path} has no corpus.jsonl or corpus.jsonl.gz")


def _json_lines(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        number = 0
        try:
            while line := file.readline(MAX_LINE):
                number += 1
                yield orjson.loads(line)
        except (orjson.JSONDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise EvaluationError(f"{path}:{number}: {error}; a judged collection must be whole") from None
