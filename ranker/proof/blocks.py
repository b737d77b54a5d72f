"""How does a page look, as HTML and as Markdown?

A page is a list of blocks; both forms are written from the same ones. The HTML is one file that needs no network: pictures are
inline SVG, colours follow the reader's choice of light or dark. What came from a corpus or a query is escaped: it stays text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of a level, 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; every column but the first `left` is set right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG whose colour `ink` stands for the ink of the page."""

    name: str
    """Of its file beside the Markdown, without ending."""
    caption: str
    svg: str
    ink: str


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that open on a click."""

    title: str
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Table | Picture | Folded

STYLE = """
:root { color-scheme: light dark; --ink: #1f2430; --soft: #5b6475; --line: #d9dde5; --ground: #ffffff; --band: #f5f6f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6ec; --soft: #9aa3b2; --line: #343a46; --ground: #15181e; --band: #1d2129; }
}
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 74rem; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
p { max-width: 46rem; margin: .5rem 0; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .55rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; white-space: normal; }
th.left, td.left { text-align: left; }
th.left:first-child, td.left:first-child { position: sticky; left: 0; background: var(--ground); }
details td.left { white-space: normal; min-width: 9rem; overflow-wrap: anywhere; }
tbody tr:hover, tbody tr:hover td { background: var(--band); }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure svg { max-width: 100%; min-width: 40rem; height: auto; color: var(--soft); }
figure svg text { font-family: system-ui, sans-serif !important; }
figcaption { color: var(--soft); font-size: .875rem; max-width: 46rem; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .35rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do on the page: nothing but show it."""


def to_html(blocks: Sequence[Block], title: str) -> str:
    """One file that stands alone."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(_html(block) for block in blocks)
        + "\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{html.escape(text.strip())}</p>"
        case Table():
            return _html_table(block)
        case Picture(name, caption, svg, ink):
            own = _own_names(svg, name).replace(ink, "currentColor")
            return f"<figure>{own}<figcaption>{html.escape(caption)}</figcaption></figure>"
        case Folded(title, blocks):
            inner = "\n".join(_html(each) for each in blocks)
            return f"<details><summary>{html.escape(title)}</summary>\n{inner}\n</details>"


def _own_names(svg: str, name: str) -> str:
    """Two pictures on one page must not share ids."""
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)


def _html_table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        marks = (' class="left"' if i < table.left else "" for i in range(len(cells)))
        return "<tr>" + "".join(f"<{tag}{m}>{html.escape(c)}</{tag}>" for c, m in zip(cells, marks, strict=True)) + "</tr>"

    body = "\n".join(row(cells, "td") for cells in table.rows)
    return f'<div class="scroll"><table>\n<thead>{row(table.head, "th")}</thead>\n<tbody>\n{body}\n</tbody></table></div>'


def to_markdown(blocks: Sequence[Block]) -> tuple[str, dict[str, str]]:
    """The text, and the pictures that lie beside it by file name."""
    pictures: dict[str, str] = {}
    return "\n\n".join(_markdown(block, pictures) for block in blocks) + "\n", pictures


def _markdown(block: Block, pictures: dict[str, str]) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_plain(text)}"
        case Paragraph(text):
            return _plain(text)
        case Table(head, rows, left):
            rule = [":--" if i < left else "--:" for i in range(len(head))]
            cells = [[_plain(cell) for cell in row] for row in (head, *rows)]
            return "\n".join(f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:]))
        case Picture(name, caption, svg, _):
            pictures[f"{name}.svg"] = svg
            return f"![{_plain(caption)}]({name}.svg)\n\n*{_plain(caption)}*"
        case Folded(title, blocks):
            return "\n\n".join([f"**{_plain(title)}**", *(_markdown(each, pictures) for each in blocks)])


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]#|<>])", r"\\\1", " ".join(text.split()))
