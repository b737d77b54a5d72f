"""Is every generation on disk still what was committed?

Not the newest alone: one that is held, or that a date or a rollback may ask for, is read as well. A file that several generations
share is read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ChecksumError, ManifestError
from indexer.generation import file_error, files_of, generations, manifest_path, verify
from indexer.locks import share
from indexer.manifest import Manifest
from indexer.progress import Progress
from indexer.segment import FileSum


@dataclass(frozen=True, slots=True)
class Damage:
    """One file that is not what was committed."""

    path: Path
    numbers: tuple[int, ...]
    """The generations that read it, newest first."""
    error: ChecksumError

    def __str__(self) -> str:
        named = ", ".join(map(str, self.numbers))
        return f"generation{'s' if len(self.numbers) > 1 else ''} {named}: {self.error}"


@contextmanager
def all_pinned(index: Path) -> Iterator[tuple[list[Manifest], dict[int, ManifestError]]]:
    """What `generations` finds, held while the block runs: a writer beside it deletes none of their files."""
    with ExitStack() as pins:
        while True:
            found, broken = generations(index)
            held = []
            for manifest in found:
                path = manifest_path(index, manifest.number)
                try:
                    pins.callback(share(path).close)
                except FileNotFoundError:
                    continue
                if path.exists():
                    held.append(manifest)
            if held[-1:] == found[-1:]:  # else newer ones were committed since
                break
        yield held, broken


@contextmanager
def naming_damage(index: Path, manifest: Manifest) -> Iterator[None]:
    """Where the block fails with what nobody expects, look whether a file of this generation is damaged: that is the error then.

    Panics of tantivy's are no `Exception`.
    """
    try:
        yield
    except BaseException as error:
        if not hasattr(error, "exit_code") and not isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            for _, found in verify(index, manifest):
                if found:
                    raise ChecksumError(f"{found}; run: stepwell indexer repair --index {index}") from error
        raise


def damaged_files(index: Path, manifests: Sequence[Manifest]) -> tuple[int, list[Damage]]:
    """Read every file of these generations (oldest first); returns how many there are and which are damaged."""
    readers: dict[tuple[Path, FileSum], list[int]] = {}
    for manifest in reversed(manifests):
        for file in files_of(index, manifest):
            readers.setdefault(file, []).append(manifest.number)
    found = []
    with Progress("verifying", "files", len(readers)) as progress:
        for (path, expected), numbers in readers.items():
            if error := file_error(path, expected):
                found.append(Damage(path, tuple(numbers), error))
            progress.advance()
    return len(readers), found
