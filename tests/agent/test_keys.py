"""A key goes to the endpoint it is for, and to no other."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from agent.errors import AskError, ModelError
from agent.models import Message, ModelSpec, load, load_judge
from tests.agent.endpoint import Answer, said, serving

OURS, THEIRS = "sk-of-the-paid-one-123", "sk-of-another-456"
WRITTEN = "Boiling is a way to make many kinds of water safe [[s1]]."
TURNS = [
    said(None, ("batch_search", orjson.dumps({"queries": ["boiled water safe"]}).decode())),
    said(None, ("write", orjson.dumps({"path": "report.md", "content": WRITTEN}).decode())),
    said(None, ("finish", "{}")),
]
VERDICT = said('{"verdict": "supported", "reason": "ok"}')
ASK = [Message("user", "Why?")]


@pytest.fixture
def ask(asked, monkeypatch):
    """Runs `agent ask` with these settings over the shelf."""
    monkeypatch.setenv("STEPWELL_MODEL_KEY", OURS)
    monkeypatch.setenv("OTHER_API_KEY", THEIRS)
    return lambda text, *more: asked(text, "--model", "paid", *more)


def settings(model: str, judge: str, more: str = "", of_model: str = "") -> str:
    return f'[agent.models.paid]\nurl = "{model}"\njudge = "other"\n{of_model}\n[agent.models.other]\nurl = "{judge}"\n{more}\n'


@pytest.mark.parametrize(
    ("key", "sent"), [("", ""), ('key = ""', ""), ('key = "OTHER_API_KEY"', f"Bearer {THEIRS}")], ids=["none", "empty", "named"]
)
def test_a_judge_of_another_origin_gets_no_key_but_the_one_its_settings_name(ask, tmp_path, key, sent):
    with serving(*TURNS) as paid, serving(VERDICT) as other:
        ask(settings(paid.url, other.url, key))
    assert set(paid.keys) == {f"Bearer {OURS}"}
    assert set(other.keys) == {sent}
    assert not any(key.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() for key in (OURS, THEIRS))


def test_a_judge_of_the_same_origin_has_the_key_of_the_model(ask):
    with serving(*TURNS, VERDICT) as paid:
        ask(settings(paid.url, paid.url.replace("/v1", "/judge/v1"), of_model='key = "OTHER_API_KEY"'))
    assert set(paid.keys) == {f"Bearer {THEIRS}"}
    assert len(paid.keys) >= 4


def test_the_key_goes_where_model_url_says_and_a_judge_that_stays_behind_has_none(ask):
    with serving(*TURNS) as moved, serving(VERDICT) as left:
        ask(settings(f"{left.url}/old", left.url), "--model-url", moved.url)
    assert set(moved.keys) == {f"Bearer {OURS}"}
    assert set(left.keys) == {""}


@pytest.mark.parametrize(
    ("judge", "has"),
    [
        ("https://h.example/v1", True),
        ("https://H.example:443/other", True),
        ("http://h.example/v1", False),
        ("https://h.example:8443/v1", False),
        ("https://h.example.evil.example/v1", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(monkeypatch, judge, has):
    monkeypatch.setenv("STEPWELL_MODEL_KEY", OURS)
    loaded = load_judge(ModelSpec("openai", "j", judge), ModelSpec("openai", "m", "https://h.example/v1"))
    assert bool(loaded._key) is has


def test_a_variable_that_settings_name_must_be_set_before_a_run(ask, tmp_path, monkeypatch):
    monkeypatch.delenv("OTHER_API_KEY")
    with pytest.raises(AskError, match=r"the environment variable OTHER_API_KEY, which settings name .* is not set"):
        ask(settings("http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1", 'key = "OTHER_API_KEY"'))
    assert not (tmp_path / "runs").exists()


def test_a_refusal_for_want_of_a_key_says_where_it_is_looked_for(monkeypatch):
    monkeypatch.delenv("STEPWELL_MODEL_KEY", raising=False)
    with serving(Answer({"error": "no key"}, 401)) as endpoint:
        spec = ModelSpec("openai", "m", endpoint.url)
        for model, hint in (
            (load(spec), "no key; set STEPWELL_MODEL_KEY"),
            (load_judge(spec, replace(spec, url="http://127.0.0.1:1/v1")), "no key; name the environment variable of its key"),
        ):
            with pytest.raises(ModelError, match=hint):
                model.reply(ASK, [])
