"""What does a searcher tell those after it of the index that it serves?

A process that is started again beside others must answer from what they answer from: the same generation, also where its manifest
is torn or gone by now, without the files that were found damaged.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a supervisor, which reads the names alone, loads no index
    from authority.remembered import Memory
    from indexer.manifest import Manifest

GENERATION = "generation"
"""Name of the manifest in a memory."""
WITHDRAWN = "withdrawn"
"""Name of the damaged files in a memory."""


class Served:
    """Of one searcher; without a memory nothing is kept."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory
        self._manifest: Manifest | None = None
        self._withdrawn: frozenset[Path] = frozenset()

    @property
    def manifest(self) -> Manifest | None:
        """Of the generation that those before this one served; None where that is not known."""
        from indexer.manifest import Manifest

        found = self._memory.recall(GENERATION) if self._memory else None
        return found if isinstance(found, Manifest) else None

    @property
    def withdrawn(self) -> frozenset[Path]:
        """The files that they found damaged."""
        found = self._memory.recall(WITHDRAWN) if self._memory else None
        return found if isinstance(found, frozenset) else frozenset()

    def keep(self, manifest: Manifest | None, withdrawn: frozenset[Path]) -> None:
        """This is served now; None says nothing of the generation."""
        if self._memory is None:
            return
        if manifest and manifest is not self._manifest:
            self._memory.keep(GENERATION, manifest)
            self._manifest = manifest
        if withdrawn != self._withdrawn:
            self._memory.keep(WITHDRAWN, withdrawn)
            self._withdrawn = withdrawn
