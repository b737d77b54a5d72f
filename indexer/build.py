"""How do corpora become a generation?

Documents are read once into one segment; its passages are encoded, through the cache; then one commit makes both visible. A build
that was killed starts again where it can: a finished segment is kept, and every vector that was cached is not encoded again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.analysis import ANALYZER
from indexer.by_collection import segments_of
from indexer.dense.index import DenseIndex
from indexer.dense.layout import Layout, choose_layout
from indexer.dense.writing import lay_out, new_rows, write_rows
from indexer.durable import sync_directory, sync_tree
from indexer.encoders import Encoder, Vectors
from indexer.encoders.vector_cache import CachedEncoder
from indexer.errors import BuildError, ManifestError, NewerFormat, NotAnIndex
from indexer.generation import commit, current, manifest_path, next_number, read_manifest, utc_now, writer_lock
from indexer.grounds import ENCODED, VECTORS, require_sound
from indexer.languages import detector
from indexer.manifest import FORMAT, Manifest, SegmentEntry
from indexer.mix import Mix
from indexer.passages import LONGEST, TARGET, WHOLE
from indexer.progress import Progress
from indexer.segment import FileSum, Segment, read_sums, sums, vectors_folder
from indexer.shards import DAMAGED, MISSING, TRUNCATED, corpus_fingerprint, shard_paths
from indexer.shares import shares_of
from indexer.writing import Part, nothing_left_behind, write_segments


@dataclass(slots=True)
class BuildReport:
    """What a build did."""

    manifest: Manifest
    fresh: bool = True
    """False if the index was up to date and nothing was done."""
    resumed: bool = False
    """True if a segment finished by an earlier, interrupted build was used."""
    set_aside: Counter[str] = field(default_factory=Counter)
    """Records that could not be indexed, by reason."""
    lexical_seconds: float = 0.0
    encode_seconds: float = 0.0
    cached_vectors: int = 0
    """Vectors that came from the cache."""
    dropped_encoder: str = ""
    """Name of the encoder whose vectors the previous generation had and this one has not."""


def build(
    corpora: Sequence[Path],
    index: Path,
    encoder: Encoder | None,
    *,
    force: bool = False,
    limit: int | None = None,
    segments: int = 1,
    salvage: bool = False,
    mix: Mix = "small",
    layout: Layout | None = None,
    languages: str = "",
) -> BuildReport:
    """Index every document of `corpora` (the first `limit`, if given) and commit; without `encoder` the index is lexical only.

    `mix` says which collections share segments. Several `segments` of each are written by as many processes; scores depend on
    neither. `salvage` goes on where shards of a corpus are damaged or missing; what comes of that is never up to date.
    `layout` is that of the vectors, None by the size of each segment. `languages` names what tells the language of documents that
    say none (`languages.DETECTOR`). The index directory keeps its last generation whatever happens before the commit.
    Raises BuildError if there is nothing to index.
    """
    for corpus in corpora:
        if not shard_paths(corpus):
            what = "holds no documents" if corpus.is_dir() else "does not exist"
            raise BuildError(f"corpus {corpus} {what}; fill it with `stepwell crawler`")
    detector(languages)  # where it is not installed, nothing begins
    source = _source(corpora, limit, segments, mix, languages)
    with writer_lock(index, new=True):
        before, aside = _current_or_none(index, force)
        known = before if before and before.source == source and not force else None
        if known and (encoder is None or encoder.fingerprint == known.encoder_fingerprint):
            return lay_out_anew(index, known, layout if encoder else None)
        number = (before.number if before else 0) + 1
        names = [f"{'salvaged-' if salvage else ''}{source[:16]}-{number}-{i + 1}of{segments}" for i in range(segments)]
        for folder in (index / "segments" / name for name in names if salvage):
            shutil.rmtree(folder, ignore_errors=True)  # of an interrupted one, which may have read less
        parts = [
            Part(index / "segments" / name, tuple(corpora), i, segments, limit, salvage, mix, languages)
            for i, name in enumerate(names)
        ]
        report = BuildReport(replace(draft_of(number, source), languages=languages))
        entries = known.segments if known else _index_documents(parts, report)  # known: only the vectors are new
        report.dropped_encoder = before.encoder if before and encoder is None else ""
        draft = replace(report.manifest, segments=entries)
        if any(report.set_aside[reason] for reason in (MISSING, DAMAGED, TRUNCATED)):
            draft = replace(draft, source="salvaged")  # equal to no corpus: the next build is not up to date
        whole = draft if encoder is None else add_vectors(index, draft, encoder, report, layout)
        report.manifest = commit(index, whole, aside)
        return report


def encode(index: Path, encoder: Encoder, layout: Layout | None = None) -> BuildReport:
    """Add vectors to the current generation and commit. Resumable: what was encoded before a kill comes from the cache.

    Where the vectors are there but not in the `layout` asked for, they are laid out anew.
    """
    with writer_lock(index):
        before = current(index)
        report = BuildReport(before)
        draft = replace(before, number=before.number + 1, created=utc_now())
        if before.encoder_fingerprint != encoder.fingerprint:
            draft = add_vectors(index, draft, encoder, report, layout)
            report.manifest = commit(index, draft)
            return report
        return lay_out_anew(index, before, layout)


def lay_out_anew(index: Path, before: Manifest, layout: Layout | None) -> BuildReport:
    """Commit the generation with its vectors in this layout; nothing is done where they are, or where none is asked for."""
    if not layout or all(entry.layout == choose_layout(entry.passages, layout) for entry in before.segments):
        return BuildReport(before, fresh=False)
    segments = tuple(_laid_out(index, entry, before, layout) for entry in before.segments)
    return BuildReport(commit(index, replace(before, number=before.number + 1, created=utc_now(), segments=segments)))


def _laid_out(index: Path, entry: SegmentEntry, manifest: Manifest, layout: Layout) -> SegmentEntry:
    """The segment with its vectors in another layout."""
    if entry.layout == choose_layout(entry.passages, layout):
        return entry
    require_sound(index, [entry], VECTORS)
    dense = DenseIndex.open(index / "segments" / entry.name / entry.vectors, entry.layout)
    return with_vectors(index, entry, manifest.encoder_fingerprint, dense.blocks(), manifest.dim, layout)


def draft_of(number: int, source: str) -> Manifest:
    """A generation without segments."""
    return Manifest(number, utc_now(), source, ANALYZER, "", "", 0, ())


def _current_or_none(index: Path, force: bool) -> tuple[Manifest | None, list[Path]]:
    """The last generation, if there is one, and the manifests to put aside after the commit.

    Over one that does not open, a generation without segments stands for it, by force only; its manifest is put aside if it
    cannot be read. Nothing is touched before the commit: the build may fail, and what is there may be all there is.
    """
    try:
        return current(index), []
    except NotAnIndex:
        return None, []
    except NewerFormat:
        raise
    except ManifestError as error:
        if not force:
            raise BuildError(f"{error}; --force builds a new generation over it") from None
        number = next_number(index) - 1
        newest = manifest_path(index, number)
        return draft_of(number, "unreadable"), [newest] if _torn(newest) else []


def _torn(manifest: Path) -> bool:
    try:
        read_manifest(manifest)
    except (ManifestError, FileNotFoundError):
        return True
    return False


def _index_documents(parts: Sequence[Part], report: BuildReport) -> tuple[SegmentEntry, ...]:
    """Write the segments, or take those that an interrupted build finished."""
    report.resumed = any(part.folder.is_dir() for part in parts)
    with Progress("indexing", "documents", parts[0].limit) as progress:
        written = write_segments(parts, progress)
    report.lexical_seconds = progress.seconds
    report.set_aside = written.set_aside
    entries = [entry_of(folder) for part in parts for folder in segments_of(part.folder)]
    if not entries:
        raise BuildError("not one document could be read from the corpora; crawl them again")
    return tuple(entries)


def entry_of(folder: Path, added: Mapping[str, str] | str = "") -> SegmentEntry:
    """A finished segment as a manifest names it, without vectors; `added` is when its documents were indexed, by default now."""
    with closing(Segment.open(folder)) as segment:
        sizes = segment.columns.documents, len(segment.passages)
        shares = shares_of(segment, None, added or utc_now())
    return SegmentEntry(folder.name, *sizes, "", "", 0, 0, read_sums(folder), shares=shares)


def add_vectors(index: Path, manifest: Manifest, encoder: Encoder, report: BuildReport, layout: Layout | None = None) -> Manifest:
    """Make the vectors of every segment that lacks this encoder's; returns the manifest that names them.

    `layout` None leaves it to the size of each segment.
    """
    cached, fresh = CachedEncoder(encoder), f"vectors-{encoder.fingerprint[:16]}"
    missing = [entry for entry in manifest.segments if not entry.vectors.startswith(fresh)]
    require_sound(index, missing, ENCODED)
    made: dict[str, SegmentEntry] = {}
    with ExitStack() as stack:
        works = []
        with Progress("looking vectors up", "passages", sum(entry.passages for entry in missing)) as progress:
            for entry in missing:
                chosen = choose_layout(entry.passages, layout)
                folder = index / "segments" / entry.name / vectors_folder(encoder.fingerprint, chosen)
                beside = stack.enter_context(_beside(folder))
                segment = stack.enter_context(closing(Segment.open(folder.parent)))
                rows = new_rows(beside, entry.passages, encoder.dim)
                works.append((entry, chosen, folder, cached.look_up(segment.texts(), rows, progress.advance)))
        looking = progress.seconds
        characters = sum(work.characters for *_, work in works)
        with Progress("encoding", "passages", sum(work.left for *_, work in works)) as progress:
            encoded = 0

            def on_progress(count: int, more: int) -> None:
                nonlocal encoded
                encoded += more
                progress.advance(count, encoded / max(characters, 1))

            for entry, chosen, folder, work in works:
                work.finish(on_progress)
                report.cached_vectors += work.hits
                made[entry.name] = replace(_put(folder, entry, chosen), precision=encoder.precision)
    report.encode_seconds = looking + progress.seconds
    return replace(
        manifest,
        segments=tuple(made.get(entry.name, entry) for entry in manifest.segments),
        encoder=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dim=encoder.dim,
    )


def with_vectors(
    index: Path, entry: SegmentEntry, fingerprint: str, blocks: Iterable[Vectors], dim: int, layout: Layout | None = None
) -> SegmentEntry:
    """Write a segment's vectors, which come in blocks (n, dim) in passage order."""
    chosen = choose_layout(entry.passages, layout)
    folder = index / "segments" / entry.name / vectors_folder(fingerprint, chosen)
    with _beside(folder) as beside:
        write_rows(beside, blocks, entry.passages, dim)
        return _put(folder, entry, chosen)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """An empty folder to write in, which `_put` renames to `folder`; nothing is left of it if that does not happen."""
    beside = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    with nothing_left_behind(folder):
        beside.mkdir()
        yield beside


def _put(folder: Path, entry: SegmentEntry, layout: Layout) -> SegmentEntry:
    """Lay out the rows that lie beside `folder`, and put them there.

    A folder of that name may be mapped by a reader of an older generation: it is replaced, never written to.
    """
    beside = folder.with_name(folder.name + ".tmp")
    lay_out(beside, layout)
    sync_tree(beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    sync_directory(folder.parent)
    made = {f"{folder.name}/{file}": s for file, s in sums(folder).items()}
    return replace(entry, vectors=folder.name, layout=layout, files=_without_vectors(entry.files) | made)


def _without_vectors(files: dict[str, FileSum]) -> dict[str, FileSum]:
    return {name: file for name, file in files.items() if not name.startswith("vectors-")}


def _source(corpora: Sequence[Path], limit: int | None, segments: int, mix: Mix, languages: str) -> str:
    settings = (corpus_fingerprint(list(corpora)), limit, segments, mix, languages, ANALYZER, FORMAT, WHOLE, TARGET, LONGEST)
    return hashlib.sha256(repr(settings).encode()).hexdigest()
