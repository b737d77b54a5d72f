"""Which library finds the main text of a page, how well and how fast?

    python benchmarks/extraction.py
    python benchmarks/extraction.py --news ../shared/data/extraction/article-extraction-benchmark --docs /usr/share/doc

News: pages with the article body marked by hand (https://github.com/scrapinghub/article-extraction-benchmark). Documentation:
HTML manuals as Debian installs them, the reference being the element that their makers name. Texts are compared as multisets of
4-word shingles; precision, recall and F1 are means over pages. Seconds are processor time of this process, one page after the
other, the first page twice. Libraries that are not installed are left out and named.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # run as a file: the rooms lie beside this folder
    sys.path[0] = str(ROOT)

NEWS = Path(os.environ.get("STEPWELL_DATA", ROOT.parent / "shared" / "data"), "extraction", "article-extraction-benchmark")
DOCS = Path("/usr/share/doc")
SHINGLE = 4
"""Words of one shingle; a shorter text is one shingle."""
PAGES, MAX_BYTES = 30, 500_000
"""Pages of each manual, drawn with SEED, and the size from which a page is left out: some of these libraries take minutes."""
SEED = 20_261_122
MANUALS = (
    ("python", "python3*/html/**/*.html", '//div[@role="main"]'),
    ("nodejs", "nodejs/**/*.html*", '//*[@id="apicontent"]'),
    ("valgrind", "valgrind/**/*.html", "//body"),
)
"""Name, files below the folder, and the XPath of the main part."""
AROUND = (
    './/script | .//style | .//button | .//a[@class="headerlink" or @class="mark"]'
    ' | .//*[@class="navheader" or @class="navfooter"]'
)
"""What is inside those main parts without being part of the text."""

Extractor = Callable[[bytes, str], str]
_WORD = re.compile(r"\w+")
_SPACED = ("p", "div", "li", "dt", "dd", "tr", "td", "th", "pre", "br", "h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its true text."""

    html: bytes
    url: str
    reference: Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Score:
    """One extractor on one set; the first three are means over pages in [0, 1]."""

    precision: float
    recall: float
    f1: float
    seconds: float
    """Of the whole set."""
    slowest: float
    """Seconds of the slowest page."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks/extraction.py", description="Measure extractors of main text.")
    parser.add_argument("--news", type=Path, default=NEWS, metavar="DIR", help="folder with ground-truth.json and html/")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR", help=f"folder of manuals (default {DOCS})")
    args = parser.parse_args(argv)
    sets = {"news": list(read_news(args.news)) if args.news.is_dir() else []}
    sets |= {name: list(read_manual(args.docs, files, main_part)) for name, files, main_part in MANUALS}
    extractors, missing = contestants()
    for name, pages in sets.items():
        if not pages:
            print(f"{name}: no pages found\n", file=sys.stderr)
            continue
        print(f"{name}: {len(pages)} pages, {mean(len(page.html) for page in pages) / 1000:.0f} KB on average")
        print("| extractor | precision | recall | F1 | pages/s | slowest page |\n|---|---|---|---|---|---|")
        for who, extractor in extractors.items():
            s = score(extractor, pages)
            rate = len(pages) / s.seconds
            print(
                f"| {who} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | {rate:.0f} | {s.slowest * 1000:.0f} ms |",
                flush=True,
            )
        print()
    if sets["news"]:
        print(metadata(sets["news"]))
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
    return 0


def score(extractor: Extractor, pages: Sequence[Page]) -> Score:
    """Every page once."""
    extractor(pages[0].html, pages[0].url)  # imports, caches
    rows, took = [], []
    for page in pages:
        began = time.process_time()
        try:
            text = extractor(page.html, page.url)
        except Exception as error:  # noqa: BLE001 - a library that fails on a page has found nothing there
            print(f"{page.url}: {type(error).__name__}: {error}", file=sys.stderr)
            text = ""
        took.append(time.process_time() - began)
        rows.append(compare(shingles(text), page.reference))
    precision, recall, f1 = (mean(column) for column in zip(*rows, strict=True))
    return Score(precision, recall, f1, sum(took), max(took))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The multiset of SHINGLE-word sequences."""
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1)))


