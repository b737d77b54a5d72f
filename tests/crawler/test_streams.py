"""Do the readers of large JSON and XML files find every record, however the bytes are cut?"""

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.papers import json_objects
from crawler.papers.json_objects import read_objects
from crawler.papers.lines import BrokenOff
from crawler.papers.xml_repair import fragment, repaired

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5).filter(lambda k: k != "items"), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5).filter(lambda k: k != "items"), VALUES, max_size=4), max_size=6)


class Dripping(io.BytesIO):
    """Hands out a few bytes at a time."""

    step = 3

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self.step, size) if size and size > 0 else self.step)


@given(
    OBJECTS, st.sampled_from(["list", "items", "reply", "lines", "laid out", "joined"]), st.integers(1, 40), st.integers(1, 200)
)
def test_objects_come_out_as_they_went_in(objects: list[dict[str, object]], form: str, step: int, head: int) -> None:
    text = {
        "list": lambda: json.dumps(objects),
        "items": lambda: json.dumps({"items": objects}),
        "reply": lambda: json.dumps(
            {"status": "ok", "message-type": "work-list", "message": {"a": [1], "items": objects, "b": {}}}
        ),
        "lines": lambda: "\n".join(map(json.dumps, objects)),
        "laid out": lambda: json.dumps({"items": objects}, indent=2, ensure_ascii=False),
        "joined": lambda: " ".join(map(json.dumps, objects)),
    }[form]()
    file = Dripping(text.encode("utf-8", "surrogatepass"))
    file.step = step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_objects, "_HEAD", head if form not in ("lines", "laid out", "reply") else 4096)
        lines = list(read_objects(file))
    if not objects and form in ("lines", "joined"):
        assert [line.problem for line in lines] == ["empty file"]
    else:
        assert [line.problem for line in lines] == [""] * len(objects)
        assert [json.loads(line.data.decode("utf-8", "surrogatepass")) for line in lines] == objects


def test_breaks_are_told() -> None:
    def problems(content: bytes) -> list[str]:
        return [line.problem for line in read_objects(io.BytesIO(content))]

    assert problems(b'{"items":[{"a":1},{"b":') == ["", "truncated file"]
    assert problems(b"<html>") == ["not JSON"]
    assert problems(b"") == ["empty file"]


@pytest.mark.parametrize("first", [b"null", b"garbage", b"<b>", b'"text"', b"{broken"])
def test_a_bad_first_line_costs_itself_only(first: bytes) -> None:
    lines = list(read_objects(io.BytesIO(first + b'\n{"a": 1}\n{"a": 2}\n')))
    assert [(line.number, line.data) for line in lines] == [(1, first), (2, b'{"a": 1}'), (3, b'{"a": 2}')]


@given(st.integers(1, 12), st.booleans())
def test_items_that_are_no_objects_are_told_one_by_one(step: int, bare: bool) -> None:
    items = b'[null, {"a": [1, null, "x"]}, 12 , "a, b", [{"b": 1}, 2], {"c": 2},true]'
    file = Dripping(items if bare else b'{"n": [null, 7], "items": ' + items + b', "m": [null]}')
    file.step = step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_objects, "_HEAD", 40)
        lines = list(read_objects(file))
    assert [line.problem for line in lines] == ["not an object", "", *["not an object"] * 3, "", "not an object"]
    assert [line.data for line in lines if not line.problem] == [b'{"a": [1, null, "x"]}', b'{"c": 2}']
    assert [line.number for line in lines] == list(range(1, 8))


def test_an_object_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "MAX_OBJECT", 200_000)
    content = b'{"items":[{"a":1},{"b":"' + b"x" * 1_000_000
    assert [line.problem for line in read_objects(io.BytesIO(content))] == ["", "object too large"]


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def text_of(content: bytes, size: int = 1 << 16) -> str:
    return "".join(map(str, etree.fromstring(b"".join(repaired(cut(content, size)))).itertext()))


@given(st.integers(1, 30))
def test_repairs_do_not_depend_on_where_the_bytes_are_cut(size: int) -> None:
    head = b'<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE r SYSTEM "r.dtd">'
    content = head + b'<r a="&uuml;">\xfc &eacute; AT&T &#0;&#233;&lt;\x0b</r>'
    assert text_of(content, size) == "ü é AT&T é<"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<a>1</a><a>2</a>", "12"),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?><a>\xff</a>", "�"),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16"), "é"),
        (b"<?xml version='1.0' encoding='rot13'?><a>x</a>", "x"),
        (b"<a xsi:b='1'>&unknown; &nbsp;&</a>", "&unknown; \xa0&"),
        (b"<a><?xml version='1.0'?><b>x</b></a>", "x"),
    ],
)
def test_what_is_found_in_the_wild_is_read(content: bytes, text: str) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize("content", [b"", b"  ", b"plain", b"{}"])
def test_what_is_no_xml_is_told(content: bytes) -> None:
    with pytest.raises(BrokenOff, match="not XML"):
        list(repaired(iter([content])))


@given(st.text(max_size=60))
def test_any_string_is_read_as_a_fragment(text: str) -> None:
    assert fragment(text).tag == "records"
