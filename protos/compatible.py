"""What of today's contract would break a client of a release?

    python -m protos.compatible              # a line for each break, exit code 1 if there is one
    python -m protos.compatible --release    # today's contract becomes the released one of this version

`released/` keeps a descriptor set (`protoc --descriptor_set_out`) of every release. What one of them has may never be renamed,
renumbered, retyped or removed; what is new is welcome. `buf breaking` asks the same and more, where buf is installed.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet

from protos.generate import ROOT, image

RELEASED = ROOT / "protos" / "released"


def surface(files: FileDescriptorSet) -> dict[str, str]:
    """Whatever a client may hold on to, and how it is: fields by number, methods with what goes in and out."""
    found: dict[str, str] = {}
    for file in files.file:
        for message in file.message_type:
            found |= _message(message, file.package)
        for enum in file.enum_type:
            found |= _enum(enum, file.package)
        for service in file.service:
            for method in service.method:
                ways = "stream " * method.client_streaming, "stream " * method.server_streaming
                path = f"method {file.package}.{service.name}/{method.name}"
                found[path] = f"{ways[0]}{method.input_type} -> {ways[1]}{method.output_type}"
    return found


def breaks(released: FileDescriptorSet, today: FileDescriptorSet) -> Iterator[str]:
    """A line for everything that a client of `released` would miss."""
    now = surface(today)
    for what, how in surface(released).items():
        if what not in now:
            yield f"{what} ({how}) is gone"
        elif now[what] != how:
            yield f"{what} was {how} and is {now[what]}"


def releases() -> dict[str, FileDescriptorSet]:
    """The contract of every release, by version."""
    return {path.stem: FileDescriptorSet.FromString(path.read_bytes()) for path in sorted(RELEASED.glob("*.binpb"))}


def _message(message: DescriptorProto, scope: str) -> dict[str, str]:
    name = f"{scope}.{message.name}"
    found = {f"message {name}": "a message"}
    for field in message.field:
        found[f"field {field.number} of {name}"] = _field(field, message)
    for nested in message.nested_type:
        found |= _message(nested, name)
    for enum in message.enum_type:
        found |= _enum(enum, name)
    return found


def _field(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    label = FieldDescriptorProto.Label.Name(field.label).removeprefix("LABEL_").lower()
    kind = field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    if field.proto3_optional:
        label = "explicit"
    elif field.HasField("oneof_index"):
        label = f"one of {message.oneof_decl[field.oneof_index].name}"
    return f"{field.name}, {label} {kind}"


def _enum(enum: EnumDescriptorProto, scope: str) -> dict[str, str]:
    return {f"value {value.number} of {scope}.{enum.name}": value.name for value in enum.value}


def main() -> int:
    """Compare, or release."""
    if "--release" in sys.argv[1:]:
        version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        RELEASED.mkdir(exist_ok=True)
        (RELEASED / f"{version}.binpb").write_bytes(image().SerializeToString(deterministic=True))
        return 0
    today = image()
    lines = [f"{version}: {line}" for version, released in releases().items() for line in breaks(released, today)]
    print("\n".join(lines) or f"nothing breaks a client of {', '.join(releases())}")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
