"""How is a repository harvested over OAI-PMH, again and again, and nothing read twice without need?

Asks for `ListRecords`, follows resumption tokens, and keeps in harvest.json (harvest_state.py) where to go on after a kill, and
where the next harvest begins: on the day the last one did, in the repository's own time, so that what changed meanwhile is not
missed. Deleted records leave the corpus. One request at a time, three seconds apart, as arXiv asks; Retry-After is honoured
(patience.py). robots.txt speaks to crawlers of pages and is not asked: an OAI-PMH interface is there to be harvested.
<https://www.openarchives.org/OAI/openarchivesprotocol.html>, <https://info.arxiv.org/help/oa/index.html>.
"""

from __future__ import annotations

import argparse
import io
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from crawler.errors import CrawlerError, UsageError
from crawler.ingest import Outcome
from crawler.safety import SCHEMES, Reach, addresses_of

if TYPE_CHECKING:
    from crawler.harvest.fetch import Answer
    from crawler.harvest.patience import Patient
    from crawler.harvest.state import Harvest, State
    from crawler.reading import Reading
    from indexer.corpus import CorpusWriter
    from indexer.progress import Progress

DELAY = 3.0
"""Seconds between an answer and the next request: what arXiv asks for, and never less except on this machine."""
COMMIT_RECORDS = 5_000
"""Records after which the corpus is committed and the state saved; with COMMIT_SECONDS what a kill -9 costs at most."""
COMMIT_SECONDS = 60.0
RESTARTS = 3
"""How often a list is begun anew in one run because its token was refused."""

EXAMPLE = """examples:
  stepwell crawler harvest oai https://oaipmh.arxiv.org/oai --prefix arXiv --set cs --into corpus/arxiv --contact me@alder.example
  stepwell crawler harvest oai https://repository.example/oai --since 2026-01-01 --into corpus/theses --contact me@alder.example

Run the same command again to go on after a break, and to fetch what is new since the last time."""
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class HarvestFailed(CrawlerError):
    """Raised where a repository answers with an error, or with something else than OAI-PMH."""


class TokenRefused(HarvestFailed):
    """Raised where a repository does not know its resumption token any more; the list is begun anew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.epilog = EXAMPLE
    parser.add_argument("protocol", choices=["oai"], help="oai: OAI-PMH 2.0")
    parser.add_argument("url", help="base URL of the repository, without verb or other arguments")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="corpus directory; made if it is not there")
    parser.add_argument("--prefix", default="oai_dc", metavar="FORMAT", help="oai_dc (default), arXiv or arXivRaw")
    parser.add_argument("--set", default="", metavar="SET", help="only this set (arXiv: cs, math, physics:hep-th, ...)")
    parser.add_argument(
        "--since", type=_day, default="", metavar="DATE", help="changed on or after YYYY-MM-DD (default: last harvest)"
    )
    parser.add_argument("--until", type=_day, default="", metavar="DATE", help="changed on or before YYYY-MM-DD (default: today)")
    parser.add_argument(
        "--contact", default="", help="an e-mail address or URL for the repository's owner, sent in the user agent"
    )
    parser.add_argument(
        "--collection", default="", metavar="NAME", help="collection of the documents (default: the repository's)"
    )
    parser.add_argument("--delay", type=float, default=DELAY, metavar="S", help="seconds between requests (default and least 3)")
    parser.add_argument(
        "--allow-loopback", action="store_true", help="let a repository on this machine be harvested, and it alone"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if any record was set aside")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Harvest; 0 done, 1 with --strict if anything was set aside. Raises UsageError, HarvestFailed, Busy, AddressRefused."""
    reach = _reach(args.url, args.allow_loopback)
    if not reach.loopback:
        if not args.contact:
            raise UsageError("--contact is missing; give an e-mail address or URL at which the repository's owner can reach you")
        if not args.delay >= DELAY:
            raise UsageError(f"--delay {args.delay:g} is for repositories on this machine; give {DELAY:g} seconds or more")
    if not args.contact.isprintable() or not args.contact.isascii():
        raise UsageError(f"--contact {args.contact!r} cannot be sent in a header; use an e-mail address or URL")

    from crawler.harvest.fetch import Fetcher
    from crawler.harvest.patience import Patient

    patient = Patient(Fetcher(reach, args.contact), max(args.delay, 0.0))
    wanted = Wanted(args.url, args.prefix, args.set, args.since, args.until)
    outcome, complete_to = harvest(wanted, args.into, patient, args.collection)
    if args.json:
        import orjson

        print(orjson.dumps(outcome.as_json() | {"complete_to": complete_to}, option=orjson.OPT_INDENT_2).decode())
    else:
        print(f"{outcome.summary()}\ncomplete to {complete_to}; the next harvest begins there")
    return 1 if args.strict and outcome.counts.set_aside else 0


