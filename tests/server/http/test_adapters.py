"""Each shape: what its clients send is understood, what they read is there."""

from __future__ import annotations

import datetime
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address
from server.categories import Category
from server.http.adapters.dates import between, freshness, tbs, within
from server.http.adapters.hits import moment, sites, target_of, url_of

TIDES = "https://met.alder.example/0"


def searx(http: httpx.Client, **params: Any) -> dict[str, Any]:
    return http.get("/search", params={"q": "tides", "format": "json"} | params).raise_for_status().json()


def test_step_gets_hits_with_whole_texts(http: httpx.Client) -> None:
    reply = http.post("/v1/search", json={"query": "tides", "n": 1, "category": "research"}).json()
    [hit] = reply.pop("results")
    assert reply == {"query": "tides", "category": "research"}
    assert set(hit) == {"url", "position", "title", "time", "snippet", "content"}
    assert (hit["url"], hit["position"], hit["title"], hit["time"]) == (TIDES, 1, "Tides and the moon", "2015")
    assert "sun and moon pull" in hit["content"]


def test_searxng_answers_at_the_root_and_at_search_alike(http: httpx.Client) -> None:
    first = searx(http)
    assert first["results"][0]["url"] == TIDES
    assert {"url", "title", "content", "engines", "category"} <= set(first["results"][0])
    for path in ("/", "/searxng/search", "/searxng"):
        assert http.get(path, params={"q": "tides", "format": "json"}).json() == first
    assert http.post("/search", data={"q": "tides", "format": "json"}).json() == first


def test_searxng_takes_what_other_programs_put_into_its_parameters(http: httpx.Client) -> None:
    open_webui = {"safesearch": "1", "language": "en-US", "time_range": "", "categories": "", "theme": "simple", "image_proxy": 0}
    dify = {"categories": "general", "engines": "bing", "time_range": "None"}
    for params in (open_webui, dify):
        found = searx(http, **params)["results"]
        assert sorted(found, key=lambda hit: hit["score"], reverse=True) == found
        assert found[0]["url"] == TIDES
        assert (
            http.get("/", params={"q": "tides", "format": "json"} | params, headers={"accept": "text/html"}).json()["results"]
            == found
        )


def test_open_webui_gets_a_bare_list_of_links(http: httpx.Client) -> None:
    [hit] = http.post("/open-webui/search", json={"query": "tides", "count": 1}).json()
    assert (hit["link"], hit["title"]) == (TIDES, "Tides and the moon")
    assert "sun and moon pull" in hit["snippet"]
    assert http.post("/open-webui/search", json={"query": ""}).json()["code"] == "INVALID_ARGUMENT"


def test_searxng_pages_hold_each_hit_once(http: httpx.Client) -> None:
    pages = [
        searx(http, q="tide moon boiling battery starter bread brakes pads heat bees coffee paper water", pageno=page)["results"]
        for page in ("1", "2")
    ]
    urls = [hit["url"] for page in pages for hit in page]
    assert len(pages[0]) == 10
    assert len(set(urls)) == len(urls) > 10
    assert [hit["positions"] for page in pages for hit in page] == [[i + 1] for i in range(len(urls))]


def test_searxng_filters_by_time_and_keeps_documents_that_say_no_language(http: httpx.Client) -> None:
    assert searx(http, time_range="day")["results"] == []
    assert searx(http, language="de-CH")["results"]
    assert searx(http, language="all")["results"]


def test_a_person_is_sent_to_the_page_and_an_unknown_format_is_refused(http: httpx.Client) -> None:
    assert http.get("/search?q=tides").headers["location"] == "/?q=tides"
    assert "text/html" in http.get("/").headers["content-type"]
    assert http.get("/search?q=tides&format=rss").status_code == 403


def test_tavily_gets_scores_domains_and_raw_content_if_asked(http: httpx.Client) -> None:
    asked = {"query": "tides", "max_results": 5, "include_raw_content": "markdown", "topic": None, "include_domains": [TIDES]}
    reply = http.post("/search", json=asked).json()
    assert {"query", "results", "response_time", "images", "answer", "follow_up_questions"} <= set(reply)
    [hit] = reply["results"]
    assert {"title", "url", "content", "score", "raw_content", "published_date"} <= set(hit)
    assert 0 < hit["score"] < 1
    without = http.post("/tavily/search", json={"query": "tides", "exclude_domains": "*.alder.example, x.example"}).json()
    assert without["results"]
    assert all("alder.example" not in hit["url"] and hit["raw_content"] is None for hit in without["results"])


