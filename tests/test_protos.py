"""Are the committed stubs what the .proto files say?"""

from __future__ import annotations

from pathlib import Path

import pytest

from protos.generate import ROOT, generate


def test_committed_stubs_are_what_the_proto_files_generate(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is in the dev extra")
    generate(tmp_path)
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*_pb2*")}
    committed = {
        path.relative_to(ROOT): path.read_bytes() for path in (ROOT / "protos").rglob("*_pb2*.py*") if path.suffix != ".pyc"
    }
    assert fresh.keys() == committed.keys(), "stale: run python -m protos.generate"
    stale = [str(path) for path in fresh if fresh[path] != committed[path]]
    assert not stale, f"stale: run python -m protos.generate ({', '.join(stale)})"
