"""What does a model behind an OpenAI-compatible endpoint say?

One POST to ``/chat/completions`` a turn, streamed where the endpoint streams. Trouble that may pass (429, 5xx, no connection, a
hang, an empty, broken or torn answer) is tried again, with a stated cap; trouble that will not is a ModelError at once. The key
is taken out of whatever comes (`agent.models.key`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from agent.errors import AskError, ContextTooLong, ModelError
from agent.models import ENDPOINTS_OWN, NO_USAGE, Call, Message, ModelSpec, Reply, Sampling, ToolSchema, Usage
from agent.models.bill import Bill
from agent.models.key import KEY, Key
from agent.models.repair import repaired
from agent.models.stream import MISSHAPEN, Assembly, BrokenStream, Tell
from agent.models.text import split_calls, split_thinking
from agent.tokens import estimate, schemas, weight

MAX_ANSWER = 16 * 2**20
"""Bytes of one answer that are read."""
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_TOO_LONG = re.compile(
    r"context (?:length|window|size)|maximum context|too many tokens|(?:prompt|input|request) is too long|n_ctx|reduce the length"
    r"|max_model_len|exceeds? the (?:available|model)",
    re.IGNORECASE,
)
_WORKED = frozenset({200, 500, 504})
"""Answers of an endpoint that set to work on the prompt; any other refuses before that, and takes only what it says."""
_SENT = (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError)
"""Failures behind the last byte of the prompt; one before it takes nothing."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MOST = 2**53
"""Tokens above which a number is no count of them: JSON keeps no larger one exactly."""
_CUT = frozenset({"length", "max_tokens", "model_length", "content_filter"})
"""Reasons for an end that is none of the model's."""
_SAID = 400
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the endpoint is waited for."""

    timeout: float = 180.0
    """Seconds for one whole answer; a 32B model writes a long report in about two minutes."""
    attempts: int = 4
    """Tries in all for one turn."""
    backoff: float = 1.0
    """Seconds before the second try; doubles with each."""
    longest_wait: float = 30.0
    """Seconds; the cap on one wait, whatever Retry-After says."""


class _MayPass(Exception):
    """Trouble worth another try."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class _Taken:
    """What one try took: as the endpoint counted it, else an estimate from what was sent and what came."""

    def __init__(self, likely: int) -> None:
        self.likely = likely
        """Tokens of the prompt, estimated."""
        self.prompt = False
        """Whether the endpoint had the whole prompt and set to work on it."""
        self.said: object = None
        """The ``usage`` of the answer, in whatever shape it came."""
        self.wrote = 0
        """Tokens of the answer, estimated."""
        self.stream: Assembly | None = None
        """The answer while it comes in pieces."""

    @property
    def usage(self) -> Usage:
        """Tokens, of a try that came to nothing or is under way, too."""
        told = self.stream.usage if self.stream else self.said
        said: Any = told if isinstance(told, dict) else {}
        read, written = _count(said.get("prompt_tokens")), _count(said.get("completion_tokens"))
        if not (self.prompt or read or written):
            return NO_USAGE
        wrote = self.wrote or (_written(self.stream.said) if self.stream else 0)
        return Usage(read or self.likely, written or wrote, estimated=not (read and (written or not wrote)))

    def trace(self, name: str, _: Mapping[str, object]) -> None:
        """Learn from the connection that the whole prompt has gone."""
        self.prompt = self.prompt or name.endswith("send_request_body.complete")


