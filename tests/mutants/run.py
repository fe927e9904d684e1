"""Proves that the suite catches planted faults: applies each patch of this folder to a copy and expects its tests to fail.

A patch begins with lines ``# what: …`` and ``# tests: …`` (paths or node ids, by blanks), then a unified diff.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SOURCES = ("core", "adapters", "plugins/retail/src")


def main(arguments: list[str]) -> int:
    """Run the mutants named, or all; return 0 when every one was caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="patches to run, without .patch; all if none are named")
    chosen = parser.parse_args(arguments).names
    patches = sorted(p for p in HERE.glob("*.patch") if not chosen or p.stem in chosen)
    if not patches:
        print("no such mutant", file=sys.stderr)
        return 2
    survived = [p.stem for p in patches if not caught(p)]
    print(f"{len(patches) - len(survived)} of {len(patches)} mutants caught")
    if survived:
        print("survived: " + ", ".join(survived))
    return 1 if survived else 0


def caught(patch: Path) -> bool:
    """Apply one patch to a copy of the tree and tell whether its tests fail there."""
    what, tests = header(patch)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        copy(tree)
        applied = subprocess.run(
            ["git", "apply", "--recount", str(patch)], cwd=tree, capture_output=True, text=True, check=False
        )
        if applied.returncode:
            print(f"  ?       {patch.stem}: does not apply\n{applied.stderr}")
            return False
        failed = run(tree, tests) != 0
    print(
        f"  {'caught ' if failed else 'SURVIVED'} {patch.stem}: {what} ({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return failed


def header(patch: Path) -> tuple[str, list[str]]:
    """Return what a patch breaks and which tests must notice."""
    fields = {}
    for line in patch.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            break
        name, _, value = line[2:].partition(": ")
        fields[name] = value
    return fields["what"], fields["tests"].split()


def copy(tree: Path) -> None:
    """Copy what git tracks, so that nothing else is changed or needed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, tree / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def run(tree: Path, tests: list[str]) -> int:
    """Run tests against the copy's sources and return pytest's exit code; errors of collection count as not noticed."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(tree / s) for s in SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=unshrunk",
        *tests,
    ]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        print(done.stdout[-2000:], done.stderr[-2000:])
        return 0
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
