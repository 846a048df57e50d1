"""`make bench`: throughput and latency of the ledger beside baselines measured in the same run.

    python -m tests.bench [--quick] [--only sqlite|postgresql] [--json FILE] [--folder FOLDER]

The exit code says nothing about the goals: the report does.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.backends import BACKENDS
from tests.bench.measures import FULL, QUICK
from tests.bench.report import document, introduction, machine, table
from tests.bench.rounds import run


def main() -> None:
    """Measure what the arguments say and print the report."""
    options = _options()
    plan, about = QUICK if options.quick else FULL, machine()
    print("\n".join(introduction(plan, about)))
    if options.quick:
        print("a smoke run: it shows that everything runs; figures and verdicts mean nothing")
    found: dict[str, Any] = {"machine": about, "backends": {}}
    for name in [options.only] if options.only else BACKENDS:
        with tempfile.TemporaryDirectory(prefix="tledger-bench-", dir=options.folder) as path:
            folder = Path(path)
            with BACKENDS[name](folder) as backend:
                results = run(backend, folder, plan, _tell)
                print("\n".join(table(name, backend.about, backend.bulk_name, results)))
                found["backends"][name] = document(backend.about, backend.bulk_name, results)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds")
    parser.add_argument("--only", choices=list(BACKENDS), help="one database alone")
    parser.add_argument("--json", type=Path, help="file for the raw figures")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()),
        help="on the disk to be measured; for PostgreSQL outside every home directory",
    )
    return parser.parse_args()


def _tell(text: str) -> None:
    print(f"{text} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