class OpenAIModel:
    """Any server that speaks ``/v1/chat/completions``: vLLM, llama.cpp, a hosted one. Raises ModelError."""

    def __init__(
        self, url: str, name: str, key: str | Key = "", patience: Patience = Patience(), sampling: Sampling = ENDPOINTS_OWN
    ) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise AskError(f"model URL {url!r} cannot be read: {error}") from error
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo or parsed.query or parsed.fragment:
            raise AskError(f"model URL must be http(s)://HOST[:PORT]/v1 without a user name or a query; the key comes from {KEY}")
        self.url = str(parsed).rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
        self.name = name
        self.patience = patience
        self.sampling = {name: value for name, value in asdict(sampling).items() if value is not None}
        self._tell: Tell = lambda _: None
        self.bill = Bill()
        """What every try is on."""
        self._key = Key(key) if isinstance(key, str) else key
        self._client = httpx.Client(
            headers={"Accept-Encoding": "identity"} | self._key.headers,
            timeout=patience.timeout,
            trust_env=parsed.host not in _LOOPBACK,  # a proxy for the world is none for this machine
        )

    def listen(self, tell: Tell) -> None:
        """Have `tell` called with the words of a reply while it is being written."""
        self._tell = lambda words: tell(self._key.out_of_words(words))

    def metered(self, bill: Bill) -> OpenAIModel:
        """The same endpoint, with every try on this bill."""
        other = copy(self)
        other.bill = bill
        return other

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next turn. Raises ModelError when the endpoint refuses, or when tries or limits are used up; ContextTooLong."""
        asked: dict[str, object] = {"model": self.name, "messages": [_message(m) for m in messages], **self.sampling}
        if tools:
            asked["tools"] = [_tool(t) for t in tools]
        most = self.sampling.get("max_tokens", _MOST)
        body = orjson.dumps(asked | {"stream": True, "stream_options": {"include_usage": True}})
        likely = weight(messages) + schemas(tools)
        trouble, spent = "", Usage()
        for attempt in range(1, self.patience.attempts + 1):
            taken = _Taken(likely)
            self.bill.add(taken)
            try:
                reply = _read(self._post(body, taken), taken, most)
                return replace(self._key.out_of_reply(reply), usage=spent + taken.usage)
            except ModelError as error:
                raise type(error)(self._plain(error), spent + taken.usage) from None  # the cause may hold the key
            except _MayPass as error:
                trouble, spent = self._plain(error), spent + taken.usage
                if not self.bill.affords():
                    raise ModelError(f"{self.url} gave no usable answer before a limit was reached: {trouble}", spent) from None
                if attempt < self.patience.attempts:
                    wait = self.patience.backoff * 2 ** (attempt - 1) if error.wait is None else error.wait
                    time.sleep(min(wait, self.patience.longest_wait))
        raise ModelError(f"{self.url} gave no usable answer in {self.patience.attempts} tries: {trouble}", spent)

    def _post(self, body: bytes, taken: _Taken) -> bytes:
        """The body of a 200; `taken` learns what that took, if it fails, too. Raises _MayPass or ModelError."""
        try:
            with self._client.stream(
                "POST", self.url, content=body, headers={"Content-Type": "application/json"}, extensions={"trace": taken.trace}
            ) as response:
                taken.prompt = response.status_code in _WORKED
                answer = self._read_all(response, taken)
        except httpx.TimeoutException as error:
            taken.prompt = taken.prompt and isinstance(error, _SENT)  # what a proxy was sent is no prompt
            raise _MayPass(f"no answer within {self.patience.timeout:g} s") from error
        except httpx.TransportError as error:
            taken.prompt = taken.prompt and isinstance(error, _SENT)
            raise _MayPass(f"no connection: {error}") from error
        except BrokenStream as error:
            raise _MayPass(str(error)) from error
        if response.status_code == httpx.codes.OK:
            return answer
        taken.said = _usage_in(answer)  # a refusal takes nothing, unless it says so
        said = f"{response.status_code} {self._complaint(answer)}".strip()
        if response.status_code in _PASSING:
            raise _MayPass(said, _seconds(response.headers.get("Retry-After", "")))
        if response.status_code in (400, 413, 422) and _TOO_LONG.search(said):
            raise ContextTooLong(f"{self.url} refused: {said}")
        hint = f"; set {KEY}" if response.status_code in (401, 403) and not self._key else ""
        raise ModelError(f"{self.url} refused: {said}{hint}")

    def _read_all(self, response: httpx.Response, taken: _Taken) -> bytes:
        """The whole body; of a stream the answer put together. Raises BrokenStream, _MayPass or ModelError."""
        deadline = time.monotonic() + self.patience.timeout
        streamed = "text/event-stream" in response.headers.get("Content-Type", "")
        assembly = Assembly(self._show)
        taken.stream = assembly if streamed and response.status_code == httpx.codes.OK else None
        answer = bytearray()
        size = 0
        if (packed := response.headers.get("Content-Encoding", "identity").lower()) != "identity":  # a few bytes may be gigabytes
            raise _MayPass(f"an answer packed as {packed[:40]!r}, which was not asked for")
        try:
            for piece in response.iter_raw():
                size += len(piece)
                if streamed:
                    assembly.feed(piece)
                else:
                    answer += piece
                if size > MAX_ANSWER:
                    raise ModelError(f"{self.url} sent over {MAX_ANSWER:,} bytes in one answer")
                if time.monotonic() > deadline:  # httpx limits each read, not their sum
                    raise _MayPass(f"no whole answer within {self.patience.timeout:g} s")
            return assembly.whole() if streamed else bytes(answer)
        finally:
            if response.status_code == httpx.codes.OK:
                taken.said = None if streamed else _usage_in(answer)
                taken.wrote = _written(assembly.said if streamed else answer.decode(errors="replace"))

    def _show(self, words: str) -> None:
        if not self.bill.closed:
            self._tell(words)

    def _complaint(self, answer: bytes) -> str:
        """The endpoint's own words on what is wrong."""
        try:
            record: Any = orjson.loads(answer)
            error = record.get("error", record)
            return str(error.get("message", error)) if isinstance(error, dict) else str(error)
        except MISSHAPEN:
            return answer.decode(errors="replace")

    def _plain(self, error: Exception) -> str:
        """What it says in one line, shortened when the key, which an endpoint may echo anywhere, is out of it."""
        return " ".join(self._key.out_of(str(error)).split())[:_SAID]


