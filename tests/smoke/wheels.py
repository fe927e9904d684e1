"""What somebody meets who installs the wheels: run after `make dist`, with nothing but a Python and the wheels.

    python tests/smoke/wheels.py [--dist dist] [--constraint constraints.txt] [--mapping sample.toml] [--keep]

Makes a clean virtual environment and a working folder outside the repository, installs both wheels there, drives the `guanxi` command from an
empty ledger to a report, takes the plugin out again, and looks inside the wheels and sdists. It needs a package index for the dependencies.
Not collected by pytest. Prints one line per check and exits with status 1 at the first that fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "examples" / "cdnow" / "CDNOW_sample.txt"
MAPPING = ROOT / "examples" / "cdnow" / "sample.toml"

WHEELS = {
    "guanxi": {
        "guanxi/__init__.py",
        "guanxi/py.typed",
        "guanxi_adapters/__init__.py",
        "guanxi/relationship/plugin.toml",
        "guanxi_adapters/py.typed",
        "guanxi_adapters/cli/template/src/package/plugin.toml.tmpl",
    },
    "guanxi_retail": {"guanxi_retail/__init__.py", "guanxi_retail/plugin.toml", "guanxi_retail/py.typed"},
}
SDISTS = {
    "guanxi": {
        "core/guanxi/py.typed",
        "adapters/guanxi_adapters/py.typed",
        "LICENSE",
        "pyproject.toml",
        "PKG-INFO",
    },
    "guanxi_retail": {"src/guanxi_retail/py.typed", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO"},
}
TOP_LEVEL = {"guanxi": {"guanxi", "guanxi_adapters"}, "guanxi_retail": {"guanxi_retail"}}

FIVE_LINES = """
import guanxi
ledger = guanxi.open({url!r})
print(ledger.report("retail.rfm").as_table())
"""


class Failed(Exception):
    """A check that did not hold."""


def main() -> int:
    """Run every check, in the order in which a user would come across it."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--mapping", type=Path, default=MAPPING, help="how the sample's columns are to be read"
    )
    options = parser.parse_args()

    def prove(work: Path) -> None:
        inspect(options.dist)
        Installation(work, options.dist, options.constraint, options.mapping).prove()

    return carried_out(prove, keep=options.keep, said="The wheels work.")


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return the options that every check of the wheels takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="the folder with wheels and sdists")
    parser.add_argument(
        "--constraint", type=Path, default=ROOT / "constraints.txt", help="pins for the dependencies"
    )
    parser.add_argument("--keep", action="store_true", help="leave the working folder behind")
    return parser


