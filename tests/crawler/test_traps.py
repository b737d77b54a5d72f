"""Are endless parts of a site told from its pages?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.web.page import canonical_url
from crawler.web.traps import MAX_CALENDAR, MAX_DISTANT, MAX_QUERIES, Traps, endless

SITE = "http://alder.example"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/a/b/a/b/a/b", "trap: path repeats itself"),
        ("/img/img/img/x.html", "trap: path repeats itself"),
        ("/" + "/".join(map(str, range(21))), "trap: path too deep"),
        ("/list?" + "&".join(f"f{n}=1" for n in range(14)), "trap: too many parameters"),
        ("/x" * 1100, "trap: URL over 2,083 characters"),
    ],
)
def test_traps_are_refused_with_their_name(path: str, why: str) -> None:
    assert Traps().refusal(f"{SITE}{path}") == why


@pytest.mark.parametrize(
    "path",
    [
        "/3/library/os.path.html",
        "/a/a/b/b",
        "/events/2024/05/",
        "/2031/05/forecast",
        "/blog/1871/02/letters",
        "/en/docs/en/docs",
        "/?page=3",
        "/events/1848-02-revolution",
        "/history/events/1789/07/14",
    ],
)
def test_pages_are_not(path: str) -> None:
    assert Traps().refusal(f"{SITE}{path}") == ""


def test_the_queries_of_one_path_end() -> None:
    traps = Traps()
    answers = [traps.refusal(f"{SITE}/find?q={n}") for n in range(MAX_QUERIES + 5)]
    assert answers == [""] * MAX_QUERIES + ["trap: too many queries"] * 5
    assert traps.refusal(f"{SITE}/other?q=1") == ""


def test_a_calendar_ends_after_a_year_of_days() -> None:
    traps = Traps()
    days = [
        f"{SITE}/calendar/{year}-{month:02}-{day:02}" for year in (2024, 2025) for month in range(1, 13) for day in range(1, 29)
    ]
    answers = [traps.refusal(day) for day in days]
    assert answers.count("") == MAX_CALENDAR


@pytest.mark.parametrize(
    "pattern",
    [
        "/calendar/{y}/{m:02}/", "/events?month={m}&year={y}", "/events?year={y}&month={m}", "/events/{y}{m:02}01",
        "/site/agenda.php?date={y}-{m:02}-01", "/?event_date={y}{m:02}15",
    ],
)  # fmt: skip
def test_a_calendar_of_other_centuries_ends_sooner(pattern: str) -> None:
    traps = Traps()
    answers = [
        traps.refusal(canonical_url(SITE + pattern.format(y=year, m=month)))
        for year in range(2080, 2090)
        for month in range(1, 13)
    ]
    assert answers == [""] * MAX_DISTANT + ["trap: calendar"] * (120 - MAX_DISTANT)


def test_an_archive_of_dated_pages_is_no_calendar() -> None:
    traps = Traps()
    told = [
        f"{SITE}/events/18{n // 12:02}-{n % 12 + 1:02}-{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}" for n in range(200)
    ]
    years = [f"{SITE}/prevention/{year}/01/01" for year in range(1500, 1900)]
    assert {traps.refusal(url) for url in (*told, *years)} == {""}


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_endless_agrees_with_its_definition(segments: list[str]) -> None:
    repeats = any(
        segments[s : s + n] == segments[s + n : s + 2 * n] == segments[s + 2 * n : s + 3 * n]
        for n in range(1, 7)
        for s in range(len(segments) - 3 * n + 1)
    )
    assert bool(endless("/" + "/".join(segments))) == repeats


@pytest.mark.parametrize(
    "url",
    [
        "http://alder.example/a?utm_source=x&b=1&fbclid=2",
        "http://alder.example/a;jsessionid=0A1B2C?b=1",
        "http://alder.example/a?PHPSESSID=0123456789abcdef0123&b=1",
        "http://alder.example./a?b=1",
        "http://alder.example/a?PHPSESSID=abc123&b=1",
        "http://alder.example/a?JSESSIONID=&ASPSESSIONIDQQ=7&zenid=1&osCsid=x&b=1",
        "http://alder.example/(S(abc))/a?b=1",
        "http://alder.example/a;jsessionid=x1?b=1",
    ],
)
def test_who_came_and_from_where_is_no_part_of_a_name(url: str) -> None:
    assert canonical_url(url) == "http://alder.example/a?b=1"


def test_a_short_sid_may_be_a_subject() -> None:
    assert canonical_url(f"{SITE}/a?sid=42") == f"{SITE}/a?sid=42"
    assert canonical_url(f"{SITE}/wiki/Well_(S)/a") == f"{SITE}/wiki/Well_(S)/a"


def test_an_international_name_has_one_spelling() -> None:
    assert canonical_url("http://BÜCHER.example/ä") == canonical_url("http://xn--bcher-kva.example/%C3%A4")
