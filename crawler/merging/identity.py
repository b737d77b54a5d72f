"""Which names does a work have, in one spelling each?

A name that is not valid (a shape its register never gave, a wrong check digit) is no name: the functions return an empty string,
and the record keeps what was printed. Normalising twice changes nothing.

Two kinds of keys follow from a document's names. **Own** keys name this very version: records that share one are the same
document. **Related** keys name the work behind it: documents that share one are a preprint, a published version or a revision of
each other. ISBN and ISSN give no key, because every paper of a volume or journal has the same.

Sources: DOI Handbook 2.4 and 3.8 (case, proxies); arxiv.org/help/arxiv_identifier; ISBN Users' Manual 5; ISO 3297 (ISSN).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from indexer.document import Document

MAX_NAME = 2_048
"""Characters of an identifier that are looked at; the longest real DOIs have some hundred."""

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")) | dict.fromkeys(map(ord, "\u2010\u2011"), "-")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x1f\x7f]+")
_DOI_PREFIX = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/+|doi:|info:doi/|urn:doi:|doi\s+)\s*", re.IGNORECASE)
_DOI_URL = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_ARXIV_PREFIX = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)?(?:arxiv|ar5iv)\.org/(?:abs|pdf|html|format|src|e-print|ps)/|oai:arxiv\.org:|arxiv:\s*|abs/",
    re.IGNORECASE,
)
_ARXIV_NEW = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.(\d{4,5})")
_ARXIV_OLD = re.compile(
    r"(acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|funct-an|gr-qc|"
    r"hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|"
    r"solv-int|supr-con)(?:\.[a-z]{2})?/(\d\d(?:0[1-9]|1[0-2])\d{3})"
)
_ARXIV_VERSION = re.compile(r"v([1-9]\d{0,3})$")
_PMID = re.compile(
    r"(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/|pmid:?\s*)?0*([1-9]\d{0,8})/?",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"(?:https?://)?(?:(?:www\.)?ncbi\.nlm\.nih\.gov/pmc/articles/|pmc\.ncbi\.nlm\.nih\.gov/articles/)?(?:pmcid:\s*)?(?:pmc)?\s*"
    r"0*([1-9]\d{0,9})(?:\.\d{1,3})?/?",
    re.IGNORECASE,
)
_ACL_PREFIX = re.compile(
    r"(?:https?://)?(?:www\.)?(?:aclanthology\.org|aclweb\.org/anthology(?:-new)?)/(?:[a-z]/[a-z]\d\d/)?|acl:", re.IGNORECASE
)
_ACL_OLD = re.compile(r"([a-z]\d\d-\d{4,5})(?:v\d+)?", re.IGNORECASE)
_ACL_NEW = re.compile(r"(\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d+)(?:v\d+)?", re.IGNORECASE)
_OPENALEX = re.compile(r"(?:(?:https?://)?(?:api\.)?openalex\.org/(?:works/)?|openalex:)?(w[1-9]\d{0,15})", re.IGNORECASE)
_S2 = re.compile(
    r"(?:(?:https?://)?(?:api|www)\.semanticscholar\.org/(?:paper/)?)?(?:corpusid:\s*|s2:)?([1-9]\d{0,11}|[0-9a-f]{40})",
    re.IGNORECASE,
)
_DBLP = re.compile(
    r"(?:(?:https?://)?(?:www\.)?dblp\.(?:org|uni-trier\.de)/rec/(?:html/|xml/)?|dblp:)?([a-z]+/[^/\s]+/\S+)", re.IGNORECASE
)
_DBLP_ARXIV = re.compile(r"journals/corr/abs-(?:([a-z-]+)-)?([\d-]+)", re.IGNORECASE)


class ArxivId(NamedTuple):
    """A paper on arXiv, its version kept apart."""

    number: str
    """``1706.03762`` or ``hep-th/9901001``."""
    version: int
    """From 1; 0 where none is said, which means the newest."""

    def __str__(self) -> str:
        return f"{self.number}v{self.version}" if self.version else self.number


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of one document, ``scheme:name``."""

    own: frozenset[str]
    """Names of this version: sharing one makes records one document."""
    related: frozenset[str]
    """Names of the work: sharing one, or one of somebody's own, makes documents one cluster."""