def carried_out(prove: Callable[[Path], None], *, keep: bool, said: str) -> int:
    """Prove something in a working folder, say how it ended, and return the exit code."""
    work = Path(tempfile.mkdtemp(prefix="guanxi-smoke-"))
    try:
        prove(work)
    except Failed as failure:
        print(f"FAILED  {failure}")
        return 1
    finally:
        if keep:
            print(f"left behind: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print(said)
    return 0


def inspect(dist: Path) -> None:
    """Look inside what was built."""
    for name, wanted in WHEELS.items():
        with zipfile.ZipFile(only(dist, f"{name}-*.whl")) as wheel:
            names = set(wheel.namelist())
            info = next(n for n in names if n.endswith(".dist-info/METADATA")).removesuffix("METADATA")
            metadata = wheel.read(info + "METADATA").decode()
        check(f"{name}: wheel has its packages and py.typed", wanted <= names, wanted - names)
        top = {n.split("/")[0] for n in names if not n.startswith(info)}
        check(f"{name}: wheel has nothing else", top == TOP_LEVEL[name], top)
        check(f"{name}: wheel carries its licence", info + "licenses/LICENSE" in names, sorted(names))
        check(f"{name}: metadata names the licence", "License-Expression: Apache-2.0" in metadata, metadata)
        check(f"{name}: metadata carries a description", "\n\n" in metadata.strip(), metadata)
    for name, wanted in SDISTS.items():
        with tarfile.open(only(dist, f"{name}-*.tar.gz")) as sdist:
            names = {n.split("/", 1)[1] for n in sdist.getnames() if "/" in n}
        check(f"{name}: sdist is complete", wanted <= names, wanted - names)
        stray = {n for n in names if n.startswith(("plugins/", ".venv/", "dist/")) or "__pycache__" in n}
        check(f"{name}: sdist has nothing of others", not stray, stray)


class Installation:
    """A clean virtual environment with the wheels in it, away from the repository."""

    def __init__(self, work: Path, dist: Path, constraint: Path, mapping: Path) -> None:
        self.work, self.dist, self.constraint = work, dist.resolve(), constraint.resolve()
        self.mapping = mapping.resolve()
        self.bin = work / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.url = f"sqlite:///{work / 'customers.db'}"
        # What the caller's shell says about Python must not reach in: neither his packages nor this repository.
        self.environment = {
            k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "VIRTUAL_ENV"
        }
        self.environment |= {
            "NO_COLOR": "1",
            "COLUMNS": "160",
            "PYTHONUTF8": "1",
            "PYTHONWARNINGS": "error::DeprecationWarning:guanxi",
        }

    def prove(self) -> None:
        """From the installation to the report, and once more without the plugin."""
        venv.create(self.work / "venv", with_pip=True)
        wheels = [str(only(self.dist, f"{name}-*.whl")) for name in WHEELS]
        self.python(
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--constraint",
            str(self.constraint),
            *wheels,
        )
        print("ok      the wheels install, with nothing but their dependencies")
        self.python("-m", "pip", "check")

        where = self.python(
            "-c", "import guanxi, guanxi_adapters, guanxi_retail; print(guanxi.__file__)"
        ).strip()
        check("guanxi comes from the wheel", where.startswith(str(self.work)), where)
        without_models = self.python(
            "-c", "import guanxi_retail, sys; print('numpy' in sys.modules or 'scipy' in sys.modules)"
        )
        check("the plugin needs no numpy", without_models.strip() == "False", without_models)

        version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
        check("guanxi --version", version in self.guanxi("--version"), version)
        check("guanxi plugins", "retail" in self.guanxi("plugins", "--json"), "retail is not listed")

        self.guanxi("init", self.url)
        self.guanxi("import", str(DATA), "--mapping", str(self.mapping), "--db", self.url)
        check(
            "guanxi reports",
            "retail.rfm" in self.guanxi("reports", "--db", self.url),
            "retail.rfm is not listed",
        )
        report = ("report", "retail.rfm", "--db", self.url, "--json")
        once = rows(json.loads(self.guanxi(*report)))
        check("guanxi report gives rows", len(once) > 1, once)
        self.guanxi("import", str(DATA), "--mapping", str(self.mapping), "--db", self.url)
        twice = rows(json.loads(self.guanxi(*report)))
        check("the same file imported again changes nothing", twice == once, (len(once), len(twice)))
        self.guanxi("verify", "--db", self.url)
        table = self.python("-c", FIVE_LINES.format(url=self.url))
        check("five lines print a report", len(table.splitlines()) > 2, table)

        self.python("-m", "pip", "uninstall", "--quiet", "--yes", "guanxi-retail")
        check(
            "the plugin is out",
            "guanxi_retail" not in self.python("-m", "pip", "list", "--format", "freeze").replace("-", "_"),
            "still there",
        )
        check(
            "guanxi plugins, without it",
            '"retail"' not in self.guanxi("plugins", "--json"),
            "retail is still listed",
        )
        self.guanxi("reports", "--db", self.url)
        self.guanxi("verify", "--db", self.url)
        print("ok      the same ledger opens and verifies without the plugin")

    def guanxi(self, *arguments: str, code: int = 0) -> str:
        """Run the installed command, which has to end with that exit code."""
        return self._run([str(self.bin / "guanxi"), *arguments], code)

    def python(self, *arguments: str) -> str:
        """Run the clean environment's Python."""
        return self._run([str(self.bin / "python"), *arguments])

    def _run(self, command: list[str], code: int = 0) -> str:
        run = subprocess.run(
            command, cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            encoding="utf-8", timeout=900, check=False,
        )  # fmt: skip
        if run.returncode != code:
            raise Failed(f"{' '.join(command)}\nexit status {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run.stdout if code != 1 else run.stdout + run.stderr


def rows(answer: object) -> list[object]:
    """The rows in a report's JSON: the answer itself, or what it holds under a name of its own."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, Mapping) and isinstance(answer.get("rows"), list):
        return list(answer["rows"])
    raise Failed(f"a report as JSON has rows: {json.dumps(answer, ensure_ascii=False)[:400]}")


def only(folder: Path, pattern: str) -> Path:
    """The one file of that name."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise Failed(f"{folder}: one {pattern} expected, found {[p.name for p in found]}")
    return found[0]


def check(what: str, holds: bool, otherwise: object) -> None:
    """Say that it holds, or stop."""
    if not holds:
        raise Failed(f"{what}: {otherwise}")
    print(f"ok      {what}")


if __name__ == "__main__":
    sys.exit(main())
