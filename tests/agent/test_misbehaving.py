"""A model server that misbehaves, on a real socket, under a whole run: the table in agent/README.md is what happens.

The streams have the shape in which vLLM and llama.cpp send a Qwen model's calls: the name first, the arguments in pieces.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from agent.answer import Parts
from agent.control import Live
from agent.loop import start
from agent.models import Message, Sampling
from agent.models.openai import OpenAIModel, Patience
from agent.models.repair import repaired
from agent.models.stream import Assembly, BrokenStream
from agent.runs import Run
from agent.trajectory import Limits, Narrowed, Returned
from agent.verify import verify
from tests.agent.endpoint import Answer, serving

README = Path(__file__).parents[2] / "agent" / "README.md"
HURRY = Patience(timeout=0.6, attempts=2, backoff=0.01, longest_wait=0.05)
SEARCH = ("batch_search", '{"queries": ["boiled water safe"], "k": 3}')
WRITE = ("write", '{"path": "report.md", "content": "Boiled water is safe to drink [[s1]]."}')
FINISH = ("finish", "{}")
TODO = ("todo", '{"mode": "replace", "items": [{"id": "a", "text": "Ask", "status": "pending"}]}')
GOOD = (SEARCH, WRITE, FINISH)


def event(delta: dict, finish: str | None = None, **more: object) -> bytes:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def qwen(name: str, arguments: str, text: str = "", pieces: int = 7, finish: str = "tool_calls") -> bytes:
    """A call as a tool parser streams it: role, text, name, arguments in pieces, the end, usage, DONE."""
    call = {"index": 0, "id": "chatcmpl-tool-1", "type": "function", "function": {"name": name}}
    out = event({"role": "assistant", "content": ""})
    out += b"".join(event({"content": word + " "}) for word in text.split())
    out += event({"tool_calls": [call]})
    for i in range(0, len(arguments), pieces):
        out += event({"tool_calls": [{"index": 0, "function": {"arguments": arguments[i : i + pieces]}}]})
    out += event({"content": ""}, finish)
    usage = {"prompt_tokens": 900, "completion_tokens": 30}
    return out + b"data: " + orjson.dumps({"choices": [], "usage": usage}) + b"\n\ndata: [DONE]\n\n"


def hermes(name: str, arguments: str, before: str = "", end: str = "</tool_call>") -> bytes:
    """The same call from a server without a tool parser: text with tags, in pieces that cut the tags."""
    said = f'{before}<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n{end}'
    return b"".join(event({"content": said[i : i + 5]}) for i in range(0, len(said), 5)) + event({}, "stop") + b"data: [DONE]\n\n"


def both(*calls: tuple[str, str]) -> bytes:
    """Whole calls, one an event, that are told apart by their ids alone."""
    parts = [{"index": 0, "id": f"call-{n}", "function": {"name": c[0], "arguments": c[1]}} for n, c in enumerate(calls)]
    return b"".join(event({"tool_calls": [part]}) for part in parts) + event({}, "tool_calls") + b"data: [DONE]\n\n"


def stream(body: bytes, piece: int = 0, wait: float = 0.0):
    def answer(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.end_headers()
        for i in range(0, len(body), piece or len(body)):
            handler.wfile.write(body[i : i + (piece or len(body))])
            handler.wfile.flush()
            if wait:
                handler.endpoint.free.wait(wait)

    return answer


def status(code: int, message: str, **headers: str) -> Answer:
    return Answer({"error": {"message": message}}, code, **headers)


def hang(handler) -> None:
    handler.endpoint.free.wait(20)


def said(text: str):
    return stream(event({"content": text}) + event({}, "stop") + b"data: [DONE]\n\n")


def whole(*calls: tuple[str, str]) -> list:
    return [stream(qwen(*call)) for call in calls]


def packed() -> Answer:
    """Packed twice, so that a megabyte of zeros is 60 bytes; what unpacks it does so whole."""
    body = gzip.compress(gzip.compress(bytes(2**24)) * 256)
    return Answer(body, Content_Type="text/event-stream", Content_Encoding="gzip, gzip")


def endless(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()
    while not handler.endpoint.free.is_set():
        handler.wfile.write(event({"content": "and on "}))


BROKEN_WRITE = WRITE[1].removesuffix("}")
NO_FINISH = qwen(*SEARCH).split(b"data: [DONE]")[0].replace(b'"finish_reason":"tool_calls"', b'"finish_reason":null')

CASES: dict[str, tuple[list, str]] = {
    "a stream cut into single bytes": ([stream(qwen(*SEARCH), piece=1), *whole(WRITE, FINISH)], "complete"),
    "a stream with text before the call": ([stream(qwen(*SEARCH, text="Let me look.")), *whole(WRITE, FINISH)], "complete"),
    "a stream that breaks off": ([stream(NO_FINISH), *whole(*GOOD)], "complete, asked again"),
    "an error inside a stream": (
        [stream(b'data: {"error": {"message": "worker died"}}\n\n'), *whole(*GOOD)],
        "complete, asked again",
    ),
    "calls as text": ([stream(hermes(*SEARCH)), stream(hermes(*WRITE)), stream(hermes(*FINISH))], "complete"),
    "a call as text behind thoughts": (
        [stream(hermes(*SEARCH, before="<think>Search first.</think>\n")), *whole(WRITE, FINISH)],
        "complete",
    ),
    "a call as text without its end": ([stream(hermes(*SEARCH, end="")), *whole(WRITE, FINISH)], "complete"),
    "arguments without their last brace": ([*whole(SEARCH, (WRITE[0], BROKEN_WRITE), FINISH)], "complete"),
    "arguments cut inside a string": (
        [*whole(SEARCH, (WRITE[0], WRITE[1][:50]), WRITE, FINISH)],
        "complete, told and repaired by the model",
    ),
    "arguments cut at the limit of length behind a value": (
        [*whole(SEARCH), stream(qwen("todo", TODO[1][:-2], finish="length")), *whole(WRITE, FINISH)],
        "complete, told and repaired by the model",
    ),
    "text cut at the limit of length for ever": (
        [stream(event({"content": "Boiled water is"}) + event({}, "length") + b"data: [DONE]\n\n")],
        "partial: 3 replies of the model in a row broke off at a limit of its endpoint",
    ),
    "two calls under one number": ([stream(both(SEARCH, WRITE)), *whole(FINISH)], "complete"),
    "400, the context is too long": (
        [*whole(SEARCH), status(400, "This model's maximum context length is 8192 tokens"), *whole(WRITE, FINISH)],
        "complete, with a shorter conversation",
    ),
    "429 with Retry-After": ([status(429, "slow down", Retry_After="1"), *whole(*GOOD)], "complete, asked again"),
    "503 for ever": ([status(503, "overloaded")], "partial: the model failed"),
    "401": ([status(401, "no key")], "partial: the model failed"),
    "a hang": ([hang, *whole(*GOOD)], "complete, asked again"),
    "a hang for ever": ([hang], "partial: the model failed"),
    "an empty answer": ([said(""), *whole(*GOOD)], "complete, asked again"),
    "empty answers for ever": ([said("")], "partial: the model failed"),
    "a refusal": ([said("I cannot help with that.")], "partial: the model gave 3 replies in a row without a tool call"),
    "a refusal in a field of its own": (
        [stream(event({"refusal": "I cannot "}) + event({"refusal": "help."}) + event({}, "stop") + b"data: [DONE]\n\n")],
        "partial: the model gave 3 replies in a row without a tool call",
    ),
    "the same call for ever": (whole(SEARCH), "partial: the model gave 8 replies in a row that did nothing new"),
    "an answer without end": ([endless], "partial: the model failed"),
    "a packed answer that unpacks to four gigabytes": ([packed()], "partial: the model failed"),
    "a tool that does not exist": ([*whole(("surf", "{}"), *GOOD)], "complete, told and repaired by the model"),
}


def outcome(run: Run, standing, asked: int) -> str:
    """What the table says, from the log alone."""
    if not standing.ended.complete:
        reason = standing.ended.reason
        return "partial: " + ("the model failed" if reason.startswith("the model failed") else reason)
    if any(isinstance(e.payload, Narrowed) for e in run.events()):
        return "complete, with a shorter conversation"
    if standing.steps > len(GOOD):
        return "complete, told and repaired by the model"
    return "complete, asked again" if asked > standing.steps else "complete"


@pytest.mark.parametrize("case", CASES)
def test_a_server_that_misbehaves_leaves_a_report_with_citations_that_resolve(case, new_run, shelf, begun):
    answers, expected = CASES[case]
    run = new_run()
    started = begun()
    started = replace(started, model=replace(started.model, window=32_768))
    with serving(*answers) as server:
        standing = start(run, started, Parts(OpenAIModel(server.url, "m", patience=HURRY), shelf))
        assert outcome(run, standing, len(server.requests)) == expected
    assert run.report.is_file()
    assert all(v.ok for v in verify(run))
    if standing.ended.complete:
        assert "Boiled water is safe to drink [1]." in run.report.read_text()
    assert "<think>" not in run.report.read_text()
    assert not (run.path / "live.md").exists()


def test_the_table_in_the_readme_is_the_table_of_this_test():
    rows = re.findall(r"^\| ([^|]+) \| ((?:complete|partial)[^|]*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(case, expected) for case, (_, expected) in CASES.items()]


def test_text_is_shown_while_it_is_written_but_no_thought_and_no_call(tmp_path):
    shown: list[str] = []
    body = hermes(*SEARCH, before="<think>Secret.</think>Now I search. ")
    told = Assembly(shown.append)
    for i in range(0, len(body), 3):
        told.feed(body[i : i + 3])
    assert orjson.loads(told.whole())["choices"][0]["message"]["content"].startswith("<think>")
    assert not any("Secret" in text or "batch_search" in text or "<" in text for text in shown)
    plain: list[str] = []
    Assembly(plain.append).feed(event({"content": "Once "}) + event({"content": "up"}) + event({"content": "on 时间"}))
    assert plain == ["", "Once ", "upon 时间"]
    live = Live(tmp_path)
    for words in ("Once ", "", "Once upon", " a time"):
        live.show(words)
    live.show("")
    assert not list(tmp_path.iterdir())
    live = Live(tmp_path)
    live.show("Once upon")
    assert (tmp_path / "live.md").read_text() == "Once upon"
    live.clear()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [{"content": "a "}, {"content": "a"}, {"tool_calls": [{"function": {"arguments": "a"}}]}])
def test_what_was_shown_of_a_reply_is_never_gone_through_again(shape):
    shown: list[str] = []
    told = Assembly(shown.append)
    for _ in range(2_000):
        told.feed(event(shape))
    assert max(map(len, shown)) <= 2
    assert sum(map(len, shown)) == (4_000 if shape == {"content": "a "} else 0)
    assert told.said.startswith("aa" if "a " not in str(shape) else "a a")


def assembled(body: bytes) -> bytes:
    told = Assembly(lambda _: None)
    told.feed(body)
    return told.whole()


@pytest.mark.parametrize("body", [b"data: {broken\n", b"data: [1]\n", event({"content": "half"}), b""])
def test_a_stream_that_is_none_or_has_no_end_is_broken(body):
    with pytest.raises(BrokenStream):
        assembled(body)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}),
        ('{"a": "x"}}', {"a": "x"}),
        ('{{"a": 1}}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ("{'a': True, 'b': None}", {"a": True, "b": None}),
        ('{"a": "brace } in a string"', {"a": "brace } in a string"}),
    ],
)
def test_json_is_repaired_where_that_cannot_change_a_value(written, meant):
    assert orjson.loads(repaired(written)) == meant


@pytest.mark.parametrize("written", ['{"a": "cut in the mid', "", "no", "[1]", '{"a": }', '{"a" 1}'])
def test_what_was_cut_inside_a_value_stays_broken(written):
    assert repaired(written) is None


def test_sampling_goes_over_the_wire_and_a_call_without_tools_names_none():
    with serving(said("Yes.")) as server:
        model = OpenAIModel(server.url, "m", patience=HURRY, sampling=Sampling(temperature=0.3, max_tokens=9))
        assert model.reply([Message("user", "Why?")], []).text == "Yes."
        [sent] = server.requests
    assert (sent["temperature"], sent["max_tokens"]) == (0.3, 9)
    assert "top_p" not in sent
    assert "tools" not in sent
    assert sent["stream"] is True


TEXT, TOLD = "I look, then I answer.", '{"targets":["a"]}'
PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm, hm."}]}, {"type": "text", "text": TEXT}]
WORDED: dict[str, tuple[dict, tuple[str, str, str]]] = {
    "text": ({"content": TEXT}, (TEXT, "", "")),
    "parts with a thought among them": ({"content": PARTS}, (TEXT, "Hm, hm.", "")),
    "a thought that is text": ({"content": [{"type": "thinking", "thinking": "Hm."}, *PARTS[1:]]}, (TEXT, "Hm.", "")),
    "parts of an unknown type": ({"content": [{"type": "plan", "text": "Hm."}, TEXT]}, (TEXT, "Hm.", "")),
    "a part without a list": ({"content": PARTS[1]}, (TEXT, "", "")),
    "a thought beside the text": ({"content": TEXT, "reasoning_content": "Hm."}, (TEXT, "Hm.", "")),
    "a thought in parts beside the text": ({"content": TEXT, "reasoning": [{"text": "Hm."}]}, (TEXT, "Hm.", "")),
    "a refusal": ({"content": None, "refusal": "I cannot."}, ("I cannot.", "", "")),
    "a refusal in a part": ({"content": [{"type": "refusal", "refusal": "I cannot."}]}, ("I cannot.", "", "")),
    "arguments as text": ({"tool_calls": [{"index": 0, "function": {"name": "open", "arguments": TOLD}}]}, ("", "", TOLD)),
    "arguments as an object": (
        {"tool_calls": [{"index": 0, "function": {"name": "open", "arguments": orjson.loads(TOLD)}}]},
        ("", "", TOLD),
    ),
    "no arguments": ({"tool_calls": [{"index": 0, "function": {"name": "open", "arguments": {}}}]}, ("", "", "{}")),
}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("case", WORDED)
def test_a_streamed_answer_says_what_the_same_answer_says_whole(case, streamed):
    message, expected = WORDED[case]
    whole = Answer({"choices": [{"message": message, "finish_reason": "stop"}]})
    with serving(stream(event(message) + event({}, "stop") + b"data: [DONE]\n\n") if streamed else whole) as server:
        reply = OpenAIModel(server.url, "m", patience=HURRY).reply([Message("user", "?")], [])
    assert (reply.text, reply.thinking, "".join(call.arguments for call in reply.calls)) == expected


@pytest.mark.parametrize("streamed", [False, True])
def test_a_thought_in_a_part_of_the_text_is_in_no_report(streamed, new_run, shelf, begun):
    message = {"content": [PARTS[0], {"type": "text", "text": "Nothing was found."}]}
    whole = Answer({"choices": [{"message": message, "finish_reason": "stop"}]})
    pieces = [{"content": [part]} for part in message["content"]]
    body = b"".join(map(event, pieces)) + event({}, "stop") + b"data: [DONE]\n\n"
    started = begun()
    started = replace(started, model=replace(started.model, profile="step"))
    run = new_run()
    with serving(stream(body) if streamed else whole) as server:
        assert start(run, started, Parts(OpenAIModel(server.url, "m", patience=HURRY), shelf)).ended.complete
    assert "Nothing was found." in run.report.read_text()
    assert "Hm" not in run.report.read_text() + run.sources.read_text()


A, B = {"name": "open", "arguments": '{"targets": ["a"]}'}, {"name": "open", "arguments": '{"targets": ["b"]}'}
FIRST, SECOND = {"name": "open", "arguments": '{"targets"'}, {"arguments": ': ["a"]}'}
STREAMS: dict[str, tuple[list[list[dict]], list[dict]]] = {
    "without numbers and ids": ([[{"function": A}], [{"function": B}]], [A, B]),
    "without numbers, with ids": ([[{"id": "1", "function": A}], [{"id": "2", "function": B}]], [A, B]),
    "one number, two ids": ([[{"index": 0, "id": "1", "function": A}], [{"index": 0, "id": "2", "function": B}]], [A, B]),
    "one number, no ids": ([[{"index": 0, "function": A}], [{"index": 0, "function": B}]], [A, B]),
    "in one event without numbers": ([[{"function": A}, {"function": B}]], [A, B]),
    "in one event with one number": ([[{"index": 0, "function": A}, {"index": 0, "function": B}]], [A, B]),
    "the same call twice": ([[{"id": "1", "function": A}], [{"id": "2", "function": A}]], [A, A]),
    "the name in each piece": ([[{"index": 0, "function": FIRST}], [{"index": 0, "function": FIRST | SECOND}]], [A]),
    "the name in each piece, no number": ([[{"function": FIRST}], [{"function": FIRST | SECOND}]], [A]),
    "the name in two pieces": (
        [
            [{"index": 0, "id": "1", "function": {"name": "op"}}],
            [{"index": 0, "function": {"name": "en"} | {"arguments": A["arguments"]}}],
        ],
        [A],
    ),
    "a fresh id with each piece": (
        [[{"index": 0, "id": "1", "function": FIRST}], [{"index": 0, "id": "2", "function": SECOND}]],
        [A],
    ),
    "a fresh id with each piece, no number": ([[{"id": "1", "function": FIRST}], [{"id": "2", "function": SECOND}]], [A]),
    "pieces that take turns": (
        [
            [{"index": 0, "id": "1", "function": FIRST}, {"index": 1, "id": "2", "function": FIRST}],
            [{"index": 1, "function": {"arguments": ': ["b"]}'}}, {"index": 0, "function": SECOND}],
        ],
        [A, B],
    ),
}


@pytest.mark.parametrize("case", STREAMS)
def test_pieces_of_calls_find_their_call_however_an_endpoint_numbers_them(case):
    events, expected = STREAMS[case]
    body = b"".join(event({"tool_calls": parts}) for parts in events) + event({}, "tool_calls")
    message = orjson.loads(assembled(body))["choices"][0]["message"]
    assert [call["function"] for call in message["tool_calls"]] == expected


CUT = '{"path": "report.md", "base_sha256": "0", "edits": [{"old": "a", "new": "b"}'


def plain(finish: str, text: str = "", *calls: tuple[str, str], written: int = 0) -> Answer:
    """An unstreamed answer."""
    made = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls]
    choice = {"message": {"content": text, "tool_calls": made}, "finish_reason": finish}
    return Answer({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": written}})


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        (plain("length", "", ("patch", CUT)), None),
        (plain("MAX_TOKENS", "", ("patch", CUT)), None),
        (plain("tool_calls", "", ("patch", CUT), written=64), 64),
        (plain("length", f'<tool_call>{{"name": "patch", "arguments": {CUT}'), None),
        (stream(qwen("patch", CUT, finish="length")), None),
    ],
)
def test_nothing_is_repaired_in_a_reply_that_was_cut(answer, limit):
    with serving(answer) as server:
        reply = OpenAIModel(server.url, "m", patience=HURRY, sampling=Sampling(max_tokens=limit)).reply(
            [Message("user", "?")], []
        )
    assert reply.cut
    assert [(call.name, call.sound) for call in reply.calls] == [("patch", False)]


def test_a_call_that_had_not_begun_its_arguments_when_the_reply_was_cut_is_not_carried_out(new_run, shelf, begun):
    with serving(*whole(SEARCH, WRITE), plain("length", "", ("finish", ""))) as server:
        run = new_run()
        start(run, begun(limits=Limits(steps=3)), Parts(OpenAIModel(server.url, "m", patience=HURRY), shelf))
    [refused] = [e.payload for e in run.events() if isinstance(e.payload, Returned) and e.payload.tool == "finish"]
    assert "cut off" in refused.note


def test_a_call_that_was_whole_when_its_reply_was_cut_is_carried_out(new_run, shelf, begun):
    with serving(plain("length", "", SEARCH, ("todo", TODO[1][:-2])), *whole(WRITE, FINISH)) as server:
        run = new_run()
        start(run, begun(), Parts(OpenAIModel(server.url, "m", patience=HURRY), shelf))
        told = [m["content"] for m in server.requests[1]["messages"] if m["role"] == "tool"]
    assert [e.payload.ok for e in run.events() if isinstance(e.payload, Returned)][:2] == [True, False]
    assert "cut off" in told[1]


def test_a_report_that_was_cut_is_not_handed_in(new_run, shelf, begun):
    started = begun()
    started = replace(started, model=replace(started.model, profile="step"))
    with serving(plain("length", "Boiled water is safe to"), plain("stop", "Nothing was found.")) as server:
        run = new_run()
        standing = start(run, started, Parts(OpenAIModel(server.url, "m", patience=HURRY), shelf))
        assert "cut off" in server.requests[1]["messages"][-1]["content"]
    assert standing.ended.complete
    assert "Boiled water is safe to" not in run.report.read_text()
