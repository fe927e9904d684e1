"""Points as a bookkeeper would work them out: everything known, once through from the beginning, with plain dictionaries.

Nothing of the library is imported here; what it knows of the log are rows of text.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
LAPSES, MATURES = 0, 1

Row = Mapping[str, Any]
Book = dict[str, Any]


def known_facts(rows: Iterable[Row], known: datetime) -> list[dict[str, Any]]:
    """Return what was told up to a moment, corrected and without what was voided, in the order in which it counts."""
    seen = [r for r in rows if moment(r["recorded_at"]) <= known and r["kind"] != "decision"]
    facts = {
        f"{r['stream']}/{r['version']}": {
            "name": r["name"],
            "at": moment(r["effective_from"]),
            "order": (r["recorded_at"], r["version"]),
            **json.loads(r["payload"]),
        }
        for r in seen
        if r["name"].startswith("retail.")
    }
    for r in seen:
        if r["name"] == "core.entry_voided":
            facts.pop(r["target"], None)
        elif r["name"] == "core.entry_corrected" and r["target"] in facts:
            correction = json.loads(r["payload"])
            facts[r["target"]].update(correction["fields"])
            if correction["effective_from"]:
                facts[r["target"]]["at"] = moment(correction["effective_from"])
    return sorted(facts.values(), key=lambda f: (f["at"], f["order"]))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def work_out(facts: Iterable[dict[str, Any]], until: datetime, rules: Any) -> Book:
    """Return what a member has at a moment.

    Args:
        facts: what is known, in the order in which it counts.
        until: the moment.
        rules: ``rules(at)`` returns what was in force: ``months``, ``pending_days`` and ``clawback``.
    """
    book: Book = {"spent": Decimal(0), "returned": Decimal(0), "sales": {}, "lots": {}, "debt": 0}
    ahead: list[tuple[datetime, int, str, str]] = []

    def pass_time(before: datetime, including: bool) -> None:
        while ahead:
            ahead.sort()
            at, what, _, receipt = ahead[0]
            if at > before or (at == before and not including):
                return
            ahead.pop(0)
            (lapse if what == LAPSES else mature)(book, receipt, at)

    for fact in facts:
        if fact["at"] > until:
            break
        pass_time(fact["at"], including=True)
        if fact["name"] == "retail.purchase_recorded":
            buy(book, fact, rules(fact["at"]), ahead)
        elif fact["name"] == "retail.purchase_refunded":
            refund(book, fact, rules)
        elif fact["name"] == "retail.points_redeemed":
            burn(book, fact["points"], fact["lots"])
        else:
            raise AssertionError(fact["name"])
    pass_time(until, including=True)
    return book


def buy(book: Book, fact: Row, rules: Any, ahead: list[Any]) -> None:
    paid, day, receipt = Decimal(fact["paid"]["amount"]), fact["at"].date(), fact["receipt"]
    book["spent"] += paid
    book["sales"][receipt] = {"paid": paid, "refunded": Decimal(0), "at": fact["at"]}
    points = int(paid)
    if points == 0:
        return
    last = months_on(day, rules["months"])
    usable = day + timedelta(days=rules["pending_days"])
    book["lots"][receipt] = {
        "at": fact["at"], "last": last, "earned": points, "pending": points,
        "active": 0, "expired": 0, "absorbed": 0, "settled": 0,
    }  # fmt: skip
    name = json.dumps({"lot": receipt}, separators=(",", ":"))
    if midnight(usable) <= fact["at"]:
        mature(book, receipt, fact["at"])
    else:
        ahead.append((midnight(usable), MATURES, name, receipt))
    ahead.append((midnight(last + timedelta(days=1)), LAPSES, name, receipt))


def mature(book: Book, receipt: str, at: datetime) -> None:
    lot = book["lots"][receipt]
    points, lot["pending"] = lot["pending"], 0
    settles = min(points, book["debt"])
    book["debt"] -= settles
    lot["active"] += points - settles


def lapse(book: Book, receipt: str, at: datetime) -> None:
    lot = book["lots"][receipt]
    lot["expired"] += lot["active"]
    lot["active"] = 0


def in_burn_order(book: Book) -> list[tuple[str, dict[str, Any]]]:
    return sorted(book["lots"].items(), key=lambda pair: (pair[1]["last"], pair[1]["at"]))


def burn(book: Book, asked: int, named: Iterable[tuple[str, int]]) -> None:
    """Take points: first from the lots that were named, then in burn order; what nobody gives is owed."""
    for receipt, points in named:
        if receipt in book["lots"]:
            part = min(points, book["lots"][receipt]["active"])
            book["lots"][receipt]["active"] -= part
            asked -= part
    for _, lot in in_burn_order(book):
        part = min(asked, lot["active"])
        lot["active"] -= part
        asked -= part
    book["debt"] += asked


def refund(book: Book, fact: Row, rules: Any) -> None:
    paid = Decimal(fact["paid"]["amount"])
    book["returned"] += paid
    sale, lot = book["sales"].get(fact["receipt"]), book["lots"].get(fact["receipt"])
    if sale is None:
        return
    sale["refunded"] += paid
    if lot is None:
        return
    kept = max(sale["paid"] - sale["refunded"], Decimal(0))
    owed = int(sale["paid"]) - int(kept) - lot["settled"]
    if owed <= 0:
        return
    lot["settled"] += owed
    policy = rules(sale["at"])["clawback"]
    part = min(owed, lot["pending"])
    lot["pending"] -= part
    owed -= part
    if policy != "only_pending":
        part = min(owed, lot["active"])
        lot["active"] -= part
        owed -= part
    part = min(owed, lot["expired"] - lot["absorbed"])
    lot["absorbed"] += part
    owed -= part
    if policy != "only_pending":
        for receipt, other in in_burn_order(book):
            if receipt != fact["receipt"]:
                part = min(owed, other["active"])
                other["active"] -= part
                owed -= part
    if policy == "unlimited":
        book["debt"] += owed
