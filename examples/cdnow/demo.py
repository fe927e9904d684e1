"""The main job on real data: purchases of 2,357 customers, from the file to reports, replay, hindsight and proof.

Run by ``make demo``. Everything it makes lies in ``build/demo``, which each run makes anew.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "demo"
DATABASE = f"sqlite:///{OUT / 'cdnow.db'}"
CUSTOMER = "00004"
CALIBRATION_ENDS = "1997-09-30"
DATA_END = "1998-06-30"

PUBLISHED = {
    "BG/NBD": {"r": "0.243", "alpha": "4.414", "a": "0.793", "b": "2.426", "log_likelihood": "-9582.4"},
    "Pareto/NBD": {
        "r": "0.553",
        "alpha": "10.578",
        "s": "0.606",
        "beta": "11.669",
        "log_likelihood": "-9595.0",
    },
    "Gamma-Gamma": {"p": "6.25", "q": "3.74", "gamma": "15.44"},
}
"""As Fader, Hardie and Lee printed them for this very sample; they are nowhere in the product."""


def main() -> int:
    """Tell the story, step by step; return the first exit code that was not zero."""
    started = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    title("A ledger for a shop on the east coast, and its first file")
    guanxi("init", DATABASE, "--zone", "America/New_York")
    guanxi(
        "import",
        HERE / "CDNOW_sample.txt",
        "--mapping",
        HERE / "sample.toml",
        "--actor",
        "demo",
        "--reason",
        "first reading",
    )
    note("Reading the same file again adds nothing, although 21 of its lines repeat an earlier one exactly:")
    guanxi(
        "import",
        HERE / "CDNOW_sample.txt",
        "--mapping",
        HERE / "sample.toml",
        "--actor",
        "demo",
        "--reason",
        "second reading",
    )
    guanxi("project", "status")

    title(f"What it says about customers, as of {CALIBRATION_ENDS}")
    guanxi("report", "retail.rfm", "--as-of", CALIBRATION_ENDS)
    guanxi("report", "retail.cohorts", "--as-of", DATA_END)

    title(f"One customer, replayed at two dates: {CUSTOMER}")
    guanxi("history", CUSTOMER, "--as-of", CALIBRATION_ENDS)
    guanxi("history", CUSTOMER, "--diff", CALIBRATION_ENDS, "1998-01-31")
    note("Why the balance is what it is:")
    guanxi("explain", CUSTOMER, "retail.points.balance", "--as-of", "1998-01-31")

    title("A purchase of 1997 that turns up today")
    before = log_position()
    guanxi(
        *("execute", CUSTOMER, "retail.record_purchase", "receipt=found-1", "paid=40.00USD"),
        *("--at", "1997-12-31", "--happened", "--actor", "demo", "--reason", "slip found behind the till"),
    )
    note(
        "It earned its points on its own day, and they expired on theirs. Known today, and as it was known before:"
    )
    guanxi("explain", CUSTOMER, "retail.points.balance", "--as-of", "1998-01-31")
    guanxi("explain", CUSTOMER, "retail.points.balance", "--as-of", "1998-01-31", "--as-known", str(before))

    title("Models fitted to the sample, beside the published estimates")
    models()

    title("Is the log whole?")
    guanxi("verify")

    title("Pages to look at")
    pages = (
        page("retail.rfm", CALIBRATION_ENDS),
        page("retail.cohorts", DATA_END, "months=17"),
        page("retail.points_movement", DATA_END),
    )
    print(f"\n{time.monotonic() - started:.0f} seconds. What was made:")
    for path in (OUT / "cdnow.db", OUT / "cdnow.keys.db", *pages):
        print(f"  {path.relative_to(ROOT)}")
    print(f"\nGo on with it:  export GUANXI_DB={DATABASE}   then   .venv/bin/guanxi history {CUSTOMER}")
    return 0


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\n━━ {text} " + "━" * max(3, 96 - len(text)) + "\n", flush=True)


def note(text: str) -> None:
    """Print a sentence between steps."""
    print(f"\n{text}", flush=True)


def guanxi(*arguments: object) -> None:
    """Show a command, run it as anybody would, and stop the demo if it fails."""
    words = [str(a) for a in arguments]
    shown = [w.replace(str(ROOT) + os.sep, "") for w in words]
    print(f"\n$ guanxi {shlex.join(shown)}\n", flush=True)
    done = subprocess.run(command(words), env=environment(), check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def answer(*arguments: str) -> Any:
    """Run a command for its JSON."""
    return json.loads(
        subprocess.run(
            command([*arguments, "--json"]), env=environment(), check=True, capture_output=True, text=True
        ).stdout
    )


def command(words: list[str]) -> list[str]:
    """Return the command line of the installed ``guanxi``."""
    return [sys.executable, "-m", "guanxi_adapters.cli", *words]


def environment() -> dict[str, str]:
    """Return the environment in which the demo's ledger is the one asked."""
    return {**os.environ, "GUANXI_DB": DATABASE}


def log_position() -> int:
    """Return the last position of the log, to ask later what was known then."""
    return max(int(model["position"]) for model in answer("project", "status")["models"])


def models() -> None:
    """Fit the models and print them beside what was published, rounded as it was printed."""
    rows = answer("report", "retail.models", "--as-of", CALIBRATION_ENDS)["rows"]
    print(f"{'model':<12} {'parameter':<15} {'fitted':>12} {'published':>12}")
    for row in rows:
        for name, published in PUBLISHED.get(row["model"], {}).items():
            places = Decimal(1).scaleb(-len(published.partition(".")[2]))
            equal = Decimal(row[name]).quantize(places, ROUND_HALF_UP) == Decimal(published)
            verdict = "equal when rounded" if equal else "DIFFERS"
            print(f"{row['model']:<12} {name:<15} {row[name]:>12} {published:>12}  {verdict}")


def page(report: str, as_of: str, *parameters: str) -> Path:
    """Write a report as an HTML page with its picture."""
    path = OUT / f"{report}-{date.fromisoformat(as_of):%Y%m%d}.html"
    options = [word for p in parameters for word in ("--param", p)]
    guanxi("report", report, "--as-of", as_of, *options, "--format", "html", "--out", path)
    return path


if __name__ == "__main__":
    raise SystemExit(main())