def test_json_that_is_called_a_form_is_json(http: httpx.Client) -> None:
    curl = {"content-type": "application/x-www-form-urlencoded"}
    for body, results in ((b'{"query": "tides"}', "results"), (b' {"q": "tides"}', "organic")):
        assert http.post("/search", content=body, headers=curl).json()[results]


def test_tavily_dates_filter(http: httpx.Client) -> None:
    def years(**dates: str) -> list[str]:
        asked = {"query": "tide water bread", "max_results": 20} | dates
        return sorted(hit["published_date"] for hit in http.post("/search", json=asked).json()["results"])

    assert years(start_date="2016-01-01", end_date="2017-12-31") == ["2016", "2017"]
    assert years(time_range="week") == []
    assert years(time_range="whenever") == years()


def test_tavily_extracts_by_url_and_says_what_failed(http: httpx.Client) -> None:
    reply = http.post("/extract", json={"urls": [TIDES, "https://nowhere.example/"]}).json()
    assert [one["url"] for one in reply["results"]] == [TIDES]
    assert [one["url"] for one in reply["failed_results"]] == ["https://nowhere.example/"]
    assert reply["failed_results"][0]["error"]
    assert http.post("/tavily/extract", json={"urls": TIDES}).json()["results"] == reply["results"]
    assert http.post("/extract", json={"urls": []}).status_code == 400


def test_an_address_with_commas_is_one_address(http: httpx.Client) -> None:
    url = "https://nowhere.example/map?at=46.9,7.4"
    assert [one["url"] for one in http.post("/extract", json={"urls": url}).json()["failed_results"]] == [url]
    assert http.post("/access", json={"urls": url}).json() == {"result": [None]}


def test_errors_stand_where_tavilys_and_serpers_clients_look(http: httpx.Client) -> None:
    reply = http.post("/search", json={"query": " "})
    assert reply.status_code == 400
    body = reply.json()
    assert body["detail"]["error"] == body["message"] == body["error"]["message"] == "query is empty; give at least one word"


def test_gpt_researcher_gets_a_bare_list_with_whole_texts(http: httpx.Client) -> None:
    reply = http.get("/search", params={"query": "tides", "max_results": "1"}).json()
    assert [set(hit) for hit in reply] == [{"url", "href", "title", "body", "raw_content"}]
    assert http.get("/gpt-researcher/search", params={"query": "tides", "max_results": "1"}).json() == reply


def test_exa_gets_hits_with_what_it_asked_for(http: httpx.Client) -> None:
    asked = {"query": "tides", "numResults": 1, "contents": {"text": {"maxCharacters": 20}, "highlights": True}}
    [hit] = http.post("/exa/search", json=asked, headers={"x-api-key": "any"}).json()["results"]
    assert (hit["id"], hit["url"], hit["title"]) == (TIDES, TIDES, "Tides and the moon")
    assert len(hit["text"]) == 20
    assert hit["highlights"][0].startswith("Spring tides")
    assert not {"text", "highlights"} & set(http.post("/exa/search", json={"query": "tides"}).json()["results"][0])
    days = {"startPublishedDate": "2016-01-01T00:00:00.000Z", "endPublishedDate": "2017-12-31"}
    found = http.post("/exa/search", json={"query": "tide water bread", "numResults": 20} | days).json()["results"]
    assert sorted(hit["publishedDate"][:4] for hit in found) == ["2016", "2017"]
    only = http.post("/exa/search", json={"query": "tides", "includeDomains": ["met.alder.example"]}).json()["results"]
    assert {hit["url"].split("/")[2] for hit in only} == {"met.alder.example"}


def test_exa_reads_pages_and_says_which_are_not_there(http: httpx.Client) -> None:
    reply = http.post("/exa/contents", json={"urls": [TIDES, "https://nowhere.example/"], "text": True}).json()
    [page] = reply["results"]
    assert "sun and moon pull" in page["text"]
    assert [one["status"] for one in reply["statuses"]] == ["success", "error"]
    assert http.post("/exa/contents", json={"urls": []}).status_code == 400


def test_serper_answers_one_or_a_list_in_order(http: httpx.Client) -> None:
    one = http.post("/search", json={"q": "tides", "num": "1", "gl": "us", "hl": "en"}, headers={"x-api-key": "any"}).json()
    assert one["organic"] == [
        {
            "title": "Tides and the moon",
            "link": TIDES,
            "snippet": "Spring tides come when sun and moon pull in one line, at new and full moon.",
            "position": 1,
            "date": "2015",
        }
    ]
    assert one["searchParameters"]["q"] == "tides"
    many = http.post("/search", json=[{"q": "tides", "num": 1}, {"q": "sourdough"}]).json()
    assert many[0] == one
    assert many[1]["searchParameters"]["q"] == "sourdough"
    assert http.post("/serper/search", params={"q": "tides", "num": 1}).json() == one


