"""How does an index take in what is new?

New and changed documents make more segments. What they replace, and what the corpora say is
withdrawn, is marked deleted where it lies. One commit makes all of it visible; readers keep their snapshot. Of an id that several
corpora have, the document of the first of them counts, as in a build; it is withdrawn when none of them has it any more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.build import BuildReport, entry_of
from indexer.by_collection import segments_of, write_by_collection
from indexer.changes import Changes, commit_changes, digest
from indexer.corpus import Record, deleted_ids, read_records
from indexer.corpus_ids import key_of
from indexer.deletion import Deletions
from indexer.encoders import Encoder
from indexer.errors import EncoderMismatch
from indexer.generation import writer_lock
from indexer.grounds import KNOWN, require_sound
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.mix import Mix
from indexer.progress import Progress
from indexer.shards import corpus_fingerprint
from indexer.store import content_of
from indexer.writing import nothing_left_behind


def add(corpora: Sequence[Path], index: Path, encoder: Encoder | None, mix: Mix = "small") -> Changes:
    """Index what is new or changed in `corpora`, delete what they say is withdrawn. Raises IndexOpenError (a
    ChecksumError where what is there is damaged) or EncoderMismatch.

    `mix` says which collections share a segment for what is new of them.
    """
    with writer_lock(index), Index.open(index) as reader:
        before = reader.manifest
        _check_encoder(before, encoder)
        require_sound(index, before.segments, KNOWN)
        changes = Changes(BuildReport(before, fresh=False))
        dead = Deletions(reader)
        name = digest(before.checksum, corpus_fingerprint(list(corpora)), mix)
        folder = index / "segments" / f"{name}-{before.number + 1}"
        changes.report.resumed = folder.is_dir()
        held: set[bytes] = set()
        _write(folder, _fresh_records(corpora, reader, dead, changes, held), mix, before.languages, changes)
        for doc_id in (doc_id for corpus in corpora for doc_id in deleted_ids(corpus)):
            if key_of(doc_id) not in held:
                changes.deleted += dead.mark(doc_id)
        if changes.added or changes.changed or changes.deleted:
            entries = [*dead.entries(index, before.number + 1), *map(entry_of, segments_of(folder))]
            commit_changes(index, before, entries, encoder, changes)
        return changes


def _write(folder: Path, records: Iterator[Record], mix: Mix, languages: str, changes: Changes) -> None:
    """Write the segments, unless an interrupted update finished them."""
    if folder.is_dir():
        for _ in records:  # what they replace is found on the way
            pass
        return
    with nothing_left_behind(folder):
        write_by_collection(folder, records, mix, lambda: None, changes.report.set_aside, languages)


def _fresh_records(
    corpora: Sequence[Path], reader: Index, dead: Deletions, changes: Changes, held: set[bytes]
) -> Iterator[Record]:
    """Documents that the snapshot lacks or has with other content; what they replace is marked deleted.

    `held` takes the key of every id that the corpora have; a document whose id is there already is set aside.
    """
    set_aside = changes.report.set_aside

    def note(where: str, reason: str, detail: str) -> None:
        print(f"set aside {where}: {reason} ({detail})", file=sys.stderr)
        set_aside[reason] += 1

    with Progress("comparing", "documents") as progress:
        for record in (r for corpus in corpora for r in read_records(corpus, note)):
            progress.advance()
            key = key_of(record.document.id)
            if key in held:
                set_aside["id already indexed"] += 1
                continue
            held.add(key)
            known = reader.locate(record.document.id)
            if known and known[2] == content_of(record.line):
                changes.unchanged += 1
                continue
            if known:
                dead.mark(record.document.id)
                changes.changed += 1
            else:
                changes.added += 1
                changes.again += reader.was_deleted(record.document.id)
            yield record


def _check_encoder(before: Manifest, encoder: Encoder | None) -> None:
    if before.encoder_fingerprint != (encoder.fingerprint if encoder else ""):
        raise EncoderMismatch(
            f"the index was encoded with {before.encoder or 'no encoder'}, the addition would be with "
            f"{encoder.name if encoder else 'none'}; use the first, or run: stepwell indexer encode"
        )
