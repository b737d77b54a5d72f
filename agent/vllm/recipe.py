"""Which arguments does vLLM get?

One function, from a model's shape and the GPUs to the list. https://docs.vllm.ai/en/latest/cli/serve/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import AskError
from agent.many import many
from agent.vllm.gpus import Gpu
from agent.vllm.memory import GIB, UTILISATION, Memory, memory
from agent.vllm.weights import STRETCHED, TRAINED, Shape

KINDS = ("bfloat16", "fp8", "awq")
"""How weights may be kept, the best first; AWQ weights are published apart, under the name with ``-AWQ``."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is served."""

    model: str
    kind: str
    memory: Memory
    arguments: tuple[str, ...]
    """What follows ``vllm serve``."""


def recipe(
    shape: Shape, gpus: Sequence[Gpu], window: int = STRETCHED, kind: str = "", path: str = "", port: int = 8000
) -> Recipe:
    """The best way to serve these weights here.

    The fewest GPUs that hold the whole window with the best kept weights. `kind` asks for one, `path` names weights other than
    the shape's own. Raises AskError where nothing fits.
    """
    if not 1_024 <= window <= STRETCHED:
        raise AskError(f"a window of {window:,} is out of range; it must lie in 1,024..{STRETCHED:,}")
    if kind and kind not in KINDS:
        raise AskError(f"weights cannot be kept as {kind!r}; there are {', '.join(KINDS)}")
    smallest, weakest = min(gpu.memory for gpu in gpus), min(gpu.capability for gpu in gpus)
    if weakest < 8.0 and kind != "awq":
        raise AskError(f"a GPU of capability {weakest} knows no bfloat16; use newer ones, or --kept awq")
    tried: list[Memory] = []
    for wanted in [kind] if kind else [k for k in KINDS if k != "fp8" or weakest >= 8.9]:
        for count in (n for n in (1, 2, 4, 8, 16) if n <= len(gpus) and shape.heads % n == 0 and shape.intermediate % n == 0):
            tried.append(memory(shape, wanted, window, smallest, count))
            if tried[-1].fits:
                name = path or (f"{shape.name}-AWQ" if wanted == "awq" else shape.name)
                return Recipe(name, wanted, tried[-1], _arguments(name, shape, wanted, tried[-1], port))
    most = max((m.tokens for m in tried), default=0)
    raise AskError(
        f"{shape.name} with a window of {window:,} does not fit {many(len(gpus), 'GPU')} of {smallest / GIB:.0f} GiB"
        f": {most:,} at most" + ("; ask for a smaller --window" if most >= 1_024 else "; it needs more of them")
    )


def _arguments(name: str, shape: Shape, kind: str, memory: Memory, port: int) -> tuple[str, ...]:
    arguments = [name, "--served-model-name", shape.name, "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--tensor-parallel-size", str(memory.gpus), "--max-model-len", str(memory.window)]
    arguments += ["--gpu-memory-utilization", f"{UTILISATION:.2f}", "--dtype", "float16" if kind == "awq" else "bfloat16"]
    if kind != "bfloat16":
        arguments += ["--quantization", "awq_marlin" if kind == "awq" else "fp8"]
    if memory.window > TRAINED:
        factor = 4.0 if memory.window > 2 * TRAINED else 2.0
        yarn = {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": TRAINED, "rope_theta": 1_000_000.0}
        arguments += ["--hf-overrides", json.dumps({"rope_parameters": yarn})]
    return (*arguments, "--enable-auto-tool-choice", "--tool-call-parser", "hermes", "--enable-prefix-caching")
