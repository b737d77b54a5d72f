"""Settings are read whole or refused by the key that is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import agent
from agent.cli import main
from agent.errors import AskError
from agent.events import EventLog, read_events
from agent.models import ModelSpec, Sampling, Usage, parse_spec
from agent.runs import MAX_CALLS, MAX_MONEY, MAX_QUESTION, MAX_SECONDS, MAX_STEPS, MAX_TOKENS, begin
from agent.settings import read_settings
from agent.trajectory import CallLimit, Limits
from server.client import ServerUnreachable
from stepwell_toml import SettingsError

WHOLE = """
[agent.limits]
steps = 40
money = 1
calls = { open = 30 }

[agent.models.qwen]
url = "http://127.0.0.1:8000/v1"
model = "Qwen/Qwen2.5-32B-Instruct"
window = 131072
price_read = 0.1
price_written = 0.4
temperature = 0.6
profile = "step"
judge = "small"

[agent.models.small]
url = "http://127.0.0.1:8001/v1"

[crawler]
other = "rooms check their own tables"
"""


def settings(tmp_path, text: str):
    path = tmp_path / "stepwell.toml"
    path.write_text(text)
    return read_settings(path)


def test_models_limits_and_judges_are_read_by_name(tmp_path):
    read = settings(tmp_path, WHOLE)
    assert read.limits == Limits(steps=40, money=1.0, calls=(CallLimit("open", 30),))
    spec = parse_spec("qwen", "", read.models)
    assert (spec.kind, spec.name, spec.window) == ("openai", "Qwen/Qwen2.5-32B-Instruct", 131_072)
    assert (spec.sampling, spec.profile) == (Sampling(temperature=0.6), "step")
    assert spec.cost(Usage(1_000_000, 500_000)) == pytest.approx(0.3)
    assert read.judge_of("qwen", spec).name == "small"
    small = parse_spec("small", "", read.models)
    assert read.judge_of("small", small) == small
    assert read.judge_of("extractive", ModelSpec()) is None


def test_without_a_file_there_are_defaults_and_a_named_file_must_be_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings().limits == Limits()
    with pytest.raises(SettingsError, match="there is no settings file"):
        read_settings(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[agent]\nspeed = 1", "[agent] has no key 'speed'; it takes limits, models"),
        ("[agent.limits]\nsteps = 1.5", "steps 1.5 must be of type int"),
        ("[agent.models.x]\nwindow = 9", "needs url"),
        ('[agent.models.x]\nurl = "http://h/v1"\nwindow = -1', "window -1 is out of range; it must lie in 0..100,000,000"),
        ('[agent.models.x]\nurl = "http://h/v1"\nkey = "gsk_5ecret"', "x] key must name an environment variable, in capitals"),
        ('[agent.models.x]\nurl = "http://h/v1"\nkey = true', "key True must be of type str"),
        ('[agent.models.x]\nurl = "http://h/v1"\nprofile = "own"', "must be one of native, step"),
        ('[agent.models.x]\nurl = "http://h/v1"\njudge = "y"', "judge 'y' is no model of this file"),
        ('[agent.models.x]\nurl = "http://h/v1"\ntemperatur = 1.0', "has no key 'temperatur'; the nearest is temperature"),
        ('[agent.limits]\ncalls = { open = "many" }', "[agent.limits] calls open 'many' must be of type int"),
        ("[agent.limits]\ncalls = [1]", "calls [1] must be of type dict"),
        ("[agent.limits]\ncalls = { opne = 3 }", "[agent.limits] calls has no key 'opne'; the nearest is open"),
        ("[agent.limits]\ncalls = { open = 2.7 }", "calls open 2.7 must be of type int"),
        ("[agent.limits]\ncalls = { open = true }", "calls open True must be of type int"),
        ("[agent.limits]\ncalls = { open = 0 }", "calls open 0 is out of range; it must lie in 1..1,000,000"),
        ('[agent.models.x]\nurl = "http://h/v1"\nprice_read = nan', "price_read nan must be a finite number"),
        ('[agent.models.x]\nurl = "http://h/v1"\ntimeout = inf', "timeout inf must be a finite number"),
        (f'[agent.models.x]\nurl = "http://h/v1"\ntimeout = 1{"0" * 400}', "must be of type float"),
        (f'[agent.models.x]\nurl = "http://h/v1"\nwindow = 1{"0" * 21}', f"window 1{'0' * 21} is out of range"),
        ('[agent.models.x]\nurl = "http://h/v1"\nmax_tokens = -5', "max_tokens -5 is out of range; it must lie in 1.."),
        ('[agent.models.x]\nurl = "http://h/v1"\ntimeout = 0', "timeout 0.0 is out of range; it must lie in 1..86,400"),
        ('[agent.models.x]\nurl = "http://h/v1"\ntop_p = 0', "top_p 0.0 is out of range"),
        ('[agent.models.x]\nurl = "http://h/v1"\ntemperature = 2.1', "temperature 2.1 is out of range; it must lie in 0..2"),
        (f'[agent.models.x]\nurl = "http://h/v1"\nseed = {2**63}', "is out of range"),
        ('[agent.models.x]\nurl = "http://h/v1"\nprice_read = 1e300', "price_read 1e+300 is out of range"),
        (f"[agent.limits]\ncalls = {{ open = 1{'0' * 30} }}", "is out of range; it must lie in 1..1,000,000"),
        ('[agent.models.x]\nurl = "127.0.0.1:8955/v1"', "stepwell.toml: [agent.models.x] model URL must be http(s)://HOST"),
        ('[agent.models.x]\nurl = "http://u:5ecret@h/v1"', "stepwell.toml: [agent.models.x] model URL must be"),
        (
            '[agent.models.x]\nurl = "http://h:port/v1"',
            "stepwell.toml: [agent.models.x] model URL 'http://h:port/v1' cannot be read",
        ),
        ("[agnet]", "has a table [agnet] that no room reads; the nearest is agent"),
        ("[agent", "is not TOML"),
        ("agent = 3", "[agent] must be a table"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "5ecret" not in str(refused.value)


@pytest.mark.parametrize(
    ("row", "most"),
    [
        ("`limits.steps`", MAX_STEPS),
        ("`limits.seconds`", MAX_SECONDS),
        ("`limits.calls`", MAX_CALLS),
        ("`models.NAME.timeout`", 86_400),
        ("the question", MAX_QUESTION),
    ],
)
def test_the_bounds_that_bind_are_in_the_table_of_settings(row, most):
    lines = (Path(agent.__file__).parent / "README.md").read_text(encoding="utf-8").splitlines()
    assert [f" {most:,}" in line for line in lines if line.startswith(f"| {row}")] == [True]


def test_model_url_moves_the_judge_of_the_same_endpoint_with_the_model(tmp_path):
    text = """
