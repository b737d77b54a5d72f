"""HTML pages as text and metadata, and bytes as characters."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import extract as extract_module
from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError
from crawler.extract import extract

PARAGRAPH = "A stepwell is a well whose water is reached by descending a set of steps. " * 4
ARTICLE = f"""<!doctype html><html lang="en-GB"><head><title>Stepwells | Wells Daily</title>
<meta name="author" content="Ana Pozo"><meta property="og:site_name" content="Wells Daily">
<meta property="article:published_time" content="2021-05-06T07:08:09Z"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Stepwells</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH[::-1]}</p></article>
<footer>All rights reserved</footer><script>var x = "not text";</script></body></html>"""


def test_an_article_gives_its_text_title_author_date_site_and_language() -> None:
    page = extract(ARTICLE.encode(), "https://wells.example/stepwells")
    assert page.text.startswith("A stepwell is a well")
    assert "not text" not in page.text
    assert "All rights" not in page.text
    assert page.title.startswith("Stepwells")
    assert (page.authors, page.published, page.site_name, page.language) == (("Ana Pozo",), "2021-05-06", "Wells Daily", "en")


def test_a_page_without_an_article_gives_its_visible_text_line_by_line() -> None:
    html = b"<html><title>Wells</title><body><h1>Wells</h1><ul><li>one <b>bo</b>ld<li>two</ul><table><tr><td>3<td>4</table>end"
    page = extract(html, "https://wells.example/")
    assert page.title == "Wells"
    for line in ("one bold", "two", "end"):
        assert line in page.text


def test_a_page_too_large_for_the_extractor_still_gives_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_module, "MAX_TRAFILATURA", 10)
    page = extract(ARTICLE.encode(), "https://wells.example/stepwells")
    assert "A stepwell is a well" in page.text
    assert "All rights" not in page.text


@pytest.mark.parametrize(
    "html", [b"", b"  ", b"<html></html>", b"<script>x</script>", b"<!-- only a comment -->", b"\0\1\2", b"<frameset></frameset>"]
)
def test_a_page_without_text_is_an_error(html: bytes) -> None:
    with pytest.raises(ExtractionError, match="no text"):
        extract(html, "https://wells.example/")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-1", "windows-1251", "shift_jis"])
def test_a_declared_charset_is_honoured(codec: str) -> None:
    words = {"windows-1251": "Колодец с водой", "shift_jis": "井戸の水"}.get(codec, "Brunnen für Wasser")
    html = f'<html><head><meta charset="{codec}"></head><body><p>{words} {words}</p></body></html>'.encode(codec)
    assert words in extract(html, "").text
    served = f"<html><body><p>{words} {words}</p></body></html>".encode(codec)
    assert words in extract(served, "", codec).text


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_text_or_an_extraction_error(data: bytes) -> None:
    try:
        page = extract(b"<p>" + data, "https://wells.example/")
    except ExtractionError:
        return
    assert page.text.strip()
    page.text.encode()


@pytest.mark.parametrize(
    "html", [b"<div>" * 20_000 + b"deep", b"<b>" * 5_000 + b"bold", b"<p>" + b"word " * 300_000, b"<a<b<c<" * 5_000]
)
def test_extreme_pages_end_in_text_or_an_extraction_error(html: bytes) -> None:
    try:
        text = extract(html, "").text
    except ExtractionError:
        return
    assert text.strip()


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    assert decode(text.encode(), "iso-8859-1") == text.removeprefix("\ufeff")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=100))
def test_a_byte_order_mark_settles_the_encoding(text: str) -> None:
    assert decode(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text


def test_binary_data_is_refused_and_strange_charsets_are_ignored() -> None:
    with pytest.raises(DecodeError, match="binary"):
        decode(bytes(range(256)))
    assert decode("Straße und Brücke über dem Brunnen".encode("cp1252"), "no-such-charset").startswith("Stra")
