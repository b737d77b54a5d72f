"""What is the full text of an S2ORC record, and which works does it cite?

Three layouts: paragraphs with their section's name (``body_text``, of 2019, 2020, CORD-19 and doc2json); one text with
annotations by offset (``content`` of ``s2orc``, ``body`` and ``bibliography`` of ``s2orc_v2``); and an abstract alone.
<https://github.com/allenai/s2orc>, <https://api.semanticscholar.org/api-docs/datasets>
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from crawler.papers.cited import cited
from crawler.papers.json_records import object_of, objects_of, text_of, texts_of
from crawler.papers.markup import tidy
from crawler.papers.outline import Outline

_PARSES = ("pdf_parse", "latex_parse", "grobid_parse")
_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?$")


class Span(NamedTuple):
    """An annotation: ``[start, end)`` in the text that it belongs to."""

    start: int
    end: int
    attributes: dict[str, Any]


class _Headed(NamedTuple):
    """A heading, empty for what comes before the first one, and the paragraphs right below it."""

    heading: str
    level: int
    paragraphs: list[str]


def body_of(record: dict[str, Any]) -> tuple[Outline, tuple[str, ...]]:
    """The text with its sections, and the references; both empty where the record has neither."""
    outline = Outline()
    content = object_of(record.get("content"))
    body = object_of(record.get("body")) or content
    if isinstance(body.get("text"), str):
        bibliography = object_of(record.get("bibliography")) or content
        _annotated(record, body, outline)
        return outline, tuple(_bibliography(bibliography))
    parse = next((object_of(record[key]) for key in _PARSES if object_of(record.get(key))), record)
    _abstract(parse.get("abstract") or record.get("abstract") or object_of(record.get("metadata")).get("abstract"), outline)
    _paragraphs(objects_of(parse.get("body_text")) + objects_of(parse.get("back_matter")), outline)
    for entry in object_of(parse.get("ref_entries")).values():
        if caption := tidy(text_of(object_of(entry).get("text"))):
            outline.paragraph(caption)
    entries = object_of(parse.get("bib_entries"))
    return outline, tuple(name for entry in entries.values() if (name := _entry(object_of(entry))))


def annotated_title(record: dict[str, Any]) -> str:
    """The title that the annotations of a full text mark; empty where they mark none."""
    body = object_of(record.get("body")) or object_of(record.get("content"))
    text = _raw(body.get("text"))
    return next((tidy(text[s.start : s.end]) for s in _spans(object_of(body.get("annotations")), "title", text)), "")


def annotated_authors(record: dict[str, Any]) -> list[str]:
    """The names that the annotations of a full text mark, each once."""
    holders = (object_of(record.get("body")), object_of(record.get("content")))
    body = next((body for body in holders if "author" in object_of(body.get("annotations"))), {})
    text = _raw(body.get("text"))
    names = (tidy(text[s.start : s.end]).strip(" ,;*†‡") for s in _spans(object_of(body.get("annotations")), "author", text))
    return list(dict.fromkeys(filter(None, names)))


def plain_body(text: str) -> Outline:
    """A text without any structure but its empty lines."""
    outline = Outline()
    for paragraph in re.split(r"\n\s*\n", text):
        outline.paragraph("\n".join(tidy(line) for line in paragraph.splitlines() if line.strip()))
    return outline


def _abstract(abstract: object, outline: Outline) -> None:
    """A string, or paragraphs like those of the body."""
    if isinstance(abstract, str):
        outline.paragraph(tidy(abstract))
    elif paragraphs := [tidy(text_of(p.get("text"))) for p in objects_of(abstract)]:
        with outline.section("Abstract", 1):
            for paragraph in paragraphs:
                outline.paragraph(paragraph)


def _paragraphs(paragraphs: list[dict[str, Any]], outline: Outline) -> None:
    """Paragraphs of one section follow each other and name it."""
    sections: list[_Headed] = []
    for paragraph in paragraphs:
        heading, level = _heading(paragraph)
        if not sections or (sections[-1].heading, sections[-1].level) != (heading, level):
            sections.append(_Headed(heading, level, []))
        sections[-1].paragraphs.append(tidy(text_of(paragraph.get("text"))))
    _write(sections, outline)


def _heading(paragraph: dict[str, Any]) -> tuple[str, int]:
    """Name and level; the name may be a list from the outermost to the innermost, and have a number."""
    section = paragraph.get("section")
    if isinstance(section, list):  # doc2json of LaTeX: [["1", "Introduction"], ["1.1", "Aims"]]
        names = [" ".join(texts_of(part)) for part in section]
        return (tidy(names[-1]), len(names)) if names else ("", 1)
    number = text_of(paragraph.get("sec_num")).rstrip(".")
    return tidy(text_of(section)), number.count(".") + 1 if number else 1


def _annotated(record: dict[str, Any], body: dict[str, Any], outline: Outline) -> None:
    """Abstract, then the paragraphs under the header before them. Offsets count characters."""
    text, annotations = body["text"], object_of(body.get("annotations"))
    abstracts = _spans(annotations, "abstract", text)
    if abstracts or text_of(record.get("abstract")):
        with outline.section("Abstract", 1):
            for span in abstracts:
                outline.paragraph(tidy(text[span.start : span.end]))
            if not abstracts:
                outline.paragraph(tidy(text_of(record.get("abstract"))))
    headers = _spans(annotations, "section_header", text) or _spans(annotations, "sectionheader", text)
    paragraphs = _spans(annotations, "paragraph", text)
    if not paragraphs:
        if not abstracts:
            outline.paragraph(plain_body(text).text)
        return
    covered = [(span.start, span.end) for span in abstracts]
    sections = [_Headed("", 1, [])]
    for span, is_header in sorted([(s, True) for s in headers] + [(s, False) for s in paragraphs], key=lambda item: item[0][:2]):
        words = tidy(text[span.start : span.end])
        if is_header:
            number = text_of(span.attributes.get("n")).rstrip(".")
            sections.append(_Headed(words, number.count(".") + 1 if _NUMBER.match(number) else 1, []))
        elif not any(start <= span.start and span.end <= end for start, end in covered):
            sections[-1].paragraphs.append(words)
    _write(sections, outline)


def _write(sections: list[_Headed], outline: Outline) -> None:
    """Sections in order, each with the deeper ones that follow it."""
    at = 0
    while at < len(sections):
        head, end = sections[at], at + 1
        while end < len(sections) and sections[end].level > head.level:
            end += 1
        with outline.section(head.heading, head.level, even_empty=True):
            for paragraph in head.paragraphs:
                outline.paragraph(paragraph)
            _write(sections[at + 1 : end], outline)
        at = end


def _spans(annotations: dict[str, Any], name: str, text: str) -> list[Span]:
    """Annotations of one kind that lie within the text."""
    found = []
    for span in objects_of(annotations.get(name)):
        start, end = _offset(span.get("start")), _offset(span.get("end"))
        if 0 <= start < end <= len(text):
            found.append(Span(start, end, object_of(span.get("attributes"))))
    return found


def _offset(value: object) -> int:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else -1


def _bibliography(content: dict[str, Any]) -> Iterable[str]:
    """Entries of an annotated bibliography; those that were matched name the corpus id."""
    text, annotations = _raw(content.get("text")), object_of(content.get("annotations"))
    entries = _spans(annotations, "bib_entry", text) or _spans(annotations, "bibentry", text)
    inner = {
        key: _spans(annotations, f"bib_{key}", text) or _spans(annotations, f"bib{key}", text) for key in ("title", "author")
    }
    for entry in entries:
        attributes = entry.attributes
        printed = tidy(text[entry.start : entry.end])
        titles = [tidy(text[s.start : s.end]) for s in inner["title"] if entry.start <= s.start and s.end <= entry.end]
        name = cited("", doi=text_of(attributes.get("doi")), s2=text_of(attributes.get("matched_paper_id")))
        if name := name or cited(printed or " ".join(titles)):
            yield name


def _raw(value: object) -> str:
    """A text as it is, for offsets count every character of it."""
    return value if isinstance(value, str) else ""


def _entry(entry: dict[str, Any]) -> str:
    """An entry of ``bib_entries``: names where it has them, else authors, year, title and venue."""
    ids = object_of(entry.get("other_ids")) or object_of(entry.get("ids"))
    doi, arxiv, pmid = (next(iter(texts_of(ids.get(key) or entry.get(key.lower()))), "") for key in ("DOI", "arXiv", "PMID"))
    if name := cited("", doi=doi, arxiv=arxiv, pmid=pmid, s2=text_of(entry.get("link")) or text_of(entry.get("links"))):
        return name
    people = [
        " ".join([*texts_of(a.get("first")), *texts_of(a.get("middle")), *texts_of(a.get("last"))])
        for a in objects_of(entry.get("authors"))
    ]
    year, title, venue = (text_of(entry.get(key)) for key in ("year", "title", "venue"))
    head = " ".join(filter(None, (", ".join(filter(None, people)), f"({year})" if year else "")))
    printed = ". ".join(filter(None, (head, title.rstrip("."), venue)))
    return cited(tidy(printed)) or cited(tidy(text_of(entry.get("raw_text"))))