def harvest(wanted: Wanted, into: Path, patient: Patient, collection: str = "") -> tuple[Outcome, str]:
    """Bring the corpus up to date with the repository: what was done, and the day at which the next harvest will begin.

    An unfinished list of the same bounds is gone on with. Raises HarvestFailed, Busy, FetchFailed, AddressRefused, CorpusError.
    """
    from crawler.harvest.state import State
    from indexer.corpus import CorpusWriter
    from indexer.progress import Progress

    outcome = Outcome(into)
    with Progress("harvest", "records") as progress:
        for restart in range(RESTARTS + 1):
            with CorpusWriter(into) as writer:  # a new one each time: in one run a record of other content is a duplicate
                listing = _Listing(wanted, State.load(into), writer, outcome, progress)
                try:
                    listing.read(patient, collection)
                    break
                except TokenRefused:
                    if restart == RESTARTS:
                        raise
                finally:
                    _add(outcome, writer)
    outcome.seconds = progress.seconds
    return outcome, listing.entry.complete_to


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a repository."""

    url: str
    prefix: str
    set: str = ""
    since: str = ""
    """``YYYY-MM-DD``; empty for the day of the last harvest."""
    until: str = ""


@dataclass(slots=True)
class _Page:
    """One reply, read."""

    readings: list[Reading] = field(default_factory=list)
    token: str = ""
    total: int = 0
    """Records of the whole list, where the repository says; else 0."""
    day: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    """Code and explanation."""
    problem: str = ""
    """Why the reply cannot be used."""


class _Listing:
    """One list of records on its way into a corpus."""

    def __init__(self, wanted: Wanted, state: State, writer: CorpusWriter, outcome: Outcome, progress: Progress) -> None:
        self.state, self.writer, self.outcome, self.progress = state, writer, outcome, progress
        self.entry = state.harvest(wanted.url, wanted.prefix, wanted.set)
        entry = self.entry
        if not (entry.token and wanted.since in ("", entry.since) and wanted.until == entry.until):
            entry.since, entry.until = wanted.since or entry.complete_to, wanted.until
            self._begin()
        self._uncommitted, self._committed = 0, time.monotonic()

    def read(self, patient: Patient, collection: str) -> None:
        """Read the list to its end."""
        seen: set[str] = set()
        try:
            while True:
                page = self._ask(patient, collection)
                self.entry.begun = self.entry.begun or page.day
                self._keep(page)
                self.entry.token = page.token
                if not page.token:
                    break
                if page.token in seen:
                    raise HarvestFailed(f"{self.entry.url} repeats its resumption token {page.token!r}; the list has no end")
                seen.add(page.token)
                if self._uncommitted >= COMMIT_RECORDS or time.monotonic() - self._committed >= COMMIT_SECONDS:
                    self._commit()
            self._complete()
        except TokenRefused:
            self._begin()
            raise
        finally:
            self._commit()  # what came before a failure is kept too, and the next run goes on behind it

    def _ask(self, patient: Patient, collection: str) -> _Page:
        page = _Page()

        def usable(answer: Answer) -> str:
            nonlocal page
            page = _read(answer, collection)
            return page.problem

        answer = patient.get(_request(self.entry), usable)
        if "badResumptionToken" in page.errors or (page.errors and self.entry.token and "noRecordsMatch" in page.errors):
            raise TokenRefused(
                f"{self.entry.url} refuses its own resumption token, {RESTARTS + 1} times in a row; try again later"
            )
        if page.errors and "noRecordsMatch" not in page.errors:
            code, text = next(iter(page.errors.items()))
            hint = f"; {self.entry.url}?verb=ListMetadataFormats names its formats" if code == "cannotDisseminateFormat" else ""
            raise HarvestFailed(f"{self.entry.url} answered {code}: {text or 'without a reason'}{hint}")
        if not page.day:
            raise HarvestFailed(f"{answer.url} answered {answer.status} without OAI-PMH; give the repository's base URL")
        return page

    def _keep(self, page: _Page) -> None:
        from crawler.reading import Deleted, SetAside, Skipped

        for reading in page.readings:
            match reading.record:
                case SetAside(where, reason, excerpt):
                    self.writer.set_aside(where, reason, excerpt)
                case Skipped(_, kind):
                    self.outcome.skipped[kind] += 1
                case Deleted(_, doc_id):
                    self.writer.delete(doc_id)
                case document:
                    self.writer.add(document, reading.where)
            self.entry.records += 1
            self.progress.advance(share=min(1.0, self.entry.records / page.total) if page.total else None)
        self._uncommitted += len(page.readings)

    def _begin(self) -> None:
        self.entry.token = self.entry.begun = ""
        self.entry.records = 0

    def _complete(self) -> None:
        """The list is read; the next harvest begins where this one did, unless that would leave a gap or go back."""
        entry = self.entry
        reached = min(entry.begun, entry.until) if entry.until else entry.begun
        if not entry.complete_to or entry.since <= entry.complete_to:
            entry.complete_to = max(entry.complete_to, reached)
        entry.since = entry.until = ""
        self._begin()

    def _commit(self) -> None:
        """First the corpus, then the state that says so."""
        self.writer.commit()
        self.state.save()
        self._uncommitted, self._committed = 0, time.monotonic()


def _request(entry: Harvest) -> str:
    if entry.token:
        arguments = {"verb": "ListRecords", "resumptionToken": entry.token}
    else:
        arguments = {
            "verb": "ListRecords",
            "metadataPrefix": entry.prefix,
            "set": entry.set,
            "from": entry.since,
            "until": entry.until,
        }
    joint = "&" if "?" in entry.url else "?"
    return entry.url + joint + urlencode({name: value for name, value in arguments.items() if value})


def _read(answer: Answer, collection: str) -> _Page:
    from crawler.papers.dates import checked_iso
    from crawler.papers.oai import read_reply
    from crawler.reading import Reading

    page = _Page()
    if b"OAI-PMH" not in answer.body:
        return page
    for item in read_reply(io.BytesIO(answer.body), answer.url, collection):
        if isinstance(item, Reading):
            page.readings.append(item)
        elif item.kind == "problem":
            page.problem = f"{answer.url} answered with {item.text}"
        elif item.kind == "error":
            page.errors[item.attributes.get("code", "an error")] = item.text
        elif item.kind == "resumptionToken":
            size = item.attributes.get("completeListSize", "")
            page.token, page.total = item.text, int(size) if size.isdecimal() else 0
        else:
            page.day = checked_iso(item.text[:10])
    page.day = page.day or (datetime.now(UTC) - timedelta(days=1)).date().isoformat()  # a reply without its date
    return page


def _add(outcome: Outcome, writer: CorpusWriter) -> None:
    """Counts of one writer, to those of the others."""
    total, counts = outcome.counts, writer.counts
    total.added += counts.added
    total.changed += counts.changed
    total.unchanged += counts.unchanged
    total.deleted += counts.deleted
    total.set_aside += counts.set_aside


def _reach(url: str, allow_loopback: bool) -> Reach:
    """Loopback where that was allowed and every address of the host is loopback, else public."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise UsageError(f"{url!r} is not a URL: {error}") from None
    if parts.scheme not in SCHEMES or not host or parts.fragment:
        raise UsageError(f"{url!r} is not an http or https URL; write it in full, like https://repository.example/oai")
    if "verb=" in parts.query:
        raise UsageError(f"{url!r} holds a verb; give the repository's base URL alone")
    reach = Reach(loopback=allow_loopback and all(address.is_loopback for address in addresses_of(host)))
    reach.check_url(url)
    return reach


def _day(text: str) -> str:
    if text and not _DAY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-01-31")
    return text
