"""The commands of README's "Run one", as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

from tests.server_process import PATIENCE_SECONDS, ROOT, fixed_address


def _commands() -> list[str]:
    text = (ROOT / "README.md").read_text("utf-8")
    part = text.partition("## Run one")[2].partition("| who | commands |")[0]
    lines = [line.removeprefix("    ") for line in part.splitlines() if line.startswith("    ")]
    assert lines[0] == "make setup && . .venv/bin/activate"
    return lines[1:]


def test_what_readme_says_starts_a_ledger_and_registers_a_party(tmp_path: Path) -> None:
    script = "\n".join(_commands())
    # A port of the test's own, and a shell that ends with its server.
    assert script.count("tledger init --home city") == 1
    address = fixed_address()
    script = script.replace("--home city", f"--home city --address {address}", 1)
    listens = f"until (echo >/dev/tcp/{address.replace(':', '/')}) 2>/dev/null; do sleep 0.1; done"
    script = script.replace("--home city &", f"--home city >serve.log 2>&1 &\n{listens}", 1)
    script = f"set -e\ntrap 'kill %1; wait' EXIT\n{script}\n"
    (tmp_path / "ledger").symlink_to(ROOT / "ledger")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-m", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=5 * PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    listed = done.stdout.splitlines()[-3:]
    assert "91320599000000017X" in "".join(listed)
    assert "示例安全生产培训中心" in "".join(listed)
