"""How do the committed stubs come from the .proto files?

    python -m protos.generate          # rewrite the stubs in place

The include root is the repository root, so stubs import each other as ``protos.stepwell.v1...`` and nothing is rewritten.
The freshness test calls `generate` with another output folder and compares.
"""

from __future__ import annotations

import sys
import sysconfig
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

ROOT = Path(__file__).resolve().parent.parent


def proto_files() -> list[Path]:
    """Every .proto of the project, relative to the repository root, sorted."""
    return sorted(p.relative_to(ROOT) for p in (ROOT / "protos").rglob("*.proto"))


def generate(out: Path) -> None:
    """Write *_pb2.py(i) and, for files with a service, *_pb2_grpc.py(i) below `out`. Raises RuntimeError if protoc fails."""
    from grpc_tools import protoc

    plugin = Path(sysconfig.get_path("scripts")) / "protoc-gen-mypy_grpc"  # beside this Python, whatever PATH says
    for proto in proto_files():
        outputs = [f"--python_out={out}", f"--pyi_out={out}"]
        if "\nservice " in (ROOT / proto).read_text():
            outputs += [f"--grpc_python_out={out}", f"--mypy_grpc_out={out}", f"--plugin=protoc-gen-mypy_grpc={plugin}"]
        include = Path(protoc.__file__).parent / "_proto"
        if protoc.main(["protoc", f"-I{ROOT}", f"-I{include}", *outputs, str(proto)]) != 0:
            raise RuntimeError(f"protoc failed on {proto}; its message is above")


def image() -> FileDescriptorSet:
    """The contract as descriptors, named as `buf` names files: from the folder of buf.yaml on. Raises RuntimeError."""
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "image.binpb"
        files = [str(proto.relative_to("protos")) for proto in proto_files()]
        if protoc.main(["protoc", f"-I{ROOT / 'protos'}", "--include_imports", f"--descriptor_set_out={out}", *files]) != 0:
            raise RuntimeError("protoc failed; its message is above")
        return FileDescriptorSet.FromString(out.read_bytes())


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