def test_a_serper_list_within_its_limits_is_answered_and_paid_for_once(
    searcher: Searcher, serve: Callable[..., Any], tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    _, rich = KeyFile(keys).create("rich", ("search",), per_minute=100, per_day=150)
    _, poor = KeyFile(keys).create("poor", ("search",), per_minute=99)
    asked = [{"q": f"tides {number}", "num": 100} for number in range(100)]
    with httpx.Client(base_url=serve(searcher, http=Address("127.0.0.1", 0), keys=keys).http, timeout=20) as http:
        reply = http.post("/search", json=asked, headers={"x-api-key": rich})
        assert reply.status_code == 200
        assert [page["searchParameters"]["q"] for page in reply.json()] == [one["q"] for one in asked]
        assert all(page["organic"] for page in reply.json())
        assert http.post("/search", json=asked[:51], headers={"x-api-key": rich}).status_code == 429
        refused = http.post("/search", json=asked, headers={"x-api-key": poor})
        assert "retry-after" not in refused.headers
        assert http.post("/search", json=asked[:99], headers={"x-api-key": poor}).status_code == 200  # nothing was paid


def test_serper_refuses_a_list_of_nothing(http: httpx.Client) -> None:
    reply = http.post("/serper/search", json=[])
    assert (reply.status_code, reply.json()["message"]) == (400, "a list takes 1 to 100 searches, this one has 0")


def test_serper_second_page_goes_on_where_the_first_ended(http: httpx.Client) -> None:
    asked = {"q": "tide water bread", "num": 2}
    pages = [http.post("/search", json=asked | {"page": page}).json()["organic"] for page in (1, 2)]
    assert [hit["position"] for page in pages for hit in page] == [1, 2, 3, 4]


def test_brave_answers_at_its_own_path(http: httpx.Client) -> None:
    reply = http.get("/res/v1/web/search", params={"q": "tides", "count": "1", "extra_snippets": "True"}).json()
    [hit] = reply["web"]["results"]
    assert (hit["title"], hit["url"], hit["page_age"]) == ("Tides and the moon", TIDES, "2015-01-01T00:00:00")
    assert hit["description"].startswith("Spring tides")
    assert reply["query"] == {"original": "tides", "more_results_available": True}
    assert http.get("/brave/search", params={"q": "tides", "count": "1"}).json() == reply


def test_search_r1_gets_a_list_per_query_in_order(http: httpx.Client) -> None:
    reply = http.post("/retrieve", json={"queries": ["tides", "", "sourdough"], "topk": 1, "return_scores": True}).json()[
        "result"
    ]
    assert [len(hits) for hits in reply] == [1, 0, 1]
    assert reply[0][0]["document"]["contents"].split("\n")[0] == '"Tides and the moon"'
    bare = http.post("/retrieve", json={"queries": ["tides"], "topk": 1}).json()["result"]
    assert bare == [[reply[0][0]["document"]]]


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("/retrieve", "queries", {"query": ["tides"]}),
        ("/retrieve", "queries", {"queries": None, "topk": 3}),
        ("/retrieve", "queries", {}),
        ("/access", "urls", {"url": TIDES}),
        ("/access", "urls", {"urls": ""}),
    ],
)
def test_a_trainers_request_without_its_field_is_refused_and_not_answered_with_nothing(
    http: httpx.Client, path: str, field: str, body: dict[str, Any]
) -> None:
    reply = http.post(path, json=body)
    assert reply.status_code == 400
    assert reply.json()["message"].startswith(f"{field} is missing; what was sent is ")
    assert http.post(path, json={field: []}).json() == {"result": []}


def test_asearcher_reads_pages_and_gets_null_for_what_is_not_there(http: httpx.Client) -> None:
    page, nothing = http.post("/access", json={"urls": [TIDES, "https://nowhere.example/"]}).json()["result"]
    assert "sun and moon pull" in page["contents"]
    assert nothing is None
    assert http.post("/access", json={"urls": []}).json() == {"result": []}
    many = [TIDES, *(f"https://nowhere.example/{n}" for n in range(100)), TIDES]
    assert http.post("/access", json={"urls": many}).json()["result"] == [page, *[None] * 100, page]


