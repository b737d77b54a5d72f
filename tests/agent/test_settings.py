"""Settings are read whole or refused by the key that is wrong."""

from __future__ import annotations

import pytest

from agent.models import ModelSpec, Sampling, Usage, parse_spec
from agent.settings import read_settings
from agent.trajectory import CallLimit, Limits
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
        ('[agent.models.x]\nurl = "http://h/v1"\nwindow = -1', "window -1 is below 0"),
        ('[agent.models.x]\nurl = "http://h/v1"\nkey = "secret"', "has no key 'key'"),
        ('[agent.models.x]\nurl = "http://h/v1"\nprofile = "own"', "must be one of native, step"),
        ('[agent.models.x]\nurl = "http://h/v1"\njudge = "y"', "judge 'y' is no model of this file"),
        ('[agent.models.x]\nurl = "http://h/v1"\ntemperatur = 1.0', "has no key 'temperatur'; the nearest is temperature"),
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
