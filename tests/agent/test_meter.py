"""What a step took is counted when nobody waits for it, and limits bind between the tries of one reply."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from agent import loop
from agent.answer import Parts
from agent.budget import shares
from agent.control import Control
from agent.errors import ModelError
from agent.loop import resume, start
from agent.models import Message, ModelSpec, Reply, Usage
from agent.models.bill import Bill
from agent.models.openai import OpenAIModel, Patience
from agent.models.scripted import ScriptedModel, turn
from agent.runs import begin
from agent.trajectory import Ended, Limits
from tests.agent.endpoint import Answer, said, serving

SPEC = ModelSpec("openai", "m", "http://127.0.0.1:1/v1", 32_000, price_read=1.0, price_written=1.0)
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 50}
EMPTY = Answer({"choices": [{"message": {"content": ""}}], "usage": USAGE})
EAGER = Patience(timeout=20, attempts=4, backoff=0.01, longest_wait=20)
CLAIMS = " ".join(f"Water is mostly fine in bend {word} [[s1]]." for word in "abcdefgh")
DRAFT = [
    turn(batch_search={"queries": ["boiled water safe"], "k": 3}),
    turn(write={"path": "report.md", "content": CLAIMS}),
    turn(finish={}),
]


def stopped_when(run, started, parts, due):
    """The run, stopped by hand when something holds."""
    done: list = []
    thread = threading.Thread(target=lambda: done.append(start(run, started, parts)))
    thread.start()
    poll(due)
    time.sleep(0.3)  # the reply that was asked for has come, or never will
    Control(run.path).ask("stop")
    thread.join(10)
    return done[0]


@pytest.mark.parametrize(("limits", "unit"), [(Limits(tokens=1_500), "1500 tokens"), (Limits(money=0.0015), "0.0015")])
def test_no_further_try_is_made_when_a_limit_is_passed_and_the_limit_is_the_reason(new_run, shelf, limits, unit):
    with serving(*[EMPTY] * 4) as endpoint:
        standing = start(new_run(), begin("Why?", SPEC, limits), Parts(OpenAIModel(endpoint.url, "m", patience=EAGER), shelf))
        assert len(endpoint.requests) == 2
    assert standing.usage == Usage(2_000, 100)
    assert f"limit of {unit}" in standing.ended.reason
    assert any(share.part >= 1 for share in shares(standing))


def test_a_judge_is_not_asked_again_when_a_limit_is_passed(new_run, shelf):
    with serving(*[EMPTY] * 40) as endpoint:
        judge = OpenAIModel(endpoint.url, "m", patience=EAGER)
        started = replace(begin("Why?", replace(SPEC, kind="scripted"), Limits(tokens=2_500)), judge=SPEC)
        standing = start(new_run(), started, Parts(ScriptedModel(DRAFT), shelf, judge=judge))
        assert len(endpoint.requests) == 3
    assert standing.usage == Usage(3_000, 150)


def test_counted_answers_before_a_hang_are_not_lost_with_it(new_run, shelf):
    hang = Answer(b"{}", wait=30)
    with serving(EMPTY, EMPTY, hang) as endpoint:
        model = OpenAIModel(endpoint.url, "m", patience=EAGER)
        standing = stopped_when(
            new_run(), begin("Why?", SPEC, Limits()), Parts(model, shelf), lambda: len(endpoint.requests) == 3
        )
    assert standing.usage.written == 100
    assert 3_000 < standing.usage.read < 8_000  # the third is an estimate
    assert standing.usage.estimated


def test_waiting_to_try_again_takes_nothing(new_run, shelf):
    busy = Answer({"error": "slow down"}, 429, Retry_After="15")
    with serving(EMPTY, busy) as endpoint:
        model = OpenAIModel(endpoint.url, "m", patience=EAGER)
        standing = stopped_when(
            new_run(), begin("Why?", SPEC, Limits()), Parts(model, shelf), lambda: len(endpoint.requests) == 2
        )
    assert standing.usage == Usage(1_000, 50)


def test_a_stream_that_is_given_up_counts_what_came_of_it(new_run, shelf):
    words = b"".join(b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % (b"water " * 200) for _ in range(40))
    with serving(Answer(words + b" " * 10_000, drip=0.0001, Content_Type="text/event-stream")) as endpoint:
        run = new_run()
        model = OpenAIModel(endpoint.url, "m", patience=EAGER)
        standing = stopped_when(run, begin("Why?", SPEC, Limits()), Parts(model, shelf), (run.path / "live.md").exists)
    assert standing.usage.estimated
    assert standing.usage.read > 1_000
    assert standing.usage.written > 200


class Slow:
    """A judge that answers three claims and hangs over the fourth."""

    def __init__(self, hangs_at: int = 4) -> None:
        self.asked: list[str] = []
        self.hangs_at = hangs_at
        self.hangs, self.free = threading.Event(), threading.Event()

    def reply(self, messages, tools):
        self.asked.append(orjson.loads(messages[-1].text)["sentence"])
        if len(self.asked) == self.hangs_at:
            self.hangs.set()
            self.free.wait(30)
        return Reply('{"verdict": "supported"}', usage=Usage(1_000, 50))


def test_what_a_judge_took_and_said_before_a_stop_is_kept_and_not_asked_again(new_run, shelf):
    run, judge, others = new_run(), Slow(), set(threading.enumerate())
    spec = replace(SPEC, price_read=2.0)
    started = replace(begin("Why?", replace(SPEC, kind="scripted"), Limits()), judge=spec)
    standing = stopped_when(run, started, Parts(ScriptedModel(DRAFT), shelf, judge=judge), judge.hangs.is_set)
    ended = standing.ended
    assert isinstance(ended, Ended)
    assert ended.judged.written == 150
    assert 3_000 < ended.judged.read < 4_000
    assert [c.verdict for c in ended.checked] == ["supported"] * 3
    assert standing.usage == ended.judged
    assert standing.cost == pytest.approx(spec.cost(ended.judged))
    judge.free.set()
    poll(lambda: not any(t.name.startswith("step") for t in set(threading.enumerate()) - others))
    assert len(judge.asked) == 4  # a step that was given up asks no more
    again = Slow(hangs_at=-1)
    assert resume(run, Parts(ScriptedModel(DRAFT), shelf, judge=again)).ended.complete
    assert not set(again.asked) & {c.text for c in ended.checked}
    assert len(again.asked) == 5


def test_a_bill_that_is_closed_takes_no_further_try():
    bill = Bill()
    bill.closed = True
    with serving(said("Yes.")) as endpoint:
        with pytest.raises(ModelError, match="nobody waits"):
            OpenAIModel(endpoint.url, "m").metered(bill).reply([Message("user", "Why?")], [])
        assert not endpoint.requests


def test_the_loop_is_one_file_under_two_hundred_lines():
    assert len(Path(loop.__file__).read_text().splitlines()) < 200


def poll(holds, seconds: float = 10.0) -> None:
    """Wait until it holds."""
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)


def test_ctrl_c_counts_what_the_step_under_way_has_taken(new_run, shelf):
    run, hang = new_run(), Answer(b"{}", wait=30)
    with serving(EMPTY, hang) as endpoint:
        model = OpenAIModel(endpoint.url, "m", patience=EAGER)

        def interrupt():
            poll(lambda: len(endpoint.requests) == 2)
            time.sleep(0.3)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts in the background ignores it
        threading.Thread(target=interrupt).start()
        try:
            with pytest.raises(KeyboardInterrupt):
                start(run, begin("Why?", SPEC, Limits()), Parts(model, shelf))
        finally:
            signal.signal(signal.SIGINT, before)
    standing = loop.stop(run, "interrupted")
    assert standing.ended.reason == "it was interrupted"
    assert standing.usage.written == 50
    assert 1_000 < standing.usage.read < 6_000  # the second is an estimate
    assert run.report.exists()
