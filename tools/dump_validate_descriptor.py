"""Writes the descriptors of buf/validate/validate.proto, so that protoc needs no vendored copy.

The protovalidate wheel carries the compiled descriptor of its own rules. `protoc` takes it by
`--descriptor_set_in`, which makes generation work offline and keeps the rules at exactly the
version that evaluates them. The name `protovalidate._gen` is private: protovalidate is pinned to
a minor version, and `make proto-check` runs this file on every change.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from protobuf import DescFile
from protobuf.wkt.google.protobuf.descriptor_pb import FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb


def _in_import_order(file: DescFile, seen: set[str]) -> Iterator[DescFile]:
    """Yields the files that `file` imports, then `file`, each once: protoc reads them in order."""
    if file.name in seen:
        return
    seen.add(file.name)
    for dependency in file.dependencies:
        yield from _in_import_order(dependency, seen)
    yield file


def validate_descriptor() -> bytes:
    """Returns a serialised FileDescriptorSet: validate.proto and everything that it imports."""
    files = _in_import_order(validate_pb._DESC, set())  # noqa: SLF001 - see the module docstring
    return FileDescriptorSet(file=[file.proto for file in files]).to_binary()


def main() -> None:
    """Writes the descriptor set to the path given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    output: Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(validate_descriptor())


if __name__ == "__main__":
    main()
