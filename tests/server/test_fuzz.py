"""Whatever bytes arrive over gRPC, the call ends with an answer or a status that names the caller's fault."""

from __future__ import annotations

import grpc
import pytest
from hypothesis import HealthCheck, given, seed, settings

from protos.stepwell.v1 import search_pb2 as pb
from tests.server import hostile
from tests.server.within import Refused, Within

CASES = {"deadline": None, "suppress_health_check": [*HealthCheck], "database": None}
FAULTS = ("INTERNAL", "UNKNOWN", "UNIMPLEMENTED", "DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE", "DATA_LOSS")
"""Statuses that no request may bring about here."""


def check(code: grpc.StatusCode, details: str) -> None:
    """A refusal that is the caller's fault."""
    assert code.name not in FAULTS, f"{code.name}: {details}"
    assert "Traceback" not in details


def within_process(within: Within, asked: tuple[str, bytes]) -> None:
    call, request = asked
    try:
        replies = within.grpc(call, request)
    except Refused as refused:
        check(refused.code, refused.details)
        return
    if call.startswith("/stepwell.v1.Search/BatchSearch"):
        for outcome in _outcomes(call, replies):
            assert outcome.failure.code not in FAULTS, outcome


def _outcomes(call: str, replies: list[bytes]) -> list[pb.SearchOutcome]:
    if call.endswith("Stream"):
        return [pb.BatchSearchPart.FromString(reply).outcome for reply in replies]
    return [outcome for reply in replies for outcome in pb.BatchSearchResponse.FromString(reply).outcomes]


def through_a_channel(channel: grpc.Channel, asked: tuple[str, bytes]) -> None:
    call, request = asked
    try:
        if call.endswith("Stream"):
            list(channel.unary_stream(call)(request, timeout=20))
        else:
            channel.unary_unary(call)(request, timeout=20)
    except grpc.RpcError as refused:
        check(refused.code(), refused.details() or "")


@settings(max_examples=200, **CASES)
@given(hostile.ANY_CALL)
def test_no_bytes_break_a_call(within: Within, asked: tuple[str, bytes]) -> None:
    within_process(within, asked)


@settings(max_examples=60, **CASES)
@given(hostile.ANY_CALL)
def test_no_bytes_through_a_channel_break_a_call(channel: grpc.Channel, asked: tuple[str, bytes]) -> None:
    through_a_channel(channel, asked)


@pytest.mark.long
@pytest.mark.parametrize("number", range(30))
def test_no_bytes_of_forty_five_thousand_break_a_call(within: Within, number: int) -> None:
    @seed(number)
    @settings(max_examples=1_500, **CASES)
    @given(hostile.ANY_CALL)
    def every(asked: tuple[str, bytes]) -> None:
        within_process(within, asked)

    every()


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_no_bytes_of_five_thousand_through_a_channel_break_a_call(channel: grpc.Channel, number: int) -> None:
    @seed(1_000 + number)
    @settings(max_examples=1_250, **CASES)
    @given(hostile.ANY_CALL)
    def every(asked: tuple[str, bytes]) -> None:
        through_a_channel(channel, asked)

    every()


def test_a_message_nested_a_thousand_deep_is_an_invalid_argument(within: Within) -> None:
    data = b""
    for _ in range(1_000):
        data = b"\x0a" + _length(len(data)) + data
    with pytest.raises(Refused) as refused:
        within.grpc("/stepwell.v1.Search/BatchSearch", data)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT


def _length(number: int) -> bytes:
    """A varint."""
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])
