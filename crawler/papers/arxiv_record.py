"""What does one arXiv paper say about itself?

The same fields come as JSON (Kaggle) and as XML (OAI-PMH: `arXiv`, `arXivRaw`); here they become one Document. Titles, abstracts
and names are LaTeX. <https://info.arxiv.org/help/prep.html> says what each field holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate

from crawler.merging import identity
from crawler.papers.dates import checked_iso, iso_date
from crawler.papers.latex import plain
from indexer.document import Document

SITE = "https://arxiv.org"
_CODES = ("report-no", "categories", "msc-class", "acm-class", "license", "proxy")
_PROSE = ("submitter", "comments", "journal-ref")
"""Fields that become details: the first as they are, the others read as LaTeX."""

_WHAT = r"(?:paper|article|manuscript|submission|preprint|e-?print|note|work|letter|report|version|draft|document|thesis)"
_GONE = r"(?:withdrawn|retracted)"
_WHO = r"(?:(?:the\s+|its\s+)?(?:first\s+|corresponding\s+)?authors?|(?:the\s+)?arxiv(?:\s+admin\w*)?|(?:the\s+)?submitter)"
_END = (
    r"(?=\s*(?:$|[.,;:!)(\]-]"
    r"|(?:by|due|because|since|as|for|on|after|until|in\s+view|and\s+(?:replaced|superseded))\b))"
)
"""What may follow the word where it tells what became of the paper, and not of what."""
_HERE = r"(?!\s+from\s+(?!(?:the\s+)?arxiv|publication))"
"""Not from a conference."""
_WITHDRAWN = re.compile(
    rf"\b(?:this|the)\s+(?:\w+\s+){{0,2}}?{_WHAT}\s+(?:has|have)\s+(?:now\s+)?been\s+(?:\w+\s+)?{_GONE}\b{_HERE}"
    rf"|\b(?:this|the)\s+{_WHAT}\s+(?:is|was)\s+(?:(?!not\b)\w+\s+)?{_GONE}\b{_HERE}"
    rf"|\b(?:this|the)\s+{_WHAT}\s+(?:has\s+been|is|was)\s+removed{_END}"
    rf"|^\W*(?:{_WHAT}\s+)?(?:temporarily\s+)?{_GONE}{_END}"
    rf"|\bwithdrawn\s+by\s+{_WHO}|^\W*(?:{_WHAT}\s+)?removed\s+by\s+{_WHO}"
    r"|^\W*(?:the\s+|i\s+|we\s+)?(?:authors?\s+)?(?:(?:has|have)\s+withdrawn|withdrew|withdraws?)"
    rf"\s+(?:this|the)(?:\s+(?:\w+\s+)?{_WHAT}\b{_HERE}|\s*(?:$|[.,;:]))",
    re.IGNORECASE,
)
_DEFORMED = re.compile(r"\bretracted\s+by\s+(?:an?|means)\b", re.IGNORECASE)
"""A retract of topology: `the space is retracted by a deformation`."""
_EARLIER = re.compile(
    rf"(?:earlier|previous|older|first|original)\s+{_WHAT}\b|\b(?:replaces|supersedes|replacement for)\b.{{0,40}}withdrawn",
    re.IGNORECASE,
)
"""What withdraws something else than this paper."""
_AFFILIATION = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_BETWEEN = re.compile(r"\s*(?:,|;|\band\b|&(?!\w+;))\s*(?![^{]*\})", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_FOR = re.compile(r"^(?:for|on behalf of|and)\s+(?:the\s+)?(?=\S)", re.IGNORECASE)
_ET_AL = re.compile(r"\s*\bet\.?\s+al\.?(?!\w)", re.IGNORECASE)


def arxiv_document(
    fields: Mapping[str, str],
    authors: tuple[str, ...],
    dates: Sequence[str],
    collection: str,
    withdrawn: bool = False,
) -> Document | None:
    """The document, or None where `fields` hold no arXiv id.

    `dates` are those of the versions, oldest first, ISO or as in mail; where they are of all versions, their number is the newest
    version's. `withdrawn` says that arXiv marked the newest version so.
    """
    found = identity.arxiv(fields.get("id", "")) or identity.arxiv(fields.get("id", "").rjust(9, "0"))  # 704.0001 was a number
    if found is None:
        return None
    count = int(fields.get("versions") or 0)
    versioned = f"{found.number}v{count}" if count else str(found)
    dois = [name for text in fields.get("doi", "").split() if (name := identity.doi(text))]
    days = [day for text in dates if (day := _day(text))]
    abstract = plain(fields.get("abstract", ""))
    details = {name: value for name in _CODES if (value := " ".join(fields.get(name, "").split()))}
    details |= {name: value for name in _PROSE if (value := plain(fields.get(name, "")))}
    if days and days[-1] != days[0]:
        details["updated"] = days[-1]
    if dois[1:]:
        details["other doi"] = "; ".join(dois[1:])
    identifiers = {"arxiv": versioned, "pdf": f"{SITE}/pdf/{versioned}"}
    if dois:
        identifiers["doi"] = dois[0]
    return Document(
        id=f"arxiv:{found.number}",
        title=plain(fields.get("title", "")) or f"arXiv:{found.number}",
        text=abstract,
        kind="paper",
        url=f"{SITE}/abs/{found.number}",
        authors=authors,
        venue="arXiv",
        published=days[0] if days else "",
        collection=collection,
        identifiers=identifiers,
        retracted=True if withdrawn or is_withdrawn(details.get("comments", ""), abstract) else None,
        details=details,
    )


def is_withdrawn(comments: str, abstract: str) -> bool:
    """Whether comments, or an abstract that says little else, tell that this paper has been withdrawn."""
    said = [comments, abstract[:160]] if len(abstract) < 500 else [comments, abstract[:80]]
    return any(_WITHDRAWN.search(text) and not _EARLIER.search(text) and not _DEFORMED.search(text) for text in said)


def names_of(printed: str) -> tuple[str, ...]:
    """The byline `A. Bee (Uni, Town), C. Dee and E. Eff Jr.` as names; affiliations and `et al` are left out."""
    flat = printed
    while (shorter := _AFFILIATION.sub(" ", flat)) != flat:
        flat = shorter
    names: list[str] = []
    for part in _BETWEEN.split(_ET_AL.sub("", flat.partition(" ((")[0])):
        name = _FOR.sub("", plain(part)).strip(" :")
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]} {name}"
        elif name and not name.isdigit():
            names.append(name)
    return tuple(names)


def name_of(family: str, given: str, suffix: str) -> str:
    """``Neal J. Evans II``; a collaboration has a family name only."""
    return " ".join(filter(None, (plain(part) for part in (given, family, suffix))))


def _day(text: str) -> str:
    """``2007-04-02`` out of that, or of ``Mon, 2 Apr 2007 19:18:42 GMT``."""
    if iso := checked_iso(text[:10]):
        return iso
    parts = parsedate(text)
    return iso_date(str(parts[0]), str(parts[1]), str(parts[2])) if parts else ""