[agent.models.a]
url = "http://127.0.0.1:8000/v1"
judge = "b"
[agent.models.b]
url = "http://127.0.0.1:8000/v1"
judge = "c"
[agent.models.c]
url = "http://127.0.0.1:9000/v1"
"""
    read, there = settings(tmp_path, text), "http://127.0.0.1:8001/v1"
    assert read.judge_of("a", parse_spec("a", there, read.models)) == replace(read.models["b"], url=there)
    assert read.judge_of("b", parse_spec("b", there, read.models)) == read.models["c"]


PRICED = 'url = "http://127.0.0.1:1/v1"\nprice_written = 0.4\n'
FREE = 'url = "http://127.0.0.1:1/v1"\n'


@pytest.mark.parametrize(
    ("text", "more", "refused"),
    [
        (f"[agent.limits]\nmoney = 0.5\n[agent.models.x]\n{FREE}", ["--model", "x"], True),
        (f"[agent.models.x]\n{FREE}", ["--model", "x", "--max-money", "1"], True),
        ("", ["--model", "x", "--model-url", "http://127.0.0.1:1/v1", "--max-money", "1"], True),
        (f"[agent.limits]\nmoney = 0.5\n[agent.models.x]\n{FREE}", ["--model", "x", "--max-money", "0"], False),
        (f"[agent.limits]\nmoney = 0.5\n[agent.models.x]\n{PRICED}", ["--model", "x"], False),
        (f"[agent.limits]\nmoney = 0.5\n[agent.models.x]\njudge = 'y'\n{PRICED}[agent.models.y]\n{FREE}", ["--model", "x"], True),
        ("[agent.limits]\nmoney = 0.5\n", [], False),
    ],
)
def test_a_limit_of_money_that_would_bind_nothing_is_refused(tmp_path, text, more, refused):
    (tmp_path / "stepwell.toml").write_text(text)
    place = ["--server", "127.0.0.1:1", "--runs", str(tmp_path / "runs"), "--config", str(tmp_path / "stepwell.toml")]
    with pytest.raises(AskError if refused else ServerUnreachable, match="money does not bind" if refused else None):
        main(["ask", "Why?", *place, *more])
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--max-tokens", "99999999999999999999", "99,999,999,999,999,999,999 tokens is out of range"),
        ("--max-tokens", "-1", "-1 tokens is out of range; it must lie in 0..1,000,000,000,000; 0 means no limit"),
        ("--max-money", "inf", "inf money is out of range"),
        ("--max-money", "nan", "nan money is out of range"),
        ("--max-money", "1e300", "money is out of range"),
        ("--max-seconds", "1e300", "seconds is out of range"),
        ("--max-steps", "99999999999999999999", "steps is out of range"),
    ],
)
def test_a_limit_that_no_log_could_keep_is_refused_before_the_run(tmp_path, option, value, said):
    with pytest.raises(AskError, match=said):
        main(["ask", "Why?", "--server", "127.0.0.1:1", "--runs", str(tmp_path / "runs"), option, value])
    assert not (tmp_path / "runs").exists()


def test_the_largest_settings_that_are_taken_go_into_a_log_and_come_back(tmp_path):
    text = (
        f"[agent.limits]\ntokens = {MAX_TOKENS}\nmoney = {MAX_MONEY}\ncalls = {{ open = {MAX_CALLS} }}\n[agent.models.x]\n"
        'url = "http://h/v1"\nwindow = 100000000\nmax_tokens = 100000000\nseed = 9223372036854775807\nprice_read = 1000000\n'
    )
    read = settings(tmp_path, text)
    with EventLog(tmp_path / "events.jsonl") as log:
        log.append(begin("Why?", read.models["x"], read.limits))
    assert read_events(tmp_path / "events.jsonl")[0].payload == log.events[0].payload


@pytest.mark.parametrize(
    ("window", "signs", "refused"), [(10, 10, True), (2_048, 10, True), (4_096, 5_400, True), (8_192, 5_400, False)]
)
def test_a_window_without_room_for_research_is_refused_before_the_run(window, signs, refused):
    asking, model = ("Why? " * 2_000)[:signs], ModelSpec("openai", "m", "http://h/v1", window)
    if not refused:
        assert begin(asking, model, Limits()).model.window == window
        return
    with pytest.raises(AskError, match=f"a window of {window:,} tokens is too small") as error:
        begin(asking, model, Limits())
    least = int(re.search(r"from ([\d,]+) on", str(error.value))[1].replace(",", ""))
    assert begin(asking, replace(model, window=least), Limits()).model.window == least