def from_spec(spec: ModelSpec) -> OpenAIModel:
    """The endpoint a spec names, with the key from the environment."""
    return OpenAIModel(spec.url, spec.name, Key.from_environment(), Patience(timeout=spec.timeout), spec.sampling)


def _message(message: Message) -> dict[str, object]:
    said: dict[str, object] = {"role": message.role, "content": message.text}
    if message.calls:
        said["tool_calls"] = [  # chat templates parse the arguments, and fail on what is broken
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments if c.sound else "{}"}}
            for c in message.calls
        ]
    if message.call_id:
        said["tool_call_id"] = message.call_id
    return said


def _tool(tool: ToolSchema) -> dict[str, object]:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }


def _read(answer: bytes, taken: _Taken, most: int) -> Reply:
    """A reply from the answer's JSON; what it took is `taken`'s to say. Raises _MayPass where there is none in it.

    It was cut off where the endpoint says so, or counts as many tokens as it was allowed: some call an end by length a call of
    tools all the same.
    """
    try:
        record: Any = orjson.loads(answer)
        choice = record["choices"][0]
        message, usage = choice["message"], record.get("usage")
        written = _count(usage.get("completion_tokens")) if isinstance(usage, dict) else 0
        cut = str(choice.get("finish_reason")).lower() in _CUT or written >= most
        content = message.get("content") or message.get("refusal") or ""
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
        native = tuple(_call(call["function"], cut) for call in message.get("tool_calls") or ())
        text, thinking = split_thinking(content)
        reasoning = str(message.get("reasoning_content") or message.get("reasoning") or thinking)
        text, in_text = split_calls(text, cut)
    except MISSHAPEN as error:
        what = answer.decode(errors="replace")
        raise _MayPass(f"an answer that is no chat completion ({type(error).__name__}): {what}") from error
    taken.wrote = sum(_written(part) for part in (content, reasoning, *(call.arguments for call in native)))
    if not (text or native or in_text):
        raise _MayPass("an answer that was cut off before it said anything" if cut else "an empty answer")
    return Reply(text, native or in_text, reasoning, cut=cut)


def _written(text: str) -> int:
    return estimate(text) if text else 0


def _usage_in(answer: bytes | bytearray) -> object:
    """What an answer of whatever kind says of its tokens; None where it says nothing."""
    try:
        record: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return record.get("usage") if isinstance(record, dict) else None


def _count(said: object) -> int:
    """Tokens as the endpoint counted them; 0 where that can be no count, so that it is estimated instead."""
    return int(said) if isinstance(said, int | float) and 0 < said <= _MOST else 0


def _call(function: dict[str, Any], cut: bool) -> Call:
    arguments = function.get("arguments") or ("" if cut else "{}")
    written = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    return Call("", str(function["name"]), repaired(written, cut) or written)


def _seconds(retry_after: str) -> float | None:
    """Seconds asked for, as a number or until a date; None for neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
