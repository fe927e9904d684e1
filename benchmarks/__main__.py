"""The command line of the benchmarks: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import reporting
from benchmarks.measuring import Result
from benchmarks.workloads import FULL, QUICK, WORKLOADS

ROUNDS, QUICK_ROUNDS = 7, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads asked for and print what they came to. Figures pass or fail nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the ledger beside its peers."
    )
    parser.add_argument(
        "--only", action="append", choices=sorted(WORKLOADS), help="a workload; may be given again"
    )
    parser.add_argument(
        "--rounds", type=int, help=f"turns of each peer ({ROUNDS}; {QUICK_ROUNDS} with --quick)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds: does it run at all?"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made; a temporary folder if not given"
    )
    chosen = parser.parse_args(arguments)
    sizes, rounds = (QUICK, QUICK_ROUNDS) if chosen.quick else (FULL, ROUNDS)
    rounds = chosen.rounds or rounds
    if rounds < 1:
        parser.error("--rounds: at least 1")
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="guanxi-benchmarks-", dir=chosen.folder) as name:
        folder = Path(name)
        machine, settings = reporting.machine(folder), reporting.settings(folder)
        for workload in chosen.only or WORKLOADS:
            with closing(WORKLOADS[workload](folder, sizes)) as contests:
                for contest in contests:
                    print(f"{contest.workload}: {contest.name} …", file=sys.stderr)
                    results.append(contest.run(rounds))
    print(f"Times as fast as the peer (median of {rounds} rounds, each taken by itself)\n")
    print(reporting.ratios(results), end="\n\n")
    print(reporting.figures(results), end="\n\n")
    print(machine, reporting.described(settings), sep="\n")
    if chosen.json:
        whole = {
            "machine": machine,
            "settings": settings,
            "rounds": rounds,
            "results": [r.as_json() for r in results],
        }
        chosen.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
