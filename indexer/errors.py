"""What can go wrong between a Document and an Index, and what to do about it.

IndexerError
├── CorpusError          a corpus directory or shard cannot be read or written
├── EncoderError         no encoder of that name, or its weights are missing or not the pinned ones
│   └── EncoderMismatch  the query encoder is not the one the vectors were built with
├── DeviceError          no such card, or FAISS was built without what is asked of it
├── SelectionError       what is to be deleted is named by nothing, or by what no document could fit
├── BuildError           an index cannot be built from what was given
├── RepairError          a repair would lose documents or deletions
└── IndexOpenError       a directory does not open as an index
    ├── NotAnIndex       no generation was ever committed there
    ├── NoSuchGeneration the generation of that number or time is not on disk
    ├── ManifestError    the manifest is torn, of another analyzer, or names files that are not there
    │   └── NewerFormat  the index was written by a newer release
    └── ChecksumError    a file is not what the manifest says

Messages are one line, name the offending value, and end with the way out. The command line prints them as they are and
exits with ``exit_code``: 2 where the call was wrong, 1 where the work failed.
"""


class IndexerError(Exception):
    """Root of this room's errors."""

    exit_code = 1


class CorpusError(IndexerError):
    """Raised by indexer.corpus; point the command at a corpus directory, or write to another one."""


class EncoderError(IndexerError):
    """Raised by indexer.encoders; the message names the package or path that would help."""


class EncoderMismatch(EncoderError):
    """Raised when an index is searched; rebuild the dense part or pass the encoder it names."""


class DeviceError(IndexerError):
    """Raised by indexer.dense.device; use the CPU, or install the extra that the message names."""

    exit_code = 2


class SelectionError(IndexerError):
    """Raised by `indexer delete`; nothing was deleted, and the message says what may be given."""

    exit_code = 2


class BuildError(IndexerError):
    """Raised by indexer.build; nothing was committed and the previous generation is untouched."""


class RepairError(IndexerError):
    """Raised by indexer.repair; nothing was changed, and the message says what would be lost."""


class IndexOpenError(IndexerError):
    """Raised by indexer.generation; see the subclasses."""


class NotAnIndex(IndexOpenError):
    """Raised when the directory holds no committed generation; run `indexer build`."""


class NoSuchGeneration(IndexOpenError):
    """Raised by indexer.history; the message says which generations there are."""

    exit_code = 2


class ManifestError(IndexOpenError):
    """Raised when the manifest cannot be trusted; restore the file or rebuild."""


class NewerFormat(ManifestError):
    """Raised when the layout on disk is newer than this release knows; nothing writes to such an index, not even by force."""


class ChecksumError(IndexOpenError):
    """Raised by `indexer verify`, and by writers that would build on such a file; the message names it."""