@pytest.mark.parametrize(
    "path",
    ["/v1/search", "/search", "/extract", "/retrieve", "/access", "/serper/search", "/v1/fetch", "/exa/search", "/exa/contents"],
)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"7", b"{", b"[[[]]]", b'{"queries": {}, "urls": 3, "q": [1]}', b"\xff", b"[" * 9999]
)
def test_a_body_that_says_nothing_is_refused_and_breaks_nothing(http: httpx.Client, path: str, body: bytes) -> None:
    assert http.post(path, content=body).status_code in (200, 400)


def test_dates_in_every_services_words() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    week = (today - datetime.timedelta(days=7)).isoformat()
    assert within("week").after == within("w").after == tbs("qdr:w").after == freshness("pw").after == week
    assert tbs("cdr:1,cd_min:1/2/2024,cd_max:12/31/2024") == between("2024-01-02", "2024-12-31")
    assert freshness("2024-01-02to2024-12-31").before == "2025-01-01"
    assert within("whenever").after == between("soon", "13/45/2024").after == ""
    assert between("", "9999-12-31").before == ""


@given(st.text(), st.text())
def test_no_date_parameter_breaks(text: str, other: str) -> None:
    for dates in (within(text), tbs(text), freshness(text), between(text, other), tbs(f"qdr:d{text}")):
        assert len(dates.after) in (0, 10)


@given(st.lists(st.text()))
def test_no_domain_breaks(names: list[str]) -> None:
    sites(names)


def test_domains_in_every_spelling() -> None:
    given_names = ["https://www.who.int/news?x", "*.gov", ".edu", "arxiv.org/abs/1", "a.example:8080", "", "ARXIV.org"]
    assert sites(given_names) == ("www.who.int", "gov", "edu", "arxiv.org", "a.example")


@pytest.mark.parametrize(
    "asked", ["science", "Science", " SCIENCE ", "general,science", "science, general", "news, Science ,science"]
)
def test_searxng_lists_of_categories_restrict_by_the_first_that_the_server_defines(
    searcher: Searcher, serve: Callable[..., Any], asked: str
) -> None:
    categories = {"science": Category(kinds=("file",)), "files": Category(kinds=("paper",))}
    with httpx.Client(base_url=serve(searcher, http=Address("127.0.0.1", 0), categories=categories).http) as http:
        assert searx(http, q="tide", categories="general")["results"]
        assert searx(http, q="tide", categories=asked) | {"query": ""} == searx(http, q="tide", categories="science") | {
            "query": ""
        }
        assert searx(http, q="tide", categories=asked)["results"] == []
        assert http.post("/search", json={"q": "tide", "format": "json", "categories": [asked]}).json()["results"] == []


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_document_without_an_address_is_found_by_its_name(doc_id: str) -> None:
    assert target_of(url_of(doc_id, "")) == doc_id


def test_partial_dates_become_ones_that_every_parser_reads() -> None:
    assert [moment(p) for p in ("2019", "2019-06", "2019-06-03", "", "2019-06-03T10:00")] == [
        "2019-01-01T00:00:00", "2019-06-01T00:00:00", "2019-06-03T00:00:00", None, "2019-06-03T00:00:00",
    ]  # fmt: skip


def test_scores_keep_the_order(http: httpx.Client) -> None:
    hits = http.post("/search", json={"query": "tide water", "max_results": 10}).json()["results"]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_a_category_restricts_where_the_server_defines_it_and_says_nothing_elsewhere(
    searcher: Searcher, serve: Callable[..., Any], http: httpx.Client
) -> None:
    base = serve(searcher, http=Address("127.0.0.1", 0), categories={"research": Category(kinds=("paper",))}).http
    ask = {"query": "a paper without tides", "n": 20, "category": "research"}
    narrowed = httpx.post(f"{base}/v1/search", json=ask).json()["results"]
    assert [hit["title"] for hit in narrowed] == ["A paper without abstract"]
    assert len(http.post("/v1/search", json=ask).json()["results"]) > 1


def test_pages_end(http: httpx.Client) -> None:
    assert searx(http, q="water", pageno=999_999)["results"] == []
    assert searx(http, q="water", pageno=1)["results"]


def test_head_is_answered_as_get_without_a_body(http: httpx.Client) -> None:
    reply = http.head("/healthz")
    assert reply.status_code == 200
    assert reply.content == b""


def test_a_compressed_body_is_called_one(http: httpx.Client) -> None:
    body = gzip.compress(orjson.dumps({"queries": ["water"]}))
    reply = http.post("/v1/batch_search", content=body, headers={"content-encoding": "gzip", "content-type": "application/json"})
    assert reply.status_code == 400
    assert "gzip" in reply.text
