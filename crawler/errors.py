"""What can go wrong between the world and a Document, and what to do about it.

CrawlerError
├── UsageError        the call was wrong: an unknown source, a path that is not there, a folder that is not one
├── ExtractionError   a page holds no text that could be taken from it
│   └── PdfRefused    a PDF that is encrypted, scanned, broken or beyond a limit; its reason can be counted
├── DecodeError       bytes that are not text in any encoding
├── AddressRefused    an address that may not be dialled (crawler.safety)
├── StartFailed       the page a crawl starts from could not be had (crawler.web.crawl)
├── FetchFailed       a URL gives no answer that can be used (crawler.harvest.fetch)
├── Busy              a server asks to be left alone for long, or keeps failing (crawler.harvest.patience)
├── HarvestFailed     a repository answers with an error (crawler.harvest.harvest)
│   └── TokenRefused  ... because it no longer knows its resumption token
├── BrokenState       harvest.json is not what a harvest wrote (crawler.harvest.state)
└── SourceError       a whole source cannot be read (single bad records are set aside instead)

Messages are one line, name the offending value, and end with the way out. The command line exits with ``exit_code``:
2 where the call was wrong, 1 where the work failed.
"""


class CrawlerError(Exception):
    """Root of this room's errors."""

    exit_code = 1


class UsageError(CrawlerError):
    """Raised by crawler.papers and crawler.files; correct the command."""

    exit_code = 2


class ExtractionError(CrawlerError):
    """Raised by crawler.extract; callers set the page aside with this reason and go on."""


class PdfRefused(ExtractionError):
    """Raised by crawler.pdf.pdf; callers set the file aside with `reason` and go on."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        """A short phrase that can be counted: ``encrypted PDF``."""


class DecodeError(CrawlerError):
    """Raised by crawler.decode; callers set the file aside with this reason and go on."""


class SourceError(CrawlerError):
    """Raised by paper sources before their first record; the message says what was expected at the path."""
