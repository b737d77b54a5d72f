"""How do several corpora become one, each work in it once?

The inputs are read twice. First every record's claims go into tables on disk, where same_work.py finds the documents and
clusters. Then records that are alone are written, those that are not are put beside each other and written as one document
(fields.py). Last, what the target has from an earlier merge and no input has any more is deleted. The result is the same
whatever the order of the inputs; a merge that was killed is run again, and finds what it had written unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import SourceError, UsageError

if TYPE_CHECKING:
    from crawler.merging.agreement import Record
    from crawler.merging.gathered import Gathered
    from crawler.merging.identity import Identity
    from crawler.merging.same_work import Claim, Conflict, SameWork
    from indexer.corpus import CorpusWriter, Counts
    from indexer.document import Document
    from indexer.progress import Progress
    from indexer.shards import SetAside

MARK = "merge.json"
"""The file that says a corpus was written by a merge, which may delete from it what the inputs lost."""
SAID = 5_000
"""Conflicts held in memory before they are written down."""


@dataclass(slots=True)
class Merged:
    """What one merge did."""

    into: Path
    corpora: int
    records: int = 0
    """Records read from all corpora."""
    documents: int = 0
    """Documents that they are."""
    merged: int = 0
    """Records that became part of another one's document."""
    clusters: int = 0
    """Groups of documents that are one work, or pages with one text."""
    clustered: int = 0
    """Documents in them."""
    damaged: bool = False
    """Whether something of the inputs could not be read: then nothing is deleted from the target, it may only be unreadable."""
    counts: Counts | None = None
    """What changed in the target; as set aside, broken records and keys whose records were kept apart."""
    seconds: float = 0.0

    def summary(self) -> str:
        """The closing lines."""
        assert self.counts is not None
        c = self.counts
        lines = [
            f"{self.into}: {self.records:,} records of {self.corpora} corpora are {self.documents:,} documents",
            f"{self.merged:,} merged into another; {self.clusters:,} clusters of {self.clustered:,} documents",
            f"{c.added:,} new, {c.changed:,} changed, {c.unchanged:,} unchanged, {c.deleted:,} deleted",
        ]
        if c.set_aside:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in c.set_aside.most_common())
            lines.append(f"set aside or kept apart {c.set_aside.total():,} ({reasons}): {self.into / 'rejects.jsonl'}")
        if self.damaged:
            lines.append("an input is damaged, so nothing was deleted; mend or crawl it again, and merge again")
        rate = self.records / self.seconds if self.seconds > 0 else 0.0
        lines.append(f"{self.seconds:.1f} s, {rate:,.0f} records/s")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same figures for ``--json``."""
        assert self.counts is not None
        c = self.counts
        written = {"added": c.added, "changed": c.changed, "unchanged": c.unchanged, "deleted": c.deleted}
        found = {name: getattr(self, name) for name in ("records", "documents", "merged", "clusters", "clustered")}
        return {
            "corpus": str(self.into),
            **found,
            **written,
            "damaged": self.damaged,
            "set_aside": dict(c.set_aside),
            "seconds": round(self.seconds, 3),
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``stepwell crawler merge``."""
    parser.description = "Write what several corpora hold to one, each document once, and name the clusters of one work."
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS", help="corpora to merge, in any order")
    parser.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="corpus to write; a new directory, or that of an earlier merge"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything was set aside or kept apart")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Run the verb; 1 where --strict finds something set aside or kept apart."""
    outcome = merge(args.corpora, args.into)
    if args.json:
        import orjson

        print(orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        print(outcome.summary())
    assert outcome.counts is not None
    return 1 if args.strict and outcome.counts.set_aside else 0


def merge(corpora: Sequence[Path], into: Path) -> Merged:
    """Write what the corpora hold, each document once, to the corpus at `into`.

    Raises UsageError for a target that is an input or holds what no merge wrote, CorpusError for an input that is no corpus,
    SourceError if an input changes meanwhile.
    """
    from crawler.merging.gathered import Gathered
    from crawler.merging.same_work import SameWork
    from indexer.corpus import CorpusWriter, read_corpus
    from indexer.durable import write_durably
    from indexer.progress import Progress
    from indexer.shards import shard_paths

    corpora = sorted({path.resolve(): path for path in corpora}.values())
    for path in corpora:
        next(read_corpus(path, _ignore), None)  # what is no corpus is found out before anything is made
    _check_target(corpora, into)
    outcome = Merged(into, len(corpora))
    with CorpusWriter(into) as writer:
        write_durably(into / MARK, b'{"written_by": "stepwell crawler merge"}\n')
        outcome.counts = writer.counts
        scratch = [into / name for name in ("works.sqlite.tmp", "parts.sqlite.tmp")]  # the next writer removes a killed one's
        works, gathered = SameWork(scratch[0]), Gathered(scratch[1])
        try:
            with Progress("merge: reading", "records") as progress:
                _learn(corpora, works, outcome, progress)
            outcome.seconds += progress.seconds
            with Progress("merge: comparing", "shared keys") as progress:
                works.settle(_noting(writer), progress.advance)
            outcome.seconds += progress.seconds
            earlier = bool(shard_paths(into))
            with Progress("merge: writing", "records", outcome.records) as progress:
                _write(corpora, works, gathered, writer, outcome, progress)
                if earlier and not outcome.damaged:
                    _delete_what_is_gone(gathered, writer)
            outcome.seconds += progress.seconds
            outcome.clusters = works.clusters()
        finally:
            works.close()
            gathered.close()
            for path in scratch:
                path.unlink(missing_ok=True)
    return outcome


def _check_target(corpora: Sequence[Path], into: Path) -> None:
    from indexer.shards import shard_paths

    if into.resolve() in {path.resolve() for path in corpora}:
        raise UsageError(f"{into} is an input of the merge; give another directory with --into")
    if into.is_dir() and not shard_paths(into):
        (into / MARK).unlink(missing_ok=True)  # of a merge that was killed before its first commit
    elif into.is_dir() and not (into / MARK).exists():
        raise UsageError(f"{into} holds documents that no merge wrote; give a new directory with --into, and {into} as an input")


def _learn(corpora: Sequence[Path], works: SameWork, outcome: Merged, progress: Progress) -> None:
    from crawler.merging.agreement import record_of
    from crawler.merging.identity import identity

    for number, document in enumerate(_records(corpora, _ignore)):
        keys = identity(document)
        record = record_of(document, number, _place(document, document.to_json()), keys)
        print_ = _fingerprint(document)
        works.add(record, _claims(document, record, keys, print_), print_)
        outcome.records = number + 1
        progress.advance()


def _claims(document: Document, record: Record, keys: Identity, print_: bytes) -> list[tuple[Claim, str]]:
    from crawler.merging.agreement import title_claim
    from crawler.merging.duplicates import bands, text_key
    from crawler.merging.identity import arxiv
    from crawler.merging.same_work import Claim

    claims = [(Claim.ID, doc_id) for doc_id in {document.id, *document.sources}]
    claims += [(Claim.OWN, key) for key in keys.own]
    if preprint := arxiv(record.names.get("arxiv", "")):
        claims.append((Claim.ARXIV, preprint.number))
    # A related key meets those who own it: the DOI on a preprint, the article's own.
    claims += [(Claim.RELATED, key) for key in keys.related | {f"{scheme}:{name}" for scheme, name in record.names.items()}]
    if document.cluster:
        claims.append((Claim.RELATED, f"cluster:{document.cluster}"))
    if title := title_claim(record, document.authors):
        claims.append((Claim.TITLE, title))
    if print_:
        claims += [(Claim.TEXT, key) for key in (text_key(document.text), *bands(print_))]
    return claims


def _fingerprint(document: Document) -> bytes:
    from crawler.merging.duplicates import fingerprint

    return fingerprint(document.text) if document.kind == "page" else b""


def _write(
    corpora: Sequence[Path], works: SameWork, gathered: Gathered, writer: CorpusWriter, outcome: Merged, progress: Progress
) -> None:
    from crawler.merging.fields import one_of, with_normal_names

    known = writer.counts.set_aside.total()
    for number, document in enumerate(_records(corpora, writer.set_aside)):
        if works.id_of(number) != document.id:
            raise SourceError(
                f"an input changed while it was merged, at {document.id}; run the merge again when nobody writes to it"
            )
        progress.advance()
        if works.is_aside(number):
            continue
        if works.is_alone(number):
            _keep(with_normal_names(document), number, works, gathered, writer, outcome)
        else:
            line = document.to_json()
            gathered.put(works.document_of(number), document, line, _place(document, line))
            outcome.merged += 1
    outcome.damaged = writer.counts.set_aside.total() > known
    for number, records in gathered.documents():
        _keep(one_of(records), number, works, gathered, writer, outcome)
        outcome.merged -= 1


def _keep(document: Document, number: int, works: SameWork, gathered: Gathered, writer: CorpusWriter, outcome: Merged) -> None:
    cluster = works.cluster_of(number)
    document = replace(document, cluster=cluster) if document.cluster != cluster else document
    writer.add(document)
    gathered.wrote(document.id)
    outcome.documents += 1
    outcome.clustered += bool(cluster)


def _delete_what_is_gone(gathered: Gathered, writer: CorpusWriter) -> None:
    """What the target has and no input has any more: withdrawn by its source, or merged into another document now."""
    from indexer.corpus import read_corpus

    writer.commit()
    for document in read_corpus(writer.path, _ignore):
        gathered.note_gone(document.id)
    for doc_id in gathered.gone():
        writer.delete(doc_id)


def _records(corpora: Sequence[Path], set_aside: SetAside) -> Iterator[Document]:
    """All records, in the same order each time."""
    from indexer.corpus import read_corpus

    for path in corpora:
        yield from read_corpus(path, set_aside)


def _place(document: Document, line: bytes) -> bytes:
    return hashlib.blake2b(document.id.encode("utf-8", "replace") + b"\n" + line, digest_size=16).digest()


def _noting(writer: CorpusWriter) -> Conflict:
    """Writes conflicts to the target's log of rejects."""
    said = itertools.count(1)

    def note(key: str, reason: str, who: str) -> None:
        writer.set_aside(key, reason, who)
        if next(said) % SAID == 0:
            writer.commit()

    return note


def _ignore(where: str, reason: str, excerpt: str) -> None:
    """The records are read twice; what is broken is noted the second time."""
