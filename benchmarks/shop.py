"""A shop chain's receipts: ``python -m benchmarks shop`` imports them, projects them, and asks every report of retail."""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import attrs

import guanxi
import guanxi_retail
from benchmarks import reporting
from guanxi import Command, Ledger, Money, OpenFile, Refusal, Source, Telling
from guanxi.kernel.times import stamp
from guanxi_retail import ReceiptLine, RecordPurchase, RefundPurchase, ReturnedLine, Tender

SIZES = (100_000,)
LARGE = 1_000_000
A_MEMBER = 20
BEGINNING = datetime(2024, 1, 1, 10, tzinfo=UTC)
DAYS = 365
AT_ONCE = 250
AREAS = ("clothing", "cosmetics", "books", "food")
OUTLETS = 20
WITH_POINTS, MOST_POINTS = 0.05, 20
"""The part of receipts that points pay for, too, where there are any; and the most that pay for one."""
STAYS_DAYS, RATE_SHAPE = 300, 1.5
"""How long a member stays in the mean, and the shape of the gamma distribution of how often members buy."""
REFUNDED, REFUND_DAYS = 0.05, 3
"""The part of receipts of which something comes back, and after how many days."""


@attrs.frozen
class Chain:
    """What one size came to.

    Args:
        receipts: how many.
        members: of how many.
        entries: what the log holds.
        seconds: of import, and of the first catching up.
        reports: seconds of each report, asked with all tables level; the second time it is asked.
        size: bytes of the database.
    """

    receipts: int
    members: int
    entries: int
    seconds: dict[str, float]
    reports: dict[str, float]
    size: int