def compare(found: Counter[tuple[str, ...]], reference: Counter[tuple[str, ...]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets."""
    both = (found & reference).total()
    precision = both / found.total() if found else 0.0
    recall = both / reference.total() if reference else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0


def read_news(folder: Path) -> Iterator[Page]:
    """The pages of the benchmark."""
    for key, truth in json.loads((folder / "ground-truth.json").read_bytes()).items():
        yield Page(
            gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()), truth["url"], shingles(truth["articleBody"])
        )


def read_manual(folder: Path, files: str, main_part: str) -> Iterator[Page]:
    """Up to PAGES pages of one manual that have a main part of more than a line."""
    paths = sorted(path for path in folder.glob(files) if not path.is_symlink() and path.stat().st_size <= MAX_BYTES)
    random.Random(SEED).shuffle(paths)
    found = 0
    for path in paths:
        html = path.read_bytes()
        html = gzip.decompress(html) if html.startswith(b"\x1f\x8b") else html
        text = _text_of(html, main_part)
        if len(text) >= 100 and found < PAGES:
            found += 1
            yield Page(html, f"https://docs.example/{path.relative_to(folder).as_posix()}", shingles(text))


def _text_of(html: bytes, main_part: str) -> str:
    from lxml import etree
    from lxml import html as lxml_html

    found = lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)).xpath(
        main_part
    )
    if not found:
        return ""
    for element in found[0].xpath(AROUND):
        element.drop_tree()
    parts = []
    for event, element in etree.iterwalk(found[0], events=("start", "end")):
        parts.append((element.text if event == "start" else element.tail) or "")
        parts.append(" " if element.tag in _SPACED else "")
    return "".join(parts)


def contestants() -> tuple[dict[str, Extractor], list[str]]:
    """Extractors by name, and the names of libraries that are not installed. All get the same characters."""
    import trafilatura

    from crawler.decode import decode
    from crawler.extract import extract
    from crawler.extraction.marked import visible_lines
    from crawler.extraction.page import parse
    from crawler.extraction.sections import text_and_sections

    missing = []

    def by_trafilatura(**settings: bool) -> Extractor:
        return lambda html, url: trafilatura.extract(_characters(html), url=url, include_comments=False, **settings) or ""

    def _characters(html: bytes) -> str:
        return decode(html, None, markup=True)

    found: dict[str, Extractor] = {
        "trafilatura": by_trafilatura(),
        "trafilatura, fast": by_trafilatura(fast=True),
        "trafilatura, favor_recall": by_trafilatura(favor_recall=True),
        "trafilatura, fast, favor_recall": by_trafilatura(fast=True, favor_recall=True),
        "trafilatura, favor_precision": by_trafilatura(favor_precision=True),
        "trafilatura, fast, favor_precision": by_trafilatura(fast=True, favor_precision=True),
    }
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ModuleNotFoundError:
        missing.append("resiliparse")
    else:
        plain = {"comments": False, "post_meta": False, "list_bullets": False, "alt_texts": False}
        found["resiliparse, main_content"] = lambda html, _: extract_plain_text(_characters(html), main_content=True)
        found["resiliparse, main_content, text alone"] = lambda html, _: extract_plain_text(
            _characters(html), main_content=True, **plain
        )
        found["resiliparse, all text"] = lambda html, _: extract_plain_text(_characters(html))
    try:
        from readability import Document
    except ModuleNotFoundError:
        missing.append("readability-lxml")
    else:
        from lxml import html as lxml_html

        found["readability-lxml"] = lambda html, _: lxml_html.fromstring(Document(_characters(html)).summary()).text_content()
    try:
        import justext
    except ModuleNotFoundError:
        missing.append("justext")
    else:
        stopwords = justext.get_stoplist("English")
        found["justext"] = lambda html, _: "\n".join(p.text for p in justext.justext(html, stopwords) if not p.is_boilerplate)
    found["visible text"] = lambda html, url: text_and_sections(visible_lines(parse(html, url).root))[0]
    found["Stepwell, with metadata"] = lambda html, url: extract(html, url).text
    return found, missing


def metadata(pages: Sequence[Page]) -> str:
    """How many pages have what, for Stepwell and trafilatura, and how often the stated date is the one in the address."""
    import trafilatura

    from crawler.extract import extract
    from crawler.extraction.dates import published_of
    from crawler.extraction.metadata import Statements
    from crawler.extraction.page import parse

    ours = [extract(page.html, page.url) for page in pages]
    theirs = [trafilatura.extract_metadata(page.html, default_url=page.url) for page in pages]
    rows = [
        ("title", [p.title for p in ours], [p.title for p in theirs]),
        ("author", [p.authors for p in ours], [p.author for p in theirs]),
        ("date", [p.published for p in ours], [p.date for p in theirs]),
        ("site", [p.site_name for p in ours], [p.sitename for p in theirs]),
    ]
    lines = ["| pages with | Stepwell | trafilatura |", "|---|---|---|"]
    lines += [f"| {name} | {sum(map(bool, a))} | {sum(map(bool, b))} |" for name, a, b in rows]
    pairs = []
    for page, other in zip(pages, theirs, strict=True):
        root = parse(page.html, page.url).root
        without_metadata = published_of(root, Statements(), page.url, search=False)
        without_address = extract(page.html, "")
        if len(without_metadata.date) == 10 and without_metadata.confidence == "url" and len(without_address.published) == 10:
            pairs.append((without_metadata.date, without_address.published, without_address.date_confidence, other.date))
    for confidence in ("meta", "text"):
        these = [abs((date.fromisoformat(a) - date.fromisoformat(b)).days) <= 1 for a, b, c, _ in pairs if c == confidence]
        lines.append(f"dates of confidence {confidence} that agree with the address: {sum(these)} of {len(these)}")
    lines.append(f"dates by confidence: {dict(Counter(p.date_confidence or 'none' for p in ours).most_common())}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
