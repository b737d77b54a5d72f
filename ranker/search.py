"""Query -> Ranking: the read path.

    parse -> retrieve (BM25 || dense) -> one log-odds score -> collapse to documents -> settle near ties -> passages, reasons

A Searcher pins a snapshot, an authority table and a calibration together, and swaps all three at once on `reload`; searches under
way finish on what they started with.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from os import PathLike
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np

from authority.in_force import InForce, Judgement
from authority.remembered import Memory
from indexer.dense.device import cards
from indexer.encoders import Encoder, Vectors, load_encoder
from indexer.encoders.query_cache import RecentQueries
from indexer.errors import EncoderMismatch, IndexerError, IndexOpenError
from indexer.generation import current
from indexer.history import as_of as in_time
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.withdrawal import Withdrawals
from ranker.addresses import spellings
from ranker.batch import Batch, Retrieved
from ranker.citations import Citations, read_citations
from ranker.complete import complete
from ranker.cross import Reader
from ranker.errors import QueryError, RankerError
from ranker.own_calibration import OwnCalibration
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.rank import rank
from ranker.ranking import DELTA, Failure, Fetched, Outcome, Status
from ranker.relevance import Calibration, choose
from ranker.retrieve import Candidates, retrieve
from ranker.served import Served
from ranker.steps import Steps, cut, finished, step_of
from ranker.stopwatch import Stopwatch
from ranker.trust import OFF, Trusted
from ranker.wordings import groups_of

REPAIR = "run: stepwell indexer repair"
"""What makes damaged files whole."""
PAST = 4
"""Earlier snapshots that are kept open for those who ask as of a date."""


class Searcher:
    """Searches one index; thread-safe; a context manager."""

    def __init__(
        self,
        path: Path,
        authority: str | PathLike[str] | None,
        encoder: Encoder | None,
        calibration: PathLike[str] | None,
        policies: Sequence[str | PathLike[str]] = (),
        wanted: Callable[[Path], Manifest] = current,
        delta: float | None = None,
        device: str = "cpu",
        reader: Reader | None = None,
        citations: Citations | None = None,
        memory: Memory | None = None,
    ) -> None:
        if delta is not None and not 0 <= delta <= DELTA:
            raise QueryError(f"delta is {delta:g}, it must lie in 0..{DELTA}: more would let trust overrule relevance")
        self._delta, self._reader, self._citations = delta, reader, citations
        self._wanted, self._withdrawals, self._device = wanted, Withdrawals(path, wanted, device), device
        self._path, self._authority = path, os.fspath(authority) if authority is not None else None
        self._in_force = InForce(self._authority, [os.fspath(policy) for policy in policies], memory)
        self._served, self._remembers = Served(memory), memory is not None
        for file in self._served.withdrawn:
            self._withdrawals.add(file)
        self._troubles: tuple[str, ...] = ()
        self._encoder = RecentQueries(encoder) if encoder else None
        self._own = OwnCalibration(Path(calibration), memory) if calibration else None
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="retrieve")
        self._reloading = Lock()
        self._pinned = self._pin(None)
        self._past: dict[str, tuple[Pinned, Pinned]] = {}

    @classmethod
    def open(
        cls,
        index: str | PathLike[str],
        *,
        authority: str | PathLike[str] | None = None,
        encoder: Encoder | str | None = None,
        calibration: PathLike[str] | None = None,
        policies: Sequence[str | PathLike[str]] = (),
        as_of: str = "",
        delta: float | None = None,
        device: str = "cpu",
        cross_encoder: PathLike[str] | None = None,
        citations: PathLike[str] | None = None,
        memory: Memory | None = None,
    ) -> Self:
        """Open the last committed generation, or the one that was current at the date or time `as_of` (ISO 8601, UTC).

        `authority` is a table file, ``shipped``, ``sample`` or ``off``; None means the user's table, else the shipped one.
        `policies` are files, or names of shipped ones, that mark or block sources; none by default.
        `encoder`, or its name, must be the one the vectors were built with; by default it is loaded by the name in the manifest.
        `delta` is what full authority adds, in log-odds, 0 to 0.2; by default what the calibration's evidence allows.
        `device` ``cuda`` puts the vectors on every card and the encoder on the first, ``cuda:1`` both on that one.
        `cross_encoder` is the folder of a model with its calibration, for queries that ask to `rerank`; none by default.
        `citations` is a file of counts, for queries that ask for `impact`; none by default.
        With a `memory`, as servers have one, it also opens while the newest generation, the table, profiles, policies or the
        calibration cannot be read: what was last good is in force then, and `troubles` says so.
        Raises IndexOpenError, DeviceError, EncoderError, AuthorityError, CalibrationError, EvaluationError, with the way out.
        """
        cards(device)  # before an encoder is loaded for nothing
        chosen = load_encoder(encoder, device) if isinstance(encoder, str) else encoder
        reader = Reader.open(Path(cross_encoder), device) if cross_encoder else None
        wanted = in_time(as_of) if as_of else current
        counts = read_citations(Path(citations)) if citations else None
        return cls(Path(index), authority, chosen, calibration, policies, wanted, delta, device, reader, counts, memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop the threads and close the snapshot."""
        self._pool.shutdown()
        self._pinned.index.close()

    def search(self, queries: Sequence[Query | str], pinned: Pinned | None = None, until: float = float("inf")) -> list[Outcome]:
        """One outcome per query, in input order; a query that cannot be answered is a Failure and harms no other.

        Queries that share a `fuse` label are answered with one ranking of all of them; its coverage says which of them failed.
        `pinned` is what to answer from, by default what is in force: a caller that searches in several steps takes it once.
        `until` is when time.monotonic() finds nobody waiting any more: a cross-encoder stops reading then.
        """
        pinned = pinned or self._pinned
        (retrieved,) = self.retrieved([queries], pinned)
        return self.ranked(retrieved, pinned, until)

    def retrieved(self, batches: Sequence[Sequence[Query | str]], pinned: Pinned) -> list[Retrieved]:
        """The first half of `search`, for several batches at once: their candidates. No label of `fuse` may be in two of them."""
        return finished(self.retrieving(batches, pinned))

    def retrieving(self, batches: Sequence[Sequence[Query | str]], pinned: Pinned) -> Steps[list[Retrieved]]:
        """The same in steps, between which whoever asks may turn to something else."""
        watch = Stopwatch()
        checked = [Batch.of(queries, pinned) for queries in batches]
        asked = [query for batch in checked for query in batch.asked.values()]
        found = iter((yield from self._proposed(asked, pinned, watch)) if asked else ())
        return [Retrieved(batch, list(islice(found, len(batch.asked))), watch.stages) for batch in checked]

    def ranked(self, retrieved: Retrieved, pinned: Pinned, until: float = float("inf")) -> list[Outcome]:
        """The second half of `search`, of one batch, for the same `pinned`."""
        batch, watch = retrieved.batch, Stopwatch(retrieved.stages)
        outcomes: dict[int, Outcome] = dict(batch.failures)
        asked = list(batch.asked.values())
        fused = {
            label: rank(
                [asked[p] for p in places], [retrieved.found[p] for p in places], pinned, watch, batch.notes.get(label, []), until
            )
            for label, places in groups_of(asked).items()
        }
        for (place, query), candidates in zip(batch.asked.items(), retrieved.found, strict=True):
            outcomes[place] = fused[query.fuse] if query.fuse else rank([query], [candidates], pinned, watch, until=until)
        return [outcomes[place] for place in range(len(outcomes))]

    def candidates(
        self, queries: Sequence[Query], pinned: Pinned | None = None, watch: Stopwatch | None = None
    ) -> list[Candidates]:
        """What both retrievers propose, features completed: everything before a score."""
        return finished(self._proposed(queries, pinned or self._pinned, watch or Stopwatch()))

    def _proposed(self, queries: Sequence[Query], pinned: Pinned, watch: Stopwatch) -> Steps[list[Candidates]]:
        vectors: list[Vectors] = []
        encoder, step = pinned.encoder, step_of(queries)
        for rows in cut(range(len(queries)), step):
            if encoder is None:
                break
            words = [queries[i].words for i in rows]
            meant = np.array([[bool(text)] for text in words], np.float32)  # operators alone point nowhere
            vectors.append(encoder.encode(words, "query") * meant)
            watch.lap("encode")
            yield
            watch.skip()
        known = np.concatenate(vectors) if vectors else None
        model, blocked = pinned.calibration, pinned.trusted.blocked
        found = yield from retrieve(queries, known, pinned.index, model.k1, model.b, self._pool, pinned.depth, blocked, watch)
        completed = complete(queries, found, known, pinned.index, model)
        watch.lap("features")
        return completed

    def fetch(self, targets: Sequence[str], pinned: Pinned | None = None) -> list[Fetched | Failure]:
        """Whole documents by id or URL, in input order; `pinned` as in `search`. A URL may be any of its `spellings`."""
        if isinstance(targets, str):
            raise QueryError("fetch takes a list of ids or URLs; put the one in brackets")
        pinned = pinned or self._pinned
        return [_fetch(target, pinned) for target in targets]

    @property
    def authority(self) -> str | None:
        """Which table was asked for: a file, ``shipped``, ``sample`` or ``off``; None for the user's, else the shipped one."""
        return self._authority

    @property
    def path(self) -> Path:
        """Where the index lies."""
        return self._path

    @property
    def pinned(self) -> Pinned:
        """The snapshot, table and calibration in force."""
        return self._pinned

    def at(self, moment: str) -> Pinned:
        """What is in force, but with the snapshot that was current at a date (its last second) or time, ISO 8601, UTC.

        A few are kept open. Raises NoSuchGeneration where the index does not go back so far, else what `open` raises.
        """
        wanted = in_time(moment)
        name = wanted(self._path).snapshot
        with self._reloading:
            now = self._pinned
            if name == now.index.manifest.snapshot:
                return now
            known = self._past.pop(name, None)
            if known is None or known[0] is not now:
                known = now, self._earlier(wanted, now)
            self._past[name] = known
            while len(self._past) > PAST:
                self._past.pop(next(iter(self._past)))
            return known[1]

    def _earlier(self, wanted: Callable[[Path], Manifest], now: Pinned) -> Pinned:
        index, missing = self._withdrawals.open(wanted)
        encoder = self._encoder_for(index, now)
        chosen, coverage = choose(encoder.fingerprint if encoder else "")
        if self._own:
            chosen, coverage = now.calibration, ()
        trusted = now.trusted.on(index)
        told, width, newest = (*missing, *coverage), self._width(chosen), index.manifest.snapshot
        return Pinned(index, trusted, chosen, encoder, width, told, missing, newest, "", self._reader, self._citations)

    def _width(self, calibration: Calibration) -> float:
        """What full authority adds: as the evidence allows, unless whoever opened the index said otherwise."""
        return calibration.delta if self._delta is None else self._delta

    @property
    def troubles(self) -> tuple[str, ...]:
        """What on disk could not be taken up at the last look, in words; what it replaces stays in force."""
        return self._troubles

    @property
    def status(self) -> Status:
        """What is being served now."""
        p, manifest = self._pinned, self._pinned.index.manifest
        encoder = p.encoder.name if p.encoder else ""
        return Status(manifest.snapshot, p.trusted.version, encoder, p.calibration.version, manifest.documents, manifest.passages)

    def reload(self) -> tuple[str, ...]:
        """Pick up a newer generation or an edited table; what changed in words. `troubles` says what could not be taken up."""
        with self._reloading:
            before, now = self._pinned, self._pin(self._pinned)
            if now is before:
                return ()
            self._pinned = now
        changes = []
        if now.index is not before.index:
            changes.append(f"snapshot {before.index.manifest.snapshot} -> {now.index.manifest.snapshot}")
        if now.trusted.version != before.trusted.version:
            changes.append(f"authority {before.trusted.version} -> {now.trusted.version}")
        if now.trusted.profiles != before.trusted.profiles:
            changes.append(f"profiles {', '.join(now.trusted.profiles)}")
        if now.calibration.version != before.calibration.version:
            changes.append(f"calibration {before.calibration.version} -> {now.calibration.version}")
        if now.trusted.policy.version != before.trusted.policy.version:
            changes.append(f"policy {before.trusted.policy.version or OFF} -> {now.trusted.policy.version or OFF}")
        return tuple(changes)

    def withdraw(self, file: Path) -> None:
        """Search no longer what reads this file of the index, because it is damaged; answers say so, until it is repaired.

        Where nothing sound is left, every query fails with UNAVAILABLE: no answer is better than a wrong one.
        """
        with self._reloading:
            self._withdrawals.add(file)
            try:
                self._pinned = self._pin(self._pinned, same_index=False)
            except IndexOpenError as error:
                self._pinned = replace(self._pinned, refused=str(error))
                self._served.keep(None, self._withdrawals.files)
                self._troubles = (*self._troubles, str(error))

    def _pin(self, before: Pinned | None, same_index: bool = True) -> Pinned:
        """The state on disk; `before` itself if that has not changed and may be the `same_index`."""
        judged, own = self._in_force.look(), self._own.look() if self._own else None
        troubles = (*judged.troubles, *filter(None, (self._own.trouble if self._own else "",)))
        try:
            pinned = self._newest(before if same_index else None, before, judged)
        except (IndexerError, RankerError, OSError) as error:
            if not same_index:
                raise
            pinned = before or self._instead_of_broken(judged, error)
            troubles += (f"the newest generation cannot be opened, {pinned.index.manifest.snapshot} answers: {error}",)
        if pinned is not before:
            named = self._withdrawals.named
            self._served.keep(named if named and named.snapshot == pinned.newest else None, self._withdrawals.files)
        withdrawn = (pinned.refused,) if pinned.refused else tuple(f"{what}; {REPAIR}" for what in pinned.missing)
        self._troubles = (*troubles, *withdrawn)
        if own and own.version != pinned.calibration.version:
            pinned = replace(pinned, calibration=own, delta=self._width(own))
        if pinned.trusted.judges_by(judged.table, judged.profiles, judged.policy):
            return pinned
        return replace(pinned, trusted=Trusted(pinned.index, judged.table, judged.profiles, judged.policy))

    def _newest(self, usable: Pinned | None, before: Pinned | None, judged: Judgement) -> Pinned:
        """The generation that is to be served; what is `usable` if it is that one already."""
        newest = self._wanted(self._path).snapshot
        if usable and newest == usable.newest:
            return usable
        return self._made(*self._withdrawals.open(), newest, before, judged)

    def _instead_of_broken(self, judged: Judgement, error: Exception) -> Pinned:
        """What the processes before this one serve, although its manifest may be torn or gone by now; else the newest that opens.

        Where the former cannot be opened it is an error: two that answer beside each other must not answer from different ones.
        """
        if not self._remembers:
            raise error
        if manifest := self._served.manifest:
            try:
                index, missing = self._withdrawals.open(lambda _: manifest, lost=True)
                return self._made(index, missing, manifest.snapshot, None, judged)
            except (IndexerError, RankerError, OSError) as why:
                raise IndexOpenError(f"generation {manifest.snapshot}, which is being served, cannot be opened: {why}") from None
        for index in self._withdrawals.sound():
            with suppress(IndexerError, RankerError):
                return self._made(index, (), index.manifest.snapshot, None, judged)
        raise error

    def _made(self, index: Index, missing: tuple[str, ...], newest: str, before: Pinned | None, judged: Judgement) -> Pinned:
        encoder = self._encoder_for(index, before)
        chosen, coverage = choose(encoder.fingerprint if encoder else "")
        if self._own:
            chosen, coverage = self._own.look(), ()
        trusted = Trusted(index, judged.table, judged.profiles, judged.policy)
        told, width = (*missing, *coverage), self._width(chosen)
        return Pinned(index, trusted, chosen, encoder, width, told, missing, newest, "", self._reader, self._citations)

    def _encoder_for(self, index: Index, before: Pinned | None) -> Encoder | None:
        if not index.has_vectors:
            if self._encoder:
                raise EncoderMismatch(f"index {self._path} has no vectors; run: stepwell indexer encode --index {self._path}")
            return None
        fingerprint, name = index.manifest.encoder_fingerprint, index.manifest.encoder
        encoder = self._encoder or (before.encoder if before else None)
        if encoder is None or (encoder.fingerprint != fingerprint and not self._encoder):
            encoder = RecentQueries(load_encoder(name, self._device))
        if encoder.fingerprint != fingerprint:
            raise EncoderMismatch(
                f"index {self._path} was encoded with {name} ({fingerprint[:8]}), the query encoder is {encoder.name} "
                f"({encoder.fingerprint[:8]}); give the first by --encoder and --weights, or run: stepwell indexer encode"
            )
        return encoder


def _fetch(target: str, pinned: Pinned) -> Fetched | Failure:
    document = next(filter(None, map(pinned.index.find, (target, *spellings(target)))), None)
    if pinned.refused or (document is None and pinned.missing):
        return Failure(target, "UNAVAILABLE", pinned.refused or f"not in what is left of the index: {pinned.missing[0]}")
    if document is None:
        return Failure(
            target, "NOT_FOUND", f"no document with id or URL {target[:200]!r} in snapshot {pinned.index.manifest.snapshot}"
        )
    digest = sha256(document.text.encode()).hexdigest()
    return Fetched(document, pinned.trusted.of_document(document), digest, pinned.index.manifest.snapshot)
