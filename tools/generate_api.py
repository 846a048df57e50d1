"""Generates ledger/api/v1 from proto/ledger/api/v1, or checks that what is committed is fresh.

    python -m tools.generate_api                           write the generated code
    python -m tools.generate_api --check                   exit 1 if it differs from a fresh one
    python -m tools.generate_api --image build/api.binpb   write the descriptor image for buf

The path of a .proto file below proto/ is the path of its Python module, so nothing is rewritten
afterwards. No network: the well-known types come with grpcio-tools, google/rpc and google/api
with googleapis-common-protos, buf/validate with protovalidate. The output has no time stamp: the
same sources and the same pinned generators give the same bytes.

mypy-protobuf types each servicer for synchronous and asynchronous methods and each stub for both
kinds of channel; a servicer that lacks an RPC is a type error.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import google.rpc

from tools.dump_validate_descriptor import validate_descriptor

_REPOSITORY = Path(__file__).resolve().parent.parent
_PACKAGE = Path("ledger/api/v1")
_GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


class GenerationError(Exception):
    """There is nothing to generate from, or protoc refused the sources."""


def _protoc(proto: Path, *options: str) -> None:
    """Runs protoc over every source below `proto`; its own messages go to standard error."""
    sources = sorted(str(path.relative_to(proto)) for path in (proto / _PACKAGE).glob("*.proto"))
    if not sources:
        raise GenerationError(f"no .proto file in {proto / _PACKAGE}")
    # The folder that holds google/rpc and google/api; named last, so that proto/ wins.
    common = Path(next(iter(google.rpc.__path__))).parent.parent
    # protoc finds the mypy plugins on the PATH: those beside this interpreter come first.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    with tempfile.TemporaryDirectory(prefix="generate-api-") as folder:
        rules = Path(folder, "validate.binpb")
        rules.write_bytes(validate_descriptor())
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={rules}"]
        command += [f"-I{proto}", f"-I{common}", *options, *sources]
        if subprocess.run(command, check=False, env={**os.environ, "PATH": path}).returncode:
            raise GenerationError("protoc refused the sources, see its message above")


def generate(proto: Path) -> dict[Path, bytes]:
    """Returns the generated files by their path below the repository root."""
    with tempfile.TemporaryDirectory(prefix="generate-api-") as folder:
        outputs = ("python_out", "grpc_python_out", "mypy_out=quiet", "mypy_grpc_out=quiet")
        _protoc(
            proto,
            *(f"--{name}{':' if '=' in name else '='}{folder}" for name in outputs),
        )
        root = Path(folder)
        return {path.relative_to(root): path.read_bytes() for path in _generated_in(root)}


def write_image(proto: Path, image: Path) -> None:
    """Writes the sources, their imports and their comments as one FileDescriptorSet."""
    image.parent.mkdir(parents=True, exist_ok=True)
    _protoc(proto, "--include_imports", "--include_source_info", f"--descriptor_set_out={image}")


def differences(fresh: dict[Path, bytes], root: Path) -> list[str]:
    """Says, file by file, how the generated code below `root` differs from `fresh`."""
    found = {path.relative_to(root): path.read_bytes() for path in _generated_in(root)}
    missing = [f"missing: {path}" for path in fresh.keys() - found.keys()]
    orphaned = [f"has no .proto source: {path}" for path in found.keys() - fresh.keys()]
    stale = [f"stale: {path}" for path in fresh.keys() & found.keys() if fresh[path] != found[path]]
    return sorted(missing + orphaned + stale)


def write(fresh: dict[Path, bytes], root: Path) -> None:
    """Makes the generated code below `root` equal to `fresh`; hand-written files stay."""
    for path in _generated_in(root):
        if path.relative_to(root) not in fresh:
            path.unlink()
    for relative, content in fresh.items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _generated_in(root: Path) -> list[Path]:
    return sorted({path for pattern in _GENERATED for path in (root / _PACKAGE).glob(pattern)})


def main() -> int:
    """Runs what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--proto", type=Path, default=_REPOSITORY / "proto")
    parser.add_argument("--output", type=Path, default=_REPOSITORY)
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--check", action="store_true")
    task.add_argument("--image", type=Path)
    arguments = parser.parse_args()
    try:
        if arguments.image:
            write_image(arguments.proto, arguments.image)
            return 0
        fresh = generate(arguments.proto)
    except GenerationError as error:
        print(f"generate_api: {error}", file=sys.stderr)
        return 1
    if not arguments.check:
        write(fresh, arguments.output)
        return 0
    found = differences(fresh, arguments.output)
    for line in found:
        print(line)
    if found:
        print("The generated code is not what proto/ says: run `make proto`, commit the result.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