def doi(text: str) -> str:
    """``https://doi.org/10.1000%2FABC.`` is ``10.1000/abc``.

    Case is folded in ASCII only, as the DOI system does. Punctuation at the end belongs to the sentence around it, and a closing
    bracket too if it was never opened.
    """
    name = _clean(text)
    if _DOI_URL.match(name):
        name = re.split(r"[?#]", name, maxsplit=1)[0]  # a DOI's own ? and # are encoded in a URL
    name = html.unescape(_DOI_PREFIX.sub("", name, count=1)) if name else ""
    while (decoded := unquote(name, errors="strict") if _decodable(name) else name) != name:
        name = decoded
    name = _without_tail(name.strip()).translate(_LOWER)
    return name if _DOI.fullmatch(name) else ""


def arxiv(text: str) -> ArxivId | None:
    """Old and new numbers, with or without version, as URL, ``arXiv:…``, OAI name or DOI (10.48550); None if it is none.

    The subject class of an old number is dropped: ``math.GT/0309136`` is ``math/0309136``.
    """
    name = _clean(text)
    if as_doi := doi(name):
        name = _ARXIV_DOI.sub("", as_doi) if _ARXIV_DOI.match(as_doi) else ""
    name = _ARXIV_PREFIX.sub("", name, count=1).partition(" ")[0].lower()  # what follows a space is a subject: [cs.CL]
    name = name.removesuffix(".pdf").rstrip("/.,;")
    found = _ARXIV_VERSION.search(name)
    version = int(found[1]) if found else 0
    number = name[: found.start()] if found else name
    if (new := _ARXIV_NEW.fullmatch(number)) and int(new[1] + new[2]) >= 704:  # four digits until 2014, five since
        return ArxivId(number, version) if len(new[3]) == (5 if int(new[1]) >= 15 else 4) else None
    if old := _ARXIV_OLD.fullmatch(number):
        return ArxivId(f"{old[1]}/{old[2]}", version)
    return None


def pmid(text: str) -> str:
    """Digits without leading zeros."""
    found = _PMID.fullmatch(_clean(text))
    return found[1] if found else ""


def pmcid(text: str) -> str:
    """``PMC`` and digits; a version after a point is dropped."""
    found = _PMCID.fullmatch(_clean(text))
    return f"PMC{found[1]}" if found else ""


def acl(text: str) -> str:
    """``P19-1001`` or ``2020.acl-main.1``, also out of a URL or the name of a PDF."""
    name = _ACL_PREFIX.sub("", _clean(text), count=1).removesuffix("/").removesuffix(".pdf")
    if old := _ACL_OLD.fullmatch(name):
        return old[1].upper()
    new = _ACL_NEW.fullmatch(name)
    return new[1].lower() if new else ""


def openalex(text: str) -> str:
    """``W`` and digits: works only."""
    found = _OPENALEX.fullmatch(_clean(text))
    return found[1].upper() if found else ""


def s2(text: str) -> str:
    """Semantic Scholar's corpus id (digits), or its older paper id (40 hexadecimal digits)."""
    found = _S2.fullmatch(_clean(text))
    return found[1].lower() if found else ""


def dblp(text: str) -> str:
    """The record's key, ``conf/acl/Author19``; its case counts."""
    found = _DBLP.fullmatch(re.sub(r"\.(?:html|xml|bib)$", "", _clean(text)))
    return found[1] if found else ""


def isbn(text: str) -> str:
    """Thirteen digits; a ten-digit ISBN is converted. Empty where the check digit is wrong."""
    digits = re.sub(r"[\s-]", "", re.sub(r"^(?:urn:)?isbn(?:-1[03])?:?\s*", "", _clean(text), flags=re.IGNORECASE)).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        if sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(digits)) % 11:
            return ""
        return f"978{digits[:9]}{_isbn_check('978' + digits[:9])}"
    valid = re.fullmatch(r"97[89][0-9]{10}", digits) and digits[12] == _isbn_check(digits[:12])
    return digits if valid else ""


