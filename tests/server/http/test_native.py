"""The contract in JSON: the same messages, the same outcomes, errors with a code."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protos.stepwell.v1 import search_pb2 as pb
from ranker.query import Filters, Query
from ranker.search import Searcher
from server.errors import RequestRefused
from server.http.native import parse, to_json
from server.http.openapi import schemas
from server.http.words import spelled_out
from server.wire.ranking import outcome_to_proto

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FILTERS = st.builds(
    pb.Filters, kinds=st.lists(TEXT, max_size=3), sites=st.lists(TEXT, max_size=3), after=TEXT, undated=st.booleans()
)
QUERIES = st.builds(
    pb.Query,
    text=TEXT,
    k=st.none() | st.integers(0, 2**32 - 1),
    filters=st.none() | FILTERS,
    authority=st.sampled_from([0, 1, 2]),
    passages=st.none() | st.integers(0, 10),
    overlay=st.none() | st.builds(pb.Overlay, boost=st.lists(TEXT, max_size=3)),
)


@given(st.lists(QUERIES, max_size=4))
def test_a_request_survives_json(queries: list[pb.Query]) -> None:
    request = pb.BatchSearchRequest(queries=queries)
    again, warnings = parse(pb.BatchSearchRequest(), to_json(request))
    assert again == request
    assert not warnings


def test_a_whole_answer_survives_json(searcher: Searcher) -> None:
    outcomes = [outcome_to_proto(outcome) for outcome in searcher.search(["tides", "bread", ""])]
    reply = pb.BatchSearchResponse(outcomes=outcomes)
    assert parse(pb.BatchSearchResponse(), to_json(reply)) == (reply, [])


def test_http_answers_what_the_index_answers(http: httpx.Client, searcher: Searcher) -> None:
    reply = http.post("/v1/batch_search", json={"queries": [{"text": "tide table", "k": 2, "passages": 1}, "sourdough starter"]})
    assert reply.status_code == 200
    expected = searcher.search([Query("tide table", k=2, passages=1), Query("sourdough starter")])
    outcomes = parse(pb.BatchSearchResponse(), reply.json())[0].outcomes
    for outcome, ranking in zip(outcomes, expected, strict=True):
        same = outcome_to_proto(ranking)
        same.ranking.took_ms = outcome.ranking.took_ms
        del same.ranking.stages[:], outcome.ranking.stages[:]
        assert outcome == same


def test_a_bad_query_fails_alone(http: httpx.Client) -> None:
    reply = http.post("/v1/batch_search", json={"queries": [{"text": ""}, {"text": "tides", "k": 0}, {"text": "tides"}]}).json()
    assert [outcome.get("failure", {}).get("code") for outcome in reply["outcomes"]] == ["INVALID_ARGUMENT"] * 2 + [None]


def test_numbers_may_be_strings_and_an_unknown_field_is_said_to_be_ignored(http: httpx.Client) -> None:
    reply = http.post("/v1/batch_search", json={"queries": [{"text": "tides", "k": "1", "colour": "red"}]}).json()
    assert len(reply["outcomes"][0]["ranking"]["hits"]) == 1
    assert "colour" in reply["warnings"][0]


def test_every_unknown_field_is_named_once_with_its_place_and_the_nearest_that_there_is(http: httpx.Client) -> None:
    queries = [{"text": "tides", "K2": 1, "filters": {"site": ["met.example"]}}] * 3
    reply = http.post("/v1/batch_search", json={"nope": 1, "queries": queries})
    assert reply.status_code == 200
    assert reply.json()["warnings"] == [
        "nope is no field of BatchSearchRequest and is ignored",
        "queries.K2 is no field of Query and is ignored; the nearest is k",
        "queries.filters.site is no field of Filters and is ignored; the nearest is sites",
    ]
    many = http.post("/v1/fetch", json={"targets": ["tiny:0"]} | {f"x{n}" * 90: n for n in range(300)}).json()["warnings"]
    assert len(many) == 21
    assert many[-1] == "280 more fields are unknown and ignored"
    assert max(map(len, many)) < 150


@pytest.mark.parametrize("path", ["/v1/batch_search", "/v1/batch_search_stream"])
def test_a_refused_call_names_the_fields_that_were_ignored_of_it(http: httpx.Client, path: str) -> None:
    reply = http.post(path, json={"query": "tides"})
    assert reply.status_code == 400
    assert reply.json()["message"] == (
        "a call takes 1 to 256 queries, this one has none; "
        "query is no field of BatchSearchRequest and is ignored; the nearest is queries"
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": "kinds"}]}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": ""}]}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": []}]}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": False}]}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": [{"kinds": ["paper"]}]}]}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "overlay": "met.alder.example"}]}),
        ("/v1/batch_search", {"queries": [[]]}),
        ("/v1/batch_search", {"queries": [["tides"]]}),
        ("/v1/batch_search", {"queries": {"text": "tides"}}),
        ("/v1/batch_search", {"queries": [{"text": "tides", "filters": {"kinds": "paper"}}]}),
        ("/v1/fetch", {"parts": ["tiny:0"]}),
        ("/v1/fetch", {"parts": [{"target": "tiny:0", "lines": "1-2"}]}),
    ],
)
def test_a_value_where_an_object_or_a_list_is_meant_is_refused_and_not_ignored(http: httpx.Client, path: str, body: Any) -> None:
    reply = http.post(path, json=body)
    assert (reply.status_code, reply.json()["code"]) == (400, "INVALID_ARGUMENT"), reply.json()
    assert "write an object like {" in reply.json()["message"] or "write a list [" in reply.json()["message"]


def test_a_refused_value_is_repeated_in_short_however_deep_it_is(http: httpx.Client) -> None:
    deep = "[" * 1000 + "]" * 1000
    for path, body in (
        ("/v1/batch_search", f'{{"queries": [{{"text": "tides", "filters": {deep}}}]}}'),
        ("/v1/batch_search", f'{{"queries": {{"text": {deep}}}}}'),
        ("/retrieve", f'{{"queries": [{deep}]}}'),
    ):
        reply = http.post(path, content=body)
        assert reply.status_code == 400, reply.text
        assert len(reply.json()["message"]) < 200


def test_null_is_an_object_that_is_not_there(http: httpx.Client) -> None:
    assert http.post("/v1/batch_search", json={"queries": [{"text": "tides", "filters": None}]}).json()["outcomes"][0]["ranking"]


def test_values_have_plain_names_and_a_word_that_names_none_is_refused_with_those_that_do(http: httpx.Client) -> None:
    def asked(**query: Any) -> httpx.Response:
        return http.post("/v1/batch_search", json={"queries": [{"text": "tides moon bread"} | query]})

    def rankings(**query: Any) -> list[str]:
        return [hit["doc_id"] for hit in asked(**query).json()["outcomes"][0]["ranking"]["hits"]]

    for off in ("off", "OFF", "AUTHORITY_MODE_OFF", "authority_mode_off", 2, False):
        assert asked(authority=off).json()["outcomes"][0]["ranking"]["authority_version"] == "off", off
    for on in ("on", True, None):
        assert asked(authority=on).json()["outcomes"][0]["ranking"]["authority_version"] != "off", on
    dated = {"after": "2016", "before": "2017"}
    kept = rankings(filters=dated | {"undated": "keep"})
    assert kept == rankings(filters=dated | {"undated": True}) == rankings(filters=dated | {"undated": "true"})
    assert (
        rankings(filters=dated | {"undated": "drop"}) == rankings(filters=dated) == rankings(filters=dated | {"undated": False})
    )
    for query, words in (
        ({"authority": "maybe"}, "on or off"),
        ({"authority": 0}, "on or off"),
        ({"authority": [2]}, "on or off"),
        ({"filters": {"undated": "some"}}, "keep or drop"),
    ):
        reply = asked(**query)
        assert reply.status_code == 400
        assert words in reply.json()["message"], "the way out is said"


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["queries", "filters", "undated", "authority", "rerankMs", "text", "x"]), inner), max_leaves=20))  # fmt: skip
def test_words_in_anything_are_replaced_or_refused(fields: Any) -> None:
    with suppress(RequestRefused):
        once = spelled_out(fields, pb.BatchSearchRequest.DESCRIPTOR)
        assert spelled_out(once, pb.BatchSearchRequest.DESCRIPTOR) == once


def test_fetch_answers_by_id_and_by_url_and_says_what_it_lacks(http: httpx.Client) -> None:
    targets = ["tiny:0", "https://met.alder.example/0", "nowhere"]
    first, second, third = http.post("/v1/fetch", json={"targets": targets}).json()["outcomes"]
    assert first["fetched"]["document"] == second["fetched"]["document"]
    assert third["failure"]["code"] == "NOT_FOUND"


def test_status_says_what_is_served(http: httpx.Client, searcher: Searcher) -> None:
    assert http.get("/v1/status").json()["snapshot"] == searcher.status.snapshot


def test_a_refused_call_is_json_with_code_and_message(http: httpx.Client) -> None:
    for body in ("[]", "{", "3", "\ud800".encode("utf-8", "surrogatepass"), '{"queries": [{"text": 5}]}', '{"queries": []}'):
        reply = http.post("/v1/batch_search", content=body)
        assert reply.status_code == 400
        assert reply.json()["code"] == "INVALID_ARGUMENT"
        assert reply.json()["message"]


def test_paths_and_methods_that_nobody_answers_are_json_too(http: httpx.Client) -> None:
    assert http.get("/nothing").json()["code"] == "NOT_FOUND"
    wrong = http.get("/v1/batch_search")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "UNIMPLEMENTED")


def test_the_document_describes_every_message_and_holds_no_open_reference(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert {"/v1/batch_search", "/v1/fetch", "/v1/status", "/search", "/retrieve"} <= set(document["paths"])
    known = document["components"]["schemas"]
    assert set(known["Query"]["properties"]) == {field.name for field in pb.Query.DESCRIPTOR.fields}
    assert {name.rpartition("/")[2] for name in _references(document)} <= set(known)


def test_the_schemas_follow_the_contract() -> None:
    filters = schemas(pb.Query.DESCRIPTOR)["Filters"]["properties"]
    assert set(filters) >= {name for name in Filters.__slots__ if name in filters}
    assert filters["sites"] == {"type": "array", "items": {"type": "string"}}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [v for k, v in node.items() if k == "$ref"] + [r for v in node.values() for r in _references(v)]
    return [r for v in node for r in _references(v)] if isinstance(node, list) else []
