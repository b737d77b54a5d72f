"""What does a model behind an OpenAI-compatible endpoint say?

One POST to ``/chat/completions`` a turn, streamed where the endpoint streams. Trouble that may pass (429, 5xx, no connection, a
hang, an empty, broken or torn answer) is tried again, with a stated cap; trouble that will not is a ModelError at once. The key
is taken out of whatever comes (`agent.models.key`). What is asked, what came back and what a refusal means are files of their own
(`asking`, `said`, `refusal`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace

import httpx

from agent.errors import AskError, ModelError
from agent.models import ENDPOINTS_OWN, Message, ModelSpec, Reply, Sampling, ToolSchema, Usage
from agent.models.asking import body
from agent.models.bill import Bill
from agent.models.key import KEY, Key
from agent.models.refusal import MayPass, refusal
from agent.models.said import MOST, Taken, read, tokens_of, usage_in
from agent.models.stream import Assembly, BrokenStream, Tell
from agent.tokens import schemas, weight

MAX_ANSWER = 16 * 2**20
"""Bytes of one answer that are read."""
_WORKED = frozenset({200, 500, 504})
"""Answers of an endpoint that set to work on the prompt; any other refuses before that, and takes only what it says."""
_SENT = (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError)
"""Failures behind the last byte of the prompt; one before it takes nothing."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
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


class OpenAIModel:
    """Any server that speaks ``/v1/chat/completions``: vLLM, llama.cpp, a hosted one. Raises ModelError."""

    def __init__(
        self, url: str, name: str, key: str | Key = "", patience: Patience = Patience(), sampling: Sampling = ENDPOINTS_OWN
    ) -> None:
        parsed = endpoint_of(url)
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
        most = self.sampling.get("max_tokens", MOST)
        asked = body(self.name, messages, tools, self.sampling)
        likely = weight(messages) + schemas(tools)
        trouble, spent = "", Usage()
        for attempt in range(1, self.patience.attempts + 1):
            taken = Taken(likely)
            self.bill.add(taken)
            try:
                reply = read(self._post(asked, taken), taken, most)
                return replace(self._key.out_of_reply(reply), usage=spent + taken.usage)
            except ModelError as error:
                raise type(error)(self._plain(error), spent + taken.usage) from None  # the cause may hold the key
            except MayPass as error:
                trouble, spent = self._plain(error), spent + taken.usage
                if not self.bill.affords():
                    raise ModelError(f"{self.url} gave no usable answer before a limit was reached: {trouble}", spent) from None
                if attempt < self.patience.attempts:
                    wait = self.patience.backoff * 2 ** (attempt - 1) if error.wait is None else error.wait
                    time.sleep(min(wait, self.patience.longest_wait))
        raise ModelError(f"{self.url} gave no usable answer in {self.patience.attempts} tries: {trouble}", spent)

    def _post(self, asked: bytes, taken: Taken) -> bytes:
        """The body of a 200; `taken` learns what that took, if it fails, too. Raises MayPass or ModelError."""
        try:
            with self._client.stream(
                "POST", self.url, content=asked, headers={"Content-Type": "application/json"}, extensions={"trace": taken.trace}
            ) as response:
                taken.prompt = response.status_code in _WORKED
                answer = self._read_all(response, taken)
        except httpx.TimeoutException as error:
            taken.prompt = taken.prompt and isinstance(error, _SENT)  # what a proxy was sent is no prompt
            raise MayPass(f"no answer within {self.patience.timeout:g} s") from error
        except httpx.TransportError as error:
            taken.prompt = taken.prompt and isinstance(error, _SENT)
            raise MayPass(f"no connection: {error}") from error
        except BrokenStream as error:
            raise MayPass(str(error)) from error
        if response.status_code == httpx.codes.OK:
            return answer
        taken.said = usage_in(answer)  # a refusal takes nothing, unless it says so
        raise refusal(self.url, response, answer, self._key.wanted)

    def _read_all(self, response: httpx.Response, taken: Taken) -> bytes:
        """The whole body; of a stream the answer put together. Raises BrokenStream, MayPass or ModelError."""
        deadline = time.monotonic() + self.patience.timeout
        streamed = "text/event-stream" in response.headers.get("Content-Type", "")
        assembly = Assembly(self._show)
        taken.stream = assembly if streamed and response.status_code == httpx.codes.OK else None
        answer = bytearray()
        size = 0
        if (packed := response.headers.get("Content-Encoding", "identity").lower()) != "identity":  # a few bytes may be gigabytes
            raise MayPass(f"an answer packed as {packed[:40]!r}, which was not asked for")
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
                    raise MayPass(f"no whole answer within {self.patience.timeout:g} s")
            return assembly.whole() if streamed else bytes(answer)
        finally:
            if response.status_code == httpx.codes.OK:
                taken.said = None if streamed else usage_in(answer)
                taken.wrote = tokens_of(assembly.said if streamed else answer.decode(errors="replace"))

    def _show(self, words: str) -> None:
        if not self.bill.closed:
            self._tell(words)

    def _plain(self, error: Exception) -> str:
        """What it says in one line, shortened when the key, which an endpoint may echo anywhere, is out of it."""
        return " ".join(self._key.out_of(str(error)).split())[:_SAID]


def endpoint_of(url: str) -> httpx.URL:
    """The endpoint's base, read. Raises AskError where it is none, or may hold a secret."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AskError(f"model URL {url!r} cannot be read: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo or parsed.query or parsed.fragment:
        raise AskError(f"model URL must be http(s)://HOST[:PORT]/v1 without a user name or a query; the key comes from {KEY}")
    return parsed


def from_spec(spec: ModelSpec) -> OpenAIModel:
    """The endpoint a spec names, with the key from the environment."""
    return OpenAIModel(spec.url, spec.name, Key.from_environment(spec.key), Patience(timeout=spec.timeout), spec.sampling)
