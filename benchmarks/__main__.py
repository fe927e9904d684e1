"""The command line of the benchmarks: ``python -m benchmarks``, and ``growth``, ``year``, ``calls`` or ``shop`` behind it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import growth, reporting
from benchmarks.measuring import Result, read
from benchmarks.peers.environment import NoEnvironment, python
from benchmarks.places import POSTGRES, SQLITE, NotThere, place
from benchmarks.workloads import FULL, QUICK, WORKLOADS, Bench

ROUNDS, QUICK_ROUNDS = 5, 3
DATABASES = {"sqlite": SQLITE, "postgresql": POSTGRES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads asked for and print what they came to. Figures pass or fail nothing."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["growth"]:
        return growth.main(given[1:])
    if given[:1] == ["year"]:
        from benchmarks import year

        return year.main(given[1:])
    if given[:1] == ["calls"]:
        from benchmarks import calls

        return calls.main(given[1:])
    if given[:1] == ["shop"]:
        from benchmarks import shop

        return shop.main(given[1:])
    chosen = _parsed(given)
    if chosen.show:
        return _show(chosen.show)
    sizes, rounds = (QUICK, QUICK_ROUNDS) if chosen.quick else (FULL, ROUNDS)
    rounds = chosen.rounds or rounds
    notes: list[str] = []

    def said(text: str) -> None:
        notes.append(text)
        print(f"not measured: {text}", file=sys.stderr)

    peers: Path | None = None
    if not chosen.no_peers:
        try:
            peers = python()
        except NoEnvironment as error:
            said(f"the peers of another environment: {error}")
    results: list[Result] = []
    settings: dict[str, Any] = {}
    whole: dict[str, Any] = {"machine": "", "settings": settings, "not_measured": notes, "rounds": rounds}

    def keep() -> None:
        """Write down what was measured so far, whatever comes of the rest."""
        whole["results"] = [r.as_json() for r in results]
        if chosen.json:
            text = json.dumps(whole, indent=2, ensure_ascii=False)
            chosen.json.write_text(text + "\n", encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="guanxi-benchmarks-", dir=chosen.folder) as name:
        folder = Path(name)
        keep_byte_code(folder)
        whole["machine"] = reporting.machine(folder)
        for database in chosen.database or list(DATABASES):
            try:
                with place(DATABASES[database], folder) as found:
                    bench = Bench(found, sizes, peers, said)
                    settings[found.name] = reporting.settings(bench)
                    for workload in chosen.only or list(WORKLOADS):
                        with closing(WORKLOADS[workload](bench)) as contests:
                            for contest in contests:
                                print(f"{found.name}, {workload}: {contest.name} …", file=sys.stderr)
                                try:
                                    results.append(contest.run(rounds))
                                except Exception as error:  # noqa: BLE001 - the run says so and goes on
                                    said(f"{found.name}, {workload}: {contest.name}: {error}")
                                keep()
            except NotThere as error:
                said(f"{DATABASES[database]}: {error}")
    whole["machine"] += f"; load at the end {reporting.load()}"
    keep()
    _print(results, [whole])
    return 0


def _show(files: Sequence[Path]) -> int:
    """Print what earlier runs came to; of a contest measured more than once, the last."""
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    _print(read(each for run in runs for each in run["results"]), runs)
    return 0


def _print(results: Sequence[Result], runs: Sequence[dict[str, Any]]) -> None:
    print("How many times as fast as the peer: the median of all rounds (the least and the greatest)\n")
    print(reporting.ratios(results), end="\n\n")
    print(reporting.targets(results), end="\n\n")
    print(reporting.figures(results), end="\n\n")
    for run in runs:
        print(run["machine"], reporting.described(run["settings"]), sep="\n")
        for note in run["not_measured"]:
            print(f"- not measured: {note}")


def keep_byte_code(folder: Path) -> None:
    """Let processes that are started keep what they compile, as an installed program does."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(folder / "compiled"))


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=(
            "Measure the ledger beside its peers. `python -m benchmarks growth --help`: how it grows; "
            "`year --help`: a year; `calls --help`: incoming calls."
        ),
    )
    parser.add_argument(
        "--only", action="append", choices=sorted(WORKLOADS), help="a workload; may be given again"
    )
    parser.add_argument(
        "--database", action="append", choices=list(DATABASES), help="a kind of database; both if not given"
    )
    parser.add_argument(
        "--rounds", type=int, help=f"turns of each peer ({ROUNDS}; {QUICK_ROUNDS} with --quick)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds: does it run at all?"
    )
    parser.add_argument(
        "--no-peers", action="store_true", help="without those that need an environment of their own"
    )
    parser.add_argument(
        "--show",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="print what earlier runs wrote with --json; measure nothing",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made; a temporary folder if not given"
    )
    chosen = parser.parse_args(arguments)
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds: at least 1")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