def tellings(receipts: int, members: int, seed: int = 1) -> Iterator[list[Telling]]:
    """Yield what is told of so many members at a time, a year of receipts each, and what of them comes back.

    Args:
        receipts: how many in all; refunds come on top.
        members: of how many.
        seed: of everything that is left to chance.
    """
    draw = Random(seed)
    chunk: list[Telling] = []
    for member, (mine, first_day, last_day) in enumerate(_stays(draw, receipts, members)):
        account = f"M{member:06}"
        common: dict[str, Any] = {"subject": account, "actor": "till", "happened": True, "batch": "year"}
        days = sorted(draw.randint(first_day, last_day) for _ in range(mine))
        told = _told(draw, account, f"S{member % OUTLETS}", days)
        first = told[0][0] if told else BEGINNING
        chunk.append(
            Telling(command=OpenFile(), occurred_at=first, source=Source("chain", account), **common)
        )
        for at, number, command in told:
            source = Source("till", account, number)
            chunk.append(Telling(command=command, occurred_at=at, source=source, **common))
        if (member + 1) % AT_ONCE == 0:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _stays(draw: Random, receipts: int, members: int) -> Iterator[tuple[int, int, int]]:
    """Yield how many receipts each member has, and between which days: some buy often, some join late, some leave."""
    stays: list[tuple[float, int, int]] = []
    for _ in range(members):
        first = draw.randrange(DAYS * 9 // 10)
        last = min(DAYS - 1, first + int(draw.expovariate(1 / STAYS_DAYS)))
        stays.append((draw.gammavariate(RATE_SHAPE, 1.0) * (last - first + 1), first, last))
    total, spread, given = sum(weight for weight, _, _ in stays), receipts - members, 0
    reached = 0.0
    for weight, first, last in stays:
        reached += weight
        more = round(spread * reached / total) - given
        given += more
        yield 1 + more, first, last


def _told(draw: Random, account: str, outlet: str, days: list[int]) -> list[tuple[datetime, str, Command]]:
    """Return a member's receipts and refunds, each with its moment and number, in order of time."""
    found: list[tuple[datetime, str, Command]] = []
    balance = 0
    for n, day in enumerate(days):
        at = BEGINNING + timedelta(days=day, minutes=n % 500)
        chance = draw.random()
        burnt = min(balance, MOST_POINTS) if chance < WITH_POINTS else 0
        sold = _receipt(draw, f"{account}-{n}", outlet, burnt)
        found.append((at, f"{n}", sold))
        balance -= burnt
        if WITH_POINTS <= chance < WITH_POINTS + REFUNDED and day + REFUND_DAYS < DAYS:
            found.append((at + timedelta(days=REFUND_DAYS), f"{n}R", _refund(sold)))
        else:
            balance += sum(int(line.paid) for line in sold.lines) if sold.lines else int(sold.paid.amount)
    found.sort(key=lambda one: one[0])
    return found


def _receipt(draw: Random, number: str, outlet: str, points: int) -> RecordPurchase:
    """Return a receipt: every other one of two or three lines; so many points, if any, pay part of its first line."""
    amount = Decimal(draw.randrange(2_000, 60_000)) / 100
    area = draw.choice(AREAS)
    if not points and draw.random() < 0.5:
        return RecordPurchase(receipt=number, paid=Money(amount, "CNY"), area=area, outlet=outlet)
    several = draw.random() < 0.5 if points else True
    nets = [
        amount,
        *(Decimal(draw.randrange(500, 20_000)) / 100 for _ in range(draw.randint(1, 2) * several)),
    ]
    burnt = Decimal(min(points, int(amount)))
    lines = tuple(
        ReceiptLine(
            number=n,
            area=area if n == 1 else draw.choice(AREAS),
            net=net,
            paid=net - burnt if n == 1 else net,
        )
        for n, net in enumerate(nets, 1)
    )
    paid = sum(nets, -burnt)
    tenders = (Tender(kind="points", amount=burnt), Tender(kind="mobile", amount=paid)) if burnt else ()
    return RecordPurchase(
        receipt=number, paid=Money(paid, "CNY"), area=area, outlet=outlet, lines=lines, tenders=tenders
    )


def _refund(sold: RecordPurchase) -> RefundPurchase:
    """Return a refund of a receipt's last line; of the receipt where it has one."""
    number = f"{sold.receipt}-R"
    if not sold.lines:
        return RefundPurchase(refund=number, receipt=sold.receipt, paid=sold.paid, quantity=1)
    last = sold.lines[-1]
    back = ReturnedLine(number=last.number, quantity=1, net=last.net, paid=last.paid)
    paid = Money(last.paid, "CNY")
    return RefundPurchase(refund=number, receipt=sold.receipt, paid=paid, quantity=1, lines=(back,))


def filled(url: str, receipts: int, members: int) -> Ledger:
    """Return a ledger that has taken the receipts in."""
    ledger = guanxi.open(url, plugins=[guanxi_retail.plugin])
    ended = BEGINNING + timedelta(days=DAYS)
    ledger.clock = lambda: ended
    for chunk in tellings(receipts, members):
        ledger.take_in(chunk, recorded_at=stamp(ended))
    return ledger


def measured(receipts: int, folder: Path) -> Chain:
    """Import so many receipts and ask every report.

    Args:
        receipts: how many.
        folder: where the database is made.
    """
    members = max(1, receipts // A_MEMBER)
    path = folder / f"shop-{receipts}.db"
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    with closing(filled(f"sqlite:///{path}", receipts, members)) as ledger:
        seconds["import"] = time.perf_counter() - begun
        _say(f"{receipts:,} receipts taken in: {seconds['import']:.1f} s")
        retail = next(p for p in ledger.parts if p.name == "retail")
        begun = time.perf_counter()
        ledger.store.projector(retail.models, ledger.source()).catch_up()
        seconds["read models"] = time.perf_counter() - begun
        _say(f"{receipts:,} receipts, {len(retail.models)} read models: {seconds['read models']:.1f} s")
        reports: dict[str, float] = {}
        for report in retail.reports:
            try:
                if report.over is None:  # what goes through the log takes as long each time
                    ledger.report(report.name)
                begun = time.perf_counter()
                ledger.report(report.name)
                reports[report.name] = time.perf_counter() - begun
            except Refusal as refusal:
                _say(f"{report.name}: {refusal}")
        size = sum(one.stat().st_size for one in (path, Path(f"{path}-wal")) if one.exists())
        return Chain(receipts, members, ledger.store.count(), seconds, reports, size)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(chains: Sequence[Chain]) -> str:
    """Return what sizes came to, side by side, with the slope from the least to the greatest."""
    lines = ["| | " + " | ".join(f"{c.receipts:,} receipts" for c in chains) + " | exponent |"]
    lines.append("|---|" + "---:|" * (len(chains) + 1))
    lines.append(_row("members", [c.members for c in chains], chains))
    lines.append(_row("entries", [c.entries for c in chains], chains))
    lines.append(_row("import, s", [c.seconds["import"] for c in chains], chains, 1))
    lines.append(_row("receipts/s imported", [c.receipts / c.seconds["import"] for c in chains], chains))
    lines.append(_row("read models, s", [c.seconds["read models"] for c in chains], chains, 1))
    lines.append(_row("entries/s projected", [c.entries / c.seconds["read models"] for c in chains], chains))
    lines.append(_row("bytes an entry", [c.size / c.entries for c in chains], chains))
    lines.append(_row("database, MB", [c.size / 1e6 for c in chains], chains))
    for name in chains[-1].reports:
        lines.append(_row(f"{name}, s", [c.reports.get(name, math.nan) for c in chains], chains, 2))
    return "\n".join(lines)


def _row(name: str, values: Sequence[float], chains: Sequence[Chain], digits: int = 0) -> str:
    shown = " | ".join(f"{v:,.{digits}f}" for v in values)
    slope = "–"
    if len(values) > 1 and min(values[0], values[-1]) > 0:
        wider = math.log(chains[-1].receipts / chains[0].receipts)
        slope = f"{math.log(values[-1] / values[0]) / wider:.2f}"
    return f"| {name} | {shown} | {slope} |"


def main(arguments: Sequence[str]) -> int:
    """Measure the sizes asked for and print what they came to. Figures pass or fail nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks shop",
        description="Import a shop chain's receipts and ask every report of retail.",
    )
    parser.add_argument(
        "--receipts", type=int, action="append", help="how many; may be given again (100,000)"
    )
    parser.add_argument(
        "--large", action="store_true", help=f"{LARGE:,} receipts over {LARGE // A_MEMBER:,} members, too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made; a temporary folder if not given"
    )
    chosen = parser.parse_args(arguments)
    chains: list[Chain] = []
    with tempfile.TemporaryDirectory(prefix="guanxi-shop-", dir=chosen.folder) as name:
        folder = Path(name)
        machine = reporting.machine(folder)
        for receipts in [*(chosen.receipts or SIZES), *([LARGE] if chosen.large else [])]:
            chains.append(measured(receipts, folder))
            if chosen.json:
                told = {"machine": machine, "chains": [attrs.asdict(c) for c in chains]}
                chosen.json.write_text(
                    json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
                )
    print(table(chains), end="\n\n")
    print(machine)
    return 0
