"""How shall runs go in this place?

The table ``[agent]`` of stepwell.toml: limits, and models by name with their window, price and sampling. Keys are not there:
an endpoint's key comes from the environment, and only the variable that holds it may be named.

    [agent.limits]
    steps = 40                      # replies of the model
    money = 0.5                     # in the currency of the prices below
    calls = { open = 30 }

    [agent.models.qwen]
    url = "http://127.0.0.1:8000/v1"
    model = "Qwen/Qwen2.5-32B-Instruct"   # the endpoint's name for it; default is the table's name
    window = 32768                  # tokens
    price_read = 0.1                # of a million tokens
    price_written = 0.4
    temperature = 0.6
    judge = "qwen"                  # who checks claims: a model of this file; empty for none
    key = "QWEN_API_KEY"            # environment variable that holds its key; empty for none
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from agent.errors import AskError
from agent.models import WINDOW, ModelSpec, Sampling
from agent.runs import MAX_CALLS
from agent.tools import PROFILES
from agent.trajectory import CallLimit, Limits
from stepwell_toml import SettingsError, known, settings_file, table_of

_SAMPLING = {"temperature": float, "top_p": float, "max_tokens": int, "seed": int}
_CHOICES = {"profile": ("native", "step"), "summaries": ("rules", "model"), "reading": ("apart", "inline")}
_PLAIN = {"price_read": float, "price_written": float, "timeout": float, "window": int, **dict.fromkeys(_CHOICES, str)}
_RANGES: dict[str, tuple[float, float]] = {
    "window": (0, 100_000_000),
    "timeout": (1, 86_400),
    "price_read": (0, 1_000_000),
    "price_written": (0, 1_000_000),
    "temperature": (0, 2),
    "top_p": (0.001, 1),
    "max_tokens": (1, 100_000_000),
    "seed": (-(2**63), 2**63 - 1),
}
_TOOLS = sorted({name for tools in PROFILES.values() for name in tools})
_MODEL = {"url": str, "model": str, "judge": str, "key": str, **_SAMPLING, **_PLAIN}
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*|")
"""An environment variable, written large, or none; a key that was put in its place has small letters or hyphens as a rule."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The table, checked."""

    limits: Limits
    models: Mapping[str, ModelSpec]
    judges: Mapping[str, str]
    """``{model: judge}``, both names of `models`."""

    def judge_of(self, name: str, spec: ModelSpec) -> ModelSpec | None:
        """Who checks the claims of a run with this model; an endpoint that names none judges for itself.

        A judge at the address of a model that `spec` has elsewhere, as ``--model-url`` says, has moved with it.
        """
        if name in self.judges:
            judge = self.models[self.judges[name]] if self.judges[name] else None
            return replace(judge, url=spec.url) if judge and judge.url == self.models[name].url else judge
        return spec if spec.kind == "openai" else None


def read_settings(path: Path | None = None) -> Settings:
    """The settings of a file, of ./stepwell.toml, or the defaults. Raises SettingsError naming the key that is wrong."""
    where = settings_file(path)
    table = known(table_of("agent", where), {"limits": dict, "models": dict}, f"{where}: [agent]")
    tables = table.get("models", {})
    models = {name: _model(name, entry, f"{where}: [agent.models.{name}]") for name, entry in tables.items()}
    judges = {name: entry["judge"] for name, entry in tables.items() if "judge" in entry}
    if strange := [judge for judge in judges.values() if judge and judge not in models]:
        raise SettingsError(f"{where}: judge {strange[0]!r} is no model of this file; there are {', '.join(models)}")
    return Settings(_limits(table.get("limits", {}), f"{where}: [agent.limits]"), models, judges)


def _model(name: str, entry: object, where: str) -> ModelSpec:
    table = known(entry, _MODEL, where)
    for key, choices in _CHOICES.items():
        if table.get(key, choices[0]) not in choices:
            raise SettingsError(f"{where} {key} {table[key]!r} must be one of {', '.join(choices)}")
    for key, (least, most) in _RANGES.items():
        if not least <= table.get(key, least) <= most:
            raise SettingsError(f"{where} {key} {table[key]} is out of range; it must lie in {least:,}..{most:,}")
    if not table.get("url"):
        raise SettingsError(f"{where} needs url, the endpoint's base, such as http://127.0.0.1:8000/v1")
    from agent.models.openai import endpoint_of

    try:
        endpoint_of(table["url"])
    except AskError as error:
        raise SettingsError(f"{where} {error}") from error
    if not _VARIABLE.fullmatch(table.get("key", "")):  # which may be a key, so it is not said
        raise SettingsError(f"{where} key must name an environment variable, in capitals, that holds the key")
    plain = {"window": WINDOW} | {key: table[key] for key in _PLAIN if key in table}
    sampling = Sampling(**{key: table[key] for key in _SAMPLING if key in table})
    return ModelSpec("openai", table.get("model", name), table["url"], sampling=sampling, key=table.get("key"), **plain)


def _limits(entry: object, where: str) -> Limits:
    kinds = {f.name: {"steps": int, "tokens": int, "calls": dict}.get(f.name, float) for f in fields(Limits)}
    table = known(entry, kinds, where)
    calls = known(table.pop("calls", {}), dict.fromkeys(_TOOLS, int), f"{where} calls")
    if strange := [tool for tool, most in calls.items() if not 1 <= most <= MAX_CALLS]:
        raise SettingsError(f"{where} calls {strange[0]} {calls[strange[0]]} is out of range; it must lie in 1..{MAX_CALLS:,}")
    return Limits(calls=tuple(CallLimit(tool, n) for tool, n in calls.items()), **table)
