"""Who decides the next step?

A Model reads the conversation and the tools' schemas, and replies with text, tool calls, or both. It keeps no state: what
it knows is in the messages, so a run can be resumed with a fresh one. Three are known by name; any other is a dotted path.

    extractive   no model at all: searches, picks sentences, quotes them (the default)
    openai       any OpenAI-compatible endpoint
    scripted     a list of turns from a JSON file, for tests
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import orjson

from agent.errors import AskError

MODELS = {
    "extractive": "agent.models.extractive:from_spec",
    "openai": "agent.models.openai:from_spec",
    "scripted": "agent.models.scripted:from_spec",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call, as the model wrote it."""

    id: str
    """Unique in the run; the loop gives it (``c3.1``: third reply, first call)."""
    name: str
    arguments: str
    """JSON text, unchecked: what is wrong with it is told to the model by the tool."""

    @property
    def sound(self) -> bool:
        """Whether the arguments are a JSON object as they stand."""
        try:
            return isinstance(orjson.loads(self.arguments), dict)
        except orjson.JSONDecodeError:
            return False


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the conversation."""

    role: str
    """``system``, ``user``, ``assistant`` or ``tool``."""
    text: str
    calls: tuple[Call, ...] = ()
    """What an assistant asked for."""
    call_id: str = ""
    """Which call a tool message answers."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a model read and wrote."""

    read: int = 0
    written: int = 0
    estimated: bool = False
    """Whether any of it is `agent.tokens`'s estimate, because the endpoint does not count."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written, self.estimated or other.estimated)


NO_USAGE = Usage()
"""Of what no model was asked for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's turn."""

    text: str
    calls: tuple[Call, ...] = ()
    thinking: str = ""
    """Reasoning that the model marked as such; kept in the log, never in the report."""
    usage: Usage = NO_USAGE
    cut: bool = False
    """Whether it broke off at a limit of the endpoint's; nothing of it was put right, since no one knows how it went on."""


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model sees it."""

    name: str
    description: str
    parameters: Mapping[str, object]
    """JSON Schema of the arguments: an object without additional properties."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is asked of the endpoint beside the conversation; None leaves the endpoint's own default."""

    temperature: float | None = None
    """0 to 2."""
    top_p: float | None = None
    """Above 0, at most 1."""
    max_tokens: int | None = None
    """Of one reply."""
    seed: int | None = None


ENDPOINTS_OWN = Sampling()
"""Nothing is asked for."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model a run uses, and how; written to the event log, so it holds no secret."""

    kind: str = "extractive"
    """A name of MODELS, or ``module:function`` taking this spec."""
    name: str = ""
    """The endpoint's name of the model, or the scripted model's file."""
    url: str = ""
    """Base URL of the endpoint, ending in ``/v1`` as a rule."""
    window: int = 0
    """Tokens that fit into one conversation; 0 means that nothing has to be shortened."""
    price_read: float = 0.0
    """Of a million tokens read, in any one currency."""
    price_written: float = 0.0
    """Of a million tokens written, in the same currency."""
    sampling: Sampling = ENDPOINTS_OWN
    timeout: float = 180.0
    """Seconds for one whole answer; a 32B model writes a long report in about two minutes."""
    profile: str = "native"
    """Names and shapes of the tools: ``native`` or ``step``."""
    summaries: str = "rules"
    """Who shortens long results: ``rules``, or ``model`` in a call of its own without tools."""
    reading: str = ""
    """How opened pages are read: ``apart``, in calls without tools, or ``inline``; empty is apart where a model reads at all."""
    key: str | None = None
    """Environment variable that holds the endpoint's key; empty is no key, None what `load` says."""

    @property
    def takes_tokens(self) -> bool:
        """Whether a language model is asked at all."""
        return self.kind not in ("extractive", "scripted")

    @property
    def reads_apart(self) -> bool:
        """Whether the text of opened pages is kept from calls that have tools."""
        return self.reading == "apart" or (not self.reading and self.takes_tokens)

    def cost(self, usage: Usage) -> float:
        """What these tokens cost."""
        return (usage.read * self.price_read + usage.written * self.price_written) / 1e6

    def __str__(self) -> str:
        return f"{self.name} at {self.url}" if self.url else ":".join(part for part in (self.kind, self.name) if part)


class Model(Protocol):
    """The seam. Raises ModelError where no reply can be had."""

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next turn of this conversation."""
        ...


WINDOW = 32_768
"""Tokens; the window of an endpoint whose settings name none."""


@runtime_checkable
class Streaming(Protocol):
    """A model whose text can be watched while it is written."""

    def listen(self, tell: Callable[[str], None]) -> None:
        """Have `tell` called with the next words, in order, and with none where a reply begins anew."""
        ...


def parse_spec(model: str, url: str = "", configured: Mapping[str, ModelSpec] | None = None) -> ModelSpec:
    """Read ``--model`` and ``--model-url``: with a URL the model is the endpoint's, without one it is configured or ours.

    `configured` holds the models of stepwell.toml by name. Raises AskError on a name that is not known.
    """
    if configured and model in configured:
        return replace(configured[model], url=url) if url else configured[model]
    if url:
        if not model or model == "extractive":
            raise AskError("--model-url needs --model NAME: the name by which the endpoint knows its model")
        return ModelSpec("openai", model, url, WINDOW)
    kind, _, name = model.partition(":")
    if kind in ("extractive", "scripted"):
        return ModelSpec(kind, name)
    if "." in kind and name:
        return ModelSpec(model)
    known = ", ".join(["extractive", "scripted:FILE", *(configured or ())])
    raise AskError(f"no model called {model!r}; use {known}, or --model-url URL with --model NAME")


def load(spec: ModelSpec) -> Model:
    """The model a spec asks for, imported now; the key is STEPWELL_MODEL_KEY where none is named. Raises AskError."""
    module, _, function = MODELS.get(spec.kind, spec.kind).partition(":")
    try:
        make = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise AskError(f"model {spec.kind!r} cannot be loaded: {error}; known are {', '.join(MODELS)}") from error
    model: Model = make(spec)
    return model


def load_judge(judge: ModelSpec, model: ModelSpec) -> Model:
    """The judge of a run of this model: one that names no key has the model's at the model's origin, and none elsewhere."""
    if judge.key is None:
        judge = replace(judge, key=model.key if _origin(judge.url) == _origin(model.url) else "")
    return load(judge)


_PORTS = {"http": 80, "https": 443}


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Who answers there: scheme, host and port. Raises AskError on what is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise AskError(f"model URL {url!r} cannot be read: {error}") from error
