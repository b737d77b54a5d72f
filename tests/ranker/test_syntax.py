"""What is typed besides words becomes filters, and nothing that can be typed is an error."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ranker.syntax import MAX_OPERATORS, PROSE, Asked, parse

plain = st.from_regex(r"[a-zà-öø-ÿ]{1,8}", fullmatch=True)
some = st.lists(plain, max_size=3, unique=True).map(tuple)
phrase = st.lists(plain, min_size=1, max_size=3).map(" ".join)
year = st.one_of(st.none(), st.integers(1, 9999))
asked = st.builds(
    lambda words, phrases, without, sites, excluded, authors, years: Asked(
        " ".join([*words, *phrases]), phrases, without, sites, excluded, authors, *years
    ),
    st.lists(plain, min_size=1, max_size=PROSE),
    st.lists(phrase, max_size=3, unique=True).map(tuple),
    st.lists(phrase, max_size=3, unique=True).map(tuple),
    some,
    some,
    some,
    st.tuples(year, year).map(lambda y: (None, None) if None not in y and y[0] > y[1] else y),
)


@given(asked)
def test_what_is_written_is_read_again(asked: Asked) -> None:
    assume(len(asked.words.split()) + sum(len(p.split()) for p in asked.phrases) <= PROSE)  # more is prose
    own = asked.words.split()[: len(asked.words.split()) - sum(len(p.split()) for p in asked.phrases)]
    assert parse(" ".join([*own, asked.to_text()])) == asked


@given(st.text() | st.text(alphabet='-":. \nsiteauhoryear0123'))
def test_any_string_can_be_asked(text: str) -> None:
    asked = parse(text)
    assert (
        asked.words or asked.sites or asked.authors or asked.first_year or asked.last_year or not text.strip() or text.isspace()
    )
    assert all(phrase in text for phrase in (*asked.phrases, *asked.without, *asked.authors))
    assert parse(text) == asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"tide table" moon', Asked("tide table moon", phrases=("tide table",))),
        ('moon -boiling -"hot water"', Asked("moon", without=("boiling", "hot water"))),
        ("SITE:Met.Example. -site:.gov tides", Asked("tides", sites=("met.example",), exclude_sites=("gov",))),
        ("site:https://arxiv.org/ tides", Asked("tides", sites=("arxiv.org",))),
        ("site:who.int/news?x=1 tides", Asked("tides", sites=("who.int",))),
        ("site:*.who.int tides -site:*.gov", Asked("tides", sites=("who.int",), exclude_sites=("gov",))),
        (
            "(site:who.int) tides, site:met.example, (year:2020)",
            Asked("tides,", sites=("who.int", "met.example"), first_year=2020, last_year=2020),
        ),
        ("tides [-site:who.int:8080/a)];", Asked("tides", exclude_sites=("who.int",))),
        ('author:Ångström author:"J. Smith" light', Asked("light", authors=("Ångström", "J. Smith"))),
        ("light year:2018..2021", Asked("light", first_year=2018, last_year=2021)),
        ("light year:2018..", Asked("light", first_year=2018)),
        ("light year:..2021", Asked("light", last_year=2021)),
        ("light year:2020 year:2022", Asked("light", first_year=2022, last_year=2022)),
        ("author:smith", Asked("", authors=("smith",))),
        (
            'who coined "attention is all you need"?',
            Asked("who coined attention is all you need?", ("attention is all you need",)),
        ),
    ],
)
def test_operators(text: str, expected: Asked) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "well-known state-of-the-art",
        "a - b",
        "-5 degrees",
        "-1 ribosomal frameshift",
        '"no end',
        '"?!" x',
        "year:soon x",
        "year:2021..2018 x",
        "year:0000 x",
        "year:.. x",
        "site:/path x",
        "author:42 x",
        "-author:smith x",
        "see https://alder.example/a:b",
        "-only -these",
        'He said "we will build it."',  # a sentence
        "first line\n-second",
        'He said "we will build it" ' + "and so on " * PROSE,
    ],
)
def test_what_is_no_operator_is_words(text: str) -> None:
    assert parse(text) == Asked(" ".join(text.split()) if "-only" not in text else text)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("site: who.int tides", ("site:",)),
        ("tides (site:who.int|cdc.gov) site:* x site:* y", ("(site:who.int|cdc.gov)", "site:*")),
        ("tides site:who.int", ()),
        ("a website:who.int", ()),
    ],
)
def test_what_was_meant_as_a_host_and_is_none_is_known(text: str, unread: tuple[str, ...]) -> None:
    assert parse(text).unread == unread


def test_operators_beyond_the_limit_are_words() -> None:
    found = parse("x " + " ".join(f"site:s{i}.org" for i in range(MAX_OPERATORS + 1)))
    assert len(found.sites) == MAX_OPERATORS
    assert found.words == f"x site:s{MAX_OPERATORS}.org"
