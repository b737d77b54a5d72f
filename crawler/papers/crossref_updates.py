"""What has befallen a work, by its own record at Crossref?

Crossref knows updates from both ends: a notice says what it updates (`update-to`), and since 2024 a work says what updated it
(`updated-by`, Retraction Watch's data included). A work is retracted where a retraction, withdrawal or removal updated it, or
where its publisher marked its title so; where it was only updated otherwise, it is not; else nobody knows. A notice is not itself
retracted by what it announces. <https://www.crossref.org/documentation/crossmark/participating-in-crossmark/>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from crawler.merging import identity
from crawler.papers.cited import cited

_KINDS = {
    "correction": "erratum",
    "corrigendum": "erratum",
    "erratum": "erratum",
    "expression_of_concern": "concern",
    "retraction": "retraction",
    "withdrawal": "retraction",
    "removal": "retraction",
    "partial_retraction": "partial-retraction",
}
"""Crossref's type of update -> kind of notice; others keep their name."""
_ABOUT = {
    "retraction": "retraction_of",
    "partial-retraction": "retraction_of",
    "concern": "concern_about",
    "erratum": "erratum_for",
}
_MARKED = re.compile(
    r"^\W*(?:RETRACTED|WITHDRAWN|REMOVED)(?:\s+(?:ARTICLE|PAPER|CHAPTER))?\s*[:\]\)\-–—]|^\W*Retracted(?: Article| Paper)?\s*:",
    re.ASCII,
)


class Update(NamedTuple):
    """One tie between a work and the notice that updates it."""

    doi: str
    """Of the other end, as printed."""
    kind: str
    """Crossref's type: ``retraction``, ``erratum``."""


class Fate(NamedTuple):
    """What becomes of a document by its updates."""

    retracted: bool | None
    notices: tuple[str, ...]
    details: dict[str, str]
    """``retraction_of`` and the like, of a notice."""


def fate(doi: str, title: str, updated_by: Iterable[Update], updates: Iterable[Update]) -> Fate:
    """The fate of the work `doi`; an update that names the work itself (publishers do that) is one it suffered."""
    suffered = [_named(update) for update in updated_by]
    about: dict[str, list[str]] = {}
    for update in updates:
        kind, target = _named(update)
        if identity.doi(update.doi) == doi:
            suffered.append((kind, target))
        elif target:
            about.setdefault(_ABOUT.get(kind, "update_of"), []).append(target)
    notices = tuple(dict.fromkeys(f"{kind}:{target}" for kind, target in suffered))
    marked = bool(_MARKED.match(title)) or any(kind == "retraction" for kind, _ in suffered)
    return Fate(True if marked else False if suffered else None, notices, {name: "; ".join(t) for name, t in about.items()})


def _named(update: Update) -> tuple[str, str]:
    kind = update.kind.strip().lower().replace(" ", "_").replace("-", "_")
    return _KINDS.get(kind, kind.replace("_", "-") or "update"), cited("", doi=update.doi) or update.doi.strip()
