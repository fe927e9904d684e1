"""The environment of the peers that cannot live in the repository's own: ``eventsourcing-sqlalchemy`` needs an older SQLAlchemy.

``python -m benchmarks.peers.environment`` makes it; so does the first full run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-bench"
GROUP = "peers"
_READY = ".set-up"
_NOT_SHARED = ("sqlalchemy==",)
"""Pins of the repository that the peers cannot keep to."""


class NoEnvironment(Exception):
    """The peers could not be installed."""


def python(folder: Path = FOLDER) -> Path:
    """Return the interpreter of the peers' environment, making that first if it is not there.

    Raises:
        NoEnvironment: it could not be made; the reason is what the installer said.
    """
    found = folder / "bin" / "python"
    if (folder / _READY).exists() and found.exists():
        return found
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"][GROUP]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as constraints:
        constraints.writelines(line for line in pins if not line.startswith(_NOT_SHARED))
        constraints.flush()
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        asked = ["--quiet", "--constraint", constraints.name, *wanted]
        uv = Path(sys.executable).with_name("uv")
        if uv.exists():
            _run([str(uv), "pip", "install", "--python", str(found), *asked])
        else:
            _run([str(found), "-m", "pip", "install", "--disable-pip-version-check", *asked])
    (folder / _READY).touch()
    return found


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoEnvironment(str(error)) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NoEnvironment(lines[-1] if lines else f"exit code {done.returncode}")


def main() -> int:
    """Make the environment and say where it is."""
    try:
        print(python())
    except NoEnvironment as error:
        print(f"the peers cannot be installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
