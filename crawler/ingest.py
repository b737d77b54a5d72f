"""How do readings become a corpus?

Every document goes into the corpus, every record set aside into its log of rejects, and everything is counted. A job that is
killed has lost at most what came after its last commit, and may be started again: what is already there counts as unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.reading import Deleted, Reading, SetAside, Skipped
from indexer.corpus import CorpusWriter, Counts
from indexer.progress import Progress


@dataclass(slots=True)
class Outcome:
    """What one job did."""

    into: Path
    """The corpus directory."""
    counts: Counts = field(default_factory=Counts)
    """Documents kept and records set aside."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Things that were never meant to be documents, by what they are."""
    seconds: float = 0.0

    def summary(self) -> str:
        """The closing lines."""
        lines = [f"{self.into}: {self.counts.summary()}"]
        if self.skipped:
            parts = ", ".join(f"{what} {n:,}" for what, n in self.skipped.most_common())
            lines.append(f"skipped {self.skipped.total():,} ({parts})")
        if self.counts.set_aside:
            lines.append(f"what was set aside, and why: {self.into / 'rejects.jsonl'}")
        rate = self.counts.read / self.seconds if self.seconds > 0 else 0.0
        lines.append(f"{self.seconds:.1f} s, {rate:,.0f} records/s")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same figures for ``--json``."""
        return {
            "corpus": str(self.into),
            "added": self.counts.added,
            "changed": self.counts.changed,
            "unchanged": self.counts.unchanged,
            "deleted": self.counts.deleted,
            "set_aside": dict(self.counts.set_aside),
            "skipped": dict(self.skipped),
            "seconds": round(self.seconds, 3),
        }


def ingest(readings: Iterator[Reading], into: Path, what: str, limit: int | None = None) -> Outcome:
    """Write `readings` to the corpus at `into`; `limit` ends the job after that many documents.

    The first reading is taken before the corpus is touched: a source that cannot be read at all leaves nothing behind.
    Raises what the source raises, and CorpusError if `into` cannot be written.
    """
    first = next(readings, None)
    outcome = Outcome(into)
    with CorpusWriter(into) as writer, Progress(what, "records") as progress:
        outcome.counts = writer.counts
        documents = 0
        reading = first
        while reading is not None and (limit is None or documents < limit):
            documents += _keep(reading, writer, outcome)
            progress.advance(share=reading.share)
            reading = next(readings, None)
    outcome.seconds = progress.seconds
    return outcome


def _keep(reading: Reading, writer: CorpusWriter, outcome: Outcome) -> bool:
    """File one reading; true where it was a document."""
    match reading.record:
        case SetAside(where, reason, excerpt):
            writer.set_aside(where, reason, excerpt)
        case Skipped(_, kind):
            outcome.skipped[kind] += 1
        case Deleted(_, doc_id):
            writer.delete(doc_id)
        case document:
            writer.add(document, reading.where)
            return True
    return False
