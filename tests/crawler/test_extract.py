"""HTML pages as text, sections and metadata, and bytes as characters."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError
from crawler.extract import Extracted, extract
from crawler.extraction.page import MAX_ATTRIBUTES, MAX_ELEMENTS, MAX_HTML

PARAGRAPH = "A stepwell is a well whose water is reached by descending a set of steps. " * 4
ARTICLE = f"""<!doctype html><html lang="en-GB"><head><title>Stepwells | Wells Daily</title>
<meta name="author" content="Ana Pozo"><meta property="og:site_name" content="Wells Daily">
<meta property="article:published_time" content="2021-05-06T07:08:09Z"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Stepwells</h1><p>{PARAGRAPH}</p><h2>How they <i>look</i></h2>
<p>{PARAGRAPH[::-1]}</p></article><footer>All rights reserved</footer><script>var x = "not text";</script></body></html>"""
MANUAL = """<html><head><title>pump &#8212; move water &#8212; Pumps 3.1 documentation</title>
<meta name="generator" content="Docutils 0.19"></head><body><div class="sphinxsidebar"><h3>Previous topic</h3><a>valve</a></div>
<div role="main"><h1>pump — move water<a class="headerlink" href="#pump">¶</a></h1><p>Moves water.</p>
<h2>Use<a href="#use">#</a></h2><div class="highlight"><pre><span>def</span> lift(water):
    return water

