"""Are the committed stubs what the .proto files say, and do clients of a release still understand them?"""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from protos.compatible import breaks, releases, surface
from protos.generate import ROOT, generate, image
from protos.stepwell.v1 import admin_pb2, authority_pb2, search_pb2


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


def test_nothing_of_the_contract_breaks_a_client_of_a_release() -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is in the dev extra")
    assert releases(), "python -m protos.compatible --release"
    today = image()
    for version, released in releases().items():
        assert list(breaks(released, today)) == [], f"a client of {version} breaks"


def test_the_compiled_stubs_have_the_surface_of_the_files() -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is in the dev extra")
    compiled = FileDescriptorSet()
    for module in (admin_pb2, authority_pb2, search_pb2):
        module.DESCRIPTOR.CopyToProto(compiled.file.add())
    assert surface(compiled) == surface(image())


def _search(image: FileDescriptorSet) -> FileDescriptorProto:
    return next(file for file in image.file if file.name.endswith("search.proto"))


def _query(image: FileDescriptorSet) -> DescriptorProto:
    return next(message for message in _search(image).message_type if message.name == "Query")


CHANGES = {
    "renamed": lambda image: setattr(_query(image).field[0], "name", "words"),
    "renumbered": lambda image: setattr(_query(image).field[0], "number", 99),
    "retyped": lambda image: setattr(_query(image).field[1], "type", FieldDescriptorProto.TYPE_STRING),
    "repeated": lambda image: setattr(_query(image).field[0], "label", FieldDescriptorProto.LABEL_REPEATED),
    "removed": lambda image: _query(image).field.pop(),
    "implicit": lambda image: _query(image).field[1].ClearField("proto3_optional"),
    "a value less": lambda image: _search(image).enum_type[0].value.pop(),
    "a method less": lambda image: _search(image).service[0].method.pop(),
    "a stream less": lambda image: setattr(_search(image).service[0].method[1], "server_streaming", False),
    "a message less": lambda image: _search(image).message_type.pop(0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_breaks_clients_is_named(change: str) -> None:
    [*_, released] = releases().values()
    today = FileDescriptorSet.FromString(released.SerializeToString())
    CHANGES[change](today)
    assert list(breaks(released, today))


def test_what_is_new_breaks_nobody() -> None:
    [*_, released] = releases().values()
    today = FileDescriptorSet.FromString(released.SerializeToString())
    _query(today).field.add(name="more", number=1_000, type=FieldDescriptorProto.TYPE_STRING, label=1)
    _search(today).message_type.add(name="New")
    _search(today).service[0].method.add(name="New", input_type=".stepwell.v1.New", output_type=".stepwell.v1.New")
    assert list(breaks(released, today)) == []
