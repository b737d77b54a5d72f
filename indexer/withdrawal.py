"""What is not to be searched although the manifest names it?

A file was found damaged while its index was served. Its segment is left out, and every answer says so; where nothing else would
be left, the newest earlier generation without a damaged file is taken. A withdrawal ends with the damage: when a newer
generation is there, files that it still names are looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from indexer.errors import IndexOpenError, ManifestError
from indexer.generation import file_error, files_of, manifest_paths, readable
from indexer.index import Index
from indexer.manifest import Manifest


class Withdrawals:
    """The damaged files of one index, as its server came to know of them; for one thread at a time."""

    def __init__(self, index: Path, wanted: Callable[[Path], Manifest], device: str = "cpu") -> None:
        """`wanted` finds the generation that is to be served, `device` is where its vectors are searched."""
        self._index, self._wanted, self._device = index, wanted, device
        self._files: set[Path] = set()
        self.named: Manifest | None = None
        """The whole of the generation that was opened last, or was to be where another one stands in for it."""

    @property
    def files(self) -> frozenset[Path]:
        """Those that are damaged, as far as is known."""
        return frozenset(self._files)

    def add(self, path: Path) -> None:
        """This file is damaged."""
        self._files.add(path)

    def open(self, wanted: Callable[[Path], Manifest] | None = None, lost: bool = False) -> tuple[Index, tuple[str, ...]]:
        """What may be searched, and what a caller must be told of it. Raises IndexOpenError if nothing is left.

        `wanted` finds another generation than the one that is to be served; its manifest may be `lost`.
        """
        wanted = wanted or self._wanted
        manifest = self.named = wanted(self._index)
        self._forget_what_is_sound(manifest)
        bad = self._segments_of(manifest)
        if not bad:
            return Index.open(self._index, wanted=wanted, device=self._device, lost=lost), ()
        names = {path.relative_to(self._index / "segments").parts[0]: path.name for path in sorted(self._files)}
        told = tuple(f"segment {name} is withdrawn: its file {names[name]} is damaged" for name in sorted(bad))
        if len(bad) < len(manifest.segments):
            return Index.open(self._index, wanted=wanted, without=bad, device=self._device, lost=lost), told
        for path in reversed(manifest_paths(self._index)):
            try:
                earlier = readable(self._index, path)
            except (ManifestError, FileNotFoundError):  # the latter: a writer has deleted it since
                continue
            if earlier.number < manifest.number and not self._segments_of(earlier):
                index = Index.open(self._index, wanted=_exactly(path), device=self._device)
                return index, (*told, f"generation {manifest.number} is withdrawn: generation {earlier.number} answers")
        raise IndexOpenError(f"{told[0]} and nothing else is left; run: stepwell indexer repair --index {self._index}")

    def sound(self) -> Iterator[Index]:
        """Each generation that opens and reads no damaged file, newest first, whatever is wrong with the others."""
        for path in reversed(manifest_paths(self._index)):
            with suppress(IndexOpenError, OSError):
                if not self._segments_of(readable(self._index, path)):
                    yield Index.open(self._index, wanted=_exactly(path), device=self._device)

    def _segments_of(self, manifest: Manifest) -> frozenset[str]:
        """The segments of a generation that read a damaged file."""
        return frozenset(
            path.relative_to(self._index / "segments").parts[0]
            for path, _ in files_of(self._index, manifest)
            if path in self._files
        )

    def _forget_what_is_sound(self, manifest: Manifest) -> None:
        expected = {path: what for path, what in files_of(self._index, manifest) if path in self._files}
        self._files -= {path for path, what in expected.items() if file_error(path, what) is None}


def _exactly(manifest: Path) -> Callable[[Path], Manifest]:
    return lambda index: readable(index, manifest)