lift(1)
</pre></div><h3>Options</h3><table><tr><th>Name<th>Default</tr><tr><td><p>speed</p></td><td><p>1 l/s</p></td></tr></table>
<h2>Errors</h2><dl><dt><code>Dry</code><dd><p>No water.</p></dl><ul><li><p>first</p><li>second</ul></div></body></html>"""

JSON_LD = '<script type="application/ld+json">[{"@graph":[{"@type":"NewsArticle",%s}]}]</script>'


def test_an_article_gives_its_text_title_author_date_site_and_language() -> None:
    page = extract(ARTICLE.encode(), "https://wells.example/stepwells")
    assert page.text.startswith("A stepwell is a well")
    assert "not text" not in page.text
    assert "All rights" not in page.text
    assert (page.title, page.authors, page.site_name, page.language) == ("Stepwells", ("Ana Pozo",), "Wells Daily", "en")
    assert (page.published, page.date_confidence) == ("2021-05-06", "meta")
    assert [(s.heading, s.level) for s in page.sections] == [("How they look", 2)]


def test_documentation_keeps_signatures_tables_code_and_headings_and_loses_the_navigation() -> None:
    page = extract(MANUAL.encode(), "https://pumps.example/pump.html")
    assert page.title == "pump — move water"
    code = "Use\ndef lift(water):\n    return water\n\nlift(1)\n"
    assert page.text == f"Moves water.\n{code}Options\nName | Default\nspeed | 1 l/s\nErrors\nDry\nNo water.\n- first\n- second"
    parts = {s.heading: (s.level, page.text[s.start : s.end]) for s in page.sections}
    assert parts["Use"] == (2, code + "Options\nName | Default\nspeed | 1 l/s")
    assert parts["Options"] == (3, "Options\nName | Default\nspeed | 1 l/s")
    assert parts["Errors"][1].endswith("second")


def test_a_page_without_an_article_gives_its_visible_text_line_by_line() -> None:
    html = b"<html><title>Wells</title><body><h1>Wells</h1><ul><li>one <b>bo</b>ld<li>two</ul><table><tr><td>3<td>4</table>end"
    page = extract(html, "https://wells.example/")
    assert page.title == "Wells"
    assert page.text.splitlines() == ["- one bold", "- two", "3 | 4", "end"]


def test_a_thread_keeps_its_answers() -> None:
    posts = "".join(f'<div class="post"><p>Answer {i}: {PARAGRAPH}</p></div>' for i in range(8))
    page = extract(f"<title>Q</title><body><nav>Forum</nav><h1>How deep?</h1><div>{posts}</div>".encode(), "")
    assert all(f"Answer {i}:" in page.text for i in range(8))


def test_a_formula_is_given_as_the_tex_it_carries() -> None:
    math = '<math alttext="x^2"><mi>x</mi><mn>2</mn></math>'
    katex = '<math><mi>y</mi><annotation encoding="application/x-tex">y_1</annotation></math><span aria-hidden="true">y1</span>'
    assert extract(f"<p>Let {math} and {katex} be.</p>".encode(), "").text == "Let x^2 and y_1 be."


@pytest.mark.parametrize(
    ("head", "body", "title", "site"),
    [
        ("<title>Deep wells - Wells Daily</title>", "<h1>Deep wells</h1>", "Deep wells", ""),
        ('<title>Wells Daily: a - b</title><meta property="og:title" content="Deep wells">', "", "Deep wells", ""),
        (
            '<title>Deep – wells | Wells Daily</title><meta property="og:site_name" content="Wells Daily">',
            "",
            "Deep – wells",
            "Wells Daily",
        ),
        ("", "<h2>Below</h2><h1>Above</h1>", "Above", ""),
        ("<title> </title>", "", "", ""),
        ("<title>T</title>" + JSON_LD % '"publisher":{"name":"The Bucket"}', "", "T", "The Bucket"),
    ],
)
def test_titles_lose_the_site_and_a_site_is_named_by_the_page_alone(head: str, body: str, title: str, site: str) -> None:
    page = extract(f"<html><head>{head}</head><body>{body}<p>{PARAGRAPH}</p>".encode(), "https://host.example/p")
    assert (page.title, page.site_name) == (title, site)


@pytest.mark.parametrize(
    ("head", "url", "date", "confidence"),
    [
        ('<meta name="citation_publication_date" content="2019/06">', "/2020/01/02/x", "2019-06", "meta"),
        (JSON_LD % '"datePublished":"2019-06-03T1:2"', "", "2019-06-03", "meta"),
        ('<meta name="date" content="3 June 2019 10:00">', "", "2019-06-03", "meta"),
        ('<meta name="date" content="2019-13-41">', "/2020/01/02/x", "2020-01-02", "url"),
        ("", "/2020/01/x", "2020-01", "url"),
        ('<meta name="date" content="2999-01-01">', "/item/19284", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_date_says_how_sure_it_is(head: str, url: str, date: str, confidence: str) -> None:
    page = extract(f"<html><head>{head}</head><body><p>{PARAGRAPH}</p>".encode(), f"https://host.example{url}")
    assert (page.published, page.date_confidence) == (date, confidence)


def test_a_date_that_is_only_printed_is_marked_as_such() -> None:
    html = f'<body><div class="post-date">Published on 12 March 2018</div><article><p>{PARAGRAPH}</p></article>'
    page = extract(html.encode(), "https://host.example/p")
    assert (page.published, page.date_confidence) == ("2018-03-12", "text")


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        (
            '<meta name="citation_author" content="Pozo, Ana"><meta name="citation_author" content="Li, Wei">',
            ("Pozo, Ana", "Li, Wei"),
        ),
        ('<meta name="author" content="By Ana Pozo, Wei Li and Bo Ek">', ("Ana Pozo", "Wei Li", "Bo Ek")),
        ('<meta name="author" content="https://wells.example/ana">', ()),
        (
            '<script type="application/ld+json">{"@type":"Article","author":[{"name":"Ana Pozo"},"Wei Li"]}</script>',
            ("Ana Pozo", "Wei Li"),
        ),
        ('<script type="application/ld+json">{"@type":"Article","author":{]}</script>', ()),
    ],
)
def test_authors_are_names_as_the_page_states_them(head: str, authors: tuple[str, ...]) -> None:
    assert extract(f"<html><head>{head}</head><body><p>{PARAGRAPH}</p>".encode(), "").authors == authors


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


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h6",
        "b",
        "a",
        "ul",
        "li",
        "table",
        "tr",
        "td",
        "pre",
        "code",
        "br",
        "main",
        "article",
        "html",
        "nav",
    ]
)
WORDS = st.text("abc é¶|\n\t\u00ad\u200b&<>\"'\r", max_size=12)
PAGES = st.recursive(
    WORDS,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


def whole(page: Extracted) -> None:
    """What holds for every page."""
    assert page.text.strip()
    page.text.encode()
    at = 0
    for section in page.sections:
        assert at <= section.start < section.end <= len(page.text)
        at = section.start
        assert page.text[section.start : section.end].split("\n")[0] == section.heading
        assert section.start == 0 or page.text[section.start - 1] == "\n"
        assert section.end == len(page.text) or page.text[section.end] == "\n"
        inside = [s for s in page.sections if section.start < s.start < section.end]
        assert all(s.level > section.level and s.end <= section.end for s in inside)
    assert "\n" not in page.title
    assert bool(page.published) == bool(page.date_confidence)


@given(PAGES, PAGES)
@settings(max_examples=150, deadline=None)
def test_sections_lie_exactly_on_their_headings_and_the_same_page_gives_the_same(first: str, second: str) -> None:
    html = f"<body>{first}<h2>Two</h2><p>{PARAGRAPH}</p>{second}<p>end</p>".encode()
    page = extract(html, "https://wells.example/")
    whole(page)
    assert page == extract(html, "https://wells.example/")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"<p>", b"<article><h1>", b"<pre>", b"<meta name=date content=", b"<script type=ld+json>{"]),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_text_or_an_extraction_error(data: bytes, before: bytes) -> None:
    try:
        page = extract(before + data, "https://wells.example/")
    except ExtractionError:
        return
    whole(page)


HOSTILE = {
    "nested blocks": b"<div>" * 10_000 + b"deep water",
    "nested and closed": b"<div>x" * 10_000 + b"</div>" * 10_000,
    "nested unclosed inline": b"<b>" * 10_000 + b"deep water",
    "nested tables": b"<table><tr><td>" * 5_000 + b"x",
    "nested headings of nothing": b"<main>" * 200 + b"<h1>" * 2_000 + b"x",
    "crossing tags": b"".join(b"<b a%d><p>" % i for i in range(5_000)) + b"x",
    "crossing tags with text": b"".join(b"<b a%d>" % i for i in range(150)) + b"<p>x" * 5_000,
    "one long line": b"<p>" + b"word " * 300_000,
    "broken tags": b"<a<b<c<" * 5_000,
    "a huge attribute": b'<p title="' + b"x" * 5_000_000 + b'">text',
    "many attributes": b"<p " + b" ".join(b"a%d=b" % i for i in range(50_000)) + b">text",
    "many attributes behind a quoted bracket": b'<p x=">" ' + b" ".join(b"a%d" % i for i in range(50_000)) + b">text",
    "a long row": b"<table><tr>" + b"<td>x" * 15_000 + b"</table>",
    "a long table": b"<table>" + b"<tr><td>a<td>b" * 50_000 + b"</table>",
    "names of navigation around everything": b"<div class=nav>" * 200 + b"<p>text" * 10_000,
    "broken entities": b"<p>&#0;&#xD800;&#x110000;&bogus;&#55555555555;&amp" + b"&" * 1_000_000,
    "NULs": b"<p>text" + b"x" * 10_000 + b"\0" * 10_000 + b"</p>",
    "nothing": b" " * 5_000_000,
    "an open script": b"<p>text<script>" * 100_000,
    "deep JSON": b'<script type="application/ld+json">' + b"[" * 400_000 + b"</script><p>text",
    "wide JSON": b'<script type="application/ld+json">[' + b'{"@type":"Article","@graph":[1]},' * 10_000 + b"1]</script><p>text",
    "many names": b'<meta name=author content="' + b"a and " * 100_000 + b'"><p>text',
    "a title of separators": b"<title>" + b" | " * 200_000 + b"</title><h1>x</h1><p>text",
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_end_in_text_or_an_extraction_error(html: bytes) -> None:
    try:
        page = extract(html, "")
    except ExtractionError:
        return
    whole(page)


def test_text_below_ten_thousand_open_tags_is_found() -> None:
    assert extract(b"<title>Deep</title>" + b"<div>" * 10_000 + b"deep &amp; wet<script>no</script>", "").text == "deep & wet"


def test_text_beside_a_crowd_of_attributes_is_found() -> None:
    crowd = b" ".join(b"a%d=b" % i for i in range(MAX_ATTRIBUTES * 5))
    assert extract(b"<p " + crowd + b">water</p>", "").text == "water"


@pytest.mark.parametrize("html", [b"x" * (MAX_HTML + 1), b"<p>" * (3 * MAX_ELEMENTS + 1)], ids=["bytes", "tags"])
def test_a_page_over_a_limit_is_an_error_that_names_it(html: bytes) -> None:
    with pytest.raises(ExtractionError, match="limit"):
        extract(html, "https://wells.example/")


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    assert decode(text.encode(), "iso-8859-1") == text.removeprefix("\ufeff")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=100))
def test_a_byte_order_mark_settles_the_encoding(text: str) -> None:
    assert decode(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text


def test_binary_data_is_refused_and_strange_charsets_are_ignored() -> None:
    with pytest.raises(DecodeError, match="binary"):
        decode(bytes(range(256)))
    assert decode("Straße und Brücke über dem Brunnen".encode("cp1252"), "no-such-charset").startswith("Straße")


@pytest.mark.parametrize(
    "text",
    [
        "Der Brunnen hat süßes Wasser.",
        "L’été, l’eau est fraîche ; où ça ?",
        "El niño bebió; ¿quién más?",
        "A água não está fria",
        "Vattnet är kallt på våren",
        "Brønden på øen",
        "Kaivon vesi on kylmää",
        "Œuvres complètes",
        "São Paulo",
        "50 °C ± 2, £5 – “good”…",
        "é",
    ],
)
def test_short_western_pages_that_declare_nothing_are_read_as_windows_1252(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Studna je hluboká a voda v ní je čistá, řekl starý muž, který šel kolem domů.", "cp1250"),
        ("Studnia jest głęboka, a woda w niej czysta, powiedział stary człowiek, który mieszkał obok.", "cp1250"),
        ("Studna je hluboká a voda v ní je čistá, řekl starý muž, který šel kolem domů.", "iso8859-2"),
        ("Studnia jest głęboka, a woda w niej czysta, powiedział stary człowiek.", "iso8859-2"),
        ("Колодец глубокий, и вода в нём чистая, сказал старик.", "koi8-r"),
        ("井戸は深く、水はきれいだと、隣に住んでいた老人が言った。", "shift_jis"),
        ("井很深,水很清,住在旁边的老人说。今天天气很好。", "gb18030"),
    ],
)
def test_other_languages_are_not_taken_for_western(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == text