def issn(text: str) -> str:
    """``1234-567X``; empty where the check digit is wrong."""
    digits = re.sub(r"[\s-]", "", re.sub(r"^(?:urn:)?e?issn:?\s*", "", _clean(text), flags=re.IGNORECASE)).upper()
    if not re.fullmatch(r"[0-9]{7}[0-9X]", digits):
        return ""
    total = sum((8 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(digits))
    return "" if total % 11 else f"{digits[:4]}-{digits[4:]}"


def _arxiv_text(text: str) -> str:
    found = arxiv(text)
    return str(found) if found else ""


NORMAL: dict[str, Callable[[str], str]] = {
    "doi": doi,
    "arxiv": _arxiv_text,
    "pmid": pmid,
    "pmcid": pmcid,
    "acl": acl,
    "openalex": openalex,
    "s2": s2,
    "dblp": dblp,
    "isbn": isbn,
    "issn": issn,
}
"""Scheme -> the one spelling of its names, or an empty string."""


def normal_identifiers(identifiers: dict[str, str]) -> dict[str, str]:
    """The same names in their one spelling; what is no valid name of its scheme, and unknown schemes, stay as printed."""
    return {scheme: (NORMAL[scheme](name) or name) if scheme in NORMAL else name for scheme, name in identifiers.items()}


def normal_key(key: str) -> str:
    """A reference or notice target ``scheme:name`` in one spelling, an arXiv DOI as arXiv's; empty if it names no work."""
    scheme, _, name = key.partition(":")
    scheme = scheme.lower()
    if scheme in ("isbn", "issn") or scheme not in NORMAL or not (normal := NORMAL[scheme](name)):
        return ""
    if scheme == "doi" and (preprint := arxiv(normal)):
        return f"arxiv:{preprint}"
    return f"{scheme}:{normal}"


def identity(document: Document) -> Identity:
    """Own and related keys of a document.

    A record of arXiv is the preprint, whatever DOI its authors gave it later: that DOI is related. Any other record with a DOI,
    PMID, PMCID, Anthology id or DBLP key of its own is the published version, and an arXiv number on it is related. An arXiv
    number without its version is always related too, so that all versions meet.
    """
    names = {scheme: normal for scheme, name in document.identifiers.items() if (normal := _key_name(scheme, name))}
    preprints = {found for scheme in ("doi", "arxiv", "dblp") if (found := _preprint(scheme, names.get(scheme, "")))}
    published = {f"{scheme}:{name}" for scheme, name in names.items() if scheme in _PUBLISHED and not _preprint(scheme, name)}
    services = {f"{scheme}:{name}" for scheme, name in names.items() if scheme in ("openalex", "s2")}
    versions = {f"arxiv:{preprint}" for preprint in preprints}
    works = frozenset(f"arxiv:{preprint.number}" for preprint in preprints)
    if preprints and (not published or document.id.startswith("arxiv:")):
        return Identity(frozenset(versions | services), works | published)
    return Identity(frozenset(published | services), works)


_PUBLISHED = ("doi", "pmid", "pmcid", "acl", "dblp")


def _key_name(scheme: str, name: str) -> str:
    return NORMAL[scheme](name) if scheme in NORMAL and scheme not in ("isbn", "issn") else ""


def _preprint(scheme: str, name: str) -> ArxivId | None:
    """The arXiv paper that a normalised DOI, arXiv number or DBLP key names."""
    if scheme == "dblp" and (found := _DBLP_ARXIV.fullmatch(name)):
        return arxiv(f"{found[1]}/{found[2]}" if found[1] else found[2].replace("-", "."))
    return arxiv(name) if scheme in ("doi", "arxiv") else None


def _clean(text: str) -> str:
    return text.translate(_INVISIBLE).strip() if len(text) <= MAX_NAME else ""


def _decodable(name: str) -> bool:
    """Whether its percent signs stand for UTF-8; others are left as they are."""
    if not re.search(r"%[0-9a-fA-F]{2}", name):
        return False
    try:
        unquote(name, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _without_tail(name: str) -> str:
    while name and (
        name[-1] in ".,;:'\"/*\u201d\u2019"
        or any(name[-1] == b and name.count(b) > name.count(a) for a, b in ("()", "[]", "{}", "<>"))
    ):
        name = name[:-1]
    return name


def _isbn_check(digits: str) -> str:
    """The thirteenth digit of the twelve given."""
    return str(-sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10)
