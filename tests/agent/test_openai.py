"""An endpoint may answer, stumble, hang or lie: each has one outcome, and the key is never shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import commands
from agent.answer import Parts
from agent.cli import main
from agent.control import Control
from agent.errors import AskError, ModelError
from agent.events import EventLog
from agent.loop import resume, start
from agent.models import Call, Message, ModelSpec, Reply, Usage, load, parse_spec
from agent.models.key import KEY as KEY_NAME
from agent.models.key import Key
from agent.models.openai import OpenAIModel, Patience
from agent.models.text import split_calls
from agent.page.view import view_of
from agent.runs import begin
from agent.standing import standing_of
from agent.tools import TOOLS
from agent.trajectory import Limits, Narrowed, Resumed
from tests.agent.endpoint import Answer, Endpoint, said, serving

KEY = "sk-do-not-show"
HURRY = Patience(timeout=0.4, attempts=3, backoff=0.01, longest_wait=0.05)
TOOL_SCHEMAS = [tool.schema for tool in TOOLS.values()]
ASK = [Message("system", "You are."), Message("user", "Why?")]


def ask(endpoint: Endpoint, patience: Patience = HURRY) -> Reply:
    return OpenAIModel(endpoint.url, "m", KEY, patience).reply(ASK, TOOL_SCHEMAS)


GOOD = said(None, ("finish", "{}"))
FINISH = (Call("", "finish", "{}"),)

OUTCOMES: dict[str, tuple[Answer, Callable[[Reply], bool]]] = {
    "native call": (GOOD, lambda r: r.calls == FINISH and r.usage == Usage(11, 5)),
    "two calls of one id": (
        said("x", ("open", '{"targets":["a"]}'), ("finish", "{}")),
        lambda r: len(r.calls) == 2 and r.text == "x",
    ),
    "arguments as an object": (said(None, ("open", {"targets": ["a"]})), lambda r: r.calls[0].arguments == '{"targets":["a"]}'),
    "text call": (
        said('<tool_call>\n{"name": "finish", "arguments": {}}\n</tool_call>'),
        lambda r: r.calls == FINISH and not r.text,
    ),
    "text call without its last brace": (
        said('<tool_call>{"name": "finish", "arguments": {}</tool_call>'),
        lambda r: r.calls == FINISH,
    ),
    "text call without its end": (
        said('Now.<tool_call>{"name": "finish", "arguments": {}}'),
        lambda r: r.calls == FINISH and r.text == "Now.",
    ),
    "text call with double braces": (
        said('<tool_call>{{"name": "finish", "arguments": {}}}</tool_call>'),
        lambda r: r.calls == FINISH,
    ),
    "broken text call": (
        said('<tool_call>{"name": "open", "arguments": {"targets": [</tool_call>'),
        lambda r: r.calls[0].name == "open" and "targets" in r.calls[0].arguments,
    ),
    "two text calls": (
        said('<tool_call>{"name":"finish","arguments":{}}</tool_call><tool_call>{"name":"finish","arguments":{}}</tool_call>'),
        lambda r: r.calls == FINISH * 2,
    ),
    "thinking": (said("<think>Hm.</think>Yes."), lambda r: (r.text, r.thinking) == ("Yes.", "Hm.")),
    "thinking that never ends": (said("<think>Hm. <tool_call>", ("finish", "{}")), lambda r: (r.text, r.calls) == ("", FINISH)),
    "thinking without its start": (said("Hm.</think>Yes."), lambda r: (r.text, r.thinking) == ("Yes.", "Hm.")),
    "a call inside thinking": (said('<think><tool_call>{"name":"finish"}</tool_call></think>Wait.'), lambda r: r.calls == ()),
    "reasoning of its own": (said("Yes.", reasoning_content="Hm."), lambda r: (r.text, r.thinking) == ("Yes.", "Hm.")),
    "content in parts": (said([{"type": "text", "text": "Yes."}]), lambda r: r.text == "Yes."),
    "no usage": (
        Answer({"choices": [{"message": {"content": "Yes."}}]}),
        lambda r: r.usage.estimated and r.usage.read > 1_000 > r.usage.written > 0,
    ),
    "a refusal": (said("I cannot help with that."), lambda r: r.text.startswith("I cannot") and not r.calls),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_whatever_shape_an_answer_has_it_becomes_one_reply(case):
    answer, holds = OUTCOMES[case]
    with serving(answer) as endpoint:
        reply = ask(endpoint)
    assert holds(reply), reply


PASSING = {
    "too many requests": Answer({"error": {"message": "slow down"}}, 429, Retry_After="3600"),
    "overloaded": Answer(b"", 503),
    "an empty body": Answer(b""),
    "broken JSON": Answer(b'{"choices": [{"mess'),
    "no choices": Answer({"choices": []}),
    "nothing said": said(""),
    "only thinking": said("<think>Hm.</think>"),
    "a list": Answer([1]),
    "a hang": Answer(b"{}", wait=5),
    "a drip": Answer(b" " * 400, drip=0.05),
    "a body that is not what it says": Answer(b"no gzip", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("case", PASSING)
def test_trouble_that_passes_is_tried_again(case):
    with serving(PASSING[case], GOOD) as endpoint:
        assert ask(endpoint).calls == FINISH
        assert len(endpoint.requests) == 2


@pytest.mark.parametrize("case", ["too many requests", "an empty body", "broken JSON", "a hang"])
def test_trouble_that_does_not_pass_ends_after_a_stated_number_of_tries(case):
    with serving(*[PASSING[case]] * 9) as endpoint:
        with pytest.raises(ModelError, match="gave no usable answer in 3 tries: "):
            ask(endpoint)
        assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    ("answer", "said_so"),
    [
        (Answer({"error": {"message": "maximum context length is 4096 tokens"}}, 400), "refused: 400 maximum context length"),
        (Answer({"error": f"bad key {KEY}"}, 401), "refused: 401 bad key ***"),
        (Answer(b"<html>nothing here</html>", 404), "refused: 404 <html>nothing here</html>"),
        (Answer(b"", 302, Location="http://elsewhere.example/"), "refused: 302"),
        (Answer(b"x" * (17 * 2**20)), "over 16,777,216 bytes"),
    ],
)
def test_a_refusal_is_an_error_at_once_in_the_endpoints_words_without_the_key(answer, said_so):
    with serving(answer) as endpoint:
        with pytest.raises(ModelError) as refused:
            ask(endpoint, Patience(timeout=20))
        assert said_so in str(refused.value)
        assert KEY not in str(refused.value)
        assert len(endpoint.requests) == 1


STREAMED = {"Content_Type": "text/event-stream"}
ECHOES = {
    "an answer": (200, b'{"echo": "~Bearer KEY"}', {}),
    "an answer that is no JSON": (200, b"~KEY", {}),
    "an error in a stream": (200, b'data: {"error": {"message": "~bad header Bearer KEY"}}\n\n', STREAMED),
    "an event that is none": (200, b"data: ~KEY\n\n", STREAMED),
    "a refusal": (400, b'{"error": {"message": "~KEY"}}', {}),
}


@pytest.mark.parametrize("case", ECHOES)
def test_no_part_of_the_key_is_in_a_message_wherever_the_endpoint_echoes_it(case):
    status, body, headers = ECHOES[case]
    bodies = [body.replace(b"~", b"x" * n).replace(b"KEY", KEY.encode()) for n in range(0, 420, 9)]  # wherever it is cut
    with serving(*[Answer(moved, status, **headers) for moved in bodies]) as endpoint:
        for _ in bodies:
            with pytest.raises(ModelError) as refused:
                ask(endpoint, Patience(attempts=1))
            assert "sk-" not in str(refused.value)


SURROGATE = '{"path":"report.md","content":"pump \\ud83d station"}'
DEEP = '{"a":' * 300 + "1" + "}" * 300
ODD: dict[str, Answer] = {
    "half a surrogate pair in a call as text": said(f'<tool_call>{{"name":"write","arguments":{SURROGATE}}}</tool_call>'),
    "half a surrogate pair in a call": said(None, ("write", SURROGATE)),
    "a number of 23 digits": said(f'<tool_call>{{"name":"write","arguments":{{"k":{"9" * 23}}}}}</tool_call>'),
    "a call that is nested deep": said(None, ("todo", DEEP)),
    "a call as text that is nested deep": said(f'<tool_call>{{"name":"todo","arguments":{DEEP}}}</tool_call>'),
    "a text that is nested deep": said('{"name":"todo","arguments":' + '{"a":' * 40_000),
    "arguments as an object that is nested deep": Answer(
        b'{"choices":[{"message":{"tool_calls":[{"function":{"name":"todo","arguments":%s}}]}}]}' % DEEP.encode()
    ),
    "an index that is a letter": Answer(
        b'data: {"choices":[{"delta":{"tool_calls":[{"index":"a"}]}}]}\n\ndata: [DONE]\n\n', **STREAMED
    ),
    "a usage that is nested deep": Answer(
        b'data: {"usage":%s,"choices":[{"delta":{"content":"x"}}]}\n\ndata: [DONE]\n\n' % DEEP.encode(),
        **STREAMED,
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_answer_ends_in_a_report(case, new_run, shelf, begun):
    run = new_run()
    with serving(*[ODD[case], GOOD] * 20) as endpoint:
        standing = start(run, begun(limits=Limits(steps=4)), Parts(OpenAIModel(endpoint.url, "m", KEY, HURRY), shelf))
    assert standing.reported
    assert main(["show", str(run.path)]) == 0


@pytest.mark.parametrize("count", [0, -100_000, 1e30, "many", None, 1e-9])
def test_a_count_that_can_be_none_is_estimated(count, new_run, shelf, begun):
    usage = {"prompt_tokens": count, "completion_tokens": count}
    answer = Answer({"choices": [{"message": {"content": "Yes, as far as anybody knows."}}], "usage": usage})
    run = new_run()
    with serving(*[answer] * 9) as endpoint:
        standing = start(run, begun(limits=Limits(steps=3)), Parts(OpenAIModel(endpoint.url, "m", KEY, HURRY), shelf))
    assert standing.usage.estimated
    assert 1_000 < standing.usage.read < 100_000
    assert 0 < standing.usage.written < 1_000


def test_tokens_of_answers_of_no_use_count_where_a_refusal_follows():
    with serving(said(""), Answer(b"", 401)) as endpoint, pytest.raises(ModelError) as refused:
        ask(endpoint)
    assert refused.value.spent == Usage(11, 5)


def test_nobody_at_the_address_is_said_so():
    with serving() as endpoint:
        pass
    with pytest.raises(ModelError, match="no connection"):
        ask(endpoint)


def test_the_conversation_goes_over_the_wire_as_the_endpoints_expect_it():
    spoken = [
        *ASK,
        Message("assistant", "", (Call("c1.1", "open", '{"targets": ["a"]}'), Call("c1.2", "open", '{"broken'))),
        Message("tool", "{}", call_id="c1.1"),
        Message("tool", '{"error": "…"}', call_id="c1.2"),
    ]
    with serving(GOOD) as endpoint:
        OpenAIModel(endpoint.url, "some/model", KEY, HURRY).reply(spoken, TOOL_SCHEMAS)
        [sent] = endpoint.requests
        assert endpoint.keys == [f"Bearer {KEY}"]
    assert sent["model"] == "some/model"
    assert [tool["function"]["name"] for tool in sent["tools"]] == list(TOOLS)
    assert [m["role"] for m in sent["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    calls = sent["messages"][2]["tool_calls"]
    assert [(c["id"], c["function"]["arguments"]) for c in calls] == [("c1.1", '{"targets": ["a"]}'), ("c1.2", "{}")]
    assert sent["messages"][3]["tool_call_id"] == "c1.1"


def test_a_whole_run_over_an_endpoint_that_stumbles_ends_in_a_verified_report(new_run, shelf, begun, monkeypatch):
    monkeypatch.setenv("STEPWELL_MODEL_KEY", KEY)
    answers = [
        PASSING["overloaded"],
        said("<think>Search.</think>", ("batch_search", '{"queries": ["boiled water safe"]}')),
        said('<tool_call>{"name": "write", "arguments": {"path": "report.md", "content": "It is safe [[s1]]."}</tool_call>'),
        said(None, ("finish", "")),
    ]
    with serving(*answers) as endpoint:
        run = new_run()
        standing = start(run, begun(), Parts(OpenAIModel(endpoint.url, "m", KEY, HURRY), shelf))
    assert standing.ended.complete
    assert "It is safe [1]." in run.report.read_text()
    assert "Search." not in run.report.read_text()
    assert standing.usage == Usage(33, 15)
    assert not any(KEY.encode() in path.read_bytes() for path in run.path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("model", "url", "spec"),
    [
        ("extractive", "", ModelSpec()),
        ("scripted:a/b.json", "", ModelSpec("scripted", "a/b.json")),
        ("Qwen/Qwen2.5-32B-Instruct", "http://h:1/v1", ModelSpec("openai", "Qwen/Qwen2.5-32B-Instruct", "http://h:1/v1", 32_768)),
        ("my.models:make", "", ModelSpec("my.models:make")),
    ],
)
def test_a_model_is_spelled_by_name_by_file_by_path_or_by_endpoint(model, url, spec):
    assert parse_spec(model, url) == spec


@pytest.mark.parametrize(
    ("model", "url", "said_so"),
    [
        ("gpt", "", "no model called 'gpt'"),
        ("extractive", "http://h/v1", "--model-url needs --model NAME"),
        ("m", "ftp://h/v1", "must be http"),
        ("m", "http://user:pw@h/v1", "without a user name"),
        ("m", "http://h/v1?api_key=pw", "without a user name or a query"),
        ("no.such:thing", "", "cannot be loaded"),
        ("scripted:nowhere.json", "", "no script at 'nowhere.json'"),
    ],
)
def test_a_model_that_is_none_is_wrong_usage(model, url, said_so):
    with pytest.raises(AskError, match=said_so):
        load(parse_spec(model, url))


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", "```\n{}"])
def test_a_call_without_its_tags_is_a_call_where_it_is_the_whole_text(fence):
    written = '{"name": "open", "arguments": {"targets": ["s1"]}}'
    assert [(c.name, c.arguments) for c in split_calls(fence.format(written))[1]] == [("open", '{"targets":["s1"]}')]
    assert split_calls(fence.format(f'{written[:-1]}, "required": ["targets"]}}'))[1] == split_calls(written)[1]
    assert split_calls(fence.format('{"a": 1}'))[1] == ()
    assert split_calls(fence.format(f'{written}\n{{"error": "none"}}'))[1][0].name == "open"
    assert split_calls(f"Such a call reads {written}")[1] == ()


def test_tokens_that_an_endpoint_does_not_count_are_estimated_count_against_the_limit_and_are_called_so(new_run, shelf, capsys):
    def uncounted(name: str, arguments: dict) -> Answer:
        call = {"function": {"name": name, "arguments": orjson.dumps(arguments).decode()}}
        return Answer({"choices": [{"message": {"role": "assistant", "content": "", "tool_calls": [call]}}]})

    run = new_run()
    written = {"path": "report.md", "content": "Kochen hilft [[s1]]."}
    answers = [uncounted("batch_search", {"queries": ["boiled water"]}), *[uncounted("write", written)] * 3]
    with serving(*answers) as endpoint:
        spec = ModelSpec("openai", "m", endpoint.url, 32_000, price_read=1.0, price_written=2.0)
        started = begin("Ist abgekochtes Wasser sicher und wie lange muss man es kochen?", spec, Limits(tokens=4_000))
        standing = start(run, started, Parts(load(spec), shelf))
    assert standing.ended.reason == "die Grenze von 4000 Token war erreicht"
    assert standing.usage.estimated
    assert standing.usage.read > 4_000 - standing.usage.written
    assert standing.cost == pytest.approx(spec.cost(standing.usage)) != 0
    replies = [
        event["payload"] for line in run.log.read_bytes().splitlines() if (event := orjson.loads(line))["kind"] == "replied"
    ]
    assert all(reply["usage"]["estimated"] for reply in replies)
    assert "(geschätzt)" in run.report.read_text()
    assert main(["show", str(run.path), "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out)["tokens"]["estimated"] is True
    assert view_of(run, run.events()).estimated


def test_an_answer_of_no_use_takes_its_tokens_all_the_same():
    with serving(said(""), GOOD) as endpoint:
        assert ask(endpoint).usage == Usage(22, 10)


def test_tokens_of_answers_of_no_use_count_where_the_run_ends_with_them(new_run, shelf):
    run = new_run()
    with serving(*[said("")] * 4) as endpoint:
        spec = ModelSpec("openai", "m", endpoint.url, 32_000, price_read=1.0)
        model = OpenAIModel(endpoint.url, "m", patience=Patience(attempts=4, backoff=0.01))
        standing = start(run, begin("Why?", spec, Limits()), Parts(model, shelf))
    assert "an empty answer" in standing.ended.reason
    assert standing.usage == Usage(44, 20)
    assert standing.cost == pytest.approx(44e-6)


USED = {"prompt_tokens": 700, "completion_tokens": 30}
HALF = b'data: {"choices":[{"delta":{"content":"' + b"half an answer " * 8 + b'"}}]}\n\n'
COUNTED = b'data: {"choices":[],"usage":{"prompt_tokens":700,"completion_tokens":30}}\n\n'
TAKEN: dict[str, tuple[Answer, Callable[[Usage], bool]]] = {
    "no chat completion, counted": (Answer({"usage": USED}), lambda u: u == Usage(700, 30)),
    "no chat completion": (Answer({"text": "x" * 400}), lambda u: u.estimated and u.read > 1_000 and u.written > 90),
    "broken JSON": (Answer(b'{"choices": [{"mess'), lambda u: u.estimated and u.read > 1_000 > u.written > 0),
    "a stream that breaks off": (Answer(HALF, **STREAMED), lambda u: u.estimated and u.read > 1_000 and 20 < u.written < 60),
    "a counted stream that breaks off": (Answer(HALF + COUNTED, **STREAMED), lambda u: u == Usage(700, 30)),
    "an error in a stream": (Answer(HALF + b'data: {"error":"died"}\n\n', **STREAMED), lambda u: u.estimated and u.written > 20),
    "a hang": (Answer(b"{}", wait=5), lambda u: u.estimated and u.read > 1_000 and not u.written),
    "a stream that hangs": (Answer(HALF, drip=0.005, **STREAMED), lambda u: u.estimated and u.read > 1_000),
    "a failure at work": (Answer(b"", 500), lambda u: u.estimated and u.read > 1_000 and not u.written),
    "a refusal": (Answer({"error": "bad key"}, 401), lambda u: u == Usage()),
    "a refusal that is counted": (Answer({"error": "filtered", "usage": USED}, 400), lambda u: u == Usage(700, 30)),
    "too many requests": (Answer(b"", 429), lambda u: u == Usage()),
    "an answer without end": (Answer(b"x" * (17 * 2**20)), lambda u: u.estimated and u.written > 1_000_000),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_a_failed_try_took_is_as_the_endpoint_counted_it_or_else_an_estimate(case):
    answer, holds = TAKEN[case]
    with serving(answer) as endpoint, pytest.raises(ModelError) as failed:
        ask(endpoint, Patience(timeout=20 if len(answer.body) > 2**20 else 0.4, attempts=1))
    assert holds(failed.value.spent), failed.value.spent


def test_a_prompt_that_never_went_over_takes_nothing():
    with serving() as endpoint:
        pass
    with pytest.raises(ModelError) as failed:
        ask(endpoint)
    assert failed.value.spent == Usage()


def test_a_try_that_hung_counts_beside_the_one_that_answered():
    with serving(PASSING["a hang"], GOOD) as endpoint:
        usage = ask(endpoint).usage
    assert usage.estimated
    assert usage.read > 1_000
    assert usage.written == 5


def test_answers_that_are_none_end_a_run_at_its_limit_of_tokens(new_run, shelf):
    run = new_run()
    with serving(*[Answer({"text": "no"})] * 4) as endpoint:
        spec = ModelSpec("openai", "m", endpoint.url, 32_000)
        model = OpenAIModel(endpoint.url, "m", patience=Patience(attempts=2, backoff=0.01))
        standing = start(run, begin("Why?", spec, Limits(tokens=2_000)), Parts(model, shelf))
        assert standing.usage.read > 2_000
        again = resume(run, Parts(model, shelf))
        assert len(endpoint.requests) == 2
    assert again.ended.reason == "the limit of 2000 tokens was reached"


def test_tokens_before_a_conversation_was_too_long_count(new_run, shelf):
    run = new_run()
    too_long = Answer({"error": "maximum context length"}, 400)
    with serving(
        said(None, ("read", "{}")), said(""), too_long, said(None, ("finish", "{}")), *[Answer(b"", 401)] * 4
    ) as endpoint:
        spec = ModelSpec("openai", "m", endpoint.url, 32_000)
        standing = start(run, begin("Why?", spec, Limits()), Parts(OpenAIModel(endpoint.url, "m", patience=HURRY), shelf))
    assert [e.payload.usage for e in run.events() if isinstance(e.payload, Narrowed)] == [Usage(11, 5)]
    assert standing.usage == Usage(33, 15)


def test_a_reply_that_nobody_waited_for_counts_its_prompt_as_an_estimate(new_run, shelf, gate):
    run, model = new_run(), gate()
    started = begin("Why?", ModelSpec("openai", "m", "http://h/v1"), Limits())
    thread = threading.Thread(target=start, args=(run, started, Parts(model, shelf)))
    thread.start()
    assert model.asked.wait(10)
    Control(run.path).ask("stop")
    thread.join(10)
    usage = standing_of(run.events()).usage
    assert usage.estimated
    assert usage.read > 1_000


ESCAPED_KEY = 'sk/do+"not-Sh0w'
SPELT = {
    "as it is": ESCAPED_KEY,
    "in JSON": orjson.dumps(ESCAPED_KEY).decode().strip('"'),
    "with every character as a number": "".join(f"\\u{ord(c):04X}" for c in ESCAPED_KEY),
    "with its slash escaped": ESCAPED_KEY.replace("/", "\\/").replace('"', '\\"'),
    "in JSON in JSON": "".join(f"\\\\u{ord(c):04x}" for c in ESCAPED_KEY),
    "mixed": ESCAPED_KEY.replace("s", "\\u0073").replace("/", "\\/"),
    "in a URL": ESCAPED_KEY.replace("/", "%2F").replace('"', "%22").replace("+", "%2b"),
    "in HTML": ESCAPED_KEY.replace('"', "&#34;").replace("/", "&#x2F;"),
}


@pytest.mark.parametrize("around", [b"<html>KEY</html>", b'{"error": {"message": "got KEY."}}'], ids=["a page", "JSON"])
@pytest.mark.parametrize("case", SPELT)
def test_the_key_is_recognised_however_an_endpoint_escapes_it(case, around):
    spelt = SPELT[case] if around.startswith(b"<") else orjson.dumps(SPELT[case]).decode()[1:-1]
    with serving(Answer(around.replace(b"KEY", spelt.encode()), 401)) as endpoint, pytest.raises(ModelError) as refused:
        OpenAIModel(endpoint.url, "m", ESCAPED_KEY, HURRY).reply(ASK, [])
    assert "***" in str(refused.value)
    assert not any(part in str(refused.value) for part in ("not", "Sh0w", "0077", "6F", "6f"))


@pytest.mark.parametrize(
    "bad", ["sk-first99\nsecond88", "schlüsselgeheim", "sk-aaaaaaaa\tbbbbbbbb", "sk-a b", "sk-\x7f1", "sk\x00"]
)
def test_a_key_that_no_header_can_carry_is_refused_when_it_is_read_without_a_part_of_it(bad, monkeypatch):
    monkeypatch.setattr("os.environ", {KEY_NAME: bad})
    with pytest.raises(AskError) as refused:
        load(ModelSpec("openai", "m", "http://127.0.0.1:1/v1"))
    assert "printable ASCII" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not any(part in str(refused.value) for part in ("sk", "99", "88", "schl", "bbb"))


def test_white_space_around_a_key_is_not_part_of_it(monkeypatch):
    monkeypatch.setenv(KEY_NAME, f" {KEY}\n")
    with serving(GOOD) as endpoint:
        load(ModelSpec("openai", "m", endpoint.url)).reply(ASK, [])
    assert endpoint.keys == [f"Bearer {KEY}"]


def pieces(key: str, size: int) -> bytes:
    """A stream whose text and thinking hold the key, cut into pieces of `size`."""
    text = f"Your key is {key}, and {key}. Here it is."
    deltas = [{"content": text[i : i + size]} for i in range(0, len(text), size)]
    deltas += [{"reasoning_content": key[i : i + size]} for i in range(0, len(key), size)]
    events = b"".join(b"data: %s\n\n" % orjson.dumps({"choices": [{"delta": delta}]}) for delta in deltas)
    return events + b"data: [DONE]\n\n"


LEAKING: dict[str, Callable[[str], Answer]] = {
    "in the text": lambda key: said(f"Your key is {key}."),
    "in the thinking": lambda key: said("Hm.", reasoning_content=f"It is {key}"),
    "in a thought within the text": lambda key: said(f"<think>It is {key}</think>Hm."),
    "around a thought": lambda key: said(f"{key[:5]}<think>hm</think>{key[5:]}"),
    "in a tool's name": lambda key: said(None, (key, "{}")),
    "in arguments": lambda key: said(None, ("write", orjson.dumps({"path": "report.md", "content": f"It is {key}"}).decode())),
    "in a key of the arguments": lambda key: said(None, ("write", orjson.dumps({key: 1}).decode())),
    "in arguments that are an object": lambda key: said(None, ("write", {"path": key, "content": "x"})),
    "in a call as text": lambda key: said(f'<tool_call>{{"name":"write","arguments":{{"path":"{key}"}}}}</tool_call>'),
    "in an answer that is none": lambda key: Answer({"text": key}),
    **{f"in a stream of pieces of {n}": lambda key, n=n: Answer(pieces(key, n), drip=0.0005, **STREAMED) for n in (1, 2, 5, 7)},
}


@pytest.mark.parametrize("case", LEAKING)
def test_a_key_that_an_answer_echoes_is_neither_kept_nor_shown(case, new_run, begun, shelf):
    run, shown = new_run(), []
    with serving(*[LEAKING[case](KEY)] * 4) as endpoint:
        model = OpenAIModel(endpoint.url, "m", KEY, replace(HURRY, timeout=5))
        watched = SimpleNamespace(
            reply=model.reply, listen=lambda tell: model.listen(lambda words: (shown.append(words), tell(words)))
        )
        start(run, begun(limits=Limits(steps=2)), Parts(watched, shelf))
    kept = b"".join(path.read_bytes() for path in run.path.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    assert KEY not in "".join(shown)
    assert b"***" in kept
    assert "stream" not in case or "Your key is ***, and ***. Here it " in "".join(shown)


def test_a_word_that_fills_the_field_of_the_key_stays_a_word():
    with serving(said("An EMPTY set.")) as endpoint:
        assert OpenAIModel(endpoint.url, "m", "EMPTY", HURRY).reply(ASK, []).text == "An EMPTY set."


def test_a_text_of_nothing_but_backslashes_is_searched_for_the_key_in_one_pass():
    with serving(Answer(b"\\" * 2**22, 401)) as endpoint, pytest.raises(ModelError) as refused:
        ask(endpoint, Patience(timeout=20))
    assert "refused: 401" in str(refused.value)


def test_a_run_whose_endpoint_moved_is_resumed_there_again_without_saying_where(new_run, shelf, capsys, monkeypatch):
    monkeypatch.setenv("STEPWELL_MODEL_KEY", KEY)
    run = new_run()
    with serving(Answer({"error": "gone"}, 404)) as endpoint:
        spec = ModelSpec("openai", "some/model", endpoint.url, 32_000)
        start(run, begin("Why?", spec, Limits(), judge=spec), Parts(load(spec), shelf))
    with serving(*[Answer({"error": "gone"}, 404)] * 2) as moved:
        resume(run, Parts(load(replace(spec, url=moved.url)), shelf), url=moved.url)
        kept = standing_of(run.events()).started
        assert kept.model == kept.judge == replace(spec, url=moved.url)
        resume(run, Parts(load(kept.model), shelf))
        assert [sent["model"] for sent in moved.requests] == ["some/model"] * 2
        assert moved.keys == [f"Bearer {KEY}"] * 2
    assert KEY not in run.log.read_text()


def test_resume_on_the_command_line_needs_no_address_where_the_run_has_it(new_run, begun, monkeypatch):
    seen: list[str] = []
    run = new_run()
    spec = ModelSpec("openai", "m", "http://127.0.0.1:9/v1", 32_000)
    with EventLog(run.log) as log:
        log.append(begin("Why?", spec, Limits()).moved(server="127.0.0.1:1"))
        log.append(Resumed(Limits(), "http://127.0.0.1:10/v1", "127.0.0.1:2"))

    @contextmanager
    def parts(started, server):
        seen.append(f"{started.model.url} {server}")
        raise ModelError("as far as this test goes")
        yield

    monkeypatch.setattr(commands, "_parts", parts)
    elsewhere = ["--model-url", "http://127.0.0.1:11/v1", "--server", "127.0.0.1:3"]
    for more, port, server in ((elsewhere, "11", "3"), ([], "10", "2")):
        with pytest.raises(ModelError):
            main(["resume", str(run.path), *more])
        assert seen[-1] == f"http://127.0.0.1:{port}/v1 127.0.0.1:{server}"


@given(st.lists(st.booleans(), min_size=16, max_size=16))
def test_the_key_is_recognised_in_any_case(upper):
    echoed = "".join(sign.upper() if large else sign for sign, large in zip("sk-aB3d/xyz-9qrs", upper, strict=True))
    assert (
        Key("sk-aB3d/xyz-9qrs").out_of_words(f"bad key {echoed}, {echoed.replace('/', '%2F').replace('b', '%62')}!")
        == "bad key ***, ***!"
    )
